//! What a payment costs: the parts of the price, the aid, what is due.

use canbao_types::{Bearer, Money, Part};

use crate::aid;
use crate::amount::share;
use crate::fact::Fact;
use crate::file::ForYear;
use crate::history;
use crate::ruling::{AidLine, Cited, Payment, PricePart, Stated, joined};
use crate::sheet::{Pick, Sheet};
use crate::table::{Amount, Of, Price, Row};
use crate::trace::{Recorder, Verdict};

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
    repair(sheet, out);
    times_years(out, years);
    if !needs.is_empty() {
        return Due { amount: None, needs };
    }
    let own = out.parts.iter().filter(|line| line.bearer == Bearer::Person);
    let whole = own.fold(Stated::Is(Money::ZERO), |sum, line| both(sum, line.amount, Money::checked_add));
    Due { amount: Some(both(whole, AidLine::total(&out.aid), Money::checked_sub)), needs }
}

/// The price of the missed years that are repaired, and of those that are worth it.
fn repair(sheet: &Sheet<'_>, out: &mut Payment) {
    let (Some(rule), Some(repair)) = (&sheet.tables.repair, &mut out.repair) else { return };
    let of_a_year = match rule.price {
        Amount::Fixed(amount) => amount,
        Amount::Share { per_10_000, of: Of::Money(money) } => share_of(Stated::Is(money), per_10_000),
        Amount::Share { per_10_000, of: Of::Part(part) } => {
            let line = out.parts.iter().find(|line| line.part == part);
            share_of(line.map_or(Stated::PersonMustDecide, |line| line.amount), per_10_000)
        }
        // What government pays for a person is told for the person's own year alone.
        Amount::Share { of: Of::GovernmentSubsidy, .. } => Stated::PersonMustDecide,
    };
    repair.useful_price = times(of_a_year, repair.useful_years);
    if repair.taken_years > 0 {
        let (amount, basis) = (times(of_a_year, repair.taken_years), repair.basis.clone());
        out.parts.push(PricePart { part: Part::Repair, amount, bearer: Bearer::Person, basis });
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
    let mut settled: Vec<Part> = Vec::new();
    for row in &sheet.tables.prices {
        let part = row.then.part;
        if settled.contains(&part) {
            continue;
        }
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => continue,
            Verdict::Needs(fact) => needs.push((row.entry, fact)),
            Verdict::Holds => {
                let Cited { value: amount, basis } = price(sheet, row, &out.parts, recorder);
                out.parts.push(PricePart { part, amount, bearer: row.then.bearer.clone(), basis });
            }
        }
        settled.push(part);
    }
    if !settled.contains(&Part::Personal) {
        let (part, amount, bearer) = (Part::Personal, Stated::PersonMustDecide, Bearer::Person);
        out.parts.push(PricePart { part, amount, bearer, basis: [].into() });
    }
}

/// A price of the notice's own year, or of any year where the row says so; another year's is not stated.
fn price(
    sheet: &Sheet<'_>,
    row: &Row<Price>,
    parts: &[PricePart],
    recorder: &mut impl Recorder,
) -> Cited<Stated<Money>> {
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
    let (per_10_000, of) = match row.then.amount {
        _ if !governs => return Cited { value: Stated::NotStated, basis },
        Amount::Fixed(amount) => return Cited { value: amount, basis },
        Amount::Share { per_10_000, of } => (per_10_000, of),
    };
    let whole = match of {
        Of::Money(money) => Cited { value: Stated::Is(money), basis },
        Of::Part(part) => {
            let line = parts.iter().find(|line| line.part == part);
            Cited { value: line.map_or(Stated::PersonMustDecide, |line| line.amount), basis }
        }
        Of::GovernmentSubsidy => match sheet.first(&sheet.tables.subsidies, recorder) {
            Pick::Row(subsidy) => {
                let entry = sheet.tables.entry(subsidy.entry);
                Cited { value: subsidy.then, basis: joined(&basis, &entry.basis) }
            }
            Pick::Needs(..) => Cited { value: Stated::PersonMustDecide, basis },
            Pick::None => Cited { value: Stated::NotStated, basis },
        },
    };
    Cited { value: share_of(whole.value, per_10_000), basis: whole.basis }
}

/// A share of an amount; a person decides how to round one that is no whole number of fen.
pub(crate) fn share_of(whole: Stated<Money>, per_10_000: i64) -> Stated<Money> {
    whole.and_then(|whole| share(whole, per_10_000).map_or(Stated::PersonMustDecide, Stated::Is))
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
