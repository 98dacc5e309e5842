//! The statements of subsidy, and nothing else.

use canbao_host::column::day;
use canbao_store::{Row, StoreError, Value};
use canbao_types::{CoverYear, Date, Division, ResidentId, day_number};

pub(crate) mod aid;
pub(crate) mod finance;
pub(crate) mod registered;
pub(crate) mod roster;

/// The key of everything about one resident's aid.
pub(crate) type Key = (Division, CoverYear, ResidentId);

/// The values of a key, first in every row.
fn keyed(key: &Key) -> [Value<'_>; 3] {
    [key.0.code().into(), key.1.get().into(), key.2.as_bytes().into()]
}

/// A day that may be missing.
fn opt_day(row: &Row<'_>, index: usize) -> Result<Option<Date>, StoreError> {
    row.opt_int(index)?.map(day).transpose()
}

/// A day that may be missing, as it is stored.
fn stored_day(day: Option<Date>) -> Value<'static> {
    day.map(day_number).into()
}
