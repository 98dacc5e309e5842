//! The decision: how much of a resident's contribution do others pay?

use canbao_policy::{Facts, Notice, Stated};
use canbao_types::{Bearer, Citation, Money, total};

/// A resident's aid, as the notice has it for what is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Aid {
    /// The amounts; none where a person must decide.
    pub(crate) amounts: Option<Amounts>,
    /// Who pays the aid; empty when there is none.
    pub(crate) payer: String,
    /// The payable item the person has to choose; empty when the notice has none.
    pub(crate) payable_item: String,
    pub(crate) citations: Vec<Citation>,
}

/// The amounts of an aid: standard = aided + owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) standard: Money,
    pub(crate) aided: Money,
    pub(crate) owed: Money,
}

/// Determines the aid of a registered resident, apart from any payment.
pub(crate) fn determine(facts: &Facts, notice: &Notice) -> Aid {
    let ruling = notice.pay(facts);
    let parts = ruling.amount_parts().unwrap_or_default();
    let persons: Vec<_> = parts.into_iter().filter(|part| part.bearer == Bearer::Person).collect();
    let standard = total(&persons).filter(|_| !persons.is_empty());
    let owed = ruling.due.and_then(Stated::is);
    let amounts = standard.zip(owed).and_then(|(standard, owed)| {
        let aided = standard.checked_sub(owed)?;
        Some(Amounts { standard, aided, owed })
    });
    let payer = ruling.aid.as_ref().map(|aid| aid.payer.to_string()).unwrap_or_default();
    let payable_item = ruling.option.as_ref().map(|item| item.value.to_string()).unwrap_or_default();
    // Only what the amounts rest on: whether one may pay today is not asked here.
    let bases = ruling.parts.iter().map(|part| &part.basis).chain(ruling.aid.iter().map(|aid| &aid.basis));
    let bases = bases.chain(ruling.option.iter().map(|item| &item.basis));
    // Where there are no amounts, what stands in their way.
    let bases =
        bases.chain(ruling.refusal.iter().filter(|_| amounts.is_none()).map(|refusal| &refusal.basis));
    let citations = bases.flat_map(|basis| basis.iter().cloned()).collect::<canbao_types::Citations>();
    Aid { amounts, payer, payable_item, citations: citations.into_vec() }
}
