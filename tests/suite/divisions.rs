//! A caller whose certificate is for a division works in that one and in those below it, in every RPC.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use canbao::{Suite, certificates::Authority};
use canbao_host::{Address, Certificates, DEPARTMENTS, Settings, line};
use canbao_proto::{
    common::LogPosition,
    refusal,
    rules::{self, RULES, Rule},
};
use canbao_tests::{DIVISION, IDENTITIES, Person, Raw, good_request, settings};
use prost::Message;
use tempfile::TempDir;
use tonic::{Code, Status};

use crate::refusals::{ELSEWHERE, NOTICE};

#[path = "divisions/rows.rs"]
mod rows;
#[path = "divisions/strangers.rs"]
mod strangers;

/// What lies above the division whose notice is tried.
const ABOVE: [&str; 2] = ["141100", "140000"];
/// What neither is the division nor lies above it: its neighbour in the city, another city, another province.
const BESIDE: [&str; 4] = ["141182", ELSEWHERE, "140100", "370685"];

/// The four departments behind certificates, which belong to callers of many divisions.
struct Divided {
    suite: Suite,
    folder: PathBuf,
    /// What each was told of, to be waited for.
    told: BTreeMap<String, u64>,
    lines: BTreeMap<(String, &'static str), Raw>,
    _data: TempDir,
}

impl Divided {
    /// Starts them with certificates for every identity of these divisions, and with a notice of [`ELSEWHERE`].
    async fn start(divisions: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (folder, notices) = (data.path().join("certificates"), data.path().join("notices"));
        fs::create_dir(&notices).unwrap();
        fs::write(notices.join("141199-2026.toml"), NOTICE).unwrap();
        let authority = Authority::new().unwrap();
        let services =
            IDENTITIES.iter().filter(|name| name.starts_with("service/")).map(|&name| name.to_owned());
        let others = divisions.iter().flat_map(|division| {
            let named = IDENTITIES.iter().filter(|name| !name.starts_with("service/"));
            named.map(move |name| format!("{division}/{name}"))
        });
        for identity in services.chain(others) {
            let issued = authority.issue(&authority.words(&identity, 1).unwrap()).unwrap();
            issued.put(&folder.join(&identity), authority.trusted()).unwrap();
        }
        let settings =
            Settings { certificates: Some(folder.clone()), notices: Some(notices), ..settings(data.path()) };
        let suite = Suite::start(&settings).await.unwrap();
        Self { suite, folder, told: BTreeMap::new(), lines: BTreeMap::new(), _data: data }
    }

    /// A line of an identity's own to a department.
    fn line(&mut self, identity: &str, department: &'static str) -> Raw {
        let line = || {
            let place = DEPARTMENTS.iter().position(|&name| name == department).unwrap();
            let address = Address::from(self.suite.addresses[place]);
            let certificates = Arc::new(Certificates::open(&self.folder.join(identity)).unwrap());
            Raw::new(line(&address, department, Some(&certificates)))
        };
        self.lines.entry((identity.to_owned(), department)).or_insert_with(line).clone()
    }

    /// Asks by the path of an RPC, as an identity such as `141181/tax`.
    async fn send(&mut self, identity: &str, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Status> {
        let named = path.split('.').nth(1).unwrap();
        let department = DEPARTMENTS.into_iter().find(|department| *department == named);
        self.line(identity, department.unwrap_or("collection")).call(path, None, body).await
    }

    /// Asks, and hears the position that the answer names.
    async fn ask<A: Message + Default>(
        &mut self,
        identity: &str,
        method: &str,
        request: &impl Message,
    ) -> Result<A, Status> {
        let rule = RULES.iter().find(|rule| rule.path.ends_with(&format!("/{method}"))).unwrap();
        let answer = self.send(identity, rule.path, request.encode_to_vec()).await?;
        Ok(A::decode(answer.as_slice()).unwrap())
    }

    /// Asks as each of these divisions' identity of this name, and is refused as one of another division.
    async fn foreign_to(&mut self, divisions: &[&str], name: &str, method: &str, request: &impl Message) {
        for division in divisions {
            let who = format!("{division}/{name}");
            assert_foreign(self.ask::<()>(&who, method, request).await, &format!("{who} calls {method}"));
        }
    }

    /// Remembers a position.
    fn hear(&mut self, position: Option<LogPosition>) {
        let LogPosition { log, position } = position.unwrap();
        self.told.insert(log, position);
    }

    /// Everything that was heard, to be waited for.
    fn after(&self) -> Vec<LogPosition> {
        self.told.iter().map(|(log, &position)| LogPosition { log: log.clone(), position }).collect()
    }
}

/// The reason of a refusal, when it is one.
fn reason<T>(outcome: &Result<T, Status>) -> Option<String> {
    outcome.as_ref().err().and_then(refusal::read).map(|told| told.reason)
}

/// Asserts that a request about another division was refused as one.
#[track_caller]
fn assert_foreign<T>(outcome: Result<T, Status>, what: &str) {
    let Err(status) = outcome else { panic!("{what}: answered") };
    let told = refusal::read(&status).unwrap_or_else(|| panic!("{what}: {status:?}"));
    assert_eq!((status.code(), told.reason.as_str()), (Code::PermissionDenied, "FOREIGN_DIVISION"), "{what}");
    assert!(!told.message.is_ascii(), "{what}");
}

/// The identities that may call an RPC, without the departments' own services.
fn admitted(rule: &Rule) -> impl Iterator<Item = &'static str> {
    let admits = |text: &&str| rules::named(text).is_some_and(|(caller, _)| rule.admits(caller));
    IDENTITIES.into_iter().filter(|text| !text.starts_with("service/")).filter(admits)
}

#[tokio::test]
async fn a_request_that_names_a_division_is_for_those_of_it_and_of_what_lies_above() {
    let mut divided = Divided::start(&[&[DIVISION], &ABOVE[..], &BESIDE[..]].concat()).await;
    let mut tried = 0;
    for rule in RULES.iter().filter(|rule| !rule.by_row) {
        let (_, mut request) = good_request(rule, &Person::nth(1));
        // Nothing has happened that could be waited for.
        request.clear_field_by_name("after");
        let body = request.encode_to_vec();
        for who in admitted(rule) {
            for division in BESIDE {
                let outcome = divided.send(&format!("{division}/{who}"), rule.path, body.clone()).await;
                assert_foreign(outcome, &format!("{division}/{who} calls {}", rule.path));
                tried += 1;
            }
        }
        // Refused or not: it was let in.
        let who = admitted(rule).next().unwrap();
        for division in ABOVE.into_iter().chain([DIVISION]) {
            let outcome = divided.send(&format!("{division}/{who}"), rule.path, body.clone()).await;
            assert_ne!(
                reason(&outcome).as_deref(),
                Some("FOREIGN_DIVISION"),
                "{division}/{who} {}",
                rule.path
            );
            assert_ne!(outcome.err().map(|status| status.code()), Some(Code::Unavailable), "{}", rule.path);
        }
    }
    assert!(tried > 200, "hardly anything was tried");
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_foreign_is_said_before_anything_else_about_a_request() {
    let mut divided = Divided::start(&["370685"]).await;
    for rule in RULES.iter().filter(|rule| !rule.by_row) {
        // Nothing but the division, so everything else is malformed.
        let (_, good) = good_request(rule, &Person::nth(1));
        let mut bare = good.clone();
        for (field, _) in good.fields().filter(|(field, _)| field.name() != "division") {
            bare.clear_field(&field);
        }
        let who = format!("370685/{}", admitted(rule).next().unwrap());
        assert_foreign(divided.send(&who, rule.path, bare.encode_to_vec()).await, rule.path);
        // And a division that is none is nobody's: what is wrong with it is said by whoever reads it.
        let status = divided.send(&who, rule.path, Vec::new()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{}", rule.path);
    }
    divided.suite.stop().await.unwrap();
}
