//! The checks of a notice file, each with a planted fault.
#![allow(clippy::unwrap_used)]

use canbao_policy::{Notice, Notices, Problem};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

/// The problems of the notice with one text replaced.
fn planted(text: &str, fault: &str) -> Vec<Problem> {
    assert!(XIAOYI.contains(text), "the notice has no {text}");
    Notice::parse("planted.toml", &XIAOYI.replacen(text, fault, 1)).unwrap_err().0
}

/// One problem names the entry, the clause and what is wrong.
fn assert_found(problems: &[Problem], entry: &str, clause: Option<&str>, what: &str) {
    let found = problems.iter().any(|problem| {
        problem.file == "planted.toml"
            && problem.entry == entry
            && problem.clause.as_ref().map(|clause| clause.as_str()) == clause
            && problem.what.contains(what)
    });
    assert!(found, "no problem of {entry} ({clause:?}) says {what:?} among {problems:#?}");
}

#[test]
fn the_notices_compiled_in_pass_every_check() {
    let notices = Notices::builtin();
    assert!(notices.is_ok(), "{}", notices.unwrap_err());
}

#[test]
fn an_unknown_key_is_found() {
    let problems = planted("locked = true", "locked = true\nlucky = true");
    assert_found(&problems, "prepay programme", Some("XY26-34"), "lucky");
}

#[test]
fn an_unknown_table_is_found() {
    let problems = planted("[[announced]]", "[[surprise]]\na = 1\n[[announced]]");
    assert_found(&problems, "surprise", None, "no table of the format");
}

#[test]
fn an_unknown_fact_and_an_unknown_word_are_found() {
    let problems = planted("when = { enrolled_elsewhere = true }", "when = { enroled_elsewhere = true }");
    assert_found(&problems, "refuse duplicate", Some("XJ26-05"), "`enroled_elsewhere` is no fact");
    let problems = planted("unless = { done = \"assessment\" }", "unless = { done = \"assesment\" }");
    assert_found(&problems, "refuse assess", Some("XY26-38"), "\"assesment\" is no word for `done`");
    let problems = planted("when = { identity = \"优抚对象\" }", "when = { identity = \"优抚\" }");
    assert_found(&problems, "aid veteran", Some("XY26-13"), "\"优抚\" is no word for `identity`");
    let problems = planted("when = { cash = true, working_day", "when = { cash = \"yes\", working_day");
    assert_found(&problems, "refuse cash", Some("XY26-28"), "does not fit `cash`");
}

#[test]
fn an_unknown_reason_is_found() {
    let problems = planted("reason = \"link-first\"", "reason = \"link\"");
    assert_found(&problems, "refuse link", Some("XY26-59"), "link");
}

#[test]
fn an_entry_without_a_clause_is_found() {
    let problems = planted("clause = [\"XY26-58\"]", "");
    assert_found(&problems, "refuse kin", None, "cites no clause");
}

#[test]
fn a_clause_of_an_undeclared_document_or_beyond_its_number_is_found() {
    let problems = planted("[\"XY26-28\"]", "[\"XZ26-28\"]");
    assert_found(&problems, "", Some("XZ26-28"), "no declared document");
    let problems = planted("[\"XY26-28\"]", "[\"XY26-77\"]");
    assert_found(&problems, "", Some("XY26-77"), "which has 76");
}

#[test]
fn a_clause_that_no_entry_cites_is_found() {
    let problems = planted("[\"XY26-28\"]", "[\"XY26-27\"]");
    assert_found(&problems, "document XY26", None, "no entry cites XY26-28");
}

#[test]
fn references_that_lead_nowhere_are_found() {
    let problems = planted("wait = \"ordinary\"", "wait = \"long\"");
    assert_found(&problems, "benefit wait", Some("XY26-41"), "no wait \"long\"");
    let problems = planted("use = \"特殊缴费\"", "use = \"特别缴费\"");
    assert_found(&problems, "option hardship", Some("XY26-67"), "no declared option");
    let problems = planted("[\"集中参保缴费期.to\", \"event\"]", "[\"集中缴费期.to\", \"event\"]");
    assert_found(&problems, "window 退出其他保障", Some("XY26-43"), "no point in time");
    let problems = planted("open = [\"A-52\"]", "open = [\"A-99\"]");
    assert_found(&problems, "", None, "\"A-99\" is no declared open point");
    assert_found(&problems, "open A-52", None, "no entry rests on it");
    let problems = planted("\"wait.ordinary.ends\"", "\"wait.usual.ends\"");
    assert_found(&problems, "open A-04", None, "leads to no entry");
}

#[test]
fn a_window_that_ends_before_it_begins_is_found() {
    let problems = planted("to = 2026-02-25\nmonth_days", "to = 2025-02-25\nmonth_days");
    assert_found(&problems, "window 集中参保缴费期", Some("XY26-26"), "ends before it begins");
}

#[test]
fn a_bad_amount_is_found() {
    for amount in ["-400", "400.001", "4e2", "四百"] {
        let problems = planted(
            "part = \"personal\"\namount = \"400\"",
            &format!("part = \"personal\"\namount = \"{amount}\""),
        );
        assert_found(&problems, "price standard", Some("XY26-03"), "is no amount");
    }
    let problems = planted("rate = \"80%\"", "rate = \"80\"");
    assert_found(&problems, "aid minimum", Some("XY26-07"), "is no percentage");
}

#[test]
fn rate_amount_and_rest_that_do_not_agree_are_found() {
    for (text, fault) in [("rate = \"80%\"", "rate = \"81%\""), ("leaves = \"80\"", "leaves = \"81\"")] {
        assert_found(&planted(text, fault), "aid minimum", Some("XY26-07"), "do not agree");
    }
}

#[test]
fn aid_that_does_not_add_up_to_a_standard_is_found() {
    let problems = planted("amount = \"400\"\nleaves", "amount = \"401\"\nleaves");
    assert_found(&problems, "aid extreme", Some("XY26-06"), "make no personal standard");
}

#[test]
fn more_words_than_a_notice_can_declare_are_found() {
    let many: Vec<String> = (0..61).map(|number| format!("\"事由{number}\"")).collect();
    let problems = planted(
        "option = [",
        &format!("papers = [\"甲\", \"乙\", \"丙\", \"丁\", {}]\noption = [", many.join(", ")),
    );
    assert_found(&problems, "", None, "more than 64 words");
}

#[test]
fn a_name_declared_twice_is_found() {
    let problems = planted("id = \"returned\"", "id = \"minimum\"");
    assert_found(&problems, "aid minimum", None, "declared twice");
}

#[test]
fn all_problems_of_all_files_are_told_together() {
    let first = XIAOYI.replacen("rate = \"80%\"", "rate = \"81%\"", 1).replacen("XY26-28", "XZ26-28", 1);
    let files = [("first.toml".to_owned(), first), ("second.toml".to_owned(), "format = 2".to_owned())];
    let problems = Notices::builtin().unwrap().with(&files).unwrap_err();
    let text = problems.to_string();
    assert!(text.contains("first.toml: aid minimum (XY26-07): `rate`"), "{text}");
    assert!(text.contains("first.toml (XZ26-28): "), "{text}");
    assert!(text.contains("second.toml: format: "), "{text}");
}

#[test]
fn a_later_file_replaces_the_notice_of_its_division_and_year() {
    let text = XIAOYI.replacen("title = \"孝义市2026", "title = \"(更正)孝义市2026", 1);
    let notices = Notices::builtin().unwrap().with(&[("new.toml".to_owned(), text)]).unwrap();
    let found = notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap();
    assert!(found.title().starts_with("(更正)"), "{}", found.title());
    assert_eq!(notices.iter().count(), 1);
}

#[test]
fn a_division_without_a_notice_of_its_own_is_governed_by_the_smallest_around_it() {
    let named = |division: &str| {
        let text = XIAOYI.replacen("division = \"141181\"", &format!("division = \"{division}\""), 1);
        (format!("{division}.toml"), text)
    };
    let notices = Notices::builtin().unwrap().with(&[named("140000"), named("141100")]).unwrap();
    let governs = |division: &str| {
        let year = 2026.try_into().unwrap();
        notices.find(division.parse().unwrap(), year).map(|notice| notice.division().to_string())
    };
    assert_eq!(governs("141181").as_deref(), Some("141181"));
    assert_eq!(governs("141182").as_deref(), Some("141100"));
    assert_eq!(governs("140105").as_deref(), Some("140000"));
    assert_eq!(governs("370685"), None);
    assert!(notices.find("141181".parse().unwrap(), 2027.try_into().unwrap()).is_none());
}
