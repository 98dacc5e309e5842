//! Opening a store: where its database is, and what it is opened with.

use crate::Store;
use crate::engine::Engine;
use crate::error::OpenError;
use crate::folder::{self, Lock};
use crate::group::Group;
use crate::holder::Holder;
use crate::migration::Migration;
use crate::postgres::Server;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::sqlite::LEAST;
use crate::writer::{Opened, Writer};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;

/// Tells microseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Is told of every group when it is over, on the writer's own thread: it is quick, and does not panic.
pub type GroupWatch = Arc<dyn Fn(&Group) + Send + Sync>;

/// Where a store's database is.
#[derive(Clone)]
pub enum Place {
    /// In a folder, as a SQLite database that is open in one process: `NAME.sqlite` and `NAME.lock`. The folder is
    /// made if it is not there; in any case it is closed to everyone but its owner (0700).
    Folder(PathBuf),
    /// On a PostgreSQL server, for one process that writes and others that stand by.
    Postgres(PostgresPlace),
}

/// A database on a PostgreSQL server. No other department has the same one, or the same schema of it.
#[derive(Clone)]
pub struct PostgresPlace {
    /// Where, on one host, and as whom: `postgres://ROLE@HOST:5432/NAME`.
    pub url: String,
    /// The role's password; it comes before one in the URL.
    pub password: Option<String>,
    /// The authority, in PEM, that the server's certificate must come from, for the host named in the URL. None: no
    /// TLS.
    pub authority: Option<Vec<u8>>,
}

/// What a store is opened with.
#[derive(Clone)]
pub struct Options {
    /// Where its database is.
    pub place: Place,
    /// The department's name, such as `collection`.
    pub name: String,
    /// All the department's migrations, with rising numbers.
    pub migrations: &'static [Migration],
    /// The clock that recorded instants come from.
    pub clock: Clock,
    /// The bound of the queue: items that are waiting for their answer. A larger job is let in when it is alone.
    pub queue_items: usize,
    /// Who is told of every group.
    pub watch: Option<GroupWatch>,
}

impl Store {
    /// Opens a store, and brings its database to the shape that this program knows. In a folder it is open for this
    /// process alone; on a server it stands by when another process writes.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing stays held; migrations applied before one that failed stay applied.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let Options { place, name, migrations, clock, queue_items, watch } = options;
        let (engine, lock) = match place {
            Place::Folder(folder) => {
                if rusqlite::version_number() < LEAST.0 {
                    return Err(OpenError::Engine { found: rusqlite::version(), least: LEAST.1 });
                }
                folder::own(&folder)?;
                let lock = Lock::take(folder.join(format!("{name}.lock")))?;
                (Engine::Sqlite(folder.join(format!("{name}.sqlite"))), Some(lock))
            }
            Place::Postgres(place) => (Engine::Postgres(Box::new(Server::new(&place, &name)?)), None),
        };
        let (name, engine) = (Arc::<str>::from(name), Arc::new(engine));
        let readers = Arc::new(Readers::new(Arc::clone(&engine)));
        let holder = Holder {
            name: Arc::clone(&name),
            engine,
            migrations,
            clock,
            readers: Arc::clone(&readers),
            _lock: lock,
        };
        let (sender, jobs) = mpsc::channel();
        let (opener, opened) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name(format!("{name}-writer"));
        // The database is opened by the thread that will use it: it may have to wait for a server, which this one,
        // if it serves others, must not.
        let thread = thread.spawn(move || Writer::serve(holder, jobs, watch, &opener));
        let thread = thread.map_err(|error| OpenError::Thread { reason: error.to_string() })?;
        let ended = |_| OpenError::Thread { reason: "it ended".to_owned() };
        let Opened { heads, cursors, roles } = opened.recv().map_err(ended)??;
        let queue = Arc::new(Queue::new(sender, queue_items, thread));
        Ok(Self { name, queue, readers, heads, cursors, roles })
    }
}
