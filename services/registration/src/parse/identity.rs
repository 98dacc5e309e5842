//! An identity as subsidy told it.

use canbao_policy::{HeldIdentity, Notice};
use canbao_proto::{subsidy::HeldIdentity as Told, wire::Malformed};
use canbao_types::Date;

/// An identity that subsidy told, and its last day.
pub(crate) struct Identity {
    held: HeldIdentity,
    confirmed_on: Option<Date>,
    ended_on: Option<Date>,
}

impl Identity {
    /// The identity as a fact of a day; none once it has ended. Where the notice has it confirmed, it is recognised on the
    /// day of that (reading A-35).
    pub(crate) fn on(self, day: Date, notice: &Notice) -> Option<HeldIdentity> {
        if self.ended_on.is_some_and(|ended_on| ended_on < day) {
            return None;
        }
        let declared = notice.identities().iter().find(|declared| *declared.name == *self.held.name);
        let confirmed = declared.is_some_and(|declared| declared.needs_confirmation);
        let recognised = if confirmed { self.confirmed_on } else { self.held.recognised };
        Some(HeldIdentity { recognised, ..self.held })
    }
}

pub(crate) fn identity(wrong: &mut Malformed, told: &Told) -> Identity {
    let mut day = |field, day: Option<_>| day.and_then(|day| wrong.date(field, Some(day)));
    Identity {
        held: HeldIdentity {
            name: told.identity.clone(),
            confirmed: Some(told.confirmed),
            recognised: day("recognised_on", told.recognised_on),
            certificate: day("certificate_on", told.certificate_on),
            rated: day("rated_on", told.rated_on),
            grade: told.grade,
            poor: None,
            kind: (!told.kind.is_empty()).then(|| told.kind.clone()),
        },
        confirmed_on: day("confirmed_on", told.confirmed_on),
        ended_on: day("ended_on", told.ended_on),
    }
}
