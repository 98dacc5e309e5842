//! What one division learns of, and does to, the residents and the payments of another: as little as the trade needs.

use std::collections::BTreeMap;

use canbao_proto::{
    collection::{
        DeclareContributionsRequest, DeclareContributionsResponse, ListPaymentsRequest, ListPaymentsResponse,
        ListSuspenseRequest, ListSuspenseResponse, PayContributionRequest, PayContributionResponse,
        ReportPaymentsRequest, ReportPaymentsResponse, StatementLine, SuspenseReason,
    },
    common::{DocumentKind, IdentityDocument, ResidentReference},
    refusal,
    registration::{
        AssessLatePaymentRequest, AssessLatePaymentResponse, ChangeDocumentRequest, ChangeDocumentResponse,
        Cover, CoverLine, EndCause, EndRegistrationRequest, EndRegistrationResponse, GetResidentResponse,
        ListRegistrationsRequest, ListRegistrationsResponse, MoveRegistrationRequest,
        MoveRegistrationResponse, RecordCoverRequest, RecordCoverResponse, RegisterResidentRequest,
        RegisterResidentResponse, RegisterRosterRequest, RegisterRosterResponse, RosterOutcome, RosterPerson,
        RosterResult, Scheme,
    },
};
use canbao_tests::{DIVISION, Person, YEAR, day, reference};
use tonic::{Code, Status};

use super::{
    ABOVE, BESIDE, Divided, ELSEWHERE, reason,
    rows::{id, yuan},
};

fn bureau(division: &str) -> String {
    format!("{division}/medical-insurance")
}

fn refused_as<T>(outcome: &Result<T, Status>, expected: &str, what: &str) {
    assert_eq!(reason(outcome).as_deref(), Some(expected), "{what}");
}

/// The result, the reason and whether a resident is named.
fn told(outcome: &RosterOutcome) -> (RosterResult, &str, bool) {
    (outcome.result(), &outcome.reason, !outcome.resident_id.is_empty())
}

impl Divided {
    /// Moves somebody's registration, as the bureau of the division that receives.
    async fn moves(
        &mut self,
        person: &Person,
        (to, on): (&str, &str),
    ) -> Result<MoveRegistrationResponse, Status> {
        let moving = MoveRegistrationRequest {
            request_id: id(),
            resident: person.reference(),
            division: to.to_owned(),
            cover_year: YEAR,
            moved_on: day(on),
            ..Default::default()
        };
        self.ask(&bureau(to), "MoveRegistration", &moving).await
    }

    /// Records a year in the resident scheme of each of them, as the bureau of a division or of one above it.
    async fn records(&mut self, who: &str, division: &str, people: &[&Person]) -> RecordCoverResponse {
        let cover = Cover {
            scheme: Scheme::Resident.into(),
            from: day("2024-01-01"),
            to: day("2024-12-31"),
            ..Default::default()
        };
        let line =
            |person: &&Person| CoverLine { document: Some(person.document()), cover: Some(cover.clone()) };
        let request = RecordCoverRequest {
            request_id: id(),
            division: division.to_owned(),
            recorded_on: day("2025-11-04"),
            lines: people.iter().map(line).collect(),
            declared_count: people.len() as u32,
            ..Default::default()
        };
        self.ask(&bureau(who), "RecordCover", &request).await.unwrap()
    }

    /// Registers a roster of each of them, as the bureau of a division or of one above it.
    async fn enrols(&mut self, who: &str, division: &str, people: &[&Person]) -> RegisterRosterResponse {
        let person = |person: &&Person| RosterPerson {
            document: Some(person.document()),
            name: person.name.clone(),
            circumstances: Some(person.circumstances.clone()),
            ..Default::default()
        };
        let request = RegisterRosterRequest {
            request_id: id(),
            division: division.to_owned(),
            cover_year: YEAR,
            registered_on: day("2025-11-04"),
            people: people.iter().map(person).collect(),
            declared_count: people.len() as u32,
            ..Default::default()
        };
        self.ask(&bureau(who), "RegisterRoster", &request).await.unwrap()
    }

    /// Reports money that was taken, as the tax bureau of a division or of one above it.
    async fn reports(&mut self, who: &str, division: &str, line: &StatementLine) -> ReportPaymentsResponse {
        let request = ReportPaymentsRequest {
            request_id: id(),
            after: self.after(),
            division: division.to_owned(),
            channel: "wechat".to_owned(),
            lines: vec![line.clone()],
            declared_total: line.amount.clone(),
        };
        self.ask(&format!("{who}/tax"), "ReportPayments", &request).await.unwrap()
    }
}

fn taken(resident: Option<ResidentReference>, amount: &str) -> StatementLine {
    StatementLine {
        channel_transaction_id: id(),
        resident,
        cover_year: YEAR,
        amount: yuan(amount),
        pay_date: day("2025-11-10"),
        ..Default::default()
    }
}

#[tokio::test]
async fn cover_of_anothers_resident_is_not_recorded_and_that_of_somebody_unregistered_is() {
    let mut divided = Divided::start(&[&[DIVISION, ABOVE[0]], &BESIDE[..]].concat()).await;
    let (person, nobody) = (Person::nth(1), Person::nth(2));
    // Kept by key before anybody registers, whoever records it.
    let before = divided.records(ELSEWHERE, ELSEWHERE, &[&nobody]).await;
    assert_eq!(told(&before.outcomes[0]), (RosterResult::Accepted, "", false));
    divided.register(&person).await;
    for division in BESIDE {
        let answer = divided.records(division, division, &[&person, &nobody]).await;
        assert_eq!(
            told(&answer.outcomes[0]),
            (RosterResult::Refused, "FOREIGN_DIVISION", false),
            "{division}"
        );
        assert_eq!(told(&answer.outcomes[1]), (RosterResult::Repeated, "", false), "{division}");
        assert_eq!((answer.refused, answer.repeated, answer.position.unwrap().position), (1, 1, 1));
    }
    let shown: GetResidentResponse = divided.resident(&bureau(DIVISION), &person).await.unwrap();
    assert_eq!(shown.covers, [], "nothing of it was kept");
    let own = divided.records(DIVISION, DIVISION, &[&person]).await;
    assert_eq!(told(&own.outcomes[0]), (RosterResult::Accepted, "", true));
    let above = divided.records(ABOVE[0], DIVISION, &[&person]).await;
    assert_eq!(told(&above.outcomes[0]), (RosterResult::Repeated, "", true));
    // A move brings the resident and the right to speak of the cover.
    divided.moves(&person, (ELSEWHERE, "2025-11-05")).await.unwrap();
    let left = divided.records(DIVISION, DIVISION, &[&person]).await;
    assert_eq!(told(&left.outcomes[0]), (RosterResult::Refused, "FOREIGN_DIVISION", true), "known, and gone");
    let received = divided.records(ELSEWHERE, ELSEWHERE, &[&person]).await;
    assert_eq!(told(&received.outcomes[0]), (RosterResult::Repeated, "", true));
    divided.suite.stop().await.unwrap();
}
