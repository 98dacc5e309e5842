use canbao_types::{Calendar, Date, YearNotCovered};
use proptest::prelude::*;

use crate::date;

fn is_working_day(day: &str) -> bool {
    Calendar::builtin().is_working_day(date(day)).unwrap()
}

#[test]
fn the_file_that_is_compiled_in_parses() {
    let file = include_str!("../../calendar.toml");
    assert_eq!(Calendar::parse(file).as_ref(), Ok(Calendar::builtin()));
}

#[test]
fn a_holiday_on_a_weekday_is_no_working_day() {
    for day in ["2022-10-07", "2024-09-17", "2025-01-28", "2026-02-23", "2026-10-01"] {
        assert!(!is_working_day(day), "{day}");
    }
}

#[test]
fn a_make_up_workday_on_a_weekend_is_a_working_day() {
    for day in ["2022-01-29", "2024-02-04", "2025-10-11", "2026-02-14", "2026-02-28"] {
        assert!(is_working_day(day), "{day}");
    }
}

#[test]
fn other_days_follow_the_week() {
    assert!(is_working_day("2026-03-02"));
    assert!(is_working_day("2024-02-09"), "the eve of the 2024 Spring Festival was not a day off");
    assert!(!is_working_day("2026-03-07"));
    assert!(!is_working_day("2026-03-08"));
}

#[test]
fn working_days_are_counted_across_weekends_holidays_and_the_year() {
    for (from, n, expected) in [
        ("2024-12-25", 3, "2024-12-30"),
        ("2024-12-30", 3, "2025-01-03"),
        ("2025-11-03", 5, "2025-11-10"),
        ("2026-02-12", 5, "2026-02-26"),
    ] {
        assert_eq!(
            Calendar::builtin().working_day_after(date(from), n),
            Ok(date(expected)),
            "{n} after {from}"
        );
    }
}

#[test]
fn no_working_days_after_a_sunday_is_that_sunday() {
    let sunday = date("2026-03-08");
    assert_eq!(Calendar::builtin().working_day_after(sunday, 0), Ok(sunday));
}

#[test]
fn a_year_that_is_not_covered_is_refused_by_name() {
    let calendar = Calendar::builtin();
    assert_eq!(calendar.is_working_day(date("2023-06-01")), Err(YearNotCovered { year: 2023 }));
    assert_eq!(calendar.working_day_after(date("2026-12-30"), 2), Err(YearNotCovered { year: 2027 }));
    assert_eq!(calendar.working_day_after(Date::MAX, 1).unwrap_err().year, 262_142);
    let sentence = YearNotCovered { year: 2023 }.to_string();
    assert_eq!(sentence, "the calendar of working days does not cover 2023");
}

#[test]
fn slips_in_a_calendar_file_are_refused_with_year_and_day() {
    for (file, told) in [
        ("[2026]\noff = []\nwork = [\"03-02\"]", "2026: 03-02"),
        ("[2026]\noff = [\"03-07\"]\nwork = [\"03-07\"]", "2026: 03-07"),
        ("[2026]\noff = [\"02-29\"]\nwork = []", "2026: 02-29"),
        ("[2026]\noff = [\"02-09..02-03\"]\nwork = []", "2026: 02-09..02-03"),
        ("[next]\noff = []\nwork = []", "next"),
        ("[2026]\noff = []\nwork = []\nholidays = []", "holidays"),
        ("[2026]\noff = []", "work"),
    ] {
        let error = Calendar::parse(file).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

proptest! {
    #[test]
    fn the_nth_working_day_is_a_working_day_with_n_of_them_up_to_it(
        days_into_2024 in 0..700_i64, n in 1..30_u32
    ) {
        let calendar = Calendar::builtin();
        let from = canbao_types::add_days(date("2024-01-01"), days_into_2024).unwrap();
        let nth = calendar.working_day_after(from, n).unwrap();
        prop_assert!(calendar.is_working_day(nth).unwrap());
        let days_between = from.iter_days().skip(1).take_while(|day| *day <= nth);
        let working = days_between.filter(|day| calendar.is_working_day(*day).unwrap()).count();
        prop_assert_eq!(working, usize::try_from(n).unwrap());
    }
}
