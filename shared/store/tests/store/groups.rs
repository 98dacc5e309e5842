//! Groups of jobs, the queue before them, and the end of both.

use crate::bench::{ALL, Bench, Busy, at_once, ids, put, tell};
use canbao_store::{Options, Store, StoreError, Unit, params};
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// The engine looks for this parent only at COMMIT, so that COMMIT itself fails.
fn orphan(unit: &mut Unit) -> Result<u64, StoreError> {
    unit.execute("INSERT INTO child (note) VALUES ($1)", params![404])
}

#[tokio::test]
async fn one_failing_job_leaves_its_neighbours_whole() {
    let bench = Bench::new();
    let store = bench.open();
    let first = Busy::hold_the_group(&store);
    let one = store.write(1, |unit: &mut Unit| put(unit, 1, "first"));
    let failing = store.write(1, |unit: &mut Unit| {
        put(unit, 2, "failing")?;
        tell(unit, ALL, b"failing")?;
        put(unit, 1, "a key that is taken")
    });
    let three = store.write(1, |unit: &mut Unit| {
        put(unit, 3, "third")?;
        tell(unit, ALL, b"third")
    });
    first.release().await.expect("held");
    one.await.expect("first");
    assert!(matches!(failing.await, Err(StoreError::Sql { .. })));
    assert_eq!(three.await.map(|told| (told.value, told.position)), Ok((1, 1)));
    assert_eq!(ids(&store).await, [1, 3]);
    assert_eq!(store.verify_log().await, Ok(1));
}

#[tokio::test]
async fn a_commit_that_fails_leaves_its_whole_group_unknown_and_the_store_working() {
    let bench = Bench::new();
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    let innocent = store.write(1, |unit: &mut Unit| {
        put(unit, 1, "innocent")?;
        unit.advance("tax", 0, 4)?;
        tell(unit, ALL, b"innocent")
    });
    let orphan = store.write(1, orphan);
    let refused = store.write(1, |_: &mut Unit| Err::<(), _>(StoreError::AheadOfLog { after: 1, head: 0 }));
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Unknown));
    assert_eq!(innocent.await.map(|told| told.value), Err(StoreError::Unknown));
    assert_eq!(orphan.await.map(|told| told.value), Err(StoreError::Unknown));
    assert_eq!(refused.await.map(|told| told.value), Err(StoreError::Unknown));

    assert_eq!((ids(&store).await, store.head()), (vec![], 0));
    assert_eq!(store.cursors().borrow().len(), 0);
    let again = store.write(1, |unit: &mut Unit| {
        put(unit, 1, "innocent")?;
        unit.advance("tax", 0, 4)?;
        tell(unit, ALL, b"innocent")
    });
    assert_eq!(again.await.map(|told| told.value), Ok(1));
    assert_eq!((ids(&store).await, store.verify_log().await), (vec![1], Ok(1)));
}

#[tokio::test]
async fn every_commit_waits_for_the_disk() {
    let bench = Bench::new();
    let store = bench.open();
    let settings = store.write(1, |unit: &mut Unit| {
        let mode = unit.query_one("PRAGMA journal_mode", params![], |row| row.text(0))?;
        let synchronous = unit.query_one("PRAGMA synchronous", params![], |row| row.int(0))?;
        Ok::<_, StoreError>((mode, synchronous))
    });
    // 2 is FULL: the log of the database is synced at each commit.
    assert_eq!(settings.await.map(|told| told.value), Ok((Some("wal".to_owned()), Some(2))));
}

#[tokio::test]
async fn a_group_closes_at_1024_items() {
    let bench = Bench::new();
    let store = Store::open(Options { queue_items: 2_000, ..bench.options() }).expect("a store");
    let held = Busy::hold_the_group(&store);
    let last = store.write(1_023, |unit: &mut Unit| put(unit, 1, "the last of its group"));
    let orphan = store.write(1, orphan);
    held.release().await.expect("held");
    last.await.expect("not in the group of the orphan");
    assert_eq!(orphan.await.map(|told| told.value), Err(StoreError::Unknown));
}

#[tokio::test]
async fn a_group_closes_after_five_milliseconds_of_work() {
    let bench = Bench::new();
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || clock.load(SeqCst));
    let store = Store::open(Options { clock, ..bench.options() }).expect("a store");
    let held = Busy::hold_the_group(&store);
    now.store(4_999, SeqCst);
    let last = store.write(1, move |unit: &mut Unit| {
        now.store(5_000, SeqCst);
        put(unit, 1, "the last of its group")
    });
    let orphan = store.write(1, orphan);
    held.release().await.expect("held");
    last.await.expect("not in the group of the orphan");
    assert_eq!(orphan.await.map(|told| told.value), Err(StoreError::Unknown));
}

/// One row that is too large: the engine rolls the whole transaction back by itself.
fn large(unit: &mut Unit) -> Result<u64, StoreError> {
    let sql = "INSERT INTO note (id, text) VALUES (2, hex(zeroblob($1)))";
    unit.execute(sql, params![1_000_000])
}

/// Rows that are too large, of which one might have been refused: the engine rolls back the statement alone.
fn large_rows(unit: &mut Unit) -> Result<u64, StoreError> {
    let sql = "INSERT INTO note (id, text) SELECT id + 2, hex(zeroblob($1)) FROM note";
    unit.execute(sql, params![1_000_000])
}

#[tokio::test]
async fn a_full_disk_aborts_the_whole_group_and_the_store_goes_on() {
    for large in [large, large_rows] {
        let bench = Bench::new();
        let store = bench.open();
        store.write(1, |unit: &mut Unit| put(unit, 0, "before")).await.expect("before");
        let held = Busy::hold_the_group(&store);
        let innocent = store.write(1, |unit: &mut Unit| {
            put(unit, 1, "innocent")?;
            // As many pages as there are: this connection's disk is full from here on.
            unit.query("PRAGMA max_page_count = 1", params![], |_| Ok(()))
        });
        let full = store.write(1, move |unit: &mut Unit| {
            // The item overlooks it, and so does the job; the group must not.
            let _full = unit.item(large);
            let _lost = put(unit, 9, "a commit of its own?");
            Ok::<_, StoreError>(())
        });
        assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Aborted));
        assert_eq!(innocent.await.map(|told| told.value), Err(StoreError::Aborted));
        assert_eq!(full.await.map(|told| told.value), Err(StoreError::Aborted));
        assert_eq!(ids(&store).await, [0]);

        store.write(1, large).await.expect("room again");
        assert_eq!(ids(&store).await, [0, 2]);
    }
}

#[tokio::test]
async fn a_writer_whose_place_was_taken_commits_nothing_it_tells() {
    let bench = Bench::new();
    let store = bench.open();
    let other = "UPDATE store_head SET epoch = epoch + 1; INSERT INTO store_cursor VALUES ('tax', 7);";
    bench.raw().execute_batch(other).expect("taken");
    let telling = |unit: &mut Unit| {
        put(unit, 1, "told")?;
        tell(unit, ALL, b"told")
    };
    assert_eq!(store.write(1, telling).await.map(|told| told.value), Err(StoreError::Aborted));
    assert_eq!((ids(&store).await, store.head()), (vec![], 0));
    // The lock file is still ours, and so the place is taken back, with what the other did in it.
    assert_eq!(store.cursors().borrow().get("tax"), Some(&7));
    assert_eq!(store.write(1, telling).await.map(|told| told.value), Ok(1));
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_starts_nothing() {
    let bench = Bench::new();
    let store = Store::open(Options { queue_items: 3, ..bench.options() }).expect("a store");
    let held = Busy::hold_the_group(&store);
    let batch = store.write(2, |unit: &mut Unit| put(unit, 1, "batch"));
    let refused = at_once(store.write(1, |unit: &mut Unit| put(unit, 2, "one too many"))).await;
    assert_eq!(refused.map(|told| told.value), Err(StoreError::Full));
    held.release().await.expect("held");
    batch.await.expect("batch");
    assert_eq!(ids(&store).await, [1]);
    store.write(1, |unit: &mut Unit| put(unit, 2, "room again")).await.expect("room again");
}

#[tokio::test]
async fn a_job_larger_than_the_queue_is_let_in_when_it_is_alone() {
    let bench = Bench::new();
    let store = Store::open(Options { queue_items: 3, ..bench.options() }).expect("a store");
    store.write(1_000, |unit: &mut Unit| put(unit, 1, "large")).await.expect("alone");
    let held = Busy::hold_the_group(&store);
    let refused = at_once(store.write(1_000, |unit: &mut Unit| put(unit, 2, "large"))).await;
    assert_eq!(refused.map(|told| told.value), Err(StoreError::Full));
    held.release().await.expect("held");
}

#[tokio::test]
async fn a_write_whose_future_is_dropped_is_done_all_the_same() {
    let bench = Bench::new();
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    drop(store.write(1, |unit: &mut Unit| put(unit, 1, "nobody waits")));
    let next = store.write(1, |unit: &mut Unit| put(unit, 2, "behind it"));
    held.release().await.expect("held");
    next.await.expect("behind it");
    assert_eq!(ids(&store).await, [1, 2]);
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let bench = Bench::new();
    let store = bench.open();
    let clone = store.clone();
    let held = Busy::hold_the_group(&store);
    let queued: Vec<_> =
        (1..=50).map(|id| store.write(1, move |unit: &mut Unit| put(unit, id, "queued"))).collect();
    let mut closing = pin!(store.close());
    tokio::select! {
        biased;
        () = &mut closing => panic!("closed before it had drained"),
        () = ready(()) => {}
    }
    let late = at_once(clone.write(1, |unit: &mut Unit| put(unit, 99, "late"))).await;
    assert_eq!(late.map(|told| told.value), Err(StoreError::Closed));
    held.release().await.expect("held");
    for answer in queued {
        answer.await.expect("queued");
    }
    closing.await;
    assert_eq!(clone.read(|_| Ok(())).await, Err(StoreError::Closed));
    assert_eq!(clone.read_page(|_| Ok(())).await, Err(StoreError::Closed));
    clone.close().await;

    assert_eq!(std::fs::read_dir(bench.folder.path().join("data")).expect("files").count(), 2);
    assert_eq!(ids(&bench.open()).await.len(), 50);
}

#[tokio::test]
async fn dropping_the_last_handle_finishes_what_is_queued_and_releases_the_lock() {
    let bench = Bench::new();
    let store = bench.open();
    drop(store.write(1, |unit: &mut Unit| put(unit, 1, "queued")));
    drop(store);
    assert_eq!(ids(&bench.open()).await, [1]);
}

#[tokio::test]
async fn a_job_may_hold_the_last_handle_of_its_own_store() {
    let bench = Bench::new();
    let store = bench.open();
    let mut heads = store.heads();
    let own = store.clone();
    let held = Busy::hold_the_group(&store);
    let runtime = tokio::runtime::Handle::current();
    let read = store.write(1, move |unit: &mut Unit| {
        put(unit, 1, "not committed yet")?;
        Ok::<_, StoreError>(runtime.block_on(ids(&own)))
    });
    let behind = store.write(1, |unit: &mut Unit| put(unit, 2, "behind it"));
    drop(store);
    held.release().await.expect("held");
    assert_eq!(read.await.map(|told| told.value), Ok(vec![]));
    behind.await.expect("behind it");
    while heads.changed().await.is_ok() {}
    assert_eq!(ids(&bench.open()).await, [1, 2]);
}
