//! Aid (资助参保): its rows, and what of a part of the price others pay by them.

use std::sync::Arc;

use canbao_types::{Money, Part};

use crate::amount::{percentage, stated};
use crate::compile::Compiler;
use crate::fact::Fact;
use crate::file::{self, Take};
use crate::price::{both, share_of};
use crate::reader::{Entry, Shape};
use crate::ruling::{AidLine, Basis, Payment, Stated, Unjudged, joined};
use crate::sheet::Sheet;
use crate::table::{self, Aid, Amount, Of, Payer, Row};
use crate::trace::{Recorder, Verdict};

impl Compiler<'_> {
    /// How several aids combine.
    pub fn aid_rule(&mut self) -> Option<(u16, Take)> {
        let (entry, rule): (Entry, file::AidRule) = self.reader.one("aid_rule", Shape::Cited)?;
        Some((self.enter(&entry), rule.take))
    }

    pub fn aid(&mut self, prices: &[Row<table::Price>]) -> Vec<Row<Aid>> {
        let rows: Vec<(Entry, file::Aid)> = self.reader.rows("aid", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, aid) in rows {
            if aid.amount.is_none() && aid.rate.is_none() {
                let what =
                    "says neither `amount` nor `rate`; write what the notice says, such as rate = \"100%\"";
                self.reader.tell_of(&entry, what);
            }
            let personal = Some(Of::Part(Part::Personal));
            let amount =
                self.amount(&entry, aid.amount.as_deref(), aid.rate.as_deref(), aid.of.as_deref(), personal);
            if let (Some(leaves), Some(written)) = (&aid.leaves, &aid.amount) {
                self.agree(&entry, written, leaves, aid.rate.as_deref(), prices);
            }
            let payers = self.payers_of(&entry, aid.payer.as_deref(), aid.shares.as_deref());
            let rate_per_10_000 = aid.rate.as_deref().and_then(percentage);
            let then = Aid { amount, rate_per_10_000, payers, declared: aid.declared };
            compiled.push(self.row(&entry, then));
        }
        compiled
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
        let payers: Vec<Payer> = shares
            .iter()
            .map(|share| Payer {
                payer: Stated::Is(self.payer(entry, &share.payer)),
                per_10_000: self.rate(entry, &share.rate).unwrap_or_default(),
            })
            .collect();
        if payers.iter().map(|payer| payer.per_10_000).sum::<i64>() != WHOLE {
            self.reader.tell_of(entry, "its `shares` do not make 100% together; mend the rates");
        }
        let twice = |(at, share): (usize, &file::PayerShare)| {
            shares.iter().take(at).any(|other| other.payer == share.payer)
        };
        if shares.iter().enumerate().any(twice) {
            self.reader.tell_of(entry, "names a payer twice in `shares`; give each payer one share");
        }
        payers
    }
}

/// All of an amount, in hundredths of a percent.
const WHOLE: i64 = 10_000;

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
fn split(whole: Stated<Money>, rates: &[i64]) -> Vec<Stated<Money>> {
    let mut left = whole;
    let last = rates.len().saturating_sub(1);
    let share = |(at, rate): (usize, &i64)| {
        if at == last {
            return left;
        }
        let share = whole.and_then(|whole| {
            let fen = i128::from(whole.fen()) * i128::from(*rate) / i128::from(WHOLE);
            let share = i64::try_from(fen).ok().and_then(|fen| Money::from_fen(fen).ok());
            share.map_or(Stated::PersonMustDecide, Stated::Is)
        });
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

/// What others pay of the personal part, by the notice's rule for several aids.
pub(crate) fn aid(
    sheet: &Sheet<'_>,
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) {
    let relieved = out.parts.iter().find(|line| line.part == Part::Personal).map(|line| line.amount);
    if let Some(relieved) = relieved {
        of_part(sheet, relieved, out, needs, recorder);
    }
}

/// What others pay of an amount.
pub(crate) fn of_part(
    sheet: &Sheet<'_>,
    relieved: Stated<Money>,
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) {
    match &sheet.tables.aid_rule {
        Some((rule, Take::Highest)) => highest(sheet, (relieved, *rule), out, needs, recorder),
        Some((rule, Take::All)) => all(sheet, (relieved, *rule), out, needs, recorder),
        None | Some((_, Take::NotStated)) => {
            out.aid_not_stated = sheet.identity.yes != 0;
            if !out.aid_not_stated && sheet.identity.maybe != 0 {
                out.unjudged.push(Unjudged { row: "aid_rule".into(), fact: Fact::Identity });
            }
        }
    }
}

/// Every aid the person has: the greatest is taken, the first of equals, and the others are kept. One whose
/// amount is not stated might be the greatest, unless another already covers the whole part.
fn highest(
    sheet: &Sheet<'_>,
    (relieved, rule): (Stated<Money>, u16),
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) {
    let covers = |given: &Given| given.amount.is().is_some() && given.amount == relieved;
    let mut given: Vec<Given> = Vec::new();
    for row in &sheet.tables.aid {
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) if given.iter().any(covers) => {}
            Verdict::Needs(fact) => needs.push((row.entry, fact)),
            Verdict::Holds => given.extend(gives(sheet, row, relieved, relieved)),
        }
    }
    let unstated = || given.iter().position(|given| given.amount.is().is_none());
    let greatest = || {
        let by_amount = |best: usize, (at, one): (usize, &Given)| {
            if one.amount.is() > given.get(best).and_then(|given| given.amount.is()) { at } else { best }
        };
        given.iter().enumerate().fold(0, by_amount)
    };
    if given.is_empty() {
        return;
    }
    let taken = given.iter().position(covers).or_else(unstated).unwrap_or_else(greatest);
    let taken = given.remove(taken);
    // That one of several was taken rests on the rule as well.
    let rule = (!given.is_empty()).then_some(rule);
    out.aid.extend(resting_on(sheet, taken.lines, rule));
    out.aid_lost.extend(given.into_iter().flat_map(|given| given.lines));
}

/// Every aid the person has, in the notice's order, each as far as something is left for it to relieve.
fn all(
    sheet: &Sheet<'_>,
    (relieved, rule): (Stated<Money>, u16),
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) {
    let mut left = relieved;
    let mut given: Vec<Given> = Vec::new();
    for row in &sheet.tables.aid {
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) if left == Stated::Is(Money::ZERO) => {}
            Verdict::Needs(fact) => needs.push((row.entry, fact)),
            Verdict::Holds => {
                let more = gives(sheet, row, relieved, left);
                left = more.iter().fold(left, |left, given| both(left, given.amount, Money::checked_sub));
                given.extend(more);
            }
        }
    }
    // That one aid is given beside another rests on the rule as well.
    let rule = (given.len() > 1).then_some(rule);
    out.aid.extend(resting_on(sheet, given.into_iter().flat_map(|given| given.lines), rule));
}

fn resting_on(
    sheet: &Sheet<'_>,
    lines: impl IntoIterator<Item = AidLine>,
    rule: Option<u16>,
) -> impl Iterator<Item = AidLine> {
    let rule: Option<Basis> = rule.map(|rule| sheet.tables.entry(rule).basis.clone());
    lines.into_iter().map(move |mut line| {
        if let Some(rule) = &rule {
            line.basis = joined(&line.basis, rule);
        }
        line
    })
}

/// What a row comes to, a line for each payer; `None` when that is nothing.
fn gives(sheet: &Sheet<'_>, row: &Row<Aid>, relieved: Stated<Money>, left: Stated<Money>) -> Option<Given> {
    let amount = aided(&row.then, relieved, left);
    if amount == Stated::Is(Money::ZERO) {
        return None;
    }
    let entry = sheet.tables.entry(row.entry);
    let identities: Vec<Arc<str>> = sheet.identities_of(row);
    let rates: Vec<i64> = row.then.payers.iter().map(|payer| payer.per_10_000).collect();
    let shares = row.then.payers.iter().zip(split(amount, &rates));
    let line = |(payer, amount): (&Payer, Stated<Money>)| AidLine {
        amount,
        rate_per_10_000: row.then.rate_per_10_000,
        payer: payer.payer.clone(),
        per_10_000: payer.per_10_000,
        declared: row.then.declared,
        identities: identities.clone(),
        row: entry.label.clone(),
        basis: entry.basis.clone(),
    };
    Some(Given { amount, lines: shares.map(line).collect() })
}

/// What a row of aid comes to; never more than is left of the part it relieves.
fn aided(aid: &Aid, relieved: Stated<Money>, left: Stated<Money>) -> Stated<Money> {
    let amount = match aid.amount {
        Amount::Fixed(amount) => amount,
        Amount::Share { per_10_000, of: Of::Money(money) } => share_of(Stated::Is(money), per_10_000),
        Amount::Share { per_10_000, .. } => share_of(relieved, per_10_000),
    };
    match (amount, left) {
        (Stated::Is(amount), Stated::Is(left)) => Stated::Is(amount.min(left)),
        // Nothing is relieved of a part that is nothing, whatever the amount would be.
        (_, Stated::Is(Money::ZERO)) => Stated::Is(Money::ZERO),
        (amount, _) => amount,
    }
}
