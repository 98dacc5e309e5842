//! Marks: what a department writes down once about its database as a whole.

use crate::error::StoreError;
use crate::params;
use crate::unit::Unit;
use crate::view::View;

impl View {
    /// What was written down under a name, such as the fingerprint of the key that the columns are sealed with.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn mark(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.query_one("SELECT value FROM store_mark WHERE name = $1", params![name], |row| row.bytes(0))
    }
}

impl Unit {
    /// Writes a value down under a name, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn set_mark(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO store_mark (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.execute(sql, params![name, value]).map(drop)
    }
}
