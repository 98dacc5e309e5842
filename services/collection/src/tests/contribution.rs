//! What is due, by what was told.

use canbao_policy::{Facts, LastCovered, Notices, Place, Student};
use canbao_types::{AmountPart, Bearer, CoverYear, Money, Part, PaymentId};

use super::known::{day, money, notice, only, plain, told};
use crate::{
    contribution::{Assessed, Chosen, Due, Family, How, Known, Manner, Settled, due, quote},
    owed::{Owed, SettledBy},
    refusal::Refusal,
};

fn college(years: u32) -> Known {
    let known = plain();
    let facts = Facts { student: Some(Student::College), programme_years: Some(years), ..known.facts };
    Known { facts, ..known }
}

fn aided(known: Known, amount: &str) -> Known {
    Known { told: only(told(amount, SettledBy::Payment)), ..known }
}

fn assessed(known: Known) -> Known {
    let part = |part, amount: &str| {
        let clauses = vec!["XY26-39".parse().unwrap()];
        AmountPart { part, name: None, amount: money(amount), bearer: Bearer::Person, clauses }
    };
    let parts = vec![part(Part::Personal, "400"), part(Part::Government, "700")];
    Known { assessed: Some(Assessed { parts, open: (day("2026-03-10"), day("2026-12-31")) }), ..known }
}

fn on(date: &str) -> Manner {
    Manner::plain(day(date))
}

fn reason(refused: Result<Due, Refusal>) -> &'static str {
    refused.unwrap_err().refused().reason
}

#[test]
fn without_a_word_of_subsidy_the_notices_own_standard_is_due() {
    let due = due(&plain(), &notice(), (day("2025-11-03"), "")).unwrap();
    assert_eq!((due.due, due.aided), (money("400"), Money::ZERO));
    assert_eq!((due.payable_item.as_str(), due.determination), ("2026年", 0));
}

#[test]
fn what_subsidy_told_is_taken_off_and_names_the_payable_item() {
    let due = quote(&aided(plain(), "360"), &notice(), &on("2025-11-03")).unwrap();
    assert_eq!((due.standard, due.due), (money("400"), money("40")));
    assert_eq!((due.payable_item.as_str(), due.determination), ("特殊缴费", 7));
}

#[test]
fn where_others_pay_everything_nothing_is_due_and_nothing_is_taken() {
    let known = aided(plain(), "400");
    assert_eq!(due(&known, &notice(), (day("2025-11-03"), "")).unwrap().due, Money::ZERO);
    assert_eq!(reason(quote(&known, &notice(), &on("2025-11-03"))), "NOTHING_DUE");
}

#[test]
fn an_aid_that_a_person_must_decide_is_neither_zero_nor_the_standard() {
    let owed = Owed { aided: None, ..told("0", SettledBy::Payment) };
    let known = Known { told: only(owed), ..plain() };
    assert_eq!(reason(due(&known, &notice(), (day("2025-11-03"), ""))), "PERSON_MUST_DECIDE");
    assert_eq!(reason(quote(&known, &notice(), &on("2025-11-03"))), "PERSON_MUST_DECIDE");
}

#[test]
fn who_is_late_pays_only_what_was_assessed_and_only_in_its_time() {
    assert_eq!(reason(quote(&plain(), &notice(), &on("2026-03-10"))), "ASSESS_FIRST");
    let known = assessed(aided(plain(), "360"));
    let due = quote(&known, &notice(), &on("2026-03-10")).unwrap();
    assert!(due.assessed && due.ruling.late());
    assert_eq!(
        (due.due, due.aided, due.of_person(Part::Government)),
        (money("1100"), Money::ZERO, money("700"))
    );
    assert_eq!(due.determination, 0, "the aid of who pays in time is not theirs");
    assert_eq!(reason(quote(&known, &notice(), &on("2026-03-09"))), "ASSESS_FIRST");
}

#[test]
fn a_late_payer_with_an_identity_chooses_the_item_of_the_identity_and_is_not_aided() {
    let due = quote(&assessed(aided(plain(), "320")), &notice(), &on("2026-04-15")).unwrap();
    assert_eq!((due.due, due.aided), (money("1100"), Money::ZERO));
    assert_eq!(due.payable_item, "特殊缴费");
}

#[test]
fn a_late_payer_who_pays_nothing_in_the_governments_place_is_aided_like_anybody() {
    // GZ25-34: 60 % of 445.
    let there = "210881".parse().unwrap();
    let notices = Notices::builtin().unwrap();
    let notice = notices.find(there, CoverYear::new(2025).unwrap()).unwrap();
    let place = Some(Place::At(there));
    let facts = Facts {
        cover_year: CoverYear::new(2025),
        hukou: place,
        record: place,
        last_covered: CoverYear::new(2024).map(LastCovered::In),
        ..plain().facts
    };
    let due = quote(&aided(Known { facts, ..plain() }, "267"), notice, &on("2025-03-10")).unwrap();
    assert!(due.ruling.late());
    assert_eq!(
        (due.due, due.aided, due.of_person(Part::Government)),
        (money("178"), money("267"), Money::ZERO)
    );
}

#[test]
fn what_a_late_payer_settled_names_the_clause_of_the_governments_part() {
    let government = Settled { government: money("700"), standard: money("1100"), ..settled("1100", "0") };
    let known = Known { settled: Some(government), ..assessed(plain()) };
    let shown = due(&known, &notice(), (day("2025-11-03"), "")).unwrap();
    let clauses: Vec<_> = shown.parts[1].clauses.iter().map(|clause| clause.as_str()).collect();
    assert_eq!((shown.parts[1].amount, clauses), (money("700"), vec!["XY26-39"]));
}

#[test]
fn a_period_opened_for_one_person_lets_that_person_pay_after_the_window_with_the_aid() {
    let open = Some((day("2026-03-05"), day("2026-12-31")));
    let known = Known { told: only(Owed { open, ..told("320", SettledBy::Payment) }), ..plain() };
    let due = quote(&known, &notice(), &on("2026-03-28")).unwrap();
    assert_eq!((due.due, due.ruling.late()), (money("80"), false));
    assert_eq!(reason(quote(&known, &notice(), &on("2026-03-04"))), "ASSESS_FIRST");
}

#[test]
fn what_was_assessed_is_for_one_year_and_never_shared_out_over_several() {
    let late = |years| quote(&assessed(college(4)), &notice(), &Manner { years, ..on("2026-03-10") });
    assert_eq!(late(1).unwrap().due, money("1100"));
    assert_eq!(reason(late(2)), "ASSESS_FIRST", "the years to come are not assessed");
}

#[test]
fn whose_identity_is_recognised_after_the_assessment_pays_as_recognised() {
    let open = Some((day("2026-04-10"), day("2026-12-31")));
    let recognised = only(Owed { open, ..told("320", SettledBy::Payment) });
    let known = Known { told: recognised, ..assessed(plain()) };
    let due_now = quote(&known, &notice(), &on("2026-04-12")).unwrap();
    assert_eq!(
        (due_now.due, due_now.assessed, due_now.of_person(Part::Government)),
        (money("80"), false, Money::ZERO)
    );
    assert_eq!(
        due(&known, &notice(), (day("2025-11-03"), "")).unwrap().due,
        money("80"),
        "and without a day"
    );
    let before = quote(&known, &notice(), &on("2026-04-09")).unwrap();
    assert_eq!((before.due, before.assessed), (money("1100"), true), "what was assessed holds until then");
}

#[test]
fn a_student_may_pay_for_the_programme_at_once_and_each_year_costs_the_same() {
    let manner = Manner { years: 4, ..on("2025-11-03") };
    let due = quote(&college(4), &notice(), &manner).unwrap();
    assert_eq!((due.due, due.a_year, due.years), (money("1600"), money("400"), 4));
    let longer = Manner { years: 5, ..manner.clone() };
    assert_eq!(reason(quote(&college(4), &notice(), &longer)), "PERSON_MUST_DECIDE");
    assert_eq!(reason(quote(&plain(), &notice(), &manner)), "PERSON_MUST_DECIDE");
}

#[test]
fn about_several_years_of_somebody_aided_a_person_decides() {
    let manner = Manner { years: 4, ..on("2025-11-03") };
    assert_eq!(reason(quote(&aided(college(4), "360"), &notice(), &manner)), "PERSON_MUST_DECIDE");
    assert!(quote(&aided(college(4), "360"), &notice(), &on("2025-11-03")).is_ok());
}

#[test]
fn a_year_that_is_paid_for_already_is_not_paid_for_again() {
    let known = Known { paid_ahead: true, ..college(4) };
    let manner = Manner { years: 2, ..on("2025-11-03") };
    assert_eq!(reason(quote(&known, &notice(), &manner)), "ALREADY_SETTLED");
}

#[test]
fn a_relatives_account_pays_for_near_relatives_that_were_linked_first() {
    let by = |kinship: &str, linked| Manner { family: Family::of(kinship, linked), ..on("2025-11-03") };
    assert!(quote(&plain(), &notice(), &by("grandparent", true)).is_ok());
    assert_eq!(reason(quote(&plain(), &notice(), &by("grandparent", false))), "LINK_FIRST");
    assert_eq!(reason(quote(&plain(), &notice(), &by("other", true))), "NOT_NEAR_RELATIVE");
    assert_eq!(Family::of("self", true), None);
}

#[test]
fn of_an_ended_registration_nothing_is_due_unless_it_was_settled() {
    let known = Known { ended_on: Some(day("2025-11-03")), ..plain() };
    assert_eq!(reason(due(&known, &notice(), (day("2025-11-03"), ""))), "UNKNOWN_RESIDENT");
    assert_eq!(reason(quote(&known, &notice(), &on("2025-11-03"))), "UNKNOWN_RESIDENT");
    assert!(quote(&known, &notice(), &on("2025-11-02")).is_ok(), "by the day of the payment");
    assert!(
        due(&Known { settled: Some(settled("400", "0")), ..known }, &notice(), (day("2025-11-03"), ""))
            .is_ok()
    );
}

fn settled(paid: &str, aided: &str) -> Settled {
    let standard = money(paid).checked_add(money(aided)).unwrap();
    Settled {
        how: How::Payment,
        payment: Some(PaymentId::new()),
        standard,
        paid: money(paid),
        aided: money(aided),
        government: Money::ZERO,
        repair: Money::ZERO,
        arrears: Money::ZERO,
        along: Money::ZERO,
        chosen: Chosen::default(),
        settled_on: day("2025-11-03"),
        arrived_on: day("2025-11-03"),
        determination: 0,
    }
}

#[test]
fn what_was_settled_with_a_repair_is_shown_in_its_parts() {
    let repaired = Settled { repair: money("90"), government: money("30"), ..settled("500", "20") };
    let known = Known { settled: Some(repaired), ..plain() };
    let due = due(&known, &notice(), (day("2025-11-03"), "")).unwrap();
    let parts: Vec<_> = due.parts.iter().map(|part| (part.part, part.amount)).collect();
    let expected =
        [(Part::Personal, money("400")), (Part::Government, money("30")), (Part::Repair, money("90"))];
    assert_eq!(parts, expected);
}

#[test]
fn what_was_settled_with_an_arrear_and_an_insurance_along_is_shown_in_its_parts() {
    let (arrears, along) = (money("350"), money("21.46"));
    let settled = Settled { arrears, along, ..settled("771.46", "0") };
    assert_eq!(settled.price(), money("400"));
    let known = Known { settled: Some(settled), ..plain() };
    let due = due(&known, &notice(), (day("2025-11-03"), "")).unwrap();
    let parts: Vec<_> = due.parts.iter().map(|part| (part.part, part.amount)).collect();
    assert_eq!(parts, [(Part::Personal, money("400")), (Part::Arrears, arrears), (Part::Side, along)]);
}

#[test]
fn what_was_settled_at_another_price_is_shown_at_that_price() {
    let known = Known { settled: Some(settled("380", "0")), ..plain() };
    let due = due(&known, &notice(), (day("2025-11-03"), "")).unwrap();
    assert_eq!((due.standard, due.due), (money("380"), money("380")));
    assert_eq!(due.parts.iter().map(|part| part.amount).collect::<Vec<_>>(), [money("380")]);
}
