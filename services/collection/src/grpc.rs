//! The contracts of collection: parse; read, decide, write, tell; show.

mod books;
pub(crate) mod contribution;
mod declaration;
mod giving;
mod payments;
mod refunds;
mod statement;
pub(crate) mod suspense;
mod taking;

use std::sync::Arc;

use canbao_host::Department;
use canbao_policy::{Notice, Notices};
use canbao_proto::wire::Resident;
use canbao_store::{StoreError, View};
use canbao_types::{CoverYear, Date, Division, ResidentId};

use crate::{refusal::Refusal, store};

/// The three services: payments, refunds and books.
#[derive(Clone)]
pub(crate) struct Collection {
    pub(crate) department: Department,
    pub(crate) notices: Arc<Notices>,
}

/// The version of the notice that governs a division and coverage year on the day that counts.
fn notice(notices: &Notices, (division, year): (Division, CoverYear), day: Date) -> Result<&Notice, Refusal> {
    notices.in_force(division, year, day).ok_or(Refusal::NoNotice(division, year))
}

/// The resident named, when known here at all.
fn resident(view: &View, named: Resident) -> Result<Option<ResidentId>, StoreError> {
    match named {
        Resident::Id(id) => Ok(Some(id)),
        Resident::Key(key) => store::by_key(view, &key),
    }
}
