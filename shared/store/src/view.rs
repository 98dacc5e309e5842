//! What a job or a reader sees of the database.

use crate::error::StoreError;
use crate::row::Row;
use crate::sqlite::{Connection, Trouble};
use crate::value::Value;
use std::cell::{Cell, RefCell};
use std::path::Path;

/// One state of the database, to be queried. Inside a unit of work it has the unit's own rows too.
pub struct View {
    connection: Connection,
    /// A statement of the innermost savepoint failed.
    spoiled: Cell<bool>,
    /// Why the transaction is gone, or must be taken to be; the connection is then dropped, never mended.
    lost: RefCell<Option<String>>,
}

impl View {
    /// Every row of the answer, in its order.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the engine refuses the statement; what `read` fails with.
    pub fn query<'v, T>(
        &self,
        sql: &'static str,
        params: impl AsRef<[Value<'v>]>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        self.each(sql, params.as_ref(), |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The one row of the answer, or none.
    ///
    /// # Errors
    /// As [`View::query`]; [`StoreError::Corrupt`] when there is a second row.
    pub fn query_one<'v, T>(
        &self,
        sql: &'static str,
        params: impl AsRef<[Value<'v>]>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(sql, params.as_ref(), |row| match found.replace(read(row)?) {
            None => Ok(()),
            Some(_) => Err(StoreError::Corrupt { what: format!("a second row, in: {sql}") }),
        })?;
        Ok(found)
    }

    /// Opens the connection that writes.
    pub(crate) fn writer(file: &Path) -> Result<Self, StoreError> {
        Self::opened(Connection::writer(file))
    }

    /// Opens a connection that cannot write.
    pub(crate) fn reader(file: &Path) -> Result<Self, StoreError> {
        Self::opened(Connection::reader(file))
    }

    fn opened(connection: Result<Connection, Trouble>) -> Result<Self, StoreError> {
        match connection {
            Ok(connection) => Ok(Self { connection, spoiled: Cell::default(), lost: RefCell::default() }),
            Err(Trouble::Statement { reason, .. }) => Err(StoreError::Sql { sql: "opening", reason }),
            Err(Trouble::Row(error)) => Err(error),
        }
    }

    /// Runs a statement for each row of parameters.
    pub(crate) fn run_many<'v, R: AsRef<[Value<'v>]>>(
        &self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, StoreError> {
        self.sound()?;
        self.note(sql, self.connection.execute(sql, rows))
    }

    /// Runs a statement once.
    pub(crate) fn run<'v>(
        &self,
        sql: &'static str,
        params: impl AsRef<[Value<'v>]>,
    ) -> Result<u64, StoreError> {
        self.run_many(sql, [params])
    }

    /// Runs the statements of a script.
    pub(crate) fn script(&self, name: &'static str, sql: &str) -> Result<(), StoreError> {
        self.sound()?;
        self.note(name, self.connection.script(sql))
    }

    /// Rolls back, and with that makes the view sound again.
    pub(crate) fn undo(&self, sql: &'static str) -> Result<(), StoreError> {
        self.spoiled.set(false);
        self.run(sql, []).map(drop)
    }

    /// Fails when a statement has failed and not been rolled back, so that none is overlooked.
    pub(crate) fn sound(&self) -> Result<(), StoreError> {
        match (self.lost.borrow().is_some(), self.spoiled.get()) {
            (true, _) => Err(StoreError::Aborted),
            (false, true) => Err(StoreError::Spoiled),
            (false, false) => Ok(()),
        }
    }

    /// Why the transaction is gone, if it is.
    pub(crate) fn loss(&self) -> Option<String> {
        let ended =
            || (!self.connection.in_transaction()).then(|| "the transaction has ended by itself".into());
        self.lost.borrow().clone().or_else(ended)
    }

    fn each(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.sound()?;
        self.note(sql, self.connection.query(sql, params, each))
    }

    fn note<T>(&self, sql: &'static str, result: Result<T, Trouble>) -> Result<T, StoreError> {
        result.map_err(|trouble| match trouble {
            Trouble::Row(error) => error,
            Trouble::Statement { reason, fatal } => {
                self.spoiled.set(true);
                // Without its transaction the next statement would be a commit of its own.
                if fatal || !self.connection.in_transaction() {
                    self.lost.replace(Some(reason.clone()));
                }
                StoreError::Sql { sql, reason }
            }
        })
    }
}
