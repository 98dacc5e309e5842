//! Why a unit of work has no answer, and the one table from there to gRPC codes.

use std::fmt;

use canbao_proto::{refusal, wire::Malformed};
use canbao_store::StoreError;
use canbao_types::{RefusalKind, Refused};
use tonic::{Code, Status};

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The rule or the state says no; nothing was done.
    Refused(Box<Refused>),
    /// The store could not, or does not know.
    Store(StoreError),
    /// We broke: something that cannot be, such as a row that cannot be read back.
    Fault(String),
}

impl Failure {
    /// A fault: something stored that cannot be read back.
    pub fn corrupt(wrong: Malformed) -> Self {
        Self::Fault(format!("stored: {}", wrong.status().message()))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => write!(f, "{refused}"),
            Self::Store(error) => write!(f, "{error}"),
            Self::Fault(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A failure as a status. A fault is logged here, once, and shown as an incident that can be found in the log.
pub fn status(failure: Failure) -> Status {
    match failure {
        Failure::Refused(refused) => refusal::status(&refused),
        Failure::Store(StoreError::Full) => busy(),
        Failure::Store(StoreError::Closed) => {
            unavailable("STOPPING", "服务正在停止，请求尚未办理，请稍后再试。")
        }
        Failure::Store(StoreError::Standby) => {
            unavailable("STANDBY", "本机正在待命，请求没有办理，请向另一台服务器办理。")
        }
        Failure::Store(StoreError::Aborted) => {
            unavailable("ABORTED", "存储出现故障，请求没有办理，请稍后再试。")
        }
        Failure::Store(StoreError::Unknown) => {
            incident(Code::Unknown, "the outcome is not known; ask again", "commit")
        }
        Failure::Store(error) => incident(Code::Internal, "a fault of ours", &error.to_string()),
        Failure::Fault(what) => incident(Code::Internal, "a fault of ours", &what),
    }
}

/// Too much at once; nothing was started.
pub(crate) fn busy() -> Status {
    let message = "当前办理人数较多，请求尚未办理，请稍后再试。";
    refusal::status(&Refused::new(RefusalKind::Busy, "BUSY", message))
}

/// Not now; nothing was done.
fn unavailable(reason: &'static str, message: &str) -> Status {
    refusal::status(&Refused::new(RefusalKind::Unavailable, reason, message))
}

fn incident(code: Code, shown: &str, what: &str) -> Status {
    let incident = uuid::Uuid::now_v7();
    tracing::error!(%incident, what, "a unit of work failed");
    Status::new(code, format!("{shown}; incident {incident}"))
}
