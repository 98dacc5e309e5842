//! The suite, tested from outside: over the wire, in this process or as processes of their own.

#[path = "suite/events.rs"]
mod events;
#[path = "suite/walkthrough.rs"]
mod walkthrough;
