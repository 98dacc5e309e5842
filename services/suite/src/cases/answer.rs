//! Answers as worked cases write them, and how they are compared.

use canbao_policy::{unknown_in_list, written::Ruling};
use canbao_types::Money;
use schemars::schema_for;
use serde_json::{Map, Value, json};

/// Adds the words of the cases to a ruling as it is written down.
pub(super) fn in_the_words_of_cases(said: &mut Map<String, Value>, expected: &Map<String, Value>) {
    let [reasons, waits] = TAKEN_APART.map(|key| said.remove(key));
    said.extend(reasons.iter().flat_map(of_reasons));
    said.extend(waits.iter().flat_map(of_waits));
    if let Some(warns) = said.get("warns").cloned() {
        said.insert("warnings".to_owned(), warns);
    }
    for (key, parts) in [("duties", ["who", "step", "by"].as_slice()), ("products", &["name", "amount"])] {
        let Some(list) = said.get(key).and_then(Value::as_array) else { continue };
        let list = list.iter().map(|entry| parts.iter().map(|part| entry[*part].clone()).collect());
        let list: Vec<Value> = list.collect();
        said.insert(key.to_owned(), json!(list));
    }
    for (key, of, each) in [
        ("counts", "identities", "counts"),
        ("clauses", "clauses", "clause"),
        ("channels", "channels", "name"),
    ] {
        if said.get("question") == Some(&json!("cap")) && key == "counts" {
            continue;
        }
        let Some(list) = said.get(of).and_then(Value::as_array) else { continue };
        let list = list.iter().map(|entry| entry[each].clone()).collect();
        said.insert(key.to_owned(), list);
    }
    if let Some(silent) = said.remove("answer") {
        said.extend(expected.keys().map(|key| (key.clone(), silent.clone())));
    }
}

/// What the rows that refuse or warn come to.
fn of_reasons(reasons: &Value) -> Map<String, Value> {
    let weighing = |weight: &'static str| {
        let all = reasons.as_array().into_iter().flatten();
        all.filter(move |reason| reason["weight"] == weight)
    };
    let refused = weighing("refuse").map(refused);
    let word = |(key, value): (&str, Value)| (key.to_owned(), value);
    let words = [
        ("refused", refused.clone().next().unwrap_or_default()),
        ("say", weighing("refuse").next().map(|reason| reason["say"].clone()).unwrap_or_default()),
        ("also", refused.skip(1).collect()),
        ("warned", weighing("warn").map(|reason| reason["say"].clone()).collect()),
    ];
    words.map(word).into_iter().collect()
}

/// The wait in its parts.
fn of_waits(waits: &Value) -> Map<String, Value> {
    let lines = waits["lines"].as_array().into_iter().flatten();
    let lines = lines.map(|line| json!([line["part"], line["months"], line["day"]])).collect();
    let parts = ["at_least", "missed", "fixed_months", "fixed_days", "variable_months"];
    let parts = parts.map(|key| (key, waits[key].clone()));
    let parts = parts.into_iter().chain([("wait_lines", lines)]);
    parts.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A reason by its code; for a fact that was not given, the row and the fact.
fn refused(reason: &Value) -> Value {
    match (reason["row"].as_str(), reason["fact"].as_str()) {
        (Some(row), Some(fact)) => json!(format!("{row} needs {fact}")),
        _ => reason["reason"].clone(),
    }
}

/// An object may say more than is expected of it; amounts are equal by value; everything else is equal.
pub(super) fn fits(said: &Value, expected: &Value) -> bool {
    match (said, expected) {
        (Value::Object(said), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| said.get(key).is_some_and(|said| fits(said, expected)))
        }
        (Value::Array(said), Value::Array(expected)) => {
            said.len() == expected.len()
                && said.iter().zip(expected).all(|(said, expected)| fits(said, expected))
        }
        (Value::String(said), Value::String(expected)) if said != expected => {
            let amounts = (said.parse::<Money>().ok(), expected.parse::<Money>().ok());
            matches!(amounts, (Some(said), Some(expected)) if said == expected)
        }
        _ => said == expected,
    }
}

/// What is wrong with a key that is expected of an answer which does not have it; nothing, where it could have it.
pub(super) fn unknown_key(question: &str, key: &str, said: &Map<String, Value>) -> Option<String> {
    let keys = keys(question);
    let known: Vec<&str> = said.keys().chain(&keys).map(String::as_str).collect();
    (!known.contains(&key)).then(|| unknown_in_list(key, &format!("key of an answer to {question}"), &known))
}

/// What of a ruling is taken apart into words of the cases.
const TAKEN_APART: [&str; 2] = ["reasons", "waits"];

/// The keys that an answer to a question may have, with those that are left out where there is nothing to say.
fn keys(question: &str) -> Vec<String> {
    let schema = schema_for!(Ruling).to_value();
    let answers = schema["oneOf"].as_array().into_iter().flatten();
    let mut answers = answers.filter(|answer| answer["properties"]["question"]["const"] == question);
    let answer = answers.find_map(|answer| schema.pointer(answer["$ref"].as_str()?.strip_prefix('#')?));
    let keys = answer.and_then(|answer| answer["properties"].as_object());
    let keys = keys.into_iter().flat_map(|keys| keys.keys());
    keys.filter(|key| !TAKEN_APART.contains(&key.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests {
    use canbao_policy::{Notices, Question};

    use super::*;
    use crate::rule::QUESTIONS;

    const PAGE: &str = include_str!("../../../../shared/policy/README.md");

    /// The rows of the page that say what an answer to a question holds.
    fn rows(question: &str) -> String {
        let (_, behind) = PAGE.split_once("**What an answer holds.**").unwrap();
        let (table, _) = behind.split_once("\n\n**").unwrap();
        let rows: Vec<_> = table.lines().filter(|row| row.starts_with(&format!("| `{question}`"))).collect();
        rows.join("\n")
    }

    #[test]
    fn a_wait_in_days_can_be_expected_beside_its_months() {
        let waits = json!({ "fixed_months": 0, "fixed_days": 90, "lines": [] });
        let mut said = Map::from_iter([("waits".to_owned(), waits)]);
        in_the_words_of_cases(&mut said, &Map::new());
        assert_eq!((&said["fixed_months"], &said["fixed_days"]), (&json!(0), &json!(90)));
    }

    #[test]
    fn the_page_names_every_key_that_an_answer_may_be_held_against() {
        let notices = Notices::builtin().unwrap();
        let notice = notices.iter().next().unwrap();
        for question in QUESTIONS {
            let facts = match question {
                "target" => json!({ "name": "", "count": 1, "of": 1 }),
                _ => json!({}),
            };
            let asked: Question =
                serde_json::from_value(json!({ "question": question, "facts": facts })).unwrap();
            let said = serde_json::to_value(notice.answer(&asked)).unwrap();
            let mut said = said.as_object().unwrap().clone();
            in_the_words_of_cases(&mut said, &Map::new());
            let mut known: Vec<String> = keys(question).into_iter().chain(said.keys().cloned()).collect();
            assert!(known.len() > 2, "{question}: {known:?}");
            // What every answer has, a file of cases has no need of.
            known.retain(|key| {
                key != "question" && key != "answer" && !rows(question).contains(&format!("`{key}`"))
            });
            assert!(known.is_empty(), "the page does not name {known:?} of {question}");
        }
    }
}
