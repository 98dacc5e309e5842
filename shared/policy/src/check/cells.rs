//! The people and payments a notice tells apart: every fact cut at the ends its conditions use.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use canbao_types::{CoverYear, Date, Money, add_days};
use toml::Table;

use crate::fact::Fact;
use crate::facts::{Facts, LastCovered, Place};
use crate::file::ForYear;
use crate::point::fixed_day;
use crate::table::{Anchor, DayExpr, Limit, Row, Tables, Test, Window};
use crate::words::{Cause, ChannelKind, EmployeeScheme, Funds, Kinship, Sex, Step, Student, Unemployment};

/// One way to give a fact.
pub(super) type Way = Box<dyn Fn(&mut Facts)>;

/// Long before anything that matters: a birth, a recognition, the day of leaving another scheme.
const LONG_AGO: i64 = -40 * 366;

/// The facts of a notice, cut.
pub(super) struct Cells<'t> {
    pub tables: &'t Tables,
    /// First and last day of each window by row, where they are nobody's own.
    pub fixed: Vec<(Option<Date>, Option<Date>)>,
    /// A grown resident of the place, covered last year, for whom everything is done, on the first day of a window.
    pub usual: Facts,
    /// Long before anything that matters.
    pub long_ago: Date,
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
            sex: Some(Sex::Female),
            parent_insured: Some(false),
            employee_scheme: Some(EmployeeScheme::Never),
            employee_months: Some(0),
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
            registered: Some(paid),
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
            tier_asked: word(&names.tier),
            balance: Some(Money::ZERO),
            arrears: Some(Money::ZERO),
            school_registered: Some(paid),
            causes: Some(Cause::ALL.to_vec()),
            emergency: Some(false),
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
        for test in self.tables.tests(row.when).chain(self.tables.tests(row.unless)) {
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
            Fact::Tier => {
                self.add(Fact::TierAsked, facts);
                self.tables.tiers.iter().for_each(|row| self.add_row(row, facts));
            }
            Fact::Who => self.tables.who.iter().for_each(|row| self.add_row(row, facts)),
            Fact::History | Fact::Missed => self.add(Fact::LastCovered, facts),
            Fact::WorkingDay | Fact::Start => self.add(Fact::Paid, facts),
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

    /// Visits the cells of these facts until told to stop; the other facts are the usual ones.
    pub fn walk(&self, facts: &BTreeSet<Fact>, visit: &mut dyn FnMut(&Facts) -> ControlFlow<()>) {
        // In the order of facts a payment is known before the events that are dated by it.
        let axes: Vec<Vec<Way>> = facts
            .iter()
            .map(|fact| self.ways(*fact, facts.contains(&Fact::Recognised)))
            .filter(|ways| !ways.is_empty())
            .collect();
        // Nobody pays before birth.
        let born = &mut |facts: &Facts| {
            if facts.birth <= facts.paid { visit(facts) } else { ControlFlow::Continue(()) }
        };
        let _stopped = visit_all(&axes, &self.usual, born);
    }

    /// What a cell gives besides the usual facts, as a notice would write it.
    pub fn describe(&self, facts: &Facts) -> String {
        let written = |facts: &Facts| Table::try_from(facts).unwrap_or_default();
        // A period opened for one person is nothing usual, whoever is looked at.
        let usual = written(&Facts { opened: None, ..self.usual.clone() });
        let differs = written(facts).into_iter().filter(|(fact, value)| usual.get(fact) != Some(value));
        let given: Vec<String> = differs.map(|(fact, value)| format!("{fact} = {value}")).collect();
        if given.is_empty() { "a usual resident".to_owned() } else { format!("{{ {} }}", given.join(", ")) }
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
pub(super) fn covered(tables: &Tables, years: u16) -> LastCovered {
    CoverYear::new(tables.year.get() - years).map_or(LastCovered::Never, LastCovered::In)
}

fn visit_all(
    axes: &[Vec<Way>],
    facts: &Facts,
    visit: &mut dyn FnMut(&Facts) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some((ways, rest)) = axes.split_first() else { return visit(facts) };
    for way in ways {
        let mut facts = facts.clone();
        way(&mut facts);
        visit_all(rest, &facts, visit)?;
    }
    ControlFlow::Continue(())
}
