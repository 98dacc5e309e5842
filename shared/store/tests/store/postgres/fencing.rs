//! A writer that lost its place, and transactions that are lost by no fault of theirs.

use super::bench::{Bench, Busy, ids, put, until};
use super::ledger::{note, told};
use canbao_store::{Fate, Group, Options, Role, Store, StoreError, Unit, View, params};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// A function by which a statement fails as the server says that it did.
const FAILING: &str = "CREATE FUNCTION fail(code TEXT) RETURNS BIGINT LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = ''as a test''; END'";

/// A job that fails with a code the first `times` times; its outcome, and how often it was run.
async fn failing(store: &Store, code: &'static str, times: i64) -> (Result<i64, StoreError>, i64) {
    let runs = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&runs);
    let job = store.write(1, move |unit: &mut Unit| {
        let run = counted.fetch_add(1, SeqCst) + 1;
        put(unit, run, "this run")?;
        if run <= times {
            unit.query("SELECT fail($1)", params![code], |row| row.int(0))?;
        }
        Ok(run)
    });
    let outcome = job.await.map(|told| told.value);
    (outcome, runs.load(SeqCst))
}

#[tokio::test]
async fn a_unit_that_lost_its_transaction_by_no_fault_of_its_own_is_run_again() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    bench.raw(FAILING);
    // A serialization failure, a deadlock, a lock that somebody else has.
    for (code, run) in [("40001", 4), ("40P01", 3), ("55P03", 2)] {
        let times = run - 1;
        assert_eq!(failing(&store, code, times).await, (Ok(run), run), "{code}");
    }
    // Of each only the last run is there.
    assert_eq!(ids(&store).await, [2, 3, 4]);
}

#[tokio::test]
async fn a_unit_that_is_lost_again_and_again_is_given_up_and_has_no_effect() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    bench.raw(FAILING);
    assert_eq!(failing(&store, "40001", i64::MAX).await, (Err(StoreError::Aborted), 4));
    assert_eq!(ids(&store).await, Vec::<i64>::new());
    assert_eq!(note(&store, 1).await, Ok(1));
}

#[tokio::test]
async fn a_unit_that_another_run_would_not_help_is_run_once() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    bench.raw(FAILING);
    // A full disk, an operator who cancels, a fault of the server's own.
    for code in ["53100", "57014", "XX000"] {
        assert_eq!(failing(&store, code, 1).await, (Err(StoreError::Aborted), 1), "{code}");
    }
    assert!(matches!(failing(&store, "23505", 1).await, (Err(StoreError::Sql { .. }), 1)));
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

#[tokio::test]
async fn a_group_whose_session_is_ended_is_run_again_on_another() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let runs = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&runs);
    let held = Busy::hold_the_group(&store);
    let queued = store.write(1, move |unit: &mut Unit| put(unit, counted.fetch_add(1, SeqCst), "this run"));
    bench.end_the_writers_session();
    // Its own job cannot be held twice: it panics when it is run again, which harms no neighbour.
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Panicked));
    queued.await.expect("written");
    // The session was found dead before the neighbour ran, or after.
    assert_eq!(ids(&store).await, [runs.load(SeqCst) - 1]);
    assert_eq!(store.verify_log().await, Ok(0));
}

#[tokio::test]
async fn a_writer_whose_session_is_ended_while_it_is_idle_takes_its_place_back_by_itself() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    assert_eq!(note(&store, 1).await, Ok(1));
    let mut roles = store.roles();
    roles.borrow_and_update();
    bench.end_the_writers_session();
    roles.changed().await.expect("noticed");
    until(&store, Role::Writer);
    let epoch = bench.look("SELECT epoch FROM store_head");
    assert_eq!(epoch, "2");
    assert_eq!(note(&store, 2).await, Ok(2));
    assert_eq!(told(&store).await, [1, 2]);
}

#[tokio::test]
async fn readers_come_anew_with_the_writer_and_so_to_the_same_server() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let session =
        || store.read(|view: &View| view.query_one("SELECT pg_backend_pid()::BIGINT", [], |row| row.int(0)));
    let first = session().await.expect("a session");
    assert_eq!(session().await, Ok::<_, StoreError>(first), "it is kept");
    let mut roles = store.roles();
    roles.borrow_and_update();
    bench.end_the_writers_session();
    roles.changed().await.expect("noticed");
    until(&store, Role::Writer);
    assert_ne!(session().await, Ok(first));
}

#[tokio::test]
async fn a_writer_that_lost_its_place_to_another_commits_nothing_and_stands_by() {
    let Some(bench) = Bench::new() else { return };
    let (first, second) = (bench.open(), Store::open(bench.options()).expect("a store"));
    let held = Busy::hold_the_group(&first);
    let queued = note(&first, 1);
    bench.end_the_writers_session();
    until(&second, Role::Writer);
    assert_eq!(note(&second, 2).await, Ok(2));
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Standby));
    assert_eq!(queued.await, Err(StoreError::Standby));
    assert!(!first.is_writer());
    assert_eq!((ids(&second).await, told(&second).await), (vec![2], vec![2]));
}

/// What a rival does that takes the place and tells something: an epoch of its own, and a row after the last.
const RIVAL: &str = "WITH told AS (
        INSERT INTO store_log (position, division, kind, audience, body, recorded_at, chain)
        SELECT position + 1, 141199, 'canbao.test.v1.Noted', -1, 'rival', 0, sha256(chain) FROM store_head
        RETURNING position, chain)
    UPDATE store_head SET epoch = epoch + 1, position = told.position, chain = told.chain FROM told";

#[tokio::test]
async fn a_writer_that_a_rival_has_passed_commits_nothing_though_its_session_and_its_lock_are_whole() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    assert_eq!(note(&store, 1).await, Ok(1));
    let session = "SELECT pid, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid)
        WHERE locktype = 'advisory' AND granted AND datname = current_database()";
    let holder = bench.look(session);
    let runs = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&runs);
    let held = Busy::hold_the_group(&store);
    let passed = store.write(1, move |unit: &mut Unit| {
        put(unit, 10 + counted.fetch_add(1, SeqCst), "this run")?;
        unit.query_one("SELECT epoch FROM store_head", [], |row| row.int(0))
    });
    bench.raw(RIVAL);
    assert_eq!((bench.look(session), bench.look("SELECT epoch FROM store_head")), (holder, "2".to_owned()));
    // What the rival told is there for its readers before the writer knows of it.
    assert_eq!(store.head(), 1);
    assert_eq!(store.read_log(2, 1, u64::MAX).await.map(|page| page.head), Ok(2));
    // Its own job cannot be held twice: it panics when it is run again.
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Panicked));
    // Only the run that came after it had taken the place anew has effect.
    let passed = passed.await.map(|told| (told.value, told.position));
    assert_eq!((passed, runs.load(SeqCst)), (Ok((Some(3), 2)), 2));
    assert_eq!((ids(&store).await, store.head()), (vec![1, 11], 2));
}

#[tokio::test]
async fn even_a_group_that_tells_nothing_is_refused_to_a_writer_that_lost_its_place() {
    let Some(bench) = Bench::new() else { return };
    let groups = Arc::new(Mutex::new(Vec::new()));
    let watched = Arc::clone(&groups);
    let watch = Arc::new(move |group: &Group| watched.lock().expect("a list").push(*group));
    let store = Store::open(Options { watch: Some(watch), ..bench.options() }).expect("a store");
    bench.raw("UPDATE store_head SET epoch = epoch + 1");
    let runs = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&runs);
    let job = store.write(1, move |unit: &mut Unit| put(unit, counted.fetch_add(1, SeqCst), "tells nobody"));
    job.await.expect("written");
    assert_eq!((runs.load(SeqCst), ids(&store).await), (2, vec![1]));
    let groups = groups.lock().expect("a list");
    assert_eq!(groups.iter().map(|group| group.fate).collect::<Vec<_>>(), [Fate::Committed]);
}

#[tokio::test]
async fn a_session_that_ends_at_commit_leaves_its_group_unknown_and_the_store_working() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    // The engine runs it only at COMMIT.
    bench.raw(
        "CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
         CREATE CONSTRAINT TRIGGER vanish AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW WHEN (NEW.id = 404) EXECUTE FUNCTION vanish();",
    );
    let held = Busy::hold_the_group(&store);
    let (innocent, vanishing) = (note(&store, 1), note(&store, 404));
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Unknown));
    assert_eq!((innocent.await, vanishing.await), (Err(StoreError::Unknown), Err(StoreError::Unknown)));
    assert_eq!((ids(&store).await, store.head()), (vec![], 0));
    assert_eq!(note(&store, 1).await, Ok(1));
    assert_eq!(told(&store).await, [1]);
}

#[tokio::test]
async fn a_job_that_ends_its_own_transaction_is_not_taken_for_committed() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    let innocent = note(&store, 1);
    let ending = store.write(1, |unit: &mut Unit| unit.execute("ROLLBACK", params![]));
    assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Aborted));
    assert_eq!(innocent.await, Err(StoreError::Aborted));
    assert_eq!(ending.await.map(|told| told.value), Err(StoreError::Aborted));
    assert_eq!((ids(&store).await, store.head()), (vec![], 0));
    assert_eq!(note(&store, 2).await, Ok(2));
    assert_eq!(told(&store).await, [2]);
}
