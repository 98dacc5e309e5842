//! Whether a declaration settles a contribution.

use canbao_types::{Money, Refused};

use super::known::{day, notice, only, plain, told};
use crate::{
    contribution::{How, Known, Manner},
    declaration::{Outcome, declare},
    owed::SettledBy,
};

fn declare_on(known: Option<&Known>, caller: &str, on: &str) -> Result<Outcome, Refused> {
    declare(known, &notice(), (caller, &Manner::plain(day(on))))
}

fn listed(aided: &str) -> Known {
    let declared = SettledBy::Declaration(vec!["disabled-federation".to_owned()]);
    Known { told: only(told(aided, declared)), ..plain() }
}

fn reason(known: &Known, caller: &str, on: &str) -> &'static str {
    declare_on(Some(known), caller, on).unwrap_err().reason
}

#[test]
fn who_keeps_the_roster_settles_what_others_pay_in_full() {
    let outcome = declare_on(Some(&listed("400")), "disabled-federation", "2025-11-03").unwrap();
    let Outcome::Settles(settled) = outcome else { panic!("{outcome:?}") };
    assert_eq!((settled.standard.fen(), settled.paid, settled.aided.fen()), (40_000, Money::ZERO, 40_000));
    assert_eq!((settled.how, settled.determination), (How::Declaration, 7));
}

#[test]
fn the_tax_bureau_declares_for_anybody_and_others_only_for_their_own() {
    assert!(declare_on(Some(&listed("400")), "tax", "2025-11-03").is_ok());
    assert_eq!(reason(&listed("400"), "industry", "2025-11-03"), "NOT_THE_DECLARER");
}

#[test]
fn who_owes_something_or_is_settled_otherwise_is_not_declared() {
    assert_eq!(reason(&plain(), "tax", "2025-11-03"), "NOT_DECLARABLE");
    let pays = Known { told: only(told("360", SettledBy::Payment)), ..plain() };
    assert_eq!(reason(&pays, "tax", "2025-11-03"), "NOT_DECLARABLE");
    assert_eq!(reason(&listed("360"), "tax", "2025-11-03"), "NOT_DECLARABLE");
}

#[test]
fn the_windows_hold_for_a_declaration_as_for_a_payment() {
    assert_eq!(reason(&listed("400"), "tax", "2025-11-26"), "CLOSED_DAY");
    assert_eq!(reason(&listed("400"), "tax", "2026-03-02"), "ASSESS_FIRST");
}

#[test]
fn nobody_unregistered_is_declared_and_nobody_twice() {
    assert_eq!(declare_on(None, "tax", "2025-11-03").unwrap_err().reason, "UNKNOWN_RESIDENT");
    let ended = Known { ended_on: Some(day("2025-11-03")), ..listed("400") };
    assert_eq!(reason(&ended, "tax", "2025-11-03"), "UNKNOWN_RESIDENT");
    let Ok(Outcome::Settles(settled)) = declare_on(Some(&listed("400")), "tax", "2025-11-03") else {
        panic!()
    };
    let settled = Known { settled: Some(settled), ..listed("400") };
    assert_eq!(declare_on(Some(&settled), "tax", "2025-11-04"), Ok(Outcome::Repeats));
}
