//! The answer: is this resident covered on this day, and if not, why?

use canbao_types::{Date, Period};

/// What a coverage question is answered from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The contribution is settled.
    pub(crate) settled: bool,
    /// The benefit period, if there is one.
    pub(crate) days: Option<Period>,
    /// It comes after a waiting period.
    pub(crate) waits: bool,
    /// A person must decide.
    pub(crate) undecided: bool,
}

/// Whether covered, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    Covered,
    NotSettled,
    Waiting(Date),
    NotBegun(Date),
    Ended,
    PersonMustDecide,
}

/// How a resident who is registered for the year of `on` stands on that day.
pub(crate) fn on(on: Date, standing: Standing) -> Coverage {
    match standing.days {
        _ if !standing.settled => Coverage::NotSettled,
        _ if standing.undecided => Coverage::PersonMustDecide,
        Some(days) if days.contains(on) => Coverage::Covered,
        Some(days) if on < days.from() && standing.waits => Coverage::Waiting(days.from()),
        Some(days) if on < days.from() => Coverage::NotBegun(days.from()),
        Some(_) | None => Coverage::Ended,
    }
}

impl Coverage {
    /// The same for the citizen.
    pub(crate) fn message(self) -> String {
        match self {
            Self::Covered => "当日在待遇享受期内。".to_owned(),
            Self::NotSettled => "已办理参保登记，本年度费用尚未结清，当日不享受待遇。".to_owned(),
            Self::Waiting(from) => format!("当日在待遇等待期内，待遇自{from}起享受。"),
            Self::NotBegun(from) => format!("待遇自{from}起享受，当日尚未开始。"),
            Self::Ended => "当日不在待遇享受期内。".to_owned(),
            Self::PersonMustDecide => "待遇享受期须由医保经办机构核定，请到经办窗口办理。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_one_answer_and_the_first_and_last_days_are_covered() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let days = Period::new(day("2026-04-10"), day("2026-12-31"));
        let standing = Standing { settled: true, days, waits: true, undecided: false };
        assert_eq!(on(day("2026-04-09"), standing), Coverage::Waiting(day("2026-04-10")));
        assert_eq!(on(day("2026-04-10"), standing), Coverage::Covered);
        assert_eq!(on(day("2026-12-31"), standing), Coverage::Covered);
        assert_eq!(on(day("2027-01-01"), standing), Coverage::Ended);
        let prompt = Standing { waits: false, ..standing };
        assert_eq!(on(day("2026-04-09"), prompt), Coverage::NotBegun(day("2026-04-10")));
        assert_eq!(on(day("2026-05-01"), Standing { settled: false, ..standing }), Coverage::NotSettled);
        assert_eq!(on(day("2026-05-01"), Standing { days: None, ..standing }), Coverage::Ended);
        assert_eq!(
            on(day("2026-05-01"), Standing { undecided: true, ..standing }),
            Coverage::PersonMustDecide
        );
    }
}
