//! Generated contracts, the table of who may call, and the way between wire and types.
//!
//! The contracts stand in `proto/` at the top of the project and are compiled here once. [`rules`] is made from them by
//! `build.rs`: who may call each RPC, for whom each event is. [`wire`] turns what came over the wire into the words of
//! the trade, noting every field that is malformed, and back. [`refusal`] shows a failure as a gRPC status.

pub mod refusal;
pub mod rules;
pub mod wire;

mod explanation;
mod facts;
mod identity;

pub use explanation::explanations;
pub use facts::{Ended, Enrolled, Enrolment, facts, stored_facts};
pub use identity::Identity;

/// The encoded descriptors of all contracts, with comments and our own options: for reflection, and for tests.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

#[allow(missing_docs, clippy::all)]
mod contracts {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub use contracts::{
    canbao::{
        benefits::v1 as benefits, collection::v1 as collection, common::v1 as common,
        exchange::v1 as exchange, registration::v1 as registration, subsidy::v1 as subsidy,
    },
    google::r#type as google,
};
