//! What benefits makes of the others' events: record the fact, recompute the period from the facts that are there.

use std::sync::Arc;

use canbao_host::{Failure, Follow, Reaction, Unreadable, subject, tell};
use canbao_policy::Notices;
use canbao_proto::{
    Enrolled,
    benefits::{BenefitPeriod, BenefitPeriodDetermined},
    collection::ContributionSettled,
    exchange::Event,
    registration::ResidentRegistered,
    rules::Event as _,
    stored_facts,
    wire::{self, Malformed},
};
use canbao_store::Unit;
use prost::Message;

use crate::{
    period,
    store::{self, Key},
};

/// Registration tells who is enrolled.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => registered(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Collection tells who has settled.
pub(crate) fn collection(notices: Arc<Notices>) -> Follow {
    Follow::new("collection", move |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let registered = ResidentRegistered::decode(event.body.as_slice())?;
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let Enrolled { person_key, birth, circumstances, .. } = Enrolled::read(registered, key.0, key.1)?;
    Ok(Box::new(move |unit| {
        store::put_registered(unit, &key, &person_key, (birth, &circumstances))?;
        recompute(unit, &key, &notices)
    }))
}

fn settled(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let settled = ContributionSettled::decode(event.body.as_slice())?;
    let key = subject(event, &settled.resident_id, settled.cover_year)?;
    let mut wrong = Malformed::default();
    let Some(pay_date) = wrong.date("pay_date", settled.pay_date) else { return Err(wrong.into()) };
    Ok(Box::new(move |unit| {
        store::put_settled(unit, &key, pay_date)?;
        recompute(unit, &key, &notices)
    }))
}

/// Recomputes a benefit period, writes it down, and tells registration.
fn recompute(unit: &mut Unit, key: &Key, notices: &Notices) -> Result<(), Failure> {
    let Some(row) = store::facts(unit, key)? else { return Ok(()) };
    let facts = stored_facts(&row.circumstances, (key.0, key.1, row.birth)).map_err(Failure::corrupt)?;
    let determined = period::determine(&facts, row.pay_date, notices.find(key.0, key.1));
    let (from, to) = (determined.days.map(|days| days.from()), determined.days.map(|days| days.to()));
    let shown = BenefitPeriod {
        cover_year: key.1.get().into(),
        from: from.map(wire::date),
        to: to.map(wire::date),
        wait_months: determined.wait_months,
        citations: wire::citations(&determined.citations),
        ..BenefitPeriod::default()
    };
    store::put_period(unit, key, &determined, &shown.encode_to_vec())?;
    let told = BenefitPeriodDetermined {
        resident_id: key.2.as_bytes().to_vec(),
        cover_year: key.1.get().into(),
        from: from.map(wire::date),
        to: to.map(wire::date),
        free: false,
    };
    tell(unit, key.0, &told)?;
    Ok(())
}
