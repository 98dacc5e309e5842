//! A drain ends in time and loses nothing, whoever is connected, with TLS and without.

use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use canbao::Player;
use canbao_host::{Address, Certificates, DEPARTMENTS, Secrets, Settings};
use canbao_proto::exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient};
use canbao_tests::{DIVISION, Home, IDENTITIES, Person, Postgres, Process, Target, settings};
use canbao_types::{Document, DocumentKind};
use tokio::io::AsyncWriteExt;
use tonic::{Code, Request};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use super::PATIENCE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_under_load_ends_in_time_with_silent_clients_an_open_stream_and_an_open_long_poll() {
    tokio::join!(drains(false), drains(true));
}

async fn drains(certified: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (data, kept) = (folder.path().join("data"), folder.path().join("certificates"));
    let addresses = Process::free_addresses();
    let mut settings = Settings { addresses: addresses.map(Address::from), ..settings(&data) };
    let mut flags = vec![format!("--data={}", data.display()), "--drain-seconds=5".to_owned()];
    flags.extend(DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    if certified {
        let callers = IDENTITIES.iter().filter(|name| !name.starts_with("service/"));
        let everybody: Vec<_> = callers.map(|name| format!("{DIVISION}/{name}")).collect();
        Target::certify(&kept, &everybody.iter().map(String::as_str).collect::<Vec<_>>());
        flags.push(format!("--certificates={}", kept.display()));
        settings.certificates = Some(kept.clone());
    }
    let mut process = Process::start("canbao", &flags.iter().map(String::as_str).collect::<Vec<_>>());
    for department in DEPARTMENTS {
        process.ready_as(&settings, department).await;
    }
    let target = |place: usize| Target {
        address: addresses[place],
        department: DEPARTMENTS[place],
        caller: "auditor",
        certificates: certified
            .then(|| Certificates::open(&kept.join(DIVISION).join("auditor")).unwrap().into()),
    };
    let player = async || match certified {
        true => Player::certified(&settings.addresses, &kept, DIVISION.parse().unwrap()).unwrap(),
        false => Player::connect(addresses).await.unwrap(),
    };
    let _silent = target(0).tcp().await;
    let mut halting = target(1).tcp().await;
    // The beginning of a handshake; without certificates, of something that is none.
    halting.write_all(b"\x16\x03\x01\x02\x00\x01\x00").await.unwrap();
    let mut speechless = target(1).stream().await;
    speechless.write_all(b"PRI * HTTP/2.0").await.unwrap();
    speechless.flush().await.unwrap();
    // A stream that its client never closes: only the timer ends the drain of this department.
    let watched = HealthClient::new(target(2).channel()).watch(HealthCheckRequest::default()).await;
    let mut watched = watched.unwrap().into_inner();
    assert!(watched.message().await.unwrap().is_some(), "the stream is open");
    // Nobody pays here, so the log of benefits stays empty and the poll stays open.
    let channel = target(3).channel();
    let poll = tokio::spawn(async move {
        let question = ReadLogRequest { after: 0, limit: 1, wait_milliseconds: 2_000, ..Default::default() };
        let asked = if certified { Request::new(question) } else { canbao::request("auditor", question) };
        EventLogServiceClient::new(channel).read_log(asked).await
    });
    let (stopping, other) = (Arc::new(AtomicBool::new(false)), player().await);
    let load = tokio::spawn(registers_until(other, stopping.clone()));
    let mut player = player().await;
    let last = Person::nth(9_999);
    player.register(last.registration("2025-11-03")).await.unwrap();
    drop(player);
    stopping.store(true, Ordering::SeqCst);
    let ended = tokio::task::spawn_blocking(move || process.stop());
    let ended = tokio::time::timeout(PATIENCE, ended).await.expect("the drain ends in time").unwrap();
    assert!(ended.success());
    let acknowledged = [load.await.unwrap(), vec![last]].concat();
    are_kept(&settings, &acknowledged);
    drop(watched);
    // The long poll did not hold the drain up: it was answered, with nothing, or told to ask again.
    match poll.await.unwrap() {
        Ok(answer) => assert!(answer.into_inner().events.is_empty(), "nobody paid"),
        Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status}"),
    }
}

/// Each of these people is known to registration.
fn are_kept(settings: &Settings, people: &[Person]) {
    let sql = "SELECT hex(person_key) FROM resident";
    let kept = canbao_tests::texts(settings.data.as_path(), "registration", sql);
    let suite = Secrets::open(settings).unwrap().suite_key;
    for person in people {
        let document = Document::parse(DocumentKind::IdentityNumber, &person.number).unwrap();
        let key = suite.person_key(&document).as_bytes().map(|byte| format!("{byte:02X}")).concat();
        assert!(kept.contains(&key), "{} was acknowledged, and is lost", person.number);
    }
}

/// Registers one after the other until a stop ends it; gives those that were acknowledged.
async fn registers_until(mut player: Player, stopping: Arc<AtomicBool>) -> Vec<Person> {
    let mut acknowledged = Vec::new();
    for person in (0..).map(Person::nth) {
        if let Err(status) = player.register(person.registration("2025-11-03")).await {
            assert!(stopping.load(Ordering::SeqCst), "only a stop may end this: {status}");
            break;
        }
        acknowledged.push(person);
    }
    acknowledged
}

#[tokio::test]
async fn a_process_that_waits_for_another_to_write_down_the_keys_stops_when_it_is_told_to() {
    let Some(home) = Home::on_postgres("a stop while another is waited for").await else { return };
    let database = format!("--database={}", home.database().unwrap());
    let start = |at| Process::department("collection", home.path(), at, &[&database]);
    let (here, there) = (Process::free_addresses(), Process::free_addresses());
    let mut writer = start(here);
    writer.ready(here[1]).await;
    let mut forget = Postgres::get().unwrap().program("psql");
    forget.args(["-X", "-q", "-d", &home.seen_from("collection"), "-c", "DELETE FROM store_mark"]);
    assert!(forget.status().unwrap().success());
    let waiting = start(there);
    let told = |word| {
        let status = fs::read_to_string(format!("/proc/{}/status", waiting.id())).unwrap();
        let found =
            status.lines().find_map(|line| line.strip_prefix(word)).map(|rest| rest.trim().to_owned());
        found.unwrap_or_default()
    };
    let since = Instant::now();
    let soon = || assert!(since.elapsed() < PATIENCE, "it does not stop");
    // It listens to SIGTERM, the fifteenth.
    while u64::from_str_radix(&told("SigCgt:"), 16).unwrap() & (1 << 14) == 0 {
        soon();
    }
    let asked = Command::new("kill").args(["-TERM", &waiting.id().to_string()]).status();
    assert!(asked.unwrap().success());
    while !told("State:").starts_with('Z') {
        soon();
    }
    assert!(waiting.stop().success());
    assert!(writer.stop().success());
}
