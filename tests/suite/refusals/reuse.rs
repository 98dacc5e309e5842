//! The same request gives the same answer, byte for byte; the same request id with anything else gives none.

use std::collections::BTreeSet;

use canbao_proto::{
    collection::{
        DeclareContributionsRequest, FamilyAccount, LineOutcome, PayContributionRequest,
        PayContributionResponse, PayRefundRequest, RefundCause, RefundContributionRequest,
        RefundStudentRequest, RefundSuspenseRequest, ReportPaymentsRequest, SetTasksRequest, StatementLine,
        TownshipTask,
    },
    exchange::{ReadLogRequest, ReadLogResponse},
    registration::{
        AssessLatePaymentRequest, ChangeDocumentRequest, Circumstances, Cover, CoverLine, EndCause,
        EndRegistrationRequest, MoveRegistrationRequest, Papers, RecordCoverRequest, RegisterRosterRequest,
        RosterPerson, Scheme, StudentKind, UnemploymentBenefit,
    },
    rules::RULES,
    subsidy::{ConfirmRosterRequest, DecideAidRequest, RosterLine, SubmitRosterRequest},
};
use canbao_tests::{DIVISION, Person, Raw, YEAR, changed, day, rows};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use tonic::Code;

use super::{Asked, ELSEWHERE, refused, yuan};

/// A request that writes and that is in order.
struct Sent {
    path: &'static str,
    caller: &'static str,
    body: Vec<u8>,
}

/// The path of an RPC by the end of it.
fn path(end: &str) -> &'static str {
    RULES.iter().find(|rule| rule.path.ends_with(end)).expect("an RPC").path
}

fn department(path: &str) -> &str {
    path.trim_start_matches("/canbao.").split('.').next().unwrap()
}

/// The message of an RPC's request.
fn input(path: &str) -> MessageDescriptor {
    let contracts = DescriptorPool::decode(canbao_proto::DESCRIPTORS).unwrap();
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
    let service = contracts.get_service_by_name(service).unwrap();
    service.methods().find(|one| one.name() == method).unwrap().input()
}

/// Whether the RPC of a path writes: its request has an id.
fn writes(path: &str) -> bool {
    input(path).get_field_by_name("request_id").is_some()
}

/// One request for every RPC that writes, each of them about somebody of its own.
async fn sent(asked: &mut Asked) -> Vec<Sent> {
    let (registering, recording) = (registering(asked).await, recording(asked).await);
    let rosters = rosters(asked).await;
    let collecting = collecting(asked).await;
    let all = [registering, recording, rosters, collecting].into_iter().flatten();
    all.map(|(end, caller, body)| Sent { path: path(end), caller, body }).collect()
}

type Request = (&'static str, &'static str, Vec<u8>);

fn id() -> String {
    canbao_types::RequestId::new().to_string()
}

/// Everything that may be told of somebody to whom nothing of it applies here.
fn every_circumstance(circumstances: &mut Circumstances) {
    circumstances.permit_division = Some("none".to_owned());
    circumstances.house_division = Some("none".to_owned());
    circumstances.parent_permit_division = Some("none".to_owned());
    circumstances.school_division = Some("none".to_owned());
    circumstances.set_unemployment(UnemploymentBenefit::None);
    circumstances.works = Some(false);
    circumstances.rural = Some(true);
    circumstances.retired = Some(false);
    circumstances.employee_benefits = Some(false);
    circumstances.retirement_age = Some(false);
    circumstances.full_time = Some(false);
    circumstances.papers = Some(Papers { shown: vec!["户口本".to_owned()] });
    circumstances.school_registered_on = day("2025-10-30");
    circumstances.parent_insured = Some(false);
    circumstances.employee_months = Some(0);
    circumstances.known_arrears = yuan("0.00");
}

/// Registrations, moves and documents.
async fn registering(asked: &mut Asked) -> Vec<Request> {
    let (bureau, division, cover_year) = ("medical-insurance", DIVISION.to_owned(), YEAR);
    let (renumbered, mut moved) = (asked.registered().await, asked.person());
    moved.circumstances.record_division = Some("141182".to_owned());
    asked.admit(&moved, DIVISION).await;
    let (listed, mut new) = (asked.person(), asked.person());
    every_circumstance(&mut new.circumstances);
    let register = asked.registration(&new);
    let roster = RegisterRosterRequest {
        request_id: id(),
        division: division.clone(),
        cover_year,
        registered_on: day("2025-11-03"),
        people: vec![RosterPerson {
            document: Some(listed.document()),
            name: listed.name.clone(),
            circumstances: Some(listed.circumstances),
            ..RosterPerson::default()
        }],
        declared_count: 1,
        ..RegisterRosterRequest::default()
    };
    let relocate = MoveRegistrationRequest {
        request_id: id(),
        resident: moved.reference(),
        division,
        cover_year,
        moved_on: day("2025-11-05"),
        ..MoveRegistrationRequest::default()
    };
    let change = ChangeDocumentRequest {
        request_id: id(),
        resident: renumbered.reference(),
        document: Some(asked.person().document()),
        name: renumbered.name.clone(),
        changed_on: day("2025-11-05"),
        ..ChangeDocumentRequest::default()
    };
    vec![
        ("/RegisterResident", bureau, register.encode_to_vec()),
        ("/RegisterRoster", bureau, roster.encode_to_vec()),
        ("/MoveRegistration", bureau, relocate.encode_to_vec()),
        ("/ChangeDocument", bureau, change.encode_to_vec()),
    ]
}

/// What becomes of those who are registered.
async fn recording(asked: &mut Asked) -> Vec<Request> {
    let (bureau, division, cover_year) = ("medical-insurance", DIVISION.to_owned(), YEAR);
    let (ended, late, covered) = (asked.registered().await, asked.registered().await, asked.person());
    let end = EndRegistrationRequest {
        request_id: id(),
        resident: ended.reference(),
        division: division.clone(),
        cover_year,
        ended_on: day("2025-11-05"),
        cause: EndCause::Mistake.into(),
        ..EndRegistrationRequest::default()
    };
    let assess = AssessLatePaymentRequest {
        request_id: id(),
        resident: late.reference(),
        division: division.clone(),
        cover_year,
        assessed_on: day("2026-03-04"),
        ..AssessLatePaymentRequest::default()
    };
    let (from, to) = (day("2024-01-01"), day("2024-12-31"));
    let cover = Cover { scheme: Scheme::Resident.into(), from, to, ..Cover::default() };
    let record = RecordCoverRequest {
        request_id: id(),
        division,
        recorded_on: day("2025-11-05"),
        lines: vec![CoverLine { document: Some(covered.document()), cover: Some(cover) }],
        declared_count: 1,
        ..RecordCoverRequest::default()
    };
    vec![
        ("/EndRegistration", bureau, end.encode_to_vec()),
        ("/AssessLatePayment", bureau, assess.encode_to_vec()),
        ("/RecordCover", bureau, record.encode_to_vec()),
    ]
}

/// A roster of one person.
fn roster(identity: &str, person: &Person) -> SubmitRosterRequest {
    let line = RosterLine {
        document: Some(person.document()),
        name: person.name.clone(),
        recognised_on: day("2025-11-04"),
        certificate_on: day("2020-05-06"),
        poor: Some(false),
        ..RosterLine::default()
    };
    SubmitRosterRequest {
        request_id: id(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        identity: identity.to_owned(),
        submitted_on: day("2025-11-05"),
        lines: vec![line],
        declared_count: 1,
        ..SubmitRosterRequest::default()
    }
}

async fn rosters(asked: &mut Asked) -> Vec<Request> {
    let (poor, veteran, listed) =
        (asked.registered().await, asked.registered().await, asked.registered().await);
    let player = &mut asked.running.player;
    let roster_id = player.submit_roster("civil-affairs", roster("低保对象", &poor)).await.unwrap().roster_id;
    player.submit_roster("veterans", roster("优抚对象", &veteran)).await.unwrap();
    let confirm = ConfirmRosterRequest {
        request_id: id(),
        roster_id,
        confirmed_on: day("2025-11-06"),
        ..ConfirmRosterRequest::default()
    };
    let decide = DecideAidRequest {
        request_id: id(),
        resident: veteran.reference(),
        cover_year: YEAR,
        amount: yuan("200.00"),
        decided_on: day("2025-11-06"),
        because: "按优抚对象医疗补助政策".to_owned(),
        ..DecideAidRequest::default()
    };
    vec![
        ("/SubmitRoster", "civil-affairs", roster("低保对象", &listed).encode_to_vec()),
        ("/ConfirmRoster", "medical-insurance", confirm.encode_to_vec()),
        ("/DecideAid", "veterans", decide.encode_to_vec()),
    ]
}

/// A payment of which everything is told that may be told here.
fn every_manner(payment: PayContributionRequest) -> PayContributionRequest {
    PayContributionRequest {
        repair_years: 1,
        arrive_date: day("2025-11-12"),
        family_account: by_account(),
        // There is nothing to repair here, and the payer knows.
        confirmed_warning: true,
        ..payment
    }
}

fn every_manner_of_a_line(line: StatementLine) -> StatementLine {
    let family_account = by_account();
    StatementLine { repair_years: 1, arrive_date: day("2025-11-12"), family_account, ..line }
}

fn by_account() -> Option<FamilyAccount> {
    Some(FamilyAccount { kinship: "child".to_owned(), linked: true, balance: yuan("500.00") })
}

/// Somebody whom the other notice of the tests governs.
async fn elsewhere(asked: &mut Asked) -> Person {
    let person = asked.person();
    asked.admit(&person, ELSEWHERE).await;
    person
}

/// A contribution that is asked back where the notice gives it back.
fn back(person: &Person) -> RefundContributionRequest {
    RefundContributionRequest {
        request_id: id(),
        resident: person.reference(),
        division: ELSEWHERE.to_owned(),
        cover_year: YEAR,
        cause: RefundCause::Requested.into(),
        asked_on: day("2025-12-22"),
        ..RefundContributionRequest::default()
    }
}

async fn collecting(asked: &mut Asked) -> Vec<Request> {
    let (payer, listed, disabled) =
        (asked.registered().await, asked.registered().await, asked.registered().await);
    let mut student = asked.person();
    student.circumstances.student = StudentKind::College.into();
    student.circumstances.programme_years = Some(4);
    asked.admit(&student, DIVISION).await;
    let leaver = elsewhere(asked).await;
    let paid = asked.payment(&leaver);
    let paid = PayContributionRequest { division: ELSEWHERE.to_owned(), confirmed_warning: true, ..paid };
    let (pay, report) = (every_manner(asked.payment(&payer)), asked.statement(&listed));
    let lines = report.lines.into_iter().map(every_manner_of_a_line).collect();
    let report = ReportPaymentsRequest { lines, ..report };
    let unknown = [asked.person(), asked.person()].map(|person| asked.statement(&person));
    let several = PayContributionRequest { years: 4, amount: yuan("1600.00"), ..asked.payment(&student) };
    let player = &mut asked.running.player;
    player.submit_roster("disabled-federation", roster("残疾人员", &disabled)).await.unwrap();
    player.pay(several).await.unwrap();
    player.pay(paid).await.unwrap();
    let mut suspended = Vec::new();
    for statement in unknown {
        suspended.push(player.report(statement).await.unwrap().outcomes.remove(0).payment_id);
    }
    let mut refunds = suspended.into_iter().map(|payment_id| RefundSuspenseRequest {
        request_id: id(),
        payment_id,
        decided_on: day("2025-11-20"),
        ..RefundSuspenseRequest::default()
    });
    let (refund, other) = (refunds.next().unwrap(), refunds.next().unwrap());
    let refund_id = player.refund_suspense(other).await.unwrap().refund.unwrap().refund_id;
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let declare = DeclareContributionsRequest {
        request_id: id(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        declared_on: day("2025-11-12"),
        residents: disabled.reference().into_iter().collect(),
        declared_count: 1,
        ..DeclareContributionsRequest::default()
    };
    let left = RefundStudentRequest {
        request_id: id(),
        resident: student.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        left_on: day("2025-12-20"),
        asked_on: day("2025-12-22"),
        ..RefundStudentRequest::default()
    };
    let paid_on = day("2025-11-25");
    let pay_refund = PayRefundRequest { request_id: id(), refund_id, paid_on, ..PayRefundRequest::default() };
    let tasks = SetTasksRequest {
        request_id: id(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        tasks: vec![TownshipTask { township: "141181001".to_owned(), task_heads: 10 }],
        ..SetTasksRequest::default()
    };
    vec![
        ("/PayContribution", "channel/wechat", pay.encode_to_vec()),
        ("/ReportPayments", "channel/wechat", report.encode_to_vec()),
        ("/DeclareContributions", "disabled-federation", declare.encode_to_vec()),
        ("/RefundStudent", "school", left.encode_to_vec()),
        ("/RefundContribution", "medical-insurance", back(&leaver).encode_to_vec()),
        ("/RefundSuspense", "tax", refund.encode_to_vec()),
        ("/PayRefund", "tax", pay_refund.encode_to_vec()),
        ("/SetTasks", "tax", tasks.encode_to_vec()),
    ]
}

impl Asked {
    async fn raw(&self, department: &str) -> Raw {
        Raw::new(self.running.channel(department).await)
    }

    /// The last position of a department's log.
    async fn head(&self, department: &str) -> u64 {
        let ask =
            ReadLogRequest { after: 0, limit: 1, wait_milliseconds: 0, ..Default::default() }.encode_to_vec();
        let path = "/canbao.exchange.v1.EventLogService/ReadLog";
        let page = self.raw(department).await.call(path, Some("auditor"), ask).await.unwrap();
        ReadLogResponse::decode(page.as_slice()).unwrap().head
    }
}

#[tokio::test]
async fn the_same_request_gives_the_same_answer_byte_for_byte() {
    let mut asked = Asked::start().await;
    let all = sent(&mut asked).await;
    let writing: BTreeSet<_> = RULES.iter().map(|rule| rule.path).filter(|path| writes(path)).collect();
    assert_eq!(all.iter().map(|sent| sent.path).collect::<BTreeSet<_>>(), writing, "every RPC that writes");
    for Sent { path, caller, body } in all {
        let raw = asked.raw(department(path)).await;
        let first = raw.call(path, Some(caller), body.clone()).await;
        let first = first.unwrap_or_else(|status| panic!("{path}: {status:?}"));
        let head = asked.head(department(path)).await;
        for _ in 0..3 {
            let again = raw.call(path, Some(caller), body.clone()).await.unwrap();
            assert_eq!(again, first, "{path}");
        }
        assert_eq!(asked.head(department(path)).await, head, "{path} told something twice");
    }
    asked.running.stop().await;
}

#[tokio::test]
async fn a_request_id_with_other_content_is_refused_and_has_no_effect() {
    let mut asked = Asked::start().await;
    let all = sent(&mut asked).await;
    let other = asked.person();
    let (mut reused, mut malformed) = (0, 0);
    for Sent { path, caller, body } in &all {
        let raw = asked.raw(department(path)).await;
        let first = raw.call(path, Some(caller), body.clone()).await.unwrap();
        let head = asked.head(department(path)).await;
        let good = DynamicMessage::decode(input(path), body.as_slice()).unwrap();
        for (field, changed) in changed(&good, &other) {
            // Far positions would only be waited for.
            if field.starts_with("after") {
                continue;
            }
            let outcome = raw.call(path, Some(caller), changed.encode_to_vec()).await;
            let status =
                outcome.err().unwrap_or_else(|| panic!("{path} takes another {field} under the same id"));
            match status.code() {
                // What is not well-formed any more is told before the id is looked at.
                Code::InvalidArgument => malformed += 1,
                // A channel speaks only for itself, whatever the id.
                Code::PermissionDenied => assert_eq!(field, "channel", "{path}: {status:?}"),
                _ => {
                    let told = refused(Err::<(), _>(status), Code::AlreadyExists, "REQUEST_ID_REUSED");
                    assert!(told.citations.is_empty());
                    reused += 1;
                }
            }
        }
        let again = raw.call(path, Some(caller), body.clone()).await.unwrap();
        assert_eq!(again, first, "{path}: the first answer stands");
        assert_eq!(asked.head(department(path)).await, head, "{path}: nothing was told");
    }
    assert!(reused > 80 && reused > malformed, "{reused} refused, {malformed} malformed");
    let data = asked.running.stop().await;
    let payments = &rows(data.path(), "collection")["payment"];
    assert_eq!(payments.len(), 6, "no other payment and no other line: {payments:?}");
}

#[tokio::test]
async fn a_request_id_belongs_to_one_method_and_one_caller() {
    let mut asked = Asked::start().await;
    let (payer, listed) = (asked.registered().await, asked.registered().await);
    let pay = asked.payment(&payer);
    let report = ReportPaymentsRequest { request_id: pay.request_id.clone(), ..asked.statement(&listed) };
    asked.pay(pay).await.unwrap();
    refused(asked.report(report.clone()).await, Code::AlreadyExists, "REQUEST_ID_REUSED");
    let by_tax = canbao::request("tax", report);
    asked.collection.report_payments(by_tax).await.expect("another caller's ids are its own");
    asked.running.stop().await;
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let mut asked = Asked::start().await;
    let person = asked.person();
    let early = asked.payment(&person);
    refused(asked.pay(early.clone()).await, Code::FailedPrecondition, "UNKNOWN_RESIDENT");
    asked.admit(&person, canbao_tests::DIVISION).await;
    // Neither the id nor the content has changed; what it says has become true.
    let after = asked.running.player.told();
    asked.due(&person, canbao_tests::DIVISION).await.unwrap();
    assert!(!after.is_empty());
    asked.pay(early).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn a_transaction_told_again_under_a_new_request_id_is_the_same_payment() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let payment = asked.payment(&person);
    let first = asked.collection.pay_contribution(canbao::request("tax", payment.clone())).await.unwrap();
    let again = PayContributionRequest { request_id: asked.payment(&person).request_id, ..payment.clone() };
    let second = asked.collection.pay_contribution(canbao::request("tax", again)).await.unwrap();
    let (first, second) = (first.into_inner(), second.into_inner());
    assert!(second.repeated_transaction && !first.repeated_transaction);
    assert_eq!(PayContributionResponse { repeated_transaction: false, ..second }, first, "the first answer");

    let new_id = || canbao_types::RequestId::new().to_string();
    let other_day = PayContributionRequest { request_id: new_id(), pay_date: day("2025-11-11"), ..payment };
    refused(asked.pay(other_day).await, Code::AlreadyExists, "TRANSACTION_ID_REUSED");
    asked.running.stop().await;
}

#[tokio::test]
async fn a_line_told_again_by_another_statement_is_what_became_of_it_first() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let posted = asked.statement(&person);
    let mut wrong = asked.statement(&person);
    wrong.lines[0].pay_date = day("2025-11-26");
    let mut outcomes = Vec::new();
    for statement in [&wrong, &posted, &wrong, &posted] {
        let request_id = canbao_types::RequestId::new().to_string();
        let statement = ReportPaymentsRequest { request_id, ..statement.clone() };
        let told = asked.collection.report_payments(canbao::request("tax", statement)).await.unwrap();
        outcomes.extend(told.into_inner().outcomes);
    }
    assert_eq!(outcomes[0].rule_reason, "closed-day");
    assert!(!outcomes[0].citations.is_empty());
    for (first, again) in [(0, 2), (1, 3)] {
        let first = LineOutcome { repeated_line: true, ..outcomes[first].clone() };
        assert_eq!(outcomes[again], first, "the same outcome, with its clauses");
    }
    // The channel asks about the payment that its statement told of first: the money has moved, so it is not refused.
    let line = &posted.lines[0];
    let ask = PayContributionRequest {
        channel: posted.channel.clone(),
        channel_transaction_id: line.channel_transaction_id.clone(),
        pay_date: line.pay_date,
        ..asked.payment(&person)
    };
    let paid = asked.collection.pay_contribution(canbao::request("tax", ask)).await.unwrap().into_inner();
    assert!(paid.repeated_transaction);
    assert_eq!(paid.payment_id, outcomes[1].payment_id);
    asked.running.stop().await;
}
