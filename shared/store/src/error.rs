//! What can go wrong, sorted by what the caller may conclude from it.

use std::path::PathBuf;

/// Why a read or a unit of work failed. Never carries a value that was stored or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The queue is full; nothing was started.
    Full,
    /// The store is draining or closed; nothing was started.
    Closed,
    /// Another process writes to this database, and this one stands by; nothing has effect.
    Standby,
    /// COMMIT failed: this unit of work, like all of its group, may or may not have taken effect. Send it again
    /// with the same request id, or ask by that id.
    Unknown,
    /// The transaction, or the database, was lost before its COMMIT; nothing has effect.
    Aborted,
    /// The job panicked; nothing has effect.
    Panicked,
    /// The database refused a statement.
    Sql {
        /// The statement's text, without its parameters.
        sql: &'static str,
        /// The engine's own words.
        reason: String,
    },
    /// An earlier statement of this savepoint failed, so that it can only be rolled back.
    Spoiled,
    /// Stored rows are not what this program could have written.
    Corrupt {
        /// Which row or column, and what is wrong with it.
        what: String,
    },
    /// A cursor does not stand where its reader believed, or was to go back.
    CursorMoved {
        /// The log that the cursor reads.
        log: String,
        /// Where it stands.
        stands: u64,
        /// Where the reader believed it stood.
        from: u64,
        /// Where the reader wanted it.
        to: u64,
    },
    /// Somebody has read further than this log reaches: it was truncated, or an old copy was restored.
    AheadOfLog {
        /// The position read up to.
        after: u64,
        /// The last position there is.
        head: u64,
    },
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("the queue is full; nothing was started"),
            Self::Closed => f.write_str("the store is closed; nothing was started"),
            Self::Standby => f.write_str("another process writes; nothing has effect"),
            Self::Unknown => f.write_str("the commit failed; whether it took effect is unknown"),
            Self::Aborted => f.write_str("the transaction was lost; nothing has effect"),
            Self::Panicked => f.write_str("the job panicked; nothing has effect"),
            Self::Sql { sql, reason } => write!(f, "{reason}, in: {sql}"),
            Self::Spoiled => {
                f.write_str("an earlier statement failed; the savepoint can only be rolled back")
            }
            Self::Corrupt { what } => write!(f, "corrupt: {what}"),
            Self::CursorMoved { log, stands, from, to } => {
                write!(f, "the cursor of {log} stands at {stands}; it cannot go from {from} to {to}")
            }
            Self::AheadOfLog { after, head } => {
                write!(f, "the log ends at {head}, before position {after} that was read from it")
            }
        }
    }
}

impl std::error::Error for StoreError {}

/// Why a store did not open. Nothing is left held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder or the lock file cannot be made, or is not ours.
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// The operating system's own words.
        reason: String,
    },
    /// Somebody else has this store open.
    Held {
        /// The lock file that says so.
        file: PathBuf,
    },
    /// The engine is too old to be trusted.
    Engine {
        /// The version found.
        found: &'static str,
        /// The least version that will do.
        least: &'static str,
    },
    /// The database server cannot be reached, or is not one that will do.
    Server {
        /// Why.
        reason: String,
    },
    /// The database belongs to another department.
    Taken {
        /// Whose migrations were applied to it.
        by: String,
    },
    /// A migration failed and was rolled back; those before it stay.
    Migration {
        /// Its number.
        id: i64,
        /// Its name.
        name: &'static str,
        /// What failed in it.
        reason: String,
    },
    /// The text of an applied migration is not the one that was applied.
    MigrationChanged {
        /// Its number.
        id: i64,
        /// Its name.
        name: &'static str,
    },
    /// A migration that is yet to be applied does not come after all that were, or two have one number.
    MigrationOrder {
        /// Its number.
        id: i64,
        /// Its name.
        name: &'static str,
    },
    /// The database has a migration that this program does not know: a newer program made it.
    MigrationUnknown {
        /// Its number.
        id: i64,
    },
    /// The database cannot be opened or read.
    Database {
        /// What failed.
        reason: StoreError,
    },
    /// The writer thread cannot be started.
    Thread {
        /// The operating system's own words.
        reason: String,
    },
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Held { file } => write!(f, "{} is held by another process", file.display()),
            Self::Engine { found, least } => {
                write!(f, "SQLite {found} can lose commits; at least {least} is needed")
            }
            Self::Server { reason } => write!(f, "the database server cannot be used: {reason}"),
            Self::Taken { by } => write!(f, "the database belongs to {by}"),
            Self::Migration { id, name, reason } => write!(f, "migration {id} ({name}) failed: {reason}"),
            Self::MigrationChanged { id, name } => {
                write!(f, "migration {id} ({name}) was applied with another text")
            }
            Self::MigrationOrder { id, name } => {
                write!(f, "migration {id} ({name}) does not come after those that were applied")
            }
            Self::MigrationUnknown { id } => {
                write!(f, "migration {id} was applied by a newer program, which this one does not know")
            }
            Self::Database { reason } => write!(f, "the database cannot be used: {reason}"),
            Self::Thread { reason } => write!(f, "the writer thread did not start: {reason}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl OpenError {
    /// Whether the database is there, and has not the shape that this program knows.
    pub(crate) fn is_of_the_shape(&self) -> bool {
        matches!(
            self,
            Self::Taken { .. }
                | Self::MigrationChanged { .. }
                | Self::MigrationOrder { .. }
                | Self::MigrationUnknown { .. }
        )
    }
}

impl From<StoreError> for OpenError {
    fn from(reason: StoreError) -> Self {
        Self::Database { reason }
    }
}
