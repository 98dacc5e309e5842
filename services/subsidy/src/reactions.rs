//! What subsidy makes of the others' events.

use std::sync::Arc;

use canbao_host::{Failure, Follow, Reaction, Unreadable, subject, tell};
use canbao_policy::{Facts, Notices};
use canbao_proto::{
    Enrolled,
    exchange::Event,
    registration::ResidentRegistered,
    rules::Event as _,
    subsidy::{Aid as Cited, ContributionOwed},
    wire,
};
use canbao_store::Unit;
use prost::Message;

use crate::{
    aid::{self, Aid},
    store::{self, Key},
};

/// Registration tells who is enrolled.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => registered(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let registered = ResidentRegistered::decode(event.body.as_slice())?;
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let Enrolled { person_key, name_key, mut facts, .. } = Enrolled::read(registered, key.0, key.1)?;
    // No roster names this resident: that is known here, and here alone.
    facts.identities = Some(Vec::new());
    Ok(Box::new(move |unit| {
        store::put_person(unit, &person_key, &name_key, key.2)?;
        determine(unit, &key, &facts, &notices)
    }))
}

/// Determines a resident's aid anew, writes it down, and tells tax what is owed.
fn determine(unit: &mut Unit, key: &Key, facts: &Facts, notices: &Notices) -> Result<(), Failure> {
    // A registration was made under a notice; one that is not here leaves the aid to a person.
    let aid = match notices.find(key.0, key.1) {
        Some(notice) => aid::determine(facts, notice),
        None => {
            Aid { amounts: None, payer: String::new(), payable_item: String::new(), citations: Vec::new() }
        }
    };
    let citations = wire::citations(&aid.citations);
    let cited = Cited { citations: citations.clone(), ..Cited::default() };
    store::put_aid(unit, key, &aid, &cited.encode_to_vec())?;
    if let Some(amounts) = aid.amounts {
        let owed = ContributionOwed {
            resident_id: key.2.as_bytes().to_vec(),
            cover_year: key.1.get().into(),
            aided: Some(wire::money(amounts.aided)),
            owed: Some(wire::money(amounts.owed)),
            payable_item: aid.payable_item,
            citations,
            ..ContributionOwed::default()
        };
        tell(unit, key.0, &owed)?;
    }
    Ok(())
}
