//! The unit of work of recording cover.

use canbao_host::{Caller, Failure};
use canbao_proto::{
    registration::{RecordCoverResponse, RosterOutcome, RosterResult},
    wire,
};
use canbao_store::Unit;
use canbao_types::{Date, Division, PersonKey};

use super::{
    Rules,
    concern::{held_to_a_registration, is_known_to},
    document::tell_changes,
    register::{counted, kept, known},
};
use crate::{
    NAME,
    cover::{self, Cover, Recording},
    refusal::Refusal,
    registration, show, store,
};

/// A person's cover, or why the line cannot be read.
type Line = Result<(PersonKey, Cover), String>;

/// Records the lines of a list; a line that cannot be read has its problem in its place.
pub(crate) fn record(
    unit: &mut Unit,
    (lines, declared): (&[Line], u32),
    (division, on): (Division, Date),
    (rules, recorder): (&Rules, &Caller),
) -> Result<RecordCoverResponse, Failure> {
    counted(lines.len(), declared)?;
    let mut outcomes = Vec::with_capacity(lines.len());
    for line in lines {
        outcomes.push(match (line, registration::not_future(on, rules.today)) {
            (Err(what), _) => show::malformed(what),
            (_, Err(refusal)) => show::refused(refusal, None),
            (Ok((person, cover)), _) => {
                unit.item(|unit| record_line(unit, person, cover, (division, recorder)))?
            }
        });
    }
    Ok(RecordCoverResponse {
        accepted: show::count(&outcomes, RosterResult::Accepted),
        refused: show::count(&outcomes, RosterResult::Refused),
        repeated: show::count(&outcomes, RosterResult::Repeated),
        outcomes,
        position: Some(wire::position(NAME, unit.position())),
    })
}

fn record_line(
    unit: &mut Unit,
    person: &PersonKey,
    line: &Cover,
    (division, recorder): (Division, &Caller),
) -> Result<RosterOutcome, Failure> {
    let id = store::by_key(unit, person)?.map(|(id, _)| id);
    if let Some(id) = id {
        // What is recorded is judged anew at once: whoever records it must be of the resident's own division.
        if let Err(foreign) = held_to_a_registration(recorder, &store::registrations(unit, id)?) {
            let known = is_known_to(unit, recorder, id)?;
            return Ok(show::denied(foreign, known.then_some(id)));
        }
    }
    let (documents, before) = kept(unit, person, id)?;
    let mut now = before.clone();
    let document = match cover::record(&before, line) {
        Recording::Repeats(at) => {
            // Said again on a later day, it is no older than anything that was recorded in between.
            let newer = before.get(at).is_some_and(|kept| kept.recorded_on < line.recorded_on);
            if let Some(document) = documents.get(at).filter(|_| newer) {
                store::put_cover(unit, document, line, division)?;
            }
            return Ok(show::outcome(RosterResult::Repeated, id));
        }
        Recording::Outdated => return Ok(show::refused(Refusal::NewerCover, id)),
        Recording::New => {
            now.push(line.clone());
            person
        }
        Recording::Replaces(at) => {
            now.splice(at..=at, [line.clone()]);
            documents.get(at).unwrap_or(person)
        }
    };
    store::put_cover(unit, document, line, division)?;
    if let Some(id) = id {
        tell_changes(unit, &known(unit, id)?, (Some(&before), &now), line.recorded_on)?;
    }
    Ok(show::outcome(RosterResult::Accepted, id))
}
