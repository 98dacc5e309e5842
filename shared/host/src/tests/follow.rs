#![allow(clippy::unwrap_used)]

use tokio::net::TcpListener;

use super::*;
use crate::{
    Certificates,
    certificates::tests::{Authority, COLLECTION, TAX},
};

/// Why a line to an address cannot be read from.
async fn why(address: &Address, certificates: Option<&Arc<Certificates>>) -> String {
    let mut log = EventLogServiceClient::new(line(address, "registration", certificates));
    match interrupted(&log.read_log(ReadLogRequest::default()).await.unwrap_err()) {
        Interruption::Pause(why) => why,
        _ => panic!("whoever cannot be reached may come back"),
    }
}

#[tokio::test]
async fn a_neighbour_that_is_away_is_told_from_one_that_is_somebody_else() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = why(&Address::from(free), None).await;
    assert!(away.starts_with("Unavailable: Connection refused"), "{away}");

    let authority = Authority::new();
    let ((_kept, collection), (_held, tax)) = (authority.holder(COLLECTION), authority.holder(TAX));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::from(listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(collection.acceptor().accept(stream).await);
        }
    });
    let other = why(&address, Some(&Arc::new(tax))).await;
    assert!(other.contains("another than the service"), "{other}");
}

#[test]
fn what_the_other_end_says_is_told_in_its_words() {
    let past = Status::out_of_range("the log ends at 3, before 5");
    assert!(matches!(
        interrupted(&past),
        Interruption::Broken(why) if why == "OutOfRange: the log ends at 3, before 5"
    ));
}
