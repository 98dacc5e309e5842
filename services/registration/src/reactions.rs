//! What registration makes of the others' events.

use canbao_host::{Failure, Follow, Reaction, Unreadable, subject, tell};
use canbao_proto::{
    Identity,
    benefits::BenefitPeriodDetermined,
    collection::{ContributionRefunded, ContributionSettled},
    exchange::Event,
    registration::RegistrationChanged,
    rules::Event as _,
    subsidy::IdentitiesDetermined,
    wire::{self, Malformed},
};
use canbao_store::{StoreError, Unit};
use prost::Message;

use crate::{
    cover, grpc, show,
    store::{self, Key},
};

/// Collection tells who has settled, and whose year was given up.
pub(crate) fn collection() -> Follow {
    Follow::new("collection", |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event),
        ContributionRefunded::KIND => refunded(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Subsidy tells the identities, on which the amount of a late payment may turn.
pub(crate) fn subsidy() -> Follow {
    Follow::new("subsidy", |event| match event.kind.as_str() {
        IdentitiesDetermined::KIND => identities(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Benefits tells from when to when there are benefits.
pub(crate) fn benefits() -> Follow {
    Follow::new("benefits", |event| match event.kind.as_str() {
        BenefitPeriodDetermined::KIND => determined(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn settled(event: &Event) -> Result<Reaction, Unreadable> {
    let ContributionSettled { resident_id, cover_year, pay_date, .. } =
        ContributionSettled::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    let mut wrong = Malformed::default();
    let on = pay_date.and_then(|day| wrong.date("pay_date", Some(day)));
    wrong.readable()?;
    Ok(Box::new(move |unit| told_anew(unit, &key, |unit| store::put_settled(unit, &key, on))))
}

fn refunded(event: &Event) -> Result<Reaction, Unreadable> {
    let ContributionRefunded { resident_id, cover_year, unsettled, .. } =
        ContributionRefunded::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    Ok(Box::new(move |unit| match unsettled {
        true => told_anew(unit, &key, |unit| store::delete_settled(unit, &key)),
        false => Ok(()),
    }))
}

/// Changes whether a registration is settled. What cover says turns on it, so the others are told where that is something
/// else now: cover may have been recorded before the payment was heard of.
fn told_anew(
    unit: &mut Unit,
    key: &Key,
    change: impl FnOnce(&mut Unit) -> Result<(), StoreError>,
) -> Result<(), Failure> {
    let before = store::registration(unit, key)?;
    change(unit)?;
    let (Some(before), Some(now)) = (before, store::registration(unit, key)?) else { return Ok(()) };
    let Some(resident) = store::resident(unit, key.2)? else { return Ok(()) };
    let covers = grpc::covers(unit, &resident, Some(key.2))?;
    let on = cover::known_until(&covers, now.registered_on);
    let told = show::registered(&resident, &before, &covers, on)?;
    let registered = show::registered(&resident, &now, &covers, on)?;
    if told != registered {
        let changed = RegistrationChanged { registered: Some(registered), changed_on: Some(wire::date(on)) };
        tell(unit, key.0, &changed)?;
    }
    Ok(())
}

fn identities(event: &Event) -> Result<Reaction, Unreadable> {
    let told = IdentitiesDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    for identity in &told.identities {
        Identity::read(&mut wrong, identity, None);
    }
    wrong.readable()?;
    // Only what is used again, so that equal identities are equal rows.
    let kept = IdentitiesDetermined { identities: told.identities, ..IdentitiesDetermined::default() };
    let kept = kept.encode_to_vec();
    Ok(Box::new(move |unit| Ok(store::put_identities(unit, &key, &kept)?)))
}

fn determined(event: &Event) -> Result<Reaction, Unreadable> {
    let BenefitPeriodDetermined { resident_id, cover_year, from, to, free } =
        BenefitPeriodDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    let mut wrong = Malformed::default();
    let benefits = match (from, to) {
        (None, None) => None,
        (from, to) => wrong.date("from", from).zip(wrong.date("to", to)),
    };
    wrong.readable()?;
    Ok(Box::new(move |unit| Ok(store::put_entitled(unit, &key, benefits, free)?)))
}
