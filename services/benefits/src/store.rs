//! The statements of benefits, and nothing else.

use canbao_host::column;
use canbao_store::{StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Period, PersonKey, ResidentId, day_number};

use crate::period::Determined;

/// The key of everything about one benefit period.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// The facts that are there for a benefit period.
pub(crate) struct FactsRow {
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) pay_date: Date,
}

/// A benefit period, as it is read back.
pub(crate) struct PeriodRow {
    pub(crate) days: Option<Period>,
    pub(crate) undecided: bool,
    /// The encoded period message.
    pub(crate) period: Vec<u8>,
}

fn key_values((division, year, resident): &Key) -> [Value<'_>; 3] {
    [division.code().into(), year.get().into(), resident.as_bytes().into()]
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// Where a resident is registered for a coverage year.
pub(crate) fn division(
    view: &View,
    resident: ResidentId,
    year: CoverYear,
) -> Result<Option<Division>, StoreError> {
    let sql = "SELECT division FROM registered WHERE resident = $1 AND cover_year = $2";
    view.query_one(sql, [resident.as_bytes().into(), year.get().into()], |row| column::division(row.int(0)?))
}

/// Writes down who was enrolled, with birth date and circumstances.
pub(crate) fn put_registered(
    unit: &mut Unit,
    key: &Key,
    person_key: &PersonKey,
    (birth, circumstances): (Date, &[u8]),
) -> Result<(), StoreError> {
    let person = "INSERT INTO person (person_key, resident) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    unit.execute(person, [person_key.as_bytes().into(), key.2.as_bytes().into()])?;
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO registered (division, cover_year, resident, birth, circumstances)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    unit.execute(sql, [division, year, resident, day_number(birth).into(), circumstances.into()]).map(drop)
}

pub(crate) fn put_settled(unit: &mut Unit, key: &Key, pay_date: Date) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO settled (division, cover_year, resident, pay_day) VALUES ($1, $2, $3, $4)
               ON CONFLICT DO NOTHING";
    unit.execute(sql, [division, year, resident, day_number(pay_date).into()]).map(drop)
}

/// The facts for a benefit period; none while one of them is still to come.
pub(crate) fn facts(view: &View, key: &Key) -> Result<Option<FactsRow>, StoreError> {
    let sql = "SELECT r.birth, r.circumstances, s.pay_day FROM registered r
               JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year AND s.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident = $3";
    view.query_one(sql, key_values(key), |row| {
        Ok(FactsRow {
            birth: column::day(row.int(0)?)?,
            circumstances: row.bytes(1)?,
            pay_date: column::day(row.int(2)?)?,
        })
    })
}

/// A resident's benefit period; none while the contribution is not settled.
pub(crate) fn period(view: &View, key: &Key) -> Result<Option<PeriodRow>, StoreError> {
    let sql = "SELECT first_day, last_day, undecided, period FROM period
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, key_values(key), |row| {
        let days = match (row.opt_int(0)?, row.opt_int(1)?) {
            (Some(from), Some(to)) => Period::new(column::day(from)?, column::day(to)?),
            _ => None,
        };
        Ok(PeriodRow { days, undecided: row.int(2)? != 0, period: row.bytes(3)? })
    })
}

/// Writes a benefit period down, in place of an earlier one.
pub(crate) fn put_period(
    unit: &mut Unit,
    key: &Key,
    determined: &Determined,
    period: &[u8],
) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO period (division, cover_year, resident, first_day, last_day, undecided, period)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day,
                             undecided = excluded.undecided, period = excluded.period";
    let from = determined.days.map(|days| day_number(days.from()));
    let to = determined.days.map(|days| day_number(days.to()));
    let values: [Value<'_>; 7] =
        [division, year, resident, from.into(), to.into(), determined.undecided.into(), period.into()];
    unit.execute(sql, values).map(drop)
}
