//! How many residents each row of a notice touches.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Population;
use super::answer::asked;
use super::groups::{groups, in_parts};
use super::sums::Both;
use crate::notice::Notice;
use crate::trace::Verdict;

/// A row and the residents for whom it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The row, as a trace names it, such as "price standard".
    pub row: Arc<str>,
    /// For how many it holds under each notice when they pay, or ask what they would.
    pub people: Both<u64>,
}

/// For each row of two notices how many residents it holds for, by the rows' names. A row that is never tried for somebody,
/// because one before it holds, does not hold for that person.
#[must_use]
pub fn touched(population: &Population, first: &Notice, second: &Notice) -> Vec<Touched> {
    let groups = groups(population, [first, second]);
    let parts = in_parts(&groups, |groups| {
        let mut rows: BTreeMap<Arc<str>, Both<u64>> = BTreeMap::new();
        for group in groups {
            let facts = group.facts(population);
            for (notice, is_second) in [(first, false), (second, true)] {
                let (_, trace) = notice.explain_payment(&asked(notice, &facts));
                let mut holding: Vec<Arc<str>> = trace
                    .0
                    .into_iter()
                    .filter(|tried| tried.verdict == Verdict::Holds)
                    .map(|tried| tried.row)
                    .collect();
                holding.sort_unstable();
                holding.dedup();
                for row in holding {
                    *rows.entry(row).or_default().side(is_second) += group.people;
                }
            }
        }
        rows
    });
    let mut all: BTreeMap<Arc<str>, Both<u64>> = BTreeMap::new();
    for (row, people) in parts.into_iter().flatten() {
        let sum = all.entry(row).or_default();
        sum.a += people.a;
        sum.b += people.b;
    }
    all.into_iter().map(|(row, people)| Touched { row, people }).collect()
}
