//! The tier (档次): which one may be chosen, which one is laid down, and which one's benefits are enjoyed.

use std::sync::Arc;

use canbao_types::Reason;

use crate::amount::stated;
use crate::compile::Compiler;
use crate::fact::Fact;
use crate::file;
use crate::problem::unknown;
use crate::reader::{Entry, Shape};
use crate::register;
use crate::ruling::{Cited, Refusal, Stated};
use crate::sheet::{Mark, Pick, Sheet};
use crate::table::{self, Row, bit};
use crate::trace::Recorder;

/// The tier (档次) of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The one that is paid; `None` when the notice has one price for the person, or none that was asked for may be chosen.
    pub paid: Option<Arc<str>>,
    /// The one whose benefits are enjoyed.
    pub enjoyed: Stated<Arc<str>>,
    /// Those the person may choose from; empty when there is no choice.
    pub choice: Vec<Arc<str>>,
}

impl Compiler<'_> {
    pub fn tiers(&mut self) -> Vec<Row<table::Tier>> {
        let rows: Vec<(Entry, file::Tier)> = self.reader.rows("tier", Shape::Row);
        let mut compiled = Vec::new();
        for (entry, tier) in rows {
            let enjoyed = tier.enjoyed.as_deref().and_then(stated::<Arc<str>>);
            let enjoyed = enjoyed.or_else(|| tier.enjoyed.as_deref().map(|name| Stated::Is(name.into())));
            let named = enjoyed.as_ref().and_then(|tier| tier.as_ref().is().map(|name| name.to_string()));
            for name in tier.choice.iter().chain(&tier.paid).chain(&named) {
                if bit(&self.names.tier, name) == 0 {
                    self.reader.tell_of(&entry, unknown(name, "declared tier", &self.names.tier));
                }
            }
            let chosen = !tier.choice.is_empty();
            if chosen == enjoyed.is_some() || chosen && tier.paid.is_some() {
                let what = "has neither a `choice` nor an `enjoyed` tier, or both; write `choice`, or `enjoyed` with or without `paid`";
                self.reader.tell_of(&entry, what);
            }
            let names = |names: Vec<String>| names.into_iter().map(Arc::from).collect();
            let then = table::Tier { choice: names(tier.choice), paid: tier.paid.map(Arc::from), enjoyed };
            compiled.push(self.row(&entry, then));
        }
        compiled
    }
}

/// What was found out about the tier.
#[derive(Default)]
pub(crate) struct Found {
    pub tier: Option<Cited<Tier>>,
    /// The tier asked for may not be chosen, or what was not given decides.
    pub refusal: Option<Refusal>,
    /// Another tier than the one asked for is laid down.
    pub warning: Option<Refusal>,
}

/// The tier of the person; it is noted on the sheet.
pub(crate) fn find(sheet: &mut Sheet<'_>, recorder: &mut impl Recorder) -> Found {
    let tables = sheet.tables;
    let mut found = Found::default();
    sheet.tier = Mark::known(0);
    let row = match sheet.first(&tables.tiers, recorder) {
        Pick::Row(row) => row,
        Pick::Needs(row, fact) => {
            sheet.set_tier(Err(fact));
            found.refusal = Some(register::needs(tables.entry(row.entry), fact));
            return found;
        }
        Pick::None => return found,
    };
    let (entry, rule) = (tables.entry(row.entry), &row.then);
    let asked = sheet.facts.tier_asked.as_deref();
    let paid = match (asked, &rule.paid) {
        (_, Some(paid)) => {
            if asked.is_some_and(|asked| *asked != **paid) {
                found.warning = Some(register::refusal(entry, Reason::TierForced, None));
            }
            Some(paid.clone())
        }
        (Some(asked), None) => {
            let chosen = rule.choice.iter().find(|tier| ***tier == *asked).cloned();
            if chosen.is_none() {
                found.refusal = Some(register::refusal(entry, Reason::TierNotOffered, None));
            }
            chosen
        }
        (None, None) => {
            if !rule.choice.is_empty() {
                sheet.set_tier(Err(Fact::TierAsked));
                found.refusal = Some(register::needs(entry, Fact::TierAsked));
            }
            None
        }
    };
    if let Some(paid) = &paid {
        sheet.set_tier(Ok(bit(&tables.names.tier, paid)));
    }
    let enjoyed = match (&rule.enjoyed, &paid) {
        (Some(enjoyed), _) => enjoyed.clone(),
        (None, Some(paid)) => Stated::Is(paid.clone()),
        (None, None) => Stated::NotStated,
    };
    let value = Tier { paid, enjoyed, choice: rule.choice.clone() };
    found.tier = Some(Cited { value, basis: entry.basis.clone() });
    found
}
