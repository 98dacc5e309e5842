//! The README's own lines work, and what the command prints is the same.

use canbao::{Suite, grpcurl_lines, grpcurl_lines_at};
use canbao_host::{Clock, KEYS, Settings};
use canbao_tests::{Process, Raw, settings};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;
use tonic::transport::Endpoint;

/// A grpcurl line, taken apart: who calls, what is sent, where to, which method.
struct Line<'a> {
    caller: &'a str,
    data: &'a str,
    address: &'a str,
    method: &'a str,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Self {
        let rest = line.strip_prefix("grpcurl -plaintext -H 'canbao-department: ").expect(line);
        let (caller, rest) = rest.split_once("' -d '").expect(line);
        let (data, rest) = rest.split_once("' ").expect(line);
        let (address, method) = rest.split_once(' ').expect(line);
        Self { caller, data, address, method }
    }

    /// Sends it as grpcurl would: knowing the contract, not the program.
    async fn send(&self) -> Value {
        let pool = DescriptorPool::decode(canbao_proto::DESCRIPTORS).unwrap();
        let (service, method) = self.method.split_once('/').unwrap();
        let method = pool
            .get_service_by_name(service)
            .unwrap()
            .methods()
            .find(|found| found.name() == method)
            .unwrap();
        let mut json = serde_json::Deserializer::from_str(self.data);
        let message = DynamicMessage::deserialize(method.input(), &mut json).expect(self.data);
        let channel =
            Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        let path = format!("/{}", self.method);
        let answer = Raw::new(channel).call(&path, Some(self.caller), message.encode_to_vec()).await;
        let answer = answer.unwrap_or_else(|status| panic!("{}: {status}", self.method));
        let answer = DynamicMessage::decode(method.output(), answer.as_slice()).unwrap();
        serde_json::to_value(&answer).unwrap()
    }
}

#[tokio::test]
async fn the_readmes_lines_lead_one_resident_from_registration_to_cover() {
    let data = tempfile::tempdir().unwrap();
    // The clock that the README starts the suite with.
    let clock = Clock::started_at("2025-11-03T09:00:00+08:00".parse().unwrap());
    let suite = Suite::start(&Settings { clock, ..settings(data.path()) }).await.unwrap();
    let mut answers = Vec::new();
    for line in grpcurl_lines_at(suite.addresses) {
        answers.push(Line::read(&line).send().await);
    }
    let [registered, aid, due, quote, paid, covered, compared] = answers.as_slice() else {
        panic!("seven lines: {answers:?}");
    };
    assert_eq!(registered["registration"]["status"], "REGISTRATION_STATUS_REGISTERED");
    assert_eq!(aid["aid"]["owed"]["yuan"], "400.00");
    assert_eq!(due["contribution"]["due"]["yuan"], "400.00");
    assert_eq!(quote["outlook"]["from"]["year"], 2026);
    assert_eq!(paid["contribution"]["settled"], true);
    assert_eq!(covered["state"], "COVERAGE_STATE_COVERED");
    // The first of the answers says how far it is.
    assert_eq!(compared["progress"]["read"], "1");
    let again = Line::read(&grpcurl_lines_at(suite.addresses)[4]).send().await;
    assert_eq!(&again, paid, "the same request gives the same answer");
    suite.stop().await.unwrap();
}

#[test]
fn the_lines_are_for_the_default_addresses() {
    let defaults = Settings::default().addresses.map(|address| address.to_string());
    for line in grpcurl_lines() {
        assert!(defaults.contains(&Line::read(line).address.to_owned()), "{line}");
    }
    let elsewhere = grpcurl_lines_at(Process::free_addresses());
    assert_eq!(elsewhere.len(), grpcurl_lines().len());
    assert!(
        elsewhere.iter().all(|line| !defaults.iter().any(|address| line.contains(&format!("{address} "))))
    );
}

/// The rows of the table of settings, cell by cell.
fn settings_of_the_readme() -> Vec<Vec<&'static str>> {
    const README: &str = include_str!("../../README.md");
    let (_, section) = README.split_once("## Settings\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_readme_has_every_setting_with_its_variable_and_its_default_and_no_other() {
    let quoted = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    let stated: Vec<_> = settings_of_the_readme();
    let stated: Vec<_> = stated.iter().map(|row| [row[0], row[1], row[2]].map(str::to_owned)).collect();
    let held = KEYS.map(|key| [quoted(key.name), quoted(&key.variable()), quoted(&key.default())]);
    assert_eq!(stated, held);
    let explained = settings_of_the_readme().iter().all(|row| row.len() == 4 && !row[3].is_empty());
    assert!(explained, "each says what it sets");
}

#[test]
fn the_readmes_facts_are_explained_as_it_shows() {
    const README: &str = include_str!("../../README.md");
    let between = |from: &str, to: &str| README.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("FACTS.json");
    std::fs::write(&facts, between("A `FACTS.json`:\n\n```json\n", "```")).unwrap();
    let mut command = std::process::Command::new(canbao_tests::program("canbao"));
    command.args(["rule", "--notice", "141181-2026", "--explain"]).arg(&facts);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let shown = format!("为什么是80元？{}", between("```\n为什么是80元？", "```"));
    assert!(said.contains(shown.trim_end()), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
