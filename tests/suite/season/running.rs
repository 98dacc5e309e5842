//! The season through departments that run already: their clock stands at its end, and nobody here can move it.

use std::collections::BTreeMap;

use canbao::{
    Player, Suite, check_running, play_running,
    season::{Act, Report, Sum},
};
use canbao_host::{Clock, DEPARTMENTS, Settings};
use canbao_tests::{program, settings};

use super::{PLAYED, differences, folder};

/// Settings of departments whose clock stands at the end of the season.
fn ended(data: &std::path::Path) -> Settings {
    let end = "2026-10-31T09:00:00+08:00".parse().unwrap();
    Settings { clock: Clock::started_at(end), ..settings(data) }
}

/// Why money stands in suspense that was reported before its day: the one rule that asks the departments' clock.
const IN_FUTURE: &str = "DATE_IN_FUTURE";

/// What a report says, but for where its list is, how long money has been in suspense, whom ids name, and that money
/// which was reported before its day waited for that day, when it was posted all the same.
fn said(report: &Report) -> String {
    let mut report = Report { missing: None, suspense: BTreeMap::new(), ..report.clone() };
    let early = report.played.refused_for(Act::Report, IN_FUTURE);
    report.played.refusals.remove(&(Act::Report, IN_FUTURE.to_owned()));
    let lines = report.played.outcomes.get_mut(&Act::Report).unwrap();
    (lines.done, lines.refused) = (lines.done + early, lines.refused - early);
    for undecided in &mut report.undecided {
        undecided.named.clear();
    }
    report.to_string()
}

/// Money in suspense by reason, of whatever age.
fn suspended(report: &Report) -> BTreeMap<(String, &'static str), (u64, i64)> {
    let sum = |ages: &[Sum; 3]| {
        ages.iter().fold((0, 0), |(rows, fen), sum| (rows + sum.rows, fen + sum.amount.fen()))
    };
    report.suspense.iter().map(|(reason, ages)| (reason.clone(), sum(ages))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_whose_clock_stands_at_the_end_of_a_season_decide_all_of_it_alike() {
    let [data, lists] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let suite = Suite::start(&ended(data.path())).await.unwrap();
    let player = Player::connect(suite.addresses).await.unwrap();
    let report =
        play_running(folder(), Some(lists.path()), player.clone(), &Settings::default()).await.unwrap();
    assert_eq!(differences(&report), [""; 0]);
    let early = [&report, &PLAYED.0].map(|report| report.played.refused_for(Act::Report, IN_FUTURE));
    assert_eq!(early, [0, 1], "nothing lies in the future at the end");
    assert_eq!(said(&report), said(&PLAYED.0));
    assert_eq!(suspended(&report), suspended(&PLAYED.0));
    let checked = check_running(folder(), lists.path(), player).await.unwrap();
    assert_eq!(checked.failing(), 0, "once more, with nothing played: {checked}");
    suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_plays_a_season_behind_certificates_that_it_made_and_checks_it_again() {
    let [data, lists] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let certificates = data.path().join("certificates");
    let made = canbao(&["certificates", certificates.to_str().unwrap()]).await;
    assert!(made.contains("one for trials"), "{made}");
    let settings = Settings { certificates: Some(certificates.clone()), ..ended(data.path()) };
    let suite = Suite::start(&settings).await.unwrap();
    let mut flags: Vec<_> =
        DEPARTMENTS.iter().zip(suite.addresses).map(|(name, at)| format!("--{name}={at}")).collect();
    flags.push(format!("--certificates={}", certificates.display()));
    flags.push(format!("--data={}", lists.path().display()));
    let season = ["season", folder().to_str().unwrap(), "--running"];
    let flags: Vec<_> = season.into_iter().chain(flags.iter().map(String::as_str)).collect();
    assert!(canbao(&flags).await.contains("账目相符"));
    assert!(canbao(&[&flags[..], &["--check"]].concat()).await.contains("账目相符"));
    suite.stop().await.unwrap();
}

/// Runs the command and gives what it printed.
async fn canbao(flags: &[&str]) -> String {
    let output = tokio::process::Command::new(program("canbao")).args(flags).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
