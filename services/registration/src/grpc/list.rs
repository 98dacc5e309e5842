//! What is looked at: a resident, a page, counts.

use canbao_host::{Caller, Failure};
use canbao_policy::Notices;
use canbao_proto::{
    registration::{
        EndedCount, GetRegistrationCountsResponse, GetResidentResponse, ListRegistrationsResponse,
        RegistrationCount,
    },
    wire::{self, Resident},
};
use canbao_store::View;
use canbao_types::{CoverYear, Division};

use super::{concern::known_to, register::covers};
use crate::{
    cover::{self, Cover},
    refusal::Refusal,
    show,
    store::{self, Page, RegistrationRow},
};

/// A resident with the registrations that concern the caller, the cover, and the years missed before the newest of these.
pub(crate) fn resident(
    view: &View,
    named: Resident,
    (notices, caller): (&Notices, &Caller),
) -> Result<GetResidentResponse, Failure> {
    let resident = known_to(view, caller, named)?.ok_or(Refusal::UnknownResident)?;
    let mut rows = store::registrations(view, resident.id)?;
    rows.retain(|row| caller.covers(row.key.0));
    let mut covers = covers(view, &resident, Some(resident.id))?;
    covers.sort_by_key(|cover| (cover.from, cover.scheme));
    let newest = rows.first().map(|row| missed_years(row, &resident, &covers, notices));
    Ok(GetResidentResponse {
        resident_id: resident.id.to_string(),
        masked_number: resident.masked_number,
        registrations: rows.iter().map(show::registration).collect::<Result<_, Failure>>()?,
        covers: covers.iter().map(show::cover).collect(),
        missed_years: newest.transpose()?.flatten(),
    })
}

fn missed_years(
    row: &RegistrationRow,
    resident: &store::Resident,
    covers: &[Cover],
    notices: &Notices,
) -> Result<Option<u32>, Failure> {
    let on = cover::known_until(covers, row.registered_on);
    let told = show::stored(&row.circumstances)?;
    let facts =
        show::known_facts(&told, (covers, on, row.settled_on), (resident, &row.key, row.registered_on))?;
    let notice = notices.in_force(row.key.0, row.key.1, row.registered_on);
    Ok(notice.and_then(|notice| notice.missed_years(&facts)))
}

/// A page of registrations.
pub(crate) fn page(view: &View, page: &Page) -> Result<ListRegistrationsResponse, Failure> {
    let rows = store::page(view, page)?;
    let next_page_token = wire::page_token(rows.iter().map(|(row, _)| row.key.2.as_bytes()), page.size);
    let registrations = rows.into_iter().map(show::listed).collect::<Result<_, Failure>>()?;
    Ok(ListRegistrationsResponse { registrations, next_page_token })
}

/// How many there are.
pub(crate) fn counts(
    view: &View,
    division: Division,
    year: CoverYear,
) -> Result<GetRegistrationCountsResponse, Failure> {
    let counts = store::counts(view, division, year)?.into_iter().map(|count| RegistrationCount {
        township: count.township,
        class: count.class,
        ground: count.ground,
        registered: count.registered,
        insured: count.insured,
        insured_by_registration: count.by_registration,
    });
    let ended = store::ended(view, division, year)?;
    let ended = ended.into_iter().map(|(cause, registrations)| EndedCount { cause, registrations });
    Ok(GetRegistrationCountsResponse { counts: counts.collect(), ended: ended.collect() })
}
