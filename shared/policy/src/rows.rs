//! Compiles the rows of prices, aid, benefits and what follows a payment.

use std::sync::Arc;

use canbao_types::{Citation, Money};

use crate::amount::stated;
use crate::compile::{Compiler, basis};
use crate::condition::ANY_IDENTITY;
use crate::declared;
use crate::file;
use crate::problem::unknown;
use crate::reader::{Entry, Shape};
use crate::ruling::{Basis, Stated};
use crate::table::{self, Anchor, DayExpr, Row};

impl Compiler<'_> {
    pub fn options(&mut self) -> Vec<Row<Arc<str>>> {
        let rows: Vec<(Entry, file::Choice)> = self.reader.rows("option", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, option) in rows {
            if table::bit(&self.names.option, &option.item) == 0 {
                self.reader.tell_of(&entry, unknown(&option.item, "declared option", &self.names.option));
            }
            compiled.push(self.row(&entry, option.item.into()));
        }
        compiled
    }

    /// Which day stands for a payment of nothing; the format knows one.
    pub fn settled(&mut self) -> Option<u16> {
        let (entry, rule): (Entry, file::Settled) = self.reader.one("settled", Shape::Cited)?;
        let file::SettledOn::Confirmed = rule.when_due_is_zero;
        Some(self.enter(&entry))
    }

    pub fn benefits(&mut self) -> Vec<Row<table::Benefit>> {
        let rows: Vec<(Entry, file::Benefit)> = self.reader.rows("benefit", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, benefit) in rows {
            let then = match (benefit.start, benefit.decide) {
                (Some(start), None) => table::Benefit::Runs {
                    exception: self.basis_of(&entry, benefit.unless_clause),
                    start: self.day(&entry, &start, ANY_IDENTITY),
                    end: match benefit.end {
                        Some(end) => self.day(&entry, &end, ANY_IDENTITY),
                        None => DayExpr::on(Some(Anchor::CoverEnd)),
                    },
                },
                (None, Some(undecided)) => table::Benefit::Undecided(undecided),
                _ => {
                    self.reader.tell_of(
                        &entry,
                        "says neither when benefits `start` nor `decide`, or both; write one of them",
                    );
                    continue;
                }
            };
            compiled.push(self.row(&entry, then));
        }
        compiled
    }

    pub fn benefit_ends(&mut self) -> Vec<Row<DayExpr>> {
        let rows: Vec<(Entry, file::BenefitEnd)> = self.reader.rows("benefit_end", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, row) in rows {
            let end = self.day(&entry, &row.end, ANY_IDENTITY);
            compiled.push(self.row(&entry, end));
        }
        compiled
    }

    /// Whether a department may open a period for one person, and what it is called.
    pub fn opened(&mut self) -> Option<(u16, Arc<str>)> {
        let (entry, opened): (Entry, file::Opened) = self.reader.one("opened", Shape::Cited)?;
        Some((self.enter(&entry), opened.name.into()))
    }

    /// The rule for missed years that are paid after all.
    pub fn repair(&mut self) -> Option<table::Repair> {
        let (entry, repair): (Entry, file::Repair) = self.reader.one("repair", Shape::Cited)?;
        let price = self.amount(&entry, None, Some(&repair.rate), Some(&repair.of), None);
        Some(table::Repair { entry: self.enter(&entry), months_per_year: repair.months_per_year, price })
    }

    pub fn wait(&mut self, entry: &Entry, wait: &file::Wait) -> table::Wait {
        table::Wait {
            entry: self.enter(entry),
            fixed_months: wait.fixed_months,
            fixed_days: wait.fixed_days,
            months_per_missed_year: wait.months_per_missed_year,
            free_missed_years: wait.free_missed_years,
            count_missed_from: wait.count_missed_from,
            floor: wait.floor.as_ref().map(|floor| (floor.months, floor.from_missed_years)),
            at_least: wait.bound == file::Bound::AtLeast,
            ends: wait.ends,
            variable_basis: self.basis_of(entry, wait.variable_clause.clone()),
            floor_basis: self.basis_of(entry, wait.floor_clause.clone()),
        }
    }

    pub fn refunds(&mut self) -> Vec<Row<table::Refund>> {
        self.knows_start = true;
        let rows: Vec<(Entry, file::Refund)> = self.reader.rows("refund", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, refund) in rows {
            let gives = refund.back.is_some_and(|back| back != file::Back::None);
            if gives != refund.to.is_some()
                || (refund.back == Some(file::Back::None)) != refund.reason.is_some()
            {
                self.reader.tell_of(
                    &entry,
                    "gives back without `to`, or nothing without a `reason`; write to whom, or why not",
                );
            }
            let then = match (refund.back, refund.decide) {
                (Some(back), None) => table::Refund::Back { back, reason: refund.reason },
                (None, Some(undecided)) => table::Refund::Undecided(undecided),
                _ => {
                    self.reader.tell_of(
                        &entry,
                        "says neither what is given `back` nor `decide`, or both; write one of them",
                    );
                    continue;
                }
            };
            compiled.push(self.row(&entry, then));
        }
        compiled
    }

    /// Who carries a registration out. The papers of its ways are declared words.
    pub fn routes(&mut self) -> Vec<Row<declared::Route>> {
        let rows: Vec<(Entry, file::Route)> = self.reader.rows("route", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, route) in rows {
            let mut ways = Vec::new();
            for file::Way { at, papers } in route.ways {
                for paper in papers.iter().flatten() {
                    if table::bit(&self.names.papers, paper) == 0 {
                        self.reader.tell_of(&entry, unknown(paper, "declared paper", &self.names.papers));
                    }
                }
                let one_of = |papers: Vec<String>| papers.into_iter().map(Arc::from).collect();
                ways.push(declared::Way { at: at.into(), papers: papers.into_iter().map(one_of).collect() });
            }
            compiled.push(self.row(&entry, declared::Route { by: route.by.into(), ways }));
        }
        compiled
    }

    pub fn deadlines(&mut self) -> Vec<Row<table::Deadline>> {
        let rows: Vec<(Entry, file::Deadline)> = self.reader.rows("deadline", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, file::Deadline { who, step, by }) in rows {
            let by = self.day(&entry, &by, ANY_IDENTITY);
            compiled.push(self.row(&entry, table::Deadline { who: who.into(), step, by }));
        }
        compiled
    }

    pub fn products(&mut self) -> Vec<Row<Stated<Money>>> {
        let rows: Vec<(Entry, file::Product)> = self.reader.rows("product", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, product) in rows {
            debug_assert_eq!(*entry.id, *product.name, "an entry with a name is known by it");
            let amount = self.money(&entry, &product.amount);
            compiled.push(self.row(&entry, amount));
        }
        compiled
    }

    /// Whoever pays aid or bears a part of a price.
    pub fn payers(&mut self) {
        let rows: Vec<(Entry, file::Payer)> = self.reader.rows("payer", Shape::Cited);
        for (entry, payer) in rows {
            self.enter(&entry);
            if self.payers.iter().any(|known| **known == *payer.name) {
                self.reader.tell_of(&entry, "is declared twice; take one of them out");
            }
            self.payers.push(payer.name.into());
        }
    }

    /// A payer, who must be declared.
    pub fn payer(&mut self, entry: &Entry, name: &str) -> Arc<str> {
        let known = self.payers.iter().any(|known| **known == *name);
        if !name.trim().is_empty() && !known && !self.reader.is_unread(name) {
            let what = unknown(name, "declared payer", &self.payers);
            self.reader.tell_of(entry, format!("{what}, or declare it as a [[payer]] entry"));
        }
        name.into()
    }

    /// What one thing that an entry says rests on, where it names clauses for it; the entry's own otherwise.
    fn basis_of(&mut self, entry: &Entry, clauses: Option<Vec<String>>) -> Basis {
        let Some(clauses) = clauses else { return basis(entry) };
        let read = |text: &String| self.reader.clause(&entry.label, text);
        let clauses: Vec<_> = clauses.iter().filter_map(read).collect();
        self.cited.extend(clauses.iter().cloned());
        let cite = |clause| Citation { clause, open: entry.open.clone() };
        clauses.into_iter().map(cite).collect()
    }

    pub fn delays(&mut self) -> Vec<Row<table::Delay>> {
        let rows: Vec<(Entry, file::Delay)> = self.reader.rows("delay", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, delay) in rows {
            let mut what = 0;
            for word in &delay.what {
                let bits = table::bit(&self.names.what, word);
                if bits == 0 {
                    self.reader.tell_of(&entry, unknown(word, "declared `what`", &self.names.what));
                }
                what |= bits;
            }
            let working_days = match (delay.from, delay.working_days, delay.decide) {
                (Some(file::DelayFrom::Success), Some(days), None) => Stated::Is(days),
                (None, None, Some(undecided)) => undecided.into(),
                _ => {
                    self.reader.tell_of(
                        &entry,
                        "says neither `from` and `working_days` nor `decide`, or both; write one of them",
                    );
                    continue;
                }
            };
            let shows = delay.shows.into_iter().map(Arc::from).collect();
            compiled.push(self.row(&entry, table::Delay { what, working_days, shows }));
        }
        compiled
    }

    /// The channels, and for each the people it is for.
    pub fn channels(&mut self) -> (Vec<Row<()>>, Vec<declared::Channel>) {
        let rows: Vec<(Entry, file::Channel)> = self.reader.rows("channel", Shape::Row);
        let channel = |(entry, channel): (Entry, file::Channel)| {
            let declared =
                declared::Channel { name: channel.name.into(), kind: channel.kind, basis: basis(&entry) };
            (self.row(&entry, ()), declared)
        };
        rows.into_iter().map(channel).unzip()
    }

    pub fn targets(&mut self) -> Vec<declared::Target> {
        let rows: Vec<(Entry, file::Target)> = self.reader.rows("target", Shape::Cited);
        let mut targets = Vec::new();
        for (entry, target) in rows {
            self.enter(&entry);
            let by = file::Day::of(&target.by).map(|day| Stated::Is(day.0));
            let by = by.or_else(|| target.by.as_str().and_then(stated));
            let (Some(at_least_per_10_000), Some(by)) = (self.rate(&entry, &target.at_least), by) else {
                self.reader.tell_of(&entry, "`at_least` is no share, or `by` no date; write a share such as \"95%\" and a plain date, or \"not stated\"");
                continue;
            };
            targets.push(declared::Target {
                name: target.name.into(),
                count: target.count.into(),
                of: target.of.into(),
                at_least_per_10_000,
                by,
                basis: basis(&entry),
            });
        }
        targets
    }

    pub fn announced(&mut self) -> Vec<(Arc<str>, Basis)> {
        let rows: Vec<(Entry, file::Announced)> = self.reader.rows("announced", Shape::Cited);
        let mut announced = Vec::new();
        for (entry, row) in rows {
            self.enter(&entry);
            announced.push((row.about.into(), basis(&entry)));
        }
        announced
    }
}
