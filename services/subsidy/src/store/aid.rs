//! Determinations of aid, what was decided, and what tax told.

use canbao_host::column::{day, money};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Money, Part, Period, ResidentId, day_number};

use super::{Key, keyed, opt_day, stored_day};
use crate::{
    aid::Decided,
    recognition::{Borne, Outcome, Recognition, Settled},
};

/// An amount that a person decided.
pub(crate) fn decision(view: &View, key: &Key) -> Result<Option<Decided>, StoreError> {
    let sql = "SELECT amount_fen, decided_day FROM decision
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, keyed(key), |row| Ok(Decided { amount: money(row.int(0)?)?, on: day(row.int(1)?)? }))
}

/// Keeps a decision, who made it and why.
pub(crate) fn put_decision(
    unit: &mut Unit,
    key: &Key,
    decided: Decided,
    (caller, because): (&str, &str),
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO decision (division, cover_year, resident, amount_fen, decided_day, caller, because)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET amount_fen = excluded.amount_fen, decided_day = excluded.decided_day,
                             caller = excluded.caller, because = excluded.because";
    let [division, year, resident] = keyed(key);
    let (amount, on) = (decided.amount.fen().into(), day_number(decided.on).into());
    unit.execute(sql, [division, year, resident, amount, on, caller.into(), because.into()]).map(drop)
}

/// A determination, as it is kept.
pub(crate) struct Determined {
    /// None where a person must decide.
    pub(crate) aided: Option<Money>,
    pub(crate) opened: Option<Period>,
    /// What tax is told, encoded, without its number.
    pub(crate) owed: Vec<u8>,
    /// What is shown, encoded, without whose it is and how it stands.
    pub(crate) shown: Vec<u8>,
}

/// A determination by its number.
pub(crate) fn determined(view: &View, key: &Key, number: u64) -> Result<Option<Determined>, StoreError> {
    let sql = "SELECT aided_fen, open_from_day, open_to_day, owed, shown FROM aid
               WHERE division = $1 AND cover_year = $2 AND resident = $3 AND number = $4";
    let [division, year, resident] = keyed(key);
    view.query_one(sql, [division, year, resident, number.into()], |row| {
        let opened = opt_day(row, 1)?.zip(opt_day(row, 2)?).and_then(|(from, to)| Period::new(from, to));
        let aided = row.opt_int(0)?.map(money).transpose()?;
        Ok(Determined { aided, opened, owed: row.bytes(3)?, shown: row.bytes(4)? })
    })
}

/// Writes one more determination down, with what others bear of it.
pub(crate) fn insert_determined(
    unit: &mut Unit,
    key: &Key,
    number: u64,
    (determined, borne): (&Determined, &[Borne]),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO aid (division, cover_year, resident, number, aided_fen, open_from_day, open_to_day, owed, shown)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let [division, year, resident] = keyed(key);
    let values: [Value<'_>; 9] = [
        division,
        year,
        resident,
        number.into(),
        determined.aided.map(Money::fen).into(),
        stored_day(determined.opened.map(Period::from)),
        stored_day(determined.opened.map(Period::to)),
        determined.owed.as_slice().into(),
        determined.shown.as_slice().into(),
    ];
    unit.execute(sql, values)?;
    let sql =
        "INSERT INTO aid_part (division, cover_year, resident, number, part, payer, amount_fen, citations)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let rows = borne.iter().map(|borne| -> [Value<'_>; 8] {
        let (part, payer) = (borne.part.code().into(), borne.payer.as_str().into());
        let (amount, citations) = (borne.amount.fen().into(), borne.citations.as_slice().into());
        [division, year, resident, number.into(), part, payer, amount, citations]
    });
    unit.execute_many(sql, rows).map(drop)
}

/// What others bear of a determination.
pub(crate) fn borne(view: &View, key: &Key, number: u64) -> Result<Vec<Borne>, StoreError> {
    let sql = "SELECT part, payer, amount_fen, citations FROM aid_part
               WHERE division = $1 AND cover_year = $2 AND resident = $3 AND number = $4 ORDER BY part, payer";
    let [division, year, resident] = keyed(key);
    view.query(sql, [division, year, resident, number.into()], read_borne)
}

pub(super) fn read_borne(row: &Row<'_>) -> Result<Borne, StoreError> {
    Ok(Borne {
        part: part(&row.text(0)?)?,
        payer: row.text(1)?,
        amount: money(row.int(2)?)?,
        citations: row.bytes(3)?,
    })
}

pub(super) fn part(code: &str) -> Result<Part, StoreError> {
    Part::from_code(code).ok_or_else(|| StoreError::Corrupt { what: format!("{code:?} is no part") })
}

/// How it stands with a resident.
#[derive(Default)]
pub(crate) struct Standing {
    /// The newest determination.
    pub(crate) number: u64,
    /// The determination that is shown: what was granted, else the newest.
    pub(crate) shown_number: u64,
    /// The number of the state in the contract.
    pub(crate) state: i32,
    pub(crate) free: bool,
    /// The identities that were told, encoded.
    pub(crate) identities: Vec<u8>,
}

/// How it stands with a resident; none before the first determination.
pub(crate) fn standing(view: &View, key: &Key) -> Result<Option<Standing>, StoreError> {
    let sql = "SELECT number, shown_number, state, free, identities FROM standing
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, keyed(key), |row| read_standing(row, 0))
}

fn read_standing(row: &Row<'_>, from: usize) -> Result<Standing, StoreError> {
    Ok(Standing {
        number: row.uint(from)?,
        shown_number: row.uint(from + 1)?,
        state: i32::try_from(row.int(from + 2)?).unwrap_or_default(),
        free: row.int(from + 3)? == 1,
        identities: row.bytes(from + 4)?,
    })
}

/// Writes down how it stands with a resident.
pub(crate) fn put_standing(unit: &mut Unit, key: &Key, standing: &Standing) -> Result<(), StoreError> {
    let sql = "INSERT INTO standing (division, cover_year, resident, number, shown_number, state, free, identities)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET number = excluded.number, shown_number = excluded.shown_number, state = excluded.state,
                             free = excluded.free, identities = excluded.identities";
    let [division, year, resident] = keyed(key);
    let values: [Value<'_>; 8] = [
        division,
        year,
        resident,
        standing.number.into(),
        standing.shown_number.into(),
        standing.state.into(),
        standing.free.into(),
        standing.identities.as_slice().into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Residents of a state (0: of any) after one, by id.
pub(crate) fn list(
    view: &View,
    (division, year): (Division, CoverYear),
    state: i32,
    (after, limit): (&[u8; 16], u32),
) -> Result<Vec<(ResidentId, Standing)>, StoreError> {
    let sql = "SELECT resident, number, shown_number, state, free, identities FROM standing
               WHERE division = $1 AND cover_year = $2 AND resident > $4 AND (state = $3 OR $3 = 0)
               ORDER BY resident LIMIT $5";
    let values: [Value<'_>; 5] =
        [division.code().into(), year.get().into(), state.into(), after.into(), limit.into()];
    view.query(sql, values, |row| Ok((ResidentId::from_bytes(row.id16(0)?), read_standing(row, 1)?)))
}

/// Writes down that a contribution is settled, in place of what was told before.
pub(crate) fn put_settled(unit: &mut Unit, key: &Key, settled: &Settled) -> Result<(), StoreError> {
    let sql = "INSERT INTO settled (division, cover_year, resident, paid_fen, aided_fen, government_fen, settled_day, number,
                                    repair_fen, tier)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET paid_fen = excluded.paid_fen, aided_fen = excluded.aided_fen,
                             government_fen = excluded.government_fen, settled_day = excluded.settled_day,
                             number = excluded.number, repair_fen = excluded.repair_fen, tier = excluded.tier";
    let [division, year, resident] = keyed(key);
    let values: [Value<'_>; 10] = [
        division,
        year,
        resident,
        settled.paid.fen().into(),
        settled.aided.fen().into(),
        settled.government.fen().into(),
        day_number(settled.settled_on).into(),
        settled.number.into(),
        settled.repair.fen().into(),
        settled.tier.as_str().into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Writes down that a contribution is not settled any more, and that nothing came of a recognition after it: what tax
/// had given back of it went with the rest, so that a later payment is judged by itself.
pub(crate) fn unsettle(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM settled WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, keyed(key))?;
    put_recognised(unit, key, None)
}

/// A contribution that is settled.
pub(crate) fn settled(view: &View, key: &Key) -> Result<Option<Settled>, StoreError> {
    let sql = "SELECT paid_fen, aided_fen, government_fen, settled_day, number, repair_fen, tier FROM settled
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, keyed(key), |row| {
        Ok(Settled {
            paid: money(row.int(0)?)?,
            aided: money(row.int(1)?)?,
            government: money(row.int(2)?)?,
            repair: money(row.int(5)?)?,
            settled_on: day(row.int(3)?)?,
            number: row.uint(4)?,
            tier: row.text(6)?,
        })
    })
}

/// What came of an identity recognised after the payment, as it is kept.
pub(crate) struct Recognised {
    pub(crate) outcome: Outcome,
    pub(crate) determined_on: Date,
    pub(crate) number: u64,
    /// Encoded.
    pub(crate) citations: Vec<u8>,
}

/// What came of an identity recognised after the payment.
pub(crate) fn recognised(view: &View, key: &Key) -> Result<Option<Recognised>, StoreError> {
    let sql = "SELECT amount_fen, undecided, payer, determined_day, number, citations FROM recognition
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, keyed(key), |row| {
        let outcome = match (row.opt_int(0)?, row.int(1)?) {
            (Some(fen), _) => Outcome::GivenBack(money(fen)?, row.text(2)?),
            (None, 0) => Outcome::Refused,
            (None, _) => Outcome::Undecided,
        };
        let (determined_on, number) = (day(row.int(3)?)?, row.uint(4)?);
        Ok(Recognised { outcome, determined_on, number, citations: row.bytes(5)? })
    })
}

/// Writes down what came of it, in place of what was there; none: nothing came of it.
pub(crate) fn put_recognised(
    unit: &mut Unit,
    key: &Key,
    recognition: Option<(&Recognition, u64, &[u8])>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM recognition WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, keyed(key))?;
    let Some((recognition, number, citations)) = recognition else { return Ok(()) };
    let sql = "INSERT INTO recognition (division, cover_year, resident, amount_fen, undecided, payer, determined_day,
                                        number, citations)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (amount, payer) = match &recognition.outcome {
        Outcome::GivenBack(amount, payer) => (Some(amount.fen()), payer.as_str()),
        Outcome::Refused | Outcome::Undecided => (None, ""),
    };
    let undecided = recognition.outcome == Outcome::Undecided;
    let [division, year, resident] = keyed(key);
    let values: [Value<'_>; 9] = [
        division,
        year,
        resident,
        amount.into(),
        undecided.into(),
        payer.into(),
        day_number(recognition.determined_on).into(),
        number.into(),
        citations.into(),
    ];
    unit.execute(sql, values).map(drop)
}
