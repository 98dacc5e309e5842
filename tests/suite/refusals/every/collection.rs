//! What collection refuses to take, to report and to declare.

use canbao::request;
use canbao_proto::{
    collection::{DeclareContributionsRequest, PayContributionRequest, ReportPaymentsRequest},
    registration::{RegisterResidentRequest, StudentKind, circumstances::History},
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::Code;

use super::{
    super::{Asked, ELSEWHERE, yuan},
    Reached, refunds,
};

pub(super) async fn refusals(asked: &mut Asked) -> Reached {
    let mut reached = Reached::default();
    let (settled, taken) = asked.paid().await;
    let (known, nobody) = (asked.registered().await, asked.person());
    let (payment, no) = (asked.payment(&known), Code::FailedPrecondition);

    let other = PayContributionRequest { channel: "alipay".to_owned(), ..payment.clone() };
    reached.by_state(asked.pay(other).await, Code::PermissionDenied, "CHANNEL_DIFFERS");

    let total = ReportPaymentsRequest { declared_total: yuan("400.01"), ..asked.statement(&known) };
    let told = reached.by_state(asked.report(total).await, no, "CONTROL_TOTAL_DIFFERS");
    assert_eq!(
        (told.metadata["declared"].as_str(), told.metadata["received"].as_str()),
        ("400.01", "400.00")
    );

    let channel_transaction_id = taken.channel_transaction_id.clone();
    let reused = PayContributionRequest { channel_transaction_id, ..payment.clone() };
    reached.by_state(asked.pay(reused).await, Code::AlreadyExists, "TRANSACTION_ID_REUSED");

    let no_notice = PayContributionRequest { cover_year: 2027, ..payment.clone() };
    reached.by_state(asked.pay(no_notice).await, no, "NO_NOTICE");

    let future = PayContributionRequest { pay_date: day("2026-07-01"), ..payment.clone() };
    reached.by_state(asked.pay(future).await, no, "DATE_IN_FUTURE");

    reached.by_state(asked.pay(asked.payment(&nobody)).await, no, "UNKNOWN_RESIDENT");
    reached.by_state(asked.pay(asked.payment(&settled)).await, no, "ALREADY_SETTLED");

    let closed = PayContributionRequest { pay_date: day("2025-11-26"), ..payment.clone() };
    reached.by_rule(asked.pay(closed).await, "CLOSED_DAY", "XY26-27");

    let wrong = PayContributionRequest { amount: yuan("380.00"), ..payment };
    let told = reached.by_rule(asked.pay(wrong).await, "WRONG_AMOUNT", "XY26-03");
    assert_eq!(told.metadata["due"], "400.00");
    assert!(told.message.contains("400.00元"), "{}", told.message);

    let mut student = asked.person();
    student.circumstances.set_student(StudentKind::College);
    asked.admit(&student, ELSEWHERE).await;
    let undecided = PayContributionRequest { division: ELSEWHERE.to_owned(), ..asked.payment(&student) };
    reached.by_rule(asked.pay(undecided).await, "PERSON_MUST_DECIDE", "TS26-03");

    let adult = asked.person();
    asked.admit(&adult, ELSEWHERE).await;
    let payment = PayContributionRequest { division: ELSEWHERE.to_owned(), ..asked.payment(&adult) };
    let told = reached.by_rule(asked.pay(payment.clone()).await, "WARNING_NOT_CONFIRMED", "TS26-05");
    assert_eq!(told.metadata["warning"], "BUYS_NOTHING");
    let confirmed = PayContributionRequest { confirmed_warning: true, ..payment };
    asked.pay(confirmed).await.expect("whoever was warned may go on, with the same request id");

    owes_nothing(asked, &mut reached).await;
    wrong_item_and_count(asked, &mut reached).await;
    refunds::refusals(asked, &mut reached).await;
    reached
}

/// Whoever was born in the coverage year pays nothing for it.
async fn owes_nothing(asked: &mut Asked, reached: &mut Reached) {
    let mut newborn = Person::born("20260305", 1);
    newborn.circumstances.history = Some(History::NeverCovered(true));
    let registration =
        RegisterResidentRequest { registered_on: day("2026-03-20"), ..asked.registration(&newborn) };
    asked.running.player.register(registration).await.unwrap();
    let payment = PayContributionRequest { pay_date: day("2026-03-24"), ..asked.payment(&newborn) };
    reached.by_rule(asked.pay(payment).await, "NOTHING_DUE", "XY26-32");
}

async fn wrong_item_and_count(asked: &mut Asked, reached: &mut Reached) {
    let known = asked.registered().await;
    let item = PayContributionRequest { payable_item: "特殊缴费".to_owned(), ..asked.payment(&known) };
    let told = reached.by_rule(asked.pay(item).await, "WRONG_ITEM", "XY26-49");
    assert_eq!(told.metadata["payable_item"], "2026年");
    assert!(told.message.contains("2026年"), "{}", told.message);

    let list = DeclareContributionsRequest {
        request_id: RequestId::new().to_string(),
        after: asked.running.player.told(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        declared_on: day("2025-11-10"),
        residents: known.reference().into_iter().collect(),
        declared_count: 2,
        ..DeclareContributionsRequest::default()
    };
    let outcome = asked.collection.declare_contributions(request("tax", list)).await;
    let told = reached.by_state(outcome, Code::FailedPrecondition, "COUNT_DIFFERS");
    assert_eq!((told.metadata["declared"].as_str(), told.metadata["received"].as_str()), ("2", "1"));
}
