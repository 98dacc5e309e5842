//! Every setting there is: its name, what holds where it is not set, and what it means.

use crate::{DEPARTMENTS, Settings};

/// One setting: flag and key in the file by its name, `CANBAO_` and its name in capitals in the environment.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, such as `drain-seconds`.
    pub name: &'static str,
    /// Its value in the settings, as it would be given; empty when it is not set.
    written: fn(&Settings) -> String,
    /// What it means, with its bounds.
    pub help: &'static str,
}

impl Key {
    /// The variable of the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CANBAO_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// What holds where it is not set; empty when that is nothing.
    #[must_use]
    pub fn default(&self) -> String {
        (self.written)(&Settings::default())
    }
}

/// What is not set unless somebody sets it.
fn nothing(_: &Settings) -> String {
    String::new()
}

/// Where a department is, by its place among [`DEPARTMENTS`].
fn place<const PLACE: usize>(settings: &Settings) -> String {
    settings.addresses[PLACE].to_string()
}

/// All of them, in the order in which the help shows them.
pub const KEYS: [Key; 19] = [
    Key {
        name: "data",
        written: |settings| settings.data.display().to_string(),
        help: "Folder of the databases and keys; made with mode 0700",
    },
    Key {
        name: "database",
        written: nothing,
        help: "PostgreSQL instead of files in the data folder: postgres://ROLE@HOST:5432/NAME, in which {department} \
               stands for the department's name; the role's password is in the data folder, in DEPARTMENT.password",
    },
    Key {
        name: "database-authority",
        written: nothing,
        help: "PEM file of the authority that the database server's certificate must come from; without it the \
               connection is not encrypted",
    },
    Key {
        name: "certificates",
        written: nothing,
        help: "Folder of certificates, as `canbao certificates` makes it; with it every connection is mutual TLS 1.3",
    },
    Key {
        name: "notices",
        written: nothing,
        help: "Folder of notices that add to or override the ones compiled in",
    },
    Key { name: "clock", written: nothing, help: "Start the clock here, for trials: 2025-11-03T09:00+08:00" },
    Key {
        name: "log",
        written: |settings| settings.log.clone(),
        help: "What is logged: a level, or a filter such as canbao_store=debug",
    },
    Key {
        name: "log-format",
        written: |settings| (if settings.log_json { "json" } else { "text" }).to_owned(),
        help: "text or json",
    },
    Key {
        name: "metrics",
        written: nothing,
        help: "Address on which Prometheus finds /metrics, such as 127.0.0.1:9464; without it there is none",
    },
    Key {
        name: "traces",
        written: nothing,
        help: "Where OpenTelemetry traces are sent to, by OTLP over gRPC, such as http://127.0.0.1:4317; without it nowhere",
    },
    Key {
        name: "reflection",
        written: |settings| settings.reflection.to_string(),
        help: "Let callers list the contracts: true or false",
    },
    Key { name: DEPARTMENTS[0], written: place::<0>, help: "Where registration is" },
    Key { name: DEPARTMENTS[1], written: place::<1>, help: "Where collection is" },
    Key { name: DEPARTMENTS[2], written: place::<2>, help: "Where subsidy is" },
    Key { name: DEPARTMENTS[3], written: place::<3>, help: "Where benefits is" },
    Key {
        name: "listen",
        written: nothing,
        help: "Where a department's own program listens when that is not where the others find it: 0.0.0.0:50051",
    },
    Key {
        name: "connections",
        written: |settings| settings.limits.connections.to_string(),
        help: "Connections at once, for each department: 1 to 10000",
    },
    Key {
        name: "requests",
        written: |settings| settings.limits.requests.to_string(),
        help: "Requests under way at once, for each department: 1 to 100000",
    },
    Key {
        name: "drain-seconds",
        written: |settings| settings.limits.drain.as_secs().to_string(),
        help: "How long a stopping server waits for its requests: 1 to 600",
    },
];
