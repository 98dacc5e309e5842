//! Opening: the folder, the lock, migrations.

use crate::bench::{Bench, MIGRATIONS, ids, put};
use canbao_store::{Migration, OpenError, Options, Store, Unit};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const NOTES: Migration = MIGRATIONS[0];
const BROKEN: Migration = Migration {
    id: 2,
    name: "places",
    sql: "CREATE TABLE place (id BIGINT); INSERT INTO place VALUES (1); INSERT INTO nowhere VALUES (1);",
};
const MENDED: Migration = Migration {
    id: 2,
    name: "places",
    sql: "CREATE TABLE place (id BIGINT NOT NULL PRIMARY KEY) /*sqlite: WITHOUT ROWID*/;",
};

fn open(bench: &Bench, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    Store::open(Options { migrations, ..bench.options() })
}

#[tokio::test]
async fn a_migration_that_fails_is_named_and_undone_and_those_before_it_stay() {
    let bench = Bench::new();
    let failed = open(&bench, &[NOTES, BROKEN]).map(drop);
    let reason = "no such table: nowhere".to_owned();
    assert!(
        matches!(&failed, Err(OpenError::Migration { id: 2, name: "places", reason: found }) if found.contains(&reason)),
        "{failed:?}"
    );
    let tables = "SELECT group_concat(name ORDER BY name) FROM sqlite_schema WHERE name IN ('note', 'place')";
    let found: String = bench.raw().query_row(tables, (), |row| row.get(0)).expect("tables");
    assert_eq!(found, "note");

    let store = open(&bench, &[NOTES, MENDED]).expect("mended");
    store.write(1, |unit: &mut Unit| put(unit, 1, "works")).await.expect("written");
    drop(store);
    assert_eq!(ids(&open(&bench, &[NOTES, MENDED]).expect("again")).await, [1]);
}

#[test]
fn a_changed_text_of_an_applied_migration_is_found() {
    const CHANGED: Migration = Migration { sql: "CREATE TABLE note (id BIGINT)", ..NOTES };
    let bench = Bench::new();
    drop(bench.open());
    let refused = open(&bench, &[CHANGED]).map(drop);
    assert_eq!(refused, Err(OpenError::MigrationChanged { id: 1, name: "notes" }));
}

#[test]
fn migrations_come_in_rising_order_behind_those_applied() {
    const EARLIER: Migration = Migration { id: 0, ..MENDED };
    let bench = Bench::new();
    let order = |id, name| Err(OpenError::MigrationOrder { id, name });
    assert_eq!(open(&bench, &[MENDED, NOTES]).map(drop), order(1, "notes"));
    assert_eq!(open(&bench, &[NOTES, NOTES]).map(drop), order(1, "notes"));
    drop(open(&bench, &[NOTES]).expect("nothing was applied before"));
    assert_eq!(open(&bench, &[EARLIER, NOTES]).map(drop), order(0, "places"));
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    const LATER: Migration = Migration { id: 3, ..MENDED };
    let bench = Bench::new();
    drop(open(&bench, &[NOTES, MENDED]).expect("newer"));
    let unknown = Err(OpenError::MigrationUnknown { id: 2 });
    assert_eq!(open(&bench, &[NOTES]).map(drop), unknown);
    assert_eq!(open(&bench, &[NOTES, LATER]).map(drop), unknown);
}

#[test]
fn a_store_is_open_once_and_the_error_names_the_lock_file() {
    let bench = Bench::new();
    let store = bench.open();
    let file = bench.folder.path().join("data/notes.lock");
    assert_eq!(Store::open(bench.options()).map(drop), Err(OpenError::Held { file }));
    drop(store);
    drop(bench.open());
}

#[test]
fn the_folder_is_made_for_its_owner_alone_and_repaired_when_it_is_not() {
    let bench = Bench::new();
    let folder = bench.options().folder;
    let mode = || fs::metadata(&folder).expect("the folder").permissions().mode() & 0o777;
    drop(bench.open());
    assert_eq!(mode(), 0o700);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("opened to all");
    drop(bench.open());
    assert_eq!(mode(), 0o700);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let bench = Bench::new();
    let path = bench.folder.path().join("data");
    fs::write(&path, "a file in its place").expect("a file");
    let refused = Store::open(bench.options()).map(drop);
    assert!(matches!(refused, Err(OpenError::Folder { path: named, .. }) if named == path));
}

#[test]
fn a_file_that_is_no_database_does_not_open() {
    let bench = Bench::new();
    let folder = bench.options().folder;
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("notes.sqlite"), "not a database, ".repeat(100)).expect("a file");
    assert!(matches!(Store::open(bench.options()), Err(OpenError::Database { .. })));
}
