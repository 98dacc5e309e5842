//! The calendar of a season: windows with their days, deadlines, targets, the coverage year.

use canbao_types::{Date, Datelike, Period, add_months};
use toml::Value;

use crate::chinese;
use crate::file::Day as Written;
use crate::notice::Notice;
use crate::page::Sources;
use crate::page::chapters::sources;
use crate::page::said::{self, Said};
use crate::point::fixed_day;
use crate::table::Tables;

/// A season, month by month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The first day of each month shown.
    pub months: Vec<Date>,
    /// What lasts.
    pub bars: Vec<Bar>,
    /// Single days.
    pub days: Vec<Day>,
}

/// Something that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What.
    pub name: String,
    /// Its days, in words.
    pub when: String,
    /// Its days, apart where it pauses; none where they are the person's own.
    pub spans: Vec<Period>,
    /// How it is to be seen.
    pub kind: Kind,
    /// What it rests on.
    pub sources: Sources,
}

/// How a bar is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A window.
    Window,
    /// A window in which one pays late.
    Late,
    /// The coverage year.
    Cover,
}

/// A day on which something is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// What.
    pub name: String,
    /// What it rests on.
    pub sources: Sources,
}

/// The calendar of a notice.
pub(crate) fn calendar(notice: &Notice) -> Calendar {
    let tables = &notice.tables;
    let mut bars = windows(notice);
    bars.push(Bar {
        name: "待遇年度".to_owned(),
        when: between(tables.cover),
        spans: vec![tables.cover],
        kind: Kind::Cover,
        sources: Sources::default(),
    });
    let mut days = days(notice);
    days.sort_by_key(|day| day.day);
    let spans = bars.iter().flat_map(|bar| &bar.spans);
    let first = spans.clone().map(|span| span.from()).chain(days.iter().map(|day| day.day)).min();
    let last = spans.map(|span| span.to()).chain(days.iter().map(|day| day.day)).max();
    let months = first.zip(last).map(|(first, last)| months(first, last)).unwrap_or_default();
    Calendar { months, bars, days }
}

/// The months of a season; a day far outside it, as of an old publication, does not stretch it beyond three years.
fn months(first: Date, last: Date) -> Vec<Date> {
    const MOST: u32 = 36;
    let Some(first) = first.with_day(1) else { return Vec::new() };
    let all = (0..MOST).filter_map(|month| add_months(first, month));
    all.take_while(|month| *month <= last).collect()
}

/// The windows of the file beside those compiled from it: one row each, in one order.
fn windows(notice: &Notice) -> Vec<Bar> {
    let tables = &notice.tables;
    let said = said::entries(&notice.file, "window");
    said.iter()
        .zip(&tables.windows)
        .map(|(entry, row)| {
            let window = &row.then;
            let days = day_of(tables, &window.from).zip(day_of(tables, &window.to));
            let period = days.and_then(|(from, to)| Period::new(from, to));
            let spans = period.map(|period| open(period, window.month_days)).unwrap_or_default();
            let field = |key: &str| entry.fields.iter().find(|field| field.key == key);
            let text = |key| field(key).map(|field| field.text.clone()).unwrap_or_default();
            let month_days = field("month_days").map(|field| format!("，{}", field.text));
            let when = match period {
                Some(period) => between(period),
                None => format!("{}至{}", text("from"), text("to")),
            };
            let people = entry.fields.iter().filter(|field| ["when", "unless"].contains(&field.key.as_str()));
            let people: Vec<&str> = people.map(|field| field.text.as_str()).collect();
            let people = if people.is_empty() { String::new() } else { format!("；{}", people.join("；")) };
            Bar {
                name: entry.name.clone(),
                when: format!("{when}{}{people}", month_days.unwrap_or_default()),
                spans,
                kind: if window.late { Kind::Late } else { Kind::Window },
                sources: sources(entry),
            }
        })
        .collect()
}

/// The days of a period on which it is open.
fn open(period: Period, month_days: Option<(u32, u32)>) -> Vec<Period> {
    let Some((first, last)) = month_days else { return vec![period] };
    let mut open = Vec::new();
    for month in months(period.from(), period.to()) {
        let end = add_months(month, 1).and_then(|next| next.pred_opt()).unwrap_or(month);
        // A month may have no such last day.
        let days = month.with_day(first).zip(month.with_day(last).or(Some(end)));
        let span = days.and_then(|(from, to)| Period::new(from.max(period.from()), to.min(period.to())));
        open.extend(span);
    }
    open
}

/// A day that is the same for everybody.
fn day_of(tables: &Tables, expr: &crate::table::DayExpr) -> Option<Date> {
    let cover = (tables.cover.from(), tables.cover.to());
    let window = |row: u16, first: bool| {
        let window = &tables.windows.get(usize::from(row))?.then;
        // A window's days may come from another's, never from its own.
        let expr = if first { &window.from } else { &window.to };
        fixed_day(expr, cover, &|_, _| None)
    };
    fixed_day(expr, cover, &window)
}

fn between(period: Period) -> String {
    let day = chinese::day;
    format!("{}至{}", day(period.from()), day(period.to()))
}

/// The tables with a day on which something is due: the key of the day, and what is told of the entry.
const DUE: [(&str, &str); 4] =
    [("notice", "dated"), ("notice", "published"), ("deadline", "by"), ("target", "by")];

fn days(notice: &Notice) -> Vec<Day> {
    let mut days = Vec::new();
    for (table, key) in DUE {
        let rows = match notice.file.get(table) {
            Some(Value::Array(rows)) => rows.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for (row, entry) in rows.iter().zip(said::entries(&notice.file, table)) {
            if let Some(Written(day)) = row.get(key).and_then(Written::of) {
                days.push(Day { day, name: due(&entry, table, key), sources: sources(&entry) });
            }
        }
    }
    days
}

/// What is due: of a deadline who and what, of a target its name and share, of the notice the key's own title.
fn due(entry: &Said, table: &str, key: &str) -> String {
    let title = entry.fields.iter().find(|field| field.key == key).map(|field| field.title.as_str());
    match table {
        "notice" => title.unwrap_or_default().to_owned(),
        _ => {
            let told = entry.fields.iter().filter(|field| field.key != key && field.key != "when");
            told.map(|field| field.text.as_str()).collect::<Vec<_>>().join(" ")
        }
    }
}
