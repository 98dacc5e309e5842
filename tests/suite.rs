//! The suite, tested from outside: over the wire, in this process or as processes of their own.
#![allow(clippy::unwrap_used)]

#[path = "suite/authority.rs"]
mod authority;
#[path = "suite/canary.rs"]
mod canary;
#[path = "suite/cities.rs"]
mod cities;
#[path = "suite/collecting.rs"]
mod collecting;
#[path = "suite/covering.rs"]
mod covering;
#[path = "suite/crash.rs"]
mod crash;
#[path = "suite/divisions.rs"]
mod divisions;
#[path = "suite/doors.rs"]
mod doors;
#[path = "suite/events.rs"]
mod events;
#[path = "suite/limits.rs"]
mod limits;
#[path = "suite/malformed.rs"]
mod malformed;
#[path = "suite/metrics.rs"]
mod metrics;
#[path = "suite/operating.rs"]
mod operating;
#[path = "suite/postgres.rs"]
mod postgres;
#[path = "suite/readme.rs"]
mod readme;
#[path = "suite/refunding.rs"]
mod refunding;
#[path = "suite/refusals.rs"]
mod refusals;
#[path = "suite/registering.rs"]
mod registering;
#[path = "suite/rosters.rs"]
mod rosters;
#[path = "suite/rule.rs"]
mod rule;
#[path = "suite/season.rs"]
mod season;
#[path = "suite/starting.rs"]
mod starting;
#[path = "suite/stranger.rs"]
mod stranger;
#[path = "suite/traces.rs"]
mod traces;
#[path = "suite/walkthrough.rs"]
mod walkthrough;
#[path = "suite/what_if.rs"]
mod what_if;
