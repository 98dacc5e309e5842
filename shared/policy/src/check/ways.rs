//! The ways to give a fact so that every condition on it is met and missed.

use std::collections::BTreeSet;

use canbao_types::{Date, Datelike, Division, Money, add_days};

use super::ELSEWHERE;
use super::cells::{Cells, Way, covered};
use crate::fact::{Fact, Kind};
use crate::facts::{Event, Facts, HeldIdentity, LastCovered, Place};
use crate::point::fixed_day;
use crate::sheet::{Seen, Sheet};
use crate::table::{Limit, Run, Test};
use crate::words::{ChannelKind, EmployeeScheme, Funds, Kinship, Sex, Step, Student, Unemployment};

impl<'t> Cells<'t> {
    /// Every way to give a fact; none for one that follows from others. `recognised` says that the day of a
    /// recognition matters.
    pub fn ways(&self, fact: Fact, recognised: bool) -> Vec<Way> {
        match fact {
            Fact::Paid => days(self.paid_days(), |facts, day| facts.paid = Some(day)),
            Fact::Birth => days(self.cuts(fact), |facts, day| facts.birth = Some(day)),
            Fact::EmployeeFrom => days(self.cuts(fact), |facts, day| facts.employee_from = Some(day)),
            Fact::EmployeeUntil => days(self.cuts(fact), |facts, day| facts.employee_until = Some(day)),
            Fact::Arrived => days(self.cuts(fact), |facts, day| facts.arrived = Some(day)),
            Fact::Confirmed => days(self.cuts(fact), |facts, day| facts.confirmed = Some(day)),
            Fact::Asked => days(self.cuts(fact), |facts, day| facts.asked = Some(day)),
            Fact::Left => days(self.cuts(fact), |facts, day| facts.left = Some(day)),
            Fact::Registered => days(self.cuts(fact), |facts, day| facts.registered = Some(day)),
            Fact::Died => days(self.cuts(fact), |facts, day| facts.died = Some(day)),
            Fact::Success => days(self.cuts(fact), |facts, day| facts.success = Some(day)),
            Fact::Event => self.events(),
            Fact::Identity => self.identities(recognised),
            Fact::LastCovered => self.histories(),
            Fact::EmployeeScheme => {
                words(EmployeeScheme::ALL, |facts, word| facts.employee_scheme = Some(word))
            }
            Fact::Sex => words(Sex::ALL, |facts, word| facts.sex = Some(word)),
            Fact::EmployeeMonths => {
                words(&self.counts_of(fact), |facts, months| facts.employee_months = Some(months))
            }
            Fact::Unemployment => words(Unemployment::ALL, |facts, word| facts.unemployment = Some(word)),
            Fact::Student => words(Student::ALL, |facts, word| facts.student = Some(word)),
            Fact::Funds => words(Funds::ALL, |facts, word| facts.funds = Some(word)),
            Fact::Kinship => words(Kinship::ALL, |facts, word| facts.kinship = Some(word)),
            Fact::Channel => words(ChannelKind::ALL, |facts, word| facts.channel = Some(word)),
            Fact::Option => {
                words(&self.tables.names.option, |facts, word| facts.option = Some(word.to_string()))
            }
            Fact::Ground => {
                words(&self.tables.names.ground, |facts, word| facts.ground = Some(word.to_string()))
            }
            Fact::What => words(&self.tables.names.what, |facts, word| facts.what = Some(word.to_string())),
            Fact::TierAsked => {
                words(&self.tables.names.tier, |facts, word| facts.tier_asked = Some(word.to_string()))
            }
            Fact::SchoolRegistered => days(self.cuts(fact), |facts, day| facts.school_registered = Some(day)),
            Fact::BalanceCovers => {
                // More than anything costs, and nothing.
                words(&[Money::ZERO, Money::MAX], |facts, balance| facts.balance = Some(balance))
            }
            Fact::Done => self.steps(),
            Fact::Papers => self.papers(),
            Fact::Short => words(&[None, Some(Money::ZERO)], |facts, offered| facts.offered = offered),
            _ => match (fact.kind(), fact) {
                (Kind::Place, _) => self.places(fact),
                (Kind::Flag, _) => words(&[false, true], move |facts, yes| flag(facts, fact, yes)),
                _ => Vec::new(),
            },
        }
    }

    /// The days at which conditions cut a day, and one long before them.
    fn cuts(&self, cut: Fact) -> BTreeSet<Date> {
        let cover = (self.tables.cover.from(), self.tables.cover.to());
        let fixed = |limit: Limit| match limit {
            Limit::Open => None,
            Limit::On(day) => Some(day),
            Limit::At(at) => {
                let expr = self.tables.days.get(usize::from(at))?;
                fixed_day(expr, cover, &|row, first| self.end(row, first))
            }
        };
        let mut cuts = BTreeSet::from([self.long_ago]);
        if cut == Fact::Birth {
            cuts.insert(cover.0);
        }
        if cut == Fact::Asked {
            // Whatever the person's own benefit is, it has begun by then.
            cuts.insert(cover.1);
        }
        for test in &self.tables.tests {
            if let Test::Day { fact, from, to, .. } = *test
                && fact == cut
            {
                cuts.extend(fixed(from).and_then(|day| add_days(day, -1)));
                cuts.extend(fixed(from));
                cuts.extend(fixed(to));
                cuts.extend(fixed(to).and_then(|day| add_days(day, 1)));
            }
        }
        cuts
    }

    /// The days around the ends of every window, and of the days of the month on which it is open.
    fn paid_days(&self) -> BTreeSet<Date> {
        let mut days = self.cuts(Fact::Paid);
        days.remove(&self.long_ago);
        let cover = (Some(self.tables.cover.from()), Some(self.tables.cover.to()));
        for (first, last) in self.fixed.iter().copied().chain([cover]) {
            days.extend(first.and_then(|day| add_days(day, -1)));
            days.extend(first);
            days.extend(last);
            days.extend(last.and_then(|day| add_days(day, 1)));
        }
        for (row, (first, _)) in self.tables.windows.iter().zip(&self.fixed) {
            if let (Some((_, to)), Some(first)) = (row.then.month_days, first) {
                days.extend(first.with_day(to));
                days.extend(first.with_day(to).and_then(|day| add_days(day, 1)));
            }
        }
        days
    }

    /// The small numbers at which conditions cut a count, and none.
    fn counts_of(&self, cut: Fact) -> Vec<u32> {
        let asked = self.tables.tests.iter().filter_map(|test| match *test {
            Test::Word { fact, any } if fact == cut => Some(any),
            _ => None,
        });
        let ends = asked.fold(1_u64, |ends, any| ends | any ^ (any << 1) | (any ^ (any << 1)) >> 1);
        (0..u64::BITS).filter(|number| ends >> number & 1 == 1).collect()
    }

    fn end(&self, row: u16, first: bool) -> Option<Date> {
        let (from, to) = self.fixed.get(usize::from(row)).copied()?;
        if first { from } else { to }
    }

    /// None; or one of a kind that opens a window, on the day of payment or long before it.
    fn events(&self) -> Vec<Way> {
        let mut ways: Vec<Way> = vec![Box::new(|facts| facts.events = Some(Vec::new()))];
        let opening: BTreeSet<u64> =
            self.tables.windows.iter().map(|row| row.then.events).filter(|events| *events != 0).collect();
        for kinds in opening {
            let Some(kind) = self.tables.names.event.get(kinds.trailing_zeros() as usize) else { continue };
            for long_ago in [None, Some(self.long_ago)] {
                let kind = kind.to_string();
                ways.push(Box::new(move |facts| {
                    let date = long_ago.or(facts.paid);
                    facts.events = date.map(|date| vec![Event { kind: kind.clone(), date }]);
                }));
            }
        }
        ways
    }

    /// None; each identity that counts, recognised around every cut and on the day of payment when that matters; each that does
    /// not count.
    fn identities(&self, by_day: bool) -> Vec<Way> {
        let recognitions = if by_day { self.cuts(Fact::Recognised) } else { BTreeSet::from([self.long_ago]) };
        let mut ways: Vec<Way> = vec![Box::new(|facts| facts.identities = Some(Vec::new()))];
        for (at, name) in self.tables.names.identity.iter().enumerate() {
            let held = self.ways_to_hold(at, name);
            let (counting, pending): (Vec<_>, Vec<_>) =
                held.into_iter().partition(|held| self.counts(at, held));
            let recognised = counting.first().into_iter().flat_map(|held| {
                recognitions.iter().map(|day| HeldIdentity { recognised: Some(*day), ..held.clone() })
            });
            for held in recognised.chain(pending.first().cloned()) {
                ways.push(Box::new(move |facts| facts.identities = Some(vec![held.clone()])));
            }
            // A window of the person's own may begin with the recognition.
            if let (true, Some(held)) = (by_day, counting.first().cloned()) {
                ways.push(Box::new(move |facts| {
                    facts.identities = Some(vec![HeldIdentity { recognised: facts.paid, ..held.clone() }]);
                }));
            }
        }
        ways
    }

    /// An identity with its own facts cut at the ends of what it counts on.
    fn ways_to_hold(&self, at: usize, name: &str) -> Vec<HeldIdentity> {
        let mut all = vec![HeldIdentity {
            name: name.to_owned(),
            confirmed: Some(true),
            certificate: Some(self.long_ago),
            rated: Some(self.long_ago),
            grade: Some(1),
            poor: Some(true),
            recognised: Some(self.long_ago),
            kind: self.tables.names.kind.first().map(ToString::to_string),
        }];
        let run = self.tables.identities.get(at).map_or(Run::default(), |row| row.when);
        let facts: BTreeSet<Fact> = self
            .tables
            .tests(run)
            .map(|test| match *test {
                Test::Word { fact, .. } | Test::Day { fact, .. } | Test::Place { fact, .. } => fact,
            })
            .collect();
        for fact in facts {
            let one = |held: &HeldIdentity| match fact {
                Fact::IdentityConfirmed => {
                    [true, false].map(|yes| HeldIdentity { confirmed: Some(yes), ..held.clone() }).to_vec()
                }
                Fact::IdentityPoor => {
                    [true, false].map(|yes| HeldIdentity { poor: Some(yes), ..held.clone() }).to_vec()
                }
                Fact::IdentityGrade => {
                    (1..=4).map(|grade| HeldIdentity { grade: Some(grade), ..held.clone() }).collect()
                }
                Fact::IdentityKind => {
                    let kinds = self.tables.names.kind.iter();
                    kinds.map(|kind| HeldIdentity { kind: Some(kind.to_string()), ..held.clone() }).collect()
                }
                Fact::IdentityCertificate => {
                    let cuts = self.cuts(fact).into_iter();
                    cuts.map(|day| HeldIdentity { certificate: Some(day), ..held.clone() }).collect()
                }
                Fact::IdentityRated => {
                    let cuts = self.cuts(fact).into_iter();
                    cuts.map(|day| HeldIdentity { rated: Some(day), ..held.clone() }).collect()
                }
                _ => vec![held.clone()],
            };
            all = all.iter().flat_map(one).collect();
        }
        all
    }

    fn counts(&self, at: usize, held: &HeldIdentity) -> bool {
        let facts = Facts { identities: Some(vec![held.clone()]), ..self.usual.clone() };
        let paid = Seen::given(facts.paid, Fact::Paid);
        Sheet::new(self.tables, &facts, paid, &mut ()).identity.yes & 1 << at != 0
    }

    /// Covered one to eight years ago in the resident scheme, last year in the employee scheme, never.
    fn histories(&self) -> Vec<Way> {
        let before = add_days(self.tables.cover.from(), -1);
        let mut years: Vec<LastCovered> = (1..=8).map(|years| covered(self.tables, years)).collect();
        if !self.tables.tests.iter().any(|test| matches!(test, Test::Word { fact: Fact::Missed, .. })) {
            years.truncate(2);
        }
        years.push(LastCovered::Never);
        let mut ways = words(&years, |facts, last| facts.last_covered = Some(last));
        ways.push(Box::new(move |facts| {
            facts.last_covered = Some(LastCovered::Never);
            facts.employee_scheme = Some(EmployeeScheme::Past);
            facts.employee_until = before;
        }));
        ways
    }

    /// All steps done, all but each, none.
    fn steps(&self) -> Vec<Way> {
        let but = |left: Option<Step>| Step::ALL.iter().copied().filter(|step| Some(*step) != left).collect();
        let mut done: Vec<Vec<Step>> = vec![but(None), Vec::new()];
        done.extend(Step::ALL.iter().map(|step| but(Some(*step))));
        words(&done, |facts, done| facts.done = Some(done))
    }

    /// All papers, none, each alone.
    fn papers(&self) -> Vec<Way> {
        let all: Vec<String> = self.tables.names.papers.iter().map(ToString::to_string).collect();
        let each = all.iter().map(|paper| vec![paper.clone()]);
        let papers: Vec<Vec<String>> = [all.clone(), Vec::new()].into_iter().chain(each).collect();
        words(&papers, |facts, papers| facts.papers = Some(papers))
    }

    /// Every division a condition names, the notice's, one elsewhere, none.
    fn places(&self, fact: Fact) -> Vec<Way> {
        let named = self.tables.tests.iter().filter_map(|test| match test {
            Test::Place { fact: tested, division, .. } if *tested == fact => Some(*division),
            _ => None,
        });
        let divisions = named.chain([self.tables.division]).chain(Division::from_code(ELSEWHERE));
        let divisions: BTreeSet<Division> = divisions.collect();
        let mut places: Vec<Place> = divisions.into_iter().map(Place::At).collect();
        places.push(Place::Nowhere);
        words(&places, move |facts, place| {
            let place = Some(place);
            match fact {
                Fact::Hukou => facts.hukou = place,
                Fact::Permit => facts.permit = place,
                Fact::House => facts.house = place,
                Fact::ParentPermit => facts.parent_permit = place,
                Fact::School => facts.school = place,
                _ => facts.record = place,
            }
        })
    }
}

fn days(days: BTreeSet<Date>, set: impl Fn(&mut Facts, Date) + Copy + 'static) -> Vec<Way> {
    days.into_iter().map(|day| Box::new(move |facts: &mut Facts| set(facts, day)) as Way).collect()
}

fn words<W: Clone + 'static>(words: &[W], set: impl Fn(&mut Facts, W) + Copy + 'static) -> Vec<Way> {
    let way = |word: &W| {
        let word = word.clone();
        Box::new(move |facts: &mut Facts| set(facts, word.clone())) as Way
    };
    words.iter().map(way).collect()
}

fn flag(facts: &mut Facts, fact: Fact, yes: bool) {
    let yes = Some(yes);
    match fact {
        Fact::Works => facts.works = yes,
        Fact::Rural => facts.rural = yes,
        Fact::Retired => facts.retired = yes,
        Fact::EmployeeBenefits => facts.employee_benefits = yes,
        Fact::RetirementAge => facts.retirement_age = yes,
        Fact::FullTime => facts.full_time = yes,
        Fact::EnrolledElsewhere => facts.enrolled_elsewhere = yes,
        Fact::Cash => facts.cash = yes,
        Fact::Emergency => facts.emergency = yes,
        Fact::ParentInsured => facts.parent_insured = yes,
        // The others are derived.
        _ => {}
    }
}
