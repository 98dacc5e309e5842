//! Which classes somebody can be in who was born when a window asks for it: nobody born this year is sixty.

use canbao_types::{Date, add_days};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::sheet::{Seen, Sheet};
use crate::table::{Limit, Row, Run, Tables, Test, Window};
use crate::trace::Verdict;

/// The bits of the classes that a window's condition on birth leaves. The classes of people are told apart at the ends
/// of the conditions, so that it is enough to ask about those days and the ones beside them.
pub(super) fn classes(tables: &Tables, window: Option<&Row<Window>>) -> u64 {
    let rows = || tables.windows.iter().filter(|row| window.is_some_and(|of| of.then.name == row.then.name));
    let runs =
        || rows().map(|row| row.when).chain(tables.classes.iter().flat_map(|row| [row.when, row.unless]));
    if !rows().any(|row| births(tables, row.when).next().is_some()) {
        return u64::MAX;
    }
    let undated = Facts { cover_year: Some(tables.year), ..Facts::default() };
    let sheet = Sheet::new(tables, &undated, Seen::Unknown(Fact::Paid), &mut ());
    let ends = runs().flat_map(|run| births(tables, run)).flat_map(|(from, to)| [from, to]);
    let seen = ends.filter_map(|limit| match sheet.limit(limit) {
        Some(Seen::Is(day)) => Some(day),
        Some(Seen::Never | Seen::Unknown(_)) | None => None,
    });
    let ends: Vec<Date> = seen.collect();
    let days = ends.iter().flat_map(|end| [-1, 0, 1].into_iter().filter_map(|step| add_days(*end, step)));
    days.fold(0, |classes, birth| {
        let facts = Facts { birth: Some(birth), ..undated.clone() };
        let sheet = Sheet::new(tables, &facts, Seen::Unknown(Fact::Paid), &mut ());
        let fits = rows().any(|row| !matches!(sheet.verdict(row, &mut ()), Verdict::Fails(Fact::Birth)));
        classes | if fits { possible(&sheet) } else { 0 }
    })
}

/// The ends of the conditions on birth.
fn births(tables: &Tables, run: Run) -> impl Iterator<Item = (Limit, Limit)> {
    tables.tests(run).filter_map(|test| match *test {
        Test::Day { fact: Fact::Birth, from, to, .. } => Some((from, to)),
        _ => None,
    })
}

/// The classes that a person may be in: the first that holds, and those above it that may.
fn possible(sheet: &Sheet<'_>) -> u64 {
    let mut classes = 0;
    for (at, row) in sheet.tables.classes.iter().enumerate() {
        match sheet.verdict(row, &mut ()) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => classes |= 1 << at,
            Verdict::Holds => return classes | 1 << at,
        }
    }
    classes
}
