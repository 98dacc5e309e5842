//! The statements of collection, and nothing else: here what the others told, below it the rest by noun.

pub(crate) mod books;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod suspense;

use canbao_host::column::{day, money};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, PaymentId, PersonKey, ResidentId, day_number};

use crate::contribution::{Chosen, How, Settled};

/// The key of everything about one contribution.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// What is stored about a contribution; what the others told in its wire form.
pub(crate) struct ContributionRow {
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) registered_on: Date,
    /// The last day of the registration; none while it goes on.
    pub(crate) ended_on: Option<Date>,
    /// The day of death, where the registration ended with it.
    pub(crate) died_on: Option<Date>,
    pub(crate) owed: Option<Vec<u8>>,
    pub(crate) assessed: Option<Vec<u8>>,
    pub(crate) settled: Option<Settled>,
}

/// What registration told of a resident.
pub(crate) struct RegisteredRow {
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) township: String,
    pub(crate) masked_number: String,
    pub(crate) registered_on: Date,
}

/// The three columns that lead every row about a contribution.
pub(crate) fn key_values((division, year, resident): &Key) -> [Value<'_>; 3] {
    [division.code().into(), year.get().into(), resident.as_bytes().into()]
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// What is known about a contribution; none when nobody was ever registered there.
pub(crate) fn contribution(view: &View, key: &Key) -> Result<Option<ContributionRow>, StoreError> {
    let sql =
        "SELECT r.birth, r.circumstances, r.ended_day, o.told, a.told, s.how, s.payment, s.standard_fen,
                      s.paid_fen, s.aided_fen, s.government_fen, s.settled_day, s.determination, s.tier,
                      s.repair_years, s.arrive_day, s.repair_fen, s.arrears_fen, s.along_fen,
                      r.registered_day, r.died_day
               FROM registered r
               LEFT JOIN owed o ON o.division = r.division AND o.cover_year = r.cover_year
                               AND o.resident = r.resident
               LEFT JOIN assessed a ON a.division = r.division AND a.cover_year = r.cover_year
                                   AND a.resident = r.resident
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident = $3";
    view.query_one(sql, key_values(key), |row| {
        let settled = row.opt_int(5)?.map(|how| settled(row, how_of(how)?)).transpose()?;
        Ok(ContributionRow {
            birth: day(row.int(0)?)?,
            circumstances: row.bytes(1)?,
            registered_on: day(row.int(19)?)?,
            ended_on: row.opt_int(2)?.map(day).transpose()?,
            died_on: row.opt_int(20)?.map(day).transpose()?,
            owed: row.opt_bytes(3)?,
            assessed: row.opt_bytes(4)?,
            settled,
        })
    })
}

/// Reads how a contribution was settled, which begins with the seventh column.
fn settled(row: &Row<'_>, how: How) -> Result<Settled, StoreError> {
    let corrupt = |_| StoreError::Corrupt { what: "the repaired years of a contribution".to_owned() };
    let settled_on = day(row.int(11)?)?;
    Ok(Settled {
        how,
        payment: row.opt_id16(6)?.map(PaymentId::from_bytes),
        standard: money(row.int(7)?)?,
        paid: money(row.int(8)?)?,
        aided: money(row.int(9)?)?,
        government: money(row.int(10)?)?,
        repair: money(row.int(16)?)?,
        arrears: money(row.int(17)?)?,
        along: money(row.int(18)?)?,
        chosen: Chosen { tier: row.text(13)?, repair_years: row.int(14)?.try_into().map_err(corrupt)? },
        settled_on,
        arrived_on: row.opt_int(15)?.map(day).transpose()?.unwrap_or(settled_on),
        determination: row.uint(12)?,
    })
}

/// How a contribution was settled, from its number.
pub(crate) fn how_of(number: i64) -> Result<How, StoreError> {
    let corrupt = || StoreError::Corrupt { what: format!("{number} is no way of settling") };
    How::ALL.into_iter().find(|how| *how as i64 == number).ok_or_else(corrupt)
}

/// Notes one more key of a resident; the same key never belongs to two.
pub(crate) fn put_person(unit: &mut Unit, key: &PersonKey, resident: ResidentId) -> Result<(), StoreError> {
    let sql = "INSERT INTO person (person_key, resident) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    unit.execute(sql, [key.as_bytes().into(), resident.as_bytes().into()]).map(drop)
}

/// Writes down what registration told, in place of what it told before; the registration is live from now on.
pub(crate) fn put_registered(unit: &mut Unit, key: &Key, told: &RegisteredRow) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO registered (division, cover_year, resident, birth, circumstances, township,
                                       masked_number, registered_day)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET birth = excluded.birth, circumstances = excluded.circumstances,
                             township = excluded.township, masked_number = excluded.masked_number,
                             registered_day = excluded.registered_day, ended_day = NULL,
                             died_day = NULL";
    let values = [
        division,
        year,
        resident,
        day_number(told.birth).into(),
        told.circumstances.as_slice().into(),
        told.township.as_str().into(),
        told.masked_number.as_str().into(),
        day_number(told.registered_on).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Ends a registration, with the day of death where it ended so.
pub(crate) fn end_registered(
    unit: &mut Unit,
    key: &Key,
    (ended_on, died_on): (Date, Option<Date>),
) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "UPDATE registered SET ended_day = $4, died_day = $5
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    let (ended_on, died_on) = (day_number(ended_on).into(), died_on.map(day_number).into());
    unit.execute(sql, [division, year, resident, ended_on, died_on]).map(drop)
}

/// Writes down what subsidy told, unless a later determination is known.
pub(crate) fn put_owed(unit: &mut Unit, key: &Key, (number, told): (u64, &[u8])) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql =
        "INSERT INTO owed (division, cover_year, resident, determination, told) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET determination = excluded.determination, told = excluded.told
               WHERE excluded.determination >= owed.determination";
    unit.execute(sql, [division, year, resident, number.into(), told.into()]).map(drop)
}

/// Writes down what a late payer was assessed at.
pub(crate) fn put_assessed(unit: &mut Unit, key: &Key, told: &[u8]) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO assessed (division, cover_year, resident, told) VALUES ($1, $2, $3, $4)
               ON CONFLICT (division, cover_year, resident) DO UPDATE SET told = excluded.told";
    unit.execute(sql, [division, year, resident, told.into()]).map(drop)
}
