//! Whether a payment is taken, and what it is in the ledger.

use canbao_policy::{Facts, Student};
use canbao_proto::wire::Resident;
use canbao_types::{CoverYear, Money, PaymentId, RequestId, ResidentId};

use super::known::{day, notice, only, plain, told};
use crate::{
    contribution::{Known, Manner},
    owed::SettledBy,
    payment::{Asked, Payment, Transaction, Written, named, pay, postings, settles},
};

fn of(amount: &str, payable_item: &str) -> Payment {
    let manner = Manner { payable_item: payable_item.to_owned(), ..Manner::plain(day("2025-11-03")) };
    Payment { id: PaymentId::new(), amount: amount.parse().unwrap(), manner, confirmed_warning: true }
}

fn aided(amount: &str) -> Known {
    Known { told: only(told(amount, SettledBy::Payment)), ..plain() }
}

fn year(number: u16) -> CoverYear {
    CoverYear::new(number).unwrap()
}

fn sum(postings: &[(String, Money)]) -> i64 {
    postings.iter().map(|(_, amount)| amount.fen()).sum()
}

#[test]
fn the_wrong_payable_item_is_refused_before_the_amount_and_the_right_one_is_named() {
    let refused = pay(&of("400", "2026年"), Some(&aided("360")), &notice(), day("2025-11-03")).unwrap_err();
    let refused = refused.refused();
    assert_eq!(refused.reason, "WRONG_ITEM");
    assert_eq!(refused.metadata, [("payable_item".to_owned(), "特殊缴费".to_owned())]);
    assert!(refused.message.contains("特殊缴费"), "{}", refused.message);
    assert!(refused.citations.iter().any(|citation| citation.clause.as_str() == "XY26-67"));
    let other = pay(&of("400", "特殊缴费"), Some(&plain()), &notice(), day("2025-11-03")).unwrap_err();
    assert!(other.refused().citations.iter().any(|citation| citation.clause.as_str() == "XY26-49"));
}

#[test]
fn a_channel_without_payable_items_names_none_and_may_pay() {
    assert!(pay(&of("40", ""), Some(&aided("360")), &notice(), day("2025-11-03")).is_ok());
    assert!(pay(&of("40", "特殊缴费"), Some(&aided("360")), &notice(), day("2025-11-03")).is_ok());
}

#[test]
fn every_posted_payment_sums_to_zero_in_the_ledger() {
    let college = Facts { student: Some(Student::College), programme_years: Some(3), ..plain().facts };
    let student = Known { facts: college, ..plain() };
    let mut three = of("1200", "");
    three.manner.years = 3;
    for (payment, known) in [(of("400", ""), plain()), (of("40", ""), aided("360")), (three, student)] {
        let due = pay(&payment, Some(&known), &notice(), day("2025-11-03")).unwrap();
        let postings = postings("channel/wechat", year(2026), &due);
        assert_eq!(sum(&postings), 0, "{postings:?}");
        assert_eq!(postings[0], ("channel/wechat".to_owned(), payment.amount));
        let settled = settles(payment.id, &payment.manner, &due);
        assert_eq!(Some(settled.standard), settled.paid.checked_add(settled.aided));
    }
}

#[test]
fn years_paid_for_in_advance_stand_apart_by_their_year() {
    let facts = Facts { student: Some(Student::College), programme_years: Some(3), ..plain().facts };
    let mut payment = of("1200", "");
    payment.manner.years = 3;
    let due = pay(&payment, Some(&Known { facts, ..plain() }), &notice(), day("2025-11-03")).unwrap();
    let postings = postings("channel/wechat", year(2026), &due);
    let accounts: Vec<_> =
        postings.iter().map(|(account, amount)| (account.as_str(), amount.fen())).collect();
    let expected = [
        ("channel/wechat", 120_000),
        ("contribution/personal", -40_000),
        ("prepaid/2027", -40_000),
        ("prepaid/2028", -40_000),
    ];
    assert_eq!(accounts, expected);
    let settled = settles(payment.id, &payment.manner, &due);
    assert_eq!(settled.paid.fen(), 40_000, "one payment settles one year");
}

#[test]
fn a_transaction_is_repeated_by_the_same_content_whatever_its_agent_or_unnamed_item() {
    let named = Resident::Id(ResidentId::new());
    let payment = of("400", "2026年");
    let written = written(&payment, named);
    let transaction = transaction(named);
    assert!(payment.repeats(&transaction, None, &written));
    let unnamed = of("400", "");
    assert!(unnamed.repeats(&transaction, None, &written));
    assert!(!of("400", "特殊缴费").repeats(&transaction, None, &written));
    assert!(!of("399", "2026年").repeats(&transaction, None, &written));
    let mut years = of("400", "2026年");
    years.manner.years = 2;
    assert!(!years.repeats(&transaction, None, &written));
    let mut cash = of("400", "2026年");
    cash.manner.cash = true;
    assert!(!cash.repeats(&transaction, None, &written));
}

fn asked() -> Asked {
    Asked { by: "channel/wechat".into(), request: RequestId::new(), reported: false }
}

fn transaction(named: Resident) -> Transaction {
    Transaction {
        channel: "wechat".to_owned(),
        id: "WX1".to_owned(),
        division: "141181".parse().unwrap(),
        cover_year: year(2026),
        named,
        agent: "村委会".to_owned(),
        asked: asked(),
    }
}

fn written(payment: &Payment, resident: Resident) -> Written {
    Written {
        id: payment.id,
        division: "141181".parse().unwrap(),
        cover_year: year(2026),
        resident: None,
        named: named(resident),
        amount: payment.amount,
        manner: payment.manner.clone(),
        suspense_reason: 0,
        rule_reason: None,
        position: 1,
        asked: asked(),
    }
}
