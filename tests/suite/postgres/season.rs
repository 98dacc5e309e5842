//! The season from the command line, on both engines: one report.

use std::process::{Command, Output};

use canbao_tests::{Home, program};

const SEASON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026");

fn canbao(home: &Home, more: &[&str]) -> Output {
    Command::new(program("canbao")).args(["season", SEASON]).args(home.flags()).args(more).output().unwrap()
}

/// What the command says, without the folder it was given, which the report names.
fn said(home: &Home, output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.replace(&home.path().display().to_string(), "DATA")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_season_ends_with_the_same_report_on_both_engines_and_is_checked_again() {
    let Some(server) = Home::on_postgres("the season").await else { return };
    let folder = Home::fresh();
    let (there, here) = (said(&server, &canbao(&server, &[])), said(&folder, &canbao(&folder, &[])));
    assert!(here.contains("账目相符"), "{here}");
    assert_eq!(there, here);
    let missing = |home: &Home| std::fs::read_to_string(home.path().join("missing.csv")).unwrap();
    assert_eq!(missing(&server).lines().count(), missing(&folder).lines().count());
    assert!(said(&server, &canbao(&server, &["--check"])).contains("账目相符"));

    let files = [("channels.csv"), ("missing.csv")];
    files.iter().for_each(|file| std::fs::remove_file(server.path().join(file)).unwrap());
    let again = canbao(&server, &[]);
    let why = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && why.contains("fresh databases"), "{why}");
}
