//! The statements about payments, what they settle, and the ledger.

use canbao_host::column::{cover_year, day, division, money};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, Money, PaymentId, RequestId, ResidentId, day_number};

use super::{Key, key_values};
use crate::{
    contribution::{Chosen, Family, Manner, Settled},
    payment::{Asked, Payment, Transaction, Written, named},
};

/// A transaction that is written down already.
pub(crate) fn transaction(view: &View, channel: &str, id: &str) -> Result<Option<Written>, StoreError> {
    let sql =
        "SELECT id, division, cover_year, resident, named, amount_fen, pay_day, cash, years, payable_item,
                      kinship, linked, suspense_reason, rule_reason, position, asked_by, request, reported,
                      tier, repair_years, arrive_day, balance_fen
               FROM payment WHERE channel = $1 AND channel_transaction_id = $2";
    view.query_one(sql, [channel.into(), id.into()], written)
}

/// A payment by its id.
pub(crate) fn payment(view: &View, id: PaymentId) -> Result<Option<Written>, StoreError> {
    let sql =
        "SELECT id, division, cover_year, resident, named, amount_fen, pay_day, cash, years, payable_item,
                      kinship, linked, suspense_reason, rule_reason, position, asked_by, request, reported,
                      tier, repair_years, arrive_day, balance_fen
               FROM payment WHERE id = $1";
    view.query_one(sql, [id.as_bytes().into()], written)
}

fn written(row: &Row<'_>) -> Result<Written, StoreError> {
    let corrupt = |what| StoreError::Corrupt { what: format!("a payment's {what}") };
    let linked = row.int(11)? != 0;
    let pay_date = day(row.int(6)?)?;
    let balance = row.opt_int(21)?.map(money).transpose()?;
    Ok(Written {
        id: PaymentId::from_bytes(row.id16(0)?),
        division: division(row.int(1)?)?,
        cover_year: cover_year(row.int(2)?)?,
        resident: row.opt_id16(3)?.map(ResidentId::from_bytes),
        named: row.id16(4)?,
        amount: money(row.int(5)?)?,
        manner: Manner {
            pay_date,
            arrive_date: row.opt_int(20)?.map(day).transpose()?.unwrap_or(pay_date),
            cash: row.int(7)? != 0,
            chosen: Chosen {
                tier: row.text(18)?,
                repair_years: row.int(19)?.try_into().map_err(|_| corrupt("repaired years"))?,
            },
            years: row.int(8)?.try_into().map_err(|_| corrupt("years"))?,
            payable_item: row.text(9)?,
            family: match row.opt_text(10)? {
                Some(kinship) => {
                    let family = Family::of(&kinship, linked).ok_or_else(|| corrupt("kinship"))?;
                    Some(Family { balance, ..family })
                }
                None => None,
            },
        },
        suspense_reason: row.int(12)?.try_into().map_err(|_| corrupt("reason"))?,
        rule_reason: row.opt_text(13)?,
        position: row.uint(14)?,
        asked: Asked {
            by: row.text(15)?.into(),
            request: RequestId::from_bytes(row.id16(16)?),
            reported: row.int(17)? != 0,
        },
    })
}

/// Writes a payment down. `suspense` is the number of the reason and the rule's, when it is not posted.
pub(crate) fn insert_payment(
    unit: &mut Unit,
    (payment, transaction, resident): (&Payment, &Transaction, Option<ResidentId>),
    suspense: Option<(i32, Option<&str>)>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO payment (id, division, cover_year, resident, named, channel, channel_transaction_id,
                                    amount_fen, pay_day, cash, years, payable_item, kinship, linked, agent,
                                    suspense_reason, rule_reason, position, asked_by, request, reported,
                                    tier, repair_years, arrive_day, balance_fen)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                       $21, $22, $23, $24, $25)";
    let named = named(transaction.named);
    let manner = &payment.manner;
    let values: [Value<'_>; 25] = [
        payment.id.as_bytes().into(),
        transaction.division.code().into(),
        transaction.cover_year.get().into(),
        resident.as_ref().map(ResidentId::as_bytes).into(),
        (&named).into(),
        transaction.channel.as_str().into(),
        transaction.id.as_str().into(),
        payment.amount.fen().into(),
        day_number(manner.pay_date).into(),
        manner.cash.into(),
        manner.years.into(),
        manner.payable_item.as_str().into(),
        manner.family.map(|family| family.kinship.code()).into(),
        manner.family.is_some_and(|family| family.linked).into(),
        transaction.agent.as_str().into(),
        suspense.map_or(0, |(reason, _)| reason).into(),
        suspense.and_then(|(_, rule)| rule).into(),
        unit.position().into(),
        (&*transaction.asked.by).into(),
        transaction.asked.request.as_bytes().into(),
        transaction.asked.reported.into(),
        manner.chosen.tier.as_str().into(),
        manner.chosen.repair_years.into(),
        arrive_day(manner.pay_date, manner.arrive_date),
        manner.family.and_then(|family| family.balance).map(Money::fen).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// The day on which the money arrived, where it was another one than the day that counts.
fn arrive_day(counts: Date, arrived: Date) -> Value<'static> {
    (arrived != counts).then(|| day_number(arrived)).into()
}

/// Adds to an entry of the ledger; `from` is the number of its first new line. What is added sums to zero.
pub(crate) fn insert_postings(
    unit: &mut Unit,
    (division, year): (Division, CoverYear),
    (entry, from): (&[u8; 16], i64),
    postings: &[(String, Money)],
) -> Result<(), StoreError> {
    let rows = postings.iter().zip(from..).map(|((account, amount), line)| -> [Value<'_>; 6] {
        let (division, year) = (division.code().into(), year.get().into());
        [division, year, entry.into(), line.into(), account.as_str().into(), amount.fen().into()]
    });
    let sql = "INSERT INTO posting (division, cover_year, entry, line, account, fen) VALUES ($1, $2, $3, $4, $5, $6)";
    unit.execute_many(sql, rows).map(drop)
}

/// The number of the next line of an entry that may have some already.
pub(crate) fn next_line(
    view: &View,
    (division, year): (Division, CoverYear),
    entry: &[u8; 16],
) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(line) + 1, 0) FROM posting
               WHERE division = $1 AND cover_year = $2 AND entry = $3";
    let values = [division.code().into(), year.get().into(), entry.into()];
    Ok(view.query_one(sql, values, |row| row.int(0))?.unwrap_or_default())
}

/// Writes down how a contribution was settled.
pub(crate) fn insert_settled(unit: &mut Unit, key: &Key, settled: &Settled) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO settled (division, cover_year, resident, how, payment, standard_fen, paid_fen, aided_fen,
                                    government_fen, settled_day, determination, tier, repair_years, arrive_day,
                                    repair_fen, arrears_fen, along_fen)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let values = [
        division,
        year,
        resident,
        (settled.how as i64).into(),
        settled.payment.as_ref().map(PaymentId::as_bytes).into(),
        settled.standard.fen().into(),
        settled.paid.fen().into(),
        settled.aided.fen().into(),
        settled.government.fen().into(),
        day_number(settled.settled_on).into(),
        settled.determination.into(),
        settled.chosen.tier.as_str().into(),
        settled.chosen.repair_years.into(),
        arrive_day(settled.settled_on, settled.arrived_on),
        settled.repair.fen().into(),
        settled.arrears.fen().into(),
        settled.along.fen().into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// What was paid in advance for a contribution.
pub(crate) struct Prepaid {
    pub(crate) payment: PaymentId,
    /// The price of the day of the payment.
    pub(crate) price: Money,
    pub(crate) paid_on: Date,
}

/// What was paid in advance for a contribution, if anything was. The row stays when the contribution is settled by it.
pub(crate) fn prepaid(view: &View, key: &Key) -> Result<Option<Prepaid>, StoreError> {
    let sql =
        "SELECT payment, fen, pay_day FROM prepaid WHERE division = $1 AND cover_year = $2 AND resident = $3";
    view.query_one(sql, key_values(key), |row| {
        let (price, paid_on) = (money(row.int(1)?)?, day(row.int(2)?)?);
        Ok(Prepaid { payment: PaymentId::from_bytes(row.id16(0)?), price, paid_on })
    })
}

/// Writes down what was paid in advance.
pub(crate) fn insert_prepaid(unit: &mut Unit, key: &Key, prepaid: &Prepaid) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO prepaid (division, cover_year, resident, payment, fen, pay_day)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let (price, paid_on) = (prepaid.price.fen().into(), day_number(prepaid.paid_on).into());
    let values = [division, year, resident, prepaid.payment.as_bytes().into(), price, paid_on];
    unit.execute(sql, values).map(drop)
}

/// Whether a contribution is settled or paid for in advance.
pub(crate) fn is_paid_for(view: &View, key: &Key) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM settled WHERE division = $1 AND cover_year = $2 AND resident = $3
               UNION SELECT 1 FROM prepaid WHERE division = $1 AND cover_year = $2 AND resident = $3";
    Ok(view.query_one(sql, key_values(key), |row| row.int(0))?.is_some())
}
