//! Which people some notices cannot tell apart, made from what their conditions ask.
//!
//! Every fact that [`Facts`] has is named here once: a new one must say what it is alike in before this compiles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use canbao_types::{Calendar, CoverYear, Date, Datelike, Division};

use super::asked::{self, Asked};
use super::cuts::Cuts;
use super::intern::{Interned, Quick};
use super::{DAYS, Held, NOT_GIVEN, Person, Population, coded, day};
use crate::fact::Fact;
use crate::facts::{Event, Facts, HeldIdentity, Place};
use crate::notice::Notice;
use crate::sheet::{Answer, Seen, Sheet};
use crate::table::{Limit, Tables, Test};
use crate::words::Step;

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
struct Circumstances {
    like: u32,
    every_day: bool,
}

/// For each day of a span the first that is alike.
enum DayClasses {
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

/// Before every cut.
const LONG_AGO: i32 = NOT_GIVEN + 1;

/// A list of identities in place of all that are alike; most are short.
fn few(list: &[u32], like: &[u32]) -> ([Option<u32>; 2], Vec<u32>) {
    let mut all = list.iter().map(|at| like[*at as usize]);
    ([all.next(), all.next()], all.collect())
}

/// For each value the place of the first that is equal.
fn first_alike<T: Clone + Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Vec<u32> {
    let mut kinds = Interned::default();
    let mut firsts: Vec<u32> = Vec::new();
    let mut like = Vec::new();
    for (at, value) in values.enumerate() {
        let kind = kinds.place(value) as usize;
        if kind == firsts.len() {
            firsts.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        like.push(firsts[kind]);
    }
    like
}

/// A division that stands for every place that no condition names.
const ELSEWHERE: u32 = 110_000;

/// Whether an identity counts under a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counts {
    Known(bool),
    /// That turns on this fact of the identity, which was not given.
    Needs(Fact),
    /// That turns on more than its own facts.
    Turns,
}

/// Whether an identity counts, judged on the sheet of nobody.
fn counts(sheet: &Sheet<'_>, held: &HeldIdentity) -> Counts {
    let tables = sheet.tables;
    let place = tables.names.identity.iter().position(|known| **known == *held.name);
    let Some(row) = place.and_then(|at| tables.identities.get(at)) else { return Counts::Known(false) };
    let moves = |limit| matches!(limit, Limit::At(_));
    for test in row.when.of(&tables.alternatives).iter().flat_map(|run| run.of(&tables.tests)) {
        match *test {
            Test::Day { from, to, .. } if moves(from) || moves(to) => return Counts::Turns,
            Test::Day { .. } | Test::Word { .. } => {}
            Test::Place { .. } => return Counts::Turns,
        }
    }
    match sheet.judge(row.when, Some(held)) {
        Some(Answer::Yes) | None => Counts::Known(true),
        Some(Answer::No(_)) => Counts::Known(false),
        Some(Answer::Unknown(fact)) => Counts::Needs(fact),
    }
}

/// Sees what is alike.
struct See<'s> {
    asked: &'s Asked,
    cuts: &'s Cuts,
    tables: &'s [&'s Tables; 2],
    /// Sheets of nobody, on which an identity is judged by its own facts.
    nobody: [Sheet<'s>; 2],
}

impl See<'_> {
    fn days(&self, population: &Population, column: usize) -> DayClasses {
        let fact = DAYS[column];
        if !self.asked.of(fact) {
            return DayClasses::Unasked;
        }
        let given =
            || population.people.iter().map(|person| person.days[column]).filter(|day| *day != NOT_GIVEN);
        let (Some(first), Some(last)) = (given().min(), given().max()) else { return DayClasses::Unasked };
        // Days beyond those that people give are alike with none but themselves.
        const SPAN: i32 = 400 * 366;
        let last = last.min(first.saturating_add(SPAN));
        let mut firsts: BTreeMap<(usize, u32), i32> = BTreeMap::new();
        let cuts = self.coded_cuts(fact);
        let finer = self.finer(fact);
        let like = (first..=last).map(|day| {
            let cell = (cuts.partition_point(|cut| *cut <= day), finer(day));
            *firsts.entry(cell).or_insert(day)
        });
        DayClasses::Asked { first, like: like.collect() }
    }

    /// What a day is besides earlier or later: of a payment, where it stands in the month, and whether one works.
    fn finer(&self, fact: Fact) -> impl Fn(i32) -> u32 {
        let windows = self.tables.iter().flat_map(|tables| &tables.windows);
        let months: BTreeSet<(u32, u32)> = match fact {
            Fact::Paid => windows.filter_map(|row| row.then.month_days).collect(),
            _ => BTreeSet::new(),
        };
        let works = fact == Fact::Paid && self.asked.of(Fact::WorkingDay);
        move |coded| {
            let Some(day) = day(coded) else { return 0 };
            let in_month = months.iter().fold(0, |places, (first, last)| {
                places * 3 + u32::from(day.day() >= *first) + u32::from(day.day() > *last)
            });
            let working = match works.then(|| Calendar::builtin().is_working_day(day)) {
                None => 0,
                Some(Err(_)) => 1,
                Some(Ok(works)) => 2 + u32::from(works),
            };
            in_month * 4 + working
        }
    }

    fn coded_cuts(&self, fact: Fact) -> Vec<i32> {
        let cuts = self.cuts.days.get(&fact).into_iter().flatten();
        cuts.map(|cut| coded(Some(*cut))).collect()
    }

    /// A day of a list: the last cut before it, or long before all.
    fn day(&self, fact: Fact, given: Option<Date>) -> Option<Date> {
        let given = given?;
        let cut = self.cuts.days.get(&fact).and_then(|cuts| cuts.range(..=given).next_back());
        Some(cut.copied().unwrap_or(Date::MIN))
    }

    /// For each identity somebody holds the first that counts alike under both notices.
    fn all_held(&self, population: &Population) -> Vec<u32> {
        let cuts: Vec<Vec<i32>> =
            [Fact::Recognised, Fact::IdentityRecognised, Fact::IdentityCertificate, Fact::IdentityRated]
                .into_iter()
                .map(|fact| self.coded_cuts(fact))
                .collect();
        // The last cut that is not after the day; of those of two names the later.
        let cell = |day: i32, cuts: &[&Vec<i32>]| {
            let last = |cuts: &&Vec<i32>| cuts[..cuts.partition_point(|cut| *cut <= day)].last().copied();
            if day == NOT_GIVEN { NOT_GIVEN } else { cuts.iter().filter_map(last).max().unwrap_or(LONG_AGO) }
        };
        let mut judged: HashMap<Held, ([Counts; 2], Held), Quick> = HashMap::default();
        first_alike(population.held.iter().map(|held| {
            let cells = Held {
                recognised: cell(held.recognised, &[&cuts[0], &cuts[1]]),
                certificate: cell(held.certificate, &[&cuts[2]]),
                rated: cell(held.rated, &[&cuts[3]]),
                ..*held
            };
            *judged.entry(cells).or_insert_with(|| self.held(cells, &population.held(held)))
        }))
    }

    /// An identity, given with its days cut and as it is, in place of all that count alike.
    fn held(&self, cells: Held, whole: &HeldIdentity) -> ([Counts; 2], Held) {
        let counts = self.nobody.each_ref().map(|sheet| counts(sheet, whole));
        if counts.contains(&Counts::Turns) {
            return (counts, cells);
        }
        // When it was recognised means nothing of an identity that never counts.
        let asked = self.asked.of(Fact::Recognised) || self.asked.of(Fact::IdentityRecognised);
        let matters = asked && counts != [Counts::Known(false); 2];
        let like = Held {
            name: cells.name,
            kind: None,
            recognised: if matters { cells.recognised } else { NOT_GIVEN },
            certificate: NOT_GIVEN,
            rated: NOT_GIVEN,
            grade: None,
            confirmed: None,
            poor: None,
        };
        (counts, like)
    }

    fn events(&self, events: Option<&[Event]>) -> Option<Vec<Event>> {
        if !self.asked.of(Fact::Event) {
            return None;
        }
        let like = |event: &Event| {
            Some(Event { kind: event.kind.clone(), date: self.day(Fact::Event, Some(event.date))? })
        };
        Some(events?.iter().filter_map(like).collect())
    }

    fn circumstances(&self, population: &Population) -> Vec<Circumstances> {
        let opens = self.tables.iter().any(|tables| tables.opened.is_some());
        let like = first_alike(population.rest.iter().map(|facts| self.facts(facts)));
        // What was opened for one person is held against the day of payment itself.
        let every_day = population.rest.iter().map(|facts| opens && facts.opened.is_some());
        like.into_iter().zip(every_day).map(|(like, every_day)| Circumstances { like, every_day }).collect()
    }

    /// Circumstances with nothing that nobody asks.
    fn facts(&self, facts: &Facts) -> Facts {
        let asked = |fact| self.asked.of(fact);
        let flag = |fact, given: Option<bool>| given.filter(|_| asked(fact));
        let several = facts.years.filter(|years| *years != 1);
        Facts {
            cover_year: facts.cover_year,
            hukou: self.place(Fact::Hukou, facts.hukou),
            permit: self.place(Fact::Permit, facts.permit),
            house: self.place(Fact::House, facts.house),
            parent_permit: self.place(Fact::ParentPermit, facts.parent_permit),
            school: self.place(Fact::School, facts.school),
            record: self.place(Fact::Record, facts.record),
            employee_scheme: facts.employee_scheme.filter(|_| asked(Fact::EmployeeScheme)),
            unemployment: facts.unemployment.filter(|_| asked(Fact::Unemployment)),
            student: facts.student.filter(|_| asked(Fact::Student)),
            sex: facts.sex.filter(|_| asked(Fact::Sex)),
            died: facts.died.filter(|_| asked(Fact::Died)),
            parent_insured: flag(Fact::ParentInsured, facts.parent_insured),
            employee_months: facts.employee_months.filter(|_| asked(Fact::EmployeeMonths)),
            full_time: flag(Fact::FullTime, facts.full_time),
            works: flag(Fact::Works, facts.works),
            rural: flag(Fact::Rural, facts.rural),
            retired: flag(Fact::Retired, facts.retired),
            employee_benefits: flag(Fact::EmployeeBenefits, facts.employee_benefits),
            retirement_age: flag(Fact::RetirementAge, facts.retirement_age),
            enrolled_elsewhere: flag(Fact::EnrolledElsewhere, facts.enrolled_elsewhere),
            last_covered: facts.last_covered.filter(|_| asked(Fact::LastCovered)),
            done: self.steps(facts.done.as_deref()),
            papers: facts.papers.clone().filter(|_| asked(Fact::Papers)),
            opened: facts.opened,
            offered: facts.offered.filter(|_| asked(Fact::Short)),
            cash: flag(Fact::Cash, facts.cash),
            channel: facts.channel.filter(|_| asked(Fact::Channel)),
            funds: facts.funds.filter(|_| asked(Fact::Funds)),
            kinship: facts.kinship.filter(|_| asked(Fact::Kinship)),
            option: facts.option.clone().filter(|_| asked(Fact::Option)),
            tier_asked: facts.tier_asked.clone(),
            repair_years: facts.repair_years,
            balance: facts.balance.filter(|_| asked(Fact::Balance)),
            years: several,
            programme_years: facts.programme_years.filter(|_| several.is_some()),
            ground: facts.ground.clone().filter(|_| asked(Fact::Ground)),
            asked: facts.asked.filter(|_| asked(Fact::Asked)),
            left: facts.left.filter(|_| asked(Fact::Left)),
            success: facts.success.filter(|_| asked(Fact::Success)),
            emergency: flag(Fact::Emergency, facts.emergency),
            // Other questions turn on these.
            paid_amount: None,
            years_paid: None,
            price_paid: None,
            what: None,
            causes: None,
            // These stand beside the circumstances.
            birth: None,
            employee_from: None,
            employee_until: None,
            paid: None,
            arrived: None,
            confirmed: None,
            school_registered: None,
            recognised: None,
            registered: None,
            identities: None,
            events: None,
        }
    }

    /// The steps that are asked for, and registration, after which it is not asked for again.
    fn steps(&self, done: Option<&[Step]>) -> Option<Vec<Step>> {
        let bits = self.asked.bits(Fact::Done) | Step::Registration.bit();
        let done = done?;
        Some(Step::ALL.iter().copied().filter(|step| bits & step.bit() != 0 && done.contains(step)).collect())
    }

    /// A place in place of all that every condition answers alike.
    fn place(&self, fact: Fact, given: Option<Place>) -> Option<Place> {
        let place = match given? {
            _ if !self.asked.of(fact) => return None,
            Place::Nowhere => return Some(Place::Nowhere),
            Place::At(place) => place,
        };
        let tests = self.tables.iter().flat_map(|tables| &tables.tests);
        let named: BTreeSet<_> = tests
            .filter_map(|test| match *test {
                Test::Place { fact: tested, division, .. } if tested == fact => Some(division),
                _ => None,
            })
            .collect();
        // Divisions lie inside one another or apart, so the smallest one around it says which others are.
        let around = named.iter().copied().filter(|division| division.contains(place));
        let smallest = around.reduce(|one, other| if one.contains(other) { other } else { one });
        let apart = |elsewhere: &Division| !named.iter().any(|division| division.contains(*elsewhere));
        let elsewhere = Division::from_code(ELSEWHERE).filter(apart).unwrap_or(place);
        Some(Place::At(smallest.unwrap_or(elsewhere)))
    }
}
