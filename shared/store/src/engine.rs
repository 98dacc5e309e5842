//! The two engines, and what a connection to either can do.

use crate::error::{OpenError, StoreError};
use crate::postgres::{self, Server};
use crate::row::Row;
use crate::sqlite;
use crate::value::Value;
use std::path::PathBuf;

/// Where the database is.
pub(crate) enum Engine {
    /// In a file of this process alone.
    Sqlite(PathBuf),
    /// On a server, where other processes reach it too.
    Postgres(Box<Server>),
}

/// A connection with its prepared statements.
pub(crate) enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(Box<postgres::Connection>),
}

/// A statement that failed, or a row that its reader refused.
pub(crate) enum Trouble {
    /// The engine said no.
    Statement { reason: String, after: After },
    /// The engine is well; the row was not.
    Row(StoreError),
}

/// What is left of a transaction in which a statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// All but the savepoint, which can only be rolled back.
    Savepoint,
    /// Nothing that can be trusted.
    Nothing,
    /// Nothing, by no fault of the statement: on a new connection the same may go well.
    Again,
}

impl Engine {
    /// A connection that writes.
    pub(crate) fn writer(&self) -> Result<Connection, OpenError> {
        match self {
            Self::Sqlite(file) => Ok(Connection::Sqlite(opened(sqlite::Connection::writer(file))?)),
            Self::Postgres(server) => Ok(Connection::Postgres(Box::new(server.writer()?))),
        }
    }

    /// A connection that cannot write.
    pub(crate) fn reader(&self) -> Result<Connection, OpenError> {
        match self {
            Self::Sqlite(file) => Ok(Connection::Sqlite(opened(sqlite::Connection::reader(file))?)),
            Self::Postgres(server) => Ok(Connection::Postgres(Box::new(server.reader()?))),
        }
    }

    /// Whether every statement is a journey, so that nobody reads on a thread that serves others.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

fn opened<T>(connection: Result<T, Trouble>) -> Result<T, StoreError> {
    connection.map_err(|trouble| match trouble {
        Trouble::Statement { reason, .. } => StoreError::Sql { sql: "opening", reason },
        Trouble::Row(error) => error,
    })
}

impl Connection {
    /// How a transaction begins that writes.
    pub(crate) fn to_write(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            // Each statement sees what was committed before it: whoever waited for a rival's row sees it changed.
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }

    /// How a transaction begins whose queries all see one state.
    pub(crate) fn to_read(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Runs a statement that answers no rows, once for each row of parameters and in their order; how many rows it
    /// changed.
    pub(crate) fn execute<'v, R: AsRef<[Value<'v>]>>(
        &self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, Trouble> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, rows),
            Self::Postgres(connection) => connection.execute(sql, rows),
        }
    }

    /// Hands each row of an answer to `each`, until it refuses one.
    pub(crate) fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(connection) => connection.query(sql, params, each),
            Self::Postgres(connection) => connection.query(sql, params, each),
        }
    }

    /// Runs the statements of a script.
    pub(crate) fn script(&self, sql: &str) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(connection) => connection.script(sql),
            Self::Postgres(connection) => connection.script(sql),
        }
    }

    /// Takes the writer's place, unless another process has it. A file is of this process alone, so that it is there
    /// to be taken.
    pub(crate) fn enter(&self) -> Result<bool, Trouble> {
        match self {
            Self::Sqlite(_) => Ok(true),
            Self::Postgres(connection) => connection.enter(),
        }
    }

    /// Lets the writer's place go. That to a file goes with the process.
    pub(crate) fn leave(&self) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.leave(),
        }
    }

    /// As [`Connection::leave`]; the log of a database in a file is written back into it.
    pub(crate) fn close(&self) -> Result<(), Trouble> {
        match self {
            Self::Sqlite(connection) => connection.checkpoint(),
            Self::Postgres(connection) => connection.leave(),
        }
    }

    /// Whether the transaction that was begun can still be there.
    pub(crate) fn in_transaction(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.in_transaction(),
            Self::Postgres(connection) => connection.is_open(),
        }
    }

    /// Whether other processes may write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}
