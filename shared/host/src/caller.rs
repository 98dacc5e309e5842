//! Who is calling: whom the certificate of the connection names. On a loopback address without certificates the header
//! `canbao-department` says so.

use canbao_proto::rules;
use canbao_types::Division;
use tonic::Status;

/// The header that names the caller where there are no certificates.
pub(crate) const HEADER: &str = "canbao-department";

/// An authenticated caller, as the gate found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    identity: rules::Caller,
    text: String,
    division: Option<Division>,
}

/// What the URI in every certificate of an installation begins with; DIVISION/IDENTITY or service/NAME follows.
pub const TRUST_DOMAIN: &str = "spiffe://canbao/";

impl Caller {
    /// The caller that the SPIFFE URI of a certificate names; none when it is of another trust domain, or when nobody
    /// of that name can call. A department's own service belongs to no division, and everybody else to one.
    pub(crate) fn from_uri(uri: &str) -> Option<Self> {
        let path = uri.strip_prefix(TRUST_DOMAIN)?;
        let (division, text) = match path.split_once('/')? {
            ("service", _) => (None, path),
            (_, text) if text.starts_with("service/") => return None,
            (division, text) => (Some(division.parse().ok()?), text),
        };
        Some(Self { identity: rules::named(text)?.0, text: text.to_owned(), division })
    }

    /// The caller that a header names.
    pub(crate) fn from_header(headers: &http::HeaderMap) -> Result<Self, Status> {
        let mut texts = headers.get_all(HEADER).iter();
        let text = match (texts.next(), texts.next()) {
            (Some(text), None) => text,
            (None, _) => {
                return Err(Status::unauthenticated(format!(
                    "the header {HEADER} is missing: who is calling?"
                )));
            }
            // Which of them is meant would depend on the reader.
            _ => {
                return Err(Status::unauthenticated(format!(
                    "the header {HEADER} stands there more than once"
                )));
            }
        };
        let named = text.to_str().ok().and_then(|text| Some((rules::named(text)?.0, text)));
        let Some((identity, text)) = named else {
            return Err(Status::unauthenticated(format!(
                "the header {HEADER} names no department, channel or service"
            )));
        };
        Ok(Self { identity, text: text.to_owned(), division: None })
    }

    /// Which identity of the contracts it is.
    pub fn identity(&self) -> rules::Caller {
        self.identity
    }

    /// Its full text, such as `tax` or `channel/wechat`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its text with its division, where it has one: `141181/tax`. Two divisions' callers of one text are not the same.
    pub fn path(&self) -> String {
        match self.division {
            Some(division) => format!("{division}/{}", self.text),
            None => self.text.clone(),
        }
    }

    /// The division that its certificate is for; none for the departments' own services, and where there are no
    /// certificates: then it is every division.
    pub fn division(&self) -> Option<Division> {
        self.division
    }

    /// The name of the service, when it is a department's own.
    pub(crate) fn service(&self) -> Option<&str> {
        self.text.strip_prefix("service/")
    }

    /// The SPIFFE URI that names it.
    pub(crate) fn uri(&self) -> String {
        format!("{TRUST_DOMAIN}{}", self.path())
    }

    /// The channel's name, when it is a channel.
    pub fn channel(&self) -> Option<&str> {
        self.text.strip_prefix("channel/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_somebody_of_a_division_or_a_service_of_none() {
        for uri in [
            "spiffe://canbao/141181/tax",
            "spiffe://canbao/140000/medical-insurance",
            "spiffe://canbao/141181/channel/wechat",
            "spiffe://canbao/service/collection",
        ] {
            assert_eq!(Caller::from_uri(uri).unwrap().uri(), uri);
        }
        let channel = Caller::from_uri("spiffe://canbao/141181/channel/wechat").unwrap();
        assert_eq!((channel.channel(), channel.text()), (Some("wechat"), "channel/wechat"));
        assert_eq!(channel.division(), Division::from_code(141_181));
        assert_eq!(Caller::from_uri("spiffe://canbao/service/subsidy").unwrap().division(), None);
    }

    #[test]
    fn a_header_names_a_caller_only_where_it_stands_once() {
        let mut headers = http::HeaderMap::new();
        let told =
            |headers: &http::HeaderMap| Caller::from_header(headers).map_err(|status| status.to_string());
        assert!(told(&headers).unwrap_err().contains("is missing"));
        headers.append(HEADER, "tax".parse().unwrap());
        assert_eq!(told(&headers).unwrap().text(), "tax");
        headers.append(HEADER, "tax".parse().unwrap());
        assert!(told(&headers).unwrap_err().contains("more than once"));
    }

    #[test]
    fn a_uri_that_names_nobody_is_nobody() {
        for uri in [
            "spiffe://canbao/tax",
            "spiffe://canbao/14118/tax",
            "spiffe://canbao/1411810/tax",
            "spiffe://canbao/141181/Tax",
            "spiffe://canbao/141181/tax/",
            "spiffe://canbao//tax",
            "spiffe://canbao/141181/any",
            "spiffe://canbao/141181/channel/",
            "spiffe://canbao/141181/service/collection",
            "spiffe://canbao/service/treasury",
            "spiffe://canbao/service/channel/wechat",
            "spiffe://canbao.example/141181/tax",
            "SPIFFE://canbao/141181/tax",
            "https://canbao/141181/tax",
            "",
        ] {
            assert_eq!(Caller::from_uri(uri), None, "{uri}");
        }
    }
}
