//! Migrations: the steps by which a database came to its shape, each applied once and never changed.

use crate::error::{OpenError, StoreError};
use crate::params;
use crate::sqlite;
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
pub(crate) const OWN: &[Migration] = &[Migration {
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
}];

/// Applies those of `owner`'s migrations that were not, in their order. Those that were are the first of them,
/// with the same texts.
pub(crate) fn apply(
    view: &View,
    owner: &str,
    migrations: &'static [Migration],
    now: i64,
) -> Result<(), OpenError> {
    let applied = applied(view, owner)?;
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
    if let Some(&(id, _)) = applied.get(migrations.len()) {
        return Err(OpenError::MigrationUnknown { id });
    }
    for migration in migrations.iter().skip(applied.len()) {
        step(view, owner, migration, now).map_err(|error| OpenError::Migration {
            id: migration.id,
            name: migration.name,
            reason: error.to_string(),
        })?;
    }
    Ok(())
}

fn applied(view: &View, owner: &str) -> Result<Vec<(i64, [u8; 32])>, StoreError> {
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
    let sql = "SELECT id, digest FROM store_migration WHERE owner = $1 ORDER BY id";
    view.query(sql, params![owner], |row| Ok((row.int(0)?, row.array(1)?)))
}

/// Leaves the transaction to be rolled back with its connection when it fails.
fn step(view: &View, owner: &str, migration: &Migration, now: i64) -> Result<(), StoreError> {
    let &Migration { id, name, sql } = migration;
    view.run("BEGIN IMMEDIATE", [])?;
    view.script(name, &sqlite::dialect(sql))?;
    view.run(
        "INSERT INTO store_migration (owner, id, name, digest, applied_at) VALUES ($1, $2, $3, $4, $5)",
        params![owner, id, name, &digest_of(sql), now],
    )?;
    view.run("COMMIT", []).map(drop)
}

fn digest_of(sql: &str) -> [u8; 32] {
    Sha256::digest(sql).into()
}
