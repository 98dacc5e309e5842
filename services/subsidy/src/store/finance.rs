//! What payers owe.

use canbao_host::column::{day, money};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Money, Part, ResidentId, day_number};

use super::{Key, aid, keyed};
use crate::recognition::Borne;

/// What a payer owes for a resident.
pub(crate) struct Grant {
    pub(crate) resident: ResidentId,
    pub(crate) borne: Borne,
    pub(crate) granted_on: Date,
    /// It is given back to the person, who had paid already.
    pub(crate) refunded: bool,
}

/// Writes down what payers owe for a resident, in place of what was there.
pub(crate) fn put(
    unit: &mut Unit,
    key: &Key,
    grants: &[Borne],
    (granted_on, refunded): (Date, bool),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO granted (division, cover_year, resident, part, payer, amount_fen, granted_day, refunded, citations)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let [division, year, resident] = keyed(key);
    let granted: Value<'_> = day_number(granted_on).into();
    let rows = grants.iter().map(|borne| -> [Value<'_>; 9] {
        let (part, payer) = (borne.part.code().into(), borne.payer.as_str().into());
        let (amount, citations) = (borne.amount.fen().into(), borne.citations.as_slice().into());
        [division, year, resident, part, payer, amount, granted, refunded.into(), citations]
    });
    unit.execute_many(sql, rows).map(drop)
}

/// Forgets what payers owe for a resident, to be written anew.
pub(crate) fn clear(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM granted WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, keyed(key)).map(drop)
}

/// What a payer owes in all.
pub(crate) struct Total {
    pub(crate) payer: String,
    pub(crate) part: Part,
    pub(crate) heads: u64,
    pub(crate) amount: Money,
}

/// What each payer owes, by name and part.
pub(crate) fn totals(view: &View, (division, year): (Division, CoverYear)) -> Result<Vec<Total>, StoreError> {
    let sql = "SELECT payer, part, COUNT(DISTINCT resident), CAST(SUM(amount_fen) AS BIGINT) FROM granted
               WHERE division = $1 AND cover_year = $2 GROUP BY payer, part ORDER BY payer, part";
    view.query(sql, [division.code().into(), year.get().into()], |row| {
        let (payer, part) = (row.text(0)?, aid::part(&row.text(1)?)?);
        Ok(Total { payer, part, heads: row.uint(2)?, amount: money(row.int(3)?)? })
    })
}

/// Insured residents whose government part is borne neither by themselves nor by a payer of the list.
pub(crate) fn government_heads(
    view: &View,
    (division, year): (Division, CoverYear),
) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM registered r
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident
               LEFT JOIN standing f ON f.division = r.division AND f.cover_year = r.cover_year
                                   AND f.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2
                 AND (s.government_fen = 0 OR s.resident IS NULL AND f.free = 1 AND r.ended_day IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM granted g WHERE g.division = r.division
                                 AND g.cover_year = r.cover_year AND g.resident = r.resident AND g.part = $3)";
    let values = [division.code().into(), year.get().into(), Part::Government.code().into()];
    Ok(view.query_one(sql, values, |row| row.uint(0))?.unwrap_or_default())
}

/// Grants of a payer (empty: of all) after a place, by resident, part and payer. The place is a resident and, run
/// together, the part and payer of a grant.
pub(crate) fn list(
    view: &View,
    (division, year): (Division, CoverYear),
    payer: &str,
    ((resident, grant), limit): ((&[u8; 16], &str), u32),
) -> Result<Vec<Grant>, StoreError> {
    let sql = "SELECT part, payer, amount_fen, citations, resident, granted_day, refunded FROM granted
               WHERE division = $1 AND cover_year = $2 AND ($3 = '' OR payer = $3)
                 AND resident >= $4 AND (resident > $4 OR part || payer > $5)
               ORDER BY resident, part, payer LIMIT $6";
    let values: [Value<'_>; 6] = [
        division.code().into(),
        year.get().into(),
        payer.into(),
        resident.into(),
        grant.into(),
        limit.into(),
    ];
    view.query(sql, values, read)
}

fn read(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        borne: aid::read_borne(row)?,
        resident: ResidentId::from_bytes(row.id16(4)?),
        granted_on: day(row.int(5)?)?,
        refunded: row.int(6)? == 1,
    })
}
