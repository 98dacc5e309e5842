//! Read-only connections, kept for the next reader.

use crate::error::StoreError;
use crate::view::View;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Pages read at once; more would only take the processors from the requests.
const PAGES: usize = 8;

/// As many connections as there were readers at once: the threads that serve requests, and [`PAGES`].
pub(crate) struct Readers {
    file: PathBuf,
    /// None once the store is closed.
    idle: Mutex<Option<Vec<View>>>,
    pages: Semaphore,
}

impl Readers {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, idle: Mutex::new(Some(Vec::new())), pages: Semaphore::new(PAGES) }
    }

    /// Reads one state of the database. A connection on which anything went wrong is not kept.
    pub(crate) fn read<T, E>(&self, f: impl FnOnce(&View) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let view = self.take()?;
        view.run("BEGIN", [])?;
        let value = f(&view);
        let sound = view.sound();
        if sound.is_ok() && view.undo("ROLLBACK").is_ok() {
            self.keep(view);
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

    /// Refuses readers from now on, and lets the connections go.
    pub(crate) fn close(&self) {
        self.pages.close();
        let idle = self.idle().take();
        drop(idle);
    }

    fn take(&self) -> Result<View, StoreError> {
        let kept = self.idle().as_mut().ok_or(StoreError::Closed)?.pop();
        kept.map_or_else(|| View::reader(&self.file), Ok)
    }

    fn keep(&self, view: View) {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(view);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<View>>> {
        // Nothing in here can panic halfway through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
