//! A refusal as a gRPC status: reason and metadata for programs, a sentence in Chinese for the citizen, and the clauses.

use std::collections::BTreeMap;

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
        RefusalKind::Busy => Code::ResourceExhausted,
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

/// A refusal as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The reason, such as `CLOSED_DAY`.
    pub reason: String,
    /// Facts for programs.
    pub metadata: BTreeMap<String, String>,
    /// The sentence for the citizen.
    pub message: String,
    /// The clauses.
    pub citations: Vec<common::Citation>,
}

/// Reads a refusal back from a status; none when the status is something else.
pub fn read(status: &Status) -> Option<Told> {
    let whole = pb::Status::decode(status.details()).ok()?;
    let part = |name: &str| whole.details.iter().find(|detail| detail.type_url.ends_with(name));
    let info = pb::ErrorInfo::decode(part("google.rpc.ErrorInfo")?.value.as_slice()).ok()?;
    let sentence =
        pb::LocalizedMessage::decode(part("google.rpc.LocalizedMessage")?.value.as_slice()).ok()?;
    let detail =
        common::RefusalDetail::decode(part("canbao.common.v1.RefusalDetail")?.value.as_slice()).ok()?;
    Some(Told {
        reason: info.reason,
        metadata: info.metadata.into_iter().collect(),
        message: sentence.message,
        citations: detail.citations,
    })
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}
