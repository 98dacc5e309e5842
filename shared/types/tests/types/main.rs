//! What the words of the trade promise, seen from outside the crate.
#![allow(clippy::unwrap_used)]

mod amounts_and_citations;
mod calendar;
mod dates;
mod division;
mod ids;
mod keys;
mod money;
mod people;
mod refusals;

use std::fmt::Debug;
use std::str::FromStr;

use canbao_types::Date;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Parses what must parse.
fn read<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Any day from 2000 to 2099.
fn any_date() -> impl proptest::strategy::Strategy<Value = Date> {
    use proptest::strategy::Strategy;
    (0..36_525_i64).prop_map(|days| canbao_types::add_days(date("2000-01-01"), days).unwrap())
}
