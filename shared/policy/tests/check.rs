//! The checks of a notice file, each with a planted fault.
#![allow(clippy::unwrap_used)]

mod faults;

use canbao_policy::{Notice, Notices, Problem};

use faults::{FAULTS, FAULTS_BEFORE_SERVING};

const XIAOYI: &str = include_str!("../notices/141181-2026.toml");

/// The problems of the notice with one text replaced.
fn planted(text: &str, fault: &str) -> Vec<Problem> {
    assert!(XIAOYI.contains(text), "the notice has no {text}");
    let planted = XIAOYI.replacen(text, fault, 1);
    let problems = Notice::parse("planted.toml", &planted).unwrap_err().0;
    problems.iter().for_each(|problem| assert_lines(problem, &planted));
    problems
}

/// The lines of a problem are those where entries of its table begin.
fn assert_lines(problem: &Problem, file: &str) {
    let table = problem.entry.split(' ').next().unwrap();
    for line in &problem.lines {
        let text = file.lines().nth(line - 1).unwrap();
        let text = text.trim_start_matches('[');
        assert!(text.starts_with(table), "{problem}: line {line} is {text:?}");
    }
}

/// The problems found before serving in the notice with texts replaced, which reading it does not find.
fn found_before_serving(faults: &[(&str, &str)]) -> Vec<Problem> {
    let mut planted = XIAOYI.to_owned();
    for (text, fault) in faults {
        assert!(planted.contains(text), "the notice has no {text}");
        planted = planted.replacen(text, fault, 1);
    }
    let problems = Notice::parse("planted.toml", &planted).unwrap().check().problems;
    problems.iter().for_each(|problem| assert_lines(problem, &planted));
    problems
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
fn a_problem_names_the_line_in_which_its_entry_begins() {
    let line = |text: &str| XIAOYI.lines().position(|line| line == text).unwrap() + 1;
    let told = |text: &str, fault: &str| {
        planted(text, fault)
            .iter()
            .map(|problem| (problem.entry.clone(), problem.lines.clone()))
            .collect::<Vec<_>>()
    };
    // The table is the line above its name.
    let minimum = line("id = \"minimum\"") - 1;
    let wrong = told("id = \"minimum\"", "id = \"minimum\"\nwho = \"nobody\"");
    assert_eq!(wrong, [("aid minimum".to_owned(), vec![minimum])]);
    let wait = line("[wait.ordinary]");
    let wrong = told("ends = \"corresponding-day\"", "ends = \"some-day\"");
    assert_eq!(wrong, [("wait ordinary".to_owned(), vec![wait])]);
    let line = wait.to_string();
    let problem = planted("ends = \"corresponding-day\"", "ends = \"some-day\"").remove(0).to_string();
    assert!(problem.starts_with(&format!("planted.toml, line {line}: wait ordinary")), "{problem}");
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
    }
}

#[test]
fn the_days_on_which_nobody_of_a_class_can_pay_are_told() {
    let closed = |division: &str, year: u16| {
        let notices = Notices::builtin().unwrap();
        let notice = notices.find(division.parse().unwrap(), year.try_into().unwrap()).unwrap().clone();
        let notes = notice.check().notes.into_iter().map(|note| note.what);
        notes.collect::<Vec<String>>()
    };
    let xiaoyi = [
        "2025-10-26 to 2025-10-31",
        "2025-11-26 to 2025-11-30",
        "2025-12-26 to 2025-12-31",
        "2026-01-26 to 2026-01-31",
    ];
    let xiaoyi =
        xiaoyi.map(|days| format!("nobody of 城乡居民 can pay from {days} without a window of their own"));
    assert_eq!(closed("141181", 2026), xiaoyi);
    // Pupils may pay a month before everybody else.
    let zhaoyuan =
        "nobody of 成年居民, 未成年居民 can pay from 2024-09-01 to 2024-09-30 without a window of their own";
    assert_eq!(closed("370685", 2025), [zhaoyuan]);
    assert_eq!(closed("371000", 2022), Vec::<String>::new());
}

#[test]
fn a_price_or_a_window_that_asks_for_an_identity_is_told_since_tax_knows_none() {
    const WEIHAI: &str = include_str!("../notices/371000-2022.toml");
    let told = |text: &str, by: &str| {
        assert!(WEIHAI.contains(text), "{text}");
        let notice = Notice::parse("planted.toml", &WEIHAI.replacen(text, by, 1)).unwrap();
        let notes = notice.check().notes.into_iter();
        let notes = notes.filter(|note| note.what.contains("which the tax bureau is not told"));
        notes.map(|note| note.entry).collect::<Vec<_>>()
    };
    assert_eq!(told("WH22", "WH22"), Vec::<String>::new());
    let of_identity = |when: &str| when.replace(" }", ", identity = \"困难人员\" }");
    let price = "part = \"personal\"\nwhen = { tier = \"一档\" }";
    let asked = format!(
        "{}\namount = \"40\"\nclause = [\"WH22-13\"]\n\n[[price]]\nid = \"general-1b\"\n{price}",
        of_identity(price)
    );
    assert_eq!(told(price, &asked), ["price general-1"]);
    let window = "when = { who = \"2022年起的新生儿\", history = \"new\" }";
    assert_eq!(told(window, &of_identity(window)), ["window 新生儿落地参保"]);
}

#[test]
fn every_planted_fault_is_found_with_its_entry_its_clause_and_what_to_do() {
    for (text, fault, entry, clause, remedy) in FAULTS {
        let problems = planted(text, fault);
        assert_found(&problems, entry, clause, remedy);
        for Problem { what, .. } in problems {
            assert!(what.contains("; "), "{fault:?} is told without what to do: {what}");
        }
    }
}

#[test]
fn a_share_that_cannot_be_read_is_told_once_with_what_was_meant() {
    for (fault, remedy) in [
        (
            "rate = \"50\"\nof = \"government_subsidy\"",
            "\"50\" is no percentage up to 100%; write it as \"50%\"",
        ),
        (
            "rate = \"60000\"\nof = \"government_subsidy\"",
            "\"60000\" is no percentage up to 100%; write a number of at most two decimals and %, such as",
        ),
        ("rate = \"0.125%\"\nof = \"government_subsidy\"", "write a number of at most two decimals"),
        ("of = \"government_subsidies\"", "is no part, published figure or amount"),
        ("amout = \"700\"", "did you mean \"amount\"?"),
        ("", "gives neither an `amount` nor a `rate` `of` something"),
        ("rate = \"50%\"", "gives neither an `amount` nor a `rate` `of` something"),
    ] {
        let problems = planted("of = \"government_subsidy\"", fault);
        let told: Vec<_> =
            problems.iter().filter(|problem| problem.entry == "price late-government").collect();
        assert!(matches!(told.as_slice(), [one] if one.what.contains(remedy)), "{fault:?}: {told:#?}");
    }
}

#[test]
fn chinese_quotation_marks_are_told_where_a_file_cannot_be_read_for_them() {
    let hint = "write \" in place of them";
    for fault in [
        "name = “城乡居民”",
        "name = ‘城乡居民’",
        "name = \"城乡居民”",
        "name = \"城乡居民\"\nclause = [“XY26-03”]",
        "“name” = \"城乡居民\"",
    ] {
        let problems = planted("name = \"城乡居民\"", fault);
        assert_found(&problems, "", None, hint);
    }
    let problems = planted("name = \"城乡居民\"", "name = \"城乡“居民”\"\nclause = [XY26-03]");
    assert!(!problems[0].what.contains(hint), "{}", problems[0]);
}

#[test]
fn every_fault_that_shows_only_when_the_notice_is_asked_is_found_before_it_serves() {
    for (text, fault, entry, clause, remedy) in FAULTS_BEFORE_SERVING {
        let problems = found_before_serving(&[(text, fault)]);
        assert_found(&problems, entry, clause, remedy);
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
fn more_words_than_a_notice_can_declare_are_found() {
    let many: Vec<String> = (0..61).map(|number| format!("\"事由{number}\"")).collect();
    let problems = planted(
        "option = [",
        &format!("papers = [\"甲\", \"乙\", \"丙\", \"丁\", {}]\noption = [", many.join(", ")),
    );
    assert_found(&problems, "", None, "more than 64 words");
}

#[test]
fn all_problems_of_all_files_are_told_together() {
    let first = XIAOYI.replacen("rate = \"80%\"", "rate = \"81%\"", 1).replacen("XY26-28", "XZ26-28", 1);
    let files = [("first.toml".to_owned(), first), ("second.toml".to_owned(), "format = 2".to_owned())];
    let problems = Notices::builtin().unwrap().with(&files).unwrap_err();
    let text = problems.to_string();
    assert!(text.contains("first.toml, line 353: aid minimum (XY26-07): `rate`"), "{text}");
    assert!(text.contains(": refuse cash (XZ26-28): "), "{text}");
    assert!(text.contains("second.toml: format: "), "{text}");
}

#[test]
fn a_later_file_replaces_the_notice_of_its_division_and_year() {
    let text = XIAOYI.replacen("title = \"孝义市2026", "title = \"(更正)孝义市2026", 1);
    let notices = Notices::builtin().unwrap().with(&[("new.toml".to_owned(), text)]).unwrap();
    let found = notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap();
    assert!(found.title().starts_with("(更正)"), "{}", found.title());
    assert_eq!(notices.iter().count(), Notices::builtin().unwrap().iter().count());
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
    assert_eq!(governs("370685"), None, "its notice is of another year");
    assert!(notices.find("141181".parse().unwrap(), 2027.try_into().unwrap()).is_none());
}
