//! What subsidy and registration told of an amount, read from its wire form: when it comes, and again when it is needed.

use canbao_proto::{
    common,
    registration::LatePaymentAssessed,
    subsidy::{ContributionOwed, SettledBy as Wire},
    wire::Malformed,
};
use canbao_types::{AmountPart, Bearer, Citation, Part};

use crate::{
    contribution::Assessed,
    owed::{Owed, OwedOtherwise, SettledBy, Told},
};

/// What subsidy told of what is owed, and what in place of that.
pub(crate) fn owed(mut told: ContributionOwed) -> Result<Told, Malformed> {
    let mut wrong = Malformed::default();
    let told_otherwise = std::mem::take(&mut told.variants);
    let otherwise = told_otherwise.into_iter().enumerate().map(|(at, told)| {
        let in_place = format_args!("variants[{at}]");
        wrong.within(in_place, |wrong| owed_otherwise(wrong, told))
    });
    let otherwise: Option<Vec<_>> = otherwise.collect();
    match (one_owed(&mut wrong, told), otherwise, wrong.is_empty()) {
        (Some(owed), Some(otherwise), true) => Ok(Told { owed, otherwise }),
        _ => Err(wrong),
    }
}

fn owed_otherwise(wrong: &mut Malformed, told: ContributionOwed) -> Option<OwedOtherwise> {
    let mut day = |field: &str, day: Option<_>| day.and_then(|day| wrong.date(field, Some(day)));
    let from = day("in_force_from", told.in_force_from);
    let to = day("in_force_to", told.in_force_to);
    let days = (from.is_some() || to.is_some()).then_some((from, to));
    let tier = told.for_tier.clone();
    Some(OwedOtherwise { tier, days, owed: one_owed(wrong, told)? })
}

fn one_owed(wrong: &mut Malformed, told: ContributionOwed) -> Option<Owed> {
    let aided = told.aided.as_ref().and_then(|aided| wrong.money("aided", Some(aided)));
    let settled_by = match told.settled_by() {
        Wire::Confirmation => wrong.date("confirmed_on", told.confirmed_on).map(SettledBy::Confirmation),
        Wire::Declaration => Some(SettledBy::Declaration(told.declarers)),
        Wire::Payment | Wire::Unspecified => Some(SettledBy::Payment),
    };
    let open = match (told.open_from, told.open_to) {
        (None, None) => None,
        (from, to) => wrong.date("open_from", from).zip(wrong.date("open_to", to)),
    };
    let citations = citations(wrong, &told.citations);
    Some(Owed {
        determination: told.determination,
        aided,
        payable_item: told.payable_item,
        citations,
        settled_by: settled_by?,
        open,
        tier: told.tier,
    })
}

/// What registration told of a late payer's amount.
pub(crate) fn assessed(told: &LatePaymentAssessed) -> Result<Assessed, Malformed> {
    let mut wrong = Malformed::default();
    let from = wrong.date("open_from", told.open_from);
    let to = wrong.date("open_to", told.open_to);
    let parts: Vec<_> = told
        .parts
        .iter()
        .enumerate()
        .filter_map(|(at, told)| wrong.within(format_args!("parts[{at}]"), |wrong| part(wrong, told)))
        .collect();
    match (from.zip(to), wrong.is_empty()) {
        (Some(open), true) => Ok(Assessed { parts, open }),
        _ => Err(wrong),
    }
}

fn part(wrong: &mut Malformed, told: &common::AmountPart) -> Option<AmountPart> {
    let part = match told.part() {
        common::Part::Personal => Part::Personal,
        common::Part::Government => Part::Government,
        common::Part::Repair => Part::Repair,
        common::Part::Arrears => Part::Arrears,
        common::Part::Side => Part::Side,
        common::Part::Unspecified => {
            wrong.note("part", "is missing or not known");
            return None;
        }
    };
    let amount = wrong.money("amount", told.amount.as_ref());
    let bearer = match told.bearer.as_str() {
        "person" => Bearer::Person,
        payer => Bearer::Payer(payer.to_owned()),
    };
    let clauses = citations(wrong, &told.citations).into_iter().map(|citation| citation.clause).collect();
    let name = (!told.product.is_empty()).then(|| told.product.clone());
    Some(AmountPart { part, name, amount: amount?, bearer, clauses })
}

fn citations(wrong: &mut Malformed, told: &[common::Citation]) -> Vec<Citation> {
    let read = told.iter().filter_map(|told| match told.clause.parse() {
        Ok(clause) => Some(Citation { clause, open: told.open_points.clone() }),
        Err(_) => {
            wrong.note("citations", "name something that is no clause");
            None
        }
    });
    read.collect()
}
