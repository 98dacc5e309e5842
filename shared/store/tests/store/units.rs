//! Units of work: groups, savepoints, the queue.

use crate::bench::{Bench, Busy, ids, put};
use canbao_store::{StoreError, Unit};

#[tokio::test]
async fn one_failing_job_leaves_its_neighbours_whole() {
    let bench = Bench::new();
    let store = bench.open();
    let (busy, held) = Busy::hold(&store);
    let first = store.write(1, |unit: &mut Unit| put(unit, 1, "first"));
    let failing = store.write(1, |unit: &mut Unit| {
        put(unit, 2, "failing")?;
        put(unit, 1, "a key that is taken")
    });
    let third = store.write(1, |unit: &mut Unit| put(unit, 3, "third"));
    busy.release();
    held.await.expect("held");
    first.await.expect("first");
    assert!(matches!(failing.await, Err(StoreError::Sql { .. })));
    third.await.expect("third");
    assert_eq!(ids(&store), [1, 3]);
}
