//! The walk through all cells: every row is reached, every case has its rows, no window sells nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use canbao_types::{Calendar, Date, Datelike, Part, add_days};

use super::Findings;
use super::cells::Cells;
use crate::beside;
use crate::claim;
use crate::fact::Fact;
use crate::facts::{Facts, Opened};
use crate::pay;
use crate::refund;
use crate::register;
use crate::ruling::{Payment, Stated};
use crate::sheet::{Seen, Sheet};
use crate::table::{Row, Tables, Test};
use crate::tier;
use crate::trace::{Recorder, Verdict};

/// The rows that held in some cell.
#[derive(Default)]
struct Reached(HashSet<Arc<str>>);

impl Recorder for Reached {
    fn tried(&mut self, row: &Arc<str>, verdict: Verdict) {
        if verdict == Verdict::Holds && !self.0.contains(row) {
            self.0.insert(row.clone());
        }
    }

    fn anew(&mut self) {}
}

impl Reached {
    /// Whether the entry that is looked for has yet to be reached.
    fn go_on(&self, tables: &Tables, until: Option<u16>) -> ControlFlow<()> {
        match until {
            Some(entry) if self.0.contains(&tables.entry(entry).label) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// What the walk finds out.
struct Walk<'t> {
    tables: &'t Tables,
    cells: Cells<'t>,
    reached: Reached,
    /// Windows in which somebody paid, by entry, and whether anybody got a benefit for it.
    sold: BTreeMap<u16, bool>,
    /// What was missing first, by table.
    gaps: BTreeMap<&'static str, String>,
}

/// Walks a notice's cells and tells what is wrong in them.
pub(super) fn walk(tables: &Tables, findings: &mut Findings<'_>) {
    let Some(cells) = Cells::of(tables) else { return };
    let (reached, sold, gaps) = (Reached::default(), BTreeMap::new(), BTreeMap::new());
    let mut walk = Walk { tables, cells, reached, sold, gaps };
    walk.registrations();
    walk.payments();
    walk.after_payments();
    walk.tell_unreached(findings);
    walk.tell_gaps(findings);
    walk.tell_sold_for_nothing(findings);
    walk.tell_overlaps(findings);
    walk.tell_missing_calendar(findings);
    walk.tell_closed_days(findings);
    walk.tell_of_identities(findings);
}

impl Walk<'_> {
    fn registrations(&mut self) {
        let tables = self.tables;
        // Of tables whose first row counts every case is asked, for the rows above may take it; of the others each row by
        // itself, until somebody is found.
        let tables_of_rows = vec![
            self.cells.facts_of(&tables.classes),
            self.cells.facts_of(&tables.routes),
            BTreeSet::from([Fact::Identity]),
        ];
        for facts in largest(tables_of_rows) {
            self.register(&facts, None);
        }
        for row in tables.eligible.iter().chain(&tables.who) {
            self.register(&self.cells.facts_of([row]), Some(row.entry));
        }
        for row in &tables.refuse_registration {
            self.register(&self.cells.facts_of([row]), Some(row.entry));
        }
    }

    /// Walks until an entry is reached, or through all.
    fn register(&mut self, facts: &BTreeSet<Fact>, until: Option<u16>) {
        let Self { tables, cells, reached, gaps, .. } = self;
        cells.walk(facts, &mut |facts| {
            let said = register::register(tables, facts, reached);
            if said.eligible() && said.class.is_none() {
                gaps.entry("class").or_insert_with(|| cells.describe(facts));
            }
            reached.go_on(tables, until)
        });
    }

    fn payments(&mut self) {
        let tables = self.tables;
        let mut tables_of_rows = vec![
            self.cells.facts_of(&tables.windows),
            self.cells.facts_of(&tables.options),
            self.cells.facts_of(&tables.prices),
            self.cells.facts_of(&tables.benefits),
            self.cells.facts_of(&tables.tiers),
        ];
        // Every case has a window, and with it what windows turn on.
        for facts in &mut tables_of_rows {
            facts.insert(Fact::Paid);
        }
        for facts in largest(tables_of_rows) {
            self.pay(&facts, None);
        }
        for row in &tables.aid {
            self.pay_for(row);
        }
        for row in &tables.benefit_ends {
            self.pay_for(row);
        }
        for row in &tables.deadlines {
            self.pay_for(row);
        }
        for row in &tables.products {
            self.pay_for(row);
        }
        for row in &tables.refuse_payment {
            self.pay(&self.cells.facts_of([row]), Some(row.entry));
        }
        self.in_an_opened_period();
        self.cells.usual.years = Some(2);
        for row in &tables.prepay {
            self.pay(&self.cells.facts_of([row]), Some(row.entry));
        }
        self.cells.usual.years = None;
    }

    /// The period that a department opens for one person has its benefit too.
    fn in_an_opened_period(&mut self) {
        let (Some(_), Some(from)) = (&self.tables.opened, self.cells.usual.paid) else { return };
        let mut facts = self.cells.facts_of(&self.tables.benefits);
        facts.insert(Fact::Paid);
        for late in [false, true] {
            self.cells.usual.opened = Some(Opened { from, to: self.tables.cover.to(), late });
            self.pay(&facts, None);
        }
        self.cells.usual.opened = None;
    }

    /// Walks until a row is reached by somebody whose window it may turn on.
    fn pay_for<T>(&mut self, row: &Row<T>) {
        let mut facts = self.cells.facts_of([row]);
        facts.insert(Fact::Paid);
        self.pay(&facts, Some(row.entry));
    }

    /// Walks until an entry is reached, or through all.
    fn pay(&mut self, facts: &BTreeSet<Fact>, until: Option<u16>) {
        let Self { tables, cells, reached, sold, gaps } = self;
        cells.walk(facts, &mut |facts| {
            let said = pay::pay(tables, facts, reached);
            if let Some(window) = &said.window {
                let entry = |row: &&Row<_>| Arc::ptr_eq(&tables.entry(row.entry).basis, &window.basis);
                if let Some(row) = tables.windows.iter().find(entry) {
                    let buys = said.benefit.as_ref().is_none_or(|benefit| !benefit.is_empty());
                    *sold.entry(row.entry).or_default() |= buys;
                }
            }
            if said.granted()
                && let Some(table) = missing(tables, &said)
            {
                gaps.entry(table).or_insert_with(|| cells.describe(facts));
            }
            reached.go_on(tables, until)
        });
    }

    fn after_payments(&mut self) {
        let tables = self.tables;
        let refunds = self.cells.facts_of(&tables.refunds);
        let mut delays = self.cells.facts_of(&tables.delays);
        delays.insert(Fact::What);
        let subsidies = self.cells.facts_of(&tables.subsidies);
        let exclusions = self.cells.facts_of(&tables.exclusions);
        let channels = self.cells.facts_of(&tables.channel_rows);
        let entitlements = self.cells.facts_of(&tables.entitlements);
        let Self { cells, reached, gaps, .. } = self;
        cells.walk(&exclusions, &mut |facts| {
            claim::claim(tables, facts, reached);
            ControlFlow::Continue(())
        });
        cells.walk(&entitlements, &mut |facts| {
            claim::entitlements(tables, facts, reached);
            ControlFlow::Continue(())
        });
        cells.walk(&channels, &mut |facts| {
            beside::channels(tables, facts, reached);
            ControlFlow::Continue(())
        });
        cells.walk(&refunds, &mut |facts| {
            let said = refund::refund(tables, facts, reached);
            if said.basis.is_none() {
                gaps.entry("refund").or_insert_with(|| cells.describe(facts));
            }
            ControlFlow::Continue(())
        });
        cells.walk(&delays, &mut |facts| {
            refund::delay(tables, facts, reached);
            ControlFlow::Continue(())
        });
        cells.walk(&subsidies, &mut |facts| {
            let mut sheet = Sheet::new(tables, facts, Seen::given(facts.paid, Fact::Paid), reached);
            register::outcome(&mut sheet, reached);
            tier::find(&mut sheet, reached);
            sheet.first(&tables.subsidies, reached);
            ControlFlow::Continue(())
        });
    }

    /// Checks that every row says something to somebody.
    fn tell_unreached(&self, findings: &mut Findings<'_>) {
        let tables = self.tables;
        let entries = |rows: &mut dyn Iterator<Item = u16>| rows.collect::<Vec<_>>();
        let all = [
            entries(&mut tables.identities.iter().map(|row| row.entry)),
            entries(&mut tables.who.iter().map(|row| row.entry)),
            entries(&mut tables.classes.iter().map(|row| row.entry)),
            entries(&mut tables.refuse_registration.iter().map(|row| row.entry)),
            entries(&mut tables.refuse_payment.iter().map(|row| row.entry)),
            entries(&mut tables.eligible.iter().map(|row| row.entry)),
            entries(&mut tables.routes.iter().map(|row| row.entry)),
            entries(&mut tables.options.iter().map(|row| row.entry)),
            entries(&mut tables.prices.iter().map(|row| row.entry)),
            entries(&mut tables.prepay.iter().map(|row| row.entry)),
            entries(&mut tables.subsidies.iter().map(|row| row.entry)),
            entries(&mut tables.aid.iter().map(|row| row.entry)),
            entries(&mut tables.benefits.iter().map(|row| row.entry)),
            entries(&mut tables.benefit_ends.iter().map(|row| row.entry)),
            entries(&mut tables.refunds.iter().map(|row| row.entry)),
            entries(&mut tables.delays.iter().map(|row| row.entry)),
            entries(&mut tables.tiers.iter().map(|row| row.entry)),
            entries(&mut tables.deadlines.iter().map(|row| row.entry)),
            entries(&mut tables.products.iter().map(|row| row.entry)),
            entries(&mut tables.exclusions.iter().map(|row| row.entry)),
            entries(&mut tables.entitlements.iter().map(|row| row.entry)),
            entries(&mut tables.channel_rows.iter().map(|row| row.entry)),
        ];
        let unreached = all.concat().into_iter().map(|at| tables.entry(at));
        let unreached = unreached.filter(|entry| !entry.other_year && !self.reached.0.contains(&entry.label));
        let unsold = tables.windows.iter().filter(|row| !self.sold.contains_key(&row.entry));
        let unsold = unsold.map(|row| tables.entry(row.entry));
        for entry in unreached.chain(unsold) {
            let what = "is for nobody: its conditions exclude each other, or the rows above it take every case; mend the \
                        condition, move the row up or take it out";
            // Who asks for a ground that was not declared is not among the cases that are tried.
            let grounds = "; what is for other grounds needs them under `ground` of [words]";
            let grounds = if entry.label.starts_with("refund ") { grounds } else { "" };
            findings.problem(entry, format!("{what}{grounds}"));
        }
    }

    fn tell_gaps(&self, findings: &mut Findings<'_>) {
        for (table, cell) in &self.gaps {
            let what = format!("no row holds for {cell}; add one, if only to say that a person must decide");
            findings.problem_of_table(table, what);
        }
    }

    fn tell_sold_for_nothing(&self, findings: &mut Findings<'_>) {
        for (at, _) in self.sold.iter().filter(|(_, buys)| !**buys) {
            let what = "whoever pays in it has no day of benefit in the year; mend when benefits start, or take it out";
            findings.problem(self.tables.entry(*at), what);
        }
    }

    /// A payment is late because the common window is over.
    fn tell_overlaps(&self, findings: &mut Findings<'_>) {
        let rows = || self.tables.windows.iter().zip(&self.cells.fixed);
        for (late, (from, to)) in rows().filter(|(row, _)| row.then.late) {
            for (common, (first, last)) in rows().filter(|(row, _)| !row.then.late) {
                let (Some(from), Some(to), Some(first), Some(last)) = (from, to, first, last) else {
                    continue;
                };
                if from <= last && first <= to {
                    let common = &self.tables.entry(common.entry).label;
                    let what = format!(
                        "is late, but overlaps {common} ({first} to {last}); let it begin after that"
                    );
                    findings.problem(self.tables.entry(late.entry), what);
                }
            }
        }
    }

    /// Working days are counted by the calendar, so it must cover the season.
    fn tell_missing_calendar(&self, findings: &mut Findings<'_>) {
        let counts = |test: &Test| matches!(test, Test::Word { fact: Fact::WorkingDay, .. });
        let delayed = self.tables.delays.iter().any(|row| matches!(row.then.working_days, Stated::Is(1..)));
        let first = self.cells.fixed.iter().filter_map(|(first, _)| *first).min();
        let Some(first) = first.filter(|_| delayed || self.tables.tests.iter().any(counts)) else { return };
        for year in first.year()..=self.tables.cover.to().year() {
            let day = Date::from_ymd_opt(year, 1, 1);
            if day.is_none_or(|day| Calendar::builtin().is_working_day(day).is_err()) {
                let what = format!(
                    "turns on working days, and the calendar has none of {year}; add that year's holidays"
                );
                findings.problem_of_table("notice", what);
            }
        }
    }

    /// Days within the season on which a class cannot pay: for a person to accept.
    fn tell_closed_days(&self, findings: &mut Findings<'_>) {
        let Some(first) = self.cells.fixed.iter().filter_map(|(first, _)| *first).min() else { return };
        let mut closed: BTreeMap<(Date, Date), Vec<Arc<str>>> = BTreeMap::new();
        for (class, someone) in self.of_each_class() {
            for days in self.closed_days(first, &someone) {
                closed.entry(days).or_default().push(class.clone());
            }
        }
        for ((from, to), classes) in closed {
            let whom = classes.join(", ");
            let what = format!("nobody of {whom} can pay from {from} to {to} without a window of their own");
            findings.note("window", what);
        }
    }

    /// Tax is not told who holds an identity, so a window that asks for one is used by way of an opened period alone, and a
    /// price that does in such a period.
    fn tell_of_identities(&self, findings: &mut Findings<'_>) {
        for row in self.tables.windows.iter().filter(|_| self.tables.opened.is_none()) {
            if self.cells.facts_of([row]).contains(&Fact::Identity) {
                let label = &self.tables.entry(row.entry).label;
                let what = "asks for an identity, which the tax bureau is not told; with an [opened] entry the department \
                            that keeps the list opens the period for the person";
                findings.note(label, what);
            }
        }
        for row in self.tables.prices.iter().filter(|_| self.tables.opened.is_none()) {
            if self.asks_for_identity(row) {
                let label = &self.tables.entry(row.entry).label;
                let what = "asks for an identity, which the tax bureau is not told, so it asks the person for the price of the \
                            others; what somebody else pays for an identity is [[aid]]";
                findings.note(label, what);
            }
        }
    }

    /// Whether a row itself asks for an identity, or for people who have one. Of a tier that an identity lays down tax is told.
    fn asks_for_identity<T>(&self, row: &Row<T>) -> bool {
        let mut tests = self.tables.tests(row.when).chain(self.tables.tests(row.unless));
        tests.any(|test| match *test {
            Test::Word { fact: Fact::Identity, .. } => true,
            Test::Word { fact: Fact::Who, any } => {
                let named = self.tables.who.iter().enumerate().filter(|(at, _)| any & 1 << at != 0);
                named.map(|(_, row)| row).any(|row| self.asks_for_identity(row))
            }
            Test::Word { .. } | Test::Day { .. } | Test::Place { .. } => false,
        })
    }

    /// Somebody of each class that may register.
    fn of_each_class(&self) -> Vec<(Arc<str>, Facts)> {
        let tables = self.tables;
        let mut found: Vec<(Arc<str>, Facts)> = Vec::new();
        self.cells.walk(&self.cells.facts_of(&tables.classes), &mut |facts| {
            if let Some(class) = register::register(tables, facts, &mut ()).class
                && !found.iter().any(|(known, _)| *known == class.value)
            {
                found.push((class.value, facts.clone()));
            }
            if found.len() == tables.classes.len() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        found
    }

    /// The periods from `first` to the end of the coverage year in which somebody cannot pay.
    fn closed_days(&self, first: Date, someone: &Facts) -> Vec<(Date, Date)> {
        let mut periods: Vec<(Date, Date)> = Vec::new();
        let last = self.tables.cover.to();
        for day in first.iter_days().take_while(|day| *day <= last) {
            let facts = Facts { paid: Some(day), arrived: Some(day), ..someone.clone() };
            if pay::pay(self.tables, &facts, &mut ()).window.is_some() {
                continue;
            }
            match periods.last_mut() {
                Some((_, to)) if add_days(*to, 1) == Some(day) => *to = day,
                _ => periods.push((day, day)),
            }
        }
        periods
    }
}

/// Of sets of facts those that no other contains: walking them walks all.
fn largest(mut all: Vec<BTreeSet<Fact>>) -> Vec<BTreeSet<Fact>> {
    all.sort_by_key(|facts| std::cmp::Reverse(facts.len()));
    let mut kept: Vec<BTreeSet<Fact>> = Vec::new();
    for facts in all {
        if !kept.iter().any(|larger| facts.is_subset(larger)) {
            kept.push(facts);
        }
    }
    kept
}

/// The table that had no row for a granted payment.
fn missing(tables: &Tables, said: &Payment) -> Option<&'static str> {
    if said.tier.is_none() && !tables.tiers.is_empty() {
        return Some("tier");
    }
    let unpriced = said.parts.iter().any(|line| line.part == Part::Personal && line.basis.is_empty());
    let unclear = said.benefit.as_ref().is_some_and(|benefit| benefit.basis.is_empty());
    match (unpriced, unclear) {
        (true, _) => Some("price"),
        (_, true) => Some("benefit"),
        _ => None,
    }
}
