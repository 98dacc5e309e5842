//! Refunds and money in suspense, as they are shown.

use canbao_host::Failure;
use canbao_proto::{collection, common, wire};
use canbao_types::Date;

use crate::{refund::Refund, store::refunds::SuspenseRow};

/// A refund.
pub(crate) fn refund(refund: &Refund) -> Result<collection::Refund, Failure> {
    Ok(collection::Refund {
        refund_id: refund.id.to_string(),
        resident_id: refund.resident.map(|resident| resident.to_string()).unwrap_or_default(),
        division: refund.division.to_string(),
        cover_year: refund.cover_year.get().into(),
        ground: refund.ground as i32,
        amount: Some(wire::money(refund.amount)),
        determined_on: Some(wire::date(refund.determined_on)),
        paid_on: refund.paid_on.map(wire::date),
        payment_id: refund.payment.map(|payment| payment.to_string()).unwrap_or_default(),
        years: refund.years.iter().map(|year| year.get().into()).collect(),
        citations: citations(&refund.citations)?,
    })
}

/// Money in suspense, with its age on a day.
pub(crate) fn suspense(row: SuspenseRow, today: Date) -> Result<collection::Suspense, Failure> {
    let age = u32::try_from((today - row.reported_on).num_days()).unwrap_or_default();
    Ok(collection::Suspense {
        payment_id: row.payment.to_string(),
        channel: row.channel,
        channel_transaction_id: row.transaction,
        amount: Some(wire::money(row.amount)),
        pay_date: Some(wire::date(row.pay_date)),
        reason: i32::try_from(row.reason).unwrap_or_default(),
        rule_reason: row.rule_reason.unwrap_or_default(),
        reported_on: Some(wire::date(row.reported_on)),
        age_days: age,
        resident_id: row.resident.map(|resident| resident.to_string()).unwrap_or_default(),
        cover_year: row.cover_year.get().into(),
        citations: citations(&row.citations)?,
    })
}

/// Citations that a row kept.
fn citations(kept: &[u8]) -> Result<Vec<common::Citation>, Failure> {
    super::citations(kept).map_err(|error| Failure::Fault(format!("kept citations: {error}")))
}
