//! Starting a department: its store, its place to listen, and one clear line when it cannot.

use std::{error::Error, ffi::OsStr, fs, io, path::Path, process::ExitCode, sync::Arc};

use canbao_store::{Migration, Options, Store};
use clap::Command;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Address, Certificates, DEPARTMENTS, Department, Installation, MetricsPage, SealingKey, Secrets, Server,
    Settings, arguments,
    place::{place, unopened},
    start_tracing, until_told,
};

/// Makes a department's server.
pub type MakeServer = fn(&Arc<Installation>) -> Result<Server, StartError>;

/// Why something did not start; shown as one line.
pub type StartError = Box<dyn Error + Send + Sync>;

/// How many items may wait for a department's writer.
const QUEUE_ITEMS: usize = 8_192;

impl Department {
    /// Opens a department's store, and what it holds on to.
    pub fn open(
        installation: &Arc<Installation>,
        (name, reads): (&'static str, &'static [&'static str]),
        migrations: &'static [Migration],
    ) -> Result<Self, StartError> {
        let Installation { settings, secrets, .. } = &**installation;
        let certificates =
            settings.certificates.as_deref().map(|folder| Certificates::of_service(folder, name));
        let certificates = certificates.transpose()?.map(Arc::new);
        let clock = settings.clock.clone();
        let ticking = clock.clone();
        let store = Store::open(Options {
            place: place(settings, name)?,
            name: name.to_owned(),
            migrations,
            clock: Arc::new(move || ticking.micros()),
            queue_items: QUEUE_ITEMS,
            watch: Some(installation.metrics.department(name).groups()),
        });
        let store = store.map_err(|error| unopened(settings, name, error))?;
        let role = if store.is_writer() { "writes" } else { "stands by: another process writes" };
        tracing::info!("{name} {role}");
        let marks = vec![(Secrets::SUITE_KEY, secrets.suite_key.fingerprint().to_vec())];
        let (secrets, installation) = (secrets.clone(), installation.clone());
        Ok(Self { name, reads, store, marks, clock, secrets, certificates, installation })
    }

    /// Its columns are sealed with this key; a database that was made with another one is refused.
    ///
    /// # Errors
    /// The fingerprint cannot be made.
    pub fn sealed_with(mut self, key: &SealingKey) -> Result<Self, StartError> {
        self.marks.push(("sealing key", key.fingerprint()?));
        Ok(self)
    }
}

/// The notices in a folder, by file name, with their text; none when no folder is set.
pub fn notice_files(folder: Option<&Path>) -> io::Result<Vec<(String, String)>> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let named =
        |error: io::Error, path: &Path| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| named(error, folder))? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("toml")) {
            let text = fs::read_to_string(&path).map_err(|error| named(error, &path))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// Binds the place where a department listens.
pub async fn listen(settings: &Settings, department: &str) -> Result<TcpListener, StartError> {
    let place = DEPARTMENTS.iter().position(|&name| name == department).unwrap_or_default();
    let address = settings.listen.map_or_else(|| settings.addresses[place].clone(), Address::from);
    let listener = TcpListener::bind((address.host(), address.port())).await;
    let key = settings.listen.map_or(department, |_| "listen");
    listener.map_err(|error| {
        format!("{department} cannot listen on {address}, as the setting {key} says: {error}").into()
    })
}

/// The whole of a department's own program: reads the settings, serves until told to stop, and says in one line why it
/// could not.
pub fn run_department(name: &'static str, about: &'static str, server: MakeServer) -> ExitCode {
    let matches =
        Command::new(name).about(about).version(env!("CARGO_PKG_VERSION")).args(arguments()).get_matches();
    let serve = || -> Result<(), StartError> {
        let settings = Settings::gather(&matches)?;
        tokio::runtime::Runtime::new()?.block_on(async {
            let _telling = start_tracing(&settings);
            let listener = listen(&settings, name).await?;
            let installation = Arc::new(Installation::open(settings)?);
            let settings = &installation.settings;
            let _page = MetricsPage::of(&installation).await?;
            let server = server(&installation)?;
            tracing::info!(address = %listener.local_addr()?, "{name} is serving");
            warn_of_trials(settings);
            let (stop, stopping) = watch::channel(false);
            until_told(server.run(listener, settings.addresses.clone(), stopping), stop).await??;
            Ok(())
        })
    };
    complain(name, serve())
}

/// What the operator should know about how this process was started.
pub fn warn_of_trials(settings: &Settings) {
    if settings.certificates.is_none() {
        tracing::warn!("no certificates: any local user can call as any department");
    }
    if settings.clock.is_started() {
        tracing::warn!(today = %settings.clock.today(), "the clock was started by hand");
    }
}

/// The exit code of a command, after one line on standard error when it failed.
pub fn complain(name: &str, outcome: Result<(), StartError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
