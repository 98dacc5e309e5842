//! The promises of a store: each of them on each engine, and what only one engine has.

// The same promises, once for each engine.
#![allow(clippy::duplicate_mod)]

mod common;

mod sqlite {
    mod bench;
    #[path = "../crash.rs"]
    mod crash;
    mod file;
    #[path = "../groups.rs"]
    mod groups;
    #[path = "../log.rs"]
    mod log;
    #[path = "../model.rs"]
    mod model;
    #[path = "../opening.rs"]
    mod opening;
    #[path = "../reading.rs"]
    mod reading;
    #[path = "../requests.rs"]
    mod requests;
    #[path = "../units.rs"]
    mod units;
}

mod postgres {
    mod bench;
    // Each user of these has use for a part.
    #[allow(dead_code)]
    #[path = "../../../../../tests/support/postgres.rs"]
    mod cluster;
    #[path = "../crash.rs"]
    mod crash;
    mod database;
    mod fencing;
    mod frozen;
    #[path = "../groups.rs"]
    mod groups;
    mod ledger;
    #[path = "../log.rs"]
    mod log;
    #[path = "../model.rs"]
    mod model;
    #[path = "../opening.rs"]
    mod opening;
    #[path = "../../../../../tests/support/outside.rs"]
    mod outside;
    #[path = "../reading.rs"]
    mod reading;
    #[path = "../requests.rs"]
    mod requests;
    mod skipping;
    mod standby;
    mod tls;
    mod unanswered;
    #[path = "../units.rs"]
    mod units;
}
