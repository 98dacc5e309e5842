//! Working days (工作日), from a data file that covers the years it names and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use chrono::{Datelike, Weekday};
use serde::Deserialize;

use crate::{Date, Period};

/// Which days are working days, for the years that the file covers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    off: BTreeSet<Date>,
    make_up: BTreeSet<Date>,
}

impl Calendar {
    /// The calendar that is compiled in.
    pub fn builtin() -> &'static Calendar {
        // A file that does not parse would cover no year and so refuse every question; a test proves it parses.
        static BUILTIN: LazyLock<Calendar> =
            LazyLock::new(|| Calendar::parse(include_str!("../calendar.toml")).unwrap_or_default());
        &BUILTIN
    }

    /// Reads a calendar: a TOML table for each year, with `off` (days or ranges, `MM-DD` or `MM-DD..MM-DD`)
    /// and `work` (make-up workdays). A make-up workday that is no weekend day, or also a day off, is refused:
    /// it can only be a slip.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let file: BTreeMap<String, YearOfFile> =
            toml::from_str(text).map_err(|error| CalendarError(error.to_string()))?;
        let mut calendar = Calendar::default();
        for (year, days) in &file {
            calendar.add_year(year, days)?;
        }
        Ok(calendar)
    }

    /// Whether the day is a working day.
    pub fn is_working_day(&self, day: Date) -> Result<bool, YearNotCovered> {
        if !self.years.contains(&day.year()) {
            return Err(YearNotCovered { year: day.year() });
        }
        Ok(!self.off.contains(&day) && (!is_weekend(day) || self.make_up.contains(&day)))
    }

    /// The `n`-th working day after `from`; with `n` = 0 `from` itself, working day or not. Every year that
    /// the count enters must be covered.
    pub fn working_day_after(&self, from: Date, n: u32) -> Result<Date, YearNotCovered> {
        let mut day = from;
        for _ in 0..n {
            day = self.next_working_day(day)?;
        }
        Ok(day)
    }

    fn next_working_day(&self, after: Date) -> Result<Date, YearNotCovered> {
        let mut day = after;
        loop {
            day = day.succ_opt().ok_or(YearNotCovered { year: day.year() })?;
            if self.is_working_day(day)? {
                return Ok(day);
            }
        }
    }

    fn add_year(&mut self, year: &str, days: &YearOfFile) -> Result<(), CalendarError> {
        let slip = |day: &str, what: &str| CalendarError(format!("{year}: {day}: {what}"));
        self.years.insert(year.parse().map_err(|_| slip(year, "not a year"))?);
        for range in &days.off {
            let (from, to) = range.split_once("..").unwrap_or((range, range));
            let period =
                day_of(year, from).zip(day_of(year, to)).and_then(|(from, to)| Period::new(from, to));
            let period = period.ok_or_else(|| slip(range, "not a day or a range of days"))?;
            self.off.extend(period.from().iter_days().take_while(|day| period.contains(*day)));
        }
        for text in &days.work {
            let day = day_of(year, text).ok_or_else(|| slip(text, "not a day"))?;
            if !is_weekend(day) || self.off.contains(&day) {
                return Err(slip(text, "a make-up workday is a Saturday or Sunday that is not a day off"));
            }
            self.make_up.insert(day);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearOfFile {
    off: Vec<String>,
    work: Vec<String>,
}

fn day_of(year: &str, month_and_day: &str) -> Option<Date> {
    format!("{year}-{month_and_day}").parse().ok()
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The calendar does not cover a year that the question needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearNotCovered {
    /// The year that is missing.
    pub year: i32,
}

impl fmt::Display for YearNotCovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the calendar of working days does not cover {}", self.year)
    }
}

impl std::error::Error for YearNotCovered {}

/// What is wrong with a calendar file, with the year and the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError(String);

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calendar of working days: {}", self.0)
    }
}

impl std::error::Error for CalendarError {}
