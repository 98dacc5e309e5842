//! A city that is not compiled in: its notice, its cases and its season are files, and nothing else is needed.

use std::{fs, path::Path, process::Command};

use canbao::{generate, play};
use canbao_host::Settings;
use canbao_tests::program;
use canbao_types::Money;

use super::differences;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/yunxi-2026"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_of_its_own_files_plays_a_season_whose_books_agree() {
    let season = tempfile::tempdir().unwrap();
    let recipe = folder().join("recipe.toml");
    generate(Some(recipe.to_str().unwrap()), 300, 1, season.path(), None).unwrap();
    let settings = Settings { notices: Some(folder().join("notices")), ..Settings::default() };
    let report = play(season.path(), None, &settings).await.unwrap();
    assert_eq!(differences(&report), [""; 0]);
    assert!(report.played.refusals.is_empty(), "{:?}", report.played.refusals);
    // 15 of 低保 at 280 each and 4 of 特困 at 420.
    let aided: Vec<_> =
        report.payers.totals.iter().map(|total| (total.payer.as_str(), total.heads)).collect();
    assert_eq!(aided, [("医疗救助资金", 19)]);
    let amount = report.payers.totals[0].amount.as_ref().unwrap().yuan.parse::<Money>().unwrap();
    assert_eq!(amount, "5880".parse().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_season_that_no_notice_governs_is_not_begun() {
    let season = tempfile::tempdir().unwrap();
    generate(Some(folder().join("recipe.toml").to_str().unwrap()), 300, 1, season.path(), None).unwrap();
    let told = play(season.path(), None, &Settings::default()).await.unwrap_err().to_string();
    assert_eq!(told, "no notice governs 141198 in 2026; give the folder of its file with --notices");
}

#[test]
fn its_cases_are_judged_under_its_own_notice() {
    let cases = folder().join("cases.json");
    let mut judged = Command::new(program("canbao"));
    let judged = judged.args(["rule", "--cases", cases.to_str().unwrap(), "--notices"]);
    let judged = judged.arg(folder().join("notices")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&judged.stdout).trim_end(), "10 right of 10");
    assert!(judged.status.success());
}

#[test]
fn its_notice_is_sound_and_every_clause_of_it_is_told() {
    let notice = fs::read_to_string(folder().join("notice.md")).unwrap();
    let file = fs::read_to_string(folder().join("notices/141198-2026.toml")).unwrap();
    let clauses: Vec<_> =
        notice.lines().filter_map(|line| line.strip_prefix("- ")?.split(' ').next()).collect();
    assert_eq!(clauses.len(), 24);
    for clause in clauses {
        assert!(file.contains(clause), "{clause} stands nowhere in the file");
    }
    let mut checked = Command::new(program("canbao"));
    let checked =
        checked.args(["notice", "check"]).arg(folder().join("notices/141198-2026.toml")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
