//! Late payment: assessed by the medical insurance centre, and told to tax.

use canbao_proto::{
    benefits::BenefitPeriodDetermined,
    collection::{ContributionRefunded, ContributionSettled},
    common::Money,
    registration::{
        AssessLatePaymentRequest, AssessLatePaymentResponse, LatePaymentAssessed, RegistrationStatus,
    },
    subsidy::{HeldIdentity, IdentitiesDetermined},
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::{Code, Status};

use super::{BUREAU, Office, refused};

fn assessing(person: &Person, on: &str) -> AssessLatePaymentRequest {
    AssessLatePaymentRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        assessed_on: day(on),
        ..AssessLatePaymentRequest::default()
    }
}

fn decided(yuan: &str, request: AssessLatePaymentRequest) -> AssessLatePaymentRequest {
    let decided_amount = Some(Money { yuan: yuan.to_owned() });
    AssessLatePaymentRequest { decided_amount, because: "按困难群体核定".to_owned(), ..request }
}

async fn ask(
    office: &mut Office,
    request: AssessLatePaymentRequest,
) -> Result<AssessLatePaymentResponse, Status> {
    let request = AssessLatePaymentRequest { after: office.heard.clone(), ..request };
    let answer = office.registration.assess_late_payment(canbao::request(BUREAU, request)).await;
    answer.map(tonic::Response::into_inner)
}

fn amounts(answer: &AssessLatePaymentResponse) -> (String, Vec<String>) {
    let yuan = |money: &Option<Money>| money.clone().unwrap().yuan;
    (yuan(&answer.due), answer.parts.iter().map(|part| yuan(&part.amount)).collect())
}

#[tokio::test]
async fn a_late_payers_amount_is_fixed_by_the_notice_and_told_to_tax() {
    let mut office = Office::open().await;
    let (late, nobody) = (Person::nth(1), Person::nth(2));
    office.register(&late).await.unwrap();
    refused(ask(&mut office, assessing(&nobody, "2026-03-05")).await, "UNKNOWN_RESIDENT");
    refused(ask(&mut office, assessing(&late, "2026-07-01")).await, "DATE_IN_FUTURE");
    let unknown = AssessLatePaymentRequest { cover_year: 2027, ..assessing(&late, "2026-03-05") };
    refused(ask(&mut office, unknown).await, "NO_NOTICE");
    refused(ask(&mut office, assessing(&late, "2026-02-25")).await, "NOT_LATE");
    let told =
        refused(ask(&mut office, decided("400.00", assessing(&late, "2026-03-05"))).await, "AMOUNT_STATED");
    assert!(told.citations.is_empty());
    let silent = AssessLatePaymentRequest {
        because: String::new(),
        ..decided("400.00", assessing(&late, "2026-03-05"))
    };
    assert_eq!(ask(&mut office, silent).await.unwrap_err().code(), Code::InvalidArgument);

    let assessed = ask(&mut office, assessing(&late, "2026-03-05")).await.unwrap();
    assert_eq!(amounts(&assessed), ("1100.00".to_owned(), vec!["400.00".to_owned(), "700.00".to_owned()]));
    assert!(assessed.parts.iter().all(|part| part.bearer == "person"));
    assert_eq!(assessed.open_to, day("2026-12-31"));
    for clause in ["XY26-38", "XY26-39"] {
        assert!(assessed.citations.iter().any(|citation| citation.clause == clause), "{clause}");
    }
    let (_, event) = office.told::<LatePaymentAssessed>().await.remove(0);
    assert_eq!((event.due, event.parts), (assessed.due, assessed.parts));
    assert_eq!((event.open_from, event.open_to), (day("2026-03-05"), assessed.open_to));

    office.end(&late, "2026-03-06").await.unwrap();
    refused(ask(&mut office, assessing(&late, "2026-03-07")).await, "NOT_REGISTERED");
    office.close().await;
}

#[tokio::test]
async fn who_was_recognised_and_missed_the_window_pays_what_a_person_decides() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    let resident_id = office.admitted(&person).await;
    let held = |confirmed_on, ended_on: Option<&str>| HeldIdentity {
        identity: "低保对象".to_owned(),
        confirmed: true,
        recognised_on: day("2024-05-01"),
        confirmed_on: day(confirmed_on),
        ended_on: ended_on.and_then(day),
        ..HeldIdentity::default()
    };
    let tell = |office: &mut Office, identity| {
        let told = IdentitiesDetermined {
            resident_id: resident_id.clone(),
            cover_year: YEAR,
            identities: vec![identity],
        };
        office.tell("subsidy", &told);
    };
    tell(&mut office, held("2025-11-05", None));
    let told = refused(ask(&mut office, assessing(&person, "2026-03-05")).await, "AMOUNT_NEEDED");
    assert!(told.citations.iter().any(|citation| citation.clause == "XY26-38"));
    let answer = ask(&mut office, decided("80.00", assessing(&person, "2026-03-05"))).await.unwrap();
    assert_eq!(amounts(&answer), ("780.00".to_owned(), vec!["80.00".to_owned(), "700.00".to_owned()]));

    // Confirmed after the window: newly recognised (XY26-23), whatever the day of the roster.
    tell(&mut office, held("2026-03-01", None));
    refused(ask(&mut office, assessing(&person, "2026-03-06")).await, "NOT_LATE");
    tell(&mut office, held("2026-03-01", Some("2026-03-05")));
    let answer = ask(&mut office, assessing(&person, "2026-03-06")).await.unwrap();
    assert_eq!(amounts(&answer).0, "1100.00", "an identity that has ended does not count");
    office.close().await;
}

#[tokio::test]
async fn who_is_insured_is_not_assessed_and_who_gave_the_year_up_is_not_insured() {
    let mut office = Office::open().await;
    let (paid, newborn) = (Person::nth(1), Person::born("20260301", 1));
    let resident_id = office.admitted(&paid).await;
    let settled =
        ContributionSettled { resident_id: resident_id.clone(), cover_year: YEAR, ..Default::default() };
    office.tell("collection", &settled);
    refused(ask(&mut office, assessing(&paid, "2026-03-05")).await, "ALREADY_INSURED");
    let part = ContributionRefunded { resident_id, cover_year: YEAR, ..Default::default() };
    office.tell("collection", &part);
    assert_eq!(office.standing(&paid).await[0].1, RegistrationStatus::Insured, "money back is no end");
    office.tell("collection", &ContributionRefunded { unsettled: true, ..part });
    assert_eq!(office.standing(&paid).await[0].1, RegistrationStatus::Registered);

    let registration = newborn.registration("2026-03-10");
    let registered = office.registration.register_resident(canbao::request(BUREAU, registration)).await;
    let id = registered.unwrap().into_inner().resident_id;
    let id = id.parse::<canbao_types::ResidentId>().unwrap();
    let free = BenefitPeriodDetermined {
        resident_id: id.as_bytes().to_vec(),
        cover_year: YEAR,
        from: day("2026-03-01"),
        to: day("2026-12-31"),
        free: true,
    };
    office.tell("benefits", &free);
    assert_eq!(office.standing(&newborn).await[0].1, RegistrationStatus::Insured);
    refused(ask(&mut office, assessing(&newborn, "2026-04-05")).await, "ALREADY_INSURED");
    office.close().await;
}
