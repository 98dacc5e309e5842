//! What holds for everybody whom a notice is asked about, whoever that may be: laws of generated people.
#![allow(clippy::unwrap_used)]

mod generated;

use std::cell::Cell;

use canbao_policy::{AidLine, Facts, LastCovered, Notice, Payment, Stated};
use canbao_types::{Bearer, Date, Money, Part, add_days};
use generated::{World, Written, facts, worlds};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

/// Generated people a law is tried on, for each notice.
const PEOPLE: u32 = 1024;

/// How often a law was put to the test; one that hardly ever is would prove nothing.
#[derive(Default)]
struct Tested(Cell<u32>);

impl Tested {
    fn once(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Tries a law on people of every notice, and that it was put to the test in each of them but `untested`.
fn law<T: std::fmt::Debug>(
    untested: &[&str],
    people: impl Fn(&World) -> BoxedStrategy<T>,
    holds: impl Fn(&Notice, T, &Tested) -> Result<(), TestCaseError>,
) {
    for world in worlds() {
        let tested = Tested::default();
        // No file of earlier failures is kept: what failed becomes a worked case.
        let config = ProptestConfig { cases: PEOPLE, failure_persistence: None, ..ProptestConfig::default() };
        let run = TestRunner::new(config).run(&people(&world), |one| holds(&world.notice, one, &tested));
        run.unwrap_or_else(|error| panic!("{}: {error}", world.name));
        let often = tested.0.get() > 10;
        assert_eq!(
            often,
            !untested.contains(&&*world.name),
            "{}: {} put it to the test",
            world.name,
            tested.0.get()
        );
    }
}

fn anybody(world: &World) -> BoxedStrategy<Written> {
    world.all()
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

/// Somebody whose benefit the notice tells, with the history told to it.
fn missed(facts: &Facts, years: u16) -> Facts {
    let year = facts.cover_year.unwrap().get();
    Facts {
        last_covered: Some(LastCovered::In((year - 1 - years).try_into().unwrap())),
        employee_scheme: Some(canbao_policy::EmployeeScheme::Never),
        employee_until: None,
        employee_from: None,
        ..facts.clone()
    }
}

/// The answers to everything that can be asked about these facts.
fn all_answers(notice: &Notice, facts: &Facts) -> String {
    let (registration, payment) = (notice.register(facts), notice.pay(facts));
    let (refund, delay) = (notice.refund(facts), notice.delay(facts));
    let (claim, channels) = (notice.claim(facts), notice.channels_for(facts));
    let subsidy = notice.government_subsidy(facts);
    format!("{registration:?} {payment:?} {refund:?} {delay:?} {claim:?} {channels:?} {subsidy:?}")
}

/// Notices that are silent on aid.
const WITHOUT_AID: [&str; 1] = ["371000-2022"];
/// Notices in which nobody can have two aids of different payers or amounts at once that are both stated.
const NOTHING_LOST: [&str; 1] = ["371000-2022"];
/// Notices that offer no repair.
const WITHOUT_REPAIR: [&str; 2] = ["141181-2026", "371000-2022"];

#[test]
fn more_missed_years_never_shorten_a_wait() {
    law(
        &[],
        |world| (world.all(), 0_u16..6, 1_u16..4).boxed(),
        |notice, (written, years, more), tested| {
            let facts = facts(&written);
            let few = notice.pay(&missed(&facts, years));
            let many = notice.pay(&missed(&facts, years + more));
            if few.benefit.is_some() && many.benefit.is_some() {
                tested.once();
                prop_assert!(few.wait_months() <= many.wait_months(), "{few:#?} {many:#?}");
                if let (Some(first), Some(later)) = (few.start(), many.start()) {
                    prop_assert!(first <= later, "{first} after {later}");
                }
            }
            Ok(())
        },
    );
}

#[test]
fn repair_never_lengthens_a_wait_and_what_is_worth_repairing_is_as_good_as_everything() {
    law(
        &WITHOUT_REPAIR,
        |world| (world.all(), 0_u16..7).boxed(),
        |notice, (written, years), tested| {
            let facts = missed(&facts(&written), years);
            let waits = |repaired: u32| {
                let said = notice.pay(&Facts { repair_years: Some(repaired), ..facts.clone() });
                (
                    said.wait_months(),
                    said.repair.as_ref().map_or(0, |repair| repair.useful_years),
                    said.start(),
                )
            };
            let (unrepaired, useful, _) = waits(0);
            let (mut before, all) = (unrepaired, waits(u32::from(years)).0);
            for repaired in 0..=u32::from(years) {
                let (months, still_useful, _) = waits(repaired);
                prop_assert!(months <= before);
                prop_assert_eq!(still_useful, useful, "what is worth it does not turn on what was asked for");
                prop_assert_eq!(months == all, repaired >= useful);
                before = months;
            }
            if useful > 0 {
                tested.once();
                prop_assert!(all < unrepaired);
            }
            Ok(())
        },
    );
}

#[test]
fn the_steps_of_a_wait_add_up_to_its_months_and_lead_to_its_day() {
    law(&[], anybody, |notice, written, tested| {
        let said = notice.pay(&facts(&written));
        if let Some((benefit, wait)) =
            said.benefit.as_ref().and_then(|benefit| Some((benefit, benefit.wait.as_ref()?)))
        {
            tested.once();
            let months: i64 = wait.lines.iter().map(|line| line.months).sum();
            prop_assert_eq!(months, i64::from(wait.months));
            prop_assert_eq!(wait.lines.last().map(|line| line.day), Some(benefit.start));
        }
        Ok(())
    });
}

#[test]
fn aid_never_raises_what_a_person_pays_and_never_exceeds_the_standard() {
    law(&[], anybody, |notice, written, tested| {
        let facts = Facts { years: Some(1), ..facts(&written) };
        let aided = notice.pay(&facts);
        if let (Some(aid), Some(standard)) = (AidLine::total(&aided.aid).is(), standard(&aided)) {
            prop_assert!(aid <= standard, "{aided:#?}");
        }
        // The same person, in the same tier, without what others give.
        let tier_asked = aided.tier.as_ref().and_then(|tier| tier.value.paid.as_deref()).map(str::to_owned);
        let tier_asked = tier_asked.or(facts.tier_asked.clone());
        let alone = notice.pay(&Facts { identities: Some(Vec::new()), tier_asked, ..facts });
        if let (Some(aided), Some(alone)) = (due(&aided), due(&alone)) {
            tested.once();
            prop_assert!(aided <= alone, "{aided} > {alone}");
        }
        Ok(())
    });
}

#[test]
fn the_aid_taken_is_never_below_one_that_is_lost() {
    law(&NOTHING_LOST, anybody, |notice, written, tested| {
        let said = notice.pay(&facts(&written));
        prop_assert!(!said.aid.is_empty() || said.aid_lost.is_empty());
        if let Some(taken) = AidLine::total(&said.aid).is() {
            for lost in said.aid_lost.iter().filter_map(stated) {
                tested.once();
                prop_assert!(lost <= taken, "{said:#?}");
            }
        }
        Ok(())
    });
}

#[test]
fn who_is_aided_has_an_identity_that_counts() {
    law(&WITHOUT_AID, anybody, |notice, written, tested| {
        let said = notice.pay(&facts(&written));
        if !said.aid.is_empty() {
            tested.once();
            prop_assert!(said.identities.iter().any(|held| held.counts == Some(true)), "{said:#?}");
        }
        Ok(())
    });
}

#[test]
fn what_is_due_and_what_others_bear_add_up_to_the_parts_to_the_fen() {
    law(
        &[],
        |world| world.some_not_given().boxed(),
        |notice, (mut written, hidden), tested| {
            for fact in hidden {
                written.remove(&fact);
            }
            let said = notice.pay(&facts(&written));
            let whole = said.parts.iter().map(|line| line.amount.is()).collect::<Option<Vec<Money>>>();
            if let (Some(due), Some(whole)) = (due(&said), whole) {
                tested.once();
                let others = said.parts.iter().filter(|line| line.bearer != Bearer::Person);
                let others =
                    others.filter_map(|line| line.amount.is()).chain(said.aid.iter().filter_map(stated));
                prop_assert!(!due.is_negative());
                prop_assert_eq!(Money::sum(others.chain([due])), Money::sum(whole), "{:#?}", said);
            }
            Ok(())
        },
    );
}

#[test]
fn paying_earlier_in_a_window_never_starts_benefits_later() {
    law(
        &[],
        |world| (world.all(), 1_i64..120).boxed(),
        |notice, (written, days), tested| {
            let facts = Facts { opened: None, ..facts(&written) };
            let earlier = facts.paid.unwrap();
            let on = |day: Date| notice.pay(&Facts { paid: Some(day), arrived: Some(day), ..facts.clone() });
            let (first, second) = (on(earlier), on(add_days(earlier, days).unwrap()));
            let window =
                |said: &Payment| said.window.as_ref().map(|window| (window.name.clone(), window.days));
            if let (Some(one), Some(other)) = (window(&first), window(&second))
                && one == other
                && let (Some(first), Some(second)) = (first.start(), second.start())
            {
                tested.once();
                prop_assert!(first <= second, "{first} after {second}");
            }
            Ok(())
        },
    );
}

#[test]
fn benefits_end_with_the_year_asked_for_and_never_begin_before_birth() {
    law(&[], anybody, |notice, written, tested| {
        let facts = facts(&written);
        let year = i32::from(facts.cover_year.unwrap().get());
        let said = notice.pay(&facts);
        if let (Some(start), Some(end)) = (said.start(), said.end()) {
            tested.once();
            // Students of the autumn before are covered from then on; nobody is earlier.
            prop_assert!(start >= Date::from_ymd_opt(year - 1, 9, 1).unwrap(), "{said:#?}");
            prop_assert!(end <= Date::from_ymd_opt(year, 12, 31).unwrap(), "{said:#?}");
            // Nobody who is not born yet pays.
            prop_assert!(start >= facts.birth.unwrap() || facts.paid < facts.birth, "{said:#?}");
        }
        Ok(())
    });
}

#[test]
fn an_answer_depends_on_nothing_but_what_is_asked() {
    let again = worlds();
    law(
        &[],
        |world| (world.all(), world.all()).boxed(),
        |notice, (written, other), tested| {
            let facts = facts(&written);
            let said = all_answers(notice, &facts);
            // What is asked in between leaves no trace, and another copy of the notice says the same.
            all_answers(notice, &generated::facts(&other));
            prop_assert_eq!(&all_answers(notice, &facts), &said);
            let twin = again.iter().find(|world| world.notice.title() == notice.title()).unwrap();
            prop_assert_eq!(&all_answers(&twin.notice, &facts), &said);
            tested.once();
            Ok(())
        },
    );
}

#[test]
fn the_order_in_which_identities_and_events_are_told_changes_nothing() {
    law(&[], anybody, |notice, written, tested| {
        let facts = facts(&written);
        let mut turned = facts.clone();
        turned.identities.as_mut().unwrap().reverse();
        turned.events.as_mut().unwrap().reverse();
        let told = |facts: &Facts| {
            let mut said = notice.pay(facts);
            said.identities.clear();
            said
        };
        prop_assert_eq!(told(&turned), told(&facts));
        tested.once();
        Ok(())
    });
}
