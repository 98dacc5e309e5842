//! The units of work of registering, one person or a roster.

use canbao_host::{Caller, Failure, tell};
use canbao_policy::Registration as Ruling;
use canbao_proto::{
    registration::{
        Circumstances, RegisterResidentResponse, RegisterRosterResponse, Registration as Shown,
        RegistrationStatus, RosterOutcome, RosterResult,
    },
    wire,
};
use canbao_store::{StoreError, Unit, View};
use canbao_types::{Date, NameKey, PersonKey, ResidentId};
use prost::Message;

use super::{Rules, concern::is_known_to, is_school};
use crate::{
    NAME,
    cover::Cover,
    parse::Place,
    refusal::Refusal,
    registration::{self, Application, Known},
    show,
    store::{self, Key, RegistrationRow, Resident, Sealed},
};

/// Somebody to register, with everything that is made before it is queued.
pub(crate) struct Applicant {
    /// The person, as a resident whom nobody knew.
    pub(crate) resident: Resident,
    pub(crate) sealed: Sealed,
    pub(crate) circumstances: Circumstances,
    pub(crate) township: String,
}

impl Applicant {
    /// By which document and name the person comes.
    pub(super) fn keys(&self) -> (PersonKey, NameKey) {
        (self.resident.person_key, self.resident.name_key)
    }

    /// The resident somebody is known as, of the sex that this document states where none did before.
    fn known(&self, view: &View, id: ResidentId) -> Result<Resident, Failure> {
        let known = known(view, id)?;
        Ok(Resident { sex: known.sex.or(self.resident.sex), ..known })
    }
}

/// What is known of an applicant, and what is decided.
struct Judged {
    id: Option<ResidentId>,
    covers: Vec<Cover>,
    ruling: Result<Ruling, Refusal>,
}

/// Registers one person.
pub(crate) fn register(
    unit: &mut Unit,
    applicant: &Applicant,
    (place, caller): (Place, &Caller),
    rules: &Rules,
) -> Result<RegisterResidentResponse, Failure> {
    let Judged { id, covers, ruling } = judge(unit, applicant, (place, is_school(caller)), rules)?;
    let ruling = ruling?;
    let (key, position) = write(unit, applicant, place, (id, &covers, &ruling))?;
    let notice = rules.notice(place).ok();
    Ok(RegisterResidentResponse {
        resident_id: key.2.to_string(),
        registration: Some(standing(unit, &key)?),
        position: Some(wire::position(NAME, position)),
        explanations: notice.map(|notice| show::why(&ruling, notice)).unwrap_or_default(),
    })
}

/// Registers the people of a roster; a line that cannot be read has its problem in its place.
pub(crate) fn roster(
    unit: &mut Unit,
    (lines, declared): (&[Result<Applicant, String>], u32),
    (place, caller): (Place, &Caller),
    rules: &Rules,
) -> Result<RegisterRosterResponse, Failure> {
    counted(lines.len(), declared)?;
    let mut outcomes = Vec::with_capacity(lines.len());
    for line in lines {
        outcomes.push(match line {
            Ok(applicant) => unit.item(|unit| roster_line(unit, applicant, (place, caller), rules))?,
            Err(what) => show::malformed(what),
        });
    }
    Ok(RegisterRosterResponse {
        accepted: show::count(&outcomes, RosterResult::Accepted),
        refused: show::count(&outcomes, RosterResult::Refused),
        repeated: show::count(&outcomes, RosterResult::Repeated),
        covered_elsewhere: show::count(&outcomes, RosterResult::CoveredElsewhere),
        outcomes,
        position: Some(wire::position(NAME, unit.position())),
    })
}

fn roster_line(
    unit: &mut Unit,
    applicant: &Applicant,
    (place, caller): (Place, &Caller),
    rules: &Rules,
) -> Result<RosterOutcome, Failure> {
    let Judged { id, covers, ruling } = judge(unit, applicant, (place, is_school(caller)), rules)?;
    match ruling {
        Ok(ruling) => {
            let (key, _) = write(unit, applicant, place, (id, &covers, &ruling))?;
            Ok(show::outcome(RosterResult::Accepted, Some(key.2)))
        }
        Err(refusal) => {
            // To a stranger the line tells why it is refused, and not who is known.
            let known = id.map(|id| is_known_to(unit, caller, id)).transpose()?.unwrap_or_default();
            Ok(show::refused(refusal, id.filter(|_| known)))
        }
    }
}

/// As many lines as the list declares.
pub(super) fn counted(lines: usize, declared: u32) -> Result<(), Refusal> {
    let received = u32::try_from(lines).unwrap_or(u32::MAX);
    if received == declared { Ok(()) } else { Err(Refusal::CountDiffers { declared, received }) }
}

fn judge(
    view: &View,
    applicant: &Applicant,
    (place, by_school): (Place, bool),
    rules: &Rules,
) -> Result<Judged, Failure> {
    let Place { division, cover_year, on } = place;
    let found = store::by_key(view, &applicant.resident.person_key)?;
    let id = found.map(|(id, _)| id);
    let covers = covers(view, &applicant.resident, id)?;
    let live = id.map_or(Ok(Vec::new()), |id| store::live(view, id, cover_year))?;
    let key = (division, cover_year, applicant.resident.id);
    // Of somebody known the birth date is known, whatever a certificate came with.
    let resident = id.map_or(Ok(applicant.resident.clone()), |id| applicant.known(view, id))?;
    let person = Known {
        facts: show::known_facts(&applicant.circumstances, (&covers, on, None), (&resident, &key, on))?,
        name_key: found.map(|(_, name_key)| name_key),
        divisions: live.into_iter().map(|row| row.key.0).collect(),
    };
    let name_key = applicant.resident.name_key;
    let application = Application { division, cover_year, name_key, registered_on: on, by_school };
    let notice = rules.notice(place).ok();
    let ruling = registration::decide(&application, &person, notice, rules.today);
    Ok(Judged { id, covers, ruling })
}

/// Writes a registration and tells it; where it lies in the log.
fn write(
    unit: &mut Unit,
    applicant: &Applicant,
    place: Place,
    (id, covers, ruling): (Option<ResidentId>, &[Cover], &Ruling),
) -> Result<(Key, u64), Failure> {
    let resident = enter(unit, applicant, id)?;
    let key = (place.division, place.cover_year, resident.id);
    let row = made(key, place.on, (&applicant.circumstances, &applicant.township), ruling);
    store::put_registration(unit, &row)?;
    // What was settled before an earlier registration ended is settled.
    let row = store::registration(unit, &key)?.unwrap_or(row);
    let position = tell(unit, place.division, &show::registered(&resident, &row, covers, place.on)?)?;
    Ok((key, position))
}

/// The resident, written when nobody knew the person.
fn enter(unit: &mut Unit, applicant: &Applicant, id: Option<ResidentId>) -> Result<Resident, Failure> {
    match id {
        Some(id) => {
            let resident = applicant.known(unit, id)?;
            if let Some(sex) = resident.sex {
                store::put_sex(unit, id, sex)?;
            }
            Ok(resident)
        }
        None => {
            store::insert_resident(unit, &applicant.resident, &applicant.sealed)?;
            Ok(applicant.resident.clone())
        }
    }
}

/// A resident whose id stands in another row.
pub(super) fn known(view: &View, id: ResidentId) -> Result<Resident, Failure> {
    store::resident(view, id)?.ok_or_else(|| Failure::Fault(format!("the resident {id} is not there")))
}

/// The cover of a person: what was recorded, and the years that were insured here.
pub(crate) fn covers(
    view: &View,
    resident: &Resident,
    id: Option<ResidentId>,
) -> Result<Vec<Cover>, StoreError> {
    Ok(kept(view, &resident.person_key, id)?.1)
}

/// The cover of a person by document; of what was recorded, which stands first, with the document it was recorded for.
pub(super) fn kept(
    view: &View,
    person: &PersonKey,
    id: Option<ResidentId>,
) -> Result<(Vec<PersonKey>, Vec<Cover>), StoreError> {
    let (documents, mut covers): (Vec<_>, Vec<_>) = store::covers(view, person, id)?.into_iter().unzip();
    let insured = id.map_or(Ok(Vec::new()), |id| store::insured(view, id))?;
    covers.extend(insured.into_iter().map(|(year, recorded_on)| Cover::of_year(year, recorded_on)));
    Ok((documents, covers))
}

/// The row of a registration that is made now.
pub(super) fn made(
    key: Key,
    registered_on: Date,
    (circumstances, township): (&Circumstances, &str),
    ruling: &Ruling,
) -> RegistrationRow {
    let class = ruling.class.as_ref().map(|class| class.value.to_string()).unwrap_or_default();
    let grounds: Vec<String> = ruling.grounds.iter().map(|ground| ground.value.to_string()).collect();
    let ground = grounds.first().cloned().unwrap_or_default();
    let shown = Shown {
        cover_year: key.1.get().into(),
        division: key.0.to_string(),
        class: class.clone(),
        grounds,
        registered_on: Some(wire::date(registered_on)),
        citations: wire::citations(ruling.citations().as_slice()),
        ..Shown::default()
    };
    RegistrationRow {
        key,
        township: township.to_owned(),
        class,
        ground,
        registered_on,
        ended: None,
        circumstances: circumstances.encode_to_vec(),
        registration: shown.encode_to_vec(),
        status: RegistrationStatus::Registered.into(),
        benefits: None,
        settled_on: None,
    }
}

/// A registration as it stands after it was written: what others told of it may have come before.
pub(super) fn standing(view: &View, key: &Key) -> Result<Shown, Failure> {
    let row = store::registration(view, key)?.ok_or(Refusal::NotRegistered)?;
    show::registration(&row)
}
