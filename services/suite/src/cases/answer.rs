//! Answers as worked cases write them, and how they are compared.

use canbao_policy::{unknown_in_list, written::Ruling};
use canbao_types::Money;
use schemars::schema_for;
use serde_json::{Map, Value, json};

/// Adds the words of the cases to a ruling as it is written down.
pub(super) fn in_the_words_of_cases(said: &mut Map<String, Value>, expected: &Map<String, Value>) {
    let reasons = said.remove("reasons").unwrap_or_default();
    let reasons: Vec<Value> = reasons.as_array().cloned().unwrap_or_default();
    let refusing: Vec<&Value> = reasons.iter().filter(|reason| reason["weight"] == "refuse").collect();
    let waits = said.remove("waits").unwrap_or_default();
    let mut word = |key: &str, value: Value| drop(said.insert(key.to_owned(), value));
    word("refused", refusing.first().map_or(Value::Null, |reason| refused(reason)));
    word("say", refusing.first().map_or(Value::Null, |reason| reason["say"].clone()));
    word("also", refusing.iter().skip(1).map(|reason| refused(reason)).collect());
    let warning = reasons.iter().filter(|reason| reason["weight"] == "warn");
    word("warned", warning.map(|reason| reason["say"].clone()).collect());
    for key in ["at_least", "missed", "fixed_months", "variable_months"] {
        word(key, waits[key].clone());
    }
    if let Some(warns) = said.get("warns").cloned() {
        said.insert("warnings".to_owned(), warns);
    }
    let lines = waits["lines"].as_array().into_iter().flatten();
    let lines: Vec<Value> = lines.map(|line| json!([line["part"], line["months"], line["day"]])).collect();
    said.insert("wait_lines".to_owned(), json!(lines));
    for (key, parts) in [("duties", ["who", "step", "by"].as_slice()), ("products", &["name", "amount"])] {
        let list = said.get(key).and_then(Value::as_array).into_iter().flatten();
        let list = list.map(|entry| parts.iter().map(|part| entry[*part].clone()).collect());
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
        let list = said.get(of).and_then(Value::as_array).into_iter().flatten();
        let list = list.map(|entry| entry[each].clone()).collect();
        said.insert(key.to_owned(), list);
    }
    if let Some(silent) = said.remove("answer") {
        said.extend(expected.keys().map(|key| (key.clone(), silent.clone())));
    }
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

/// The keys that an answer to a question may have, with those that are left out where there is nothing to say.
fn keys(question: &str) -> Vec<String> {
    let schema = schema_for!(Ruling).to_value();
    let answers = schema["oneOf"].as_array().into_iter().flatten();
    let mut answers = answers.filter(|answer| answer["properties"]["question"]["const"] == question);
    let answer = answers.find_map(|answer| schema.pointer(answer["$ref"].as_str()?.strip_prefix('#')?));
    let keys = answer.and_then(|answer| answer["properties"].as_object());
    keys.map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
}
