//! What cannot start says why in one line, and fails.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use canbao_proto::registration::registration_service_client::RegistrationServiceClient;
use canbao_tests::{Home, Person, Process, Running, count, program};
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

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

/// A department's own program, and the lines of its log.
fn logging(
    name: &str,
    data: &Path,
    addresses: [SocketAddr; 4],
    more: &[String],
) -> (Process, mpsc::Receiver<String>) {
    let mut command = Command::new(program(&format!("canbao-{name}")));
    command.arg(format!("--data={}", data.display())).args(more).stdout(Stdio::null()).stderr(Stdio::piped());
    command.args(canbao_host::DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    let mut child = command.spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let (told, lines) = mpsc::channel();
    // Read to its end though nobody looks any more, so that the program never waits for its reader.
    std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| drop(told.send(line))));
    (Process::from(child), lines)
}

/// Waits for a line of a log that has all the parts.
fn until_told(lines: &mpsc::Receiver<String>, parts: &[&str]) -> String {
    let mut seen = Vec::new();
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(30)) {
        if parts.iter().all(|part| line.contains(part)) {
            return line;
        }
        seen.push(line);
    }
    panic!("{parts:?} is not told in: {seen:#?}");
}

#[tokio::test]
async fn a_department_with_another_suite_key_is_not_followed_until_it_has_the_same() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let addresses = Process::free_addresses();
    let mut registration = Process::department("registration", one.path(), addresses, &[]);
    registration.ready(addresses[0]).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", addresses[0])).unwrap();
    let mut client = RegistrationServiceClient::new(endpoint.connect().await.unwrap());
    let register = canbao::request("medical-insurance", Person::nth(1).registration("2025-11-03"));
    client.register_resident(register).await.unwrap();

    let (collection, lines) = logging("collection", other.path(), addresses, &[]);
    until_told(&lines, &["ERROR", "cannot follow registration: it has another suite.key"]);
    let endpoint = Endpoint::from_shared(format!("http://{}", addresses[1])).unwrap();
    let question = HealthCheckRequest { service: "canbao.follow.registration".to_owned() };
    let health = HealthClient::new(endpoint.connect().await.unwrap()).check(question).await.unwrap();
    assert_eq!(health.into_inner().status(), ServingStatus::NotServing);
    assert!(collection.stop().success());
    assert_eq!(count(other.path(), "collection", "SELECT COUNT(*) FROM store_cursor WHERE position > 0"), 0);

    // A fresh database with the key of the other: nothing was taken that has to be taken back.
    let same = tempfile::tempdir().unwrap();
    fs::copy(one.path().join("suite.key"), same.path().join("suite.key")).unwrap();
    let mut collection = Process::department("collection", same.path(), addresses, &[]);
    collection.ready(addresses[1]).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", addresses[1])).unwrap();
    let question = HealthCheckRequest { service: "canbao.follow.registration".to_owned() };
    let mut states =
        HealthClient::new(endpoint.connect().await.unwrap()).watch(question).await.unwrap().into_inner();
    let followed =
        async { while states.message().await.unwrap().unwrap().status() != ServingStatus::Serving {} };
    tokio::time::timeout(Duration::from_secs(30), followed).await.unwrap();
    drop(states);
    assert!(collection.stop().success());
}

#[tokio::test]
async fn whether_a_department_writes_or_stands_by_is_told_when_it_starts() {
    let Some(home) = Home::on_postgres("whether_a_department_writes_or_stands_by").await else { return };
    let database = [format!("--database={}", home.database().unwrap())];
    let (first, lines) = logging("collection", home.path(), Process::free_addresses(), &database);
    until_told(&lines, &["INFO", "collection writes"]);
    let (second, lines) = logging("collection", home.path(), Process::free_addresses(), &database);
    until_told(&lines, &["INFO", "collection stands by: another process writes"]);
    drop((first, second));
}

#[test]
fn a_port_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    for program in ["canbao", "canbao-collection"] {
        let output =
            run(program, data.path(), &[&format!("--collection={at}"), "--registration=127.0.0.1:0"]);
        fails_in_one_line(
            &output,
            &["collection cannot listen on", &at, "as the setting collection says", "in use"],
        );
    }
    let output = run("canbao-collection", data.path(), &[&format!("--listen={at}")]);
    fails_in_one_line(&output, &["collection cannot listen on", &at, "as the setting listen says", "in use"]);
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
