//! What benefits makes of the others' events: record the fact, recompute the period from the facts that are there.

use std::sync::Arc;

use canbao_host::{Failure, Follow, Reaction, Unreadable, subject, tell};
use canbao_policy::Notices;
use canbao_proto::{
    benefits::{BenefitPeriod, BenefitPeriodDetermined},
    collection::ContributionSettled,
    exchange::Event,
    facts,
    registration::{Circumstances, ResidentRegistered},
    rules::Event as _,
    wire::{self, Malformed},
};
use canbao_store::Unit;
use canbao_types::PersonKey;
use prost::Message;

use crate::{
    period,
    store::{self, Key},
};

/// Registration tells who is enrolled.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => registered(event, notices.clone()).map(Some),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Collection tells who has settled.
pub(crate) fn collection(notices: Arc<Notices>) -> Follow {
    Follow::new("collection", move |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event, notices.clone()).map(Some),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let registered = ResidentRegistered::decode(event.body.as_slice())?;
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let person_key = registered.person_key.as_slice().try_into().map(PersonKey::from_bytes);
    let person_key = person_key.map_err(|_| Unreadable("the person key cannot be read".to_owned()))?;
    let circumstances = registered.circumstances.unwrap_or_default();
    let mut wrong = Malformed::default();
    let Some(birth) = wrong.date("birth_date", registered.birth_date) else { return Err(wrong.into()) };
    // Read once here, so that what is stored can be read back.
    facts(&mut wrong, "circumstances", &circumstances, (key.0, key.1, birth));
    wrong.readable()?;
    let circumstances = circumstances.encode_to_vec();
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
    let circumstances = Circumstances::decode(row.circumstances.as_slice());
    let circumstances =
        circumstances.map_err(|error| Failure::Fault(format!("stored circumstances: {error}")))?;
    let mut wrong = Malformed::default();
    let facts = facts(&mut wrong, "circumstances", &circumstances, (key.0, key.1, row.birth));
    wrong.readable().map_err(|wrong| Failure::Fault(wrong.status().message().to_owned()))?;
    let determined = period::determine(&facts, row.pay_date, notices.find(key.0, key.1));
    let (from, to) = (determined.days.map(|days| days.from()), determined.days.map(|days| days.to()));
    let shown = BenefitPeriod {
        cover_year: key.1.get().into(),
        from: from.map(wire::date),
        to: to.map(wire::date),
        wait_months: determined.wait_months,
        citations: wire::citations(&determined.citations),
    };
    store::put_period(unit, key, &determined, &shown.encode_to_vec())?;
    let told = BenefitPeriodDetermined {
        resident_id: key.2.as_bytes().to_vec(),
        cover_year: key.1.get().into(),
        from: from.map(wire::date),
        to: to.map(wire::date),
    };
    tell(unit, key.0, &told)?;
    Ok(())
}
