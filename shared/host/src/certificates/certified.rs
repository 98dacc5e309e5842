//! Whom a certificate names, and until when.

use std::{error::Error, fmt};

use chrono::{DateTime, Utc};
use rustls::{
    CertificateError, OtherError,
    pki_types::{CertificateDer, UnixTime},
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::Caller;

/// What a certificate says of its holder. Whether it is to be believed is asked before: nothing here looks at who signed it.
#[derive(Clone, Debug)]
pub(crate) struct Certified {
    /// Whom it names.
    pub(crate) caller: Caller,
    /// From when on it is valid, in seconds since 1970 UTC.
    since: i64,
    /// The last second in which it is valid.
    until: i64,
}

/// Why the holder of a certificate is not let in. It does not repeat what the certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unwelcome(pub(super) &'static str);

impl Certified {
    /// Reads a certificate. Exactly one URI must stand in it: with two of them, who is meant would depend on the reader.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Result<Self, Unwelcome> {
        let unreadable = |_| Unwelcome("a certificate that cannot be read");
        let (rest, parsed) =
            X509Certificate::from_der(certificate).map_err(|error| unreadable(error.into()))?;
        if !rest.is_empty() {
            return Err(Unwelcome("a certificate that does not end"));
        }
        let names = parsed.subject_alternative_name().map_err(unreadable)?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let mut uris = names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
        let uri = match (uris.next(), uris.next()) {
            (Some(uri), None) => uri,
            (None, _) => return Err(Unwelcome("a certificate without a SPIFFE URI")),
            _ => return Err(Unwelcome("a certificate with more than one URI")),
        };
        let caller = Caller::from_uri(uri).ok_or(Unwelcome("a URI that names nobody who can call"))?;
        let validity = parsed.validity();
        Ok(Self { caller, since: validity.not_before.timestamp(), until: validity.not_after.timestamp() })
    }

    /// Whether it is over, by the system's clock, as TLS judges it.
    pub(crate) fn has_ended(&self) -> bool {
        now() > self.until
    }

    /// Whether it holds only later.
    pub(crate) fn has_not_begun(&self) -> bool {
        now() < self.since
    }

    /// The last second in which it is valid.
    pub(crate) fn until(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.until, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Whole days that are left.
    pub(crate) fn days_left(&self) -> i64 {
        (self.until - now()).div_euclid(24 * 60 * 60)
    }
}

/// The system's clock in seconds since 1970 UTC.
fn now() -> i64 {
    i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX)
}

impl fmt::Display for Unwelcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Unwelcome {}

impl From<Unwelcome> for rustls::Error {
    fn from(unwelcome: Unwelcome) -> Self {
        CertificateError::Other(OtherError(std::sync::Arc::new(unwelcome))).into()
    }
}
