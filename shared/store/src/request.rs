//! Request ids: what a caller sent before, and what it was answered.

use crate::error::StoreError;
use crate::params;
use crate::unit::Unit;
use crate::view::View;

/// Whether a request was answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Never: decide it, and remember what was answered with [`Unit::answer`].
    First,
    /// Yes, with the same content: give this answer again.
    Repeated(Vec<u8>),
    /// The id was used for other content: refuse, without effect.
    OtherContent,
}

impl View {
    /// Looks up a request by its caller and the id that the caller gave it. `digest` is the SHA-256 of its
    /// content without the id.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn request(&self, caller: &str, id: &[u8; 16], digest: &[u8; 32]) -> Result<Seen, StoreError> {
        let found = self.query_one(
            "SELECT digest, answer FROM store_request WHERE caller = $1 AND id = $2",
            params![caller, id],
            |row| Ok((row.array::<32>(0)?, row.bytes(1)?)),
        )?;
        Ok(match found {
            None => Seen::First,
            Some((first, answer)) if first == *digest => Seen::Repeated(answer),
            Some(_) => Seen::OtherContent,
        })
    }
}

impl View {
    /// What a request was answered, for whoever knows the request's id but not its content.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn answered(&self, caller: &str, id: &[u8; 16]) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT answer FROM store_request WHERE caller = $1 AND id = $2";
        self.query_one(sql, params![caller, id], |row| row.bytes(0))
    }
}

impl Unit {
    /// Remembers for ever what a request was answered. A refusal is not remembered, so that the same request
    /// is judged afresh later: the refusing job simply does not come here.
    ///
    /// # Errors
    /// [`StoreError::Sql`], also when the id was answered before.
    pub fn answer(
        &mut self,
        caller: &str,
        id: &[u8; 16],
        digest: &[u8; 32],
        answer: &[u8],
    ) -> Result<(), StoreError> {
        let recorded_at = self.recorded_at();
        self.execute(
            "INSERT INTO store_request (caller, id, digest, answer, recorded_at) VALUES ($1, $2, $3, $4, $5)",
            params![caller, id, digest, answer, recorded_at],
        )?;
        Ok(())
    }
}
