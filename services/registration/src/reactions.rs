//! What registration makes of the others' events.

use canbao_host::{Follow, Reaction, Unreadable, subject};
use canbao_proto::{
    benefits::BenefitPeriodDetermined, collection::ContributionSettled, exchange::Event, rules::Event as _,
    wire::Malformed,
};
use prost::Message;

use crate::store;

/// Collection tells who has settled.
pub(crate) fn collection() -> Follow {
    Follow::new("collection", |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event),
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
    let ContributionSettled { resident_id, cover_year, .. } =
        ContributionSettled::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    Ok(Box::new(move |unit| Ok(store::insert_settled(unit, key)?)))
}

fn determined(event: &Event) -> Result<Reaction, Unreadable> {
    let BenefitPeriodDetermined { resident_id, cover_year, from, to, .. } =
        BenefitPeriodDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    let mut wrong = Malformed::default();
    let benefits = match (from, to) {
        (None, None) => None,
        (from, to) => wrong.date("from", from).zip(wrong.date("to", to)),
    };
    wrong.readable()?;
    Ok(Box::new(move |unit| Ok(store::put_entitled(unit, key, benefits)?)))
}
