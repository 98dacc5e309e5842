//! Cursors: how far this department has read the logs of others.

use crate::error::StoreError;
use crate::params;
use crate::unit::Unit;
use crate::view::View;
use std::collections::BTreeMap;

/// The committed position of each log that is read, by the log's name. A log not yet read is not in it.
pub type Cursors = BTreeMap<String, u64>;

impl View {
    /// The position up to which a log has been read; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn cursor(&self, log: &str) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM store_cursor WHERE log = $1";
        Ok(self.query_one(sql, params![log], |row| row.uint(0))?.unwrap_or(0))
    }

    pub(crate) fn cursors(&self) -> Result<Cursors, StoreError> {
        let sql = "SELECT log, position FROM store_cursor ORDER BY log";
        Ok(self.query(sql, params![], |row| Ok((row.text(0)?, row.uint(1)?)))?.into_iter().collect())
    }
}

impl Unit {
    /// Moves a cursor on, in the unit of work that applies what was read up to `to`.
    ///
    /// # Errors
    /// [`StoreError::CursorMoved`] unless the cursor stands at `from` and `to` is not before it, so that an event
    /// is neither applied twice nor skipped; [`StoreError::Sql`].
    pub fn advance(&mut self, log: &str, from: u64, to: u64) -> Result<(), StoreError> {
        let stands = self.cursor(log)?;
        if stands != from || to < from {
            return Err(StoreError::CursorMoved { log: log.to_owned(), stands, from, to });
        }
        self.execute(
            "INSERT INTO store_cursor (log, position) VALUES ($1, $2)
             ON CONFLICT (log) DO UPDATE SET position = excluded.position",
            params![log, to],
        )?;
        self.advanced(log, to);
        Ok(())
    }
}
