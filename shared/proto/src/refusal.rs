//! A refusal as a gRPC status: reason and metadata for programs, a sentence in Chinese for the citizen, and the clauses.

use canbao_types::{RefusalKind, Refused};
use prost::Message;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

use crate::{common, wire};

/// The domain of every reason.
pub const DOMAIN: &str = "canbao";

/// Clients limit what they read of trailers, so a refusal names at most so many clauses.
const CITATIONS: usize = 24;

/// The status of a refusal.
pub fn status(refused: &Refused) -> Status {
    let code = match refused.kind {
        RefusalKind::Precondition => Code::FailedPrecondition,
        RefusalKind::Exists => Code::AlreadyExists,
        RefusalKind::NotFound => Code::NotFound,
        RefusalKind::Denied => Code::PermissionDenied,
        RefusalKind::Unavailable => Code::Unavailable,
    };
    let info = pb::ErrorInfo {
        reason: refused.reason.to_owned(),
        domain: DOMAIN.to_owned(),
        metadata: refused.metadata.iter().cloned().collect(),
    };
    let sentence = pb::LocalizedMessage { locale: "zh-CN".to_owned(), message: refused.message.clone() };
    let citations = wire::citations(refused.citations.iter().take(CITATIONS));
    let details = [
        any("google.rpc.ErrorInfo", &info),
        any("google.rpc.LocalizedMessage", &sentence),
        any("canbao.common.v1.RefusalDetail", &common::RefusalDetail { citations }),
    ];
    let message = format!("{}: {}", refused.reason, refused.message);
    let whole = pb::Status { code: code.into(), message: message.clone(), details: details.into() };
    Status::with_details(code, message, whole.encode_to_vec().into())
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}
