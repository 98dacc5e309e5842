//! What bounds a server, and how it stops.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use canbao::{Player, Suite};
use canbao_proto::{
    collection::{ReportPaymentsRequest, StatementLine, collection_service_client::CollectionServiceClient},
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
    subsidy::{GetAidRequest, aid_service_client::AidServiceClient},
};
use canbao_tests::{DIVISION, Person, Process, Raw, Running, YEAR, settings};
use tonic::{Code, transport::Endpoint};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

/// Longer than any limit here; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_under_load_ends_in_time_with_silent_clients_an_open_stream_and_an_open_long_poll() {
    let data = tempfile::tempdir().unwrap();
    let addresses = Process::free_addresses();
    let mut flags = vec![format!("--data={}", data.path().display()), "--drain-seconds=5".to_owned()];
    flags.extend(canbao_host::DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    let mut process = Process::start("canbao", &flags.iter().map(String::as_str).collect::<Vec<_>>());
    for address in addresses {
        process.ready(address).await;
    }
    let _silent = TcpStream::connect(addresses[0]).unwrap();
    let mut halting = TcpStream::connect(addresses[1]).unwrap();
    halting.write_all(b"PRI * HTTP/2.0").unwrap();
    // A stream that its client never closes: only the timer ends the drain of this department.
    let health = Endpoint::from_shared(format!("http://{}", addresses[2])).unwrap().connect().await.unwrap();
    let mut watched =
        HealthClient::new(health).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert!(watched.message().await.unwrap().is_some(), "the stream is open");
    // Nobody pays here, so the log of benefits stays empty and the poll stays open.
    let poll = tokio::spawn(async move {
        let channel =
            Endpoint::from_shared(format!("http://{}", addresses[3])).unwrap().connect().await.unwrap();
        let question = ReadLogRequest { after: 0, limit: 1, wait_milliseconds: 2_000, ..Default::default() };
        EventLogServiceClient::new(channel).read_log(canbao::request("auditor", question)).await
    });
    static STOPPING: AtomicBool = AtomicBool::new(false);
    let load = tokio::spawn(async move {
        let mut player = Player::connect(addresses).await.unwrap();
        let mut acknowledged = 0_i64;
        for n in 0.. {
            match player.register(Person::nth(n).registration("2025-11-03")).await {
                Ok(_) => acknowledged += 1,
                Err(status) => {
                    assert!(STOPPING.load(Ordering::SeqCst), "only a stop may end this: {status}");
                    break;
                }
            }
        }
        acknowledged
    });
    let mut player = Player::connect(addresses).await.unwrap();
    player.register(Person::nth(9_999).registration("2025-11-03")).await.unwrap();
    drop(player);
    STOPPING.store(true, Ordering::SeqCst);
    let ended = tokio::task::spawn_blocking(move || process.stop());
    let ended = tokio::time::timeout(PATIENCE, ended).await.expect("the drain ends in time").unwrap();
    assert!(ended.success());
    let acknowledged = load.await.unwrap();
    let kept = canbao_tests::count(data.path(), "registration", "SELECT COUNT(*) FROM registration");
    assert!(kept > acknowledged, "each of {acknowledged} acknowledged, and the one before the stop: {kept}");
    drop(watched);
    // The long poll was answered or cut; either way it did not hold the drain up.
    drop(poll.await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_above_the_limit_is_closed_and_a_place_that_is_free_again_is_given() {
    let data = tempfile::tempdir().unwrap();
    let mut settings = settings(data.path());
    settings.limits.connections = 4;
    let suite = Suite::start(&settings).await.unwrap();
    // One of the places is taken by collection, which reads this department's log.
    let subsidy = suite.addresses[2];
    let read_to_end = |mut stream: TcpStream| {
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        stream.read(&mut [0; 1]).map_err(|error| error.kind())
    };
    let held: Vec<_> = (0..8).map(|_| TcpStream::connect(subsidy).unwrap()).collect();
    let closed = held.into_iter().map(read_to_end).filter(|read| *read == Ok(0)).count();
    assert!(closed >= 4, "of 8 connections at most 4 are kept, {closed} were closed");
    let mut connected = Err("nobody tried".into());
    for _ in 0..100 {
        connected = canbao::healthcheck(subsidy).await;
        if connected.is_ok() {
            break;
        }
    }
    connected.expect("places are given back");
    suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_let_go() {
    let running = Running::start().await;
    let mut silent = TcpStream::connect(running.address("benefits")).unwrap();
    // One byte is as good as none.
    silent.write_all(b"P").unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    let read = tokio::task::spawn_blocking(move || silent.read(&mut [0; 1])).await.unwrap();
    assert_eq!(read.unwrap(), 0, "closed by the server");
    running.stop().await;
}

#[tokio::test]
async fn more_requests_than_places_are_refused_at_once_and_nothing_was_started() {
    let data = tempfile::tempdir().unwrap();
    let mut settings = settings(data.path());
    // Three of them are taken by the departments that read this one's log.
    settings.limits.requests = 5;
    let suite = Suite::start(&settings).await.unwrap();
    let subsidy = Endpoint::from_shared(format!("http://{}", suite.addresses[2])).unwrap();
    let channel = subsidy.connect().await.unwrap();
    let polls = (0..6).map(|_| {
        let mut client = EventLogServiceClient::new(channel.clone());
        let question = ReadLogRequest { after: 0, limit: 1, wait_milliseconds: 2_000, ..Default::default() };
        tokio::spawn(async move { client.read_log(canbao::request("auditor", question)).await })
    });
    let mut refused = 0;
    for poll in polls.collect::<Vec<_>>() {
        refused +=
            u32::from(poll.await.unwrap().is_err_and(|status| status.code() == Code::ResourceExhausted));
    }
    assert!(refused >= 1, "there are no more than five places");
    let mut client = AidServiceClient::new(channel.clone());
    let question =
        GetAidRequest { resident: Person::nth(0).reference(), cover_year: YEAR, ..Default::default() };
    let asked = client.get_aid(canbao::request("finance", question)).await.unwrap_err();
    assert_eq!(asked.code(), Code::FailedPrecondition, "a place that is free again is given: {asked}");
    drop((client, channel));
    suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_whose_body_never_ends_is_over_at_its_deadline_and_the_connection_goes_on() {
    let running = Running::start().await;
    let raw = Raw::new(running.channel("subsidy").await);
    let path = "/canbao.subsidy.v1.AidService/GetAid";
    let halting = raw.halting(path, Some("finance"));
    let late = tokio::time::timeout(PATIENCE, halting).await.expect("it ends by itself").unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late}");
    let asked = raw.call(path, Some("finance"), Vec::new()).await.unwrap_err();
    assert_eq!(asked.code(), Code::InvalidArgument, "{asked}");
    running.stop().await;
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_and_the_connection_goes_on() {
    let running = Running::start().await;
    let mut client = CollectionServiceClient::new(running.channel("collection").await);
    let line = StatementLine { channel_transaction_id: "x".repeat(2_000), ..StatementLine::default() };
    let statement = ReportPaymentsRequest {
        division: DIVISION.to_owned(),
        lines: vec![line; 1_000],
        ..ReportPaymentsRequest::default()
    };
    let refused = client.report_payments(canbao::request("tax", statement.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    let small = ReportPaymentsRequest { lines: statement.lines[..10].to_vec(), ..statement };
    let refused = client.report_payments(canbao::request("tax", small)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "read, and found malformed: {refused}");
    running.stop().await;
}
