//! Request ids.

use super::bench::{ALL, Bench, Busy, put, tell};
use canbao_store::{Seen, StoreError, Unit};

const ID: [u8; 16] = [7; 16];
const DIGEST: [u8; 32] = [8; 32];

/// What a department does: note a sum once, and answer with its running number.
fn once(caller: &str, digest: [u8; 32], unit: &mut Unit) -> Result<Vec<u8>, StoreError> {
    match unit.request(caller, &ID, &digest)? {
        Seen::Repeated(answer) => Ok(answer),
        Seen::OtherContent => Err(StoreError::AheadOfLog { after: 0, head: 0 }),
        Seen::First => {
            let answer = tell(unit, ALL, caller.as_bytes())?.to_be_bytes().to_vec();
            unit.answer(caller, &ID, &digest, &answer)?;
            Ok(answer)
        }
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_does_nothing() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let send = || store.write(1, |unit: &mut Unit| once("channel/bank", DIGEST, unit));
    let first = send().await.expect("first");
    let again = send().await.expect("again");
    assert_eq!(first, again);
    store.clone().close().await;

    let store = bench.open();
    let later = store.write(1, |unit: &mut Unit| once("channel/bank", DIGEST, unit)).await;
    assert_eq!(later, Ok(first));
    assert_eq!(store.head(), 1);
}

#[tokio::test]
async fn two_sends_in_one_group_are_one_request() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    let sends = [(); 10].map(|()| store.write(1, |unit: &mut Unit| once("channel/bank", DIGEST, unit)));
    held.release().await.expect("held");
    for send in sends {
        assert_eq!(send.await.map(|told| told.value), Ok(1u64.to_be_bytes().to_vec()));
    }
    assert_eq!(store.head(), 1);
}

#[tokio::test]
async fn an_id_with_other_content_is_told_apart() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    store.write(1, |unit: &mut Unit| once("channel/bank", DIGEST, unit)).await.expect("first");
    let other = store.write(1, |unit: &mut Unit| once("channel/bank", [9; 32], unit)).await;
    assert_eq!(other.map(|told| told.value), Err(StoreError::AheadOfLog { after: 0, head: 0 }));
    assert_eq!(store.head(), 1);
}

#[tokio::test]
async fn one_id_from_two_callers_is_two_requests() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    store.write(1, |unit: &mut Unit| once("channel/bank", DIGEST, unit)).await.expect("one");
    store.write(1, |unit: &mut Unit| once("channel/post", [9; 32], unit)).await.expect("the other");
    assert_eq!(store.head(), 2);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let refused = store.write(1, |unit: &mut Unit| {
        unit.answer("channel/bank", &ID, &DIGEST, b"an answer that is rolled back")?;
        put(unit, 1, "rolled back too")?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(refused.await.is_err());
    let judged: Result<_, StoreError> = store.read(|view| view.request("channel/bank", &ID, &DIGEST)).await;
    assert_eq!(judged, Ok(Seen::First));
}

#[tokio::test]
async fn a_request_cannot_be_answered_twice() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let twice = store.write(1, |unit: &mut Unit| {
        unit.answer("channel/bank", &ID, &DIGEST, b"one")?;
        unit.answer("channel/bank", &ID, &DIGEST, b"two")
    });
    assert!(matches!(twice.await, Err(StoreError::Sql { .. })));
}
