//! The server: how it is reached, and what it must be.

use super::{Connection, tls, why};
use crate::engine::Trouble;
use crate::error::OpenError;
use crate::open::PostgresPlace;
use std::time::Duration;
use tokio::runtime;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The first version that ends a session which is idle for too long.
const LEAST: (i64, &str) = (140_000, "14");

/// What holds for every session. Nobody waits long for a lock of somebody else, nobody holds one while doing
/// nothing, and a server finds out by itself that the process at the other end has gone.
const SESSION: &str = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s \
     -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 \
     -c client_connection_check_interval=1s -c client_min_messages=warning";

/// A writer looks after its place several times a second: one that has not for so long is stopped or cut off, and
/// another may take the place.
const WRITER: &str = "-c idle_session_timeout=5s";

/// How long the server is waited for until it has let a connection in, from the first byte to the last.
const ENTRY: Duration = Duration::from_secs(5);

/// A database on a server, and how to connect to it.
pub(crate) struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// What a place says, understood.
    pub(crate) fn new(place: &PostgresPlace, name: &str) -> Result<Self, OpenError> {
        let wrong = |reason: String| OpenError::Server { reason };
        // The reason alone: the text holds a password.
        let mut config: Config = place.url.parse().map_err(|error| wrong(why(&error)))?;
        if config.get_hosts().len() != 1 {
            return Err(wrong(
                "the URL names one host: of several, readers could reach another than the writer".into(),
            ));
        }
        if let Some(password) = &place.password {
            config.password(password);
        }
        let tls = place.authority.as_deref().map(tls::believing).transpose().map_err(wrong)?;
        match (&tls, config.get_ssl_mode()) {
            (Some(_), _) => config.ssl_mode(SslMode::Require),
            (None, SslMode::Require) => {
                return Err(wrong(
                    "TLS is required, and no authority is given to check its certificate".into(),
                ));
            }
            (None, _) => config.ssl_mode(SslMode::Disable),
        };
        config.application_name(format!("canbao {name}"));
        config.connect_timeout(Duration::from_secs(2));
        config.tcp_user_timeout(Duration::from_secs(10));
        config.keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2));
        config.keepalives_retries(3);
        Ok(Self { config, tls })
    }

    /// A connection that may hold the writer's place, to a server that was looked at.
    pub(crate) fn writer(&self) -> Result<Connection, OpenError> {
        let connection = self.connect(&format!("{SESSION} {WRITER}"))?;
        // A commit waits for the disk, whatever the database's own setting says.
        connection.script(
            "SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') <> 'remote_apply'",
        )?;
        if check(&connection)?.fsync != "on" {
            tracing::warn!("fsync is off at the database server: a crash there can lose what was answered");
        }
        Ok(connection)
    }

    /// A connection that cannot write, to a server that was looked at: a name may lead elsewhere than it did before.
    pub(crate) fn reader(&self) -> Result<Connection, OpenError> {
        let connection = self.connect(&format!("{SESSION} -c default_transaction_read_only=on"))?;
        check(&connection)?;
        Ok(connection)
    }

    fn connect(&self, options: &str) -> Result<Connection, OpenError> {
        let mut config = self.config.clone();
        let own = config.get_options().unwrap_or_default();
        config.options(format!("{own} {options}"));
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| OpenError::Thread { reason: error.to_string() })?;
        let entry = async {
            match self.tls.clone() {
                Some(tls) => config.connect(tls).await.map(driven),
                None => config.connect(NoTls).await.map(driven),
            }
        };
        let refused = |reason: String| OpenError::Server { reason };
        // Its own limit ends with the handshake of TCP.
        let client = runtime.block_on(async { timeout(ENTRY, entry).await });
        let client = client.map_err(|_| refused("it does not answer".to_owned()))?;
        let client = client.map_err(|error| refused(why(&error)))?;
        Ok(Connection::new(client, runtime))
    }
}

/// A client whose connection moves with its runtime. How that ends is told to whoever waits for an answer.
fn driven<C: Future + Send + 'static>((client, connection): (Client, C)) -> Client {
    tokio::spawn(async { drop(connection.await) });
    client
}

/// What a server says of itself and of the database.
struct Facts {
    number: i64,
    version: String,
    encoding: String,
    is_replica: bool,
    has_schema: bool,
    fsync: String,
}

/// Refuses a server that will not do. Texts compare by code point on the other engine, and must here, whatever the
/// collation is called.
fn check(connection: &Connection) -> Result<Facts, OpenError> {
    let refused = |reason: String| Err(OpenError::Server { reason });
    let mut said = None;
    let sql =
        "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_version'),
         current_setting('server_encoding'), CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END,
         CASE WHEN current_schema() IS NULL THEN 0 ELSE 1 END, current_setting('fsync')";
    connection.query(sql, &[], |row| {
        let (number, version, encoding) = (row.int(0)?, row.text(1)?, row.text(2)?);
        let (is_replica, has_schema, fsync) = (row.int(3)? == 1, row.int(4)? == 1, row.text(5)?);
        said = Some(Facts { number, version, encoding, is_replica, has_schema, fsync });
        Ok(())
    })?;
    let Some(facts) = said else {
        return refused("the server does not say what it is".into());
    };
    if facts.number < LEAST.0 {
        return refused(format!("PostgreSQL {} is too old; at least {} is needed", facts.version, LEAST.1));
    }
    if facts.encoding != "UTF8" {
        return refused(format!("the database is encoded in {}; UTF8 is needed", facts.encoding));
    }
    let mut by_code_point = 0;
    // Not asked together with the encoding: only UTF8 has these characters.
    connection.query("SELECT CASE WHEN 'B' < 'a' AND '丁' < '阿' THEN 1 ELSE 0 END", &[], |row| {
        by_code_point = row.int(0)?;
        Ok(())
    })?;
    if by_code_point != 1 {
        return refused("the database sorts by a language's rules; make it with LC_COLLATE 'C'".into());
    }
    if facts.is_replica {
        return refused("the server is a replica, which cannot be written".into());
    }
    if !facts.has_schema {
        return refused(
            "the role finds no schema of the database: check its search_path and privileges".into(),
        );
    }
    Ok(facts)
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Statement { reason, .. } => Self::Server { reason },
            Trouble::Row(error) => error.into(),
        }
    }
}
