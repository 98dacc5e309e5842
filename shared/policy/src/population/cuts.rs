//! Where a notice cuts the days of people, and which of their days it holds against one another.
//!
//! A notice compares days: a day of a person with one of the calendar, or with another day of the person moved by some months
//! and days. The first cuts the calendar at a day. For the second it is enough to know which of the two is earlier, and the
//! days themselves only where they lie so close that the move could turn the order round. Moving days never changes
//! their order, so the latest of several points is compared point by point.

use std::collections::{BTreeMap, BTreeSet};

use canbao_types::{CoverYear, Date, Datelike, Period, YEARS, add_days};

use crate::day::shifted;
use crate::fact::Fact;
use crate::file::ForYear;
use crate::history;
use crate::sheet::Shift;
use crate::table::{Anchor, DayExpr, Limit, Round, Row, Tables, Test, Window};

/// Cuts and pairs of one or more notices.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// The first days of what is alike, for each day of a person.
    pub days: BTreeMap<Fact, BTreeSet<Date>>,
    /// Pairs of days, with the differences of the first from the second, in days, at which the days themselves count.
    pub pairs: BTreeMap<(Fact, Fact), (i64, i64)>,
}

/// Where an expression counts from.
#[derive(Clone, Copy)]
enum Point {
    On(Date),
    Of(Fact),
}

/// A point, moved by one expression after the other.
#[derive(Clone)]
struct Term<'t> {
    point: Point,
    moves: Vec<&'t DayExpr>,
}

impl Term<'_> {
    fn of(fact: Fact) -> Self {
        Self { point: Point::Of(fact), moves: Vec::new() }
    }

    fn apply(&self, day: Date) -> Option<Date> {
        self.moves.iter().try_fold(day, |day, expr| shifted(day, expr, Shift::NONE))
    }

    /// The least and the greatest number of days by which it moves.
    fn reach(&self) -> (i64, i64) {
        if self.is_rigid() {
            let days = self.moves.iter().map(|expr| expr.days).sum();
            return (days, days);
        }
        self.moves.iter().fold((0, 0), |(least, most), expr| {
            // The points, and the floor that is a point of its own, are terms; no comparison waits.
            let DayExpr { from: _, months, days, wait: _, round, not_before: _ } = **expr;
            let (years, rest) = (i64::from(months / 12), i64::from(months % 12));
            let moved = [years * 365 + rest * 28, years * 366 + rest * 31];
            let rounded = match round {
                None => [0, 0],
                Some(Round::ThisMonth) => [-31, 0],
                Some(Round::NextMonth) => [0, 31],
            };
            // A 29 February that is none in the other year moves by one day less.
            (
                least + moved[0].min(moved[1]) - 1 + days + rounded[0],
                most + moved[0].max(moved[1]) + 1 + days + rounded[1],
            )
        })
    }

    /// The first day which the moves lead to this one or beyond.
    fn first_reaching(&self, day: Date) -> Option<Date> {
        let (least, most) = self.reach();
        (-most - 1..=1 - least).find_map(|step| {
            let from = add_days(day, step)?;
            (self.apply(from)? >= day).then_some(from)
        })
    }

    fn is_rigid(&self) -> bool {
        self.moves.iter().all(|expr| expr.months == 0 && expr.round.is_none())
    }
}

impl Cuts {
    /// Adds what a notice compares when it is asked for these years.
    pub fn add(&mut self, tables: &Tables, tests: &[Test], years: &BTreeSet<CoverYear>) {
        let mut gather = Gather { tables, years, cuts: self };
        for test in tests {
            match *test {
                Test::Day { fact, from, to, .. } => {
                    gather.limit(fact, from);
                    gather.limit(fact, to);
                }
                Test::Word { .. } | Test::Place { .. } => {}
            }
        }
        tables.windows.iter().for_each(|row| gather.window(row));
        let windows = tables.windows.iter().map(|row| row.then.year);
        if windows.chain(tables.prices.iter().map(|row| row.then.year)).any(counts_from_birth) {
            let asked = years.iter().map(|year| i32::from(year.get()) - i32::from(tables.year.get()));
            gather.year_starts(Fact::Birth, asked.flat_map(|from_own| [from_own, from_own + 1]));
        }
        // The history asks in which coverage year somebody left or entered the other scheme.
        let all = || YEARS.map(|year| year - tables.cover.from().year());
        gather.year_starts(Fact::EmployeeFrom, all());
        gather.year_starts(Fact::EmployeeUntil, all());
    }
}

fn counts_from_birth(year: ForYear) -> bool {
    match year {
        ForYear::BirthYear => true,
        ForYear::NoticeYear | ForYear::Any => false,
    }
}

struct Gather<'c, 't> {
    tables: &'t Tables,
    years: &'c BTreeSet<CoverYear>,
    cuts: &'c mut Cuts,
}

impl<'t> Gather<'_, 't> {
    fn limit(&mut self, fact: Fact, limit: Limit) {
        let terms = match limit {
            Limit::Open => return,
            Limit::On(day) => vec![Term { point: Point::On(day), moves: Vec::new() }],
            Limit::At(at) => {
                self.tables.days.get(usize::from(at)).map_or_else(Vec::new, |expr| self.terms(expr))
            }
        };
        terms.iter().for_each(|term| self.compare(&Term::of(fact), term));
    }

    /// The payment lies before, in or after a window; a window that ends before it begins never opens.
    fn window(&mut self, row: &'t Row<Window>) {
        let Window { name: _, year: _, from, to, month_days, late: _, events, personal: _ } = &row.then;
        let (from, to) = (self.terms(from), self.terms(to));
        for term in from.iter().chain(&to) {
            self.compare(&Term::of(Fact::Paid), term);
            if let (Point::Of(fact), Some(_)) = (term.point, month_days) {
                // The days of the month on which it is open are counted from the person's own day.
                self.pair(Fact::Paid, fact, (i64::MIN, i64::MAX));
            }
        }
        for first in &from {
            to.iter().for_each(|last| self.compare(first, last));
        }
        if *events != 0 {
            self.pair(Fact::Paid, Fact::Event, (0, 0));
        }
    }

    /// Cuts at the first day of coverage years, so many after the notice's own.
    fn year_starts(&mut self, fact: Fact, years: impl Iterator<Item = i32>) {
        let first = self.tables.cover.from();
        let starts = years.filter_map(|years| first.with_year(first.year() + years));
        self.cuts.days.entry(fact).or_default().extend(starts);
    }

    fn terms(&self, expr: &'t DayExpr) -> Vec<Term<'t>> {
        let mut terms: Vec<Term<'t>> =
            expr.from.iter().flatten().flat_map(|anchor| self.terms_of(*anchor)).collect();
        terms.iter_mut().for_each(|term| term.moves.push(expr));
        terms.extend(expr.not_before.into_iter().flat_map(|anchor| self.terms_of(anchor)));
        terms
    }

    fn terms_of(&self, anchor: Anchor) -> Vec<Term<'t>> {
        let on = |day| Term { point: Point::On(day), moves: Vec::new() };
        let end = |end: fn(Period) -> Date| {
            let covers = self.years.iter().filter_map(|year| history::cover_of(self.tables, *year));
            covers.map(|cover| on(end(cover))).collect()
        };
        let window = |row: u16| self.tables.windows.get(usize::from(row)).map(|row| &row.then);
        match anchor {
            Anchor::On(day) => vec![on(day)],
            Anchor::Day { fact, .. } => vec![Term::of(fact)],
            Anchor::CoverStart => end(Period::from),
            Anchor::CoverEnd => end(Period::to),
            Anchor::WindowFrom(row) => window(row).map_or_else(Vec::new, |window| self.terms(&window.from)),
            Anchor::WindowTo(row) => window(row).map_or_else(Vec::new, |window| self.terms(&window.to)),
        }
    }

    fn compare(&mut self, left: &Term<'t>, right: &Term<'t>) {
        match (left.point, right.point) {
            (Point::On(_), Point::On(_)) => {}
            (Point::On(day), Point::Of(fact)) => self.cut(left.apply(day), fact, right),
            (Point::Of(fact), Point::On(day)) => self.cut(right.apply(day), fact, left),
            (Point::Of(one), Point::Of(other)) if one == other && left.is_rigid() && right.is_rigid() => {}
            (Point::Of(one), Point::Of(other)) => {
                let ((least, most), (other_least, other_most)) = (left.reach(), right.reach());
                self.pair(one, other, (other_least - most, other_most - least));
            }
        }
    }

    /// Cuts where the moved day of a person reaches a day, and where it goes beyond it.
    fn cut(&mut self, at: Option<Date>, fact: Fact, term: &Term<'t>) {
        let days = [at, at.and_then(|day| add_days(day, 1))].into_iter().flatten();
        let cuts = days.filter_map(|day| term.first_reaching(day));
        self.cuts.days.entry(fact).or_default().extend(cuts);
    }

    fn pair(&mut self, one: Fact, other: Fact, (least, most): (i64, i64)) {
        let (key, (least, most)) = match one <= other {
            true => ((one, other), (least, most)),
            false => ((other, one), (most.saturating_neg(), least.saturating_neg())),
        };
        let near = self.cuts.pairs.entry(key).or_insert((least, most));
        *near = (near.0.min(least), near.1.max(most));
    }
}
