//! 资助参保与财政补助 · civil affairs and finance.
//!
//! Decides who is helped with how much of the own contribution, and who pays it. Civil affairs and the others that certify
//! identities submit their rosters and are told the aid; medical insurance confirms those of hardship; finance is told what
//! each payer owes. It hears from registration who is enrolled and from tax what is settled, and tells tax only what a
//! person owes after aid, by which payable item and what settles it, never why.

use std::sync::Arc;

use canbao_host::{Department, Installation, Server, StartError, notice_files};
use canbao_policy::Notices;
use canbao_proto::subsidy::{
    aid_service_server::AidServiceServer, finance_service_server::FinanceServiceServer,
    roster_service_server::RosterServiceServer,
};
use canbao_store::Migration;
use tokio::sync::Semaphore;

mod aid;
mod grpc;
mod identity;
mod reactions;
mod recognition;
mod refusal;
mod roster;
mod store;
mod variant;

/// The department's name, and that of its log.
pub const NAME: &str = "subsidy";

/// The departments whose logs it follows.
const READS: &[&str] = &["registration", "collection"];

/// The largest request taken, in bytes: a roster of 1,000 lines needs a third of it.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// Comparisons of notices that run at once: each holds the residents of a division in memory.
const COMPARISONS: usize = 2;

/// How its database came to its shape, for whoever looks at one.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: 1, name: "rosters", sql: include_str!("../migrations/001-rosters.sql") },
    Migration { id: 2, name: "aid", sql: include_str!("../migrations/002-aid.sql") },
    Migration { id: 3, name: "repair", sql: include_str!("../migrations/003-repair.sql") },
    Migration { id: 4, name: "poor", sql: include_str!("../migrations/004-poor.sql") },
    Migration { id: 5, name: "days", sql: include_str!("../migrations/005-days.sql") },
    Migration { id: 6, name: "tier", sql: include_str!("../migrations/006-tier.sql") },
];

/// Opens the department's store and makes its server.
pub fn server(installation: &Arc<Installation>) -> Result<Server, StartError> {
    let settings = &installation.settings;
    let notices = Arc::new(Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?);
    let department = Department::open(installation, (NAME, READS), MIGRATIONS)?;
    let comparisons = Arc::new(Semaphore::new(COMPARISONS));
    let service = grpc::Service { department: department.clone(), notices: notices.clone(), comparisons };
    let aid = AidServiceServer::new(service.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let roster = RosterServiceServer::new(service.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let finance = FinanceServiceServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    let server = Server::new(department).service(aid).service(roster).service(finance);
    let server = server.follow(reactions::registration(notices.clone()));
    let server = server.follow(reactions::collection(notices.clone()));
    Ok(server.renews(reactions::renewal(notices)))
}
