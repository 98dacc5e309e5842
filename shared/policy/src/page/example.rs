//! Worked examples of the waits (待遇等待期): the engine's own months and days for missed years, before and after repair.

use canbao_types::{CoverYear, Date};

use crate::chinese;
use crate::facts::{Facts, LastCovered};
use crate::notice::Notice;
use crate::page::{Column, Grid, Row, Sources};
use crate::point::fixed_day;
use crate::sheet::{Seen, Sheet};
use crate::table::{Benefit, DayExpr, Tables};
use crate::wait::{self, Wait};
use crate::words::EmployeeScheme;

/// Missed years shown.
const MISSED: u32 = 6;

/// One grid for every row of benefits with a wait.
pub(crate) fn waits(notice: &Notice) -> impl Iterator<Item = Grid> {
    let tables = notice.tables.clone();
    let starts = tables.benefits.iter().filter_map(|row| match &row.then {
        Benefit::Runs { start, .. } => Some((start.wait?, start)),
        Benefit::Undecided(_) => None,
    });
    starts.filter_map(|(at, start)| grid(&tables, at, start)).collect::<Vec<_>>().into_iter()
}

fn grid(tables: &Tables, at: u16, start: &DayExpr) -> Option<Grid> {
    let rule = tables.waits.get(usize::from(at))?;
    let counts = rule.months_per_missed_year > 0 || rule.floor.is_some();
    let paid = late_day(tables);
    let repairs = tables.repair.is_some() && counts;
    let sources = sources(tables, rule.entry);
    let missed = if counts { 0..=MISSED } else { 0..=0 };
    let rows = missed.filter_map(|missed| {
        let (plain, from) = wait(tables, at, start, paid, missed, 0)?;
        let mut cells = vec![format!("{missed}年"), months(&plain), from];
        if !counts {
            cells[0] = "不论".to_owned();
        }
        if repairs {
            let (repaired, from) = wait(tables, at, start, paid, missed, plain.useful_years)?;
            cells.extend(match plain.useful_years {
                0 => ["不能缩短".to_owned(), String::new(), String::new()],
                years => [format!("{years}年"), months(&repaired), from],
            });
        }
        Some(Row { cells, sources: sources.clone() })
    });
    let titles = ["断保年数", "等待", "享受待遇自", "补缴", "补缴后等待", "补缴后享受待遇自"];
    let titles = titles.into_iter().take(if repairs { 6 } else { 3 });
    // The notice's ordinary wait needs no name.
    let id = &tables.entry(rule.entry).id;
    let name = if &**id == "ordinary" { String::new() } else { format!("（{id}）") };
    Some(Grid {
        title: format!("等待期算例{name}：{}缴费", chinese::day(paid)),
        columns: titles.map(|title| Column { title: title.to_owned(), amount: false }).collect(),
        rows: rows.collect(),
    })
}

/// The first day on which everybody who pays is late; failing that, the first day of the coverage year.
fn late_day(tables: &Tables) -> Date {
    let cover = (tables.cover.from(), tables.cover.to());
    let window = |row: u16, first: bool| {
        let window = &tables.windows.get(usize::from(row))?.then;
        fixed_day(if first { &window.from } else { &window.to }, cover, &|_, _| None)
    };
    let late = tables.windows.iter().filter(|row| row.then.late);
    late.filter_map(|row| fixed_day(&row.then.from, cover, &window)).min().unwrap_or(cover.0)
}

fn wait(
    tables: &Tables,
    at: u16,
    start: &DayExpr,
    paid: Date,
    missed: u32,
    repaired: u32,
) -> Option<(Wait, String)> {
    let last = u32::from(tables.year.get()).checked_sub(1 + missed)?;
    let facts = Facts {
        cover_year: Some(tables.year),
        last_covered: Some(LastCovered::In(CoverYear::new(u16::try_from(last).ok()?)?)),
        employee_scheme: Some(EmployeeScheme::Never),
        paid: Some(paid),
        repair_years: Some(repaired),
        ..Facts::default()
    };
    let sheet = Sheet::new(tables, &facts, Seen::Is(paid), &mut ());
    let (wait, shift) = wait::of(&sheet, at, start).ok()?;
    let from = match sheet.resolve(start, shift) {
        Seen::Is(day) if day > tables.cover.to() => format!("{}（已过本年度）", chinese::day(day)),
        Seen::Is(day) => chinese::day(day),
        Seen::Never | Seen::Unknown(_) => String::new(),
    };
    Some((wait, from))
}

/// The months, and how they add up.
fn months(wait: &Wait) -> String {
    let least = if wait.at_least { "不低于" } else { "" };
    let mut steps = wait.lines.iter().map(|line| match line.months {
        less @ ..0 => format!("−{}", -less),
        more => more.to_string(),
    });
    let sum = match wait.lines.len() {
        0 | 1 => String::new(),
        _ => format!("（{}）", steps.by_ref().collect::<Vec<_>>().join("+").replace("+−", "−")),
    };
    let days = match (wait.months, wait.fixed_days) {
        (0, days @ 1..) => return format!("{least}{days}天"),
        (_, 0) => String::new(),
        (_, days) => format!("零{days}天"),
    };
    format!("{least}{}个月{sum}{days}", wait.months)
}

fn sources(tables: &Tables, entry: u16) -> Sources {
    let basis = &tables.entry(entry).basis;
    Sources {
        clauses: basis.iter().map(|citation| citation.clause.to_string()).collect(),
        open: basis.first().map(|citation| citation.open.clone()).unwrap_or_default(),
    }
}
