use rustls::pki_types::{CertificateDer, pem::PemObject};
use tonic::Code;

use super::*;
use crate::{
    Certificates,
    certificates::{
        Guest,
        tests::{Authority, BOTH, COLLECTION, TAX, look},
    },
};

/// A request on a connection that was opened with a certificate of the tax bureau, valid until so many days from now.
fn request(authority: &Authority, ours: &Arc<Certificates>, days: i64) -> Request<Body> {
    let (certificate, _) = authority.certificate(&[TAX], -30..days, &BOTH);
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let mut request = Request::new(Body::empty());
    let guest = Guest::new(chain, ours.clone()).unwrap();
    request.extensions_mut().insert(Peer::Certified(Arc::new(guest)));
    request
}

#[test]
fn a_connection_whose_certificate_is_over_carries_no_request_any_more() {
    let authority = Authority::new();
    let (_kept, ours) = authority.holder(COLLECTION);
    let ours = Arc::new(ours);
    let caller_of = |days| caller(&request(&authority, &ours, days)).map(|caller| caller.text().to_owned());
    assert_eq!(caller_of(1).unwrap(), "tax");
    let refused = caller_of(-1).unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(refused.message().contains("is over"), "{refused}");
}

#[test]
fn a_connection_of_an_authority_that_is_believed_no_more_carries_no_request() {
    let (old, new) = (Authority::new(), Authority::new());
    let (kept, ours) = old.holder(COLLECTION);
    let ours = Arc::new(ours);
    let (of_old, of_new) = (request(&old, &ours, 1), request(&new, &ours, 1));
    assert!(caller(&of_old).is_ok() && caller(&of_new).is_err());
    new.write(kept.path(), &[COLLECTION], -1..30, &BOTH);
    assert_eq!(look(&ours), 1);
    let refused = caller(&of_old).unwrap_err();
    assert!(
        refused.code() == Code::Unauthenticated && refused.message().contains("not believed"),
        "{refused}"
    );
    assert_eq!(caller(&of_new).unwrap().text(), "tax");
}

#[test]
fn beside_a_certificate_the_header_is_refused_by_name_and_without_a_peer_it_is_not_believed() {
    let authority = Authority::new();
    let (_kept, ours) = authority.holder(COLLECTION);
    let mut both = request(&authority, &Arc::new(ours), 1);
    both.headers_mut().insert(HEADER, "auditor".parse().unwrap());
    let refused = caller(&both).unwrap_err();
    assert!(refused.code() == Code::Unauthenticated && refused.message().contains(HEADER), "{refused}");
    both.extensions_mut().insert(Peer::Local);
    assert_eq!(caller(&both).unwrap().text(), "auditor");
    both.extensions_mut().remove::<Peer>();
    assert_eq!(caller(&both).unwrap_err().code(), Code::Unauthenticated);
}
