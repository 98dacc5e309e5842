//! A panic whose words are about somebody, in a process that tells as our programs do.

use std::{
    env,
    process::{Command, Stdio},
};

use canbao_host::{Settings, start_tracing};

use super::{
    canaries,
    forms::{forms, found, text},
};

/// Set for the process that is to panic, to the format of its log.
const FORMAT: &str = "CANBAO_TEST_PANIC";

/// Panics with a canary's number and name in the words, once put together while running and once in a task.
#[tokio::main]
async fn panics(format: &str) {
    let settings = Settings { log: "trace".to_owned(), log_json: format == "json", ..Settings::default() };
    let _telling = start_tracing(&settings);
    let [person, ..] = canaries();
    let told = format!("{} is {:?}", person.number, person.name.as_bytes());
    let task = tokio::spawn(async move { panic!("no place for {} {told}", person.name) });
    task.await.unwrap_err();
    let [_, person, ..] = canaries();
    panic!("nor for {person:?}");
}

#[test]
fn a_panic_is_told_by_its_place_and_never_by_what_it_says_of_somebody() {
    if let Ok(format) = env::var(FORMAT) {
        return panics(&format);
    }
    for format in ["text", "json"] {
        // This test again, in a process of its own: the hook is for the whole process.
        let mut again = Command::new(env::current_exe().unwrap());
        again.args(["--exact", "--nocapture"]).arg(std::thread::current().name().unwrap());
        let output = again.env(FORMAT, format).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "it panicked");
        let told = text(&[output.stdout, output.stderr].concat());
        let place = "canary/panicked.rs";
        assert!(told.matches(place).count() >= 2 && told.contains("panicked"), "both are told of: {told}");
        let leaks = found(&vec![(format!("a {format} line"), told)], &forms(&canaries()));
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
