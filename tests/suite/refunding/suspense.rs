//! Money that is not posted: listed with its reason and age, and given back.

use super::*;

async fn listed(bureau: &mut Bureau, reason: SuspenseReason) -> Vec<Suspense> {
    let asked = ListSuspenseRequest {
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        reason: reason.into(),
        ..Default::default()
    };
    bureau.refunds.list_suspense(request("tax", asked)).await.unwrap().into_inner().suspense
}

#[tokio::test]
async fn money_in_suspense_is_listed_with_its_reason_and_age() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let wrong = bureau.report(named(resident), "399.00", "2025-11-12").await;
    let unknown = bureau.report(named(ResidentId::new()), "400.00", "2025-11-12").await;
    bureau.clock.advance_to("2026-07-10T09:00:00+08:00".parse().unwrap());
    let all = listed(&mut bureau, SuspenseReason::Unspecified).await;
    assert_eq!(
        all.iter().map(|line| line.payment_id.as_str()).collect::<Vec<_>>(),
        [&wrong.payment_id, &unknown.payment_id]
    );
    let [line] = &listed(&mut bureau, SuspenseReason::WrongAmount).await[..] else { panic!("{all:?}") };
    assert_eq!((line.reason(), yuan(&line.amount)), (SuspenseReason::WrongAmount, "399.00"));
    assert_eq!((line.reported_on, line.age_days, line.channel.as_str()), (day("2026-06-30"), 10, "bank"));
    assert_eq!(line.resident_id, resident.to_string());
    assert!(line.citations.iter().any(|citation| citation.clause == "XY26-03"), "{:?}", line.citations);
    bureau.stop().await;
}

#[tokio::test]
async fn a_list_of_suspense_pages_from_payment_to_payment() {
    let mut bureau = Bureau::start().await;
    let mut reported = Vec::new();
    for _ in 0..3 {
        reported.push(bureau.report(named(ResidentId::new()), "400.00", "2025-11-12").await.payment_id);
    }
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let asked = ListSuspenseRequest {
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = bureau.refunds.list_suspense(request("tax", asked)).await.unwrap().into_inner();
        assert!(page.suspense.len() <= 2);
        found.extend(page.suspense.into_iter().map(|line| line.payment_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, reported);
    bureau.stop().await;
}

#[tokio::test]
async fn money_in_suspense_is_given_back_once() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let wrong = bureau.report(named(resident), "399.00", "2025-11-12").await;
    assert_eq!(bureau.balances().await, ["channel/bank 399.00", "suspense/wrong-amount -399.00"]);
    assert_eq!(refused(bureau.refund_suspense(&wrong.payment_id, "2026-07-01").await).0, "DATE_IN_FUTURE");
    let refund = bureau.refund_suspense(&wrong.payment_id, "2026-01-10").await.unwrap();
    assert_eq!((refund.ground(), yuan(&refund.amount)), (RefundGround::Suspense, "399.00"));
    assert_eq!((&refund.payment_id, &refund.resident_id), (&wrong.payment_id, &resident.to_string()));
    assert_eq!(bureau.balances().await, ["channel/bank 399.00", "refund/suspense -399.00"]);
    assert_eq!(listed(&mut bureau, SuspenseReason::Unspecified).await, []);
    let again = bureau.refund_suspense(&wrong.payment_id, "2026-01-11").await;
    assert_eq!(refused(again).0, "NOT_IN_SUSPENSE");
    let nobodys = RequestId::new().to_string();
    assert_eq!(refused(bureau.refund_suspense(&nobodys, "2026-01-11").await).0, "UNKNOWN_PAYMENT");
    assert_eq!(bureau.told_refunds().await, [], "what settled nothing concerns nobody else");

    bureau.pay_refund(&refund.refund_id, "2026-01-12").await.unwrap();
    assert_eq!(bureau.balances().await, ["channel/bank 399.00", "treasury -399.00"]);
    bureau.pay(resident, ("400.00", "2025-11-20"), 1).await.unwrap();
    let settled = bureau.pay(resident, ("400.00", "2025-11-21"), 1).await;
    assert_eq!(refused(settled).0, "ALREADY_SETTLED");
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_was_given_back_is_not_posted_when_its_payer_registers_later() {
    let mut bureau = Bureau::start().await;
    let stranger = ResidentId::new();
    let early = bureau.report(named(stranger), "400.00", "2025-11-12").await;
    assert_eq!(early.suspense_reason(), SuspenseReason::UnknownResident);
    bureau.refund_suspense(&early.payment_id, "2026-01-10").await.unwrap();
    bureau.registration_tells(&registered(stranger, StudentKind::None, ""));
    assert_eq!(bureau.listed_contribution(stranger).await.state(), DueState::Payable);
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_came_twice_does_not_insure_a_student_who_left() {
    let mut bureau = Bureau::start().await;
    let student = bureau.register(StudentKind::College, "");
    bureau.pay(student, ("400.00", "2025-11-12"), 1).await.unwrap();
    let twice = bureau.report(named(student), "400.00", "2025-11-13").await;
    assert_eq!(twice.suspense_reason(), SuspenseReason::AlreadySettled);
    bureau.student_left(student, ("2025-12-20", "2025-12-22")).await.unwrap();
    bureau.registration_tells(&registered(student, StudentKind::College, ""));
    assert_eq!(bureau.listed_contribution(student).await.state(), DueState::Payable);
    assert_eq!(listed(&mut bureau, SuspenseReason::AlreadySettled).await[0].payment_id, twice.payment_id);
    bureau.refund_suspense(&twice.payment_id, "2026-01-10").await.unwrap();
    bureau.stop().await;
}
