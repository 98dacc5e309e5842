//! 资助参保与财政补助 · civil affairs and finance.
//!
//! Decides who is helped with how much of the own contribution, and who pays it. Two departments with two roles share
//! it: civil affairs certifies and is told the aid; finance is told what each payer owes. It hears from registration who
//! is enrolled, and tells tax only what a person owes after aid and by which payable item, never why.

use std::sync::Arc;

use canbao_host::{Department, Secrets, Server, Settings, StartError, notice_files};
use canbao_policy::Notices;
use canbao_proto::subsidy::{
    aid_service_server::AidServiceServer, finance_service_server::FinanceServiceServer,
    roster_service_server::RosterServiceServer,
};
use canbao_store::Migration;

mod aid;
mod grpc;
mod reactions;
mod refusal;
mod store;

/// The department's name, and that of its log.
pub const NAME: &str = "subsidy";

/// The departments whose logs it follows.
const READS: &[&str] = &["registration"];

/// The largest request taken, in bytes; a question about one person needs far less.
const LARGEST_REQUEST: usize = 64 * 1024;

const MIGRATIONS: &[Migration] =
    &[Migration { id: 1, name: "aid", sql: include_str!("../migrations/001-aid.sql") }];

/// Opens the department's store and makes its server.
pub fn server(settings: &Settings, secrets: Arc<Secrets>) -> Result<Server, StartError> {
    let notices = Arc::new(Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?);
    let department = Department::open(settings, secrets, (NAME, READS), MIGRATIONS)?;
    let service = grpc::Aid { department: department.clone() };
    let service = AidServiceServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    let server = Server::new(department, settings.reflection).service(service);
    let server = server.service(RosterServiceServer::new(grpc::Roster));
    let server = server.service(FinanceServiceServer::new(grpc::Finance));
    Ok(server.follow(reactions::registration(notices)))
}
