//! The promises of a store, on real files.

mod bench;
mod units;
