//! Every worked case of every notice, asked and compared.
#![allow(clippy::unwrap_used)]

mod asked;

use std::collections::{BTreeMap, BTreeSet};

use asked::Cases;
use canbao_policy::Notice;

/// What every step is answered, as the cases write it.
fn answers(notice: &Notice, cases: &Cases) -> Vec<serde_json::Value> {
    let answer = |step: &asked::Step| {
        let other = step.reading.as_ref().map(|(point, number)| {
            let reading = notice.reading(point, *number);
            let reading = reading.unwrap_or_else(|| panic!("{}: {point} has no reading {number}", step.case));
            reading.unwrap_or_else(|problems| panic!("{problems}"))
        });
        step.written(&step.ask(other.as_ref().unwrap_or(notice)))
    };
    cases.steps.iter().map(answer).collect()
}

#[test]
fn every_worked_case_is_answered_as_worked_out_by_hand() {
    let mut wrong = Vec::new();
    for name in asked::names() {
        let (notice, cases) = (asked::notice(&name), Cases::read(&name));
        let answers = answers(&notice, &cases);
        wrong.extend(cases.steps.iter().zip(&answers).flat_map(|(step, said)| step.differences(said)));
        let asked: usize = cases.steps.iter().map(|step| step.expected.len()).sum();
        assert!(asked > 100, "{name}: only {asked} expectations were compared");
        let declared = asked::declared(&notice, &cases);
        if !asked::fits(&declared, &cases.declares) {
            wrong.push(format!("{name} declares {declared:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_ruling_cites_the_clauses_its_case_was_worked_from() {
    for name in asked::names() {
        let (notice, cases) = (asked::notice(&name), Cases::read(&name));
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
        assert!(uncited.is_empty(), "{name}: not cited: {uncited:#?}");
    }
}

#[test]
fn half_of_the_cases_of_every_notice_are_our_own() {
    for name in asked::names() {
        let cases = Cases::read(&name);
        let ids: BTreeSet<&str> = cases.steps.iter().map(|step| step.case.as_str()).collect();
        let own = ids.iter().filter(|id| !id.starts_with("E-")).count();
        assert!(own * 2 >= ids.len(), "{name}: {own} of {} are our own", ids.len());
    }
}
