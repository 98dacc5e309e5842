//! Which rows make the books differ. Lists in the order of the residents' ids are read side by side; where one is not, its
//! rows are held in memory only once it is known that some differ.

use std::collections::BTreeMap;

use canbao_host::StartError;
use canbao_proto::{
    benefits::*,
    collection::*,
    common::{self, Part},
    google,
    registration::*,
    subsidy::{Aid, AidState, Grant},
};
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
        let registration = registration.and_then(|row| row.registration);
        let status = registration.as_ref().map(Registration::status);
        let settled = contribution.is_some_and(|row| row.state() == DueState::Settled);
        let entitled = period.is_some();
        let period = period.and_then(|row| row.period);
        let free = period.as_ref().is_some_and(|period| period.free);
        let ended = status == Some(RegistrationStatus::Ended);
        let registered = status == Some(RegistrationStatus::Insured);
        if ended && entitled {
            heads.ended += 1;
            heads.ended_newborns += u64::from(free);
        }
        let days = period.map(|period| (period.from, period.to));
        let told = registration.map(|registration| (registration.benefits_from, registration.benefits_to));
        if let (Some(days), Some(told)) = (days, told)
            && days != told
        {
            heads.differ.push(format!(
                "{first}: benefits {} by benefits, {} by registration",
                between(days)?,
                between(told)?
            ));
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

/// The days of a benefit period in words.
fn between((from, to): (Option<google::Date>, Option<google::Date>)) -> Result<String, StartError> {
    match from {
        None => Ok("on no day".to_owned()),
        Some(_) => Ok(format!("from {} to {}", day_of(from)?, day_of(to)?)),
    }
}

/// Residents of whom collection, the list of aid and finance's list do not say the same: what is aided and who pays it,
/// and what is borne beside it of the government's part.
pub(super) async fn aid(auditor: &mut Auditor<'_>) -> Result<Vec<String>, StartError> {
    let mut contributions = Pages::<ListedContribution>::default();
    let mut aids = Pages::<Aid>::default();
    let mut grants = Pages::<Grant>::default();
    let mut found = Vec::new();
    loop {
        let (player, plan) = (&mut auditor.player, auditor.plan);
        let ids = [
            contributions.peek(player, plan).await?.map(|row| row.resident_id.clone()),
            aids.peek(player, plan).await?.map(|row| row.resident_id.clone()),
            grants.peek(player, plan).await?.map(|row| row.resident_id.clone()),
        ];
        let Some(first) = ids.iter().flatten().min().cloned() else { return Ok(found) };
        let [settled, determined, _] = ids.map(|id| id.as_ref() == Some(&first));
        let contribution = if settled { contributions.next(player, plan).await? } else { None };
        let aid = if determined { aids.next(player, plan).await? } else { None };
        // Somebody may have several grants.
        let mut granted = Vec::new();
        while grants.peek(player, plan).await?.is_some_and(|grant| grant.resident_id == first) {
            granted.extend(grants.next(player, plan).await?);
        }
        let (contribution, aid) = (contribution.unwrap_or_default(), aid.unwrap_or_default());
        found
            .extend(granted_otherwise(&contribution, &aid, &granted)?.map(|said| format!("{first}: {said}")));
    }
}

/// In what a resident's grants differ from what collection and the resident's aid say.
fn granted_otherwise(
    contribution: &ListedContribution,
    aid: &Aid,
    grants: &[Grant],
) -> Result<Option<String>, StartError> {
    let (own, beside): (Vec<_>, Vec<_>) = grants.iter().partition(|grant| grant.part() != Part::Government);
    let aided = money(contribution.aided.as_ref())?;
    let granted =
        by_payer(own.iter().map(|grant| (grant.payer.as_str(), grant.part(), grant.amount.as_ref())))?;
    let sum = total(granted.values().copied())?;
    if aided != sum {
        return Ok(Some(format!("{aided} aided by collection, {sum} on finance's list")));
    }
    // Of what is given back later the aid tells the payers, and collection the amount.
    let given_back = own.iter().any(|grant| grant.refunded);
    let taken =
        by_payer(aid.taken.iter().map(|line| (line.payer.as_str(), line.part(), line.amount.as_ref())))?;
    let agree = match given_back {
        true => granted.keys().all(|of| taken.contains_key(of)),
        false => granted.is_empty() || granted == taken,
    };
    if !agree {
        return Ok(Some(format!("{} the aid, {} on finance's list", borne_by(&taken), borne_by(&granted))));
    }
    // Borne when the resident settled with this aid, not when it was given back later, and not what the resident paid.
    let covered = total([money(contribution.paid.as_ref())?, aided])?;
    let with_this_aid = contribution.state() == DueState::Settled
        && aid.state() == AidState::Granted
        && covered == money(aid.standard.as_ref())?
        && !given_back;
    let borne = |payer: &str, part: Part, amount: Money| (payer.to_owned(), part, amount);
    let mut due = Vec::new();
    for part in aid.government_parts.iter().filter(|_| with_this_aid) {
        due.push(borne(&part.bearer, part.part(), money(part.amount.as_ref())?));
    }
    let mut listed = Vec::new();
    for grant in beside {
        listed.push(borne(&grant.payer, grant.part(), money(grant.amount.as_ref())?));
    }
    due.sort();
    listed.sort();
    let said = |parts: &[(String, Part, Money)]| -> Result<Money, StartError> {
        total(parts.iter().map(|(_, _, amount)| *amount))
    };
    Ok(if due == listed {
        None
    } else {
        Some(format!(
            "{} of the government's part is borne for the resident, {} on finance's list",
            said(&due)?,
            said(&listed)?
        ))
    })
}

/// What each payer bears of each part.
type ByPayer<'p> = BTreeMap<(&'p str, Part), Money>;

/// Adds up what payers bear.
fn by_payer<'p>(
    lines: impl Iterator<Item = (&'p str, Part, Option<&'p common::Money>)>,
) -> Result<ByPayer<'p>, StartError> {
    let mut sums = ByPayer::new();
    for (payer, part, amount) in lines {
        let sum = sums.entry((payer, part)).or_default();
        *sum = total([*sum, money(amount)?])?;
    }
    sums.retain(|_, amount| !amount.is_zero());
    Ok(sums)
}

/// Who bears how much of what, in words.
fn borne_by(sums: &ByPayer<'_>) -> String {
    let each = sums.iter().map(|((payer, part), amount)| {
        let part = part.as_str_name().trim_start_matches("PART_").to_lowercase();
        format!("{payer} pays {amount} of the {part} part")
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() { "nobody pays".to_owned() } else { each.join(", ") }
}
