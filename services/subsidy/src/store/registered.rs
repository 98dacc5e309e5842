//! Who is registered, as registration told it.

use canbao_host::column::{cover_year, day, division};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, NameKey, PersonKey, ResidentId, day_number};

use super::{Key, keyed};

/// A registration, as it is read back.
pub(crate) struct Registered {
    pub(crate) birth: Date,
    /// As `canbao_proto` encodes them.
    pub(crate) circumstances: Vec<u8>,
    /// The day of what was told last.
    pub(crate) told_on: Date,
    /// None: it was told before it was kept.
    pub(crate) registered_on: Option<Date>,
    /// The day of death, where the registration ended with it.
    pub(crate) died_on: Option<Date>,
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// Writes down to whom a person key belongs, and under which name now.
pub(crate) fn put_person(
    unit: &mut Unit,
    person_key: &PersonKey,
    name_key: &NameKey,
    resident: ResidentId,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO person (person_key, name_key, resident) VALUES ($1, $2, $3)
               ON CONFLICT (person_key)
               DO UPDATE SET name_key = excluded.name_key, resident = excluded.resident";
    let values = [person_key.as_bytes().into(), name_key.as_bytes().into(), resident.as_bytes().into()];
    unit.execute(sql, values).map(drop)
}

/// Writes a registration down, in place of what was told before; the day of what was told never goes back.
pub(crate) fn put(unit: &mut Unit, key: &Key, row: &Registered) -> Result<(), StoreError> {
    let sql = "INSERT INTO registered (division, cover_year, resident, birth_day, circumstances, told_day, registered_day,
                                       died_day, ended_day)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET birth_day = excluded.birth_day, circumstances = excluded.circumstances,
                             told_day = CASE WHEN excluded.told_day > registered.told_day THEN excluded.told_day
                                             ELSE registered.told_day END,
                             registered_day = excluded.registered_day, died_day = excluded.died_day,
                             ended_day = NULL";
    let [division, year, resident] = keyed(key);
    let values = [
        division,
        year,
        resident,
        day_number(row.birth).into(),
        row.circumstances.as_slice().into(),
        day_number(row.told_on).into(),
        row.registered_on.map(day_number).into(),
        row.died_on.map(day_number).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Ends a registration, with the day of death where it ended so.
pub(crate) fn end(unit: &mut Unit, key: &Key, (on, died_on): (Date, Option<Date>)) -> Result<(), StoreError> {
    let sql = "UPDATE registered SET ended_day = $4, died_day = $5
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    let [division, year, resident] = keyed(key);
    let (on, died_on) = (day_number(on).into(), died_on.map(day_number).into());
    unit.execute(sql, [division, year, resident, on, died_on]).map(drop)
}

/// A registration.
pub(crate) fn get(view: &View, key: &Key) -> Result<Option<Registered>, StoreError> {
    let sql = "SELECT birth_day, circumstances, told_day, registered_day, died_day FROM registered
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, keyed(key), read)
}

/// Where a resident is registered for a coverage year; where several are known, the one that has not ended.
pub(crate) fn whereabouts(
    view: &View,
    resident: ResidentId,
    year: CoverYear,
) -> Result<Option<Division>, StoreError> {
    let sql = "SELECT division FROM registered WHERE resident = $1 AND cover_year = $2
               ORDER BY ended_day IS NOT NULL, told_day DESC, division LIMIT 1";
    view.query_one(sql, [resident.as_bytes().into(), year.get().into()], |row| division(row.int(0)?))
}

/// The resident who is registered under a document for a division and coverage year, and under which name.
pub(crate) fn under(
    view: &View,
    person_key: &PersonKey,
    (division, year): (Division, CoverYear),
) -> Result<Option<(ResidentId, NameKey)>, StoreError> {
    let sql = "SELECT p.resident, p.name_key FROM person p
               JOIN registered r ON r.division = $2 AND r.cover_year = $3 AND r.resident = p.resident
               WHERE p.person_key = $1 AND r.ended_day IS NULL";
    let values = [person_key.as_bytes().into(), division.code().into(), year.get().into()];
    view.query_one(sql, values, |row| {
        Ok((ResidentId::from_bytes(row.id16(0)?), NameKey::from_bytes(row.id16(1)?)))
    })
}

/// The divisions and coverage years of those who are registered.
pub(crate) fn places(view: &View) -> Result<Vec<(Division, CoverYear)>, StoreError> {
    let sql = "SELECT DISTINCT division, cover_year FROM registered ORDER BY division, cover_year";
    view.query(sql, [], |row| Ok((division(row.int(0)?)?, cover_year(row.int(1)?)?)))
}

/// A page of the residents who are registered in a place, in the order of their ids.
pub(crate) fn residents(
    view: &View,
    place: (Division, CoverYear),
    after: &[u8; 16],
    size: u32,
) -> Result<Vec<ResidentId>, StoreError> {
    Ok(page(view, place, after, size)?.into_iter().map(|(resident, _)| resident).collect())
}

/// How many residents are registered for a division and coverage year.
pub(crate) fn count(view: &View, (division, year): (Division, CoverYear)) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM registered WHERE division = $1 AND cover_year = $2 AND ended_day IS NULL";
    let counted = view.query_one(sql, [division.code().into(), year.get().into()], |row| row.uint(0))?;
    Ok(counted.unwrap_or(0))
}

/// A page of those residents in the order of their ids, after one of them.
pub(crate) fn page(
    view: &View,
    (division, year): (Division, CoverYear),
    after: &[u8; 16],
    size: u32,
) -> Result<Vec<(ResidentId, Registered)>, StoreError> {
    let sql = "SELECT birth_day, circumstances, told_day, registered_day, died_day, resident FROM registered
               WHERE division = $1 AND cover_year = $2 AND ended_day IS NULL AND resident > $3
               ORDER BY resident LIMIT $4";
    let values: [Value<'_>; 4] = [division.code().into(), year.get().into(), after.into(), size.into()];
    view.query(sql, values, |row| Ok((ResidentId::from_bytes(row.id16(5)?), read(row)?)))
}

fn read(row: &Row<'_>) -> Result<Registered, StoreError> {
    let (birth, told_on) = (day(row.int(0)?)?, day(row.int(2)?)?);
    Ok(Registered {
        birth,
        circumstances: row.bytes(1)?,
        told_on,
        registered_on: row.opt_int(3)?.map(day).transpose()?,
        died_on: row.opt_int(4)?.map(day).transpose()?,
    })
}
