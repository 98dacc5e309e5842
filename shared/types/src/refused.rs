//! Refusals (不予办理): the rules or the state say no.

use std::error::Error;
use std::fmt;

use crate::{Citation, Reason};

/// A refusal (不予办理): why, in words a citizen can act on, and the citations it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code in `UPPER_SNAKE_CASE`, unique within the service's domain.
    pub reason: &'static str,
    /// What kind of obstacle it is.
    pub kind: RefusalKind,
    /// A short Chinese sentence that says what the citizen can do.
    pub message: String,
    /// The citations the refusal rests on; none when it rests on the state alone.
    pub citations: Vec<Citation>,
    /// Facts for programs, such as `next_day`. Never a name or a number of a document.
    pub metadata: Vec<(String, String)>,
}

impl Refused {
    /// A refusal without citations or metadata.
    pub fn new(kind: RefusalKind, reason: &'static str, message: impl Into<String>) -> Refused {
        Refused { reason, kind, message: message.into(), citations: Vec::new(), metadata: Vec::new() }
    }

    /// The refusal that a rule pronounces, with the reason's own message.
    pub fn by_rule(reason: Reason, citations: Vec<Citation>) -> Refused {
        Refused::new(RefusalKind::Precondition, reason.wire_code(), reason.message()).citing(citations)
    }

    /// The same refusal with these citations added.
    #[must_use]
    pub fn citing(mut self, citations: impl IntoIterator<Item = Citation>) -> Refused {
        self.citations.extend(citations);
        self
    }

    /// The same refusal with one more fact for programs.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl fmt::Display) -> Refused {
        self.metadata.push((key.into(), value.to_string()));
        self
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl Error for Refused {}

/// What kind of obstacle a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// A rule, or the state of things, is against it.
    Precondition,
    /// It is there already, with other content.
    Exists,
    /// What it speaks of is not there.
    NotFound,
    /// The caller may not do this for somebody else.
    Denied,
    /// Too much at once; nothing was started.
    Busy,
    /// Not now: what it rests on has not arrived yet; nothing was started.
    Unavailable,
}
