//! Compiles date expressions: points in time, and what is counted from them.

use std::sync::Arc;

use canbao_types::{Date, add_days};
use serde::Deserialize;
use toml::Value;

use crate::compile::Compiler;
use crate::condition::index;
use crate::day::moved;
use crate::fact::{Fact, Kind};
use crate::file::Day;
use crate::problem::unknown;
use crate::reader::{Entry, mended};
use crate::table::{Anchor, DayExpr, Round};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDay {
    from: Value,
    #[serde(default)]
    years: i32,
    #[serde(default)]
    months: i32,
    #[serde(default)]
    days: i64,
    wait: Option<String>,
    round: Option<Round>,
    not_before: Option<Value>,
}

impl Compiler<'_> {
    /// A date expression.
    pub fn day(&mut self, entry: &Entry, value: &Value, of: u64) -> DayExpr {
        let written = match value {
            Value::Table(_) => match serde_path_to_error::deserialize::<_, WrittenDay>(value.clone()) {
                Ok(written) => written,
                Err(error) => {
                    self.reader.tell_of(entry, mended(&error, "the date"));
                    return DayExpr::on(None);
                }
            },
            point => WrittenDay {
                from: point.clone(),
                years: 0,
                months: 0,
                days: 0,
                wait: None,
                round: None,
                not_before: None,
            },
        };
        let points = match &written.from {
            Value::Array(points) => points.as_slice(),
            point => std::slice::from_ref(point),
        };
        if points.is_empty() || points.len() > 3 {
            self.reader.tell_of(
                entry,
                "a date counts from no point or from more than three; write one to three under `from`",
            );
        }
        let mut from = [None; 3];
        for (place, point) in from.iter_mut().zip(points) {
            *place = self.anchor(entry, point, of);
        }
        let wait = written.wait.and_then(|name| {
            let at = self.wait_names.iter().position(|known| **known == *name);
            if at.is_none() && !self.reader.is_unread(&name) {
                self.reader.tell_of(entry, unknown(&name, "wait", &self.wait_names));
            }
            at.map(index)
        });
        let not_before = written.not_before.and_then(|point| self.anchor(entry, &point, of));
        let months = written.years.checked_mul(12).and_then(|months| months.checked_add(written.months));
        if months.is_none() {
            self.reader.tell_of(entry, "a date lies beyond the calendar; mend `years` or `months`");
        }
        let (months, days) = (months.unwrap_or(0), written.days);
        DayExpr { from, months, days, wait, round: written.round, not_before }
    }

    /// A point in time.
    pub fn anchor(&mut self, entry: &Entry, value: &Value, of: u64) -> Option<Anchor> {
        let anchor = match value {
            value if Day::of(value).is_some() => Day::of(value).map(|Day(day)| Anchor::On(day)),
            Value::String(name) => match (name.as_str(), name.rsplit_once('.')) {
                ("cover-start", _) => Some(Anchor::CoverStart),
                ("cover-end", _) => Some(Anchor::CoverEnd),
                (_, Some((window, "from"))) => self.window_row(window).map(Anchor::WindowFrom),
                (_, Some((window, "to"))) => self.window_row(window).map(Anchor::WindowTo),
                (name, _) => Fact::of_person(name)
                    .filter(|fact| fact.kind() == Kind::Day)
                    .filter(|fact| *fact != Fact::Start || self.knows_start)
                    .map(|fact| Anchor::Day { fact, of }),
            },
            _ => None,
        };
        let window = value.as_str().and_then(|name| name.rsplit_once('.')).map(|(window, _)| window);
        if anchor.is_none() && !window.is_some_and(|window| self.reader.is_unread(window)) {
            let points = self.points();
            let what = match value.as_str() {
                Some(name) => unknown(name, "point in time known here", &points),
                None => {
                    format!("{value} is no point in time known here; write a date or the name of a point")
                }
            };
            self.reader.tell_of(entry, what);
        }
        anchor
    }

    /// The names of points in time.
    fn points(&self) -> Vec<Arc<str>> {
        let days = Fact::codes(false).into_iter().filter(|code| {
            Fact::of_person(code)
                .is_some_and(|fact| fact.kind() == Kind::Day && (fact != Fact::Start || self.knows_start))
        });
        let ends = self.window_names.iter().flat_map(|name| [format!("{name}.from"), format!("{name}.to")]);
        let own = ["cover-start", "cover-end"].map(Arc::from);
        own.into_iter().chain(days).chain(ends.map(Arc::from)).collect()
    }

    /// The first row of a window's name; only windows above the one being compiled are known.
    fn window_row(&self, name: &str) -> Option<u16> {
        self.window_names.iter().position(|known| &**known == name).map(index)
    }
}

impl DayExpr {
    /// An expression that is one point and nothing else.
    pub fn on(point: Option<Anchor>) -> Self {
        Self { from: [point, None, None], months: 0, days: 0, wait: None, round: None, not_before: None }
    }

    /// Whether it is a point and nothing else.
    pub fn is_one_day(&self) -> bool {
        self.from[1].is_none()
            && self.months == 0
            && self.days == 0
            && self.wait.is_none()
            && self.round.is_none()
            && self.not_before.is_none()
    }
}

/// A day known without a person, if the expression is one.
pub(crate) fn fixed_day(
    expr: &DayExpr,
    cover: (Date, Date),
    windows: &dyn Fn(u16, bool) -> Option<Date>,
) -> Option<Date> {
    let fixed = |anchor: Anchor| match anchor {
        Anchor::On(day) => Some(day),
        Anchor::CoverStart => Some(cover.0),
        Anchor::CoverEnd => Some(cover.1),
        Anchor::WindowFrom(row) => windows(row, true),
        Anchor::WindowTo(row) => windows(row, false),
        Anchor::Day { .. } => None,
    };
    if expr.wait.is_some() || expr.round.is_some() || expr.not_before.is_some() {
        return None;
    }
    let points: Option<Vec<Date>> = expr.from.iter().flatten().map(|anchor| fixed(*anchor)).collect();
    let latest = points?.into_iter().max()?;
    add_days(moved(latest, expr.months)?, expr.days)
}
