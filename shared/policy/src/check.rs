//! Checks of a notice as a whole: every clause is accounted for, every reference leads somewhere.

use std::sync::Arc;

use crate::compile::Compiler;
use crate::file::{self, Document};
use crate::reader::{Entry, Shape};
use crate::table::OpenPoint;

impl Compiler<'_> {
    /// Runs when every table has been read; the open points are what is left to read.
    pub fn check(&mut self, documents: &[(Entry, Document)]) -> Vec<OpenPoint> {
        let silent: Vec<(Entry, file::NoComputation)> = self.reader.rows("no_computation", Shape::Cited);
        for (entry, row) in &silent {
            if row.because.is_empty() {
                self.reader.tell_of(entry, "says why nothing is computed");
            }
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
            self.reader.tell("document", None, "a notice has documents, each of its own rank");
        }
        for clause in self.cited.clone() {
            let document = documents.iter().find(|(_, document)| document.code == clause.document());
            let number = clause.as_str().rsplit_once('-').and_then(|(_, number)| number.parse::<u16>().ok());
            match (document, number) {
                (None, _) => self.reader.tell("", Some(&clause), "is a clause of no declared document"),
                (Some((_, document)), Some(number)) if (1..=document.clauses).contains(&number) => {}
                (Some((_, document)), _) => {
                    let what = format!("is no clause of {}, which has {}", document.title, document.clauses);
                    self.reader.tell("", Some(&clause), what);
                }
            }
        }
        for (entry, document) in documents {
            for number in 1..=document.clauses {
                let text = format!("{}-{number:02}", document.code);
                if !self.cited.iter().any(|clause| clause.as_str() == text) {
                    self.reader.tell(&entry.label, None, format!("no entry cites {text}"));
                }
            }
        }
    }

    /// Every open point named is declared, and every one declared is rested on.
    fn check_points(&mut self, points: &[OpenPoint]) {
        for named in self.rests_on.clone() {
            if !points.iter().any(|point| *point.id == *named) {
                self.reader.tell("", None, format!("{named:?} is no declared open point"));
            }
        }
        for point in points {
            if !self.rests_on.contains(&*point.id) {
                self.reader.tell(&format!("open {}", point.id), None, "no entry rests on it");
            }
        }
    }

    /// Words are bits of 64, and places in the pools have 16 bits.
    fn check_sizes(&mut self) {
        if self.names.lists().iter().any(|list| list.len() > 64) {
            self.reader.tell("", None, "declares more than 64 words of a kind");
        }
        let pools = &self.pools;
        let sizes = [pools.tests.len(), pools.alternatives.len(), pools.days.len(), pools.entries.len()];
        if sizes.iter().any(|size| *size >= usize::from(u16::MAX)) {
            self.reader.tell("", None, "has more than 65,534 conditions or entries");
        }
    }

    /// No two rows of a table have the same name, except windows, whose name several rows may share.
    fn check_names(&mut self) {
        let labels: Vec<Arc<str>> = self.pools.entries.iter().map(|entry| entry.label.clone()).collect();
        for (at, label) in labels.iter().enumerate() {
            let twice = labels.iter().take(at).any(|earlier| earlier == label);
            if twice && !label.starts_with("window ") {
                self.reader.tell(label, None, "is declared twice");
            }
        }
    }
}
