//! What is wrong with a notice file. All problems are told together; a file with one does not serve.

use std::fmt;
use std::sync::Arc;

use canbao_types::ClauseId;

/// One thing wrong with a notice file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The lines in which the entry begins, from 1: several where several entries have its name, none where there is no
    /// such entry.
    pub lines: Vec<usize>,
    /// Table and name of the entry, such as "window 集中参保缴费期"; empty when the file as a whole is meant.
    pub entry: String,
    /// The first clause the entry cites, if it cites one.
    pub clause: Option<ClauseId>,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for (line, before) in self.lines.iter().zip([", line "].into_iter().chain(std::iter::repeat(" or ")))
        {
            write!(f, "{before}{line}")?;
        }
        if !self.entry.is_empty() {
            write!(f, ": {}", self.entry)?;
        }
        if let Some(clause) = &self.clause {
            write!(f, " ({clause})")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Everything that is wrong, in the order it was found; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A word that is none of those known, with the one that was perhaps meant, or with all of them where they are few.
pub(crate) fn unknown(word: &str, of: &str, known: &[Arc<str>]) -> String {
    const FEW: usize = 12;
    told(word, of, known, FEW)
}

/// A word that stands where one of a closed list is read, such as the key of a file beside the notices, with the one that was
/// perhaps meant, or with all there are, since there is no other place where it could be looked up; `of` is what it should
/// have been.
#[must_use]
pub fn unknown_in_list(word: &str, of: &str, known: &[&str]) -> String {
    told(word, of, known, usize::MAX)
}

/// All that are known are told where they are no more than `most`.
fn told<S: AsRef<str>>(word: &str, of: &str, known: &[S], most: usize) -> String {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let alike = known.iter().map(|known| (strsim::osa_distance(word, known), known)).min();
    let remedy = match alike {
        Some((distance, known)) if distance <= word.chars().count().div_ceil(3) => {
            format!("did you mean {known:?}?")
        }
        _ if known.is_empty() => "none is declared; declare it first".to_owned(),
        _ if known.len() <= most => format!("write one of {}", known.join(", ")),
        _ => "mend the word".to_owned(),
    };
    format!("{word:?} is no {of}; {remedy}")
}
