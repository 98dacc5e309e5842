//! What a unit of work reads of a contribution, and how it settles one, for whatever reason.

use canbao_host::{Failure, tell};
use canbao_proto::{Enrolment, registration::LatePaymentAssessed, stored_facts, subsidy::ContributionOwed};
use canbao_store::{StoreError, Unit, View};
use canbao_types::{EntryId, Money};
use prost::{DecodeError, Message};

use crate::{
    contribution::{Chosen, How, Known, Settled},
    owed::SettledBy,
    parse::told,
    payment, show,
    store::{
        self, Key,
        payments::{self, Prepaid},
    },
};

/// What is known about a contribution, from the rows; none when nobody was ever registered there.
pub(crate) fn known(view: &View, key: &Key) -> Result<Option<Known>, Failure> {
    let Some(row) = store::contribution(view, key)? else { return Ok(None) };
    let of = Enrolment {
        division: key.0,
        cover_year: key.1,
        birth: row.birth,
        registered_on: Some(row.registered_on),
        died_on: row.died_on,
    };
    let facts = stored_facts(&row.circumstances, of).map_err(Failure::corrupt)?;
    let told = row.owed.map(|told| ContributionOwed::decode(told.as_slice())).transpose();
    let told = told.map_err(unreadable)?.map(told::owed).transpose().map_err(Failure::corrupt)?;
    let assessed = row.assessed.map(|told| LatePaymentAssessed::decode(told.as_slice())).transpose();
    let assessed = assessed.map_err(unreadable)?.as_ref().map(told::assessed).transpose();
    let assessed = assessed.map_err(Failure::corrupt)?;
    Ok(Some(Known { facts, ended_on: row.ended_on, told, assessed, settled: row.settled, paid_ahead: false }))
}

/// The same for a payment for so many years: whether one of the later ones is paid for already is looked up as well.
pub(crate) fn known_for(view: &View, key: &Key, years: u32) -> Result<Option<Known>, Failure> {
    let Some(mut known) = known(view, key)? else { return Ok(None) };
    for year in payment::ahead(key.1, years) {
        known.paid_ahead |= payments::is_paid_for(view, &(key.0, year, key.2))?;
    }
    Ok(Some(known))
}

fn unreadable(error: DecodeError) -> Failure {
    Failure::Fault(format!("stored, as it was told: {error}"))
}

/// Settles a contribution: its row, its postings, and everybody told. `entry` is the ledger's, with the number of its
/// first new line. Returns the position of what was told.
pub(crate) fn settle(
    unit: &mut Unit,
    key: &Key,
    settled: &Settled,
    entry: (&[u8; 16], i64),
    postings: &[(String, Money)],
) -> Result<u64, StoreError> {
    payments::insert_settled(unit, key, settled)?;
    payments::insert_postings(unit, (key.0, key.1), entry, postings)?;
    tell(unit, key.0, &show::settled(key, settled))
}

/// Settles a year that was paid for in advance. It does nothing to anything else, so it may follow whatever was told.
pub(crate) fn settle_by_prepayment(unit: &mut Unit, key: &Key) -> Result<(), Failure> {
    let settled = |_: &Known, prepaid: Option<Prepaid>| prepaid.as_ref().map(by_prepayment);
    settle_without_payment(unit, key, settled, payment::prepaid(key.1)).map(drop)
}

/// Settles a year of which nothing is owed once the identity is confirmed; whether it did. It does nothing to anything
/// else, so it may follow whatever was told.
pub(crate) fn settle_by_confirmation(unit: &mut Unit, key: &Key) -> Result<bool, Failure> {
    let settled =
        |known: &Known, prepaid: Option<Prepaid>| by_confirmation(known).filter(|_| prepaid.is_none());
    settle_without_payment(unit, key, settled, payment::AID.to_owned())
}

/// Settles out of an account what no payment has to come for any more; whether it did.
fn settle_without_payment(
    unit: &mut Unit,
    key: &Key,
    settled: impl FnOnce(&Known, Option<Prepaid>) -> Option<Settled>,
    from: String,
) -> Result<bool, Failure> {
    let Some(known) = known(unit, key)?.filter(|known| known.settled.is_none()) else { return Ok(false) };
    let settled = settled(&known, payments::prepaid(unit, key)?);
    let Some(settled) = settled.filter(|settled| known.registered_on(settled.settled_on)) else {
        return Ok(false);
    };
    settle_from(unit, key, &settled, from)?;
    Ok(true)
}

/// Settles a contribution out of an account: no payment comes with it, so its entry in the ledger has an id that is found
/// again.
pub(crate) fn settle_from(
    unit: &mut Unit,
    key: &Key,
    settled: &Settled,
    from: String,
) -> Result<(), StoreError> {
    let entry = EntryId::of(&[key.2.as_bytes(), &[settled.how as u8]]);
    let line = payments::next_line(unit, (key.0, key.1), entry.as_bytes())?;
    let mut postings = vec![(from, settled.standard)];
    let parts = payment::of_parts(settled).into_iter();
    postings.extend(parts.map(|(account, amount)| (account, amount.negated())));
    settle(unit, key, settled, (entry.as_bytes(), line), &postings).map(drop)
}

/// At the price of the day of the payment, whatever the notice of the year says.
fn by_prepayment(prepaid: &Prepaid) -> Settled {
    Settled {
        how: How::Prepayment,
        payment: Some(prepaid.payment),
        standard: prepaid.price,
        paid: prepaid.price,
        aided: Money::ZERO,
        government: Money::ZERO,
        repair: Money::ZERO,
        arrears: Money::ZERO,
        along: Money::ZERO,
        chosen: Chosen::default(),
        settled_on: prepaid.paid_on,
        arrived_on: prepaid.paid_on,
        determination: 0,
    }
}

/// Others pay everything. Where the notice asks for nothing in the first place, there is nothing to settle.
fn by_confirmation(known: &Known) -> Option<Settled> {
    let owed = &known.told.as_ref()?.owed;
    let SettledBy::Confirmation(settled_on) = owed.settled_by else { return None };
    let aided = owed.aided.filter(|aided| !aided.is_zero())?;
    Some(Settled {
        how: How::Confirmation,
        payment: None,
        standard: aided,
        paid: Money::ZERO,
        aided,
        government: Money::ZERO,
        repair: Money::ZERO,
        arrears: Money::ZERO,
        along: Money::ZERO,
        chosen: Chosen::tier(&owed.tier),
        settled_on,
        arrived_on: settled_on,
        determination: owed.determination,
    })
}
