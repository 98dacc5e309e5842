//! Which of the amounts that subsidy told is the one of a payment.

use super::known::{day, money, told};
use crate::owed::{OwedOtherwise, SettledBy, Told, When};

type Days = Option<(Option<&'static str>, Option<&'static str>)>;

/// 100 for everybody, and these in place of it.
fn of(others: &[(&str, Days, &str)]) -> Told {
    let otherwise = others.iter().map(|(tier, days, aided)| OwedOtherwise {
        tier: (*tier).to_owned(),
        days: days.map(|(from, to)| (from.map(day), to.map(day))),
        owed: told(aided, SettledBy::Payment),
    });
    Told { owed: told("100", SettledBy::Payment), otherwise: otherwise.collect() }
}

fn aided(told: &Told, on: &str, tier: &str) -> Option<i64> {
    told.of(When { day: day(on), pays: true, tier }).aided.map(canbao_types::Money::fen)
}

fn yuan(text: &str) -> Option<i64> {
    Some(money(text).fen())
}

#[test]
fn a_tier_of_which_nothing_was_told_has_what_all_have() {
    let told = of(&[("高档", None, "150")]);
    assert_eq!(aided(&told, "2026-01-01", "高档"), yuan("150"));
    assert_eq!(aided(&told, "2026-01-01", "低档"), yuan("100"));
    assert_eq!(aided(&told, "2026-01-01", ""), yuan("100"));
}

#[test]
fn a_version_holds_on_both_ends_of_its_days_and_not_beside_them() {
    let told = of(&[("", Some((Some("2026-03-10"), Some("2026-05-09"))), "150")]);
    for (on, expected) in
        [("2026-03-09", "100"), ("2026-03-10", "150"), ("2026-05-09", "150"), ("2026-05-10", "100")]
    {
        assert_eq!(aided(&told, on, ""), yuan(expected), "{on}");
    }
    let open =
        of(&[("", Some((None, Some("2026-03-09"))), "50"), ("", Some((Some("2026-05-10"), None)), "70")]);
    for (on, expected) in [("2025-10-01", "50"), ("2026-03-10", "100"), ("2026-12-31", "70")] {
        assert_eq!(aided(&open, on, ""), yuan(expected), "{on}");
    }
}

#[test]
fn the_tiers_of_another_version_do_not_hold_on_the_days_of_this_one() {
    let from_march = Some((Some("2026-03-01"), None));
    let told = of(&[("高档", None, "150"), ("", from_march, "200"), ("低档", from_march, "220")]);
    assert_eq!(aided(&told, "2026-02-28", "高档"), yuan("150"));
    assert_eq!(aided(&told, "2026-03-01", "高档"), yuan("200"), "the high tier of before is no tier of now");
    assert_eq!(aided(&told, "2026-03-01", "低档"), yuan("220"));
    assert_eq!(aided(&told, "2026-02-28", "低档"), yuan("100"));
}
