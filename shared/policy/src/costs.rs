//! What a compiled notice says of money: prices, aid, what government pays, the cap.

use std::sync::Arc;

use canbao_types::{Bearer, CoverYear, Money, Part};

use crate::file::{self, ForYear, Lasts, Then, Towards};
use crate::ruling::Stated;
use crate::table::Row;

/// An amount as a notice gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Amount {
    /// In money, or not.
    Fixed(Stated<Money>),
    /// A share, in hundredths of a percent, of something.
    Share { per_10_000: i64, of: Of },
    /// What is above this, which is left to the person.
    Leaves(Stated<Money>),
}

/// To which step a share is rounded, and which way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounding {
    pub way: Towards,
    pub to: Money,
}

/// For each of what a price is due once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Per {
    /// A missed year, from the first that counts on.
    MissedYear(Option<CoverYear>),
    /// A month left of the coverage year, the month of the payment included up to this day of it.
    MonthLeft(u32),
}

/// What a share is a share of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Part(Part),
    GovernmentSubsidy,
    Money(Money),
    /// A published figure, by its place.
    Base(u16),
    /// What the person is known to be in arrears with.
    Arrears,
}

#[derive(Debug)]
pub(crate) struct Price {
    pub part: Part,
    /// The insurance that is collected along.
    pub product: Option<Arc<str>>,
    pub year: ForYear,
    pub amount: Amount,
    pub per: Option<Per>,
    pub rounding: Option<Rounding>,
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    pub bearer: Bearer,
}

/// What government pays for a person.
#[derive(Debug)]
pub(crate) struct Subsidy {
    pub amount: Stated<Money>,
    /// The coverage year whose figure it is, where that is another.
    pub year: Option<CoverYear>,
    /// The levels of government that bear it; empty when the notice names none.
    pub payers: Vec<Payer>,
}

#[derive(Debug)]
pub(crate) struct Aid {
    /// The part it relieves, and the insurance where that is one collected along.
    pub part: Part,
    pub product: Option<Arc<str>>,
    /// What it takes off that part.
    pub amount: Amount,
    /// The share that the notice names, in hundredths of a percent.
    pub rate_per_10_000: Option<i64>,
    pub rounding: Option<Rounding>,
    pub payers: Vec<Payer>,
    /// Whoever keeps the list declares for the person.
    pub declared: bool,
}

/// Whoever pays a share of an aid; one alone pays all of it.
#[derive(Debug)]
pub(crate) struct Payer {
    pub payer: Stated<Arc<str>>,
    pub per_10_000: i64,
}

/// The rule for missed years that are paid after all.
#[derive(Debug)]
pub(crate) struct Repair {
    pub entry: u16,
    pub months_per_year: u32,
    pub price: Amount,
}

/// The cap of catastrophic insurance, before and after its steps.
#[derive(Debug)]
pub(crate) struct Cap {
    pub entry: u16,
    pub base: Stated<Money>,
    /// How far the limited steps raise it at most, in hundredths of a percent of the base.
    pub limit_per_10_000: Option<i64>,
    pub steps: Vec<Row<CapStep>>,
}

/// How far a step moves the cap at most.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Most {
    /// By a share of the base, in hundredths of a percent.
    PerTenThousand(i64),
    Money(Money),
}

#[derive(Debug)]
pub(crate) struct CapStep {
    pub per: file::Per,
    pub beyond: u32,
    pub amount: Money,
    pub limited: bool,
    pub count_from: Option<CoverYear>,
    pub lasts: Lasts,
    pub most: Option<Most>,
    pub after_break: Then,
    pub after_use: Then,
}
