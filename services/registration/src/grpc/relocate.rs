//! The units of work of a move and of an end.

use canbao_host::{Caller, Failure, tell};
use canbao_proto::{
    registration::{
        Circumstances, EndCause, EndRegistrationResponse, MoveRegistrationResponse, RegistrationChanged,
        RegistrationEnded, RegistrationStatus,
    },
    wire,
};
use canbao_store::{StoreError, Unit};
use canbao_types::Date;

use super::{
    Rules,
    concern::{is_known_to, known_to},
    find,
    register::{covers, made, standing},
};
use crate::{
    NAME,
    parse::{Ending, Moving},
    refusal::Refusal,
    registration,
    relocation::{self, Relocation, Standing},
    show,
    store::{self, Key, RegistrationRow},
};

/// Moves a registration or an enrolment record here.
pub(crate) fn relocate(
    unit: &mut Unit,
    moving: &Moving,
    (rules, receiver): (&Rules, &Caller),
) -> Result<MoveRegistrationResponse, Failure> {
    let place = moving.place;
    let notice = rules.notice(place)?;
    registration::not_future(place.on, rules.today)?;
    let resident = find(unit, moving.resident)?.ok_or(Refusal::UnknownResident)?;
    let live = store::live(unit, resident.id, place.cover_year)?;
    // Whoever receives finds a registration wherever it is, and of whom there is none only its own.
    if live.is_empty() && !is_known_to(unit, receiver, resident.id)? {
        return Err(Refusal::UnknownResident.into());
    }
    let here = live.iter().find(|row| row.key.0 == place.division);
    let record = here.map(|row| show::stored(&row.circumstances)).transpose()?;
    let record = record.and_then(|told| told.record_division).and_then(|division| division.parse().ok());
    let relocation = relocation::decide(place.division, &standings(&live), record)?;

    let from = match relocation {
        Relocation::Registration(from) => from,
        Relocation::Record => place.division,
    };
    let before = live.iter().find(|row| row.key.0 == from).ok_or(Refusal::NothingToMove)?;
    let given = moving.circumstances.clone().map_or_else(|| given_before(before, relocation), Ok)?;
    // The record lies here from now on.
    let told = Circumstances { record_division: None, ..given };
    let covers = covers(unit, &resident, Some(resident.id))?;
    let key = (place.division, place.cover_year, resident.id);
    let registered_on = match relocation {
        Relocation::Registration(_) => place.on,
        Relocation::Record => before.registered_on,
    };
    let facts = show::known_facts(&told, (&covers, place.on, None), (&resident, &key, registered_on))?;
    let ruling = registration::eligible(notice, &facts)?;

    let position = match relocation {
        Relocation::Registration(_) => {
            end_there(unit, before, place.on, EndCause::Moved)?;
            let row = made(key, registered_on, (&told, &moving.township), &ruling);
            store::put_registration(unit, &row)?;
            tell(unit, place.division, &show::registered(&resident, &row, &covers, place.on)?)?
        }
        Relocation::Record => {
            let township = if moving.township.is_empty() { &before.township } else { &moving.township };
            let row = made(key, registered_on, (&told, township), &ruling);
            store::put_registration(unit, &row)?;
            let registered = Some(show::registered(&resident, &row, &covers, place.on)?);
            let changed_on = Some(wire::date(place.on));
            tell(unit, place.division, &RegistrationChanged { registered, changed_on })?
        }
    };
    Ok(MoveRegistrationResponse {
        resident_id: resident.id.to_string(),
        registration: Some(standing(unit, &key)?),
        position: Some(wire::position(NAME, position)),
    })
}

/// The circumstances that were given before. A school that registered the person elsewhere did so there alone.
fn given_before(before: &RegistrationRow, relocation: Relocation) -> Result<Circumstances, Failure> {
    let mut given = show::stored(&before.circumstances)?;
    if matches!(relocation, Relocation::Registration(_)) {
        given.school_registered_on = None;
    }
    Ok(given)
}

/// Ends a registration.
pub(crate) fn end(
    unit: &mut Unit,
    ending: &Ending,
    (rules, ender): (&Rules, &Caller),
) -> Result<EndRegistrationResponse, Failure> {
    let place = ending.place;
    registration::not_future(place.on, rules.today)?;
    let resident = known_to(unit, ender, ending.resident)?.ok_or(Refusal::UnknownResident)?;
    let key: Key = (place.division, place.cover_year, resident.id);
    let mut row = store::registration(unit, &key)?.ok_or(Refusal::NotRegistered)?;
    let position = end_there(unit, &row, place.on, ending.cause)?;
    row.ended = Some((place.on, ending.cause.into()));
    row.status = RegistrationStatus::Ended.into();
    let registration = Some(show::registration(&row)?);
    Ok(EndRegistrationResponse { registration, position: Some(wire::position(NAME, position)) })
}

/// Ends a registration where it is, and tells it.
fn end_there(unit: &mut Unit, row: &RegistrationRow, on: Date, cause: EndCause) -> Result<u64, StoreError> {
    let (division, year, resident) = row.key;
    store::end(unit, &row.key, on, cause.into())?;
    let ended = RegistrationEnded {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: year.get().into(),
        ended_on: Some(wire::date(on)),
        cause: cause.into(),
    };
    tell(unit, division, &ended)
}

fn standings(live: &[RegistrationRow]) -> Vec<Standing> {
    live.iter().map(|row| Standing { division: row.key.0, insured: row.insured() }).collect()
}
