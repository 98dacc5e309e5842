//! Every worked case of every notice, asked and compared.
#![allow(clippy::unwrap_used)]

mod asked;

use std::collections::{BTreeMap, BTreeSet};

use asked::{Cases, Said};
use canbao_policy::Notice;

/// What every step is answered, as the cases write it.
fn answers(notice: &Notice, cases: &Cases) -> Vec<serde_json::Value> {
    let answer = |step: &asked::Step| {
        let other =
            step.reading.as_ref().map(|(point, number)| notice.reading(point, *number).unwrap().unwrap());
        let said: Said = step.ask(other.as_ref().unwrap_or(notice));
        step.written(&said)
    };
    cases.steps.iter().map(answer).collect()
}

#[test]
fn every_worked_case_of_xiaoyi_2026_is_answered_as_worked_out_by_hand() {
    let (notice, cases) = (asked::builtin(), Cases::read());
    let answers = answers(&notice, &cases);
    let wrong: Vec<String> =
        cases.steps.iter().zip(&answers).flat_map(|(step, said)| step.differences(said)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let asked: usize = cases.steps.iter().map(|step| step.expected.len()).sum();
    assert!(asked > 100, "only {asked} expectations were compared");
    let declared = asked::declared(&notice);
    assert!(asked::fits(&declared, &cases.declares), "{declared:#}");
}

#[test]
fn a_ruling_cites_the_clauses_its_case_was_worked_from() {
    let (notice, cases) = (asked::builtin(), Cases::read());
    let mut uncited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for step in &cases.steps {
        uncited.entry(&step.case).or_default().extend(step.clauses.iter().map(String::as_str));
    }
    for (step, said) in cases.steps.iter().zip(answers(&notice, &cases)) {
        let cited = said["clauses"].as_array().unwrap().iter();
        for clause in cited.filter_map(serde_json::Value::as_str) {
            uncited.entry(&step.case).or_default().remove(clause);
        }
    }
    uncited.retain(|_, clauses| !clauses.is_empty());
    assert!(uncited.is_empty(), "not cited: {uncited:#?}");
}
