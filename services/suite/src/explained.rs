//! An explained ruling as people read it: for the citizen first, then every row tried, for the auditor.

use std::fmt::{Display, Formatter, Result};

use canbao_policy::Fact;
use canbao_policy::written::{Explained, Open, RowTried, Why};

/// Prints an explained ruling for people.
pub(crate) struct Readable<'e>(pub(crate) &'e Explained);

impl Display for Readable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.explanation.iter().try_for_each(|why| answer(why, f))?;
        // A question that tries no row has nothing to check one by one.
        if self.0.trace.is_empty() {
            return Ok(());
        }
        writeln!(f, "── 逐条核对 ──")?;
        write!(f, "序号  结果    条目")?;
        let rows = self.0.trace.iter().enumerate();
        rows.map(|(at, tried)| row(at + 1, tried)).try_for_each(|row| write!(f, "\n{row}"))
    }
}

fn answer(why: &Why, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "{}？\n  {}", why.question, why.text)?;
    let clauses: Vec<&str> = why.clauses.iter().map(|citation| citation.clause.as_str()).collect();
    if !clauses.is_empty() {
        writeln!(f, "  依据：{}", clauses.join("、"))?;
    }
    if let Some(note) = why.note {
        writeln!(f, "  提示：{note}")?;
    }
    why.open.iter().map(open).try_for_each(|open| writeln!(f, "  {open}"))?;
    writeln!(f)
}

/// An open point in one line.
fn open(open: &Open) -> String {
    let other = match open.other.as_slice() {
        [] => String::new(),
        other => format!("；另有理解：{}", other.join("、")),
    };
    format!("待明确 {} {}：按“{}”办理（{}）{other}", open.id, open.about, open.reading, open.because)
}

/// A row tried, in one line of the table.
fn row(number: usize, tried: &RowTried) -> String {
    let verdict = match tried.verdict {
        "holds" => "适用  ",
        "fails" => "不适用",
        "excepted" => "除外  ",
        _ => "缺信息",
    };
    let fact = tried.fact.map(|fact| Fact::named(fact).map_or(fact, Fact::name));
    let fact = fact.map(|fact| format!("（{fact}）")).unwrap_or_default();
    format!("{number:>4}  {verdict}  {}{fact}", tried.row)
}
