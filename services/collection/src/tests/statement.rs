//! What becomes of money that was taken already.

use canbao_proto::collection::SuspenseReason;
use canbao_types::Money;

use crate::{
    refusal::Refusal,
    statement::{Outcome, account, outcome},
};

fn suspended(refusal: Refusal) -> (SuspenseReason, Option<&'static str>) {
    match outcome(Err(refusal)) {
        Some(Outcome::Suspended(why)) => (why.reason, why.rule),
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_for_the_wrong_item_is_held_back_by_the_rule_about_items() {
    let refusal = Refusal::WrongItem { payable_item: "2026年".to_owned(), citations: Vec::new() };
    assert_eq!(suspended(refusal), (SuspenseReason::Rule, Some("wrong-option")));
}

#[test]
fn money_from_somebody_who_owes_nothing_is_the_wrong_amount() {
    assert_eq!(suspended(Refusal::NothingDue(Vec::new())).0, SuspenseReason::WrongAmount);
    let refusal = Refusal::WrongAmount { due: Money::ZERO, citations: Vec::new() };
    assert_eq!(suspended(refusal).0, SuspenseReason::WrongAmount);
}

#[test]
fn what_says_nothing_about_a_line_suspends_none() {
    assert!(outcome(Err(Refusal::ChannelDiffers)).is_none());
    assert!(outcome(Err(Refusal::TransactionIdReused)).is_none());
}

#[test]
fn a_suspense_account_is_named_after_its_reason() {
    assert_eq!(account(SuspenseReason::UnknownResident), "suspense/unknown-resident");
    assert_eq!(account(SuspenseReason::DateInFuture), "suspense/date-in-future");
}
