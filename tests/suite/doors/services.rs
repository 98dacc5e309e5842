//! The departments' own services are told apart from one another, and from the departments.

use std::{net::SocketAddr, sync::Arc};

use canbao::{
    Suite,
    certificates::{Authority, Issued},
};
use canbao_host::Settings;
use canbao_tests::{Doors, Raw, certify, identity, settings};
use rcgen::ExtendedKeyUsagePurpose;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::TLS13,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tonic::Code;

const READ_LOG: &str = "/canbao.exchange.v1.EventLogService/ReadLog";

/// A reader finds somebody there whom it does not take for the one it looks for.
async fn is_not_taken(reader: &Raw, what: &str) {
    let refused = reader.call(READ_LOG, None, Vec::new()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{what}: {refused:?}");
    let told = format!("{refused:?}");
    assert!(told.contains("another than the service that was called"), "{what}: {told}");
}

#[tokio::test]
async fn a_reader_takes_no_other_service_for_the_one_it_follows() {
    let doors = Doors::open().await;
    let reader = "service/benefits";
    let there = doors.raw("collection", reader).call(READ_LOG, None, Vec::new()).await.unwrap_err();
    assert_eq!(there.code(), Code::InvalidArgument, "it is let in, and asks for nothing");
    for other in ["registration", "subsidy", "benefits"] {
        let elsewhere = doors.raw_at(doors.address(other), "collection", reader);
        is_not_taken(&elsewhere, &format!("{other} answers where collection is looked for")).await;
    }
    doors.stop().await;
}

#[tokio::test]
async fn the_certificate_of_a_department_is_not_its_services_and_the_other_way_round() {
    let doors = Doors::open().await;
    // Even one that may be a server's: the tax bureau is not the service of collection.
    let mut words = doors.authority.words(&identity("tax"), 30).unwrap();
    words.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    let bureau = serving(&doors.authority.issue(&words).unwrap()).await;
    is_not_taken(&doors.raw_at(bureau, "collection", "service/benefits"), "a bureau").await;
    // The service of collection does not take payments, and the tax bureau does not read as a service does.
    let service = doors.raw("collection", "service/collection");
    assert_eq!(service.call(super::PAY, None, Vec::new()).await.unwrap_err().code(), Code::PermissionDenied);
    let bureau = doors.raw("registration", &identity("tax"));
    assert_eq!(bureau.call(READ_LOG, None, Vec::new()).await.unwrap_err().code(), Code::PermissionDenied);
    doors.stop().await;
}

/// A server with this certificate, which lets everybody in and says nothing.
async fn serving(issued: &Issued) -> SocketAddr {
    let chain =
        CertificateDer::pem_slice_iter(issued.certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(TlsAcceptor::from(Arc::new(config.clone())).accept(stream).await);
        }
    });
    address
}

#[tokio::test]
async fn a_department_does_not_start_with_the_certificate_of_another() {
    let data = tempfile::tempdir().unwrap();
    let (folder, authority) = (data.path().join("certificates"), Authority::new().unwrap());
    for name in ["registration", "collection", "subsidy", "benefits"] {
        let of = if name == "collection" { identity("tax") } else { format!("service/{name}") };
        certify(&authority, &of).put(&folder.join("service").join(name), authority.trusted()).unwrap();
    }
    let settings = Settings { certificates: Some(folder), ..settings(data.path()) };
    let told = Suite::start(&settings).await.unwrap_err().to_string();
    assert!(told.contains("spiffe://canbao/141181/tax"), "{told}");
    assert!(told.contains("spiffe://canbao/service/collection"), "{told}");
}
