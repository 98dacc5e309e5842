//! The days that date expressions mean to the person of a sheet.

use canbao_types::{Date, Datelike, Period, add_days, add_months, months_before};

use crate::fact::Fact;
use crate::sheet::{Seen, Sheet, Shift};
use crate::table::{Anchor, DayExpr, Round};

impl Sheet<'_> {
    /// The day of an expression, with its wait.
    pub fn resolve(&self, expr: &DayExpr, wait: Shift) -> Seen {
        let mut latest: Option<Date> = None;
        for anchor in expr.from.iter().flatten() {
            match self.anchor(*anchor) {
                Seen::Is(day) => latest = latest.max(Some(day)),
                other => return other,
            }
        }
        let Some(day) = latest.and_then(|day| shifted(day, expr, wait)) else { return Seen::Never };
        match expr.not_before.map(|anchor| self.anchor(anchor)) {
            None => Seen::Is(day),
            Some(Seen::Is(floor)) => Seen::Is(day.max(floor)),
            Some(other) => other,
        }
    }

    /// The day an expression cannot be before, from those of its points that are known.
    pub fn earliest(&self, expr: &DayExpr) -> Option<Date> {
        let known = expr.from.iter().flatten().filter_map(|anchor| match self.anchor(*anchor) {
            Seen::Is(day) => Some(day),
            Seen::Never | Seen::Unknown(_) => None,
        });
        known.max().and_then(|day| shifted(day, expr, Shift::NONE))
    }

    fn anchor(&self, anchor: Anchor) -> Seen {
        let window = |row: u16| self.tables.windows.get(usize::from(row)).map(|row| &row.then);
        match anchor {
            Anchor::On(day) => Seen::Is(day),
            Anchor::Day { fact, of } => self.day(fact, of, None),
            Anchor::CoverStart => Seen::given(self.cover.map(Period::from), Fact::CoverYear),
            Anchor::CoverEnd => Seen::given(self.cover.map(Period::to), Fact::CoverYear),
            Anchor::WindowFrom(row) => {
                window(row).map_or(Seen::Never, |window| self.resolve(&window.from, Shift::NONE))
            }
            Anchor::WindowTo(row) => {
                window(row).map_or(Seen::Never, |window| self.resolve(&window.to, Shift::NONE))
            }
        }
    }
}

fn shifted(day: Date, expr: &DayExpr, wait: Shift) -> Option<Date> {
    let day = if expr.round == Some(Round::ThisMonth) { day.with_day(1)? } else { day };
    let day = add_days(moved(day, expr.months)?, expr.days)?;
    let day = add_days(add_months(day, wait.months)?, wait.days)?;
    if expr.round == Some(Round::NextMonth) { add_months(day.with_day(1)?, 1) } else { Some(day) }
}

/// The day so many months later, or earlier when negative.
pub(crate) fn moved(day: Date, months: i32) -> Option<Date> {
    match u32::try_from(months) {
        Ok(later) => add_months(day, later),
        Err(_) => months_before(day, months.unsigned_abs()),
    }
}
