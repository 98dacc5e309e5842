//! What can be seen in the file without asking it: words never used, rows that contradict, amounts that cannot be.

use std::collections::BTreeSet;
use std::sync::Arc;

use canbao_types::{Money, Part};
use toml::{Table, Value};

use super::Findings;
use crate::exact::Fraction;
use crate::file::Take;
use crate::reader::{id_of, label};
use crate::ruling::Stated;
use crate::standard::Standards;
use crate::table::{Amount, Of, Tables};

/// Looks through a file, and at the amounts of its tables.
pub(super) fn check(file: &Table, tables: &Tables, findings: &mut Findings<'_>) {
    for (section, value) in file {
        empty_texts(section, value, findings);
    }
    unused(file, tables, findings);
    contradictions(file, tables, findings);
    amounts(file, tables, findings);
}

/// A payer, a name, a reason that is left empty says nothing to whoever reads the ruling.
fn empty_texts(way: &str, value: &Value, findings: &mut Findings<'_>) {
    match value {
        Value::String(text) if text.trim().is_empty() => {
            findings.problem_of_table(way, "is empty; write what the notice says, or \"not stated\"");
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let id = item.as_table().and_then(id_of);
                let way = id.map_or_else(|| format!("{way} {}", number + 1), |id| label(way, id));
                empty_texts(&way, item, findings);
            }
        }
        Value::Table(table) => {
            for (key, value) in table {
                empty_texts(&format!("{way}.{key}"), value, findings);
            }
        }
        _ => {}
    }
}

/// Names and words that are declared and that no entry uses.
fn unused(file: &Table, tables: &Tables, findings: &mut Findings<'_>) {
    let mut used = Used::default();
    for (section, value) in file.iter().filter(|(section, _)| *section != "words" && *section != "open") {
        used.gather(section, value);
    }
    for group in rows(file, "group").filter_map(|row| row.get("name")?.as_str()) {
        let counted = format!("roster:{group}");
        if !used.has(&["identity", "of"], group) && !used.has(&["of"], &counted) {
            findings
                .problem_of_table(&format!("group {group}"), "is used by no entry; use it or take it out");
        }
    }
    for payer in rows(file, "payer").filter_map(|row| row.get("name")?.as_str()) {
        if !used.has(&["payer", "bearer"], payer) {
            let what = "pays nothing by any entry; use it or take it out";
            findings.problem_of_table(&format!("payer {payer}"), what);
        }
    }
    for base in rows(file, "base").filter_map(|row| row.get("name")?.as_str()) {
        if !used.has(&["of"], base) {
            let what = "nothing is a share of it; use it or take it out";
            findings.problem_of_table(&format!("base {base}"), what);
        }
    }
    let names = &tables.names;
    let waits = file.get("wait").and_then(Value::as_table).into_iter().flatten();
    let waits: Vec<Arc<str>> = waits.map(|(name, _)| name.as_str().into()).collect();
    for (list, words, keys) in [
        ("who", &names.who, ["who"].as_slice()),
        ("wait", &waits, &["wait"]),
        ("words.tier", &names.tier, &["tier", "choice", "paid", "enjoyed"]),
        ("words.event", &names.event, &["event"]),
        ("words.option", &names.option, &["option", "use"]),
        ("words.what", &names.what, &["what"]),
    ] {
        for word in words.iter().filter(|word| !used.has(keys, word)) {
            findings
                .problem_of_table(&format!("{list} {word}"), "is used by no entry; use it or take it out");
        }
    }
}

/// The texts of a file, each with the key it stands under.
#[derive(Default)]
struct Used<'f>(BTreeSet<(&'f str, &'f str)>);

impl<'f> Used<'f> {
    fn gather(&mut self, key: &'f str, value: &'f Value) {
        match value {
            Value::String(text) => drop(self.0.insert((key, text))),
            Value::Array(items) => items.iter().for_each(|item| self.gather(key, item)),
            Value::Table(table) => table.iter().for_each(|(key, value)| self.gather(key, value)),
            _ => {}
        }
    }

    fn has(&self, keys: &[&str], text: &str) -> bool {
        keys.iter().any(|key| self.0.contains(&(*key, text)))
    }
}

/// In tables whose rows all count, two rows about the same people must not say different things.
fn contradictions(file: &Table, tables: &Tables, findings: &mut Findings<'_>) {
    let condition =
        |row: &Table| ["when", "unless", "at", "part", "product"].map(|key| row.get(key).cloned());
    let outcome = |row: &Table| {
        let keys = ["amount", "rate", "of", "leaves", "payer", "shares", "reason", "end"];
        keys.map(|key| row.get(key).cloned())
    };
    // Aids that are all given stand beside one another.
    let all_given = matches!(tables.aid_rule, Some((_, Take::All)));
    for section in ["aid", "refuse", "benefit_end"].into_iter().filter(|it| *it != "aid" || !all_given) {
        let all: Vec<&Table> = rows(file, section).collect();
        for (at, row) in all.iter().enumerate() {
            let same =
                |earlier: &&&Table| condition(earlier) == condition(row) && outcome(earlier) != outcome(row);
            let Some(earlier) = all.iter().take(at).find(same) else { continue };
            let name = |row: &Table| {
                format!("{section} {}", row.get("id").and_then(Value::as_str).unwrap_or_default())
            };
            let what =
                format!("says otherwise than {} about the same case; let one of them count", name(earlier));
            match tables.entries.iter().find(|entry| *entry.label == *name(row)) {
                Some(entry) => findings.problem(entry, what),
                None => findings.problem_of_table(section, what),
            }
        }
    }
}

/// Aid must be payable out of a standard: whole fen, no more than there is, and as its rate says.
fn amounts(file: &Table, tables: &Tables, findings: &mut Findings<'_>) {
    let standards = Standards::of(&tables.prices, &tables.bases);
    let highest = standards.highest();
    let beyond = |amount: Money| highest.is_some_and(|highest| highest < amount);
    let paid: Vec<Money> = standards.known.iter().filter(|standard| !standard.is_zero()).copied().collect();
    for row in &tables.aid {
        let entry = tables.entry(row.entry);
        match row.then.amount {
            Amount::Fixed(Stated::Is(amount)) if row.then.part == Part::Personal && beyond(amount) => {
                findings
                    .problem(entry, format!("{amount} is more than any personal standard; mend one of them"));
            }
            Amount::Leaves(Stated::Is(rest)) if row.then.part == Part::Personal && beyond(rest) => {
                let what = format!("leaves {rest}, more than any personal standard; mend one of them");
                findings.problem(entry, what);
            }
            Amount::Share { per_10_000, of: Of::Part(Part::Personal) } if row.then.rounding.is_none() => {
                for standard in paid
                    .iter()
                    .filter(|standard| Fraction::per_10_000(per_10_000).exactly(**standard).is_none())
                {
                    let what = format!("its rate of {standard} is no whole number of fen; give the amount");
                    findings.problem(entry, what);
                }
            }
            _ => {}
        }
    }
    for row in rows(file, "aid").filter(|row| !row.contains_key("round")) {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let (Some(id), Some(rate), Some(amount)) = (text("id"), text("rate"), text("amount")) else {
            continue;
        };
        // A percentage has two decimals as yuan have, so the same parser reads both.
        let rate = rate.strip_suffix('%').and_then(|rate| rate.parse::<Money>().ok());
        let (Some(rate), Ok(amount)) = (rate, amount.parse::<Money>()) else { continue };
        let agrees = |standard: &Money| Fraction::per_10_000(rate.fen()).exactly(*standard) == Some(amount);
        let entry = tables.entries.iter().find(|entry| *entry.label == *format!("aid {id}"));
        if let Some(entry) = entry.filter(|_| !standards.open && !paid.iter().any(agrees)) {
            let what =
                format!("{amount} is not its rate of any personal standard; mend the rate or the amount");
            findings.problem(entry, what);
        }
    }
}

fn rows<'f>(file: &'f Table, section: &str) -> impl Iterator<Item = &'f Table> {
    file.get(section).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}
