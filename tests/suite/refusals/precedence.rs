//! A request that breaks two rules is told of the earlier one, in the order the contract lists them.

use canbao::request;
use canbao_proto::{
    collection::{PayContributionRequest, ReportPaymentsRequest},
    registration::{EmployeeScheme, RegisterResidentRequest, StudentKind},
};
use tonic::Code;

use super::{Asked, ELSEWHERE, far, refused, yuan};
use canbao_tests::day;

const NO: Code = Code::FailedPrecondition;

#[tokio::test]
async fn of_two_obstacles_to_a_registration_the_earlier_is_told() {
    let mut asked = Asked::start().await;
    let known = asked.registered().await;
    let first = asked.person();
    let used = asked.registration(&first);
    asked.register(used.clone()).await.unwrap();

    let mut message = RegisterResidentRequest {
        request_id: used.request_id,
        after: far("collection"),
        division: "110101".to_owned(),
        name: "乙某".to_owned(),
        registered_on: day("2026-07-01"),
        ..asked.registration(&known)
    };
    message.circumstances.as_mut().unwrap().set_employee_scheme(EmployeeScheme::Enrolled);

    let malformed = RegisterResidentRequest { cover_year: 0, ..message.clone() };
    assert_eq!(asked.register(malformed).await.unwrap_err().code(), Code::InvalidArgument);
    refused(asked.register(message.clone()).await, Code::Unavailable, "BEHIND");
    message.after.clear();
    refused(asked.register(message.clone()).await, Code::AlreadyExists, "REQUEST_ID_REUSED");
    message.request_id = asked.registration(&known).request_id;
    refused(asked.register(message.clone()).await, NO, "NO_NOTICE");
    message.division = canbao_tests::DIVISION.to_owned();
    refused(asked.register(message.clone()).await, NO, "DATE_IN_FUTURE");
    message.registered_on = day("2025-11-03");
    refused(asked.register(message.clone()).await, NO, "NAME_DIFFERS");
    message.name.clone_from(&known.name);
    refused(asked.register(message.clone()).await, NO, "ALREADY_REGISTERED");
    let stranger = asked.person();
    message.document = Some(stranger.document());
    message.circumstances.as_mut().unwrap().enrolled_elsewhere = Some(true);
    let told = refused(asked.register(message.clone()).await, NO, "IN_EMPLOYEE_SCHEME");
    assert_eq!(told.metadata["row"], "refuse employee-scheme", "the notice's own order");
    message.circumstances.clone_from(&Some(stranger.circumstances));
    asked.register(message).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn of_two_obstacles_to_a_payment_the_earlier_is_told() {
    let mut asked = Asked::start().await;
    let (settled, taken) = asked.paid().await;
    let known = asked.registered().await;
    let nobody = asked.person();
    let mut message = PayContributionRequest {
        request_id: taken.request_id,
        after: far("registration"),
        resident: nobody.reference(),
        cover_year: 2027,
        channel: "alipay".to_owned(),
        channel_transaction_id: taken.channel_transaction_id,
        amount: yuan("1.00"),
        pay_date: day("2026-07-26"),
        ..asked.payment(&known)
    };

    let malformed = PayContributionRequest { division: String::new(), ..message.clone() };
    assert_eq!(asked.pay(malformed).await.unwrap_err().code(), Code::InvalidArgument);
    refused(asked.pay(message.clone()).await, Code::PermissionDenied, "CHANNEL_DIFFERS");
    message.channel = "wechat".to_owned();
    refused(asked.pay(message.clone()).await, Code::Unavailable, "BEHIND");
    message.after = asked.running.player.told();
    refused(asked.pay(message.clone()).await, Code::AlreadyExists, "REQUEST_ID_REUSED");
    message.request_id = asked.payment(&known).request_id;
    refused(asked.pay(message.clone()).await, Code::AlreadyExists, "TRANSACTION_ID_REUSED");
    message.channel_transaction_id.clone_from(&message.request_id);
    refused(asked.pay(message.clone()).await, NO, "NO_NOTICE");
    message.cover_year = canbao_tests::YEAR;
    refused(asked.pay(message.clone()).await, NO, "DATE_IN_FUTURE");
    message.pay_date = day("2025-11-26");
    refused(asked.pay(message.clone()).await, NO, "UNKNOWN_RESIDENT");
    message.resident = settled.reference();
    refused(asked.pay(message.clone()).await, NO, "ALREADY_SETTLED");
    message.resident = known.reference();
    refused(asked.pay(message.clone()).await, NO, "CLOSED_DAY");
    message.pay_date = day("2025-11-25");
    refused(asked.pay(message.clone()).await, NO, "WRONG_AMOUNT");
    message.amount = yuan("400.00");
    asked.pay(message).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn a_person_must_decide_before_the_amount_is_wrong_and_the_amount_is_wrong_before_a_warning() {
    let mut asked = Asked::start().await;
    for (student, earlier) in
        [(StudentKind::School, "PERSON_MUST_DECIDE"), (StudentKind::None, "WRONG_AMOUNT")]
    {
        let mut person = asked.person();
        person.circumstances.set_student(student);
        asked.admit(&person, ELSEWHERE).await;
        let wrong = PayContributionRequest {
            division: ELSEWHERE.to_owned(),
            amount: yuan("399.99"),
            ..asked.payment(&person)
        };
        refused(asked.pay(wrong).await, NO, earlier);
    }
    asked.running.stop().await;
}

#[tokio::test]
async fn of_two_obstacles_to_a_statement_the_earlier_is_told() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let used = asked.statement(&person);
    asked.report(used.clone()).await.unwrap();
    let mut message = ReportPaymentsRequest {
        request_id: used.request_id,
        after: far("subsidy"),
        channel: "alipay".to_owned(),
        declared_total: yuan("1.00"),
        ..asked.statement(&person)
    };

    let malformed = ReportPaymentsRequest { lines: Vec::new(), ..message.clone() };
    assert_eq!(asked.report(malformed).await.unwrap_err().code(), Code::InvalidArgument);
    refused(asked.report(message.clone()).await, Code::PermissionDenied, "CHANNEL_DIFFERS");
    message.channel = "wechat".to_owned();
    refused(asked.report(message.clone()).await, Code::Unavailable, "BEHIND");
    message.after.clear();
    refused(asked.report(message.clone()).await, Code::AlreadyExists, "REQUEST_ID_REUSED");
    message.request_id = asked.statement(&person).request_id;
    refused(asked.report(message.clone()).await, NO, "CONTROL_TOTAL_DIFFERS");
    message.declared_total = yuan("400.00");
    asked.report(message).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn the_tax_bureau_speaks_for_every_channel_and_a_channel_for_itself_alone() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let payment = asked.payment(&person);
    for other in ["channel/alipay", "channel/wechat-2", "channel/wechat2"] {
        let sent = request(other, payment.clone());
        refused(asked.collection.pay_contribution(sent).await, Code::PermissionDenied, "CHANNEL_DIFFERS");
    }
    asked.collection.pay_contribution(request("tax", payment)).await.unwrap();
    asked.running.stop().await;
}
