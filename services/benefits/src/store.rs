//! The statements of benefits, and nothing else.

use canbao_host::column;
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Period, PersonKey, ResidentId, day_number};

use crate::{
    coverage::Standing,
    period::{Determined, How, Settled},
};

/// The key of everything about one benefit period.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// The facts that are there for a benefit period.
pub(crate) struct FactsRow {
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) registered_on: Date,
    pub(crate) ended_on: Option<Date>,
    /// The day of death, where the registration ended with it.
    pub(crate) died_on: Option<Date>,
    pub(crate) settled: Option<Settled>,
    /// The encoded event that told them; none: nothing was told.
    pub(crate) identities: Option<Vec<u8>>,
}

/// What registration was told of a benefit period: the days, and whether registration alone gives it.
pub(crate) type Told = (Option<Period>, bool);

/// How a registered resident stands.
pub(crate) struct StandingRow {
    pub(crate) standing: Standing,
    /// The encoded period of whoever is insured.
    pub(crate) period: Option<Vec<u8>>,
}

/// How many residents stand alike.
pub(crate) struct Count {
    pub(crate) standing: Standing,
    pub(crate) free: bool,
    /// The months and the days beside them of the waiting period.
    pub(crate) wait: (u32, u32),
    pub(crate) residents: u64,
}

fn key_values((division, year, resident): &Key) -> [Value<'_>; 3] {
    [division.code().into(), year.get().into(), resident.as_bytes().into()]
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// Where a resident is registered for a coverage year; somebody who moved is where the registration goes on.
pub(crate) fn division(
    view: &View,
    resident: ResidentId,
    year: CoverYear,
) -> Result<Option<Division>, StoreError> {
    let sql = "SELECT division FROM registered WHERE resident = $1 AND cover_year = $2
               ORDER BY CASE WHEN ended_day IS NULL THEN 0 ELSE 1 END, ended_day DESC, division LIMIT 1";
    view.query_one(sql, [resident.as_bytes().into(), year.get().into()], |row| column::division(row.int(0)?))
}

/// Writes down that a key is the resident's.
pub(crate) fn put_person(unit: &mut Unit, key: &PersonKey, resident: ResidentId) -> Result<(), StoreError> {
    let sql = "INSERT INTO person (person_key, resident) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    unit.execute(sql, [key.as_bytes().into(), resident.as_bytes().into()]).map(drop)
}

/// The divisions and coverage years of those who are, or were, registered.
pub(crate) fn places(view: &View) -> Result<Vec<(Division, CoverYear)>, StoreError> {
    let sql = "SELECT DISTINCT division, cover_year FROM registered ORDER BY division, cover_year";
    view.query(sql, [], |row| Ok((column::division(row.int(0)?)?, column::cover_year(row.int(1)?)?)))
}

/// A page of the residents of a place, in the order of their ids.
pub(crate) fn residents(
    view: &View,
    (division, year): (Division, CoverYear),
    after: &[u8; 16],
    size: u32,
) -> Result<Vec<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM registered
               WHERE division = $1 AND cover_year = $2 AND resident > $3 ORDER BY resident LIMIT $4";
    let values: [Value<'_>; 4] = [division.code().into(), year.get().into(), after.into(), size.into()];
    view.query(sql, values, |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// Writes down who is registered, in place of what was known; the registration goes on.
pub(crate) fn put_registered(
    unit: &mut Unit,
    key: &Key,
    (birth, registered_on): (Date, Date),
    circumstances: &[u8],
) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO registered (division, cover_year, resident, birth, registered_day, circumstances)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET birth = excluded.birth, registered_day = excluded.registered_day,
                             ended_day = NULL, died_day = NULL, circumstances = excluded.circumstances";
    let (birth, registered_on) = (day_number(birth).into(), day_number(registered_on).into());
    unit.execute(sql, [division, year, resident, birth, registered_on, circumstances.into()]).map(drop)
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

/// Writes down how a contribution was settled, in place of what was known.
pub(crate) fn put_settled(unit: &mut Unit, key: &Key, settled: &Settled) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO settled (division, cover_year, resident, how, day, tier, repair_years, arrive_day)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET how = excluded.how, day = excluded.day, tier = excluded.tier,
                             repair_years = excluded.repair_years, arrive_day = excluded.arrive_day";
    let arrived = (settled.arrived_on != settled.on).then(|| day_number(settled.arrived_on));
    let values: [Value<'_>; 8] = [
        division,
        year,
        resident,
        (settled.how as i64).into(),
        day_number(settled.on).into(),
        settled.tier.as_str().into(),
        settled.repair_years.into(),
        arrived.into(),
    ];
    unit.execute(sql, values).map(drop)
}

pub(crate) fn delete_settled(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM settled WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, key_values(key)).map(drop)
}

/// Writes down the identities of a resident, as they were told, in place of those that were known.
pub(crate) fn put_identities(unit: &mut Unit, key: &Key, identities: &[u8]) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO identity (division, cover_year, resident, identities) VALUES ($1, $2, $3, $4)
               ON CONFLICT (division, cover_year, resident) DO UPDATE SET identities = excluded.identities";
    unit.execute(sql, [division, year, resident, identities.into()]).map(drop)
}

/// The facts for a benefit period; none while nobody is registered.
pub(crate) fn facts(view: &View, key: &Key) -> Result<Option<FactsRow>, StoreError> {
    let sql = "SELECT r.birth, r.circumstances, r.registered_day, r.ended_day, s.how, s.day, i.identities,
                      s.tier, s.repair_years, s.arrive_day, r.died_day
               FROM registered r
               LEFT JOIN settled s
                 ON s.division = r.division AND s.cover_year = r.cover_year AND s.resident = r.resident
               LEFT JOIN identity i
                 ON i.division = r.division AND i.cover_year = r.cover_year AND i.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident = $3";
    view.query_one(sql, key_values(key), |row| {
        Ok(FactsRow {
            birth: column::day(row.int(0)?)?,
            circumstances: row.bytes(1)?,
            registered_on: column::day(row.int(2)?)?,
            ended_on: row.opt_int(3)?.map(column::day).transpose()?,
            died_on: row.opt_int(10)?.map(column::day).transpose()?,
            settled: match (row.opt_int(4)?, row.opt_int(5)?) {
                (Some(how), Some(day)) => Some(settled(row, (self::how(how)?, column::day(day)?))?),
                _ => None,
            },
            identities: row.opt_bytes(6)?,
        })
    })
}

/// Reads what was chosen and when the money arrived, which ends the columns of the facts.
fn settled(row: &Row<'_>, (how, on): (How, Date)) -> Result<Settled, StoreError> {
    let corrupt = |_| StoreError::Corrupt { what: "the repaired years of a contribution".to_owned() };
    Ok(Settled {
        how,
        on,
        arrived_on: row.opt_int(9)?.map(column::day).transpose()?.unwrap_or(on),
        tier: row.text(7)?,
        repair_years: row.int(8)?.try_into().map_err(corrupt)?,
    })
}

fn how(number: i64) -> Result<How, StoreError> {
    let found = How::ALL.into_iter().find(|how| *how as i64 == number);
    found.ok_or_else(|| StoreError::Corrupt { what: format!("{number} is no way of settling") })
}

/// Writes a benefit period down, in place of an earlier one.
pub(crate) fn put_period(
    unit: &mut Unit,
    key: &Key,
    determined: &Determined,
    period: &[u8],
) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO period (division, cover_year, resident, free, first_day, last_day, wait_months, wait_days,
                                   undecided, period)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET free = excluded.free, first_day = excluded.first_day, last_day = excluded.last_day,
                             wait_months = excluded.wait_months, wait_days = excluded.wait_days,
                             undecided = excluded.undecided, period = excluded.period";
    let from = determined.days.map(|days| day_number(days.from()));
    let to = determined.days.map(|days| day_number(days.to()));
    let (wait_months, wait_days) = determined.waits();
    let values: [Value<'_>; 10] = [
        division,
        year,
        resident,
        determined.free.into(),
        from.into(),
        to.into(),
        wait_months.into(),
        wait_days.into(),
        determined.undecided.into(),
        period.into(),
    ];
    unit.execute(sql, values).map(drop)
}

pub(crate) fn delete_period(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM period WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, key_values(key)).map(drop)
}

/// The days of a benefit period, and whether registration alone gives it; none while nobody is insured.
pub(crate) fn told(view: &View, key: &Key) -> Result<Option<Told>, StoreError> {
    let sql = "SELECT first_day, last_day, free FROM period
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, key_values(key), |row| Ok((days(row, 0)?, row.int(2)? != 0)))
}

/// How a resident stands; none: nobody is registered.
pub(crate) fn standing(view: &View, key: &Key) -> Result<Option<StandingRow>, StoreError> {
    let sql = "SELECT p.first_day, p.last_day, p.wait_months, p.wait_days, p.undecided, r.ended_day, p.period
               FROM registered r
               LEFT JOIN period p
                 ON p.division = r.division AND p.cover_year = r.cover_year AND p.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident = $3";
    view.query_one(sql, key_values(key), |row| {
        Ok(StandingRow { standing: read_standing(row)?, period: row.opt_bytes(6)? })
    })
}

/// Residents by how they stand, alike ones together.
pub(crate) fn counts(view: &View, division: Division, year: CoverYear) -> Result<Vec<Count>, StoreError> {
    let sql = "SELECT p.first_day, p.last_day, p.wait_months, p.wait_days, p.undecided, r.ended_day, p.free, COUNT(*)
               FROM registered r
               LEFT JOIN period p
                 ON p.division = r.division AND p.cover_year = r.cover_year AND p.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2
               GROUP BY p.first_day, p.last_day, p.wait_months, p.wait_days, p.undecided, r.ended_day, p.free";
    view.query(sql, [division.code().into(), year.get().into()], |row| {
        let waits = |column| {
            Ok::<_, StoreError>(row.opt_int(column)?.unwrap_or_default().try_into().unwrap_or_default())
        };
        Ok(Count {
            standing: read_standing(row)?,
            free: row.opt_int(6)? == Some(1),
            wait: (waits(2)?, waits(3)?),
            residents: row.uint(7)?,
        })
    })
}

/// Reads first and last day, months and days of waiting, whether a person must decide, and the end of the registration.
fn read_standing(row: &Row<'_>) -> Result<Standing, StoreError> {
    let wait = row.opt_int(2)?.zip(row.opt_int(3)?);
    Ok(Standing {
        insured: wait.is_some(),
        days: days(row, 0)?,
        waits: wait.is_some_and(|wait| wait > (0, 0)),
        undecided: row.opt_int(4)? == Some(1),
        ended_on: row.opt_int(5)?.map(column::day).transpose()?,
    })
}

/// A page of benefit periods after a resident, in the order of the ids: resident, whether undecided, encoded period.
pub(crate) fn periods(
    view: &View,
    (division, year): (Division, CoverYear),
    after: ResidentId,
    limit: u32,
) -> Result<Vec<(ResidentId, bool, Vec<u8>)>, StoreError> {
    let sql = "SELECT resident, undecided, period FROM period
               WHERE division = $1 AND cover_year = $2 AND resident > $3 ORDER BY resident LIMIT $4";
    let values =
        [division.code().into(), year.get().into(), after.as_bytes().into(), i64::from(limit).into()];
    view.query(sql, values, |row| Ok((ResidentId::from_bytes(row.id16(0)?), row.int(1)? != 0, row.bytes(2)?)))
}

fn days(row: &Row<'_>, first: usize) -> Result<Option<Period>, StoreError> {
    Ok(match (row.opt_int(first)?, row.opt_int(first + 1)?) {
        (Some(from), Some(to)) => Period::new(column::day(from)?, column::day(to)?),
        _ => None,
    })
}
