//! A notice's page as text for a terminal. Chinese signs are two columns wide there, which the tables know.

use std::fmt::Write;

use canbao_policy::page::{Block, Calendar, Grid, Kind, List, Page, Point, Sources};
use canbao_policy::population::Touched;
use canbao_policy::{Change, Difference};
use canbao_types::{Date, Datelike, add_days, add_months};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Width};

use crate::season::tables::table;

/// Columns of a page; a terminal has as many as a rule.
pub(super) const WIDTH: u16 = 118;

/// The page, line by line, in so many columns.
pub(super) fn text(page: &Page, width: u16) -> String {
    let mut out = format!("{}\n{}\n", page.title, page.lead);
    for chapter in &page.chapters {
        let _ = write!(out, "\n■ {}\n", chapter.title);
        for block in &chapter.blocks {
            out.push('\n');
            out.push_str(&match block {
                Block::Grid(grid) => rows(grid, width),
                Block::List(list) => items(list),
                Block::Calendar(calendar) => season(calendar),
                Block::Points(points) => points.iter().map(point).collect(),
                Block::Note(note) => format!("  {note}\n"),
            });
        }
    }
    out
}

fn rows(grid: &Grid, width: u16) -> String {
    // A table without sources has no column for them.
    let cited = grid.rows.iter().any(|row| row.sources != Sources::default());
    let titles = grid.columns.iter().map(|column| column.title.as_str());
    let mut table = table(&titles.chain(cited.then_some("依据")).collect::<Vec<_>>());
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    for row in &grid.rows {
        table.add_row(row.cells.iter().cloned().chain(cited.then(|| sources(&row.sources))));
    }
    if let Some(shown) = table.column_mut(grid.columns.len()) {
        // Three clauses a line, so that they do not make the rows longer than what they say.
        shown.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(26)));
    }
    for (at, column) in grid.columns.iter().enumerate() {
        if let Some(shown) = table.column_mut(at).filter(|_| column.amount) {
            shown.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("  {}\n{table}\n", grid.title)
}

fn items(list: &List) -> String {
    let mut out = format!("  {}  {}\n", list.title, sources(&list.sources)).trim_end().to_owned();
    for (title, text) in &list.items {
        let _ = write!(out, "\n    {title}：{text}");
    }
    out.push('\n');
    out
}

fn sources(sources: &Sources) -> String {
    let open = sources.open.iter().map(|point| format!("[{point}]"));
    sources.clauses.iter().cloned().chain(open).collect::<Vec<_>>().join(" ")
}

fn point(point: &Point) -> String {
    let mut out = format!("  [{}] {}\n      采用口径：{}\n", point.id, point.about, point.reading);
    for other in &point.other {
        let _ = writeln!(out, "      其他口径：{other}");
    }
    let _ = writeln!(out, "      理由：{}", point.because);
    for (title, all) in [("不采用的条款", &point.against), ("用于", &point.rests)] {
        if !all.is_empty() {
            let _ = writeln!(out, "      {title}：{}", all.join("、"));
        }
    }
    out
}

/// The season in thirds of months: one sign for each.
fn season(calendar: &Calendar) -> String {
    let mut out = String::from("  日历（每月分上中下旬）\n\n  ");
    for month in &calendar.months {
        // Three signs a month, so the number of a month has two and a space.
        let _ = write!(out, "{:<3}", month.month());
    }
    out.push('\n');
    for bar in &calendar.bars {
        let sign = match bar.kind {
            Kind::Window => '█',
            Kind::Late => '▒',
            Kind::Cover => '━',
        };
        out.push_str("  ");
        for (first, last) in calendar.months.iter().flat_map(|month| thirds(*month)) {
            let open = bar.spans.iter().any(|span| span.from() <= last && first <= span.to());
            out.push(if open { sign } else { '·' });
        }
        let _ = writeln!(out, "  {}：{} {}", bar.name, bar.when, sources(&bar.sources));
    }
    for day in &calendar.days {
        let _ = writeln!(out, "  {}  {} {}", day.day, day.name, sources(&day.sources));
    }
    out
}

/// The first and last days of the thirds (旬) of a month.
fn thirds(month: Date) -> [(Date, Date); 3] {
    let day = |day: i64| add_days(month, day).unwrap_or(month);
    let end = add_months(month, 1).and_then(|next| next.pred_opt()).unwrap_or(month);
    [(month, day(9)), (day(10), day(19)), (day(20), end)]
}

/// What changed from one notice to another, entry by entry, a blank line between tables, how many differences there are,
/// and whom they touch where there is a population.
pub(super) fn differences(changes: &[Change], touched: Option<&Touched>) -> String {
    let mut out = String::new();
    let mut table = "";
    let mut at = 0;
    for entry in changes.chunk_by(|one, next| one.place() == next.place()) {
        let Some(first) = entry.first() else { continue };
        // The changes of an entry touch the same people.
        let people = touched.and_then(|touched| *touched.changes.get(at)?);
        at += entry.len();
        let people = people.map(|people| format!("　〔涉及{people}人〕")).unwrap_or_default();
        if !table.is_empty() && table != first.table {
            out.push('\n');
        }
        table = &first.table;
        match entry {
            [one] => {
                let _ = writeln!(out, "{one}{people}");
            }
            several => {
                let _ = writeln!(out, "{}{people}", first.place());
                several.iter().for_each(|change| {
                    let _ = writeln!(out, "    {}", change.what);
                });
            }
        }
    }
    let count = |kind: fn(&Difference) -> bool| changes.iter().filter(|change| kind(&change.what)).count();
    let counts = [
        ("修改", count(|what| matches!(what, Difference::Said { .. }))),
        ("新增", count(|what| matches!(what, Difference::Added(_)))),
        ("删去", count(|what| matches!(what, Difference::Removed(_)))),
        ("次序", count(|what| matches!(what, Difference::Moved(_)))),
        ("依据", count(|what| matches!(what, Difference::Cited))),
    ];
    let told = counts.iter().filter(|(_, count)| *count > 0);
    let told: Vec<String> = told.map(|(kind, count)| format!("{kind}{count}处")).collect();
    match told.is_empty() {
        true => out.push_str("无变化"),
        false => {
            let _ = write!(out, "\n共{}处不同：{}", changes.len(), told.join("，"));
        }
    }
    if let Some(Touched { any, all, .. }) = touched {
        let _ = write!(
            out,
            "\n{all}人中，上述变化共涉及{any}人。“涉及”指缴费或询问应缴时，变化前或变化后适用该条；没有注明人数的，与此无关，或所给情况没有问到。"
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use canbao_policy::{Notices, page::Block};

    use super::{differences, text};

    #[test]
    fn everything_on_a_page_stands_in_its_text() {
        for notice in Notices::builtin().unwrap().iter() {
            let page = notice.page();
            // So wide that no cell is broken.
            let text = text(&page, 20_000);
            for block in page.chapters.iter().flat_map(|chapter| &chapter.blocks) {
                let said: Vec<&String> = match block {
                    Block::Grid(grid) => grid.rows.iter().flat_map(|row| &row.cells).collect(),
                    Block::List(list) => list.items.iter().map(|(_, text)| text).collect(),
                    Block::Calendar(calendar) => calendar.bars.iter().map(|bar| &bar.when).collect(),
                    Block::Points(points) => points.iter().flat_map(|point| &point.other).collect(),
                    Block::Note(note) => vec![note],
                };
                said.into_iter().for_each(|said| assert!(text.contains(said.as_str()), "{said}"));
            }
        }
    }

    #[test]
    fn differences_are_counted_and_none_is_said_to_be_none() {
        let notices = Notices::builtin().unwrap();
        let notices: Vec<_> = notices.iter().collect();
        let changes = notices[0].changes_to(notices[1]);
        let told = differences(&changes, None);
        assert!(told.contains(&format!("共{}处不同：修改", changes.len())), "{told}");
        assert_eq!(differences(&[], None), "无变化");
    }
}
