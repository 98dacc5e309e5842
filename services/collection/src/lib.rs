//! 征缴 · the tax bureau's collection.
//!
//! Decides what a resident has to pay and whether a payment is taken, and keeps the money: every payment is posted in a
//! ledger whose postings add up to zero, or stands in suspense with its reason. It hears from registration who may pay
//! and from subsidy what is owed after aid, and tells all departments when a contribution is settled.
//!
//! It works while the others are away: a resident of whom subsidy has told nothing owes the notice's own standard.
//! Identity numbers are made keys while a request is parsed, and forgotten.

use std::sync::Arc;

use canbao_host::{Department, Installation, Reading, Server, StartError, notice_files};
use canbao_policy::Notices;
use canbao_proto::collection::{
    SuspenseReason, books_service_server::BooksServiceServer,
    collection_service_server::CollectionServiceServer, refund_service_server::RefundServiceServer,
};
use canbao_store::Migration;

mod contribution;
mod declaration;
mod grpc;
mod owed;
mod parse;
mod payment;
mod progress;
mod reactions;
mod refund;
mod refusal;
mod show;
mod statement;
mod store;

/// The department's name, and that of its log.
pub const NAME: &str = "collection";

/// The departments whose logs it follows.
const READS: &[&str] = &["registration", "subsidy"];

/// The largest request taken, in bytes: a statement of 1,000 lines needs a quarter of it.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// How its database came to its shape, for whoever looks at one.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: 1, name: "contributions", sql: include_str!("../migrations/001-contributions.sql") },
    Migration { id: 2, name: "tiers", sql: include_str!("../migrations/002-tiers.sql") },
    Migration { id: 3, name: "parts", sql: include_str!("../migrations/003-parts.sql") },
    Migration { id: 4, name: "died", sql: include_str!("../migrations/004-died.sql") },
];

/// What stands in suspense, among the metrics.
const SUSPENSE: Reading = Reading {
    families: &[
        ("suspense_payments", "Payments in suspense, by how many days they have stood there"),
        ("suspense_fen", "Money in suspense in fen, by how many days it has stood there"),
    ],
    labels: &["division", "cover_year", "age_days"],
    read: |view, today| store::suspense::by_age(view, today, SuspenseReason::NoNotice as i32),
};

/// Opens the department's store and makes its server.
pub fn server(installation: &Arc<Installation>) -> Result<Server, StartError> {
    let settings = &installation.settings;
    let notices = Arc::new(Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?);
    let department = Department::open(installation, (NAME, READS), MIGRATIONS)?;
    let service = grpc::Collection { department: department.clone(), notices: notices.clone() };
    let payments = CollectionServiceServer::new(service.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let refunds = RefundServiceServer::new(service.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let books = BooksServiceServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    let server = Server::new(department);
    let server = server.service(payments).service(refunds).service(books).shows(SUSPENSE);
    Ok(server.follow(reactions::registration(notices.clone())).follow(reactions::subsidy(notices)))
}

#[cfg(test)]
mod tests;
