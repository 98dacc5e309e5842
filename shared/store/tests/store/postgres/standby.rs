//! A second process beside the one that writes.

use super::bench::{Bench, MIGRATIONS, ids, put, until};
use super::crash::{PLACE, acknowledged, child, write_for_ever};
use super::ledger::{Ledger, Load, note, told};
use canbao_store::{Migration, OpenError, Options, Role, Store, StoreError, Unit, View};
use std::env;
use std::process::{Child, Command};
use std::time::Duration;
use tokio::time::timeout;

const NOTES: Migration = MIGRATIONS[0];
const LATER: Migration =
    Migration { id: 2, name: "places", sql: "CREATE TABLE place (id BIGINT NOT NULL PRIMARY KEY)" };

fn open(bench: &Bench, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    Store::open(Options { migrations, ..bench.options() })
}

#[tokio::test]
async fn a_standby_reads_what_is_written_beside_it_and_refuses_to_write() {
    let Some(bench) = Bench::new() else { return };
    let (writer, standby) = (bench.open(), Store::open(bench.options()).expect("a store"));
    assert_eq!((writer.is_writer(), *standby.roles().borrow()), (true, Role::Standby));
    assert_eq!(note(&writer, 1).await, Ok(1));
    assert_eq!(ids(&standby).await, [1]);
    assert_eq!(note(&standby, 2).await, Err(StoreError::Standby));
    assert_eq!(ids(&standby).await, [1]);
}

#[tokio::test]
async fn a_standby_hears_of_heads_and_cursors_without_asking() {
    let Some(bench) = Bench::new() else { return };
    let (writer, standby) = (bench.open(), Store::open(bench.options()).expect("a store"));
    let (mut heads, mut cursors) = (standby.heads(), standby.cursors());
    note(&writer, 1).await.expect("told");
    writer.write(1, |unit: &mut Unit| unit.advance("tax", 0, 7)).await.expect("moved");
    // Whoever read it from the writer is not told that the log was truncated.
    assert_eq!(standby.read_log(1, 1, u64::MAX).await.map(|page| page.next), Ok(1));
    heads.wait_for(|head| *head == 1).await.expect("heard");
    cursors.wait_for(|cursors| cursors.get("tax") == Some(&7)).await.expect("heard");
    assert_eq!(told(&standby).await, [1]);
}

#[tokio::test]
async fn a_standby_takes_over_when_the_writer_closes() {
    let Some(bench) = Bench::new() else { return };
    let (writer, standby) = (bench.open(), Store::open(bench.options()).expect("a store"));
    assert_eq!(note(&writer, 1).await, Ok(1));
    writer.close().await;
    until(&standby, Role::Writer);
    assert_eq!(note(&standby, 2).await, Ok(2));
    assert_eq!(told(&standby).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_when_the_writer_is_killed_under_load_and_nothing_is_lost_or_doubled() {
    if let Ok(place) = env::var(PLACE) {
        return write_for_ever(Bench::options_at(place)).await;
    }
    for kill in 1..=3 {
        let Some(bench) = Bench::new() else { return };
        let (mut child, mut journal) = child(&bench);
        let lines = journal.by_ref().map(|line| line.expect("a line"));
        let mut acked: Vec<i64> = lines.filter_map(|line| acknowledged(&line)).take(kill * 41).collect();
        let standby = Store::open(bench.options()).expect("a store");
        assert!(!standby.is_writer());
        let load = Load::start(&standby, 10_000_000);
        child.kill().expect("killed");
        child.wait().expect("gone");
        acked.extend(journal.map_while(Result::ok).filter_map(|line| acknowledged(&line)));
        until(&standby, Role::Writer);
        let from = standby.head();
        standby.heads().wait_for(|head| *head >= from + 100).await.expect("it goes on");

        let mut ledger = load.stop().await;
        assert!(!ledger.nothing.is_empty(), "it stood by");
        // What the killed process had sent and heard nothing of is unknown: eight at once.
        let last = acked.iter().max().copied().expect("acknowledged");
        ledger.unknown.extend(last + 1..=last + 8);
        ledger.done.extend(acked);
        ledger.assert_kept_by(&standby).await;
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_is_stopped_loses_its_place_and_commits_nothing_when_it_goes_on() {
    if let Ok(place) = env::var(PLACE) {
        return write_for_ever(Bench::options_at(place)).await;
    }
    let Some(bench) = Bench::new() else { return };
    let (mut child, mut journal) = child(&bench);
    let lines = journal.by_ref().map(|line| line.expect("a line"));
    let mut acked: Vec<i64> = lines.filter_map(|line| acknowledged(&line)).take(100).collect();
    let standby = Store::open(bench.options()).expect("a store");
    signal(&child, "STOP");
    // The server ends the session that says nothing any more; the standby finds the place free.
    until(&standby, Role::Writer);
    assert_eq!(note(&standby, 10_000_000).await, Ok(10_000_000));
    let taken = standby.head();
    signal(&child, "CONT");
    // It finds that it writes no more, and that is the end of it.
    acked.extend(journal.map_while(Result::ok).filter_map(|line| acknowledged(&line)));
    assert!(!child.wait().expect("gone").success());

    let last = acked.iter().max().copied().expect("acknowledged");
    let mut ledger = Ledger { unknown: (last + 1..=last + 8).collect(), ..Ledger::default() };
    ledger.done.extend(acked);
    ledger.done.insert(10_000_000);
    ledger.assert_kept_by(&standby).await;
    let told = told(&standby).await;
    assert_eq!((told.len() as u64, told.last()), (taken, Some(&10_000_000)), "nothing followed");
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_to_a_standby() {
    let Some(bench) = Bench::new() else { return };
    let _writer = open(&bench, &[NOTES, LATER]).expect("newer");
    assert_eq!(open(&bench, &[NOTES]).map(drop), Err(OpenError::MigrationUnknown { id: 2 }));
}

#[tokio::test]
async fn nobody_reads_a_database_that_a_newer_program_has_changed_meanwhile() {
    let Some(bench) = Bench::new() else { return };
    let store = open(&bench, &[NOTES]).expect("older");
    assert_eq!(ids(&store).await, Vec::<i64>::new());
    bench.raw(
        "INSERT INTO store_migration (owner, id, name, digest, applied_at)
         SELECT owner, 2, name, digest, applied_at FROM store_migration WHERE owner = 'notes'",
    );
    bench.end_the_writers_session();
    let refused =
        async { while store.read(|view: &View| view.cursor("tax")).await != Err(StoreError::Standby) {} };
    timeout(Duration::from_secs(30), refused).await.expect("as soon as its writer has seen it");
    assert_eq!(note(&store, 1).await, Err(StoreError::Aborted));
}

#[tokio::test]
async fn a_newer_standby_lets_nobody_read_before_it_has_brought_the_database_to_its_shape() {
    let Some(bench) = Bench::new() else { return };
    let writer = open(&bench, &[NOTES]).expect("older");
    let standby = open(&bench, &[NOTES, LATER]).expect("newer");
    let count = |view: &View| view.query_one("SELECT COUNT(*) FROM place", [], |row| row.int(0));
    assert_eq!(standby.read(count).await, Err(StoreError::Standby));
    writer.close().await;
    until(&standby, Role::Writer);
    assert_eq!(standby.read(count).await, Ok(Some(0)));
}

#[tokio::test]
async fn a_database_is_one_departments() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let other = || Store::open(Options { name: "tax".into(), ..bench.options() }).map(drop);
    let taken = Err(OpenError::Taken { by: "notes".into() });
    assert_eq!(other(), taken);
    store.write(1, |unit: &mut Unit| put(unit, 1, "undisturbed")).await.expect("written");
    store.close().await;
    assert_eq!(other(), taken);
    assert_eq!(ids(&bench.open()).await, [1]);
}
