//! The awkward kinds of a season: what does not go by itself, counted by what the departments answered.

use std::collections::{BTreeMap, BTreeSet};

use canbao_types::{Date, add_days};
use chrono::{Datelike, Weekday};

use super::{
    files::{PaymentLine, Plan, ResidentLine},
    messages::has_certificate,
    words::LastCovered,
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $chinese:literal $english:literal,)*) => {
        /// An awkward kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its name in Chinese and in English.
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($chinese, $english),)* }
            }
        }
    };
}

kinds! {
    /// A late payment that was assessed.
    LateAssessed "已核定补缴" "late, assessed",
    /// A late payment that nobody assessed.
    LateNotAssessed "未核定先补缴" "late, not assessed",
    /// Recognised before paying.
    RecognisedBefore "缴费前认定身份" "recognised before paying",
    /// Recognised after paying, inside the window: the aid is given back.
    RecognisedAfter "缴费后认定身份" "recognised after paying",
    /// Recognised after paying and after the window: nothing is given back.
    RecognisedTooLate "缴费期后认定身份" "recognised after the window",
    /// On the rosters of two identities.
    TwoIdentities "多重身份" "two identities",
    /// Cash on a holiday.
    CashOnHoliday "节假日现金缴费" "cash on a holiday",
    /// Cash on a Saturday or Sunday that is worked.
    CashOnWorkedWeekend "调休上班日现金缴费" "cash on a make-up day",
    /// Paid on the last open day before closed ones.
    LastOpenDay "停办前最后一日缴费" "paid on the last open day",
    /// Offered on a closed day.
    ClosedDay "停办日缴费" "paid on a closed day",
    /// A line of a statement, or a transaction, that was told before.
    Repeated "重复流水" "repeated line",
    /// Another amount than is due.
    WrongAmount "金额不符" "wrong amount",
    /// Somebody whom nobody knows.
    UnknownPerson "查无此人" "unknown person",
    /// A newborn on a birth certificate.
    Newborn "新生儿" "newborn",
    /// A holder of a residence permit.
    PermitHolder "持居住证参保" "permit holder",
    /// Enrolled in employee insurance: not registered.
    EmployeeInsured "职工医保在保" "employee-insured",
    /// Left employee insurance, or another scheme.
    LeftOtherScheme "退出职工医保等" "left employee insurance",
    /// Moved here from another division.
    MovedIn "参保地转入" "moved in",
    /// Coverage years were missed.
    MissedYears "断保" "missed years",
    /// Several years paid at once.
    SeveralYears "按学制一次性缴费" "several years at once",
    /// Missed years that were paid after all.
    Repaired "缴费修复断保年度" "missed years repaired",
    /// Warned before paying, as that it buys nothing, and not going on.
    Warned "经提示未缴费" "warned, and not paid",
    /// Paid after a warning.
    PaidAfterWarning "经提示后仍缴费" "paid after a warning",
    /// A tier has to be chosen and was not.
    NoTier "未选择档次" "no tier chosen",
    /// The money arrived on a later day.
    ArrivedLater "到账晚于缴费" "money that arrived later",
    /// None of the notice's grounds.
    NoGround "不符合参保条件" "no ground",
    /// A paper is missing.
    PapersMissing "证明材料不全" "papers missing",
    /// Unemployment benefit is still drawn.
    UnemploymentDrawn "正在领取失业保险金" "drawing unemployment benefit",
    /// A student whom the school has not declared.
    NotDeclared "学校未申报" "not declared by the school",
    /// A line of a file that could not be read.
    BrokenLine "无法读取的行" "a broken line",
}

/// How often each kind came up.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    counts: BTreeMap<Kind, u64>,
    /// Payments taken, by day.
    taken: BTreeMap<Date, u64>,
    closed: BTreeSet<Date>,
}

impl Kinds {
    /// How often a kind came up.
    pub fn count(&self, kind: Kind) -> u64 {
        if kind == Kind::LastOpenDay {
            // Which days are closed is learnt from the answers; it is not for the season to know.
            let next_is_closed = |day: Date| add_days(day, 1).is_some_and(|next| self.closed.contains(&next));
            let days = self.taken.iter().filter(|&(&day, _)| next_is_closed(day));
            return days.map(|(_, payments)| payments).sum();
        }
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, kind: Kind, times: u64) {
        *self.counts.entry(kind).or_default() += times;
    }

    /// Somebody was registered.
    pub(super) fn registered(&mut self, plan: &Plan, line: &ResidentLine) {
        let missed = |last| matches!(last, LastCovered::Year(year) if year < plan.cover_year - 1);
        let found = [
            (Kind::Newborn, has_certificate(&line.person)),
            (Kind::PermitHolder, line.permit.as_ref().is_some_and(|permit| permit != "none")),
            (Kind::MissedYears, line.last_covered.is_some_and(missed)),
            (Kind::LeftOtherScheme, line.departure.is_some()),
        ];
        for (kind, _) in found.into_iter().filter(|&(_, is)| is) {
            self.add(kind, 1);
        }
    }

    /// A registration, a payment or a line was not accepted, for a reason.
    pub(super) fn refused(&mut self, reason: &str, payment: Option<&PaymentLine>) {
        let day = payment.map(PaymentLine::paid_on);
        let kind = match reason {
            "ASSESS_FIRST" => Kind::LateNotAssessed,
            "WRONG_AMOUNT" | "NOT_IN_FULL" => Kind::WrongAmount,
            "UNKNOWN_RESIDENT" => Kind::UnknownPerson,
            "IN_EMPLOYEE_SCHEME" => Kind::EmployeeInsured,
            "NO_GROUND" => Kind::NoGround,
            "PAPERS_MISSING" => Kind::PapersMissing,
            "UNEMPLOYMENT_BENEFIT_RUNNING" => Kind::UnemploymentDrawn,
            "SCHOOL_MUST_DECLARE" => Kind::NotDeclared,
            "WARNING_NOT_CONFIRMED" => Kind::Warned,
            "NEEDS_FACT" if payment.is_some_and(|payment| payment.tier.is_none()) => Kind::NoTier,
            "CLOSED_DAY" => {
                self.closed.extend(day);
                Kind::ClosedDay
            }
            // On a Saturday or Sunday it is the weekend's doing, not a holiday's.
            "CASH_NEEDS_WORKING_DAY" if day.is_some_and(|day| !at_weekend(day)) => Kind::CashOnHoliday,
            _ => return,
        };
        self.add(kind, 1);
    }

    /// A payment was taken and posted.
    pub(super) fn taken(&mut self, line: &PaymentLine) {
        *self.taken.entry(line.paid_on()).or_default() += 1;
        let found = [
            (Kind::CashOnWorkedWeekend, line.cash && at_weekend(line.paid_on())),
            (Kind::SeveralYears, line.years.is_some_and(|years| years > 1)),
            (Kind::Repaired, line.repair_years.is_some_and(|years| years > 0)),
            (Kind::PaidAfterWarning, line.confirmed == Some(true)),
            (Kind::ArrivedLater, line.arrive_date.is_some_and(|day| day > line.paid_on())),
        ];
        for (kind, _) in found.into_iter().filter(|&(_, is)| is) {
            self.add(kind, 1);
        }
    }
}

fn at_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use canbao_types::Money;

    use super::*;
    use crate::season::words::Way;

    fn payment(day: &str, cash: bool) -> PaymentLine {
        PaymentLine {
            day: day.parse().unwrap(),
            way: Way::Pay,
            channel: "wechat".to_owned(),
            transaction: "A1".to_owned(),
            person: "A".to_owned(),
            amount: Money::ZERO,
            pay_date: None,
            cash,
            item: None,
            years: None,
            kinship: None,
            linked: None,
            agent: None,
            confirmed: None,
            tier: None,
            repair_years: None,
            arrive_date: None,
            balance: None,
        }
    }

    #[test]
    fn the_last_open_day_is_learnt_from_the_day_that_was_refused() {
        let mut kinds = Kinds::default();
        kinds.taken(&payment("2025-11-25", false));
        kinds.taken(&payment("2025-11-24", false));
        assert_eq!(kinds.count(Kind::LastOpenDay), 0, "nobody was refused yet");
        kinds.refused("CLOSED_DAY", Some(&payment("2025-11-26", false)));
        assert_eq!((kinds.count(Kind::LastOpenDay), kinds.count(Kind::ClosedDay)), (1, 1));
    }

    #[test]
    fn cash_on_a_weekday_is_refused_for_a_holiday_and_taken_at_a_weekend_that_is_worked() {
        let mut kinds = Kinds::default();
        for (day, holidays) in [("2026-01-03", 0), ("2026-01-01", 1)] {
            kinds.refused("CASH_NEEDS_WORKING_DAY", Some(&payment(day, true)));
            assert_eq!(kinds.count(Kind::CashOnHoliday), holidays, "{day}");
        }
        kinds.taken(&payment("2026-02-13", true));
        assert_eq!(kinds.count(Kind::CashOnWorkedWeekend), 0, "a Friday");
        kinds.taken(&payment("2026-02-14", true));
        assert_eq!(kinds.count(Kind::CashOnWorkedWeekend), 1, "a Saturday");
    }
}
