//! The unit of work of assessing a late payment.

use canbao_host::{Caller, Failure, tell};
use canbao_policy::{HeldIdentity, Notice};
use canbao_proto::{
    Identity,
    registration::{AssessLatePaymentResponse, LatePaymentAssessed},
    subsidy::IdentitiesDetermined,
    wire::{self, Malformed},
};
use canbao_store::{Unit, View};
use canbao_types::Date;
use prost::Message;

use super::{Rules, concern::known_to, register::covers};
use crate::{
    NAME,
    assessment::{self, Question},
    cover,
    parse::Assessing,
    refusal::Refusal,
    registration, show,
    store::{self, Key},
};

/// Fixes what a late payer pays, and tells tax.
pub(crate) fn assess(
    unit: &mut Unit,
    assessing: &Assessing,
    (rules, assessor): (&Rules, &Caller),
) -> Result<AssessLatePaymentResponse, Failure> {
    let place = assessing.place;
    let notice = rules.notice(place)?;
    registration::not_future(place.on, rules.today)?;
    let resident = known_to(unit, assessor, assessing.resident)?.ok_or(Refusal::UnknownResident)?;
    let key = (place.division, place.cover_year, resident.id);
    let row = store::registration(unit, &key)?.ok_or(Refusal::NotRegistered)?;
    if row.insured() {
        return Err(Refusal::AlreadyInsured.into());
    }
    let covers = covers(unit, &resident, Some(resident.id))?;
    // As tax knows the circumstances, which takes the payment by them.
    let on = cover::known_until(&covers, place.on);
    let told = show::stored(&row.circumstances)?;
    let facts = show::known_facts(&told, (&covers, on, None), (&resident, &key, row.registered_on))?;
    let identities = identities(unit, &key, place.on, notice)?;
    let question = Question { assessed_on: place.on, decided: assessing.decided };
    let assessed = assessment::assess(notice, facts, identities, question)?;

    let event = LatePaymentAssessed {
        resident_id: resident.id.as_bytes().to_vec(),
        cover_year: place.cover_year.get().into(),
        parts: assessed.parts.iter().map(wire::amount_part).collect(),
        due: Some(wire::money(assessed.due)),
        open_from: Some(wire::date(place.on)),
        open_to: Some(wire::date(assessed.open.to())),
        citations: wire::citations(&assessed.citations),
    };
    let decided = (place.on, assessing.decided, assessing.because.as_str());
    store::put_assessment(unit, &key, decided, &event.encode_to_vec())?;
    let position = tell(unit, place.division, &event)?;
    let LatePaymentAssessed { parts, due, open_to, citations, .. } = event;
    Ok(AssessLatePaymentResponse {
        resident_id: resident.id.to_string(),
        parts,
        due,
        open_to,
        citations,
        position: Some(wire::position(NAME, position)),
    })
}

/// The identities on a day, as subsidy told them; who stands on no roster has none.
fn identities(view: &View, key: &Key, on: Date, notice: &Notice) -> Result<Vec<HeldIdentity>, Failure> {
    let stored = store::identities(view, key)?.unwrap_or_default();
    let told = IdentitiesDetermined::decode(stored.as_slice());
    let told = told.map_err(|error| Failure::Fault(format!("stored identities: {error}")))?;
    let mut wrong = Malformed::default();
    let read = told.identities.iter().map(|told| Identity::read(&mut wrong, told, Some(notice)));
    let read: Vec<_> = read.collect();
    wrong.readable().map_err(Failure::corrupt)?;
    // One that has ended by that day is none any more.
    let stands = |identity: &Identity| identity.ended_on.is_none_or(|ended_on| on <= ended_on);
    Ok(read.into_iter().filter(stands).map(|identity| identity.held).collect())
}
