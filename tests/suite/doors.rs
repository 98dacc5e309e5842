//! Closed doors: who is let in where certificates are configured, and as whom.

use canbao_host::{DEPARTMENTS, Settings};
use canbao_proto::rules::{self, RULES};
use canbao_tests::{Doors, IDENTITIES, Person, identity, settings};
use tonic::Code;

use crate::{authority::owner, walkthrough::walk};

#[path = "doors/refused.rs"]
mod refused;
#[path = "doors/rotating.rs"]
mod rotating;
#[path = "doors/services.rs"]
mod services;

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const PAY: &str = "/canbao.collection.v1.CollectionService/PayContribution";

#[tokio::test]
async fn an_identity_may_call_by_its_certificate_what_the_table_admits_it_to_and_nothing_else() {
    let doors = Doors::open().await;
    let (mut admitted, mut asked) = (0, 0);
    for department in DEPARTMENTS {
        for name in IDENTITIES {
            let raw = doors.raw(department, &identity(name));
            for rule in RULES {
                let caller = rules::named(name).unwrap().0;
                let here = owner(rule.path).is_none_or(|owner| owner == department);
                let expected = match (rule.admits(caller), here) {
                    (false, _) => Code::PermissionDenied,
                    (true, true) => Code::InvalidArgument,
                    (true, false) => Code::Unimplemented,
                };
                // No RPC has a request that may be empty, so an empty one shows whether the caller came through.
                let found = raw.call(rule.path, None, Vec::new()).await.unwrap_err();
                assert_eq!(found.code(), expected, "{name} calls {} of {department}: {found}", rule.path);
                asked += 1;
                admitted += usize::from(expected == Code::InvalidArgument);
            }
        }
    }
    assert_eq!(asked, DEPARTMENTS.len() * IDENTITIES.len() * RULES.len());
    assert!(admitted > 30, "hardly anybody was let in");
    doors.stop().await;
}

#[tokio::test]
async fn the_header_that_names_a_caller_is_refused_beside_a_certificate_whomever_it_names() {
    let doors = Doors::open().await;
    let (hospital, tax) =
        (doors.raw("collection", &identity("hospital")), doors.raw("collection", &identity("tax")));
    for named in ["tax", "hospital", "service/collection", "nobody", ""] {
        for (raw, who) in [(&hospital, "a hospital"), (&tax, "the tax bureau")] {
            let refused = raw.call(PAY, Some(named), Vec::new()).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{who} says it is {named:?}");
            assert!(refused.message().contains("canbao-department"), "{}", refused.message());
        }
        let refused = tax.call(HEALTH, Some(named), Vec::new()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "health is no way around it");
        assert_eq!(hospital.call(PAY, None, Vec::new()).await.unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(tax.call(PAY, None, Vec::new()).await.unwrap_err().code(), Code::InvalidArgument);
    }
    doors.stop().await;
}

#[tokio::test]
async fn health_is_told_to_everybody_who_is_let_in() {
    let doors = Doors::open().await;
    for department in DEPARTMENTS {
        for name in IDENTITIES {
            let answer = doors.raw(department, &identity(name)).call(HEALTH, None, Vec::new()).await.unwrap();
            assert_eq!(answer, [0x08, 0x01], "{department} tells {name} that it is serving");
        }
    }
    doors.stop().await;
}

#[tokio::test]
async fn one_resident_registers_pays_and_is_covered_behind_certificates() {
    let doors = Doors::open().await;
    walk(&mut doors.player(), &Person::born("19800101", 11)).await;
    doors.stop().await;
}

#[tokio::test]
async fn a_department_is_asked_for_its_health_with_its_own_certificate() {
    let doors = Doors::open().await;
    let settings = Settings {
        certificates: Some(doors.folder.clone()),
        addresses: doors.suite.addresses.map(Into::into),
        ..settings(&doors.folder)
    };
    for department in DEPARTMENTS {
        canbao::healthcheck_of(&settings, department).await.unwrap();
        let listen = format!("0.0.0.0:{}", doors.address(department).port()).parse().unwrap();
        let settings = Settings { listen: Some(listen), ..settings.clone() };
        canbao::healthcheck_of(&settings, department).await.unwrap();
    }
    // At the address of another it is not found: whoever answers there is somebody else.
    let mut elsewhere = settings.clone();
    elsewhere.addresses.swap(0, 1);
    let told = canbao::healthcheck_of(&elsewhere, "registration").await.unwrap_err().to_string();
    assert!(told.contains(&elsewhere.addresses[0].to_string()), "{told}");
    assert!(canbao::healthcheck(doors.address("registration")).await.is_err(), "nobody is asked without one");
    doors.stop().await;
    assert!(canbao::healthcheck_of(&settings, "registration").await.is_err(), "it has gone");
}
