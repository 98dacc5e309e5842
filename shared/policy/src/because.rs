//! What made an answer come out as it did: the facts on which a row held, and the point from which a day was counted.

use std::sync::Arc;

use canbao_types::Date;

use crate::fact::Fact;
use crate::sheet::{Answer, Seen, Sheet, Shift};
use crate::table::{Anchor, DayExpr, Round, Run, Test};

/// What made a row hold, or its exception: nothing where it holds for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Because {
    /// The facts of the alternatives that hold, in the order of the row.
    pub facts: Vec<Fact>,
    /// The identities among them that the person has, in the notice's words.
    pub identities: Vec<Arc<str>>,
}

/// The point from which a day was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Which point.
    pub point: Point,
    /// Its day.
    pub day: Date,
    /// Months added to it, a wait apart.
    pub months: i32,
    /// Days added to it, a wait apart.
    pub days: i64,
    /// The first of a month is taken: that of the point's own month, or of the one after everything is added.
    pub rounded: Option<Round>,
    /// The day would have been earlier than the notice allows, and was put off to the first that it allows.
    pub put_off: bool,
}

/// A point of time that a notice counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A day that stands in the notice.
    Calendar,
    /// A day of the person's.
    Person(Fact),
    /// The first day of the coverage year.
    CoverStart,
    /// Its last day.
    CoverEnd,
    /// The first or last day of a window.
    Window,
}

impl Sheet<'_> {
    /// What makes one of the alternatives hold.
    pub fn because(&self, alternatives: Run) -> Because {
        let mut because = Because::default();
        self.add_because(alternatives, &mut because);
        because
    }

    /// A test of people is told by the facts that say who they are.
    fn add_because(&self, alternatives: Run, because: &mut Because) {
        let tables = self.tables;
        let held = alternatives.of(&tables.alternatives).iter();
        for test in
            held.filter(|run| self.all(**run, None) == Answer::Yes).flat_map(|run| run.of(&tables.tests))
        {
            let fact = match *test {
                Test::Word { fact: Fact::Who, any } => {
                    let people =
                        tables.who.iter().enumerate().filter(|(at, _)| self.who.yes & any & 1 << at != 0);
                    people.for_each(|(_, row)| self.add_because(row.when, because));
                    continue;
                }
                Test::Word { fact: Fact::Identity, any } => {
                    let names = tables.names.identity.iter().enumerate();
                    let held = names.filter(|(at, _)| (any & self.identity.yes) >> at & 1 == 1);
                    because.identities.extend(held.map(|(_, name)| name.clone()));
                    Fact::Identity
                }
                Test::Word { fact, .. } | Test::Day { fact, .. } | Test::Place { fact, .. } => fact,
            };
            if !because.facts.contains(&fact) {
                because.facts.push(fact);
            }
        }
    }

    /// The point that decided the day of an expression; `None` while one of its points is not known.
    pub fn origin(&self, expr: &DayExpr, wait: Shift) -> Option<Origin> {
        let mut latest: Option<(Anchor, Date)> = None;
        for anchor in expr.from.iter().flatten() {
            let Seen::Is(day) = self.resolve(&DayExpr::on(Some(*anchor)), Shift::NONE) else { return None };
            if latest.is_none_or(|(_, earlier)| day > earlier) {
                latest = Some((*anchor, day));
            }
        }
        let (anchor, day) = latest?;
        let free = DayExpr { not_before: None, ..expr.clone() };
        let put_off = self.resolve(&free, wait) != self.resolve(expr, wait);
        Some(Origin {
            point: anchor.into(),
            day,
            months: expr.months,
            days: expr.days,
            rounded: expr.round,
            put_off,
        })
    }
}

impl From<Anchor> for Point {
    fn from(anchor: Anchor) -> Self {
        match anchor {
            Anchor::On(_) => Self::Calendar,
            Anchor::Day { fact, .. } => Self::Person(fact),
            Anchor::CoverStart => Self::CoverStart,
            Anchor::CoverEnd => Self::CoverEnd,
            Anchor::WindowFrom(_) | Anchor::WindowTo(_) => Self::Window,
        }
    }
}
