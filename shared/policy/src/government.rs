//! What government pays for each insured person (财政补助), and which level of it bears how much.

use std::sync::Arc;

use canbao_types::{CoverYear, Money};

use crate::aid::{WHOLE, split};
use crate::compile::Compiler;
use crate::fact::Fact;
use crate::facts::Facts;
use crate::file;
use crate::reader::{Entry, Shape};
use crate::register::{needs, outcome};
use crate::ruling::{Basis, Cited, Refusal, Stated};
use crate::sheet::{Pick, Seen, Sheet};
use crate::table::{Payer, Row, Subsidy, Tables};
use crate::tier;
use crate::trace::Recorder;

/// What government pays for a person in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernmentSubsidy {
    /// How much.
    pub amount: Stated<Money>,
    /// The coverage year whose figure it is, where the notice goes by another year's than its own.
    pub of_year: Option<CoverYear>,
    /// The levels of government that bear it, in the notice's words and order; empty when it names none.
    pub shares: Vec<(Arc<str>, Stated<Money>)>,
}

impl Compiler<'_> {
    pub fn subsidies(&mut self) -> Vec<Row<Subsidy>> {
        let rows: Vec<(Entry, file::Subsidy)> = self.reader.rows("government_subsidy", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, subsidy) in rows {
            let amount = self.money(&entry, &subsidy.amount);
            let payers = subsidy.shares.map(|shares| self.shares(&entry, &shares)).unwrap_or_default();
            compiled.push(self.row(&entry, Subsidy { amount, year: subsidy.year, payers }));
        }
        compiled
    }

    /// Several payers of a share each, which make the whole together.
    pub fn shares(&mut self, entry: &Entry, shares: &[file::PayerShare]) -> Vec<Payer> {
        let mut payers = Vec::new();
        for share in shares {
            let payer = Stated::Is(self.payer(entry, &share.payer));
            payers.push(Payer { payer, per_10_000: self.rate(entry, &share.rate).unwrap_or_default() });
        }
        if payers.iter().map(|payer| payer.per_10_000).sum::<i64>() != WHOLE {
            self.reader.tell_of(entry, "its `shares` do not make 100% together; mend the rates");
        }
        let mut names: Vec<&str> = shares.iter().map(|share| share.payer.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() != shares.len() {
            self.reader.tell_of(entry, "names a payer twice in `shares`; give each payer one share");
        }
        payers
    }
}

/// What government pays for the person.
pub(crate) fn subsidy(
    tables: &Tables,
    facts: &Facts,
    recorder: &mut impl Recorder,
) -> Result<Cited<GovernmentSubsidy>, Box<Refusal>> {
    let governed = facts.cover_year.is_none_or(|year| year == tables.year);
    let mut sheet = Sheet::new(tables, facts, Seen::Unknown(Fact::Paid), recorder);
    outcome(&mut sheet, recorder);
    tier::find(&mut sheet, recorder);
    match sheet.first(&tables.subsidies, recorder) {
        Pick::Row(row) if governed => {
            let (value, basis) = (row.then.said(), tables.entry(row.entry).basis.clone());
            Ok(Cited { value, basis })
        }
        Pick::Needs(row, fact) if governed => Err(Box::new(needs(tables.entry(row.entry), fact))),
        _ => {
            let (amount, of_year, shares) = (Stated::NotStated, None, Vec::new());
            Ok(Cited { value: GovernmentSubsidy { amount, of_year, shares }, basis: Basis::from([]) })
        }
    }
}

impl Subsidy {
    fn said(&self) -> GovernmentSubsidy {
        let rates: Vec<i64> = self.payers.iter().map(|payer| payer.per_10_000).collect();
        let named = self.payers.iter().filter_map(|payer| payer.payer.as_ref().is().cloned());
        let shares = named.zip(split(self.amount, &rates)).collect();
        GovernmentSubsidy { amount: self.amount, of_year: self.year, shares }
    }
}
