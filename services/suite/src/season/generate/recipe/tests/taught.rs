//! The page that teaches how to write a recipe leaves no act, no key and no word of one out.

use std::collections::BTreeSet;

use super::super::*;
use crate::season::words::{
    Caller, EmployeeScheme, EndCause, RefundWay, Scheme, Sex, Student, Unemployment, Way,
};

const PAGE: &str = include_str!("../../../../../../../shared/policy/README.md");

/// The part of the page that is about recipes.
fn section() -> &'static str {
    let (_, behind) = PAGE.split_once("\n## Recipes\n").unwrap();
    behind.split_once("\n## ").map_or(behind, |(section, _)| section)
}

/// Whether a text writes a word as code.
fn names(text: &str, word: &str) -> bool {
    let code = text.split('`').skip(1).step_by(2);
    let marks = |c: char| !(c.is_alphanumeric() || c == '_' || c == '-');
    code.flat_map(|code| code.split(marks)).any(|code| code == word)
}

/// What a reader expects in place of something that it does not know.
fn expected(wrong: &str) -> Vec<String> {
    let (_, expected) = wrong.split_once(", expected ").unwrap_or_else(|| panic!("{wrong}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys of a table.
fn keys<T: DeserializeOwned>() -> Vec<String> {
    let nonsense = Table::from_iter([("?".to_owned(), Value::Boolean(true))]);
    expected(&Value::Table(nonsense).try_into::<T>().err().unwrap().to_string())
}

/// The words of a list.
fn words<T: DeserializeOwned>() -> Vec<String> {
    expected(&Value::String("?".to_owned()).try_into::<T>().err().unwrap().to_string())
}

/// The rows of the page's tables that begin with an act.
fn rows(act: &str) -> String {
    let rows: Vec<_> = section().lines().filter(|row| row.starts_with(&format!("| `{act}`"))).collect();
    assert!(!rows.is_empty(), "the page has no row for {act}");
    rows.join("\n")
}

#[test]
fn the_page_names_every_key_of_a_recipe_and_every_act() {
    let mut keys: BTreeSet<String> = keys::<Recipe>().into_iter().collect();
    keys.extend(self::keys::<TownshipShare>());
    keys.extend(self::keys::<BrokenLine>());
    keys.extend(self::keys::<Written>());
    keys.extend(self::keys::<Usual>());
    assert!(keys.len() > 30, "{keys:?}");
    keys.retain(|key| !names(section(), key));
    assert!(keys.is_empty(), "the page does not name {keys:?}");
}

#[test]
fn the_page_names_every_key_of_an_act_beside_the_act() {
    let rows_of = |act: &str| (act.to_owned(), rows(act));
    let acts: Vec<((String, String), Vec<String>)> = vec![
        (rows_of("cover"), keys::<CoverLine>()),
        (rows_of("resident"), keys::<ResidentLine>()),
        (rows_of("document"), keys::<DocumentLine>()),
        (rows_of("move"), keys::<MoveLine>()),
        (rows_of("roster"), keys::<RosterLine>()),
        (rows_of("[[confirmation]]"), keys::<ConfirmationLine>()),
        (rows_of("decision"), keys::<DecisionLine>()),
        (rows_of("assessment"), keys::<AssessmentLine>()),
        (rows_of("declaration"), keys::<DeclarationLine>()),
        (rows_of("payment"), keys::<PaymentLine>()),
        (rows_of("refund"), keys::<RefundLine>()),
        (rows_of("end"), keys::<EndLine>()),
    ];
    // Every act that a kind can have is among them.
    let all = self::keys::<Usual>();
    assert!(all.iter().all(|act| acts.iter().any(|((known, _), _)| known == act)), "{all:?}");
    let of_every_act = section().split("\n\n").find(|text| text.starts_with("**Acts.**")).unwrap();
    for ((act, rows), keys) in acts {
        let missing: Vec<_> =
            keys.iter().filter(|key| !names(&rows, key) && !names(of_every_act, key)).collect();
        assert!(missing.is_empty(), "the page does not name {missing:?} of {act}");
    }
}

#[test]
fn the_page_names_every_word_of_a_recipe() {
    let lists = [
        words::<Caller>(),
        words::<Scheme>(),
        words::<EmployeeScheme>(),
        words::<Sex>(),
        words::<Student>(),
        words::<Unemployment>(),
        words::<Way>(),
        words::<RefundWay>(),
        words::<EndCause>(),
    ];
    let mut words: BTreeSet<String> = lists.into_iter().flatten().collect();
    words.retain(|word| !names(section(), word));
    assert!(words.is_empty(), "the page does not name {words:?}");
}

/// What is told of a kind.
fn told(kind: &str, usual: &str) -> String {
    let usual: Usual = toml::from_str(usual).unwrap();
    Kind::read(toml::from_str(kind).unwrap(), &usual).unwrap_err().to_string()
}

#[test]
fn what_an_act_cannot_say_is_told_with_the_kind_the_act_and_the_key_that_was_meant() {
    let births = "births = [\"1980-01-01\", \"1980-01-01\"]";
    for (kind, expected) in [
        (
            "resident = [{ hukuo = \"none\" }]",
            "resident 1: \"hukuo\" is no key that can stand here; did you mean \"hukou\"?",
        ),
        (
            "payment = [{}, { amuont = \"1.00\" }]",
            "payment 2: \"amuont\" is no key that can stand here; did you mean \"amount\"?",
        ),
        (
            "payment = [{ way = \"told\" }]",
            "payment 1: \"told\" is no word that can stand here; write one of pay, report",
        ),
        ("residents = [{}]", "\"residents\" is no key that can stand here; did you mean \"resident\"?"),
        (
            "resident = [{ township = \"\" }]",
            "resident 1: `township` is filled in for each person; take it out",
        ),
        ("name = \"甲\"", "has a `name` without the `person` whose it is"),
    ] {
        let usual = "[payment]\nday = \"2026-01-01\"\nway = \"pay\"\namount = \"1.00\"\ncash = false\n\
                     [resident]\nday = \"2026-01-01\"\nby = \"school\"\n";
        let told = told(&format!("id = \"adult\"\n{births}\n{kind}"), usual);
        assert!(told.starts_with(&format!("kind adult: {expected}")), "{told}");
    }
    let told = told("id = \"one\"\nperson = \"A\"\nof_10000 = 3", "");
    assert_eq!(told, "kind one: a `person` is one; take `of_10000` out");
}

#[test]
fn what_is_usual_of_an_act_that_there_is_not_is_told() {
    let wrong = toml::from_str::<Usual>("[rostre]\nday = \"2026-01-01\"").unwrap_err();
    assert!(plainly(wrong).contains("\"rostre\" is no key that can stand here; did you mean \"roster\"?"));
}
