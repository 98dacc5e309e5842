//! Columns read back into the words of the trade. A value that none of ours could have written is corrupt.

use std::fmt::Display;

use canbao_store::StoreError;
use canbao_types::{CoverYear, Date, Division, Money};

/// An amount, stored in fen.
pub fn money(fen: i64) -> Result<Money, StoreError> {
    Money::from_fen(fen).map_err(corrupt)
}

/// A day, stored as a number.
pub fn day(number: i64) -> Result<Date, StoreError> {
    canbao_types::day_of_number(number).ok_or_else(|| corrupt(format_args!("{number} is not a day")))
}

/// A division, stored as its code.
pub fn division(code: i64) -> Result<Division, StoreError> {
    let division = u32::try_from(code).ok().and_then(Division::from_code);
    division.ok_or_else(|| corrupt(format_args!("{code} is not a division")))
}

/// A coverage year.
pub fn cover_year(year: i64) -> Result<CoverYear, StoreError> {
    let found = u16::try_from(year).ok().and_then(CoverYear::new);
    found.ok_or_else(|| corrupt(format_args!("{year} is not a coverage year")))
}

fn corrupt(what: impl Display) -> StoreError {
    StoreError::Corrupt { what: what.to_string() }
}
