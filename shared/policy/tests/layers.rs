//! Layers and versions: what stands over what, which version had to be applied, and what is told when it does not fit.
#![allow(clippy::unwrap_used)]

mod asked;

use std::fs;

use canbao_policy::{Facts, Notice, Notices, Problem, Stated};
use canbao_types::{CoverYear, Date, Division};

const COUNTY: &str = "190101-2026";

/// The files of the layers, by name and text.
fn files() -> Vec<(String, String)> {
    let names = fs::read_dir(asked::file("tests/kinds")).unwrap().map(|file| file.unwrap().file_name());
    let names = names.filter_map(|name| Some(name.to_str()?.to_owned()));
    let mut layers: Vec<String> =
        names.filter(|name| name.starts_with("19") && name.ends_with(".toml")).collect();
    layers.sort();
    layers.into_iter().map(|name| (name.clone(), asked::text(&format!("tests/kinds/{name}")))).collect()
}

/// The files with a text of one of them replaced.
fn replaced(name: &str, text: &str, by: &str) -> Vec<(String, String)> {
    let mut files = files();
    let (_, whole) = files.iter_mut().find(|(file, _)| *file == format!("{name}.toml")).unwrap();
    assert!(whole.contains(text), "{name} has no {text}");
    *whole = whole.replacen(text, by, 1);
    files
}

fn problems(files: &[(String, String)]) -> Vec<Problem> {
    Notices::default().with(files).unwrap_err().0
}

fn assert_told(problems: &[Problem], file: &str, entry: &str, what: &str) {
    let told = |problem: &Problem| {
        problem.file == format!("{file}.toml") && problem.entry == entry && problem.what.contains(what)
    };
    assert!(problems.iter().any(told), "no problem of {file}, {entry} says {what:?} among {problems:#?}");
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn county() -> Division {
    "190101".parse().unwrap()
}

fn year() -> CoverYear {
    CoverYear::new(2026).unwrap()
}

/// The file on top of the version for payments on one day, as it was known on another.
fn version(notices: &Notices, in_force_on: &str, known_on: &str) -> Option<String> {
    let notice = notices.version(county(), year(), day(in_force_on), day(known_on));
    notice.map(|notice| notice.stem().to_owned())
}

/// The last day of the common window for somebody who pays on its first.
fn last_day(notice: &Notice) -> Date {
    let facts = Facts {
        cover_year: Some(year()),
        birth: Some(day("1990-06-15")),
        identities: Some(Vec::new()),
        events: Some(Vec::new()),
        paid: Some(day("2025-10-01")),
        ..Facts::default()
    };
    notice.pay(&facts).window.unwrap().days.unwrap().1
}

#[test]
fn layers_are_found_in_whatever_order_the_files_are_given() {
    let mut files = files();
    for _ in 0..files.len() {
        files.rotate_left(1);
        let notices = Notices::default().with(&files).unwrap();
        let newest = notices.find(county(), year()).unwrap();
        let layers: Vec<&str> = newest.layers().iter().map(|name| &**name).collect();
        let all = ["190000-2026", "190100-2026", COUNTY, "190101-2026-extended", "190101-2026-relief"];
        assert_eq!(layers, all);
    }
}

#[test]
fn layers_are_found_among_the_notices_given_before() {
    let (beneath, above): (Vec<_>, Vec<_>) =
        files().into_iter().partition(|(name, _)| name == "190000-2026.toml" || name == "190100-2026.toml");
    let notices = Notices::builtin().unwrap().with(&beneath).unwrap().with(&above).unwrap();
    assert_eq!(notices.find(county(), year()).unwrap().stem(), "190101-2026-relief");
    assert_eq!(notices.find("190199".parse().unwrap(), year()).unwrap().stem(), "190100-2026");
}

#[test]
fn a_layer_given_anew_changes_what_stands_over_it() {
    let notices = Notices::default().with(&files()).unwrap();
    let province = replaced("190000-2026", "rate = \"100%\"", "rate = \"90%\"");
    let province: Vec<_> = province.into_iter().filter(|(name, _)| name == "190000-2026.toml").collect();
    let changed = notices.with(&province).unwrap();
    let facts = Facts {
        paid: Some(day("2025-11-10")),
        cover_year: Some(year()),
        birth: Some(day("1990-06-15")),
        events: Some(Vec::new()),
        identities: Some(vec![serde_json::from_str(r#"{"name": "特困人员"}"#).unwrap()]),
        ..Facts::default()
    };
    let said = changed.find(county(), year()).unwrap().pay(&facts);
    assert_eq!(said.due, Some(Stated::Is("39".parse().unwrap())));
    assert_eq!(changed.versions().count(), 4);
}

#[test]
fn a_layer_is_not_served_by_itself() {
    let notices = Notices::default().with(&files()).unwrap();
    assert!(notices.find("190200".parse().unwrap(), year()).is_none());
    let (name, text) = files().into_iter().find(|(name, _)| name == "190000-2026.toml").unwrap();
    let told = Notice::parse(&name, &text).unwrap_err().0;
    assert_told(&told, "190000-2026", "notice", "serves beneath others only");
}

#[test]
fn the_newest_version_is_found_and_each_notice_is_listed_once() {
    let notices = Notices::default().with(&files()).unwrap();
    let listed: Vec<&str> = notices.iter().map(Notice::stem).collect();
    assert_eq!(listed, ["190100-2026", "190101-2026-relief"]);
    assert_eq!(notices.versions().count(), 4);
}

#[test]
fn the_version_of_a_day_is_that_known_by_then_and_in_force_on_it() {
    let notices = Notices::default().with(&files()).unwrap();
    // Before the extension was published nobody could apply it, whatever day was asked for.
    assert_eq!(version(&notices, "2026-01-15", "2025-12-19").unwrap(), COUNTY);
    assert_eq!(version(&notices, "2026-01-15", "2025-12-20").unwrap(), "190101-2026-extended");
    // Published, but for payments from 1 January on only.
    assert_eq!(version(&notices, "2025-12-31", "2025-12-31").unwrap(), COUNTY);
    assert_eq!(version(&notices, "2026-01-01", "2025-12-31").unwrap(), "190101-2026-extended");
    // In force for two months.
    assert_eq!(version(&notices, "2026-03-09", "2026-12-31").unwrap(), "190101-2026-extended");
    assert_eq!(version(&notices, "2026-03-10", "2026-03-04").unwrap(), "190101-2026-extended");
    assert_eq!(version(&notices, "2026-03-10", "2026-03-05").unwrap(), "190101-2026-relief");
    assert_eq!(version(&notices, "2026-05-09", "2026-12-31").unwrap(), "190101-2026-relief");
    assert_eq!(version(&notices, "2026-05-10", "2026-12-31").unwrap(), "190101-2026-extended");
}

#[test]
fn each_day_has_the_version_that_is_in_force_on_it() {
    let notices = Notices::default().with(&files()).unwrap();
    let stretches = notices.stretches(county(), year());
    let told = stretches.iter().map(|stretch| (stretch.from, stretch.to, stretch.notice.stem()));
    let expected = [
        (None, Some("2025-12-31"), COUNTY),
        (Some("2026-01-01"), Some("2026-03-09"), "190101-2026-extended"),
        (Some("2026-03-10"), Some("2026-05-09"), "190101-2026-relief"),
        (Some("2026-05-10"), None, "190101-2026-extended"),
    ];
    let expected = expected.map(|(from, to, name)| (from.map(day), to.map(day), name));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    for stretch in stretches {
        for on in [stretch.from, stretch.to].into_iter().flatten() {
            assert!(stretch.contains(on));
            let found = notices.in_force(county(), year(), on).unwrap();
            assert_eq!(found.stem(), stretch.notice.stem());
        }
    }
}

#[test]
fn a_notice_without_versions_applies_to_every_day() {
    let notices = Notices::builtin().unwrap();
    let stretches = notices.stretches("141181".parse().unwrap(), year());
    let [stretch] = &stretches[..] else { panic!("{stretches:?}") };
    assert_eq!((stretch.from, stretch.to), (None, None));
    assert!(notices.stretches(county(), year()).is_empty());
}

#[test]
fn a_window_is_longer_once_its_extension_is_known() {
    let notices = Notices::default().with(&files()).unwrap();
    let ends =
        |known: &str| last_day(notices.version(county(), year(), day("2026-01-15"), day(known)).unwrap());
    assert_eq!(ends("2025-12-19"), day("2025-12-31"));
    assert_eq!(ends("2025-12-20"), day("2026-02-28"));
}

#[test]
fn a_ruling_cites_the_document_of_the_layer_that_decides() {
    let notices = Notices::default().with(&files()).unwrap();
    let notice = notices.find(county(), year()).unwrap();
    assert_eq!(notice.file_of("price standard"), "190101-2026.toml");
    assert_eq!(notice.file_of("aid minimum"), "190100-2026.toml");
    assert_eq!(notice.file_of("aid extreme"), "190000-2026.toml");
    assert_eq!(notice.file_of("window 集中缴费期"), "190101-2026-extended.toml");
    assert_eq!(notice.file_of("window 补缴期"), "190100-2026.toml");
}

#[test]
fn a_fault_is_told_of_the_file_its_entry_stands_in() {
    let told = problems(&replaced("190000-2026", "identity = \"特困人员\"", "identity = \"特困\""));
    assert_told(&told, "190000-2026", "aid extreme", "write one of 特困人员, 低保对象");
    let told = problems(&replaced("190100-2026", "rate = \"75%\"", "rate = \"175%\""));
    assert_told(&told, "190100-2026", "aid minimum", "is no percentage");
}

/// Faults of layers: a file, a text of it, what stands there instead, the entry of the problem, and what it says.
const FAULTS: [(&str, &str, &str, &str, &str); 12] = [
    (COUNTY, "\"190100-2026\"", "\"190100-2025\"", "notice", "\"190100-2025\", which is not there"),
    (COUNTY, "[\"190100-2026\"]", "\"190100-2026\"", "notice", "put it in brackets"),
    (COUNTY, "[\"190100-2026\"]", "[190100]", "notice", "names no file"),
    (
        "190000-2026",
        "layer = true",
        "layer = true\nover = [\"190101-2026\"]",
        "notice",
        "goes round in a circle",
    ),
    (COUNTY, "after = \"集中缴费期\"", "after = \"集中期\"", "window 退出职工医保", "no such row of window"),
    (
        COUNTY,
        "after = \"集中缴费期\"",
        "after = \"集中缴费期\"\nbefore = \"补缴期\"",
        "window 退出职工医保",
        "or both are said",
    ),
    (COUNTY, "format = 1", "format = 2", "format", "write the same"),
    ("190100-2026", "entry = \"duplicate\"", "entry = \"twice\"", "strike 1", "no layer beneath has"),
    ("190100-2026", "[[strike]]", "[[superseded]]", "superseded", "take it out"),
    ("190101-2026-extended", "in_force = 2026-01-01\n", "", "notice", "amends a notice without saying when"),
    ("190101-2026-extended", "published = 2025-12-20\n", "", "notice", "amends a notice without saying when"),
    ("190101-2026-relief", "from = 2026-03-10", "from = 2026-06-10", "notice", "does not fit `in_force`"),
];

#[test]
fn every_fault_of_a_layer_is_told() {
    for (file, text, fault, entry, what) in FAULTS {
        let told = problems(&replaced(file, text, fault));
        assert_told(&told, file, entry, what);
        let repeated = told.iter().zip(1..).find(|(problem, next)| told[*next..].contains(problem));
        assert_eq!(repeated, None);
        for problem in &told {
            assert!(problem.what.contains("; "), "{fault:?} is told without what to do: {}", problem.what);
        }
    }
}

#[test]
fn a_single_file_does_not_say_where_its_rows_stand() {
    let (name, text) = files().into_iter().find(|(name, _)| name == "190100-2026.toml").unwrap();
    let alone = text.replacen("over = [\"190000-2026\"]", "", 1).replacen(
        "id = \"standard\"",
        "id = \"standard\"\nbefore = \"child\"",
        1,
    );
    assert_told(&Notice::parse(&name, &alone).unwrap_err().0, "190100-2026", "price standard", "before");
}
