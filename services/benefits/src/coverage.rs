//! The answer: is this resident covered on this day, and if not, why?

use canbao_policy::chinese::day;
use canbao_types::{Date, Period};

/// What a coverage question is answered from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The contribution is settled, or registration alone insures.
    pub(crate) insured: bool,
    /// The benefit period, if there is one.
    pub(crate) days: Option<Period>,
    /// It comes after a waiting period.
    pub(crate) waits: bool,
    /// A person must decide.
    pub(crate) undecided: bool,
    /// The last day of the registration, if it has ended.
    pub(crate) ended_on: Option<Date>,
}

/// Whether covered, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    Covered,
    NotSettled,
    Waiting,
    NotBegun,
    Ended,
    PersonMustDecide,
}

/// How a resident who is or was registered for the year of `day` stands on that day.
pub(crate) fn on(day: Date, standing: Standing) -> Coverage {
    match standing.days {
        _ if standing.ended_on.is_some_and(|last| last < day) => Coverage::Ended,
        _ if !standing.insured => Coverage::NotSettled,
        _ if standing.undecided => Coverage::PersonMustDecide,
        Some(days) if days.contains(day) => Coverage::Covered,
        Some(days) if day < days.from() && standing.waits => Coverage::Waiting,
        Some(days) if day < days.from() => Coverage::NotBegun,
        Some(_) | None => Coverage::Ended,
    }
}

impl Coverage {
    /// The same for the citizen, on a day of which the benefit period itself says nothing; `days` is that period.
    pub(crate) fn message(self, days: Option<Period>) -> String {
        match (self, days) {
            (Self::Waiting | Self::NotBegun, Some(days)) => {
                format!("待遇自{}起享受，当日尚未开始。", day(days.from()))
            }
            (Self::NotSettled, _) => "已办理参保登记，本年度费用尚未结清，当日不享受待遇。".to_owned(),
            (Self::PersonMustDecide, _) => "待遇享受期须由医保经办机构核定，请到经办窗口办理。".to_owned(),
            (Self::Covered, _) => "当日在待遇享受期内。".to_owned(),
            (Self::Waiting | Self::NotBegun | Self::Ended, _) => "当日不在待遇享受期内。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn settled() -> Standing {
        let days = Period::new(day("2026-04-10"), day("2026-12-31"));
        Standing { insured: true, days, waits: true, undecided: false, ended_on: None }
    }

    #[test]
    fn each_day_has_one_answer_and_the_first_and_last_days_are_covered() {
        let standing = settled();
        assert_eq!(on(day("2026-04-09"), standing), Coverage::Waiting);
        assert_eq!(on(day("2026-04-10"), standing), Coverage::Covered);
        assert_eq!(on(day("2026-12-31"), standing), Coverage::Covered);
        assert_eq!(on(day("2027-01-01"), standing), Coverage::Ended);
        let prompt = Standing { waits: false, ..standing };
        assert_eq!(on(day("2026-04-09"), prompt), Coverage::NotBegun);
        assert_eq!(on(day("2026-05-01"), Standing { insured: false, ..standing }), Coverage::NotSettled);
        assert_eq!(on(day("2026-05-01"), Standing { days: None, ..standing }), Coverage::Ended);
        assert_eq!(
            on(day("2026-05-01"), Standing { undecided: true, ..standing }),
            Coverage::PersonMustDecide
        );
    }

    #[test]
    fn after_the_last_day_of_the_registration_nothing_is_left_whatever_was_settled() {
        let ended = Standing { ended_on: Some(day("2026-05-01")), ..settled() };
        assert_eq!(on(day("2026-05-01"), ended), Coverage::Covered);
        assert_eq!(on(day("2026-05-02"), ended), Coverage::Ended);
        let unsettled = Standing { insured: false, days: None, ..ended };
        assert_eq!(on(day("2026-05-01"), unsettled), Coverage::NotSettled);
        assert_eq!(on(day("2026-05-02"), unsettled), Coverage::Ended);
        assert_eq!(on(day("2026-05-02"), Standing { undecided: true, ..ended }), Coverage::Ended);
    }
}
