//! Reads the tables of a notice file one by one, so that a fault in one entry hides no other.

use std::sync::Arc;

use canbao_types::ClauseId;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::layer::Layers;
use crate::page::said::SECTIONS;
use crate::plainly::plainly;
use crate::problem::{Problem, unknown_in_list};

/// What every entry has besides the keys of its own table.
pub(crate) struct Entry {
    /// Table and id: "window 集中参保缴费期".
    pub label: Arc<str>,
    /// The id alone.
    pub id: Arc<str>,
    /// The clauses that say it.
    pub clauses: Vec<ClauseId>,
    /// The open points it rests on.
    pub open: Vec<String>,
    /// Its conditions, uncompiled.
    pub when: Option<Value>,
    /// Its exceptions, uncompiled.
    pub unless: Option<Value>,
}

/// Which of the common keys a table has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `clause`, `open`, `when`, `unless`.
    Row,
    /// `clause`, `open`.
    Cited,
    /// `clause`, or no citation.
    MayCite,
    /// None of them.
    Plain,
}

/// The keys under which a table names its entries.
pub(crate) const NAMES: [&str; 2] = ["name", "code"];

/// What an entry is known by: its name, else its id.
pub(crate) fn id_of(entry: &Table) -> Option<&str> {
    NAMES.iter().chain(&["id"]).find_map(|key| entry.get(*key)?.as_str())
}

/// How an entry is called in problems and traces: "window 集中参保缴费期".
pub(crate) fn label(section: &str, id: &str) -> String {
    format!("{section} {id}").trim_end().to_owned()
}

/// How a row of a table is called: by its name or id, else by its number among the rows, from 1.
pub(crate) fn row_label(section: &str, row: &Table, number: usize) -> String {
    match id_of(row) {
        Some(id) => label(section, id),
        None => label(section, &number.to_string()),
    }
}

/// The tables not yet read, and the problems found so far.
pub(crate) struct Reader<'f> {
    layers: &'f Layers,
    tables: Table,
    /// In the order found.
    pub problems: Vec<Problem>,
    /// What the entries are known by that could not be read, so that what they cite and rest on is not known.
    pub unread: Vec<Arc<str>>,
}

impl<'f> Reader<'f> {
    /// Begins with the tables of a file, or of several laid over one another.
    pub fn new(layers: &'f Layers, tables: Table) -> Self {
        Self { layers, tables, problems: Vec::new(), unread: Vec::new() }
    }

    /// Notes a problem of an entry.
    pub fn tell(&mut self, entry: &str, clause: Option<&ClauseId>, what: impl Into<String>) {
        self.problems.push(self.layers.problem(entry, clause, what));
    }

    /// Notes a problem of an entry, with its first clause.
    pub fn tell_of(&mut self, entry: &Entry, what: impl Into<String>) {
        self.tell(&entry.label, entry.clauses.first(), what);
    }

    /// Whether an entry of that name is there and could not be read: whoever names it is not at fault.
    pub fn is_unread(&self, name: &str) -> bool {
        self.unread.iter().any(|unread| **unread == *name)
    }

    /// Every `[[section]]` entry that could be read.
    pub fn rows<T: DeserializeOwned>(&mut self, section: &str, shape: Shape) -> Vec<(Entry, T)> {
        let rows = match self.tables.remove(section) {
            None => return Vec::new(),
            Some(Value::Array(rows)) => rows,
            Some(_) => {
                self.tell(section, None, format!("is no list of entries; write each as [[{section}]]"));
                return Vec::new();
            }
        };
        let numbered = rows.into_iter().zip(1..);
        numbered.filter_map(|(row, number)| self.entry(section, &number.to_string(), row, shape)).collect()
    }

    /// The `[section]` entry, if it is there and could be read.
    pub fn one<T: DeserializeOwned>(&mut self, section: &str, shape: Shape) -> Option<(Entry, T)> {
        let table = self.tables.remove(section)?;
        self.entry(section, "", table, shape)
    }

    /// Every `[section.NAME]` entry that could be read.
    pub fn named<T: DeserializeOwned>(&mut self, section: &str, shape: Shape) -> Vec<(Entry, T)> {
        match self.tables.remove(section) {
            None => Vec::new(),
            Some(Value::Table(named)) => named
                .into_iter()
                .filter_map(|(name, table)| self.entry(section, &name, table, shape))
                .collect(),
            Some(_) => {
                self.tell(section, None, format!("is no table of names; write each as [{section}.NAME]"));
                Vec::new()
            }
        }
    }

    /// A single value at the top of the file.
    pub fn value(&mut self, key: &str) -> Option<Value> {
        self.tables.remove(key)
    }

    /// What is left when every table of the format was read is unknown.
    pub fn tell_of_unknown_tables(&mut self) {
        let known: Vec<&str> = SECTIONS.iter().map(|section| section.table).collect();
        for section in std::mem::take(&mut self.tables).keys() {
            self.unread.push(section.as_str().into());
            self.tell(section, None, unknown_in_list(section, "table of the format", &known));
        }
    }

    fn entry<T: DeserializeOwned>(
        &mut self,
        section: &str,
        fallback: &str,
        value: Value,
        shape: Shape,
    ) -> Option<(Entry, T)> {
        let Value::Table(mut table) = value else {
            self.tell(section, None, "is not a table; write [table] or [[table]] with its keys below");
            return None;
        };
        let id = id_of(&table).unwrap_or(fallback).to_owned();
        // A name is a key of the table's own; an id beside it would be none.
        if !NAMES.iter().any(|key| table.get(*key).is_some_and(Value::is_str)) {
            table.remove("id");
        }
        let label = label(section, &id);
        let mut entry = Entry {
            label: label.as_str().into(),
            id: id.as_str().into(),
            clauses: Vec::new(),
            open: Vec::new(),
            when: None,
            unless: None,
        };
        if shape != Shape::Plain {
            let written = self.words(&label, table.remove("clause"), "clause");
            entry.clauses = written.into_iter().filter_map(|word| self.clause(&label, &word)).collect();
            entry.open = self.words(&label, table.remove("open"), "open");
            if entry.clauses.is_empty() && shape != Shape::MayCite {
                self.tell(&label, None, "cites no clause; write those that say it under `clause`");
            }
        }
        if shape == Shape::Row {
            entry.when = table.remove("when");
            entry.unless = table.remove("unless");
        }
        match serde_path_to_error::deserialize::<_, T>(Value::Table(table)) {
            Ok(read) => Some((entry, read)),
            Err(error) => {
                self.unread.push(entry.id.clone());
                let what = mended(&error, "the entry");
                self.tell_of(&entry, what);
                None
            }
        }
    }

    /// A clause id, or a problem.
    pub fn clause(&mut self, label: &str, text: &str) -> Option<ClauseId> {
        let clause = text.parse().ok();
        if clause.is_none() {
            self.tell(
                label,
                None,
                format!("{text:?} is not a clause; write code and number, such as \"XY26-03\""),
            );
        }
        clause
    }

    fn words(&mut self, label: &str, value: Option<Value>, key: &str) -> Vec<String> {
        let mut words = Vec::new();
        match value {
            None => {}
            Some(Value::Array(values)) => {
                for value in values {
                    match value {
                        Value::String(word) => words.push(word),
                        other => self.tell(
                            label,
                            None,
                            format!("{other} in `{key}` is not text; put it in quotes"),
                        ),
                    }
                }
            }
            Some(_) => self.tell(label, None, format!("`{key}` is not a list; put it in brackets")),
        }
        words
    }
}

/// Why a value could not be read: the key in it, what is wrong there, and what to mend where that does not say it.
pub(crate) fn mended(error: &serde_path_to_error::Error<toml::de::Error>, part: &str) -> String {
    let (path, wrong) = (error.path().to_string(), error.inner().message().trim());
    let told = plainly(if path == "." { wrong.to_owned() } else { format!("{path}: {wrong}") });
    if told.contains("; ") { told } else { format!("{told}; mend {part}") }
}
