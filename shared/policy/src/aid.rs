//! Aid (资助参保): its rows, and what of a part of the price others pay by them.

use std::sync::Arc;

use canbao_types::{Bearer, Money};

use crate::amount::{percentage, stated};
use crate::compile::Compiler;
use crate::exact::Fraction;
use crate::fact::Fact;
use crate::file::{self, Take};
use crate::price::{both, whole};
use crate::reader::{Entry, Shape};
use crate::ruling::{AidLine, Cited, Payment, PricePart, Stated, Unjudged, joined};
use crate::sheet::Sheet;
use crate::standard::Standards;
use crate::table::{self, Aid, Amount, Of, Payer, Row};
use crate::trace::{Recorder, Verdict};

impl Compiler<'_> {
    /// How several aids combine.
    pub fn aid_rule(&mut self) -> Option<(u16, Take)> {
        let (entry, rule): (Entry, file::AidRule) = self.reader.one("aid_rule", Shape::Cited)?;
        Some((self.enter(&entry), rule.take))
    }

    pub fn aid(&mut self, prices: &[Row<table::Price>], bases: &[(u16, Stated<Money>)]) -> Vec<Row<Aid>> {
        let standards = Standards::of(prices, bases);
        let rows: Vec<(Entry, file::Aid)> = self.reader.rows("aid", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, aid) in rows {
            let part = (aid.part, self.product(&entry, aid.part, aid.product.as_deref()));
            if !prices.iter().any(|row| (row.then.part, &row.then.product) == (part.0, &part.1)) {
                self.reader
                    .tell_of(&entry, "relieves a part that no price has; mend `part`, or add the price");
            }
            if let (Some(leaves), Some(written)) = (&aid.leaves, &aid.amount) {
                self.agree(&entry, written, leaves, aid.rate.as_deref(), &standards);
            }
            let then = Aid {
                part: part.0,
                product: part.1,
                amount: self.relief(&entry, &aid),
                rate_per_10_000: aid.rate.as_deref().and_then(percentage),
                rounding: self.rounding(&entry, aid.round, aid.to.as_deref()),
                payers: self.payers_of(&entry, aid.payer.as_deref(), aid.shares.as_deref()),
                declared: aid.declared,
            };
            compiled.push(self.row(&entry, then));
        }
        compiled
    }

    /// What a row takes off: an amount, a share, or what is above the rest that it leaves.
    fn relief(&mut self, entry: &Entry, aid: &file::Aid) -> Amount {
        let file::Aid { amount, rate, of, .. } = aid;
        match (amount, rate, &aid.leaves) {
            (None, None, Some(leaves)) => return Amount::Leaves(self.money(entry, leaves)),
            (None, None, None) => self.reader.tell_of(
                entry,
                "says neither `amount`, `rate` nor what it `leaves`; write what the notice says, such as rate = \"100%\"",
            ),
            _ => {}
        }
        let usual = Some(Of::Part(aid.part));
        self.amount(entry, amount.as_deref(), rate.as_deref(), of.as_deref(), usual)
    }

    /// One payer of the whole, or several of a share each, which make the whole together.
    fn payers_of(
        &mut self,
        entry: &Entry,
        payer: Option<&str>,
        shares: Option<&[file::PayerShare]>,
    ) -> Vec<Payer> {
        let shares = match (payer, shares) {
            (Some(payer), None) => {
                let payer = stated(payer).unwrap_or_else(|| Stated::Is(self.payer(entry, payer)));
                return vec![Payer { payer, per_10_000: WHOLE }];
            }
            (None, Some(shares)) => shares,
            _ => {
                self.reader
                    .tell_of(entry, "names neither a `payer` nor `shares`, or both; write one of them");
                return Vec::new();
            }
        };
        self.shares(entry, shares)
    }
}

/// All of an amount, in hundredths of a percent.
pub(crate) const WHOLE: i64 = 10_000;

impl AidLine {
    /// What several lines come to together.
    #[must_use]
    pub fn total(lines: &[Self]) -> Stated<Money> {
        lines.iter().fold(Stated::Is(Money::ZERO), |sum, line| both(sum, line.amount, Money::checked_add))
    }

    /// The payers of several lines, each once, in the notice's words; empty when there is no line.
    #[must_use]
    pub fn payers(lines: &[Self]) -> String {
        let mut payers: Vec<String> = Vec::new();
        for payer in lines.iter().map(|line| line.payer.to_string()) {
            if !payers.contains(&payer) {
                payers.push(payer);
            }
        }
        payers.join("、")
    }

    /// The same lines, coming to `whole` together. What the notice states stays as far as the whole reaches; the row
    /// whose amount it leaves open takes the rest, by its shares. `None` where two rows leave theirs open.
    #[must_use]
    pub fn of_whole(lines: &[Self], whole: Money) -> Option<Vec<Self>> {
        let mut left = whole;
        let mut spread = lines.to_vec();
        for line in &mut spread {
            if let Stated::Is(amount) = line.amount {
                let taken = amount.min(left);
                left = left.checked_sub(taken)?;
                line.amount = Stated::Is(taken);
            }
        }
        let mut open: Vec<&mut Self> = spread.iter_mut().filter(|line| line.amount.is().is_none()).collect();
        let one_row = open.iter().all(|line| line.row == open[0].row);
        if !one_row || open.is_empty() && !left.is_zero() {
            return None;
        }
        let rates: Vec<i64> = open.iter().map(|line| line.per_10_000).collect();
        for (line, amount) in open.iter_mut().zip(split(Stated::Is(left), &rates)) {
            line.amount = amount;
        }
        Some(spread)
    }
}

/// An amount split by rates; the last bears the fen that is left over.
pub(crate) fn split(whole: Stated<Money>, rates: &[i64]) -> Vec<Stated<Money>> {
    let mut left = whole;
    let last = rates.len().saturating_sub(1);
    let share = |(at, rate): (usize, &i64)| {
        if at == last {
            return left;
        }
        let share = Fraction::per_10_000(*rate).down(whole);
        left = both(left, share, Money::checked_sub);
        share
    };
    rates.iter().enumerate().map(share).collect()
}

/// What one row gives: a line for each of its payers.
struct Given {
    amount: Stated<Money>,
    lines: Vec<AidLine>,
}

/// What others pay of the person's parts, each by the notice's rule for several aids.
pub(crate) fn aid(
    sheet: &Sheet<'_>,
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) {
    let Some((rule, take)) = sheet.tables.aid_rule.filter(|(_, take)| *take != Take::NotStated) else {
        out.aid_not_stated = sheet.identity.yes != 0;
        if !out.aid_not_stated && sheet.identity.maybe != 0 {
            out.unjudged.push(Unjudged { row: "aid_rule".into(), fact: Fact::Identity });
        }
        return;
    };
    let parts = std::mem::take(&mut out.parts);
    for part in parts.iter().filter(|part| part.bearer == Bearer::Person) {
        let relieved = Relieved { sheet, part, parts: &parts, rule };
        match take {
            Take::All => relieved.all(out, needs, recorder),
            Take::Highest | Take::NotStated => relieved.highest(out, needs, recorder),
        }
    }
    out.parts = parts;
}

/// A part of the price that aid may relieve.
struct Relieved<'a> {
    sheet: &'a Sheet<'a>,
    part: &'a PricePart,
    /// Every part, for shares of another.
    parts: &'a [PricePart],
    /// The entry that says how several aids combine.
    rule: u16,
}

impl<'a> Relieved<'a> {
    /// The rows for this part.
    fn rows(&self) -> impl Iterator<Item = &'a Row<Aid>> {
        let part = (self.part.part, &self.part.name);
        self.sheet.tables.aid.iter().filter(move |row| (row.then.part, &row.then.product) == part)
    }

    /// Every aid the person has: the greatest is taken, the first of equals, and the others are kept. One whose
    /// amount is not stated might be the greatest, unless another already covers the whole part.
    fn highest(&self, out: &mut Payment, needs: &mut Vec<(u16, Fact)>, recorder: &mut impl Recorder) {
        let whole = self.part.amount;
        let covers = |given: &Given| given.amount.is().is_some() && given.amount == whole;
        let mut given: Vec<Given> = Vec::new();
        for row in self.rows() {
            match self.sheet.verdict(row, recorder) {
                Verdict::Fails(_) | Verdict::Excepted => {}
                Verdict::Needs(_) if given.iter().any(covers) => {}
                Verdict::Needs(fact) => needs.push((row.entry, fact)),
                Verdict::Holds => match self.gives(row, whole, recorder) {
                    Err(fact) => needs.push((row.entry, fact)),
                    Ok(more) => given.extend(more),
                },
            }
        }
        if given.is_empty() {
            return;
        }
        let unstated = || given.iter().position(|given| given.amount.is().is_none());
        let greatest = || {
            let by_amount = |best: usize, (at, one): (usize, &Given)| {
                if one.amount.is() > given.get(best).and_then(|given| given.amount.is()) { at } else { best }
            };
            given.iter().enumerate().fold(0, by_amount)
        };
        let taken = given.iter().position(covers).or_else(unstated).unwrap_or_else(greatest);
        let taken = given.remove(taken);
        // That one of several was taken rests on the rule as well.
        out.aid.extend(self.resting(taken.lines, !given.is_empty()));
        out.aid_lost.extend(given.into_iter().flat_map(|given| given.lines));
    }

    /// Every aid the person has, in the notice's order, each as far as something is left for it to relieve.
    fn all(&self, out: &mut Payment, needs: &mut Vec<(u16, Fact)>, recorder: &mut impl Recorder) {
        let mut left = self.part.amount;
        let mut given: Vec<Given> = Vec::new();
        for row in self.rows() {
            match self.sheet.verdict(row, recorder) {
                Verdict::Fails(_) | Verdict::Excepted => {}
                Verdict::Needs(_) if left == Stated::Is(Money::ZERO) => {}
                Verdict::Needs(fact) => needs.push((row.entry, fact)),
                Verdict::Holds => match self.gives(row, left, recorder) {
                    Err(fact) => needs.push((row.entry, fact)),
                    Ok(None) => {}
                    Ok(Some(more)) => {
                        left = both(left, more.amount, Money::checked_sub);
                        given.push(more);
                    }
                },
            }
        }
        // That one aid is given beside another rests on the rule as well.
        let several = given.len() > 1;
        out.aid.extend(self.resting(given.into_iter().flat_map(|given| given.lines), several));
    }

    fn resting(
        &self,
        lines: impl IntoIterator<Item = AidLine>,
        on_the_rule: bool,
    ) -> impl Iterator<Item = AidLine> {
        let rule = on_the_rule.then(|| &self.sheet.tables.entry(self.rule).basis);
        lines.into_iter().map(move |mut line| {
            if let Some(rule) = rule {
                line.basis = joined(&line.basis, rule);
            }
            line
        })
    }

    /// What a row comes to, a line for each payer; `None` when that is nothing.
    fn gives(
        &self,
        row: &Row<Aid>,
        left: Stated<Money>,
        recorder: &mut impl Recorder,
    ) -> Result<Option<Given>, Fact> {
        let Cited { value: amount, basis } = self.aided(row, left, recorder)?;
        if amount == Stated::Is(Money::ZERO) {
            return Ok(None);
        }
        let identities: Vec<Arc<str>> = self.sheet.identities_of(row);
        let rates: Vec<i64> = row.then.payers.iter().map(|payer| payer.per_10_000).collect();
        let shares = row.then.payers.iter().zip(split(amount, &rates));
        let line = |(payer, amount): (&Payer, Stated<Money>)| AidLine {
            part: self.part.part,
            name: self.part.name.clone(),
            amount,
            rate_per_10_000: row.then.rate_per_10_000,
            payer: payer.payer.clone(),
            per_10_000: payer.per_10_000,
            declared: row.then.declared,
            identities: identities.clone(),
            row: self.sheet.tables.entry(row.entry).label.clone(),
            basis: basis.clone(),
        };
        Ok(Some(Given { amount, lines: shares.map(line).collect() }))
    }

    /// What a row takes off; never more than is left of the part it relieves.
    fn aided(
        &self,
        row: &Row<Aid>,
        left: Stated<Money>,
        recorder: &mut impl Recorder,
    ) -> Result<Cited<Stated<Money>>, Fact> {
        let basis = self.sheet.tables.entry(row.entry).basis.clone();
        // Nothing is relieved of a part that is nothing, whatever the amount would be.
        if left == Stated::Is(Money::ZERO) {
            return Ok(Cited { value: left, basis });
        }
        let above = |whole: Money, rest: Money| whole.checked_sub(rest.min(whole));
        let (value, basis) = match row.then.amount {
            Amount::Fixed(amount) => (amount, basis),
            Amount::Leaves(leaves) => (both(self.part.amount, leaves, above), basis),
            Amount::Share { per_10_000, of } => {
                let whole = match of {
                    Of::Part(part) if part == self.part.part => Cited { value: self.part.amount, basis },
                    of => whole(self.sheet, (of, basis), self.parts, recorder)?,
                };
                (Fraction::per_10_000(per_10_000).of(whole.value, row.then.rounding), whole.basis)
            }
        };
        let value = match (value, left) {
            (Stated::Is(amount), Stated::Is(left)) => Stated::Is(amount.min(left)),
            (amount, _) => amount,
        };
        Ok(Cited { value, basis })
    }
}
