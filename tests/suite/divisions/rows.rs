//! Requests that name no division: what they speak of decides.

use std::collections::BTreeSet;

use canbao_proto::{
    benefits::{GetCoverageRequest, GetCoverageResponse},
    collection::{
        PayRefundRequest, PayRefundResponse, RefundSuspenseRequest, RefundSuspenseResponse,
        ReportPaymentsRequest, ReportPaymentsResponse, StatementLine,
    },
    common::Money,
    exchange::{ReadLogRequest, ReadLogResponse},
    registration::{
        ChangeDocumentRequest, ChangeDocumentResponse, GetResidentRequest, GetResidentResponse,
        MoveRegistrationRequest, MoveRegistrationResponse, RegisterResidentResponse,
    },
    rules::RULES,
    subsidy::{
        ConfirmRosterRequest, ConfirmRosterResponse, DecideAidRequest, DecideAidResponse, GetAidRequest,
        GetAidResponse, SubmitRosterRequest, SubmitRosterResponse,
    },
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use prost::Message;

use super::{ABOVE, BESIDE, Divided, ELSEWHERE, reason};

/// The RPCs whose requests name no division; each is tried below.
const BY_ROW: [&str; 9] = [
    "ChangeDocument",
    "ConfirmRoster",
    "DecideAid",
    "GetAid",
    "GetCoverage",
    "GetResident",
    "PayRefund",
    "ReadLog",
    "RefundSuspense",
];

#[test]
fn every_rpc_that_leaves_the_division_to_a_row_is_tried_here() {
    let by_row: BTreeSet<_> = RULES.iter().filter(|rule| rule.by_row).map(|rule| rule.path).collect();
    let named: BTreeSet<_> = by_row.iter().filter_map(|path| path.rsplit('/').next()).collect();
    assert_eq!(named, BY_ROW.into());
}

pub(super) fn id() -> String {
    RequestId::new().to_string()
}

pub(super) fn yuan(yuan: &str) -> Option<Money> {
    Some(Money { yuan: yuan.to_owned() })
}

impl Divided {
    /// Registers somebody, as the division's own medical insurance bureau.
    pub(super) async fn register(&mut self, person: &Person) {
        let request = person.registration("2025-11-03");
        let registered: RegisterResidentResponse =
            self.ask("141181/medical-insurance", "RegisterResident", &request).await.unwrap();
        self.hear(registered.position);
    }

    pub(super) async fn resident(
        &mut self,
        who: &str,
        person: &Person,
    ) -> Result<GetResidentResponse, tonic::Status> {
        let request = GetResidentRequest { resident: person.reference(), ..Default::default() };
        self.ask(who, "GetResident", &request).await
    }

    /// Submits a roster of one person.
    async fn roster(&mut self, who: &str, identity: &str, person: &Person) -> SubmitRosterResponse {
        let request = SubmitRosterRequest {
            after: self.after(),
            ..person.roster(identity, "2025-06-01", "2025-11-05")
        };
        self.ask(who, "SubmitRoster", &request).await.unwrap()
    }
}

#[tokio::test]
async fn to_others_a_resident_of_a_division_is_as_if_not_there() {
    let mut divided = Divided::start(&[&[DIVISION], &ABOVE[..], &BESIDE[..]].concat()).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    let after = divided.after();
    let coverage =
        GetCoverageRequest { after: after.clone(), resident: person.reference(), on: day("2026-01-01") };
    let aid = GetAidRequest { after, resident: person.reference(), cover_year: YEAR };
    for division in [DIVISION].into_iter().chain(ABOVE) {
        let auditor = format!("{division}/auditor");
        divided.ask::<GetCoverageResponse>(&auditor, "GetCoverage", &coverage).await.unwrap();
        divided.ask::<GetAidResponse>(&auditor, "GetAid", &aid).await.unwrap();
        assert_eq!(divided.resident(&auditor, &person).await.unwrap().registrations.len(), 1);
    }
    for division in BESIDE {
        let auditor = format!("{division}/auditor");
        let unknown = Some("UNKNOWN_RESIDENT".to_owned());
        let outcome = divided.ask::<GetCoverageResponse>(&auditor, "GetCoverage", &coverage).await;
        assert_eq!(reason(&outcome), unknown, "{division}");
        let outcome = divided.ask::<GetAidResponse>(&auditor, "GetAid", &aid).await;
        assert_eq!(reason(&outcome), unknown, "{division}");
        assert_eq!(reason(&divided.resident(&auditor, &person).await), unknown, "{division}");
    }
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn whoever_has_moved_is_shown_to_each_division_with_its_own_registration_and_changed_by_the_new_one() {
    let mut divided = Divided::start(&[DIVISION, ABOVE[0], ELSEWHERE]).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    let moving = MoveRegistrationRequest {
        request_id: id(),
        resident: person.reference(),
        division: ELSEWHERE.to_owned(),
        cover_year: YEAR,
        moved_on: day("2025-11-04"),
        ..Default::default()
    };
    // The division that is left does not receive.
    divided.foreign_to(&[DIVISION], "medical-insurance", "MoveRegistration", &moving).await;
    let receiving = format!("{ELSEWHERE}/medical-insurance");
    divided.ask::<MoveRegistrationResponse>(&receiving, "MoveRegistration", &moving).await.unwrap();
    for (division, shown) in
        [(DIVISION, vec![DIVISION]), (ELSEWHERE, vec![ELSEWHERE]), (ABOVE[0], vec![DIVISION, ELSEWHERE])]
    {
        let resident = divided.resident(&format!("{division}/medical-insurance"), &person).await.unwrap();
        let found: Vec<_> = resident.registrations.iter().map(|one| one.division.as_str()).collect();
        assert_eq!(found, shown, "{division}");
    }
    let change = |n: u32| ChangeDocumentRequest {
        request_id: id(),
        resident: person.reference(),
        document: Some(Person::born(&person.number[6..14], n).document()),
        name: person.name.clone(),
        changed_on: day("2025-11-05"),
        ..Default::default()
    };
    divided.foreign_to(&[DIVISION], "medical-insurance", "ChangeDocument", &change(901)).await;
    divided.ask::<ChangeDocumentResponse>(&receiving, "ChangeDocument", &change(902)).await.unwrap();
    let above = format!("{}/medical-insurance", ABOVE[0]);
    divided.ask::<ChangeDocumentResponse>(&above, "ChangeDocument", &change(903)).await.unwrap();
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn another_divisions_aid_and_roster_are_decided_and_confirmed_by_nobody_else() {
    let mut divided = Divided::start(&[&[DIVISION, ABOVE[0]], &BESIDE[..]].concat()).await;
    let person = Person::nth(1);
    divided.register(&person).await;
    divided.roster("141181/veterans", "优抚对象", &person).await;
    let decision = DecideAidRequest {
        request_id: id(),
        resident: person.reference(),
        cover_year: YEAR,
        amount: yuan("100.00"),
        decided_on: day("2025-11-10"),
        because: "核定".to_owned(),
        ..Default::default()
    };
    for division in BESIDE {
        let who = format!("{division}/veterans");
        let outcome = divided.ask::<DecideAidResponse>(&who, "DecideAid", &decision).await;
        assert_eq!(
            reason(&outcome).as_deref(),
            Some("UNKNOWN_RESIDENT"),
            "{who}: where somebody lives is not told"
        );
    }
    let decided: DecideAidResponse = divided.ask("141181/veterans", "DecideAid", &decision).await.unwrap();
    assert!(decided.aid.is_some());

    let roster = divided.roster("141181/civil-affairs", "低保对象", &person).await;
    let confirmation = ConfirmRosterRequest {
        request_id: id(),
        roster_id: roster.roster_id,
        confirmed_on: day("2025-11-06"),
        ..Default::default()
    };
    divided.foreign_to(&BESIDE, "medical-insurance", "ConfirmRoster", &confirmation).await;
    let above = format!("{}/medical-insurance", ABOVE[0]);
    let confirmed: ConfirmRosterResponse = divided.ask(&above, "ConfirmRoster", &confirmation).await.unwrap();
    assert_eq!((confirmed.confirmed, confirmed.repeated), (1, 0), "nobody did it before");
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn another_divisions_money_is_given_back_by_nobody_else_even_when_asked_with_the_same_request_id() {
    let mut divided = Divided::start(&[&[DIVISION], &BESIDE[..]].concat()).await;
    let line = StatementLine {
        channel_transaction_id: id(),
        resident: Person::nth(1).reference(),
        cover_year: YEAR,
        amount: yuan("400.00"),
        pay_date: day("2025-11-10"),
        ..Default::default()
    };
    let statement = ReportPaymentsRequest {
        request_id: id(),
        division: DIVISION.to_owned(),
        channel: "wechat".to_owned(),
        lines: vec![line],
        declared_total: yuan("400.00"),
        ..Default::default()
    };
    let reported: ReportPaymentsResponse =
        divided.ask("141181/tax", "ReportPayments", &statement).await.unwrap();
    let refund = RefundSuspenseRequest {
        request_id: id(),
        payment_id: reported.outcomes[0].payment_id.clone(),
        decided_on: day("2026-03-05"),
        ..Default::default()
    };
    divided.foreign_to(&BESIDE, "tax", "RefundSuspense", &refund).await;
    let refunded: RefundSuspenseResponse =
        divided.ask("141181/tax", "RefundSuspense", &refund).await.unwrap();
    let payout = PayRefundRequest {
        request_id: id(),
        refund_id: refunded.refund.unwrap().refund_id,
        paid_on: day("2026-04-01"),
        ..Default::default()
    };
    divided.foreign_to(&BESIDE, "tax", "PayRefund", &payout).await;
    divided.ask::<PayRefundResponse>("141181/tax", "PayRefund", &payout).await.unwrap();
    // What was answered is remembered for the one who asked.
    divided.ask::<PayRefundResponse>("141181/tax", "PayRefund", &payout).await.unwrap();
    divided.foreign_to(&BESIDE, "tax", "PayRefund", &payout).await;
    divided.suite.stop().await.unwrap();
}

#[tokio::test]
async fn an_auditor_reads_of_a_log_what_happened_in_the_division_and_always_the_next_position() {
    let mut divided = Divided::start(&[&[DIVISION], &ABOVE[..], &BESIDE[..]].concat()).await;
    for n in 1..=3 {
        divided.register(&Person::nth(n)).await;
    }
    let question = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
    let within = [DIVISION, ABOVE[0], ABOVE[1]].map(|division| (division, 3));
    for (division, events) in within.into_iter().chain(BESIDE.map(|division| (division, 0))) {
        // Each department has a log, so the path alone does not say whose is read.
        let log = divided.line(&format!("{division}/auditor"), "registration");
        let path = RULES.iter().find(|rule| rule.path.ends_with("/ReadLog")).unwrap().path;
        let answer = log.call(path, None, question.encode_to_vec()).await.unwrap();
        let read = ReadLogResponse::decode(answer.as_slice()).unwrap();
        assert_eq!((read.events.len(), read.next, read.head), (events, 3, 3), "{division}");
        assert!(read.events.iter().all(|event| event.division == DIVISION));
    }
    divided.suite.stop().await.unwrap();
}
