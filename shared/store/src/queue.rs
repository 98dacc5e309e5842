//! The bounded queue of jobs that wait for the writer.

use crate::Told;
use crate::error::StoreError;
use crate::group::Fate;
use crate::unit::Unit;
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::thread::{self, JoinHandle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Span;

/// Where jobs are put. Dropping it lets the writer finish what is queued, and waits for that unless it was ended before.
pub(crate) struct Queue {
    /// None once the queue has ended; then the writer finds its end of the channel closed behind the last job.
    jobs: RwLock<Option<mpsc::Sender<Box<dyn Job>>>>,
    /// Room for items that are not answered yet.
    room: Arc<Semaphore>,
    items: usize,
    writer: Option<JoinHandle<()>>,
}

/// A job of any type: run in a group, then answered when the fate of the group is known.
pub(crate) trait Job: Send {
    fn items(&self) -> usize;
    fn run(&mut self, unit: &mut Unit);
    fn answer(self: Box<Self>, fate: Fate);
}

/// A job with the place for its result, and the one who waits for it.
struct Queued<T, E, F> {
    items: usize,
    job: F,
    result: Option<Result<Told<T>, E>>,
    asker: oneshot::Sender<Result<Told<T>, E>>,
    room: OwnedSemaphorePermit,
    /// What the request was doing when it queued the job, so that the work is seen as part of it.
    span: Span,
}

impl Queue {
    /// A queue of at most `items` unanswered items before a writer thread.
    pub(crate) fn new(jobs: mpsc::Sender<Box<dyn Job>>, items: usize, writer: JoinHandle<()>) -> Self {
        let items = items.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let room = Arc::new(Semaphore::new(items));
        Self { jobs: RwLock::new(Some(jobs)), room, items, writer: Some(writer) }
    }

    /// Queues a job, if there is room for it. One larger than the queue takes all of it.
    pub(crate) fn put<T, E, F>(
        &self,
        items: usize,
        job: F,
    ) -> Result<oneshot::Receiver<Result<Told<T>, E>>, StoreError>
    where
        F: Fn(&mut Unit) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // Held while sending, so that nothing is sent once the queue has ended.
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(StoreError::Closed)?;
        let items = items.max(1);
        let room = Arc::clone(&self.room).try_acquire_many_owned(items.min(self.items) as u32);
        let room = room.map_err(|_| StoreError::Full)?;
        let (asker, answer) = oneshot::channel();
        let queued = Queued { items, job, result: None, asker, room, span: Span::current() };
        jobs.send(Box::new(queued)).map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    /// Items that are not answered yet.
    pub(crate) fn items(&self) -> usize {
        self.items.saturating_sub(self.room.available_permits())
    }

    /// Takes no more jobs; those that are queued are still done.
    pub(crate) fn end(&self) {
        self.jobs.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.jobs.get_mut().unwrap_or_else(PoisonError::into_inner).is_none() {
            // Whoever ended it has waited for the writer as long as it wanted to.
            return;
        }
        self.end();
        // A job may hold the last handle of its own store; the writer cannot wait for itself.
        if let Some(writer) = self.writer.take()
            && writer.thread().id() != thread::current().id()
        {
            // A writer that panicked has already said so.
            drop(writer.join());
        }
    }
}

impl<T, E, F> Job for Queued<T, E, F>
where
    F: Fn(&mut Unit) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn items(&self) -> usize {
        self.items
    }

    fn run(&mut self, unit: &mut Unit) {
        let result = self.span.in_scope(|| unit.job(&self.job));
        self.result = Some(result.map(|value| Told { value, position: unit.position() }));
    }

    fn answer(self: Box<Self>, fate: Fate) {
        let Self { result, asker, room, .. } = *self;
        let answer = match (fate, result) {
            (Fate::Committed, Some(result)) => result,
            (Fate::Committed | Fate::Aborted, _) => Err(StoreError::Aborted.into()),
            (Fate::Standby, _) => Err(StoreError::Standby.into()),
            (Fate::Unknown, _) => Err(StoreError::Unknown.into()),
        };
        // Room first: whoever is answered may send the next at once.
        drop(room);
        // Nobody may be waiting any more; the work is done all the same.
        drop(asker.send(answer));
    }
}
