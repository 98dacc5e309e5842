//! A unit of work: what a job does, all of it or nothing.

use crate::error::StoreError;
use crate::log::Head;
use crate::open::Clock;
use crate::params;
use crate::value::Value;
use crate::view::View;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The writer's side of the database while a job runs: queries as of a [`View`], and changes.
pub struct Unit {
    view: View,
    clock: Clock,
    /// The place of this writer. Whoever opens the database takes the next one, and commits of this end.
    epoch: i64,
    /// When the group began.
    recorded_at: i64,
    /// The end of the log as the jobs of the group left it, and as the last commit did.
    head: Head,
    committed: Head,
    /// The cursors that the jobs of the group moved, in their order.
    advanced: Vec<(String, u64)>,
}

/// Opens, keeps and undoes a savepoint. A job's has a name of its own: a job that panicked in the midst of an
/// item is rolled back past it.
struct Savepoint {
    open: &'static str,
    keep: &'static str,
    undo: &'static str,
}

const JOB: Savepoint =
    Savepoint { open: "SAVEPOINT job", keep: "RELEASE SAVEPOINT job", undo: "ROLLBACK TO SAVEPOINT job" };
const ITEM: Savepoint =
    Savepoint { open: "SAVEPOINT item", keep: "RELEASE SAVEPOINT item", undo: "ROLLBACK TO SAVEPOINT item" };

impl Unit {
    /// Runs a statement that answers no rows; how many rows it changed.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the engine refuses it, which spoils the savepoint.
    pub fn execute<'v>(
        &mut self,
        sql: &'static str,
        params: impl AsRef<[Value<'v>]>,
    ) -> Result<u64, StoreError> {
        self.view.run(sql, params)
    }

    /// Runs a statement for each row of parameters; how many rows all of them changed. Rows sorted by their key
    /// are several times faster than rows in random order.
    ///
    /// # Errors
    /// As [`Unit::execute`].
    pub fn execute_many<'v, R: AsRef<[Value<'v>]>>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, StoreError> {
        self.view.run_many(sql, rows)
    }

    /// Runs one item of a batch in a savepoint of its own: when `f` fails, its rows, its part of the log and its
    /// cursors are rolled back and the items beside it stay.
    ///
    /// # Errors
    /// Whatever `f` fails with; [`StoreError::Spoiled`] when `f` overlooked a statement that failed.
    pub fn item<T, E>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.savepoint(&ITEM, f)
    }

    /// The head of the log as this job sees it, with what it has told.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.head.position
    }

    /// The server's instant for what this unit writes: microseconds since 1970 UTC, one for all of a group. It
    /// records and decides nothing; order is by log position.
    #[must_use]
    pub fn recorded_at(&self) -> i64 {
        self.recorded_at
    }

    /// Takes the writer's place: from here on no other writer's commit succeeds. A rival that has sealed its group is
    /// waited for, and what it commits is read here. This commit also settles the fate of one that failed before
    /// it, whose pages a crash could otherwise bring back.
    pub(crate) fn take(view: &View) -> Result<(i64, Head), StoreError> {
        view.begin()?;
        view.run(
            "INSERT INTO store_head (id, epoch, position, chain) VALUES (1, 0, 0, $1) ON CONFLICT DO NOTHING",
            params![&Head::default().chain],
        )?;
        view.run("UPDATE store_head SET epoch = epoch + 1", [])?;
        let epoch = view.query_one("SELECT epoch FROM store_head", [], |row| row.int(0))?;
        let head = view.head()?;
        view.run("COMMIT", [])?;
        Ok((epoch.unwrap_or_default(), head))
    }

    /// The holder of a place that was taken.
    pub(crate) fn new(view: View, clock: Clock, (epoch, head): (i64, Head)) -> Self {
        Self { view, clock, epoch, recorded_at: 0, head, committed: head, advanced: Vec::new() }
    }

    /// Begins the transaction of a group.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        self.recorded_at = (self.clock)();
        self.head = self.committed;
        self.advanced.clear();
        self.view.begin()
    }

    /// Runs a job of the group in its savepoint.
    pub(crate) fn job<T, E>(&mut self, job: impl Fn(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.savepoint(&JOB, |unit| {
            // Whatever a panic leaves half done in the unit is rolled back with the savepoint.
            let result = catch_unwind(AssertUnwindSafe(|| job(unit)));
            result.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
        })
    }

    /// Writes down where the log ends, as the holder of the writer's place. Where others may take that place it is
    /// written in every group, so that whoever lost it commits nothing at all.
    pub(crate) fn seal(&mut self) -> Result<(), StoreError> {
        if self.head == self.committed && !self.view.is_shared() {
            return Ok(());
        }
        let sql = "UPDATE store_head SET position = $1, chain = $2 WHERE epoch = $3";
        match self.view.run(sql, params![self.head.position, &self.head.chain, self.epoch])? {
            1 => Ok(()),
            _ => Err(StoreError::Aborted),
        }
    }

    /// Ends the transaction of a group and returns the cursors it moved.
    pub(crate) fn commit(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        self.view.run("COMMIT", [])?;
        self.committed = self.head;
        Ok(std::mem::take(&mut self.advanced))
    }

    /// What the unit works on, when it works no more.
    pub(crate) fn into_view(self) -> View {
        self.view
    }

    pub(crate) fn log_head(&self) -> Head {
        self.head
    }

    pub(crate) fn set_log_head(&mut self, head: Head) {
        self.head = head;
    }

    pub(crate) fn advanced(&mut self, log: &str, to: u64) {
        self.advanced.push((log.to_owned(), to));
    }

    fn savepoint<T, E>(
        &mut self,
        savepoint: &Savepoint,
        f: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let (head, advanced) = (self.head, self.advanced.len());
        self.view.run(savepoint.open, [])?;
        let result = f(self).and_then(|value| Ok(self.view.sound().map(|()| value)?));
        if result.is_err() {
            self.view.undo(savepoint.undo)?;
            self.head = head;
            self.advanced.truncate(advanced);
        }
        self.view.run(savepoint.keep, [])?;
        result
    }
}

impl Deref for Unit {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}
