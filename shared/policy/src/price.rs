//! What a payment costs: the parts of the price, the aid, what is due.

use std::sync::Arc;

use canbao_types::{Bearer, Datelike, Money, Part};

use crate::aid;
use crate::compile::Compiler;
use crate::condition::index;
use crate::exact::Fraction;
use crate::fact::Fact;
use crate::file::{self, ForYear, PricePer};
use crate::history;
use crate::reader::{Entry, Shape};
use crate::ruling::{AidLine, Basis, Cited, Payment, PricePart, Stated, joined};
use crate::sheet::{Pick, Seen, Sheet};
use crate::table::{Amount, Of, Per, Price, Row};
use crate::trace::{Recorder, Verdict};

impl Compiler<'_> {
    /// The published figures that prices and aid are a share of.
    pub fn bases(&mut self) -> Vec<(u16, Stated<Money>)> {
        let rows: Vec<(Entry, file::Base)> = self.reader.rows("base", Shape::Cited);
        let mut compiled = Vec::new();
        for (entry, base) in rows {
            if Part::from_code(&base.name).is_some() || base.name == "government_subsidy" {
                self.reader.tell_of(&entry, "is a word of the format; give the figure another name");
            }
            let amount = self.money(&entry, &base.amount);
            compiled.push((self.enter(&entry), amount));
            self.base_names.push(base.name.into());
        }
        compiled
    }

    /// The place of a published figure.
    pub fn base(&self, name: &str) -> Option<u16> {
        self.base_names.iter().position(|known| **known == *name).map(index)
    }

    pub fn prices(&mut self) -> Vec<Row<Price>> {
        let rows: Vec<(Entry, file::Price)> = self.reader.rows("price", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, price) in rows {
            let file::Price { amount, rate, of, .. } = &price;
            let amount = self.amount(&entry, amount.as_deref(), rate.as_deref(), of.as_deref(), None);
            if let Some(bearer) = &price.bearer {
                self.payer(&entry, bearer);
            }
            let (at_least, at_most) = self.bounds(&entry, &price);
            let then = Price {
                part: price.part,
                product: self.product(&entry, price.part, price.product.as_deref()),
                year: price.year,
                amount,
                per: self.per(&entry, &price),
                rounding: self.rounding(&entry, price.round, price.to.as_deref()),
                at_least,
                at_most,
                bearer: price.bearer.map_or(Bearer::Person, Bearer::Payer),
            };
            compiled.push(self.row(&entry, then));
        }
        compiled
    }

    /// The floor and the ceiling of a price, in order.
    fn bounds(&mut self, entry: &Entry, price: &file::Price) -> (Option<Money>, Option<Money>) {
        let mut bound =
            |text: &Option<String>| text.as_deref().and_then(|bound| self.money(entry, bound).is());
        let (least, most) = (bound(&price.at_least), bound(&price.at_most));
        if most.is_some() && most < least {
            self.reader.tell_of(entry, "`at_most` is less than `at_least`; mend one of them");
        }
        (least, most)
    }

    /// For each of what the price is due once.
    fn per(&mut self, entry: &Entry, price: &file::Price) -> Option<Per> {
        let missed = price.per == Some(PricePer::MissedYear);
        if price.count_from.is_some() && !missed {
            self.reader.tell_of(
                entry,
                "`count_from` says from when missed years count; write per = \"missed-year\" with it",
            );
        }
        let cut_off = price.cut_off.unwrap_or(LAST_OF_A_MONTH);
        if price.cut_off.is_some() && price.per != Some(PricePer::MonthLeft)
            || !(1..=LAST_OF_A_MONTH).contains(&cut_off)
        {
            self.reader.tell_of(
                entry,
                "`cut_off` is a day of the month, 1 to 31; write it with per = \"month-left\"",
            );
        }
        price.per.map(|per| match per {
            PricePer::MissedYear => Per::MissedYear(price.count_from),
            PricePer::MonthLeft => Per::MonthLeft(cut_off),
        })
    }

    /// The insurance that is collected along: named there, and nowhere else.
    pub fn product(&mut self, entry: &Entry, part: Part, name: Option<&str>) -> Option<Arc<str>> {
        if (part == Part::Side) != name.is_some() {
            self.reader.tell_of(entry, "`product` names the insurance of part = \"side\", and belongs to no other part; write both or neither");
        }
        name.map(Arc::from)
    }
}

/// The last day that a month can have.
const LAST_OF_A_MONTH: u32 = 31;

/// What is due, or which facts it turns on.
pub(crate) struct Due {
    pub amount: Option<Stated<Money>>,
    /// Entries and the facts they need.
    pub needs: Vec<(u16, Fact)>,
}

/// Writes parts, aid and prepayment into the answer, and says what is due.
pub(crate) fn due(sheet: &Sheet<'_>, out: &mut Payment, recorder: &mut impl Recorder) -> Due {
    let mut needs = Vec::new();
    let years = prepaid(sheet, out, &mut needs, recorder);
    parts(sheet, out, &mut needs, recorder);
    aid::aid(sheet, out, &mut needs, recorder);
    repair(sheet, out, recorder);
    times_years(out, years);
    if !needs.is_empty() {
        return Due { amount: None, needs };
    }
    let own = out.parts.iter().filter(|line| line.bearer == Bearer::Person);
    let whole = own.fold(Stated::Is(Money::ZERO), |sum, line| both(sum, line.amount, Money::checked_add));
    Due { amount: Some(both(whole, AidLine::total(&out.aid), Money::checked_sub)), needs }
}

/// The price of the missed years that are repaired, and of those that are worth it.
fn repair(sheet: &Sheet<'_>, out: &mut Payment, recorder: &mut impl Recorder) {
    let (Some(rule), Some(repair)) = (&sheet.tables.repair, &mut out.repair) else { return };
    let of_a_year = match rule.price {
        Amount::Fixed(amount) => amount,
        // What government pays for a person is told for the person's own year alone; the rest is no price of a year.
        Amount::Share { of: Of::GovernmentSubsidy | Of::Arrears, .. } | Amount::Leaves(_) => {
            Stated::PersonMustDecide
        }
        Amount::Share { per_10_000, of } => {
            let whole = whole(sheet, (of, repair.basis.clone()), &out.parts, recorder);
            whole.map_or(Stated::PersonMustDecide, |whole| {
                Fraction::per_10_000(per_10_000).of(whole.value, None)
            })
        }
    };
    repair.useful_price = times(of_a_year, repair.useful_years);
    if repair.taken_years > 0 {
        let (amount, basis) = (times(of_a_year, repair.taken_years), repair.basis.clone());
        let (part, bearer) = (Part::Repair, Bearer::Person);
        out.parts.push(PricePart { part, name: None, amount, bearer, basis });
    }
}

fn times(amount: Stated<Money>, years: u32) -> Stated<Money> {
    both(amount, Stated::Is(years), |amount, years| {
        amount.fen().checked_mul(i64::from(years)).and_then(|fen| Money::from_fen(fen).ok())
    })
}

/// How many years are paid at once; several need a rule that allows them.
fn prepaid(
    sheet: &Sheet<'_>,
    out: &mut Payment,
    needs: &mut Vec<(u16, Fact)>,
    recorder: &mut impl Recorder,
) -> Stated<u32> {
    let years = sheet.facts.years.unwrap_or(1);
    if years == 1 {
        return Stated::Is(1);
    }
    match sheet.first(&sheet.tables.prepay, recorder) {
        Pick::Row(row) => {
            let basis = sheet.tables.entry(row.entry).basis.clone();
            out.prepaid = Some(Cited { value: row.then, basis });
            match sheet.facts.programme_years {
                Some(programme) if (1..=programme).contains(&years) => return Stated::Is(years),
                Some(_) => {}
                None => needs.push((row.entry, Fact::ProgrammeYears)),
            }
        }
        Pick::Needs(row, fact) => needs.push((row.entry, fact)),
        Pick::None => {}
    }
    Stated::PersonMustDecide
}

/// The person's own standard for all the years. Identities are confirmed year by year, so about the aided
/// years to come a person decides.
fn times_years(out: &mut Payment, years: Stated<u32>) {
    let years = if !out.aid.is_empty() && years != Stated::Is(1) { Stated::PersonMustDecide } else { years };
    for line in out.parts.iter_mut().filter(|line| line.part == Part::Personal) {
        line.amount = match years {
            Stated::Is(years) => times(line.amount, years),
            unstated => both(line.amount, unstated, |amount, _| Some(amount)),
        };
    }
}

fn parts(sheet: &Sheet<'_>, out: &mut Payment, needs: &mut Vec<(u16, Fact)>, recorder: &mut impl Recorder) {
    // A part is settled by the first row for it that holds, or asks for a fact.
    let mut settled: Vec<(Part, Option<&str>)> = Vec::new();
    for row in &sheet.tables.prices {
        let part = (row.then.part, row.then.product.as_deref());
        if settled.contains(&part) {
            continue;
        }
        let fact = match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => continue,
            Verdict::Needs(fact) => Some(fact),
            Verdict::Holds => match price(sheet, row, &out.parts, recorder) {
                Err(fact) => Some(fact),
                Ok(Cited { value: amount, basis }) => {
                    let (name, bearer) = (row.then.product.clone(), row.then.bearer.clone());
                    out.parts.push(PricePart { part: part.0, name, amount, bearer, basis });
                    None
                }
            },
        };
        needs.extend(fact.map(|fact| (row.entry, fact)));
        settled.push(part);
    }
    if !settled.iter().any(|(part, _)| *part == Part::Personal) {
        let (part, amount, bearer) = (Part::Personal, Stated::PersonMustDecide, Bearer::Person);
        out.parts.push(PricePart { part, name: None, amount, bearer, basis: [].into() });
    }
}

/// A price of the notice's own year, or of any year where the row says so; another year's is not stated.
fn price(
    sheet: &Sheet<'_>,
    row: &Row<Price>,
    parts: &[PricePart],
    recorder: &mut impl Recorder,
) -> Result<Cited<Stated<Money>>, Fact> {
    let basis = sheet.tables.entry(row.entry).basis.clone();
    let asked = sheet.facts.cover_year;
    let governs = match row.then.year {
        ForYear::Any => true,
        ForYear::NoticeYear => asked == Some(sheet.tables.year),
        ForYear::BirthYear => {
            let birth = sheet.facts.birth.map(|birth| history::year_of(sheet.tables, birth));
            birth.is_some() && birth == asked.map(|year| i32::from(year.get()))
        }
    };
    if !governs {
        return Ok(Cited { value: Stated::NotStated, basis });
    }
    let (share, whole) = match row.then.amount {
        Amount::Fixed(amount) | Amount::Leaves(amount) => (Fraction::WHOLE, Cited { value: amount, basis }),
        Amount::Share { per_10_000, of } => {
            (Fraction::per_10_000(per_10_000), whole(sheet, (of, basis), parts, recorder)?)
        }
    };
    let times = row.then.per.map_or(Ok(Fraction::WHOLE), |per| times_due(sheet, per))?;
    let value = share.times(times).of(whole.value, row.then.rounding);
    let value = value.and_then(|amount| Stated::Is(row.then.within_bounds(amount)));
    Ok(Cited { value, basis: whole.basis })
}

impl Price {
    /// An amount, raised to the floor or lowered to the ceiling where the notice has one.
    pub fn within_bounds(&self, amount: Money) -> Money {
        let amount = self.at_least.map_or(amount, |least| amount.max(least));
        self.at_most.map_or(amount, |most| amount.min(most))
    }
}

/// What a share is a share of, with what it rests on beside the row.
pub(crate) fn whole(
    sheet: &Sheet<'_>,
    (of, basis): (Of, Basis),
    parts: &[PricePart],
    recorder: &mut impl Recorder,
) -> Result<Cited<Stated<Money>>, Fact> {
    let value = match of {
        Of::Money(money) => Stated::Is(money),
        Of::Arrears => Stated::Is(sheet.facts.arrears.ok_or(Fact::Arrears)?),
        Of::Part(part) => {
            let line = parts.iter().find(|line| line.part == part);
            line.map_or(Stated::PersonMustDecide, |line| line.amount)
        }
        Of::Base(at) => {
            let Some((entry, amount)) = sheet.tables.bases.get(usize::from(at)) else {
                return Ok(Cited { value: Stated::NotStated, basis });
            };
            let basis = joined(&basis, &sheet.tables.entry(*entry).basis);
            return Ok(Cited { value: *amount, basis });
        }
        Of::GovernmentSubsidy => match sheet.first(&sheet.tables.subsidies, recorder) {
            Pick::Row(subsidy) => {
                let entry = sheet.tables.entry(subsidy.entry);
                return Ok(Cited { value: subsidy.then.amount, basis: joined(&basis, &entry.basis) });
            }
            Pick::Needs(..) => Stated::PersonMustDecide,
            Pick::None => Stated::NotStated,
        },
    };
    Ok(Cited { value, basis })
}

/// How often a price is due, or which part of a year's is.
fn times_due(sheet: &Sheet<'_>, per: Per) -> Result<Fraction, Fact> {
    match per {
        Per::MissedYear(first) => {
            let years = sheet.history.missed_from(first.map(|first| i32::from(first.get())));
            Ok(Fraction { parts: i64::from(years.ok_or(sheet.history.needs)?), of: 1 })
        }
        Per::MonthLeft(cut_off) => {
            let Seen::Is(paid) = sheet.paid else { return Err(Fact::Paid) };
            let cover = sheet.cover.ok_or(Fact::CoverYear)?;
            // Months counted through, so that the one of the payment and the last one have their numbers.
            let month = |year: i32, month: u32| i64::from(year) * 12 + i64::from(month);
            let (first, last) = (cover.from(), cover.to());
            let (first, last) = (month(first.year(), first.month()), month(last.year(), last.month()));
            let begun = month(paid.year(), paid.month()) + i64::from(paid.day() > cut_off);
            let of = last - first + 1;
            Ok(Fraction { parts: (last - begun + 1).clamp(0, of), of })
        }
    }
}

/// Two values joined. One that is not stated makes the result so; beyond the bound of money a person decides.
pub(crate) fn both<A, B>(
    a: Stated<A>,
    b: Stated<B>,
    join: impl FnOnce(A, B) -> Option<Money>,
) -> Stated<Money> {
    match (a, b) {
        (Stated::Is(a), Stated::Is(b)) => join(a, b).map_or(Stated::PersonMustDecide, Stated::Is),
        (Stated::PersonMustDecide, _) | (_, Stated::PersonMustDecide) => Stated::PersonMustDecide,
        _ => Stated::NotStated,
    }
}
