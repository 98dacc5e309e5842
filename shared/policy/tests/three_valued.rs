//! A fact that was not given is asked for when it could decide, and otherwise decides nothing.
#![allow(clippy::unwrap_used)]

mod generated;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use canbao_policy::written::Ruling;
use canbao_policy::{Counted, Notice, Notices, Question};
use generated::{Written, facts};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Facts whose absence says something: no payment yet, no confirmation, nothing offered, one year, no period opened,
/// not joined the other scheme, no recognition but those of the identities.
const SAID_BY_ABSENCE: [&str; 7] =
    ["confirmed", "employee_from", "offered", "opened", "paid", "recognised", "years"];

/// Generated people a property is tried on.
const CASES: u32 = 512;

/// The notice, read once for all of them.
static XIAOYI: LazyLock<Notice> = LazyLock::new(|| {
    let notices = Notices::builtin().unwrap();
    notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap().clone()
});

fn questions(written: &Written) -> Vec<Question> {
    let facts = || Box::new(facts(written));
    vec![
        Question::Pay(facts()),
        Question::Register(facts()),
        Question::Refund(facts()),
        Question::Delay(facts()),
        Question::Subsidy(facts()),
        Question::Target(Counted { name: "整体参保率".to_owned(), count: 95, of: 100 }),
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn an_explained_answer_is_the_answer((all, hidden) in generated::some_not_given()) {
        let mut given = all;
        given.retain(|name, _| !hidden.contains(name));
        for question in questions(&given) {
            let explained = XIAOYI.explain(&question);
            prop_assert_eq!(&explained.ruling, &XIAOYI.answer(&question));
            prop_assert!(!explained.trace.is_empty() || matches!(question, Question::Target(_) | Question::Delay(_)));
        }
    }

    #[test]
    fn a_fact_that_is_not_asked_for_changes_nothing((all, hidden) in generated::some_not_given()) {
        let mut given = all.clone();
        given.retain(|name, _| !hidden.contains(name));
        for question in questions(&given) {
            let answer = XIAOYI.answer(&question);
            let (asked, turns) = asked(&answer);
            if turns {
                continue;
            }
            for name in hidden.iter().filter(|name| !asked.contains(*name)) {
                // Without a year the subsidy of the notice's own is meant.
                let year_of_subsidy = name == "cover_year" && matches!(question, Question::Subsidy(_));
                // Who never took part, or takes part now, has no last day.
                let scheme = given.get("employee_scheme").and_then(Value::as_str);
                let contradicts = name == "employee_until" && matches!(scheme, Some("never" | "enrolled"));
                if contradicts || year_of_subsidy || SAID_BY_ABSENCE.contains(&name.as_str()) {
                    continue;
                }
                let mut more = given.clone();
                more.insert(name.clone(), all[name].clone());
                let again = questions(&more).into_iter().find(|other| {
                    std::mem::discriminant(other) == std::mem::discriminant(&question)
                });
                let again = XIAOYI.answer(&again.unwrap());
                prop_assert_eq!(said(&again), said(&answer), "{} = {} of {}", name, &all[name], json!(given));
            }
        }
    }

    #[test]
    fn with_every_fact_given_no_fact_is_asked_for(all in generated::all()) {
        for question in questions(&all) {
            let answer = XIAOYI.answer(&question);
            prop_assert_eq!(asked(&answer).0, BTreeSet::new(), "{}", json!(all));
        }
    }
}
