//! From words to answers and events.

use canbao_host::Failure;
use canbao_policy::{About, Facts, Notice, Registration as Ruling};
use canbao_proto::{
    common, explanations, facts,
    registration::{
        Circumstances, Cover as ShownCover, Departure, EmployeeScheme, EndCause, ListedRegistration,
        Registration, ResidentRegistered, RosterOutcome, RosterResult, Scheme as ShownScheme,
        circumstances::History,
    },
    wire::{self, Malformed},
};
use canbao_types::{Date, Refused, ResidentId};
use prost::Message;

use crate::{
    cover::{self, Cover, Said, Scheme},
    parse::Place,
    refusal::Refusal,
    store::{Key, RegistrationRow, Resident},
};

/// What an event may carry of departures; readers take no more.
const MOST_DEPARTURES: usize = 20;

/// A registration as it stands now.
pub(crate) fn registration(row: &RegistrationRow) -> Result<Registration, Failure> {
    let shown = Registration::decode(row.registration.as_slice());
    let mut shown = shown.map_err(|error| Failure::Fault(format!("a stored registration: {error}")))?;
    shown.status = row.status;
    shown.township.clone_from(&row.township);
    shown.benefits_from = row.benefits.map(|(from, _)| wire::date(from));
    shown.benefits_to = row.benefits.map(|(_, to)| wire::date(to));
    shown.ended_on = row.ended.map(|(on, _)| wire::date(on));
    shown.end_cause = row.ended.map_or(EndCause::Unspecified.into(), |(_, cause)| cause);
    Ok(shown)
}

/// Why the person may take part, and why in this class.
pub(crate) fn why(ruling: &Ruling, notice: &Notice) -> Vec<common::Explanation> {
    let mut said = ruling.why(notice);
    said.retain(|said| matches!(said.about, About::Eligibility | About::Class));
    explanations(&said)
}

/// A registration in a list.
pub(crate) fn listed((row, masked_number): (RegistrationRow, String)) -> Result<ListedRegistration, Failure> {
    let registration = Some(registration(&row)?);
    Ok(ListedRegistration { resident_id: row.key.2.to_string(), masked_number, registration })
}

/// What the others are told of a registration, with what cover says on a day.
pub(crate) fn registered(
    resident: &Resident,
    row: &RegistrationRow,
    covers: &[Cover],
    on: Date,
) -> Result<ResidentRegistered, Failure> {
    let told = of_known_sex(stored(&row.circumstances)?, resident);
    let said = cover::said(covers, (cover::known_until(covers, on), row.settled_on), row.key.1);
    Ok(ResidentRegistered {
        resident_id: resident.id.as_bytes().to_vec(),
        person_key: resident.person_key.as_bytes().to_vec(),
        name_key: resident.name_key.as_bytes().to_vec(),
        cover_year: row.key.1.get().into(),
        class: row.class.clone(),
        birth_date: Some(wire::date(resident.birth)),
        registered_on: Some(wire::date(row.registered_on)),
        circumstances: Some(outweighed(told, said)),
        township: row.township.clone(),
        masked_number: resident.masked_number.clone(),
    })
}

/// Circumstances as they were told and kept.
pub(crate) fn stored(circumstances: &[u8]) -> Result<Circumstances, Failure> {
    let told = Circumstances::decode(circumstances);
    told.map_err(|error| Failure::Fault(format!("stored circumstances: {error}")))
}

/// The facts of what was told, with what cover says on a day of somebody who settled on another, or has not.
pub(crate) fn known_facts(
    told: &Circumstances,
    (covers, on, settled): (&[Cover], Date, Option<Date>),
    (resident, key, registered_on): (&Resident, &Key, Date),
) -> Result<Facts, Failure> {
    let mut wrong = Malformed::default();
    let told = of_known_sex(told.clone(), resident);
    let known = outweighed(told, cover::said(covers, (on, settled), key.1));
    let of = Place { division: key.0, cover_year: key.1, on: registered_on }.of(resident.birth);
    let facts = facts(&mut wrong, "circumstances", &known, of);
    wrong.readable().map(|()| facts).map_err(Failure::corrupt)
}

/// What was told, with the sex that is known.
fn of_known_sex(mut told: Circumstances, resident: &Resident) -> Circumstances {
    if let Some(sex) = resident.sex {
        told.set_sex(wire::sex(sex));
    }
    told
}

/// What was told, where cover says nothing else.
fn outweighed(mut told: Circumstances, said: Said) -> Circumstances {
    if let Some(stay) = said.employee {
        let scheme = if stay.until.is_some() { EmployeeScheme::Past } else { EmployeeScheme::Enrolled };
        // Whoever has left and ought to be in again still ought to.
        if stay.until.is_none() || told.employee_scheme() != EmployeeScheme::InScope {
            told.set_employee_scheme(scheme);
        }
        told.employee_from = Some(wire::date(stay.from));
        let until = stay.until.map(wire::date);
        // The months that were told are those up to the last day that was told.
        if told.employee_until.is_some() && told.employee_until != until {
            told.employee_months = None;
        }
        told.employee_until = until;
    }
    if let Some(joined) = said.joined {
        if joined.goes_on {
            told.set_employee_scheme(EmployeeScheme::Enrolled);
        }
        told.employee_from = Some(wire::date(joined.from));
    }
    if let Some(year) = said.last_covered {
        told.history = Some(History::LastCoveredYear(year.get().into()));
    }
    let told_departures = std::mem::take(&mut told.departures);
    let kept = said.departures.into_iter();
    let kept = kept.map(|(kind, left_on)| Departure { kind, left_on: Some(wire::date(left_on)) });
    for departure in kept.chain(told_departures) {
        if !told.departures.contains(&departure) && told.departures.len() < MOST_DEPARTURES {
            told.departures.push(departure);
        }
    }
    told
}

/// Cover as it is kept.
pub(crate) fn cover(cover: &Cover) -> ShownCover {
    let scheme = match cover.scheme {
        Scheme::Resident => ShownScheme::Resident,
        Scheme::Employee => ShownScheme::Employee,
    };
    ShownCover {
        scheme: scheme.into(),
        from: Some(wire::date(cover.from)),
        to: cover.to.map(wire::date),
        departure: cover.departure.clone(),
    }
}

/// A line that was done, or had been before.
pub(crate) fn outcome(result: RosterResult, resident: Option<ResidentId>) -> RosterOutcome {
    let resident_id = resident.map(|id| id.to_string()).unwrap_or_default();
    RosterOutcome { result: result.into(), resident_id, ..RosterOutcome::default() }
}

/// A line that was refused.
pub(crate) fn refused(refusal: Refusal, resident: Option<ResidentId>) -> RosterOutcome {
    let result = match &refusal {
        Refusal::AlreadyRegistered => RosterResult::Repeated,
        refusal if refusal.covered_elsewhere() => RosterResult::CoveredElsewhere,
        _ => RosterResult::Refused,
    };
    RosterOutcome { result: result.into(), ..denied(refusal.refused(), resident) }
}

/// A line that the host or the department said no to.
pub(crate) fn denied(refused: Refused, resident: Option<ResidentId>) -> RosterOutcome {
    RosterOutcome {
        reason: refused.reason.to_owned(),
        message: refused.message,
        citations: wire::citations(&refused.citations),
        ..outcome(RosterResult::Refused, resident)
    }
}

/// A line that cannot be read.
pub(crate) fn malformed(what: &str) -> RosterOutcome {
    let (reason, message) = ("MALFORMED".to_owned(), what.to_owned());
    RosterOutcome { reason, message, ..outcome(RosterResult::Refused, None) }
}

/// How many lines had a result.
pub(crate) fn count(outcomes: &[RosterOutcome], result: RosterResult) -> u32 {
    let with = outcomes.iter().filter(|outcome| outcome.result() == result).count();
    u32::try_from(with).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::Stay;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn told(scheme: EmployeeScheme) -> Circumstances {
        Circumstances { employee_scheme: scheme.into(), ..Circumstances::default() }
    }

    fn stay(until: Option<&str>) -> Said {
        let employee = Some(Stay { from: day("2020-01-01"), until: until.map(day) });
        Said { employee, ..Said::default() }
    }

    #[test]
    fn cover_outweighs_what_was_told_of_the_employee_scheme_but_not_that_one_ought_to_be_in_it() {
        use EmployeeScheme::{Enrolled, InScope, Never, Past};
        let scheme = |told_scheme, until| outweighed(told(told_scheme), stay(until)).employee_scheme();
        for told_scheme in [EmployeeScheme::Unspecified, Never, Past, Enrolled] {
            assert_eq!(scheme(told_scheme, None), Enrolled);
            assert_eq!(scheme(told_scheme, Some("2025-06-30")), Past);
        }
        assert_eq!(scheme(InScope, Some("2025-06-30")), InScope);
        assert_eq!(scheme(InScope, None), Enrolled);
        assert_eq!(
            outweighed(told(Never), Said::default()),
            told(Never),
            "where nothing is kept, nothing changes"
        );
    }

    #[test]
    fn months_in_the_employee_scheme_are_those_up_to_the_day_that_was_told() {
        let months = |until: Option<&str>, kept: Option<Option<&str>>| {
            let told = Circumstances {
                employee_months: Some(24),
                employee_until: until.map(|until| wire::date(day(until))),
                ..told(EmployeeScheme::Past)
            };
            outweighed(told, kept.map(stay).unwrap_or_default()).employee_months
        };
        let (june, july) = (Some("2025-06-30"), Some("2025-07-31"));
        assert_eq!(months(june, None), Some(24), "where nothing is kept");
        assert_eq!(months(june, Some(june)), Some(24));
        assert_eq!(months(None, Some(june)), Some(24), "where only the cover tells the day");
        assert_eq!(months(june, Some(july)), None);
        assert_eq!(months(june, Some(None)), None);
    }

    #[test]
    fn departures_are_added_once_and_never_more_than_readers_take() {
        let left = |kind: &str| (kind.to_owned(), day("2025-06-30"));
        let said = Said { departures: vec![left("职工医保中断")], ..Said::default() };
        let once = outweighed(told(EmployeeScheme::Never), said.clone());
        assert_eq!(outweighed(once.clone(), said).departures, once.departures);
        let many = (0..30).map(|n| left(&n.to_string())).collect();
        let many = outweighed(once, Said { departures: many, ..Said::default() }).departures;
        assert_eq!(many.len(), MOST_DEPARTURES);
        let facts = |departures| {
            let mut wrong = Malformed::default();
            let circumstances = Circumstances { departures, ..Circumstances::default() };
            let year = canbao_types::CoverYear::new(2026).unwrap();
            let division = canbao_types::Division::from_code(141_181).unwrap();
            let place = Place { division, cover_year: year, on: day("2025-11-03") };
            facts(&mut wrong, "circumstances", &circumstances, place.of(day("1980-01-01")));
            wrong.is_empty()
        };
        assert!(facts(many), "what is told can be read");
    }
}
