//! From when to when a payment gives benefits (待遇享受期), and after which wait (待遇等待期).

use canbao_types::Date;

use crate::facts::Fact;
use crate::file::{CountFrom, Ends};
use crate::ruling::{Basis, Benefit, Cited, Stated, Wait};
use crate::sheet::{Pick, Seen, Sheet, Shift};
use crate::table;
use crate::trace::{Recorder, Verdict};

/// The benefit of the payment on the sheet, or the entry and the fact it turns on.
pub(crate) fn of(sheet: &Sheet<'_>, recorder: &mut impl Recorder) -> Result<Benefit, (u16, Fact)> {
    let tables = sheet.tables;
    let row = match sheet.first(&tables.benefits, recorder) {
        Pick::Row(row) => row,
        Pick::Needs(row, fact) => return Err((row.entry, fact)),
        Pick::None => {
            let (start, end) = (Stated::PersonMustDecide, Stated::PersonMustDecide);
            let basis = Basis::from([]);
            return Ok(Benefit { start, end, wait: None, cut_by: None, row: "benefit".into(), basis });
        }
    };
    let needing = |fact| (row.entry, fact);
    let (start, end, wait) = match &row.then {
        table::Benefit::Undecided(undecided) => ((*undecided).into(), (*undecided).into(), None),
        table::Benefit::Runs { start, end } => {
            let waits = start.wait.map(|at| wait(sheet, at)).transpose().map_err(needing)?;
            let (wait, shift) = waits.map_or((None, Shift::NONE), |(wait, shift)| (Some(wait), shift));
            let first = stated(sheet.resolve(start, shift)).map_err(needing)?;
            (first, stated(sheet.resolve(end, Shift::NONE)).map_err(needing)?, wait)
        }
    };
    let entry = tables.entry(row.entry);
    let mut benefit =
        Benefit { start, end, wait, cut_by: None, row: entry.label.clone(), basis: entry.basis.clone() };
    cut(sheet, &mut benefit, recorder)?;
    Ok(benefit)
}

/// Of the rows that end a benefit the earliest counts, when it is earlier than the benefit's own end.
fn cut(sheet: &Sheet<'_>, benefit: &mut Benefit, recorder: &mut impl Recorder) -> Result<(), (u16, Fact)> {
    for row in &sheet.tables.benefit_ends {
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => continue,
            Verdict::Needs(fact) => return Err((row.entry, fact)),
            Verdict::Holds => {}
        }
        let last = stated(sheet.resolve(&row.then, Shift::NONE)).map_err(|fact| (row.entry, fact))?;
        if let (Stated::Is(last), Stated::Is(end)) = (last, benefit.end)
            && last < end
        {
            let entry = sheet.tables.entry(row.entry);
            benefit.end = Stated::Is(last);
            benefit.cut_by = Some(Cited { value: entry.label.clone(), basis: entry.basis.clone() });
        }
    }
    Ok(())
}

/// A wait in its parts, and how far it moves the first day. Needs the history only if it counts.
fn wait(sheet: &Sheet<'_>, at: u16) -> Result<(Wait, Shift), Fact> {
    let rule = sheet.tables.waits.get(usize::from(at)).ok_or(Fact::History)?;
    let history = &sheet.history;
    let counts = rule.months_per_missed_year > 0 || rule.floor.is_some();
    if counts && history.missed.is_none() {
        return Err(history.needs);
    }
    let missed = match (history.missed, rule.count_missed_from) {
        (None, _) => None,
        (Some(missed), CountFrom::Any(_)) => Some(missed),
        (Some(missed), CountFrom::Year(first)) => {
            let early = u32::try_from(first - 1 - history.last).unwrap_or(0);
            Some(missed.saturating_sub(early))
        }
    };
    let years = missed.unwrap_or(0);
    let variable_months = rule.months_per_missed_year * years.saturating_sub(rule.free_missed_years);
    let sum = rule.fixed_months + variable_months;
    let months = match rule.floor {
        Some((least, from)) if years >= from => sum.max(least),
        _ => sum,
    };
    let wait = Wait {
        months,
        fixed_months: rule.fixed_months,
        variable_months,
        missed_years: missed,
        at_least: rule.at_least,
        basis: sheet.tables.entry(rule.entry).basis.clone(),
    };
    Ok((wait, Shift { months, days: i64::from(rule.ends == Ends::DayAfter) }))
}

/// A day that must be known; one that never comes is for a person to look at.
fn stated(day: Seen) -> Result<Stated<Date>, Fact> {
    match day {
        Seen::Is(day) => Ok(Stated::Is(day)),
        Seen::Never => Ok(Stated::PersonMustDecide),
        Seen::Unknown(fact) => Err(fact),
    }
}
