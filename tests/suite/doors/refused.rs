//! Who is not let in, what each of them is told, and that nobody else notices.

use std::time::Duration;

use canbao::certificates::{Authority, Issued};
use canbao_tests::{Doors, Raw, Visitor, certify, identity};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, SanType};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{Code, transport::Endpoint};

use super::{HEALTH, PAY};

/// The certificate of the tax bureau, spoilt.
fn spoilt(authority: &Authority, spoil: impl FnOnce(&mut CertificateParams)) -> Issued {
    let mut words = authority.words(&identity("tax"), 30).unwrap();
    spoil(&mut words);
    authority.issue(&words).unwrap()
}

/// The same, with these identities in place of its own.
fn named(authority: &Authority, uris: &[&str]) -> Issued {
    let uri = |uri: &&str| SanType::URI((*uri).try_into().unwrap());
    spoilt(authority, |words| words.subject_alt_names = uris.iter().map(uri).collect())
}

fn self_signed(authority: &Authority) -> Issued {
    let (words, key) = (authority.words(&identity("tax"), 30).unwrap(), KeyPair::generate().unwrap());
    Issued { certificate: words.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

/// Certificates with which nobody is let in, and what their holder is told.
fn unwelcome(authority: &Authority) -> Vec<(&'static str, Issued, &'static str)> {
    let (hour, now) = (Duration::from_secs(3_600), OffsetDateTime::now_utc());
    let nobody = "CertificateUnknown";
    vec![
        ("another authority's", certify(&Authority::new().unwrap(), &identity("tax")), "UnknownCA"),
        ("self-signed", self_signed(authority), "UnknownCA"),
        ("expired", spoilt(authority, |words| words.not_after = now - hour), "CertificateExpired"),
        ("not valid yet", spoilt(authority, |words| words.not_before = now + hour), "CertificateExpired"),
        (
            "for servers alone",
            spoilt(authority, |words| words.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
            "UnsupportedCertificate",
        ),
        ("without a URI", named(authority, &[]), nobody),
        (
            "with a host's name alone",
            {
                let host = |words: &mut CertificateParams| {
                    words.subject_alt_names =
                        CertificateParams::new(["tax.example".to_owned()]).unwrap().subject_alt_names;
                };
                spoilt(authority, host)
            },
            nobody,
        ),
        (
            "with two URIs",
            named(authority, &["spiffe://canbao/141181/tax", "spiffe://canbao/141181/hospital"]),
            nobody,
        ),
        ("with the same URI twice", named(authority, &["spiffe://canbao/141181/tax"; 2]), nobody),
        ("of another trust domain", named(authority, &["spiffe://elsewhere/141181/tax"]), nobody),
        ("of a longer trust domain", named(authority, &["spiffe://canbao.example/141181/tax"]), nobody),
        ("of an identity that nobody has", named(authority, &["spiffe://canbao/141181/bank"]), nobody),
        ("of a channel without a name", named(authority, &["spiffe://canbao/141181/channel/"]), nobody),
        ("of a department without a division", named(authority, &["spiffe://canbao/tax"]), nobody),
        ("of a division that is none", named(authority, &["spiffe://canbao/1411/tax"]), nobody),
        (
            "of a service within a division",
            named(authority, &["spiffe://canbao/141181/service/benefits"]),
            nobody,
        ),
        ("of a service that nobody runs", named(authority, &["spiffe://canbao/service/suite"]), nobody),
        ("of more than the name", named(authority, &["spiffe://canbao/141181/tax/"]), nobody),
    ]
}

/// A good client is answered over the line it has had all along.
async fn goes_on(good: &Raw) {
    let code = good.call(PAY, None, Vec::new()).await.unwrap_err().code();
    assert_eq!(code, Code::InvalidArgument, "the tax bureau is let in, and asks for nothing");
}

#[tokio::test]
async fn whoever_comes_with_a_wrong_certificate_is_told_so_and_a_good_client_beside_it_goes_on() {
    let doors = Doors::open().await;
    let (server, trusted) = (doors.address("collection"), doors.authority.trusted());
    let good = doors.raw("collection", &identity("tax"));
    let welcome = certify(&doors.authority, &identity("tax"));
    Visitor::new(trusted, Some(&welcome)).goes_to(server).await.expect("a good certificate is let in");
    for (what, certificate, told) in unwelcome(&doors.authority) {
        goes_on(&good).await;
        let refused = Visitor::new(trusted, Some(&certificate)).goes_to(server).await.unwrap_err();
        assert!(refused.ends_with(told), "a certificate {what}: {refused}");
    }
    let refused = Visitor::new(trusted, None).goes_to(server).await.unwrap_err();
    assert!(refused.ends_with("CertificateRequired"), "without a certificate: {refused}");
    goes_on(&good).await;
    doors.stop().await;
}

#[tokio::test]
async fn a_client_of_tls_1_2_is_told_that_the_version_is_too_old() {
    let doors = Doors::open().await;
    let good = doors.raw("collection", &identity("tax"));
    goes_on(&good).await;
    let mut stream = TcpStream::connect(doors.address("collection")).await.unwrap();
    stream.write_all(&hello_of_tls_1_2()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    // An alert, fatal: protocol_version (RFC 8446, 6.2).
    assert_eq!(answer, [21, 3, 3, 0, 2, 2, 70]);
    goes_on(&good).await;
    doors.stop().await;
}

/// The first words of a client that knows TLS up to 1.2, with a suite and a curve that any such server has.
fn hello_of_tls_1_2() -> Vec<u8> {
    let extension = |kind: u16, body: &[u8]| {
        let length = u16::try_from(body.len()).unwrap();
        [&kind.to_be_bytes()[..], &length.to_be_bytes(), body].concat()
    };
    let extensions =
        [extension(10, &[0, 2, 0, 23]), extension(11, &[1, 0]), extension(13, &[0, 4, 4, 3, 8, 4])].concat();
    let suites = [0xc0, 0x2b, 0xc0, 0x2f];
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let body =
        [&[3, 3][..], &[7; 32], &[0], &length(&suites), &suites, &[1, 0], &length(&extensions), &extensions]
            .concat();
    let hello = [&[1, 0][..], &length(&body), &body].concat();
    [&[22, 3, 1][..], &length(&hello), &hello].concat()
}

#[tokio::test]
async fn a_client_that_speaks_plainly_is_not_answered() {
    let doors = Doors::open().await;
    let good = doors.raw("collection", &identity("tax"));
    goes_on(&good).await;
    let plain = Endpoint::from_shared(format!("http://{}", doors.address("collection"))).unwrap();
    let plain = Raw::new(plain.connect_lazy());
    for path in [PAY, HEALTH] {
        let refused = plain.call(path, Some("tax"), Vec::new()).await.unwrap_err();
        assert!([Code::Unavailable, Code::Unknown, Code::Internal].contains(&refused.code()), "{refused:?}");
    }
    goes_on(&good).await;
    doors.stop().await;
}

#[tokio::test]
async fn a_certificate_that_ends_while_its_connection_is_open_is_refused_at_the_next_request() {
    let doors = Doors::open().await;
    let soon = OffsetDateTime::now_utc() + Duration::from_secs(3);
    let short = spoilt(&doors.authority, |words| words.not_after = soon);
    short.put(&doors.folder.join("short"), doors.authority.trusted()).unwrap();
    let raw = doors.raw("collection", "short");
    goes_on(&raw).await;
    let refused = loop {
        let told = raw.call(PAY, None, Vec::new()).await.unwrap_err();
        if told.code() != Code::InvalidArgument {
            break told;
        }
        assert!(OffsetDateTime::now_utc() < soon + Duration::from_secs(5), "it is still let in");
    };
    assert_eq!(refused.code(), Code::Unauthenticated, "{refused}");
    assert!(OffsetDateTime::now_utc() >= soon, "it was refused too early");
    assert!(refused.message().contains("the certificate of this connection is over"), "{refused}");
    let again =
        Visitor::new(doors.authority.trusted(), Some(&short)).goes_to(doors.address("collection")).await;
    assert!(again.unwrap_err().ends_with("CertificateExpired"), "nor on a new one");
    doors.stop().await;
}
