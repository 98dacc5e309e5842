//! The page that teaches how to write a notice leaves nothing of the format out.
#![allow(clippy::unwrap_used)]

use std::fs;

use canbao_policy::{CapFacts, Facts, Question};
use canbao_types::Reason;
use schemars::{Schema, schema_for};
use serde_json::Value;

const PAGE: &str = include_str!("../README.md");

fn source(name: &str) -> String {
    fs::read_to_string(format!("{}/src/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The keys in the declarations of the format's tables, by the names a file writes.
fn keys() -> Vec<String> {
    let file = source("file.rs");
    let tables = file.split_once("\ntables! {").unwrap().1.split_once("\n}").unwrap().0;
    let declared = tables.lines().filter(|line| !line.trim_start().starts_with("///")).collect::<String>();
    let mut keys = Vec::new();
    for table in declared.split('}') {
        let Some((_, fields)) = table.split_once('{') else { continue };
        for field in fields.split(',') {
            let renamed = field.split_once("rename = \"").and_then(|(_, rest)| rest.split_once('"'));
            let named = || field.rsplit_once(']').map_or(field, |(_, field)| field).split_once(':');
            let key = renamed.map(|(key, _)| key).or_else(|| named().map(|(key, _)| key.trim()));
            keys.extend(
                key.filter(|key| key.chars().all(|c| c.is_alphanumeric() || c == '_')).map(str::to_owned),
            );
        }
    }
    keys
}

/// Every word that a source declares; neither other spellings of one nor reasons for the compiler.
fn codes(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.contains("alias") && !line.contains("reason ="));
    let behind = lines.flat_map(|line| line.split("= \"").skip(1));
    behind.filter_map(|text| text.split_once('"').map(|(code, _)| code)).collect()
}

#[test]
fn the_page_names_every_key_of_every_table() {
    let keys = keys();
    assert!(keys.len() > 100, "{keys:?}");
    let missing: Vec<_> = keys.iter().filter(|key| !names(key)).collect();
    assert!(missing.is_empty(), "the page does not name {missing:?}");
}

#[test]
fn the_page_names_every_fact_and_every_word_of_the_format() {
    let fact = source("fact.rs");
    let declared = fact.split_once("\nfacts! {").unwrap().1.split_once("\n}").unwrap().0;
    // What stands last is only ever named in an answer.
    let usable = declared.split_once("CoverYear =").map_or(declared, |(usable, _)| usable);
    let (words, file) = (source("words.rs"), source("file.rs"));
    let closed = file.split_once("\nclosed! {").unwrap().1;
    // What an explanation is about is a word of answers alone.
    let words = words.split_once("\n    About {").map_or(words.as_str(), |(words, _)| words);
    let mut missing: Vec<_> = codes(usable)
        .into_iter()
        .chain(codes(words))
        .chain(codes(closed))
        .filter(|code| !names(code))
        .collect();
    missing.dedup();
    assert!(missing.is_empty(), "the page does not name {missing:?}");
}

/// The keys of everything that a schema describes.
fn keys_of(schema: &Schema, found: &mut Vec<String>) {
    let within = schema.get("$defs").and_then(Value::as_object).into_iter().flat_map(|defs| defs.values());
    for described in within.chain([schema.as_value()]) {
        let keys = described.get("properties").and_then(Value::as_object);
        found.extend(keys.into_iter().flat_map(|keys| keys.keys().cloned()));
    }
}

#[test]
fn the_page_says_how_every_fact_is_given() {
    let mut keys = Vec::new();
    for schema in [schema_for!(Facts), schema_for!(CapFacts), schema_for!(Question)] {
        keys_of(&schema, &mut keys);
    }
    assert!(keys.len() > 70, "{keys:?}");
    let (_, behind) = PAGE.split_once("\n## Every fact\n").unwrap();
    let (section, _) = behind.split_once("\n## ").unwrap();
    keys.retain(|key| !written(section, key));
    assert!(keys.is_empty(), "the page does not say how {keys:?} are given");
}

#[test]
fn the_page_names_every_reason_that_an_answer_may_have() {
    let mut reasons: Vec<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    reasons.retain(|reason| !names(reason));
    assert!(reasons.is_empty(), "the page does not name {reasons:?}");
}

/// Whether the page writes a word as code.
fn names(code: &str) -> bool {
    let code = code.trim_start_matches("identity.");
    written(PAGE, code) || PAGE.contains(&format!("\"{code}\""))
}

/// Whether a text has a word.
fn written(text: &str, word: &str) -> bool {
    let marks = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
    text.split(marks).any(|written| written == word)
}
