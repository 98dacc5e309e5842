//! Lines of a roster are confirmed.

use std::collections::BTreeSet;

use canbao_host::{Caller, Failure};
use canbao_proto::{subsidy::ConfirmRosterResponse, wire};
use canbao_store::Unit;
use canbao_types::{Date, RosterId};

use crate::{
    NAME,
    grpc::{Service, not_in_future},
    reactions::recompute,
    refusal::Refusal,
    store::{
        self,
        roster::{Listed, Roster},
    },
};

/// The unit of work of a confirmation; no lines stand for all of them.
///
/// A line that a later roster took the place of is confirmed where it stands now: what is confirmed is that this person has
/// this identity.
pub(super) fn confirm(
    service: &Service,
    unit: &mut Unit,
    (roster, confirmer): (RosterId, &Caller),
    lines: &[u32],
    (on, today): (Date, Date),
) -> Result<ConfirmRosterResponse, Failure> {
    let found = store::roster::get(unit, roster)?.ok_or(Refusal::UnknownRoster)?;
    let Roster { division, cover_year, identity } = found;
    confirmer.held_to(division)?;
    let of = (division, cover_year);
    let notice = service.notices.in_force(division, cover_year, on);
    let notice = notice.ok_or_else(|| Failure::Fault("the notice of a roster is gone".to_owned()))?;
    let declared = notice.identities().iter().find(|declared| *declared.name == *identity);
    if let Some(declared) = declared.filter(|declared| !declared.needs_confirmation) {
        return Err(Refusal::NotToConfirm(declared.basis.to_vec()).into());
    }
    not_in_future(on, today)?;
    let places = store::roster::places(unit, of, roster)?;
    if let Some(unknown) = lines.iter().find(|line| !places.iter().any(|(place, _)| place == *line)) {
        return Err(Refusal::UnknownLine(*unknown).into());
    }
    let asked: BTreeSet<u32> = lines.iter().copied().collect();
    let mut response = ConfirmRosterResponse::default();
    for (_, person_key) in places.iter().filter(|(place, _)| asked.is_empty() || asked.contains(place)) {
        let person = (person_key, identity.as_str());
        let line = store::roster::line(unit, of, person)?;
        let registered = store::registered::under(unit, person_key, of)?;
        let agrees = |line: &Listed| registered.is_none_or(|(_, name_key)| name_key == line.name_key);
        let Some(Listed { line, .. }) = line.filter(agrees) else {
            response.name_differs += 1;
            continue;
        };
        if line.confirmed_on.is_some() {
            response.repeated += 1;
        } else if on < line.recognised_on {
            // It would stand before it was recognised, and the money follows that day.
            response.not_recognised_yet += 1;
        } else {
            store::roster::confirm(unit, of, person, on)?;
            response.confirmed += 1;
            if let Some((resident, _)) = registered {
                recompute(unit, &(division, cover_year, resident), &service.notices)?;
            }
        }
    }
    response.position = Some(wire::position(NAME, unit.position()));
    Ok(response)
}
