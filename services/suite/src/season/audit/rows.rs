//! Which rows make the books differ. Lists in the order of the residents' ids are read side by side; where one is not, its
//! rows are held in memory only once it is known that some differ.

use std::{cmp::Ordering, collections::BTreeMap};

use canbao_host::StartError;
use canbao_proto::{benefits::*, collection::*, common::Part, registration::*, subsidy::Grant};
use canbao_types::Money;

use super::{Auditor, money, total};
use crate::season::{day_of, pages::Pages};

/// The transactions of a channel that its own file and collection know differently.
pub(super) async fn transactions(
    auditor: &mut Auditor<'_>,
    channel: &str,
) -> Result<Vec<String>, StartError> {
    let mut rows: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    for moved in auditor.files.moved(auditor.plan)? {
        let moved = moved?;
        if moved.channel == channel {
            let row = format!("{} on {}", moved.amount, moved.paid_on);
            rows.entry(moved.transaction).or_default()[0] = Some(row);
        }
    }
    let mut payments = Pages::<ListedPayment>::default();
    while let Some(payment) = auditor.next(&mut payments).await? {
        if payment.channel == channel {
            let amount = money(payment.amount.as_ref())?;
            let row = format!("{amount} on {}", day_of(payment.pay_date)?);
            rows.entry(payment.channel_transaction_id).or_default()[1] = Some(row);
        }
    }
    let differ = rows.into_iter().filter(|(_, [file, known])| file != known);
    let said = |row: Option<String>| row.unwrap_or_else(|| "nothing".to_owned());
    Ok(differ
        .map(|(transaction, [file, known])| {
            format!("{channel} {transaction}: the channel has {}, collection {}", said(file), said(known))
        })
        .collect())
}

/// Heads, counted resident by resident in the lists of three departments.
#[derive(Default)]
pub(super) struct Heads {
    /// Insured by registration alone, as benefits says, of those whose registration has ended.
    pub ended_newborns: u64,
    /// Insured, of those whose registration has ended: registration counts them no more.
    pub ended: u64,
    /// Residents whom the departments do not agree to be insured.
    pub differ: Vec<String>,
}

/// Goes through the lists of three departments at once: all are in the order of the residents' ids.
pub(super) async fn heads(auditor: &mut Auditor<'_>) -> Result<Heads, StartError> {
    let mut contributions = Pages::<ListedContribution>::default();
    let mut registrations = Pages::<ListedRegistration>::default();
    let mut periods = Pages::<ListedBenefitPeriod>::default();
    let mut heads = Heads::default();
    loop {
        let (player, plan) = (&mut auditor.player, auditor.plan);
        let ids = [
            contributions.peek(player, plan).await?.map(|row| row.resident_id.clone()),
            registrations.peek(player, plan).await?.map(|row| row.resident_id.clone()),
            periods.peek(player, plan).await?.map(|row| row.resident_id.clone()),
        ];
        let Some(first) = ids.iter().flatten().min().cloned() else { return Ok(heads) };
        let [paid, known, covered] = ids.map(|id| id.as_ref() == Some(&first));
        let contribution = if paid { contributions.next(player, plan).await? } else { None };
        let registration = if known { registrations.next(player, plan).await? } else { None };
        let period = if covered { periods.next(player, plan).await? } else { None };
        let status = registration.and_then(|row| row.registration).map(|registration| registration.status());
        let settled = contribution.is_some_and(|row| row.state() == DueState::Settled);
        let entitled = period.is_some();
        let free = period.and_then(|row| row.period).is_some_and(|period| period.free);
        let ended = status == Some(RegistrationStatus::Ended);
        let registered = status == Some(RegistrationStatus::Insured);
        if ended && entitled {
            heads.ended += 1;
            heads.ended_newborns += u64::from(free);
        }
        if (settled || free) != entitled || (registered != entitled && !ended) {
            let said = |yes: bool| if yes { "insured" } else { "not insured" };
            heads.differ.push(format!(
                "{first}: {} by collection, {} by registration, {} by benefits",
                if settled { "settled" } else { "not settled" },
                said(registered),
                said(entitled)
            ));
        }
    }
}

/// Residents whose aid collection and finance's list know differently.
pub(super) async fn aid(auditor: &mut Auditor<'_>) -> Result<Vec<String>, StartError> {
    let mut contributions = Pages::<ListedContribution>::default();
    let mut grants = Pages::<Grant>::default();
    let mut found = Vec::new();
    let mut contribution = auditor.next(&mut contributions).await?;
    let mut grant = auditor.next(&mut grants).await?;
    // Both lists are in the order of the residents' ids; somebody may have several grants.
    loop {
        let order = match (&contribution, &grant) {
            (None, None) => return Ok(found),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(contribution), Some(grant)) => contribution.resident_id.cmp(&grant.resident_id),
        };
        let mut resident = String::new();
        let (mut aided, mut granted) = (Money::ZERO, Money::ZERO);
        if order != Ordering::Greater
            && let Some(row) = contribution.take()
        {
            aided = money(row.aided.as_ref())?;
            resident = row.resident_id;
            contribution = auditor.next(&mut contributions).await?;
        }
        if order == Ordering::Greater
            && let Some(row) = &grant
        {
            resident.clone_from(&row.resident_id);
        }
        while let Some(row) = grant.take_if(|row| row.resident_id == resident) {
            if row.part() == Part::Personal {
                granted = total([granted, money(row.amount.as_ref())?])?;
            }
            grant = auditor.next(&mut grants).await?;
        }
        if aided != granted {
            found.push(format!("{resident}: {aided} aided by collection, {granted} on finance's list"));
        }
    }
}
