//! 参保登记 · the medical insurance bureau's registration.
//!
//! Decides who a resident is, and whether, where, as which class and on which ground the resident is registered for a
//! coverage year; what a late payer pays; and what is known of cover in other schemes and years. It alone keeps identity
//! numbers and names, sealed; everybody else is told keys. It tells all departments who was registered, and tax what it
//! assessed. It hears from collection when a contribution is settled, from subsidy which identities a resident has, and
//! from benefits from when to when there are benefits.
//!
//! A resident is one person in the whole suite: the same document is the same resident in every division and year. A
//! registration belongs to one division and coverage year; a second one elsewhere for the same year is refused by the
//! notice's own rule.

use std::sync::Arc;

use canbao_host::{Department, Installation, SealingKey, Server, StartError, notice_files};
use canbao_policy::Notices;
use canbao_proto::registration::registration_service_server::RegistrationServiceServer;
use canbao_store::Migration;

mod assessment;
mod cover;
mod grpc;
mod parse;
mod reactions;
mod refusal;
mod registration;
mod relocation;
mod show;
mod store;

/// The department's name, and that of its log.
pub const NAME: &str = "registration";

/// The departments whose logs it follows.
const READS: &[&str] = &["collection", "subsidy", "benefits"];

/// The largest request taken, in bytes: a roster of 1,000 people needs a third of it.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// How its database came to its shape, for whoever looks at one.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: 1, name: "residents", sql: include_str!("../migrations/001-residents.sql") },
    Migration { id: 2, name: "sex", sql: include_str!("../migrations/002-sex.sql") },
];

/// Opens the department's store and makes its server.
pub fn server(installation: &Arc<Installation>) -> Result<Server, StartError> {
    let settings = &installation.settings;
    let notices = Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?;
    // Before the store: a key is made only where there is no database yet.
    let sealing = SealingKey::open(settings, NAME)?;
    let department = Department::open(installation, (NAME, READS), MIGRATIONS)?.sealed_with(&sealing)?;
    let service = grpc::Registration::new(department.clone(), notices, sealing);
    let service = RegistrationServiceServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    let server = Server::new(department).service(service);
    let server = server.follow(reactions::collection()).follow(reactions::subsidy());
    Ok(server.follow(reactions::benefits()))
}
