//! Reads a population file: CSV with a header, a resident a line.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use canbao_host::StartError;
use canbao_policy::population::Population;
use canbao_policy::{Facts, Notice, Question};
use csv::{ReaderBuilder, StringRecord};

use super::columns::{COLUMNS, Write};

/// Columns whose words a notice declares.
const DECLARED: [&str; 5] = ["identities", "events", "papers", "option", "tier_asked"];

/// A column of the file.
struct Column {
    name: &'static str,
    write: Write,
    /// Cells seen so far whose words are known, where a notice declares them.
    known: Option<HashSet<String>>,
}

/// Reads the residents. A word that neither of the notices declares is an error, since it would be answered as if it had not
/// been said.
pub(crate) fn population(file: &Path, notices: [&Notice; 2]) -> Result<Population, StartError> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let opened = File::open(file).map_err(|error| told(&error))?;
    let mut reader = ReaderBuilder::new().from_reader(opened);
    let header = reader.headers().map_err(|error| told(&error))?.clone();
    let mut columns = columns(&header).map_err(|error| format!("{}, line 1: {error}", file.display()))?;
    let mut population = Population::new();
    let mut line = StringRecord::new();
    while reader.read_record(&mut line).map_err(|error| told(&error))? {
        let at = line.position().map_or(0, csv::Position::line);
        let mut facts = Facts::default();
        for (cell, column) in line.iter().zip(&mut columns) {
            let cell = cell.trim();
            if !cell.is_empty() {
                column.read(cell, &mut facts, notices).map_err(|error| {
                    format!("{}, line {at}, column {}: {error}", file.display(), column.name)
                })?;
            }
        }
        population.push(facts);
    }
    Ok(population)
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> = Vec::new();
    for name in header {
        let name = name.trim();
        let known = COLUMNS.iter().find(|(known, _)| *known == name);
        let (name, write) = *known.ok_or_else(|| {
            let all: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
            format!("there is no column {name:?}; write one of {}", all.join(", "))
        })?;
        if columns.iter().any(|column| column.name == name) {
            return Err(format!("the column {name:?} stands there twice; take one out"));
        }
        let known = DECLARED.contains(&name).then(HashSet::new);
        columns.push(Column { name, write, known });
    }
    Ok(columns)
}

impl Column {
    fn read(&mut self, cell: &str, facts: &mut Facts, notices: [&Notice; 2]) -> Result<(), String> {
        (self.write)(facts, cell)?;
        let Some(known) = &mut self.known else { return Ok(()) };
        if known.contains(cell) {
            return Ok(());
        }
        let mut alone = Facts::default();
        (self.write)(&mut alone, cell)?;
        let question = Question::Pay(Box::new(alone));
        let [first, second] = notices.map(|notice| notice.unknown_words(&question));
        match first.iter().find(|word| second.iter().any(|other| other.word == word.word)) {
            Some(word) => Err(format!("{word}; write one of these")),
            None => {
                known.insert(cell.to_owned());
                Ok(())
            }
        }
    }
}
