//! Money that is given back: the units of work.

use canbao_host::{Caller, Failure, tell};
use canbao_policy::{Facts, Notices, RefundCause};
use canbao_proto::{
    collection::{ContributionRefunded, RefundContributionResponse, RefundStudentResponse, SuspenseReason},
    wire,
};
use canbao_store::{StoreError, Unit, View};
use canbao_types::{Date, Money, PaymentId, RefundId};

use super::{contribution::known, notice, resident};
use crate::{
    NAME,
    contribution::{Settled, settled_facts},
    parse::Subject,
    refund::{self, Bought, GivenUp, Ground, Refund},
    refusal::Refusal,
    show, statement,
    store::{self, Key, payments, refunds, suspense},
};

/// A student who left, and the id the refund gets.
pub(super) struct Leaving {
    pub(super) id: RefundId,
    pub(super) left_on: Date,
    pub(super) asked_on: Date,
}

/// The unit of work of a student who left: the years are given up, the money goes where it waits to be paid out, and
/// everybody is told of each year.
pub(super) fn refund_student(
    unit: &mut Unit,
    subject: &Subject,
    leaving: &Leaving,
    notices: &Notices,
) -> Result<RefundStudentResponse, Failure> {
    let (division, resident) = match resident(unit, subject.resident)? {
        Some(resident) => (subject.division, resident),
        None => return Err(Refusal::UnknownResident.into()),
    };
    let named = known(unit, &(division, subject.cover_year, resident))?.ok_or(Refusal::UnknownResident)?;
    let settled = named.settled.ok_or(Refusal::NotSettled)?;
    // One payment may have bought several years: it stands in the books of the first, whichever of them is named.
    let payment = settled.payment.map(|payment| payments::payment(unit, payment)).transpose()?.flatten();
    let home = payment.map_or(subject.cover_year, |payment| payment.cover_year);
    let bought = bought(unit, &(division, home, resident), &settled)?;
    let facts = Facts {
        cover_year: Some(home),
        paid: Some(settled.settled_on),
        paid_amount: Some(settled.paid),
        left: Some(leaving.left_on),
        asked: Some(leaving.asked_on),
        ..named.facts
    };
    let given_up = refund::left_school(&facts, bought, notice(notices, (division, home), leaving.asked_on)?)?;
    let home = (division, home, resident);
    let (refund, position) =
        give_up(unit, &home, &given_up, (leaving.id, leaving.asked_on, settled.payment))?;
    Ok(RefundStudentResponse {
        refund: Some(show::refunds::refund(&refund)?),
        position: Some(wire::position(NAME, position)),
    })
}

/// A contribution that is asked back, and the id the refund gets.
pub(super) struct AskedBack {
    pub(super) id: RefundId,
    pub(super) cause: RefundCause,
    pub(super) asked_on: Date,
}

/// The unit of work of a contribution that is asked back; the same as of a student who left, but of one year.
pub(super) fn refund_contribution(
    unit: &mut Unit,
    subject: &Subject,
    asked: &AskedBack,
    notices: &Notices,
) -> Result<RefundContributionResponse, Failure> {
    let resident = resident(unit, subject.resident)?.ok_or(Refusal::UnknownResident)?;
    let key = (subject.division, subject.cover_year, resident);
    let known = known(unit, &key)?.ok_or(Refusal::UnknownResident)?;
    // What was paid later was not there to be asked for.
    let settled = known.settled.clone().filter(|settled| settled.settled_on <= asked.asked_on);
    let settled = settled.ok_or(Refusal::NotSettled)?;
    let payment = settled.payment.map(|payment| payments::payment(unit, payment)).transpose()?.flatten();
    let home = (key.0, payment.map_or(key.1, |payment| payment.cover_year), resident);
    let bought = bought(unit, &home, &settled)?;
    let facts = Facts {
        cover_year: Some(key.1),
        paid_amount: Some(settled.paid),
        asked: Some(asked.asked_on),
        ..settled_facts(&known, &settled)
    };
    let given_up =
        refund::asked_back(asked.cause, &facts, bought, notice(notices, subject.place(), asked.asked_on)?)?;
    let (refund, position) = give_up(unit, &home, &given_up, (asked.id, asked.asked_on, settled.payment))?;
    Ok(RefundContributionResponse {
        refund: Some(show::refunds::refund(&refund)?),
        position: Some(wire::position(NAME, position)),
    })
}

/// Gives the years up and their money back: the ledger, the rows, the refund, and everybody told. `home` is the year in
/// whose books the payment stands. Returns the position of what was told.
fn give_up(
    unit: &mut Unit,
    home: &Key,
    given_up: &GivenUp,
    (id, determined_on, payment): (RefundId, Date, Option<PaymentId>),
) -> Result<(Refund, u64), StoreError> {
    let &(division, cover_year, resident) = home;
    for (year, postings) in refund::postings(given_up, cover_year) {
        payments::insert_postings(unit, (division, year), (id.as_bytes(), 0), &postings)?;
    }
    for bought in &given_up.years {
        refunds::give_up(unit, &(division, bought.year, resident))?;
    }
    let refund = Refund {
        id,
        division,
        cover_year,
        resident: Some(resident),
        ground: given_up.ground,
        amount: given_up.amount,
        determined_on,
        paid_on: None,
        payment,
        years: given_up.years.iter().map(|bought| bought.year).collect(),
        citations: show::kept(&given_up.citations),
    };
    refunds::insert_refund(unit, &refund)?;
    let position = tell_of_years(unit, home, given_up, determined_on)?;
    Ok((refund, position))
}

/// The coverage years that the payment which settled a contribution has bought, and that were not given up before; `home`
/// is the first of them. What no payment settled has bought its own year, for nothing.
fn bought(view: &View, home: &Key, settled: &Settled) -> Result<Vec<Bought>, StoreError> {
    let &(division, first, resident) = home;
    let years = settled.payment.map(|payment| refunds::paid_ahead(view, payment)).transpose()?;
    let years = years.unwrap_or_default();
    let mut bought = Vec::new();
    for year in std::iter::once(first).chain(years.iter().map(|(year, _)| *year)) {
        let row = store::contribution(view, &(division, year, resident))?.and_then(|row| row.settled);
        let settled = row.filter(|row| row.payment == settled.payment);
        let price = years.iter().find(|(ahead, _)| *ahead == year).map(|(_, price)| *price);
        let price = settled.as_ref().map(|settled| settled.paid).or(price);
        bought.extend(price.map(|price| Bought { year, price, settled }));
    }
    Ok(bought)
}

/// Tells of the years given up: of each that was settled by itself, and of those paid in advance with the year of the
/// payment. The amounts told add up to the refund.
fn tell_of_years(
    unit: &mut Unit,
    &(division, home, resident): &Key,
    given_up: &GivenUp,
    refunded_on: Date,
) -> Result<u64, StoreError> {
    let by_itself = |bought: &&Bought| bought.year != home && bought.settled.is_some();
    let apart = given_up.years.iter().filter(by_itself).cloned().collect::<Vec<_>>();
    let told = Money::sum(apart.iter().map(|bought| bought.price)).unwrap_or(Money::ZERO);
    let rest = given_up.amount.checked_sub(told).unwrap_or(Money::ZERO);
    let unsettled = given_up.years.iter().any(|bought| bought.year == home);
    let years = apart.iter().map(|bought| (bought.year, bought.price, true));
    let years = years.chain((unsettled || !rest.is_zero()).then_some((home, rest, unsettled)));
    let mut position = unit.position();
    for (year, amount, unsettled) in years {
        let refunded = ContributionRefunded {
            resident_id: resident.as_bytes().to_vec(),
            cover_year: year.get().into(),
            amount: Some(wire::money(amount)),
            ground: given_up.ground as i32,
            refunded_on: Some(wire::date(refunded_on)),
            unsettled,
        };
        position = tell(unit, division, &refunded)?;
    }
    Ok(position)
}

/// The unit of work of money in suspense that is given back.
pub(super) fn refund_suspense(
    unit: &mut Unit,
    id: RefundId,
    (payment, decider): (PaymentId, &Caller),
    decided_on: Date,
) -> Result<Refund, Failure> {
    let written = payments::payment(unit, payment)?.ok_or(Refusal::UnknownPayment)?;
    decider.held_to(written.division)?;
    let books = (written.division, written.cover_year);
    let row = refunds::suspense(unit, books, payment)?.ok_or(Refusal::NotInSuspense)?;
    let ground = Ground::Suspense;
    // It stands in the account for which it came into suspense, however it was judged later.
    let account = statement::account(SuspenseReason::try_from(written.suspense_reason).unwrap_or_default());
    let postings = refund::moved(account, ground.account(), written.amount);
    payments::insert_postings(unit, books, (id.as_bytes(), 0), &postings)?;
    suspense::delete_suspended(unit, (books.0, books.1, payment))?;
    let refund = Refund {
        id,
        division: row.division,
        cover_year: row.cover_year,
        resident: row.resident,
        ground,
        amount: row.amount,
        determined_on: decided_on,
        paid_on: None,
        payment: Some(payment),
        years: Vec::new(),
        citations: row.citations,
    };
    refunds::insert_refund(unit, &refund)?;
    Ok(refund)
}

/// The unit of work of a refund that was paid out: what waited in its account has left through the treasury.
pub(super) fn pay_refund(
    unit: &mut Unit,
    (id, payer): (RefundId, &Caller),
    paid_on: Date,
) -> Result<Refund, Failure> {
    let refund = refunds::refund(unit, id)?.ok_or(Refusal::UnknownRefund)?;
    payer.held_to(refund.division)?;
    if let Some(day) = refund.paid_on {
        return Err(Refusal::RefundPaid(day).into());
    }
    let books = (refund.division, refund.cover_year);
    let from = payments::next_line(unit, books, id.as_bytes())?;
    let postings = refund::moved(refund.ground.account(), refund::TREASURY, refund.amount);
    payments::insert_postings(unit, books, (id.as_bytes(), from), &postings)?;
    refunds::set_paid(unit, &refund, paid_on)?;
    Ok(Refund { paid_on: Some(paid_on), ..refund })
}
