//! Aid is given back to somebody who had paid: what collection makes of that.

use canbao_host::{Failure, Reaction, Unreadable, subject, tell};
use canbao_proto::{
    collection::ContributionRefunded,
    common,
    exchange::Event,
    subsidy::AidRefundDetermined,
    wire::{self, Malformed},
};
use canbao_store::Unit;
use canbao_types::{Date, Money, RefundId};
use prost::Message;

use crate::{
    payment,
    refund::{self, Ground, Refund},
    store::{self, Key, payments, refunds},
};

/// What subsidy determined.
struct Determined {
    amount: Money,
    on: Date,
    determination: u64,
    /// The clauses, in their wire form.
    citations: Vec<u8>,
}

/// Subsidy tells that aid is to be given back.
pub(super) fn aid(event: &Event) -> Result<Reaction, Unreadable> {
    let told = AidRefundDetermined::decode(event.body.as_slice())?;
    let key = subject(event, &told.resident_id, told.cover_year)?;
    let mut wrong = Malformed::default();
    let amount = wrong.money("amount", told.amount.as_ref());
    let on = wrong.date("determined_on", told.determined_on);
    let (Some(amount), Some(on), true) = (amount, on, wrong.is_empty()) else { return Err(wrong.into()) };
    let citations = common::RefusalDetail { citations: told.citations }.encode_to_vec();
    let determined = Determined { amount, on, determination: told.determination, citations };
    Ok(Box::new(move |unit| give_back(unit, &key, &determined)))
}

/// Subsidy speaks of a contribution that it was told is settled, so that row is here whatever order the logs are read
/// in. Only when the student has given the year up meanwhile is it gone, and then all that was paid went back with it.
fn give_back(unit: &mut Unit, key: &Key, determined: &Determined) -> Result<(), Failure> {
    let row = store::contribution(unit, key)?;
    let Some(settled) = row.and_then(|row| row.settled) else { return Ok(()) };
    let Some(back) = refund::aid(&settled, determined.amount, determined.determination) else {
        return Ok(());
    };
    let &(division, year, resident) = key;
    let named = [division.code().to_be_bytes(), u32::from(year.get()).to_be_bytes()].concat();
    let id = RefundId::of(&[&named, resident.as_bytes(), &determined.determination.to_be_bytes()]);
    let ground = Ground::Aid;
    let postings = refund::moved(payment::AID, ground.account(), back);
    payments::insert_postings(unit, (division, year), (id.as_bytes(), 0), &postings)?;
    refunds::aid_more(unit, key, (back, determined.determination))?;
    let refund = Refund {
        id,
        division,
        cover_year: year,
        resident: Some(resident),
        ground,
        amount: back,
        determined_on: determined.on,
        paid_on: None,
        payment: settled.payment,
        years: Vec::new(),
        citations: determined.citations.clone(),
    };
    refunds::insert_refund(unit, &refund)?;
    let refunded = ContributionRefunded {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: year.get().into(),
        amount: Some(wire::money(back)),
        ground: ground as i32,
        refunded_on: Some(wire::date(determined.on)),
        unsettled: false,
    };
    tell(unit, division, &refunded)?;
    Ok(())
}
