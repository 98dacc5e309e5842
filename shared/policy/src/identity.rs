//! Compiles the identities (身份) a notice knows, and the groups they form.

use std::sync::Arc;

use crate::compile::{Compiler, basis};
use crate::condition::Scope;
use crate::declared::DeclaredIdentity;
use crate::fact::Fact;
use crate::file;
use crate::problem::unknown;
use crate::reader::{Entry, Shape};
use crate::table::{self, Row, Run, Test};

/// The bit of "yes" of a flag.
const YES: u64 = 1 << 1;

impl Compiler<'_> {
    /// The conditions on which identities count, and the identities as declared; one order.
    pub fn identities(&mut self) -> (Vec<Row<()>>, Vec<DeclaredIdentity>) {
        let identities: Vec<(Entry, file::Identity)> = self.reader.rows("identity", Shape::Cited);
        let (mut rows, mut declared) = (Vec::new(), Vec::new());
        for (entry, identity) in identities {
            self.declare(&entry, &identity.name, |names| &mut names.identity);
            if identity.by.is_empty() || identity.submitters.is_empty() {
                self.reader.tell_of(
                    &entry,
                    "does not say who certifies it and who hands in its list; write `by` and `submitters`",
                );
            }
            let when = self.when(&entry, Scope::Identity, identity.counts.as_ref());
            rows.push(Row { entry: self.enter(&entry), when, unless: Run::default(), then: () });
            declared.push(DeclaredIdentity {
                name: identity.name.into(),
                by: identity.by.into(),
                submitters: identity.submitters,
                needs_confirmation: self.needs_confirmation(when),
                groups: Vec::new(),
                basis: basis(&entry),
            });
        }
        self.groups();
        for (at, identity) in declared.iter_mut().enumerate() {
            let bit = u32::try_from(at).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or(0);
            let of = self.groups.iter().filter(|(_, members)| members & bit != 0);
            identity.groups = of.map(|(name, _)| Arc::from(name.as_str())).collect();
        }
        (rows, declared)
    }

    /// Whether every way to count wants the confirmation.
    fn needs_confirmation(&self, counts: Run) -> bool {
        let confirmed = |test: &Test| matches!(test, Test::Word { fact: Fact::IdentityConfirmed, any: YES });
        counts
            .of(&self.pools.alternatives)
            .iter()
            .all(|alternative| alternative.of(&self.pools.tests).iter().any(confirmed))
    }

    fn groups(&mut self) {
        let groups: Vec<(Entry, file::Group)> = self.reader.rows("group", Shape::Cited);
        for (entry, group) in &groups {
            let mut members = 0;
            for name in &group.of {
                let earlier = self.groups.iter().find(|(known, _)| known == name).map(|(_, bits)| *bits);
                let bits = earlier.unwrap_or_else(|| table::bit(&self.names.identity, name));
                if bits == 0 && !self.reader.is_unread(name) {
                    self.reader
                        .tell_of(entry, unknown(name, "identity and no earlier group", &self.names.identity));
                }
                members |= bits;
            }
            self.groups.push((group.name.clone(), members));
            self.enter(entry);
        }
    }
}
