//! How many residents each change of a notice touches.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use toml::{Table, Value};

use super::Population;
use super::answer::asked;
use super::groups::{groups, in_parts};
use crate::changes::{Change, Entry};
use crate::notice::Notice;
use crate::reader::{id_of, label, row_label};
use crate::trace::Verdict;

/// The residents whom the changes from one notice to another touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// For each change how many: those for whom the entry holds, before or after, when they pay or ask what they would.
    /// `None` where nobody who does comes to the entry's table, so that a population says nothing of it.
    pub changes: Vec<Option<u64>>,
    /// Whom any of the changes touches.
    pub any: u64,
    /// All there are.
    pub all: u64,
}

/// Counts whom the changes from the first notice to the second touch. An entry that is never tried for somebody, because one
/// before it holds, does not touch that person. One that is no row of its own (a base, a wait, a payer) touches those for whom
/// a row holds that builds on it; a group, those with one of its identities.
#[must_use]
pub fn touched(population: &Population, first: &Notice, second: &Notice, changes: &[Change]) -> Touched {
    let rows = [
        Rows::of(changes, first, |change| &change.before),
        Rows::of(changes, second, |change| &change.after),
    ];
    let groups = groups(population, [first, second]);
    let parts = in_parts(&groups, |groups| {
        let mut part = Part { people: vec![0; changes.len()], ..Part::default() };
        for group in groups {
            let facts = group.facts(population);
            let mut touching = HashSet::new();
            for (notice, rows) in [first, second].into_iter().zip(&rows) {
                let (_, trace) = notice.explain_payment(&asked(notice, &facts));
                for tried in trace.0 {
                    if tried.verdict == Verdict::Holds {
                        touching.extend(rows.0.get(&*tried.row).into_iter().flatten());
                    }
                    part.tried.insert(tried.row);
                }
            }
            part.any += if touching.is_empty() { 0 } else { group.people };
            touching.into_iter().for_each(|at: usize| part.people[at] += group.people);
        }
        part
    });
    let tables: HashSet<&str> = parts.iter().flat_map(|part| &part.tried).map(|row| table_of(row)).collect();
    let known = |at: usize| rows.iter().any(|rows| rows.tables_of(at).any(|table| tables.contains(table)));
    let people = |at: usize| parts.iter().map(|part| part.people[at]).sum();
    Touched {
        changes: (0..changes.len()).map(|at| known(at).then(|| people(at))).collect(),
        any: parts.iter().map(|part| part.any).sum(),
        all: groups.iter().map(|group| group.people).sum(),
    }
}

/// What some of the groups come to.
#[derive(Default)]
struct Part {
    /// For each change.
    people: Vec<u64>,
    any: u64,
    /// Rows that were tried for somebody.
    tried: HashSet<Arc<str>>,
}

/// The rows of one notice by which changes touch people: for each row the changes, by their places.
struct Rows(HashMap<String, Vec<usize>>);

impl Rows {
    fn of(changes: &[Change], notice: &Notice, side: fn(&Change) -> &Option<Entry>) -> Self {
        let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, change) in changes.iter().enumerate() {
            let Some(entry) = side(change) else { continue };
            for row in standing_for(&notice.file, &change.table, &entry.label) {
                rows.entry(row).or_default().push(at);
            }
        }
        Self(rows)
    }

    fn tables_of(&self, change: usize) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, changes)| changes.contains(&change)).map(|(row, _)| table_of(row))
    }
}

/// The table of a row.
fn table_of(row: &str) -> &str {
    row.split_once(' ').map_or(row, |(table, _)| table)
}

/// The rows that stand for an entry: itself, and what builds on it.
fn standing_for(file: &Table, table: &str, entry: &str) -> Vec<String> {
    let mut rows = vec![entry.to_owned()];
    let name = entry.strip_prefix(table).unwrap_or(entry).trim_start();
    match table {
        "group" => rows.extend(members(file, name).into_iter().map(|name| label("identity", &name))),
        "aid_rule" | "settled" => rows.extend(entries(file, "aid").map(|(row, _)| row)),
        "base" | "payer" => rows.extend(building_on(file, &["price", "aid", "government_subsidy"], name)),
        "wait" => rows.extend(building_on(file, &["benefit"], name)),
        // It shortens every wait.
        "repair" => {
            let waits = file.get("wait").and_then(Value::as_table);
            let waits = waits.into_iter().flat_map(Table::keys);
            rows.extend(waits.flat_map(|wait| building_on(file, &["benefit"], wait)));
        }
        _ => {}
    }
    rows
}

/// The identities of a group, through the groups in it.
fn members(file: &Table, group: &str) -> Vec<String> {
    let of = entries(file, "group")
        .find(|(_, entry)| id_of(entry) == Some(group))
        .and_then(|(_, entry)| entry.get("of"));
    let names = of.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut identities = Vec::new();
    for name in names {
        // A group stands behind those it is made of, so this ends.
        match members(file, name) {
            none if none.is_empty() => identities.push(name.to_owned()),
            inner => identities.extend(inner),
        }
    }
    identities
}

/// The rows of some tables that name something outside their conditions.
fn building_on<'f>(file: &'f Table, tables: &'f [&str], name: &'f str) -> impl Iterator<Item = String> + 'f {
    let named = move |entry: &Table| {
        let said = entry
            .iter()
            .filter(|(key, _)| !["id", "when", "unless", "clause", "open"].contains(&key.as_str()));
        said.map(|(_, value)| value).any(|value| says(value, name))
    };
    let rows = tables.iter().flat_map(|table| entries(file, table));
    rows.filter(move |(_, entry)| named(entry)).map(|(row, _)| row)
}

/// Whether a text stands anywhere in a value.
fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(said) => said == text,
        Value::Array(all) => all.iter().any(|value| says(value, text)),
        Value::Table(table) => table.values().any(|value| says(value, text)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => false,
    }
}

/// The entries of a table, each as a trace names it.
fn entries<'f>(file: &'f Table, table: &'f str) -> impl Iterator<Item = (String, &'f Table)> {
    let rows = file.get(table).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    rows.zip(1..).map(move |(row, number)| (row_label(table, row, number), row))
}
