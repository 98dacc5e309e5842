//! The main job: a season played through the four departments, and books that agree.

use std::{collections::BTreeMap, path::Path};

use canbao::{Books, play};
use canbao_tests::program;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026"))
}

async fn books() -> Books {
    play(folder()).await.unwrap()
}

#[tokio::test]
async fn the_season_of_xiaoyi_ends_with_books_that_agree() {
    let books = books().await;
    assert_eq!(books.disagreements(), Vec::<String>::new());
    assert_eq!(books.registered, 9);
    let refused: Vec<_> =
        books.refused.iter().map(|refused| (refused.resident.as_str(), refused.reason.as_str())).collect();
    let expected = [
        ("R05", "CLOSED_DAY"),
        ("R06", "IN_EMPLOYEE_SCHEME"),
        ("R06", "UNKNOWN_RESIDENT"),
        ("R07", "WRONG_AMOUNT"),
        ("R01", "ALREADY_SETTLED"),
        ("R10", "ASSESS_FIRST"),
    ];
    assert_eq!(refused, expected);
    for refused in books
        .refused
        .iter()
        .filter(|refused| !["UNKNOWN_RESIDENT", "ALREADY_SETTLED"].contains(&refused.reason.as_str()))
    {
        assert!(!refused.clauses.is_empty(), "{} is decided by a clause", refused.reason);
    }
    let suspended: Vec<_> =
        books.suspended.iter().map(|line| (line.transaction.as_str(), line.reason.as_str())).collect();
    assert_eq!(suspended, [("XY0003", "UNKNOWN_RESIDENT")]);
    let begins: BTreeMap<_, _> = books
        .standings
        .iter()
        .filter_map(|standing| Some((standing.resident.as_str(), standing.benefits?.0.to_string())))
        .collect();
    let expected = [
        ("R01", "2026-01-01"),
        ("R02", "2026-01-01"),
        ("R03", "2026-02-14"),
        ("R04", "2026-02-10"),
        ("R05", "2026-01-01"),
        ("R08", "2026-01-01"),
        ("R09", "2026-01-01"),
    ];
    assert_eq!(begins, expected.map(|(resident, day)| (resident, day.to_owned())).into());
}

#[tokio::test]
async fn a_difference_between_two_departments_is_found_and_named() {
    let found = |books: &Books, part: &str| {
        let wrong = books.disagreements();
        assert!(wrong.iter().any(|line| line.contains(part)), "{part} in {wrong:?}");
        assert!(books.to_string().contains("账目不符"), "and the report says so");
    };
    let mut books = books().await;
    books.standings[0].insured = false;
    found(&books, "registration has 6 insured");
    books.standings[0].insured = true;
    books.standings[1].benefits = None;
    found(&books, "benefits has 6 benefit periods");
    books.standings[2].settled = false;
    found(&books, "collection settled 2400.00 + suspense 400.00");
    books.standings[3].owed = canbao_types::Money::ZERO;
    found(&books, "R04: subsidy says that 0.00 is owed, collection that 400.00 is due");
    books.registered += 1;
    found(&books, "10 were registered, 9 are known");
}

#[test]
fn the_command_prints_the_books_and_succeeds() {
    let output = std::process::Command::new(program("canbao")).arg("season").arg(folder()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("参保登记 9 人") && said.contains("账目相符"), "{said}");
    let output = std::process::Command::new(program("canbao")).args(["season", "nowhere"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("nowhere/season.toml"));
}
