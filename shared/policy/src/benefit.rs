//! From when to when a payment gives benefits (待遇享受期), and after which wait (待遇等待期).

use std::sync::Arc;

use canbao_types::Date;

use crate::because::Because;
use crate::fact::Fact;
use crate::ruling::{Basis, Benefit, Cited, Stated, Unjudged};
use crate::sheet::{Seen, Sheet, Shift};
use crate::table;
use crate::trace::{Recorder, Verdict};
use crate::wait;

/// The benefit of the payment on the sheet, or the entry and the fact it turns on.
///
/// Whether an exception takes a wait away from the person is told too; where that turns on a fact that decides nothing
/// else, it is left `unjudged`.
pub(crate) fn of(
    sheet: &Sheet<'_>,
    unjudged: &mut Vec<Unjudged>,
    recorder: &mut impl Recorder,
) -> Result<Benefit, (u16, Fact)> {
    let tables = sheet.tables;
    let mut exempted = None;
    let mut exempted_because = Because::default();
    let mut found = None;
    for row in &tables.benefits {
        match (sheet.verdict(row, recorder), &row.then) {
            (Verdict::Holds, _) => {
                found = Some(row);
                break;
            }
            (Verdict::Needs(fact), _) => return Err((row.entry, fact)),
            (Verdict::Excepted, table::Benefit::Runs { start, exception, .. })
                if start.wait.is_some() && exempted.is_none() =>
            {
                let value = tables.entry(row.entry).label.clone();
                match sheet.condition_needs(row) {
                    Some(fact) => unjudged.push(Unjudged { row: value, fact }),
                    None => {
                        exempted = Some(Cited { value, basis: exception.clone() });
                        exempted_because = sheet.because(row.unless);
                    }
                }
            }
            (Verdict::Excepted | Verdict::Fails(_), _) => {}
        }
    }
    let Some(at) = found else {
        return Ok(undecided(exempted, exempted_because));
    };
    let needing = |fact| (at.entry, fact);
    let (start, origin, end, wait) = match &at.then {
        table::Benefit::Undecided(undecided) => ((*undecided).into(), None, (*undecided).into(), None),
        table::Benefit::Runs { start, end, .. } => {
            let waits = start.wait.map(|at| wait::of(sheet, at, start)).transpose().map_err(needing)?;
            let (wait, shift) = waits.map_or((None, Shift::NONE), |(wait, shift)| (Some(wait), shift));
            let first = stated(sheet.resolve(start, shift)).map_err(needing)?;
            let last = stated(sheet.resolve(end, Shift::NONE)).map_err(needing)?;
            (first, sheet.origin(start, shift), last, wait)
        }
    };
    let entry = tables.entry(at.entry);
    let (row, basis) = (entry.label.clone(), entry.basis.clone());
    let because = sheet.because(at.when);
    let mut benefit = Benefit {
        start,
        origin,
        because,
        end,
        wait,
        exempted,
        exempted_because,
        cut_by: None,
        cut_because: Because::default(),
        row,
        basis,
    };
    cut(sheet, &mut benefit, recorder)?;
    Ok(benefit)
}

/// No row says anything of the person.
fn undecided(exempted: Option<Cited<Arc<str>>>, exempted_because: Because) -> Benefit {
    Benefit {
        start: Stated::PersonMustDecide,
        origin: None,
        because: Because::default(),
        end: Stated::PersonMustDecide,
        wait: None,
        exempted,
        exempted_because,
        cut_by: None,
        cut_because: Because::default(),
        row: "benefit".into(),
        basis: Basis::from([]),
    }
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
            benefit.cut_because = sheet.because(row.when);
            benefit.cut_by = Some(Cited { value: entry.label.clone(), basis: entry.basis.clone() });
        }
    }
    Ok(())
}

/// A day that must be known; one that never comes is for a person to look at.
fn stated(day: Seen) -> Result<Stated<Date>, Fact> {
    match day {
        Seen::Is(day) => Ok(Stated::Is(day)),
        Seen::Never => Ok(Stated::PersonMustDecide),
        Seen::Unknown(fact) => Err(fact),
    }
}
