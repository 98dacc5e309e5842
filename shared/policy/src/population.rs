//! Many residents at once: what two notices would mean for each of them, and in all (试算).
//!
//! Nobody's ruling is computed here. People whom neither notice can tell apart are put together ([`alike`]), one of each group
//! is asked about through the same [`Notice::pay`](crate::Notice::pay) that answers a single person, and the answer counts
//! for them all.
//!
//! A population is kept coded: the days of a person, of which there are many, as numbers; everything else as the place in a
//! list of what was met so far, of which there is little.

mod alike;
mod answer;
mod asked;
mod classes;
mod compare;
mod cuts;
mod groups;
mod intern;
mod see;
mod sums;
mod touched;

use std::sync::Arc;

use canbao_types::{Date, day_number, day_of_number};

use crate::fact::Fact;
use crate::facts::{Event, Facts, HeldIdentity};
use intern::Interned;

pub use answer::{Answer, Outcome, Payer};
pub use compare::{Comparison, Paid, Shift, compare, each};
pub use sums::{Both, Heads, Sum};
pub use touched::{Touched, touched};

/// The days of a person, in the order in which they are kept.
const DAYS: [Fact; 9] = [
    Fact::Birth,
    Fact::EmployeeFrom,
    Fact::EmployeeUntil,
    Fact::Paid,
    Fact::Arrived,
    Fact::Confirmed,
    Fact::SchoolRegistered,
    Fact::Recognised,
    Fact::Registered,
];

/// A day that was not given.
const NOT_GIVEN: i32 = i32::MIN;

/// A person, coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Person {
    /// Days since 1970, in the order of [`DAYS`].
    days: [i32; DAYS.len()],
    /// Which list of identities; the first is that none was given.
    identities: u32,
    /// Which list of events.
    events: u32,
    /// Which circumstances: everything else.
    rest: u32,
}

/// Residents with the facts known about each, without name and number.
#[derive(Debug)]
pub struct Population {
    people: Vec<Person>,
    /// For each of the days the first and the last that somebody has.
    spans: [Option<(i32, i32)>; DAYS.len()],
    words: Interned<Arc<str>>,
    held: Interned<Held>,
    identities: Interned<Option<Arc<[u32]>>>,
    events: Interned<Option<Arc<[Event]>>>,
    rest: Interned<Arc<Facts>>,
}

/// An identity somebody holds, coded; its words by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Held {
    name: u32,
    kind: Option<u32>,
    recognised: i32,
    certificate: i32,
    rated: i32,
    grade: Option<u32>,
    confirmed: Option<bool>,
    poor: Option<bool>,
}

impl Default for Population {
    fn default() -> Self {
        Self::new()
    }
}

impl Population {
    /// Bytes that each person takes, beside the lists that people share.
    pub const BYTES_A_PERSON: usize = size_of::<Person>();

    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        let (mut identities, mut events) = (Interned::default(), Interned::default());
        identities.place(None);
        events.place(None);
        let (words, held, rest) = (Interned::default(), Interned::default(), Interned::default());
        Self { people: Vec::new(), spans: [None; DAYS.len()], words, held, identities, events, rest }
    }

    /// Adds a person. A coverage year that is left out is that of the notice asked.
    pub fn push(&mut self, mut facts: Facts) {
        let days = days_of(&mut facts).map(|day| coded(day.take()));
        for (span, day) in self.spans.iter_mut().zip(days).filter(|(_, day)| *day != NOT_GIVEN) {
            *span = Some(span.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
        let identities = match facts.identities.take() {
            None => 0,
            Some(held) => {
                let held = held.into_iter().map(|held| self.hold(held)).collect();
                self.identities.place(Some(held))
            }
        };
        let events = facts.events.take().map_or(0, |events| self.events.place(Some(events.into())));
        let rest = self.rest.place(Arc::new(facts));
        self.people.push(Person { days, identities, events, rest });
    }

    fn hold(&mut self, held: HeldIdentity) -> u32 {
        let HeldIdentity { name, confirmed, recognised, certificate, rated, grade, poor, kind } = held;
        let mut word = |word: String| self.words.place(word.into());
        let (name, kind) = (word(name), kind.map(word));
        let [recognised, certificate, rated] = [recognised, certificate, rated].map(coded);
        self.held.place(Held { name, kind, recognised, certificate, rated, grade, confirmed, poor })
    }

    fn held(&self, held: &Held) -> HeldIdentity {
        HeldIdentity {
            name: self.words.at(held.name).to_string(),
            confirmed: held.confirmed,
            recognised: day(held.recognised),
            certificate: day(held.certificate),
            rated: day(held.rated),
            grade: held.grade,
            poor: held.poor,
            kind: held.kind.map(|kind| self.words.at(kind).to_string()),
        }
    }

    /// How many people.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The facts of a person, in the order in which they were added.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Facts> {
        self.people.get(at).map(|person| self.facts(person))
    }

    fn facts(&self, person: &Person) -> Facts {
        let held = self.identities.at(person.identities).as_deref();
        let held = held.map(|held| held.iter().map(|held| self.held(self.held.at(*held))).collect());
        let mut facts = Facts {
            identities: held,
            events: self.events.at(person.events).as_deref().map(<[Event]>::to_vec),
            ..Facts::clone(self.rest.at(person.rest))
        };
        for (own, coded) in days_of(&mut facts).into_iter().zip(person.days) {
            *own = day(coded);
        }
        facts
    }
}

/// The days of a person where facts have them, in the order of [`DAYS`].
fn days_of(facts: &mut Facts) -> [&mut Option<Date>; DAYS.len()] {
    [
        &mut facts.birth,
        &mut facts.employee_from,
        &mut facts.employee_until,
        &mut facts.paid,
        &mut facts.arrived,
        &mut facts.confirmed,
        &mut facts.school_registered,
        &mut facts.recognised,
        &mut facts.registered,
    ]
}

/// A day as it is kept. The days people give lie far inside the numbers.
fn coded(day: Option<Date>) -> i32 {
    day.and_then(|day| i32::try_from(day_number(day)).ok()).unwrap_or(NOT_GIVEN)
}

fn day(coded: i32) -> Option<Date> {
    if coded == NOT_GIVEN { None } else { day_of_number(i64::from(coded)) }
}
