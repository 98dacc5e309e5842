//! Places of a notice file that are still to be written.
//!
//! A file that was just started has `……` wherever the notice's own word belongs. Nothing else is told of such a file, so
//! that its writer is not answered with faults of what is not written yet.

use toml::{Table, Value};

use crate::reader::{id_of, label};

/// Stands for what is still to be written.
const BLANK: &str = "……";

/// What a file has still to be told: the entry, such as "window 集中缴费期", and the key in it.
pub(crate) fn blanks(file: &Table) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (section, value) in file {
        match value {
            Value::Array(entries) => {
                for (entry, number) in entries.iter().zip(1..) {
                    look(&called(section, entry, number), "", entry, &mut found);
                }
            }
            value => look(section, "", value, &mut found),
        }
    }
    found
}

/// What an entry is called; by its number where it has no name or id yet.
fn called(section: &str, entry: &Value, number: usize) -> String {
    let id = entry.as_table().and_then(id_of).filter(|id| !id.contains(BLANK));
    id.map_or_else(|| label(section, &number.to_string()), |id| label(section, id))
}

fn look(entry: &str, key: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.contains(BLANK) => found.push((entry.to_owned(), key.to_owned())),
        Value::Array(items) => items.iter().for_each(|item| look(entry, key, item, found)),
        Value::Table(table) => {
            for (own, value) in table {
                let key = if key.is_empty() { own.clone() } else { format!("{key}.{own}") };
                look(entry, &key, value, found);
            }
        }
        _ => {}
    }
}
