//! A resident's identities as facts for a ruling.

use canbao_policy::{HeldIdentity, Notice};
use canbao_types::Date;

use crate::{google, subsidy, wire::Malformed};

/// An identity that a resident has by a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The fact. Where the notice has the identity confirmed, it is recognised on the day of that (reading A-35).
    pub held: HeldIdentity,
    /// Its last day; none: it goes on.
    pub ended_on: Option<Date>,
}

impl Identity {
    /// Reads an identity that subsidy told, under the notice that declares it. What is malformed is noted; the identity is
    /// then not to be used.
    pub fn read(wrong: &mut Malformed, told: &subsidy::HeldIdentity, notice: Option<&Notice>) -> Self {
        let mut day = |field, day: Option<google::Date>| day.and_then(|day| wrong.date(field, Some(day)));
        let declared = notice
            .and_then(|notice| notice.identities().iter().find(|declared| *declared.name == *told.identity));
        let (recognised, confirmed_on) =
            (day("recognised_on", told.recognised_on), day("confirmed_on", told.confirmed_on));
        let confirmed = declared.is_some_and(|declared| declared.needs_confirmation);
        let held = HeldIdentity {
            name: told.identity.clone(),
            confirmed: Some(told.confirmed),
            recognised: if confirmed { confirmed_on } else { recognised },
            certificate: day("certificate_on", told.certificate_on),
            rated: day("rated_on", told.rated_on),
            grade: told.grade,
            poor: told.poor,
            kind: (!told.kind.is_empty()).then(|| told.kind.clone()),
        };
        Self { held, ended_on: day("ended_on", told.ended_on) }
    }
}
