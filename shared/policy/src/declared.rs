//! What a notice declares of itself and hands out as it stands: identities, routes, channels, targets, open points.

use std::sync::Arc;

use canbao_types::{Citation, Date};

use crate::ruling::{Basis, Stated};
use crate::words::{ChannelKind, Submitter};

/// An identity (身份) the notice knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredIdentity {
    /// In the notice's words.
    pub name: Arc<str>,
    /// Who certifies it, in the notice's words.
    pub by: Arc<str>,
    /// Who may submit its list; never empty.
    pub submitters: Vec<Submitter>,
    /// Whether it counts only once medical insurance has matched and confirmed it (比对确认).
    pub needs_confirmation: bool,
    /// The groups it belongs to, in the notice's words.
    pub groups: Vec<Arc<str>>,
    /// What it rests on.
    pub basis: Basis,
}

/// Who carries a registration out, and by which ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Who, in the notice's words.
    pub by: Arc<str>,
    /// The ways there are; empty when the notice names none.
    pub ways: Vec<Way>,
}

/// A way to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where, in the notice's words.
    pub at: Arc<str>,
    /// The papers to be shown: one of each list.
    pub papers: Vec<Vec<Arc<str>>>,
}

/// What a notice says of its own making, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Its number (文号).
    pub number: Option<Arc<str>>,
    /// Up to when the rules are told, in the notice's words; what is changed later counts.
    pub as_of: Option<Arc<str>>,
    /// The day it bears.
    pub dated: Option<Date>,
    /// The day it was published. It also governs payments made before.
    pub published: Option<Date>,
    /// The first day it applies to, where it says one.
    pub in_force_from: Option<Date>,
    /// The last day it applies to, where it says one.
    pub in_force_to: Option<Date>,
    /// The version that it changes.
    pub amends: Option<Arc<str>>,
    /// What that rests on.
    pub basis: Vec<Citation>,
}

/// A channel (缴费渠道) the notice names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// In the notice's words.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: ChannelKind,
    /// What it rests on.
    pub basis: Basis,
}

/// A share that is to be reached (工作目标).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// In the notice's words.
    pub name: Arc<str>,
    /// What is counted.
    pub count: Arc<str>,
    /// What it is a share of.
    pub of: Arc<str>,
    /// The least share, in hundredths of a percent.
    pub at_least_per_10_000: i64,
    /// By which day.
    pub by: Stated<Date>,
    /// What it rests on.
    pub basis: Basis,
}

/// An open point (待明确事项): the reading that is followed, the others, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPoint {
    /// Such as "A-25".
    pub id: Arc<str>,
    /// What it is about.
    pub about: Arc<str>,
    /// The reading followed.
    pub reading: Arc<str>,
    /// Why.
    pub because: Arc<str>,
    /// The other readings, and whether each can be computed.
    pub other: Vec<(Arc<str>, bool)>,
}
