//! What bounds a server, and how it stops.

use std::{io::Read, net::TcpStream, time::Duration};

use canbao::Suite;
use canbao_proto::{
    collection::{ReportPaymentsRequest, StatementLine, collection_service_client::CollectionServiceClient},
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
    subsidy::{GetAidRequest, aid_service_client::AidServiceClient},
};
use canbao_tests::{DIVISION, Person, Running, YEAR, settings};
use tonic::{Code, transport::Endpoint};

#[path = "limits/drain.rs"]
mod drain;
#[path = "limits/hostile.rs"]
mod hostile;
#[path = "limits/memory.rs"]
mod memory;

/// Longer than any limit here; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(25);

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
