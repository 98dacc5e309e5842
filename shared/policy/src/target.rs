//! The question "is a target reached?" (工作目标).

use std::fmt;

use canbao_types::Date;

use crate::declared::Target;
use crate::ruling::{Basis, Stated};

/// How far a target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Whether the share is at least the target's; a person decides what a share of nobody is.
    pub met: Stated<bool>,
    /// The share, exact; `None` of nobody.
    pub share: Option<Share>,
    /// The least share, in hundredths of a percent.
    pub at_least_per_10_000: i64,
    /// By which day it is to be reached.
    pub by: Stated<Date>,
    /// What it rests on.
    pub basis: Basis,
}

/// An exact share. Its text is a percentage such as "98.99%" where that is exact, else a fraction such as "1/3".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many were counted.
    pub count: u64,
    /// Of how many; never 0.
    pub of: u64,
}

impl Target {
    /// How far it is reached when `count` are counted of `of`.
    #[must_use]
    pub fn progress(&self, count: u64, of: u64) -> Progress {
        let share = (of > 0).then_some(Share { count, of });
        let met = share.map_or(Stated::PersonMustDecide, |_| {
            Stated::Is(i128::from(count) * 10_000 >= i128::from(self.at_least_per_10_000) * i128::from(of))
        });
        let at_least_per_10_000 = self.at_least_per_10_000;
        Progress { met, share, at_least_per_10_000, by: self.by, basis: self.basis.clone() }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, of) = (u128::from(self.count) * 100, u128::from(self.of));
        // The fewest decimals, up to six, with which the percentage is exact.
        let mut scale = 1;
        for decimals in 0..=6_usize {
            if count * scale % of == 0 {
                let (whole, rest) = (count / of, count % of * scale / of);
                return match decimals {
                    0 => write!(f, "{whole}%"),
                    _ => write!(f, "{whole}.{rest:0decimals$}%"),
                };
            }
            scale *= 10;
        }
        write!(f, "{}/{}", self.count, self.of)
    }
}
