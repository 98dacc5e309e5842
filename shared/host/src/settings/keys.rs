//! Every setting there is: its name, what holds where it is not set, and what it means.

/// One setting: flag and key in the file by its name, `CANBAO_` and its name in capitals in the environment.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, such as `drain-seconds`.
    pub name: &'static str,
    /// What holds where it is not set; empty when that is nothing.
    pub default: &'static str,
    /// What it means, with its bounds.
    pub help: &'static str,
}

impl Key {
    /// The variable of the environment.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CANBAO_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

/// All of them, in the order in which the help shows them.
pub const KEYS: [Key; 19] = [
    Key { name: "data", default: "./data", help: "Folder of the databases and keys; made with mode 0700" },
    Key {
        name: "database",
        default: "",
        help: "PostgreSQL instead of files in the data folder: postgres://ROLE@HOST:5432/NAME, in which {department} \
               stands for the department's name; the role's password is in the data folder, in DEPARTMENT.password",
    },
    Key {
        name: "database-authority",
        default: "",
        help: "PEM file of the authority that the database server's certificate must come from; without it the \
               connection is not encrypted",
    },
    Key {
        name: "certificates",
        default: "",
        help: "Folder of certificates, as `canbao certificates` makes it; with it every connection is mutual TLS 1.3",
    },
    Key {
        name: "notices",
        default: "",
        help: "Folder of notices that add to or override the ones compiled in",
    },
    Key { name: "clock", default: "", help: "Start the clock here, for trials: 2025-11-03T09:00+08:00" },
    Key {
        name: "log",
        default: "info",
        help: "What is logged: a level, or a filter such as canbao_store=debug",
    },
    Key { name: "log-format", default: "text", help: "text or json" },
    Key {
        name: "metrics",
        default: "",
        help: "Address on which Prometheus finds /metrics, such as 127.0.0.1:9464; without it there is none",
    },
    Key {
        name: "traces",
        default: "",
        help: "Where OpenTelemetry traces are sent to, by OTLP over gRPC, such as http://127.0.0.1:4317; without it nowhere",
    },
    Key { name: "reflection", default: "true", help: "Let callers list the contracts: true or false" },
    Key { name: "registration", default: "127.0.0.1:50051", help: "Where registration is" },
    Key { name: "collection", default: "127.0.0.1:50052", help: "Where collection is" },
    Key { name: "subsidy", default: "127.0.0.1:50053", help: "Where subsidy is" },
    Key { name: "benefits", default: "127.0.0.1:50054", help: "Where benefits is" },
    Key {
        name: "listen",
        default: "",
        help: "Where a department's own program listens when that is not where the others find it: 0.0.0.0:50051",
    },
    Key { name: "connections", default: "256", help: "Connections at once, for each department: 1 to 10000" },
    Key {
        name: "requests",
        default: "1024",
        help: "Requests under way at once, for each department: 1 to 100000",
    },
    Key {
        name: "drain-seconds",
        default: "25",
        help: "How long a stopping server waits for its requests: 1 to 600",
    },
];
