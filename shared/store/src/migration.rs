//! Migrations: the steps by which a database came to its shape, each applied once and never changed.

use crate::error::{OpenError, StoreError};
use crate::params;
use crate::view::View;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;

/// One step. Its text serves both engines; `/*sqlite: … */` marks what is meant for SQLite alone, such as a
/// `WITHOUT ROWID` behind a table.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; numbers rise.
    pub id: i64,
    /// Its name, for people.
    pub name: &'static str,
    /// Its statements. They run in one transaction and so begin and end none.
    pub sql: &'static str,
}

/// The tables of this crate itself.
///
/// `store_head` has one row: the last position and chain of the log, and the epoch of the writer that may move
/// them. Rows of the log and of requests are only ever appended, in the order of their keys.
const OWN: &[Migration] = &[FIRST, MARKS];

/// Whose migrations those are.
const OWNER: &str = "store";

const FIRST: Migration = Migration {
    id: 1,
    name: "log, cursors, requests",
    sql: "CREATE TABLE store_head (
            id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
            epoch BIGINT NOT NULL,
            position BIGINT NOT NULL,
            chain BYTEA NOT NULL
          );
          CREATE TABLE store_log (
            position BIGINT NOT NULL PRIMARY KEY,
            division BIGINT NOT NULL,
            kind TEXT NOT NULL,
            audience BIGINT NOT NULL,
            body BYTEA NOT NULL,
            recorded_at BIGINT NOT NULL,
            chain BYTEA NOT NULL
          ) /*sqlite: WITHOUT ROWID*/;
          CREATE TABLE store_cursor (
            log TEXT NOT NULL PRIMARY KEY,
            position BIGINT NOT NULL
          ) /*sqlite: WITHOUT ROWID*/;
          CREATE TABLE store_request (
            caller TEXT NOT NULL,
            id BYTEA NOT NULL,
            digest BYTEA NOT NULL,
            answer BYTEA NOT NULL,
            recorded_at BIGINT NOT NULL,
            PRIMARY KEY (caller, id)
          ) /*sqlite: WITHOUT ROWID*/;",
};

const MARKS: Migration = Migration {
    id: 2,
    name: "traces, marks",
    sql: "ALTER TABLE store_log ADD COLUMN trace TEXT;
          CREATE TABLE store_mark (
            name TEXT NOT NULL PRIMARY KEY,
            value BYTEA NOT NULL
          ) /*sqlite: WITHOUT ROWID*/;",
};

/// Brings a database to the shape that this program knows, or finds that it is not for this program. Whoever comes
/// here holds the writer's place.
pub(crate) fn apply(
    view: &View,
    owner: &str,
    migrations: &'static [Migration],
    now: i64,
) -> Result<(), OpenError> {
    view.run(
        "CREATE TABLE IF NOT EXISTS store_migration (
           owner TEXT NOT NULL,
           id BIGINT NOT NULL,
           name TEXT NOT NULL,
           digest BYTEA NOT NULL,
           applied_at BIGINT NOT NULL,
           PRIMARY KEY (owner, id)
         )",
        [],
    )?;
    belongs_to(view, owner)?;
    for (owner, migrations) in [(OWNER, OWN), (owner, migrations)] {
        let applied = applied(view, owner, migrations)?;
        for migration in migrations.iter().skip(applied) {
            step(view, owner, migration, now).map_err(|error| OpenError::Migration {
                id: migration.id,
                name: migration.name,
                reason: error.to_string(),
            })?;
        }
    }
    Ok(())
}

/// Whether a database has exactly the shape that this program knows; not yet, when whoever writes is older or has
/// only begun.
pub(crate) fn stands(view: &View, owner: &str, migrations: &'static [Migration]) -> Result<bool, OpenError> {
    let sql = "SELECT CASE WHEN to_regclass('store_migration') IS NULL THEN 0 ELSE 1 END";
    if view.query_one(sql, [], |row| row.int(0))? != Some(1) {
        return Ok(false);
    }
    belongs_to(view, owner)?;
    let of_ours = applied(view, OWNER, OWN)? == OWN.len();
    Ok(applied(view, owner, migrations)? == migrations.len() && of_ours)
}

/// A database is one department's.
fn belongs_to(view: &View, owner: &str) -> Result<(), OpenError> {
    let sql = "SELECT MIN(owner) FROM store_migration WHERE owner <> $1 AND owner <> $2";
    match view.query_one(sql, params![OWNER, owner], |row| row.opt_text(0))?.flatten() {
        Some(by) => Err(OpenError::Taken { by }),
        None => Ok(()),
    }
}

/// How many migrations were applied: the first of those there are, with the same texts.
fn applied(view: &View, owner: &str, migrations: &'static [Migration]) -> Result<usize, OpenError> {
    let sql = "SELECT id, digest FROM store_migration WHERE owner = $1 ORDER BY id";
    let applied: Vec<(i64, [u8; 32])> =
        view.query(sql, params![owner], |row| Ok((row.int(0)?, row.array(1)?)))?;
    for pair in migrations.windows(2) {
        if let &[before, Migration { id, name, .. }] = pair
            && id <= before.id
        {
            return Err(OpenError::MigrationOrder { id, name });
        }
    }
    for (&Migration { id, name, sql }, &(found, digest)) in migrations.iter().zip(&applied) {
        match id.cmp(&found) {
            Ordering::Less => return Err(OpenError::MigrationOrder { id, name }),
            Ordering::Greater => return Err(OpenError::MigrationUnknown { id: found }),
            Ordering::Equal if digest != digest_of(sql) => {
                return Err(OpenError::MigrationChanged { id, name });
            }
            Ordering::Equal => {}
        }
    }
    match applied.get(migrations.len()) {
        Some(&(id, _)) => Err(OpenError::MigrationUnknown { id }),
        None => Ok(applied.len()),
    }
}

/// Leaves the transaction to be rolled back with its connection when it fails.
fn step(view: &View, owner: &str, migration: &Migration, now: i64) -> Result<(), StoreError> {
    let &Migration { id, name, sql } = migration;
    view.begin()?;
    view.script(name, sql)?;
    view.run(
        "INSERT INTO store_migration (owner, id, name, digest, applied_at) VALUES ($1, $2, $3, $4, $5)",
        params![owner, id, name, &digest_of(sql), now],
    )?;
    view.run("COMMIT", []).map(drop)
}

fn digest_of(sql: &str) -> [u8; 32] {
    Sha256::digest(sql).into()
}
