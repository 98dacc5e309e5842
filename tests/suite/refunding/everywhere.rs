//! What is given back is heard of by every department: the same resident through all four.

use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    registration::{GetResidentRequest, RegistrationStatus},
    subsidy::{ConfirmRosterRequest, GetPayerTotalsRequest, RosterLine, SubmitRosterRequest},
};
use canbao_tests::{Person, Running};

use super::*;

/// How one resident and one payer stand, asked of those who own it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stand {
    /// Paid and aided, by collection's books.
    pub(super) books: (String, String),
    /// What payers of aid owe, by finance's list.
    pub(super) payers: Vec<String>,
    pub(super) insured: bool,
    pub(super) covered: CoverageState,
}

pub(super) async fn stand(running: &mut Running, person: &Person) -> Stand {
    let player = &mut running.player;
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let division = DIVISION.to_owned();
    let asked = GetBooksRequest { division: division.clone(), cover_year: YEAR, ..Default::default() };
    let books = player.books(asked).await.unwrap();
    let asked = GetPayerTotalsRequest { division, cover_year: YEAR, ..Default::default() };
    let totals = player.payer_totals(asked).await.unwrap().totals;
    let asked = GetResidentRequest { resident: person.reference(), ..Default::default() };
    let shown = player.resident(asked).await.unwrap();
    let asked =
        GetCoverageRequest { resident: person.reference(), on: day("2026-03-01"), ..Default::default() };
    let covered = player.coverage(asked).await.unwrap();
    Stand {
        books: (yuan(&books.paid_total).to_owned(), yuan(&books.aided_total).to_owned()),
        payers: totals.iter().map(|total| yuan(&total.amount).to_owned()).collect(),
        insured: shown.registrations[0].status() == RegistrationStatus::Insured,
        covered: covered.state(),
    }
}

/// Somebody is recognised as poor, and the medical insurance bureau confirms it on the same day.
pub(super) async fn recognise(running: &mut Running, person: &Person, on: &str) {
    list(running, person, (on, on), None).await;
}

/// Somebody recognised on a day stands on a list of the poor of a day, perhaps with a last day; the medical insurance
/// bureau confirms it.
async fn list(running: &mut Running, person: &Person, (since, on): (&str, &str), ended: Option<&str>) {
    let line = RosterLine {
        document: Some(person.document()),
        name: person.name.clone(),
        recognised_on: day(since),
        ended_on: ended.and_then(day),
        ..RosterLine::default()
    };
    let roster = SubmitRosterRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        identity: "低保对象".to_owned(),
        submitted_on: day(on),
        declared_count: 1,
        lines: vec![line],
        ..SubmitRosterRequest::default()
    };
    let submitted = running.player.submit_roster("civil-affairs", roster).await.unwrap();
    let confirmation = ConfirmRosterRequest {
        request_id: RequestId::new().to_string(),
        roster_id: submitted.roster_id,
        confirmed_on: day(on),
        ..ConfirmRosterRequest::default()
    };
    running.player.confirm_roster(confirmation).await.unwrap();
}

#[tokio::test]
async fn aid_after_paying_and_leaving_school_after_that_are_the_same_to_every_department() {
    let mut running = Running::start().await;
    let mut student = Person::born("20060501", 11);
    student.circumstances.set_student(StudentKind::College);
    running.player.register(student.registration("2025-10-21")).await.unwrap();
    running.player.pay(student.payment("400.00", "2025-11-12")).await.unwrap();
    let amounts = |paid: &str, aided: &str| (paid.to_owned(), aided.to_owned());
    let paid = Stand {
        books: amounts("400.00", "0.00"),
        payers: Vec::new(),
        insured: true,
        covered: CoverageState::Covered,
    };
    assert_eq!(stand(&mut running, &student).await, paid);

    recognise(&mut running, &student, "2025-12-15").await;
    let helped = Stand { books: amounts("80.00", "320.00"), payers: vec!["320.00".to_owned()], ..paid };
    assert_eq!(stand(&mut running, &student).await, helped);

    let leaving = RefundStudentRequest {
        request_id: RequestId::new().to_string(),
        resident: student.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        left_on: day("2025-12-20"),
        asked_on: day("2025-12-22"),
        ..Default::default()
    };
    let refund = running.player.refund_student(leaving).await.unwrap().refund.unwrap();
    assert_eq!(yuan(&refund.amount), "80.00", "what was not given back before");
    let left = Stand {
        books: amounts("0.00", "0.00"),
        payers: Vec::new(),
        insured: false,
        covered: CoverageState::NotSettled,
    };
    assert_eq!(stand(&mut running, &student).await, left);

    running.player.pay(student.payment("80.00", "2025-12-24")).await.unwrap();
    assert_eq!(stand(&mut running, &student).await, helped, "paid anew, with the aid from the first");
    running.stop().await;
}

#[tokio::test]
async fn aid_that_went_back_with_the_year_is_not_granted_again_when_the_identity_has_ended() {
    let mut running = Running::start().await;
    let mut student = Person::born("20060501", 12);
    student.circumstances.set_student(StudentKind::College);
    running.player.register(student.registration("2025-10-21")).await.unwrap();
    running.player.pay(student.payment("400.00", "2025-11-12")).await.unwrap();
    recognise(&mut running, &student, "2025-12-15").await;
    assert_eq!(stand(&mut running, &student).await.payers, ["320.00"]);
    let leaving = RefundStudentRequest {
        request_id: RequestId::new().to_string(),
        resident: student.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        left_on: day("2025-12-20"),
        asked_on: day("2025-12-22"),
        ..Default::default()
    };
    running.player.refund_student(leaving).await.unwrap();

    list(&mut running, &student, ("2025-12-15", "2026-01-05"), Some("2025-12-31")).await;
    running.player.catch_up(DIVISION, YEAR).await.unwrap();
    running.player.pay(student.payment("400.00", "2026-01-08")).await.unwrap();
    let stood = stand(&mut running, &student).await;
    assert_eq!(stood.books, ("400.00".to_owned(), "0.00".to_owned()));
    assert_eq!(stood.payers, [""; 0], "nobody owes what tax did not take");
    running.stop().await;
}
