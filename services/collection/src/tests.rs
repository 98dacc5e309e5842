//! The decisions about payments and refunds, tried by themselves.
#![allow(clippy::unwrap_used)]

mod contribution;
mod declaration;
mod known;
mod owed;
mod payment;
mod refund;
mod statement;
