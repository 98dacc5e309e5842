//! What cannot start says why in one line, and fails.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use canbao_tests::{Process, Running, program};

const NOTICE: &str = include_str!("../../shared/policy/notices/141181-2026.toml");

/// Runs a program that is expected to end by itself.
fn run(name: &str, data: &Path, flags: &[&str]) -> Output {
    let data = format!("--data={}", data.display());
    Command::new(program(name)).arg(data).args(flags).output().unwrap()
}

/// Fails with one line that has all the parts.
fn fails_in_one_line(output: &Output, parts: &[&str]) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!output.status.success(), "it must fail: {said}");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    for part in parts {
        assert!(said.contains(part), "{part} is missing in: {said}");
    }
}

/// Flags that put the four departments on free ports.
fn free() -> Vec<String> {
    let places = canbao_host::DEPARTMENTS.iter().zip(Process::free_addresses());
    places.map(|(department, at)| format!("--{department}={at}")).collect()
}

#[test]
fn a_port_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    for program in ["canbao", "canbao-collection"] {
        let output =
            run(program, data.path(), &[&format!("--collection={at}"), "--registration=127.0.0.1:0"]);
        fails_in_one_line(&output, &["collection cannot listen on", &at, "in use"]);
    }
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_named() {
    let running = Running::start().await;
    let flags = free();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    for program in ["canbao", "canbao-registration"] {
        fails_in_one_line(&run(program, running.data.path(), &flags), &["registration.lock"]);
    }
    running.stop().await;
}

#[test]
fn a_broken_notice_is_refused_with_the_row_and_its_clause() {
    let (data, notices) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let broken = NOTICE.replacen("rate = \"80%\"", "rate = \"81%\"", 1);
    assert_ne!(broken, NOTICE);
    fs::write(notices.path().join("broken.toml"), broken).unwrap();
    let mut flags = free();
    flags.push(format!("--notices={}", notices.path().display()));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    for program in ["canbao", "canbao-benefits"] {
        let output = run(program, data.path(), &flags);
        fails_in_one_line(&output, &["broken.toml", "minimum", "XY26-07"]);
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let key = data.path().join("suite.key");
    fs::write(&key, "0".repeat(64)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let flags = free();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    fails_in_one_line(&run("canbao", data.path(), &flags), &["suite.key", "0600"]);
    fails_in_one_line(&run("canbao-subsidy", data.path(), &flags), &["suite.key", "0600"]);
}

#[test]
fn every_mistake_in_the_settings_is_told_at_once() {
    let data = tempfile::tempdir().unwrap();
    let output =
        run("canbao", data.path(), &["--collection=0.0.0.0:50052", "--clock=today", "--log-format=xml"]);
    fails_in_one_line(&output, &["mistakes", "--collection", "certificates", "--clock", "--log-format"]);
}

#[test]
fn the_data_folder_and_the_keys_are_closed_to_others() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    // Two departments cannot share a place, so this ends by itself, after the folder was made.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let output = run("canbao", &folder, &[&format!("--registration={at}")]);
    fails_in_one_line(&output, &["registration cannot listen on"]);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(folder.join("suite.key")).unwrap().permissions().mode() & 0o777, 0o600);
}
