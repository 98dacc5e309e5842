//! Why positions are given by one writer: a reader that goes on after the last position it saw must not skip any.

use super::bench::{ALL, Bench, Busy, until};
use super::ledger::{Load, told};
use canbao_store::{Role, Store, StoreError};
use tokio_postgres::{Client, NoTls};

async fn session(bench: &Bench) -> Client {
    let (client, connection) = tokio_postgres::connect(&bench.place(), NoTls).await.expect("a session");
    tokio::spawn(connection);
    client
}

/// The first id of the second store.
const OTHERS: i64 = 10_000_000;

/// A log as it is often made: positions from a sequence.
const PLANTED: &str = "CREATE TABLE planted (position BIGSERIAL PRIMARY KEY, body TEXT NOT NULL)";

async fn after(reader: &Client, last: i64) -> Vec<i64> {
    let sql = "SELECT position FROM planted WHERE position > $1 ORDER BY position";
    reader.query(sql, &[&last]).await.expect("a page").iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_reader_of_positions_from_a_sequence_skips_what_commits_late() {
    let Some(bench) = Bench::new() else { return };
    let (slow, quick, reader) = (session(&bench).await, session(&bench).await, session(&bench).await);
    reader.batch_execute(PLANTED).await.expect("planted");
    slow.batch_execute("BEGIN; INSERT INTO planted (body) VALUES ('slow')").await.expect("position 1");
    quick.batch_execute("INSERT INTO planted (body) VALUES ('quick')").await.expect("position 2");
    assert_eq!(after(&reader, 0).await, [2]);
    slow.batch_execute("COMMIT").await.expect("committed late");
    // It is there, and whoever goes on from 2 never sees it.
    assert_eq!(after(&reader, 2).await, [0i64; 0]);
    assert_eq!(after(&reader, 0).await, [1, 2]);
}

/// Reads on in the log, up to where it ends now.
async fn read_on(store: &Store, seen: &mut Vec<u64>) {
    loop {
        let after = seen.last().copied().unwrap_or(0);
        let page = store.read_log(after, 20, ALL).await.expect("a page");
        if page.rows.is_empty() {
            return;
        }
        seen.extend(page.rows.iter().map(|row| row.position));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_our_log_skips_nothing_while_two_stores_contend_for_the_place() {
    let Some(bench) = Bench::new() else { return };
    let stores = [bench.open(), Store::open(bench.options()).expect("a store")];
    let loads = [Load::start(&stores[0], 0), Load::start(&stores[1], OTHERS)];
    let mut seen = Vec::new();
    for handover in 0..6 {
        let (one, other) = (&stores[handover % 2], &stores[1 - handover % 2]);
        let from = other.head().max(one.head());
        one.heads().wait_for(|head| *head >= from + 50).await.expect("it writes");
        read_on(other, &mut seen).await;
        // In the midst of a group, so that the other finds the place free before this one is back.
        let held = tokio::task::block_in_place(|| {
            let held = Busy::hold_the_group(one);
            bench.end_the_writers_session();
            until(other, Role::Writer);
            held
        });
        assert_eq!(held.release().await.map(|told| told.value), Err(StoreError::Standby));
        read_on(one, &mut seen).await;
    }
    let [first, second] = loads.map(Load::stop);
    let (mut ledger, second) = (first.await, second.await);
    for done in [&ledger.done, &second.done] {
        assert!(done.len() > 100, "each had the place and wrote: {}", done.len());
    }
    ledger.add(second);
    ledger.assert_kept_by(&stores[0]).await;
    assert_eq!(bench.look("SELECT epoch FROM store_head"), "7");
    read_on(&stores[1], &mut seen).await;
    assert_eq!(seen, (1..=told(&stores[0]).await.len() as u64).collect::<Vec<_>>());
}
