//! Who may call: every identity against every RPC of every department, and what happens to everybody else.

use std::collections::BTreeSet;

use canbao::Suite;
use canbao_host::{DEPARTMENTS, Settings};
use canbao_proto::{
    common::Caller,
    rules::{self, RULES},
};
use canbao_tests::{IDENTITIES, Raw, Running, settings};
use tonic::{Code, transport::Endpoint};

/// Texts that name nobody.
const NOBODY: [&str; 10] =
    ["", "any", "TAX", "tax ", "bank", "channel", "channel/", "service/", "service/suite", "CALLER_TAX"];

const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// The department that serves an RPC; none serves the log alone.
pub(crate) fn owner(path: &str) -> Option<&str> {
    let department = path.trim_start_matches("/canbao.").split('.').next().unwrap();
    DEPARTMENTS.into_iter().find(|name| *name == department)
}

async fn code(raw: &Raw, path: &str, caller: Option<&str>) -> Code {
    // No RPC has a request that may be empty, so an empty one shows whether the caller came through the gate.
    raw.call(path, caller, Vec::new()).await.err().map_or(Code::Ok, |status| status.code())
}

#[test]
fn every_identity_of_the_contracts_is_among_those_that_call_here() {
    let called: BTreeSet<_> =
        IDENTITIES.iter().filter_map(|text| Some(rules::named(text)?.0 as i32)).collect();
    let all: BTreeSet<_> =
        (0..).map_while(|number| Caller::try_from(number).ok()).map(|one| one as i32).collect();
    let nobody = [Caller::Unspecified as i32, Caller::Any as i32];
    assert_eq!(called, all.into_iter().filter(|one| !nobody.contains(one)).collect());
}

#[tokio::test]
async fn an_identity_may_call_what_the_table_admits_it_to_and_nothing_else() {
    let running = Running::start().await;
    let mut admitted = 0;
    for department in DEPARTMENTS {
        let raw = Raw::new(running.channel(department).await);
        for rule in RULES {
            for identity in IDENTITIES {
                let caller = rules::named(identity).unwrap().0;
                let admits = rule.callers.iter().any(|&one| one == caller || one == Caller::Any);
                let here = owner(rule.path).is_none_or(|owner| owner == department);
                let expected = match (admits, here) {
                    (false, _) => Code::PermissionDenied,
                    (true, true) => Code::InvalidArgument,
                    (true, false) => Code::Unimplemented,
                };
                let found = code(&raw, rule.path, Some(identity)).await;
                assert_eq!(found, expected, "{identity} calls {} of {department}", rule.path);
                admitted += usize::from(expected == Code::InvalidArgument);
            }
        }
    }
    assert!(admitted > 30, "hardly anybody was let in");
    running.stop().await;
}

#[tokio::test]
async fn nobody_may_call_without_saying_who_and_the_answer_names_the_header() {
    let running = Running::start().await;
    for department in DEPARTMENTS {
        let raw = Raw::new(running.channel(department).await);
        for rule in RULES {
            let status = raw.call(rule.path, None, Vec::new()).await.unwrap_err();
            assert_eq!(status.code(), Code::Unauthenticated, "{}", rule.path);
            assert!(status.message().contains("canbao-department"), "{}", status.message());
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn an_identity_that_nobody_has_is_not_taken_for_one() {
    let running = Running::start().await;
    let raw = Raw::new(running.channel("collection").await);
    for rule in RULES {
        for nobody in NOBODY {
            let found = code(&raw, rule.path, Some(nobody)).await;
            assert_eq!(found, Code::Unauthenticated, "{nobody:?} calls {}", rule.path);
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_path_that_no_contract_knows_is_unimplemented_for_everybody() {
    let running = Running::start().await;
    let raw = Raw::new(running.channel("collection").await);
    for path in [
        "/canbao.collection.v1.CollectionService/GiveBack",
        "/canbao.collection.v2.CollectionService/PayContribution",
        "/canbao.collection.v1.CollectionService/paycontribution",
        "/canbao.collection.v1.CollectionService/PayContribution/",
        "/PayContribution",
        "/",
    ] {
        for identity in IDENTITIES {
            assert_eq!(
                code(&raw, path, Some(identity)).await,
                Code::Unimplemented,
                "{identity} calls {path}"
            );
        }
        assert_eq!(code(&raw, path, None).await, Code::Unauthenticated, "{path}");
    }
    running.stop().await;
}

#[tokio::test]
async fn health_is_open_to_everybody() {
    let running = Running::start().await;
    for department in DEPARTMENTS {
        let raw = Raw::new(running.channel(department).await);
        for caller in [None, Some("tax"), Some("nobody")] {
            let answer = raw.call(HEALTH, caller, Vec::new()).await.unwrap();
            assert_eq!(answer, [0x08, 0x01], "{department} is serving");
        }
    }
    running.stop().await;
}

const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// `list_services: ""`.
const LIST: [u8; 2] = [0x3a, 0x00];

#[tokio::test]
async fn reflection_tells_every_identity_what_there_is_and_nobody_else() {
    let running = Running::start().await;
    for department in DEPARTMENTS {
        let raw = Raw::new(running.channel(department).await);
        for path in REFLECTION {
            for identity in IDENTITIES {
                let answer = raw.first(path, Some(identity), LIST.to_vec()).await.unwrap();
                let listed = String::from_utf8_lossy(&answer);
                for other in DEPARTMENTS {
                    let own = listed.contains(&format!("canbao.{other}.v1."));
                    assert_eq!(
                        own,
                        other == department,
                        "{department} lists its own services: {identity}: {listed}"
                    );
                }
                assert!(listed.contains("canbao.exchange.v1.EventLogService"), "and its log: {listed}");
            }
            for nobody in [None, Some("nobody")] {
                let refused = raw.first(path, nobody, LIST.to_vec()).await.unwrap_err();
                assert_eq!(refused.code(), Code::Unauthenticated, "{path}");
            }
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn reflection_that_is_turned_off_tells_nobody() {
    let data = tempfile::tempdir().unwrap();
    let suite = Suite::start(&Settings { reflection: false, ..settings(data.path()) }).await.unwrap();
    for address in suite.addresses {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let raw = Raw::new(endpoint.connect().await.unwrap());
        for path in REFLECTION {
            let refused = raw.first(path, Some("auditor"), LIST.to_vec()).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unimplemented, "{path}");
        }
        assert!(raw.call(HEALTH, None, Vec::new()).await.is_ok(), "health stays open");
    }
    suite.stop().await.unwrap();
}
