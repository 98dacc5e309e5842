//! The decision: what is given back (退费), and the ledger's side of it.

use canbao_policy::{Fact, Facts, Notice, RefundCause, Returned, Stated};
use canbao_types::{Citation, Citations, CoverYear, Date, Division, Money, PaymentId, RefundId, ResidentId};

use crate::{contribution::Settled, payment, refusal::Refusal};

/// The account through which refunds are paid out.
pub(crate) const TREASURY: &str = "treasury";

/// Why money is given back; its number is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// 资助退还: an identity was recognised after the person had paid.
    Aid = 1,
    /// 离校: a student left school.
    LeftSchool = 2,
    /// 待查款退回: money in suspense that settles nothing.
    Suspense = 3,
    /// 本人申请退费: the person asked for what was paid.
    Requested = 4,
    /// 死亡退费: the person died.
    Died = 5,
    /// 参加职工医保退费: the person takes part in the employee scheme.
    EmployeeScheme = 6,
}

impl Ground {
    pub(crate) const ALL: [Self; 6] =
        [Self::Aid, Self::LeftSchool, Self::Suspense, Self::Requested, Self::Died, Self::EmployeeScheme];

    /// That of a cause.
    pub(crate) fn of(cause: RefundCause) -> Self {
        match cause {
            RefundCause::Recognised => Self::Aid,
            RefundCause::LeftSchool => Self::LeftSchool,
            RefundCause::Requested => Self::Requested,
            RefundCause::Died => Self::Died,
            RefundCause::EmployeeScheme => Self::EmployeeScheme,
        }
    }

    /// The account in which it waits to be paid out.
    pub(crate) fn account(self) -> &'static str {
        match self {
            Self::Aid => "refund/aid",
            Self::LeftSchool => "refund/left-school",
            Self::Suspense => "refund/suspense",
            Self::Requested => "refund/requested",
            Self::Died => "refund/died",
            Self::EmployeeScheme => "refund/employee-scheme",
        }
    }
}

/// Money to be given back, and whether it has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) id: RefundId,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    /// None when nobody knows whose money it is.
    pub(crate) resident: Option<ResidentId>,
    pub(crate) ground: Ground,
    pub(crate) amount: Money,
    pub(crate) determined_on: Date,
    pub(crate) paid_on: Option<Date>,
    /// The payment whose money it is; none: that of the contribution.
    pub(crate) payment: Option<PaymentId>,
    /// The coverage years given up by it, in order.
    pub(crate) years: Vec<CoverYear>,
    /// The clauses, in their wire form.
    pub(crate) citations: Vec<u8>,
}

/// A coverage year that a payment has bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bought {
    pub(crate) year: CoverYear,
    /// What was paid for it, net of what was given back before.
    pub(crate) price: Money,
    /// How it is settled; none of a year that is paid in advance and not settled yet.
    pub(crate) settled: Option<Settled>,
}

/// The years that are given up, and what is given back for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenUp {
    pub(crate) ground: Ground,
    pub(crate) amount: Money,
    pub(crate) years: Vec<Bought>,
    pub(crate) citations: Vec<Citation>,
}

/// Decides what a student who left school is given back. The notice is asked of each year by itself: a payment may have
/// bought its years at different prices, once aid was given back of one of them.
pub(crate) fn left_school(facts: &Facts, bought: Vec<Bought>, notice: &Notice) -> Result<GivenUp, Refusal> {
    let (mut citations, mut years) = (Citations::default(), Vec::new());
    let mut undecided = false;
    for bought in bought {
        let (years_paid, price_paid) = (Some(vec![bought.year]), Some(bought.price));
        let facts = Facts { years_paid, price_paid, ..facts.clone() };
        let ruling = notice.refund_for(RefundCause::LeftSchool, &facts);
        if let Some(refusal) = ruling.refusal {
            return Err(Refusal::ByRule(Box::new(refusal)));
        }
        citations.extend(ruling.basis.iter().flat_map(|basis| basis.iter().cloned()));
        match ruling.amount {
            Some(Stated::Is(amount)) if amount.is_zero() => {}
            Some(Stated::Is(amount)) if amount == bought.price => years.push(bought),
            // A year is given up whole or not at all; a notice that wants a part of it back leaves that to a person.
            _ => undecided = true,
        }
    }
    let citations = citations.into_vec();
    match Money::sum(years.iter().map(|year| year.price)) {
        Some(amount) if !undecided && amount.is_zero() => Err(Refusal::NothingToRefund(citations)),
        Some(amount) if !undecided => Ok(GivenUp { ground: Ground::LeftSchool, amount, years, citations }),
        _ => Err(Refusal::PersonMustDecide(citations)),
    }
}

/// Decides whether a contribution is given back that is asked back for a cause: all that was paid, or nothing. Tax knows
/// no identity, so none is assumed: where one could end the person's wait, and with it decide whether the benefit has
/// begun, a person must decide.
pub(crate) fn asked_back(
    cause: RefundCause,
    facts: &Facts,
    bought: Vec<Bought>,
    notice: &Notice,
) -> Result<GivenUp, Refusal> {
    let ruling = notice.refund_for(cause, &Facts { identities: None, ..facts.clone() });
    let refusal = ruling.refusal.as_ref();
    let citations = ruling.basis.iter().chain(refusal.map(|refusal| &refusal.basis));
    let citations: Citations = citations.flat_map(|basis| basis.iter().cloned()).collect();
    let citations = citations.into_vec();
    // What is asked for the year says nothing of others that the same payment has bought.
    let alone = matches!(&bought[..], [only] if Some(only.year) == facts.cover_year);
    if !alone || refusal.is_some_and(|refusal| refusal.fact == Some(Fact::Identity)) {
        return Err(Refusal::PersonMustDecide(citations));
    }
    if let Some(refusal) = ruling.refusal {
        return Err(Refusal::ByRule(Box::new(refusal)));
    }
    match (ruling.returned, ruling.amount) {
        (Some(Returned::Paid), Some(Stated::Is(amount))) if amount.is_zero() => {
            Err(Refusal::NothingToRefund(citations))
        }
        (Some(Returned::Paid), Some(Stated::Is(amount))) => {
            Ok(GivenUp { ground: Ground::of(cause), amount, years: bought, citations })
        }
        _ => Err(Refusal::PersonMustDecide(citations)),
    }
}

/// How much of the aid told is given back: never more than was paid, and nothing when the contribution was settled with
/// that aid already.
pub(crate) fn aid(settled: &Settled, told: Money, determination: u64) -> Option<Money> {
    let back = told.min(settled.paid);
    (settled.determination < determination && back > Money::ZERO).then_some(back)
}

/// Postings that move an amount from one account to another.
pub(crate) fn moved(from: impl Into<String>, to: impl Into<String>, amount: Money) -> Vec<(String, Money)> {
    vec![(from.into(), amount), (to.into(), amount.negated())]
}

/// The ledger's side of years given up, by the year in whose books it stands. A year paid in advance is given back
/// from where the payment put it, in the books of the payment's own year, `home`; when it was settled since, its own
/// books put it back there first. Each list adds up to zero.
pub(crate) fn postings(given_up: &GivenUp, home: CoverYear) -> Vec<(CoverYear, Vec<(String, Money)>)> {
    let (mut at_home, mut elsewhere) = (Vec::new(), Vec::new());
    for Bought { year, price, settled } in &given_up.years {
        let mut undone = settled.as_ref().map(undone).unwrap_or_default();
        if *year == home {
            at_home.extend(undone);
            continue;
        }
        at_home.push((payment::prepaid(*year), *price));
        if !undone.is_empty() {
            undone.push((payment::prepaid(*year), price.negated()));
            elsewhere.push((*year, undone));
        }
    }
    at_home.push((given_up.ground.account().to_owned(), given_up.amount.negated()));
    elsewhere.insert(0, (home, at_home));
    elsewhere
}

/// What a contribution that is not settled any more takes back from its parts, and gives back to the payers of aid. What
/// remains is what was paid.
fn undone(settled: &Settled) -> Vec<(String, Money)> {
    let mut undone = payment::of_parts(settled);
    undone.push((payment::AID.to_owned(), settled.aided.negated()));
    undone.retain(|(_, amount)| !amount.is_zero());
    undone
}
