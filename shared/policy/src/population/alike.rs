//! Which people some notices cannot tell apart, made from what their conditions ask.

use std::collections::BTreeSet;

use canbao_types::CoverYear;

use super::asked::{self, Asked};
use super::classes::{Classes, DayClasses};
use super::cuts::Cuts;
use super::see::See;
use super::{DAYS, Held, NOT_GIVEN, Person, Population, coded};
use crate::fact::Fact;
use crate::facts::{Event, Facts};
use crate::notice::Notice;
use crate::sheet::{Seen, Sheet};

/// What people who are alike have in common. It is written as a person, with one value in place of all that are alike, and
/// with the order of the days that are held against one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    person: Person,
    /// Two bits for each pair of days: not both there, the first earlier, later, or so close that the days count.
    order: u64,
}

/// Pairs of days that fit a [`Kind`]; of somebody who has more of them every day counts.
const PAIRS: usize = 31;
/// The order of somebody of whom every day counts.
const EVERY_DAY: u64 = u64::MAX;

/// How to see which people of a population are alike.
pub(super) struct Alike<'p> {
    population: &'p Population,
    days: [DayClasses; DAYS.len()],
    identities: Classes,
    events: Classes,
    rest: Circumstances,
    pairs: Vec<Pair>,
    /// The columns of days that are asked, each with the number of its classes and one more for a day that was not given.
    asked: Vec<(usize, u64)>,
    /// Whether a number is wide enough for every combination of classes.
    numbered: bool,
    /// Whether a confirmation may stand for a payment.
    settles: bool,
}

/// Circumstances that are alike, and whether the days must be known to the day beside them.
pub(super) struct Circumstances {
    pub classes: Classes,
    pub every_day: Vec<bool>,
}

/// Two days that are held against one another, and the differences at which the days themselves count.
struct Pair {
    one: Fact,
    other: Fact,
    least: i64,
    most: i64,
}

impl<'p> Alike<'p> {
    /// People of a population as these notices see them.
    pub fn of(population: &'p Population, notices: [&Notice; 2]) -> Self {
        let tables = notices.map(|notice| &*notice.tables);
        let acts = population.spans[PAID].is_some() || population.spans[CONFIRMED].is_some();
        let (mut cuts, mut asked) = (Cuts::default(), Asked::default());
        for tables in tables {
            let own = population.rest.iter().map(|facts| facts.cover_year.unwrap_or(tables.year));
            let years: BTreeSet<CoverYear> = own.chain([tables.year]).collect();
            let tests = asked::tests(tables, acts);
            cuts.add(tables, &tests, &years);
            asked.add(tables, &tests, acts);
        }
        let nobody = Facts::default();
        let sheet = |tables| Sheet::new(tables, &nobody, Seen::Unknown(Fact::Paid), &mut ());
        let see = See { asked: &asked, cuts: &cuts, tables: &tables, nobody: tables.map(sheet) };
        let held = see.all_held(population);
        let identities =
            Classes::by(population.identities.all(), |list| list.as_deref().map(|list| few(list, &held.of)));
        let mut alike = Self {
            population,
            days: std::array::from_fn(|column| see.days(population, column)),
            identities,
            events: Classes::of(population.events.iter().map(|list| see.events(list.as_deref()))),
            rest: see.circumstances(population),
            pairs: Vec::new(),
            asked: Vec::new(),
            numbered: false,
            settles: tables.iter().any(|tables| tables.settled.is_some()),
        };
        let pairs = cuts.pairs.iter().map(|((one, other), (least, most))| Pair {
            one: *one,
            other: *other,
            least: *least,
            most: *most,
        });
        alike.pairs = pairs.filter(|pair| alike.tells(pair)).collect();
        alike.asked =
            (0..DAYS.len()).filter_map(|column| Some((column, alike.days[column].count()?))).collect();
        let lists = [&alike.identities, &alike.events, &alike.rest.classes].map(Classes::len);
        let mut sizes = alike.asked.iter().map(|(_, count)| *count).chain(lists);
        alike.numbered = sizes.try_fold(1, u64::checked_mul).is_some();
        alike
    }

    /// Whether somebody may differ from others by the order of these days.
    fn tells(&self, pair: &Pair) -> bool {
        let kept_by_lists = |fact| matches!(fact, Fact::Recognised) || column(fact).is_none();
        let nobody = |fact| {
            !kept_by_lists(fact) && column(fact).is_some_and(|column| self.population.spans[column].is_none())
        };
        // A day is as far from itself for everybody who has one; who has one, its class says.
        let same = pair.one == pair.other && !kept_by_lists(pair.one) && (pair.least > 0 || pair.most < 0);
        let asked = column(pair.one).is_some_and(|column| self.days[column].count().is_some());
        !(nobody(pair.one) || nobody(pair.other) || same && asked)
    }

    /// A number in place of [`Self::kind`], which only people who are alike share; none for people of whom days are held
    /// against one another or count to the day.
    pub fn number(&self, person: &Person) -> Option<u64> {
        let given = |fact| self.values(person, fact).next().is_some();
        if !self.numbered
            || self.every_day(person)
            || self.pairs.iter().any(|pair| given(pair.one) && given(pair.other))
        {
            return None;
        }
        let lists = [
            (&self.identities, person.identities),
            (&self.events, person.events),
            (&self.rest.classes, person.rest),
        ];
        let lists = lists
            .iter()
            .fold(0, |number, (classes, at)| number * classes.len() + u64::from(classes.of[*at as usize]));
        self.asked.iter().try_fold(lists, |number, (column, count)| {
            Some(number * count + self.days[*column].number(person.days[*column])?)
        })
    }

    /// What a person has in common with those alike.
    pub fn kind(&self, person: &Person) -> Kind {
        if self.every_day(person) {
            return self.to_the_day(person);
        }
        let mut like = Person {
            days: std::array::from_fn(|column| match person.days[column] {
                NOT_GIVEN => NOT_GIVEN,
                day => self.days[column].like(day),
            }),
            identities: like(&self.identities, person.identities),
            events: like(&self.events, person.events),
            rest: like(&self.rest.classes, person.rest),
        };
        let (mut order, mut compared) = (0, 0);
        for Pair { one, other, least, most } in &self.pairs {
            for first in self.values(person, *one) {
                for second in self.values(person, *other) {
                    let apart = i64::from(first) - i64::from(second);
                    let place = if apart < *least {
                        1
                    } else if apart > *most {
                        2
                    } else {
                        self.keep(*one, person, &mut like);
                        self.keep(*other, person, &mut like);
                        3
                    };
                    order = order << 2 | place;
                    compared += 1;
                }
            }
        }
        if compared > PAIRS { self.to_the_day(person) } else { Kind { person: like, order } }
    }

    /// Whether every day of a person counts, whatever it is held against.
    fn every_day(&self, person: &Person) -> bool {
        let settled = self.settles && person.days[PAID] == NOT_GIVEN && person.days[CONFIRMED] != NOT_GIVEN;
        settled || self.rest.every_day[person.rest as usize]
    }

    /// Alike only with those who have the same days.
    fn to_the_day(&self, person: &Person) -> Kind {
        let days = std::array::from_fn(|column| match self.days[column] {
            DayClasses::Unasked => NOT_GIVEN,
            DayClasses::Asked { .. } => person.days[column],
        });
        Kind {
            person: Person { days, rest: like(&self.rest.classes, person.rest), ..*person },
            order: EVERY_DAY,
        }
    }

    /// The days a fact names, in the order given.
    fn values(&self, person: &Person, fact: Fact) -> Values<'p> {
        let population = self.population;
        let own = column(fact).map_or(NOT_GIVEN, |column| person.days[column]);
        let held = || population.identities.at(person.identities).as_deref().unwrap_or_default();
        let rest = || population.rest.at(person.rest);
        match fact {
            Fact::Event => Values::Events(population.events.at(person.events).as_deref().unwrap_or_default()),
            Fact::Recognised if own == NOT_GIVEN => Values::Held(population, held(), |held| held.recognised),
            Fact::IdentityRecognised => Values::Held(population, held(), |held| held.recognised),
            Fact::IdentityCertificate => Values::Held(population, held(), |held| held.certificate),
            Fact::IdentityRated => Values::Held(population, held(), |held| held.rated),
            Fact::Died => Values::One(coded(rest().died)),
            Fact::Asked => Values::One(coded(rest().asked)),
            Fact::Left => Values::One(coded(rest().left)),
            Fact::Success => Values::One(coded(rest().success)),
            _ => Values::One(own),
        }
    }

    /// Keeps a day of a person as it is.
    fn keep(&self, fact: Fact, person: &Person, like: &mut Person) {
        match fact {
            Fact::Event => like.events = person.events,
            Fact::IdentityRecognised | Fact::IdentityCertificate | Fact::IdentityRated => {
                like.identities = person.identities;
            }
            _ => {}
        }
        if fact == Fact::Recognised {
            like.identities = person.identities;
        }
        if let Some(column) = column(fact) {
            like.days[column] = person.days[column];
        }
    }
}

/// The place of a day among [`DAYS`].
fn column(fact: Fact) -> Option<usize> {
    DAYS.iter().position(|day| *day == fact)
}

/// The first that is alike.
fn like(classes: &Classes, at: u32) -> u32 {
    classes.like(at as usize).unwrap_or(at)
}

/// The places of two days among [`DAYS`].
const PAID: usize = 3;
const CONFIRMED: usize = 5;

/// Days, one after another.
enum Values<'p> {
    One(i32),
    Events(&'p [Event]),
    Held(&'p Population, &'p [u32], fn(&Held) -> i32),
}

impl Iterator for Values<'_> {
    type Item = i32;

    fn next(&mut self) -> Option<i32> {
        loop {
            let day = match self {
                Self::One(day) => {
                    let one = std::mem::replace(day, NOT_GIVEN);
                    return (one != NOT_GIVEN).then_some(one);
                }
                Self::Events(events) => {
                    let (first, rest) = events.split_first()?;
                    *events = rest;
                    coded(Some(first.date))
                }
                Self::Held(population, held, day) => {
                    let (first, rest) = held.split_first()?;
                    *held = rest;
                    day(population.held.at(*first))
                }
            };
            if day != NOT_GIVEN {
                return Some(day);
            }
        }
    }
}

/// A list of identities in place of all that are alike; most are short.
fn few(list: &[u32], like: &[u32]) -> ([Option<u32>; 2], Vec<u32>) {
    let mut all = list.iter().map(|at| like[*at as usize]);
    ([all.next(), all.next()], all.collect())
}
