//! A payment that a channel asks about before it takes the money, as a unit of work.

use canbao_host::Failure;
use canbao_policy::Notices;
use canbao_proto::{collection::PayContributionResponse, wire};
use canbao_store::{Unit, View};
use canbao_types::Date;
use prost::Message;

use super::{
    contribution::{known, known_for},
    notice, resident,
    suspense::post,
};
use crate::{
    NAME,
    contribution::{self, Known},
    payment::{self, Asked, Payment, Transaction, Written},
    refusal::Refusal,
    show,
    store::payments,
};

/// The unit of work of a payment.
pub(super) fn take_payment(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    notices: &Notices,
    today: Date,
) -> Result<PayContributionResponse, Failure> {
    let resident = resident(unit, transaction.named)?;
    if let Some(written) = payments::transaction(unit, &transaction.channel, &transaction.id)? {
        if written.suspense_reason != 0 || !payment.repeats(transaction, resident, &written) {
            return Err(Refusal::TransactionIdReused.into());
        }
        return repeated(unit, &written, notices);
    }
    let notice = notice(notices, (transaction.division, transaction.cover_year), payment.manner.pay_date)?;
    let key = resident.map(|resident| (transaction.division, transaction.cover_year, resident));
    let known = match &key {
        Some(key) => known_for(unit, key, payment.manner.years)?,
        None => None,
    };
    let due = payment::pay(payment, known.as_ref(), notice, today)?;
    let key = key.ok_or(Refusal::UnknownResident)?;
    let position = post(unit, payment, transaction, &key, &due)?;
    let said = due.ruling.why(notice);
    Ok(PayContributionResponse {
        payment_id: payment.id.to_string(),
        contribution: Some(show::contribution(&key, &due, true, &said)),
        outlook: Some(show::outlook(&due.ruling, &said)),
        position: Some(wire::position(NAME, position)),
        repeated_transaction: false,
    })
}

/// What was answered about a transaction that was taken before. Its money has moved, so this never refuses: of one that a
/// statement told of first, it says what can be said of the contribution now.
fn repeated(view: &View, written: &Written, notices: &Notices) -> Result<PayContributionResponse, Failure> {
    let Asked { by, request, reported } = &written.asked;
    if !reported {
        let answer = view.answered(by, request.as_bytes())?.ok_or_else(|| unanswered(written))?;
        let answer = PayContributionResponse::decode(answer.as_slice()).map_err(|_| unanswered(written))?;
        return Ok(PayContributionResponse { repeated_transaction: true, ..answer });
    }
    let key = (written.division, written.cover_year, written.resident.ok_or_else(|| unanswered(written))?);
    let known = Known { settled: None, ..known(view, &key)?.ok_or_else(|| unanswered(written))? };
    let due = notice(notices, (key.0, key.1), written.manner.pay_date)
        .and_then(|notice| {
            let due = contribution::quote(&known, notice, &written.manner)?;
            let said = due.ruling.why(notice);
            Ok((due, said))
        })
        .ok();
    Ok(PayContributionResponse {
        payment_id: written.id.to_string(),
        contribution: due.as_ref().map(|(due, said)| show::contribution(&key, due, true, said)),
        outlook: due.as_ref().map(|(due, said)| show::outlook(&due.ruling, said)),
        position: Some(wire::position(NAME, written.position)),
        repeated_transaction: true,
    })
}

/// What was answered is kept for ever, so its absence is a fault.
pub(super) fn unanswered(written: &Written) -> Failure {
    Failure::Fault(format!("the answer about the payment {} is not there", written.id))
}
