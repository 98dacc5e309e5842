//! Databases, migrations, units of work, event log, cursors and request ids; knows no domain.
//!
//! A department has one [`Store`]: one database, written by one thread, read by many. The database is a SQLite file of
//! one process, or lies on a PostgreSQL server, where one process writes and others stand by ([`Place`]). What it
//! promises on either:
//!
//! - **A write is a unit of work.** [`Store::write`] queues a job; the writer thread runs it in a transaction
//!   that it shares with its neighbours in the queue, each in a savepoint of its own. A job that fails, or
//!   panics, is rolled back and leaves its neighbours whole.
//! - **Answered is durable.** No job of a group is answered before its COMMIT, refusals included, because a
//!   job sees the rows of its neighbours. If COMMIT fails, every answer of the group is
//!   [`StoreError::Unknown`]; if the transaction is lost before it, [`StoreError::Aborted`] and nothing has
//!   effect. Either way the connection is dropped and opened anew; a group that was lost by no fault of its own,
//!   such as with its connection, is first run again for a moment.
//! - **A job runs apart from the request that sent it.** Dropping the future of a write cancels nothing.
//! - **The queue is bounded.** A full queue says so at once, and nothing was started.
//! - **What a job tells is in the log exactly when its rows are.** Positions have no gaps and no disorder;
//!   each row is chained to the one before it, so that an altered row is found ([`Store::verify_log`]).
//! - **A reader's cursor moves in the unit that applies the event**, and only from where it stands.
//! - **A request id is remembered for ever**, with the digest of its content and the answer it got.
//!
//! # One writer
//!
//! On a server the writer's session holds an advisory lock: it says who may take the place, and goes with the
//! session. What nobody can get round is the epoch in the head of the log: whoever takes the place raises it, and every
//! group updates the head where the epoch is still its own, so that a writer that lost its place commits nothing. A
//! process that finds the lock held stands by ([`Role::Standby`]): it reads, follows heads and cursors, and tries the
//! lock four times a second. A writer that is stopped or cut off is ended by the server within a quarter of a minute. A
//! lock of a session needs a session: connection poolers that share sessions out by the transaction cannot stand between.
//!
//! # Jobs
//!
//! A job may run again, so it makes no id, reads no clock and sends nothing; it takes the recorded instant from
//! [`Unit::recorded_at`].
//!
//! # SQL
//!
//! One text serves two engines, so statements keep to what both understand: parameters `$1`, `$2` … (`$` stands
//! for nothing else); null, 64-bit integers, text and bytes; BIGINT, TEXT and BYTEA columns; booleans 0 and 1;
//! `CAST(SUM(x) AS BIGINT)`; `NULLS LAST` written out; `ON CONFLICT DO NOTHING` and a look at the count instead of
//! an error caught. A statement that fails spoils its savepoint on both engines: nothing but rolling it back
//! follows. Names of tables that begin with `store_` belong to this crate.

mod cursor;
mod engine;
mod error;
mod folder;
mod group;
mod holder;
mod log;
mod mark;
mod migration;
mod open;
mod postgres;
mod queue;
mod readers;
mod request;
mod row;
mod sqlite;
mod unit;
mod value;
mod view;
mod writer;

pub use cursor::Cursors;
pub use error::{OpenError, StoreError};
pub use group::{Fate, Group, Role};
pub use log::{Event, LogPage, LogRow};
pub use migration::Migration;
pub use open::{Clock, GroupWatch, Options, Place, PostgresPlace};
pub use request::Seen;
pub use row::Row;
pub use unit::Unit;
pub use value::Value;
pub use view::View;

use queue::Queue;
use readers::Readers;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// A department's database. Cloning is cheap; every clone is the same store.
///
/// When the last clone is dropped without [`Store::close`], what is queued is still finished and the lock
/// released, while the dropping thread waits.
#[derive(Clone)]
pub struct Store {
    name: Arc<str>,
    queue: Arc<Queue>,
    readers: Arc<Readers>,
    heads: watch::Receiver<u64>,
    cursors: watch::Receiver<Cursors>,
    roles: watch::Receiver<Role>,
}

/// What a unit of work came to, and how far the log had come when it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<T> {
    /// What the job returned.
    pub value: T,
    /// The head of the log as the job left it: whoever has read up to here knows what the job told.
    pub position: u64,
}

impl Store {
    /// Queues a unit of work and resolves when it is durable. It is queued by the call itself, in the order of
    /// the calls, and done even if the future is dropped.
    ///
    /// `items` is the job's size for the bound of the queue and of the group: the items of a batch, else 1.
    ///
    /// # Errors
    /// Whatever the job refuses with; [`StoreError::Full`] and [`StoreError::Closed`] when nothing was started;
    /// [`StoreError::Standby`], [`StoreError::Panicked`] and [`StoreError::Aborted`] when nothing has effect;
    /// [`StoreError::Unknown`].
    pub fn write<T, E, F>(
        &self,
        items: usize,
        job: F,
    ) -> impl Future<Output = Result<Told<T>, E>> + Send + use<T, E, F>
    where
        F: Fn(&mut Unit) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queued = self.queue.put(items, job);
        async move { queued?.await.unwrap_or_else(|_| Err(StoreError::Unknown.into())) }
    }

    /// Reads a few rows by their keys: on the calling thread where that takes microseconds, away from it where it is a
    /// journey to a server. All queries of `f` see one state of the database, which has every write answered before
    /// the call.
    ///
    /// # Errors
    /// Whatever `f` fails with; [`StoreError::Closed`] after [`Store::close`]; [`StoreError::Standby`] while the
    /// database has not the shape that this program knows, and [`StoreError::Aborted`] while it cannot be reached.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&View) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if self.readers.are_remote() { Readers::page(&self.readers, f).await } else { self.readers.read(f) }
    }

    /// Reads a page of a list, or anything else that takes longer than a look-up, away from the threads that
    /// serve requests. One call is one state of the database, so one page a call.
    ///
    /// # Errors
    /// As [`Store::read`]; [`StoreError::Panicked`] when `f` panics.
    pub async fn read_page<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&View) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        Readers::page(&self.readers, f).await
    }

    /// The last committed position of the log; 0 while it is empty.
    #[must_use]
    pub fn head(&self) -> u64 {
        *self.heads.borrow()
    }

    /// Follows [`Store::head`]: woken by commits that moved the log, ended when the store is closed.
    #[must_use]
    pub fn heads(&self) -> watch::Receiver<u64> {
        self.heads.clone()
    }

    /// Follows the committed cursors of the logs this department reads: woken by commits that advanced one,
    /// ended when the store is closed.
    #[must_use]
    pub fn cursors(&self) -> watch::Receiver<Cursors> {
        self.cursors.clone()
    }

    /// Whether this process writes to its database now.
    #[must_use]
    pub fn is_writer(&self) -> bool {
        *self.roles.borrow() == Role::Writer
    }

    /// Follows what this process is to its database, ended when the store is closed.
    #[must_use]
    pub fn roles(&self) -> watch::Receiver<Role> {
        self.roles.clone()
    }

    /// Items that wait for their answer, of at most [`Options::queue_items`].
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.items()
    }

    /// Drains: refuses new work, finishes what is queued, writes the log of the database back into its file and
    /// releases the lock, or the writer's place. Every clone is closed by it; reads are refused from then on. Who stops
    /// waiting for it, and drops the store, does not wait for the writer any more.
    pub async fn close(self) {
        self.queue.end();
        let mut heads = self.heads;
        // The writer drops its end of the channel last, after the lock.
        while heads.changed().await.is_ok() {}
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("name", &self.name).field("head", &self.head()).finish_non_exhaustive()
    }
}
