//! Payments that a channel asks about first.

use super::*;

#[tokio::test]
async fn the_wrong_payable_item_is_refused_and_the_right_one_is_named() {
    let mut bureau = Bureau::start().await;
    let (plain, aided) = (bureau.register(StudentKind::None, ""), bureau.register(StudentKind::None, ""));
    let citations = vec![Citation { clause: "XY26-67".to_owned(), open_points: Vec::new() }];
    bureau.subsidy_tells(&ContributionOwed { citations, ..owed(aided, ("320.00", "80.00"), 1) });
    for (resident, chosen, right, clause) in
        [(plain, "特殊缴费", "2026年", "XY26-49"), (aided, "2026年", "特殊缴费", "XY26-67")]
    {
        let asked = PayContributionRequest { payable_item: chosen.to_owned(), ..payment(&bureau, resident) };
        let status = send(&mut bureau, asked).await.unwrap_err();
        let told = canbao_proto::refusal::read(&status).unwrap();
        assert_eq!((told.reason.as_str(), told.metadata["payable_item"].as_str()), ("WRONG_ITEM", right));
        assert!(told.message.contains(right), "{}", told.message);
        assert!(told.citations.iter().any(|citation| citation.clause == clause), "{:?}", told.citations);
    }
    let asked = PayContributionRequest {
        payable_item: "特殊缴费".to_owned(),
        amount: money("80.00"),
        ..payment(&bureau, aided)
    };
    let paid = send(&mut bureau, asked).await.unwrap().contribution.unwrap();
    assert_eq!((yuan(&paid.aided), paid.state()), ("320.00", DueState::Settled));
    bureau.stop().await;
}

#[tokio::test]
async fn no_money_moves_from_somebody_who_owes_nothing() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(resident, SettledBy::Declaration));
    for amount in ["400.00", "80.00"] {
        let asked = PayContributionRequest { amount: money(amount), ..payment(&bureau, resident) };
        assert_eq!(refused(send(&mut bureau, asked).await).0, "NOTHING_DUE");
    }
    let asked = QuoteContributionRequest {
        after: bureau.after.clone(),
        resident: named(resident),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        pay_date: day("2025-11-12"),
        ..QuoteContributionRequest::default()
    };
    let quoted = bureau.payments.quote_contribution(request("tax", asked)).await;
    assert_eq!(refused(quoted).0, "NOTHING_DUE");
    assert_eq!(bureau.balances().await, [""; 0]);
    bureau.stop().await;
}

#[tokio::test]
async fn who_is_late_pays_what_was_assessed_with_the_governments_part() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owed(resident, ("320.00", "80.00"), 1));
    let late = ("1100.00", "2026-03-28");
    assert_eq!(refused(bureau.pay(resident, late, 1).await).0, "ASSESS_FIRST");
    bureau.registration_tells(&assessed(resident));
    assert_eq!(refused(bureau.pay(resident, ("1100.00", "2026-03-09"), 1).await).0, "ASSESS_FIRST");
    assert_eq!(refused(bureau.pay(resident, ("80.00", "2026-03-28"), 1).await).0, "WRONG_AMOUNT");
    let paid = bureau.pay(resident, late, 1).await.unwrap();
    let (contribution, outlook) = (paid.contribution.unwrap(), paid.outlook.unwrap());
    assert_eq!((yuan(&contribution.due), yuan(&contribution.aided)), ("1100.00", "0.00"));
    assert!(outlook.late);
    let [told] = &told_settled(&mut bureau).await[..] else { panic!("one settled") };
    assert_eq!((yuan(&told.paid), yuan(&told.government), told.determination), ("1100.00", "700.00", 0));
    let balances =
        ["channel/wechat 1100.00", "contribution/government -700.00", "contribution/personal -400.00"];
    assert_eq!(bureau.balances().await, balances);
    bureau.stop().await;
}

#[tokio::test]
async fn a_period_opened_for_one_person_lets_the_difference_be_paid_after_the_window() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let told = owed(resident, ("320.00", "80.00"), 1);
    bureau.subsidy_tells(&ContributionOwed {
        open_from: day("2026-03-15"),
        open_to: day("2026-12-31"),
        ..told
    });
    assert_eq!(refused(bureau.pay(resident, ("80.00", "2026-03-14"), 1).await).0, "ASSESS_FIRST");
    // Outside the notice's window every day is a day to pay.
    let paid = bureau.pay(resident, ("80.00", "2026-03-28"), 1).await.unwrap();
    assert!(!paid.outlook.unwrap().late);
    let [told] = &told_settled(&mut bureau).await[..] else { panic!("one settled") };
    assert_eq!((yuan(&told.paid), yuan(&told.aided), told.determination), ("80.00", "320.00", 1));
    bureau.stop().await;
}

#[tokio::test]
async fn cash_is_taken_on_working_days_alone_and_a_make_up_saturday_is_one() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let cash = |bureau: &Bureau, on: &str| PayContributionRequest {
        cash: true,
        pay_date: day(on),
        ..payment(bureau, resident)
    };
    for day_off in ["2025-11-15", "2026-01-01", "2026-02-17"] {
        let asked = cash(&bureau, day_off);
        assert_eq!(refused(send(&mut bureau, asked).await).0, "CASH_NEEDS_WORKING_DAY", "{day_off}");
    }
    let saturday = cash(&bureau, "2026-02-14");
    send(&mut bureau, saturday).await.unwrap();
    bureau.stop().await;
}

#[tokio::test]
async fn a_relatives_account_pays_for_near_relatives_that_were_linked_first() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let by = |bureau: &Bureau, kinship: &str, linked| {
        let family_account = Some(FamilyAccount { kinship: kinship.to_owned(), linked, balance: None });
        PayContributionRequest { family_account, ..payment(bureau, resident) }
    };
    let unlinked = by(&bureau, "parent", false);
    assert_eq!(refused(send(&mut bureau, unlinked).await).0, "LINK_FIRST");
    let distant = by(&bureau, "other", true);
    assert_eq!(refused(send(&mut bureau, distant).await).0, "NOT_NEAR_RELATIVE");
    for kinship in ["self", "uncle", ""] {
        let asked = by(&bureau, kinship, true);
        let status = send(&mut bureau, asked).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{kinship}");
        assert!(status.message().contains("family_account.kinship"), "{}", status.message());
    }
    let linked =
        PayContributionRequest { agent: "村委会协办员".to_owned(), ..by(&bureau, "parent", true) };
    send(&mut bureau, linked).await.unwrap();
    bureau.stop().await;
}

#[tokio::test]
async fn a_repeated_transaction_may_leave_the_payable_item_out_but_not_change_it() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let first = PayContributionRequest { payable_item: "2026年".to_owned(), ..payment(&bureau, resident) };
    let paid = send(&mut bureau, first.clone()).await.unwrap();
    let again = |payable_item: &str, years| PayContributionRequest {
        request_id: RequestId::new().to_string(),
        payable_item: payable_item.to_owned(),
        years,
        ..first.clone()
    };
    let repeated = send(&mut bureau, again("", 1)).await.unwrap();
    assert_eq!((repeated.payment_id, repeated.repeated_transaction), (paid.payment_id, true));
    for other in [again("特殊缴费", 0), again("2026年", 2)] {
        assert_eq!(refused(send(&mut bureau, other).await).0, "TRANSACTION_ID_REUSED");
    }
    bureau.stop().await;
}

#[tokio::test]
async fn one_payment_is_at_most_a_million_yuan() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let most = PayContributionRequest { amount: money("1000000.00"), ..payment(&bureau, resident) };
    assert_eq!(refused(send(&mut bureau, most).await).0, "WRONG_AMOUNT");
    let above = PayContributionRequest { amount: money("1000000.01"), ..payment(&bureau, resident) };
    let status = send(&mut bureau, above).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("amount.yuan"), "{}", status.message());
    let line = StatementLine { amount: money("1000000.01"), ..line(resident) };
    let statement = ReportPaymentsRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        channel: "bank".to_owned(),
        declared_total: line.amount.clone(),
        lines: vec![line],
        ..ReportPaymentsRequest::default()
    };
    let told = bureau.payments.report_payments(request("channel/bank", statement)).await;
    assert_eq!(told.unwrap_err().code(), tonic::Code::InvalidArgument);
    bureau.stop().await;
}

#[tokio::test]
async fn who_pays_for_others_is_not_named_by_an_identity_number() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let number = canbao_tests::Person::nth(7).number;
    for agent in [number.clone(), format!("协办员{number}。"), format!("1{}", number.to_lowercase())] {
        let asked = PayContributionRequest { agent, ..payment(&bureau, resident) };
        let status = send(&mut bureau, asked).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert!(status.message().contains("agent"), "{}", status.message());
        assert!(!status.message().contains(&number[6..]), "{}", status.message());
    }
    // As long, but with a wrong check character, it is no identity number.
    let wrong = if number.ends_with('1') { "2" } else { "1" };
    let agent = format!("{}{wrong}", &number[..17]);
    let asked = PayContributionRequest { agent, ..payment(&bureau, resident) };
    send(&mut bureau, asked).await.unwrap();
    bureau.stop().await;
}
