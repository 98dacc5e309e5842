//! Generated contracts, the table of who may call, and the way between wire and types.
//!
//! The contracts stand in `proto/` at the top of the project and are compiled here once. [`rules`] is made from them by
//! `build.rs`: who may call each RPC, for whom each event is. [`wire`] turns what came over the wire into the words of
//! the trade, noting every field that is malformed, and back. [`refusal`] shows a failure as a gRPC status.

pub mod refusal;
pub mod rules;
pub mod wire;

mod facts;

pub use facts::facts;

/// The encoded descriptors of all contracts, with comments and our own options: for reflection, and for tests.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// `canbao.common.v1`: money, citations, references to residents, log positions, options.
#[allow(missing_docs)]
pub mod common {
    include!(concat!(env!("OUT_DIR"), "/canbao.common.v1.rs"));
}

/// `canbao.exchange.v1`: the departments' logs of events.
#[allow(missing_docs)]
pub mod exchange {
    include!(concat!(env!("OUT_DIR"), "/canbao.exchange.v1.rs"));
}

/// `canbao.registration.v1`: 参保登记.
#[allow(missing_docs)]
pub mod registration {
    include!(concat!(env!("OUT_DIR"), "/canbao.registration.v1.rs"));
}

/// `canbao.collection.v1`: 征缴.
#[allow(missing_docs)]
pub mod collection {
    include!(concat!(env!("OUT_DIR"), "/canbao.collection.v1.rs"));
}

/// `canbao.subsidy.v1`: 资助参保.
#[allow(missing_docs)]
pub mod subsidy {
    include!(concat!(env!("OUT_DIR"), "/canbao.subsidy.v1.rs"));
}

/// `canbao.benefits.v1`: 待遇.
#[allow(missing_docs)]
pub mod benefits {
    include!(concat!(env!("OUT_DIR"), "/canbao.benefits.v1.rs"));
}

/// `google.type`: civil dates.
#[allow(missing_docs)]
pub mod google {
    include!(concat!(env!("OUT_DIR"), "/google.r#type.rs"));
}
