//! The page that teaches how to write a notice leaves nothing of the format out.
#![allow(clippy::unwrap_used)]

use std::fs;

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

/// Whether the page writes a word as code.
fn names(code: &str) -> bool {
    let code = code.trim_start_matches("identity.");
    let marks = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
    PAGE.split(marks).any(|word| word == code) || PAGE.contains(&format!("\"{code}\""))
}
