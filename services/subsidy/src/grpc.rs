//! The contracts: parse; read, decide, write, tell; show.

use std::sync::Arc;

use canbao_host::{Caller, Department, Failure};
use canbao_policy::Notices;
use canbao_proto::wire::{Malformed, Resident};
use canbao_store::View;
use canbao_types::{CoverYear, Date, RequestId};
use tokio::sync::Semaphore;

use crate::{
    refusal::Refusal,
    store::{self, Key},
};

mod aid;
mod compare;
mod comparison;
mod finance;
mod roster;

/// What every service of the department holds on to.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) department: Department,
    pub(crate) notices: Arc<Notices>,
    /// Places for comparisons of notices.
    pub(crate) comparisons: Arc<Semaphore>,
}

/// The day has come. A unit of work may be run again: what day it is was asked before it.
fn not_in_future(day: Date, today: Date) -> Result<(), Refusal> {
    if day > today { Err(Refusal::DateInFuture(day)) } else { Ok(()) }
}

/// The registration of a resident; one in a foreign division is to the caller as if not there.
fn registration(view: &View, caller: &Caller, resident: Resident, year: CoverYear) -> Result<Key, Failure> {
    let id = match resident {
        Resident::Id(id) => Some(id),
        Resident::Key(key) => store::registered::by_key(view, &key)?,
    };
    let id = id.ok_or(Refusal::UnknownResident)?;
    let division = store::registered::whereabouts(view, id, year)?;
    let division = division.filter(|division| caller.covers(*division)).ok_or(Refusal::UnknownResident)?;
    Ok((division, year, id))
}

/// Where a page of a list ended whose items are told apart by more than an id: the id, and the rest of what does.
fn page_token(wrong: &mut Malformed, token: &str) -> Option<([u8; 16], String)> {
    let (id, rest) = token.split_once('/').unwrap_or((token, ""));
    Some((wrong.page_token(id)?, rest.to_owned()))
}

/// The token that [`page_token`] reads.
fn token(id: &[u8; 16], rest: &str) -> String {
    format!("{}/{rest}", RequestId::from_bytes(*id))
}
