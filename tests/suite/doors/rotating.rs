//! Certificates are changed while the departments run, and the authority as well.

use std::{
    fs,
    time::{Duration, Instant},
};

use canbao::{Player, certificates::Authority};
use canbao_host::DEPARTMENTS;
use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    registration::{GetResidentRequest, RegistrationStatus},
};
use canbao_tests::{Doors, Person, Visitor, certify, day, identity};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tonic::Code;

use super::HEALTH;

/// How long the departments are given to take what stands in the files.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts new certificates in every folder.
fn renew(doors: &Doors, authority: &Authority, trusted: &str) {
    for identity in Doors::identities() {
        certify(authority, &identity).put(&doors.folder.join(&identity), trusted).unwrap();
    }
}

/// Waits until every department shows the certificate that stands in its folder to whoever comes.
async fn taken(doors: &Doors, visitor: &Visitor) {
    let until = Instant::now() + PATIENCE;
    for department in DEPARTMENTS {
        let file = doors.folder.join("service").join(department).join("certificate.pem");
        let expected = CertificateDer::from_pem_file(file).unwrap().to_vec();
        while visitor.goes_to(doors.address(department)).await.as_ref() != Ok(&expected) {
            assert!(Instant::now() < until, "{department} has not taken its new certificate");
        }
    }
}

/// Pays for somebody, which benefits hears from collection, and registration from benefits.
async fn is_heard(player: &mut Player, person: &Person) {
    player.register(person.registration("2025-11-03")).await.unwrap();
    player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    let (resident, on) = (person.reference(), day("2026-01-01"));
    let request = GetCoverageRequest { resident: resident.clone(), on, ..Default::default() };
    assert_eq!(player.coverage(request).await.unwrap().state(), CoverageState::Covered);
    player.catch_up(canbao_tests::DIVISION, canbao_tests::YEAR).await.unwrap();
    let shown = player.resident(GetResidentRequest { resident, ..Default::default() }).await.unwrap();
    assert_eq!(shown.registrations[0].status(), RegistrationStatus::Insured);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_takes_the_place_of_another_while_the_departments_run_and_hear_of_one_another() {
    let doors = Doors::open().await;
    let (old, new) = (&doors.authority, Authority::new().unwrap());
    let both = format!("{}{}", old.trusted(), new.trusted());
    let by = |authority: &Authority| Visitor::new(&both, Some(&certify(authority, &identity("tax"))));
    let [by_old, by_new] = [by(old), by(&new)];
    let told = by_new.goes_to(doors.address("collection")).await.unwrap_err();
    assert!(told.ends_with("UnknownCA"), "{told}");
    let (mut from_before, lost) = (doors.player(), doors.raw("collection", &identity("tax")));
    lost.call(HEALTH, None, Vec::new()).await.unwrap();
    is_heard(&mut from_before, &Person::born("19800101", 11)).await;

    renew(&doors, old, &both);
    taken(&doors, &by_old).await;
    by_new.goes_to(doors.address("collection")).await.expect("both are trusted");
    is_heard(&mut doors.player(), &Person::born("19810101", 13)).await;

    renew(&doors, &new, &both);
    taken(&doors, &by_old).await;
    let mut between = doors.player();
    is_heard(&mut between, &Person::born("19820101", 15)).await;

    renew(&doors, &new, new.trusted());
    taken(&doors, &by_new).await;
    for department in DEPARTMENTS {
        let told = by_old.goes_to(doors.address(department)).await.unwrap_err();
        assert!(told.ends_with("UnknownCA"), "{department}: {told}");
    }
    is_heard(&mut doors.player(), &Person::born("19830101", 17)).await;
    // Whoever holds a key of the old authority is shut out of the connections that are open, too.
    let refused = from_before.register(Person::born("19840101", 19).registration("2025-11-03")).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(lost.call(HEALTH, None, Vec::new()).await.unwrap_err().code(), Code::Unauthenticated);
    is_heard(&mut between, &Person::born("19850101", 21)).await;
    doors.stop().await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_changes_nothing_until_a_good_one_stands_there() {
    let doors = Doors::open().await;
    let tax = certify(&doors.authority, &identity("tax"));
    let visitor = Visitor::new(doors.authority.trusted(), Some(&tax));
    let before = visitor.goes_to(doors.address("collection")).await.unwrap();
    let own = doors.folder.join("service/collection");
    fs::write(own.join("certificate.pem"), "not a certificate").unwrap();
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        assert_eq!(visitor.goes_to(doors.address("collection")).await.as_ref(), Ok(&before));
    }
    certify(&doors.authority, "service/collection").put(&own, doors.authority.trusted()).unwrap();
    taken(&doors, &visitor).await;
    doors.stop().await;
}
