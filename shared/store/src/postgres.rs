//! The server engine: how a statement reaches PostgreSQL from a thread that may wait.

mod server;
mod tls;
mod value;

pub(crate) use server::Server;
pub(crate) use value::read;

use crate::engine::{After, Trouble};
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::value::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as _;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};
use value::{Bound, bind};

/// Statements on their way at once: enough that the way itself costs nothing, few enough to be kept in memory.
const PIPELINED: usize = 128;

/// What the locks of this program begin from, so that no other program's are the same: "canbao".
const PLACE: i64 = 0x6361_6e62_616f;

/// How long a server is waited for that says nothing: three times as long as it waits for a lock itself. A connection
/// that is silent for longer is lost, and what a COMMIT on it came to is unknown.
const ANSWER: Duration = Duration::from_secs(15);

/// A script, such as a migration, may have a large table to go through.
const SCRIPT: Duration = Duration::from_secs(600);

/// How long a server is waited for when there is nothing more to be had from it.
const LEAVING: Duration = Duration::from_secs(1);

/// A connection and the small runtime that drives it. It moves only while its thread waits for an answer, so it is
/// used by the writer's thread and by threads that may block, never by one that serves others.
pub(crate) struct Connection {
    client: Client,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    /// By address and length of their texts, which live for ever.
    prepared: RefCell<HashMap<(usize, usize), Statement>>,
}

impl Connection {
    fn new(client: Client, runtime: Runtime) -> Self {
        Self { client, runtime: Some(runtime), prepared: RefCell::default() }
    }

    /// Runs a statement once for each row of parameters, in their order. All of a stretch are sent before the first
    /// is answered.
    pub(crate) fn execute<'v, R: AsRef<[Value<'v>]>>(
        &self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, Trouble> {
        let statement = self.statement(sql)?;
        let mut rows = rows.into_iter();
        let mut changed = 0;
        loop {
            let stretch: Vec<R> = rows.by_ref().take(PIPELINED).collect();
            if stretch.is_empty() {
                return Ok(changed);
            }
            let bound: Vec<_> =
                stretch.iter().map(|row| bind(&statement, row.as_ref())).collect::<Result<_, _>>()?;
            changed += self.wait(ANSWER, self.pipeline(&statement, bound))?;
        }
    }

    /// Hands each row of an answer to `each`, until it refuses one.
    pub(crate) fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), Trouble> {
        let statement = self.statement(sql)?;
        let bound = bind(&statement, params)?;
        let rows = self.wait(ANSWER, self.client.query(&statement, &slice(&bound)))?;
        rows.iter()
            .try_for_each(|row| each(&Row { columns: Columns::Postgres(row), sql }).map_err(Trouble::Row))
    }

    /// Runs the statements of a script.
    pub(crate) fn script(&self, sql: &str) -> Result<(), Trouble> {
        self.wait(SCRIPT, self.client.batch_execute(sql))
    }

    /// Takes the lock that says who may write, unless another session has it. Every schema has a lock of its own, so
    /// that a database may be shared out among departments by schemas.
    pub(crate) fn enter(&self) -> Result<bool, Trouble> {
        let sql =
            "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended(current_schema(), $1)) THEN 1 ELSE 0 END";
        let mut taken = false;
        self.query(sql, &[Value::Int(PLACE)], |row| {
            taken = row.int(0)? == 1;
            Ok(())
        })?;
        Ok(taken)
    }

    /// Lets the lock go, whatever the session was doing.
    pub(crate) fn leave(&self) -> Result<(), Trouble> {
        let leaving = self.client.batch_execute("ROLLBACK; SELECT pg_advisory_unlock_all()");
        // A server that does not answer finds out by itself.
        self.wait(LEAVING, leaving)
    }

    /// Whether nothing is known of its end.
    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    async fn pipeline(&self, statement: &Statement, rows: Vec<Vec<Bound<'_>>>) -> Result<u64, Error> {
        let slices: Vec<_> = rows.iter().map(|row| slice(row)).collect();
        let mut sent = Vec::with_capacity(slices.len());
        for row in &slices {
            let mut answer = Box::pin(self.client.execute(statement, row));
            // A statement is sent when it is first looked at, so that this keeps the order of the rows.
            let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
            sent.push((answer, first));
        }
        let mut changed = 0;
        for (answer, first) in sent {
            changed += match first {
                Poll::Ready(result) => result?,
                Poll::Pending => answer.await?,
            };
        }
        Ok(changed)
    }

    fn statement(&self, sql: &'static str) -> Result<Statement, Trouble> {
        let address = (sql.as_ptr().addr(), sql.len());
        if let Some(statement) = self.prepared.borrow().get(&address) {
            return Ok(statement.clone());
        }
        let statement = self.wait(ANSWER, self.client.prepare(sql))?;
        self.prepared.borrow_mut().insert(address, statement.clone());
        Ok(statement)
    }

    /// Waits for an answer, and no longer than `limit`.
    fn wait<T>(&self, limit: Duration, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
        let lost = |reason: &str| Trouble::Statement { reason: reason.to_owned(), after: After::Again };
        let runtime = self.runtime.as_ref().ok_or_else(|| lost("the connection is closed"))?;
        match runtime.block_on(async { timeout(limit, answer).await }) {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(lost("the server does not answer")),
        }
    }
}

impl Drop for Connection {
    /// Waits for nothing: the last handle of a store may be dropped on a thread that must not block.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn slice<'a>(bound: &'a [Bound<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    bound.iter().map(|value| value as _).collect()
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(refused) => Self::Statement { reason: words(refused), after: after(refused) },
            None => Self::Statement { reason: why(&error), after: After::Again },
        }
    }
}

/// What the server said, without its details: they hold values. So do its words about a value it cannot read.
fn words(refused: &DbError) -> String {
    match refused.code().code() {
        code if code.starts_with("22") => format!("a value that cannot be used (SQLSTATE {code})"),
        _ => refused.message().to_owned(),
    }
}

/// An error and what is behind it.
fn why(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(refused), _) => words(refused),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

fn after(refused: &DbError) -> After {
    let code = refused.code();
    let ended = matches!(refused.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    if ended || *code == SqlState::LOCK_NOT_AVAILABLE || code.code().starts_with("40") {
        return After::Again;
    }
    match code.code().get(..2) {
        // No connection, no transaction, no room, stopped by an operator, a fault of the system or of the server.
        Some("08" | "25" | "53" | "57" | "58" | "F0" | "XX") => After::Nothing,
        _ => After::Savepoint,
    }
}
