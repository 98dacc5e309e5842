//! A notice as a page for a clerk (经办人员): one value that can be written as text or as a web page.
//!
//! Everything the notice says stands on it, in Chinese, each statement with its clauses and the open points it rests
//! on. The tables say their own keys (`said`); what is worked out from them, who pays what, the calendar and the
//! examples of waits, is asked of the engine.

mod births;
mod calendar;
mod chapters;
mod days;
mod example;
mod money;
pub(crate) mod phrase;
pub(crate) mod said;
mod words;

pub use calendar::{Bar, Calendar, Day, Kind};

use crate::notice::Notice;

/// A notice to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What is said under it: division, coverage year, number.
    pub lead: String,
    /// In the order in which they are read; those the notice says nothing for are left out.
    pub chapters: Vec<Chapter>,
}

/// A chapter of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// A short name for links.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is made of.
    pub blocks: Vec<Block>,
}

/// A part of a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Rows under headings.
    Grid(Grid),
    /// A statement under each title.
    List(List),
    /// The season.
    Calendar(Calendar),
    /// Open points (待明确事项).
    Points(Vec<Point>),
    /// A sentence of the page's own.
    Note(String),
}

/// Rows under headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// What it shows.
    pub title: String,
    /// The headings; the sources of a row stand behind the last column.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Row>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands below it.
    pub title: String,
    /// Whether amounts do, to be set flush right.
    pub amount: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One for every column; empty where nothing is said.
    pub cells: Vec<String>,
    /// What it rests on.
    pub sources: Sources,
}

/// Statements under titles, for what is said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// What they are about.
    pub title: String,
    /// Title and statement.
    pub items: Vec<(String, String)>,
    /// What they rest on.
    pub sources: Sources,
}

/// The clauses that say something, and the open points it rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Such as "XY26-03".
    pub clauses: Vec<String>,
    /// Such as "A-25".
    pub open: Vec<String>,
}

/// An open point (待明确事项).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Such as "A-25".
    pub id: String,
    /// The question.
    pub about: String,
    /// The reading that is followed.
    pub reading: String,
    /// The other readings, with what each would change.
    pub other: Vec<String>,
    /// Why.
    pub because: String,
    /// The clauses that are not followed.
    pub against: Vec<String>,
    /// Where it counts: the titles of the tables with rows that rest on it.
    pub rests: Vec<String>,
}

impl Notice {
    /// The notice as a page.
    #[must_use]
    pub fn page(&self) -> Page {
        chapters::page(self)
    }
}
