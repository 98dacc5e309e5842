//! The statements about refunds, and about money in suspense that is given back.

use canbao_host::column::{cover_year, day, division, money};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Money, PaymentId, RefundId, ResidentId, day_number};

use super::{Key, key_values};
use crate::refund::{Ground, Refund};

/// Money in suspense, with the payment it came by.
pub(crate) struct SuspenseRow {
    pub(crate) payment: PaymentId,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) resident: Option<ResidentId>,
    pub(crate) channel: String,
    pub(crate) transaction: String,
    pub(crate) amount: Money,
    pub(crate) pay_date: Date,
    /// The number of the reason, as judged last.
    pub(crate) reason: i64,
    pub(crate) rule_reason: Option<String>,
    /// In their wire form.
    pub(crate) citations: Vec<u8>,
    pub(crate) reported_on: Date,
}

/// Writes a refund down.
pub(crate) fn insert_refund(unit: &mut Unit, refund: &Refund) -> Result<(), StoreError> {
    let sql = "INSERT INTO refund (division, cover_year, id, resident, ground, fen, determined_day, paid_day, payment,
                                   years, citations)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let years: Vec<_> = refund.years.iter().map(|year| year.get().to_string()).collect();
    let years = years.join(" ");
    let values: [Value<'_>; 11] = [
        refund.division.code().into(),
        refund.cover_year.get().into(),
        refund.id.as_bytes().into(),
        refund.resident.as_ref().map(ResidentId::as_bytes).into(),
        (refund.ground as i64).into(),
        refund.amount.fen().into(),
        day_number(refund.determined_on).into(),
        refund.paid_on.map(day_number).into(),
        refund.payment.as_ref().map(PaymentId::as_bytes).into(),
        years.as_str().into(),
        refund.citations.as_slice().into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// A refund, by its id.
pub(crate) fn refund(view: &View, id: RefundId) -> Result<Option<Refund>, StoreError> {
    let sql =
        "SELECT division, cover_year, id, resident, ground, fen, determined_day, paid_day, payment, years,
                      citations
               FROM refund WHERE id = $1";
    view.query_one(sql, [id.as_bytes().into()], read_refund)
}

/// The refunds of a division and year after an id, in the order of their ids.
pub(crate) fn refunds(
    view: &View,
    (division, year): (Division, CoverYear),
    unpaid_only: bool,
    (after, size): (&[u8; 16], u32),
) -> Result<Vec<Refund>, StoreError> {
    let sql =
        "SELECT division, cover_year, id, resident, ground, fen, determined_day, paid_day, payment, years,
                      citations
               FROM refund
               WHERE division = $1 AND cover_year = $2 AND id > $3 AND (CAST($4 AS BIGINT) = 0 OR paid_day IS NULL)
               ORDER BY id LIMIT $5";
    let values = [division.code().into(), year.get().into(), after.into(), unpaid_only.into(), size.into()];
    view.query(sql, values, read_refund)
}

fn read_refund(row: &Row<'_>) -> Result<Refund, StoreError> {
    let number = row.int(4)?;
    let ground = Ground::ALL.into_iter().find(|ground| *ground as i64 == number);
    let years = row.text(9)?;
    let years = years.split_whitespace().map(|year| match year.parse() {
        Ok(year) => cover_year(year),
        Err(_) => Err(StoreError::Corrupt { what: format!("{year} is not a coverage year") }),
    });
    Ok(Refund {
        division: division(row.int(0)?)?,
        cover_year: cover_year(row.int(1)?)?,
        id: RefundId::from_bytes(row.id16(2)?),
        resident: row.opt_id16(3)?.map(ResidentId::from_bytes),
        ground: ground
            .ok_or_else(|| StoreError::Corrupt { what: format!("{number} is no ground of a refund") })?,
        amount: money(row.int(5)?)?,
        determined_on: day(row.int(6)?)?,
        paid_on: row.opt_int(7)?.map(day).transpose()?,
        payment: row.opt_id16(8)?.map(PaymentId::from_bytes),
        years: years.collect::<Result<_, _>>()?,
        citations: row.bytes(10)?,
    })
}

/// Notes that a refund was paid out.
pub(crate) fn set_paid(unit: &mut Unit, refund: &Refund, paid_on: Date) -> Result<(), StoreError> {
    let sql = "UPDATE refund SET paid_day = $4 WHERE division = $1 AND cover_year = $2 AND id = $3";
    let values = [
        refund.division.code().into(),
        refund.cover_year.get().into(),
        refund.id.as_bytes().into(),
        day_number(paid_on).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// A payment's money in suspense; none when it is posted or was given back.
pub(crate) fn suspense(
    view: &View,
    (division, year): (Division, CoverYear),
    payment: PaymentId,
) -> Result<Option<SuspenseRow>, StoreError> {
    let sql = "SELECT s.payment, s.division, s.cover_year, s.resident, p.channel, p.channel_transaction_id,
                      p.amount_fen, p.pay_day, s.reason, s.rule_reason, s.citations, s.reported_day
               FROM suspended s JOIN payment p ON p.id = s.payment
               WHERE s.division = $1 AND s.cover_year = $2 AND s.payment = $3";
    let values = [division.code().into(), year.get().into(), payment.as_bytes().into()];
    view.query_one(sql, values, read_suspense)
}

/// The money in suspense of a division and year after a payment's id; the number of the reason, or 0 for all.
pub(crate) fn all_suspense(
    view: &View,
    (division, year): (Division, CoverYear),
    reason: i32,
    (after, size): (&[u8; 16], u32),
) -> Result<Vec<SuspenseRow>, StoreError> {
    let sql = "SELECT s.payment, s.division, s.cover_year, s.resident, p.channel, p.channel_transaction_id,
                      p.amount_fen, p.pay_day, s.reason, s.rule_reason, s.citations, s.reported_day
               FROM suspended s JOIN payment p ON p.id = s.payment
               WHERE s.division = $1 AND s.cover_year = $2 AND s.payment > $3 AND (s.reason = $4 OR $4 = 0)
               ORDER BY s.payment LIMIT $5";
    let values = [division.code().into(), year.get().into(), after.into(), reason.into(), size.into()];
    view.query(sql, values, read_suspense)
}

fn read_suspense(row: &Row<'_>) -> Result<SuspenseRow, StoreError> {
    Ok(SuspenseRow {
        payment: PaymentId::from_bytes(row.id16(0)?),
        division: division(row.int(1)?)?,
        cover_year: cover_year(row.int(2)?)?,
        resident: row.opt_id16(3)?.map(ResidentId::from_bytes),
        channel: row.text(4)?,
        transaction: row.text(5)?,
        amount: money(row.int(6)?)?,
        pay_date: day(row.int(7)?)?,
        reason: row.int(8)?,
        rule_reason: row.opt_text(9)?,
        citations: row.bytes(10)?,
        reported_on: day(row.int(11)?)?,
    })
}

/// The coverage years to come that a payment has bought and that were not given up, with what each cost, in order.
pub(crate) fn paid_ahead(view: &View, payment: PaymentId) -> Result<Vec<(CoverYear, Money)>, StoreError> {
    let sql = "SELECT cover_year, fen FROM prepaid WHERE payment = $1 ORDER BY cover_year";
    view.query(sql, [payment.as_bytes().into()], |row| Ok((cover_year(row.int(0)?)?, money(row.int(1)?)?)))
}

/// The contribution is not settled any more, nor is the year paid for in advance.
pub(crate) fn give_up(unit: &mut Unit, key: &Key) -> Result<(), StoreError> {
    let sql = "DELETE FROM settled WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, key_values(key))?;
    let sql = "DELETE FROM prepaid WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, key_values(key)).map(drop)
}

/// Of a settled contribution so much more is aided and so much less paid, by this determination.
pub(crate) fn aid_more(
    unit: &mut Unit,
    key: &Key,
    (back, determination): (Money, u64),
) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "UPDATE settled SET paid_fen = paid_fen - $4, aided_fen = aided_fen + $4, determination = $5
               WHERE division = $1 AND cover_year = $2 AND resident = $3";
    unit.execute(sql, [division, year, resident, back.fen().into(), determination.into()]).map(drop)
}
