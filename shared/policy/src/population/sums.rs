//! Heads and money, exact.

use std::fmt;
use std::iter;
use std::ops::AddAssign;

use canbao_types::Money;
use serde::{Serialize, Serializer};

/// A sum of money over any number of people, in fen. Its text and its serde form are yuan, as those of [`Money`] are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sum(i128);

impl Sum {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The same amount for each of so many people. An amount is at most 10^15 fen, so that nothing here leaves 128 bits.
    #[must_use]
    pub fn of(amount: Money, heads: u64) -> Self {
        Self(i128::from(amount.fen()) * i128::from(heads))
    }

    /// In fen.
    #[must_use]
    pub const fn fen(self) -> i128 {
        self.0
    }

    /// How much more this is.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl iter::Sum for Sum {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::ZERO, |all, one| Self(all.0 + one.0))
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

/// How many people, how many of them pay, and what is paid for these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Heads {
    /// People.
    pub people: u64,
    /// Those of whom it is known what they pay, be it nothing.
    pub payable: u64,
    /// What they pay themselves.
    pub own: Sum,
    /// What others pay of the contribution for them (资助参保).
    pub aid: Sum,
    /// What government pays for them per head (财政补助), as far as the notice states it.
    pub government: Sum,
}

/// The same figure under both notices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Both<T> {
    /// Under the notice that is changed.
    pub a: T,
    /// Under the one it is held against.
    pub b: T,
}

impl<T> Both<T> {
    /// One of the two: the first, or the second.
    pub(super) fn side(&mut self, second: bool) -> &mut T {
        if second { &mut self.b } else { &mut self.a }
    }
}

/// Figures by name, in the order in which the names were met.
#[derive(Debug, Clone)]
pub(super) struct Named<K, T>(pub Vec<(K, T)>);

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, T: Default> Named<K, T> {
    /// The figure of a name.
    pub fn of(&mut self, name: K) -> &mut T {
        let at = self.0.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| {
            self.0.push((name, T::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}
