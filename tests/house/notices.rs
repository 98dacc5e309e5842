//! What a notice says stands in the notice, and nowhere in Rust.

use std::collections::BTreeSet;

use toml::Value;

use crate::source::{self, Source};

/// Names in notices that are words of the trade as well, of every city: the insurance itself, to pay in arrears, the
/// account through which a department declares for many, and a kind of channel that the format knows.
const OF_THE_TRADE: [&str; 5] = ["城乡居民", "补缴", "虚拟户", "在校学生", "微信"];

/// What the notices say, in the forms in which it would stand in Rust.
#[derive(Default)]
struct Said {
    /// Names of identities, groups, windows, options, payers, events: found anywhere in a text.
    names: BTreeSet<String>,
    /// Division codes.
    divisions: BTreeSet<String>,
    /// Amounts in yuan.
    amounts: BTreeSet<String>,
    /// Days as `2025-10-21`.
    days: BTreeSet<String>,
}

impl Said {
    fn by_all_notices() -> Self {
        let mut said = Self::default();
        let notice = |path: &String| path.starts_with("shared/policy/notices/") && path.ends_with(".toml");
        for path in source::files().into_iter().filter(notice) {
            said.read("", &Value::Table(source::read(&path).parse().unwrap()));
        }
        said
    }

    fn read(&mut self, key: &str, value: &Value) {
        match value {
            Value::Table(table) => {
                for (key, value) in table {
                    self.read(key, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.read(key, item);
                }
            }
            Value::Datetime(day) => drop(self.days.insert(day.to_string())),
            Value::String(text) => self.read_text(key, text),
            _ => {}
        }
    }

    fn read_text(&mut self, key: &str, text: &str) {
        let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        match key {
            "division" | "pool" => drop(self.divisions.insert(text.to_owned())),
            "amount" | "leaves" if text.parse::<u32>().is_ok_and(|yuan| yuan >= 100) => {
                self.amounts.insert(text.to_owned());
            }
            "name" | "of" | "payer" | "use" | "event" | "option" | "ground" | "kind" | "bearer" | "what"
                if chinese && !OF_THE_TRADE.contains(&text) =>
            {
                self.names.insert(text.to_owned());
            }
            _ => {}
        }
    }

    /// What a file says that only a notice may say.
    fn found_in(&self, source: &Source) -> Vec<String> {
        let mut found = Vec::new();
        for (line, text) in source.shipped_texts() {
            if text.ends_with(".toml") {
                // The list of the notices compiled in names their files.
                continue;
            }
            let names = self.names.iter().filter(|name| text.contains(name.as_str()));
            let days = self.days.iter().filter(|day| text.contains(day.as_str()));
            let divisions = self.divisions.iter().filter(|code| source::whole(text, code).next().is_some());
            let amounts = self.amounts.iter().filter(|yuan| text == **yuan || text == format!("{yuan}.00"));
            let all = names.chain(days).chain(divisions).chain(amounts);
            found.extend(all.map(|said| format!("{}:{line} says {said}", source.path)));
        }
        let numbers = source.shipped.replace('_', "");
        for day in &self.days {
            let parts: Vec<_> = day.split('-').map(|part| part.trim_start_matches('0')).collect();
            found.extend(self.written(source, &numbers, &parts.join(", ")));
        }
        for code in &self.divisions {
            found.extend(self.written(source, &numbers, code));
        }
        for yuan in &self.amounts {
            found.extend(self.written(source, &numbers, yuan));
            found.extend(self.written(source, &numbers, &format!("{yuan}00")));
        }
        found
    }

    fn written(&self, source: &Source, code: &str, number: &str) -> Vec<String> {
        source.places(code, number).into_iter().map(|place| format!("{place} says {number}")).collect()
    }
}

#[test]
fn no_name_division_amount_or_day_of_a_notice_stands_in_rust() {
    let said = Said::by_all_notices();
    assert!(
        said.names.len() > 20 && said.days.len() > 3 && said.amounts.len() > 3,
        "the notices were not read"
    );
    let found: Vec<_> = source::sources().iter().flat_map(|source| said.found_in(source)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_a_notice_says_would_be_found() {
    let said = Said::by_all_notices();
    for planted in [
        "\"141181\"",
        "141_181",
        "\"2025-10-21\"",
        "ymd(2025, 10, 21)",
        "\"400.00\"",
        "40_000",
        "\"是特困人员\"",
    ] {
        let text = format!("fn f() {{ g({planted}); }}");
        let source = Source::new("services/x/src/a.rs", &text);
        assert_eq!(said.found_in(&source).len(), 1, "{planted}");
    }
}
