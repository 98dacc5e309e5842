//! The statements about money in suspense.

use canbao_store::{StoreError, Unit, View};
use canbao_types::{CoverYear, Date, Division, PaymentId, PersonKey, ResidentId, day_number};

/// Money in suspense as it is written down; citations in their wire form.
pub(crate) struct Suspended<'a> {
    pub(crate) resident: Option<ResidentId>,
    /// The number of the reason in the contract.
    pub(crate) reason: i32,
    pub(crate) rule_reason: Option<&'a str>,
    pub(crate) citations: &'a [u8],
}

/// Puts a payment into suspense.
pub(crate) fn insert_suspended(
    unit: &mut Unit,
    (division, year, payment): (Division, CoverYear, PaymentId),
    (named, reported_on): (&[u8; 16], Date),
    why: &Suspended<'_>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO suspended (division, cover_year, payment, named, resident, reason, rule_reason, citations,
                                      reported_day)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        division.code().into(),
        year.get().into(),
        payment.as_bytes().into(),
        named.into(),
        why.resident.as_ref().map(ResidentId::as_bytes).into(),
        why.reason.into(),
        why.rule_reason.into(),
        why.citations.into(),
        day_number(reported_on).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Writes down how money in suspense is judged now.
pub(crate) fn update_suspended(
    unit: &mut Unit,
    (division, year, payment): (Division, CoverYear, PaymentId),
    why: &Suspended<'_>,
) -> Result<(), StoreError> {
    let sql = "UPDATE suspended SET resident = $4, reason = $5, rule_reason = $6, citations = $7
               WHERE division = $1 AND cover_year = $2 AND payment = $3";
    let values = [
        division.code().into(),
        year.get().into(),
        payment.as_bytes().into(),
        why.resident.as_ref().map(ResidentId::as_bytes).into(),
        why.reason.into(),
        why.rule_reason.into(),
        why.citations.into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Takes a payment out of suspense; whether it stood there.
pub(crate) fn delete_suspended(
    unit: &mut Unit,
    (division, year, payment): (Division, CoverYear, PaymentId),
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM suspended WHERE division = $1 AND cover_year = $2 AND payment = $3";
    let values = [division.code().into(), year.get().into(), payment.as_bytes().into()];
    Ok(unit.execute(sql, values)? > 0)
}

/// What was paid under a person key is a resident's from now on.
pub(crate) fn claim(unit: &mut Unit, key: &PersonKey, resident: ResidentId) -> Result<(), StoreError> {
    let sql = "UPDATE suspended SET resident = $2 WHERE named = $1 AND resident IS NULL";
    unit.execute(sql, [key.as_bytes().into(), resident.as_bytes().into()]).map(drop)
}

/// A resident's payments in suspense that another fact may explain, in the order of their days: not those of a day to
/// come, and not what came twice for a year that was then given up. Both reasons by their numbers.
pub(crate) fn of_resident(
    view: &View,
    resident: ResidentId,
    (to_come, twice): (i32, i32),
) -> Result<Vec<PaymentId>, StoreError> {
    let sql = "SELECT s.payment FROM suspended s JOIN payment p ON p.id = s.payment
               WHERE s.resident = $1 AND s.reason <> $2
                 AND NOT (s.reason = $3 AND EXISTS (
                       SELECT 1 FROM refund r
                       WHERE r.division = s.division AND r.resident = s.resident
                         AND ' ' || r.years || ' ' LIKE '% ' || s.cover_year || ' %'))
               ORDER BY p.pay_day, s.payment";
    let values = [resident.as_bytes().into(), to_come.into(), twice.into()];
    view.query(sql, values, |row| Ok(PaymentId::from_bytes(row.id16(0)?)))
}

/// A division's payments in suspense for this reason whose day has come, with the resident when known.
pub(crate) fn come_due(
    view: &View,
    division: Division,
    (reason, today): (i32, Date),
) -> Result<Vec<PaymentId>, StoreError> {
    let sql = "SELECT s.payment FROM suspended s JOIN payment p ON p.id = s.payment
               WHERE s.division = $1 AND s.reason = $2 AND COALESCE(p.arrive_day, p.pay_day) <= $3 ORDER BY p.pay_day, s.payment";
    let values = [division.code().into(), reason.into(), day_number(today).into()];
    view.query(sql, values, |row| Ok(PaymentId::from_bytes(row.id16(0)?)))
}

/// Division, coverage year and age; a count and an amount in fen.
pub(crate) type Standing = (Vec<String>, Vec<i64>);

/// How many payments stand in suspense and how much money in fen, by division, coverage year and the days since each was
/// reported, as of a day. What no notice governs, by the number of that reason, is one: "none".
/// Whoever reports writes any year.
pub(crate) fn by_age(view: &View, today: Date, no_notice: i32) -> Result<Vec<Standing>, StoreError> {
    let sql =
        "SELECT a.division, a.cover_year, a.age, CAST(COUNT(*) AS BIGINT), CAST(SUM(a.amount_fen) AS BIGINT)
               FROM (SELECT CASE WHEN s.reason = CAST($2 AS BIGINT) THEN 0 ELSE s.division END AS division,
                            CASE WHEN s.reason = CAST($2 AS BIGINT) THEN 0 ELSE s.cover_year END AS cover_year,
                            p.amount_fen,
                            CASE WHEN s.reported_day >= CAST($1 AS BIGINT) - 7 THEN '0-7'
                                 WHEN s.reported_day >= CAST($1 AS BIGINT) - 30 THEN '8-30'
                                 WHEN s.reported_day >= CAST($1 AS BIGINT) - 90 THEN '31-90'
                                 ELSE 'more' END AS age
                     FROM suspended s JOIN payment p ON p.id = s.payment) a
               GROUP BY a.division, a.cover_year, a.age";
    let values = [day_number(today).into(), no_notice.into()];
    view.query(sql, values, |row| {
        let known = |number: i64| if number == 0 { "none".to_owned() } else { number.to_string() };
        let labels = vec![known(row.int(0)?), known(row.int(1)?), row.text(2)?];
        Ok((labels, vec![row.int(3)?, row.int(4)?]))
    })
}
