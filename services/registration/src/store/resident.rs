//! Residents and their documents.

use canbao_host::column::day;
use canbao_store::{StoreError, Unit, View, params};
use canbao_types::{Date, NameKey, PersonKey, ResidentId, Sex, day_number};

use super::corrupt;

/// A resident, without what is sealed.
#[derive(Clone, Debug)]
pub(crate) struct Resident {
    pub(crate) id: ResidentId,
    /// The keys of the newest document.
    pub(crate) person_key: PersonKey,
    pub(crate) name_key: NameKey,
    pub(crate) masked_number: String,
    pub(crate) birth: Date,
    /// By a document that states it; none while none is known that does.
    pub(crate) sex: Option<Sex>,
}

/// A document and a name, sealed.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) document: Vec<u8>,
    pub(crate) name: Vec<u8>,
}

/// Which resident has this document, and the name key the document has.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<(ResidentId, NameKey)>, StoreError> {
    let sql = "SELECT resident, name_key FROM document WHERE person_key = $1";
    view.query_one(sql, params![key.as_bytes()], |row| {
        Ok((ResidentId::from_bytes(row.id16(0)?), NameKey::from_bytes(row.id16(1)?)))
    })
}

pub(crate) fn resident(view: &View, id: ResidentId) -> Result<Option<Resident>, StoreError> {
    let sql = "SELECT person_key, name_key, masked_number, birth, sex FROM resident WHERE id = $1";
    view.query_one(sql, params![id.as_bytes()], |row| {
        Ok(Resident {
            id,
            person_key: PersonKey::from_bytes(row.id16(0)?),
            name_key: NameKey::from_bytes(row.id16(1)?),
            masked_number: row.text(2)?,
            birth: day(row.int(3)?)?,
            sex: row.opt_int(4)?.map(sex).transpose()?,
        })
    })
}

/// The number of a sex in the contract.
fn sex_number(sex: Sex) -> i64 {
    match sex {
        Sex::Male => 1,
        Sex::Female => 2,
    }
}

fn sex(number: i64) -> Result<Sex, StoreError> {
    let mut sexes = [Sex::Male, Sex::Female].into_iter();
    sexes.find(|sex| sex_number(*sex) == number).ok_or_else(|| corrupt("a sex"))
}

/// A resident whom nobody knew, with the first document.
pub(crate) fn insert_resident(
    unit: &mut Unit,
    resident: &Resident,
    sealed: &Sealed,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO resident (id, person_key, name_key, sealed_document, sealed_name, masked_number, birth, sex)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![
        resident.id.as_bytes(),
        resident.person_key.as_bytes(),
        resident.name_key.as_bytes(),
        &sealed.document,
        &sealed.name,
        &resident.masked_number,
        day_number(resident.birth),
        resident.sex.map(sex_number),
    ];
    unit.execute(sql, values)?;
    insert_document(unit, resident)
}

/// The newest document of a resident; the earlier ones still find the resident.
pub(crate) fn put_document(unit: &mut Unit, resident: &Resident, sealed: &Sealed) -> Result<(), StoreError> {
    let sql = "UPDATE resident SET person_key = $2, name_key = $3, sealed_document = $4, sealed_name = $5,
               masked_number = $6, sex = $7 WHERE id = $1";
    let values = params![
        resident.id.as_bytes(),
        resident.person_key.as_bytes(),
        resident.name_key.as_bytes(),
        &sealed.document,
        &sealed.name,
        &resident.masked_number,
        resident.sex.map(sex_number),
    ];
    unit.execute(sql, values)?;
    insert_document(unit, resident)
}

/// The sex of a resident, where it was not known.
pub(crate) fn put_sex(unit: &mut Unit, id: ResidentId, sex: Sex) -> Result<(), StoreError> {
    let sql = "UPDATE resident SET sex = $2 WHERE id = $1 AND sex IS NULL";
    unit.execute(sql, params![id.as_bytes(), sex_number(sex)]).map(drop)
}

fn insert_document(unit: &mut Unit, resident: &Resident) -> Result<(), StoreError> {
    let sql = "INSERT INTO document (person_key, name_key, resident) VALUES ($1, $2, $3)
               ON CONFLICT (person_key) DO UPDATE SET name_key = excluded.name_key";
    let values =
        params![resident.person_key.as_bytes(), resident.name_key.as_bytes(), resident.id.as_bytes()];
    unit.execute(sql, values).map(drop)
}
