//! Parts of an amount to the fen: exact, or rounded as the notice says.

use canbao_types::Money;

use crate::compile::Compiler;
use crate::file::Towards;
use crate::reader::Entry;
use crate::ruling::Stated;
use crate::table::Rounding;

impl Compiler<'_> {
    /// To which step a share is rounded. Both keys, or none.
    pub fn rounding(&mut self, entry: &Entry, round: Option<Towards>, to: Option<&str>) -> Option<Rounding> {
        let (way, to) = match (round, to) {
            (None, None) => return None,
            (Some(way), Some(to)) => (way, to),
            _ => {
                self.reader.tell_of(entry, "`round` and `to` say together how a share is rounded; write both, such as round = \"half-up\" and to = \"1\"");
                return None;
            }
        };
        let to = to.parse::<Money>().ok().filter(|to| *to > Money::ZERO);
        if to.is_none() {
            self.reader.tell_of(
                entry,
                "`to` is no step to round to; write yuan above zero, such as \"0.01\", \"1\" or \"10\"",
            );
        }
        to.map(|to| Rounding { way, to })
    }
}

/// The smallest step there is.
const FEN: Money = match Money::from_fen(1) {
    Ok(fen) => fen,
    Err(_) => Money::ZERO,
};

/// So many of so many parts of an amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fraction {
    pub parts: i64,
    pub of: i64,
}

impl Fraction {
    /// All of it.
    pub const WHOLE: Self = Self { parts: 1, of: 1 };

    /// A share, in hundredths of a percent.
    pub fn per_10_000(parts: i64) -> Self {
        Self { parts, of: 10_000 }
    }

    /// A part of a part.
    pub fn times(self, other: Self) -> Self {
        Self { parts: self.parts.saturating_mul(other.parts), of: self.of.saturating_mul(other.of) }
    }

    /// That part of an amount. Where it is no whole number of fen and the notice does not say how to round, a person decides.
    pub fn of(self, whole: Stated<Money>, rounding: Option<Rounding>) -> Stated<Money> {
        whole.and_then(|whole| match self.of_money(whole, rounding) {
            Some(part) => Stated::Is(part),
            None => Stated::PersonMustDecide,
        })
    }

    /// That part of an amount as far as it is whole fen.
    pub fn down(self, whole: Stated<Money>) -> Stated<Money> {
        self.of(whole, Some(Rounding { way: Towards::Down, to: FEN }))
    }

    /// That part of an amount; `None` when it is no whole number of fen.
    pub fn exactly(self, whole: Money) -> Option<Money> {
        self.of_money(whole, None)
    }

    fn of_money(self, whole: Money, rounding: Option<Rounding>) -> Option<Money> {
        let scaled = i128::from(whole.fen()) * i128::from(self.parts);
        let step = rounding.map_or(1, |rounding| i128::from(rounding.to.fen()));
        let unit = i128::from(self.of) * step;
        let (below, rest) = (scaled.checked_div_euclid(unit)?, scaled.checked_rem_euclid(unit)?);
        let steps = match rounding.map(|rounding| rounding.way) {
            None if rest != 0 => return None,
            Some(Towards::Up) => below + i128::from(rest > 0),
            Some(Towards::HalfUp) => below + i128::from(rest * 2 >= unit),
            None | Some(Towards::Down) => below,
        };
        i64::try_from(steps * step).ok().and_then(|fen| Money::from_fen(fen).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn third(yuan: &str, rounding: Option<(Towards, &str)>) -> String {
        let rounding = rounding.map(|(way, to)| Rounding { way, to: to.parse().unwrap() });
        Fraction { parts: 1, of: 3 }.of(Stated::Is(yuan.parse().unwrap()), rounding).to_string()
    }

    #[test]
    fn a_part_between_two_steps_goes_the_way_the_notice_says() {
        assert_eq!(third("100", Some((Towards::Down, "0.01"))), "33.33");
        assert_eq!(third("100", Some((Towards::Up, "0.01"))), "33.34");
        assert_eq!(third("100", Some((Towards::HalfUp, "1"))), "33.00");
        assert_eq!(third("100.50", Some((Towards::HalfUp, "1"))), "34.00");
        assert_eq!(third("100", Some((Towards::Up, "10"))), "40.00");
        assert_eq!(third("90", Some((Towards::Up, "10"))), "30.00");
    }

    #[test]
    fn a_part_that_is_no_whole_fen_is_for_a_person_where_no_rounding_is_named() {
        assert_eq!(third("100", None), "a person must decide");
        assert_eq!(third("99.99", None), "33.33");
    }
}
