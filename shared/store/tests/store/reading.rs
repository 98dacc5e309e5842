//! What readers see.

use super::bench::{Bench, Busy, ids, put};
use canbao_store::{StoreError, Unit, View, params};

fn count(view: &View) -> Result<Option<i64>, StoreError> {
    view.query_one("SELECT COUNT(*) FROM note", params![], |row| row.int(0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn all_queries_of_a_read_see_one_state() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let writing = store.clone();
    let runtime = tokio::runtime::Handle::current();
    let counts = store.read_page(move |view| {
        let before = count(view)?;
        runtime.block_on(writing.write(1, |unit: &mut Unit| put(unit, 1, "meanwhile")))?;
        Ok::<_, StoreError>((before, count(view)?))
    });
    assert_eq!(counts.await, Ok((Some(0), Some(0))));
    assert_eq!(store.read(count).await, Ok(Some(1)));
}

#[tokio::test]
async fn a_reader_does_not_see_what_is_not_committed() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    let queued = store.write(1, |unit: &mut Unit| put(unit, 1, "queued"));
    assert_eq!(ids(&store).await, Vec::<i64>::new());
    held.release().await.expect("held");
    queued.await.expect("queued");
    assert_eq!(ids(&store).await, [1]);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let sql = "INSERT INTO note (id, text) VALUES (1, 'smuggled') RETURNING id";
    let written: Result<_, StoreError> =
        store.read(|view| view.query(sql, params![], |row| row.int(0))).await;
    assert!(matches!(written, Err(StoreError::Sql { .. })));
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

#[tokio::test]
async fn a_second_row_where_one_was_asked_for_is_an_error() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let two = |unit: &mut Unit| {
        put(unit, 1, "one")?;
        put(unit, 2, "two")
    };
    store.write(1, two).await.expect("written");
    let one = |id: i64| {
        let sql = "SELECT id FROM note WHERE id >= $1";
        store.read(move |view| view.query_one(sql, params![id], |row| row.int(0)))
    };
    assert!(matches!(one(1).await, Err(StoreError::Corrupt { .. })));
    assert_eq!((one(2).await, one(3).await), (Ok(Some(2)), Ok(None)));
}

#[tokio::test]
async fn a_reader_that_panics_harms_no_other() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    for _ in 0..20 {
        let read = store.read_page(|_: &View| -> Result<(), StoreError> {
            std::panic::resume_unwind(Box::new("as a test"));
        });
        assert_eq!(read.await, Err(StoreError::Panicked));
    }
    assert_eq!(store.read(count).await, Ok(Some(0)));
}
