//! Tests that need something from outside: a Docker engine, a Python with gRPC.

use std::env;

/// Says that a test was left out for want of something, or fails when `CANBAO_REQUIRE` lists it, as CI does.
pub fn left_out(test: &str, want: &str, why: &str) {
    let required = env::var("CANBAO_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name == want),
        "{test} needs {want}, which is required here: {why}"
    );
    eprintln!("left out: {test} needs {want}: {why}");
}
