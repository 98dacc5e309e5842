//! The statements of collection, and nothing else.

use canbao_host::column::{cover_year, day, division, money};
use canbao_store::{StoreError, Unit, Value, View};
use canbao_types::{
    CoverYear, Date, Division, Money, PaymentId, PersonKey, RequestId, ResidentId, day_number,
};

use crate::{
    contribution::{Manner, Owed},
    payment::{Asked, Payment, Transaction, Written, named},
};

/// The key of everything about one contribution.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// What is stored about a contribution.
pub(crate) struct ContributionRow {
    pub(crate) birth: Date,
    pub(crate) circumstances: Vec<u8>,
    pub(crate) owed: Option<Owed>,
    pub(crate) settled: bool,
}

fn key_values((division, year, resident): &Key) -> [Value<'_>; 3] {
    [division.code().into(), year.get().into(), resident.as_bytes().into()]
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

/// What is known about a contribution; none when nobody is registered there.
pub(crate) fn contribution(view: &View, key: &Key) -> Result<Option<ContributionRow>, StoreError> {
    let sql = "SELECT r.birth, r.circumstances, o.aided_fen, o.payable_item, s.payment
               FROM registered r
               LEFT JOIN owed o ON o.division = r.division AND o.cover_year = r.cover_year
                               AND o.resident = r.resident
               LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                  AND s.resident = r.resident
               WHERE r.division = $1 AND r.cover_year = $2 AND r.resident = $3";
    view.query_one(sql, key_values(key), |row| {
        let owed = match (row.opt_int(2)?, row.opt_text(3)?) {
            (Some(aided), Some(payable_item)) => Some(Owed { aided: money(aided)?, payable_item }),
            _ => None,
        };
        let settled = row.opt_id16(4)?.is_some();
        Ok(ContributionRow { birth: day(row.int(0)?)?, circumstances: row.bytes(1)?, owed, settled })
    })
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

pub(crate) fn put_owed(unit: &mut Unit, key: &Key, owed: &Owed) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO owed (division, cover_year, resident, aided_fen, payable_item) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET aided_fen = excluded.aided_fen, payable_item = excluded.payable_item";
    let values = [division, year, resident, owed.aided.fen().into(), owed.payable_item.as_str().into()];
    unit.execute(sql, values).map(drop)
}

/// A transaction that is written down already.
pub(crate) fn transaction(view: &View, channel: &str, id: &str) -> Result<Option<Written>, StoreError> {
    let sql = "SELECT id, division, cover_year, resident, named, amount_fen, pay_day, cash, suspense_reason,
                      rule_reason, position, asked_by, request, reported
               FROM payment WHERE channel = $1 AND channel_transaction_id = $2";
    view.query_one(sql, [channel.into(), id.into()], |row| {
        Ok(Written {
            id: PaymentId::from_bytes(row.id16(0)?),
            division: division(row.int(1)?)?,
            cover_year: cover_year(row.int(2)?)?,
            resident: row.opt_id16(3)?.map(ResidentId::from_bytes),
            named: row.id16(4)?,
            amount: money(row.int(5)?)?,
            manner: Manner { pay_date: day(row.int(6)?)?, cash: row.int(7)? != 0 },
            suspense_reason: row.int(8)?.try_into().unwrap_or_default(),
            rule_reason: row.opt_text(9)?,
            position: row.uint(10)?,
            asked: Asked {
                by: row.text(11)?.into(),
                request: RequestId::from_bytes(row.id16(12)?),
                reported: row.int(13)? != 0,
            },
        })
    })
}

/// Writes a payment down with its postings. `suspense` is the number of the reason and the rule's, when it is not posted.
pub(crate) fn insert_payment(
    unit: &mut Unit,
    (payment, transaction, resident): (&Payment, &Transaction, Option<ResidentId>),
    suspense: Option<(i32, Option<&str>)>,
    postings: &[(String, Money)],
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO payment (id, division, cover_year, resident, named, channel, channel_transaction_id,
                                    amount_fen, pay_day, cash, suspense_reason, rule_reason, position,
                                    asked_by, request, reported)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let named = named(transaction.named);
    let values: [Value<'_>; 16] = [
        payment.id.as_bytes().into(),
        transaction.division.code().into(),
        transaction.cover_year.get().into(),
        resident.as_ref().map(ResidentId::as_bytes).into(),
        (&named).into(),
        transaction.channel.as_str().into(),
        transaction.id.as_str().into(),
        payment.amount.fen().into(),
        day_number(payment.manner.pay_date).into(),
        payment.manner.cash.into(),
        suspense.map_or(0, |(reason, _)| reason).into(),
        suspense.and_then(|(_, rule)| rule).into(),
        unit.position().into(),
        (&*transaction.asked.by).into(),
        transaction.asked.request.as_bytes().into(),
        transaction.asked.reported.into(),
    ];
    unit.execute(sql, values)?;
    let rows = postings.iter().enumerate().map(|(line, (account, amount))| -> [Value<'_>; 4] {
        [payment.id.as_bytes().into(), (line as i64).into(), account.as_str().into(), amount.fen().into()]
    });
    unit.execute_many("INSERT INTO posting (payment, line, account, fen) VALUES ($1, $2, $3, $4)", rows)
        .map(drop)
}

pub(crate) fn insert_settled(unit: &mut Unit, key: &Key, payment: PaymentId) -> Result<(), StoreError> {
    let [division, year, resident] = key_values(key);
    let sql = "INSERT INTO settled (division, cover_year, resident, payment) VALUES ($1, $2, $3, $4)";
    unit.execute(sql, [division, year, resident, payment.as_bytes().into()]).map(drop)
}
