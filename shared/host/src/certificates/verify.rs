//! Who is let through a handshake: a caller that an authority of the installation certified, and at the other end the
//! one service that was meant to be called.

use std::sync::Arc;

use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ParsedCertificate, VerifierBuilderError, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use super::certified::{Certified, Unwelcome};

/// Lets in whoever an authority certified under a name that can call.
#[derive(Debug)]
pub(super) struct KnownCaller(Arc<dyn ClientCertVerifier>);

impl KnownCaller {
    /// One of these authorities must have signed.
    pub(super) fn new(
        authorities: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        Ok(Self(WebPkiClientVerifier::builder_with_provider(authorities, provider).build()?))
    }
}

impl ClientCertVerifier for KnownCaller {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let signed = self.0.verify_client_cert(end_entity, intermediates, now)?;
        Certified::read(end_entity)?;
        Ok(signed)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Accepts one service, wherever it runs: its name in the certificate counts, and not the host's.
#[derive(Debug)]
pub(super) struct ExpectedService {
    authorities: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    service: &'static str,
}

impl ExpectedService {
    /// The service of this name, certified by one of these authorities.
    pub(super) fn new(
        authorities: Arc<RootCertStore>,
        provider: &CryptoProvider,
        service: &'static str,
    ) -> Self {
        Self { authorities, algorithms: provider.signature_verification_algorithms, service }
    }
}

/// The other end is certified, and is somebody else.
const ANOTHER: Unwelcome = Unwelcome("a certificate of another than the service that was called");

impl ServerCertVerifier for ExpectedService {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _host: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.authorities,
            intermediates,
            now,
            algorithms,
        )?;
        let named = Certified::read(end_entity)?;
        if named.caller.service() == Some(self.service) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(ANOTHER.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
