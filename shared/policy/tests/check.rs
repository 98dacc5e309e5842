//! The checks of a notice file, each with a planted fault.
#![allow(clippy::unwrap_used)]

use canbao_policy::{Notice, Notices, Problem};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

/// The problems of the notice with one text replaced.
fn planted(text: &str, fault: &str) -> Vec<Problem> {
    assert!(XIAOYI.contains(text), "the notice has no {text}");
    Notice::parse("planted.toml", &XIAOYI.replacen(text, fault, 1)).unwrap_err().0
}

/// The problems found before serving in the notice with texts replaced, which reading it does not find.
fn found_before_serving(faults: &[(&str, &str)]) -> Vec<Problem> {
    let mut planted = XIAOYI.to_owned();
    for (text, fault) in faults {
        assert!(planted.contains(text), "the notice has no {text}");
        planted = planted.replacen(text, fault, 1);
    }
    Notice::parse("planted.toml", &planted).unwrap().check().problems
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
fn the_notices_compiled_in_leave_no_case_without_its_rows() {
    for notice in Notices::builtin().unwrap().iter() {
        let checked = notice.check();
        assert_eq!(checked.problems, vec![], "{}", notice.title());
        let notes: Vec<String> = checked.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes.len(), 4, "{notes:#?}");
        assert!(
            notes[0].ends_with("window: nobody ordinary can pay from 2025-10-26 to 2025-10-31"),
            "{notes:#?}"
        );
    }
}

#[test]
fn what_is_declared_and_never_used_is_found() {
    let problems = found_before_serving(&[
        (
            "[[group]]",
            "[[group]]\nname = \"重点人群\"\nof = [\"残疾人员\"]\nclause = [\"XY26-15\"]\n[[group]]",
        ),
        ("event = [\"职工医保中断\"", "event = [\"迁入\", \"职工医保中断\""),
        ("option = [\"2026年\"", "option = [\"预缴\", \"2026年\""),
        ("what = [\"我的缴费记录\"", "what = [\"参保证明\", \"我的缴费记录\""),
        (
            "[wait.ordinary]",
            "[wait.long]\nfixed_months = 6\nmonths_per_missed_year = 0\nfree_missed_years = 0\n\
             count_missed_from = \"any\"\nends = \"day-after\"\nclause = [\"XY26-41\"]\n[wait.ordinary]",
        ),
    ]);
    for entry in
        ["group 重点人群", "words.event 迁入", "words.option 预缴", "words.what 参保证明", "wait long"]
    {
        assert_found(&problems, entry, None, "is used by no entry; use it or take it out");
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
}

#[test]
fn a_payer_and_a_reading_left_empty_are_found() {
    let problems = found_before_serving(&[
        ("payer = \"财政(残联申请)\"", "payer = \"\""),
        ("reading = \"3个月\"\n", "reading = \" \"\n"),
    ]);
    assert_found(&problems, "aid disabled.payer", None, "is empty; write what the notice says");
    assert_found(&problems, "open A-29.reading", None, "is empty");
}

#[test]
fn two_rows_that_say_different_things_of_one_case_are_found() {
    let again = "[[aid]]\nid = \"extreme-again\"\nwhen = { identity = \"特困人员\" }\namount = \"300\"\n\
                 payer = \"医疗救助资金\"\nclause = [\"XY26-06\"]\n[settled]";
    let problems = found_before_serving(&[("[settled]", again)]);
    assert_found(&problems, "aid extreme-again", Some("XY26-06"), "says otherwise than aid extreme");
}

#[test]
fn aid_above_the_standard_is_found() {
    let text = "amount = \"a person must decide\"\npayer";
    let problems = found_before_serving(&[(text, "amount = \"400.01\"\npayer")]);
    assert_found(&problems, "aid veteran", Some("XY26-13"), "400.01 is more than any personal standard");
}

#[test]
fn a_rate_that_is_not_the_amount_or_no_whole_number_of_fen_is_found() {
    let text = "amount = \"a person must decide\"\npayer";
    let problems = found_before_serving(&[(text, "amount = \"100\"\nrate = \"20%\"\npayer")]);
    assert_found(
        &problems,
        "aid veteran",
        Some("XY26-13"),
        "100.00 is not its rate of any personal standard",
    );
    let odd = ("part = \"personal\"\nfor = \"any\"", "part = \"personal\"\nfor = \"birth-year\"");
    let amount = ("amount = \"0\"", "amount = \"0.01\"");
    let problems = found_before_serving(&[odd, amount, (text, "rate = \"33%\"\npayer")]);
    assert_found(
        &problems,
        "aid veteran",
        Some("XY26-13"),
        "0.01 is no whole number of fen; give the amount",
    );
}

#[test]
fn a_row_that_is_for_nobody_is_found() {
    // Conditions that exclude each other.
    let problems = found_before_serving(&[
        ("when = { window = \"补缴\" }\nunless", "when = { window = \"补缴\", late = false }\nunless"),
        ("counts = { kind = [", "counts = { grade = 9, kind = ["),
    ]);
    assert_found(&problems, "refuse assess", Some("XY26-38"), "is for nobody");
    assert_found(&problems, "identity 市属改制企业职工", Some("XY26-12"), "is for nobody");
    assert_found(&problems, "aid enterprise", Some("XY26-12"), "is for nobody");
    // A row above takes every case.
    let all = ("id = \"newborn\"\nwhen = { window = \"新生儿出生当年\" }\nstart", "id = \"newborn\"\nstart");
    let problems = found_before_serving(&[all]);
    for (entry, clause) in
        [("benefit exit", "XY26-45"), ("benefit wait", "XY26-41"), ("benefit in-window", "XY26-29")]
    {
        assert_found(&problems, entry, Some(clause), "the rows above it take every case");
    }
    // A window of which no day is left.
    let none = ("to = { from = \"event\", months = 3 }", "to = { from = \"event\", days = -1 }");
    let problems = found_before_serving(&[none]);
    assert_found(&problems, "window 退出其他保障", Some("XY26-43"), "is for nobody");
}

#[test]
fn a_case_without_its_row_is_found_and_described() {
    for (text, fault, table, cell) in [
        (
            "name = \"城乡居民\"\n",
            "name = \"城乡居民\"\nwhen = { student = \"none\" }\n",
            "class",
            "student = ",
        ),
        (
            "id = \"standard\"\npart",
            "id = \"standard\"\nwhen = { history = \"renewing\" }\npart",
            "price",
            "last_covered = 2024",
        ),
        (
            "when = { late = false }",
            "when = { late = false, history = \"renewing\" }",
            "benefit",
            "last_covered = ",
        ),
        (
            "id = \"other\"\ndecide",
            "id = \"other\"\nwhen = { ground = \"新增困难群体\" }\ndecide",
            "refund",
            "ground = ",
        ),
    ] {
        let problems = found_before_serving(&[(text, fault)]);
        assert_found(&problems, table, None, "no row holds for ");
        assert_found(&problems, table, None, cell);
    }
}

#[test]
fn a_window_in_which_nobody_gets_a_benefit_is_found() {
    let later = ("start = { from = \"paid\", days = 1 }", "start = { from = \"paid\", months = 12 }");
    let problems = found_before_serving(&[later]);
    assert_found(&problems, "window 退出其他保障", Some("XY26-43"), "has no day of benefit in the year");
}

#[test]
fn a_late_window_that_overlaps_the_common_one_is_found() {
    let early =
        ("late = true\nfrom = { from = \"集中参保缴费期.to\", days = 1 }", "late = true\nfrom = 2026-02-25");
    let problems = found_before_serving(&[early]);
    assert_found(&problems, "window 补缴", Some("XY26-38"), "is late, but overlaps window 集中参保缴费期");
}

#[test]
fn a_year_whose_holidays_are_not_known_is_found() {
    let problems = found_before_serving(&[("from = 2025-10-21", "from = 2018-10-21")]);
    assert_found(&problems, "notice", None, "the calendar has none of 2018; add that year's holidays");
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
    assert_found(&problems, "refuse cash", Some("XZ26-28"), "no declared document");
    let problems = planted("[\"XY26-28\"]", "[\"XY26-77\"]");
    assert_found(&problems, "refuse cash", Some("XY26-77"), "which has 76");
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
    assert_found(&problems, "refuse cash", None, "\"A-99\" is no declared open point");
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
    assert!(text.contains("first.toml: refuse cash (XZ26-28): "), "{text}");
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
