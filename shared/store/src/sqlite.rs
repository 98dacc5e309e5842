//! The embedded engine: how SQLite is opened, and how a statement reaches it.

use crate::engine::{After, Trouble};
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::value::Value;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode, OpenFlags, params_from_iter};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The first version without the race that loses commits when two connections use one WAL.
pub(crate) const LEAST: (i32, &str) = (3_051_003, "3.51.3");

/// Statements kept prepared by a connection; a department has fewer.
const PREPARED: usize = 256;

/// A connection with its prepared statements.
pub(crate) struct Connection {
    sqlite: rusqlite::Connection,
    /// Statement texts with `$n` turned into `?n`, by address and length: texts live for ever, so that an address
    /// means one text, and none has to be hashed.
    texts: RefCell<HashMap<(usize, usize), Arc<str>>>,
}

impl Connection {
    /// The one connection that writes.
    ///
    /// 64 MiB of pages keep the inner nodes of a city's indexes at hand. The log of the database (WAL) is written
    /// back every 32 MiB, because that costs two more fsyncs, and cut back after a large import.
    pub(crate) fn writer(file: &Path) -> Result<Self, Trouble> {
        let sqlite = rusqlite::Connection::open(file)?;
        sqlite.busy_timeout(Duration::from_secs(5))?;
        sqlite.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -65536;
             PRAGMA wal_autocheckpoint = 8192;
             PRAGMA journal_size_limit = 67108864;",
        )?;
        Self::prepared(sqlite)
    }

    /// A connection that cannot write.
    pub(crate) fn reader(file: &Path) -> Result<Self, Trouble> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = rusqlite::Connection::open_with_flags(file, flags)?;
        sqlite.busy_timeout(Duration::from_secs(5))?;
        sqlite.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")?;
        Self::prepared(sqlite)
    }

    fn prepared(sqlite: rusqlite::Connection) -> Result<Self, Trouble> {
        // Without this a misspelt "column" is text to SQLite, and an error to the other engine.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        // A plan that looked at a parameter's value is made anew for the next value: a third of the writer's time.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        sqlite.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { sqlite, texts: RefCell::default() })
    }

    /// Runs a statement that answers no rows, once for each row of parameters; how many rows it changed.
    pub(crate) fn execute<'v, R: AsRef<[Value<'v>]>>(
        &self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, Trouble> {
        let mut statement = self.statement(sql)?;
        let mut changed = 0;
        for row in rows {
            changed += statement.execute(params_from_iter(row.as_ref().iter().copied().map(Bound)))? as u64;
        }
        Ok(changed)
    }

    /// Hands each row of an answer to `each`, until it refuses one.
    pub(crate) fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), Trouble> {
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(params_from_iter(params.iter().copied().map(Bound)))?;
        while let Some(row) = rows.next()? {
            each(&Row { columns: Columns::Sqlite(row), sql }).map_err(Trouble::Row)?;
        }
        Ok(())
    }

    /// Runs the statements of a script, with those marked as meant for this engine.
    pub(crate) fn script(&self, sql: &str) -> Result<(), Trouble> {
        Ok(self.sqlite.execute_batch(&dialect(sql))?)
    }

    /// Writes the log of the database back into its file.
    pub(crate) fn checkpoint(&self) -> Result<(), Trouble> {
        self.query("PRAGMA wal_checkpoint(TRUNCATE)", &[], |_| Ok(()))
    }

    /// Whether a transaction is open. SQLite ends it by itself on some errors.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.sqlite.is_autocommit()
    }

    /// A `$n` is a name to SQLite, numbered by its first appearance, so that `$2 … $1` would bind the wrong way
    /// round; a `?n` is a number.
    fn statement(&self, sql: &'static str) -> Result<CachedStatement<'_>, Trouble> {
        let address = (sql.as_ptr().addr(), sql.len());
        let mut texts = self.texts.borrow_mut();
        let text = texts.entry(address).or_insert_with(|| sql.replace('$', "?").into());
        Ok(self.sqlite.prepare_cached(text)?)
    }
}

/// What is a comment to the other engine and meant for this one: `/*sqlite: WITHOUT ROWID*/` becomes
/// `WITHOUT ROWID`.
fn dialect(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some((before, marked)) = rest.split_once("/*sqlite:") {
        let (ours, after) = marked.split_once("*/").unwrap_or((marked, ""));
        text.extend([before, ours]);
        rest = after;
    }
    text + rest
}

struct Bound<'a>(Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        // On the first five SQLite may have rolled back by itself, or may not; on the others nothing that is
        // read or written from here on can be trusted.
        let fatal = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::OutOfMemory
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::OperationInterrupted
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::NotADatabase
                    | ErrorCode::InternalMalfunction
            )
        );
        let after = if fatal { After::Nothing } else { After::Savepoint };
        Self::Statement { reason: error.to_string(), after }
    }
}

#[cfg(test)]
mod tests {
    use super::dialect;

    #[test]
    fn a_marked_suffix_is_left_and_other_comments_stay() {
        let sql = "CREATE TABLE a (b BIGINT) /*sqlite: WITHOUT ROWID*/; /* kept */ SELECT 1";
        assert_eq!(dialect(sql), "CREATE TABLE a (b BIGINT)  WITHOUT ROWID; /* kept */ SELECT 1");
    }
}
