//! The same request gives the same answer, byte for byte; the same request id with anything else gives none.

use std::collections::BTreeSet;

use canbao_proto::{
    collection::{LineOutcome, PayContributionRequest, PayContributionResponse, ReportPaymentsRequest},
    exchange::{ReadLogRequest, ReadLogResponse},
    registration::RegisterResidentRequest,
    rules::RULES,
};
use canbao_tests::{Raw, day, rows};
use prost::Message;
use tonic::Code;

use super::{Asked, refused, yuan};

const REGISTER: &str = "/canbao.registration.v1.RegistrationService/RegisterResident";
const PAY: &str = "/canbao.collection.v1.CollectionService/PayContribution";
const REPORT: &str = "/canbao.collection.v1.CollectionService/ReportPayments";

/// A request that writes, and others under its id.
struct Sent {
    path: &'static str,
    department: &'static str,
    caller: &'static str,
    body: Vec<u8>,
    others: Vec<Vec<u8>>,
}

fn encoded<M: Message + Clone>(message: &M, changes: &[fn(&mut M)]) -> Vec<Vec<u8>> {
    let changed = changes.iter().map(|change| {
        let mut other = message.clone();
        change(&mut other);
        other.encode_to_vec()
    });
    changed.collect()
}

/// One request for every RPC that writes.
async fn sent(asked: &mut Asked) -> Vec<Sent> {
    let register = asked.a_registration();
    let (payer, listed) = (asked.registered().await, asked.registered().await);
    let (pay, report) = (asked.payment(&payer), asked.statement(&listed));
    let changes: &[fn(&mut RegisterResidentRequest)] = &[
        |message| message.name = "乙某".to_owned(),
        |message| message.registered_on = day("2025-11-04"),
        |message| message.circumstances.as_mut().unwrap().enrolled_elsewhere = None,
    ];
    let others = encoded(&register, changes);
    let body = register.encode_to_vec();
    let register =
        Sent { path: REGISTER, department: "registration", caller: "medical-insurance", body, others };
    let changes: &[fn(&mut PayContributionRequest)] = &[
        |message| message.amount = yuan("400.0"),
        |message| message.pay_date = day("2025-11-11"),
        |message| message.cash = true,
        |message| message.channel_transaction_id.push('x'),
        |message| message.confirmed_warning = true,
        |message| message.after.clear(),
    ];
    let others = encoded(&pay, changes);
    let body = pay.encode_to_vec();
    let pay = Sent { path: PAY, department: "collection", caller: "channel/wechat", body, others };
    let changes: &[fn(&mut ReportPaymentsRequest)] = &[
        |message| message.lines.push(message.lines[0].clone()),
        |message| message.lines[0].cash = true,
        |message| message.declared_total = yuan("400.01"),
    ];
    let others = encoded(&report, changes);
    let body = report.encode_to_vec();
    let report = Sent { path: REPORT, department: "collection", caller: "channel/wechat", body, others };
    vec![register, pay, report]
}

impl Asked {
    /// A registration of somebody new.
    fn a_registration(&mut self) -> RegisterResidentRequest {
        let person = self.person();
        self.registration(&person)
    }

    async fn raw(&self, department: &str) -> Raw {
        Raw::new(self.running.channel(department).await)
    }

    /// The last position of a department's log.
    async fn head(&self, department: &str) -> u64 {
        let ask = ReadLogRequest { after: 0, limit: 1, wait_milliseconds: 0 }.encode_to_vec();
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
    for Sent { path, department, caller, body, .. } in all {
        let raw = asked.raw(department).await;
        let first = raw.call(path, Some(caller), body.clone()).await.unwrap();
        let head = asked.head(department).await;
        for _ in 0..3 {
            let again = raw.call(path, Some(caller), body.clone()).await.unwrap();
            assert_eq!(again, first, "{path}");
        }
        assert_eq!(asked.head(department).await, head, "{path} told something twice");
    }
    asked.running.stop().await;
}

/// Whether the RPC of a path writes: its request has an id.
fn writes(path: &str) -> bool {
    let contracts = prost_reflect::DescriptorPool::decode(canbao_proto::DESCRIPTORS).unwrap();
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
    let service = contracts.get_service_by_name(service).unwrap();
    let method = service.methods().find(|one| one.name() == method).unwrap();
    method.input().get_field_by_name("request_id").is_some()
}

#[tokio::test]
async fn a_request_id_with_other_content_is_refused_and_has_no_effect() {
    let mut asked = Asked::start().await;
    let all = sent(&mut asked).await;
    let mut firsts = Vec::new();
    for Sent { path, department, caller, body, .. } in &all {
        let raw = asked.raw(department).await;
        firsts.push(raw.call(path, Some(caller), body.clone()).await.unwrap());
    }
    let heads = [asked.head("registration").await, asked.head("collection").await];
    let mut refusals = 0;
    for (Sent { path, department, caller, body, others }, first) in all.iter().zip(&firsts) {
        let raw = asked.raw(department).await;
        for other in others {
            let outcome = raw.call(path, Some(caller), other.clone()).await;
            let told = refused(outcome, Code::AlreadyExists, "REQUEST_ID_REUSED");
            assert!(told.citations.is_empty());
            refusals += 1;
        }
        let again = raw.call(path, Some(caller), body.clone()).await.unwrap();
        assert_eq!(again, *first, "{path}: the first answer stands");
    }
    assert_eq!([asked.head("registration").await, asked.head("collection").await], heads);
    assert_eq!(refusals, all.iter().map(|sent| sent.others.len()).sum::<usize>());
    let data = asked.running.stop().await;
    let payments = &rows(data.path(), "collection")["payment"];
    assert_eq!(payments.len(), 2, "one payment and one line: {payments:?}");
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
