//! The house rules, as tests: what we believe about the project's own files, manifests and contracts.
#![allow(clippy::unwrap_used)]

#[path = "house/contracts.rs"]
mod contracts;
#[path = "house/entrance.rs"]
mod entrance;
#[path = "house/layers.rs"]
mod layers;
#[path = "house/notices.rs"]
mod notices;
#[path = "house/refusals.rs"]
mod refusals;
#[path = "house/secrecy.rs"]
mod secrecy;
#[path = "house/shape.rs"]
mod shape;
#[path = "house/source.rs"]
mod source;
#[path = "house/words.rs"]
mod words;
