//! What subsidy and registration told of an amount, read from its wire form: when it comes, and again when it is needed.

use canbao_proto::{
    common,
    registration::LatePaymentAssessed,
    subsidy::{ContributionOwed, SettledBy as Wire},
    wire::Malformed,
};
use canbao_types::{AmountPart, Bearer, Citation, Part};

use crate::contribution::{Assessed, Owed, SettledBy};

/// What subsidy told of what is owed.
pub(crate) fn owed(told: ContributionOwed) -> Result<Owed, Malformed> {
    let mut wrong = Malformed::default();
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
    let citations = citations(&mut wrong, &told.citations);
    match (settled_by, wrong.is_empty()) {
        (Some(settled_by), true) => Ok(Owed {
            determination: told.determination,
            aided,
            payable_item: told.payable_item,
            citations,
            settled_by,
            open,
            tier: told.tier,
        }),
        _ => Err(wrong),
    }
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
