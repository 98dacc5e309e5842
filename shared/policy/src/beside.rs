//! What stands beside a payment and never decides it: duties with a day, products one may buy along, the channels.

use std::sync::Arc;

use canbao_types::{Date, Money};

use crate::fact::Fact;
use crate::facts::Facts;
use crate::file::DeadlineStep;
use crate::register;
use crate::ruling::{Basis, Cited, Payment, Stated, Unjudged};
use crate::sheet::{Seen, Sheet, Shift};
use crate::table::{Channel, Deadline, Row, Tables};
use crate::trace::{Recorder, Verdict};
use crate::words::Step;

/// What somebody else must have done by a day; nothing is refused for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Who, in the notice's words.
    pub who: Arc<str>,
    /// What.
    pub step: Step,
    /// The last day for it.
    pub by: Date,
    /// Whether it was done later; `None` when it is not known when it was done.
    pub overdue: Option<bool>,
    /// What it rests on.
    pub basis: Basis,
}

/// Something one may buy along with the insurance, and never must. It is no part of what is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its name.
    pub name: Arc<str>,
    /// How much it costs.
    pub amount: Stated<Money>,
    /// What it rests on.
    pub basis: Basis,
}

/// The channels (缴费渠道) through which a person may pay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Channels {
    /// Those, in the notice's order.
    pub open: Vec<Cited<Channel>>,
    /// Channels of which that is not known.
    pub unjudged: Vec<Unjudged>,
}

/// Writes the duties of others and the products on offer into an answer.
pub(crate) fn payment(sheet: &Sheet<'_>, out: &mut Payment, recorder: &mut impl Recorder) {
    let tables = sheet.tables;
    for row in &tables.deadlines {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => out.unjudged.extend(sheet.unjudged(row)),
            Verdict::Holds => match sheet.resolve(&row.then.by, Shift::NONE) {
                Seen::Is(by) => out.duties.push(duty(sheet, row, by)),
                Seen::Unknown(fact) => out.unjudged.push(Unjudged { row: entry.label.clone(), fact }),
                Seen::Never => {}
            },
        }
    }
    for row in &tables.products {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => out.unjudged.extend(sheet.unjudged(row)),
            Verdict::Holds => {
                let (name, basis) = (entry.id.clone(), entry.basis.clone());
                out.products.push(Product { name, amount: row.then, basis });
            }
        }
    }
}

fn duty(sheet: &Sheet<'_>, row: &Row<Deadline>, by: Date) -> Duty {
    let done = match row.then.step {
        DeadlineStep::SchoolRegistration => sheet.facts.school_registered,
        // Nobody tells the day on which it was done.
        DeadlineStep::IdentityUpdate => None,
    };
    Duty {
        who: row.then.who.clone(),
        step: row.then.step.step(),
        by,
        overdue: done.map(|day| day > by),
        basis: sheet.tables.entry(row.entry).basis.clone(),
    }
}

/// The channels through which this person may pay.
pub(crate) fn channels(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Channels {
    let mut sheet = Sheet::new(tables, facts, Seen::given(facts.paid, Fact::Paid), recorder);
    register::outcome(&mut sheet, recorder);
    let mut said = Channels::default();
    for (row, channel) in tables.channel_rows.iter().zip(&tables.channels) {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => said.unjudged.extend(sheet.unjudged(row)),
            Verdict::Holds => {
                said.open.push(Cited { value: channel.clone(), basis: entry.basis.clone() });
            }
        }
    }
    said
}
