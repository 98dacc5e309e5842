//! What every server does and no domain does.
//!
//! A department hands its gRPC services, its store and the logs it follows to [`Server`]; the rest is the same for all
//! four and stands here: settings from file, environment and flags; the clock; who is calling and whether they may;
//! health and reflection; limits, deadlines and the drain; reading the others' logs and waiting for what they told;
//! answering the same request with the same answer.

pub mod column;

mod accept;
mod address;
mod after;
mod caller;
mod certificates;
mod clock;
mod enter;
mod event;
mod exchange;
mod failure;
mod follow;
mod gate;
mod installation;
mod line;
mod metrics;
mod once;
mod place;
mod renew;
mod secrets;
mod server;
mod settings;
mod start;
mod telemetry;
mod trace;

pub use address::{Address, NoAddress};
pub use after::wait_for;
pub use caller::{Caller, TRUST_DOMAIN};
pub use certificates::Certificates;
pub use clock::Clock;
pub use enter::entered;
pub use event::{subject, tell};
pub use failure::{Failure, status};
pub use follow::{Follow, Reaction, Unreadable};
pub use installation::Installation;
pub use line::line;
pub use metrics::{Measures, Metrics, MetricsPage, Reading};
pub use once::once;
pub use renew::Renewal;
pub use secrets::{SealingKey, Secrets, fresh_secret, keep_secret, read_password, read_secret};
pub use server::{Department, Limits, Server, until_told};
pub use settings::{
    DEPARTMENTS, Mistakes, Settings, arguments,
    keys::{KEYS, Key},
};
pub use start::{MakeServer, StartError, complain, listen, notice_files, run_department, warn_of_trials};
pub use telemetry::{Telling, start_tracing};
pub use trace::{carry_trace, current_trace};
