//! Days in a scheme.

use canbao_host::column::{cover_year, day};
use canbao_store::{StoreError, Unit, View, params};
use canbao_types::{CoverYear, Date, Division, PersonKey, ResidentId, day_number};

use super::corrupt;
use crate::cover::{Cover, Scheme};

/// The cover of a person by document, and of the resident under every document, oldest first; each with the document it was
/// recorded for.
pub(crate) fn covers(
    view: &View,
    person: &PersonKey,
    resident: Option<ResidentId>,
) -> Result<Vec<(PersonKey, Cover)>, StoreError> {
    let sql = "SELECT person_key, scheme, first_day, last_day, departure, recorded_on FROM cover
               WHERE person_key = $1 OR person_key IN (SELECT person_key FROM document WHERE resident = $2)
               ORDER BY first_day, scheme, recorded_on";
    let resident = resident.as_ref().map(ResidentId::as_bytes);
    view.query(sql, params![person.as_bytes(), resident], |row| {
        let cover = Cover {
            scheme: scheme(row.int(1)?)?,
            from: day(row.int(2)?)?,
            to: row.opt_int(3)?.map(day).transpose()?,
            departure: row.text(4)?,
            recorded_on: day(row.int(5)?)?,
        };
        Ok((PersonKey::from_bytes(row.id16(0)?), cover))
    })
}

/// The coverage years for which a resident is or was insured here, each with the day of the registration: a year stays
/// insured when its registration ends, unless it ended as a mistake (4 in the contract).
pub(crate) fn insured(view: &View, resident: ResidentId) -> Result<Vec<(CoverYear, Date)>, StoreError> {
    let sql = "SELECT cover_year, MIN(registered_on) FROM standing
               WHERE resident = $1 AND insured = 1 AND (end_cause IS NULL OR end_cause <> 4)
               GROUP BY cover_year ORDER BY cover_year";
    view.query(sql, params![resident.as_bytes()], |row| Ok((cover_year(row.int(0)?)?, day(row.int(1)?)?)))
}

/// Writes cover of a person, recorded by a division.
pub(crate) fn put_cover(
    unit: &mut Unit,
    person: &PersonKey,
    cover: &Cover,
    division: Division,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cover (person_key, scheme, first_day, last_day, departure, division, recorded_on)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (person_key, scheme, first_day)
               DO UPDATE SET last_day = excluded.last_day, departure = excluded.departure,
                             division = excluded.division, recorded_on = excluded.recorded_on";
    let values = params![
        person.as_bytes(),
        number(cover.scheme),
        day_number(cover.from),
        cover.to.map(day_number),
        &cover.departure,
        division.code(),
        day_number(cover.recorded_on),
    ];
    unit.execute(sql, values).map(drop)
}

/// The contract's numbers.
fn number(scheme: Scheme) -> i64 {
    match scheme {
        Scheme::Resident => 1,
        Scheme::Employee => 2,
    }
}

fn scheme(number: i64) -> Result<Scheme, StoreError> {
    match number {
        1 => Ok(Scheme::Resident),
        2 => Ok(Scheme::Employee),
        _ => Err(corrupt("a scheme")),
    }
}
