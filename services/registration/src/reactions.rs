//! What registration makes of the others' events.

use canbao_host::{Follow, Reaction, Unreadable, subject};
use canbao_proto::{
    benefits::BenefitPeriodDetermined,
    collection::{ContributionRefunded, ContributionSettled},
    exchange::Event,
    rules::Event as _,
    subsidy::IdentitiesDetermined,
    wire::Malformed,
};
use prost::Message;

use crate::{parse, store};

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
    let ContributionSettled { resident_id, cover_year, .. } =
        ContributionSettled::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    Ok(Box::new(move |unit| Ok(store::insert_settled(unit, &key)?)))
}

fn refunded(event: &Event) -> Result<Reaction, Unreadable> {
    let ContributionRefunded { resident_id, cover_year, unsettled, .. } =
        ContributionRefunded::decode(event.body.as_slice())?;
    let key = subject(event, &resident_id, cover_year)?;
    Ok(Box::new(move |unit| if unsettled { Ok(store::delete_settled(unit, &key)?) } else { Ok(()) }))
}

fn identities(event: &Event) -> Result<Reaction, Unreadable> {
    let told = IdentitiesDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    for identity in &told.identities {
        parse::identity(&mut wrong, identity);
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
