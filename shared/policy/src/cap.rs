//! The question "how high is the cap?" (大病保险最高支付限额): its base, and the steps that raise and lower it.

use std::collections::BTreeMap;
use std::sync::Arc;

use canbao_types::{CoverYear, Money};
use schemars::JsonSchema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::amount::stated;
use crate::compile::Compiler;
use crate::exact::Fraction;
use crate::fact::Fact;
use crate::facts::{Facts, HeldIdentity};
use crate::file::{self, Lasts, Per, Then};
use crate::reader::{Entry, Shape};
use crate::register::needs;
use crate::ruling::{Basis, Refusal, Stated};
use crate::sheet::{Seen, Sheet};
use crate::table::{self, Most, Row, Tables, Test};
use crate::trace::Verdict;

/// How high the cap is (大病保险最高支付限额).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cap {
    /// The notice says nothing about it.
    pub silent: bool,
    /// Which fact must be given first.
    pub refusal: Option<Refusal>,
    /// The steps, each with how often it counts.
    pub steps: Vec<CapStep>,
    /// What the steps come to together, within the limit.
    pub delta: Option<Stated<Money>>,
    /// The cap with them.
    pub cap: Option<Stated<Money>>,
    /// What base and limit rest on.
    pub basis: Option<Basis>,
}

/// A step of the cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapStep {
    /// Its id.
    pub id: Arc<str>,
    /// How often it counts.
    pub count: u32,
    /// What it comes to; negative when it lowers the cap.
    pub amount: Money,
    /// What it rests on.
    pub basis: Basis,
}

/// What is known of a person's years, for the cap. Counts may be given themselves, or the years they follow from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CapFacts {
    /// The coverage year asked for.
    #[schemars(with = "Option<u16>")]
    pub cover_year: Option<CoverYear>,
    /// The cap before any step (原封顶线), where the notice does not state it.
    #[schemars(with = "Option<String>")]
    pub base: Option<Money>,
    /// Coverage years paid one after the other, the one asked for included.
    pub n: Option<u32>,
    /// Years without any use of the fund that were followed by a year paid as is normal.
    pub zero: Option<u32>,
    /// Whole coverage years missed before the one asked for (断保年度).
    pub missed: Option<u32>,
    /// The identities on the rosters, where a step turns on them.
    pub identities: Option<Vec<HeldIdentity>>,
    /// The years, in place of the counts.
    #[serde(deserialize_with = "by_number")]
    #[schemars(with = "Option<std::collections::BTreeMap<String, YearPaid>>")]
    pub years: Option<BTreeMap<u16, YearPaid>>,
}

/// A coverage year, as far as the cap turns on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct YearPaid {
    /// Whether it was paid.
    pub paid: bool,
    /// Whether it was paid in time; it was, unless said.
    pub normal: bool,
    /// What the fund paid in it; not known, unless said.
    #[schemars(with = "Option<String>")]
    pub fund: Option<Money>,
    /// Whether a claim made use of the raised cap in it, which clears the years without use that were gathered.
    pub used: bool,
}

/// Years are written as texts, for JSON has no other keys.
fn by_number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<BTreeMap<u16, YearPaid>>, D::Error> {
    let Some(written) = Option::<BTreeMap<String, YearPaid>>::deserialize(input)? else { return Ok(None) };
    let year =
        |year: String| year.parse().map_err(|_| Error::custom(format!("{year:?} is no coverage year")));
    written.into_iter().map(|(written, paid)| Ok((year(written)?, paid))).collect::<Result<_, _>>().map(Some)
}

impl Default for YearPaid {
    fn default() -> Self {
        Self { paid: false, normal: true, fund: None, used: false }
    }
}

impl Compiler<'_> {
    /// The cap with its steps; steps need a cap.
    pub fn cap(&mut self) -> Option<table::Cap> {
        let cap: Option<(Entry, file::Cap)> = self.reader.one("cap", Shape::Cited);
        let rows: Vec<(Entry, file::CapStep)> = self.reader.rows("cap_step", Shape::Row);
        let mut steps = Vec::new();
        for (entry, step) in rows {
            let amount = step.amount.parse::<Money>();
            if amount.is_err() {
                self.reader.tell_of(
                    &entry,
                    format!("{:?} is no amount; write yuan as \"3000\" or \"-3000\"", step.amount),
                );
            }
            if step.beyond > 0 && step.per != Per::ContinuousYear {
                self.reader.tell_of(&entry, "only continuous years count `beyond` a number; leave it out");
            }
            if cap.is_none() {
                self.reader.tell_of(&entry, "there is no [cap] that it could raise or lower; add one, if only with base = \"not stated\"");
            }
            let gathers = matches!(step.per, Per::ContinuousYear | Per::ZeroUseYear);
            if !gathers && (step.after_break.is_some() || step.after_use.is_some()) {
                self.reader.tell_of(&entry, "only continuous years and years without use are gathered; leave `after_break` and `after_use` out");
            }
            let usual = |of: Per| if step.per == of { Then::Cleared } else { Then::Kept };
            let then = table::CapStep {
                per: step.per,
                beyond: step.beyond,
                amount: amount.unwrap_or(Money::ZERO),
                limited: step.limited,
                count_from: step.count_from,
                lasts: step.lasts,
                most: step.limit.as_deref().and_then(|limit| self.most(&entry, limit)),
                after_break: step.after_break.unwrap_or_else(|| usual(Per::ContinuousYear)),
                after_use: step.after_use.unwrap_or_else(|| usual(Per::ZeroUseYear)),
            };
            let row = self.row(&entry, then);
            if !self.asks_identity_alone(&row) {
                self.reader.tell_of(&entry, "only identities are known when the cap is asked for; condition it on `identity`, or take the condition out");
            }
            steps.push(row);
        }
        let (entry, cap) = cap?;
        let limit_per_10_000 = cap.limit.as_deref().and_then(|limit| self.rate(&entry, limit));
        let base = stated(&cap.base).unwrap_or_else(|| self.money(&entry, &cap.base));
        Some(table::Cap { entry: self.enter(&entry), base, limit_per_10_000, steps })
    }

    /// How far a step moves the cap at most: a percentage of the base, or yuan.
    fn most(&mut self, entry: &Entry, text: &str) -> Option<Most> {
        if text.ends_with('%') {
            return self.rate(entry, text).map(Most::PerTenThousand);
        }
        let most = text.parse::<Money>().ok().filter(|most| !most.is_negative());
        if most.is_none() {
            let what =
                format!("{text:?} is no limit; write a share of the base as \"20%\", or yuan as \"20000\"");
            self.reader.tell_of(entry, what);
        }
        most.map(Most::Money)
    }

    fn asks_identity_alone(&self, row: &Row<table::CapStep>) -> bool {
        let runs = [row.when, row.unless].into_iter().flat_map(|run| run.of(&self.pools.alternatives));
        let mut tests = runs.flat_map(|run| run.of(&self.pools.tests));
        tests.all(|test| matches!(test, Test::Word { fact: Fact::Identity, .. }))
    }
}

/// The cap of the person in the year asked for.
pub(crate) fn cap(tables: &Tables, facts: &CapFacts) -> Cap {
    let Some(rule) = &tables.cap else { return Cap { silent: true, ..Cap::default() } };
    let entry = tables.entry(rule.entry);
    let mut said = Cap { basis: Some(entry.basis.clone()), ..Cap::default() };
    let year = facts.cover_year.unwrap_or(tables.year);
    let base = facts.base.map_or(rule.base, Stated::Is);
    let person = Facts { identities: facts.identities.clone(), ..Facts::default() };
    let sheet = Sheet::new(tables, &person, Seen::Unknown(Fact::Paid), &mut ());
    let (mut limited, mut free) = (Money::ZERO, Money::ZERO);
    for row in &rule.steps {
        let (entry, step) = (tables.entry(row.entry), &row.then);
        match sheet.verdict(row, &mut ()) {
            Verdict::Holds => {}
            Verdict::Fails(_) | Verdict::Excepted => continue,
            Verdict::Needs(fact) => {
                said.refusal = Some(needs(entry, fact));
                return said;
            }
        }
        let count = match count(step, facts, year) {
            Ok(count) => count,
            Err(fact) => {
                said.refusal = Some(needs(entry, fact));
                return said;
            }
        };
        let amount =
            step.amount.fen().checked_mul(i64::from(count)).and_then(|fen| Money::from_fen(fen).ok());
        let amount = amount.map(|amount| step.within(amount, base));
        if let Some(Stated::NotStated | Stated::PersonMustDecide) = amount {
            (said.delta, said.cap) = (amount, amount);
            return said;
        }
        let amount = amount.and_then(Stated::is);
        let sum = if step.limited { &mut limited } else { &mut free };
        let added = amount.and_then(|amount| Some((amount, sum.checked_add(amount)?)));
        let Some((amount, total)) = added else {
            said.delta = Some(Stated::PersonMustDecide);
            return said;
        };
        *sum = total;
        said.steps.push(CapStep { id: entry.id.clone(), count, amount, basis: entry.basis.clone() });
    }
    let raised = match (rule.limit_per_10_000, base) {
        // Nothing is raised, so however far it might be does not matter.
        _ if limited <= Money::ZERO => Stated::Is(limited),
        (None, _) => Stated::Is(limited),
        (Some(per_10_000), base) => share_of(base, per_10_000).and_then(|most| Stated::Is(limited.min(most))),
    };
    let sum = |a: Money, b: Money| a.checked_add(b).map_or(Stated::PersonMustDecide, Stated::Is);
    let delta = raised.and_then(|raised| sum(raised, free));
    said.delta = Some(delta);
    said.cap = Some(base.and_then(|base| delta.and_then(|delta| sum(base, delta))));
    said
}

/// A share of the base. The fen that it leaves over are no whole fen of a raise.
fn share_of(base: Stated<Money>, per_10_000: i64) -> Stated<Money> {
    Fraction::per_10_000(per_10_000).down(base)
}

impl table::CapStep {
    /// What it comes to within its own limit, whichever way it moves the cap.
    fn within(&self, amount: Money, base: Stated<Money>) -> Stated<Money> {
        let most = match self.most {
            _ if amount.is_zero() => return Stated::Is(amount),
            None => return Stated::Is(amount),
            Some(Most::Money(most)) => Stated::Is(most),
            Some(Most::PerTenThousand(per_10_000)) => share_of(base, per_10_000),
        };
        most.and_then(|most| Stated::Is(amount.clamp(most.negated(), most)))
    }
}

/// How often a step counts.
fn count(step: &table::CapStep, facts: &CapFacts, year: CoverYear) -> Result<u32, Fact> {
    let from = step.count_from.map_or(0, CoverYear::get);
    let counted = match &facts.years {
        Some(years) => return Years { years, asked: year.get(), from }.count(step),
        None => {
            // Of years given by their number alone, those before the first that counts are left out.
            let at_most = if from == 0 { u32::MAX } else { u32::from(year.get().saturating_sub(from)) + 1 };
            let before = |count: u32| count.min(at_most);
            match step.per {
                // What was gathered before a break, and what a use cleared, the number does not tell.
                Per::ContinuousYear if step.after_break == Then::Kept || step.after_use == Then::Cleared => {
                    return Err(Fact::YearsOfCap);
                }
                Per::ContinuousYear => before(facts.n.ok_or(Fact::ContinuousYears)?),
                Per::ZeroUseYear => facts.zero.ok_or(Fact::ZeroUseYears)?,
                Per::ReEntry => u32::from(missed(facts)? > 0),
                Per::MissedYear => missed(facts)?,
            }
        }
    };
    Ok(counted.saturating_sub(step.beyond))
}

/// Who has paid two or more years running has missed none before the last.
fn missed(facts: &CapFacts) -> Result<u32, Fact> {
    match (facts.missed, facts.n) {
        (Some(missed), _) => Ok(missed),
        (None, Some(n)) if n > 1 => Ok(0),
        (None, _) => Err(Fact::Missed),
    }
}

/// The years of a person, up to the one asked for.
struct Years<'y> {
    years: &'y BTreeMap<u16, YearPaid>,
    asked: u16,
    from: u16,
}

impl Years<'_> {
    fn count(&self, step: &table::CapStep) -> Result<u32, Fact> {
        Ok(match step.per {
            Per::ContinuousYear => self.gathered(step),
            Per::ZeroUseYear => self.unused(step)?,
            Per::ReEntry => u32::from(self.missed() > 0),
            Per::MissedYear => self.missed(),
        })
    }

    /// The paid years beyond the first ones of their row, as far as neither a break nor a use has cleared them.
    fn gathered(&self, step: &table::CapStep) -> u32 {
        let first = self.years.keys().next().map_or(self.asked, |first| self.from.max(*first));
        let (mut in_a_row, mut gathered) = (0, 0);
        for year in first..=self.asked {
            match self.paid(year) {
                Some(known) => {
                    in_a_row += 1;
                    gathered += u32::from(in_a_row > step.beyond);
                    if known.used && year < self.asked && step.after_use == Then::Cleared {
                        gathered = 0;
                    }
                }
                None => {
                    in_a_row = 0;
                    if step.after_break == Then::Cleared {
                        gathered = 0;
                    }
                }
            }
        }
        gathered
    }

    fn paid(&self, year: u16) -> Option<&YearPaid> {
        self.years.get(&year).filter(|known| known.paid)
    }

    /// The paid years of which the fund paid nothing and that were followed by one paid in time, since the last use of a
    /// raised cap.
    fn unused(&self, step: &table::CapStep) -> Result<u32, Fact> {
        let first = match step.lasts {
            Lasts::NextYear => self.asked.saturating_sub(1),
            Lasts::Kept => 0,
        };
        let mut unused = 0;
        // A step may count only from a year on that is later than the one asked for.
        let first = first.max(self.from).min(self.asked);
        for (year, known) in self.years.range(first..self.asked).rev() {
            if known.used && step.after_use == Then::Cleared {
                break;
            }
            if step.after_break == Then::Cleared && self.missed_since(*year) {
                break;
            }
            let next = year.checked_add(1).and_then(|next| self.paid(next));
            if known.paid && next.is_some_and(|next| next.normal) {
                unused += u32::from(known.fund.ok_or(Fact::FundOfYear)? == Money::ZERO);
            }
        }
        Ok(unused)
    }

    /// Whether a year from this one up to the one asked for was not paid.
    fn missed_since(&self, year: u16) -> bool {
        (year..self.asked).any(|year| self.paid(year).is_none())
    }

    /// Years without payment right before the one asked for, since one that was paid.
    fn missed(&self) -> u32 {
        let last = self.years.range(..self.asked).rev().find(|(_, known)| known.paid);
        last.map_or(0, |(last, _)| u32::from(self.asked.saturating_sub((last + 1).max(self.from))))
    }
}
