//! Checks of a notice as a whole. While it is read: every clause is accounted for, every reference leads somewhere.
//! Before it serves ([`Notice::check`]): what it declares is used, its amounts can be, every case has its rows.

mod cells;
mod grid;
mod text;
mod ways;

use std::sync::Arc;

use canbao_types::{Citation, ClauseId};

use crate::compile::Compiler;
use crate::declared::OpenPoint;
use crate::file::{self, Document};
use crate::layer::Layers;
use crate::notice::Notice;
use crate::problem::Problem;
use crate::reader::{Entry, Shape};
use crate::table::{self};

/// A place outside every city whose notice could be read here: the capital's first division.
pub(crate) const ELSEWHERE: u32 = 110_000;

/// What a check found: the problems that keep a notice from serving, and what a person should know and accept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// In the order found.
    pub problems: Vec<Problem>,
    /// Days on which nobody can pay, for example.
    pub notes: Vec<Problem>,
}

/// Gathers what is found in a file.
struct Findings<'n> {
    layers: &'n Layers,
    checked: Checked,
}

impl Notice {
    /// Checks the notice as whoever puts it into service should: words declared and never used, rows that
    /// contradict each other, amounts that cannot be, and then the grid, in which every fact is cut at the ends
    /// that conditions use: every row must hold in some cell, and every cell have its rows. Takes about a
    /// hundred times as long as reading.
    #[must_use]
    pub fn check(&self) -> Checked {
        let mut findings = Findings { layers: &self.layers, checked: Checked::default() };
        text::check(&self.file, &self.tables, &mut findings);
        grid::walk(&self.tables, &mut findings);
        findings.checked
    }
}

impl Findings<'_> {
    fn of(&self, entry: &str, clause: Option<&ClauseId>, what: String) -> Problem {
        self.layers.problem(entry, clause, what)
    }

    fn problem(&mut self, entry: &table::Entry, what: impl Into<String>) {
        let clause = entry.basis.first().map(|citation| &citation.clause);
        let problem = self.of(&entry.label, clause, what.into());
        self.checked.problems.push(problem);
    }

    fn problem_of_table(&mut self, table: &str, what: impl Into<String>) {
        let problem = self.of(table, None, what.into());
        self.checked.problems.push(problem);
    }

    fn note(&mut self, table: &str, what: impl Into<String>) {
        let note = self.of(table, None, what.into());
        self.checked.notes.push(note);
    }
}

impl Compiler<'_> {
    /// Runs when every table has been read; the open points are what is left to read.
    pub fn check(&mut self, documents: &[(Entry, Document)]) -> Vec<OpenPoint> {
        let silent: Vec<(Entry, file::NoComputation)> = self.reader.rows("no_computation", Shape::Cited);
        for (entry, row) in &silent {
            if row.because.is_empty() {
                self.reader.tell_of(entry, "does not say why nothing is computed; write it under `because`");
            }
            self.enter(entry);
        }
        let superseded: Vec<(Entry, file::Superseded)> = self.reader.rows("superseded", Shape::Cited);
        let struck: Vec<(Entry, file::Strike)> = self.reader.rows("strike", Shape::Cited);
        let entries = superseded.iter().map(|(entry, _)| entry).chain(struck.iter().map(|(entry, _)| entry));
        for entry in entries {
            self.enter(entry);
        }
        let points = self.open_points();
        self.reader.tell_of_unknown_tables();
        self.check_documents(documents);
        self.check_points(&points);
        self.check_names();
        self.check_sizes();
        points
    }

    fn open_points(&mut self) -> Vec<OpenPoint> {
        let rows: Vec<(Entry, file::Open)> = self.reader.rows("open", Shape::Plain);
        let mut points = Vec::new();
        for (entry, open) in rows {
            for clause in &open.against {
                let clause = self.reader.clause(&entry.label, clause);
                self.cited.extend(clause);
            }
            let other = open.other.into_iter();
            points.push(OpenPoint {
                id: entry.id,
                about: open.about.into(),
                reading: open.reading.into(),
                because: open.because.into(),
                other: other.map(|other| (Arc::from(other.reading), other.set.is_some())).collect(),
            });
        }
        points
    }

    /// Every clause cited is one of a declared document, and every clause of a document is cited.
    fn check_documents(&mut self, documents: &[(Entry, Document)]) {
        let mut ranks: Vec<u8> = documents.iter().map(|(_, document)| document.rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        if documents.is_empty() || ranks.len() != documents.len() {
            self.reader.tell(
                "document",
                None,
                "a notice has documents, each of its own rank; number them 1, 2, … by which counts first",
            );
        }
        for clause in self.cited.clone() {
            let document = documents.iter().find(|(_, document)| document.code == clause.document());
            let number = clause.as_str().rsplit_once('-').and_then(|(_, number)| number.parse::<u16>().ok());
            match (document, number) {
                (None, _) => {
                    let entry = self.first_entry(|citation| citation.clause == clause);
                    let what = "is a clause of no declared document; declare the document or mend the clause";
                    self.reader.tell(&entry, Some(&clause), what);
                }
                (Some((_, document)), Some(number)) if (1..=document.clauses).contains(&number) => {}
                (Some((_, document)), _) => {
                    let entry = self.first_entry(|citation| citation.clause == clause);
                    let (title, clauses) = (&document.title, document.clauses);
                    let what = format!("is no clause of {title}, which has {clauses}; mend the clause");
                    self.reader.tell(&entry, Some(&clause), what);
                }
            }
        }
        // An entry that could not be read may cite what no other does.
        let documents = if self.reader.unread.is_empty() { documents } else { &[] };
        for (entry, document) in documents {
            for number in 1..=document.clauses {
                let text = format!("{}-{number:02}", document.code);
                if !self.cited.iter().any(|clause| clause.as_str() == text) {
                    let what = format!(
                        "no entry cites {text}; cite it where it is followed, or under no_computation"
                    );
                    let clause = text.parse().ok();
                    self.reader.tell(&entry.label, clause.as_ref(), what);
                }
            }
        }
    }

    /// The first entry with such a citation.
    fn first_entry(&self, is_it: impl Fn(&Citation) -> bool) -> Arc<str> {
        let entry = self.pools.entries.iter().find(|entry| entry.basis.iter().any(&is_it));
        entry.map_or_else(|| "".into(), |entry| entry.label.clone())
    }

    /// Every open point named is declared, and every one declared is rested on.
    fn check_points(&mut self, points: &[OpenPoint]) {
        for named in self.rests_on.clone() {
            if !points.iter().any(|point| *point.id == *named) {
                let rests = |citation: &Citation| citation.open.contains(&named);
                let clause =
                    self.pools.entries.iter().flat_map(|entry| entry.basis.iter()).find(|one| rests(one));
                let (clause, entry) = (clause.map(|one| one.clause.clone()), self.first_entry(rests));
                let what = format!("{named:?} is no declared open point; declare it as an [[open]] entry");
                self.reader.tell(&entry, clause.as_ref(), what);
            }
        }
        for point in points {
            // An entry that could not be read may rest on it.
            if self.reader.unread.is_empty() && !self.rests_on.contains(&*point.id) {
                let what = "no entry rests on it; name it under `open` where it decides, or take it out";
                self.reader.tell(&format!("open {}", point.id), None, what);
            }
        }
    }

    /// Words are bits of 64, and places in the pools have 16 bits.
    fn check_sizes(&mut self) {
        if self.names.lists().iter().any(|list| list.len() > 64) {
            self.reader.tell(
                "",
                None,
                "declares more than 64 words of a kind; take out those that no condition uses",
            );
        }
        let pools = &self.pools;
        let sizes = [pools.tests.len(), pools.alternatives.len(), pools.days.len(), pools.entries.len()];
        if sizes.iter().any(|size| *size >= usize::from(u16::MAX)) {
            self.reader.tell("", None, "has more than 65,534 conditions or entries; split it by division");
        }
    }

    /// No two rows of a table have the same name, except windows, whose name several rows may share.
    fn check_names(&mut self) {
        let labels: Vec<Arc<str>> = self.pools.entries.iter().map(|entry| entry.label.clone()).collect();
        for (at, label) in labels.iter().enumerate() {
            let twice = labels.iter().take(at).any(|earlier| earlier == label);
            if twice && !label.starts_with("window ") {
                self.reader.tell(label, None, "is declared twice; give one of them another id");
            }
        }
    }
}
