//! The question "how high is the cap?" (大病保险最高支付限额): its base, and the steps that raise and lower it.

use std::collections::BTreeMap;
use std::sync::Arc;

use canbao_types::{CoverYear, Money};
use schemars::JsonSchema;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::amount::stated;
use crate::compile::Compiler;
use crate::fact::Fact;
use crate::file::{self, Lasts, Per};
use crate::reader::{Entry, Shape};
use crate::register::needs;
use crate::ruling::{Basis, Refusal, Stated};
use crate::table::{self, Tables};

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
        let rows: Vec<(Entry, file::CapStep)> = self.reader.rows("cap_step", Shape::Cited);
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
            steps.push(table::CapStep {
                entry: self.enter(&entry),
                per: step.per,
                beyond: step.beyond,
                amount: amount.unwrap_or(Money::ZERO),
                limited: step.limited,
                count_from: step.count_from,
                lasts: step.lasts,
            });
        }
        let (entry, cap) = cap?;
        let limit_per_10_000 = cap.limit.as_deref().and_then(|limit| self.rate(&entry, limit));
        let base = stated(&cap.base).unwrap_or_else(|| self.money(&entry, &cap.base));
        Some(table::Cap { entry: self.enter(&entry), base, limit_per_10_000, steps })
    }
}

/// The cap of the person in the year asked for.
pub(crate) fn cap(tables: &Tables, facts: &CapFacts) -> Cap {
    let Some(rule) = &tables.cap else { return Cap { silent: true, ..Cap::default() } };
    let entry = tables.entry(rule.entry);
    let mut said = Cap { basis: Some(entry.basis.clone()), ..Cap::default() };
    let year = facts.cover_year.unwrap_or(tables.year);
    let (mut limited, mut free) = (Money::ZERO, Money::ZERO);
    for step in &rule.steps {
        let entry = tables.entry(step.entry);
        let count = match count(step, facts, year) {
            Ok(count) => count,
            Err(fact) => {
                said.refusal = Some(needs(entry, fact));
                return said;
            }
        };
        let amount =
            step.amount.fen().checked_mul(i64::from(count)).and_then(|fen| Money::from_fen(fen).ok());
        let sum = if step.limited { &mut limited } else { &mut free };
        let added = amount.and_then(|amount| Some((amount, sum.checked_add(amount)?)));
        let Some((amount, total)) = added else {
            said.delta = Some(Stated::PersonMustDecide);
            return said;
        };
        *sum = total;
        said.steps.push(CapStep { id: entry.id.clone(), count, amount, basis: entry.basis.clone() });
    }
    let base = facts.base.map_or(rule.base, Stated::Is);
    let raised = match (rule.limit_per_10_000, base) {
        // Nothing is raised, so however far it might be does not matter.
        _ if limited <= Money::ZERO => Stated::Is(limited),
        (None, _) => Stated::Is(limited),
        (Some(per_10_000), base) => {
            let most = base.and_then(|base| {
                // The fen that a share leaves over are no whole fen of a raise.
                let fen = i128::from(base.fen()) * i128::from(per_10_000) / 10_000;
                let most = i64::try_from(fen).ok().and_then(|fen| Money::from_fen(fen).ok());
                most.map_or(Stated::PersonMustDecide, Stated::Is)
            });
            most.and_then(|most| Stated::Is(limited.min(most)))
        }
    };
    let sum = |a: Money, b: Money| a.checked_add(b).map_or(Stated::PersonMustDecide, Stated::Is);
    let delta = raised.and_then(|raised| sum(raised, free));
    said.delta = Some(delta);
    said.cap = Some(base.and_then(|base| delta.and_then(|delta| sum(base, delta))));
    said
}

/// How often a step counts.
fn count(step: &table::CapStep, facts: &CapFacts, year: CoverYear) -> Result<u32, Fact> {
    let from = step.count_from.map_or(0, CoverYear::get);
    let counted = match &facts.years {
        Some(years) => Years { years, asked: year.get(), from }.count(step)?,
        None => {
            // Of years given by their number alone, those before the first that counts are left out.
            let at_most = if from == 0 { u32::MAX } else { u32::from(year.get().saturating_sub(from)) + 1 };
            let before = |count: u32| count.min(at_most);
            match step.per {
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
            Per::ContinuousYear => {
                let counts = |year: &u16| *year >= self.from && self.paid(*year).is_some();
                self.number((0..=self.asked).rev().take_while(counts))
            }
            Per::ZeroUseYear => self.unused(step.lasts)?,
            Per::ReEntry => u32::from(self.missed() > 0),
            Per::MissedYear => self.missed(),
        })
    }

    fn number(&self, years: impl Iterator<Item = u16>) -> u32 {
        u32::try_from(years.count()).unwrap_or(u32::MAX)
    }

    fn paid(&self, year: u16) -> Option<&YearPaid> {
        self.years.get(&year).filter(|known| known.paid)
    }

    /// The paid years of which the fund paid nothing and that were followed by one paid in time, since the last use of a
    /// raised cap.
    fn unused(&self, lasts: Lasts) -> Result<u32, Fact> {
        let first = match lasts {
            Lasts::NextYear => self.asked.saturating_sub(1),
            Lasts::Kept => 0,
        };
        let mut unused = 0;
        // A step may count only from a year on that is later than the one asked for.
        let first = first.max(self.from).min(self.asked);
        for (year, known) in self.years.range(first..self.asked).rev() {
            if known.used {
                break;
            }
            let next = year.checked_add(1).and_then(|next| self.paid(next));
            if known.paid && next.is_some_and(|next| next.normal) {
                unused += u32::from(known.fund.ok_or(Fact::FundOfYear)? == Money::ZERO);
            }
        }
        Ok(unused)
    }

    /// Years without payment right before the one asked for, since one that was paid.
    fn missed(&self) -> u32 {
        let last = self.years.range(..self.asked).rev().find(|(_, known)| known.paid);
        last.map_or(0, |(last, _)| u32::from(self.asked.saturating_sub((last + 1).max(self.from))))
    }
}
