//! `canbao databases`: what the departments need on a PostgreSQL server, and the secrets they need beside it.
//!
//! Each department gets a role that owns its database and may enter none of the others', and a folder gets its password and the
//! keys.
//! The keys are made before the first database: where a database is there and the suite's key is not, the key was lost, and
//! nothing is made. The same line again repairs what is missing.

use std::path::{Path, PathBuf};

use canbao_host::{
    DEPARTMENTS, SealingKey, Secrets, Settings, StartError, fresh_secret, keep_secret, read_password,
    read_secret,
};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio_postgres::{Client, Config};

use crate::print;

mod names;
mod server;

use names::{Names, quoted};

/// The department whose database holds sealed columns.
const SEALING: &str = "registration";

/// What is to be made, and where.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// A superuser, or whoever may make roles and databases, and stays a member of the roles.
    pub admin: Config,
    /// The settings of the departments: the data folder, the names of roles and databases, the server's authority.
    pub settings: Settings,
    /// Each department has a folder of its own in the data folder.
    pub apart: bool,
}

/// The command and its arguments.
pub fn command() -> Command {
    let admin = Arg::new("admin").required(true).value_name("URL").value_parser(value_parser!(Config));
    let password = Arg::new("admin-password").long("admin-password").value_name("FILE");
    let apart = Arg::new("apart").long("apart").action(ArgAction::SetTrue);
    Command::new("databases")
        .about("Makes a role and a database for each department on a PostgreSQL server, and the keys")
        .arg(admin.help("A superuser, or a role with CREATEROLE and CREATEDB: postgres://postgres@HOST:5432/postgres"))
        .arg(
            password
                .value_parser(value_parser!(PathBuf))
                .help("Their password is in this file, which only its owner may read"),
        )
        .arg(apart.help("A folder for each department in the data folder, for containers with a volume each"))
        .after_help(
            "Passwords and keys are put into the data folder (--data). Roles and databases are named like their \
             departments, or as --database names them. The same line again repairs what is missing.",
        )
}

/// Makes what is missing, and says where the departments find it.
///
/// # Errors
/// What could not be made, or what is there and cannot be used.
pub async fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let settings = Settings::gather(matches)?;
    let mut admin = matches.get_one::<Config>("admin").ok_or("an administrator is needed")?.clone();
    if let Some(file) = matches.get_one::<PathBuf>("admin-password") {
        let missing = || format!("{}: there is no such file", file.display());
        admin.password(read_password(file)?.ok_or_else(missing)?);
    }
    let wanted = Wanted { admin, settings, apart: matches.get_flag("apart") };
    let made = make(&wanted).await?;
    print(format_args!("{made}; their passwords and keys are in {}", wanted.settings.data.display()))
}

/// Makes what is missing; says in one line what is there now.
///
/// # Errors
/// As [`run`].
pub async fn make(wanted: &Wanted) -> Result<String, StartError> {
    let folders = DEPARTMENTS.map(|department| wanted.folder(department));
    let names = Names::of_all(&wanted.settings)?;
    let client = server::connect(&wanted.admin, wanted.settings.database_authority.as_deref()).await?;
    // Two of these at once would both find nothing.
    client.execute("SELECT pg_advisory_lock(hashtext('canbao databases'))", &[]).await?;
    let mut existing = Vec::new();
    for names in &names {
        // Before anything is made: it may be that all of it is meant for another place.
        server::has_role(&client, &names.role).await?;
        if server::database(&client, names).await?.is_some() {
            existing.push(names.database.as_str());
        }
    }
    keys(&folders, Secrets::SUITE_KEY, &existing)?;
    keys(&[wanted.folder(SEALING)], &SealingKey::file(SEALING), &existing)?;
    for ((department, folder), names) in DEPARTMENTS.iter().zip(&folders).zip(&names) {
        role(&client, names, &folder.join(format!("{department}.password"))).await?;
        server::make_database(&client, names).await?;
    }
    let names: Vec<_> = names.iter().map(|names| names.database.as_str()).collect();
    Ok(format!("{} databases, each of a role of its own: {}", names.len(), names.join(", ")))
}

impl Wanted {
    fn folder(&self, department: &str) -> PathBuf {
        if self.apart { self.settings.data.join(department) } else { self.settings.data.clone() }
    }
}

/// The same key in each of the folders: the one that is in any of them, else a new one, which is only where no database
/// can have been made with another.
fn keys(folders: &[PathBuf], name: &str, existing: &[&str]) -> Result<(), StartError> {
    let mut found: Option<(PathBuf, [u8; 32])> = None;
    for file in folders.iter().map(|folder| folder.join(name)) {
        if !file.try_exists()? {
            continue;
        }
        let key = read_secret(&file)?;
        match &found {
            Some((first, other)) if *other != key => {
                return Err(format!("{} and {} are different keys", first.display(), file.display()).into());
            }
            _ => found = Some((file, key)),
        }
    }
    let key = match (found, existing) {
        (Some((_, key)), _) => key,
        (None, []) => fresh_secret()?,
        (None, [database, ..]) => {
            let folder = folders.first().map_or(Path::new("."), PathBuf::as_path);
            let lost = format!("{} is missing, and the database {database}", folder.join(name).display());
            return Err(format!("{lost} was made with it: bring it back from a backup").into());
        }
    };
    folders.iter().try_for_each(|folder| keep_secret(&folder.join(name), &key)).map_err(StartError::from)
}

/// A role that may come in, with the password of the file; a new one may nothing else. The statement carries what the server keeps of
/// a password and not the password, which so stands in no log of the server.
async fn role(client: &Client, names: &Names, file: &Path) -> Result<(), StartError> {
    keep_secret(file, &fresh_secret()?)?;
    let password = read_password(file)?.ok_or("a password that was made is gone")?;
    let kept = postgres_protocol::password::scram_sha_256(password.as_bytes());
    let make = if server::has_role(client, &names.role).await? { "ALTER" } else { "CREATE" };
    let role = quoted(&names.role);
    server::tell(client, &format!("{make} ROLE {role} LOGIN PASSWORD '{kept}'")).await
}
