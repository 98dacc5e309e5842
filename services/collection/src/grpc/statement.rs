//! A statement of money that was taken, line by line, as a unit of work.

use canbao_host::{Caller, Failure};
use canbao_policy::Notices;
use canbao_proto::{
    collection::{LineOutcome, ReportPaymentsResponse},
    wire,
};
use canbao_store::{Unit, View};
use canbao_types::{Date, Division};
use prost::Message;

use super::{
    contribution::known_for,
    notice, resident,
    suspense::{judge_come_due, post, suspend},
    taking::unanswered,
};
use crate::{
    NAME,
    payment::{self, Payment, Transaction, Written},
    statement::{self, Outcome},
    store::payments,
};

/// The unit of work of a statement. What was reported before its day is looked at first: by now the day may have come.
pub(super) fn report(
    unit: &mut Unit,
    division: Division,
    lines: &[(Payment, Transaction)],
    (reporter, notices, today): (&Caller, &Notices, Date),
) -> Result<ReportPaymentsResponse, Failure> {
    judge_come_due(unit, division, (notices, today))?;
    let outcomes = lines.iter().map(|(payment, transaction)| {
        unit.item(|unit| report_line(unit, payment, transaction, (reporter, notices, today)))
    });
    let outcomes = outcomes.collect::<Result<_, Failure>>()?;
    Ok(ReportPaymentsResponse { outcomes, position: Some(wire::position(NAME, unit.position())) })
}

/// One line of a statement: known already, posted, or in suspense.
fn report_line(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    (reporter, notices, today): (&Caller, &Notices, Date),
) -> Result<LineOutcome, Failure> {
    let resident = resident(unit, transaction.named)?;
    if let Some(written) = payments::transaction(unit, &transaction.channel, &transaction.id)? {
        if payment.repeats(transaction, resident, &written) {
            return repeated_line(unit, &written);
        }
        // The number is one for all divisions, and another one's payment is none of the reporter's.
        let own = reporter.covers(written.division);
        let payment_id = if own { written.id.to_string() } else { String::new() };
        return Ok(LineOutcome { payment_id, other_content: true, ..LineOutcome::default() });
    }
    let key = resident.map(|resident| (transaction.division, transaction.cover_year, resident));
    let known = match &key {
        Some(key) => known_for(unit, key, payment.manner.years)?,
        None => None,
    };
    let notice = notice(notices, (transaction.division, transaction.cover_year), payment.manner.pay_date);
    let decided = notice.and_then(|notice| payment::pay(payment, known.as_ref(), notice, today));
    let mut shown = LineOutcome { payment_id: payment.id.to_string(), ..LineOutcome::default() };
    match (statement::outcome(decided), key) {
        (Some(Outcome::Posted(due)), Some(key)) => {
            post(unit, payment, transaction, &key, &due)?;
        }
        (Some(Outcome::Suspended(why)), _) => {
            suspend(unit, (payment, transaction, resident), &why, today)?;
            shown.set_suspense_reason(why.reason);
            shown.rule_reason = why.rule.unwrap_or_default().to_owned();
            shown.citations = wire::citations(&why.citations);
        }
        _ => return Err(Failure::Fault("a line was neither posted nor suspended".to_owned())),
    }
    Ok(shown)
}

/// What became of a line whose transaction was told of before, the first answer where there is one.
fn repeated_line(view: &View, written: &Written) -> Result<LineOutcome, Failure> {
    let payment_id = written.id.to_string();
    if !written.asked.reported {
        return Ok(LineOutcome { payment_id, repeated_line: true, ..LineOutcome::default() });
    }
    let answer = view.answered(&written.asked.by, written.asked.request.as_bytes())?;
    // A line that stands twice in one statement is told before its statement is answered.
    let Some(answer) = answer else {
        return Ok(LineOutcome {
            payment_id,
            repeated_line: true,
            suspense_reason: written.suspense_reason,
            rule_reason: written.rule_reason.clone().unwrap_or_default(),
            ..LineOutcome::default()
        });
    };
    let answer = ReportPaymentsResponse::decode(answer.as_slice()).map_err(|_| unanswered(written))?;
    let first = answer.outcomes.into_iter().find(|outcome| outcome.payment_id == payment_id);
    Ok(LineOutcome { repeated_line: true, ..first.ok_or_else(|| unanswered(written))? })
}
