//! Rosters: every line has an outcome, and the sums agree.

use canbao_proto::registration::{
    EmployeeScheme, RegisterRosterRequest, RegisterRosterResponse, ResidentRegistered, RosterPerson,
    RosterResult, StudentKind,
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::{Code, Status};

use super::{BUREAU, ELSEWHERE, Office, refused};

fn line(person: &Person) -> RosterPerson {
    RosterPerson {
        document: Some(person.document()),
        name: person.name.clone(),
        birth_date: None,
        circumstances: Some(person.circumstances.clone()),
        township: "141181100".to_owned(),
    }
}

fn roster(people: Vec<RosterPerson>) -> RegisterRosterRequest {
    RegisterRosterRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        registered_on: day("2025-11-03"),
        declared_count: people.len() as u32,
        people,
        ..RegisterRosterRequest::default()
    }
}

async fn ask(
    office: &mut Office,
    caller: &'static str,
    roster: RegisterRosterRequest,
) -> Result<RegisterRosterResponse, Status> {
    let answer = office.registration.register_roster(canbao::request(caller, roster)).await;
    answer.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn the_lines_of_a_roster_are_accepted_refused_repeated_or_covered_elsewhere_and_the_sums_agree() {
    let mut office = Office::open().await;
    let people: Vec<Person> = (0..6).map(Person::nth).collect();
    office.register_in(&people[4], ELSEWHERE).await.unwrap();
    let mut employed = people[1].clone();
    employed.circumstances.set_employee_scheme(EmployeeScheme::Enrolled);
    let mut silent = people[2].clone();
    silent.circumstances.set_employee_scheme(EmployeeScheme::Unspecified);
    let mut abroad = line(&people[5]);
    abroad.township = "141182100".to_owned();
    let mut unreadable = line(&people[5]);
    unreadable.document.as_mut().unwrap().number = "141199198001010118".to_owned();
    let renamed = RosterPerson { name: "乙某".to_owned(), ..line(&people[0]) };
    let lines = vec![
        line(&people[0]),
        line(&employed),
        line(&people[0]),
        unreadable,
        line(&silent),
        line(&people[3]),
        line(&people[4]),
        abroad,
        renamed,
    ];
    let asked = roster(lines);
    let answer = ask(&mut office, BUREAU, asked.clone()).await.unwrap();

    let found: Vec<_> =
        answer.outcomes.iter().map(|outcome| (outcome.result(), outcome.reason.as_str())).collect();
    use RosterResult::{Accepted, CoveredElsewhere, Refused, Repeated};
    let expected = [
        (Accepted, ""),
        (CoveredElsewhere, "IN_EMPLOYEE_SCHEME"),
        (Repeated, "ALREADY_REGISTERED"),
        (Refused, "MALFORMED"),
        (Refused, "NEEDS_FACT"),
        (Accepted, ""),
        (CoveredElsewhere, "ENROLLED_ELSEWHERE"),
        (Refused, "MALFORMED"),
        (Refused, "NAME_DIFFERS"),
    ];
    assert_eq!(found, expected);
    let sums = (answer.accepted, answer.refused, answer.repeated, answer.covered_elsewhere);
    assert_eq!(sums, (2, 4, 1, 2));
    assert_eq!(answer.outcomes[0].resident_id, answer.outcomes[2].resident_id);
    assert!(answer.outcomes[3].message.contains("document.number"), "{}", answer.outcomes[3].message);
    assert!(answer.outcomes[7].message.contains("township"), "{}", answer.outcomes[7].message);
    assert!(answer.outcomes[1].citations.iter().any(|citation| citation.clause == "XY26-02"));
    let told = office.told::<ResidentRegistered>().await;
    assert_eq!(told.len(), 3, "those accepted, and the one elsewhere");
    assert!(told[1..].iter().all(|(_, event)| event.township == "141181100"));
    assert!(told.iter().all(|(_, event)| event.masked_number.starts_with("1411")));

    assert_eq!(ask(&mut office, BUREAU, asked).await.unwrap(), answer, "the same request, the same answer");
    office.close().await;
}

#[tokio::test]
async fn a_roster_that_declares_another_number_of_people_registers_nobody() {
    let mut office = Office::open().await;
    let asked = RegisterRosterRequest { declared_count: 2, ..roster(vec![line(&Person::nth(1))]) };
    let told = refused(ask(&mut office, BUREAU, asked).await, "COUNT_DIFFERS");
    assert_eq!((told.metadata["declared"].as_str(), told.metadata["received"].as_str()), ("2", "1"));
    refused(office.resident(Person::nth(1).reference()).await, "UNKNOWN_RESIDENT");
    let empty = ask(&mut office, BUREAU, roster(Vec::new())).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument, "{empty:?}");
    office.close().await;
}

#[tokio::test]
async fn a_school_registers_its_students_and_nobody_else() {
    let mut office = Office::open().await;
    let (mut pupil, adult) = (Person::born("20120601", 1), Person::nth(1));
    pupil.circumstances.set_student(StudentKind::School);
    let answer = ask(&mut office, "school", roster(vec![line(&pupil), line(&adult)])).await.unwrap();
    assert_eq!((answer.accepted, answer.refused), (1, 1));
    assert_eq!(answer.outcomes[1].reason, "NOT_A_STUDENT");
    let alone =
        office.registration.register_resident(canbao::request("school", adult.registration("2025-11-03")));
    refused(alone.await, "NOT_A_STUDENT");
    office.register(&adult).await.unwrap();
    office.close().await;
}

#[tokio::test]
async fn the_day_on_which_a_school_registered_somebody_is_told_and_nobody_else_has_one() {
    let mut office = Office::open().await;
    let pupil = |sequence| {
        let mut pupil = Person::born("20120601", sequence);
        pupil.circumstances.set_student(StudentKind::School);
        pupil
    };
    let mut brought = pupil(3);
    brought.circumstances.school_registered_on = day("2025-09-20");
    ask(&mut office, "school", roster(vec![line(&pupil(1))])).await.unwrap();
    ask(&mut office, BUREAU, roster(vec![line(&pupil(2)), line(&brought)])).await.unwrap();
    let told = office.told::<ResidentRegistered>().await.into_iter();
    let days: Vec<_> = told.map(|(_, told)| told.circumstances.unwrap().school_registered_on).collect();
    assert_eq!(days, [day("2025-11-03"), None, day("2025-09-20")], "by itself, not at all, by the bureau");

    let mut early = pupil(4);
    early.circumstances.school_registered_on = day("2025-11-04");
    let answer = ask(&mut office, BUREAU, roster(vec![line(&early)])).await.unwrap();
    assert_eq!(answer.outcomes[0].reason, "MALFORMED", "a school registers nobody after the registration");
    office.close().await;
}
