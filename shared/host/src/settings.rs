//! Settings from a file, the environment and flags, the later over the earlier; all mistakes are reported together.

use std::{collections::BTreeMap, env, fmt, fs, net::SocketAddr, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use clap::{Arg, ArgMatches};

use crate::{Address, Clock, Limits};
use keys::{KEYS, Key};

pub use canbao_proto::wire::DEPARTMENTS;

pub(crate) mod keys;

/// Set by the tests' own runner, not by users.
const NOT_SETTINGS: [&str; 2] = ["CANBAO_REQUIRE", "CANBAO_PYTHON"];

/// The settings of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the databases and keys.
    pub data: PathBuf,
    /// The database on PostgreSQL, as a URL in which `{department}` stands for a department's name; without it files
    /// in the data folder.
    pub database: Option<String>,
    /// The authority that the database server's certificate must come from.
    pub database_authority: Option<PathBuf>,
    /// Folder of certificates; without it only loopback addresses, and callers say who they are.
    pub certificates: Option<PathBuf>,
    /// Folder of notices that add to or override the ones compiled in.
    pub notices: Option<PathBuf>,
    /// The clock.
    pub clock: Clock,
    /// What is logged.
    pub log: String,
    /// Log as JSON.
    pub log_json: bool,
    /// Where Prometheus finds the metrics.
    pub metrics: Option<SocketAddr>,
    /// Where traces are sent to.
    pub traces: Option<String>,
    /// Let callers list the contracts.
    pub reflection: bool,
    /// Where each department is, in the order of [`DEPARTMENTS`]; loopback addresses where there are no certificates.
    pub addresses: [Address; 4],
    /// Where a department's own program listens when that is not where the others find it.
    pub listen: Option<SocketAddr>,
    /// What bounds a server.
    pub limits: Limits,
}

/// Every mistake in the settings, a line each.
#[derive(Debug)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in the settings: {}",
            if self.0.len() == 1 { "a mistake" } else { "mistakes" },
            self.0.join("; ")
        )
    }
}

impl std::error::Error for Mistakes {}

/// The flags of every command that starts a server.
pub fn arguments() -> Vec<Arg> {
    let config = Arg::new("config").long("config").value_name("FILE").global(true);
    let mut arguments =
        vec![config.help("Settings file (TOML), also CANBAO_CONFIG; environment and flags override it")];
    for key in &KEYS {
        let default = Some(key.default()).filter(|default| !default.is_empty());
        let default = default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let help = format!("{}{default} [env: {}]", key.help, key.variable());
        arguments.push(Arg::new(key.name).long(key.name).value_name("VALUE").help(help).global(true));
    }
    arguments
}

/// The environment; what is no text cannot be a setting's value either, and is shown as far as it can be.
fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

impl Default for Settings {
    /// What holds where nothing is set.
    fn default() -> Self {
        let limits = Limits { connections: 256, requests: 1_024, drain: Duration::from_secs(25) };
        Self {
            data: "./data".into(),
            database: None,
            database_authority: None,
            certificates: None,
            notices: None,
            clock: Clock::system(),
            log: "info".to_owned(),
            log_json: false,
            metrics: None,
            traces: None,
            reflection: true,
            addresses: [50_051, 50_052, 50_053, 50_054].map(Address::loopback),
            listen: None,
            limits,
        }
    }
}

impl Settings {
    /// Where a department's database is on PostgreSQL; none: in the data folder.
    #[must_use]
    pub fn database_of(&self, department: &str) -> Option<String> {
        self.database.as_ref().map(|url| url.replace("{department}", department))
    }

    /// Gathers the settings of a command that was given [`arguments`].
    pub fn gather(matches: &ArgMatches) -> Result<Self, Mistakes> {
        let flags = KEYS.iter().filter_map(|key| {
            let value = matches.try_get_one::<String>(key.name).ok().flatten()?;
            Some((key.name.to_owned(), value.clone()))
        });
        let config = matches.try_get_one::<String>("config").ok().flatten().cloned();
        let config = config.or_else(|| env::var("CANBAO_CONFIG").ok());
        let file = config.map(|path| (path.clone(), fs::read_to_string(path)));
        Self::from_sources(file, variables(), flags.collect())
    }

    fn from_sources(
        file: Option<(String, std::io::Result<String>)>,
        environment: impl Iterator<Item = (String, String)>,
        flags: BTreeMap<String, String>,
    ) -> Result<Self, Mistakes> {
        let mut values = Values::default();
        if let Some((path, text)) = file {
            values.read_file(&path, text);
        }
        values.read_environment(environment);
        values.given.extend(flags.into_iter().map(|(name, value)| {
            let place = format!("--{name}");
            (name, (place, value))
        }));
        values.settle()
    }
}

/// The values given, with the place each comes from, and the mistakes seen on the way.
#[derive(Default)]
struct Values {
    given: BTreeMap<String, (String, String)>,
    mistakes: Vec<String>,
}

impl Values {
    fn read_file(&mut self, path: &str, text: std::io::Result<String>) {
        let table = text.map_err(|error| error.to_string());
        let table = table.and_then(|text| text.parse::<toml::Table>().map_err(|error| unread(&text, &error)));
        let table = match table {
            Ok(table) => table,
            Err(error) => return self.mistakes.push(format!("{path}: {error}")),
        };
        for (name, value) in table {
            let place = format!("{path}: {name}");
            if !KEYS.iter().any(|key| key.name == name) {
                self.mistakes.push(format!("{place} is not a setting"));
                continue;
            }
            match value {
                toml::Value::String(text) => self.given.insert(name, (place, text)),
                toml::Value::Table(_) | toml::Value::Array(_) => {
                    self.mistakes.push(format!("{place} must be a single value"));
                    None
                }
                single => self.given.insert(name, (place, single.to_string())),
            };
        }
    }

    fn read_environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        for (found, value) in
            variables.filter(|(name, _)| name.starts_with("CANBAO_") && name != "CANBAO_CONFIG")
        {
            match KEYS.iter().find(|key| key.variable() == found) {
                Some(key) => {
                    self.given.insert(key.name.to_owned(), (found, value));
                }
                None if NOT_SETTINGS.contains(&found.as_str()) => {}
                None => self.mistakes.push(format!("{found} is not a setting")),
            }
        }
    }

    fn settle(mut self) -> Result<Settings, Mistakes> {
        let clock = self.set("clock", "an instant such as 2025-11-03T09:00+08:00", instant);
        let log =
            self.read("log", "a level or filter", |text| text.parse::<tracing_subscriber::EnvFilter>().ok());
        let log_json = self.read("log-format", "text or json", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        });
        let reflection = self.read("reflection", "true or false", |text| text.parse().ok());
        let certificates = self.set("certificates", "a folder", folder);
        let reached = |address: &Address| certificates.is_some() || address.is_loopback();
        let place = |text: &str| text.parse().ok().filter(reached);
        let addresses = DEPARTMENTS.map(|department| self.read(department, LOOPBACK, place));
        let socket = |text: &str| text.parse::<SocketAddr>().ok();
        let own = |text: &str| socket(text).filter(|&address| reached(&address.into()));
        let listen = self.set("listen", LOOPBACK, own);
        let metrics = self.set("metrics", "an address with a port, such as 127.0.0.1:9464", socket);
        let traces = self.set("traces", "an address such as http://127.0.0.1:4317", |text| {
            text.starts_with("http://").then(|| text.to_owned())
        });
        let database = self.set("database", "an address such as postgres://ROLE@HOST:5432/NAME", |text| {
            ["postgres://", "postgresql://"]
                .iter()
                .any(|head| text.starts_with(head))
                .then(|| text.to_owned())
        });
        if database.as_deref().is_some_and(holds_password) {
            let place = self.given.get("database").map_or("database", |(place, _)| place);
            // It is not shown: what is told here is logged.
            self.mistakes
                .push(format!("{place} must hold no password: that is in NAME.password in the data folder"));
        }
        let database_authority = self.set("database-authority", "a PEM file", folder);
        let connections =
            self.read("connections", "a number from 1 to 10000", |text| within(text, 1, 10_000));
        let requests = self.read("requests", "a number from 1 to 100000", |text| within(text, 1, 100_000));
        let drain = self.read("drain-seconds", "a number from 1 to 600", |text| within(text, 1, 600));
        let notices = self.set("notices", "a folder", folder);
        let data = self.read("data", "a folder", folder);
        let (Some(log_json), Some(reflection), Some(data), Some(_), []) =
            (log_json, reflection, data, log, self.mistakes.as_slice())
        else {
            return Err(Mistakes(self.mistakes));
        };
        let ([Some(r), Some(c), Some(s), Some(b)], Some(connections), Some(requests), Some(drain)) =
            (addresses, connections, requests, drain)
        else {
            return Err(Mistakes(self.mistakes));
        };
        Ok(Settings {
            data,
            database,
            database_authority,
            certificates,
            notices,
            clock: clock.map_or_else(Clock::system, Clock::started_at),
            log: self.text("log"),
            log_json,
            metrics,
            traces,
            reflection,
            addresses: [r, c, s, b],
            listen,
            limits: Limits { connections, requests, drain: Duration::from_secs(drain as u64) },
        })
    }

    /// Reads a setting that may be left empty, which is the same as not setting it.
    fn set<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.text(name).is_empty() { None } else { self.read(name, wanted, parse) }
    }

    fn text(&self, name: &str) -> String {
        let default = || KEYS.iter().find(|key| key.name == name).map(Key::default).unwrap_or_default();
        self.given.get(name).map_or_else(default, |(_, value)| value.clone())
    }

    fn read<T>(&mut self, name: &str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name);
        let value = parse(&text);
        if value.is_none() {
            let place = self.given.get(name).map_or(name, |(place, _)| place);
            self.mistakes.push(format!("{place} must be {wanted}, not {text:?}"));
        }
        value
    }
}

const LOOPBACK: &str =
    "a loopback address with a port, such as 127.0.0.1:50051 (any other needs certificates)";

/// What is wrong with a settings file, with the line and the key it stands at; of the value nothing is shown.
fn unread(text: &str, error: &toml::de::Error) -> String {
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return error.message().to_owned();
    };
    let number = before.lines().count() + usize::from(before.is_empty() || before.ends_with('\n'));
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let key = line.split_once('=').map(|(key, _)| format!(", {}", key.trim())).unwrap_or_default();
    format!("line {number}{key}: {}", error.message())
}

/// Whether an address of a database has a password in it, before the host or among the parameters.
fn holds_password(url: &str) -> bool {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (_, rest) = address.split_once("://").unwrap_or_default();
    rest.split_once('@').is_some_and(|(role, _)| role.contains(':'))
        || parameters.split('&').any(|parameter| parameter.starts_with("password="))
}

fn folder(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| text.into())
}

fn within(text: &str, least: usize, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

/// An instant with its offset, with or without seconds.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let read =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
    read.ok().map(|instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(
        file: Option<&str>,
        environment: &[(&str, &str)],
        flags: &[(&str, &str)],
    ) -> Result<Settings, Mistakes> {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect::<Vec<_>>()
        };
        let file = file.map(|text| ("canbao.toml".to_owned(), Ok(text.to_owned())));
        Settings::from_sources(file, pairs(environment).into_iter(), pairs(flags).into_iter().collect())
    }

    #[test]
    fn flags_override_the_environment_and_the_environment_overrides_the_file() {
        let file = "data = \"file\"\nlog = \"warn\"\nconnections = 7\n";
        let settings =
            gather(Some(file), &[("CANBAO_DATA", "env"), ("CANBAO_LOG", "debug")], &[("data", "flag")]);
        let settings = settings.unwrap();
        assert_eq!(settings.data, PathBuf::from("flag"));
        assert_eq!(settings.log, "debug");
        assert_eq!(settings.limits.connections, 7);
        assert_eq!(settings.addresses[1].to_string(), "127.0.0.1:50052", "a default");
    }

    #[test]
    fn all_mistakes_are_reported_together_each_with_its_place() {
        let mistakes = gather(
            Some("conections = 3\nlog-format = \"xml\"\n"),
            &[("CANBAO_REFLECTION", "maybe"), ("CANBAO_REQUIRE", "docker"), ("CANBAO_DATTA", "x")],
            &[("collection", "0.0.0.0:50052"), ("clock", "yesterday"), ("drain-seconds", "0")],
        );
        let Mistakes(mistakes) = mistakes.unwrap_err();
        for part in [
            "canbao.toml: conections is not a setting",
            "canbao.toml: log-format must be text or json",
            "CANBAO_REFLECTION must be true or false",
            "CANBAO_DATTA is not a setting",
            "--collection must be a loopback address",
            "--clock must be an instant",
            "--drain-seconds must be a number from 1 to 600",
        ] {
            assert!(mistakes.iter().any(|mistake| mistake.starts_with(part)), "{part} in {mistakes:?}");
        }
        assert_eq!(mistakes.len(), 7);
    }

    #[test]
    fn a_password_in_the_address_of_the_database_is_refused_and_not_shown() {
        for url in [
            "postgres://role:hidden@db:5432/name",
            "postgresql://role@db:5432/name?sslmode=require&password=hidden",
        ] {
            let Mistakes(mistakes) = gather(None, &[("CANBAO_DATABASE", url)], &[]).unwrap_err();
            let [mistake] = mistakes.try_into().unwrap();
            assert!(mistake.starts_with("CANBAO_DATABASE must hold no password"), "{mistake}");
            assert!(!mistake.contains("hidden"), "{mistake}");
        }
        gather(None, &[("CANBAO_DATABASE", "postgres://role@[::1]:5432/name")], &[]).unwrap();
    }

    #[test]
    fn a_broken_settings_file_names_the_line_and_the_key() {
        for (text, told) in [
            ("data = \"x\"\n\nlog = yes please\n", "canbao.toml: line 3, log: "),
            ("data = \"x\nlog = \"info\"\n", "canbao.toml: line 1, data: "),
            ("log = \"info\"\nlog = \"warn\"\n", "canbao.toml: line 2, log: "),
            ("data\n", "canbao.toml: line 1"),
        ] {
            let Mistakes(mistakes) = gather(Some(text), &[], &[]).unwrap_err();
            let [mistake] = mistakes.try_into().unwrap();
            assert!(mistake.starts_with(told), "{mistake}");
        }
    }

    #[test]
    fn what_holds_where_nothing_is_set_is_what_the_help_says() {
        let (gathered, default) = (gather(None, &[], &[]).unwrap(), Settings::default());
        assert_eq!(format!("{gathered:?}"), format!("{default:?}"));
    }

    #[test]
    fn the_clock_takes_an_instant_with_or_without_seconds() {
        for text in ["2025-11-03T09:00+08:00", "2025-11-03T09:00:00+08:00", "2025-11-03T01:00:00Z"] {
            let settings = gather(None, &[], &[("clock", text)]).unwrap();
            assert_eq!(settings.clock.today().to_string(), "2025-11-03");
        }
    }
}
