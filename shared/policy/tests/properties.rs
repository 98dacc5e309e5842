//! What holds for everybody whom the notice is asked about, whoever that may be: laws of generated people.
#![allow(clippy::unwrap_used)]

mod generated;

use std::cell::Cell;

use canbao_policy::{AidLine, Facts, Notice, Notices, Payment, Stated};
use canbao_types::{Bearer, Date, Money, Part, add_days};
use proptest::prelude::*;

fn xiaoyi() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap().clone()
}

/// The person's own standard, if it is stated.
fn standard(said: &Payment) -> Option<Money> {
    said.parts.iter().find(|line| line.part == Part::Personal)?.amount.is()
}

fn stated(aid: &AidLine) -> Option<Money> {
    aid.amount.is()
}

fn due(said: &Payment) -> Option<Money> {
    said.due.and_then(Stated::is)
}

/// The answers to everything that can be asked about these facts.
fn all_answers(notice: &Notice, facts: &Facts) -> String {
    let (registration, payment) = (notice.register(facts), notice.pay(facts));
    let (refund, delay) = (notice.refund(facts), notice.delay(facts));
    format!("{registration:?} {payment:?} {refund:?} {delay:?} {:?}", notice.government_subsidy(facts))
}

#[test]
fn aid_never_raises_what_a_person_pays_and_never_exceeds_the_standard() {
    let (notice, tested) = (xiaoyi(), Tested::default());
    proptest!(config(), |(written in generated::all())| {
        let facts = Facts { years: Some(1), ..generated::facts(&written) };
        let aided = notice.pay(&facts);
        if let (Some(aid), Some(standard)) = (aided.aid.as_ref().and_then(stated), standard(&aided)) {
            prop_assert!(aid <= standard, "{aided:#?}");
        }
        let alone = notice.pay(&Facts { identities: Some(Vec::new()), ..facts });
        if let (Some(aided), Some(alone)) = (due(&aided), due(&alone)) {
            tested.once();
            prop_assert!(aided <= alone);
        }
    });
    tested.assert_often();
}

#[test]
fn the_aid_taken_is_never_below_one_that_is_lost() {
    let (notice, tested) = (xiaoyi(), Tested::default());
    proptest!(config(), |(written in generated::all())| {
        let said = notice.pay(&generated::facts(&written));
        prop_assert!(said.aid.is_some() || said.aid_lost.is_empty());
        if let Some(taken) = said.aid.as_ref().and_then(stated) {
            for lost in said.aid_lost.iter().filter_map(stated) {
                tested.once();
                prop_assert!(lost <= taken, "{said:#?}");
            }
        }
    });
    tested.assert_often();
}

#[test]
fn what_is_due_and_what_others_bear_add_up_to_the_parts() {
    let (notice, tested) = (xiaoyi(), Tested::default());
    proptest!(config(), |((mut written, hidden) in generated::some_not_given())| {
        for fact in hidden {
            written.remove(&fact);
        }
        let said = notice.pay(&generated::facts(&written));
        let whole = said.parts.iter().map(|line| line.amount.is()).collect::<Option<Vec<Money>>>();
        if let (Some(due), Some(whole)) = (due(&said), whole) {
            tested.once();
            let others = said.parts.iter().filter(|line| line.bearer != Bearer::Person);
            let others = others.filter_map(|line| line.amount.is()).chain(said.aid.as_ref().and_then(stated));
            prop_assert!(!due.is_negative());
            prop_assert_eq!(Money::sum(others.chain([due])), Money::sum(whole), "{:#?}", said);
        }
    });
    tested.assert_often();
}

#[test]
fn paying_earlier_in_a_window_never_starts_benefits_later() {
    let (notice, tested) = (xiaoyi(), Tested::default());
    proptest!(config(), |(written in generated::all(), days in 1_i64..120)| {
        let facts = Facts { opened: None, ..generated::facts(&written) };
        let earlier = facts.paid.unwrap();
        let on = |day: Date| notice.pay(&Facts { paid: Some(day), arrived: Some(day), ..facts.clone() });
        let (first, second) = (on(earlier), on(add_days(earlier, days).unwrap()));
        let window = |said: &Payment| said.window.as_ref().map(|window| (window.name.clone(), window.days));
        if let (Some(one), Some(other)) = (window(&first), window(&second))
            && one == other
            && let (Some(first), Some(second)) = (first.start(), second.start())
        {
            tested.once();
            prop_assert!(first <= second, "{first} after {second}");
        }
    });
    tested.assert_often();
}

#[test]
fn benefits_lie_in_the_year_asked_for_and_never_begin_before_birth() {
    let (notice, tested) = (xiaoyi(), Tested::default());
    proptest!(config(), |(written in generated::all())| {
        let facts = generated::facts(&written);
        let year = i32::from(facts.cover_year.unwrap().get());
        let said = notice.pay(&facts);
        if let (Some(start), Some(end)) = (said.start(), said.end()) {
            tested.once();
            prop_assert!(start >= Date::from_ymd_opt(year, 1, 1).unwrap(), "{said:#?}");
            prop_assert!(end <= Date::from_ymd_opt(year, 12, 31).unwrap(), "{said:#?}");
            // Nobody who is not born yet pays.
            prop_assert!(start >= facts.birth.unwrap() || facts.paid < facts.birth, "{said:#?}");
        }
    });
    tested.assert_often();
}

#[test]
fn an_answer_depends_on_nothing_but_what_is_asked() {
    let (notice, again) = (xiaoyi(), xiaoyi());
    proptest!(config(), |(written in generated::all(), other in generated::all())| {
        let facts = generated::facts(&written);
        let said = all_answers(&notice, &facts);
        // What is asked in between leaves no trace, and another copy of the notice says the same.
        all_answers(&notice, &generated::facts(&other));
        prop_assert_eq!(&all_answers(&notice, &facts), &said);
        prop_assert_eq!(&all_answers(&again, &facts), &said);
    });
}

#[test]
fn the_order_in_which_identities_and_events_are_told_changes_nothing() {
    let notice = xiaoyi();
    proptest!(config(), |(written in generated::all())| {
        let facts = generated::facts(&written);
        let mut turned = facts.clone();
        turned.identities.as_mut().unwrap().reverse();
        turned.events.as_mut().unwrap().reverse();
        let told = |facts: &Facts| {
            let mut said = notice.pay(facts);
            said.identities.clear();
            said
        };
        prop_assert_eq!(told(&turned), told(&facts));
    });
}

/// How often a law was put to the test; one that hardly ever is would prove nothing.
#[derive(Default)]
struct Tested(Cell<u32>);

impl Tested {
    fn once(&self) {
        self.0.set(self.0.get() + 1);
    }

    fn assert_often(&self) {
        assert!(self.0.get() > 50, "only {} cases put it to the test", self.0.get());
    }
}

/// No file of earlier failures is kept: what failed becomes a worked case.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() }
}
