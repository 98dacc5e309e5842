//! The command that answers a question about a notice, and the one that checks a notice file.

use std::{fs, path::PathBuf, process::Command};

use canbao_tests::program;
use serde_json::{Value, json};
use tempfile::TempDir;

const XIAOYI: &str = "141181-2026";

/// What a command said, and whether it succeeded.
struct Said {
    well: bool,
    out: String,
    err: String,
}

fn canbao(arguments: &[&str]) -> Said {
    let output = Command::new(program("canbao")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { well: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// A file in a folder that lives as long as the test.
fn file(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn of_the_policy(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/policy")).join(path)
}

/// An adult of the place, covered last year, who has registered.
fn adult() -> Value {
    json!({
        "cover_year": 2026, "birth": "1980-01-01", "record": "141181", "employee_scheme": "never",
        "last_covered": 2025, "identities": [], "events": [], "done": ["registration"], "cash": false, "funds": "own",
    })
}

fn ask(facts: &Value, more: &[&str]) -> Said {
    let folder = TempDir::new().unwrap();
    let facts = file(&folder, "facts.json", facts.to_string());
    canbao(&[&["rule", "--notice", XIAOYI, &facts], more].concat())
}

fn ruling(facts: &Value, more: &[&str]) -> Value {
    let said = ask(facts, more);
    assert!(said.well, "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn with(mut facts: Value, more: &Value) -> Value {
    facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    facts
}

#[test]
fn a_ruling_tells_what_is_due_from_when_there_are_benefits_and_why() {
    let said = ruling(&with(adult(), &json!({ "paid": "2025-11-10" })), &[]);
    assert_eq!(said["question"], "pay");
    assert_eq!((&said["refused"], &said["due"]), (&Value::Null, &json!("400.00")));
    assert_eq!((&said["start"], &said["end"]), (&json!("2026-01-01"), &json!("2026-12-31")));
    assert_eq!(said["because"]["start"][0]["clause"], "XY26-29");
    assert_eq!(said["because"]["window"][0]["open"], json!(["A-25", "A-26", "A-27"]));
}

#[test]
fn a_refusal_is_a_ruling_with_a_sentence_for_the_citizen() {
    let said = ruling(&with(adult(), &json!({ "paid": "2025-11-26" })), &[]);
    assert_eq!((&said["refused"], &said["next_day"]), (&json!("closed-day"), &json!("2025-12-01")));
    let message = said["reasons"][0]["message"].as_str().unwrap();
    assert!(!message.is_ascii(), "{message} is no Chinese");
}

#[test]
fn a_fact_that_was_not_given_and_could_decide_is_asked_for_by_name() {
    let facts = with(adult(), &json!({ "paid": "2025-11-10", "last_covered": null }));
    let said = ruling(&facts, &[]);
    assert_eq!(said["refused"], "needs-fact");
    assert_eq!(
        (&said["reasons"][0]["fact"], &said["reasons"][0]["row"]),
        (&json!("last_covered"), &json!("benefit wait"))
    );
}

#[test]
fn what_is_asked_for_is_named_by_the_key_to_give_it_under() {
    let unconfirmed = json!([{ "name": "低保对象" }]);
    for (facts, key) in [
        (json!({ "paid": "2025-11-10", "identities": null }), "identities"),
        (json!({ "paid": "2025-11-10", "identities": unconfirmed }), "identities[].confirmed"),
        (json!({ "paid": "2026-03-05", "events": null }), "events"),
    ] {
        assert_eq!(ruling(&with(adult(), &facts), &[])["reasons"][0]["fact"], key);
    }
}

#[test]
fn an_explained_ruling_is_the_same_ruling_beside_every_row_tried() {
    let facts = with(adult(), &json!({ "paid": "2025-11-10" }));
    let said = ruling(&facts, &["--explain=json"]);
    assert_eq!(said["ruling"], ruling(&facts, &[]));
    let tried =
        |row: &str| said["trace"].as_array().unwrap().iter().find(|tried| tried["row"] == row).cloned();
    assert_eq!(
        tried("benefit newborn"),
        Some(json!({ "row": "benefit newborn", "verdict": "fails", "fact": "window" }))
    );
    assert_eq!(tried("benefit in-window"), Some(json!({ "row": "benefit in-window", "verdict": "holds" })));
}

#[test]
fn an_explained_ruling_is_told_to_the_citizen_first_and_then_to_the_auditor() {
    let identities = json!([{ "name": "低保对象", "confirmed": true }]);
    let facts = with(adult(), &json!({ "paid": "2025-11-10", "identities": identities }));
    let said = ask(&facts, &["--explain"]);
    assert!(said.well, "{}", said.err);
    let (citizen, auditor) = said.out.split_once("── 逐条核对 ──").unwrap();
    let lines: Vec<&str> = citizen.lines().collect();
    let at = lines.iter().position(|line| *line == "为什么是80元？").unwrap();
    assert_eq!(
        lines[at + 1],
        "  个人缴费标准是400元。您是低保对象，医疗救助资金资助320元（80%），个人缴80元。"
    );
    assert!(lines[at + 2].starts_with("  依据：XY26-03、"), "{}", lines[at + 2]);
    assert!(citizen.contains("待明确 A-25 集中缴费期起始日：按“2025-10-21”办理"), "{citizen}");
    assert!(
        auditor.contains("适用    benefit in-window")
            && auditor.contains("不适用  benefit newborn（缴费期）")
    );
    let json = ruling(&facts, &["--explain=json"]);
    assert!(json["explanation"].as_array().unwrap().iter().any(|why| why["question"] == "为什么是80元"));
}

#[test]
fn an_answer_that_tried_no_row_has_no_heading_for_rows() {
    let said = ask(&json!({}), &["--question", "cap", "--explain"]);
    assert!(said.well && said.out.contains('？'), "{} {}", said.out, said.err);
    assert!(!said.out.contains("逐条核对"), "{}", said.out);
}

#[test]
fn the_question_stands_beside_the_facts_or_on_the_command_line() {
    let delay = json!({ "what": "参保人缴费查询", "channel": "counter", "success": "2025-11-03" });
    assert_eq!(ruling(&delay, &["--question", "delay"])["day"], "2025-11-10");
    assert_eq!(ruling(&json!({ "question": "delay", "facts": delay }), &[])["day"], "2025-11-10");
    let target =
        json!({ "question": "target", "facts": { "name": "整体参保率", "count": 9499, "of": 10000 } });
    let said = ruling(&target, &[]);
    assert_eq!((&said["met"], &said["share"]), (&json!(false), &json!("94.99%")));
    assert_eq!(ruling(&adult(), &["--question", "subsidy"])["government_subsidy"], "700.00");
    assert_eq!(ruling(&json!({}), &["--question", "cap"])["answer"], "not stated");
    let both = ask(&target, &["--question", "pay"]);
    assert!(!both.well && both.err.contains("--question says"), "{}", both.err);
}

#[test]
fn a_fact_that_nobody_knows_and_a_notice_that_is_not_there_are_told() {
    for (facts, told) in [
        (
            json!({ "shoe_size": 43 }),
            "\"shoe_size\" is no key that can stand here; write one of cover_year, birth, ",
        ),
        (json!({ "piad": "2025-11-10" }), "\"piad\" is no key that can stand here; did you mean \"paid\"?"),
        (
            json!({ "identities": [{ "nam": "低保对象" }] }),
            "identities[0]: \"nam\" is no key that can stand here; did",
        ),
        (
            json!({ "tier": "一档" }),
            "\"tier\" follows from other facts; write \"tier_asked\" for the one asked for",
        ),
        (json!({ "late": true }), "\"late\" follows from other facts, and is not given"),
        (json!({ "identity": "低保对象" }), "\"identity\" is written \"identities\""),
        (
            json!({ "student": "collage" }),
            "student: \"collage\" is no word that can stand here; did you mean",
        ),
    ] {
        let said = ask(&with(adult(), &facts), &[]);
        assert!(!said.well && said.err.contains(told), "{}", said.err);
    }
    let said = ask(&json!({ "question": "pya", "facts": {} }), &[]);
    assert!(said.err.contains("\"pya\" is no question; did you mean \"pay\"?"), "{}", said.err);
    let folder = TempDir::new().unwrap();
    let facts = file(&folder, "facts.json", "{}");
    let said = canbao(&["rule", "--notice", "141181-2027", &facts]);
    assert!(
        !said.well && said.err.contains("there is no notice 141181-2027; give 370685-2025"),
        "{}",
        said.err
    );
}

#[test]
fn a_fact_that_cannot_be_read_is_told_with_its_field() {
    for (facts, field) in [
        (json!({ "paid": "2025-13-01" }), "paid: "),
        (json!({ "identities": [{ "name": "低保对象", "confirmed": "yes" }] }), "identities[0].confirmed: "),
        (json!({ "record": "here" }), "record: "),
    ] {
        let said = ask(&with(adult(), &facts), &[]);
        assert!(!said.well && said.err.contains(field), "{facts}: {}", said.err);
    }
}

#[test]
fn a_word_that_the_notice_does_not_know_is_refused_with_the_words_it_knows() {
    for (facts, told) in [
        (
            json!({ "identities": [{ "name": "低保户" }] }),
            "identities[0].name: the notice does not know \"低保户\"",
        ),
        (json!({ "identities": [{ "name": "市属改制企业职工", "kind": "改制" }] }), "identities[0].kind: "),
        (json!({ "events": [{ "kind": "失业", "date": "2026-03-01" }] }), "events[0].kind: "),
        (json!({ "option": "特殊" }), "it knows 2026年, 特殊缴费"),
        (json!({ "ground": "搬家" }), "ground: "),
    ] {
        let said = ask(&with(adult(), &facts), &[]);
        assert!(!said.well && said.out.is_empty() && said.err.contains(told), "{facts}: {}", said.err);
    }
}

#[test]
fn the_schemas_know_every_fact_and_every_value_of_a_ruling() {
    let said = canbao(&["rule", "--schema"]);
    let schemas: Value = serde_json::from_str(&said.out).unwrap();
    for fact in adult().as_object().unwrap().keys() {
        assert!(schemas["facts"]["properties"][fact]["description"].is_string(), "{fact}");
    }
    assert_eq!(schemas["facts"]["additionalProperties"], false);
    for (name, schema) in schemas.as_object().unwrap() {
        let one: Value = serde_json::from_str(&canbao(&["rule", "--schema", name]).out).unwrap();
        assert_eq!(one, *schema, "{name}");
    }
    let answer = ruling(&with(adult(), &json!({ "paid": "2025-11-10" })), &[]);
    let paying = &schemas["ruling"]["$defs"]["Paying"]["properties"];
    for key in answer.as_object().unwrap().keys().filter(|key| *key != "question") {
        assert!(paying[key]["description"].is_string(), "{key}");
    }
}

#[test]
fn a_case_answered_otherwise_fails_and_says_where() {
    let facts = with(adult(), &json!({ "paid": "2025-11-10" }));
    let mut without_events = facts.clone();
    without_events.as_object_mut().unwrap().remove("events");
    let unconfirmed = with(facts.clone(), &json!({ "identities": [{ "name": "低保对象" }] }));
    let of = |notice: Option<&str>, id: &str, question: &str, facts: &Value, expected: Value| {
        let step = json!({ "question": question, "facts": facts, "expected": expected });
        json!({ "id": id, "notice": notice, "status": "ruling", "steps": [step] })
    };
    let case = |id: &str, facts: &Value, expected| of(Some(XIAOYI), id, "pay", facts, expected);
    let on_dates = json!({ "from": "2026-01-31", "months": 3, "days": 90 });
    let cap = json!({ "n": 5, "zero": 0 });
    let cases = json!([
        case("right", &without_events, json!({ "due": "400", "refused": null, "warns": [] })),
        case("unconfirmed", &unconfirmed, json!({ "due": "400", "aid": null, "counts": [false] })),
        of(None, "dates", "date", &on_dates, json!({ "months": "2026-04-30", "days": "2026-05-01" })),
        case("amount", &facts, json!({ "due": "401", "start": "2026-01-01" })),
        case("key", &facts, json!({ "luck": "good" })),
        case("fact", &json!({ "shoe_size": 43 }), json!({ "due": "400" })),
        of(Some("370685-2026"), "elsewhere", "pay", &facts, json!({ "due": "400" })),
        json!({ "id": "unreadable", "notice": XIAOYI }),
        of(Some(XIAOYI), "silent", "cap", &cap, json!({ "delta": "3000" })),
    ]);
    judged(
        &cases,
        &[
            "amount step 1, due: said \"400.00\", expected \"401\"",
            "key step 1, expected: \"luck\" is no key of an answer to pay; write one of ",
            "FILE: fact step 1, facts: \"shoe_size\" is no key that can stand here; write one of ",
            "FILE: elsewhere step 1, there is no notice 370685-2026",
            "FILE: unreadable: missing field `steps`",
            "silent step 1, delta: said \"not stated\", expected \"3000\"",
            "3 right of 9",
        ],
    );
}

/// Asks cases of which not all are right; what is told, line by line, begins so. `FILE` stands for the name of the file.
fn judged(cases: &Value, expected: &[&str]) {
    let folder = TempDir::new().unwrap();
    let file = file(&folder, "cases.json", cases.to_string());
    let said = canbao(&["rule", "--cases", &file]);
    assert!(!said.well);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{}", said.out);
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(&expected.replacen("FILE", &file, 1)), "{line}");
    }
}

/// Cases of one notice, of an adult as usual.
fn of_xiaoyi(cases: &Value) -> Value {
    json!({ "notice": XIAOYI, "usual": adult(), "cases": cases })
}

#[test]
fn a_key_that_a_case_cannot_have_is_told_with_file_case_and_step_and_the_one_that_was_meant() {
    let step =
        |more: Value| with(json!({ "question": "pay", "facts": {}, "expected": { "due": "400" } }), &more);
    let paid = json!({ "paid": "2025-11-10" });
    let unknown = json!([{ "name": "低保户", "confirmed": true }]);
    let cases = of_xiaoyi(&json!([
        { "id": "right", "situation": "成年居民", "because": "XY26-03", "steps": [step(json!({ "facts": paid }))] },
        { "id": "case", "stesp": [], "steps": [] },
        { "id": "step", "steps": [step(json!({})), step(json!({ "expect": { "due": "1" } }))] },
        { "id": "fact", "steps": [step(json!({ "facts": { "piad": "2025-11-10" } }))] },
        { "id": "held", "steps": [step(json!({ "facts": { "identities": [{ "nam": "低保对象" }] } }))] },
        { "id": "question", "steps": [step(json!({ "question": "pya" }))] },
        { "id": "point", "steps": [step(json!({ "reading": ["B-25", 0] }))] },
        { "id": "number", "steps": [step(json!({ "reading": ["A-25", 9] }))] },
        { "id": "answer", "steps": [step(json!({ "facts": paid, "expected": { "windwo": null } }))] },
        { "id": "word", "steps": [step(json!({ "facts": { "identities": unknown }, "expected": { "due": "80" } }))] },
    ]));
    judged(
        &cases,
        &[
            "FILE: case: \"stesp\" is no key that can stand here; did you mean \"steps\"?",
            "FILE: step step 2, \"expect\" is no key that can stand here; did you mean \"expected\"?",
            "FILE: fact step 1, facts: \"piad\" is no key that can stand here; did you mean \"paid\"?",
            "FILE: held step 1, facts: identities[0]: \"nam\" is no key that can stand here; did you mean \"name\"?",
            "FILE: question step 1, question: \"pya\" is no question; did you mean \"pay\"?",
            "FILE: point step 1, reading: \"B-25\" is no open point of the notice; did you mean \"A-25\"?",
            "FILE: number step 1, reading: A-25 has 1 under `other`, numbered from 0; there is no 9",
            "answer step 1, expected: \"windwo\" is no key of an answer to pay; did you mean \"window\"?",
            "word step 1, due: said \"400.00\", expected \"80\"",
            "word step 1, facts: identities[0].name: the notice does not know \"低保户\"; it knows ",
            "1 right of 10",
        ],
    );
}

#[test]
fn a_key_that_a_file_of_cases_cannot_have_is_told() {
    for (wrong, told) in [
        (json!({ "usul": {} }), "\"usul\" is no key that can stand here; did you mean \"usual\"?"),
        (
            json!({ "usual": { "hukuo": "none" } }),
            "usual: \"hukuo\" is no key that can stand here; did you mean \"hukou\"?",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        let file = file(&folder, "cases.json", with(of_xiaoyi(&json!([])), &wrong).to_string());
        let said = canbao(&["rule", "--cases", &file]);
        assert!(!said.well && said.err.contains(&format!("{file}: {told}")), "{}", said.err);
    }
}

#[test]
fn nothing_can_be_expected_of_a_key_that_an_answer_leaves_out() {
    let facts = json!({ "what": "参保人缴费查询", "channel": "counter", "success": "2025-11-03" });
    let steps = json!([
        { "question": "delay", "facts": facts, "expected": { "day": "2025-11-10", "refused": null } },
        { "question": "subsidy", "facts": {}, "expected": { "government_subsidy": "700", "of_year": null } },
    ]);
    let folder = TempDir::new().unwrap();
    let cases = of_xiaoyi(&json!([{ "id": "null", "steps": steps }]));
    let said = canbao(&["rule", "--cases", &file(&folder, "cases.json", cases.to_string())]);
    assert!(said.well, "{}{}", said.out, said.err);
}

#[test]
fn every_file_of_worked_cases_is_answered_right() {
    for file in fs::read_dir(of_the_policy("cases")).unwrap() {
        let path = file.unwrap().path();
        let said = canbao(&["rule", "--cases", path.to_str().unwrap()]);
        assert!(said.well, "{}: {}{}", path.display(), said.out, said.err);
        let (right, of) = said.out.lines().last().unwrap().split_once(" right of ").unwrap();
        assert!(right == of && of.parse::<u32>().unwrap() > 60, "{}: {right} of {of}", path.display());
    }
}

#[test]
fn a_sound_notice_file_is_told_so_and_every_problem_of_another_is_told() {
    let path = of_the_policy("notices/141181-2026.toml");
    let said = canbao(&["notice", "check", path.to_str().unwrap()]);
    assert!(said.well, "{}", said.err);
    let last = said.out.lines().last().unwrap();
    assert!(last.starts_with("141181-2026 ") && last.contains("sound"), "{}", said.out);
    let notes = said.out.lines().count() - 1;
    assert!(said.out.lines().take(notes).all(|line| line.starts_with("note: ")), "{}", said.out);
    let compiled_in = canbao(&["notice", "check", XIAOYI]);
    assert_eq!(compiled_in.out.lines().last(), Some(last), "{}", compiled_in.err);
    let text = fs::read_to_string(&path).unwrap();
    let faults = text.replacen("rate = \"80%\"", "rate = \"81%\"", 1).replacen("XY26-28", "XZ26-28", 1);
    let folder = TempDir::new().unwrap();
    let said = canbao(&["notice", "check", &file(&folder, "faults.toml", faults)]);
    assert!(!said.well && said.out.is_empty(), "{}", said.out);
    for told in ["faults.toml, line ", ": aid minimum (XY26-07): ", "(XZ26-28): "] {
        assert!(said.err.contains(told), "{}", said.err);
    }
}

/// The notice of a county that stands over a city and a province, on the command line.
fn of_a_county(name: &str, more: &[&str]) -> Said {
    let folder = TempDir::new().unwrap();
    let facts = json!({
        "cover_year": 2026, "birth": "1990-06-15", "employee_scheme": "never", "last_covered": 2025, "identities": [],
        "events": [], "enrolled_elsewhere": false, "paid": "2026-01-15",
    });
    let facts = file(&folder, "facts.json", facts.to_string());
    let notice = of_the_policy("tests/kinds").join(name);
    canbao(&[&["rule", "--notice", notice.to_str().unwrap(), &facts], more].concat())
}

#[test]
fn a_notice_finds_its_layers_beside_it() {
    let said = of_a_county("190101-2026.toml", &[]);
    assert!(said.well, "{}", said.err);
    let ruling: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&ruling["due"], &ruling["late"]), (&json!("390.00"), &json!(true)));
}

#[test]
fn the_version_of_a_day_is_asked_as_it_was_known() {
    let late = |in_force: &str, known: &str| {
        let said = of_a_county("190101-2026.toml", &["--in-force", in_force, "--known", known]);
        assert!(said.well, "{}", said.err);
        serde_json::from_str::<Value>(&said.out).unwrap()["late"].clone()
    };
    assert_eq!(late("2026-01-15", "2025-12-19"), json!(true));
    assert_eq!(late("2026-01-15", "2025-12-20"), json!(false));
    let said = of_a_county("190101-2026.toml", &["--in-force", "2026-01-15"]);
    assert!(!said.well && said.err.contains("--known"), "{}", said.err);
}
