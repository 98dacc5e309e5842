//! The people and payments a notice tells apart: every fact cut at the ends its conditions use.

use std::collections::BTreeSet;
use std::sync::Arc;

use canbao_types::{CoverYear, Date, Datelike, Division, Money, add_days};
use toml::Table;

use crate::condition::fixed_day;
use crate::facts::{Event, Fact, Facts, HeldIdentity, Kind, LastCovered, Place};
use crate::file::ForYear;
use crate::sheet::{Seen, Sheet};
use crate::table::{Anchor, DayExpr, Limit, Row, Run, Tables, Test, Window};
use crate::words::{ChannelKind, EmployeeScheme, Funds, Kinship, Step, Student, Unemployment};

/// One way to give a fact.
type Way = Box<dyn Fn(&mut Facts)>;

/// Long before anything that matters: a birth, a recognition, the day of leaving another scheme.
const LONG_AGO: i64 = -40 * 366;

/// A place outside every city whose notice could be read here: the capital's first division.
const ELSEWHERE: u32 = 110_000;

/// The facts of a notice, cut.
pub(super) struct Cells<'t> {
    tables: &'t Tables,
    /// First and last day of each window by row, where they are nobody's own.
    pub fixed: Vec<(Option<Date>, Option<Date>)>,
    /// A grown resident of the place, covered last year, for whom everything is done, on the first day of a window.
    pub usual: Facts,
    long_ago: Date,
}

impl<'t> Cells<'t> {
    /// `None` when the calendar ends before such a resident was born.
    pub fn of(tables: &'t Tables) -> Option<Self> {
        let fixed = fixed_days(tables);
        let long_ago = add_days(tables.cover.from(), LONG_AGO)?;
        let paid = fixed.iter().filter_map(|(first, _)| *first).min().unwrap_or(tables.cover.from());
        let names = &tables.names;
        let word = |list: &[Arc<str>]| list.first().map(|word| word.to_string());
        let here = Some(Place::At(tables.division));
        let usual = Facts {
            cover_year: Some(tables.year),
            birth: Some(long_ago),
            hukou: here,
            permit: Some(Place::Nowhere),
            house: Some(Place::Nowhere),
            parent_permit: Some(Place::Nowhere),
            school: Some(Place::Nowhere),
            record: here,
            employee_scheme: Some(EmployeeScheme::Never),
            unemployment: Some(Unemployment::None),
            student: Some(Student::None),
            full_time: Some(true),
            works: Some(false),
            rural: Some(false),
            retired: Some(false),
            employee_benefits: Some(false),
            retirement_age: Some(false),
            enrolled_elsewhere: Some(false),
            identities: Some(Vec::new()),
            last_covered: Some(covered(tables, 1)),
            events: Some(Vec::new()),
            done: Some(Step::ALL.to_vec()),
            papers: Some(names.papers.iter().map(ToString::to_string).collect()),
            paid: Some(paid),
            arrived: Some(paid),
            cash: Some(false),
            channel: Some(ChannelKind::Counter),
            funds: Some(Funds::Own),
            kinship: Some(Kinship::Myself),
            option: word(&names.option),
            programme_years: Some(u32::MAX),
            ground: word(&names.ground),
            asked: Some(paid),
            left: Some(paid),
            paid_amount: Some(Money::ZERO),
            years_paid: Some(vec![tables.year]),
            price_paid: Some(Money::ZERO),
            what: word(&names.what),
            success: Some(paid),
            ..Facts::default()
        };
        Some(Self { tables, fixed, usual, long_ago })
    }

    /// The facts rows turn on, and those that what they turn on is derived from.
    pub fn facts_of<'r, T: 'r>(&self, rows: impl IntoIterator<Item = &'r Row<T>>) -> BTreeSet<Fact> {
        let mut facts = BTreeSet::new();
        for row in rows {
            self.add_row(row, &mut facts);
        }
        facts
    }

    fn add_row<T>(&self, row: &Row<T>, facts: &mut BTreeSet<Fact>) {
        for test in self.tests(row.when).chain(self.tests(row.unless)) {
            match *test {
                Test::Word { fact, .. } | Test::Place { fact, .. } => self.add(fact, facts),
                Test::Day { fact, from, to, .. } => {
                    self.add(fact, facts);
                    for limit in [from, to] {
                        if let Limit::At(at) = limit
                            && let Some(expr) = self.tables.days.get(usize::from(at))
                        {
                            self.add_points(expr, facts);
                        }
                    }
                }
            }
        }
    }

    fn add_points(&self, expr: &DayExpr, facts: &mut BTreeSet<Fact>) {
        for anchor in expr.from.iter().chain([&expr.not_before]).flatten() {
            if let Anchor::Day { fact, .. } = anchor {
                self.add(*fact, facts);
            }
        }
    }

    fn add(&self, fact: Fact, facts: &mut BTreeSet<Fact>) {
        if !facts.insert(fact) {
            return;
        }
        match fact {
            Fact::Window | Fact::Late => {
                self.add(Fact::Paid, facts);
                for row in &self.tables.windows {
                    self.add_window(row, facts);
                }
            }
            Fact::Class => self.tables.classes.iter().for_each(|row| self.add_row(row, facts)),
            Fact::Who => self.tables.who.iter().for_each(|row| self.add_row(row, facts)),
            Fact::History | Fact::Missed => self.add(Fact::LastCovered, facts),
            Fact::WorkingDay => self.add(Fact::Paid, facts),
            Fact::Recognised => self.add(Fact::Identity, facts),
            _ => {}
        }
    }

    fn add_window(&self, row: &Row<Window>, facts: &mut BTreeSet<Fact>) {
        self.add_row(row, facts);
        self.add_points(&row.then.from, facts);
        self.add_points(&row.then.to, facts);
        if row.then.events != 0 {
            self.add(Fact::Event, facts);
        }
        if row.then.year == ForYear::BirthYear {
            self.add(Fact::Birth, facts);
        }
    }

    /// Visits every cell of these facts; the other facts are the usual ones.
    pub fn walk(&self, facts: &BTreeSet<Fact>, visit: &mut dyn FnMut(&Facts)) {
        // In the order of facts a payment is known before the events that are dated by it.
        let axes: Vec<Vec<Way>> = facts
            .iter()
            .map(|fact| self.ways(*fact, facts.contains(&Fact::Recognised)))
            .filter(|ways| !ways.is_empty())
            .collect();
        visit_all(&axes, &self.usual, &mut |facts| {
            // Nobody pays before birth.
            if facts.birth <= facts.paid {
                visit(facts);
            }
        });
    }

    /// What a cell gives besides the usual facts, as a notice would write it.
    pub fn describe(&self, facts: &Facts) -> String {
        let written = |facts: &Facts| Table::try_from(facts).unwrap_or_default();
        let usual = written(&self.usual);
        let differs = written(facts).into_iter().filter(|(fact, value)| usual.get(fact) != Some(value));
        let given: Vec<String> = differs.map(|(fact, value)| format!("{fact} = {value}")).collect();
        if given.is_empty() { "a usual resident".to_owned() } else { format!("{{ {} }}", given.join(", ")) }
    }

    fn ways(&self, fact: Fact, recognised: bool) -> Vec<Way> {
        match fact {
            Fact::Paid => days(self.paid_days(), |facts, day| facts.paid = Some(day)),
            Fact::Birth => days(self.cuts(fact), |facts, day| facts.birth = Some(day)),
            Fact::EmployeeFrom => days(self.cuts(fact), |facts, day| facts.employee_from = Some(day)),
            Fact::EmployeeUntil => days(self.cuts(fact), |facts, day| facts.employee_until = Some(day)),
            Fact::Arrived => days(self.cuts(fact), |facts, day| facts.arrived = Some(day)),
            Fact::Confirmed => days(self.cuts(fact), |facts, day| facts.confirmed = Some(day)),
            Fact::Asked => days(self.cuts(fact), |facts, day| facts.asked = Some(day)),
            Fact::Left => days(self.cuts(fact), |facts, day| facts.left = Some(day)),
            Fact::Success => days(self.cuts(fact), |facts, day| facts.success = Some(day)),
            Fact::Event => self.events(),
            Fact::Identity => self.identities(recognised),
            Fact::LastCovered => self.histories(),
            Fact::EmployeeScheme => {
                words(EmployeeScheme::ALL, |facts, word| facts.employee_scheme = Some(word))
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

    fn tests(&self, run: Run) -> impl Iterator<Item = &'t Test> {
        let tables = self.tables;
        run.of(&tables.alternatives).iter().flat_map(|alternative| alternative.of(&tables.tests))
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

    /// None; each identity that counts, recognised around every cut when that matters; each that does not count.
    fn identities(&self, recognised: bool) -> Vec<Way> {
        let recognitions =
            if recognised { self.cuts(Fact::Recognised) } else { BTreeSet::from([self.long_ago]) };
        let mut ways: Vec<Way> = vec![Box::new(|facts| facts.identities = Some(Vec::new()))];
        for (at, name) in self.tables.names.identity.iter().enumerate() {
            let held = self.ways_to_hold(at, name);
            let (counting, pending): (Vec<_>, Vec<_>) =
                held.into_iter().partition(|held| self.counts(at, held));
            for held in counting.first().into_iter().chain(pending.first()) {
                for day in &recognitions {
                    let held = HeldIdentity { recognised: Some(*day), ..held.clone() };
                    ways.push(Box::new(move |facts| facts.identities = Some(vec![held.clone()])));
                }
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
        let mut places: Vec<Place> = divisions.map(Place::At).collect();
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

/// First and last day of each window that is nobody's own.
fn fixed_days(tables: &Tables) -> Vec<(Option<Date>, Option<Date>)> {
    let cover = (tables.cover.from(), tables.cover.to());
    let mut fixed: Vec<(Option<Date>, Option<Date>)> = Vec::new();
    for row in &tables.windows {
        let earlier = |row: u16, first: bool| {
            let (from, to) = fixed.get(usize::from(row)).copied()?;
            if first { from } else { to }
        };
        let day = |expr| fixed_day(expr, cover, &earlier);
        let days = (day(&row.then.from), day(&row.then.to));
        fixed.push(days);
    }
    fixed
}

/// Covered last so many years before the notice's year.
fn covered(tables: &Tables, years: u16) -> LastCovered {
    CoverYear::new(tables.year.get() - years).map_or(LastCovered::Never, LastCovered::In)
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
        // The others are derived.
        _ => {}
    }
}

fn visit_all(axes: &[Vec<Way>], facts: &Facts, visit: &mut dyn FnMut(&Facts)) {
    let Some((ways, rest)) = axes.split_first() else { return visit(facts) };
    for way in ways {
        let mut facts = facts.clone();
        way(&mut facts);
        visit_all(rest, &facts, visit);
    }
}
