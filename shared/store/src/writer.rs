//! The writer: one thread that owns the connection and commits what is queued, a group at a time.

use crate::cursor::Cursors;
use crate::error::{OpenError, StoreError};
use crate::group::{Fate, Group, Role};
use crate::holder::{Committed, Held, Holder};
use crate::open::GroupWatch;
use crate::queue::Job;
use crate::unit::Unit;
use crate::view::Loss;
use std::mem;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A group closes at this many items …
const GROUP_ITEMS: usize = 1_024;

/// … or after this many microseconds of work, so that its first job does not wait long for its last. There is no
/// timer: a group is what has queued up while the one before it was committed. When the clock jumps, a group
/// is cut short or goes on to its bound of items; neither harms.
const GROUP_WORK: i64 = 5_000;

/// How often a database that others may write is looked at: whether the place is free, or still ours.
const LOOK: Duration = Duration::from_millis(250);

/// How often a group is run when its transaction is lost by no fault of its own, …
const ATTEMPTS: usize = 4;

/// … and for how long a database that has gone away is waited for meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the writer thread owns. Fields are dropped in this order: who follows the heads or the cursors sees them
/// end when nothing of the store is held any more.
pub(crate) struct Writer {
    held: Held,
    holder: Holder,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    watch: Option<GroupWatch>,
    /// When the database is to be looked at next.
    look: Instant,
    /// Why the database was away when it was last looked for; said once.
    complaint: Option<OpenError>,
    roles: watch::Sender<Role>,
    cursors: watch::Sender<Cursors>,
    heads: watch::Sender<u64>,
}

/// What a store follows its writer by.
pub(crate) struct Opened {
    pub(crate) heads: watch::Receiver<u64>,
    pub(crate) cursors: watch::Receiver<Cursors>,
    pub(crate) roles: watch::Receiver<Role>,
}

/// How a group went, once.
struct Run {
    work: Duration,
    commit: Duration,
    outcome: Result<Vec<(String, u64)>, (Fate, Loss)>,
}

impl Writer {
    /// Opens the database, says so, and serves the queue until it ends.
    pub(crate) fn serve(
        holder: Holder,
        jobs: mpsc::Receiver<Box<dyn Job>>,
        watch: Option<GroupWatch>,
        opener: &mpsc::SyncSender<Result<Opened, OpenError>>,
    ) {
        let (held, Committed { position, cursors }) = match holder.come(false) {
            Ok(came) => came,
            Err(error) => {
                // Released before it is said, so that whoever hears of it may try again.
                drop(holder);
                drop(opener.send(Err(error)));
                return;
            }
        };
        let (heads, followed) = watch::channel(position);
        let (cursors, read) = watch::channel(cursors);
        let (roles, role) = watch::channel(held.role());
        let look = Instant::now() + LOOK;
        let opened = Opened { heads: followed, cursors: read, roles: role };
        let writer = Self { held, holder, jobs, watch, look, complaint: None, roles, cursors, heads };
        drop(opener.send(Ok(opened)));
        writer.run();
    }

    fn run(mut self) {
        loop {
            match self.next() {
                Ok(first) => self.group(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.may_change() && Instant::now() >= self.look {
                self.look();
            }
        }
        self.holder.readers.close();
        if let Err(error) = mem::replace(&mut self.held, Held::Nothing).close() {
            tracing::warn!(store = %self.holder.name, %error, "closed without leaving the database tidy");
        }
    }

    /// The next job; or none in time, when there is something to look after meanwhile.
    fn next(&self) -> Result<Box<dyn Job>, RecvTimeoutError> {
        if self.may_change() {
            self.jobs.recv_timeout(self.look.saturating_duration_since(Instant::now()))
        } else {
            self.jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        }
    }

    /// Whether what is held can come or go by itself.
    fn may_change(&self) -> bool {
        self.holder.engine.is_remote() || matches!(self.held, Held::Nothing)
    }

    /// Runs, commits and answers one group. When its transaction is lost by no fault of its own, it is run again.
    fn group(&mut self, first: Box<dyn Job>) {
        let mut jobs = vec![first];
        let until = Instant::now() + PATIENCE;
        let (mut work, mut commit, mut attempt) = (Duration::ZERO, Duration::ZERO, 1);
        if matches!(self.held, Held::Nothing) && Instant::now() >= self.look {
            self.look();
        }
        let fate = loop {
            let mut unit = match mem::replace(&mut self.held, Held::Nothing) {
                Held::Writer(unit) => unit,
                other => {
                    let fate = if matches!(other, Held::Standby(_)) { Fate::Standby } else { Fate::Aborted };
                    self.held = other;
                    break fate;
                }
            };
            let run = self.attempt(&mut unit, &mut jobs);
            (work, commit) = (run.work, run.commit);
            let position = unit.position();
            self.held = Held::Writer(unit);
            let (fate, loss) = match run.outcome {
                Ok(advanced) => {
                    self.publish(position, advanced);
                    break Fate::Committed;
                }
                Err(lost) => lost,
            };
            let again = loss.again && fate == Fate::Aborted && attempt < ATTEMPTS;
            tracing::error!(
                store = %self.holder.name, jobs = jobs.len(), reason = %loss.reason, ?fate, again, "a group failed"
            );
            attempt += 1;
            self.come_back(if again { until } else { Instant::now() });
            if !again {
                break fate;
            }
        };
        let items = jobs.iter().map(|job| job.items()).sum();
        if let Some(watch) = &self.watch {
            watch(&Group { jobs: jobs.len(), items, work, commit, fate });
        }
        for job in jobs {
            job.answer(fate);
        }
    }

    fn attempt(&self, unit: &mut Unit, jobs: &mut Vec<Box<dyn Job>>) -> Run {
        let began = Instant::now();
        let sealed = self.work(unit, jobs);
        let work = began.elapsed();
        let committing = Instant::now();
        match sealed {
            Err(loss) => Run { work, commit: Duration::ZERO, outcome: Err((Fate::Aborted, loss)) },
            Ok(()) => {
                let outcome = unit.commit().map_err(|error| {
                    let reason = unit.loss().map_or_else(|| error.to_string(), |loss| loss.reason);
                    (Fate::Unknown, Loss { reason, again: false })
                });
                Run { work, commit: committing.elapsed(), outcome }
            }
        }
    }

    /// Runs the jobs that were taken and those queued behind them, up to the COMMIT. All that were run are in `jobs`,
    /// whatever came of them.
    fn work(&self, unit: &mut Unit, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Loss> {
        let lost = |unit: &Unit, error: StoreError| {
            unit.loss().unwrap_or(Loss { reason: error.to_string(), again: error == StoreError::Aborted })
        };
        unit.begin().map_err(|error| lost(unit, error))?;
        let (mut next, mut items) = (0, 0);
        while let Some(job) = jobs.get_mut(next) {
            items += job.items();
            job.run(unit);
            if let Some(loss) = unit.loss() {
                return Err(loss);
            }
            next += 1;
            let full = items >= GROUP_ITEMS
                || (self.holder.clock)().saturating_sub(unit.recorded_at()) >= GROUP_WORK;
            if next == jobs.len() && !full {
                jobs.extend(self.jobs.try_recv());
            }
        }
        unit.seal().map_err(|error| lost(unit, error))
    }

    /// Lets go of a connection that is not to be trusted, and comes back on another, at the latest when `until` has
    /// passed.
    fn come_back(&mut self, until: Instant) {
        mem::replace(&mut self.held, Held::Nothing).abandon();
        loop {
            let came = self.holder.come(true);
            self.hold(came.map(|(held, committed)| (held, Some(committed))));
            if !matches!(self.held, Held::Nothing) || Instant::now() >= until {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Finds out whether what is held is still held, and whether there is more to be had.
    fn look(&mut self) {
        let held = mem::replace(&mut self.held, Held::Nothing);
        let looked = self.holder.look(held);
        self.hold(looked);
    }

    fn hold(&mut self, came: Result<(Held, Option<Committed>), OpenError>) {
        match came {
            Ok((held, committed)) => {
                self.held = held;
                self.complaint = None;
                if let Some(Committed { position, cursors }) = committed {
                    self.publish(position, cursors);
                }
            }
            Err(error) if self.complaint.as_ref() == Some(&error) => {}
            Err(error) => {
                tracing::error!(store = %self.holder.name, %error, "the database is away");
                self.complaint = Some(error);
            }
        }
        self.look = Instant::now() + LOOK;
        let role = self.held.role();
        let changed = self.roles.send_if_modified(|known| mem::replace(known, role) != role);
        if changed {
            tracing::info!(store = %self.holder.name, ?role, "what this process is to its database has changed");
        }
    }

    fn publish(&self, position: u64, advanced: impl IntoIterator<Item = (String, u64)>) {
        self.heads.send_if_modified(|head| mem::replace(head, position) != position);
        self.cursors.send_if_modified(|cursors| {
            let mut moved = false;
            for (log, to) in advanced {
                moved |= cursors.insert(log, to) != Some(to);
            }
            moved
        });
    }
}
