//! The statements of subsidy, and nothing else.

use canbao_host::column::{division, money};
use canbao_store::{StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Division, Money, NameKey, PersonKey, ResidentId};

use crate::aid::{Aid, Amounts};

/// The key of everything about one resident's aid.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// An aid, as it is read back.
pub(crate) struct AidRow {
    pub(crate) division: Division,
    pub(crate) amounts: Option<Amounts>,
    pub(crate) payer: String,
    pub(crate) payable_item: String,
    /// The encoded aid message, of which the citations are taken.
    pub(crate) citations: Vec<u8>,
}

/// Which resident has this person key.
pub(crate) fn by_key(view: &View, key: &PersonKey) -> Result<Option<ResidentId>, StoreError> {
    let sql = "SELECT resident FROM person WHERE person_key = $1";
    view.query_one(sql, [key.as_bytes().into()], |row| Ok(ResidentId::from_bytes(row.id16(0)?)))
}

pub(crate) fn put_person(
    unit: &mut Unit,
    person_key: &PersonKey,
    name_key: &NameKey,
    resident: ResidentId,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO person (person_key, name_key, resident) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values = [person_key.as_bytes().into(), name_key.as_bytes().into(), resident.as_bytes().into()];
    unit.execute(sql, values).map(drop)
}

/// Writes an aid down, in place of an earlier one.
pub(crate) fn put_aid(unit: &mut Unit, key: &Key, aid: &Aid, citations: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO aid (division, cover_year, resident, standard_fen, aided_fen, owed_fen, payer, payable_item,
                                citations)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               ON CONFLICT (division, cover_year, resident)
               DO UPDATE SET standard_fen = excluded.standard_fen, aided_fen = excluded.aided_fen,
                             owed_fen = excluded.owed_fen, payer = excluded.payer,
                             payable_item = excluded.payable_item, citations = excluded.citations";
    let fen = |amount: fn(Amounts) -> Money| aid.amounts.map(|amounts| amount(amounts).fen());
    let values: [Value<'_>; 9] = [
        key.0.code().into(),
        key.1.get().into(),
        key.2.as_bytes().into(),
        fen(|amounts| amounts.standard).into(),
        fen(|amounts| amounts.aided).into(),
        fen(|amounts| amounts.owed).into(),
        aid.payer.as_str().into(),
        aid.payable_item.as_str().into(),
        citations.into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// A resident's aid for a coverage year, in whichever division it is.
pub(crate) fn aid(view: &View, resident: ResidentId, year: CoverYear) -> Result<Option<AidRow>, StoreError> {
    let sql = "SELECT division, standard_fen, aided_fen, owed_fen, payer, payable_item, citations
               FROM aid WHERE resident = $1 AND cover_year = $2";
    view.query_one(sql, [resident.as_bytes().into(), year.get().into()], |row| {
        let amounts = match (row.opt_int(1)?, row.opt_int(2)?, row.opt_int(3)?) {
            (Some(standard), Some(aided), Some(owed)) => {
                Some(Amounts { standard: money(standard)?, aided: money(aided)?, owed: money(owed)? })
            }
            _ => None,
        };
        let division = division(row.int(0)?)?;
        let (payer, payable_item, citations) = (row.text(4)?, row.text(5)?, row.bytes(6)?);
        Ok(AidRow { division, amounts, payer, payable_item, citations })
    })
}
