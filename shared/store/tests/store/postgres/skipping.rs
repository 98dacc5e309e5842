//! Why positions are given by one writer: a reader that goes on after the last position it saw must not skip any.

use super::bench::{Bench, until};
use super::ledger::{Ledger, Load, told};
use canbao_store::{Role, Store};
use tokio_postgres::{Client, NoTls};

async fn session(bench: &Bench) -> Client {
    let (client, connection) = tokio_postgres::connect(&bench.place(), NoTls).await.expect("a session");
    tokio::spawn(connection);
    client
}

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_our_log_skips_nothing_while_two_stores_contend_for_the_place() {
    let Some(bench) = Bench::new() else { return };
    let (one, two) = (bench.open(), Store::open(bench.options()).expect("a store"));
    let reader = session(&bench).await;
    let loads = [Load::start(&one, 0), Load::start(&two, 10_000_000)];
    let (mut seen, mut last) = (Vec::new(), 0);
    let mut reached = 0;
    for handover in 0..6 {
        while seen.len() < (handover + 1) * 50 {
            let sql = "SELECT position FROM store_log WHERE position > $1 ORDER BY position";
            let rows = reader.query(sql, &[&last]).await.expect("a page");
            seen.extend(rows.iter().map(|row| row.get::<_, i64>(0)));
            last = seen.last().copied().unwrap_or(0);
        }
        tokio::task::block_in_place(|| bench.end_the_writers_session());
        reached += 1;
    }
    let mut ledger = Ledger::default();
    for load in loads {
        ledger.add(load.stop().await);
    }
    assert_eq!(reached, 6);
    let writer = if *one.roles().borrow() == Role::Standby { &two } else { &one };
    until(writer, Role::Writer);
    ledger.assert_kept_by(writer).await;
    assert_eq!(seen, (1..=last).collect::<Vec<_>>());
    assert!(told(writer).await.len() as i64 >= last);
}
