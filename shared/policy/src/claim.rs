//! What the fund pays for and what not: the questions "what may be drawn?" (待遇项目) and "what of a claim is not the
//! fund's to pay?" (不予支付).

use std::sync::Arc;

use crate::compile::Compiler;
use crate::fact::Fact;
use crate::facts::Facts;
use crate::file;
use crate::reader::{Entry, Shape};
use crate::register::needs;
use crate::ruling::{Cited, Refusal, Unjudged};
use crate::sheet::{Seen, Sheet};
use crate::table::{self, Row, Tables};
use crate::trace::{Recorder, Verdict};
use crate::words::Cause;

/// What of a claim is not the fund's to pay (不予支付).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// The notice says nothing about it.
    pub silent: bool,
    /// Which fact must be given first.
    pub refusal: Option<Refusal>,
    /// The causes that exclude the claim.
    pub excluded: Vec<Cited<Cause>>,
    /// The causes of which a person must decide.
    pub undecided: Vec<Cited<Cause>>,
}

/// What whoever is insured may draw (待遇项目).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entitlements {
    /// The notice says nothing about it.
    pub silent: bool,
    /// What may be drawn, in the notice's words and order.
    pub drawn: Vec<Cited<Arc<str>>>,
    /// What may be drawn on conditions that stand elsewhere.
    pub undecided: Vec<Cited<Arc<str>>>,
    /// What turns on a fact that was not given.
    pub unjudged: Vec<Unjudged>,
}

impl Compiler<'_> {
    pub fn entitlements(&mut self) -> Vec<Row<Option<file::Undecided>>> {
        let rows: Vec<(Entry, file::Entitlement)> = self.reader.rows("entitlement", Shape::Row);
        let compiled = |(entry, row): (Entry, file::Entitlement)| {
            debug_assert_eq!(*entry.id, *row.name, "an entry with a name is known by it");
            self.row(&entry, row.decide)
        };
        rows.into_iter().map(compiled).collect()
    }

    pub fn exclusions(&mut self) -> Vec<Row<table::Exclusion>> {
        self.plain_rows("exclusion", |file::Exclusion { cause, decide }: file::Exclusion| table::Exclusion {
            cause,
            decide,
        })
    }
}

/// What whoever is insured may draw.
pub(crate) fn entitlements(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Entitlements {
    let mut said = Entitlements { silent: tables.entitlements.is_empty(), ..Entitlements::default() };
    let sheet = Sheet::new(tables, facts, Seen::Unknown(Fact::Paid), recorder);
    for row in &tables.entitlements {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => said.unjudged.extend(sheet.unjudged(row)),
            Verdict::Holds => {
                let cited = Cited { value: entry.id.clone(), basis: entry.basis.clone() };
                match row.then {
                    None => said.drawn.push(cited),
                    Some(_) => said.undecided.push(cited),
                }
            }
        }
    }
    said
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
