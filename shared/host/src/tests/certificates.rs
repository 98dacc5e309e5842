use std::{io, ops::Range};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::{HandshakeKind, ProtocolVersion, client::Resumption, pki_types::ServerName};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::{client, server};

use super::*;
use crate::Caller;

pub(crate) const COLLECTION: &str = "spiffe://canbao/service/collection";
pub(crate) const TAX: &str = "spiffe://canbao/141181/tax";
pub(crate) const BOTH: [ExtendedKeyUsagePurpose; 2] =
    [ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];

/// An authority that signs whatever it is asked for.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "an authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate with these URIs, valid for these days from now, and its key.
    pub(crate) fn certificate(
        &self,
        uris: &[&str],
        days: Range<i64>,
        usages: &[ExtendedKeyUsagePurpose],
    ) -> (String, String) {
        let mut params = CertificateParams::default();
        params.subject_alt_names =
            uris.iter().map(|uri| SanType::URI((*uri).to_owned().try_into().unwrap())).collect();
        params.subject_alt_names.push(SanType::DnsName("localhost".to_owned().try_into().unwrap()));
        params.extended_key_usages = usages.to_vec();
        params.not_before = OffsetDateTime::now_utc() + time::Duration::days(days.start);
        params.not_after = OffsetDateTime::now_utc() + time::Duration::days(days.end);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// A folder of one holder.
    fn folder(
        &self,
        uris: &[&str],
        days: Range<i64>,
        usages: &[ExtendedKeyUsagePurpose],
    ) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path(), uris, days, usages);
        folder
    }

    pub(crate) fn write(
        &self,
        folder: &Path,
        uris: &[&str],
        days: Range<i64>,
        usages: &[ExtendedKeyUsagePurpose],
    ) {
        let (certificate, key) = self.certificate(uris, days, usages);
        fs::write(folder.join("authority.pem"), self.0.pem()).unwrap();
        fs::write(folder.join("certificate.pem"), certificate).unwrap();
        fs::write(folder.join("key.pem"), key).unwrap();
        fs::set_permissions(folder.join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn holder(&self, uri: &str) -> (tempfile::TempDir, Certificates) {
        let folder = self.folder(&[uri], -1..30, &BOTH);
        let certificates = Certificates::open(folder.path()).unwrap();
        (folder, certificates)
    }
}

/// Looks at the files now, as if a second had passed.
pub(crate) fn look(certificates: &Certificates) -> u64 {
    certificates.locked().at = Instant::now().checked_sub(PAUSE).unwrap();
    certificates.generation()
}

type Ends = (io::Result<server::TlsStream<DuplexStream>>, io::Result<client::TlsStream<DuplexStream>>);

/// A handshake between two ends.
async fn meet(acceptor: &TlsAcceptor, connector: &TlsConnector) -> Ends {
    let (one, other) = tokio::io::duplex(64 * 1_024);
    let name = ServerName::try_from("anywhere").unwrap();
    tokio::join!(acceptor.accept(one), connector.connect(name, other))
}

fn named(pem: &str) -> Result<Caller, String> {
    let leaf = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    Certified::read(&leaf).map(|certified| certified.caller).map_err(|unwelcome| unwelcome.to_string())
}

#[test]
fn a_certificate_names_exactly_one_caller() {
    let authority = Authority::new();
    let named = |uris: &[&str]| named(&authority.certificate(uris, -1..30, &BOTH).0);
    assert_eq!(named(&[TAX]).unwrap().uri(), TAX);
    for (uris, why) in [
        (&[][..], "without a SPIFFE URI"),
        (&[TAX, COLLECTION], "more than one URI"),
        (&[TAX, TAX], "more than one URI"),
        (&[TAX, "https://example.org/"], "more than one URI"),
        (&["spiffe://elsewhere/141181/tax"], "names nobody"),
        (&["spiffe://canbao/141181/any"], "names nobody"),
    ] {
        let told = named(uris).unwrap_err();
        assert!(told.contains(why) && !told.contains("141181"), "{uris:?}: {told}");
    }
}

#[tokio::test]
async fn two_certified_ends_meet_by_tls_1_3_and_speak_http_2() {
    let authority = Authority::new();
    let (_kept, collection) = authority.holder(COLLECTION);
    let (_held, tax) = authority.holder(TAX);
    let (server, client) = meet(&collection.acceptor(), &tax.connector("collection")).await;
    let (server, client) = (server.unwrap(), client.unwrap());
    assert_eq!(server.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let leaf = &server.get_ref().1.peer_certificates().unwrap()[0];
    assert_eq!(Certified::read(leaf).unwrap().caller.uri(), TAX);
}

#[tokio::test]
async fn whom_no_authority_of_ours_certified_under_a_name_is_refused_in_the_handshake() {
    let (authority, another) = (Authority::new(), Authority::new());
    let (_kept, collection) = authority.holder(COLLECTION);
    let only = |usage: usize| BOTH[usage..=usage].to_vec();
    for (signer, uris, days, usages, why) in [
        (&another, &[TAX][..], -1..30, only(0), "BadSignature"),
        (&authority, &[TAX], -30..-1, only(0), "expired"),
        (&authority, &[TAX], 1..30, only(0), "not valid yet"),
        (&authority, &[TAX], -1..30, only(1), "does not allow extended key usage"),
        (&authority, &[], -1..30, only(0), "without a SPIFFE URI"),
        (&authority, &[TAX, "spiffe://canbao/140000/tax"], -1..30, only(0), "more than one URI"),
        (&authority, &["spiffe://elsewhere/141181/tax"], -1..30, only(0), "names nobody"),
    ] {
        let (certificate, key) = signer.certificate(uris, days, &usages);
        let chain = chain(certificate.as_bytes()).unwrap().1;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let held = collection.now().held.clone();
        let believing =
            Arc::new(ExpectedService::new(held.authorities.clone(), &held.provider, "collection"));
        let config = held.calling.clone().dangerous().with_custom_certificate_verifier(believing);
        let connector: TlsConnector = Arc::new(config.with_client_auth_cert(chain, key).unwrap()).into();
        let told = meet(&collection.acceptor(), &connector).await.0.unwrap_err().to_string();
        assert!(told.contains(why), "{uris:?}, {why}: {told}");
    }
    let held = collection.now().held.clone();
    let believing = Arc::new(ExpectedService::new(held.authorities.clone(), &held.provider, "collection"));
    let nameless =
        held.calling.clone().dangerous().with_custom_certificate_verifier(believing).with_no_client_auth();
    let told = meet(&collection.acceptor(), &Arc::new(nameless).into()).await.0.unwrap_err().to_string();
    assert!(told.contains("no certificates"), "{told}");
}

#[tokio::test]
async fn only_the_service_that_was_called_is_spoken_to() {
    let authority = Authority::new();
    let (_held, tax) = authority.holder(TAX);
    for (signer, uri, why) in [
        (&authority, "spiffe://canbao/service/subsidy", "another than the service"),
        (&authority, TAX, "another than the service"),
        (&Authority::new(), COLLECTION, "BadSignature"),
    ] {
        let (_kept, answering) = signer.holder(uri);
        let told = meet(&answering.acceptor(), &tax.connector("collection")).await.1.unwrap_err().to_string();
        assert!(told.contains(why), "{uri}: {told}");
    }
    // Who may only call does not answer.
    let (_kept, collection) = authority.holder(COLLECTION);
    authority.write(_kept.path(), &[COLLECTION], -1..30, &BOTH[..1]);
    look(&collection);
    let told = meet(&collection.acceptor(), &tax.connector("collection")).await.1.unwrap_err().to_string();
    assert!(told.contains("does not allow extended key usage"), "{told}");
}

#[tokio::test]
async fn a_session_is_never_taken_up_again_without_the_certificate() {
    let authority = Authority::new();
    let (_kept, collection) = authority.holder(COLLECTION);
    let (_held, tax) = authority.holder(TAX);
    let mut remembering = (**tax.connector("collection").config()).clone();
    remembering.resumption = Resumption::in_memory_sessions(4);
    let connector: TlsConnector = Arc::new(remembering).into();
    for _ in 0..2 {
        let (server, client) = meet(&collection.acceptor(), &connector).await;
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        server.write_all(b"!").await.unwrap();
        server.flush().await.unwrap();
        client.read_u8().await.unwrap();
        assert_eq!(client.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
}

#[tokio::test]
async fn new_certificates_are_taken_by_the_next_connection_and_broken_ones_change_nothing() {
    let (old, new) = (Authority::new(), Authority::new());
    let (kept, collection) = old.holder(COLLECTION);
    let (held, tax) = old.holder(TAX);
    let path = |name: &str| kept.path().join(name);
    assert_eq!(look(&collection), 0, "nothing changed");
    let certificate = fs::read(path("certificate.pem")).unwrap();
    let (other, key) = old.certificate(&[COLLECTION], -1..60, &BOTH);
    for (name, broken) in [
        ("certificate.pem", other.as_bytes()),
        ("certificate.pem", &certificate[..certificate.len() / 2]),
        ("certificate.pem", b""),
        ("authority.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("key.pem", key.as_bytes()),
    ] {
        let whole = fs::read(path(name)).unwrap();
        fs::write(path(name), broken).unwrap();
        assert_eq!(look(&collection), 0, "{name}");
        assert!(collection.locked().complaint.contains(name), "{name}: {}", collection.locked().complaint);
        fs::write(path(name), whole).unwrap();
        assert_eq!(look(&collection), 0);
        assert_eq!(collection.locked().complaint, "");
    }
    old.write(kept.path(), &["spiffe://canbao/service/subsidy"], -1..30, &BOTH);
    assert_eq!(look(&collection), 0, "somebody else's");
    old.write(kept.path(), &[COLLECTION], -30..-1, &BOTH);
    assert_eq!(look(&collection), 0, "over");
    assert!(meet(&collection.acceptor(), &tax.connector("collection")).await.1.is_ok(), "the old ones hold");

    // A new authority: trusted everywhere first, then it certifies one after the other.
    let until = collection.until();
    old.write(kept.path(), &[COLLECTION], -1..60, &BOTH);
    fs::write(path("authority.pem"), old.0.pem() + &new.0.pem()).unwrap();
    assert_eq!(look(&collection), 1);
    assert!(collection.until() > until);
    new.write(held.path(), &[TAX], -1..30, &BOTH);
    fs::write(held.path().join("authority.pem"), old.0.pem() + &new.0.pem()).unwrap();
    assert_eq!(look(&tax), 1);
    let (server, client) = meet(&collection.acceptor(), &tax.connector("collection")).await;
    assert!(server.is_ok() && client.is_ok());
    // Not before the own one is of the new authority, or nobody who is of it would come to a department that is not.
    fs::write(path("authority.pem"), new.0.pem()).unwrap();
    assert_eq!(look(&collection), 1);
    let told = collection.locked().complaint.clone();
    assert!(told.contains("of none of the authorities in authority.pem"), "{told}");
    new.write(kept.path(), &[COLLECTION], -1..30, &BOTH);
    assert_eq!(look(&collection), 2);
    let (_before, late) = old.holder(TAX);
    assert!(
        meet(&collection.acceptor(), &late.connector("collection")).await.0.is_err(),
        "of the old authority"
    );
}

#[test]
fn what_cannot_be_opened_is_named_in_one_line() {
    let authority = Authority::new();
    let refused = |change: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("service/collection");
        fs::create_dir_all(&own).unwrap();
        authority.write(&own, &[COLLECTION], -1..30, &BOTH);
        assert!(Certificates::of_service(folder.path(), "collection").is_ok());
        change(&own);
        let told = Certificates::of_service(folder.path(), "collection").unwrap_err().to_string();
        assert!(told.contains("service/collection") && !told.contains('\n'), "{told}");
        told
    };
    for name in ["authority.pem", "certificate.pem", "key.pem"] {
        assert!(refused(&|own| fs::remove_file(own.join(name)).unwrap()).contains(name));
        assert!(refused(&|own| fs::write(own.join(name), "").unwrap()).contains(name));
        assert!(
            refused(&|own| fs::write(own.join(name), vec![b'\n'; 300_000]).unwrap()).contains("larger than")
        );
    }
    let open =
        |own: &Path| fs::set_permissions(own.join("key.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refused(&open).contains("key.pem: others can read it (mode 0640)"));
    assert!(refused(&|own| authority.write(own, &[COLLECTION], -30..-1, &BOTH)).contains("is over since"));
    assert!(refused(&|own| authority.write(own, &[COLLECTION], 1..30, &BOTH)).contains("does not hold yet"));
    assert!(refused(&|own| authority.write(own, &[TAX], -1..30, &BOTH)).contains(TAX));
    let another = Authority::new().0.pem();
    assert!(
        refused(&|own| fs::write(own.join("authority.pem"), &another).unwrap()).contains("is of none of")
    );
    assert!(
        refused(&|own| authority.write(own, &[TAX, COLLECTION], -1..30, &BOTH)).contains("more than one URI")
    );
    let (_, key) = authority.certificate(&[COLLECTION], -1..30, &BOTH);
    assert!(refused(&|own| fs::write(own.join("key.pem"), &key).unwrap()).contains("is not the key of"));
}
