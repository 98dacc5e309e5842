//! Registrations, and what is decided about them.

use canbao_host::column::{cover_year, day, division};
use canbao_store::{Row, StoreError, Unit, View, params};
use canbao_types::{CoverYear, Date, Money, ResidentId, day_number};

use super::{Key, corrupt};

/// A registration as it stands.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationRow {
    pub(crate) key: Key,
    /// Nine digits; empty: not given.
    pub(crate) township: String,
    pub(crate) class: String,
    /// The first ground; empty when there is none.
    pub(crate) ground: String,
    pub(crate) registered_on: Date,
    /// The last day and the cause, by its number in the contract.
    pub(crate) ended: Option<(Date, i32)>,
    /// The circumstances as they were told, encoded.
    pub(crate) circumstances: Vec<u8>,
    /// The registration's message, encoded.
    pub(crate) registration: Vec<u8>,
    /// How far it has come, by its number in the contract.
    pub(crate) status: i32,
    pub(crate) benefits: Option<(Date, Date)>,
    /// The day that counts of the payment, confirmation or declaration that settled it.
    pub(crate) settled_on: Option<Date>,
}

impl RegistrationRow {
    /// Settled, or free by the notice.
    pub(crate) fn insured(&self) -> bool {
        self.status == 2
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let ended = match (row.opt_int(6)?, row.opt_int(7)?) {
            (Some(on), Some(cause)) => Some((day(on)?, small(cause)?)),
            _ => None,
        };
        let benefits = match (row.opt_int(11)?, row.opt_int(12)?) {
            (Some(from), Some(to)) => Some((day(from)?, day(to)?)),
            _ => None,
        };
        Ok(Self {
            key: (division(row.int(0)?)?, cover_year(row.int(1)?)?, ResidentId::from_bytes(row.id16(2)?)),
            township: row.text(3)?,
            class: row.text(4)?,
            ground: row.text(5)?,
            ended,
            registered_on: day(row.int(8)?)?,
            circumstances: row.bytes(9)?,
            registration: row.bytes(10)?,
            benefits,
            status: small(row.int(13)?)?,
            settled_on: row.opt_int(14)?.map(day).transpose()?,
        })
    }
}

/// A number of the contract.
pub(super) fn small(number: i64) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| corrupt("a number of a list of the contract"))
}

/// A resident's registrations, the ended ones too, newest coverage year first.
pub(crate) fn registrations(view: &View, resident: ResidentId) -> Result<Vec<RegistrationRow>, StoreError> {
    let sql =
        "SELECT division, cover_year, resident, township, class, ground, ended_on, end_cause, registered_on,
                      circumstances, registration, first_day, last_day, status, settled_on
               FROM standing WHERE resident = $1 ORDER BY cover_year DESC, division";
    view.query(sql, params![resident.as_bytes()], RegistrationRow::read)
}

/// A resident's registrations of a coverage year that have not ended, by division.
pub(crate) fn live(
    view: &View,
    resident: ResidentId,
    year: CoverYear,
) -> Result<Vec<RegistrationRow>, StoreError> {
    let sql =
        "SELECT division, cover_year, resident, township, class, ground, ended_on, end_cause, registered_on,
                      circumstances, registration, first_day, last_day, status, settled_on
               FROM standing WHERE resident = $1 AND cover_year = $2 AND ended_on IS NULL ORDER BY division";
    view.query(sql, params![resident.as_bytes(), year.get()], RegistrationRow::read)
}

/// A registration that has not ended.
pub(crate) fn registration(view: &View, key: &Key) -> Result<Option<RegistrationRow>, StoreError> {
    let sql =
        "SELECT division, cover_year, resident, township, class, ground, ended_on, end_cause, registered_on,
                      circumstances, registration, first_day, last_day, status, settled_on
               FROM standing
               WHERE division = $1 AND cover_year = $2 AND resident = $3 AND ended_on IS NULL";
    view.query_one(sql, params![key.0.code(), key.1.get(), key.2.as_bytes()], RegistrationRow::read)
}

/// Writes a registration; one that ended before is alive again.
pub(crate) fn put_registration(unit: &mut Unit, row: &RegistrationRow) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO registration (division, cover_year, resident, township, class, ground, registered_on,
                                         circumstances, registration)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET township = excluded.township, class = excluded.class, ground = excluded.ground,
                             registered_on = excluded.registered_on, ended_on = NULL, end_cause = NULL,
                             circumstances = excluded.circumstances, registration = excluded.registration";
    let values = params![
        row.key.0.code(),
        row.key.1.get(),
        row.key.2.as_bytes(),
        &row.township,
        &row.class,
        &row.ground,
        day_number(row.registered_on),
        &row.circumstances,
        &row.registration,
    ];
    unit.execute(sql, values).map(drop)
}

/// Ends a registration on its last day; the cause is the contract's number.
pub(crate) fn end(unit: &mut Unit, key: &Key, on: Date, cause: i32) -> Result<(), StoreError> {
    let sql = "UPDATE registration SET ended_on = $4, end_cause = $5
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    let values = params![key.0.code(), key.1.get(), key.2.as_bytes(), day_number(on), cause];
    unit.execute(sql, values).map(drop)
}

/// The identities that subsidy told of, encoded.
pub(crate) fn identities(view: &View, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT identities FROM identities WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, params![key.0.code(), key.1.get(), key.2.as_bytes()], |row| row.bytes(0))
}

/// Keeps the newest assessment: what tax was told, and what was decided and why where a person decided.
pub(crate) fn put_assessment(
    unit: &mut Unit,
    key: &Key,
    (on, decided, because): (Date, Option<Money>, &str),
    assessed: &[u8],
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO assessment (division, cover_year, resident, assessed_on, decided_fen, because, assessed)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET assessed_on = excluded.assessed_on, decided_fen = excluded.decided_fen,
                             because = excluded.because, assessed = excluded.assessed";
    let values = params![
        key.0.code(),
        key.1.get(),
        key.2.as_bytes(),
        day_number(on),
        decided.map(Money::fen),
        because,
        assessed,
    ];
    unit.execute(sql, values).map(drop)
}
