//! Opening: migrations.

use super::bench::{Bench, MIGRATIONS, ids, put};
use canbao_store::{Migration, OpenError, Options, Store, Unit};

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
    let Some(bench) = Bench::new() else { return };
    let failed = open(&bench, &[NOTES, BROKEN]).map(drop);
    let Err(OpenError::Migration { id: 2, name: "places", reason }) = &failed else { panic!("{failed:?}") };
    assert!(reason.contains("nowhere"), "{reason}");
    // There, and not there.
    bench.raw("SELECT COUNT(*) FROM note; CREATE TABLE place (id BIGINT); DROP TABLE place;");

    let store = open(&bench, &[NOTES, MENDED]).expect("mended");
    store.write(1, |unit: &mut Unit| put(unit, 1, "works")).await.expect("written");
    drop(store);
    assert_eq!(ids(&open(&bench, &[NOTES, MENDED]).expect("again")).await, [1]);
}

#[test]
fn a_changed_text_of_an_applied_migration_is_found() {
    const CHANGED: Migration = Migration { sql: "CREATE TABLE note (id BIGINT)", ..NOTES };
    let Some(bench) = Bench::new() else { return };
    drop(bench.open());
    let refused = open(&bench, &[CHANGED]).map(drop);
    assert_eq!(refused, Err(OpenError::MigrationChanged { id: 1, name: "notes" }));
}

#[test]
fn migrations_come_in_rising_order_behind_those_applied() {
    const EARLIER: Migration = Migration { id: 0, ..MENDED };
    let Some(bench) = Bench::new() else { return };
    let order = |id, name| Err(OpenError::MigrationOrder { id, name });
    assert_eq!(open(&bench, &[MENDED, NOTES]).map(drop), order(1, "notes"));
    assert_eq!(open(&bench, &[NOTES, NOTES]).map(drop), order(1, "notes"));
    drop(open(&bench, &[NOTES]).expect("nothing was applied before"));
    assert_eq!(open(&bench, &[EARLIER, NOTES]).map(drop), order(0, "places"));
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    const LATER: Migration = Migration { id: 3, ..MENDED };
    let Some(bench) = Bench::new() else { return };
    drop(open(&bench, &[NOTES, MENDED]).expect("newer"));
    let unknown = Err(OpenError::MigrationUnknown { id: 2 });
    assert_eq!(open(&bench, &[NOTES]).map(drop), unknown);
    assert_eq!(open(&bench, &[NOTES, LATER]).map(drop), unknown);
}
