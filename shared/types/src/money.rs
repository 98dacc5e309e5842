//! Money in whole fen (分). No floats, and no value that cannot be written with two decimals.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// The bound of [`Money`] on both sides of zero: 10^15 fen, ten trillion yuan.
///
/// Far above what any pool holds and far below `i64`, so that sums of two amounts cannot overflow.
const BOUND_FEN: i64 = 1_000_000_000_000_000;

/// An amount of money in fen (分), a hundredth of a yuan (元). Its text and its serde form are yuan: `400.00`.
///
/// Always within [`Money::MAX`] on both sides of zero; arithmetic that leaves the bound gives `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// The greatest amount, 10^15 fen; the least is its negation.
    pub const MAX: Money = Money(BOUND_FEN);

    /// Takes a number of fen; refuses what is beyond [`Money::MAX`] on either side.
    pub const fn from_fen(fen: i64) -> Result<Money, MoneyError> {
        if fen < -BOUND_FEN || fen > BOUND_FEN { Err(MoneyError::OutOfBounds) } else { Ok(Money(fen)) }
    }

    /// The number of fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Takes an exact number of yuan; refuses a fraction of a fen, since rounding is the rule's own business.
    pub fn from_yuan(yuan: Decimal) -> Result<Money, MoneyError> {
        let yuan = yuan.normalize();
        let fen_per_unit = match yuan.scale() {
            0 => 100,
            1 => 10,
            2 => 1,
            _ => return Err(MoneyError::FractionOfFen),
        };
        // A mantissa has at most 96 bits, so the product fits in 128.
        let fen = i64::try_from(yuan.mantissa() * fen_per_unit).map_err(|_| MoneyError::OutOfBounds)?;
        Money::from_fen(fen)
    }

    /// The number of yuan, with two decimals.
    pub fn to_yuan(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The sum, unless it leaves the bound.
    pub const fn checked_add(self, other: Money) -> Option<Money> {
        within_bound(self.0 + other.0)
    }

    /// The difference, unless it leaves the bound.
    pub const fn checked_sub(self, other: Money) -> Option<Money> {
        within_bound(self.0 - other.0)
    }

    /// The same amount on the other side of zero.
    #[must_use]
    pub const fn negated(self) -> Money {
        Money(-self.0)
    }

    /// Whether this is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum of all amounts, unless it leaves the bound. Only the total counts, so order does not matter.
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
        let total: i128 = amounts.into_iter().map(|amount| i128::from(amount.0)).sum();
        i64::try_from(total).ok().and_then(within_bound)
    }
}

const fn within_bound(fen: i64) -> Option<Money> {
    match Money::from_fen(fen) {
        Ok(money) => Some(money),
        Err(_) => None,
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads yuan as exact decimal text: `400`, `400.0`, `-12.34`. No plus sign, exponent, space or separator.
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (yuan, decimals) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(MoneyError::NotDecimal),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if yuan.is_empty() || !digits_only(yuan) || !digits_only(decimals) {
            return Err(MoneyError::NotDecimal);
        }
        if decimals.len() > 2 {
            return Err(MoneyError::FractionOfFen);
        }
        let fen: i64 = format!("{yuan}{decimals:0<2}").parse().map_err(|_| MoneyError::OutOfBounds)?;
        Money::from_fen(sign * fen)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

serde_as_text!(Money);

/// Why something is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyError {
    /// Not plain decimal text.
    NotDecimal,
    /// More than two decimals, or a value between two fen.
    FractionOfFen,
    /// Beyond [`Money::MAX`] on either side of zero.
    OutOfBounds,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MoneyError::NotDecimal => "an amount is decimal text in yuan such as 400.00",
            MoneyError::FractionOfFen => "an amount has at most two decimals",
            MoneyError::OutOfBounds => "an amount is at most 10000000000000.00 yuan on either side of zero",
        })
    }
}

impl std::error::Error for MoneyError {}
