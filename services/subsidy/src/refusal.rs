//! Everything subsidy refuses, in order of precedence.

use canbao_host::Failure;
use canbao_types::{Citation, RefusalKind, Refused};

/// Why subsidy says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is registered under this id or document for the year.
    UnknownResident,
    /// The notice leaves the aid to a person, or a fact is missing for it.
    PersonMustDecide(Vec<Citation>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let no = |reason, message| Refused::new(RefusalKind::Precondition, reason, message);
        let refused = match refusal {
            Refusal::UnknownResident => no("UNKNOWN_RESIDENT", "没有查到该居民本年度的参保登记。"),
            Refusal::PersonMustDecide(citations) => {
                no("PERSON_MUST_DECIDE", "资助金额须由主管部门核定，请到经办窗口办理。").citing(citations)
            }
        };
        refused.into()
    }
}
