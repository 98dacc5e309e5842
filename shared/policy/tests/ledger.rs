//! The ledger of clauses beside each notice: every clause of its documents is carried by an entry, or by a service, or has no
//! meaning for software; and each that has one has a case or a test.
#![allow(clippy::unwrap_used)]

mod asked;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use asked::Cases;
use serde::Deserialize;
use toml::{Table, Value};

/// One clause of a ledger.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// What the clause is about, the first thing first.
    kind: Vec<String>,
    /// The entries that cite it.
    #[serde(default)]
    entry: Vec<String>,
    /// The department that carries it, where no entry does.
    service: Option<String>,
    /// Without meaning for software.
    #[serde(default)]
    none: bool,
    /// Worked cases.
    #[serde(default)]
    case: Vec<String>,
    /// Tests by the names of their functions.
    #[serde(default)]
    test: Vec<String>,
}

/// The kinds of clauses.
const KINDS: [&str; 27] = [
    "amount",
    "benefit-start",
    "category",
    "certificate",
    "channel",
    "duty",
    "eligibility",
    "exclusion",
    "incentive",
    "info",
    "newborn",
    "payer",
    "penalty",
    "priority",
    "query",
    "refund",
    "registration",
    "repair",
    "roster",
    "student",
    "subsidy",
    "target",
    "tier",
    "treasury",
    "waiting",
    "window",
    "law",
];

/// Departments, as the ledger names whoever carries a clause.
const SERVICES: [&str; 4] = ["registration", "collection", "subsidy", "benefits"];

fn ledger(name: &str) -> BTreeMap<String, Kept> {
    let path = format!("ledger/{name}.toml");
    toml::from_str(&asked::text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn file(name: &str) -> Table {
    asked::text(&format!("notices/{name}.toml")).parse().unwrap()
}

/// Every clause of the documents of a notice.
fn clauses(file: &Table) -> BTreeSet<String> {
    let documents = file["document"].as_array().unwrap().iter();
    let numbered = |document: &Value| {
        let (code, clauses) =
            (document["code"].as_str().unwrap().to_owned(), document["clauses"].as_integer());
        (1..=clauses.unwrap()).map(move |number| format!("{code}-{number:02}"))
    };
    documents.flat_map(numbered).collect()
}

/// The entries that cite each clause, but those from which nothing is computed.
fn citing(file: &Table) -> BTreeMap<String, BTreeSet<String>> {
    let mut citing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut cite = |label: &str, row: &Value| {
        for key in ["clause", "unless_clause", "variable_clause", "floor_clause", "against"] {
            let clauses = row.get(key).and_then(Value::as_array).into_iter().flatten();
            for clause in clauses.filter_map(Value::as_str) {
                citing.entry(clause.to_owned()).or_default().insert(label.to_owned());
            }
        }
    };
    for (section, value) in file.iter().filter(|(section, _)| *section != "no_computation") {
        match value {
            Value::Array(rows) => {
                for row in rows {
                    let id =
                        ["name", "id"].iter().find_map(|key| row.get(*key)?.as_str()).unwrap_or_default();
                    cite(format!("{section} {id}").trim_end(), row);
                }
            }
            Value::Table(named) if section == "wait" => {
                named.iter().for_each(|(id, row)| cite(&format!("{section} {id}"), row));
            }
            row => cite(section, row),
        }
    }
    citing
}

/// The names of all functions in the tests of the repository.
fn functions() -> BTreeSet<String> {
    let root = asked::file("../..");
    let mut names = BTreeSet::new();
    for folder in ["tests", "services", "shared"] {
        gather(&root.join(folder), &mut names);
    }
    names
}

fn gather(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names_of = |line: &str| {
                let rest = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ");
                let name = rest.strip_prefix("fn ")?.split(['(', '<']).next()?;
                Some(name.to_owned())
            };
            names.extend(text.lines().filter_map(names_of));
        }
    }
}

#[test]
fn every_clause_is_carried_by_an_entry_or_a_service_or_means_nothing_to_software() {
    for name in asked::names() {
        let (ledger, file) = (ledger(&name), file(&name));
        let (known, citing) = (clauses(&file), citing(&file));
        let kept: BTreeSet<String> = ledger.keys().cloned().collect();
        assert_eq!(
            known.difference(&kept).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{name}: not in the ledger"
        );
        assert_eq!(kept.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "{name}: no clause");
        let stray: Vec<_> = citing.keys().filter(|clause| !known.contains(*clause)).collect();
        assert!(stray.is_empty(), "{name}: cited, but no clause: {stray:?}");
        let mut wrong = Vec::new();
        for (clause, kept) in &ledger {
            let entries: BTreeSet<String> = kept.entry.iter().cloned().collect();
            let cited = citing.get(clause).cloned().unwrap_or_default();
            if entries != cited {
                wrong.push(format!("{clause}: the entries that cite it are {cited:?}"));
            }
            let ways = usize::from(!entries.is_empty())
                + usize::from(kept.service.is_some())
                + usize::from(kept.none);
            if ways != 1 {
                wrong.push(format!("{clause}: is carried in {ways} ways"));
            }
            if kept.service.as_deref().is_some_and(|service| !SERVICES.contains(&service)) {
                wrong.push(format!("{clause}: {:?} is no department", kept.service));
            }
            if kept.kind.is_empty() || kept.kind.iter().any(|kind| !KINDS.contains(&kind.as_str())) {
                wrong.push(format!("{clause}: {:?} are no kinds", kept.kind));
            }
        }
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_clause_that_means_something_has_a_case_that_was_worked_from_it_or_a_test() {
    let functions = functions();
    for name in asked::names() {
        let cases = Cases::read(&name);
        let mut worked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for step in &cases.steps {
            let clauses = step.clauses.iter().chain(&step.beside).map(String::as_str);
            worked.entry(&step.case).or_default().extend(clauses);
        }
        let mut wrong = Vec::new();
        for (clause, kept) in &ledger(&name) {
            let idle = kept.kind.iter().all(|kind| ["info", "duty"].contains(&kind.as_str()));
            if kept.none && !idle {
                wrong.push(format!("{clause}: {:?} is never without meaning", kept.kind));
            }
            if !idle && kept.case.is_empty() && kept.test.is_empty() {
                wrong.push(format!("{clause}: {:?} has neither case nor test", kept.kind));
            }
            for case in &kept.case {
                if !worked.get(case.as_str()).is_some_and(|clauses| clauses.contains(clause.as_str())) {
                    wrong.push(format!("{clause}: case {case} was not worked from it"));
                }
            }
            for test in kept.test.iter().filter(|test| !functions.contains(*test)) {
                wrong.push(format!("{clause}: there is no test {test}"));
            }
        }
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}
