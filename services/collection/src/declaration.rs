//! The decision: does a declaration through a virtual account (虚拟户申报) settle a contribution?

use canbao_policy::Notice;
use canbao_types::{Money, Part, RefusalKind, Refused};

use crate::{
    contribution::{self, Chosen, How, Known, Manner, Settled},
    owed::{SettledBy, When},
    refusal::Refusal,
};

/// The tax bureau declares for whoever keeps a roster.
const TAX: &str = "tax";

/// What becomes of a person on the list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The declaration settles the contribution.
    Settles(Settled),
    /// It was settled before.
    Repeats,
}

/// Decides a declaration by `caller` of somebody whose contribution is known; its day and the tier chosen are those of a
/// payment that would be made in its place.
pub(crate) fn declare(
    known: Option<&Known>,
    notice: &Notice,
    (caller, manner): (&str, &Manner),
) -> Result<Outcome, Refused> {
    let declared_on = manner.pay_date;
    let known = known.filter(|known| known.registered_on(declared_on));
    let known = known.ok_or_else(|| Refusal::UnknownResident.refused())?;
    if known.settled.is_some() {
        return Ok(Outcome::Repeats);
    }
    let owed = known.owed(When::paid(manner)).ok_or_else(not_declarable)?;
    match &owed.settled_by {
        SettledBy::Declaration(declarers) if caller == TAX || declarers.iter().any(|by| by == caller) => {}
        SettledBy::Declaration(_) => {
            let message = "该居民应由掌握其名单的部门申报，请由该部门办理。";
            return Err(Refused::new(RefusalKind::Denied, "NOT_THE_DECLARER", message));
        }
        // Whoever owes nothing in the tier of their own choice tells it by no payment.
        _ if caller == TAX && !manner.chosen.tier.is_empty() => {}
        SettledBy::Confirmation(_) | SettledBy::Payment => {
            return Err(not_declarable().citing(owed.citations.clone()));
        }
    }
    let due = contribution::ruled(known, notice, manner).map_err(Refusal::refused)?;
    if !due.due.is_zero() {
        return Err(not_declarable().citing(due.citations()));
    }
    Ok(Outcome::Settles(Settled {
        how: How::Declaration,
        payment: None,
        standard: due.standard,
        paid: Money::ZERO,
        aided: due.aided,
        government: Money::ZERO,
        repair: Money::ZERO,
        arrears: due.of_person(Part::Arrears),
        along: due.of_person(Part::Side),
        chosen: Chosen::tier(&due.tier()),
        settled_on: declared_on,
        arrived_on: declared_on,
        determination: due.determination,
    }))
}

fn not_declarable() -> Refused {
    let message = "该居民不属于虚拟户申报范围或仍有应缴金额，请核对名单。";
    Refused::new(RefusalKind::Precondition, "NOT_DECLARABLE", message)
}
