//! The decision: what is due, and what a payment would buy.

use canbao_policy::{Facts, Notice, Payment as Ruling, Stated};
use canbao_types::{AmountPart, Bearer, Date, Money, total};

use crate::refusal::Refusal;

/// What is known about a resident's contribution.
#[derive(Clone)]
pub(crate) struct Known {
    /// What registration told.
    pub(crate) facts: Facts,
    /// What subsidy told of the aid, if it has told anything.
    pub(crate) owed: Option<Owed>,
    /// The contribution is settled.
    pub(crate) settled: bool,
}

/// What subsidy told: tax is told no more than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owed {
    pub(crate) aided: Money,
    pub(crate) payable_item: String,
}

/// What a resident has to pay.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) parts: Vec<AmountPart>,
    pub(crate) aided: Money,
    pub(crate) due: Money,
    pub(crate) payable_item: String,
    /// The ruling it comes from: window, benefit, warnings.
    pub(crate) ruling: Ruling,
}

/// How a payment is, or would be, made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) pay_date: Date,
    pub(crate) cash: bool,
}

/// What is due, apart from any payment.
pub(crate) fn due(known: &Known, notice: &Notice) -> Result<Due, Refusal> {
    let mut ruling = notice.pay(&facts(known, None));
    // Without a payment only a missing fact stands in the way of an amount; a rule about paying does not.
    let refusals = ruling.refusal.take().into_iter().chain(std::mem::take(&mut ruling.also));
    if let Some(refusal) = refusals.into_iter().find(|refusal| refusal.fact.is_some()) {
        return Err(Refusal::ByRule(Box::new(refusal)));
    }
    settle(known, ruling)
}

/// What is due when paid in this manner, and what it buys; refused where the notice refuses such a payment.
pub(crate) fn quote(known: &Known, notice: &Notice, manner: Manner) -> Result<Due, Refusal> {
    if known.settled {
        return Err(Refusal::AlreadySettled);
    }
    let mut ruling = notice.pay(&facts(known, Some(manner)));
    match ruling.refusal.take() {
        Some(refusal) => Err(Refusal::ByRule(Box::new(refusal))),
        None => settle(known, ruling),
    }
}

/// Amounts to the fen from what the notice says and what subsidy told.
fn settle(known: &Known, ruling: Ruling) -> Result<Due, Refusal> {
    let undecided = || Refusal::PersonMustDecide(ruling.citations().into_vec());
    let parts = ruling.amount_parts().ok_or_else(undecided)?;
    let persons = parts.iter().filter(|part| part.bearer == Bearer::Person).cloned().collect::<Vec<_>>();
    let standard = total(&persons).filter(|_| !persons.is_empty()).ok_or_else(undecided)?;
    let (aided, payable_item) = match &known.owed {
        Some(owed) => (owed.aided, owed.payable_item.clone()),
        None => (Money::ZERO, ruling.option.as_ref().map(|item| item.value.to_string()).unwrap_or_default()),
    };
    // Aid never exceeds what it relieves; what subsidy told of a standard is not this one's business to correct.
    let due = standard.checked_sub(aided).filter(|due| !due.is_negative()).ok_or_else(undecided)?;
    Ok(Due { parts, aided, due, payable_item, ruling })
}

/// The facts of a ruling on a contribution. Tax knows no identity: what they are worth, subsidy has told.
fn facts(known: &Known, manner: Option<Manner>) -> Facts {
    let mut facts = known.facts.clone().of_one_who_pays();
    if let Some(Manner { pay_date, cash }) = manner {
        facts.paid = Some(pay_date);
        facts.arrived = Some(pay_date);
        facts.cash = Some(cash);
    }
    facts
}

/// When benefits would begin and end, if the ruling says.
pub(crate) fn benefit(ruling: &Ruling) -> Option<(Date, Date)> {
    let benefit = ruling.benefit.as_ref()?;
    match (benefit.start, benefit.end) {
        (Stated::Is(from), Stated::Is(to)) if from <= to => Some((from, to)),
        _ => None,
    }
}
