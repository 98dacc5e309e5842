//! The promises of a store, on real files.

mod bench;
mod crash;
mod groups;
mod log;
mod model;
mod opening;
mod reading;
mod requests;
mod units;
