//! How questions are answered: missing facts, quotations, settlements, traces.
#![allow(clippy::unwrap_used)]

use canbao_policy::{EmployeeScheme, Funds, Student};
use canbao_policy::{
    Event, Fact, Facts, HeldIdentity, LastCovered, Notice, Notices, Payment, Place, Question, Stated, Step,
    Verdict, chinese,
};
use canbao_types::{Date, Money, Reason};

fn xiaoyi() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap().clone()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Option<Stated<Money>> {
    Some(Stated::Is(text.parse().unwrap()))
}

/// An adult of the place, covered last year, who pays in cash-free ways from an own account.
fn adult() -> Facts {
    Facts {
        cover_year: Some(2026.try_into().unwrap()),
        birth: Some(day("1980-01-01")),
        record: Some(Place::At("141181".parse().unwrap())),
        employee_scheme: Some(EmployeeScheme::Never),
        enrolled_elsewhere: Some(false),
        identities: Some(Vec::new()),
        last_covered: Some(LastCovered::In(2025.try_into().unwrap())),
        events: Some(Vec::new()),
        done: Some(vec![Step::Registration]),
        cash: Some(false),
        funds: Some(Funds::Own),
        ..Facts::default()
    }
}

fn paid(on: &str) -> Facts {
    Facts { paid: Some(day(on)), ..adult() }
}

fn with_identity(name: &str, facts: Facts) -> Facts {
    let held = HeldIdentity { name: name.to_owned(), confirmed: Some(true), ..HeldIdentity::default() };
    Facts { identities: Some(vec![held]), ..facts }
}

fn asked_for(payment: &Payment) -> Option<(Fact, &str)> {
    payment.refusal.as_ref().and_then(|refusal| Some((refusal.fact?, &*refusal.row)))
}

#[test]
fn a_fact_that_was_not_given_and_could_decide_is_asked_for_by_name_and_row() {
    let notice = xiaoyi();
    let cases: [(Facts, Fact, &str); 8] = [
        (Facts { birth: None, ..paid("2025-11-10") }, Fact::Birth, "window 新生儿出生当年"),
        (Facts { last_covered: None, ..paid("2025-11-10") }, Fact::LastCovered, "benefit wait"),
        (Facts { cash: None, ..paid("2025-11-15") }, Fact::Cash, "refuse cash"),
        (Facts { funds: None, ..paid("2025-11-10") }, Fact::Funds, "refuse kin"),
        (Facts { record: None, done: Some(vec![]), ..paid("2025-11-10") }, Fact::Record, "refuse region"),
        (Facts { events: None, ..paid("2026-03-05") }, Fact::Event, "window 退出其他保障"),
        (Facts { identities: None, ..paid("2025-11-10") }, Fact::Identity, "option hardship"),
        (Facts { cover_year: None, ..paid("2025-11-10") }, Fact::CoverYear, "notice"),
    ];
    for (facts, fact, row) in cases {
        let payment = notice.pay(&facts);
        assert_eq!(asked_for(&payment), Some((fact, row)), "{payment:#?}");
        assert_eq!(payment.refusal.map(|refusal| refusal.reason), Some(Reason::NeedsFact));
    }
}

#[test]
fn the_sentence_of_a_written_answer_lists_every_key_that_is_missing() {
    let facts = Facts { last_covered: None, identities: None, ..paid("2025-11-10") };
    let written = serde_json::to_value(xiaoyi().answer(&Question::Pay(Box::new(facts)))).unwrap();
    let message = written["reasons"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("缺：last_covered、identities。"), "{message}");
}

#[test]
fn a_fact_that_cannot_decide_is_not_asked_for() {
    let notice = xiaoyi();
    // On a working day it does not matter whether cash is paid; in the window no event matters.
    let facts = Facts { cash: None, events: None, hukou: None, ..paid("2025-11-10") };
    assert_eq!(notice.pay(&facts).refusal, None);
    // Windows that open after the day cannot be the one, whatever the events and recognitions.
    let closed = with_identity("低保对象", Facts { events: None, ..paid("2025-10-26") });
    assert_eq!(notice.pay(&closed).refusal.map(|refusal| refusal.reason), Some(Reason::ClosedDay));
    // Whether a poor person's second identity counts does not matter when the first covers everything.
    let extreme = with_identity("特困人员", paid("2025-11-10")).identities.unwrap().remove(0);
    let unrated = HeldIdentity { name: "残疾人员".to_owned(), ..HeldIdentity::default() };
    let facts = Facts { identities: Some(vec![extreme, unrated]), ..paid("2025-11-10") };
    let payment = notice.pay(&facts);
    assert_eq!((payment.refusal, payment.due), (None, yuan("0")));
}

#[test]
fn an_identity_whose_own_fact_is_missing_is_asked_for_that_fact() {
    let held =
        |confirmed| HeldIdentity { name: "低保对象".to_owned(), confirmed, ..HeldIdentity::default() };
    let notice = xiaoyi();
    let unknown = notice.pay(&Facts { identities: Some(vec![held(None)]), ..paid("2025-11-10") });
    assert_eq!(asked_for(&unknown).map(|(fact, _)| fact), Some(Fact::IdentityConfirmed));
    assert_eq!(unknown.due, None);
    let pending = notice.pay(&Facts { identities: Some(vec![held(Some(false))]), ..paid("2025-11-10") });
    assert_eq!((pending.identities[0].counts, pending.due), (Some(false), yuan("400")));
}

#[test]
fn registration_asks_only_what_registration_turns_on() {
    let notice = xiaoyi();
    let nothing = notice.register(&Facts::default());
    assert_eq!(nothing.refusal.and_then(|refusal| refusal.fact), Some(Fact::EmployeeScheme));
    assert_eq!(nothing.also.iter().filter_map(|refusal| refusal.fact).next(), Some(Fact::EnrolledElsewhere));
    let enough = Facts {
        employee_scheme: Some(EmployeeScheme::Never),
        enrolled_elsewhere: Some(false),
        ..Facts::default()
    };
    let registration = notice.register(&enough);
    assert!(registration.eligible());
    assert_eq!(registration.class.map(|class| class.value.to_string()).as_deref(), Some("城乡居民"));
    assert_eq!(registration.grounds.len(), 1);
}

#[test]
fn a_registered_person_is_not_asked_again_at_payment_but_what_stands_against_it_counts() {
    let notice = xiaoyi();
    let silent = Facts { employee_scheme: None, enrolled_elsewhere: None, ..paid("2025-11-10") };
    assert_eq!(notice.pay(&silent).refusal, None);
    assert_eq!(notice.pay(&silent).unjudged.len(), 2, "two rows of registration");
    let elsewhere = Facts { enrolled_elsewhere: Some(true), ..silent.clone() };
    assert_eq!(notice.pay(&elsewhere).refusal.map(|refusal| refusal.reason), Some(Reason::EnrolledElsewhere));
    let unregistered = Facts { done: Some(vec![]), ..silent };
    assert_eq!(asked_for(&notice.pay(&unregistered)).map(|(fact, _)| fact), Some(Fact::EmployeeScheme));
}

#[test]
fn a_closed_day_names_the_next_open_one_and_a_day_before_the_window_its_first() {
    let notice = xiaoyi();
    for (on, reason, next) in [
        ("2025-09-30", Reason::NotOpen, "2025-10-21"),
        ("2025-10-20", Reason::NotOpen, "2025-10-21"),
        ("2025-10-26", Reason::ClosedDay, "2025-11-01"),
        ("2025-12-31", Reason::ClosedDay, "2026-01-01"),
        ("2026-01-31", Reason::ClosedDay, "2026-02-01"),
    ] {
        let refusal = notice.pay(&paid(on)).refusal.unwrap();
        assert_eq!((refusal.reason, refusal.next_day), (reason, Some(day(next))), "paid on {on}");
        let message = refusal.refused().message;
        let [on, next] = [on, next].map(|text| chinese::day(day(text)));
        assert!(message.starts_with(&on) && message.contains(&next), "{message}");
    }
    let refusal = notice.pay(&paid("2026-02-26")).refusal.unwrap();
    assert_eq!(
        (refusal.reason, refusal.say.as_deref()),
        (Reason::AssessFirst, Some("请先由医保中心核定补缴金额"))
    );
    let refusal = notice.pay(&paid("2027-01-01")).refusal.unwrap();
    assert_eq!((refusal.reason, refusal.next_day), (Reason::WindowClosed, None));
}

#[test]
fn who_was_not_covered_last_year_waits_three_months_from_the_payment_but_not_before_the_year() {
    let notice = xiaoyi();
    let broken = |on: &str| {
        let last_covered = Some(LastCovered::In(2023.try_into().unwrap()));
        notice.pay(&Facts { last_covered, ..paid(on) })
    };
    for (on, start) in [("2025-10-21", "2026-01-21"), ("2025-10-01", ""), ("2025-11-25", "2026-02-25")] {
        let payment = broken(on);
        assert_eq!(payment.start().map(|day| day.to_string()).unwrap_or_default(), start);
    }
    let wait = broken("2025-11-25").benefit.unwrap().wait.unwrap();
    assert_eq!((wait.months, wait.fixed_months, wait.variable_months), (3, 3, 0));
    assert_eq!((wait.missed_years, wait.at_least), (Some(2), true));
    let exempt = with_identity(
        "低保对象",
        Facts { last_covered: Some(LastCovered::In(2023.try_into().unwrap())), ..paid("2025-11-25") },
    );
    assert_eq!(
        (notice.pay(&exempt).wait_months(), notice.pay(&exempt).start()),
        (0, Some(day("2026-01-01")))
    );
}

#[test]
fn a_payment_whose_wait_outlasts_the_year_is_warned_of() {
    let late = Facts {
        done: Some(vec![Step::Assessment]),
        employee_scheme: Some(EmployeeScheme::Never),
        ..paid("2026-10-01")
    };
    let payment = xiaoyi().pay(&late);
    let warned: Vec<Reason> = payment.warnings.iter().map(|warning| warning.reason).collect();
    assert_eq!((payment.refusal, warned), (None, vec![Reason::BuysNothing]));
    assert_eq!(xiaoyi().pay(&Facts { paid: Some(day("2026-09-30")), ..late }).warnings, vec![]);
}

#[test]
fn a_quotation_tells_the_price_and_asks_for_nothing_that_only_the_payment_will_show() {
    let quoted = Facts { cash: None, funds: None, ..with_identity("低保对象", adult()) };
    let payment = xiaoyi().pay(&quoted);
    assert_eq!((&payment.refusal, payment.due, &payment.benefit), (&None, yuan("80"), &None));
    assert_eq!(payment.option.unwrap().value.to_string(), "特殊缴费");
    assert_eq!(payment.window.unwrap().name.to_string(), "集中参保缴费期");
    assert!(payment.unjudged.iter().any(|row| (&*row.row, row.fact) == ("refuse kin", Fact::Funds)));
}

#[test]
fn who_owes_nothing_is_settled_on_the_day_of_confirmation_also_on_a_day_closed_for_payments() {
    let notice = xiaoyi();
    for (confirmed, settled, start) in [
        ("2025-11-10", "2025-11-10", "2026-01-01"),
        ("2025-11-27", "2025-11-27", "2026-01-01"),
        ("2025-09-01", "2025-10-21", "2026-01-01"),
        ("2026-02-10", "2026-02-10", "2026-02-10"),
    ] {
        let facts = Facts { confirmed: Some(day(confirmed)), ..with_identity("特困人员", adult()) };
        let payment = notice.pay(&facts);
        assert_eq!((&payment.refusal, payment.due), (&None, yuan("0")));
        assert_eq!(payment.settled.as_ref().map(|settled| settled.value), Some(day(settled)));
        assert_eq!(payment.start(), Some(day(start)));
    }
}

#[test]
fn who_owes_something_is_not_settled_by_a_confirmation() {
    let facts = Facts { confirmed: Some(day("2025-11-10")), ..with_identity("返贫致贫人口", adult()) };
    let payment = xiaoyi().pay(&facts);
    assert_eq!((payment.settled, payment.due, payment.benefit), (None, yuan("40"), None));
    assert_eq!(
        payment.warnings.iter().map(|warning| warning.reason).collect::<Vec<_>>(),
        vec![Reason::NotPaid]
    );
}

#[test]
fn aid_without_a_figure_is_for_a_person_unless_another_covers_everything() {
    let notice = xiaoyi();
    let held = |names: &[&str]| {
        let held = names.iter().flat_map(|name| with_identity(name, adult()).identities.unwrap()).collect();
        notice.pay(&Facts { identities: Some(held), ..paid("2025-11-10") })
    };
    let veteran = held(&["优抚对象"]);
    assert_eq!(veteran.due, Some(Stated::PersonMustDecide));
    assert_eq!(veteran.aid[0].amount, Stated::PersonMustDecide);
    let lesser = held(&["优抚对象", "低保对象"]);
    assert_eq!((lesser.due, lesser.aid_lost.len()), (Some(Stated::PersonMustDecide), 1));
    let covered = held(&["优抚对象", "特困人员"]);
    assert_eq!(
        (covered.due, &*covered.aid[0].row, &*covered.aid_lost[0].row),
        (yuan("0"), "aid extreme", "aid veteran")
    );
}

#[test]
fn a_recognition_is_new_only_when_the_person_had_no_earlier_one_of_the_group() {
    let held = |name: &str, recognised: &str| HeldIdentity {
        name: name.to_owned(),
        confirmed: Some(true),
        recognised: Some(day(recognised)),
        ..HeldIdentity::default()
    };
    let window = |identities| {
        let facts =
            Facts { identities: Some(identities), done: Some(vec![Step::Assessment]), ..paid("2026-05-08") };
        xiaoyi().pay(&facts).window.unwrap().name.to_string()
    };
    assert_eq!(window(vec![held("返贫致贫人口", "2026-04-10")]), "新增困难群体");
    assert_eq!(window(vec![held("返贫致贫人口", "2026-04-10"), held("低保对象", "2024-05-01")]), "补缴");
    // An identity outside the group does not make the person known to it.
    assert_eq!(
        window(vec![held("返贫致贫人口", "2026-04-10"), held("优抚对象", "2020-01-01")]),
        "新增困难群体"
    );
}

#[test]
fn of_several_events_the_latest_before_the_payment_opens_the_window() {
    let event = |date| Event { kind: "职工医保中断".to_owned(), date: day(date) };
    let facts = Facts {
        events: Some(vec![event("2025-06-01"), event("2026-03-01"), event("2026-08-01")]),
        employee_scheme: Some(EmployeeScheme::Past),
        employee_until: Some(day("2026-03-01")),
        ..paid("2026-06-01")
    };
    let window = xiaoyi().pay(&facts).window.unwrap();
    assert_eq!((&*window.name, window.days), ("退出其他保障", Some((day("2026-03-01"), day("2026-06-01")))));
}

#[test]
fn several_years_at_once_are_for_students_within_their_programme_and_without_aid() {
    let notice = xiaoyi();
    let student = |years, programme_years| Facts {
        student: Some(Student::College),
        years: Some(years),
        programme_years,
        ..paid("2025-11-12")
    };
    assert_eq!(notice.pay(&student(4, Some(4))).due, yuan("1600"));
    assert_eq!(notice.pay(&student(5, Some(4))).due, Some(Stated::PersonMustDecide));
    assert_eq!(asked_for(&notice.pay(&student(4, None))), Some((Fact::ProgrammeYears, "prepay programme")));
    let aided = with_identity("低保对象", student(4, Some(4)));
    assert_eq!(notice.pay(&aided).due, Some(Stated::PersonMustDecide));
    let pupil = Facts { student: Some(Student::School), ..student(2, Some(2)) };
    assert_eq!(notice.pay(&pupil).due, Some(Stated::PersonMustDecide));
}

#[test]
fn an_offer_below_what_is_due_is_not_in_full() {
    let offered = |text: &str| Facts { offered: Some(text.parse().unwrap()), ..paid("2025-11-10") };
    assert_eq!(
        xiaoyi().pay(&offered("399.99")).refusal.map(|refusal| refusal.reason),
        Some(Reason::NotInFull)
    );
    assert_eq!(xiaoyi().pay(&offered("400")).refusal, None);
}

#[test]
fn the_price_of_a_year_the_notice_does_not_govern_is_not_stated() {
    let newborn = Facts {
        cover_year: Some(2025.try_into().unwrap()),
        birth: Some(day("2025-11-05")),
        last_covered: Some(LastCovered::Never),
        ..paid("2025-11-20")
    };
    let payment = xiaoyi().pay(&newborn);
    assert_eq!(
        (payment.due, payment.start(), payment.end()),
        (yuan("0"), Some(day("2025-11-05")), Some(day("2025-12-31")))
    );
    let next = Facts { cover_year: Some(2027.try_into().unwrap()), ..paid("2025-11-20") };
    assert_eq!(xiaoyi().pay(&next).due, Some(Stated::NotStated));
}

#[test]
fn a_year_that_the_notice_does_not_govern_has_no_notice_here_and_the_year_of_birth_has() {
    let asked = |year: u16, facts| Facts { cover_year: Some(year.try_into().unwrap()), ..facts };
    let reason = |facts: &Facts| xiaoyi().pay(facts).refusal.map(|refusal| refusal.reason);
    for year in [2025, 2027] {
        assert_eq!(reason(&asked(year, paid("2025-11-20"))), Some(Reason::NoNotice), "{year}");
        assert_eq!(reason(&asked(year, adult())), Some(Reason::NoNotice), "{year}, quoted");
    }
    let newborn = |on: &str| asked(2025, Facts { birth: Some(day("2025-11-05")), ..paid(on) });
    assert_eq!(reason(&newborn("2025-11-20")), None);
    assert_eq!(reason(&newborn("2026-01-02")), Some(Reason::WindowClosed));
    let unborn = Facts { birth: None, ..newborn("2026-01-02") };
    assert_eq!(asked_for(&xiaoyi().pay(&unborn)), Some((Fact::Birth, "window 新生儿出生当年")));
}

#[test]
fn an_answer_names_the_open_points_it_rests_on() {
    let payment = xiaoyi().pay(&paid("2025-11-10"));
    let citations = payment.citations();
    let window = citations.as_slice().iter().find(|citation| citation.clause.as_str() == "XY26-26").unwrap();
    assert_eq!(window.open, ["A-25", "A-26", "A-27"]);
}

#[test]
fn the_government_subsidy_of_the_year_is_cited_and_of_another_year_not_stated() {
    let notice = xiaoyi();
    let subsidy = notice.government_subsidy(&adult()).unwrap();
    assert_eq!((Some(subsidy.value.amount), subsidy.basis[0].clause.as_str()), (yuan("700"), "XJ26-09"));
    let next = Facts { cover_year: Some(2027.try_into().unwrap()), ..adult() };
    assert_eq!(notice.government_subsidy(&next).unwrap().value.amount, Stated::NotStated);
}

#[test]
fn an_explanation_is_the_same_answer_with_every_row_tried() {
    let notice = xiaoyi();
    let facts = Facts { last_covered: Some(LastCovered::Never), ..paid("2025-11-10") };
    let (payment, trace) = notice.explain_payment(&facts);
    assert_eq!(payment, notice.pay(&facts));
    let verdict = |row: &str| trace.0.iter().find(|tried| &*tried.row == row).map(|tried| tried.verdict);
    assert_eq!(verdict("window 新生儿出生当年"), Some(Verdict::Fails(Fact::Birth)));
    assert_eq!(verdict("window 集中参保缴费期"), Some(Verdict::Holds));
    assert_eq!(verdict("benefit newborn"), Some(Verdict::Fails(Fact::Window)));
    assert_eq!(verdict("benefit wait"), Some(Verdict::Fails(Fact::Late)));
    assert_eq!(verdict("benefit in-window"), Some(Verdict::Holds));
    assert_eq!(verdict("refuse employee-scheme"), Some(Verdict::Fails(Fact::EmployeeScheme)));
    let exempt = with_identity(
        "低保对象",
        Facts { last_covered: Some(LastCovered::In(2023.try_into().unwrap())), ..facts },
    );
    let (_, trace) = notice.explain_payment(&exempt);
    let waits = trace.0.iter().find(|tried| &*tried.row == "benefit wait").map(|tried| tried.verdict);
    assert_eq!(waits, Some(Verdict::Excepted));
}

#[test]
fn cash_on_a_holiday_names_the_next_working_day_on_which_the_window_is_open() {
    for (on, next) in
        [("2025-11-22", "2025-11-24"), ("2025-10-25", "2025-11-03"), ("2026-02-22", "2026-02-24")]
    {
        let refusal = xiaoyi().pay(&Facts { cash: Some(true), ..paid(on) }).refusal.unwrap();
        let told = (refusal.reason, refusal.next_day);
        assert_eq!(told, (Reason::CashNeedsWorkingDay, Some(day(next))), "paid on {on}");
    }
}
