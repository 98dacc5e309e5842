//! Who is at the other end of a connection, for as long as it is open.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rustls::{
    pki_types::{CertificateDer, UnixTime},
    server::danger::ClientCertVerifier,
};

use super::{
    Certificates,
    certified::{Certified, Unwelcome},
};
use crate::Caller;

/// A caller that was let in by its certificate, which is looked at again when ours have changed: an authority that is
/// believed no more shuts out whoever it certified, on connections that are open as well.
#[derive(Debug)]
pub(crate) struct Guest {
    certified: Certified,
    chain: Vec<CertificateDer<'static>>,
    certificates: Arc<Certificates>,
    /// The generation of ours by which the chain was last found good, and one more; 0 before that.
    believed: AtomicU64,
}

impl Guest {
    /// The other end of a connection whose handshake is done, with the chain it showed, its own certificate first.
    pub(crate) fn new(
        chain: Vec<CertificateDer<'static>>,
        certificates: Arc<Certificates>,
    ) -> Result<Self, Unwelcome> {
        let own = chain.first().ok_or(Unwelcome("no certificate"))?;
        let certified = Certified::read(own)?;
        Ok(Self { certified, chain, certificates, believed: AtomicU64::new(0) })
    }

    /// Whom the certificate names, good or not.
    pub(crate) fn named(&self) -> &Caller {
        &self.certified.caller
    }

    /// Whom the certificate names, while it is good.
    ///
    /// # Errors
    /// Why it does not let its holder in any more.
    pub(crate) fn caller(&self) -> Result<&Caller, &'static str> {
        if self.certified.has_ended() {
            return Err("the certificate of this connection is over: connect again with a new one");
        }
        let (generation, held) = {
            let looked = self.certificates.now();
            (looked.generation + 1, looked.held.clone())
        };
        if self.believed.load(Ordering::Relaxed) != generation {
            let [own, between @ ..] = self.chain.as_slice() else { return Err("no certificate") };
            let verified = held.callers.verify_client_cert(own, between, UnixTime::now());
            verified.map_err(|_| "the certificate of this connection is not believed any more")?;
            self.believed.store(generation, Ordering::Relaxed);
        }
        Ok(&self.certified.caller)
    }
}
