//! The question "may this person register, and as what?" (参保登记).

use std::sync::Arc;

use canbao_types::{Citation, Reason};

use crate::because::Because;
use crate::fact::Fact;
use crate::facts::Facts;
use crate::ruling::{Basis, Cited, Refusal, Registration, Unjudged};
use crate::sheet::{Pick, Seen, Sheet};
use crate::table::{Entry, Row, Tables};
use crate::tier;
use crate::trace::{Recorder, Verdict};

/// What the tables of registration say.
pub(crate) struct Outcome {
    /// In the order of precedence.
    pub refusals: Vec<Refusal>,
    pub grounds: Vec<Cited<Arc<str>>>,
    pub class: Option<Cited<Arc<str>>>,
    pub class_because: Because,
    /// Grounds that could not be judged.
    pub unjudged: Vec<Unjudged>,
}

/// Answers the question.
pub(crate) fn register(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Registration {
    let mut sheet = Sheet::new(tables, facts, Seen::Unknown(Fact::Paid), recorder);
    let Outcome { refusals, grounds, class, class_because, mut unjudged } = outcome(&mut sheet, recorder);
    let mut route = None;
    let tier::Found { tier, refusal: tier_needs, .. } = tier::find(&mut sheet, recorder);
    let unknown_tier = tier_needs.and_then(|refusal| Some((refusal.row, refusal.fact?)));
    // Which tier to pay is chosen with the payment.
    if let Some((row, fact)) = unknown_tier.filter(|(_, fact)| *fact != Fact::TierAsked) {
        unjudged.push(Unjudged { row, fact });
    }
    match sheet.first(&tables.routes, recorder) {
        Pick::Row(row) => route = Some(cited(tables, row, row.then.clone())),
        Pick::Needs(row, _) => unjudged.extend(sheet.unjudged(row)),
        Pick::None => {}
    }
    let mut refusals = refusals.into_iter();
    let refusal = refusals.next();
    Registration {
        refusal,
        also: refusals.collect(),
        grounds,
        class,
        class_because,
        tier,
        route,
        unjudged,
        identities: sheet.identities(),
    }
}

/// Refusals, then grounds, then the class, which is noted on the sheet.
pub(crate) fn outcome(sheet: &mut Sheet<'_>, recorder: &mut impl Recorder) -> Outcome {
    let tables = sheet.tables;
    let mut refusals = Vec::new();
    for row in &tables.refuse_registration {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Holds => refusals.push(refusal(entry, row.then.reason, row.then.say.clone())),
            Verdict::Needs(fact) => refusals.push(needs(entry, fact)),
            Verdict::Fails(_) | Verdict::Excepted => {}
        }
    }
    let mut grounds = Vec::new();
    let mut unknown = Vec::new();
    for row in &tables.eligible {
        match sheet.verdict(row, recorder) {
            Verdict::Holds => grounds.push(cited(tables, row, tables.entry(row.entry).id.clone())),
            Verdict::Needs(fact) => unknown.push((row, fact)),
            Verdict::Fails(_) | Verdict::Excepted => {}
        }
    }
    if grounds.is_empty() {
        // Any of them might be one; the first asks.
        let first = unknown.first().map(|(row, fact)| needs(tables.entry(row.entry), *fact));
        refusals.push(first.unwrap_or_else(|| no_ground(tables)));
    }
    let unjudged = unknown.into_iter().flat_map(|(row, _)| sheet.unjudged(row)).collect();
    let mut class_because = Because::default();
    let class = match sheet.first(&tables.classes, recorder) {
        Pick::Row(row) => {
            let at = tables.classes.iter().position(|class| class.entry == row.entry);
            sheet.set_class(Ok(at.map_or(0, |at| 1 << at)));
            class_because = sheet.because(row.when);
            Some(cited(tables, row, tables.entry(row.entry).id.clone()))
        }
        Pick::Needs(row, fact) => {
            sheet.set_class(Err(fact));
            refusals.push(needs(tables.entry(row.entry), fact));
            None
        }
        Pick::None => {
            sheet.set_class(Ok(0));
            None
        }
    };
    Outcome { refusals, grounds, class, class_because, unjudged }
}

/// A refusal by an entry.
pub(crate) fn refusal(entry: &Entry, reason: Reason, say: Option<Arc<str>>) -> Refusal {
    Refusal { say, ..of_table(entry.label.clone(), entry.basis.clone(), reason) }
}

/// What no single entry says.
pub(crate) fn of_table(row: Arc<str>, basis: Basis, reason: Reason) -> Refusal {
    Refusal { reason, say: None, basis, day: None, next_day: None, row, fact: None }
}

/// An entry that turns on a fact that was not given.
pub(crate) fn needs(entry: &Entry, fact: Fact) -> Refusal {
    Refusal { fact: Some(fact), ..refusal(entry, Reason::NeedsFact, None) }
}

/// None of the grounds holds: all are cited.
fn no_ground(tables: &Tables) -> Refusal {
    let entries = tables.eligible.iter().map(|row| tables.entry(row.entry));
    let basis: Vec<Citation> = entries.flat_map(|entry| entry.basis.iter().cloned()).collect();
    of_table("eligible".into(), Basis::from(basis), Reason::NoGround)
}

fn cited<T, V>(tables: &Tables, row: &Row<T>, value: V) -> Cited<V> {
    Cited { value, basis: tables.entry(row.entry).basis.clone() }
}
