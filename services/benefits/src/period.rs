//! The decision: from when to when are there benefits?

use canbao_policy::{Facts, Notice, Stated};
use canbao_types::{Citation, Citations, Date, Period};

/// A benefit period as it follows from the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Determined {
    /// The days; none when the payment bought none, or a person must decide.
    pub(crate) days: Option<Period>,
    /// The waiting period in months; 0: none.
    pub(crate) wait_months: u32,
    /// A person must decide, or a fact is missing.
    pub(crate) undecided: bool,
    pub(crate) citations: Vec<Citation>,
}

/// The benefit period of a resident whose contribution was settled by a payment on `pay_date`.
///
/// The payment was taken by collection, whose decision it was; whether it should have been is not asked again here.
pub(crate) fn determine(facts: &Facts, pay_date: Date, notice: Option<&Notice>) -> Determined {
    let undecided = Determined { days: None, wait_months: 0, undecided: true, citations: Vec::new() };
    let Some(notice) = notice else { return undecided };
    let mut facts = facts.clone().of_one_who_pays();
    facts.paid = Some(pay_date);
    facts.arrived = Some(pay_date);
    facts.cash = Some(false);
    let ruling = notice.pay(&facts);
    let Some(benefit) = &ruling.benefit else { return undecided };
    let wait = benefit.wait.as_ref();
    let bases = ruling.window.iter().map(|window| &window.basis);
    let bases = bases.chain([&benefit.basis]).chain(wait.map(|wait| &wait.basis));
    let citations = bases.flat_map(|basis| basis.iter().cloned()).collect::<Citations>().into_vec();
    let wait_months = wait.map_or(0, |wait| wait.months);
    match (benefit.start, benefit.end) {
        (Stated::Is(from), Stated::Is(to)) => {
            Determined { days: Period::new(from, to), wait_months, undecided: false, citations }
        }
        _ => Determined { days: None, wait_months, undecided: true, citations },
    }
}
