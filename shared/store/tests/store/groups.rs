//! Groups of jobs, the queue before them, and the end of both.

use super::bench::{ALL, Bench, Busy, at_once, ids, put, tell};
use canbao_store::{Fate, Group, Options, Role, Store, StoreError, Unit, params};
use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The engine looks for this parent only at COMMIT, so that COMMIT itself fails.
fn orphan(unit: &mut Unit) -> Result<u64, StoreError> {
    unit.execute("INSERT INTO child (note) VALUES ($1)", params![404])
}

#[tokio::test]
async fn one_failing_job_leaves_its_neighbours_whole() {
    let Some(bench) = Bench::new() else { return };
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
    let Some(bench) = Bench::new() else { return };
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
async fn a_group_closes_at_1024_items() {
    let Some(bench) = Bench::new() else { return };
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
    let Some(bench) = Bench::new() else { return };
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

#[tokio::test]
async fn a_writer_whose_place_was_taken_commits_nothing_and_begins_again_on_what_the_other_left() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    bench.raw("UPDATE store_head SET epoch = epoch + 1; INSERT INTO store_cursor VALUES ('tax', 7);");
    let runs = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&runs);
    let telling = store.write(1, move |unit: &mut Unit| {
        put(unit, counted.fetch_add(1, SeqCst), "told")?;
        tell(unit, ALL, b"told")
    });
    assert_eq!(telling.await.map(|told| told.value), Ok(1));
    assert_eq!(runs.load(SeqCst), 2);
    // What the first run wrote is not there, and what the other did is known.
    assert_eq!((ids(&store).await, store.head()), (vec![1], 1));
    assert_eq!(store.cursors().borrow().get("tax"), Some(&7));
    assert_eq!(store.verify_log().await, Ok(1));
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_starts_nothing() {
    let Some(bench) = Bench::new() else { return };
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
    let Some(bench) = Bench::new() else { return };
    let store = Store::open(Options { queue_items: 3, ..bench.options() }).expect("a store");
    store.write(1_000, |unit: &mut Unit| put(unit, 1, "large")).await.expect("alone");
    let held = Busy::hold_the_group(&store);
    let refused = at_once(store.write(1_000, |unit: &mut Unit| put(unit, 2, "large"))).await;
    assert_eq!(refused.map(|told| told.value), Err(StoreError::Full));
    held.release().await.expect("held");
}

#[tokio::test]
async fn a_write_whose_future_is_dropped_is_done_all_the_same() {
    let Some(bench) = Bench::new() else { return };
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
    let Some(bench) = Bench::new() else { return };
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

    assert_eq!(ids(&bench.open()).await.len(), 50);
}

#[tokio::test]
async fn dropping_the_last_handle_finishes_what_is_queued_and_releases_the_lock() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    drop(store.write(1, |unit: &mut Unit| put(unit, 1, "queued")));
    drop(store);
    assert_eq!(ids(&bench.open()).await, [1]);
}

#[tokio::test]
async fn a_job_may_hold_the_last_handle_of_its_own_store() {
    let Some(bench) = Bench::new() else { return };
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

#[tokio::test]
async fn who_watches_is_told_of_every_group_before_it_is_answered() {
    let Some(bench) = Bench::new() else { return };
    let groups = Arc::new(Mutex::new(Vec::new()));
    let watched = Arc::clone(&groups);
    let watch = Arc::new(move |group: &Group| watched.lock().expect("a list").push(*group));
    let store = Store::open(Options { watch: Some(watch), ..bench.options() }).expect("a store");
    assert_eq!((store.is_writer(), *store.roles().borrow(), store.queued()), (true, Role::Writer, 0));
    let held = Busy::hold_the_group(&store);
    let batch = store.write(7, |unit: &mut Unit| put(unit, 1, "batch"));
    assert_eq!(store.queued(), 8);
    held.release().await.expect("held");
    batch.await.expect("batch");
    assert_eq!(store.queued(), 0);
    store.write(1, orphan).await.expect_err("an orphan");
    let groups = groups.lock().expect("a list");
    let told: Vec<_> = groups.iter().map(|group| (group.jobs, group.items, group.fate)).collect();
    assert_eq!(told, [(2, 8, Fate::Committed), (1, 1, Fate::Unknown)]);
    assert!(groups.iter().all(|group| !group.work.is_zero() && !group.commit.is_zero()));
}

/// Notes the threads on which spans are entered.
#[derive(Clone, Default)]
struct Entered(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Entered {
    fn on_enter(&self, _: &tracing::span::Id, _: tracing_subscriber::layer::Context<'_, S>) {
        let name = thread::current().name().unwrap_or_default().to_owned();
        self.0.lock().expect("a list").push(name);
    }
}

#[tokio::test]
async fn a_job_runs_in_the_span_of_the_request_that_queued_it() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let entered = Entered::default();
    let _default = tracing_subscriber::registry().with(entered.clone()).set_default();
    let span = tracing::info_span!("a request");
    let written = span.in_scope(|| store.write(1, |unit: &mut Unit| put(unit, 1, "in a span")));
    written.await.expect("written");
    let entered = entered.0.lock().expect("a list");
    assert_eq!(entered.last().map(String::as_str), Some("notes-writer"), "{entered:?}");
}
