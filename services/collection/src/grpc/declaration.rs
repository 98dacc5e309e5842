//! A list of people who owe nothing, one by one.

use canbao_host::Failure;
use canbao_policy::Notice;
use canbao_proto::{
    collection::{DeclarationOutcome, DeclareContributionsResponse},
    wire::{self, Resident},
};
use canbao_store::Unit;
use canbao_types::ResidentId;

use super::contribution::{known, settle_from};
use crate::{
    NAME,
    declaration::{self, Outcome},
    parse::Declared,
    payment,
};

/// To whoever typed a number wrong.
const MALFORMED: &str = "证件号码不正确，请核对后重新申报。";

/// The unit of work of a declaration: each of its people is judged apart.
pub(super) fn declare(
    unit: &mut Unit,
    declared: &Declared,
    caller: &str,
    notice: &Notice,
) -> Result<DeclareContributionsResponse, Failure> {
    let mut answer = DeclareContributionsResponse::default();
    for &named in &declared.residents {
        let outcome = unit.item(|unit| declare_one(unit, declared, named, (caller, notice)))?;
        let count = match (outcome.settled, outcome.repeated) {
            (true, false) => &mut answer.settled,
            (true, true) => &mut answer.repeated,
            _ => &mut answer.refused,
        };
        *count += 1;
        answer.outcomes.push(outcome);
    }
    answer.position = Some(wire::position(NAME, unit.position()));
    Ok(answer)
}

fn declare_one(
    unit: &mut Unit,
    declared: &Declared,
    named: Option<Resident>,
    (caller, notice): (&str, &Notice),
) -> Result<DeclarationOutcome, Failure> {
    let Some(named) = named else {
        let (reason, message) = ("MALFORMED".to_owned(), MALFORMED.to_owned());
        return Ok(DeclarationOutcome { reason, message, ..DeclarationOutcome::default() });
    };
    let resident = super::resident(unit, named)?;
    let key = resident.map(|resident| (declared.division, declared.cover_year, resident));
    let known = match &key {
        Some(key) => known(unit, key)?,
        None => None,
    };
    let resident_id = known.as_ref().and(resident).as_ref().map(ResidentId::to_string).unwrap_or_default();
    let decided = declaration::declare(known.as_ref(), notice, (caller, &declared.manner));
    Ok(match (decided, key) {
        (Err(refused), _) => DeclarationOutcome {
            reason: refused.reason.to_owned(),
            message: refused.message,
            resident_id,
            citations: wire::citations(&refused.citations),
            ..DeclarationOutcome::default()
        },
        (Ok(Outcome::Settles(settled)), Some(key)) => {
            settle_from(unit, &key, &settled, payment::AID.to_owned())?;
            DeclarationOutcome { settled: true, resident_id, ..DeclarationOutcome::default() }
        }
        (Ok(_), _) => {
            DeclarationOutcome { settled: true, repeated: true, resident_id, ..DeclarationOutcome::default() }
        }
    })
}
