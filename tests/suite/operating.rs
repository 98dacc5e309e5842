//! What the page for operators says about copies, done: all four databases belong to one moment.

use std::{fs, path::Path, time::Duration};

use canbao::Player;
use canbao_host::DEPARTMENTS;
use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
};
use canbao_tests::{DIVISION, Person, Running, YEAR, count, day, rows};
use tempfile::TempDir;
use tonic::Code;
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

/// Whether a department follows a log now.
async fn health(running: &Running, department: &str, log: &str) -> ServingStatus {
    let question = HealthCheckRequest { service: format!("canbao.follow.{log}") };
    let mut health = HealthClient::new(running.channel(department).await);
    health.check(question).await.unwrap().into_inner().status()
}

fn cursor(data: &Path, department: &str, log: &str) -> u64 {
    let sql = format!("SELECT position FROM store_cursor WHERE log = '{log}'");
    count(data, department, &sql).try_into().unwrap()
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
    let mut running = Running::start().await;
    insure(&mut running.player, &Person::nth(1)).await;
    let data = running.stop().await;
    let older = copy(data.path());
    let mut running = Running::start_in(data).await;
    insure(&mut running.player, &Person::nth(2)).await;
    let data = running.stop().await;
    let newer = copy(data.path());
    let whole = DEPARTMENTS.map(|department| rows(data.path(), department));

    put(&older, data.path());
    let read = READERS.map(|(department, _)| cursor(data.path(), department, "registration"));
    let running = Running::start_in(data).await;
    let mut log = EventLogServiceClient::new(running.channel("registration").await);
    for ((department, caller), after) in READERS.into_iter().zip(read) {
        let question = ReadLogRequest { after, limit: 1, ..Default::default() };
        let refused = log.read_log(canbao::request(caller, question)).await.unwrap_err();
        assert_eq!(refused.code(), Code::OutOfRange, "{department}: {}", refused.message());
        let other = if department == "collection" { "subsidy" } else { "collection" };
        follows(&running, department, other).await;
        assert_eq!(health(&running, department, "registration").await, ServingStatus::NotServing);
    }
    drop(log);
    let data = running.stop().await;
    for (place, (department, _)) in READERS.into_iter().enumerate() {
        assert_eq!(rows(data.path(), department), whole[place + 1], "{department} has applied nothing");
        assert_eq!(cursor(data.path(), department, "registration"), read[place], "{department}");
    }

    put(&newer, data.path());
    let running = Running::start_in(data).await;
    for (department, _) in READERS {
        follows(&running, department, "registration").await;
    }
    let data = running.stop().await;
    assert_eq!(
        DEPARTMENTS.map(|department| rows(data.path(), department)),
        whole,
        "nothing twice, nothing skipped"
    );
}
