//! What a job or a reader sees of the database.

use crate::engine::{After, Connection, Trouble};
use crate::error::StoreError;
use crate::row::Row;
use crate::value::Value;
use std::cell::{Cell, RefCell};

/// One state of the database, to be queried. Inside a unit of work it has the unit's own rows too.
pub struct View {
    connection: Connection,
    /// A statement of the innermost savepoint failed.
    spoiled: Cell<bool>,
    /// Why the transaction is gone, or must be taken to be; the connection is then dropped, never mended.
    lost: RefCell<Option<Loss>>,
}

/// Why a transaction is gone.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    /// The engine's own words.
    pub(crate) reason: String,
    /// The same statements may go well on a new connection.
    pub(crate) again: bool,
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

    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, spoiled: Cell::default(), lost: RefCell::default() }
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        self.run(self.connection.to_write(), []).map(drop)
    }

    /// Begins a transaction whose queries all see one state.
    pub(crate) fn begin_reading(&self) -> Result<(), StoreError> {
        self.run(self.connection.to_read(), []).map(drop)
    }

    /// Whether other processes may write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        self.connection.is_shared()
    }

    /// Takes the writer's place among those who could write, unless somebody has it; for as long as the connection
    /// lasts.
    pub(crate) fn enter(&self) -> Result<bool, StoreError> {
        self.connection.enter().map_err(|trouble| self.noted("taking the writer's place", trouble))
    }

    /// Lets the writer's place go. The view is of no use afterwards.
    pub(crate) fn leave(self) -> Result<(), StoreError> {
        self.connection.leave().map_err(|trouble| self.noted("leaving the writer's place", trouble))
    }

    /// As [`View::leave`], and puts what was written where it lies best.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.connection.close().map_err(|trouble| self.noted("closing the database", trouble))
    }

    /// Finds out whether the connection is still there.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        self.query_one("SELECT 1", [], |row| row.int(0)).map(drop)
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
    pub(crate) fn loss(&self) -> Option<Loss> {
        let ended = || {
            let reason = "the transaction has ended by itself".into();
            (!self.connection.in_transaction()).then_some(Loss { reason, again: self.is_shared() })
        };
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
        result.map_err(|trouble| self.noted(sql, trouble))
    }

    fn noted(&self, sql: &'static str, trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::Row(error) => error,
            Trouble::Statement { reason, after } => {
                self.spoiled.set(true);
                // Without its transaction the next statement would be a commit of its own.
                if after != After::Savepoint || !self.connection.in_transaction() {
                    let again = after == After::Again;
                    self.lost.replace(Some(Loss { reason: reason.clone(), again }));
                }
                if after == After::Again { StoreError::Aborted } else { StoreError::Sql { sql, reason } }
            }
        }
    }
}
