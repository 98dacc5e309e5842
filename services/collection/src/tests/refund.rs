//! What is given back: students who left, contributions asked back, aid.

use canbao_policy::{EmployeeScheme, Facts, LastCovered, Notice, Notices, RefundCause, Student};
use canbao_types::{CoverYear, Date, Money};

use crate::{
    contribution::{Chosen, How, Settled},
    refund::{Bought, GivenUp, Ground, aid, asked_back, left_school, postings},
    refusal::Refusal,
};

fn year(year: u16) -> CoverYear {
    CoverYear::new(year).unwrap()
}

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn notice() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.find("141181".parse().unwrap(), year(2026)).unwrap().clone()
}

/// A student's facts who left on a day.
fn left(on: &str) -> Facts {
    Facts {
        cover_year: Some(year(2026)),
        birth: Some(day("2006-05-01")),
        student: Some(Student::College),
        left: Some(day(on)),
        ..Facts::default()
    }
}

/// Settled at 400 yuan, of which so much is aided.
fn settled(aided: &str) -> Settled {
    Settled {
        how: How::Payment,
        payment: None,
        standard: yuan("400"),
        paid: yuan("400").checked_sub(yuan(aided)).unwrap(),
        aided: yuan(aided),
        government: Money::ZERO,
        repair: Money::ZERO,
        arrears: Money::ZERO,
        along: Money::ZERO,
        chosen: Chosen::default(),
        settled_on: day("2025-11-12"),
        arrived_on: day("2025-11-12"),
        determination: 1,
    }
}

/// Four years at 400 yuan: the first settled, the others paid in advance.
fn four_years() -> Vec<Bought> {
    let bought = |later| Bought { year: year(later), price: yuan("400"), settled: None };
    let mut years: Vec<_> = (2026..2030).map(bought).collect();
    years[0].settled = Some(settled("0"));
    years
}

fn years(given_up: &GivenUp) -> Vec<u16> {
    given_up.years.iter().map(|bought| bought.year.get()).collect()
}

#[test]
fn a_student_who_leaves_before_the_first_year_gives_up_all_four() {
    let given_up = left_school(&left("2025-12-20"), four_years(), &notice()).unwrap();
    assert_eq!((given_up.amount, years(&given_up)), (yuan("1600"), vec![2026, 2027, 2028, 2029]));
    assert!(given_up.citations.iter().any(|citation| citation.clause.as_str() == "XY26-36"));
}

#[test]
fn the_year_of_leaving_is_not_given_back_from_its_first_day_on() {
    let given_up = left_school(&left("2026-01-01"), four_years(), &notice()).unwrap();
    assert_eq!((given_up.amount, years(&given_up)), (yuan("1200"), vec![2027, 2028, 2029]));
    let given_up = left_school(&left("2026-12-31"), four_years(), &notice()).unwrap();
    assert_eq!(years(&given_up), [2027, 2028, 2029]);
    let given_up = left_school(&left("2027-01-01"), four_years(), &notice()).unwrap();
    assert_eq!(years(&given_up), [2028, 2029]);
}

#[test]
fn a_student_whose_years_have_all_begun_is_given_nothing_and_told_the_clause() {
    let refused = left_school(&left("2029-03-01"), four_years(), &notice());
    let Err(Refusal::NothingToRefund(citations)) = refused else { panic!("{refused:?}") };
    assert!(citations.iter().any(|citation| citation.clause.as_str() == "XY26-36"), "{citations:?}");
}

#[test]
fn whoever_is_no_student_of_a_college_is_for_a_person_to_decide() {
    let pupil = Facts { student: Some(Student::School), ..left("2025-12-20") };
    let refused = left_school(&pupil, four_years(), &notice());
    assert!(matches!(refused, Err(Refusal::PersonMustDecide(_))), "{refused:?}");
    let unknown = Facts { student: None, ..left("2025-12-20") };
    let refused = left_school(&unknown, four_years(), &notice());
    let Err(Refusal::ByRule(refusal)) = refused else { panic!("{refused:?}") };
    let told = refusal.refused();
    assert_eq!(
        (told.reason, told.message.as_str()),
        ("NEEDS_FACT", "缺少信息：就读学校的类别（或没有上学）。请补充后再办理。")
    );
}

#[test]
fn each_year_is_given_back_at_the_price_that_was_paid_for_it() {
    let mut bought = four_years();
    bought[1].price = yuan("80");
    let given_up = left_school(&left("2026-06-30"), bought, &notice()).unwrap();
    assert_eq!(given_up.amount, yuan("880"));
}

#[test]
fn the_postings_of_years_given_up_add_up_to_zero_in_the_books_of_every_year() {
    let mut bought = four_years();
    // The second year was settled since, and aid given back of it.
    bought[1] = Bought { year: year(2027), price: yuan("80"), settled: Some(settled("320")) };
    let given_up = left_school(&left("2025-12-20"), bought, &notice()).unwrap();
    let books = postings(&given_up, year(2026));
    for (year, postings) in &books {
        assert_eq!(
            Money::sum(postings.iter().map(|(_, fen)| *fen)),
            Some(Money::ZERO),
            "{year}: {postings:?}"
        );
    }
    let shown = |at: usize| -> Vec<String> {
        books[at].1.iter().map(|(account, fen)| format!("{account} {fen}")).collect()
    };
    let home = [
        "contribution/personal 400.00",
        "prepaid/2027 80.00",
        "prepaid/2028 400.00",
        "prepaid/2029 400.00",
        "refund/left-school -1280.00",
    ];
    assert_eq!(shown(0), home);
    assert_eq!((books.len(), books[1].0), (2, year(2027)));
    assert_eq!(shown(1), ["contribution/personal 400.00", "aid -320.00", "prepaid/2027 -80.00"]);
}

/// What is known of an adult of 招远 who paid on a day and asks on another.
fn asked(paid: &str, asked: &str) -> Facts {
    Facts {
        cover_year: Some(year(2025)),
        birth: Some(day("1980-01-01")),
        student: Some(Student::None),
        last_covered: Some(LastCovered::In(year(2024))),
        employee_scheme: Some(EmployeeScheme::Never),
        identities: Some(Vec::new()),
        paid: Some(day(paid)),
        paid_amount: Some(yuan("520")),
        asked: Some(day(asked)),
        ..Facts::default()
    }
}

fn asked_of_zhaoyuan(facts: &Facts, bought: Vec<Bought>) -> Result<GivenUp, Refusal> {
    let notices = Notices::builtin().unwrap();
    let notice = notices.find("370685".parse().unwrap(), year(2025)).unwrap();
    asked_back(RefundCause::Requested, facts, bought, notice)
}

fn one_year() -> Vec<Bought> {
    vec![Bought { year: year(2025), price: yuan("520"), settled: Some(settled("0")) }]
}

#[test]
fn whoever_paid_in_the_window_is_given_everything_back_until_the_benefit_begins() {
    let given_up = asked_of_zhaoyuan(&asked("2024-11-15", "2024-12-31"), one_year()).unwrap();
    assert_eq!(
        (given_up.ground, given_up.amount, years(&given_up)),
        (Ground::Requested, yuan("520"), vec![2025])
    );
    let refused = asked_of_zhaoyuan(&asked("2024-11-15", "2025-01-01"), one_year());
    let Err(Refusal::ByRule(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.refused().reason, "BENEFIT_BEGUN");
}

#[test]
fn a_wait_that_an_identity_could_have_ended_is_for_a_person_to_judge() {
    for on in ["2025-06-09", "2025-06-10"] {
        let refused = asked_of_zhaoyuan(&asked("2025-03-10", on), one_year());
        let Err(Refusal::PersonMustDecide(citations)) = refused else { panic!("{on}: {refused:?}") };
        assert!(citations.iter().any(|citation| citation.clause.as_str() == "ZY25-26"), "{citations:?}");
    }
}

#[test]
fn years_bought_together_are_for_a_person_to_judge_and_nothing_paid_is_nothing_to_give_back() {
    let mut bought = one_year();
    bought.push(Bought { year: year(2026), price: yuan("520"), settled: None });
    let refused = asked_of_zhaoyuan(&asked("2024-11-15", "2024-12-31"), bought);
    assert!(matches!(refused, Err(Refusal::PersonMustDecide(_))), "{refused:?}");
    let nothing = Facts { paid_amount: Some(Money::ZERO), ..asked("2024-11-15", "2024-12-31") };
    let refused = asked_of_zhaoyuan(&nothing, one_year());
    assert!(matches!(refused, Err(Refusal::NothingToRefund(_))), "{refused:?}");
}

#[test]
fn aid_is_given_back_once_and_never_more_than_was_paid() {
    let settled = settled("0");
    assert_eq!(aid(&settled, yuan("320"), 2), Some(yuan("320")));
    assert_eq!(aid(&settled, yuan("320"), 1), None, "it was settled with that aid");
    let poor = Settled { paid: yuan("80"), ..settled };
    assert_eq!(aid(&poor, yuan("320"), 2), Some(yuan("80")));
    assert_eq!(aid(&Settled { paid: Money::ZERO, ..poor }, yuan("320"), 2), None);
}
