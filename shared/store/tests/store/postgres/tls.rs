//! TLS to the server: none without its authority, and none with a certificate that is not its own.

use super::bench::{Bench, options};
use canbao_store::{OpenError, Options, Place, PostgresPlace, Store, StoreError, View};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fs;
use std::path::Path;
use std::process::Command;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).expect("an authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

/// Gives the server a certificate for a name, and waits until it shows it.
fn give(bench: &Bench, authority: &CertifiedIssuer<'static, KeyPair>, name: &str) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new([name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let folder = bench.look("SHOW data_directory");
    let (certificate_file, key_file) =
        (Path::new(&folder).join("server.crt"), Path::new(&folder).join("server.key"));
    fs::write(&certificate_file, certificate.pem()).expect("a certificate");
    fs::write(&key_file, key.serialize_pem()).expect("a key");
    // A key that others can read is refused, and so is one of a stranger's.
    for (program, argument) in [("chmod", "0600"), ("chown", &format!("--reference={folder}"))] {
        let done = Command::new(program).arg(argument).args([&key_file, &certificate_file]).status();
        assert!(done.expect(program).success());
    }
    bench.raw("ALTER SYSTEM SET ssl = on");
    bench.cluster.kill();
    bench.cluster.serve().expect("the server starts");
}

fn at(bench: &Bench, authority: &str) -> Options {
    let authority = Some(authority.as_bytes().to_vec());
    options(Place::Postgres(PostgresPlace { url: bench.place(), password: None, authority }))
}

fn refused(options: Options) -> String {
    match Store::open(options).map(drop) {
        Err(OpenError::Server { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_server_must_show_a_certificate_of_the_given_authority_for_the_host_that_was_asked_for() {
    let Some(bench) = Bench::alone() else { return };
    let (ours, another) = (authority(), authority());
    let reason = refused(at(&bench, &ours.pem()));
    assert!(reason.contains("TLS"), "{reason}");

    give(&bench, &ours, "127.0.0.1");
    let store = Store::open(at(&bench, &ours.pem())).expect("a store");
    let secured = |view: &View| {
        let sql = "SELECT COUNT(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
        view.query_one(sql, [], |row| row.int(0))
    };
    assert_eq!(store.read(secured).await, Ok(Some(1)));
    let written = store.write(1, move |unit| secured(unit)).await;
    assert_eq!(written.map(|told| told.value), Ok::<_, StoreError>(Some(1)));
    let reason = refused(at(&bench, &another.pem()));
    assert!(reason.contains("invalid peer certificate"), "{reason}");
    store.close().await;

    give(&bench, &ours, "database.example");
    let reason = refused(at(&bench, &ours.pem()));
    assert!(reason.contains("not valid for name"), "{reason}");
}

#[tokio::test]
async fn an_authority_that_is_no_certificate_is_named() {
    let Some(bench) = Bench::new() else { return };
    let reason = refused(at(&bench, "not a certificate"));
    assert!(reason.contains("authority"), "{reason}");
}
