//! Opening a store: its folder, its lock, its shape.

use crate::Store;
use crate::error::OpenError;
use crate::migration::{self, Migration, OWN};
use crate::queue::Queue;
use crate::readers::Readers;
use crate::sqlite::LEAST;
use crate::unit::Unit;
use crate::view::View;
use crate::writer::Writer;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::sync::watch;

/// Tells microseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a store is opened with.
#[derive(Clone)]
pub struct Options {
    /// Where its files are. Made if it is not there; in any case closed to everyone but its owner (0700).
    pub folder: PathBuf,
    /// The department's name, such as `collection`: its files are `collection.sqlite` and `collection.lock`.
    pub name: String,
    /// All the department's migrations, with rising numbers.
    pub migrations: &'static [Migration],
    /// The clock that recorded instants come from.
    pub clock: Clock,
    /// The bound of the queue: items that are waiting for their answer. A larger job is let in when it is alone.
    pub queue_items: usize,
}

impl Store {
    /// Opens a store for this process alone, and brings its database to the shape that this program knows.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing stays held; migrations applied before one that failed stay applied.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let Options { folder, name, migrations, clock, queue_items } = options;
        if rusqlite::version_number() < LEAST.0 {
            return Err(OpenError::Engine { found: rusqlite::version(), least: LEAST.1 });
        }
        own(&folder).map_err(|error| folder_error(&folder, &error))?;
        let lock = Lock::take(folder.join(format!("{name}.lock")))?;
        let file = folder.join(format!("{name}.sqlite"));
        let view = View::writer(&file)?;
        migration::apply(&view, "store", OWN, clock())?;
        migration::apply(&view, &name, migrations, clock())?;
        let unit = Unit::take(view, Arc::clone(&clock))?;

        let name = Arc::<str>::from(name);
        let readers = Arc::new(Readers::new(file.clone()));
        let (sender, jobs) = mpsc::channel();
        let (heads, followed) = watch::channel(unit.position());
        let (cursors, read) = watch::channel(unit.cursors()?);
        let writer = Writer {
            name: Arc::clone(&name),
            file,
            clock,
            jobs,
            readers: Arc::clone(&readers),
            unit: Some(unit),
            _lock: lock,
            cursors,
            heads,
        };
        let thread = thread::Builder::new().name(format!("{name}-writer")).spawn(move || writer.run());
        let thread = thread.map_err(|error| OpenError::Thread { reason: error.to_string() })?;
        let queue = Arc::new(Queue::new(sender, queue_items, thread));
        Ok(Self { name, queue, readers, heads: followed, cursors: read })
    }
}

/// Personal data lies in the folder: only its owner may look into it.
fn own(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mode = fs::metadata(folder)?.permissions().mode() & 0o777;
    if mode != 0o700 {
        tracing::warn!(folder = %folder.display(), mode = %format_args!("{mode:o}"), "folder was open to others; closed");
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The lock file, locked. The lock is the operating system's, so that a process that was killed holds nothing.
pub(crate) struct Lock(File);

impl Lock {
    fn take(path: PathBuf) -> Result<Self, OpenError> {
        let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| folder_error(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Held { file: path }),
            Err(TryLockError::Error(error)) => Err(folder_error(&path, &error)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child process that is just being started has a copy of it for a moment,
    /// and with that the lock.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the lock file is released only when this process ends");
        }
    }
}

fn folder_error(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Folder { path: path.to_owned(), reason: error.to_string() }
}
