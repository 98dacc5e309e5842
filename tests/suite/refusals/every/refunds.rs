//! What collection refuses to give back.

use canbao::request;
use canbao_proto::{
    collection::{
        PayRefundRequest, RefundCause, RefundContributionRequest, RefundStudentRequest,
        RefundSuspenseRequest, refund_service_client::RefundServiceClient,
    },
    registration::StudentKind,
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::Code::FailedPrecondition;

use super::{super::Asked, Reached};

pub(super) async fn refusals(asked: &mut Asked, reached: &mut Reached) {
    let mut client = RefundServiceClient::new(asked.running.channel("collection").await);
    let mut student = asked.person();
    student.circumstances.set_student(StudentKind::College);
    asked.admit(&student, DIVISION).await;
    let unpaid = client.refund_student(request("school", left(&student, "2026-03-01"))).await;
    reached.by_state(unpaid, FailedPrecondition, "NOT_SETTLED");

    let unpaid = client.refund_contribution(request("tax", back(&student))).await;
    reached.by_state(unpaid, FailedPrecondition, "NOT_SETTLED");

    let payment = asked.payment(&student);
    let paid = asked.collection.pay_contribution(request("channel/wechat", payment)).await.unwrap();
    let begun = client.refund_student(request("school", left(&student, "2026-03-01"))).await;
    reached.by_rule(begun, "NOTHING_TO_REFUND", "XY26-36");

    let unsaid = client.refund_contribution(request("medical-insurance", back(&student))).await;
    reached.by_rule(unsaid, "PERSON_MUST_DECIDE", "XY26-36");

    let posted = client.refund_suspense(request("tax", suspense(&paid.into_inner().payment_id))).await;
    reached.by_state(posted, FailedPrecondition, "NOT_IN_SUSPENSE");
    let nobodys = client.refund_suspense(request("tax", suspense(&RequestId::new().to_string()))).await;
    reached.by_state(nobodys, FailedPrecondition, "UNKNOWN_PAYMENT");

    let nobodys = client.pay_refund(request("tax", payout(&RequestId::new().to_string()))).await;
    reached.by_state(nobodys, FailedPrecondition, "UNKNOWN_REFUND");
    let refund = client.refund_student(request("school", left(&student, "2025-12-20"))).await.unwrap();
    let refund_id = refund.into_inner().refund.unwrap().refund_id;
    client.pay_refund(request("tax", payout(&refund_id))).await.unwrap();
    let again = client.pay_refund(request("tax", payout(&refund_id))).await;
    let told = reached.by_state(again, FailedPrecondition, "REFUND_PAID");
    assert_eq!(told.metadata["paid_on"], "2026-04-01");
}

fn left(student: &Person, on: &str) -> RefundStudentRequest {
    RefundStudentRequest {
        request_id: RequestId::new().to_string(),
        resident: student.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        left_on: day(on),
        asked_on: day("2026-03-05"),
        ..Default::default()
    }
}

fn back(person: &Person) -> RefundContributionRequest {
    RefundContributionRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        cause: RefundCause::Requested.into(),
        asked_on: day("2026-03-05"),
        ..Default::default()
    }
}

fn suspense(payment_id: &str) -> RefundSuspenseRequest {
    RefundSuspenseRequest {
        request_id: RequestId::new().to_string(),
        payment_id: payment_id.to_owned(),
        decided_on: day("2026-03-05"),
        ..Default::default()
    }
}

fn payout(refund_id: &str) -> PayRefundRequest {
    PayRefundRequest {
        request_id: RequestId::new().to_string(),
        refund_id: refund_id.to_owned(),
        paid_on: day("2026-04-01"),
        ..Default::default()
    }
}
