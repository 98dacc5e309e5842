//! Generated people: chances that a seed decides, numbers that no real person has, names that nobody would take for one.

use std::collections::BTreeMap;

use canbao_host::StartError;
use canbao_types::{Date, add_days, check_character, day_number};

/// Chances, the same for the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chances(u64);

impl Chances {
    /// The chances of a seed.
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit; 0 when the limit is.
    pub fn below(&mut self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(limit)) >> 64).unwrap_or_default()
    }

    /// One of some things.
    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        things.get(usize::try_from(self.below(things.len() as u64)).unwrap_or_default())
    }

    /// A day between two, both included.
    pub fn day(&mut self, from: Date, to: Date) -> Date {
        let days = u64::try_from(day_number(to) - day_number(from) + 1).unwrap_or_default();
        let days = i64::try_from(self.below(days)).unwrap_or_default();
        add_days(from, days).unwrap_or(from)
    }
}

/// Numbers of generated people, all different. Those whose sequence number is higher than any given here stay free for
/// people who are written by hand.
#[derive(Debug)]
pub struct Numbers {
    division: String,
    /// The last sequence number of each birth date.
    given: BTreeMap<Date, u32>,
}

impl Numbers {
    const HIGHEST: u32 = 899;

    /// Numbers under a division code that no place has.
    pub fn of(division: &str) -> Self {
        Self { division: division.to_owned(), given: BTreeMap::new() }
    }

    /// A number of somebody born on this day, or, when the day has none left, on the next one that has.
    pub fn born(&mut self, birth: Date, last: Date) -> Result<(String, Date), StartError> {
        let mut day = birth;
        while day <= last {
            let sequence = self.given.entry(day).or_default();
            if *sequence < Self::HIGHEST {
                *sequence += 1;
                return Ok((number(&self.division, day, *sequence)?, day));
            }
            day = add_days(day, 1).ok_or("the calendar ends")?;
        }
        Err(format!("too many people are born between {birth} and {last}").into())
    }
}

/// The number of a birth date and sequence number, with its check character.
fn number(division: &str, birth: Date, sequence: u32) -> Result<String, StartError> {
    let digits = format!("{division}{}{sequence:03}", birth.format("%Y%m%d"));
    let check = check_character(&digits).ok_or_else(|| format!("{digits} are not 17 digits"))?;
    Ok(format!("{digits}{check}"))
}

/// The name of the n-th person: a heavenly stem (天干) and a number.
pub fn name(n: usize) -> String {
    const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |digit: char| digit.to_digit(10).and_then(|at| DIGITS.get(at as usize)).copied();
    let given = (n / STEMS.len()).to_string();
    STEMS.get(n % STEMS.len()).copied().into_iter().chain(given.chars().filter_map(digit)).collect()
}

#[cfg(test)]
mod tests {
    use canbao_types::IdentityNumber;

    use super::*;

    #[test]
    fn numbers_are_valid_and_all_different_and_go_on_to_the_next_day() {
        let (first, last) = ("1980-01-01".parse().unwrap(), "1980-01-02".parse().unwrap());
        let mut numbers = Numbers::of("141199");
        let mut given: Vec<_> = (0..1_798).map(|_| numbers.born(first, last).unwrap()).collect();
        assert!(numbers.born(first, last).is_err());
        for (number, birth) in &given {
            assert_eq!(IdentityNumber::parse(number).unwrap().birth(), *birth);
        }
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 1_798);
    }

    #[test]
    fn the_same_seed_gives_the_same_chances_and_every_day_of_a_range_comes_up() {
        let (first, last) = ("2025-12-30".parse().unwrap(), "2026-01-02".parse().unwrap());
        let days = |seed| {
            let mut chances = Chances::of(seed);
            (0..200).map(|_| chances.day(first, last)).collect::<Vec<_>>()
        };
        assert_eq!(days(7), days(7));
        assert_ne!(days(7), days(8));
        let found: std::collections::BTreeSet<_> = days(7).into_iter().collect();
        assert_eq!((found.len(), found.first(), found.last()), (4, Some(&first), Some(&last)));
    }
}
