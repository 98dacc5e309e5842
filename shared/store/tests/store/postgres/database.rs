//! The server itself: what it must be, its crash, and a process killed while it changes the database's shape.

use super::bench::{Bench, MIGRATIONS, ids, until};
use super::crash::{PLACE, child};
use super::ledger::{Ledger, Load, note};
use canbao_store::{Migration, OpenError, Options, Place, PostgresPlace, Role, Store, Unit};
use std::env;

fn refused(options: Options) -> String {
    match Store::open(options).map(drop) {
        Err(OpenError::Server { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_database_crashes_under_load_and_the_store_comes_back() {
    let Some(bench) = Bench::alone() else { return };
    let store = bench.open();
    let mut ledger = Ledger::default();
    for crash in 1..=3 {
        let load = Load::start(&store, 10_000_000 * crash);
        let from = store.head();
        store.heads().wait_for(|head| *head >= from + 100).await.expect("under load");
        tokio::task::block_in_place(|| bench.cluster.kill());
        tokio::task::block_in_place(|| bench.cluster.serve()).expect("the server starts");
        until(&store, Role::Writer);
        let from = store.head();
        store.heads().wait_for(|head| *head >= from + 100).await.expect("it goes on");
        ledger.add(load.stop().await);
        // The connections that were kept for readers are dead; nobody is told.
        ledger.assert_kept_by(&store).await;
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_to_be_at_once_and_found_again() {
    let Some(bench) = Bench::alone() else { return };
    let store = bench.open();
    note(&store, 1).await.expect("written");
    bench.cluster.kill();
    until(&store, Role::Away);
    assert_eq!(note(&store, 2).await, Err(canbao_store::StoreError::Aborted));
    bench.cluster.serve().expect("the server starts");
    until(&store, Role::Writer);
    assert_eq!(note(&store, 3).await, Ok(3));
    assert_eq!(ids(&store).await, [1, 3]);
}

/// Waits for a lock that the test has, in the midst of its work.
const SLOW: Migration = Migration {
    id: 2,
    name: "places",
    sql: "CREATE TABLE place (id BIGINT NOT NULL PRIMARY KEY);
          SELECT pg_advisory_xact_lock(77);
          INSERT INTO place (id) VALUES (1);",
};

fn with_places(place: String) -> Options {
    const BOTH: &[Migration] = &[MIGRATIONS[0], SLOW];
    Options { migrations: BOTH, ..Bench::options_at(place) }
}

#[tokio::test]
async fn a_process_killed_in_the_midst_of_a_migration_leaves_it_absent_and_the_next_start_finishes_it() {
    if let Ok(place) = env::var(PLACE) {
        drop(Store::open(with_places(place)));
        return;
    }
    let Some(bench) = Bench::new() else { return };
    bench.open().close().await;
    let (client, connection) =
        tokio_postgres::connect(&bench.place(), tokio_postgres::NoTls).await.expect("a session");
    tokio::spawn(connection);
    client.batch_execute("SELECT pg_advisory_lock(77)").await.expect("the lock");
    let (mut child, _journal) = child(&bench);
    while bench.look("SELECT COUNT(*) FROM pg_locks WHERE objid = 77 AND NOT granted") == "0" {}
    child.kill().expect("killed");
    child.wait().expect("gone");
    client.batch_execute("SELECT pg_advisory_unlock(77)").await.expect("let go");

    let store = Store::open(with_places(bench.place())).expect("a store");
    until(&store, Role::Writer);
    let count = store.read(|view| view.query_one("SELECT COUNT(*) FROM place", [], |row| row.int(0))).await;
    assert_eq!(count, Ok::<_, canbao_store::StoreError>(Some(1)));
}

#[tokio::test]
async fn every_commit_waits_for_the_disk_whatever_the_database_says() {
    let Some(bench) = Bench::new() else { return };
    bench.raw(&format!("ALTER DATABASE {} SET synchronous_commit = off", bench.database));
    let setting = bench.open().write(1, |unit: &mut Unit| {
        unit.query_one("SELECT current_setting('synchronous_commit')", [], |row| row.text(0))
    });
    assert_eq!(setting.await.map(|told| told.value), Ok(Some("on".to_owned())));
}

#[tokio::test]
async fn a_database_that_sorts_or_encodes_otherwise_is_refused() {
    let Some(bench) = Bench::new() else { return };
    let cases = [
        ("sorting", "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C'", "LC_COLLATE 'C'"),
        ("encoding", "ENCODING 'LATIN1' LOCALE 'C'", "LATIN1"),
    ];
    for (name, made, why) in cases {
        let name = format!("{}_{name}", bench.database);
        bench.raw(&format!("CREATE DATABASE {name} TEMPLATE template0 {made}"));
        let reason = refused(Bench::options_at(bench.cluster.url(&name)));
        assert!(reason.contains(why), "{reason}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_lets_nobody_in_is_named_without_the_password() {
    let Some(bench) = Bench::new() else { return };
    let at = |url: String| {
        let place = PostgresPlace { url, password: Some("secret-word".to_owned()), authority: None };
        refused(Options { place: Place::Postgres(place), ..bench.options() })
    };
    let port = bench.cluster.port();
    for (url, why) in [
        ("postgres://postgres:secret-word@127.0.0.1:1/none".to_owned(), "refused"),
        (format!("postgres://nobody@127.0.0.1:{port}/{}", bench.database), "authentication failed"),
        (format!("postgres://postgres@127.0.0.1:{port}/nowhere"), "does not exist"),
        ("postgres://postgres:secret-word@127.0.0.1:port/x".to_owned(), "port"),
        (format!("postgres://postgres@127.0.0.1:{port}/x?sslmode=require"), "authority"),
    ] {
        let reason = at(url);
        assert!(reason.contains(why) && !reason.contains("secret-word"), "{reason}");
    }
}

#[tokio::test]
async fn a_place_of_several_hosts_is_refused() {
    let Some(bench) = Bench::new() else { return };
    let port = bench.cluster.port();
    // Readers would end up with whichever answers, and read of two states.
    for hosts in [format!("127.0.0.1:{port},127.0.0.1:{port}"), format!("localhost:{port},127.0.0.1:1")] {
        let reason = refused(Bench::options_at(format!("postgres://postgres@{hosts}/{}", bench.database)));
        assert!(reason.contains("one host"), "{reason}");
    }
}

#[tokio::test]
async fn a_role_that_finds_no_schema_is_refused_and_does_not_stand_by_for_ever() {
    let Some(bench) = Bench::new() else { return };
    bench.raw(&format!("ALTER DATABASE {} SET search_path = nowhere", bench.database));
    let reason = refused(bench.options());
    assert!(reason.contains("schema"), "{reason}");
}
