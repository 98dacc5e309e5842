//! Stories of aid, and of identities recognised after the payment.

use canbao_policy::{EmployeeScheme, HeldIdentity, LastCovered, Notices, Place, Student};
use canbao_types::{CoverYear, Part};

use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

fn notice() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.iter().find(|notice| notice.division().code() == 141_181).unwrap().clone()
}

/// An identity since a day, confirmed on it.
fn held(name: &str, since: &str) -> HeldIdentity {
    let (confirmed, recognised) = (Some(true), Some(day(since)));
    HeldIdentity { name: name.to_owned(), confirmed, recognised, ..HeldIdentity::default() }
}

/// A certificate of 2019, so that no date of it is in question.
fn disabled() -> HeldIdentity {
    HeldIdentity { certificate: Some(day("2019-05-01")), ..held("残疾人员", "2019-05-01") }
}

/// An adult of 孝义 who was covered last year.
fn with(identities: &[HeldIdentity]) -> Facts {
    let here = Some(Place::At("141181".parse().unwrap()));
    let facts = Facts {
        cover_year: CoverYear::new(2026),
        birth: Some(day("1980-01-01")),
        hukou: here,
        record: here,
        employee_scheme: Some(EmployeeScheme::Never),
        enrolled_elsewhere: Some(false),
        student: Some(Student::None),
        last_covered: CoverYear::new(2025).map(LastCovered::In),
        ..Facts::default()
    };
    Facts { identities: Some(identities.to_vec()), ..facts.of_one_who_pays() }
}

fn aid(identities: &[HeldIdentity]) -> Aid {
    determine(&with(identities), None, &notice())
}

fn amounts(aid: &Aid) -> (String, String) {
    let amounts = aid.amounts.unwrap();
    (amounts.aided.to_string(), amounts.owed.unwrap().to_string())
}

fn clauses(citations: &[Citation]) -> Vec<String> {
    citations.iter().map(|citation| citation.clause.to_string()).collect()
}

#[test]
fn without_an_identity_the_person_owes_the_standard_and_pays_it() {
    let aid = aid(&[]);
    assert_eq!(amounts(&aid), ("0.00".to_owned(), "400.00".to_owned()));
    assert_eq!((aid.payer(), aid.payable_item.as_str()), (String::new(), "2026年"));
    assert_eq!((&aid.settled_by, &aid.opened, aid.free), (&SettledBy::Payment, &None, false));
}

#[test]
fn each_identity_has_its_amount_and_payer() {
    for (identity, aided, owed) in [
        ("返贫致贫人口", "360.00", "40.00"),
        ("低保对象", "320.00", "80.00"),
        ("监测对象", "280.00", "120.00"),
    ] {
        let aid = aid(&[held(identity, "2025-11-10")]);
        assert_eq!(amounts(&aid), (aided.to_owned(), owed.to_owned()), "{identity}");
        assert_eq!((aid.payer().as_str(), aid.payable_item.as_str()), ("医疗救助资金", "特殊缴费"));
        assert_eq!((&aid.settled_by, &aid.opened), (&SettledBy::Payment, &None), "{identity}");
    }
}

#[test]
fn an_identity_that_is_not_confirmed_brings_nothing() {
    let unconfirmed =
        HeldIdentity { confirmed: Some(false), recognised: None, ..held("特困人员", "2025-11-10") };
    let aid = aid(&[unconfirmed]);
    assert_eq!(amounts(&aid), ("0.00".to_owned(), "400.00".to_owned()));
    assert_eq!(aid.identities[0].counts, Some(false));
}

#[test]
fn the_fully_aided_is_settled_by_the_confirmation_but_not_before_the_window_opens() {
    let settled = |since: &str| aid(&[held("特困人员", since)]).settled_by;
    assert_eq!(settled("2025-11-28"), SettledBy::Confirmation(day("2025-11-28")), "no day is closed to it");
    assert_eq!(settled("2025-09-01"), SettledBy::Confirmation(day("2025-10-21")));
}

#[test]
fn a_second_identity_does_not_move_the_day_on_which_the_first_settled() {
    let both = aid(&[held("特困人员", "2025-11-10"), held("低保对象", "2025-12-05")]);
    assert_eq!(both.settled_by, SettledBy::Confirmation(day("2025-11-10")));
    assert_eq!(both.lost.len(), 1);
}

#[test]
fn the_disabled_and_the_workers_are_declared_by_whoever_keeps_their_list() {
    assert_eq!(aid(&[disabled()]).settled_by, SettledBy::Declaration(vec![Submitter::DisabledFederation]));
    let worker = HeldIdentity {
        kind: Some("改制企业职工".to_owned()),
        ..held("市属改制企业职工", "2020-01-01")
    };
    assert_eq!(aid(&[worker]).settled_by, SettledBy::Declaration(vec![Submitter::Industry]));
}

#[test]
fn of_two_equal_aids_the_first_of_the_notice_is_taken_and_the_other_kept() {
    let aid = aid(&[disabled(), held("特困人员", "2025-11-10")]);
    assert_eq!(aid.payer(), "医疗救助资金");
    assert_eq!(aid.lost[0].payer.to_string(), "财政(残联申请)");
    assert_eq!(aid.settled_by, SettledBy::Confirmation(day("2025-11-10")));
}

#[test]
fn tax_is_told_no_clause_of_an_identity() {
    let aid = aid(&[held("低保对象", "2025-11-10")]);
    let (all, plain) = (clauses(&aid.citations), clauses(&aid.plain_citations));
    assert!(all.contains(&"XY26-07".to_owned()), "{all:?}");
    assert_eq!(plain, ["XY26-03", "XJ26-10", "XY26-67"]);
}

#[test]
fn one_recognised_after_the_window_has_a_period_and_the_city_bears_the_governments_part() {
    let aid = aid(&[held("低保对象", "2026-03-10")]);
    assert_eq!(amounts(&aid).1, "80.00");
    let opened = aid.opened.unwrap();
    assert_eq!((opened.days.from(), opened.days.to()), (day("2026-03-10"), day("2026-12-31")));
    let borne: Vec<_> = opened.parts.iter().map(|part| (part.part, part.amount, &part.bearer)).collect();
    assert_eq!(borne, [(Part::Government, yuan("700.00"), &Bearer::Payer("孝义市财政".to_owned()))]);
}

#[test]
fn the_last_day_of_the_window_opens_no_period_and_the_next_one_does() {
    let opened = |since: &str| aid(&[held("监测对象", since)]).opened.map(|opened| opened.days.from());
    assert_eq!(opened("2026-02-25"), None);
    assert_eq!(opened("2026-02-26"), Some(day("2026-02-26")));
}

#[test]
fn who_was_on_a_hardship_list_before_is_not_newly_recognised_by_another() {
    assert_eq!(aid(&[held("低保对象", "2025-11-10"), held("监测对象", "2026-03-10")]).opened, None);
    assert!(
        aid(&[disabled(), held("低保对象", "2026-03-10")]).opened.is_some(),
        "the disabled are none of the four"
    );
}

#[test]
fn the_fully_aided_recognised_after_the_window_is_settled_on_that_day() {
    let aid = aid(&[held("特困人员", "2026-03-28")]);
    assert_eq!(aid.settled_by, SettledBy::Confirmation(day("2026-03-28")));
    assert!(aid.opened.is_some());
}

#[test]
fn what_the_notice_leaves_open_is_decided_by_a_person() {
    let facts = with(&[held("优抚对象", "2010-01-01")]);
    let open = determine(&facts, None, &notice());
    assert!(open.is_to_be_decided());
    assert_eq!((open.amounts, open.standard), (None, Some(yuan("400.00"))));
    let decided = |amount: &str| {
        let decided = Decided { amount: yuan(amount), on: day("2025-12-01") };
        determine(&facts, Some(decided), &notice())
    };
    let part = decided("250.00");
    assert_eq!(amounts(&part), ("250.00".to_owned(), "150.00".to_owned()));
    assert_eq!((part.payer().as_str(), &part.settled_by), ("财政(退役军人事务局申请)", &SettledBy::Payment));
    assert_eq!(decided("400.00").settled_by, SettledBy::Confirmation(day("2025-12-01")));
    assert_eq!(decided("0.00").payer(), "");
    assert!(!part.is_to_be_decided());
}

#[test]
fn a_decision_settles_on_a_day_of_the_window_and_not_after_it() {
    let settled = |on: &str| {
        let decided = Decided { amount: yuan("400.00"), on: day(on) };
        determine(&with(&[held("优抚对象", "2010-01-01")]), Some(decided), &notice()).settled_by
    };
    let by = |on: &str| SettledBy::Confirmation(day(on));
    assert_eq!(settled("2025-09-01"), by("2025-10-21"), "not before the window opens");
    assert_eq!(settled("2025-11-28"), by("2025-11-28"), "no day is closed to it");
    assert_eq!(settled("2026-02-25"), by("2026-02-25"));
    for late in ["2026-02-26", "2026-06-03", "2027-01-04"] {
        assert_eq!(settled(late), SettledBy::Payment, "{late}");
    }
}

#[test]
fn where_the_aid_is_the_same_for_who_is_late_the_identity_settles_late_as_well() {
    // GZ25-33, A-37: 445 of 445, whenever; XY26-39 asks late payers for the government's part too.
    let notices = Notices::builtin().unwrap();
    let there = "210881".parse().unwrap();
    let notice = notices.find(there, CoverYear::new(2025).unwrap()).unwrap();
    let place = Some(Place::At(there));
    let settled = |name: &str, since: &str| {
        let facts = Facts {
            cover_year: CoverYear::new(2025),
            hukou: place,
            record: place,
            last_covered: CoverYear::new(2024).map(LastCovered::In),
            ..with(&[held(name, since)])
        };
        determine(&facts, None, notice).settled_by
    };
    let by = |on: &str| SettledBy::Confirmation(day(on));
    assert_eq!(settled("低保对象", "2024-09-20"), by("2024-11-01"), "not before the window opens");
    assert_eq!(settled("低保对象", "2025-03-05"), by("2025-03-05"));
    assert_eq!(settled("低保边缘家庭成员", "2025-03-05"), SettledBy::Payment, "178 are owed");
    assert_eq!(aid(&[held("特困人员", "2027-01-04")]).settled_by, SettledBy::Payment);
}

#[test]
fn a_fact_that_is_missing_is_for_the_roster_and_not_for_a_person_to_decide() {
    let aid = aid(&[held("残疾人员", "2019-05-01")]);
    assert_eq!(aid.amounts, None);
    assert_eq!(aid.identities[0].counts, None);
    assert!(!aid.is_to_be_decided());
}

#[test]
fn a_decision_does_not_touch_an_amount_that_the_notice_states() {
    let decided = Decided { amount: yuan("100.00"), on: day("2025-12-01") };
    let aid = determine(&with(&[held("低保对象", "2025-11-10")]), Some(decided), &notice());
    assert_eq!(amounts(&aid).0, "320.00");
}

#[test]
fn a_newborn_of_the_year_is_free_with_or_without_an_identity() {
    let mut facts = with(&[held("特困人员", "2026-04-01")]);
    facts.birth = Some(day("2026-03-03"));
    facts.last_covered = Some(LastCovered::Never);
    let aid = determine(&facts, None, &notice());
    assert!(aid.free);
    assert_eq!((amounts(&aid).0.as_str(), aid.payer().as_str()), ("0.00", ""));
    assert_eq!(aid.settled_by, SettledBy::Payment);
}

mod recognised_later {
    use std::collections::BTreeSet;

    use super::*;
    use crate::recognition::{Borne, Outcome, Recognition, Settled, judge, owed};

    /// 400 yuan, paid without aid under the first determination.
    fn paid(on: &str) -> Settled {
        let (aided, government) = (Money::ZERO, Money::ZERO);
        let repair = Money::ZERO;
        Settled {
            paid: yuan("400.00"),
            aided,
            government,
            repair,
            settled_on: day(on),
            number: 1,
            tier: String::new(),
        }
    }

    fn judged(settled: &Settled, then: Option<&str>, identities: &[HeldIdentity]) -> Option<Recognition> {
        let facts = with(identities);
        judge(settled, then.map(yuan), &facts, None, &notice())
    }

    #[test]
    fn what_was_paid_for_missed_years_is_not_given_back() {
        let settled = Settled { paid: yuan("700.00"), repair: yuan("600.00"), ..paid("2025-11-03") };
        let given = judged(&settled, Some("0.00"), &[held("低保对象", "2026-01-15")]).unwrap();
        assert_eq!(given.outcome, Outcome::GivenBack(yuan("100.00"), "医疗救助资金".to_owned()));
    }

    #[test]
    fn in_the_window_the_aid_is_given_back_once_both_are_known() {
        let given = judged(&paid("2025-11-03"), Some("0.00"), &[held("低保对象", "2026-01-15")]).unwrap();
        assert_eq!(given.outcome, Outcome::GivenBack(yuan("320.00"), "医疗救助资金".to_owned()));
        assert_eq!(given.determined_on, day("2026-01-15"));
        assert!(clauses(&given.citations).contains(&"XY26-21".to_owned()));
        let told_late = judged(&paid("2026-01-20"), None, &[held("低保对象", "2026-01-15")]).unwrap();
        assert_eq!(told_late.determined_on, day("2026-01-20"));
    }

    #[test]
    fn the_day_after_the_window_nothing_is_given_back_and_the_clause_says_so() {
        let on = |since: &str| judged(&paid("2025-11-03"), None, &[held("低保对象", since)]).unwrap();
        assert!(matches!(on("2026-02-25").outcome, Outcome::GivenBack(..)));
        assert_eq!(on("2026-02-26").outcome, Outcome::Refused);
        assert!(clauses(&on("2026-02-26").citations).contains(&"XY26-22".to_owned()));
    }

    /// What is given back in all when the payment and two identities become known in every order, and both identities
    /// at once.
    fn given_back(first: HeldIdentity, second: HeldIdentity) -> BTreeSet<String> {
        let steps = |order: &[&[usize]]| {
            let (mut known, mut given) = (Vec::new(), Money::ZERO);
            let mut is_paid = false;
            for at in order {
                is_paid |= at.contains(&0);
                known.extend(at.iter().filter(|at| **at == 1).map(|_| first.clone()));
                known.extend(at.iter().filter(|at| **at == 2).map(|_| second.clone()));
                let judged = is_paid.then(|| judged(&paid("2025-11-03"), None, &known)).flatten();
                let more = judged.and_then(|judged| judged.outcome.above(given));
                given = given.checked_add(more.unwrap_or(Money::ZERO)).unwrap();
            }
            given.to_string()
        };
        let orders: [&[&[usize]]; 8] = [
            &[&[0], &[1], &[2]],
            &[&[0], &[2], &[1]],
            &[&[1], &[0], &[2]],
            &[&[2], &[0], &[1]],
            &[&[1], &[2], &[0]],
            &[&[2], &[1], &[0]],
            &[&[0], &[1, 2]],
            &[&[1, 2], &[0]],
        ];
        orders.into_iter().map(steps).collect()
    }

    #[test]
    fn what_is_given_back_does_not_depend_on_what_became_known_first() {
        let monitored = || held("监测对象", "2026-01-10");
        let with = |other| Vec::from_iter(given_back(monitored(), other));
        assert_eq!(with(held("低保对象", "2026-03-05")), ["280.00"], "after the window");
        assert_eq!(with(held("低保对象", "2026-02-25")), ["320.00"], "the higher one of the window");
        assert_eq!(with(held("特困人员", "2025-12-01")), ["400.00"]);
        assert_eq!(with(HeldIdentity { recognised: Some(day("2026-03-05")), ..disabled() }), ["280.00"]);
    }

    #[test]
    fn tax_is_not_told_the_clauses_of_the_aid_that_came_first() {
        let both = [held("监测对象", "2026-01-10"), held("低保对象", "2026-03-05")];
        let judged = judged(&paid("2025-11-03"), None, &both).unwrap();
        assert_eq!(judged.determined_on, day("2026-01-10"));
        assert_eq!(clauses(&judged.plain_citations), ["XY26-21"]);
        assert!(judged.citations.len() > 1);
    }

    #[test]
    fn who_had_aid_has_it_once() {
        let aided = Settled { paid: yuan("120.00"), aided: yuan("280.00"), ..paid("2025-11-03") };
        let now = [held("监测对象", "2025-10-30"), held("低保对象", "2026-01-15")];
        assert_eq!(judged(&aided, Some("280.00"), &now), None);
    }

    #[test]
    fn who_paid_late_though_the_aid_was_known_is_not_judged_again() {
        let late = Settled { paid: yuan("1100.00"), government: yuan("700.00"), ..paid("2026-04-02") };
        for then in [Some("320.00"), None] {
            assert_eq!(judged(&late, then, &[held("低保对象", "2025-11-10")]), None);
        }
    }

    #[test]
    fn nobody_gets_back_what_nobody_paid() {
        let declared = Settled { paid: Money::ZERO, ..paid("2025-11-03") };
        assert_eq!(judged(&declared, None, &[held("特困人员", "2026-01-15")]), None);
        assert_eq!(judged(&paid("2025-11-03"), None, &[]), None);
    }

    #[test]
    fn payers_owe_what_tax_took_and_the_governments_part_only_in_the_period_of_the_person() {
        let borne = |part, payer: &str, amount: &str| Borne {
            part,
            payer: payer.to_owned(),
            amount: yuan(amount),
            citations: Vec::new(),
        };
        let named = [
            borne(Part::Government, "孝义市财政", "700.00"),
            borne(Part::Personal, "医疗救助资金", "320.00"),
        ];
        let days = Period::new(day("2026-03-10"), day("2026-12-31"));
        let settled = Settled { paid: yuan("80.00"), aided: yuan("320.00"), ..paid("2026-03-12") };
        assert_eq!(owed(&settled, named.to_vec(), days), named);
        let before = Settled { settled_on: day("2026-03-09"), ..settled };
        assert_eq!(owed(&before, named.to_vec(), days), named[1..]);
        let late = Settled { paid: yuan("1100.00"), government: yuan("700.00"), ..paid("2026-04-02") };
        assert_eq!(owed(&late, named.to_vec(), days), []);
    }
}

#[path = "payers.rs"]
mod payers;
