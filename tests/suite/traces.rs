//! Traces, as a collector receives them.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use canbao::{Player, request};
use canbao_proto::collection::collection_service_client::CollectionServiceClient;
use canbao_tests::{Collector, DIVISION, Person, Process, YEAR, attribute, program, texts};
use opentelemetry_proto::tonic::trace::v1::Span;
use tonic::transport::Endpoint;

/// The trace and the span of the channel that asks for the payment.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CHANNEL: &str = "b7ad6b7169203331";

/// A suite of its own process, with further flags; its log goes to a file in the data folder.
async fn start(data: &Path, flags: &[String]) -> (Process, [std::net::SocketAddr; 4]) {
    let addresses = Process::free_addresses();
    let mut command = Command::new(program("canbao"));
    command.arg(format!("--data={}", data.display())).args(flags);
    command.args(canbao_host::DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    let log = fs::File::create(data.join("standard-error.log")).unwrap();
    // Spans leave soon, so that a collector that is away is noticed more than once.
    command.env("OTEL_BSP_SCHEDULE_DELAY", "20").stdout(Stdio::null()).stderr(log);
    let mut process = Process::from(command.spawn().unwrap());
    for address in addresses {
        process.ready(address).await;
    }
    (process, addresses)
}

/// Registers somebody, and pays inside the channel's trace.
async fn pay(addresses: [std::net::SocketAddr; 4]) {
    let person = Person::born("19800101", 11);
    let mut player = Player::connect(addresses).await.unwrap();
    player.register(person.registration("2025-11-03")).await.unwrap();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let at = Endpoint::from_shared(format!("http://{}", addresses[1])).unwrap();
    let mut collection = CollectionServiceClient::new(at.connect().await.unwrap());
    let mut payment = request("channel/wechat", person.payment("400.00", "2025-11-10"));
    // A caller that keeps no trace of its own does not turn ours off.
    let traceparent = format!("00-{TRACE}-{CHANNEL}-00");
    payment.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    collection.pay_contribution(payment).await.unwrap();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    // What benefits told about it reaches registration.
    player.catch_up(DIVISION, YEAR).await.unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The one span of a trace with this name, in this department.
fn one<'a>(spans: &'a [Span], name: &str, department: &str) -> &'a Span {
    let fits = |span: &&Span| {
        span.name == name && attribute(span, "department").is_some_and(|found| found == department)
    };
    let found: Vec<_> = spans.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{name} in {department}: {spans:#?}");
    found[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_payment_is_one_trace_through_four_departments() {
    let (data, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let (process, addresses) = start(data.path(), &[format!("--traces={}", collector.url())]).await;
    pay(addresses).await;
    // The last spans leave before the process ends.
    assert!(process.stop().success());

    let all = collector.spans();
    let spans: Vec<Span> = all.iter().filter(|span| hex(&span.trace_id) == TRACE).cloned().collect();
    let method = "canbao.collection.v1.CollectionService/PayContribution";
    let paid = one(&spans, method, "collection");
    assert_eq!(hex(&paid.parent_span_id), CHANNEL, "the channel's span");
    assert_eq!(attribute(paid, "rpc.code").as_deref(), Some("OK"));
    assert_eq!(attribute(paid, "caller").as_deref(), Some("channel/wechat"));
    let unit: Vec<_> = spans.iter().filter(|span| span.name == "unit of work").collect();
    assert_eq!(unit.len(), 1, "{spans:#?}");
    assert_eq!(unit[0].parent_span_id, paid.span_id);
    for key in ["queued.microseconds", "run.microseconds", "group"] {
        assert!(attribute(unit[0], key).is_some(), "{key} is missing in {:?}", unit[0]);
    }
    let settled = "canbao.collection.v1.ContributionSettled";
    for department in ["registration", "subsidy", "benefits"] {
        assert_eq!(
            one(&spans, settled, department).parent_span_id,
            paid.span_id,
            "{department} reacts to it"
        );
    }
    let determined = one(&spans, "canbao.benefits.v1.BenefitPeriodDetermined", "registration");
    let told = one(&spans, settled, "benefits");
    assert_eq!(determined.parent_span_id, told.span_id, "what benefits told while reacting");

    let registered: Vec<_> = all.iter().filter(|span| span.name.ends_with("/RegisterResident")).collect();
    assert_eq!(registered.len(), 1);
    assert_ne!(hex(&registered[0].trace_id), TRACE, "a request without a trace begins its own");
    assert!(!all.iter().any(|span| span.name.ends_with("ReadLog")), "a long poll is no trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_setting_nothing_is_sent_and_no_trace_is_kept() {
    let (data, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let (process, addresses) = start(data.path(), &[]).await;
    pay(addresses).await;
    assert!(process.stop().success());
    assert!(collector.spans().is_empty());
    let kept = "SELECT COALESCE(trace, 'none') FROM store_log";
    assert_eq!(texts(data.path(), "collection", kept), ["none"]);
}

#[tokio::test]
async fn a_collector_that_is_away_disturbs_nobody_and_is_told_of_once() {
    let data = tempfile::tempdir().unwrap();
    let nobody = Process::free_addresses()[0];
    let (process, addresses) = start(data.path(), &[format!("--traces=http://{nobody}")]).await;
    pay(addresses).await;
    assert!(process.stop().success());
    let log = fs::read_to_string(data.path().join("standard-error.log")).unwrap();
    assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_json_names_its_trace() {
    let (data, collector) = (tempfile::tempdir().unwrap(), Collector::start().await);
    let flags =
        ["--log=debug".to_owned(), "--log-format=json".to_owned(), format!("--traces={}", collector.url())];
    let (process, addresses) = start(data.path(), &flags).await;
    pay(addresses).await;
    let at = Endpoint::from_shared(format!("http://{}", addresses[1])).unwrap();
    let mut collection = CollectionServiceClient::new(at.connect().await.unwrap());
    let payment = request("hospital", Person::born("19800101", 11).payment("400.00", "2025-11-10"));
    collection.pay_contribution(payment).await.unwrap_err();
    assert!(process.stop().success());
    let log = fs::read_to_string(data.path().join("standard-error.log")).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let paid: Vec<_> = lines
        .iter()
        .filter(|line| {
            let method = line["fields"]["rpc.method"].as_str();
            let answered = line["fields"]["message"] == "answered";
            answered && method.is_some_and(|text| text.ends_with("/PayContribution"))
        })
        .collect();
    assert_eq!(paid.len(), 1, "an access line for each request");
    assert_eq!(paid[0]["trace.id"], TRACE);
    assert_eq!((&paid[0]["fields"]["rpc.code"], &paid[0]["level"]), (&"OK".into(), &"DEBUG".into()));
    assert_eq!(paid[0]["fields"]["caller"], "channel/wechat");
    let away: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "turned away").collect();
    assert_eq!(away.len(), 1, "{log}");
    assert_eq!((&away[0]["fields"]["caller"], &away[0]["level"]), (&"hospital".into(), &"INFO".into()));
}
