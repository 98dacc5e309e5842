//! How the facts of people are seen by two notices: each in place of all that no condition tells apart.
//!
//! Every fact that [`Facts`] has is named here once: a new one must say what it is alike in before this compiles.

use std::collections::BTreeSet;

use canbao_types::{Calendar, Date, Datelike, Division};

use super::alike::Circumstances;
use super::asked::Asked;
use super::classes::{Classes, DayClasses};
use super::cuts::Cuts;
use super::{DAYS, Held, NOT_GIVEN, Population, coded, day};
use crate::check::ELSEWHERE;
use crate::fact::Fact;
use crate::facts::{Event, Facts, HeldIdentity, Place};
use crate::sheet::{Answer, Sheet};
use crate::table::{Limit, Per, Tables, Test};
use crate::words::Step;

/// Before every cut.
const LONG_AGO: i32 = NOT_GIVEN + 1;

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
    for test in tables.tests(row.when) {
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
pub(super) struct See<'s> {
    pub asked: &'s Asked,
    pub cuts: &'s Cuts,
    pub tables: &'s [&'s Tables; 2],
    /// Sheets of nobody, on which an identity is judged by its own facts.
    pub nobody: [Sheet<'s>; 2],
}

impl See<'_> {
    pub fn days(&self, population: &Population, column: usize) -> DayClasses {
        let fact = DAYS[column];
        if !self.asked.of(fact) {
            return DayClasses::Unasked;
        }
        let Some((first, last)) = population.spans[column] else { return DayClasses::Unasked };
        // Days beyond those that people give are alike with none but themselves.
        const SPAN: i32 = 4 * 36_525;
        let last = last.min(first.saturating_add(SPAN));
        let cuts = self.coded_cuts(fact);
        let finer = self.finer(fact);
        let cells = (first..=last).map(|day| (cuts.partition_point(|cut| *cut <= day), finer(day)));
        DayClasses::Asked { first, classes: Classes::of(cells) }
    }

    /// What a day is besides earlier or later: of a payment, where it stands in the month, and whether one works.
    fn finer(&self, fact: Fact) -> impl Fn(i32) -> u32 {
        let windows = self.tables.iter().flat_map(|tables| &tables.windows);
        let months: BTreeSet<(u32, u32)> = match fact {
            Fact::Paid => windows.filter_map(|row| row.then.month_days).collect(),
            _ => BTreeSet::new(),
        };
        let works = fact == Fact::Paid && self.asked.of(Fact::WorkingDay);
        // What is paid for the months left turns on the day itself.
        let by_month = |tables: &&Tables| {
            tables.prices.iter().any(|row| matches!(row.then.per, Some(Per::MonthLeft(_))))
        };
        let exact = fact == Fact::Paid && self.tables.iter().any(by_month);
        move |coded| {
            let Some(day) = day(coded) else { return 0 };
            if exact {
                return coded.unsigned_abs();
            }
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

    /// Identities somebody holds that count alike under both notices.
    pub fn all_held(&self, population: &Population) -> Classes {
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
        let cells = |held: &Held| Held {
            recognised: cell(held.recognised, &[&cuts[0], &cuts[1]]),
            certificate: cell(held.certificate, &[&cuts[2]]),
            rated: cell(held.rated, &[&cuts[3]]),
            ..*held
        };
        let alike = Classes::by(population.held.all(), cells);
        let firsts = alike.firsts.iter().map(|at| population.held.at(*at));
        let judged = Classes::of(firsts.map(|held| self.held(cells(held), &population.held(held))));
        alike.joined(&judged)
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

    pub fn events(&self, events: Option<&[Event]>) -> Option<Vec<Event>> {
        if !self.asked.of(Fact::Event) {
            return None;
        }
        let like = |event: &Event| {
            Some(Event { kind: event.kind.clone(), date: self.day(Fact::Event, Some(event.date))? })
        };
        Some(events?.iter().filter_map(like).collect())
    }

    pub fn circumstances(&self, population: &Population) -> Circumstances {
        let opens = self.tables.iter().any(|tables| tables.opened.is_some());
        let classes = Classes::of(population.rest.iter().map(|facts| self.facts(facts)));
        // What was opened for one person is held against the day of payment itself.
        let every_day = population.rest.iter().map(|facts| opens && facts.opened.is_some()).collect();
        Circumstances { classes, every_day }
    }

    /// Circumstances with nothing that nobody asks.
    fn facts(&self, facts: &Facts) -> Facts {
        let asked = |fact| self.asked.of(fact);
        let flag = |fact, given: Option<bool>| given.filter(|_| asked(fact));
        let several = facts.years.filter(|years| *years != 1);
        Facts {
            cover_year: facts.cover_year,
            arrears: facts.arrears,
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
