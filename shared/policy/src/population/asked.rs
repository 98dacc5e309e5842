//! Which facts a notice asks about a person who pays, or asks what to pay.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Fact;
use crate::table::{Anchor, Benefit, DayExpr, Limit, Per, Row, Tables, Test};

/// The tests of a notice that a payment comes to. Those of other questions are left out, and those of benefits where nobody
/// pays (`acts`); a table that is not named here is asked.
pub(super) fn tests(tables: &Tables, acts: bool) -> Vec<Test> {
    let mut out = Out { tables, tests: BTreeSet::new() };
    out.rows(&tables.routes);
    out.rows(&tables.exclusions);
    out.rows(&tables.entitlements);
    out.rows(&tables.refunds);
    out.rows(&tables.delays);
    out.rows(&tables.channel_rows);
    if !acts {
        out.rows(&tables.benefits);
        out.rows(&tables.benefit_ends);
    }
    let tests = tables.tests.iter().enumerate();
    tests.filter(|(at, _)| !out.tests.contains(at)).map(|(_, test)| *test).collect()
}

/// Tests that are left out, by their place. No two rows share one.
struct Out<'t> {
    tables: &'t Tables,
    tests: BTreeSet<usize>,
}

impl Out<'_> {
    fn rows<T>(&mut self, rows: &[Row<T>]) {
        for run in rows.iter().flat_map(|row| [row.when, row.unless]) {
            let alternatives = run.of(&self.tables.alternatives);
            self.tests.extend(alternatives.iter().flat_map(|run| usize::from(run.from)..usize::from(run.to)));
        }
    }
}

/// The facts that are asked, each with the words that count.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<Fact, u64>);

impl Asked {
    /// Adds what the tests of a notice ask, and what its windows and benefits count from.
    pub fn add(&mut self, tables: &Tables, tests: &[Test], acts: bool) {
        for test in tests {
            match *test {
                Test::Word { fact, any } => self.fact(fact, any),
                Test::Place { fact, .. } => self.fact(fact, 0),
                Test::Day { fact, from, to, .. } => {
                    self.fact(fact, 0);
                    for limit in [from, to] {
                        if let Limit::At(at) = limit
                            && let Some(expr) = tables.days.get(usize::from(at))
                        {
                            self.points(expr);
                        }
                    }
                }
            }
        }
        for row in &tables.windows {
            self.points(&row.then.from);
            self.points(&row.then.to);
            if row.then.events != 0 {
                self.fact(Fact::Event, 0);
            }
        }
        if tables.prices.iter().any(|row| matches!(row.then.per, Some(Per::MissedYear(_)))) {
            self.fact(Fact::Missed, 0);
        }
        if !acts {
            return;
        }
        for row in &tables.benefits {
            match &row.then {
                Benefit::Runs { start, end, exception: _ } => {
                    self.points(start);
                    self.points(end);
                }
                Benefit::Undecided(_) => {}
            }
        }
        tables.benefit_ends.iter().for_each(|row| self.points(&row.then));
        if !tables.waits.is_empty() || tables.repair.is_some() {
            self.fact(Fact::History, 0);
        }
    }

    fn points(&mut self, expr: &DayExpr) {
        for anchor in expr.from.iter().chain([&expr.not_before]).flatten() {
            match *anchor {
                Anchor::Day { fact, .. } => self.fact(fact, 0),
                // The windows' own points are added with them.
                Anchor::On(_)
                | Anchor::CoverStart
                | Anchor::CoverEnd
                | Anchor::WindowFrom(_)
                | Anchor::WindowTo(_) => {}
            }
        }
    }

    fn fact(&mut self, fact: Fact, any: u64) {
        *self.0.entry(fact).or_default() |= any;
        let behind: &[Fact] = match fact {
            Fact::History | Fact::Missed => {
                &[Fact::LastCovered, Fact::EmployeeUntil, Fact::EmployeeFrom, Fact::EmployeeScheme]
            }
            // Who is in the scheme, or never was, has no last day there.
            Fact::EmployeeUntil => &[Fact::EmployeeScheme],
            Fact::Recognised => &[Fact::IdentityRecognised],
            Fact::BalanceCovers => &[Fact::Balance],
            _ => &[],
        };
        for fact in behind {
            self.0.entry(*fact).or_default();
        }
    }

    /// Whether a fact is asked.
    pub fn of(&self, fact: Fact) -> bool {
        match fact {
            // A payment lies in a window or outside; a price may turn on the year of birth; identities that count are told.
            Fact::Paid | Fact::Confirmed | Fact::Birth | Fact::Identity => true,
            _ => self.0.contains_key(&fact),
        }
    }

    /// The words of a fact that count.
    pub fn bits(&self, fact: Fact) -> u64 {
        self.0.get(&fact).copied().unwrap_or(0)
    }
}
