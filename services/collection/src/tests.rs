//! The decisions about payments, tried by themselves.
#![allow(clippy::unwrap_used)]

mod contribution;
mod declaration;
mod known;
mod owed;
mod payment;
mod statement;
