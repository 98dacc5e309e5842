//! Citations (依据): the clauses of a notice that an answer rests on.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A clause (条款) by document code and number: `XY26-03`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId(Arc<str>);

impl ClauseId {
    /// The code of the document, the part before the hyphen: `XY26`.
    pub fn document(&self) -> &str {
        self.0.split_once('-').map_or("", |(document, _)| document)
    }

    /// The whole id: `XY26-03`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClauseId {
    type Err = ClauseIdError;

    /// Reads 1 to 8 capitals and digits beginning with a capital, a hyphen, and 1 to 4 digits.
    fn from_str(text: &str) -> Result<ClauseId, ClauseIdError> {
        let (document, number) = text.split_once('-').ok_or(ClauseIdError)?;
        let document_fits = document.len() <= 8
            && document.starts_with(|first: char| first.is_ascii_uppercase())
            && document.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let number_fits = (1..=4).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if document_fits && number_fits { Ok(ClauseId(text.into())) } else { Err(ClauseIdError) }
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClauseId({self})")
    }
}

serde_as_text!(ClauseId);

/// The text does not name a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClauseIdError;

impl fmt::Display for ClauseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a clause is named by document code, hyphen and number, such as XY26-03")
    }
}

impl std::error::Error for ClauseIdError {}

/// One clause an answer rests on, and the open points on which its reading rests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Citation {
    /// The clause.
    pub clause: ClauseId,
    /// Open points of the notice, such as `A-25`, whose chosen reading the answer follows; mostly none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

impl From<ClauseId> for Citation {
    fn from(clause: ClauseId) -> Citation {
        Citation { clause, open: Vec::new() }
    }
}

/// Citations in the order of first mention, each clause once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Citations(Vec<Citation>);

impl Citations {
    /// Adds a citation; for a clause that is here already, only the open points that are new.
    pub fn add(&mut self, citation: Citation) {
        match self.0.iter_mut().find(|known| known.clause == citation.clause) {
            None => self.0.push(citation),
            Some(known) => {
                for point in citation.open {
                    if !known.open.contains(&point) {
                        known.open.push(point);
                    }
                }
            }
        }
    }

    /// The citations.
    pub fn as_slice(&self) -> &[Citation] {
        &self.0
    }

    /// The citations, owned.
    pub fn into_vec(self) -> Vec<Citation> {
        self.0
    }
}

impl Extend<Citation> for Citations {
    fn extend<I: IntoIterator<Item = Citation>>(&mut self, citations: I) {
        citations.into_iter().for_each(|citation| self.add(citation));
    }
}

impl FromIterator<Citation> for Citations {
    fn from_iter<I: IntoIterator<Item = Citation>>(citations: I) -> Citations {
        let mut collected = Citations::default();
        collected.extend(citations);
        collected
    }
}
