//! Words that our Rust does without.

use crate::source::{self, Source};

fn all_places(word: &str) -> Vec<String> {
    let kept = |source: &Source| source.places(&source.code, word);
    source::sources().iter().filter(|source| !source.is_bench()).flat_map(kept).collect()
}

#[test]
fn there_are_no_floats() {
    assert_eq!(all_places("f32"), [""; 0]);
    assert_eq!(all_places("f64"), [""; 0]);
    for source in source::sources().iter().filter(|source| !source.is_bench()) {
        let written = decimals(&source.code);
        assert!(written.is_empty(), "{}: a number with decimals on lines {written:?}", source.path);
    }
}

/// The lines on which a number is written with a decimal point.
fn decimals(code: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let points = bytes.iter().enumerate().filter(|&(at, &byte)| byte == b'.' && digit(at + 1));
    let number_before = |point: usize| {
        let word =
            bytes[..point].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
        let from = point - word.count();
        digit(from) && from.checked_sub(1).is_none_or(|before| bytes[before] != b'.')
    };
    points.filter(|&(at, _)| number_before(at)).map(|(at, _)| source::line(code, at)).collect()
}

#[test]
fn a_decimal_point_is_told_from_a_tuple_and_a_range() {
    assert_eq!(decimals("let a = x.0.1 + key.1 + self.2;\nlet b = 1..5;\nlet c = 1.5;"), [3]);
}

#[test]
fn there_is_no_unsafe() {
    assert_eq!(all_places("unsafe"), [""; 0]);
}

#[test]
fn nothing_shipped_panics_on_purpose() {
    for word in [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err("] {
        let found: Vec<_> = source::sources()
            .iter()
            .flat_map(|source| {
                let shipped = &source.shipped;
                let lines = shipped.match_indices(word).map(|(at, _)| source::line(shipped, at));
                lines.map(|line| format!("{}:{line}", source.path)).collect::<Vec<_>>()
            })
            .collect();
        assert!(found.is_empty(), "{word} in {found:?}");
    }
    for word in ["panic", "unreachable", "unimplemented"] {
        let found: Vec<_> = macro_places(word).collect();
        assert!(found.is_empty(), "{word}! in {found:?}");
    }
}

fn macro_places(word: &'static str) -> impl Iterator<Item = String> {
    source::sources().iter().flat_map(move |source| {
        let shipped = &source.shipped;
        let called = source::whole(shipped, word).filter(|at| shipped[at + word.len()..].starts_with('!'));
        called.map(|at| format!("{}:{}", source.path, source::line(shipped, at))).collect::<Vec<_>>()
    })
}

#[test]
fn nothing_is_left_to_be_done() {
    for word in ["todo", "dbg"] {
        let called: Vec<_> = source::sources()
            .iter()
            .filter(|source| {
                source::whole(&source.code, word).any(|at| source.code[at + word.len()..].starts_with('!'))
            })
            .map(|source| source.path.clone())
            .collect();
        assert!(called.is_empty(), "{word}! in {called:?}");
    }
}

#[test]
fn no_type_is_named_after_nothing() {
    const EMPTY: [&str; 6] = ["Manager", "Helper", "Util", "Processor", "Impl", "Dto"];
    let mut types = 0;
    for source in source::sources() {
        for kind in ["struct", "enum", "trait", "type", "union"] {
            for at in source::whole(&source.code, kind) {
                let rest = source.code[at + kind.len()..].trim_start();
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                types += 1;
                let empty = EMPTY.iter().find(|part| name.contains(**part));
                assert!(
                    empty.is_none() && name != "Data" && name != "Info",
                    "{} names a type {name}",
                    source.path
                );
            }
        }
    }
    assert!(types > 100, "the types were not found");
}

#[test]
fn no_test_is_left_out_by_an_attribute() {
    for source in source::sources() {
        assert!(!source.code.contains("#[ignore"), "{}", source.path);
    }
}

#[test]
fn no_test_sleeps_except_where_a_process_is_waited_for_or_killed() {
    // A program or a container of its own says that it is ready by answering; until then it is asked again. And a kill
    // that falls at random is what that test is about.
    const ALLOWED: [&str; 4] = [
        "tests/support/process.rs",
        "tests/support/journal.rs",
        "tests/compose/stack.rs",
        "tests/suite/crash.rs",
    ];
    for source in source::sources() {
        let shipped = &source.shipped;
        let slept =
            source::whole(&source.code, "sleep").count() + source::whole(&source.code, "sleep_until").count();
        let meant = source::whole(shipped, "sleep").count() + source::whole(shipped, "sleep_until").count();
        let allowed = ALLOWED.contains(&source.path.as_str());
        assert!(slept == meant || allowed, "{} sleeps in a test", source.path);
        assert!(slept > 0 || !allowed, "{} does not sleep any more", source.path);
    }
}
