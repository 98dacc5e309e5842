//! 待遇 · the medical insurance bureau's benefits.
//!
//! Decides from when to when a resident has benefits, with the waiting period and its clauses, and answers whether a
//! resident is covered on a day, and if not, why. A benefit period is a pure function of the facts that registration,
//! collection and subsidy told, in whatever order they came; it is recomputed when one of them arrives. It tells
//! registration the result.
//!
//! Who has settled is insured, by payment, confirmation or declaration; so is whoever the notice insures by registration
//! alone, such as a newborn in the year of birth. An identity frees from waiting from the day on which it stands.

use std::sync::Arc;

use canbao_host::{Department, Installation, Server, StartError, notice_files};
use canbao_policy::Notices;
use canbao_proto::benefits::benefits_service_server::BenefitsServiceServer;
use canbao_store::Migration;

mod coverage;
mod grpc;
mod line;
mod period;
mod reactions;
mod refusal;
mod show;
mod store;
mod why;

/// The department's name, and that of its log.
pub const NAME: &str = "benefits";

/// The departments whose logs it follows.
const READS: &[&str] = &["registration", "collection", "subsidy"];

/// The largest request taken, in bytes; a question about one person needs far less.
const LARGEST_REQUEST: usize = 64 * 1024;

/// How its database came to its shape, for whoever looks at one.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: 1, name: "periods", sql: include_str!("../migrations/001-periods.sql") },
    Migration { id: 2, name: "tiers", sql: include_str!("../migrations/002-tiers.sql") },
    Migration { id: 3, name: "days", sql: include_str!("../migrations/003-days.sql") },
];

/// Opens the department's store and makes its server.
pub fn server(installation: &Arc<Installation>) -> Result<Server, StartError> {
    let settings = &installation.settings;
    let notices = Arc::new(Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?);
    let department = Department::open(installation, (NAME, READS), MIGRATIONS)?;
    let service = grpc::Benefits { department: department.clone() };
    let service = BenefitsServiceServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    let server = Server::new(department).service(service);
    let server = server.follow(reactions::registration(notices.clone()));
    let server = server.follow(reactions::collection(notices.clone()));
    Ok(server.follow(reactions::subsidy(notices.clone())).renews(reactions::renewal(notices)))
}
