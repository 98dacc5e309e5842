//! Everything benefits refuses.

use canbao_host::Failure;
use canbao_types::{RefusalKind, Refused};

/// Why benefits says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is registered under this id or document for the year of the day asked about.
    UnknownResident,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownResident => {
                let message = "没有查到该居民当年度的参保登记。";
                Refused::new(RefusalKind::Precondition, "UNKNOWN_RESIDENT", message).into()
            }
        }
    }
}
