//! The decision: what do the days kept of somebody's cover (参保缴费历史) say for a coverage year?

use canbao_types::{CoverYear, Date, Datelike};

/// A scheme of basic medical insurance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scheme {
    /// 城乡居民基本医疗保险.
    Resident,
    /// 职工基本医疗保险.
    Employee,
}

/// Days in a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) scheme: Scheme,
    pub(crate) from: Date,
    /// The last day; none while it goes on.
    pub(crate) to: Option<Date>,
    /// How it ended, in the notice's words; empty: it goes on, or ended in another way.
    pub(crate) departure: String,
    pub(crate) recorded_on: Date,
}

impl Cover {
    /// A coverage year that was insured here, by a registration of that day.
    pub(crate) fn of_year(year: CoverYear, recorded_on: Date) -> Self {
        let (from, to) = (year.first_day(), Some(year.last_day()));
        Self { scheme: Scheme::Resident, from, to, departure: String::new(), recorded_on }
    }
}

/// What became of a line that records cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    /// Nothing was kept that begins on this day.
    New,
    /// It takes the place of what was kept, at this place of the list.
    Replaces(usize),
    /// It was kept before with the same content, at this place of the list.
    Repeats(usize),
    /// What is kept was recorded on a later day.
    Outdated,
}

/// What cover says of a person. What it does not know it leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The newest stay in the employee scheme; of somebody who has settled, up to the last day of the stays that count as
    /// history.
    pub(crate) employee: Option<Stay>,
    /// Of somebody who has settled, the first stay in the employee scheme after that.
    pub(crate) joined: Option<Joined>,
    /// Departures from the employee scheme, newest first: the notice's word and the last day.
    pub(crate) departures: Vec<(String, Date)>,
    /// The newest year before the coverage year with a day in the resident scheme.
    pub(crate) last_covered: Option<CoverYear>,
}

/// A stay in the employee scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) from: Date,
    /// The last day; none while it goes on.
    pub(crate) until: Option<Date>,
}

/// A stay in the employee scheme that ends benefits and is no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) from: Date,
    /// The person is in the scheme now, in this stay or a later one.
    pub(crate) goes_on: bool,
}

/// What the cover says on a day of somebody who settled on another, or has not. Whoever has the last day in the employee
/// scheme on it is leaving: nobody looks again on the day after.
///
/// The history of who has settled stays what it was: a stay that begins in the coverage year and was not over on the day of
/// settling only ends the benefits, and the earliest such stay does (XJ26-05).
pub(crate) fn said(covers: &[Cover], (on, settled): (Date, Option<Date>), year: CoverYear) -> Said {
    let ended = |cover: &&Cover| cover.to.filter(|to| *to <= on);
    let mut stays: Vec<&Cover> =
        covers.iter().filter(|cover| cover.scheme == Scheme::Employee && cover.from <= on).collect();
    // A day recorded again under another document counts as it was recorded last.
    stays.sort_by_key(|cover| (cover.from, cover.recorded_on));
    let goes_on = stays.last().is_some_and(|cover| ended(cover).is_none());
    let joins = |cover: &Cover| {
        let open_on = |settled| cover.to.is_none_or(|to| to > settled);
        cover.from >= year.first_day() && settled.is_some_and(open_on)
    };
    let joined = stays.iter().find(|cover| joins(cover)).map(|cover| Joined { from: cover.from, goes_on });
    let earlier = stays.iter().filter(|cover| !joins(cover));
    let employee = match joined {
        None => stays.last().map(|cover| Stay { from: cover.from, until: ended(cover) }),
        // One that has no end was over when the next began.
        Some(next) => earlier
            .filter_map(|cover| Some((ended(cover).or_else(|| next.from.pred_opt())?, cover.from)))
            .max()
            .map(|(until, from)| Stay { from, until: Some(until) }),
    };
    let left = stays.iter().rev().filter(|cover| !cover.departure.is_empty());
    let resident = covers.iter().filter(|cover| cover.scheme == Scheme::Resident);
    Said {
        employee,
        joined,
        departures: left.filter_map(|cover| Some((cover.departure.clone(), ended(cover)?))).collect(),
        last_covered: resident.filter_map(|cover| last_year(cover, year)).max(),
    }
}

/// The day up to which the cover is known: what was recorded after a day counts from then on.
pub(crate) fn known_until(covers: &[Cover], day: Date) -> Date {
    covers.iter().map(|cover| cover.recorded_on).fold(day, Date::max)
}

/// Compares a line with what is kept of the person.
pub(crate) fn record(kept: &[Cover], line: &Cover) -> Recording {
    let at = kept.iter().position(|cover| (cover.scheme, cover.from) == (line.scheme, line.from));
    match at.and_then(|at| Some((at, kept.get(at)?))) {
        None => Recording::New,
        Some((at, cover)) if (cover.to, &cover.departure) == (line.to, &line.departure) => {
            Recording::Repeats(at)
        }
        Some((_, cover)) if line.recorded_on < cover.recorded_on => Recording::Outdated,
        Some((at, _)) => Recording::Replaces(at),
    }
}

/// The newest year before the coverage year with a day of the cover.
fn last_year(cover: &Cover, before: CoverYear) -> Option<CoverYear> {
    let ends = cover.to.map_or(i32::MAX, |to| to.year());
    let last = ends.min(i32::from(before.get()) - 1);
    let year = (cover.from.year() <= last).then(|| u16::try_from(last).ok())??;
    CoverYear::new(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn year(year: u16) -> CoverYear {
        CoverYear::new(year).unwrap()
    }

    fn cover(scheme: Scheme, from: &str, to: Option<&str>, departure: &str) -> Cover {
        let (from, to) = (day(from), to.map(day));
        Cover { scheme, from, to, departure: departure.to_owned(), recorded_on: to.unwrap_or(from) }
    }

    #[test]
    fn an_employee_is_in_the_scheme_until_the_last_day_and_leaving_on_it() {
        let covers = [cover(Scheme::Employee, "2020-03-01", Some("2026-03-15"), "职工医保中断")];
        let before = said(&covers, (day("2026-03-14"), None), year(2026));
        assert_eq!(before.employee, Some(Stay { from: day("2020-03-01"), until: None }));
        assert_eq!(before.departures, []);
        let on = said(&covers, (day("2026-03-15"), None), year(2026));
        assert_eq!(on.employee, Some(Stay { from: day("2020-03-01"), until: Some(day("2026-03-15")) }));
        assert_eq!(on.departures, [("职工医保中断".to_owned(), day("2026-03-15"))]);
    }

    #[test]
    fn a_stay_that_has_not_begun_says_nothing_and_a_later_one_outweighs_an_earlier_one() {
        let first = cover(Scheme::Employee, "2018-01-01", Some("2021-12-31"), "职工医保中断");
        let second = cover(Scheme::Employee, "2026-02-01", None, "");
        let covers = [second, first];
        let before = said(&covers, (day("2026-01-31"), None), year(2026));
        assert_eq!(before.employee.unwrap().until, Some(day("2021-12-31")));
        let on = said(&covers, (day("2026-02-01"), None), year(2026));
        assert_eq!(on.employee, Some(Stay { from: day("2026-02-01"), until: None }));
        assert_eq!(on.departures.len(), 1, "that the person left once stays true");
        assert_eq!(said(&covers, (day("2017-12-31"), None), year(2026)), Said::default());
    }

    #[test]
    fn a_stay_after_settling_ends_benefits_and_leaves_the_history() {
        let before = cover(Scheme::Employee, "2022-01-01", Some("2025-12-31"), "");
        let short = cover(Scheme::Employee, "2026-02-01", Some("2026-03-31"), "");
        let open = cover(Scheme::Employee, "2026-08-01", None, "");
        let covers = [before, short, open];
        let on = |settled| said(&covers, (day("2026-08-01"), Some(day(settled))), year(2026));
        let history = Some(Stay { from: day("2022-01-01"), until: Some(day("2025-12-31")) });
        let joined = |from| Some(Joined { from: day(from), goes_on: true });
        assert_eq!((on("2026-01-20").employee, on("2026-01-20").joined), (history, joined("2026-02-01")));
        // Paid after the short stay: that one is history, and the next ends the benefits.
        let left = Some(Stay { from: day("2026-02-01"), until: Some(day("2026-03-31")) });
        assert_eq!((on("2026-04-15").employee, on("2026-04-15").joined), (left, joined("2026-08-01")));
        let one = |covers: &[Cover]| said(covers, (day("2026-08-01"), Some(day("2026-04-15"))), year(2026));
        assert_eq!((one(&covers[..2]).employee, one(&covers[..2]).joined), (left, None));
        let only = one(&covers[2..]);
        assert_eq!((only.employee, only.joined), (None, joined("2026-08-01")), "there is no history");
    }

    #[test]
    fn an_end_without_a_departure_is_no_departure() {
        let covers = [cover(Scheme::Employee, "2020-03-01", Some("2025-03-15"), "")];
        assert_eq!(said(&covers, (day("2025-11-03"), None), year(2026)).departures, []);
    }

    #[test]
    fn the_last_covered_year_is_the_newest_one_before_the_coverage_year() {
        let covers = [
            cover(Scheme::Resident, "2022-01-01", Some("2023-12-31"), ""),
            cover(Scheme::Resident, "2020-01-01", Some("2020-12-31"), ""),
        ];
        let last = |year_asked| said(&covers, (day("2025-11-03"), None), year(year_asked)).last_covered;
        assert_eq!(last(2026), Some(year(2023)));
        assert_eq!(last(2023), Some(year(2022)), "the coverage year itself does not count");
        assert_eq!(last(2022), Some(year(2020)));
        assert_eq!(last(2020), None);
    }

    #[test]
    fn the_same_line_repeats_and_another_end_takes_its_place() {
        let kept = [
            cover(Scheme::Resident, "2024-01-01", Some("2024-12-31"), ""),
            cover(Scheme::Employee, "2024-01-01", None, ""),
        ];
        let again = Cover { recorded_on: day("2026-05-01"), ..kept[1].clone() };
        assert_eq!(record(&kept, &again), Recording::Repeats(1));
        let ended = Cover { to: Some(day("2026-04-30")), ..again.clone() };
        assert_eq!(record(&kept, &ended), Recording::Replaces(1));
        assert_eq!(record(&kept, &Cover { from: day("2025-01-01"), ..again.clone() }), Recording::New);
        let older = Cover { recorded_on: day("2023-12-31"), ..ended };
        assert_eq!(record(&kept, &older), Recording::Outdated);
        assert_eq!(record(&kept, &Cover { to: None, ..older }), Recording::Repeats(1), "it says the same");
    }

    #[test]
    fn what_was_recorded_later_counts_from_then_on() {
        let covers = [cover(Scheme::Employee, "2020-03-01", Some("2026-03-15"), "")];
        assert_eq!(known_until(&covers, day("2025-11-03")), day("2026-03-15"));
        assert_eq!(known_until(&covers, day("2026-05-01")), day("2026-05-01"));
        assert_eq!(known_until(&[], day("2025-11-03")), day("2025-11-03"));
    }
}
