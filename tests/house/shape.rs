//! The shape of the tree: what stands at its top, how long a file and a function may be, which versions are built.

use std::collections::BTreeSet;

use crate::source;

/// The fixed top level, besides dotfiles.
const TOP: [&str; 8] =
    ["Cargo.lock", "Cargo.toml", "README.md", "docker-compose.yml", "proto", "services", "shared", "tests"];

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 70;

#[test]
fn the_top_level_is_the_fixed_one() {
    let files = source::added_files();
    let top: BTreeSet<_> = files.iter().filter_map(|path| path.split('/').next()).collect();
    let found: Vec<_> = top.into_iter().filter(|name| !name.starts_with('.')).collect();
    assert_eq!(found, TOP);
}

#[test]
fn no_file_of_source_is_longer_than_500_lines() {
    let of_ours = |path: &String| !path.starts_with("proto/google/");
    let source =
        |path: &String| [".rs", ".proto", ".sql", ".py", ".sh"].iter().any(|end| path.ends_with(end));
    let files: Vec<_> = source::files().into_iter().filter(of_ours).filter(source).collect();
    assert!(files.len() > 100, "the files were not found");
    for path in files {
        let lines = source::read(&path).lines().count();
        assert!(lines <= LONGEST_FILE, "{path} has {lines} lines");
    }
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let mut seen = 0;
    for source in source::sources() {
        let code = &source.code;
        for at in source::whole(code, "fn").filter(|at| code[at + 2..].starts_with(' ')) {
            let (first, last) = (source::line(code, at), source::line(code, source::end_of_item(code, at)));
            let lines = last - first + 1;
            assert!(lines <= LONGEST_FUNCTION, "{}:{first} is a function of {lines} lines", source.path);
            seen += 1;
        }
    }
    assert!(seen > 500, "the functions were not found");
}

#[test]
fn tonic_and_sqlite_are_versions_without_the_faults_we_know_of() {
    // tonic before 0.14.6: a stream of resets could hold a server up. SQLite before 3.51.3: two connections of one
    // write-ahead log could lose a commit.
    let lock: toml::Table = source::read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let versions: Vec<Vec<u64>> = packages
        .iter()
        .filter(|package| package["name"].as_str() == Some("tonic"))
        .map(|package| {
            package["version"].as_str().unwrap().split('.').map(|part| part.parse().unwrap()).collect()
        })
        .collect();
    assert_eq!(versions.len(), 1, "one tonic is built");
    assert!(versions[0] >= vec![0, 14, 6], "tonic {:?}", versions[0]);
    let sqlite = rusqlite::version_number();
    assert!(sqlite >= 3_051_003, "SQLite {}", rusqlite::version());
}
