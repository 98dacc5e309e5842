//! The waiting period (待遇等待期): its months, how missed years that are paid after all shorten it, and the days it leads to.

use canbao_types::Date;

use crate::explain::length;
use crate::fact::Fact;
use crate::file::{CountFrom, Ends};
use crate::ruling::{Basis, Stated};
use crate::sheet::{Seen, Sheet, Shift};
use crate::table::{self, DayExpr};

/// A waiting period (待遇等待期) in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Months in all.
    pub months: u32,
    /// Months that every waiting person waits.
    pub fixed_months: u32,
    /// Days that every waiting person waits beside the months.
    pub fixed_days: u32,
    /// Months for missed years.
    pub variable_months: u32,
    /// The least number of missed years whose repair shortens the wait as far as it can be.
    pub useful_years: u32,
    /// Months in all when those are repaired.
    pub shortest_months: u32,
    /// The first day of benefit when those are repaired.
    pub shortest_day: Stated<Date>,
    /// Years repaired.
    pub repaired_years: u32,
    /// Whole coverage years missed (断保年度); `None` when not known, which then changes nothing.
    pub missed_years: Option<u32>,
    /// How the months come about, each step with the day it leads to.
    pub lines: Vec<WaitLine>,
    /// The notice gives the months only as a minimum (不低于).
    pub at_least: bool,
    /// What it rests on.
    pub basis: Basis,
}

impl Wait {
    /// How long it is in all, in Chinese.
    #[must_use]
    pub fn length(&self) -> String {
        length(self.months, self.fixed_days)
    }
}

/// One step of a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitLine {
    /// Which.
    pub part: WaitPart,
    /// The months it adds, or takes off.
    pub months: i64,
    /// The first day of benefit, were the wait to end with this step.
    pub day: Stated<Date>,
    /// What it rests on.
    pub basis: Basis,
}

/// A step of a wait, in the order in which they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitPart {
    /// What everybody waits who must wait at all.
    Fixed,
    /// For missed years.
    MissedYears,
    /// Off for years that were repaired; never more than those for missed years.
    Repair,
    /// Up to the least wait after many missed years.
    Floor,
}

impl WaitPart {
    /// The stable text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::MissedYears => "missed-years",
            Self::Repair => "repair",
            Self::Floor => "floor",
        }
    }
}

/// A rule's months for a person.
struct Months {
    fixed: u32,
    variable: u32,
    /// The least there is after the repair.
    floor: u32,
}

impl Months {
    fn of(rule: &table::Wait, missed: u32) -> Self {
        let floor = rule.floor.filter(|(_, from)| missed >= *from).map_or(0, |(least, _)| least);
        let variable = rule.months_per_missed_year * missed.saturating_sub(rule.free_missed_years);
        Self { fixed: rule.fixed_months, variable, floor }
    }

    /// The months when so many are taken off the variable part.
    fn after(&self, repaired: u32) -> u32 {
        (self.fixed + self.variable.saturating_sub(repaired)).max(self.floor)
    }
}

/// The wait of a benefit that begins at `start`, and how far it moves the first day. Needs the history only if it counts.
pub(crate) fn of(sheet: &Sheet<'_>, at: u16, start: &DayExpr) -> Result<(Wait, Shift), Fact> {
    let rule = sheet.tables.waits.get(usize::from(at)).ok_or(Fact::History)?;
    let history = &sheet.history;
    let counts = rule.months_per_missed_year > 0 || rule.floor.is_some();
    if counts && history.missed.is_none() {
        return Err(history.needs);
    }
    let missed_years = match rule.count_missed_from {
        CountFrom::Any(_) => history.missed,
        CountFrom::Year(first) => history.missed_from(Some(first)),
    };
    let missed = missed_years.unwrap_or(0);
    let counted = Months::of(rule, missed);
    let repair = sheet.tables.repair.as_ref();
    let per_year = repair.map_or(0, |repair| repair.months_per_year);
    let asked = sheet.facts.repair_years.unwrap_or(0);
    let useful_years = useful(&counted, per_year, missed);
    let shortest_months = counted.after(counted.variable.min(per_year * useful_years));
    let repaired_years = asked.min(useful_years);
    let repaired = counted.variable.min(per_year * repaired_years);
    let months = counted.after(repaired);
    let days = i64::from(rule.fixed_days) + i64::from(rule.ends == Ends::DayAfter);
    let shift = |months| Shift { months, days };

    let day = |months| match sheet.resolve(start, shift(months)) {
        Seen::Is(day) => Stated::Is(day),
        Seen::Never | Seen::Unknown(_) => Stated::PersonMustDecide,
    };

    let basis = &sheet.tables.entry(rule.entry).basis;
    let mut lines: Vec<WaitLine> = Vec::new();
    let mut reached = 0;
    let mut line = |part, months: u32, basis: &Basis| {
        if months != reached || part == WaitPart::Fixed {
            let change = i64::from(months) - i64::from(reached);
            lines.push(WaitLine { part, months: change, day: day(months), basis: basis.clone() });
            reached = months;
        }
    };
    line(WaitPart::Fixed, counted.fixed, basis);
    line(WaitPart::MissedYears, counted.fixed + counted.variable, &rule.variable_basis);
    if let Some(repair) = repair {
        let basis = &sheet.tables.entry(repair.entry).basis;
        line(WaitPart::Repair, counted.fixed + counted.variable - repaired, basis);
    }
    line(WaitPart::Floor, months, &rule.floor_basis);
    let wait = Wait {
        months,
        fixed_months: counted.fixed,
        fixed_days: rule.fixed_days,
        variable_months: counted.variable,
        useful_years,
        shortest_months,
        shortest_day: day(shortest_months),
        repaired_years,
        missed_years,
        lines,
        at_least: rule.at_least,
        basis: basis.clone(),
    };
    Ok((wait, shift(months)))
}

/// The least number of missed years whose repair shortens the wait as far as it can be.
fn useful(counted: &Months, per_year: u32, missed: u32) -> u32 {
    let least = counted.after(counted.variable.min(per_year * missed));
    (0..=missed).find(|years| counted.after(per_year * years) == least).unwrap_or(0)
}
