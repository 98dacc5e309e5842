//! Civil dates, periods and coverage years. Dates are Beijing dates; both ends of a period are included.

use std::{fmt, ops::RangeInclusive};

use chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Date;

/// The date `months` later, on the day of the same number, or on the last day of a month that has no such day:
/// 30 November and 3 months is 28 February. `None` beyond the calendar.
pub fn add_months(date: Date, months: u32) -> Option<Date> {
    date.checked_add_months(Months::new(months))
}

/// The last day that lies `months` before the date or earlier: the last from which [`add_months`] leads no further than to
/// it. So whoever was born on 29 February has reached an age on 28 February of a year without that day, and 28 February
/// less 12 months is the leap day where there is one. `None` beyond the calendar.
pub fn months_before(date: Date, months: u32) -> Option<Date> {
    let first = date.checked_sub_months(Months::new(months))?;
    let near = (0..=3).rev().filter_map(|days| add_days(first, days));
    near.into_iter().find(|day| add_months(*day, months).is_some_and(|reached| reached <= date))
}

/// The date `days` later, or earlier when negative. `None` beyond the calendar.
pub fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add_signed(TimeDelta::try_days(days)?)
}

/// The civil date in Beijing at an instant. China has kept UTC+8 without summer time since 1992.
pub fn beijing_date(instant: DateTime<Utc>) -> Date {
    const AHEAD_OF_UTC: TimeDelta = TimeDelta::hours(8);
    // Only the last eight hours of the year 262142 cannot be shifted.
    instant.checked_add_signed(AHEAD_OF_UTC).unwrap_or(instant).date_naive()
}

/// The years a day can lie in that somebody gives: a birth, a payment, a question.
pub const YEARS: RangeInclusive<i32> = 1800..=2200;

/// A day as a number, to be stored: days since 1 January 1970.
pub fn day_number(day: Date) -> i64 {
    day.signed_duration_since(Date::default()).num_days()
}

/// The day of a number made by [`day_number`]; `None` outside the calendar.
pub fn day_of_number(number: i64) -> Option<Date> {
    add_days(Date::default(), number)
}

/// A period of whole days, both ends included; it never ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    from: Date,
    to: Date,
}

impl Period {
    /// The period between two days, both included; `None` when it would end before it begins.
    pub fn new(from: Date, to: Date) -> Option<Period> {
        (from <= to).then_some(Period { from, to })
    }

    /// "Within `months` months of `from`": it ends on the day of the same number, included, clipped to the
    /// month's end. `None` beyond the calendar.
    pub fn within_months(from: Date, months: u32) -> Option<Period> {
        Period::new(from, add_months(from, months)?)
    }

    /// The first day.
    pub const fn from(self) -> Date {
        self.from
    }

    /// The last day.
    pub const fn to(self) -> Date {
        self.to
    }

    /// Whether the day lies in the period.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The number of days, at least 1.
    pub fn days(self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// Whether the two periods share a day.
    pub fn overlaps(self, other: Period) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

/// A coverage year (参保年度), 2000 to 2100: the calendar year that a contribution buys cover for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct CoverYear(u16);

impl CoverYear {
    /// Takes a year from 2000 to 2100.
    pub fn new(year: u16) -> Option<CoverYear> {
        (2000..=2100).contains(&year).then_some(CoverYear(year))
    }

    /// The coverage year in which a day lies.
    pub fn of(day: Date) -> Option<CoverYear> {
        CoverYear::new(u16::try_from(day.year()).ok()?)
    }

    /// The year.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// 1 January.
    pub fn first_day(self) -> Date {
        self.day(1, 1)
    }

    /// 31 December.
    pub fn last_day(self) -> Date {
        self.day(12, 31)
    }

    fn day(self, month: u32, day: u32) -> Date {
        // Never the default: only days that every year has are asked for.
        Date::from_ymd_opt(i32::from(self.0), month, day).unwrap_or_default()
    }
}

impl fmt::Display for CoverYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<CoverYear> for u16 {
    fn from(year: CoverYear) -> u16 {
        year.0
    }
}

impl TryFrom<u16> for CoverYear {
    type Error = &'static str;

    fn try_from(year: u16) -> Result<CoverYear, Self::Error> {
        CoverYear::new(year).ok_or("a coverage year lies between 2000 and 2100")
    }
}
