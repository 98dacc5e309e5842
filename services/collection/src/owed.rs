//! What subsidy told of what is owed after aid: by every payment alike, or otherwise in a tier or on some days.

use canbao_types::{Citation, Date, Money};

use crate::contribution::Manner;

/// What subsidy told: what is owed, and what in place of it by whoever pays in one tier, or under another version of the
/// notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) owed: Owed,
    pub(crate) otherwise: Vec<OwedOtherwise>,
}

impl Told {
    /// What is owed by whoever pays so.
    pub(crate) fn of(&self, when: When<'_>) -> &Owed {
        let on_the_day = |other: &&OwedOtherwise| {
            other.days.is_some_and(|(from, to)| {
                from.is_none_or(|from| from <= when.day) && to.is_none_or(|to| when.day <= to)
            })
        };
        let named = self.otherwise.iter().any(|other| on_the_day(&other));
        let here = || {
            self.otherwise.iter().filter(|other| if named { on_the_day(other) } else { other.days.is_none() })
        };
        let tier = here().find(|other| !other.tier.is_empty() && other.tier == when.tier);
        let of_all = || here().find(|other| other.tier.is_empty());
        tier.or_else(of_all).map_or(&self.owed, |other| &other.owed)
    }

    /// Whatever was told under this number.
    pub(crate) fn by_number(&self, determination: u64) -> Option<&Owed> {
        let all = std::iter::once(&self.owed).chain(self.otherwise.iter().map(|other| &other.owed));
        all.into_iter().find(|owed| owed.determination == determination)
    }
}

/// What is owed in place of what is owed otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwedOtherwise {
    /// By whoever pays in this tier; empty: in any.
    pub(crate) tier: String,
    /// On these days of payment, first and last, where there is one; none: on those that no other names.
    pub(crate) days: Option<(Option<Date>, Option<Date>)>,
    pub(crate) owed: Owed,
}

/// What subsidy told: tax is told no more than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owed {
    /// The number of the determination.
    pub(crate) determination: u64,
    /// What others pay; none where a person must decide.
    pub(crate) aided: Option<Money>,
    pub(crate) payable_item: String,
    pub(crate) citations: Vec<Citation>,
    pub(crate) settled_by: SettledBy,
    /// A period opened for this person alone: first and last day.
    pub(crate) open: Option<(Date, Date)>,
    /// The tier laid down for this person; empty: none is.
    pub(crate) tier: String,
}

/// What settles a contribution, by the notice and the identity that subsidy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SettledBy {
    /// The person's own payment.
    Payment,
    /// The confirmation of this day, nothing being owed.
    Confirmation(Date),
    /// A declaration by one of these callers, nothing being owed.
    Declaration(Vec<String>),
}

/// By what the aid may be another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When<'a> {
    /// The day of the payment, or that on which is asked without one.
    pub(crate) day: Date,
    /// It is paid on that day.
    pub(crate) pays: bool,
    /// The tier chosen; empty: none is.
    pub(crate) tier: &'a str,
}

impl<'a> When<'a> {
    /// Asked on a day, apart from any payment.
    pub(crate) fn asked(day: Date, tier: &'a str) -> Self {
        Self { day, pays: false, tier }
    }

    /// A payment.
    pub(crate) fn paid(manner: &'a Manner) -> Self {
        Self { day: manner.pay_date, pays: true, tier: &manner.chosen.tier }
    }
}
