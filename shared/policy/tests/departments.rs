//! What departments ask beside the usual: opened periods, declarations, lists, cover that ends early, targets.
#![allow(clippy::unwrap_used)]

use canbao_policy::{
    EmployeeScheme, Facts, HeldIdentity, LastCovered, Notice, Opened, Payment, Place, RefundCause, Returned,
    Stated, Submitter,
};
use canbao_types::{Date, Money, Reason};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

fn xiaoyi() -> Notice {
    Notice::parse("141181-2026.toml", XIAOYI).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Stated<Money> {
    Stated::Is(text.parse().unwrap())
}

/// An adult of the place, covered last year, who pays on a day.
fn paid(on: &str) -> Facts {
    Facts {
        cover_year: Some(2026.try_into().unwrap()),
        birth: Some(day("1980-01-01")),
        record: Some(Place::At("141181".parse().unwrap())),
        last_covered: Some(LastCovered::In(2025.try_into().unwrap())),
        employee_scheme: Some(EmployeeScheme::Never),
        cash: Some(false),
        paid: Some(day(on)),
        ..Facts::default().of_one_who_pays()
    }
}

fn with_identity(name: &str, facts: Facts) -> Facts {
    let held = HeldIdentity { name: name.to_owned(), confirmed: Some(true), ..HeldIdentity::default() };
    Facts { identities: Some(vec![held]), ..facts }
}

fn reason(payment: &Payment) -> Option<Reason> {
    payment.refusal.as_ref().map(|refusal| refusal.reason)
}

fn march() -> Option<Opened> {
    Some(Opened { from: day("2026-03-27"), to: day("2026-04-26"), late: false })
}

#[test]
fn a_person_who_registered_has_declared_and_one_whom_a_school_registered_was_declared_by_it() {
    use canbao_policy::Step::{Declaration, Registration, SchoolDeclaration, SchoolRegistration};
    let done = |facts: Facts| facts.of_one_who_pays().done.unwrap();
    assert_eq!(done(Facts::default()), [Registration, Declaration]);
    let by_school = Facts { school_registered: Some(day("2025-09-20")), ..Facts::default() };
    assert_eq!(done(by_school), [Registration, SchoolRegistration, SchoolDeclaration]);
}

#[test]
fn a_payment_in_the_period_opened_for_the_person_needs_no_window_of_the_notice() {
    let notice = xiaoyi();
    for on in ["2026-03-27", "2026-03-28", "2026-04-26"] {
        assert_eq!(reason(&notice.pay(&paid(on))), Some(Reason::AssessFirst));
        let payment = notice.pay(&Facts { opened: march(), ..paid(on) });
        assert_eq!((&payment.refusal, payment.due, payment.late()), (&None, Some(yuan("400")), false));
        let window = payment.window.as_ref().unwrap();
        assert_eq!(
            (&*window.name, window.days),
            ("核定缴费期", Some((day("2026-03-27"), day("2026-04-26"))))
        );
        assert_eq!(window.basis[0].clause.as_str(), "XY26-38");
        assert_eq!(payment.start(), Some(day(on)));
    }
}

#[test]
fn outside_the_opened_period_it_is_as_if_none_were_open() {
    let notice = xiaoyi();
    for on in ["2025-11-10", "2025-11-26", "2026-03-26", "2026-04-27"] {
        assert_eq!(notice.pay(&Facts { opened: march(), ..paid(on) }), notice.pay(&paid(on)), "paid on {on}");
    }
}

#[test]
fn every_other_row_of_the_payment_counts_in_an_opened_period() {
    let opened = |facts: Facts| reason(&xiaoyi().pay(&Facts { opened: march(), ..facts }));
    // 2026-03-28 is a Saturday.
    assert_eq!(opened(Facts { cash: Some(true), ..paid("2026-03-28") }), Some(Reason::CashNeedsWorkingDay));
    assert_eq!(
        opened(Facts { offered: Some("399".parse().unwrap()), ..paid("2026-03-28") }),
        Some(Reason::NotInFull)
    );
    let elsewhere = Some(Place::At("141182".parse().unwrap()));
    assert_eq!(opened(Facts { record: elsewhere, ..paid("2026-03-28") }), Some(Reason::ChangeRegionFirst));
    let next_year = Some(2027.try_into().unwrap());
    assert_eq!(opened(Facts { cover_year: next_year, ..paid("2026-03-28") }), Some(Reason::NoNotice));
}

#[test]
fn an_opened_period_is_late_when_it_is_said_to_be() {
    let late = march().map(|opened| Opened { late: true, ..opened });
    let payment = xiaoyi().pay(&Facts { opened: late, ..paid("2026-03-28") });
    assert_eq!((payment.late(), payment.wait_months(), payment.start()), (true, 3, Some(day("2026-06-28"))));
}

#[test]
fn a_notice_that_knows_no_opened_periods_looks_for_its_windows() {
    let silent = XIAOYI.replacen("[opened]", "[[announced]]", 1).replacen(
        "name = \"核定缴费期\"",
        "about = \"核定\"",
        1,
    );
    let notice = Notice::parse("silent.toml", &silent).unwrap();
    let payment = notice.pay(&Facts { opened: march(), ..paid("2026-03-28") });
    assert_eq!(reason(&payment), Some(Reason::AssessFirst));
}

#[test]
fn the_disabled_and_the_enterprise_staff_are_declared_for_and_nobody_else() {
    let declared = |held: HeldIdentity| {
        let facts = Facts { identities: Some(vec![held]), ..paid("2025-11-10") };
        xiaoyi().pay(&facts).aid[0].declared
    };
    let held =
        |name: &str| HeldIdentity { name: name.to_owned(), confirmed: Some(true), ..HeldIdentity::default() };
    assert!(declared(HeldIdentity { certificate: Some(day("2020-01-01")), ..held("残疾人员") }));
    assert!(declared(HeldIdentity {
        kind: Some("改制企业职工".to_owned()), ..held("市属改制企业职工")
    }));
    for name in ["特困人员", "低保对象", "监测对象", "返贫致贫人口", "优抚对象"] {
        assert!(!declared(held(name)), "{name}");
    }
}

#[test]
fn the_notice_says_who_submits_a_list_and_which_must_be_confirmed() {
    let notice = xiaoyi();
    let said = |name: &str| {
        let identity = notice.identities().iter().find(|identity| *identity.name == *name).unwrap();
        (identity.submitters.clone(), identity.needs_confirmation, identity.groups.len())
    };
    let of_poverty = vec![Submitter::CivilAffairs, Submitter::RuralRevitalisation];
    for name in ["特困人员", "低保对象", "监测对象", "返贫致贫人口"] {
        assert_eq!(said(name), (of_poverty.clone(), true, 1), "{name}");
    }
    assert_eq!(said("残疾人员"), (vec![Submitter::DisabledFederation], false, 0));
    assert_eq!(said("市属改制企业职工"), (vec![Submitter::Industry], false, 0));
    assert_eq!(said("优抚对象"), (vec![Submitter::Veterans], false, 0));
    assert_eq!(said("脱贫人口"), (vec![Submitter::RuralRevitalisation], false, 0));
    assert_eq!(notice.identities().len(), 8);
}

#[test]
fn a_submitter_the_contracts_do_not_know_is_found() {
    let planted = XIAOYI.replacen("submitters = [\"veterans\"]", "submitters = [\"army\"]", 1);
    let problems = Notice::parse("planted.toml", &planted).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("identity 优抚对象 (XY26-13): submitters[0]: \"army\" is no word that can stand here; write one of "),
        "{problems}"
    );
    let planted = XIAOYI.replacen("submitters = [\"veterans\"]", "submitters = []", 1);
    let problems = Notice::parse("planted.toml", &planted).unwrap_err();
    assert!(problems.to_string().contains("who hands in its list"), "{problems}");
}

#[test]
fn benefits_end_the_day_before_those_of_the_employee_scheme_begin() {
    let notice = xiaoyi();
    let joined = |from: &str, on: &str| notice.pay(&Facts { employee_from: Some(day(from)), ..paid(on) });
    let payment = joined("2026-06-01", "2025-11-10");
    let benefit = payment.benefit.as_ref().unwrap();
    assert_eq!((payment.start(), payment.end()), (Some(day("2026-01-01")), Some(day("2026-05-31"))));
    let cut = benefit.cut_by.as_ref().unwrap();
    assert_eq!((&*cut.value, cut.basis[0].clause.as_str()), ("benefit_end employee-scheme", "XJ26-05"));
    assert!(payment.citations().as_slice().iter().any(|cited| cited.open == ["A-48"]));
    for (from, end) in [("2026-12-31", "2026-12-30"), ("2027-01-01", "2026-12-31")] {
        assert_eq!(joined(from, "2025-11-10").end(), Some(day(end)), "joined on {from}");
    }
    assert_eq!(notice.pay(&paid("2025-11-10")).benefit.unwrap().cut_by, None);
}

#[test]
fn benefits_that_would_begin_after_those_of_the_employee_scheme_are_none() {
    let joined = |from: &str| {
        let payment = xiaoyi().pay(&Facts { employee_from: Some(day(from)), ..paid("2025-11-10") });
        (
            payment.benefit.unwrap().is_empty(),
            payment.warnings.iter().any(|said| said.reason == Reason::BuysNothing),
        )
    };
    assert_eq!(joined("2026-01-01"), (true, true));
    assert_eq!(joined("2026-01-02"), (false, false));
}

#[test]
fn a_stay_in_the_employee_scheme_that_was_over_before_the_payment_ends_nothing() {
    let stay = |until: &str| {
        let facts = Facts {
            employee_scheme: Some(EmployeeScheme::Past),
            employee_from: Some(day("2025-03-01")),
            employee_until: Some(day(until)),
            ..paid("2026-02-10")
        };
        xiaoyi().pay(&facts).benefit.unwrap().is_empty()
    };
    assert_eq!(
        [stay("2025-02-28"), stay("2025-12-15"), stay("2026-02-10"), stay("2026-02-11")],
        [true, false, false, true]
    );
}

#[test]
fn who_joins_the_employee_scheme_in_the_year_keeps_the_history_from_before_it() {
    let joined = |last_covered, from: &str| {
        let payment = xiaoyi().pay(&Facts {
            employee_scheme: Some(EmployeeScheme::Enrolled),
            employee_from: Some(day(from)),
            last_covered: Some(last_covered),
            ..paid("2025-11-10")
        });
        (payment.start(), payment.end(), payment.wait_months())
    };
    let end = Some(day("2026-05-31"));
    assert_eq!(joined(LastCovered::Never, "2026-06-01"), (Some(day("2026-01-01")), end, 0));
    let in_2020 = LastCovered::In(2020.try_into().unwrap());
    assert_eq!(joined(in_2020, "2026-06-01"), (Some(day("2026-02-10")), end, 3));
    // Who has been in it since last year has missed no year.
    assert_eq!(joined(in_2020, "2025-12-31").2, 0);
}

#[test]
fn missed_years_are_counted_when_the_history_is_known() {
    let notice = xiaoyi();
    let missed = |last: u16| {
        let last_covered = Some(LastCovered::In(last.try_into().unwrap()));
        notice.missed_years(&Facts { last_covered, ..paid("2025-11-10") })
    };
    assert_eq!([2025, 2024, 2020].map(missed), [Some(0), Some(1), Some(5)]);
    assert_eq!(notice.missed_years(&Facts { last_covered: None, ..paid("2025-11-10") }), None);
}

#[test]
fn only_what_costs_nothing_before_any_aid_is_free() {
    let notice = xiaoyi();
    let newborn = Facts {
        cover_year: Some(2026.try_into().unwrap()),
        birth: Some(day("2026-03-01")),
        last_covered: Some(LastCovered::Never),
        ..paid("2026-03-20")
    };
    assert!(notice.pay(&newborn).free());
    let aided = notice.pay(&with_identity("特困人员", paid("2025-11-10")));
    assert_eq!((aided.due, aided.free()), (Some(yuan("0")), false));
    assert!(!Payment::default().free());
}

#[test]
fn a_target_is_met_from_its_share_on_and_the_share_is_exact() {
    let notice = xiaoyi();
    let said = |name: &str, count, of| {
        let progress = notice.target(name, count, of).unwrap();
        (progress.met, progress.share.map(|share| share.to_string()).unwrap_or_default())
    };
    assert_eq!(said("整体参保率", 95, 100), (Stated::Is(true), "95%".to_owned()));
    assert_eq!(said("整体参保率", 949_999, 1_000_000), (Stated::Is(false), "94.9999%".to_owned()));
    assert_eq!(said("征缴比例", 1900, 2000), (Stated::Is(true), "95%".to_owned()));
    assert_eq!(said("特殊人群参保率", 299, 300), (Stated::Is(false), "299/300".to_owned()));
    assert_eq!(said("特殊人群参保率", 0, 0), (Stated::PersonMustDecide, String::new()));
    assert_eq!(notice.target("整体参保率", 95, 100).unwrap().by, Stated::Is(day("2026-02-25")));
    assert_eq!(notice.target("脱贫人口参保率", 95, 100), None);
}

/// The notice with one more refund row before the others; as it stands, no cause has its ground.
fn with_refund(row: &str) -> Notice {
    let row = format!("[[refund]]\nid = \"more\"\n{row}\nclause = [\"XY26-22\"]\n[[refund]]");
    Notice::parse("141181-2026.toml", &XIAOYI.replacen("[[refund]]", &row, 1)).unwrap()
}

#[test]
fn a_cause_without_a_ground_of_its_own_matches_no_row_about_a_ground() {
    let facts = Facts { paid_amount: Some("400".parse().unwrap()), ..paid("2025-11-10") };
    let about = with_refund("when = { ground = \"本人申请\" }\nback = \"paid\"\nto = \"payer\"");
    let silent = with_refund("when = { asked = { to = 2025-12-31 } }\nback = \"paid\"\nto = \"payer\"");
    for cause in [RefundCause::Requested, RefundCause::Died, RefundCause::EmployeeScheme] {
        let asked = Facts { asked: Some(day("2025-12-31")), ..facts.clone() };
        let said = about.refund_for(cause, &asked);
        assert_eq!((said.amount, said.returned), (Some(Stated::PersonMustDecide), None), "{cause:?}");
        let said = silent.refund_for(cause, &asked);
        assert_eq!((said.amount, said.returned), (Some(yuan("400")), Some(Returned::Paid)), "{cause:?}");
    }
    let declared = XIAOYI.replacen("left-school = ", "requested = \"本人申请\", left-school = ", 1);
    let row = "[[refund]]\nid = \"more\"\nwhen = { ground = \"本人申请\" }\nback = \"paid\"\nto = \"payer\"";
    let declared = declared.replacen("[[refund]]", &format!("{row}\nclause = [\"XY26-22\"]\n[[refund]]"), 1);
    let declared = Notice::parse("141181-2026.toml", &declared).unwrap();
    assert_eq!(declared.refund_for(RefundCause::Requested, &facts).amount, Some(yuan("400")));
    assert_eq!(declared.refund_for(RefundCause::Died, &facts).amount, Some(Stated::PersonMustDecide));
}
