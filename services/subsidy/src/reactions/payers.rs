//! Several payers of one aid: what is shown, kept and owed of each.

use canbao_host::Failure;
use canbao_policy::AidLine;
use canbao_proto::{common, subsidy as contract, wire};
use canbao_types::{Citations, Money, Part};
use prost::Message;

use crate::recognition::Borne;

/// A line of an aid, as it is shown.
pub(crate) fn line(line: &AidLine) -> contract::AidLine {
    contract::AidLine {
        row: line.row.to_string(),
        amount: line.amount.is().map(wire::money),
        payer: line.payer.to_string(),
        citations: wire::citations(line.basis.iter()),
        part: wire::part(line.part).into(),
        product: line.name.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// What each payer bears of each part, all its lines together.
pub(crate) fn of_aid(lines: &[AidLine]) -> Vec<Borne> {
    let of = |line: &AidLine| (line.part, line.payer.to_string());
    let mut each: Vec<(Part, String)> = Vec::new();
    for line in lines.iter().map(of) {
        if !each.contains(&line) {
            each.push(line);
        }
    }
    let borne = |(part, payer): (Part, String)| {
        let own = lines.iter().filter(|line| line.part == part && line.payer.to_string() == payer);
        let own: Vec<AidLine> = own.cloned().collect();
        let citations: Citations = own.iter().flat_map(|line| line.basis.iter().cloned()).collect();
        let amount = AidLine::total(&own).is()?;
        let citations = kept(wire::citations(citations.as_slice()), &[]);
        Some(Borne { part, payer, amount, citations })
    };
    each.into_iter().filter_map(borne).collect()
}

/// Citations as they are kept, with the lines of an aid that is given back: in a message that has nothing else.
pub(crate) fn kept(citations: Vec<common::Citation>, taken: &[AidLine]) -> Vec<u8> {
    let taken = taken.iter().map(line).collect();
    contract::Aid { citations, taken, ..contract::Aid::default() }.encode_to_vec()
}

/// What each payer owes of what is given back.
pub(crate) fn given_back(amount: Money, payer: String, kept: Vec<u8>) -> Result<Vec<Borne>, Failure> {
    let wrong = |what: String| Failure::Fault(format!("what was given back, as it is kept: {what}"));
    let said = contract::Aid::decode(kept.as_slice()).map_err(|error| wrong(error.to_string()))?;
    let one = |part, payer, amount| Borne { part, payer, amount, citations: kept.clone() };
    if said.taken.len() < 2 {
        return Ok(vec![one(Part::Personal, payer, amount)]);
    }
    let mut owed: Vec<Borne> = Vec::new();
    for line in said.taken {
        let part = match line.part() {
            common::Part::Arrears => Part::Arrears,
            common::Part::Side => Part::Side,
            _ => Part::Personal,
        };
        let yuan = line.amount.unwrap_or_default().yuan;
        let amount: Money = yuan.parse().map_err(|_| wrong(yuan.clone()))?;
        match owed.iter_mut().find(|borne| (borne.part, &borne.payer) == (part, &line.payer)) {
            Some(borne) => borne.amount = borne.amount.checked_add(amount).unwrap_or(borne.amount),
            None => owed.push(one(part, line.payer, amount)),
        }
    }
    Ok(owed)
}
