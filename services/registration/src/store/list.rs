//! Many registrations at once: pages and counts.

use canbao_store::{StoreError, View, params};
use canbao_types::{CoverYear, Division};

use super::registration::{RegistrationRow, small};

/// Which page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    /// Only this one; empty: all.
    pub(crate) township: String,
    /// Only this one, by its number in the contract; 0: all.
    pub(crate) status: i32,
    /// The resident after whom it begins.
    pub(crate) after: [u8; 16],
    pub(crate) size: u32,
}

/// How many registrations have these in common.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) township: String,
    pub(crate) class: String,
    pub(crate) ground: String,
    pub(crate) registered: u64,
    pub(crate) insured: u64,
    pub(crate) by_registration: u64,
}

/// A page of registrations in the order of the residents' ids, each with the resident's masked number.
pub(crate) fn page(view: &View, page: &Page) -> Result<Vec<(RegistrationRow, String)>, StoreError> {
    let sql =
        "SELECT s.division, s.cover_year, s.resident, s.township, s.class, s.ground, s.ended_on, s.end_cause,
                      s.registered_on, s.circumstances, s.registration, s.first_day, s.last_day, s.status,
                      s.settled_on, r.masked_number
               FROM standing s JOIN resident r ON r.id = s.resident
               WHERE s.division = $1 AND s.cover_year = $2 AND s.resident > $3
                 AND ($4 = '' OR s.township = $4) AND (CAST($5 AS BIGINT) = 0 OR s.status = $5)
               ORDER BY s.resident LIMIT $6";
    let values = params![
        page.division.code(),
        page.cover_year.get(),
        &page.after,
        &page.township,
        page.status,
        page.size,
    ];
    view.query(sql, values, |row| Ok((RegistrationRow::read(row)?, row.text(15)?)))
}

/// The registrations that have not ended, counted.
pub(crate) fn counts(view: &View, division: Division, year: CoverYear) -> Result<Vec<Count>, StoreError> {
    let sql = "SELECT township, class, ground, COUNT(*),
                      CAST(SUM(CASE WHEN status = 2 THEN 1 ELSE 0 END) AS BIGINT),
                      CAST(SUM(by_registration) AS BIGINT)
               FROM standing WHERE division = $1 AND cover_year = $2 AND ended_on IS NULL
               GROUP BY township, class, ground ORDER BY township, class, ground";
    view.query(sql, params![division.code(), year.get()], |row| {
        Ok(Count {
            township: row.text(0)?,
            class: row.text(1)?,
            ground: row.text(2)?,
            registered: row.uint(3)?,
            insured: row.uint(4)?,
            by_registration: row.uint(5)?,
        })
    })
}

/// The registrations that ended, counted by the cause's number in the contract.
pub(crate) fn ended(view: &View, division: Division, year: CoverYear) -> Result<Vec<(i32, u64)>, StoreError> {
    let sql = "SELECT end_cause, COUNT(*) FROM registration
               WHERE division = $1 AND cover_year = $2 AND ended_on IS NOT NULL
               GROUP BY end_cause ORDER BY end_cause";
    view.query(sql, params![division.code(), year.get()], |row| Ok((small(row.int(0)?)?, row.uint(1)?)))
}
