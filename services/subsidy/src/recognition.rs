//! The decision: what becomes of a payment when an identity is recognised after it, and what does each payer owe?

use canbao_policy::{Facts, Notice, Refund, RefundCause, Stated};
use canbao_types::{Citation, Date, Money, Part, Period, Reason};

use crate::aid::Aid;

/// A contribution that is settled, as tax told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// What the person paid.
    pub(crate) paid: Money,
    /// What others pay of the personal part.
    pub(crate) aided: Money,
    /// Of what was paid, the part in the government's place.
    pub(crate) government: Money,
    pub(crate) settled_on: Date,
    /// The number of the determination whose aid it is; 0: none.
    pub(crate) number: u64,
}

/// What an identity recognised after the payment comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recognition {
    pub(crate) outcome: Outcome,
    /// The day from which both are known, the payment and the identity.
    pub(crate) determined_on: Date,
    pub(crate) citations: Vec<Citation>,
}

/// What becomes of the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// So much is given back, and the payer owes it.
    GivenBack(Money, String),
    /// Nothing is given back.
    Refused,
    /// A person must decide.
    Undecided,
}

/// Judges an identity against a contribution that was settled without aid; `aided_then` is what the determination named
/// by tax came to. None: nothing follows.
///
/// A resident who already had aid has it once and keeps it. One who paid late although the aid was known paid by an
/// assessment, which is not judged again.
pub(crate) fn judge(
    settled: &Settled,
    aided_then: Option<Money>,
    aid: &Aid,
    facts: &Facts,
    notice: &Notice,
) -> Option<Recognition> {
    let paid = settled.paid.checked_sub(settled.government).filter(|own| *own > Money::ZERO)?;
    let had_aid = !settled.aided.is_zero() || aided_then.is_some_and(|aided| !aided.is_zero());
    let has_none = aid.taken.is_none() || aid.amounts.is_some_and(|amounts| amounts.aided.is_zero());
    if had_aid || has_none {
        return None;
    }
    let asked = Facts {
        paid: Some(settled.settled_on),
        paid_amount: Some(paid),
        recognised: aid.since,
        ..facts.clone()
    };
    let refund = notice.refund_for(RefundCause::Recognised, &asked);
    let taken = aid.taken.iter().map(|line| &line.basis);
    let citations =
        refund.basis.iter().chain(refund.refusal.iter().map(|refusal| &refusal.basis)).chain(taken);
    let citations: canbao_types::Citations = citations.flat_map(|basis| basis.iter().cloned()).collect();
    let outcome = outcome(&refund, paid, aid)?;
    let determined_on = aid.since.map_or(settled.settled_on, |since| since.max(settled.settled_on));
    Some(Recognition { outcome, determined_on, citations: citations.into_vec() })
}

fn outcome(refund: &Refund, paid: Money, aid: &Aid) -> Option<Outcome> {
    match (&refund.refusal, refund.amount) {
        (Some(refusal), _) if refusal.reason == Reason::NeedsFact => Some(Outcome::Undecided),
        (Some(_), _) => Some(Outcome::Refused),
        (None, Some(Stated::Is(amount))) if amount.is_zero() => None,
        (None, Some(Stated::Is(amount))) => Some(Outcome::GivenBack(amount, aid.payer())),
        // The notice gives the aid back and leaves its amount to a person, who has decided it.
        (None, Some(Stated::PersonMustDecide)) if refund.bearer.is_some() => Some(match aid.amounts {
            Some(amounts) => Outcome::GivenBack(amounts.aided.min(paid), aid.payer()),
            None => Outcome::Undecided,
        }),
        (None, _) => Some(Outcome::Undecided),
    }
}

/// What somebody bears of a determination in the resident's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Borne {
    pub(crate) part: Part,
    pub(crate) payer: String,
    pub(crate) amount: Money,
    /// As they are kept.
    pub(crate) citations: Vec<u8>,
}

/// What is owed for a settled contribution, out of the determination that tax named: the aid that tax took, and the
/// government's part when the resident paid in the period opened for it and not in the government's place.
pub(crate) fn owed(settled: &Settled, named: Vec<Borne>, opened: Option<Period>) -> Vec<Borne> {
    let in_period = opened.is_some_and(|days| days.contains(settled.settled_on));
    let takes = |borne: &Borne| match borne.part {
        Part::Personal => !settled.aided.is_zero(),
        Part::Government | Part::Repair => in_period && settled.government.is_zero(),
    };
    let amount = |borne: Borne| match borne.part {
        Part::Personal => Borne { amount: settled.aided, ..borne },
        Part::Government | Part::Repair => borne,
    };
    named.into_iter().filter(takes).map(amount).collect()
}
