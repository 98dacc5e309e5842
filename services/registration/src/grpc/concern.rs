//! Whose a resident is: who knows of one, and who acts on one.

use canbao_host::Caller;
use canbao_proto::wire::Resident;
use canbao_store::{StoreError, View};
use canbao_types::{Refused, ResidentId};

use super::find;
use crate::store::{self, RegistrationRow};

/// Whether a caller knows of a resident: it belongs to no division, or covers that of a registration, ended or not.
pub(super) fn is_known_to(view: &View, caller: &Caller, id: ResidentId) -> Result<bool, StoreError> {
    let own = |row: &RegistrationRow| caller.covers(row.key.0);
    Ok(caller.division().is_none() || store::registrations(view, id)?.iter().any(own))
}

/// The resident a request names, when the caller knows of it: whoever is registered in foreign divisions alone is as if not
/// there.
pub(super) fn known_to(
    view: &View,
    caller: &Caller,
    named: Resident,
) -> Result<Option<store::Resident>, StoreError> {
    let Some(resident) = find(view, named)? else { return Ok(None) };
    Ok(is_known_to(view, caller, resident.id)?.then_some(resident))
}

/// A resident belongs to every division with a registration that has not ended, or, where all have ended, to those they were
/// in: whoever acts on the resident must be of one of them. Where the resident is now is nobody else's business.
pub(super) fn held_to_a_registration(caller: &Caller, rows: &[RegistrationRow]) -> Result<(), Refused> {
    let ended = rows.iter().all(|row| row.ended.is_some());
    caller.held_to_one(rows.iter().filter(|row| ended || row.ended.is_none()).map(|row| row.key.0))
}
