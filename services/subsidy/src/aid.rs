//! The decision: how much of a resident's contribution do others pay, and what settles it?

use std::sync::Arc;

use canbao_policy::{AidLine, Facts, HeldIdentity, HeldRuling, Notice, Payment, Stated, Submitter};
use canbao_types::{AmountPart, Bearer, Citation, Citations, Date, Money, Period, total};

/// A resident's aid, as the notice has it for what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aid {
    /// The person's own standard; none where it is not stated.
    pub(crate) standard: Option<Money>,
    /// What others pay of it and what is left; none where a person must decide.
    pub(crate) amounts: Option<Amounts>,
    /// The aid taken, a line for each payer, their amounts decided or not.
    pub(crate) taken: Vec<AidLine>,
    /// Aid the person would also have had.
    pub(crate) lost: Vec<AidLine>,
    /// The tier laid down for the person; empty: none is, or the person chooses.
    pub(crate) tier: String,
    /// The tiers from which the person chooses, where the aid is another one in each.
    pub(crate) choice: Vec<Arc<str>>,
    /// The payable item the person has to choose; empty when the notice has none.
    pub(crate) payable_item: String,
    pub(crate) settled_by: SettledBy,
    /// A period opened for this person alone.
    pub(crate) opened: Option<Opened>,
    /// Nothing is asked for at all, so that to be registered is to be insured.
    pub(crate) free: bool,
    /// Which identities count.
    pub(crate) identities: Vec<HeldRuling>,
    /// The day since which the identity stands that brings the aid.
    pub(crate) since: Option<Date>,
    /// What the amounts rest on.
    pub(crate) citations: Vec<Citation>,
    /// Of these, what tells nobody who the person is: the standard and the payable item.
    pub(crate) plain_citations: Vec<Citation>,
    /// The ruling it comes from, where nobody had to choose or to decide beside it.
    pub(crate) ruling: Option<Box<Payment>>,
}

/// The two sides of the personal standard, which is their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) aided: Money,
    /// None where it turns on the tier that the person chooses.
    pub(crate) owed: Option<Money>,
}

/// What settles a contribution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SettledBy {
    /// The person's own payment.
    #[default]
    Payment,
    /// Nothing is owed, and this day of confirmation stands for the payment (XY26-65, reading A-37).
    Confirmation(Date),
    /// Nothing is owed, and one of these declares for the person at tax (XY26-68).
    Declaration(Vec<Submitter>),
}

/// A payment period opened for one person, and what others bear beside the personal part when it is used (XY26-23, XY26-25).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) days: Period,
    pub(crate) parts: Vec<AmountPart>,
}

/// An amount that a person decided where the notice left it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) amount: Money,
    pub(crate) on: Date,
}

impl Aid {
    /// Whether the notice leaves the amount to a person, who has only that to decide. Where a fact is missing there is
    /// nothing to decide: the roster is to be completed; nor where two aids are left open, for which one amount is too
    /// few.
    pub(crate) fn is_to_be_decided(&self) -> bool {
        let left_open = |line: &AidLine| line.amount == Stated::PersonMustDecide;
        let one_amount_is_enough = || AidLine::of_whole(&self.taken, Money::ZERO).is_some();
        self.amounts.is_none()
            && self.standard.is_some()
            && self.taken.iter().any(left_open)
            && one_amount_is_enough()
    }

    /// What each payer bears of the aid, together the whole of it; nothing while a person must decide.
    pub(crate) fn lines(&self) -> Vec<AidLine> {
        let aided = self.amounts.map(|amounts| amounts.aided).filter(|aided| !aided.is_zero());
        aided.and_then(|aided| AidLine::of_whole(&self.taken, aided)).unwrap_or_default()
    }

    /// The payers of the aid, in the notice's words; empty when there is none.
    pub(crate) fn payer(&self) -> String {
        let nothing = self.amounts.is_some_and(|amounts| amounts.aided.is_zero());
        if nothing { String::new() } else { AidLine::payers(&self.taken) }
    }
}

/// Determines the aid of a registered resident apart from any payment: whether the contribution is settled changes
/// nothing, so the order in which departments hear of one another does not either.
pub(crate) fn determine(facts: &Facts, decided: Option<Decided>, notice: &Notice) -> Aid {
    let facts = &Facts { paid: None, confirmed: None, recognised: None, ..facts.clone() };
    let quoted = notice.pay(facts);
    let standard = standard(&quoted);
    let mut aid = Aid {
        standard,
        taken: quoted.aid.clone(),
        lost: quoted.aid_lost.clone(),
        payable_item: quoted.option.as_ref().map(|item| item.value.to_string()).unwrap_or_default(),
        free: quoted.free(),
        identities: quoted.identities.clone(),
        ..Aid::default()
    };
    aid.tier = laid_down(&quoted);
    // Where a tier is asked for, the choice is made.
    let choice = if facts.tier_asked.is_none() { to_choose(&quoted) } else { &[] };
    match choice {
        [] => aid.amounts = amounts(&quoted),
        choice => aid.in_every_tier(facts, choice, notice),
    }
    if let (true, Some(standard), Some(decided)) = (aid.is_to_be_decided(), standard, decided) {
        let aided = decided.amount.min(standard);
        aid.amounts = standard.checked_sub(aided).map(|owed| Amounts { aided, owed: Some(owed) });
    }
    aid.since = since(&aid, facts);
    aid.cite(&quoted);
    aid.settle(facts, decided, notice);
    aid.open(facts, notice);
    let alone = choice.is_empty() && decided.is_none();
    aid.ruling = alone.then(|| Box::new(quoted));
    aid
}

/// What the person owes and what others pay, of the person's own standard.
fn amounts(quoted: &Payment) -> Option<Amounts> {
    let owed = quoted.due.and_then(Stated::is)?;
    let aided = standard(quoted)?.checked_sub(owed)?;
    Some(Amounts { aided, owed: Some(owed) })
}

/// The tiers from which the person has still to choose.
fn to_choose(quoted: &Payment) -> &[Arc<str>] {
    quoted.tier.as_ref().map_or(&[], |tier| &tier.value.choice)
}

/// The tier paid without being chosen.
fn laid_down(quoted: &Payment) -> String {
    let paid = quoted.tier.as_ref().and_then(|tier| tier.value.paid.as_deref());
    paid.unwrap_or_default().to_owned()
}

impl Aid {
    /// What is the same whichever tier the person chooses: the aid, or nothing is known of it.
    fn in_every_tier(&mut self, facts: &Facts, choice: &[Arc<str>], notice: &Notice) {
        self.choice = choice.to_vec();
        let in_tier = |tier: &Arc<str>| {
            let quoted = notice.pay(&Facts { tier_asked: Some(tier.to_string()), ..facts.clone() });
            amounts(&quoted).map(|amounts| (amounts, quoted))
        };
        let Some(each) = choice.iter().map(in_tier).collect::<Option<Vec<_>>>() else { return };
        let mut each = each.into_iter();
        let Some((first, quoted)) = each.next() else { return };
        let others: Vec<_> = each.collect();
        // Who bears how much may turn on the tier as well as the amount.
        let borne = |quoted: &Payment| {
            let payer = |line: &AidLine| (line.payer.clone(), line.amount);
            quoted.aid.iter().map(payer).collect::<Vec<_>>()
        };
        let same = others.iter().all(|(_, other)| borne(other) == borne(&quoted));
        let others: Vec<_> = others.into_iter().map(|(amounts, _)| amounts).collect();
        if same && others.iter().all(|other| other.aided == first.aided) {
            let owed = first.owed.filter(|_| others.iter().all(|other| other.owed == first.owed));
            self.amounts = Some(Amounts { owed, ..first });
            self.choice.clear();
            (self.taken, self.lost) = (quoted.aid, quoted.aid_lost);
        }
    }
}

impl Aid {
    /// Only what the amounts rest on: whether one may pay today is not asked here.
    fn cite(&mut self, quoted: &Payment) {
        let plain = quoted.parts.iter().map(|part| &part.basis);
        let plain = plain.chain(quoted.option.iter().map(|item| &item.basis));
        let plain: Citations = plain.flat_map(|basis| basis.iter().cloned()).collect();
        self.plain_citations = plain.into_vec();
        // Where there are no amounts, what stands in their way.
        let undecided = self.amounts.is_none();
        let refusal = quoted.refusal.iter().filter(|_| undecided).map(|refusal| &refusal.basis);
        let bases = quoted.aid.iter().map(|aid| &aid.basis).chain(refusal);
        let bases = bases.chain(quoted.tier.iter().map(|tier| &tier.basis));
        self.citations = self.plain_citations.clone();
        self.add(bases.flat_map(|basis| basis.iter().cloned()));
    }

    fn add(&mut self, more: impl Iterator<Item = Citation>) {
        let all: Citations = std::mem::take(&mut self.citations).into_iter().chain(more).collect();
        self.citations = all.into_vec();
    }

    /// Who owes nothing pays nothing: the confirmation settles it, or whoever keeps the list declares.
    fn settle(&mut self, facts: &Facts, decided: Option<Decided>, notice: &Notice) {
        let Some(Amounts { aided, owed }) = self.amounts else { return };
        if owed != Some(Money::ZERO) || aided.is_zero() {
            return;
        }
        if self.taken.iter().all(|line| line.declared) {
            let brings = |name: &Arc<str>| self.taken.iter().any(|line| line.identities.contains(name));
            let keepers = notice.identities().iter().filter(|known| brings(&known.name));
            self.settled_by =
                SettledBy::Declaration(keepers.flat_map(|known| known.submitters.clone()).collect());
            return;
        }
        let confirmed = match decided.filter(|_| AidLine::total(&self.taken).is().is_none()) {
            Some(decided) => notice.settle(&Facts { confirmed: Some(decided.on), ..facts.clone() }),
            None => notice.pay(&Facts { confirmed: self.since, ..facts.clone() }),
        };
        // Where whoever comes late pays in the government's place (XY26-39), that day stands for no payment; where nothing is
        // due late either, it does (ZY25-28, GZ25-33).
        let nothing_due = confirmed.due == Some(Stated::Is(Money::ZERO));
        let stands = confirmed.window.is_some_and(|hit| !hit.late || nothing_due);
        if let Some(day) = confirmed.settled.filter(|_| stands) {
            self.settled_by = SettledBy::Confirmation(day.value);
            self.add(day.basis.iter().cloned());
        }
    }

    /// A window that only the identity opens, as for those recognised after everybody's: a period of the person's own, in
    /// which others may bear the government's part (XY26-23 to XY26-25). Tax is told the days, never why.
    fn open(&mut self, facts: &Facts, notice: &Notice) {
        let newest = facts.identities.iter().flatten().filter(|held| {
            self.identities.iter().any(|ruled| ruled.name == held.name && ruled.counts == Some(true))
        });
        let Some(paid) = newest.filter_map(|held| held.recognised).max() else { return };
        let on_that_day = Facts { paid: Some(paid), ..facts.clone() };
        let with = notice.pay(&on_that_day);
        let Some(hit) = with.window.as_ref().filter(|hit| !hit.late) else { return };
        let without = notice.pay(&Facts { identities: Some(Vec::new()), ..on_that_day });
        if without.window.is_some_and(|other| other.name == hit.name) {
            return;
        }
        let Some(days) = hit.days.and_then(|(from, to)| Period::new(from, to)) else { return };
        let parts = with.amount_parts().unwrap_or_default();
        let parts = parts.into_iter().filter(|part| part.bearer != Bearer::Person).collect();
        self.add(hit.basis.iter().cloned());
        self.opened = Some(Opened { days, parts });
    }
}

/// The parts the person bears before any aid.
fn standard(quoted: &Payment) -> Option<Money> {
    let parts = quoted.amount_parts()?;
    let persons: Vec<_> = parts.into_iter().filter(|part| part.bearer == Bearer::Person).collect();
    total(&persons).filter(|_| !persons.is_empty())
}

/// The first day on which an identity stood that brings the aid taken.
fn since(aid: &Aid, facts: &Facts) -> Option<Date> {
    let of_aid = |held: &&HeldIdentity| {
        aid.taken.iter().flat_map(|line| &line.identities).any(|name| **name == *held.name)
    };
    let brings = facts.identities.iter().flatten().filter(of_aid);
    brings.filter_map(|held| held.recognised).min()
}

#[cfg(test)]
#[path = "tests/aid.rs"]
mod tests;
