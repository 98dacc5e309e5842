//! What the checks find by asking the notice, and what they do not take for a fault.
#![allow(clippy::unwrap_used)]

use canbao_policy::{Checked, Notice};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

/// The notice of Xiaoyi with something put in place of something else, checked.
fn checked(from: &str, to: &str) -> Checked {
    assert!(XIAOYI.contains(from), "{from}");
    Notice::parse("changed.toml", &XIAOYI.replacen(from, to, 1)).unwrap().check()
}

#[test]
fn a_window_that_begins_with_a_recognition_is_for_whoever_is_recognised() {
    let found = checked(
        "when = { identity = \"困难群体\", recognised = { from = { from = \"集中参保缴费期.to\", days = 1 } } }\n\
         from = { from = [\"集中参保缴费期.to\", \"recognised\"] }\nto = \"cover-end\"",
        "when = { identity = \"困难群体\" }\nfrom = { from = [\"集中参保缴费期.to\", \"recognised\"] }\n\
         to = { from = \"recognised\", days = 90 }",
    );
    let unreached: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
    assert!(!unreached.iter().any(|problem| problem.contains("window 新增困难群体")), "{unreached:#?}");
}

#[test]
fn a_window_for_an_identity_without_an_opened_period_is_noted() {
    let noted = |checked: Checked| {
        checked.notes.iter().any(|note| note.entry == "window 新增困难群体" && note.what.contains("[opened]"))
    };
    assert!(!noted(checked("format = 1", "format = 1")));
    let opened = "[opened]                              # for one person, by the office that fixed the amount\n\
                  name = \"核定缴费期\"\nclause = [\"XY26-38\", \"XY26-66\"]\n";
    let silent = "[[no_computation]]\nbecause = \"无\"\nclause = [\"XY26-66\"]\n";
    assert!(noted(checked(opened, silent)));
}

#[test]
fn a_condition_may_name_the_period_that_is_opened_for_one_person() {
    let found = checked(
        "when = { late = false }\nstart = { from = [\"paid\", \"cover-start\"] }",
        "when = { window = [\"集中参保缴费期\", \"核定缴费期\"] }\nstart = { from = [\"paid\", \"cover-start\"] }",
    );
    let problems: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    let found = checked("when = { late = false }\nstart", "when = { window = \"集中参保缴费期\" }\nstart");
    let problems: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
    assert!(
        matches!(&problems[..], [one] if one.contains("benefit: no row holds for") && one.contains("opened")),
        "whoever pays in the opened period has no benefit: {problems:#?}"
    );
}
