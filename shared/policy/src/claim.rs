//! The question "what of a claim is not the fund's to pay?" (不予支付).

use crate::compile::Compiler;
use crate::facts::{Fact, Facts};
use crate::file;
use crate::register::needs;
use crate::ruling::{Cited, Claim};
use crate::sheet::{Seen, Sheet};
use crate::table::{self, Row, Tables};
use crate::trace::{Recorder, Verdict};

impl Compiler<'_> {
    pub fn exclusions(&mut self) -> Vec<Row<table::Exclusion>> {
        self.plain_rows("exclusion", |file::Exclusion { cause, decide }: file::Exclusion| table::Exclusion {
            cause,
            decide,
        })
    }
}

/// Which of the causes of a claim exclude it, and of which a person must decide.
pub(crate) fn claim(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Claim {
    let mut said = Claim { silent: tables.exclusions.is_empty(), ..Claim::default() };
    let sheet = Sheet::new(tables, facts, Seen::Unknown(Fact::Paid), recorder);
    for row in &tables.exclusions {
        let entry = tables.entry(row.entry);
        let arises = facts.causes.as_ref().map(|causes| causes.contains(&row.then.cause));
        let verdict = match arises {
            Some(true) => sheet.verdict(row, recorder),
            Some(false) => continue,
            None => Verdict::Needs(Fact::Causes),
        };
        match verdict {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(fact) => said.refusal = said.refusal.or_else(|| Some(needs(entry, fact))),
            Verdict::Holds => {
                let cited = Cited { value: row.then.cause, basis: entry.basis.clone() };
                match row.then.decide {
                    None => said.excluded.push(cited),
                    Some(_) => said.undecided.push(cited),
                }
            }
        }
    }
    said
}
