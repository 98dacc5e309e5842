//! The kinds of rule about amounts, aid and the cap that an invented city's notice shows: what is wrong with their keys is
//! told, and no value of them is idle.
#![allow(clippy::unwrap_used)]

mod asked;
#[allow(dead_code, reason = "other readings of open points are changed in the step test")]
mod changes;

use asked::{Cases, Step};
use canbao_policy::{Notice, Problem};
use changes::Change;
use toml::Table;

/// Planted faults: the notice, a text of it, what stands there instead, the entry that the problem names, and what it says
/// to do.
const FAULTS: [(&str, &str, &str, &str, &str); 19] = [
    (
        "tiers",
        "rate = \"60%\" }, { payer = \"县",
        "rate = \"61%\" }, { payer = \"县",
        "aid minimum-first",
        "mend the rates",
    ),
    ("tiers", "rate = \"80%\" }", "rate = \"79%\" }", "government_subsidy county", "mend the rates"),
    ("tiers", "payer = \"市财政\"\n", "", "aid top-up", "write one of them"),
    (
        "tiers",
        "rate = \"50%\" }, { payer = \"县财政\"",
        "rate = \"50%\" }, { payer = \"医疗救助资金\"",
        "aid minimum-second",
        "give each payer one share",
    ),
    ("computed", "to = \"10\"\n", "", "price adults", "write both"),
    ("computed", "to = \"10\"", "to = \"0\"", "price adults", "write yuan above zero"),
    ("computed", "at_least = \"260\"", "at_least = \"四百\"", "price minors", "write yuan as"),
    (
        "computed",
        "at_least = \"260\"",
        "at_least = \"260\"\nat_most = \"259\"",
        "price minors",
        "`at_most` is less than `at_least`; mend one of them",
    ),
    ("history", "at_most = \"150\"", "at_most = \"五倍\"", "price late-missed-years", "write yuan as"),
    (
        "computed",
        "of = \"2024年全市居民人均可支配收入\"\nround = \"half-up\"",
        "of = \"2023年全市居民人均可支配收入\"\nround = \"half-up\"",
        "price adults",
        "did you mean \"2024年全市居民人均可支配收入\"?",
    ),
    (
        "computed",
        "product = \"长期护理保险\"\nwhen = { class",
        "when = { class",
        "price care",
        "write both or neither",
    ),
    (
        "computed",
        "product = \"长期护理保险\"\nwhen = { identity = \"低保对象\" }",
        "product = \"意外险\"\nwhen = { identity = \"低保对象\" }",
        "aid care-minimum",
        "mend `part`, or add the price",
    ),
    ("computed", "leaves = \"0\"\n", "", "aid extreme", "write what the notice says"),
    (
        "computed",
        "name = \"2024年",
        "name = \"personal\"\n#",
        "base personal",
        "give the figure another name",
    ),
    ("history", "cut_off = 15", "cut_off = 32", "price months-left", "write it with per"),
    ("history", "per = \"missed-year\"\ncount_from", "count_from", "price missed-years", "write per = "),
    ("cap-cleared", "limit = \"10%\"", "limit = \"一成\"", "cap_step penalty", "write a share of the base"),
    (
        "cap-cleared",
        "limit = \"10%\"",
        "after_use = \"kept\"",
        "cap_step penalty",
        "leave `after_break` and `after_use` out",
    ),
    (
        "cap-cleared",
        "when = { identity = \"特困人员\" }",
        "when = { student = \"college\" }",
        "cap_step continuous-extreme",
        "take the condition out",
    ),
];

#[test]
fn every_fault_of_these_kinds_is_found_and_told_with_what_to_do() {
    for (name, text, fault, entry, remedy) in FAULTS {
        let file = asked::text(&format!("tests/kinds/{name}.toml"));
        assert!(file.contains(text), "{name} has no {text}");
        let problems = Notice::parse(name, &file.replacen(text, fault, 1)).unwrap_err().0;
        let told = |problem: &&Problem| problem.entry == entry && problem.what.contains(remedy);
        assert!(problems.iter().any(|problem| told(&problem)), "{name} {fault:?}: {problems:#?}");
    }
}

#[test]
fn a_published_figure_that_nothing_is_a_share_of_is_found_before_serving() {
    let file = asked::text("tests/kinds/computed.toml");
    let more = "[[base]]\nname = \"平均工资\"\namount = \"6000\"\nclause = [\"YI26-05\"]\n\n[[price]]";
    let problems = Notice::parse("computed", &file.replacen("[[price]]", more, 1)).unwrap().check().problems;
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].what.contains("use it or take it out"), "{problems:#?}");
}

/// The problems of the notice of computed standards, 260 and 410 yuan, with another text in place of one.
fn computed_with(text: &str, other: &str) -> Vec<String> {
    let file = asked::text("tests/kinds/computed.toml");
    assert!(file.contains(text), "{text}");
    match Notice::parse("computed", &file.replacen(text, other, 1)) {
        Ok(notice) => notice.check().problems.iter().map(ToString::to_string).collect(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn an_aid_is_held_against_standards_that_are_shares_of_a_published_figure() {
    let leaves = "leaves = \"0\"";
    for sound in ["amount = \"410\"", "amount = \"400\"\nleaves = \"10\"", "leaves = \"410\""] {
        assert_eq!(computed_with(leaves, sound), [""; 0], "{sound}");
    }
    for (fault, told) in [
        ("amount = \"410.01\"", "410.01 is more than any personal standard"),
        ("leaves = \"410.01\"", "leaves 410.01, more than any personal standard"),
        ("amount = \"400\"\nleaves = \"11\"", "`amount` and `leaves` make no personal standard"),
    ] {
        let problems = computed_with(leaves, fault);
        assert!(problems.len() == 1 && problems[0].contains("aid extreme"), "{problems:#?}");
        assert!(problems[0].contains(told), "{problems:#?}");
    }
}

#[test]
fn an_aid_is_held_against_no_standard_that_only_a_payment_tells() {
    let file = asked::text("tests/kinds/computed.toml");
    let adults = "rate = \"1.9%\"\nof = \"2024年全市居民人均可支配收入\"\nround = \"half-up\"\nto = \"10\"";
    let open = file.replacen(adults, "of = \"government_subsidy\"", 1);
    assert_ne!(open, file);
    let open = open.replacen("leaves = \"0\"", "amount = \"900\"", 1);
    assert_eq!(Notice::parse("computed", &open).unwrap().check().problems, []);
}

/// The invented notices whose kinds are amounts, each with the tables that show them.
const STEPPED: [(&str, &[&str]); 5] = [
    ("tiers", &["tier", "price", "government_subsidy", "aid"]),
    ("computed", &["base", "price", "aid"]),
    ("history", &["price", "government_subsidy", "aid"]),
    ("cap-cleared", &["cap"]),
    ("cap-kept", &["cap"]),
];

/// Changes that mean nothing, and why.
const WITHOUT_MEANING: [(&str, &str); 5] = [
    ("price minors.to", "the floor is above either"),
    ("aid_rule.take \"highest\" → \"all\"", "there is one aid"),
    ("cap_step penalty.limited", "whoever missed a year has raised nothing"),
    ("cap_step continuous.limited false", "the notice limits no raises together"),
    ("cap_step unused.limited false", "the notice limits no raises together"),
];

/// As the step test has it for the real notices, here for every value of those tables: an amount, a date, a number, a word.
#[test]
fn every_value_by_which_a_kind_is_shown_changed_by_one_step_fails_a_case() {
    for (name, tables) in STEPPED {
        let file: Table = asked::text(&format!("tests/kinds/{name}.toml")).parse().unwrap();
        let cases = Cases::read_in("tests/kinds", name);
        let right =
            |notice: &Notice, step: &Step| step.differences(&step.written(&step.ask(notice))).is_empty();
        let survives = |change: &Change| {
            let text = toml::to_string(&change.of(&file)).unwrap();
            Notice::parse("changed", &text)
                .is_ok_and(|changed| cases.steps.iter().all(|step| right(&changed, step)))
        };
        let asked = |what: &str| what.contains(" → ") && tables.iter().any(|table| what.starts_with(table));
        let excused = |what: &str| WITHOUT_MEANING.iter().any(|(means, _)| means_it(means, what));
        let changes = changes::changes(&file).into_iter();
        let changes = changes.filter(|change| asked(&change.what) && !excused(&change.what));
        let survivors: Vec<String> = changes.filter(survives).map(|change| change.what).collect();
        assert!(survivors.is_empty(), "{name}: these changes fail no case:\n{}", survivors.join("\n"));
    }
}

/// The beginning of a change, and after a star something of the rest.
fn means_it(means: &str, what: &str) -> bool {
    let (begin, rest) = means.split_once('*').unwrap_or((means, ""));
    what.strip_prefix(begin).is_some_and(|left| left.contains(rest))
}
