//! Who may use whom: from the manifests, and from what each file names.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, Source};

const DEPARTMENTS: [&str; 4] = ["registration", "collection", "subsidy", "benefits"];

/// What a shared package may use. `proto` uses `policy` for one thing: the one way from the circumstances of the
/// contracts to the facts of a ruling, which four departments would otherwise each have.
const SHARED: [(&str, &[&str]); 5] = [
    ("types", &[]),
    ("policy", &["types"]),
    ("proto", &["types", "policy"]),
    ("store", &["types"]),
    ("host", &["types", "proto", "store"]),
];

/// Everything shared, which is what a department's edge may use.
const ALL_SHARED: &[&str] = &["types", "policy", "proto", "store", "host"];

/// What a department's file may use, by its name; any other file is a decision.
const FILES: [(&[&str], &[&str]); 4] = [
    (&["main"], &["host"]),
    (&["lib", "grpc", "parse", "show", "reactions"], ALL_SHARED),
    (&["refusal"], &["types", "policy", "host"]),
    (&["store"], &["types", "store", "host"]),
];

/// A decision rests on the words and the rules alone.
const DECISION: &[&str] = &["types", "policy"];

/// What else may be named, item by item, and why.
const ON_PURPOSE: [(&str, &str); 6] = [
    // How a request names somebody: an id or a key, both of them words of the trade; all four parse it the same way.
    ("services/collection/src/payment.rs", "canbao_proto::wire::Resident"),
    // The contract's own closed list; a second list of the same words would have to be kept equal to it.
    ("services/collection/src/statement.rs", "canbao_proto::collection::SuspenseReason"),
    // Columns read back into the words of the trade, and nothing else of the host.
    ("services/*/src/store.rs", "canbao_host::column"),
    ("services/*/src/store/*.rs", "canbao_host::column"),
    // A refusal is turned into a failure in one place a department.
    ("services/*/src/refusal.rs", "canbao_host::Failure"),
    // A program is its department and the host that runs it.
    ("services/*/src/main.rs", "canbao_host::run_department"),
];

fn package(short: &str) -> String {
    if short == "suite" { "canbao".to_owned() } else { format!("canbao-{short}") }
}

/// The packages of ours that a manifest's section names, without the prefix.
fn used(manifest: &str, sections: &[&str]) -> BTreeSet<String> {
    let table: toml::Table = source::read(manifest).parse().unwrap();
    let named = sections.iter().filter_map(|section| table.get(*section)?.as_table());
    let named = named.flat_map(|section| section.keys().cloned());
    let ours = |name: String| match name.as_str() {
        "canbao" => Some("suite".to_owned()),
        _ => name.strip_prefix("canbao-").map(str::to_owned),
    };
    named.filter_map(ours).collect()
}

const EVERY_SECTION: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

#[test]
fn a_shared_package_uses_only_what_stands_below_it() {
    for (name, allowed) in SHARED {
        let used = used(&format!("shared/{name}/Cargo.toml"), &EVERY_SECTION);
        let more: Vec<_> = used.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(more.is_empty(), "shared/{name} uses {more:?}");
    }
}

#[test]
fn a_department_uses_what_is_shared_and_no_other_department() {
    for name in DEPARTMENTS {
        let used = used(&format!("services/{name}/Cargo.toml"), &EVERY_SECTION);
        let more: Vec<_> = used.iter().filter(|used| !ALL_SHARED.contains(&used.as_str())).collect();
        assert!(more.is_empty(), "services/{name} uses {more:?}");
    }
}

#[test]
fn every_package_is_one_the_table_knows() {
    let manifests = source::files().into_iter().filter(|path| path.ends_with("/Cargo.toml"));
    let found: BTreeSet<_> = manifests.map(|path| path.trim_end_matches("/Cargo.toml").to_owned()).collect();
    let shared = SHARED.iter().map(|(name, _)| format!("shared/{name}"));
    let services = DEPARTMENTS.iter().chain(&["suite"]).map(|name| format!("services/{name}"));
    let known: BTreeSet<_> = shared.chain(services).chain(["tests".to_owned()]).collect();
    assert_eq!(found, known);
    for path in &found {
        let name = path.rsplit('/').next().unwrap();
        let table: toml::Table = source::read(&format!("{path}/Cargo.toml")).parse().unwrap();
        assert_eq!(table["package"]["name"].as_str(), Some(package(name).as_str()), "{path}");
    }
}

#[test]
fn each_file_of_a_department_names_only_what_its_part_may_use() {
    let mut decisions = 0;
    for source in source::sources() {
        let Some((department, file)) = department_file(source) else { continue };
        let listed = FILES.iter().find(|(names, _)| names.contains(&file));
        let allowed = listed.map_or(DECISION, |(_, allowed)| allowed);
        decisions += usize::from(listed.is_none());
        let itself = [department];
        let own = if file == "main" { &itself[..] } else { &[] };
        for name in named(source) {
            let package = name.trim_start_matches("canbao_").split("::").next().unwrap();
            let narrow = package == "host" && matches!(file, "main" | "refusal" | "store");
            let fine = (allowed.contains(&package) && !narrow) || own.contains(&package);
            assert!(fine || on_purpose(&source.path, &name), "{} names {name}", source.path);
        }
    }
    assert!(decisions >= 6, "the decisions were not looked at");
}

fn department_file(source: &Source) -> Option<(&str, &str)> {
    let (department, file) = source.path.strip_prefix("services/")?.split_once("/src/")?;
    // A part of `grpc.rs` that stands in `grpc/` is judged like the whole.
    let file = file.split_once('/').map_or(file, |(folder, _)| folder);
    DEPARTMENTS.contains(&department).then(|| (department, file.trim_end_matches(".rs")))
}

fn on_purpose(path: &str, name: &str) -> bool {
    ON_PURPOSE.iter().any(|(file, item)| {
        let parts: Vec<_> = file.split('*').collect();
        let fits = path.starts_with(parts[0])
            && path.ends_with(parts[parts.len() - 1])
            && parts.iter().all(|part| path.contains(part))
            && (parts.len() > 1 || path == *file);
        fits && (name == *item || name.starts_with(&format!("{item}::")))
    })
}

/// Every path into a package of ours that shipped code names, with `use` lists taken apart.
fn named(source: &Source) -> BTreeSet<String> {
    let code = &source.shipped;
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("canbao_") {
        let end =
            code[at..].find([';', '(', ')', '<', '>', ' ', '&', '\n']).map_or(code.len(), |end| at + end);
        let path = code[at..end].trim_end_matches([',', ':']).to_owned();
        let before = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if before == "use" || before == "pub use" {
            let stop = at + code[at..].find(';').unwrap();
            let text: String = code[at..stop].split_whitespace().collect::<Vec<_>>().join(" ");
            leaves("", &text, &mut found);
        } else {
            found.insert(path);
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn leaves(prefix: &str, tree: &str, found: &mut BTreeSet<String>) {
    let tree = tree.trim();
    let Some((head, inner)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        if !name.is_empty() {
            found.insert(format!("{prefix}{name}"));
        }
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let (mut depth, mut from) = (0, 0);
    let inner = inner.trim_end().trim_end_matches('}');
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                leaves(&prefix, &inner[from..at], found);
                from = at + 1;
            }
            _ => {}
        }
    }
    leaves(&prefix, &rebalanced(&inner[from..]), found);
}

/// The last branch lost the braces that close it together with those of the whole.
fn rebalanced(branch: &str) -> String {
    let open = branch.matches('{').count() - branch.matches('}').count();
    format!("{branch}{}", "}".repeat(open))
}

#[test]
fn a_list_of_imports_is_taken_apart() {
    let text = "use canbao_x::{\n    A, b::{C as D, e::F},\n    g::{H, I},\n};\nfn f() -> canbao_y::Z { canbao_y::z() }\n";
    let source = Source::new("services/x/src/f.rs", text);
    let expected = [
        "canbao_x::A",
        "canbao_x::b::C",
        "canbao_x::b::e::F",
        "canbao_x::g::H",
        "canbao_x::g::I",
        "canbao_y::Z",
    ];
    let expected: BTreeSet<_> = expected.into_iter().chain(["canbao_y::z"]).map(str::to_owned).collect();
    assert_eq!(named(&source), expected);
}

#[test]
fn every_exception_is_still_needed() {
    let mut used: BTreeMap<&str, bool> = ON_PURPOSE.iter().map(|(_, item)| (*item, false)).collect();
    for source in source::sources().iter().filter(|source| source.path.starts_with("services/")) {
        for name in named(source).iter().filter(|name| on_purpose(&source.path, name)) {
            for (item, seen) in &mut used {
                *seen |= name.starts_with(item);
            }
        }
    }
    let idle: Vec<_> = used.into_iter().filter(|(_, seen)| !seen).collect();
    assert!(idle.is_empty(), "allowed, and not used by anybody: {idle:?}");
}
