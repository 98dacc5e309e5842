//! The season from the command line, on both engines: one report.

use std::{
    fs,
    process::{Command, Output},
    str::FromStr,
};

use canbao_tests::{Home, program};
use canbao_types::ResidentId;

const SEASON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026");

fn canbao(home: &Home, more: &[&str]) -> Output {
    Command::new(program("canbao")).args(["season", SEASON]).args(home.flags()).args(more).output().unwrap()
}

/// What the command says, without what is another in each run: the folder, and the ids of residents, each of which is
/// counted instead.
fn said(home: &Home, output: &Output) -> String {
    let mut said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said = said.replace(&home.path().display().to_string(), "DATA");
    let words: Vec<String> = said.split_whitespace().map(str::to_owned).collect();
    let ids: Vec<&String> = words.iter().filter(|word| word.parse::<ResidentId>().is_ok()).collect();
    for id in &ids {
        let first = ids.iter().position(|other| other == id).unwrap();
        said = said.replace(id.as_str(), &format!("resident {first}"));
    }
    said
}

/// The lines about those on a list who are not insured, in an order of their own: they stand in that of ids and keys.
fn missing(home: &Home) -> Vec<String> {
    let text = fs::read_to_string(home.path().join("missing.csv")).unwrap();
    let named = |word: &str| if ResidentId::from_str(word).is_ok() { "a resident" } else { word }.to_owned();
    let line = |line: &str| line.split(',').map(named).collect::<Vec<_>>().join(",");
    let mut lines: Vec<_> = text.lines().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_season_ends_with_the_same_report_on_both_engines_and_is_checked_again() {
    let Some(server) = Home::on_postgres("the season").await else { return };
    let folder = Home::fresh();
    let (there, here) = (said(&server, &canbao(&server, &[])), said(&folder, &canbao(&folder, &[])));
    assert!(here.contains("账目相符"), "{here}");
    let lines = there.lines().zip(here.lines());
    assert_eq!(lines.filter(|(there, here)| there != here).collect::<Vec<_>>(), []);
    assert_eq!(there, here);
    let (there, here) = (missing(&server), missing(&folder));
    assert!(here.iter().any(|line| line.contains("a resident")), "{here:?}");
    assert_eq!(there, here);
    assert!(said(&server, &canbao(&server, &["--check"])).contains("账目相符"));

    ["channels.csv", "missing.csv"]
        .iter()
        .for_each(|file| fs::remove_file(server.path().join(file)).unwrap());
    let again = canbao(&server, &[]);
    let why = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && why.contains("fresh databases"), "{why}");
}
