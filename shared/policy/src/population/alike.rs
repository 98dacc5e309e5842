//! Which people some notices cannot tell apart, made from what their conditions ask.

use std::collections::BTreeSet;

use canbao_types::CoverYear;

use super::asked::{self, Asked};
use super::cuts::Cuts;
use super::see::{See, first_alike};
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
    identities: Vec<u32>,
    events: Vec<u32>,
    rest: Vec<Circumstances>,
    pairs: Vec<(Fact, Fact, i64, i64)>,
    /// Whether a confirmation may stand for a payment.
    settles: bool,
}

/// Circumstances that are alike, and whether the days must be known to the day beside them.
pub(super) struct Circumstances {
    pub like: u32,
    pub every_day: bool,
}

/// For each day of a span the first that is alike.
pub(super) enum DayClasses {
    /// Nobody asks.
    Unasked,
    Asked {
        first: i32,
        like: Vec<i32>,
    },
}

impl DayClasses {
    fn like(&self, day: i32) -> i32 {
        match self {
            Self::Unasked => NOT_GIVEN,
            Self::Asked { first, like } => {
                let at = day.checked_sub(*first).and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| like.get(at).copied()).unwrap_or(day)
            }
        }
    }
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
        let pairs = cuts.pairs.iter().map(|((one, other), (least, most))| (*one, *other, *least, *most));
        let pairs = pairs.collect();
        let nobody = Facts::default();
        let sheet = |tables| Sheet::new(tables, &nobody, Seen::Unknown(Fact::Paid), &mut ());
        let see = See { asked: &asked, cuts: &cuts, tables: &tables, nobody: tables.map(sheet) };
        let held = see.all_held(population);
        let identities =
            population.identities.iter().map(|list| list.as_deref().map(|list| few(list, &held)));
        Self {
            population,
            days: std::array::from_fn(|column| see.days(population, column)),
            identities: first_alike(identities),
            events: first_alike(population.events.iter().map(|list| see.events(list.as_deref()))),
            rest: see.circumstances(population),
            pairs,
            settles: tables.iter().any(|tables| tables.settled.is_some()),
        }
    }

    /// What a person has in common with those alike.
    pub fn kind(&self, person: &Person) -> Kind {
        let rest = &self.rest[person.rest as usize];
        let settled = self.settles && person.days[PAID] == NOT_GIVEN && person.days[CONFIRMED] != NOT_GIVEN;
        if rest.every_day || settled {
            return self.to_the_day(person, rest);
        }
        let mut like = Person {
            days: std::array::from_fn(|column| match person.days[column] {
                NOT_GIVEN => NOT_GIVEN,
                day => self.days[column].like(day),
            }),
            identities: self.identities[person.identities as usize],
            events: self.events[person.events as usize],
            rest: rest.like,
        };
        let (mut order, mut compared) = (0, 0);
        for (one, other, least, most) in &self.pairs {
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
        if compared > PAIRS { self.to_the_day(person, rest) } else { Kind { person: like, order } }
    }

    /// Alike only with those who have the same days.
    fn to_the_day(&self, person: &Person, rest: &Circumstances) -> Kind {
        let days = std::array::from_fn(|column| match self.days[column] {
            DayClasses::Unasked => NOT_GIVEN,
            DayClasses::Asked { .. } => person.days[column],
        });
        Kind { person: Person { days, rest: rest.like, ..*person }, order: EVERY_DAY }
    }

    /// The days a fact names, in the order given.
    fn values(&self, person: &Person, fact: Fact) -> Values<'p> {
        let population = self.population;
        let column = DAYS.iter().position(|day| *day == fact);
        let own = column.map_or(NOT_GIVEN, |column| person.days[column]);
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
        if let Some(column) = DAYS.iter().position(|day| *day == fact) {
            like.days[column] = person.days[column];
        }
    }
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
