//! What collection makes of the others' events.

use canbao_host::{Follow, Reaction, Unreadable, subject};
use canbao_proto::{
    Enrolled, exchange::Event, registration::ResidentRegistered, rules::Event as _,
    subsidy::ContributionOwed, wire::Malformed,
};
use prost::Message;

use crate::{contribution::Owed, store};

/// Registration tells who may pay.
pub(crate) fn registration() -> Follow {
    Follow::new("registration", |event| match event.kind.as_str() {
        ResidentRegistered::KIND => registered(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Subsidy tells what is owed after aid.
pub(crate) fn subsidy() -> Follow {
    Follow::new("subsidy", |event| match event.kind.as_str() {
        ContributionOwed::KIND => owed(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(event: &Event) -> Result<Reaction, Unreadable> {
    let registered = ResidentRegistered::decode(event.body.as_slice())?;
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let Enrolled { person_key, birth, circumstances, .. } = Enrolled::read(registered, key.0, key.1)?;
    Ok(Box::new(move |unit| Ok(store::put_registered(unit, &key, &person_key, (birth, &circumstances))?)))
}

fn owed(event: &Event) -> Result<Reaction, Unreadable> {
    let told = ContributionOwed::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    let Some(aided) = wrong.money("aided", told.aided.as_ref()) else { return Err(wrong.into()) };
    let owed = Owed { aided, payable_item: told.payable_item };
    Ok(Box::new(move |unit| Ok(store::put_owed(unit, &key, &owed)?)))
}
