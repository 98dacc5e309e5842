//! The questions after a payment: what is given back (退费), and when the payment can be seen (查询).

use std::sync::Arc;

use canbao_types::{Bearer, Calendar, Date, Money, Part, Reason};

use crate::aid;
use crate::fact::Fact;
use crate::facts::Facts;
use crate::file::Back;
use crate::history;
use crate::pay::{self, Act};
use crate::register::{self, needs, refusal};
use crate::ruling::{AidLine, Basis, Payment, PricePart, Refusal, Stated};
use crate::sheet::{Pick, Seen, Sheet};
use crate::table::{self, Entry, Row, Tables, Test, bit};
use crate::tier;
use crate::trace::{Recorder, Verdict};
use crate::window;

/// What is given back (退费).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refund {
    /// Why nothing is given back, or which fact must be given first.
    pub refusal: Option<Refusal>,
    /// How much. `None` with a refusal.
    pub amount: Option<Stated<Money>>,
    /// What of it is given back; `None` with a refusal, or when a person must decide.
    pub returned: Option<Returned>,
    /// Who bears it, when it is aid that is given back: a line for each payer.
    pub aid: Vec<AidLine>,
    /// What it rests on.
    pub basis: Option<Basis>,
}

/// What of a payment is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// All that was paid.
    Paid,
    /// The aid that the person would have had.
    Aid,
    /// The price of the coverage years that have not begun.
    YearsNotBegun,
}

/// When a payment can be seen or certified (查询、证明).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delay {
    /// Which fact must be given first, or that the calendar does not cover the year.
    pub refusal: Option<Refusal>,
    /// The first day on which it shows. `None` with a refusal.
    pub day: Option<Stated<Date>>,
    /// The day of success, and the working days that pass after it; `None` where the notice does not say.
    pub after: Option<(Date, u32)>,
    /// The fields that are shown, in the notice's format.
    pub shows: Vec<Arc<str>>,
    /// What it rests on.
    pub basis: Option<Basis>,
}

/// What is given back of a payment.
pub(crate) fn refund(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Refund {
    let mut sheet = Sheet::new(tables, facts, Seen::given(facts.paid, Fact::Paid), recorder);
    sheet.start = start(tables, facts);
    let row = match sheet.first(&tables.refunds, recorder) {
        Pick::Row(row) => row,
        Pick::Needs(row, fact) => return missing(tables.entry(row.entry), fact),
        Pick::None => return Refund { amount: Some(Stated::PersonMustDecide), ..Refund::default() },
    };
    let entry = tables.entry(row.entry);
    match given_back(&sheet, row, recorder) {
        Ok(refund) => Refund { basis: Some(entry.basis.clone()), ..refund },
        Err(fact) => missing(entry, fact),
    }
}

fn given_back(
    sheet: &Sheet<'_>,
    row: &Row<table::Refund>,
    recorder: &mut impl Recorder,
) -> Result<Refund, Fact> {
    let facts = sheet.facts;
    let (amount, returned) = match &row.then {
        table::Refund::Undecided(undecided) => ((*undecided).into(), None),
        table::Refund::Back { back: Back::Paid, .. } => {
            let paid = match facts.paid_amount {
                Some(paid) => Stated::Is(paid),
                // Who paid what was due is given back just that.
                None if facts.cover_year.is_none() => return Err(Fact::CoverYear),
                None => pay::pay(sheet.tables, facts, &mut ()).due.ok_or(Fact::PaidAmount)?,
            };
            (paid, Some(Returned::Paid))
        }
        table::Refund::Back { back: Back::YearsNotBegun, .. } => {
            (years_not_begun(sheet)?, Some(Returned::YearsNotBegun))
        }
        table::Refund::Back { back: Back::Aid, .. } => return given_aid(sheet, row, recorder),
        table::Refund::Back { back: Back::None, reason } => {
            let entry = sheet.tables.entry(row.entry);
            let refusal = Some(refusal(entry, reason.unwrap_or(Reason::NotStated), None));
            return Ok(Refund { refusal, ..Refund::default() });
        }
    };
    Ok(Refund { amount: Some(amount), returned, ..Refund::default() })
}

/// The first day of the benefit that the payment bought; only if a row asks for it.
fn start(tables: &Tables, facts: &Facts) -> Seen {
    let asks = |test: &Test| match *test {
        Test::Day { fact, from, to, .. } => {
            fact == Fact::Start || [from, to].iter().any(|limit| tables.is_start(*limit))
        }
        _ => false,
    };
    let runs = tables.refunds.iter().flat_map(|row| [row.when, row.unless]);
    let mut tests = runs.flat_map(|run| tables.tests(run));
    if !tests.any(asks) {
        return Seen::Unknown(Fact::Start);
    }
    pay::start(tables, facts)
}

/// The price paid for each coverage year whose first day is after the day of leaving.
fn years_not_begun(sheet: &Sheet<'_>) -> Result<Stated<Money>, Fact> {
    let left = sheet.facts.left.ok_or(Fact::Left)?;
    let price = sheet.facts.price_paid.ok_or(Fact::PricePaid)?;
    let years = sheet.facts.years_paid.as_ref().ok_or(Fact::YearsPaid)?;
    let begins = |year| history::cover_of(sheet.tables, year).map(|cover| cover.from());
    let ahead = years.iter().filter(|year| begins(**year).is_some_and(|first| first > left));
    let sum = Money::sum(ahead.map(|_| price));
    Ok(sum.map_or(Stated::PersonMustDecide, Stated::Is))
}

/// The aid the person would have had, out of what was paid. What was recognised on a day that the row does not allow
/// brings none, though an earlier identity is why the row holds.
fn given_aid(
    sheet: &Sheet<'_>,
    row: &Row<table::Refund>,
    recorder: &mut impl Recorder,
) -> Result<Refund, Fact> {
    let paid = sheet.facts.paid_amount.ok_or(Fact::PaidAmount)?;
    let mut facts = sheet.facts.clone();
    facts.identities.iter_mut().for_each(|held| held.retain(|held| sheet.recognised_for(row, held)));
    let mut sheet = Sheet::new(sheet.tables, &facts, sheet.paid, &mut ());
    register::outcome(&mut sheet, &mut ());
    tier::find(&mut sheet, &mut ());
    if let Some(paid) = facts.paid {
        window::find(&mut sheet, Act::Paid(paid), &mut ());
    }
    let (mut found, mut needs) = (Payment::default(), Vec::new());
    let Some(parts) = paid_for(&sheet, paid) else {
        return Ok(Refund { amount: Some(Stated::PersonMustDecide), ..Refund::default() });
    };
    found.parts = parts;
    aid::aid(&sheet, &mut found, &mut needs, recorder);
    if let Some((_, fact)) = needs.first() {
        return Err(*fact);
    }
    let (amount, returned) = (Some(AidLine::total(&found.aid)), Some(Returned::Aid));
    Ok(Refund { amount, returned, aid: found.aid, ..Refund::default() })
}

/// The parts that were paid. Where the notice collects something along, they are those of the day of payment without any
/// identity; `None` when they do not come to what was paid.
fn paid_for(sheet: &Sheet<'_>, paid: Money) -> Option<Vec<PricePart>> {
    let along = |row: &Row<table::Price>| matches!(row.then.part, Part::Arrears | Part::Side);
    if !sheet.tables.prices.iter().any(along) {
        let (part, amount, bearer) = (Part::Personal, Stated::Is(paid), Bearer::Person);
        return Some(vec![PricePart { part, name: None, amount, bearer, basis: [].into() }]);
    }
    let alone = Facts { identities: Some(Vec::new()), ..sheet.facts.clone() };
    let mut parts = pay::pay(sheet.tables, &alone, &mut ()).parts;
    parts.retain(|line| line.bearer == Bearer::Person && line.part != Part::Government);
    let whole = parts.iter().map(|line| line.amount.is()).collect::<Option<Vec<_>>>().and_then(Money::sum);
    (whole == Some(paid)).then_some(parts)
}

fn missing(entry: &Entry, fact: Fact) -> Refund {
    let (refusal, basis) = (Some(needs(entry, fact)), Some(entry.basis.clone()));
    Refund { refusal, basis, ..Refund::default() }
}

/// When a payment can be seen or certified, and what is shown of it.
pub(crate) fn delay(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Delay {
    let sheet = Sheet::new(tables, facts, Seen::given(facts.paid, Fact::Paid), recorder);
    let what = facts.what.as_ref().map(|what| bit(&tables.names.what, what));
    for row in &tables.delays {
        let entry = tables.entry(row.entry);
        let needing = |fact| {
            let (refusal, basis) = (Some(needs(entry, fact)), Some(entry.basis.clone()));
            Delay { refusal, basis, ..Delay::default() }
        };
        match what {
            Some(what) if what & row.then.what == 0 => continue,
            Some(_) => {}
            None => return needing(Fact::What),
        }
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(fact) => return needing(fact),
            Verdict::Holds => {
                return facts.success.map_or_else(|| needing(Fact::Success), |day| seen(row, entry, day));
            }
        }
    }
    Delay { day: Some(Stated::NotStated), ..Delay::default() }
}

fn seen(row: &Row<table::Delay>, entry: &Entry, success: Date) -> Delay {
    let calendar = Calendar::builtin();
    let day = match row.then.working_days {
        Stated::NotStated => Ok(Stated::NotStated),
        Stated::PersonMustDecide => Ok(Stated::PersonMustDecide),
        // What is shown at once is shown on days off too, so no calendar is asked.
        Stated::Is(0) => Ok(Stated::Is(success)),
        Stated::Is(days) => calendar.working_day_after(success, days).map(Stated::Is),
    };
    let refusal = day.as_ref().err().map(|_| refusal(entry, Reason::CalendarYearMissing, None));
    let (shows, basis) = (row.then.shows.clone(), Some(entry.basis.clone()));
    let after = row.then.working_days.is().map(|days| (success, days));
    Delay { refusal, day: day.ok(), after, shows, basis }
}
