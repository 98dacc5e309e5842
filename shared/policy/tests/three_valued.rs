//! A fact that was not given is asked for when it could decide, and otherwise decides nothing.
#![allow(clippy::unwrap_used)]

mod generated;

use std::collections::BTreeSet;

use canbao_policy::written::Ruling;
use canbao_policy::{Counted, Question};
use generated::{World, Written, facts, worlds};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};

/// Facts whose absence says something: no payment yet, no confirmation, nothing offered, no item chosen, one year, no period opened,
/// not died, not joined the other scheme, no recognition but those of the identities, no repair asked for.
const SAID_BY_ABSENCE: [&str; 10] = [
    "confirmed",
    "died",
    "employee_from",
    "offered",
    "opened",
    "option",
    "paid",
    "recognised",
    "repair_years",
    "years",
];

/// Generated people a property is tried on.
const CASES: u32 = 512;

fn questions(written: &Written, target: &str) -> Vec<Question> {
    let facts = || Box::new(facts(written));
    vec![
        Question::Pay(facts()),
        Question::Register(facts()),
        Question::Refund(facts()),
        Question::Delay(facts()),
        Question::Subsidy(facts()),
        Question::Claim(facts()),
        Question::Entitlement(facts()),
        Question::Channel(facts()),
        Question::Target(Counted { name: target.to_owned(), count: 95, of: 100 }),
    ]
}

/// What an answer says, apart from what it could not judge and what it says it does not know.
fn said(ruling: &Ruling) -> Value {
    let mut said = serde_json::to_value(ruling).unwrap();
    let ruling = said.as_object_mut().unwrap();
    ruling.remove("unjudged");
    // Whether an identity counts, how many years were missed and how much was paid may be unknown where none decides.
    ruling.remove("net");
    // A payment for which no window is left cites the windows known to have been the person's.
    if ruling.get("reasons").is_some_and(|reasons| reasons.to_string().contains("window-closed")) {
        ruling.remove("clauses");
        ruling.remove("reasons");
    }
    if let Some(waits) = ruling.get_mut("waits").and_then(Value::as_object_mut) {
        waits.remove("missed");
    }
    for identity in ruling.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten() {
        identity.as_object_mut().unwrap().remove("counts");
    }
    said
}

/// The keys under which two answers differ, with what both say.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let (one, other) = (one.as_object().unwrap(), other.as_object().unwrap());
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = keys.into_iter().filter(|key| one.get(*key) != other.get(*key));
    differ.map(|key| format!("{key}: {:?} → {:?}", one.get(key), other.get(key))).collect()
}

/// The facts an answer turns on or could not judge a row without; whether it turns on any.
fn asked(ruling: &Ruling) -> (BTreeSet<String>, bool) {
    let written = serde_json::to_value(ruling).unwrap();
    let facts = |key: &str| {
        let rows = written.get(key).and_then(Value::as_array).into_iter().flatten();
        let facts = rows.filter_map(|row| row.get("fact")?.as_str().map(str::to_owned));
        facts.collect::<BTreeSet<_>>()
    };
    let (mut turns_on, unjudged) = (facts("reasons"), facts("unjudged"));
    let turns = !turns_on.is_empty();
    turns_on.extend(unjudged);
    // As a person gives them.
    let given = turns_on.iter().map(|key| key.split('[').next().unwrap_or_default().to_owned());
    (given.collect(), turns)
}

/// Tries what must hold on people of every notice.
fn on_everybody<T: std::fmt::Debug>(
    people: impl Fn(&World) -> BoxedStrategy<T>,
    holds: impl Fn(&World, T) -> Result<(), TestCaseError>,
) {
    for world in worlds() {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
        let run = TestRunner::new(config).run(&people(&world), |one| holds(&world, one));
        run.unwrap_or_else(|error| panic!("{}: {error}", world.name));
    }
}

#[test]
fn an_explained_answer_is_the_answer() {
    on_everybody(
        |world| world.some_not_given().boxed(),
        |world, (all, hidden)| {
            let mut given = all;
            given.retain(|name, _| !hidden.contains(name));
            for question in questions(&given, &world.target()) {
                let explained = world.notice.explain(&question);
                prop_assert_eq!(&explained.ruling, &world.notice.answer(&question));
                let may_be_empty =
                    matches!(question, Question::Target(_) | Question::Delay(_) | Question::Claim(_));
                prop_assert!(!explained.trace.is_empty() || may_be_empty);
            }
            Ok(())
        },
    );
}

#[test]
fn a_fact_that_is_not_asked_for_changes_nothing() {
    on_everybody(
        |world| world.some_not_given().boxed(),
        |world, (all, hidden)| {
            let mut given = all.clone();
            given.retain(|name, _| !hidden.contains(name));
            for question in questions(&given, &world.target()) {
                let answer = world.notice.answer(&question);
                let (asked, turns) = asked(&answer);
                if turns {
                    continue;
                }
                for name in hidden.iter().filter(|name| !asked.contains(*name)) {
                    // Without a year the subsidy of the notice's own is meant.
                    let year_of_subsidy = name == "cover_year" && matches!(question, Question::Subsidy(_));
                    // Who never took part, or takes part now, has no last day; of whom it is not known, that is asked first.
                    let scheme = given.get("employee_scheme").and_then(Value::as_str);
                    let contradicts =
                        name == "employee_until" && matches!(scheme, None | Some("never" | "enrolled"));
                    // Who asks for no tier is told of none that is laid down instead.
                    let unasked = name == "tier_asked";
                    // Who has not said what was paid is given back what was due.
                    let what_was_due = name == "paid_amount" && matches!(question, Question::Refund(_));
                    // A duty of others is told without the day it was done on.
                    let duty = name == "school_registered";
                    let said_by_absence = SAID_BY_ABSENCE.contains(&name.as_str());
                    if contradicts || year_of_subsidy || unasked || what_was_due || duty || said_by_absence {
                        continue;
                    }
                    let mut more = given.clone();
                    more.insert(name.clone(), all[name].clone());
                    let again = questions(&more, &world.target())
                        .into_iter()
                        .find(|other| std::mem::discriminant(other) == std::mem::discriminant(&question));
                    let again = world.notice.answer(&again.unwrap());
                    let said = |ruling: &Ruling| {
                        let mut said = said(ruling);
                        // Identities that decide nothing are listed all the same, with what they rest on.
                        for listed in ["identities", "clauses"].iter().filter(|_| name == "identities") {
                            said.as_object_mut().unwrap().remove(*listed);
                        }
                        said
                    };
                    let differs = differences(&said(&answer), &said(&again));
                    prop_assert!(
                        differs.is_empty(),
                        "{name} = {} changes {differs:#?} of {}",
                        &all[name],
                        json!(given)
                    );
                }
            }
            Ok(())
        },
    );
}

#[test]
fn with_every_fact_given_no_fact_is_asked_for() {
    on_everybody(World::all, |world, all| {
        for question in questions(&all, &world.target()) {
            let answer = world.notice.answer(&question);
            prop_assert_eq!(asked(&answer).0, BTreeSet::new(), "{}", json!(all));
        }
        Ok(())
    });
}
