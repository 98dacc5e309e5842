//! Kinds of rule that none of the notices compiled in has, each in a notice of an invented city, with worked cases.
#![allow(clippy::unwrap_used)]

mod asked;

use std::{collections::BTreeSet, fs};

use asked::Cases;
use canbao_policy::{Notice, Notices};

const FOLDER: &str = "tests/kinds";

/// Every file of the folder with an ending, without it.
fn stems(ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(asked::file(FOLDER)).unwrap().map(|file| file.unwrap().file_name());
    files.filter_map(|file| Some(file.to_str()?.strip_suffix(ending)?.to_owned())).collect()
}

/// The notices of the folder, layers resolved.
fn notices() -> Vec<Notice> {
    let files: Vec<(String, String)> = stems(".toml")
        .into_iter()
        .map(|stem| {
            let path = format!("{FOLDER}/{stem}.toml");
            (path.clone(), asked::text(&path))
        })
        .collect();
    let notices = Notices::default().with(&files).unwrap_or_else(|problems| panic!("{problems}"));
    notices.versions().cloned().collect()
}

#[test]
fn every_notice_of_a_kind_passes_every_check() {
    for notice in notices() {
        let checked = notice.check();
        let problems: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn every_case_of_a_kind_is_answered_as_worked_out_by_hand() {
    let notices = notices();
    let mut wrong = Vec::new();
    for name in stems(".json") {
        let notice = notices.iter().find(|notice| notice.stem() == name).unwrap();
        for step in &Cases::read_in(FOLDER, &name).steps {
            let said = step.written(&step.ask(notice));
            wrong.extend(step.differences(&said).into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_of_a_kind_names_the_kind_and_its_arithmetic() {
    for name in stems(".json") {
        let file: serde_json::Value =
            serde_json::from_str(&asked::text(&format!("{FOLDER}/{name}.json"))).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let told = |key: &str| case[key].as_str().is_some_and(|text| !text.is_empty());
            assert!(told("kind") && told("because"), "{name} {}", case["id"]);
        }
    }
}
