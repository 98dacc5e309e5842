//! Read-only connections, kept for the next reader.

use crate::engine::Engine;
use crate::error::{OpenError, StoreError};
use crate::view::View;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Pages read at once; more would only take the processors from the requests. On a server this is the bound of all
/// reads, and so of connections.
const PAGES: usize = 8;

/// As many connections as there were readers at once: the threads that serve requests, and [`PAGES`].
pub(crate) struct Readers {
    engine: Arc<Engine>,
    idle: Mutex<Idle>,
    /// How often the writer has connected. A connection from before is not kept: it may lead to another server.
    age: AtomicU64,
    pages: Semaphore,
}

/// Connections that nobody uses.
enum Idle {
    /// The database has not the shape that this program knows.
    Refused,
    Kept(Vec<View>),
    /// The store is closed.
    Closed,
}

impl Readers {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine, idle: Mutex::new(Idle::Refused), age: AtomicU64::new(0), pages: Semaphore::new(PAGES) }
    }

    /// Whether a read is a journey, and so not for a thread that serves others.
    pub(crate) fn are_remote(&self) -> bool {
        self.engine.is_remote()
    }

    /// Reads one state of the database. A connection on which anything went wrong is not kept.
    pub(crate) fn read<T, E>(&self, f: impl FnOnce(&View) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let age = self.age.load(Ordering::SeqCst);
        let view = self.begun()?;
        let value = f(&view);
        let sound = view.sound();
        if let Some(loss) = view.loss() {
            tracing::warn!(reason = %loss.reason, "a reader lost its connection");
        } else if sound.is_ok() && view.undo("ROLLBACK").is_ok() {
            self.keep(view, age);
        }
        value.and_then(|value| Ok(sound.map(|()| value)?))
    }

    /// Reads on a thread that may block.
    pub(crate) async fn page<T, E, F>(readers: &Arc<Self>, f: F) -> Result<T, E>
    where
        F: FnOnce(&View) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _place = readers.pages.acquire().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(readers);
        match tokio::task::spawn_blocking(move || readers.read(f)).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(StoreError::Panicked.into()),
            Err(_) => Err(StoreError::Closed.into()),
        }
    }

    /// Lets readers in: the database has the shape that this program knows.
    pub(crate) fn admit(&self) {
        let mut idle = self.idle();
        if let Idle::Refused = *idle {
            *idle = Idle::Kept(Vec::new());
        }
    }

    /// Lets nobody in until it has.
    pub(crate) fn refuse(&self) {
        let mut idle = self.idle();
        if let Idle::Kept(_) = *idle {
            *idle = Idle::Refused;
        }
    }

    /// Lets go of connections that were made before the writer's.
    pub(crate) fn renew(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
        if let Idle::Kept(views) = &mut *self.idle() {
            views.clear();
        }
    }

    /// Refuses readers from now on, and lets the connections go.
    pub(crate) fn close(&self) {
        self.pages.close();
        *self.idle() = Idle::Closed;
    }

    /// A connection in a transaction of its own. One that was kept may have died meanwhile, and then so have those
    /// that were kept with it.
    fn begun(&self) -> Result<View, StoreError> {
        let kept = match &mut *self.idle() {
            Idle::Refused => return Err(StoreError::Standby),
            Idle::Closed => return Err(StoreError::Closed),
            Idle::Kept(views) => views.pop(),
        };
        if let Some(view) = kept {
            if view.begin_reading().is_ok() {
                return Ok(view);
            }
            if let Idle::Kept(views) = &mut *self.idle() {
                views.clear();
            }
        }
        let view = View::new(self.engine.reader().map_err(away)?);
        view.begin_reading()?;
        Ok(view)
    }

    fn keep(&self, view: View, age: u64) {
        if let Idle::Kept(views) = &mut *self.idle()
            && self.age.load(Ordering::SeqCst) == age
        {
            views.push(view);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing in here can panic halfway through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn away(error: OpenError) -> StoreError {
    match error {
        OpenError::Database { reason } => reason,
        error => {
            tracing::warn!(%error, "a reader has no connection");
            StoreError::Aborted
        }
    }
}
