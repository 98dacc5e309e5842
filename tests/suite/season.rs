//! The main job: a season played through the four departments, a report, and books that agree, or name what differs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use canbao::{
    check, play,
    season::{Act, Kind, Report},
};
use canbao_tests::program;
use rusqlite::Connection;
use tempfile::TempDir;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026"))
}

/// The committed season, played once for all tests, with what the departments keep of it.
static PLAYED: LazyLock<(Report, TempDir)> = LazyLock::new(|| {
    let played = std::thread::spawn(|| {
        let data = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let report = runtime.block_on(play(folder(), Some(data.path()))).unwrap();
        (report, data)
    });
    played.join().unwrap()
});

fn differences(report: &Report) -> Vec<&str> {
    report.audit.differences().collect()
}

#[test]
fn the_season_of_xiaoyi_ends_with_books_that_agree() {
    let (report, _) = &*PLAYED;
    assert_eq!(differences(report), [""; 0]);
    assert_eq!(report.audit.equations.len(), 4);
    assert!(report.played.outcomes(Act::Register).done > 0);
    assert!(report.to_string().contains("账目相符"));
}
