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

#[tokio::test]
async fn a_refused_line_of_a_roster_names_no_resident_of_another_division() {
    let mut divided = Divided::start(&[DIVISION, ABOVE[0], ELSEWHERE]).await;
    let (person, nobody) = (Person::nth(1), Person::nth(2));
    divided.register(&person).await;
    let misnamed = Person { name: "乙某".to_owned(), ..person.clone() };
    let foreign = divided.enrols(ELSEWHERE, ELSEWHERE, &[&person, &misnamed, &nobody]).await;
    let outcomes: Vec<_> = foreign.outcomes.iter().map(told).collect();
    let expected = [
        // Nobody is enrolled twice, so this much is told; not who it is, nor where.
        (RosterResult::CoveredElsewhere, "REGISTERED_ELSEWHERE", false),
        (RosterResult::Refused, "NAME_DIFFERS", false),
        (RosterResult::Accepted, "", true),
    ];
    assert_eq!(outcomes, expected);
    for who in [DIVISION, ABOVE[0]] {
        let own = divided.enrols(who, DIVISION, &[&person, &misnamed]).await;
        let outcomes: Vec<_> = own.outcomes.iter().map(told).collect();
        let expected = [
            (RosterResult::Repeated, "ALREADY_REGISTERED", true),
            (RosterResult::Refused, "NAME_DIFFERS", true),
        ];
        assert_eq!(outcomes, expected, "{who}");
    }
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_birth_date_that_is_known_is_compared_only_for_whoever_knows_the_name() {
    let mut divided = Divided::start(&[DIVISION, ELSEWHERE]).await;
    let kind = DocumentKind::BirthCertificate.into();
    let newborn = |division: &str, name: &str, born: &str| RegisterResidentRequest {
        document: Some(IdentityDocument { kind, number: "Q140000001".to_owned() }),
        division: division.to_owned(),
        name: name.to_owned(),
        birth_date: day(born),
        ..Person::nth(1).registration("2025-11-03")
    };
    let registered: RegisterResidentResponse = divided
        .ask(&bureau(DIVISION), "RegisterResident", &newborn(DIVISION, "甲一", "2025-10-01"))
        .await
        .unwrap();
    divided.hear(registered.position);
    for born in ["2025-10-01", "2025-10-02"] {
        let asked = newborn(ELSEWHERE, "乙二", born);
        let outcome =
            divided.ask::<RegisterResidentResponse>(&bureau(ELSEWHERE), "RegisterResident", &asked).await;
        refused_as(&outcome, "NAME_DIFFERS", born);
    }
    let asked = newborn(ELSEWHERE, "甲一", "2025-10-02");
    let outcome =
        divided.ask::<RegisterResidentResponse>(&bureau(ELSEWHERE), "RegisterResident", &asked).await;
    assert_eq!(outcome.unwrap_err().code(), Code::InvalidArgument);
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_resident_of_another_division_is_unknown_to_every_write_but_a_move() {
    let mut divided = Divided::start(&[&[DIVISION], &BESIDE[..]].concat()).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    // One that fits the birth date and one that does not.
    for document in [Person::born(&person.number[6..14], 901), Person::born("19880808", 902)] {
        let change = ChangeDocumentRequest {
            request_id: id(),
            resident: person.reference(),
            document: Some(document.document()),
            name: person.name.clone(),
            changed_on: day("2025-11-05"),
            ..Default::default()
        };
        for division in BESIDE {
            let outcome =
                divided.ask::<ChangeDocumentResponse>(&bureau(division), "ChangeDocument", &change).await;
            refused_as(&outcome, "UNKNOWN_RESIDENT", division);
        }
    }
    let ending = |division: &str| EndRegistrationRequest {
        request_id: id(),
        resident: person.reference(),
        division: division.to_owned(),
        cover_year: YEAR,
        ended_on: day("2025-11-05"),
        cause: EndCause::Withdrawn.into(),
        ..Default::default()
    };
    let assessing = |division: &str| AssessLatePaymentRequest {
        request_id: id(),
        resident: person.reference(),
        division: division.to_owned(),
        cover_year: YEAR,
        assessed_on: day("2025-11-05"),
        ..Default::default()
    };
    let outcome = divided
        .ask::<EndRegistrationResponse>(&bureau(ELSEWHERE), "EndRegistration", &ending(ELSEWHERE))
        .await;
    refused_as(&outcome, "UNKNOWN_RESIDENT", "an end");
    let outcome = divided
        .ask::<AssessLatePaymentResponse>(&bureau(ELSEWHERE), "AssessLatePayment", &assessing(ELSEWHERE))
        .await;
    refused_as(&outcome, "UNKNOWN_RESIDENT", "an assessment");
    // Whom nobody can move here is known to those alone who had the registration.
    divided
        .ask::<EndRegistrationResponse>(&bureau(DIVISION), "EndRegistration", &ending(DIVISION))
        .await
        .unwrap();
    refused_as(&divided.moves(&person, (ELSEWHERE, "2025-11-06")).await, "UNKNOWN_RESIDENT", "a move");
    refused_as(&divided.moves(&person, (DIVISION, "2025-11-06")).await, "NOTHING_TO_MOVE", "a move");
    let outcome = divided
        .ask::<AssessLatePaymentResponse>(&bureau(DIVISION), "AssessLatePayment", &assessing(DIVISION))
        .await;
    refused_as(&outcome, "NOT_REGISTERED", "an assessment");
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn the_division_that_is_left_is_not_told_where_a_resident_went() {
    let mut divided = Divided::start(&[DIVISION, ELSEWHERE]).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    divided.moves(&person, (ELSEWHERE, "2025-11-04")).await.unwrap();
    let change = ChangeDocumentRequest {
        request_id: id(),
        resident: person.reference(),
        document: Some(Person::born(&person.number[6..14], 901).document()),
        name: person.name.clone(),
        changed_on: day("2025-11-05"),
        ..Default::default()
    };
    let outcome = divided.ask::<ChangeDocumentResponse>(&bureau(DIVISION), "ChangeDocument", &change).await;
    let told = refusal::read(&outcome.unwrap_err()).unwrap();
    assert_eq!((told.reason.as_str(), told.metadata), ("FOREIGN_DIVISION", BTreeMap::new()));
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_transaction_number_is_taken_for_all_and_the_payment_named_to_its_own_division() {
    let mut divided = Divided::start(&[DIVISION, ABOVE[0], ELSEWHERE]).await;
    let first = taken(Person::nth(1).reference(), "400.00");
    let known = divided.reports(DIVISION, DIVISION, &first).await.outcomes.remove(0);
    let other = StatementLine { amount: yuan("380.00"), ..first.clone() };
    let foreign = divided.reports(ELSEWHERE, ELSEWHERE, &first).await.outcomes.remove(0);
    assert_eq!((foreign.other_content, foreign.payment_id.as_str()), (true, ""));
    for who in [DIVISION, ABOVE[0]] {
        let own = divided.reports(who, DIVISION, &other).await.outcomes.remove(0);
        assert_eq!((own.other_content, &own.payment_id), (true, &known.payment_id), "{who}");
    }
    let payment = PayContributionRequest {
        division: ELSEWHERE.to_owned(),
        channel_transaction_id: first.channel_transaction_id.clone(),
        ..Person::nth(1).payment("400.00", "2025-11-10")
    };
    let wechat = format!("{ELSEWHERE}/channel/wechat");
    let outcome = divided.ask::<PayContributionResponse>(&wechat, "PayContribution", &payment).await;
    refused_as(&outcome, "TRANSACTION_ID_REUSED", "a payment");
    assert_eq!(refusal::read(&outcome.unwrap_err()).unwrap().metadata, BTreeMap::new());
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_line_that_names_anothers_resident_by_id_finds_nobody() {
    let mut divided = Divided::start(&[DIVISION, ELSEWHERE]).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    let resident = divided.resident(&bureau(DIVISION), &person).await.unwrap().resident_id;
    let reported = divided
        .reports(ELSEWHERE, ELSEWHERE, &taken(reference(&resident), "400.00"))
        .await
        .outcomes
        .remove(0);
    assert_eq!(reported.suspense_reason(), SuspenseReason::UnknownResident);
    let declaration = DeclareContributionsRequest {
        request_id: id(),
        after: divided.after(),
        division: ELSEWHERE.to_owned(),
        cover_year: YEAR,
        declared_on: day("2025-11-10"),
        residents: vec![reference(&resident).unwrap()],
        declared_count: 1,
        ..DeclareContributionsRequest::default()
    };
    let who = format!("{ELSEWHERE}/veterans");
    let declared: DeclareContributionsResponse =
        divided.ask(&who, "DeclareContributions", &declaration).await.unwrap();
    let outcome = &declared.outcomes[0];
    assert_eq!((outcome.reason.as_str(), outcome.resident_id.as_str()), ("UNKNOWN_RESIDENT", ""));
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn a_list_holds_the_rows_of_its_division_and_of_no_other() {
    let mut divided = Divided::start(&[DIVISION, ABOVE[0], ELSEWHERE]).await;
    let (here, there) = (Person::nth(1), Person::nth(2));
    divided.register(&here).await;
    divided.enrols(ELSEWHERE, ELSEWHERE, &[&there]).await;
    for division in [DIVISION, ELSEWHERE] {
        divided.reports(division, division, &taken(Person::nth(9).reference(), "400.00")).await;
    }
    for (who, division, rows) in
        [(DIVISION, DIVISION, 1), (ELSEWHERE, ELSEWHERE, 1), (ABOVE[0], DIVISION, 1), (ABOVE[0], ABOVE[0], 0)]
    {
        let (place, auditor) = (division.to_owned(), format!("{who}/auditor"));
        let asked =
            ListRegistrationsRequest { division: place.clone(), cover_year: YEAR, ..Default::default() };
        let listed: ListRegistrationsResponse =
            divided.ask(&auditor, "ListRegistrations", &asked).await.unwrap();
        let found = listed.registrations.iter().map(|listed| listed.registration.as_ref().unwrap());
        assert!(found.clone().all(|one| one.division == division));
        assert_eq!(found.count(), rows, "{who} lists {division}");
        let asked = ListPaymentsRequest { division: place.clone(), cover_year: YEAR, ..Default::default() };
        let listed: ListPaymentsResponse = divided.ask(&auditor, "ListPayments", &asked).await.unwrap();
        assert_eq!(listed.payments.len(), rows, "{who} lists {division}");
        let asked = ListSuspenseRequest { division: place, cover_year: YEAR, ..Default::default() };
        let listed: ListSuspenseResponse = divided.ask(&auditor, "ListSuspense", &asked).await.unwrap();
        assert_eq!(listed.suspense.len(), rows, "{who} lists {division}");
    }
    divided.suite.stop().await.unwrap();
}
