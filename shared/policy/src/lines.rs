//! In which line of its file an entry begins, for whoever has to mend it.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::reader::{self, label};

/// The lines, from 1, in which the entries of a file begin, by table and id, and by table and number among its entries. Several
/// entries may have one name.
pub(crate) type Lines = BTreeMap<String, Vec<usize>>;

/// The lines of the entries of a text, which was parsed into these tables.
pub(crate) fn of(text: &str, tables: &DeTable<'_>) -> Lines {
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut lines = Lines::new();
    let mut note = |label: String, value: &Spanned<DeValue<'_>>| {
        let line = ends.partition_point(|end| *end < value.span().start) + 1;
        lines.entry(label).or_default().push(line);
    };
    for (section, value) in tables {
        let section: &str = section.get_ref();
        match value.get_ref() {
            DeValue::Array(rows) => {
                for (row, number) in rows.iter().zip(1..) {
                    note(label(section, &number.to_string()), row);
                    id_of(row.get_ref()).into_iter().for_each(|id| note(label(section, id), row));
                }
            }
            DeValue::Table(named) if section == "wait" => {
                named.iter().for_each(|(name, wait)| note(label(section, name.get_ref()), wait));
            }
            _ => note(section.to_owned(), value),
        }
    }
    lines
}

/// What a row is known by.
fn id_of<'v>(row: &'v DeValue<'_>) -> Option<&'v str> {
    let row = row.as_table()?;
    reader::NAMES.iter().chain(&["id"]).find_map(|key| row.get(*key)?.get_ref().as_str())
}
