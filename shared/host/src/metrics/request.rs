//! One request, from its headers to the last byte of its answer: counted, timed, traced, and told to the log.

use std::{borrow::Cow, time::Instant};

use canbao_proto::refusal;
use http::Response;
use http_body_util::BodyExt;
use tonic::{Code, Status, body::Body};
use tracing::Span;

use super::Measures;
use crate::Caller;

/// A request that has not ended. One that is dropped was given up by its caller.
pub(crate) struct Asked {
    measures: Measures,
    method: &'static str,
    since: Instant,
    span: Span,
    /// Who asks, once that is known: a department or a channel with its division, and never a person.
    caller: Option<String>,
    ended: bool,
}

impl Measures {
    /// A request begins. `method` is a path of the contracts without its first slash, or a word for all other paths.
    pub(crate) fn asked(&self, method: &'static str, span: Span) -> Asked {
        Asked { measures: self.clone(), method, since: Instant::now(), span, caller: None, ended: false }
    }
}

impl Asked {
    /// Says who asks.
    pub(crate) fn by(&mut self, caller: &Caller) {
        let caller = caller.path();
        self.span.record("caller", &caller);
        self.caller = Some(caller);
    }

    /// Follows the answer to its end, wherever its status stands: in the headers, or in the trailers behind the body.
    pub(crate) fn answered(mut self, answer: Response<Body>) -> Response<Body> {
        if let Some(status) = Status::from_header_map(answer.headers()) {
            self.end(&status);
            return answer;
        }
        let body = |body: Body| {
            Body::new(body.map_frame(move |frame| {
                if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
                    self.end(&status);
                }
                frame
            }))
        };
        answer.map(body)
    }

    fn end(&mut self, status: &Status) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let Self { measures, method, since, span, caller, .. } = self;
        let (department, code) = (measures.department, name(status.code()));
        let families = measures.families();
        let took = since.elapsed();
        let labels = [("department", department), ("method", *method), ("code", code)];
        families.requests.get_or_create(&labels).inc();
        let labels = [("department", department), ("method", *method)];
        families.request_duration.get_or_create(&labels).observe(took.as_secs_f64());
        let reason = reason(status);
        if let Some(reason) = &reason {
            families
                .refusals
                .get_or_create(&[("department", department.into()), ("reason", reason.clone())])
                .inc();
        }
        span.record("rpc.code", code);
        let _entered = span.enter();
        let micros = took.as_micros();
        let (reason, caller) = (reason.as_deref(), caller.as_deref());
        macro_rules! line {
            ($level:ident, $words:literal) => {
                tracing::$level!(
                    department,
                    caller,
                    rpc.method = method,
                    rpc.code = code,
                    reason,
                    micros,
                    $words
                )
            };
        }
        match status.code() {
            // Somebody who may not call: worth a line where others are asked for.
            Code::Unauthenticated | Code::PermissionDenied => line!(info, "turned away"),
            _ => line!(debug, "answered"),
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.end(&Status::cancelled("the caller went away"));
    }
}

/// Why a request was refused: the reason in the details, else the code; none where it was not refused.
fn reason(status: &Status) -> Option<Cow<'static, str>> {
    let code = status.code();
    let failed =
        [Code::Ok, Code::Unknown, Code::Internal, Code::Cancelled, Code::DeadlineExceeded, Code::DataLoss];
    if failed.contains(&code) {
        return None;
    }
    Some(refusal::read(status).map_or(name(code).into(), |told| told.reason.into()))
}

/// The code as gRPC spells it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
