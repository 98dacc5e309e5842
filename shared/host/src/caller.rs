//! Who is calling. On a loopback address without certificates the header `canbao-department` says so.

use canbao_proto::rules;
use tonic::{Request, Status};

/// The header that names the caller where there are no certificates.
pub(crate) const HEADER: &str = "canbao-department";

/// An authenticated caller, as the gate found it.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: rules::Caller,
    text: String,
}

impl Caller {
    /// The caller that a header names.
    pub(crate) fn from_header(headers: &http::HeaderMap) -> Result<Self, Status> {
        let Some(text) = headers.get(HEADER) else {
            return Err(Status::unauthenticated(format!("the header {HEADER} is missing: who is calling?")));
        };
        let named = text.to_str().ok().and_then(|text| Some((rules::named(text)?.0, text)));
        let Some((identity, text)) = named else {
            return Err(Status::unauthenticated(format!(
                "the header {HEADER} names no department, channel or service"
            )));
        };
        Ok(Self { identity, text: text.to_owned() })
    }

    /// The caller of a request that came through the gate.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, Status> {
        request.extensions().get().ok_or_else(|| Status::unauthenticated("nobody stands behind this request"))
    }

    /// Which identity of the contracts it is.
    pub fn identity(&self) -> rules::Caller {
        self.identity
    }

    /// Its full text, such as `tax` or `channel/wechat`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The channel's name, when it is a channel.
    pub fn channel(&self) -> Option<&str> {
        self.text.strip_prefix("channel/")
    }
}
