//! How an answer came about: recorded by the same evaluation that gives it.

use std::sync::Arc;

use crate::fact::Fact;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its condition holds, and no exception.
    Holds,
    /// This fact does not fit its condition.
    Fails(Fact),
    /// Its condition holds, and so does an exception.
    Excepted,
    /// It turns on this fact, which was not given.
    Needs(Fact),
}

/// Hears of every row tried, in order. `()` hears nothing and costs nothing.
pub(crate) trait Recorder {
    /// A row of the table `row` names, and what became of it.
    fn tried(&mut self, row: &Arc<str>, verdict: Verdict);

    /// The evaluation begins anew under another assumption; what was heard so far led nowhere.
    fn anew(&mut self);
}

impl Recorder for () {
    fn tried(&mut self, _: &Arc<str>, _: Verdict) {}
    fn anew(&mut self) {}
}

/// One row tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Table and id.
    pub row: Arc<str>,
    /// What became of it.
    pub verdict: Verdict,
}

/// Every row tried, in the order of evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace(pub Vec<Tried>);

impl Recorder for Trace {
    fn tried(&mut self, row: &Arc<str>, verdict: Verdict) {
        self.0.push(Tried { row: row.clone(), verdict });
    }

    fn anew(&mut self) {
        self.0.clear();
    }
}
