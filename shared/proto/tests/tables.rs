//! A contract with a gap in its tables does not build.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, missing_docs)]
#[path = "../build.rs"]
mod build;

use std::fs;

use prost_reflect::DescriptorPool;

/// A contract of one method and one event, with these options; compiled as the build does.
fn contract(method: &str, event: &str) -> DescriptorPool {
    asking("", method, event)
}

/// The same, and these fields of the request.
fn asking(fields: &str, method: &str, event: &str) -> DescriptorPool {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "syntax = \"proto3\"; package canbao.trial.v1; import \"canbao/common/v1/options.proto\";
         message Happened {{ {event} }} message Ask {{ {fields} }} message Answer {{}}
         message Item {{ string division = 1; }} message Line {{ Item item = 1; Line next = 2; }}
         service TrialService {{ rpc Try(Ask) returns (Answer) {{ {method} }} }}"
    );
    fs::write(folder.path().join("trial_events.proto"), text).unwrap();
    let contracts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let mut compiler = protox::Compiler::new([folder.path().to_str().unwrap(), contracts]).unwrap();
    compiler.include_imports(true).open_file("trial_events.proto").unwrap();
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap()
}

const TAX: &str = "option (canbao.common.v1.caller) = CALLER_TAX;";
const NOBODY: &str = "option (canbao.common.v1.caller) = CALLER_UNSPECIFIED;";
const FOR_TAX: &str = "option (canbao.common.v1.audience) = CALLER_TAX;";

#[test]
fn a_method_without_a_rule_fails_the_build_and_is_named() {
    let mut tables = String::new();
    build::write_rules(&contract(TAX, FOR_TAX), &mut tables).unwrap();
    assert!(
        tables.contains("/canbao.trial.v1.TrialService/Try") && tables.contains("Caller::Tax"),
        "{tables}"
    );
    for method in ["", NOBODY] {
        let error =
            build::write_rules(&contract(method, FOR_TAX), &mut String::new()).unwrap_err().to_string();
        assert!(error.contains("/canbao.trial.v1.TrialService/Try"), "{error}");
    }
}

#[test]
fn a_request_that_does_not_say_whose_division_it_is_about_fails_the_build_and_is_named() {
    const BY_ROW: &str = "option (canbao.common.v1.by_row) = true;";
    const DIVISION: &str = "string division = 1;";
    for (fields, options, made) in [(DIVISION, "", "Some(&self.division)"), ("", BY_ROW, "None")] {
        let mut tables = String::new();
        build::write_divisions(&asking(fields, options, ""), &mut tables).unwrap();
        assert!(tables.contains("trial::Ask") && tables.contains(made), "{tables}");
    }
    let inside = format!("{DIVISION} repeated Line lines = 2;");
    let silent = [("", ""), (DIVISION, BY_ROW), (inside.as_str(), ""), ("Line line = 1;", BY_ROW)];
    for (fields, options) in silent {
        let error = build::write_divisions(&asking(fields, options, ""), &mut String::new());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("canbao.trial.v1.TrialService.Try") && error.contains("division"), "{error}");
    }
}

#[test]
fn an_event_without_an_audience_fails_the_build_and_is_named() {
    let error = build::write_audiences(&contract(TAX, ""), &mut String::new()).unwrap_err().to_string();
    assert!(error.contains("canbao.trial.v1.Happened") && error.contains("audience"), "{error}");
}
