//! What collection answers with: rulings on the wire.

mod why;

pub(crate) mod books;
pub(crate) mod refunds;

use canbao_policy::{Explanation, Payment as Ruling};
use canbao_proto::{
    collection::{
        BenefitOutlook, ContributionDue, ContributionSettled, DueState, Repair, Tier, TierDue, Warning,
    },
    common, wire,
};
use canbao_types::Citation;
use prost::{DecodeError, Message};

use crate::{
    contribution::{self, Due, Settled},
    store::Key,
};

/// What is due, or was, with what was said of its ruling.
pub(crate) fn contribution(
    &(division, year, resident): &Key,
    due: &Due,
    settled: bool,
    said: &[Explanation],
) -> ContributionDue {
    let state = match (settled, due.due.is_zero()) {
        (true, _) => DueState::Settled,
        (false, true) => DueState::NothingDue,
        (false, false) => DueState::Payable,
    };
    ContributionDue {
        resident_id: resident.to_string(),
        division: division.to_string(),
        cover_year: year.get().into(),
        parts: due.parts.iter().map(wire::amount_part).collect(),
        aided: Some(wire::money(due.aided)),
        due: Some(wire::money(due.due)),
        payable_item: due.payable_item.clone(),
        settled,
        state: state.into(),
        years: due.years,
        citations: Vec::new(),
        tier: tier(&due.ruling),
        repair: repair(&due.ruling),
        choices: Vec::new(),
        explanations: why::due(due, settled, said),
    }
}

/// What each tier comes to from which the person has to choose first.
pub(crate) fn choices(
    &(division, year, resident): &Key,
    ruling: &Ruling,
    each: &[(String, Due)],
) -> ContributionDue {
    let choices = each.iter().map(|(tier, due)| TierDue {
        tier: tier.clone(),
        parts: due.parts.iter().map(wire::amount_part).collect(),
        aided: Some(wire::money(due.aided)),
        due: Some(wire::money(due.due)),
    });
    let item = each.first().map(|(_, due)| due.payable_item.clone());
    ContributionDue {
        resident_id: resident.to_string(),
        division: division.to_string(),
        cover_year: year.get().into(),
        payable_item: item.unwrap_or_default(),
        state: DueState::TierNeeded.into(),
        years: 1,
        tier: tier(ruling),
        choices: choices.collect(),
        ..ContributionDue::default()
    }
}

fn tier(ruling: &Ruling) -> Option<Tier> {
    let tier = ruling.tier.as_ref()?;
    let enjoyed = tier.value.enjoyed.as_ref().is().map(|tier| tier.to_string());
    Some(Tier {
        paid_tier: tier.value.paid.as_deref().unwrap_or_default().to_owned(),
        enjoyed_tier: enjoyed.unwrap_or_default(),
        choice: tier.value.choice.iter().map(ToString::to_string).collect(),
        citations: wire::citations(tier.basis.iter()),
    })
}

fn repair(ruling: &Ruling) -> Option<Repair> {
    let repair = ruling.repair.as_ref()?;
    Some(Repair {
        useful_years: repair.useful_years,
        useful_price: repair.useful_price.is().map(wire::money),
        taken_years: repair.taken_years,
        citations: wire::citations(repair.basis.iter()),
    })
}

/// What a person must decide first.
pub(crate) fn undecided(&(division, year, resident): &Key, citations: &[Citation]) -> ContributionDue {
    ContributionDue {
        resident_id: resident.to_string(),
        division: division.to_string(),
        cover_year: year.get().into(),
        state: DueState::PersonMustDecide.into(),
        years: 1,
        citations: wire::citations(citations),
        ..ContributionDue::default()
    }
}

/// What everybody is told of a contribution that is settled.
pub(crate) fn settled(&(_, year, resident): &Key, settled: &Settled) -> ContributionSettled {
    ContributionSettled {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: year.get().into(),
        payment_id: settled.payment.map(|payment| payment.as_bytes().to_vec()).unwrap_or_default(),
        paid: Some(wire::money(settled.paid)),
        aided: Some(wire::money(settled.aided)),
        pay_date: Some(wire::date(settled.settled_on)),
        how: settled.how as i32,
        determination: settled.determination,
        government: Some(wire::money(settled.government)),
        tier: settled.chosen.tier.clone(),
        repair_years: settled.chosen.repair_years,
        arrive_date: (settled.arrived_on != settled.settled_on).then(|| wire::date(settled.arrived_on)),
        repair: (!settled.repair.is_zero()).then(|| wire::money(settled.repair)),
    }
}

/// When benefits would begin, with what was said of the ruling.
pub(crate) fn outlook(ruling: &Ruling, said: &[Explanation]) -> BenefitOutlook {
    let benefit = contribution::benefit(ruling);
    let warnings = ruling.warnings.iter().map(|warning| {
        let refused = warning.refused();
        Warning { reason: warning.reason.code().to_owned(), message: refused.message }
    });
    BenefitOutlook {
        window: ruling.window.as_ref().map(|window| window.name.to_string()).unwrap_or_default(),
        late: ruling.late(),
        wait_months: ruling.wait_months(),
        wait_days: ruling.wait_days(),
        from: benefit.map(|(from, _)| wire::date(from)),
        to: benefit.map(|(_, to)| wire::date(to)),
        warnings: warnings.collect(),
        citations: wire::citations(ruling.citations().as_slice()),
        explanations: why::outlook(said),
    }
}

/// Citations as a row keeps them.
pub(crate) fn kept(citations: &[Citation]) -> Vec<u8> {
    common::RefusalDetail { citations: wire::citations(citations) }.encode_to_vec()
}

/// Citations that a row kept.
pub(crate) fn citations(kept: &[u8]) -> Result<Vec<common::Citation>, DecodeError> {
    Ok(common::RefusalDetail::decode(kept)?.citations)
}
