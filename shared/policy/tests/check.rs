//! The checks of a notice file, each with a planted fault.
#![allow(clippy::unwrap_used)]

use canbao_policy::{Notice, Notices};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

#[test]
fn the_notices_compiled_in_pass_every_check() {
    let notices = Notices::builtin();
    assert!(notices.is_ok(), "{}", notices.unwrap_err());
    let _ = Notice::parse("x", XIAOYI);
}
