//! What the page for operators says, done: above all that four databases belong to one moment.

use std::{fs, path::Path, time::Duration};

use canbao::Player;
use canbao_host::{DEPARTMENTS, KEYS};
use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    common::LogPosition,
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
    registration::registration_service_client::RegistrationServiceClient,
};
use canbao_tests::{DIVISION, Home, OPENING, Person, Process, Running, YEAR, count, day, rows, texts};
use prost::Message;
use tempfile::TempDir;
use tonic::{Code, transport::Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// The departments that follow registration's log, as they are named when they call.
const READERS: [(&str, &str); 3] =
    [("collection", "service/collection"), ("subsidy", "service/subsidy"), ("benefits", "service/benefits")];

/// Registers and pays for somebody, until every department has heard of it and there is cover.
async fn insure(player: &mut Player, person: &Person) {
    player.register(person.registration("2025-11-03")).await.unwrap();
    player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    assert_eq!(coverage(player, person).await, Ok(CoverageState::Covered));
}

async fn coverage(player: &mut Player, person: &Person) -> Result<CoverageState, Code> {
    let on = day("2026-01-01");
    let question = GetCoverageRequest { resident: person.reference(), on, ..Default::default() };
    player.coverage(question).await.map(|answer| answer.state()).map_err(|status| status.code())
}

/// What `cp -a` of the data folder gives.
fn copy(data: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(data).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

/// Puts registration's database of a copy in the place of the one that is there.
fn put(copy: &TempDir, data: &Path) {
    fs::copy(copy.path().join("registration.sqlite"), data.join("registration.sqlite")).unwrap();
}

/// Waits until a department follows a log.
async fn follows(running: &Running, department: &str, log: &str) {
    let question = HealthCheckRequest { service: format!("canbao.follow.{log}") };
    let mut health = HealthClient::new(running.channel(department).await);
    let mut states = health.watch(question).await.unwrap().into_inner();
    let serving =
        async { while states.message().await.unwrap().unwrap().status() != ServingStatus::Serving {} };
    let followed = tokio::time::timeout(Duration::from_secs(30), serving).await;
    followed.unwrap_or_else(|_| panic!("{department} does not follow {log}"));
}

/// How far a department has read registration's log.
fn cursor(data: &Path, department: &str) -> u64 {
    let sql = "SELECT position FROM store_cursor WHERE log = 'registration'";
    count(data, department, sql).try_into().unwrap()
}

/// What a department asks registration's log next, as it wrote that down with its cursor.
fn question(data: &Path, department: &str) -> ReadLogRequest {
    let sql = "SELECT hex(value) FROM store_mark WHERE name = 'follow.registration'";
    let [kept] = texts(data, department, sql).try_into().unwrap();
    let digits = kept.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    let read = ReadLogRequest::decode(bytes.as_slice()).unwrap();
    assert_eq!(read.after, cursor(data, department));
    assert!(read.after_recorded_at.is_some());
    ReadLogRequest { limit: 1, ..read }
}

/// Registration's log is there, and none of those that follow it takes anything of it.
async fn refuses_all(running: &mut Running, questions: &[ReadLogRequest; 3], why: &str) {
    let mut log = EventLogServiceClient::new(running.channel("registration").await);
    for ((department, caller), question) in READERS.into_iter().zip(questions) {
        let refused = log.read_log(canbao::request(caller, *question)).await.unwrap_err();
        assert_eq!(refused.code(), Code::OutOfRange, "{department}: {refused}");
        assert!(refused.message().contains(why), "{department}: {refused}");
        let other = if department == "collection" { "subsidy" } else { "collection" };
        follows(running, department, other).await;
        let health = HealthCheckRequest { service: "canbao.follow.registration".to_owned() };
        let health = HealthClient::new(running.channel(department).await).check(health).await.unwrap();
        assert_eq!(health.into_inner().status(), ServingStatus::NotServing, "{department}");
    }
    // Whoever waits for what is told there now is refused after two seconds in which it could have been applied.
    let after = vec![LogPosition { log: "registration".to_owned(), position: questions[2].after + 1 }];
    let asked = GetCoverageRequest { after, resident: Person::nth(1).reference(), on: day("2026-01-01") };
    assert_eq!(running.player.coverage(asked).await.unwrap_err().code(), Code::Unavailable);
}

/// A data folder, a copy of it from before the last resident was insured, and one from after that.
struct Copies {
    data: Home,
    older: TempDir,
    newer: TempDir,
}

async fn copies() -> Copies {
    let mut running = Running::start().await;
    insure(&mut running.player, &Person::nth(1)).await;
    let data = running.stop().await;
    let older = copy(data.path());
    let mut running = Running::start_in(data).await;
    insure(&mut running.player, &Person::nth(2)).await;
    let data = running.stop().await;
    Copies { newer: copy(data.path()), older, data }
}

#[tokio::test]
async fn a_copy_of_the_whole_folder_is_put_back_and_the_four_work_on_from_its_moment() {
    let (before, after) = (Person::nth(1), Person::nth(2));
    let mut running = Running::start().await;
    insure(&mut running.player, &before).await;
    let data = running.stop().await;
    let copied = copy(data.path());
    let mut running = Running::start_in(data).await;
    insure(&mut running.player, &after).await;
    drop(running.stop().await);

    let mut running = Running::start_in(copied).await;
    assert_eq!(coverage(&mut running.player, &before).await, Ok(CoverageState::Covered));
    assert_eq!(coverage(&mut running.player, &after).await, Err(Code::FailedPrecondition), "not known yet");
    insure(&mut running.player, &after).await;
    for (department, _) in READERS {
        follows(&running, department, "registration").await;
    }
    let data = running.stop().await;
    assert_eq!(count(data.path(), "collection", "SELECT COUNT(*) FROM payment"), 2);
}

#[tokio::test]
async fn an_older_copy_of_one_department_is_noticed_by_all_that_follow_it_and_they_apply_nothing() {
    let Copies { data, older, newer } = copies().await;
    let whole = DEPARTMENTS.map(|department| rows(data.path(), department));
    let questions = READERS.map(|(department, _)| question(data.path(), department));

    put(&older, data.path());
    let mut running = Running::start_in(data).await;
    refuses_all(&mut running, &questions, "the log ends at").await;
    let data = running.stop().await;
    for (place, (department, _)) in READERS.into_iter().enumerate() {
        assert_eq!(rows(data.path(), department), whole[place + 1], "{department} has applied nothing");
        assert_eq!(cursor(data.path(), department), questions[place].after, "{department}");
    }

    put(&newer, data.path());
    let running = Running::start_in(data).await;
    for (department, _) in READERS {
        follows(&running, department, "registration").await;
    }
    let data = running.stop().await;
    let now = DEPARTMENTS.map(|department| rows(data.path(), department));
    assert_eq!(now, whole, "nothing twice, nothing skipped");
}

#[tokio::test]
async fn a_log_that_was_put_back_and_went_on_is_noticed_though_it_is_longer_than_it_was() {
    let Copies { data, older, .. } = copies().await;
    let whole = DEPARTMENTS.map(|department| rows(data.path(), department));
    let questions = READERS.map(|(department, _)| question(data.path(), department));

    // Nobody follows it while it goes on: they hear of it when it is longer than what they have read.
    put(&older, data.path());
    let addresses = Process::free_addresses();
    let clock = format!("--clock={OPENING}");
    let mut alone = Process::department("registration", data.path(), addresses, &[&clock]);
    alone.ready(addresses[0]).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", addresses[0])).unwrap();
    let mut client = RegistrationServiceClient::new(endpoint.connect().await.unwrap());
    for nth in 3..10 {
        let register = Person::nth(nth).registration("2025-11-03");
        client.register_resident(canbao::request("medical-insurance", register)).await.unwrap();
    }
    drop(client);
    assert!(alone.stop().success());
    let told = count(data.path(), "registration", "SELECT MAX(position) FROM store_log");
    assert!(questions.iter().all(|question| question.after < told.try_into().unwrap()), "{told} positions");

    let mut running = Running::start_in(data).await;
    refuses_all(&mut running, &questions, "not the one that was read").await;
    let data = running.stop().await;
    for (place, (department, _)) in READERS.into_iter().enumerate() {
        assert_eq!(rows(data.path(), department), whole[place + 1], "{department} has applied nothing");
        assert_eq!(cursor(data.path(), department), questions[place].after, "{department}");
    }
}

#[test]
fn the_settings_on_the_operators_page_are_settings() {
    const PAGE: &str = include_str!("../../services/OPERATING.md");
    let (_, file) = PAGE.split_once("```toml\n").unwrap();
    let file: toml::Table = file.split_once("```").unwrap().0.parse().unwrap();
    assert!(file.len() > 5, "the settings were not found");
    for key in file.keys() {
        assert!(KEYS.iter().any(|known| known.name == key), "{key} is not a setting");
    }
}
