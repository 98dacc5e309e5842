//! What collection makes of the others' events.

use canbao_host::{Follow, Reaction, Unreadable, subject};
use canbao_proto::{
    exchange::Event, facts, registration::ResidentRegistered, rules::Event as _, subsidy::ContributionOwed,
    wire::Malformed,
};
use canbao_types::PersonKey;
use prost::Message;

use crate::{contribution::Owed, store};

/// Registration tells who may pay.
pub(crate) fn registration() -> Follow {
    Follow::new("registration", |event| match event.kind.as_str() {
        ResidentRegistered::KIND => registered(event).map(Some),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Subsidy tells what is owed after aid.
pub(crate) fn subsidy() -> Follow {
    Follow::new("subsidy", |event| match event.kind.as_str() {
        ContributionOwed::KIND => owed(event).map(Some),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(event: &Event) -> Result<Reaction, Unreadable> {
    let registered = ResidentRegistered::decode(event.body.as_slice())?;
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let person_key = registered.person_key.as_slice().try_into().map(PersonKey::from_bytes);
    let person_key = person_key.map_err(|_| Unreadable("the person key cannot be read".to_owned()))?;
    let circumstances = registered.circumstances.unwrap_or_default();
    let mut wrong = Malformed::default();
    let birth = wrong.date("birth_date", registered.birth_date);
    let Some(birth) = birth else { return Err(wrong.into()) };
    // Read once here, so that what is stored can be read back.
    facts(&mut wrong, "circumstances", &circumstances, (key.0, key.1, birth));
    wrong.readable()?;
    let circumstances = circumstances.encode_to_vec();
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
