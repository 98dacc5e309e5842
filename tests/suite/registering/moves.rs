//! Moves from another division of the suite, and of the enrolment record.

use canbao_proto::{
    collection::ContributionSettled,
    registration::{
        EmployeeScheme, EndCause, MoveRegistrationRequest, MoveRegistrationResponse, RegistrationChanged,
        RegistrationEnded, RegistrationStatus, ResidentRegistered,
    },
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::Status;

use super::{BUREAU, ELSEWHERE, Office, refused};

fn moving(person: &Person) -> MoveRegistrationRequest {
    MoveRegistrationRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        moved_on: day("2025-11-20"),
        township: "141181100".to_owned(),
        ..MoveRegistrationRequest::default()
    }
}

async fn ask(
    office: &mut Office,
    moving: MoveRegistrationRequest,
) -> Result<MoveRegistrationResponse, Status> {
    let moving = MoveRegistrationRequest { after: office.heard.clone(), ..moving };
    let answer = office.registration.move_registration(canbao::request(BUREAU, moving)).await;
    answer.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_registration_moves_here_and_ends_where_it_was() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    office.register_in(&person, ELSEWHERE).await.unwrap();
    refused(office.register(&person).await, "ENROLLED_ELSEWHERE");
    let early = MoveRegistrationRequest { moved_on: day("2026-07-01"), ..moving(&person) };
    refused(ask(&mut office, early).await, "DATE_IN_FUTURE");
    let nowhere =
        MoveRegistrationRequest { division: "110101".to_owned(), township: String::new(), ..moving(&person) };
    refused(ask(&mut office, nowhere).await, "NO_NOTICE");
    refused(ask(&mut office, moving(&Person::nth(2))).await, "UNKNOWN_RESIDENT");

    let moved = ask(&mut office, moving(&person)).await.unwrap().registration.unwrap();
    assert_eq!((moved.division.as_str(), moved.status()), (DIVISION, RegistrationStatus::Registered));
    assert_eq!((moved.registered_on, moved.township.as_str()), (day("2025-11-20"), "141181100"));
    assert!(moved.citations.iter().any(|citation| citation.clause == "XY26-02"), "by the rules of here");
    let standing = office.standing(&person).await;
    assert_eq!(
        standing,
        [
            (DIVISION.to_owned(), RegistrationStatus::Registered),
            (ELSEWHERE.to_owned(), RegistrationStatus::Ended)
        ]
    );
    let ended = office.told::<RegistrationEnded>().await;
    assert_eq!((ended[0].0.as_str(), ended[0].1.cause()), (ELSEWHERE, EndCause::Moved));
    let registered = office.told::<ResidentRegistered>().await;
    assert_eq!(registered[1].0, DIVISION);
    refused(ask(&mut office, moving(&person)).await, "NOTHING_TO_MOVE");
    office.close().await;
}

#[tokio::test]
async fn nobody_moves_who_is_insured_or_whom_the_rules_of_here_refuse() {
    let mut office = Office::open().await;
    let (insured, employed) = (Person::nth(1), Person::nth(2));
    let resident = office.admitted(&insured).await;
    let settled = ContributionSettled { resident_id: resident, cover_year: YEAR, ..Default::default() };
    office.tell("collection", &settled);
    let away = MoveRegistrationRequest {
        division: ELSEWHERE.to_owned(),
        township: String::new(),
        ..moving(&insured)
    };
    refused(ask(&mut office, away).await, "ALREADY_INSURED");
    assert_eq!(office.standing(&insured).await, [(DIVISION.to_owned(), RegistrationStatus::Insured)]);

    office.register_in(&employed, ELSEWHERE).await.unwrap();
    let mut circumstances = employed.circumstances.clone();
    circumstances.set_employee_scheme(EmployeeScheme::InScope);
    let asked = MoveRegistrationRequest { circumstances: Some(circumstances), ..moving(&employed) };
    refused(ask(&mut office, asked).await, "IN_EMPLOYEE_SCHEME");
    let standing = office.standing(&employed).await;
    assert_eq!(standing, [(ELSEWHERE.to_owned(), RegistrationStatus::Registered)], "nothing has moved");
    office.close().await;
}

#[tokio::test]
async fn a_record_that_lies_elsewhere_moves_to_the_registration_that_is_here() {
    let mut office = Office::open().await;
    let mut person = Person::nth(1);
    person.circumstances.record_division = Some("141182".to_owned());
    office.register(&person).await.unwrap();
    let moved = ask(&mut office, moving(&person)).await.unwrap().registration.unwrap();
    assert_eq!(moved.registered_on, day("2025-11-03"), "the registration stays");
    let (_, changed) = office.told::<RegistrationChanged>().await.remove(0);
    assert_eq!(changed.changed_on, day("2025-11-20"));
    let registered = changed.registered.unwrap();
    assert_eq!(registered.circumstances.unwrap().record_division, None);
    assert_eq!(registered.township, "141181100");
    refused(ask(&mut office, moving(&person)).await, "NOTHING_TO_MOVE");
    office.close().await;
}
