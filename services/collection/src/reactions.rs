//! What collection makes of the others' events: the fact is recorded, then whatever it settles is settled, and the money in
//! suspense that it explains is posted.

mod refunds;

use std::sync::Arc;

use canbao_host::{Failure, Follow, Reaction, Unreadable, subject};
use canbao_policy::Notices;
use canbao_proto::{
    Ended, Enrolled,
    exchange::Event,
    registration::{LatePaymentAssessed, RegistrationChanged, RegistrationEnded, ResidentRegistered},
    rules::Event as _,
    subsidy::{AidRefundDetermined, ContributionOwed},
};
use canbao_store::Unit;
use prost::Message;

use crate::{
    grpc::{
        contribution::{settle_by_confirmation, settle_by_prepayment},
        suspense::judge_again,
    },
    parse::told,
    store::{self, Key, RegisteredRow, suspense},
};

/// Registration tells who may pay, and what a late payer pays.
pub(crate) fn registration(notices: Arc<Notices>) -> Follow {
    Follow::new("registration", move |event| match event.kind.as_str() {
        ResidentRegistered::KIND => {
            registered(event, ResidentRegistered::decode(event.body.as_slice())?, notices.clone())
        }
        RegistrationChanged::KIND => {
            let changed = RegistrationChanged::decode(event.body.as_slice())?;
            registered(event, changed.registered.unwrap_or_default(), notices.clone())
        }
        RegistrationEnded::KIND => ended(event),
        LatePaymentAssessed::KIND => assessed(event, notices.clone()),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

/// Subsidy tells what is owed after aid, and what is given back of it.
pub(crate) fn subsidy(notices: Arc<Notices>) -> Follow {
    Follow::new("subsidy", move |event| match event.kind.as_str() {
        ContributionOwed::KIND => owed(event, notices.clone()),
        AidRefundDetermined::KIND => refunds::aid(event),
        kind => Err(Unreadable(format!("{kind} is not known here"))),
    })
}

fn registered(
    event: &Event,
    told: ResidentRegistered,
    notices: Arc<Notices>,
) -> Result<Reaction, Unreadable> {
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let Enrolled { person_key, birth, registered_on, township, masked_number, circumstances, .. } =
        Enrolled::read(told, key.0, key.1)?;
    let row = RegisteredRow { birth, circumstances, township, masked_number, registered_on };
    Ok(Box::new(move |unit| {
        store::put_person(unit, &person_key, key.2)?;
        store::put_registered(unit, &key, &row)?;
        suspense::claim(unit, &person_key, key.2)?;
        heard(unit, &key, &notices)
    }))
}

fn ended(event: &Event) -> Result<Reaction, Unreadable> {
    let told = RegistrationEnded::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let days = Ended::read(&told)?;
    Ok(Box::new(move |unit| Ok(store::end_registered(unit, &key, (days.on, days.died_on))?)))
}

fn assessed(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let told = LatePaymentAssessed::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    told::assessed(&told)?;
    let told = told.encode_to_vec();
    Ok(Box::new(move |unit| {
        store::put_assessed(unit, &key, &told)?;
        heard(unit, &key, &notices)
    }))
}

fn owed(event: &Event, notices: Arc<Notices>) -> Result<Reaction, Unreadable> {
    let told = ContributionOwed::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let (number, told) = (told.determination, told);
    told::owed(told.clone())?;
    let told = told.encode_to_vec();
    Ok(Box::new(move |unit| {
        store::put_owed(unit, &key, (number, &told))?;
        heard(unit, &key, &notices)
    }))
}

/// Something about a contribution was told. Money that came before the confirmation is posted before it, as it is when
/// the confirmation is told later; once that has settled it, the money is judged by that.
fn heard(unit: &mut Unit, key: &Key, notices: &Notices) -> Result<(), Failure> {
    settle_by_prepayment(unit, key)?;
    judge_again(unit, key.2, notices)?;
    if settle_by_confirmation(unit, key)? {
        judge_again(unit, key.2, notices)?;
    }
    Ok(())
}
