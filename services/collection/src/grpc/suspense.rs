//! Money that is written down: posted, in suspense, or on its way out of it.

use canbao_host::Failure;
use canbao_policy::Notices;
use canbao_proto::collection::SuspenseReason;
use canbao_store::{StoreError, Unit};
use canbao_types::{Date, Division, PaymentId, PersonKey, ResidentId};

use super::{
    contribution::{known_for, settle, settle_by_prepayment},
    notice,
};
use crate::{
    contribution::{Due, Manner},
    payment::{self, Payment, Transaction, Written},
    show,
    statement::{self, Outcome, Suspended},
    store::{
        self, Key,
        payments::{self, Prepaid},
        suspense,
    },
};

/// A payment that is taken: its row, and the contribution settled. Returns the position of what was told.
pub(crate) fn post(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    key: &Key,
    due: &Due,
) -> Result<u64, Failure> {
    let from = payment::channel(&transaction.channel);
    let position = posted(unit, (payment.id, &payment.manner), key, due, &from)?;
    payments::insert_payment(unit, (payment, transaction, Some(key.2)), None)?;
    Ok(position)
}

/// A payment that cannot be posted: its row, and the money in suspense.
pub(crate) fn suspend(
    unit: &mut Unit,
    (payment, transaction, resident): (&Payment, &Transaction, Option<ResidentId>),
    why: &Suspended,
    today: Date,
) -> Result<(), StoreError> {
    let (division, year) = (transaction.division, transaction.cover_year);
    payments::insert_payment(unit, (payment, transaction, resident), Some((why.reason.into(), why.rule)))?;
    let postings =
        payment::suspense_postings(&transaction.channel, &statement::account(why.reason), payment.amount);
    payments::insert_postings(unit, (division, year), (payment.id.as_bytes(), 0), &postings)?;
    let named = payment::named(transaction.named);
    let citations = show::kept(&why.citations);
    suspense::insert_suspended(
        unit,
        (division, year, payment.id),
        (&named, today),
        &row(why, resident, &citations),
    )
}

/// The contribution settled by a payment whose money stood in the account `from`, and the later years paid for with it.
fn posted(
    unit: &mut Unit,
    (payment, manner): (PaymentId, &Manner),
    key: &Key,
    due: &Due,
    from: &str,
) -> Result<u64, Failure> {
    let settled = payment::settles(payment, manner, due);
    // What comes straight from a channel is the first of its entry.
    let entry = payment.as_bytes();
    let line =
        if from.starts_with("suspense/") { payments::next_line(unit, (key.0, key.1), entry)? } else { 0 };
    let position = settle(unit, key, &settled, (entry, line), &payment::postings(from, key.1, due))?;
    for year in payment::ahead(key.1, due.years) {
        let later = (key.0, year, key.2);
        let prepaid = Prepaid { payment, price: due.a_year, paid_on: manner.pay_date };
        payments::insert_prepaid(unit, &later, &prepaid)?;
        settle_by_prepayment(unit, &later)?;
    }
    Ok(position)
}

/// Something was told of a resident: the money in suspense that it explains is posted. What came twice for a year that the
/// resident then gave up waits to be given back: posted, it would insure who has left. A day that has not come when the
/// money was reported is looked at again by the next statement, because only a request knows what day it is.
pub(crate) fn judge_again(unit: &mut Unit, resident: ResidentId, notices: &Notices) -> Result<(), Failure> {
    let reasons = (SuspenseReason::DateInFuture.into(), SuspenseReason::AlreadySettled.into());
    for payment in suspense::of_resident(unit, resident, reasons)? {
        let written = written(unit, payment)?;
        let today = written.manner.arrive_date;
        judge(unit, &written, Some(resident), (notices, today))?;
    }
    Ok(())
}

/// Looks again at the money whose day had not come when it was reported.
pub(crate) fn judge_come_due(
    unit: &mut Unit,
    division: Division,
    (notices, today): (&Notices, Date),
) -> Result<(), Failure> {
    for payment in suspense::come_due(unit, division, (SuspenseReason::DateInFuture.into(), today))? {
        let written = written(unit, payment)?;
        let resident = match written.resident {
            Some(resident) => Some(resident),
            None => store::by_key(unit, &PersonKey::from_bytes(written.named))?,
        };
        judge(unit, &written, resident, (notices, today))?;
    }
    Ok(())
}

fn written(unit: &Unit, payment: PaymentId) -> Result<Written, Failure> {
    let missing = || Failure::Fault(format!("the payment {payment} in suspense is not there"));
    payments::payment(unit, payment)?.ok_or_else(missing)
}

/// Judges money in suspense by what is known now.
fn judge(
    unit: &mut Unit,
    written: &Written,
    resident: Option<ResidentId>,
    (notices, today): (&Notices, Date),
) -> Result<(), Failure> {
    let place = (written.division, written.cover_year, written.id);
    let key = resident.map(|resident| (written.division, written.cover_year, resident));
    let known = match &key {
        Some(key) => known_for(unit, key, written.manner.years)?,
        None => None,
    };
    let notice = notice(notices, (written.division, written.cover_year), written.manner.pay_date);
    let decided = notice.and_then(|notice| statement::again(written, known.as_ref(), notice, today));
    match (statement::outcome(decided), key) {
        (Some(Outcome::Posted(due)), Some(key)) => {
            let reason = SuspenseReason::try_from(written.suspense_reason).unwrap_or_default();
            let from = statement::account(reason);
            posted(unit, (written.id, &written.manner), &key, &due, &from)?;
            suspense::delete_suspended(unit, place)?;
        }
        (Some(Outcome::Suspended(why)), _) => {
            let citations = show::kept(&why.citations);
            suspense::update_suspended(unit, place, &row(&why, resident, &citations))?;
        }
        _ => return Err(Failure::Fault("money was neither posted nor suspended".to_owned())),
    }
    Ok(())
}

fn row<'a>(why: &Suspended, resident: Option<ResidentId>, citations: &'a [u8]) -> suspense::Suspended<'a> {
    suspense::Suspended { resident, reason: why.reason.into(), rule_reason: why.rule, citations }
}
