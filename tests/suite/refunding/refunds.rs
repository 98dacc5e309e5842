//! What is given back to students who left and to those who were helped after they had paid.

use canbao_proto::{common::Citation, subsidy::AidRefundDetermined};
use canbao_tests::count;

use super::*;

/// A student of four years who has paid for all of them.
async fn student_of_four_years(bureau: &mut Bureau) -> ResidentId {
    let student = bureau.register(StudentKind::College, "");
    let paid = bureau.pay(student, ("1600.00", "2025-11-12"), 4).await.unwrap();
    assert_eq!(paid.contribution.unwrap().state(), DueState::Settled);
    student
}

#[tokio::test]
async fn a_student_who_leaves_is_given_back_the_years_that_have_not_begun() {
    let mut bureau = Bureau::start().await;
    let student = student_of_four_years(&mut bureau).await;
    assert_eq!(
        bureau.balances().await,
        [
            "channel/wechat 1600.00",
            "contribution/personal -400.00",
            "prepaid/2027 -400.00",
            "prepaid/2028 -400.00",
            "prepaid/2029 -400.00"
        ]
    );
    let refund = bureau.student_left(student, ("2026-03-01", "2026-03-05")).await.unwrap();
    assert_eq!((refund.ground(), yuan(&refund.amount)), (RefundGround::LeftSchool, "1200.00"));
    assert_eq!(
        (&refund.years[..], refund.determined_on, refund.paid_on),
        (&[2027, 2028, 2029][..], day("2026-03-05"), None)
    );
    assert!(refund.citations.iter().any(|citation| citation.clause == "XY26-36"), "{:?}", refund.citations);
    assert_eq!(bureau.listed_refunds(true).await, [refund.clone()]);

    let listed = bureau.listed_contribution(student).await;
    assert_eq!((listed.state(), yuan(&listed.paid)), (DueState::Settled, "400.00"), "this year was begun");
    let told = bureau.told_refunds().await;
    assert_eq!(told.len(), 1);
    assert_eq!((yuan(&told[0].amount), told[0].cover_year, told[0].unsettled), ("1200.00", YEAR, false));

    let (reason, clauses) = refused(bureau.student_left(student, ("2026-03-01", "2026-03-06")).await);
    assert_eq!(reason, "NOTHING_TO_REFUND", "nothing is left of it");
    assert!(clauses.contains(&"XY26-36".to_owned()), "{clauses:?}");

    let paid_out = bureau.pay_refund(&refund.refund_id, "2026-04-01").await.unwrap();
    assert_eq!(paid_out, Refund { paid_on: day("2026-04-01"), ..refund });
    assert_eq!(
        bureau.balances().await,
        ["channel/wechat 1600.00", "contribution/personal -400.00", "treasury -1200.00"]
    );
    bureau.stop().await;
}

#[tokio::test]
async fn a_student_who_leaves_before_the_first_year_owes_it_again() {
    let mut bureau = Bureau::start().await;
    let student = student_of_four_years(&mut bureau).await;
    let refund = bureau.student_left(student, ("2025-12-20", "2025-12-22")).await.unwrap();
    assert_eq!((yuan(&refund.amount), &refund.years[..]), ("1600.00", &[2026, 2027, 2028, 2029][..]));
    let told = bureau.told_refunds().await;
    assert_eq!((told.len(), yuan(&told[0].amount), told[0].unsettled), (1, "1600.00", true));
    assert_eq!(bureau.listed_contribution(student).await.state(), DueState::Payable);
    assert_eq!(bureau.get_books().await.settled, 0);
    let again = bureau.student_left(student, ("2025-12-20", "2025-12-23")).await;
    assert_eq!(refused(again).0, "NOT_SETTLED");

    bureau.pay(student, ("400.00", "2026-01-05"), 1).await.unwrap();
    assert_eq!(
        bureau.balances().await,
        ["channel/wechat 2000.00", "contribution/personal -400.00", "refund/left-school -1600.00"]
    );
    bureau.stop().await;
}

#[tokio::test]
async fn a_student_with_aid_is_given_back_what_the_student_paid_and_the_aid_falls_back() {
    let mut bureau = Bureau::start().await;
    let student = bureau.register(StudentKind::College, "");
    bureau.subsidy_tells(&owed(student, ("320.00", "80.00"), 1));
    bureau.pay(student, ("80.00", "2025-11-12"), 1).await.unwrap();
    let refund = bureau.student_left(student, ("2025-12-20", "2025-12-22")).await.unwrap();
    assert_eq!(yuan(&refund.amount), "80.00");
    assert_eq!(bureau.balances().await, ["channel/wechat 80.00", "refund/left-school -80.00"]);
    bureau.stop().await;
}

#[tokio::test]
async fn whoever_has_not_paid_or_is_not_known_or_is_no_student_is_given_nothing() {
    let mut bureau = Bureau::start().await;
    let stranger = bureau.student_left(ResidentId::new(), ("2026-03-01", "2026-03-05")).await;
    assert_eq!(refused(stranger).0, "UNKNOWN_RESIDENT");
    let student = bureau.register(StudentKind::College, "");
    let unpaid = bureau.student_left(student, ("2026-03-01", "2026-03-05")).await;
    assert_eq!(refused(unpaid).0, "NOT_SETTLED");
    let early = bureau.student_left(student, ("2026-03-01", "2026-07-01")).await;
    assert_eq!(refused(early).0, "DATE_IN_FUTURE");
    let before = bureau.student_left(student, ("2026-03-06", "2026-03-05")).await.unwrap_err();
    assert_eq!(before.code(), tonic::Code::InvalidArgument, "nobody asks before leaving");
    let adult = bureau.register(StudentKind::None, "");
    bureau.pay(adult, ("400.00", "2025-11-12"), 1).await.unwrap();
    let (reason, clauses) = refused(bureau.student_left(adult, ("2025-12-20", "2025-12-22")).await);
    assert_eq!(reason, "PERSON_MUST_DECIDE");
    assert!(!clauses.is_empty());
    bureau.stop().await;
}

#[tokio::test]
async fn aid_recognised_after_paying_is_given_back_once() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owed(resident, ("0.00", "400.00"), 1));
    let paid = bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    let citation = Citation { clause: "XY26-21".to_owned(), open_points: vec!["A-35".to_owned()] };
    let determined = AidRefundDetermined {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        amount: money("320.00"),
        determined_on: day("2025-12-20"),
        determination: 2,
        citations: vec![citation.clone()],
    };
    bureau.subsidy_tells(&determined);
    bureau.subsidy_tells(&determined);
    let refunds = bureau.listed_refunds(true).await;
    let [refund] = &refunds[..] else { panic!("{refunds:?}") };
    assert_eq!((refund.ground(), yuan(&refund.amount)), (RefundGround::Aid, "320.00"));
    assert_eq!((&refund.payment_id, &refund.citations[..]), (&paid.payment_id, &[citation][..]));
    let listed = bureau.listed_contribution(resident).await;
    assert_eq!((yuan(&listed.paid), yuan(&listed.aided)), ("80.00", "320.00"));
    let told = bureau.told_refunds().await;
    assert_eq!((told.len(), told[0].ground(), told[0].unsettled), (1, RefundGround::Aid, false));
    assert_eq!(
        bureau.balances().await,
        ["aid 320.00", "channel/wechat 400.00", "contribution/personal -400.00", "refund/aid -320.00"]
    );
    let data = bureau.stop().await;
    let sql = "SELECT COUNT(*) FROM settled WHERE standard_fen = paid_fen + aided_fen AND paid_fen = 8000";
    assert_eq!(count(data.path(), "collection", sql), 1);
}

#[tokio::test]
async fn a_refund_is_paid_out_once() {
    let mut bureau = Bureau::start().await;
    let student = student_of_four_years(&mut bureau).await;
    let refund = bureau.student_left(student, ("2026-03-01", "2026-03-05")).await.unwrap();
    let nobodys = RequestId::new().to_string();
    assert_eq!(refused(bureau.pay_refund(&nobodys, "2026-04-01").await).0, "UNKNOWN_REFUND");
    assert_eq!(refused(bureau.pay_refund(&refund.refund_id, "2026-07-01").await).0, "DATE_IN_FUTURE");

    let asked = PayRefundRequest {
        request_id: RequestId::new().to_string(),
        refund_id: refund.refund_id.clone(),
        paid_on: day("2026-04-01"),
        ..Default::default()
    };
    let first = bureau.refunds.pay_refund(request("tax", asked.clone())).await.unwrap().into_inner();
    let again = bureau.refunds.pay_refund(request("tax", asked)).await.unwrap().into_inner();
    assert_eq!(first, again, "the same request has the same answer");
    assert_eq!(refused(bureau.pay_refund(&refund.refund_id, "2026-04-02").await).0, "REFUND_PAID");
    assert_eq!(bureau.listed_refunds(true).await, []);
    assert_eq!(bureau.listed_refunds(false).await.len(), 1);
    assert!(bureau.balances().await.contains(&"treasury -1200.00".to_owned()));
    bureau.stop().await;
}

#[tokio::test]
async fn a_student_who_asks_twice_with_one_request_id_is_given_back_once() {
    let mut bureau = Bureau::start().await;
    let student = student_of_four_years(&mut bureau).await;
    let asked = RefundStudentRequest {
        request_id: RequestId::new().to_string(),
        resident: named(student),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        left_on: day("2026-03-01"),
        asked_on: day("2026-03-05"),
        ..Default::default()
    };
    let first = bureau.refunds.refund_student(request("school", asked.clone())).await.unwrap().into_inner();
    let again = bureau.refunds.refund_student(request("school", asked)).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(bureau.listed_refunds(false).await.len(), 1);
    bureau.stop().await;
}
