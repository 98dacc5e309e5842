//! What a database in a file has and one on a server has not: its folder, its lock, a disk that is full.

use super::bench::{Bench, Busy, ids, put};
use canbao_store::{OpenError, Store, StoreError, Unit, params};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn every_commit_waits_for_the_disk() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let settings = store.write(1, |unit: &mut Unit| {
        let mode = unit.query_one("PRAGMA journal_mode", params![], |row| row.text(0))?;
        let synchronous = unit.query_one("PRAGMA synchronous", params![], |row| row.int(0))?;
        Ok::<_, StoreError>((mode, synchronous))
    });
    // 2 is FULL: the log of the database is synced at each commit.
    assert_eq!(settings.await.map(|told| told.value), Ok((Some("wal".to_owned()), Some(2))));
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
        let Some(bench) = Bench::new() else { return };
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

#[test]
fn a_store_is_open_once_and_the_error_names_the_lock_file() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let file = bench.folder.path().join("data/notes.lock");
    assert_eq!(Store::open(bench.options()).map(drop), Err(OpenError::Held { file }));
    drop(store);
    drop(bench.open());
}

#[tokio::test]
async fn a_closed_store_leaves_its_database_and_the_lock_file_alone() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    store.write(1, |unit: &mut Unit| put(unit, 1, "written")).await.expect("written");
    store.close().await;
    assert_eq!(fs::read_dir(bench.place()).expect("files").count(), 2);
}

#[test]
fn the_folder_is_made_for_its_owner_alone_and_repaired_when_it_is_not() {
    let Some(bench) = Bench::new() else { return };
    let folder = bench.place();
    let mode = || fs::metadata(&folder).expect("the folder").permissions().mode() & 0o777;
    drop(bench.open());
    assert_eq!(mode(), 0o700);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("opened to all");
    drop(bench.open());
    assert_eq!(mode(), 0o700);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let Some(bench) = Bench::new() else { return };
    let path = bench.folder.path().join("data");
    fs::write(&path, "a file in its place").expect("a file");
    let refused = Store::open(bench.options()).map(drop);
    assert!(matches!(refused, Err(OpenError::Folder { path: named, .. }) if named == path));
}

#[test]
fn a_file_that_is_no_database_does_not_open() {
    let Some(bench) = Bench::new() else { return };
    fs::create_dir(bench.place()).expect("a folder");
    fs::write(bench.folder.path().join("data/notes.sqlite"), "not a database, ".repeat(100)).expect("a file");
    assert!(matches!(Store::open(bench.options()), Err(OpenError::Database { .. })));
}
