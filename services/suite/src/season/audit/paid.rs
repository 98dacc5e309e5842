//! What residents paid for the year, by collection's list of payments: held against what their contributions are settled
//! with, and the rows found that differ.

use std::collections::{BTreeMap, BTreeSet};

use canbao_host::StartError;
use canbao_proto::{collection::*, common::AmountPart};
use canbao_types::Money;

use super::{Auditor, money, total};
use crate::season::{journal::mark, messages::by_id, pages::Pages};

/// Transactions that paid for several years at once, and for how many, as the channels have it.
pub(super) fn years(auditor: &Auditor<'_>) -> Result<BTreeMap<(String, String), u32>, StartError> {
    let mut years = BTreeMap::new();
    for moved in auditor.files.moved(auditor.plan)? {
        let moved = moved?;
        if moved.years > 1 {
            years.insert((moved.channel, moved.transaction), moved.years);
        }
    }
    Ok(years)
}

/// Tells of each posted payment: the resident, the transaction, and what of it was for the year; and of each aid given
/// back, as less than nothing. Residents of `elsewhere` are left out, and payments for a year that was given up.
async fn each(
    auditor: &mut Auditor<'_>,
    elsewhere: &BTreeSet<String>,
    mut tell: impl FnMut(&str, &str, Money) -> Result<(), StartError>,
) -> Result<(), StartError> {
    let years = years(auditor)?;
    let (mut left_out, mut aid) = (BTreeSet::new(), Vec::new());
    let mut refunds = Pages::<Refund>::default();
    while let Some(refund) = auditor.next(&mut refunds).await? {
        match refund.ground() {
            RefundGround::Suspense => drop(left_out.insert(refund.payment_id)),
            RefundGround::Aid => {
                aid.push((refund.resident_id, refund.payment_id, money(refund.amount.as_ref())?));
            }
            // That payment only: who comes back pays anew.
            RefundGround::LeftSchool
            | RefundGround::Requested
            | RefundGround::Died
            | RefundGround::EmployeeScheme => {
                if refund.years.contains(&auditor.plan.cover_year) {
                    left_out.insert(refund.payment_id);
                }
            }
            RefundGround::Unspecified => {}
        }
    }
    let mut payments = Pages::<ListedPayment>::default();
    while let Some(payment) = auditor.next(&mut payments).await? {
        let in_suspense = payment.suspense_reason() != SuspenseReason::Unspecified;
        if in_suspense || left_out.contains(&payment.payment_id) || elsewhere.contains(&payment.resident_id) {
            continue;
        }
        let amount = money(payment.amount.as_ref())?;
        let transaction = (payment.channel, payment.channel_transaction_id);
        // The price is the same for each of the years that are paid for at once.
        let share = amount.fen() / i64::from(years.get(&transaction).copied().unwrap_or(1));
        tell(&payment.resident_id, &format!("{} {}", transaction.0, transaction.1), Money::from_fen(share)?)?;
    }
    for (resident, payment, amount) in &aid {
        if !left_out.contains(payment) && !elsewhere.contains(resident) {
            tell(resident, "", amount.negated())?;
        }
    }
    Ok(())
}

/// Whether each resident is settled with what the payments come to. Nobody is held in memory for it: amounts are weighed
/// by the resident, and the weights add up to the same sum only when every resident's amounts do.
pub(super) async fn agrees(auditor: &mut Auditor<'_>) -> Result<bool, StartError> {
    let weigh = |resident: &str, amount: Money| mark(resident).wrapping_mul(amount.fen().cast_unsigned());
    let (mut settled, mut paid) = (0_u64, 0_u64);
    let mut elsewhere = BTreeSet::new();
    let mut contributions = Pages::<ListedContribution>::default();
    while let Some(row) = auditor.next(&mut contributions).await? {
        match row.how() {
            // Paid for in an earlier year, among the payments of that year.
            SettledHow::Prepayment => drop(elsewhere.insert(row.resident_id)),
            _ => settled = settled.wrapping_add(weigh(&row.resident_id, money(row.paid.as_ref())?)),
        }
    }
    let tell = |resident: &str, _: &str, amount| {
        paid = paid.wrapping_add(weigh(resident, amount));
        Ok(())
    };
    each(auditor, &elsewhere, tell).await?;
    Ok(settled == paid)
}

/// Posted payments of residents whose contribution is not settled.
pub(super) async fn lost(auditor: &mut Auditor<'_>) -> Result<Vec<String>, StartError> {
    let mut settled = BTreeSet::new();
    let mut contributions = Pages::<ListedContribution>::default();
    while let Some(row) = auditor.next(&mut contributions).await? {
        if row.state() == DueState::Settled {
            settled.insert(row.resident_id);
        }
    }
    let mut lost = Vec::new();
    let tell = |resident: &str, transaction: &str, _| {
        if !settled.contains(resident) && !transaction.is_empty() {
            lost.push(format!("{transaction}: posted, but {resident} is not settled"));
        }
        Ok(())
    };
    each(auditor, &BTreeSet::new(), tell).await?;
    Ok(lost)
}

/// Settled contributions for which something else was paid, or whose parts do not come to what is due.
pub(super) async fn differing(auditor: &mut Auditor<'_>) -> Result<Vec<String>, StartError> {
    let mut paid: BTreeMap<String, Money> = BTreeMap::new();
    let tell = |resident: &str, _: &str, amount| {
        let sum = paid.entry(resident.to_owned()).or_default();
        *sum = total([*sum, amount])?;
        Ok(())
    };
    each(auditor, &BTreeSet::new(), tell).await?;
    let mut found = Vec::new();
    let mut contributions = Pages::<ListedContribution>::default();
    while let Some(row) = auditor.next(&mut contributions).await? {
        if row.state() != DueState::Settled {
            continue;
        }
        let name = format!("{} ({})", row.resident_id, row.masked_number);
        let (settled, aided) = (money(row.paid.as_ref())?, money(row.aided.as_ref())?);
        let known = paid.get(&row.resident_id).copied().unwrap_or_default();
        if row.how() != SettledHow::Prepayment && settled != known {
            found.push(format!("{name}: settled with {settled} paid, but the payments come to {known}"));
            continue;
        }
        let parts = parts(auditor, &row.resident_id).await?;
        let standard =
            total(parts.iter().map(|part| money(part.amount.as_ref())).collect::<Result<Vec<_>, _>>()?)?;
        let covered = total([settled, aided])?;
        if standard != covered {
            found.push(format!("{name}: {standard} is due, {settled} was paid and {aided} aided"));
        }
    }
    Ok(found)
}

/// A resident's own parts of the contribution, as collection tells them.
pub(super) async fn parts(
    auditor: &mut Auditor<'_>,
    resident_id: &str,
) -> Result<Vec<AmountPart>, StartError> {
    let message = GetContributionDueRequest {
        after: Vec::new(),
        resident: by_id(resident_id),
        division: auditor.plan.division.clone(),
        cover_year: auditor.plan.cover_year,
        ..GetContributionDueRequest::default()
    };
    let due = auditor.player.due(message).await?.contribution.unwrap_or_default();
    Ok(due.parts.into_iter().filter(|part| part.bearer == "person").collect())
}
