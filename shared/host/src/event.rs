//! Telling an event, and reading whom a told one is about.

use canbao_proto::{exchange, rules, wire::Malformed};
use canbao_store::{Event, StoreError, Unit};
use canbao_types::{CoverYear, Division, ResidentId};

use crate::{Unreadable, current_trace};

/// Appends an event to this department's log, for the audience that its contract names, with the span
/// it is told in; returns its position.
pub fn tell<E: rules::Event>(unit: &mut Unit, division: Division, event: &E) -> Result<u64, StoreError> {
    let body = event.encode_to_vec();
    let division = division.code().into();
    let trace = current_trace();
    unit.tell(&Event {
        division,
        kind: E::KIND,
        audience: E::audience(),
        body: &body,
        trace: trace.as_deref(),
    })
}

/// Whom an event is about: division, coverage year and resident.
pub fn subject(
    event: &exchange::Event,
    resident_id: &[u8],
    cover_year: i32,
) -> Result<(Division, CoverYear, ResidentId), Unreadable> {
    let mut wrong = Malformed::default();
    let division = wrong.division("division", &event.division);
    let year = wrong.cover_year("cover_year", cover_year);
    let resident = resident_id.try_into().map(ResidentId::from_bytes);
    match (division, year, resident) {
        (Some(division), Some(year), Ok(resident)) => Ok((division, year, resident)),
        _ => Err(Unreadable("whom it is about cannot be read".to_owned())),
    }
}
