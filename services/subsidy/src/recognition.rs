//! The decision: what becomes of a payment when an identity is recognised after it, and what does each payer owe?

use std::collections::BTreeSet;

use canbao_policy::{AidLine, Facts, HeldIdentity, Notice, Refund, RefundCause, Stated};
use canbao_types::{Citation, Citations, Date, Money, Part, Period, Reason};

use crate::aid::{self, Aid, Decided};

/// A contribution that is settled, as tax told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// What the person paid.
    pub(crate) paid: Money,
    /// What others pay of the personal part.
    pub(crate) aided: Money,
    /// Of what was paid, the part in the government's place.
    pub(crate) government: Money,
    /// Of what was paid, the part for missed years.
    pub(crate) repair: Money,
    pub(crate) settled_on: Date,
    /// The number of the determination whose aid it is; 0: none.
    pub(crate) number: u64,
    /// The tier, in the notice's words; empty: none.
    pub(crate) tier: String,
}

/// What an identity recognised after the payment comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recognition {
    pub(crate) outcome: Outcome,
    /// What each payer bears of what is given back.
    pub(crate) lines: Vec<AidLine>,
    /// The day from which both are known, the payment and the identity.
    pub(crate) determined_on: Date,
    pub(crate) citations: Vec<Citation>,
    /// Of these, what does not tell who the person is: those of the refund without those of the aid itself.
    pub(crate) plain_citations: Vec<Citation>,
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

/// Judges what is known of the identities against a contribution that was settled without aid; `aided_then` is what the
/// determination named by tax came to. None: nothing follows.
///
/// Each day on which an identity was recognised is asked about with those that stood by then, and what most comes back
/// on any of them is given: what is known already, and in which order, makes no difference. A resident who already had
/// aid has it once and keeps it. One who paid late although the aid was known paid by an assessment, which is not judged
/// again.
pub(crate) fn judge(
    settled: &Settled,
    aided_then: Option<Money>,
    facts: &Facts,
    decided: Option<Decided>,
    notice: &Notice,
) -> Option<Recognition> {
    let own = settled.paid.checked_sub(settled.government).and_then(|own| own.checked_sub(settled.repair));
    let paid = own.filter(|own| *own > Money::ZERO)?;
    if !settled.aided.is_zero() || aided_then.is_some_and(|aided| !aided.is_zero()) {
        return None;
    }
    let late = !settled.government.is_zero();
    let since = |held: &HeldIdentity| held.recognised.filter(|day| !late || *day > settled.settled_on);
    let days: BTreeSet<Date> = facts.identities.iter().flatten().filter_map(since).collect();
    let judged = days.into_iter().filter_map(|day| {
        let stood = |held: &&HeldIdentity| since(held).is_some_and(|since| since <= day);
        let identities = facts.identities.iter().flatten().filter(stood).cloned().collect();
        let by_then = Facts { identities: Some(identities), ..facts.clone() };
        on_a_day(settled, paid, (&by_then, day), decided, notice)
    });
    // Of equals the first day's stands.
    judged.reduce(|best, next| if next.outcome.weight() > best.outcome.weight() { next } else { best })
}

/// Judges the identities that stood on a day, the last of them recognised on it.
fn on_a_day(
    settled: &Settled,
    paid: Money,
    (facts, day): (&Facts, Date),
    decided: Option<Decided>,
    notice: &Notice,
) -> Option<Recognition> {
    let of_all = aid::determine(facts, decided, notice);
    // Where the aid turns on the tier, it is that of the tier that was paid.
    let chosen = Some(settled.tier.clone()).filter(|tier| !tier.is_empty() && !of_all.choice.is_empty());
    let facts = &Facts { tier_asked: chosen.clone(), ..facts.clone() };
    let aid = chosen.map_or(of_all, |_| aid::determine(facts, decided, notice));
    if aid.taken.is_empty() || aid.amounts.is_some_and(|amounts| amounts.aided.is_zero()) {
        return None;
    }
    let asked = Facts { paid: Some(settled.settled_on), paid_amount: Some(paid), ..facts.clone() };
    let refund = notice.refund_for(RefundCause::Recognised, &asked);
    let outcome = outcome(&refund, paid, &aid)?;
    let taken = aid.taken.iter().flat_map(|line| line.basis.iter());
    let refusal = refund.refusal.iter().map(|refusal| &refusal.basis);
    let bases = refund.basis.iter().chain(refusal).flat_map(|basis| basis.iter());
    let citations: Citations = bases.clone().chain(taken.clone()).cloned().collect();
    let plain: Citations =
        bases.filter(|citation| !taken.clone().any(|other| other == *citation)).cloned().collect();
    let (citations, plain_citations) = (citations.into_vec(), plain.into_vec());
    let lines = match &outcome {
        Outcome::GivenBack(amount, _) => {
            let aided = aid.lines();
            let lines = if refund.aid.is_empty() { &aided } else { &refund.aid };
            AidLine::of_whole(lines, *amount).unwrap_or_default()
        }
        Outcome::Refused | Outcome::Undecided => Vec::new(),
    };
    Some(Recognition {
        outcome,
        lines,
        determined_on: day.max(settled.settled_on),
        citations,
        plain_citations,
    })
}

impl Outcome {
    /// By how much more is given back than was before.
    pub(crate) fn above(&self, before: Money) -> Option<Money> {
        match self {
            Self::GivenBack(amount, _) => amount.checked_sub(before).filter(|more| *more > Money::ZERO),
            Self::Refused | Self::Undecided => None,
        }
    }

    /// What is given back outweighs what is not, and more outweighs less; what a person must decide outweighs a refusal.
    fn weight(&self) -> (bool, bool, Money) {
        match self {
            Self::GivenBack(amount, _) => (true, false, *amount),
            Self::Undecided => (false, true, Money::ZERO),
            Self::Refused => (false, false, Money::ZERO),
        }
    }
}

fn outcome(refund: &Refund, paid: Money, aid: &Aid) -> Option<Outcome> {
    match (&refund.refusal, refund.amount) {
        (Some(refusal), _) if refusal.reason == Reason::NeedsFact => Some(Outcome::Undecided),
        (Some(_), _) => Some(Outcome::Refused),
        (None, Some(Stated::Is(amount))) if amount.is_zero() => None,
        (None, Some(Stated::Is(amount))) => Some(Outcome::GivenBack(amount, payers(refund, aid))),
        // The notice gives the aid back and leaves its amount to a person, who has decided it.
        (None, Some(Stated::PersonMustDecide)) if !refund.aid.is_empty() => Some(match aid.amounts {
            Some(amounts) => Outcome::GivenBack(amounts.aided.min(paid), payers(refund, aid)),
            None => Outcome::Undecided,
        }),
        (None, _) => Some(Outcome::Undecided),
    }
}

/// Who bears what is given back: of a ground that gives back something else than the aid, whoever pays the aid.
fn payers(refund: &Refund, aid: &Aid) -> String {
    if refund.aid.is_empty() { aid.payer() } else { AidLine::payers(&refund.aid) }
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

impl Borne {
    /// Whether it is aid, and not what somebody bears beside the person.
    fn is_aid(&self) -> bool {
        match self.part {
            Part::Personal | Part::Arrears | Part::Side => true,
            Part::Government | Part::Repair => false,
        }
    }
}

/// What is owed for a settled contribution, out of the determination that tax named: the aid that tax took, and the
/// government's part when the resident paid in the period opened for it and not in the government's place.
pub(crate) fn owed(settled: &Settled, named: Vec<Borne>, opened: Option<Period>) -> Vec<Borne> {
    let in_period = opened.is_some_and(|days| days.contains(settled.settled_on));
    let takes = |borne: &Borne| {
        if borne.is_aid() { !settled.aided.is_zero() } else { in_period && settled.government.is_zero() }
    };
    let mut owed: Vec<Borne> = named.into_iter().filter(takes).collect();
    let aid = || owed.iter().filter(|borne| borne.is_aid());
    let payers = aid().count();
    let Some(determined) = Money::sum(aid().map(|borne| borne.amount)) else { return owed };
    let mut left = settled.aided;
    for (number, borne) in owed.iter_mut().filter(|borne| borne.is_aid()).enumerate() {
        let last = number + 1 == payers;
        borne.amount = if last { left } else { in_proportion(borne.amount, settled.aided, determined) };
        left = left.checked_sub(borne.amount).unwrap_or(Money::ZERO);
    }
    owed
}

/// A payer's amount of the aid determined, of the aid that tax took.
fn in_proportion(amount: Money, taken: Money, determined: Money) -> Money {
    if taken == determined {
        return amount;
    }
    let fen = i128::from(amount.fen()) * i128::from(taken.fen()) / i128::from(determined.fen().max(1));
    i64::try_from(fen).ok().and_then(|fen| Money::from_fen(fen).ok()).unwrap_or(amount)
}
