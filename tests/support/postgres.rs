//! PostgreSQL clusters of the tests' own, made from the programs that are installed on this machine.

use std::{
    fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Where Debian puts each version's programs.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Whoever connects as `postgres` is let in, for the tests' own look; everybody else shows a password.
const ENTRY: &str = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

/// Only the loopback address, no socket in the file system. Several tests share a cluster, so it lets many in. What
/// crashes are shown with is what users get: fsync stays on.
const SETTINGS: &str =
    "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 400\n";

/// What ends a cluster: it reads until the pipe of the test process closes, which happens however that process ends.
const WATCH: &str =
    r#"cat >/dev/null; "$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2""#;

/// A cluster. It ends with its value, and with the test process at the latest, also when that is killed.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    watch: Child,
}

impl Postgres {
    /// The cluster that the tests of this process share, started when the first of them asks; or why there is none.
    ///
    /// # Errors
    /// What is missing, in one line.
    pub fn get() -> Result<&'static Self, String> {
        static SHARED: LazyLock<Result<Postgres, String>> = LazyLock::new(Postgres::start);
        SHARED.as_ref().map_err(Clone::clone)
    }

    /// A cluster for one test, which may kill it.
    ///
    /// # Errors
    /// What is missing, in one line.
    pub fn start() -> Result<Self, String> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("canbao-postgres-").tempdir().map_err(said)?.keep();
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let mut watch = owner("sh");
        watch.args(["-c", WATCH, "sh"]).args([&programs, &folder]);
        let watch = watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut cluster = Self { programs, folder, port: 5432, watch: watch.map_err(said)? };
        let data = cluster.folder.join("data");
        let make = ["--encoding=UTF8", "--locale=C", "--username=postgres", "--auth=trust"];
        done(cluster.program("initdb").args(make).arg("-D").arg(&data))?;
        fs::write(data.join("pg_hba.conf"), ENTRY).map_err(said)?;
        // Another process may take the port before the server does.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").map_err(said)?;
            cluster.port = listener.local_addr().map_err(said)?.port();
            drop(listener);
            let settings = format!("{SETTINGS}port = {}\n", cluster.port);
            fs::write(data.join("postgresql.conf"), settings).map_err(said)?;
            if cluster.serve().is_ok() {
                return Ok(cluster);
            }
        }
        Err(format!("the server does not start: {}", cluster.log()))
    }

    /// Makes a database that no other test has, and gives its name.
    pub fn database(&self) -> String {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let sql =
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        done(self.program("psql").args(["-X", "-q", "-c", &sql])).expect("a database");
        name
    }

    /// Where a database of the cluster is, for whoever may do everything there, without a password.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// One of PostgreSQL's programs, such as `psql` or `pg_dump`, with the cluster as its default place.
    pub fn program(&self, name: &str) -> Command {
        let mut command = owner(self.programs.join(name));
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string()).env("PGUSER", "postgres");
        command.stdin(Stdio::null()).current_dir("/");
        command
    }

    /// Ends the server without a checkpoint and without asking anybody, as a crash would.
    pub fn kill(&self) {
        let stop = ["-m", "immediate", "-w", "stop", "-D"];
        done(self.program("pg_ctl").args(stop).arg(self.folder.join("data"))).expect("the server ends");
    }

    /// Starts the server again on the same port; it recovers what was committed.
    pub fn serve(&self) -> Result<(), String> {
        let mut start = self.program("pg_ctl");
        start.args(["-w", "start", "-D"]).arg(self.folder.join("data"));
        start.arg("-l").arg(self.folder.join("log"));
        // The server would keep the ends of a pipe.
        let started = start.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(said)?;
        started.success().then_some(()).ok_or_else(|| self.log())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        drop(self.watch.wait());
    }
}

/// The newest version's programs.
fn programs() -> Result<PathBuf, String> {
    let versions = fs::read_dir(VERSIONS).map_err(|error| format!("{VERSIONS}: {error}"))?;
    let found = versions.filter_map(Result::ok).map(|version| version.path().join("bin"));
    let newest =
        found.filter(|programs| programs.join("initdb").exists()).max_by_key(|programs| version(programs));
    newest.ok_or_else(|| format!("no server in {VERSIONS}"))
}

fn version(programs: &Path) -> u32 {
    let name = programs.parent().and_then(Path::file_name).unwrap_or_default();
    name.to_string_lossy().parse().unwrap_or_default()
}

/// A program in a session of its own, so that what ends the tests does not end what cleans up after them; as
/// `postgres` where we are root, since a server refuses to run as root.
fn owner(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setsid");
    command.arg("--wait");
    if is_root() {
        command.args(["runuser", "-u", "postgres", "--"]);
    }
    command.arg(program);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of this process's own entry.
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn done(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(said)?;
    let wrong =
        || format!("{}: {}", command.get_program().display(), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(output) } else { Err(wrong()) }
}

fn said(error: io::Error) -> String {
    error.to_string()
}
