//! What the other departments told.

use canbao_store::{StoreError, Unit, params};
use canbao_types::{Date, day_number};

use super::Key;

/// Keeps that a contribution is settled, and the day that counts.
pub(crate) fn put_settled(unit: &mut Unit, key: &Key, on: Option<Date>) -> Result<(), StoreError> {
    let sql = "INSERT INTO settled (division, cover_year, resident, settled_on) VALUES ($1, $2, $3, $4)
               ON CONFLICT (division, cover_year, resident) DO UPDATE SET settled_on = excluded.settled_on";
    let on = on.map(day_number);
    unit.execute(sql, params![key.0.code(), key.1.get(), key.2.as_bytes(), on]).map(drop)
}

/// The year was given up, so nothing is settled any more.
pub(crate) fn delete_settled(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM settled WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, params![key.0.code(), key.1.get(), key.2.as_bytes()]).map(drop)
}

/// Keeps the newest benefit period that benefits told, and whether registration alone gives it; none ends an earlier one.
pub(crate) fn put_entitled(
    unit: &mut Unit,
    key: &Key,
    benefits: Option<(Date, Date)>,
    free: bool,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO entitled (division, cover_year, resident, first_day, last_day, free)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day, free = excluded.free";
    let (from, to) = (benefits.map(|(from, _)| day_number(from)), benefits.map(|(_, to)| day_number(to)));
    unit.execute(sql, params![key.0.code(), key.1.get(), key.2.as_bytes(), from, to, free]).map(drop)
}

/// Keeps the newest identities that subsidy told, encoded.
pub(crate) fn put_identities(unit: &mut Unit, key: &Key, identities: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO identities (division, cover_year, resident, identities) VALUES ($1, $2, $3, $4)
               ON CONFLICT (division, cover_year, resident) DO UPDATE SET identities = excluded.identities";
    unit.execute(sql, params![key.0.code(), key.1.get(), key.2.as_bytes(), identities]).map(drop)
}
