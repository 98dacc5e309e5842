//! What a notice means for one person, as far as it is counted.

use std::sync::Arc;

use canbao_types::{Bearer, Money, Part, Reason};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::notice::Notice;
use crate::ruling::{Payment, Stated};

/// How it comes out for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The person owes this, be it nothing.
    Owes(Money),
    /// May not pay, or not yet.
    Refused(Reason),
    /// It turns on a fact that was not given.
    Needs(Fact),
    /// The notice does not say how much.
    NotStated,
    /// A person must decide how much.
    PersonMustDecide,
}

/// Who pays.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Payer {
    /// The person insured.
    Person,
    /// Somebody whom the notice names.
    Named(Arc<str>),
    /// Somebody of whom the notice does not say who it is.
    NotStated,
    /// Government, per head (财政补助).
    Government,
}

/// What a notice means for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it comes out.
    pub outcome: Outcome,
    /// The class (人员类别); `None` when there is none, or it is not known.
    pub class: Option<Arc<str>>,
    /// The identities that count, by the notice's names.
    pub identities: Vec<Arc<str>>,
    /// Who pays how much, the person first; nobody unless it is known what the person owes.
    pub payers: Vec<(Payer, Stated<Money>)>,
}

impl Answer {
    /// Asks a notice. The coverage year is its own, unless one is given.
    #[must_use]
    pub fn of(notice: &Notice, facts: &Facts) -> Self {
        let facts = asked(notice, facts);
        let payment = notice.pay(&facts);
        let outcome = outcome(&payment);
        let payers = match outcome {
            Outcome::Owes(due) => payers(notice, &facts, &payment, due),
            _ => Vec::new(),
        };
        let counting = payment.identities.iter().filter(|held| held.counts == Some(true));
        Self {
            outcome,
            class: payment.class.map(|class| class.value),
            identities: counting.map(|held| Arc::from(held.name.as_str())).collect(),
            payers,
        }
    }
}

/// The facts with the notice's own year, unless another is asked for.
pub(super) fn asked(notice: &Notice, facts: &Facts) -> Facts {
    Facts { cover_year: facts.cover_year.or(Some(notice.year())), ..facts.clone() }
}

fn outcome(payment: &Payment) -> Outcome {
    match (&payment.refusal, payment.due) {
        (Some(refusal), _) => refusal.fact.map_or(Outcome::Refused(refusal.reason), Outcome::Needs),
        (None, Some(Stated::Is(due))) => Outcome::Owes(due),
        (None, Some(Stated::NotStated)) => Outcome::NotStated,
        (None, Some(Stated::PersonMustDecide) | None) => Outcome::PersonMustDecide,
    }
}

/// Who pays: the person, whoever aids, whoever bears a part of the price, and government, unless its part is in the price.
fn payers(notice: &Notice, facts: &Facts, payment: &Payment, due: Money) -> Vec<(Payer, Stated<Money>)> {
    let mut payers = vec![(Payer::Person, Stated::Is(due))];
    for line in payment.aid.iter() {
        let payer = match &line.payer {
            Stated::Is(name) => Payer::Named(name.clone()),
            Stated::NotStated | Stated::PersonMustDecide => Payer::NotStated,
        };
        payers.push((payer, line.amount));
    }
    for line in &payment.parts {
        if let Bearer::Payer(name) = &line.bearer {
            payers.push((Payer::Named(name.as_str().into()), line.amount));
        }
    }
    if !payment.parts.iter().any(|line| line.part == Part::Government) {
        let subsidy = notice.government_subsidy(facts);
        let subsidy = subsidy.map_or(Stated::PersonMustDecide, |cited| cited.value.amount);
        payers.push((Payer::Government, subsidy));
    }
    payers
}
