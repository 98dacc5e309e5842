//! The statements of registration, and nothing else.

use canbao_store::StoreError;
use canbao_types::{CoverYear, Division, ResidentId};

mod cover;
mod list;
mod registration;
mod resident;
mod told;

pub(crate) use cover::{covers, insured, put_cover};
pub(crate) use list::{Page, counts, ended, page};
pub(crate) use registration::{
    RegistrationRow, end, identities, live, put_assessment, put_registration, registration, registrations,
};
pub(crate) use resident::{Resident, Sealed, by_key, insert_resident, put_document, put_sex, resident};
pub(crate) use told::{delete_settled, put_entitled, put_identities, put_settled};

/// A registration: division, coverage year and resident.
pub(crate) type Key = (Division, CoverYear, ResidentId);

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt { what: what.to_owned() }
}
