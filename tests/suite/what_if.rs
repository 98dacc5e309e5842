//! The command that holds two notices against one another for a population, as the README asks it.

use std::{fs, path::Path, process::Command};

use canbao_tests::program;
use serde_json::Value;
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const README: &str = include_str!("../../README.md");

/// The lines of the README's section in code of a kind.
fn of_the_readme(kind: &str) -> &'static str {
    let (_, section) = README.split_once("## Try a change\n").unwrap();
    let (_, code) = section.split_once(&format!("```{kind}\n")).unwrap();
    code.split_once("```").unwrap().0
}

/// A draft made by the README's own line.
fn draft(folder: &TempDir) -> String {
    let line = of_the_readme("sh").lines().find(|line| line.starts_with("sed ")).unwrap();
    let draft = folder.path().join("draft.toml").to_str().unwrap().to_owned();
    let line = line.replace("draft.toml", &draft);
    let made = Command::new("sh").args(["-c", &line]).current_dir(ROOT).status().unwrap();
    assert!(made.success(), "{line}");
    draft
}

fn what_if(population: &Path, against: &str, more: &[&str]) -> (bool, String, String) {
    let population = population.to_str().unwrap();
    let mut command = Command::new(program("canbao"));
    command.args(["what-if", "--population", population, "--notice", "141181-2026", "--against", against]);
    let output = command.args(more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn sample() -> std::path::PathBuf {
    Path::new(ROOT).join("tests/data/population.csv")
}

#[test]
fn the_readmes_change_gives_what_the_readme_shows() {
    let folder = TempDir::new().unwrap();
    let draft = draft(&folder);
    let (well, out, err) = what_if(&sample(), &draft, &[]);
    assert!(well, "{err}");
    let shown = of_the_readme("sh").len();
    assert!(shown > 0);
    let (_, after) = README.split_once("## Try a change\n").unwrap();
    let table = after.split("```").nth(3).unwrap().trim();
    assert!(out.contains(table), "{table}\nis not in\n{out}");
}

#[test]
fn the_json_has_the_same_figures_and_they_add_up() {
    let folder = TempDir::new().unwrap();
    let (well, out, err) = what_if(&sample(), &draft(&folder), &["--json"]);
    assert!(well, "{err}");
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(said["shift"]["less"], 24);
    assert_eq!(said["shift"]["saved"], "960.00");
    assert_eq!(said["differences"][0]["each"], "-40.00");
    let number = |value: &Value| value.as_u64().unwrap();
    for side in ["a", "b"] {
        let total = &said["total"][side];
        let others: u64 = said["others"].as_array().unwrap().iter().map(|other| number(&other[side])).sum();
        assert_eq!(number(&total["payable"]) + others, number(&total["people"]), "nobody is dropped");
        let classes = said["classes"].as_array().unwrap().iter();
        assert_eq!(
            classes.map(|class| number(&class[side]["people"])).sum::<u64>(),
            number(&total["people"])
        );
    }
}

#[test]
fn what_cannot_be_read_is_told_with_line_and_column_and_what_to_write() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("people.csv");
    let cases = [
        ("birht\n1980-01-01\n", "line 1", "there is no column \"birht\"; write one of cover_year, birth"),
        ("birth,birth\n", "line 1", "stands there twice"),
        ("birth\n1980-01-01\n1980-13-01\n", "line 3, column birth", "write one such as 1980-01-31"),
        ("identities\n低保\n", "line 2, column identities", "低保对象"),
        ("identities\n低保对象{grad=1}\n", "line 2, column identities", "write confirmed, recognised"),
        ("student\ncolege\n", "line 2, column student", "college"),
        ("rural\nyes\n", "line 2, column rural", "true nor false"),
        ("hukou\n1411\n", "line 2, column hukou", "six digits"),
        ("events\n退役\n", "line 2, column events", "离职=2025-05-01"),
    ];
    for (text, place, hint) in cases {
        fs::write(&file, text).unwrap();
        let (well, _, err) = what_if(&file, "141181-2026", &[]);
        assert!(!well, "{text}");
        assert!(err.contains(place) && err.contains(hint), "{text}: {err}");
    }
}

#[test]
fn every_fact_a_payment_can_turn_on_has_a_column() {
    let (well, _, err) = {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("people.csv");
        fs::write(&file, "no_such\n").unwrap();
        what_if(&file, "141181-2026", &[])
    };
    assert!(!well);
    let schema = Command::new(program("canbao")).args(["rule", "--schema", "facts"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    // Questions about refunds, delays and claims turn on these.
    let elsewhere = [
        "asked",
        "left",
        "paid_amount",
        "years_paid",
        "price_paid",
        "ground",
        "what",
        "success",
        "causes",
        "emergency",
    ];
    let facts = schema["properties"].as_object().unwrap().keys();
    let missing: Vec<_> = facts
        .filter(|fact| !elsewhere.contains(&fact.as_str()))
        .filter(|fact| !err.contains(&format!(" {fact}")))
        .collect();
    assert!(missing.is_empty(), "{missing:?} in {err}");
}
