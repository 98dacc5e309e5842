//! Lists by id and masked number, and counts.

use canbao_proto::{
    benefits::BenefitPeriodDetermined,
    collection::ContributionSettled,
    registration::{
        EndCause, GetRegistrationCountsRequest, ListRegistrationsRequest, ListRegistrationsResponse,
        RegisterResidentRequest, RegistrationStatus,
    },
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::ResidentId;
use tonic::Code;

use super::{BUREAU, Office};

const TOWNS: [&str; 2] = ["141181100", "141181101"];

/// Five people in two towns: one has paid, one is a newborn whom registration alone insures, one has ended.
async fn five() -> (Office, Vec<ResidentId>) {
    let mut office = Office::open().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let asked = RegisterResidentRequest {
            township: TOWNS[n as usize % 2].to_owned(),
            ..Person::nth(n).registration("2025-11-03")
        };
        let answer = office.registration.register_resident(canbao::request(BUREAU, asked)).await;
        ids.push(answer.unwrap().into_inner().resident_id.parse::<ResidentId>().unwrap());
    }
    let resident = |n: usize| ids[n].as_bytes().to_vec();
    let paid = ContributionSettled { resident_id: resident(0), cover_year: YEAR, ..Default::default() };
    office.tell("collection", &paid);
    for (n, free) in [(0, false), (1, true), (2, false)] {
        let (from, to) = (day("2026-01-01"), day("2026-12-31"));
        let period = BenefitPeriodDetermined { resident_id: resident(n), cover_year: YEAR, from, to, free };
        office.tell("benefits", &period);
    }
    office.end(&Person::nth(4), "2026-01-15").await.unwrap();
    (office, ids)
}

fn all() -> ListRegistrationsRequest {
    ListRegistrationsRequest { division: DIVISION.to_owned(), cover_year: YEAR, ..Default::default() }
}

async fn page(office: &mut Office, asked: ListRegistrationsRequest) -> ListRegistrationsResponse {
    let asked = ListRegistrationsRequest { after: office.heard.clone(), ..asked };
    office.registration.list_registrations(canbao::request("auditor", asked)).await.unwrap().into_inner()
}

#[tokio::test]
async fn pages_list_every_registration_once_in_the_order_of_the_ids() {
    let (mut office, mut ids) = five().await;
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let listed = page(&mut office, ListRegistrationsRequest { page_size: 2, page_token, ..all() }).await;
        assert!(listed.registrations.len() <= 2);
        found.extend(listed.registrations);
        page_token = listed.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    ids.sort();
    let listed: Vec<_> = found.iter().map(|one| one.resident_id.parse::<ResidentId>().unwrap()).collect();
    assert_eq!(listed, ids);
    assert!(found.iter().all(|one| one.masked_number.contains('*') && one.masked_number.len() == 18));

    let refused = |asked| canbao::request("auditor", asked);
    for wrong in [
        ListRegistrationsRequest { page_size: 1_001, ..all() },
        ListRegistrationsRequest { page_token: "1".to_owned(), ..all() },
        ListRegistrationsRequest { township: "14118110".to_owned(), ..all() },
        ListRegistrationsRequest { status: 9, ..all() },
    ] {
        let status = office.registration.list_registrations(refused(wrong)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    }
    office.close().await;
}

#[tokio::test]
async fn a_list_shows_one_township_or_one_status() {
    let (mut office, ids) = five().await;
    let mut listed = async |asked| {
        let listed = page(&mut office, asked).await.registrations;
        let mut found: Vec<_> = listed.iter().map(|one| one.resident_id.clone()).collect();
        found.sort();
        found
    };
    let expected = |numbers: &[usize]| {
        let mut expected: Vec<_> = numbers.iter().map(|&n| ids[n].to_string()).collect();
        expected.sort();
        expected
    };
    for (township, numbers) in [(TOWNS[0], &[0, 2, 4][..]), (TOWNS[1], &[1, 3])] {
        let asked = ListRegistrationsRequest { township: township.to_owned(), ..all() };
        assert_eq!(listed(asked).await, expected(numbers), "{township}");
    }
    for (status, numbers) in [
        (RegistrationStatus::Registered, &[2, 3][..]),
        (RegistrationStatus::Insured, &[0, 1]),
        (RegistrationStatus::Ended, &[4]),
    ] {
        let asked = ListRegistrationsRequest { status: status.into(), ..all() };
        assert_eq!(listed(asked).await, expected(numbers), "{status:?}");
    }
    office.close().await;
}

#[tokio::test]
async fn counts_are_by_township_class_and_ground_and_the_ended_are_apart() {
    let (mut office, _) = five().await;
    let asked = GetRegistrationCountsRequest {
        after: office.heard.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
    };
    let answer = office.registration.get_registration_counts(canbao::request("auditor", asked)).await;
    let answer = answer.unwrap().into_inner();
    let counts: Vec<_> = answer
        .counts
        .iter()
        .map(|count| {
            let place = (count.township.as_str(), count.class.as_str(), count.ground.as_str());
            (place, count.registered, count.insured, count.insured_by_registration)
        })
        .collect();
    let place = |town| (town, "城乡居民", "everyone-else");
    assert_eq!(counts, [(place(TOWNS[0]), 2, 1, 0), (place(TOWNS[1]), 2, 1, 1)]);
    let ended: Vec<_> = answer.ended.iter().map(|ended| (ended.cause(), ended.registrations)).collect();
    assert_eq!(ended, [(EndCause::Withdrawn, 1)]);
    office.close().await;
}
