//! What subsidy makes of the others' events.

use std::sync::Arc;

use canbao_host::{Follow, Reaction, Renewal, Unreadable, subject};
use canbao_policy::Notices;
use canbao_proto::{
    Ended, Enrolled,
    collection::{ContributionRefunded, ContributionSettled},
    exchange::Event,
    google,
    registration::{RegistrationChanged, RegistrationEnded, ResidentRegistered},
    rules::Event as _,
    wire::Malformed,
};
use canbao_types::{Date, Money};
use prost::Message;

use crate::{
    recognition::Settled,
    store::{self, Key, registered::Registered},
};

mod payers;
mod recompute;

#[cfg(test)]
pub(crate) use payers::{given_back, kept, of_aid};
pub(crate) use recompute::{Known, facts_of, recompute};

/// Registration tells who is enrolled.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => {
            registered(event, ResidentRegistered::decode(event.body.as_slice())?, None, notices.clone())
        }
        RegistrationChanged::KIND => {
            let changed = RegistrationChanged::decode(event.body.as_slice())?;
            let told_on = day("changed_on", changed.changed_on)?;
            registered(event, changed.registered.unwrap_or_default(), Some(told_on), notices.clone())
        }
        RegistrationEnded::KIND => ended(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Tax tells what is settled and what is given back.
pub(crate) fn collection(notices: Arc<Notices>) -> Follow {
    Follow::new("collection", move |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event, notices.clone()),
        ContributionRefunded::KIND => refunded(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Aid that was determined by other notices is determined anew; whose registration has ended keeps what may be granted.
pub(crate) fn renewal(notices: Arc<Notices>) -> Renewal {
    let (places, residents) = (store::registered::places, store::registered::residents);
    let told = notices.clone();
    let fingerprint = move |division, year| told.fingerprint(division, year);
    Renewal::new(places, residents, fingerprint, move |unit, key| recompute(unit, key, &notices))
}

fn day(field: &str, date: Option<google::Date>) -> Result<Date, Unreadable> {
    let mut wrong = Malformed::default();
    let day = wrong.date(field, date);
    day.ok_or_else(|| Unreadable::from(wrong))
}

/// A registration or what it is from now on; a key that is new here is one more key of the resident.
fn registered(
    event: &Event,
    registered: ResidentRegistered,
    changed_on: Option<Date>,
    notices: Arc<Notices>,
) -> Result<Reaction, Unreadable> {
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let enrolled = Enrolled::read(registered, key.0, key.1)?;
    Ok(Box::new(move |unit| {
        let row = Registered {
            birth: enrolled.birth,
            circumstances: enrolled.circumstances.clone(),
            told_on: changed_on.unwrap_or(enrolled.registered_on),
            registered_on: Some(enrolled.registered_on),
            died_on: None,
        };
        store::registered::put_person(unit, &enrolled.person_key, &enrolled.name_key, key.2)?;
        store::registered::put(unit, &key, &row)?;
        recompute(unit, &key, &notices)
    }))
}

/// The aid of somebody who is not registered any more stays as it was: it may have been granted.
fn ended(event: &Event) -> Result<Reaction, Unreadable> {
    let ended = RegistrationEnded::decode(event.body.as_slice())?;
    let key = subject(event, &ended.resident_id, ended.cover_year)?;
    let days = Ended::read(&ended)?;
    Ok(Box::new(move |unit| Ok(store::registered::end(unit, &key, (days.on, days.died_on))?)))
}

fn settled(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let told = ContributionSettled::decode(event.body.as_slice())?;
    let key: Key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    let paid = wrong.money("paid", told.paid.as_ref());
    let aided = wrong.money("aided", told.aided.as_ref());
    let government = match &told.government {
        None => Some(Money::ZERO),
        given => wrong.money("government", given.as_ref()),
    };
    let repair = match &told.repair {
        None => Some(Money::ZERO),
        given => wrong.money("repair", given.as_ref()),
    };
    let settled_on = wrong.date("pay_date", told.pay_date);
    let (Some(paid), Some(aided), Some(government), Some(repair), Some(settled_on)) =
        (paid, aided, government, repair, settled_on)
    else {
        return Err(wrong.into());
    };
    let settled =
        Settled { paid, aided, government, repair, settled_on, number: told.determination, tier: told.tier };
    Ok(Box::new(move |unit| {
        store::aid::put_settled(unit, &key, &settled)?;
        recompute(unit, &key, &notices)
    }))
}

/// Aid that was given back is known here already; only a year that was given up changes something.
fn refunded(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let told = ContributionRefunded::decode(event.body.as_slice())?;
    let key: Key = subject(event, &told.resident_id, told.cover_year)?;
    Ok(Box::new(move |unit| {
        if told.unsettled {
            store::aid::unsettle(unit, &key)?;
        }
        recompute(unit, &key, &notices)
    }))
}
