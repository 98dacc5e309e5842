//! What stands beside a payment and never decides it: duties with a day, products one may buy along, the channels.

use crate::facts::Fact;
use crate::facts::Facts;
use crate::file::DeadlineStep;
use crate::register;
use crate::ruling::{Channels, Cited, Duty, Payment, Product};
use crate::sheet::{Seen, Sheet};
use crate::table::Tables;
use crate::trace::{Recorder, Verdict};

/// Writes the duties of others and the products on offer into an answer.
pub(crate) fn payment(sheet: &Sheet<'_>, out: &mut Payment, recorder: &mut impl Recorder) {
    let tables = sheet.tables;
    for row in &tables.deadlines {
        let entry = tables.entry(row.entry);
        match sheet.verdict(row, recorder) {
            Verdict::Fails(_) | Verdict::Excepted => {}
            Verdict::Needs(_) => out.unjudged.extend(sheet.unjudged(row)),
            Verdict::Holds => {
                let done = match row.then.step {
                    DeadlineStep::SchoolRegistration => sheet.facts.school_registered,
                };
                out.duties.push(Duty {
                    who: row.then.who.clone(),
                    step: row.then.step.step(),
                    by: row.then.by,
                    overdue: done.map(|day| day > row.then.by),
                    basis: entry.basis.clone(),
                });
            }
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
