//! A server that accepts what it is sent and says nothing, as one that is stopped does, or one behind a proxy that has
//! lost it.

use super::bench::{Bench, Busy, ids, until};
use super::ledger::{note, told};
use canbao_store::{OpenError, Role, Store, StoreError};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::time::timeout;

/// Long after every wait for the server should have been given up, and no wait at all for what has no end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The processes of a server, stopped.
struct Frozen(Vec<String>);

impl Frozen {
    fn freeze(bench: &Bench) -> Self {
        let folder = bench.look("SHOW data_directory");
        let server = fs::read_to_string(Path::new(&folder).join("postmaster.pid")).expect("a server");
        // First the one that would answer whoever connects.
        let mut processes = vec![server.lines().next().expect("its id").to_owned()];
        let sessions = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        processes.extend(bench.look(sessions).lines().map(str::to_owned));
        signal("-STOP", &processes);
        Self(processes)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("-CONT", &self.0);
    }
}

fn signal(name: &str, processes: &[String]) {
    // One of them may have ended meanwhile.
    drop(Command::new("kill").arg(name).args(processes).output().expect("kill"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_holds_up_neither_writer_nor_readers_and_is_used_again_when_it_speaks() {
    let Some(bench) = Bench::alone() else { return };
    let store = bench.open();
    assert_eq!(note(&store, 1).await, Ok(1));
    assert_eq!(ids(&store).await, [1]);
    let frozen = Frozen::freeze(&bench);
    let read = || store.read(|view| view.cursor("tax"));
    let all = async { tokio::join!(note(&store, 2), read(), read()) };
    let all = timeout(PATIENCE, all).await.expect("everybody is answered");
    let nothing = || Err(StoreError::Aborted);
    assert_eq!(all, (nothing().map(|()| 2), nothing().map(|()| 0), nothing().map(|()| 0)));
    tokio::task::block_in_place(|| until(&store, Role::Away));
    let opened = tokio::task::spawn_blocking({
        let options = bench.options();
        || Store::open(options).map(drop)
    });
    let opened = timeout(PATIENCE, opened).await.expect("refused").expect("no panic");
    assert!(matches!(opened, Err(OpenError::Server { .. })), "{opened:?}");
    drop(frozen);
    tokio::task::block_in_place(|| until(&store, Role::Writer));
    assert_eq!(note(&store, 3).await, Ok(3));
    assert_eq!(told(&store).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_server_says_nothing_can_be_closed() {
    let Some(bench) = Bench::alone() else { return };
    let store = bench.open();
    assert_eq!(note(&store, 1).await, Ok(1));
    let _frozen = Frozen::freeze(&bench);
    let queued = note(&store, 2);
    timeout(PATIENCE, store.close()).await.expect("closed");
    assert_eq!(queued.await, Err(StoreError::Aborted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_no_longer_for_a_store_to_close_can_drop_it_at_once() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    assert!(timeout(Duration::ZERO, store.close()).await.is_err(), "its writer is busy");
    assert_eq!(held.release().await.map(|told| told.value), Ok(()));
}
