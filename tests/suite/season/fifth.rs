//! A city that is not compiled in: its notice, its cases and its season are files, and nothing else is needed.

use std::{fs, path::Path, process::Command};

use canbao::{generate, play};
use canbao_host::Settings;
use canbao_proto::common::Part;
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

/// The city's file with texts replaced, written into a folder.
fn changed(name: &str, texts: &[(&str, &str)], into: &Path) {
    let mut file = fs::read_to_string(folder().join(name)).unwrap();
    for (text, by) in texts {
        assert!(file.contains(text), "{name} has no {text}");
        file = file.replace(text, by);
    }
    fs::create_dir_all(into.join(name).parent().unwrap()).unwrap();
    fs::write(into.join(name), file).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn stacked_aid_of_several_payers_and_of_an_insurance_collected_along_is_owed_part_by_part() {
    let files = tempfile::tempdir().unwrap();
    // 70:30 of the aid of 低保, and the 30 of a second insurance borne for all who are aided.
    let shared = "amount = \"280\"\nshares = [{ payer = \"医疗救助资金\", rate = \"70%\" }, { payer = \"区财政\", rate = \"30%\" }]";
    let care = "[[price]]\nid = \"care\"\npart = \"side\"\nproduct = \"护理保险\"\namount = \"30\"\nclause = [\"YX26-03\"]\n\n";
    let relief = "[[aid]]\nid = \"care\"\nwhen = { identity = [\"特困人员\", \"低保对象\"] }\npart = \"side\"\nproduct = \"护理保险\"\n\
                  amount = \"30\"\npayer = \"区财政\"\nclause = [\"YX26-09\"]\n\n";
    let payer = "[[payer]]\nname = \"区财政\"\nclause = [\"YX26-09\"]\n\n";
    let notice = [
        ("amount = \"280\"\npayer = \"医疗救助资金\"", shared),
        ("take = \"highest\"", "take = \"all\""),
        ("[[government_subsidy]]", &format!("{care}[[government_subsidy]]")),
        ("[aid_rule]", &format!("{payer}[aid_rule]")),
        ("[settled]", &format!("{relief}[settled]")),
    ];
    changed("notices/141198-2026.toml", &notice, files.path());
    changed(
        "recipe.toml",
        &[("420.00", "450.00"), ("380.00", "410.00"), ("1120.00", "1150.00")],
        files.path(),
    );
    let season = tempfile::tempdir().unwrap();
    let recipe = files.path().join("recipe.toml");
    generate(Some(recipe.to_str().unwrap()), 300, 1, season.path(), None).unwrap();
    let settings = Settings { notices: Some(files.path().join("notices")), ..Settings::default() };
    let report = play(season.path(), None, &settings).await.unwrap();
    assert_eq!(differences(&report), [""; 0]);
    assert!(report.played.refusals.is_empty(), "{:?}", report.played.refusals);
    let owed = report.payers.totals.iter().map(|total| {
        (total.payer.as_str(), total.part(), total.heads, total.amount.as_ref().unwrap().yuan.as_str())
    });
    let owed: Vec<_> = owed.collect();
    // 15 × 84; 19 × 30; 15 × 196 and 4 × 420.
    let expected = [
        ("区财政", Part::Personal, 15, "1260.00"),
        ("区财政", Part::Side, 19, "570.00"),
        ("医疗救助资金", Part::Personal, 19, "4620.00"),
    ];
    assert_eq!(owed, expected);
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
