//! The statements of registration, and nothing else.

use canbao_host::column::{day, division};
use canbao_store::{StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, NameKey, PersonKey, ResidentId, day_number};

/// A resident's row.
pub(crate) struct ResidentRow<'a> {
    pub(crate) id: ResidentId,
    pub(crate) person_key: PersonKey,
    pub(crate) name_key: NameKey,
    pub(crate) sealed_document: &'a [u8],
    pub(crate) sealed_name: &'a [u8],
    pub(crate) masked_number: &'a str,
    pub(crate) birth: Date,
}

/// A registration's row, as it is read back.
pub(crate) struct RegistrationRow {
    /// The encoded registration message.
    pub(crate) registration: Vec<u8>,
    pub(crate) settled: bool,
    pub(crate) benefits: Option<(Date, Date)>,
}

/// Which resident has this document, and the name key it was registered with.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<(ResidentId, NameKey)>, StoreError> {
    let sql = "SELECT id, name_key FROM resident WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| {
        Ok((ResidentId::from_bytes(row.id16(0)?), NameKey::from_bytes(row.id16(1)?)))
    })
}

/// The divisions in which a resident is registered for a coverage year.
pub(crate) fn divisions(
    view: &View,
    resident: ResidentId,
    year: CoverYear,
) -> Result<Vec<Division>, StoreError> {
    let sql = "SELECT division FROM registration WHERE resident = $1 AND cover_year = $2 ORDER BY division";
    view.query(sql, [resident.as_bytes().into(), year.get().into()], |row| division(row.int(0)?))
}

pub(crate) fn insert_resident(unit: &mut Unit, resident: &ResidentRow<'_>) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO resident (id, person_key, name_key, sealed_document, sealed_name, masked_number, birth)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value<'_>; 7] = [
        resident.id.as_bytes().into(),
        resident.person_key.as_bytes().into(),
        resident.name_key.as_bytes().into(),
        resident.sealed_document.into(),
        resident.sealed_name.into(),
        resident.masked_number.into(),
        day_number(resident.birth).into(),
    ];
    unit.execute(sql, values).map(drop)
}

pub(crate) fn insert_registration(
    unit: &mut Unit,
    (division, year, resident): (Division, CoverYear, ResidentId),
    (class, registered_on): (&str, Date),
    registration: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO registration (division, cover_year, resident, class, registered_on, registration)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values: [Value<'_>; 6] = [
        division.code().into(),
        year.get().into(),
        resident.as_bytes().into(),
        class.into(),
        day_number(registered_on).into(),
        registration.into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// The masked number of a resident.
pub(crate) fn masked_number(view: &View, resident: ResidentId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT masked_number FROM resident WHERE id = $1";
    view.query_one(sql, [resident.as_bytes().into()], |row| row.text(0))
}

/// A resident's registrations, newest coverage year first.
pub(crate) fn registrations(view: &View, resident: ResidentId) -> Result<Vec<RegistrationRow>, StoreError> {
    let sql = "SELECT r.registration, s.resident, e.first_day, e.last_day
               FROM registration r
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident
               LEFT JOIN entitled e ON e.division = r.division AND e.cover_year = r.cover_year
                                   AND e.resident = r.resident
               WHERE r.resident = $1 ORDER BY r.cover_year DESC, r.division";
    view.query(sql, [resident.as_bytes().into()], |row| {
        let benefits = match (row.opt_int(2)?, row.opt_int(3)?) {
            (Some(from), Some(to)) => Some((day(from)?, day(to)?)),
            _ => None,
        };
        Ok(RegistrationRow { registration: row.bytes(0)?, settled: row.opt_id16(1)?.is_some(), benefits })
    })
}

pub(crate) fn insert_settled(
    unit: &mut Unit,
    (division, year, resident): (Division, CoverYear, ResidentId),
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO settled (division, cover_year, resident) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    unit.execute(sql, [division.code().into(), year.get().into(), resident.as_bytes().into()]).map(drop)
}

/// Keeps the newest benefit period that benefits told; none ends an earlier one.
pub(crate) fn put_entitled(
    unit: &mut Unit,
    (division, year, resident): (Division, CoverYear, ResidentId),
    benefits: Option<(Date, Date)>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO entitled (division, cover_year, resident, first_day, last_day) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day";
    let (from, to) = (benefits.map(|(from, _)| day_number(from)), benefits.map(|(_, to)| day_number(to)));
    let values: [Value<'_>; 5] =
        [division.code().into(), year.get().into(), resident.as_bytes().into(), from.into(), to.into()];
    unit.execute(sql, values).map(drop)
}
