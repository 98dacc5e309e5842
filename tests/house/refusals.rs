//! The refusals in the contracts' comments and the refusals in the code are the same, in the same order.

use std::collections::{BTreeMap, BTreeSet};

use canbao_types::Reason;

use crate::{
    contracts::{self, comment, methods},
    source::{self, Source},
};

/// Refused by the host for every department, before a department decides.
const OF_THE_HOST: [(&str, &str); 3] = [
    ("BEHIND", "shared/host/src/after.rs"),
    ("REQUEST_ID_REUSED", "shared/host/src/once.rs"),
    ("FOREIGN_DIVISION", "shared/host/src/enter.rs"),
];

/// Codes of gRPC itself that a comment may name.
const CODES: [&str; 2] = ["INVALID_ARGUMENT", "OUT_OF_RANGE"];

const DEPARTMENTS: [&str; 4] = ["registration", "collection", "subsidy", "benefits"];

/// The reasons that a department's enum of refusals is shown with, in the order of its variants.
fn reasons_of(department: &str) -> Vec<String> {
    let path = format!("services/{department}/src/refusal.rs");
    let source = Source::new(&path, &source::read(&path));
    let reasons = source.shipped_texts().map(|(_, text)| text.to_owned());
    reasons.filter(|text| is_reason(text)).collect()
}

fn is_reason(text: &str) -> bool {
    text.len() > 3 && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// The reasons a method's comment lists, by department, with the part of it that lists them.
fn listed() -> BTreeMap<(String, String), Vec<String>> {
    let mut listed = BTreeMap::new();
    for method in methods() {
        let service = method.parent_service();
        let text =
            comment(&service.parent_file(), method.path()).split_whitespace().collect::<Vec<_>>().join(" ");
        let list = text.split_once("in order of precedence: ").map(|(_, list)| list.to_owned());
        let list = list.unwrap_or_else(|| panic!("{} lists no refusals", method.full_name()));
        let words = list.split(|c: char| !(c.is_ascii_alphabetic() || c == '_'));
        let reasons = words.filter(|word| is_reason(word)).map(str::to_owned).collect();
        let department = service.package_name().split('.').nth(1).unwrap().to_owned();
        listed.insert((department, method.name().to_owned()), reasons);
    }
    listed
}

#[test]
fn every_refusal_a_comment_names_exists() {
    let rules: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.wire_code()).collect();
    for (reason, path) in OF_THE_HOST {
        let source = Source::new(path, &source::read(path));
        assert!(source.shipped_texts().any(|(_, text)| text == reason), "{path} does not say {reason}");
    }
    for ((department, method), reasons) in listed() {
        let own = if department == "exchange" { Vec::new() } else { reasons_of(&department) };
        for reason in reasons {
            let reason = reason.as_str();
            let known = own.iter().any(|own| own == reason)
                || OF_THE_HOST.iter().any(|(host, _)| *host == reason)
                || rules.contains(reason)
                || CODES.contains(&reason);
            assert!(known, "{department}/{method} names {reason}, which nothing says");
        }
    }
}

#[test]
fn the_refusal_of_a_foreign_division_is_told_once_for_every_method() {
    let option = contracts::option("by_row");
    let told = comment(&option.parent_file(), option.path());
    assert!(told.contains("FOREIGN_DIVISION") && told.contains("PERMISSION_DENIED"), "{told}");
    assert!(!listed().values().flatten().any(|reason| reason == "FOREIGN_DIVISION"));
}

#[test]
fn every_refusal_of_a_department_is_named_by_a_method_of_its_contract() {
    let listed = listed();
    for department in DEPARTMENTS {
        let own = reasons_of(department);
        assert!(!own.is_empty(), "{department} refuses nothing");
        let named: BTreeSet<_> = listed
            .iter()
            .filter(|((of, _), _)| of == department)
            .flat_map(|(_, reasons)| reasons.iter().map(String::as_str))
            .collect();
        let untold: Vec<_> = own.iter().filter(|reason| !named.contains(reason.as_str())).collect();
        assert!(untold.is_empty(), "{department} refuses with {untold:?}, and its contract does not say so");
    }
}

#[test]
fn a_comment_lists_refusals_in_the_order_of_the_enum() {
    for ((department, method), reasons) in listed().into_iter().filter(|((of, _), _)| of != "exchange") {
        let own = reasons_of(&department);
        let places: Vec<_> =
            reasons.iter().filter_map(|reason| own.iter().position(|own| own == reason)).collect();
        assert!(places.is_sorted(), "{department}/{method} lists {reasons:?}, its enum {own:?}");
    }
}

#[test]
fn every_request_with_positions_to_wait_for_may_be_behind_and_every_write_may_reuse_an_id() {
    let listed = listed();
    for method in methods() {
        let department = method.parent_service().package_name().split('.').nth(1).unwrap().to_owned();
        let reasons = &listed[&(department, method.name().to_owned())];
        let waits = method.input().fields().any(|field| field.name() == "after" && field.is_list());
        let named = |reason: &str| reasons.iter().any(|named| named == reason);
        assert_eq!(named("BEHIND"), waits, "{}", method.full_name());
        assert_eq!(named("REQUEST_ID_REUSED"), contracts::writes(&method), "{}", method.full_name());
    }
}
