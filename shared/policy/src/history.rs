//! How the coverage year asked for follows the person's earlier ones (参保连续性).

use canbao_types::{CoverYear, Date, Datelike, Period};

use crate::fact::Fact;
use crate::facts::{Facts, LastCovered};
use crate::table::Tables;
use crate::words::{EmployeeScheme, History};

/// What is known of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub word: Option<History>,
    /// Whole coverage years without any basic insurance since the last covered one (断保年度).
    pub missed: Option<u32>,
    /// The last year covered, when there are missed years.
    pub last: i32,
    /// The fact to ask for when it is not known.
    pub needs: Fact,
}

impl Known {
    /// Never covered is new; covered last year is renewing, or switched when that was the employee scheme;
    /// otherwise broken. Years in the employee scheme are not missed.
    pub fn of(tables: &Tables, facts: &Facts) -> Self {
        match Self::last_covered(tables, facts) {
            Ok((word, missed, last)) => {
                Self { word: Some(word), missed: Some(missed), last, needs: Fact::History }
            }
            Err(needs) => Self { word: None, missed: None, last: 0, needs },
        }
    }

    /// The missed years from one on; all of them without one.
    pub fn missed_from(&self, first: Option<i32>) -> Option<u32> {
        let early = first.map_or(0, |first| u32::try_from(first - 1 - self.last).unwrap_or(0));
        self.missed.map(|missed| missed.saturating_sub(early))
    }

    fn last_covered(tables: &Tables, facts: &Facts) -> Result<(History, u32, i32), Fact> {
        let year = i32::from(facts.cover_year.ok_or(Fact::CoverYear)?.get());
        let resident = match facts.last_covered.ok_or(Fact::LastCovered)? {
            LastCovered::Never => None,
            LastCovered::In(last) => Some(i32::from(last.get())),
        };
        if resident.is_some_and(|last| last >= year - 1) {
            return Ok((History::Renewing, 0, year - 1));
        }
        let employee = match (facts.employee_until, facts.employee_scheme, facts.employee_from) {
            (Some(until), ..) => Some(year_of(tables, until)),
            (None, Some(EmployeeScheme::Never), _) => None,
            // A stay that goes on covers every year from its first on.
            (None, Some(EmployeeScheme::Enrolled), Some(from)) => {
                (year_of(tables, from) < year).then_some(year - 1)
            }
            (None, Some(_), _) => return Err(Fact::EmployeeUntil),
            (None, None, _) => return Err(Fact::EmployeeScheme),
        };
        Ok(match resident.max(employee) {
            None => (History::New, 0, 0),
            Some(last) if last >= year - 1 => (History::Switched, 0, year - 1),
            Some(last) => (History::Broken, u32::try_from(year - 1 - last).unwrap_or(0), last),
        })
    }
}

/// The coverage year a day lies in, as the notice cuts years.
pub(crate) fn year_of(tables: &Tables, day: Date) -> i32 {
    let start = tables.cover.from();
    let before = (day.month(), day.day()) < (start.month(), start.day());
    i32::from(tables.year.get()) + day.year() - start.year() - i32::from(before)
}

/// The days of another coverage year, as the notice cuts years.
pub(crate) fn cover_of(tables: &Tables, year: CoverYear) -> Option<Period> {
    let shift = i32::from(year.get()) - i32::from(tables.year.get());
    // A year that ends on 29 February ends on the 28th in other years.
    let moved = |day: Date| {
        day.with_year(day.year() + shift).or_else(|| day.with_day(28)?.with_year(day.year() + shift))
    };
    Period::new(moved(tables.cover.from())?, moved(tables.cover.to())?)
}
