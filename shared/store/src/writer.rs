//! The writer: one thread that owns the connection and commits what is queued, a group at a time.

use crate::cursor::Cursors;
use crate::error::StoreError;
use crate::open::{Clock, Lock};
use crate::queue::{Fate, Job};
use crate::readers::Readers;
use crate::unit::Unit;
use crate::view::View;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use tokio::sync::watch;

/// A group closes at this many items …
const GROUP_ITEMS: usize = 1_024;

/// … or after this many microseconds of work, so that its first job does not wait long for its last. There is no
/// timer: a group is what has queued up while the one before it was committed. When the clock jumps, a group
/// is cut short or goes on to its bound of items; neither harms.
const GROUP_WORK: i64 = 5_000;

/// What the writer thread owns. Fields are dropped in this order: who follows the heads or the cursors sees them
/// end when nothing of the store is held any more.
pub(crate) struct Writer {
    pub(crate) name: Arc<str>,
    pub(crate) file: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) jobs: mpsc::Receiver<Box<dyn Job>>,
    pub(crate) readers: Arc<Readers>,
    /// None when the connection was dropped and could not be opened anew; the next group tries again.
    pub(crate) unit: Option<Unit>,
    /// Never read; held for as long as the thread runs.
    pub(crate) _lock: Lock,
    pub(crate) cursors: watch::Sender<Cursors>,
    pub(crate) heads: watch::Sender<u64>,
}

impl Writer {
    /// Serves the queue until it ends.
    pub(crate) fn run(mut self) {
        while let Ok(first) = self.jobs.recv() {
            self.group(first);
        }
        self.readers.close();
        if let Some(Err(error)) = self.unit.as_ref().map(Unit::checkpoint) {
            tracing::warn!(store = %self.name, %error, "closed without writing the log of the database back");
        }
    }

    /// Runs, commits and answers one group.
    fn group(&mut self, first: Box<dyn Job>) {
        let mut jobs = vec![first];
        let fate = match self.unit.take().or_else(|| self.reopen()) {
            None => Fate::Aborted,
            Some(mut unit) => match self.work(&mut unit, &mut jobs) {
                Ok(advanced) => {
                    self.publish(unit.position(), advanced);
                    self.unit = Some(unit);
                    Fate::Committed
                }
                Err((fate, reason)) => {
                    tracing::error!(store = %self.name, jobs = jobs.len(), %reason, ?fate, "a group failed");
                    drop(unit);
                    self.unit = self.reopen();
                    fate
                }
            },
        };
        for job in jobs {
            job.answer(fate);
        }
    }

    /// Runs the first job and those queued behind it, and commits them; the cursors they moved. All that were
    /// run are in `jobs`, whatever came of them.
    fn work(
        &self,
        unit: &mut Unit,
        jobs: &mut Vec<Box<dyn Job>>,
    ) -> Result<Vec<(String, u64)>, (Fate, String)> {
        let aborted = |error: StoreError| (Fate::Aborted, error.to_string());
        unit.begin().map_err(aborted)?;
        let mut items = 0;
        while let Some(job) = jobs.last_mut() {
            items += job.items();
            job.run(unit);
            if let Some(reason) = unit.loss() {
                return Err((Fate::Aborted, reason));
            }
            if items >= GROUP_ITEMS || (self.clock)().saturating_sub(unit.recorded_at()) >= GROUP_WORK {
                break;
            }
            match self.jobs.try_recv() {
                Ok(next) => jobs.push(next),
                Err(_) => break,
            }
        }
        unit.seal().map_err(aborted)?;
        unit.commit().map_err(|error| (Fate::Unknown, error.to_string()))
    }

    /// Opens the connection anew, and publishes what turns out to be committed.
    fn reopen(&self) -> Option<Unit> {
        let opened = View::writer(&self.file)
            .and_then(|view| Unit::take(view, Arc::clone(&self.clock)))
            .and_then(|unit| Ok((unit.cursors()?, unit)));
        match opened {
            Ok((cursors, unit)) => {
                self.publish(unit.position(), cursors);
                Some(unit)
            }
            Err(error) => {
                tracing::error!(store = %self.name, %error, "the database cannot be opened anew");
                None
            }
        }
    }

    fn publish(&self, position: u64, advanced: impl IntoIterator<Item = (String, u64)>) {
        self.heads.send_if_modified(|head| std::mem::replace(head, position) != position);
        self.cursors.send_if_modified(|cursors| {
            let mut moved = false;
            for (log, to) in advanced {
                moved |= cursors.insert(log, to) != Some(to);
            }
            moved
        });
    }
}
