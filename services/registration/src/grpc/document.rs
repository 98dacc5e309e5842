//! The unit of work of a change of document, and telling what changed.

use canbao_host::{Caller, Failure, status, tell};
use canbao_proto::{
    registration::{ChangeDocumentResponse, RegistrationChanged},
    wire,
};
use canbao_store::Unit;
use canbao_types::{Date, IdentityNumber};
use tonic::Status;

use super::{Registration, Rules, concern::held_to_a_registration, register::covers};
use crate::{
    NAME,
    cover::Cover,
    parse::{self, Changing},
    refusal::Refusal,
    registration, show,
    store::{self, Resident, Sealed},
};

/// A resident with the new document.
pub(crate) struct Change {
    resident: Resident,
    sealed: Sealed,
}

impl Registration {
    /// The known resident with the new document, which must fit the birth date.
    pub(super) fn change(&self, known: Resident, changing: &Changing) -> Result<Change, Status> {
        let Changing { document, name, .. } = changing;
        parse::fits(document, known.birth)?;
        let key = &self.department.secrets.suite_key;
        let (person_key, name_key) = (key.person_key(document), key.name_key(document, name));
        let sex = document.identity_number().map(IdentityNumber::sex).or(known.sex);
        let resident = Resident { person_key, name_key, masked_number: document.masked(), sex, ..known };
        let sealed = self.seal(&resident, document, name).map_err(status)?;
        Ok(Change { resident, sealed })
    }
}

/// Changes a document; none when nobody is known to the changer as the request says.
pub(crate) fn change(
    unit: &mut Unit,
    change: Option<&Change>,
    on: Date,
    (rules, changer): (&Rules, &Caller),
) -> Result<ChangeDocumentResponse, Failure> {
    registration::not_future(on, rules.today)?;
    let Change { resident, sealed } = change.ok_or(Refusal::UnknownResident)?;
    held_to_a_registration(changer, &store::registrations(unit, resident.id)?)?;
    if store::by_key(unit, &resident.person_key)?.is_some_and(|(id, _)| id != resident.id) {
        return Err(Refusal::DocumentTaken.into());
    }
    store::put_document(unit, resident, sealed)?;
    // Cover that was recorded for the new document is the resident's from now on.
    let covers = covers(unit, resident, Some(resident.id))?;
    tell_changes(unit, resident, (None, &covers), on)?;
    Ok(ChangeDocumentResponse {
        resident_id: resident.id.to_string(),
        masked_number: resident.masked_number.clone(),
        position: Some(wire::position(NAME, unit.position())),
    })
}

/// Tells each registration of a resident that has not ended anew; where the cover before is given, only those for which the
/// cover now says something else.
pub(super) fn tell_changes(
    unit: &mut Unit,
    resident: &Resident,
    (before, now): (Option<&[Cover]>, &[Cover]),
    on: Date,
) -> Result<(), Failure> {
    for row in store::registrations(unit, resident.id)?.iter().filter(|row| row.ended.is_none()) {
        let registered = show::registered(resident, row, now, on)?;
        let told =
            before.map(|before| show::registered(resident, row, before, row.registered_on)).transpose()?;
        if told.as_ref() != Some(&registered) {
            let changed =
                RegistrationChanged { registered: Some(registered), changed_on: Some(wire::date(on)) };
            tell(unit, row.key.0, &changed)?;
        }
    }
    Ok(())
}
