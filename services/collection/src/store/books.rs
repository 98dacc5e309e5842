//! The statements about the ledger, the task numbers and the lists.

use canbao_host::column::{day, money};
use canbao_store::{StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Money, PaymentId, ResidentId, day_number};

use super::how_of;
use crate::contribution::How;

/// Whose books: a division and a coverage year.
pub(crate) type Books = (Division, CoverYear);

/// An account of the ledger.
pub(crate) struct AccountRow {
    pub(crate) account: String,
    pub(crate) balance: Money,
    pub(crate) postings: u64,
}

/// The sums over all settled contributions.
pub(crate) struct Totals {
    pub(crate) settled: u64,
    pub(crate) standard: Money,
    pub(crate) paid: Money,
    pub(crate) aided: Money,
}

/// How far a township has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct TownshipRow {
    pub(crate) township: String,
    pub(crate) task_heads: u64,
    pub(crate) registered: u64,
    pub(crate) settled: u64,
    pub(crate) paid: Money,
    pub(crate) aided: Money,
}

/// A contribution in a list.
pub(crate) struct ListedRow {
    pub(crate) resident: ResidentId,
    pub(crate) masked_number: String,
    pub(crate) township: String,
    /// How it was settled, what was paid and aided, on which day; none: it is not.
    pub(crate) settled: Option<(How, Money, Money, Date)>,
}

/// Somebody registered whose contribution is not settled.
pub(crate) struct UnsettledRow {
    pub(crate) township: String,
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) registered_on: Date,
    /// The day of death, where the registration ended with it.
    pub(crate) died_on: Option<Date>,
}

/// A payment in a list.
pub(crate) struct PaymentRow {
    pub(crate) id: PaymentId,
    pub(crate) channel: String,
    pub(crate) transaction: String,
    pub(crate) amount: Money,
    pub(crate) pay_date: Date,
    /// The number of the reason for which it stands in suspense; 0: it does not.
    pub(crate) suspense_reason: i64,
    pub(crate) resident: Option<ResidentId>,
}

fn values(&(division, year): &Books) -> [Value<'static>; 2] {
    [division.code().into(), year.get().into()]
}

/// Sets the task numbers, in place of those that were set before.
pub(crate) fn set_tasks(unit: &mut Unit, books: &Books, tasks: &[(String, u64)]) -> Result<(), StoreError> {
    unit.execute("DELETE FROM task WHERE division = $1 AND cover_year = $2", values(books))?;
    let [division, year] = values(books);
    let rows = tasks.iter().map(|(township, heads)| -> [Value<'_>; 4] {
        [division, year, township.as_str().into(), (*heads).into()]
    });
    let sql = "INSERT INTO task (division, cover_year, township, heads) VALUES ($1, $2, $3, $4)";
    unit.execute_many(sql, rows).map(drop)
}

/// The balances of the accounts, in the order of their names.
pub(crate) fn accounts(view: &View, books: &Books) -> Result<Vec<AccountRow>, StoreError> {
    let sql = "SELECT account, CAST(SUM(fen) AS BIGINT), COUNT(*) FROM posting
               WHERE division = $1 AND cover_year = $2 GROUP BY account ORDER BY account";
    view.query(sql, values(books), |row| {
        Ok(AccountRow { account: row.text(0)?, balance: money(row.int(1)?)?, postings: row.uint(2)? })
    })
}

/// The sums over the settled contributions.
pub(crate) fn totals(view: &View, books: &Books) -> Result<Totals, StoreError> {
    let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(standard_fen), 0) AS BIGINT),
                      CAST(COALESCE(SUM(paid_fen), 0) AS BIGINT), CAST(COALESCE(SUM(aided_fen), 0) AS BIGINT)
               FROM settled WHERE division = $1 AND cover_year = $2";
    let totals = view.query_one(sql, values(books), |row| {
        let (standard, paid, aided) = (money(row.int(1)?)?, money(row.int(2)?)?, money(row.int(3)?)?);
        Ok(Totals { settled: row.uint(0)?, standard, paid, aided })
    })?;
    totals.ok_or_else(|| StoreError::Corrupt { what: "a count without a row".to_owned() })
}

/// How far each township has come that has residents or a task number, in the order of their codes. A resident counts
/// who is registered at the end of `up_to`, on the last day of a registration not any more, and as settled when it is by
/// then.
pub(crate) fn townships(
    view: &View,
    books: &Books,
    up_to: Option<Date>,
) -> Result<Vec<TownshipRow>, StoreError> {
    let sql = "SELECT c.township, CAST(SUM(c.task) AS BIGINT), CAST(SUM(c.registered) AS BIGINT),
                      CAST(SUM(c.settled) AS BIGINT), CAST(SUM(c.paid) AS BIGINT), CAST(SUM(c.aided) AS BIGINT)
               FROM (SELECT r.township AS township, 0 AS task, 1 AS registered,
                            CASE WHEN s.resident IS NULL THEN 0 ELSE 1 END AS settled,
                            COALESCE(s.paid_fen, 0) AS paid, COALESCE(s.aided_fen, 0) AS aided
                     FROM registered r
                     LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                        AND s.resident = r.resident AND s.settled_day <= $3
                     WHERE r.division = $1 AND r.cover_year = $2 AND (r.ended_day IS NULL OR r.ended_day > $3)
                       AND r.registered_day <= $3
                     UNION ALL
                     SELECT township, heads, 0, 0, 0, 0 FROM task WHERE division = $1 AND cover_year = $2) c
               GROUP BY c.township ORDER BY c.township";
    let [division, year] = values(books);
    view.query(sql, [division, year, last_day(up_to)], |row| {
        Ok(TownshipRow {
            township: row.text(0)?,
            task_heads: row.uint(1)?,
            registered: row.uint(2)?,
            settled: row.uint(3)?,
            paid: money(row.int(4)?)?,
            aided: money(row.int(5)?)?,
        })
    })
}

/// What is made of each who is registered by the end of `up_to` and had not settled by then. At the beginning of a season
/// that is everybody, so no row is kept.
pub(crate) fn unsettled<T>(
    view: &View,
    books: &Books,
    up_to: Option<Date>,
    mut judge: impl FnMut(UnsettledRow) -> T,
) -> Result<Vec<T>, StoreError> {
    let sql = "SELECT r.township, r.birth, r.circumstances, r.registered_day, r.died_day FROM registered r
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident AND s.settled_day <= $3
               WHERE r.division = $1 AND r.cover_year = $2 AND (r.ended_day IS NULL OR r.ended_day > $3)
                 AND r.registered_day <= $3 AND s.resident IS NULL";
    let [division, year] = values(books);
    view.query(sql, [division, year, last_day(up_to)], |row| {
        let (birth, registered_on) = (day(row.int(1)?)?, day(row.int(3)?)?);
        let (circumstances, died_on) = (row.bytes(2)?, row.opt_int(4)?.map(day).transpose()?);
        Ok(judge(UnsettledRow { township: row.text(0)?, birth, circumstances, registered_on, died_on }))
    })
}

/// The day up to which is counted; without one, later than any.
fn last_day(up_to: Option<Date>) -> Value<'static> {
    up_to.map_or(i64::MAX, day_number).into()
}

/// The contributions of those registered, and of those who had settled when their registration ended, in the order of the
/// residents' ids after one. An empty township is all of them; `settled` keeps those that are, or those that are not.
pub(crate) fn contributions(
    view: &View,
    books: &Books,
    (township, settled): (&str, Option<bool>),
    (after, size): (&[u8; 16], u32),
) -> Result<Vec<ListedRow>, StoreError> {
    let sql = "SELECT r.resident, r.masked_number, r.township, s.how, s.paid_fen, s.aided_fen, s.settled_day
               FROM registered r
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident > $3
                 AND (r.ended_day IS NULL OR s.resident IS NOT NULL)
                 AND ($4 = '' OR r.township = $4)
                 AND (CAST($5 AS BIGINT) = -1 OR ($5 = 1 AND s.resident IS NOT NULL) OR ($5 = 0 AND s.resident IS NULL))
               ORDER BY r.resident LIMIT $6";
    let [division, year] = values(books);
    let settled = settled.map_or(-1, i64::from);
    let values = [division, year, after.into(), township.into(), settled.into(), size.into()];
    view.query(sql, values, |row| {
        let settled = match row.opt_int(3)? {
            None => None,
            Some(how) => Some((how_of(how)?, money(row.int(4)?)?, money(row.int(5)?)?, day(row.int(6)?)?)),
        };
        let resident = ResidentId::from_bytes(row.id16(0)?);
        Ok(ListedRow { resident, masked_number: row.text(1)?, township: row.text(2)?, settled })
    })
}

/// The payments of a channel, or of all, in the order of channel and transaction after one.
pub(crate) fn payments(
    view: &View,
    books: &Books,
    channel: &str,
    ((after_channel, after_transaction), size): ((&str, &str), u32),
) -> Result<Vec<PaymentRow>, StoreError> {
    let sql = "SELECT p.id, p.channel, p.channel_transaction_id, p.amount_fen, p.pay_day, COALESCE(s.reason, 0),
                      COALESCE(p.resident, n.resident)
               FROM payment p
               LEFT JOIN suspended s ON s.division = p.division AND s.cover_year = p.cover_year
                                    AND s.payment = p.id
               LEFT JOIN person n ON n.person_key = p.named
               WHERE (p.channel, p.channel_transaction_id) > ($3, $4) AND p.division = $1 AND p.cover_year = $2
                 AND ($5 = '' OR p.channel = $5)
               ORDER BY p.channel, p.channel_transaction_id LIMIT $6";
    let [division, year] = values(books);
    let values =
        [division, year, after_channel.into(), after_transaction.into(), channel.into(), size.into()];
    view.query(sql, values, |row| {
        Ok(PaymentRow {
            id: PaymentId::from_bytes(row.id16(0)?),
            channel: row.text(1)?,
            transaction: row.text(2)?,
            amount: money(row.int(3)?)?,
            pay_date: day(row.int(4)?)?,
            suspense_reason: row.int(5)?,
            resident: row.opt_id16(6)?.map(ResidentId::from_bytes),
        })
    })
}
