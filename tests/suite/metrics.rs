//! The metrics, as Prometheus finds them.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use canbao::{Player, Suite, request};
use canbao_host::Settings;
use canbao_proto::{
    collection::{ReportPaymentsRequest, StatementLine, collection_service_client::CollectionServiceClient},
    common::Money,
};
use canbao_tests::{DIVISION, Page, Person, Process, YEAR, day, program, settings};
use canbao_types::RequestId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::transport::Endpoint;

const README: &str = include_str!("../../README.md");

fn measured(data: &Path) -> Settings {
    Settings { metrics: Some(([127, 0, 0, 1], 0).into()), ..settings(data) }
}

/// Registers, pays, is refused, is malformed, and leaves money in suspense.
async fn some_work(suite: &Suite) {
    let mut player = Player::connect(suite.addresses).await.unwrap();
    let person = Person::born("19800101", 11);
    player.register(person.registration("2025-11-03")).await.unwrap();
    player.pay(person.payment("399.00", "2025-11-10")).await.unwrap_err();
    player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let at = format!("http://{}", suite.addresses[1]);
    let channel = Endpoint::from_shared(at).unwrap().connect().await.unwrap();
    let mut client = CollectionServiceClient::new(channel);
    let money = Some(Money { yuan: "400.00".to_owned() });
    let unknown = StatementLine {
        channel_transaction_id: "1".to_owned(),
        resident: Person::born("19800101", 12).reference(),
        cover_year: YEAR,
        amount: money.clone(),
        pay_date: day("2025-11-10"),
        ..StatementLine::default()
    };
    let statement = ReportPaymentsRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        channel: "wechat".to_owned(),
        declared_total: money,
        lines: vec![unknown],
        ..Default::default()
    };
    let nowhere = |(n, cover_year)| {
        let channel_transaction_id = format!("nowhere-{n}");
        StatementLine { channel_transaction_id, cover_year, ..statement.lines[0].clone() }
    };
    let of_no_notice = ReportPaymentsRequest {
        request_id: RequestId::new().to_string(),
        declared_total: Some(Money { yuan: "800.00".to_owned() }),
        lines: [(1, 2077), (2, 2088)].map(nowhere).to_vec(),
        ..statement.clone()
    };
    client.report_payments(request("tax", statement)).await.unwrap();
    client.report_payments(request("tax", of_no_notice)).await.unwrap();
    client.report_payments(request("tax", ReportPaymentsRequest::default())).await.unwrap_err();
    client.report_payments(request("hospital", ReportPaymentsRequest::default())).await.unwrap_err();
}

#[tokio::test]
async fn what_happened_and_what_stands_is_on_the_page_and_nothing_of_another_suite() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let suite = Suite::start(&measured(data.path())).await.unwrap();
    let beside = Suite::start(&measured(other.path())).await.unwrap();
    some_work(&suite).await;
    let page = Page::at(suite.metrics.unwrap()).await;
    let number = |name: &str, labels: &[&str]| page.number(name, labels);
    let collection = r#"department="collection""#;
    let pay = r#"method="canbao.collection.v1.CollectionService/PayContribution""#;
    for (code, times) in [("OK", 1), ("FAILED_PRECONDITION", 1)] {
        let code = format!("code=\"{code}\"");
        assert_eq!(number("canbao_requests_total", &[collection, pay, &code]), Some(times), "{}", page.0);
    }
    assert_eq!(number("canbao_request_duration_seconds_count", &[collection, pay]), Some(2));
    for reason in ["WRONG_AMOUNT", "INVALID_ARGUMENT", "PERMISSION_DENIED"] {
        let reason = format!("reason=\"{reason}\"");
        assert_eq!(number("canbao_refusals_total", &[collection, &reason]), Some(1), "{}", page.0);
    }
    assert_eq!(number("canbao_log_events", &[r#"department="registration""#]), Some(1), "registered");
    assert_eq!(number("canbao_follow_cursor_events", &[collection, r#"log="registration""#]), Some(1));
    assert_eq!(number("canbao_follow_lag_events", &[collection, r#"log="registration""#]), Some(0));
    assert_eq!(number("canbao_follow_serving", &[collection, r#"log="subsidy""#]), Some(1));
    assert_eq!(number("canbao_follow_stopped", &[collection, r#"log="subsidy""#]), Some(0));
    assert_eq!(number("canbao_writer", &[collection]), Some(1));
    assert_eq!(number("canbao_queue_items", &[collection]), Some(0));
    assert!(number("canbao_log_chain_head", &[collection]).is_some_and(|chain| chain > 0));
    assert!(number("canbao_open_connections", &[collection]).is_some_and(|open| open >= 2));
    assert!(
        number("canbao_groups_total", &[collection, r#"fate="committed""#]).is_some_and(|many| many >= 4)
    );
    assert!(number("canbao_group_commit_seconds_count", &[collection]).is_some_and(|many| many >= 4));
    let suspended = [r#"division="141181""#, r#"cover_year="2026""#, r#"age_days="0-7""#];
    assert_eq!(number("canbao_suspense_payments", &suspended), Some(1));
    assert_eq!(number("canbao_suspense_fen", &suspended), Some(40_000));
    // A year is what a channel writes. Whatever no notice knows is one label, so that nobody fills the page.
    let unknown = [r#"division="none""#, r#"cover_year="none""#, r#"age_days="0-7""#];
    assert_eq!(number("canbao_suspense_payments", &unknown), Some(2), "{}", page.0);
    assert_eq!(number("canbao_suspense_fen", &unknown), Some(80_000));

    let page = Page::at(beside.metrics.unwrap()).await;
    assert_eq!(page.number("canbao_requests_total", &[pay]), None, "nobody paid there");
    assert_eq!(page.number("canbao_log_events", &[collection]), Some(0));
    suite.stop().await.unwrap();
    beside.stop().await.unwrap();
}

#[tokio::test]
async fn the_families_on_the_page_are_those_of_the_readme_each_with_its_help() {
    let (data, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let suite = Suite::start(&measured(data.path())).await.unwrap();
    some_work(&suite).await;
    let plain = Page::at(suite.metrics.unwrap()).await;
    suite.stop().await.unwrap();
    // What is told of certificates is told where there are some.
    let folder = closed.path().join("certificates");
    let words = ["certificates".as_ref(), folder.as_os_str()];
    let matches =
        canbao::certificates::command().args(canbao_host::arguments()).try_get_matches_from(words).unwrap();
    canbao::certificates::run(&matches).unwrap();
    let certified = Settings { certificates: Some(folder), ..measured(closed.path()) };
    let suite = Suite::start(&certified).await.unwrap();
    let end =
        |page: &Page| page.number("canbao_certificate_end_timestamp_seconds", &[r#"department="subsidy""#]);
    let mut behind_doors = Page::at(suite.metrics.unwrap()).await;
    // The page is there before the departments are.
    while end(&behind_doors).is_none() {
        behind_doors = Page::at(suite.metrics.unwrap()).await;
    }
    suite.stop().await.unwrap();
    assert!(end(&behind_doors).is_some_and(|end| end > 1_700_000_000), "{}", behind_doors.0);

    let named: BTreeSet<&str> = README
        .lines()
        .filter_map(|line| line.strip_prefix("| `canbao_")?.split_once('`'))
        .map(|(name, _)| name.trim_end_matches("_total"))
        .collect();
    let shown: BTreeSet<&str> = plain.families().union(&behind_doors.families()).copied().collect();
    let shown: BTreeSet<&str> = shown.iter().filter_map(|name| name.strip_prefix("canbao_")).collect();
    assert_eq!(shown, named, "on the page, in the README");
    for name in shown {
        let help = format!("# HELP canbao_{name} ");
        let said =
            |page: &Page| page.0.lines().any(|line| line.len() > help.len() && line.starts_with(&help));
        assert!(said(&plain) || said(&behind_doors), "{name} has no help");
    }
}

#[tokio::test]
async fn without_the_setting_there_is_no_page_and_a_port_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let suite = Suite::start(&settings(data.path())).await.unwrap();
    assert_eq!(suite.metrics, None);
    suite.stop().await.unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    for name in ["canbao", "canbao-collection"] {
        let mut command = Command::new(program(name));
        command.arg(format!("--data={}", data.path().display())).arg(format!("--metrics={at}"));
        let places = canbao_host::DEPARTMENTS.iter().zip(Process::free_addresses());
        command.args(places.map(|(department, at)| format!("--{department}={at}")));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.lines().count() == 1, "{said}");
        assert!(
            said.contains(&format!("metrics cannot listen on {at}")) && said.contains("in use"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn the_page_ends_with_the_drain() {
    let data = tempfile::tempdir().unwrap();
    let suite = Suite::start(&measured(data.path())).await.unwrap();
    let address = suite.metrics.unwrap();
    Page::at(address).await;
    suite.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn silent_connections_to_the_page_take_few_places_and_give_them_back() {
    const PATIENCE: Duration = Duration::from_secs(25);
    let data = tempfile::tempdir().unwrap();
    let (addresses, at) = (Process::free_addresses(), Process::free_addresses()[0]);
    let flag = format!("--metrics={at}");
    let mut process = Process::department("collection", data.path(), addresses, &[&flag]);
    process.ready(addresses[1]).await;
    let open = || fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().count();
    let (before, mut most) = (open(), 0);
    let crowd: Vec<_> = (0..64).map(|_| std::net::TcpStream::connect(at).unwrap()).collect();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(1) {
        most = most.max(open());
    }
    // The department's own neighbours are away, and it looks for them.
    assert!(most <= before + 16, "{most} open files, {before} before 64 connections that say nothing");
    drop(crowd);
    let mut silent = tokio::net::TcpStream::connect(at).await.unwrap();
    silent.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
    let page = tokio::time::timeout(PATIENCE, Page::at(at)).await.expect("there is a place");
    assert_eq!(page.number("canbao_writer", &[r#"department="collection""#]), Some(1));
    let ended = tokio::time::timeout(PATIENCE, silent.read_to_end(&mut Vec::new())).await;
    // Whether it was closed or cut, it is gone.
    drop(ended.expect("it is let go"));
    assert!(process.stop().success());
}
