//! What benefits makes of the others' events: record the fact, recompute the period from the facts that are there.

use std::sync::Arc;

use canbao_host::{Failure, Follow, Reaction, Renewal, Unreadable, subject, tell};
use canbao_policy::{Notice, Notices};
use canbao_proto::{
    Ended, Enrolled, Enrolment,
    benefits::BenefitPeriodDetermined,
    collection::{ContributionRefunded, ContributionSettled, SettledHow},
    exchange::Event,
    registration::{RegistrationChanged, RegistrationEnded, ResidentRegistered},
    rules::Event as _,
    stored_facts,
    subsidy::IdentitiesDetermined,
    wire::{self, Malformed},
};
use canbao_store::Unit;
use prost::Message;

use crate::{
    period::{self, How, Identity, Known, Settled},
    show,
    store::{self, FactsRow, Key},
};

/// Registration tells who is registered, and until when.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => {
            registered(event, ResidentRegistered::decode(event.body.as_slice())?, notices.clone())
        }
        RegistrationChanged::KIND => {
            let changed = RegistrationChanged::decode(event.body.as_slice())?;
            registered(event, changed.registered.unwrap_or_default(), notices.clone())
        }
        RegistrationEnded::KIND => ended(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Collection tells who has settled, and who has given it up.
pub(crate) fn collection(notices: Arc<Notices>) -> Follow {
    Follow::new("collection", move |event| match event.kind.as_str() {
        ContributionSettled::KIND => settled(event, notices.clone()),
        ContributionRefunded::KIND => refunded(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Subsidy tells the identities by which somebody does not wait.
pub(crate) fn subsidy(notices: Arc<Notices>) -> Follow {
    Follow::new("subsidy", move |event| match event.kind.as_str() {
        IdentitiesDetermined::KIND => identified(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Periods that were determined by other notices are determined anew.
pub(crate) fn renewal(notices: Arc<Notices>) -> Renewal {
    let told = notices.clone();
    let fingerprint = move |division, year| told.fingerprint(division, year);
    let again = move |unit: &mut Unit, key: &Key| recompute(unit, key, &notices);
    Renewal::new(store::places, store::residents, fingerprint, again)
}

fn registered(
    event: &Event,
    registered: ResidentRegistered,
    notices: Arc<Notices>,
) -> Result<Reaction, Unreadable> {
    let key = subject(event, &registered.resident_id, registered.cover_year)?;
    let Enrolled { person_key, birth, registered_on, circumstances, .. } =
        Enrolled::read(registered, key.0, key.1)?;
    Ok(Box::new(move |unit| {
        store::put_person(unit, &person_key, key.2)?;
        store::put_registered(unit, &key, (birth, registered_on), &circumstances)?;
        recompute(unit, &key, &notices)
    }))
}

fn ended(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let ended = RegistrationEnded::decode(event.body.as_slice())?;
    let key = subject(event, &ended.resident_id, ended.cover_year)?;
    let days = Ended::read(&ended)?;
    Ok(Box::new(move |unit| {
        store::end_registered(unit, &key, (days.on, days.died_on))?;
        recompute(unit, &key, &notices)
    }))
}

fn settled(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let told = ContributionSettled::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    let how = match told.how() {
        SettledHow::Payment => Some(How::Payment),
        SettledHow::Confirmation => Some(How::Confirmation),
        SettledHow::Declaration => Some(How::Declaration),
        SettledHow::Prepayment => Some(How::Prepayment),
        SettledHow::Unspecified => {
            wrong.note("how", "is missing or not known");
            None
        }
    };
    let on = wrong.date("pay_date", told.pay_date);
    let arrived_on = match told.arrive_date {
        None => on,
        given => wrong.date("arrive_date", given),
    };
    let (Some(how), Some(on), Some(arrived_on)) = (how, on, arrived_on) else { return Err(wrong.into()) };
    let settled = Settled { how, on, arrived_on, tier: told.tier, repair_years: told.repair_years };
    Ok(Box::new(move |unit| {
        store::put_settled(unit, &key, &settled)?;
        recompute(unit, &key, &notices)
    }))
}

fn refunded(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let refunded = ContributionRefunded::decode(event.body.as_slice())?;
    let key = subject(event, &refunded.resident_id, refunded.cover_year)?;
    Ok(Box::new(move |unit| {
        if !refunded.unsettled {
            // Who is given a part back stays insured.
            return Ok(());
        }
        store::delete_settled(unit, &key)?;
        recompute(unit, &key, &notices)
    }))
}

fn identified(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let identified = IdentitiesDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &identified.resident_id, identified.cover_year)?;
    identities(&identified, None)?;
    let told = identified.encode_to_vec();
    Ok(Box::new(move |unit| {
        store::put_identities(unit, &key, &told)?;
        recompute(unit, &key, &notices)
    }))
}

/// Recomputes a benefit period, writes it down, and tells registration where that knows another.
fn recompute(unit: &mut Unit, key: &Key, notices: &Notices) -> Result<(), Failure> {
    let Some(row) = store::facts(unit, key)? else { return Ok(()) };
    // By the version that is in force on the day that counts: whoever has paid stands by that.
    let day = row.settled.as_ref().map_or(row.registered_on, |settled| settled.on);
    let notice = notices.in_force(key.0, key.1, day);
    let known = known(row, key, notice).map_err(Failure::corrupt)?;
    let determined = period::determine(&known, notice);
    let before = store::told(unit, key)?;
    match &determined {
        Some(determined) => {
            store::put_period(unit, key, determined, &show::period(key.1, determined).encode_to_vec())?;
        }
        None if before.is_some() => store::delete_period(unit, key)?,
        None => {}
    }
    let now = determined.map(|determined| (determined.days, determined.free)).unwrap_or_default();
    if now != before.unwrap_or_default() {
        let (days, free) = now;
        let told = BenefitPeriodDetermined {
            resident_id: key.2.as_bytes().to_vec(),
            cover_year: key.1.get().into(),
            from: days.map(|days| wire::date(days.from())),
            to: days.map(|days| wire::date(days.to())),
            free,
        };
        tell(unit, key.0, &told)?;
    }
    Ok(())
}

fn known(row: FactsRow, key: &Key, notice: Option<&Notice>) -> Result<Known, Malformed> {
    let decoded = row.identities.as_deref().map(IdentitiesDetermined::decode).transpose();
    let told = decoded.map_err(|error| {
        let mut wrong = Malformed::default();
        wrong.note("identities", error);
        wrong
    })?;
    let of = Enrolment {
        division: key.0,
        cover_year: key.1,
        birth: row.birth,
        registered_on: Some(row.registered_on),
        died_on: row.died_on,
    };
    Ok(Known {
        facts: stored_facts(&row.circumstances, of)?,
        registered_on: row.registered_on,
        ended_on: row.ended_on,
        settled: row.settled,
        identities: identities(&told.unwrap_or_default(), notice)?,
    })
}

/// The identities as facts.
fn identities(told: &IdentitiesDetermined, notice: Option<&Notice>) -> Result<Vec<Identity>, Malformed> {
    let mut wrong = Malformed::default();
    let told = told.identities.iter();
    let identities = told
        .map(|told| {
            let canbao_proto::Identity { held, ended_on } =
                canbao_proto::Identity::read(&mut wrong, told, notice);
            Identity { held, ended_on }
        })
        .collect();
    wrong.readable().map(|()| identities)
}
