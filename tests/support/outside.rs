//! Tests that need something from outside: PostgreSQL, a Docker engine, a Python with gRPC.

use std::{
    env,
    io::{self, Write},
};

/// Says that a test was left out for want of something, or fails when `CANBAO_REQUIRE` lists it, as CI does.
pub fn left_out(test: &str, want: &str, why: &str) {
    let required = env::var("CANBAO_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name == want),
        "{test} needs {want}, which is required here: {why}"
    );
    // Past the runner, which shows what `eprintln!` says only for tests that fail.
    let said = writeln!(io::stderr(), "left out: {test} needs {want}: {why}");
    said.unwrap_or_else(|error| panic!("cannot say that {test} was left out: {error}"));
}
