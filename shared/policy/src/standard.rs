//! What people pay of their own, as far as the notice alone tells: what an aid can be held against before anybody pays.

use canbao_types::{Money, Part};

use crate::exact::Fraction;
use crate::ruling::Stated;
use crate::table::{Amount, Of, Price, Row};

/// The personal standards of a notice.
pub(crate) struct Standards {
    /// Those that follow from the file.
    pub known: Vec<Money>,
    /// Whether others come out only when somebody pays, so that an amount that fits none of these may fit one of those.
    pub open: bool,
}

impl Standards {
    /// Those of the prices, with the published figures that they are a share of. A price that the notice leaves open in
    /// words is nothing to compare with.
    pub fn of(prices: &[Row<Price>], bases: &[(u16, Stated<Money>)]) -> Self {
        let mut standards = Self { known: Vec::new(), open: false };
        for price in prices.iter().map(|row| &row.then).filter(|price| price.part == Part::Personal) {
            match follows(price, bases) {
                Some(Stated::Is(standard)) => standards.known.push(price.within_bounds(standard)),
                Some(_) => {}
                None => standards.open = true,
            }
        }
        standards
    }

    /// The highest, where it can be told.
    pub fn highest(&self) -> Option<Money> {
        self.known.iter().max().copied().filter(|_| !self.open)
    }
}

/// What a price comes to whoever pays; `None` where that depends on them.
fn follows(price: &Price, bases: &[(u16, Stated<Money>)]) -> Option<Stated<Money>> {
    if price.per.is_some() {
        return None;
    }
    let (per_10_000, whole) = match price.amount {
        Amount::Fixed(amount) | Amount::Leaves(amount) => return Some(amount),
        Amount::Share { per_10_000, of: Of::Money(money) } => (per_10_000, Stated::Is(money)),
        Amount::Share { per_10_000, of: Of::Base(at) } => (per_10_000, bases.get(usize::from(at))?.1),
        Amount::Share { of: Of::Part(_) | Of::GovernmentSubsidy | Of::Arrears, .. } => return None,
    };
    Some(Fraction::per_10_000(per_10_000).of(whole, price.rounding))
}
