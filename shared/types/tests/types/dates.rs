use canbao_types::{CoverYear, Date, Datelike, Period, add_days, add_months, beijing_date};
use proptest::prelude::*;

use crate::{any_date, date, read};

fn period(from: &str, to: &str) -> Period {
    Period::new(date(from), date(to)).unwrap()
}

#[test]
fn months_are_clipped_to_the_end_of_a_short_month() {
    for (from, months, expected) in [
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-03-31", 3, "2026-06-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-02-10", 3, "2026-05-10"),
        ("2026-02-10", 0, "2026-02-10"),
    ] {
        assert_eq!(add_months(date(from), months), Some(date(expected)), "{from} and {months} months");
    }
}

#[test]
fn a_date_beyond_the_calendar_is_none() {
    assert_eq!(add_months(date("2026-01-01"), u32::MAX), None);
    assert_eq!(add_days(date("2026-01-01"), i64::MAX), None);
    assert_eq!(add_days(date("2026-01-01"), i64::MIN), None);
}

#[test]
fn days_count_forwards_and_backwards() {
    assert_eq!(add_days(date("2024-02-28"), 2), Some(date("2024-03-01")));
    assert_eq!(add_days(date("2026-01-01"), -1), Some(date("2025-12-31")));
}

#[test]
fn both_ends_of_a_period_belong_to_it() {
    let year = period("2026-01-01", "2026-12-31");
    assert!(year.contains(date("2026-01-01")) && year.contains(date("2026-12-31")));
    assert!(!year.contains(date("2025-12-31")) && !year.contains(date("2027-01-01")));
    assert_eq!(year.days(), 365);
    assert_eq!(year.to_string(), "2026-01-01..2026-12-31");
    assert_eq!(period("2026-01-01", "2026-01-01").days(), 1);
}

#[test]
fn a_period_never_ends_before_it_begins() {
    assert_eq!(Period::new(date("2026-01-02"), date("2026-01-01")), None);
}

#[test]
fn within_months_includes_the_corresponding_day() {
    assert_eq!(Period::within_months(date("2025-11-30"), 3), Some(period("2025-11-30", "2026-02-28")));
}

#[test]
fn periods_that_share_one_day_overlap_and_neighbours_do_not() {
    let autumn = period("2025-09-01", "2025-12-25");
    assert!(autumn.overlaps(period("2025-12-25", "2026-02-25")));
    assert!(!autumn.overlaps(period("2025-12-26", "2026-02-25")));
}

#[test]
fn the_beijing_date_changes_at_sixteen_hundred_utc() {
    assert_eq!(beijing_date(read("2025-12-31T15:59:59.999Z")), date("2025-12-31"));
    assert_eq!(beijing_date(read("2025-12-31T16:00:00Z")), date("2026-01-01"));
}

#[test]
fn a_coverage_year_lies_between_2000_and_2100() {
    assert_eq!(CoverYear::new(1999), None);
    assert_eq!(CoverYear::new(2101), None);
    for number in [2000, 2026, 2100] {
        let year = CoverYear::new(number).unwrap();
        assert_eq!(year.get(), number);
        assert_eq!(year.first_day(), date(&format!("{number}-01-01")));
        assert_eq!(year.last_day(), date(&format!("{number}-12-31")));
        assert_eq!(CoverYear::of(year.first_day()), Some(year));
        assert_eq!(CoverYear::of(year.last_day()), Some(year));
    }
    assert_eq!(CoverYear::of(date("1999-12-31")), None);
}

#[test]
fn a_coverage_year_is_a_number_in_a_file_and_checked_when_read() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Row {
        year: CoverYear,
    }
    assert_eq!(toml::from_str::<Row>("year = 2026").unwrap().year.get(), 2026);
    assert_eq!(toml::to_string(&Row { year: CoverYear::new(2026).unwrap() }).unwrap(), "year = 2026\n");
    assert!(toml::from_str::<Row>("year = 26").is_err());
}

proptest! {
    #[test]
    fn adding_months_lands_in_the_month_counted_on_the_same_day_or_the_last(
        from in any_date(), months in 0..600_u32
    ) {
        let to = add_months(from, months).unwrap();
        let month_count = |day: Date| u32::try_from(day.year()).unwrap() * 12 + day.month0();
        prop_assert_eq!(month_count(to), month_count(from) + months);
        let last_of_its_month = to.succ_opt().unwrap().day() == 1;
        prop_assert!(to.day() == from.day() || (to.day() < from.day() && last_of_its_month));
    }

    #[test]
    fn a_period_contains_as_many_days_as_it_counts(from in any_date(), length in 0..400_i64) {
        let to = add_days(from, length).unwrap();
        let period = Period::new(from, to).unwrap();
        let around = (-2..=length + 2).map(|days| add_days(from, days).unwrap());
        prop_assert_eq!(around.filter(|day| period.contains(*day)).count(), usize::try_from(period.days()).unwrap());
    }

    #[test]
    fn periods_overlap_when_a_day_lies_in_both(
        from in any_date(), length in 0..60_i64, shift in -80..80_i64, other_length in 0..60_i64
    ) {
        let a = Period::new(from, add_days(from, length).unwrap()).unwrap();
        let other = add_days(from, shift).unwrap();
        let b = Period::new(other, add_days(other, other_length).unwrap()).unwrap();
        let shared = a.from().iter_days().take_while(|day| a.contains(*day)).any(|day| b.contains(day));
        prop_assert_eq!(a.overlaps(b), shared);
        prop_assert_eq!(b.overlaps(a), shared);
    }
}

#[test]
fn a_day_comes_back_from_its_number_counted_from_the_first_of_1970() {
    for day in ["1900-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "2200-12-31"] {
        assert_eq!(canbao_types::day_of_number(canbao_types::day_number(date(day))), Some(date(day)));
    }
    assert_eq!(canbao_types::day_number(date("1970-01-02")), 1);
    assert_eq!(canbao_types::day_of_number(i64::MAX), None);
}
