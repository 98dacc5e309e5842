//! What many slow clients cost a department, with TLS and without.

use std::{fs, sync::Arc};

use canbao_host::{Address, Certificates, Settings};
use canbao_tests::{Process, Target, framed, settings};
use http::HeaderMap;
use tonic::Code;

use super::{
    PATIENCE,
    hostile::{HEALTH, LARGEST, REFLECT, REPORT, WATCH, is_served},
};

const CLIENTS: u64 = 64;
/// What one of them may cost at most, in KiB: its message, as much again that waits to be read, and its connection.
const EACH: u64 = 1_536;

/// The most memory a process has had, in KiB.
fn most_memory(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_never_finish_the_largest_message_cost_what_is_stated_and_others_are_served() {
    for certified in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (data, kept) = (folder.path().join("data"), folder.path().join("certificates"));
        let addresses = Process::free_addresses();
        let mut settings = Settings { addresses: addresses.map(Address::from), ..settings(&data) };
        let (mut flags, mut certificates) = (Vec::new(), None);
        if certified {
            Target::certify(&kept, &["141181/tax"]);
            certificates = Some(Arc::new(Certificates::open(&kept.join("141181/tax")).unwrap()));
            flags.push(format!("--certificates={}", kept.display()));
            settings.certificates = Some(kept);
        }
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let mut process = Process::department("collection", &data, addresses, &flags);
        process.ready_as(&settings, "collection").await;
        let target = Target { address: addresses[1], department: "collection", caller: "tax", certificates };
        is_served(target.calls().await).await;
        let before = most_memory(&process);
        let mut held = Vec::new();
        for _ in 0..CLIENTS {
            let mut calls = target.calls().await;
            let mut call = calls.begin(REPORT, HeaderMap::new()).await.unwrap();
            // All of it but the last byte.
            call.body.send_data(framed(0, LARGEST, &vec![0; LARGEST - 1]).into(), false).unwrap();
            held.push((calls, call));
        }
        for (_, call) in &mut held {
            // More than the window lets through can only be sent when the other end has read.
            call.body.reserve_capacity(1);
            let read = std::future::poll_fn(|context| call.body.poll_capacity(context));
            tokio::time::timeout(PATIENCE, read).await.expect("it is read").unwrap().unwrap();
        }
        is_served(target.calls().await).await;
        let cost = most_memory(&process) - before;
        println!(
            "{CLIENTS} clients, TLS {certified}: {cost} KiB beyond {before} KiB, {} each",
            cost / CLIENTS
        );
        assert!(cost <= CLIENTS * EACH, "{cost} KiB for {CLIENTS} clients");
        assert!(cost >= CLIENTS * 512, "{cost} KiB: the messages were not there");
        drop(held);
        is_served(target.calls().await).await;
        assert!(process.stop().success());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_message_to_health_or_reflection_is_not_read_and_costs_nothing() {
    const ANNOUNCED: usize = 4 * 1_024 * 1_024 - 5;
    let folder = tempfile::tempdir().unwrap();
    let addresses = Process::free_addresses();
    let mut process = Process::department("collection", folder.path(), addresses, &[]);
    process.ready(addresses[1]).await;
    let target =
        Target { address: addresses[1], department: "collection", caller: "tax", certificates: None };
    is_served(target.calls().await).await;
    let before = most_memory(&process);
    let mut calls = target.calls().await;
    let old = REFLECT.replace("v1", "v1alpha");
    for path in [HEALTH, WATCH, REFLECT, &old] {
        let mut asked = Vec::new();
        for _ in 0..8 {
            let mut call = calls.begin(path, HeaderMap::new()).await.unwrap();
            call.body.send_data(framed(0, ANNOUNCED, &vec![0; ANNOUNCED - 1]).into(), false).unwrap();
            asked.push(tokio::spawn(call.code()));
        }
        for answer in asked {
            let answered = tokio::time::timeout(PATIENCE, answer).await.expect("it is answered").unwrap();
            // Reflection ends without a word.
            let expected = if path.contains("Health") { Code::OutOfRange } else { Code::Ok };
            assert_eq!(answered.unwrap(), expected, "{path}");
        }
    }
    let cost = most_memory(&process) - before;
    assert!(cost <= 4 * 1_024, "{cost} KiB for 32 messages that are not read");
    is_served(target.calls().await).await;
    assert!(process.stop().success());
}
