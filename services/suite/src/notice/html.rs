//! A notice's page as one web page that needs nothing else: no script, no font, no picture.

use std::fmt::{Display, Formatter, Result, Write};

use canbao_policy::chinese;
use canbao_policy::page::{Bar, Block, Calendar, Column, Day, Grid, Kind, List, Page, Point, Row, Sources};
use canbao_types::{Date, Datelike, add_months};

/// How it looks: on a screen by day and by night, on a telephone, on paper.
const STYLE: &str = include_str!("page.css");

/// Text that cannot be taken for markup.
struct Safe<'t>(&'t str);

impl Display for Safe<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for sign in self.0.chars() {
            match sign {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// The web page.
pub(super) fn html(page: &Page) -> String {
    let (title, lead) = (Safe(&page.title), Safe(&page.lead));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n\
         </header>\n<nav>"
    );
    for chapter in &page.chapters {
        let _ = write!(out, "<a href=\"#{}\">{}</a>", Safe(chapter.id), Safe(chapter.title));
    }
    out.push_str("</nav>\n<main>\n");
    for chapter in &page.chapters {
        let (id, title) = (Safe(chapter.id), Safe(chapter.title));
        let _ = write!(out, "<section id=\"{id}\">\n<h2>{title}</h2>\n");
        // A table under a chapter of the same title needs none of its own.
        let needless = |title: &str| title == chapter.title;
        for block in &chapter.blocks {
            match block {
                Block::Grid(grid) => rows(&mut out, grid, needless(&grid.title)),
                Block::List(list) => items(&mut out, list, needless(&list.title)),
                Block::Calendar(calendar) => season(&mut out, calendar),
                Block::Points(points) => points.iter().for_each(|point| question(&mut out, point)),
                Block::Note(note) => {
                    let _ = writeln!(out, "<p class=\"note\">{}</p>", Safe(note));
                }
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn heading(out: &mut String, title: &str, needless: bool, tags: &str) {
    match (needless, tags.is_empty()) {
        (true, true) => {}
        (true, false) => {
            let _ = writeln!(out, "<p>{tags}</p>");
        }
        (false, _) => {
            let _ = writeln!(out, "<h3>{} {tags}</h3>", Safe(title));
        }
    }
}

fn rows(out: &mut String, grid: &Grid, needless: bool) {
    let cited = grid.rows.iter().any(|row| row.sources != Sources::default());
    heading(out, &grid.title, needless, "");
    out.push_str("<table>\n<thead><tr>");
    for column in &grid.columns {
        let _ = write!(out, "<th{}>{}</th>", class(column, ""), Safe(&column.title));
    }
    out.push_str(if cited { "<th>依据</th></tr></thead>\n<tbody>\n" } else { "</tr></thead>\n<tbody>\n" });
    for row in &grid.rows {
        out.push_str("<tr>");
        cells(out, grid, row);
        if cited {
            let _ = write!(out, "<td class=\"tags\" data-label=\"依据\">{}</td>", tags(&row.sources));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn cells(out: &mut String, grid: &Grid, row: &Row) {
    for (column, cell) in grid.columns.iter().zip(&row.cells) {
        // Where every clause is told, its tag leads here.
        let id = if column.title == "条款" { format!(" id=\"{}\"", Safe(cell)) } else { String::new() };
        let (class, label) = (class(column, cell), Safe(&column.title));
        let _ = write!(out, "<td{class}{id} data-label=\"{label}\">{}</td>", Safe(cell));
    }
}

fn class(column: &Column, cell: &str) -> &'static str {
    // So few signs are read at one glance, and not broken.
    const SHORT: std::ops::RangeInclusive<usize> = 1..=7;
    match column.amount {
        true => " class=\"amount\"",
        false if SHORT.contains(&cell.chars().count()) => " class=\"short\"",
        false => "",
    }
}

fn items(out: &mut String, list: &List, needless: bool) {
    heading(out, &list.title, needless, &tags(&list.sources));
    out.push_str("<dl>\n");
    for (title, text) in &list.items {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", Safe(title), Safe(text));
    }
    out.push_str("</dl>\n");
}

/// Clauses and open points as small quiet tags.
fn tags(sources: &Sources) -> String {
    let clause = |clause: &String| {
        let clause = Safe(clause);
        format!("<a class=\"tag\" href=\"#{clause}\">{clause}</a>")
    };
    let point = |point: &String| {
        let point = Safe(point);
        format!("<a class=\"tag open\" href=\"#{point}\">{point}</a>")
    };
    let clauses = sources.clauses.iter().map(clause);
    clauses.chain(sources.open.iter().map(point)).collect::<Vec<_>>().join(" ")
}

fn question(out: &mut String, point: &Point) {
    let (id, about) = (Safe(&point.id), Safe(&point.about));
    let _ =
        writeln!(out, "<article id=\"{id}\">\n<h3><span class=\"tag open\">{id}</span> {about}</h3>\n<dl>");
    let mut item = |title: &str, text: &str| {
        let _ = writeln!(out, "<dt>{title}</dt><dd>{}</dd>", Safe(text));
    };
    item("采用口径", &point.reading);
    point.other.iter().for_each(|other| item("其他口径", other));
    item("理由", &point.because);
    if !point.rests.is_empty() {
        item("用于", &point.rests.join("、"));
    }
    if !point.against.is_empty() {
        let against = Sources { clauses: point.against.clone(), open: Vec::new() };
        let _ = writeln!(out, "<dt>不采用</dt><dd>{}</dd>", tags(&against));
    }
    out.push_str("</dl>\n</article>\n");
}

/// Where days stand between the first and the last of the season, in hundredths of a percent.
struct Scale {
    first: Date,
    days: i64,
}

impl Scale {
    fn of(calendar: &Calendar) -> Option<Self> {
        let first = *calendar.months.first()?;
        let after = add_months(*calendar.months.last()?, 1)?;
        Some(Self { first, days: (after - first).num_days() })
    }

    fn percent(&self, days: i64) -> String {
        let hundredths = days.clamp(0, self.days) * 10_000 / self.days.max(1);
        format!("{}.{:02}%", hundredths / 100, hundredths % 100)
    }

    /// Where a day begins.
    fn at(&self, day: Date) -> String {
        self.percent((day - self.first).num_days())
    }
}

fn season(out: &mut String, calendar: &Calendar) {
    let Some(scale) = Scale::of(calendar) else { return };
    out.push_str("<div class=\"season\">\n<div class=\"line months\"><div></div><div class=\"track\">");
    for (at, month) in calendar.months.iter().enumerate() {
        let year =
            if at == 0 || month.month() == 1 { format!("<b>{}年</b>", month.year()) } else { String::new() };
        let _ = write!(out, "<span style=\"left:{}\">{year}{}</span>", scale.at(*month), month.month());
    }
    out.push_str("</div></div>\n");
    calendar.bars.iter().for_each(|bar| lasting(out, &scale, bar, &calendar.months));
    calendar.days.iter().for_each(|day| due(out, &scale, day, &calendar.months));
    out.push_str("</div>\n");
}

/// The lines between the months.
fn months(out: &mut String, scale: &Scale, months: &[Date]) {
    for month in months.iter().skip(1) {
        let _ = write!(out, "<i style=\"left:{}\"></i>", scale.at(*month));
    }
}

fn lasting(out: &mut String, scale: &Scale, bar: &Bar, all: &[Date]) {
    let kind = match bar.kind {
        Kind::Window => "window",
        Kind::Late => "late",
        Kind::Cover => "cover",
    };
    let (name, when, tags) = (Safe(&bar.name), Safe(&bar.when), tags(&bar.sources));
    let _ = write!(
        out,
        "<div class=\"line\"><div><b>{name}</b><small>{when} {tags}</small></div><div class=\"track\">"
    );
    months(out, scale, all);
    for span in &bar.spans {
        let (left, width) = (scale.at(span.from()), scale.percent(span.days()));
        let _ = write!(out, "<span class=\"{kind}\" style=\"left:{left};width:{width}\"></span>");
    }
    if bar.spans.is_empty() {
        out.push_str("<span class=\"own\">按个人情形</span>");
    }
    out.push_str("</div></div>\n");
}

fn due(out: &mut String, scale: &Scale, day: &Day, all: &[Date]) {
    let (name, tags) = (Safe(&day.name), tags(&day.sources));
    let date = chinese::day(day.day);
    let _ = write!(
        out,
        "<div class=\"line\"><div><b>{date}</b><small>{name} {tags}</small></div><div class=\"track\">"
    );
    months(out, scale, all);
    let _ = writeln!(out, "<span class=\"day\" style=\"left:{}\"></span></div></div>", scale.at(day.day));
}

#[cfg(test)]
mod tests {
    use canbao_policy::{
        Notices,
        page::{Block, Chapter, Page},
    };

    use super::{Safe, html};

    #[test]
    fn everything_on_a_page_stands_in_its_web_page_and_every_link_leads_somewhere() {
        for notice in Notices::builtin().unwrap().iter() {
            let page = notice.page();
            let html = html(&page);
            let has = |text: &str| assert!(html.contains(&Safe(text).to_string()), "{text}");
            for block in page.chapters.iter().flat_map(|chapter| &chapter.blocks) {
                match block {
                    Block::Grid(grid) => {
                        grid.rows.iter().flat_map(|row| &row.cells).for_each(|cell| has(cell))
                    }
                    Block::List(list) => list.items.iter().for_each(|(_, text)| has(text)),
                    Block::Calendar(calendar) => calendar.bars.iter().for_each(|bar| has(&bar.when)),
                    Block::Points(points) => {
                        points.iter().flat_map(|point| &point.other).for_each(|other| has(other))
                    }
                    Block::Note(note) => has(note),
                }
            }
            for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(html.contains(&format!("id=\"{link}\"")), "{}: #{link}", notice.title());
            }
        }
    }

    #[test]
    fn a_web_page_needs_nothing_but_itself_and_no_word_of_a_notice_is_markup() {
        let note = Block::Note("</p><script>alert('&\"')</script>".to_owned());
        let chapter = Chapter { id: "note", title: "注", blocks: vec![note] };
        let page = Page { title: "<b>".to_owned(), lead: String::new(), chapters: vec![chapter] };
        let html = html(&page);
        assert!(html.contains("&lt;/p&gt;&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"));
        for foreign in ["<script", "<b>", "http", "url(", "@import", "src="] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }
}
