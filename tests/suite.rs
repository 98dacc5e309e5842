//! The suite, tested from outside: over the wire, in this process or as processes of their own.

#[path = "suite/crash.rs"]
mod crash;
#[path = "suite/events.rs"]
mod events;
#[path = "suite/stranger.rs"]
mod stranger;
#[path = "suite/walkthrough.rs"]
mod walkthrough;
