//! How a unit of work ends without success: refused by the rules or the state, or broken by a fault.

use std::error::Error;
use std::fmt;

use crate::{Citation, Reason};

/// Why there is no success.
#[derive(Debug)]
pub enum Failure {
    /// The rules or the state say no; nothing has happened, and the same request later is judged afresh.
    Refused(Box<Refused>),
    /// We broke, or the world did.
    Fault(Fault),
}

/// A refusal (不予办理): why, in words a citizen can act on, and the clauses it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code in `UPPER_SNAKE_CASE`, unique within the service's domain.
    pub reason: &'static str,
    /// What kind of obstacle it is.
    pub kind: RefusalKind,
    /// A short Chinese sentence that says what the citizen can do.
    pub message: String,
    /// The clauses the refusal rests on; none when it rests on the state alone.
    pub clauses: Vec<Citation>,
    /// Facts for programs, such as `next_day`. Never a name or a number of a document.
    pub metadata: Vec<(String, String)>,
}

impl Refused {
    /// A refusal without citations or metadata.
    pub fn new(kind: RefusalKind, reason: &'static str, message: impl Into<String>) -> Refused {
        Refused { reason, kind, message: message.into(), clauses: Vec::new(), metadata: Vec::new() }
    }

    /// The refusal that a rule pronounces, with the reason's own message.
    pub fn by_rule(reason: Reason, clauses: Vec<Citation>) -> Refused {
        Refused::new(RefusalKind::Precondition, reason.wire_code(), reason.message()).citing(clauses)
    }

    /// The same refusal with these clauses added.
    #[must_use]
    pub fn citing(mut self, clauses: impl IntoIterator<Item = Citation>) -> Refused {
        self.clauses.extend(clauses);
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
}

/// Something broke: what was being done, and the error underneath if there was one.
#[derive(Debug)]
pub struct Fault {
    doing: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without an error underneath.
    pub fn new(doing: impl Into<String>) -> Fault {
        Fault { doing: doing.into(), source: None }
    }

    /// A fault caused by another error.
    pub fn from_source(doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Fault {
        Fault { doing: doing.into(), source: Some(source.into()) }
    }
}

impl fmt::Display for Fault {
    /// Only what was being done; the causes follow through [`Error::source`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refused) => refused.fmt(f),
            Failure::Fault(fault) => fault.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Failure::Refused(_) => None,
            Failure::Fault(fault) => fault.source(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        Failure::Refused(Box::new(refused))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Fault(fault)
    }
}
