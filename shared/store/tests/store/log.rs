//! The event log and the cursors over it.

use super::bench::{ALL, Bench, Busy, NOW, put, tell};
use canbao_store::{LogPage, OpenError, Store, StoreError, Unit};

const TAX: u64 = 1;
const CIVIL_AFFAIRS: u64 = 1 << 63;

async fn told(store: &Store, audiences: &'static [u64]) {
    let telling = move |unit: &mut Unit| {
        for &audience in audiences {
            tell(unit, audience, &audience.to_be_bytes())?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(audiences.len(), telling).await.expect("told");
}

fn positions(page: &LogPage) -> Vec<u64> {
    page.rows.iter().map(|row| row.position).collect()
}

#[tokio::test]
async fn positions_have_no_gaps_where_jobs_were_rolled_back() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let held = Busy::hold_the_group(&store);
    let jobs: Vec<_> = (0..20)
        .map(|id| {
            store.write(1, move |unit: &mut Unit| {
                tell(unit, ALL, b"perhaps")?;
                if id % 3 == 0 { Err(StoreError::Closed) } else { put(unit, id, "told") }
            })
        })
        .collect();
    held.release().await.expect("held");
    let mut reached = Vec::new();
    for job in jobs {
        reached.extend(job.await.map(|told| told.position));
    }
    assert_eq!(reached, (1..=13).collect::<Vec<_>>());
    let page = store.read_log(0, 100, ALL).await.expect("a page");
    assert_eq!(positions(&page), reached);
    assert_eq!(store.verify_log().await, Ok(13));
}

#[tokio::test]
async fn a_reader_sees_only_what_is_meant_for_it_and_always_the_next_position() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    told(&store, &[TAX, CIVIL_AFFAIRS, TAX | CIVIL_AFFAIRS, TAX, CIVIL_AFFAIRS, TAX]).await;
    let read = async |after, limit, audience| {
        let page = store.read_log(after, limit, audience).await.expect("a page");
        (positions(&page), page.next, page.head)
    };
    assert_eq!(read(0, 100, CIVIL_AFFAIRS).await, (vec![2, 3, 5], 6, 6));
    assert_eq!(read(0, 2, CIVIL_AFFAIRS).await, (vec![2, 3], 3, 6));
    assert_eq!(read(3, 2, CIVIL_AFFAIRS).await, (vec![5], 6, 6));
    assert_eq!(read(5, 2, CIVIL_AFFAIRS).await, (vec![], 6, 6));
    assert_eq!(read(6, 2, CIVIL_AFFAIRS).await, (vec![], 6, 6));
    assert_eq!(read(0, 100, 1 << 5).await, (vec![], 6, 6));
    assert_eq!(read(0, 0, TAX).await, (vec![1], 1, 6));
    let page = store.read_log(1, 1, CIVIL_AFFAIRS).await.expect("a page");
    assert_eq!(
        (page.rows[0].audience, &*page.rows[0].body),
        (CIVIL_AFFAIRS, &[128, 0, 0, 0, 0, 0, 0, 0][..])
    );
    assert_eq!((page.rows[0].division, &*page.rows[0].kind), (141_199, "canbao.test.v1.Noted"));
}

#[tokio::test]
async fn a_page_for_a_reader_that_little_is_meant_for_looks_through_a_bounded_stretch() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let many = store.write(1, |unit: &mut Unit| {
        for _ in 0..10_005 {
            tell(unit, TAX, b"for tax")?;
        }
        tell(unit, CIVIL_AFFAIRS, b"for civil affairs")
    });
    many.await.expect("told");
    let page = store.read_log(0, 10, CIVIL_AFFAIRS).await.expect("a page");
    assert_eq!((positions(&page), page.next), (vec![], 10_000));
    let page = store.read_log(page.next, 10, CIVIL_AFFAIRS).await.expect("a page");
    assert_eq!((positions(&page), page.next), (vec![10_006], 10_006));
    assert_eq!(store.verify_log().await, Ok(10_006));
}

#[tokio::test]
async fn a_reader_that_is_ahead_of_the_log_is_told_so() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    told(&store, &[TAX]).await;
    let ahead = |after| Err(StoreError::AheadOfLog { after, head: 1 });
    assert_eq!(store.read_log(2, 10, ALL).await, ahead(2));
    assert_eq!(store.read_log(u64::MAX, 10, ALL).await, ahead(u64::MAX));
}

#[tokio::test]
async fn a_log_that_was_put_back_to_an_earlier_day_is_read_no_further_than_it_goes() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    told(&store, &[TAX, TAX, CIVIL_AFFAIRS, TAX, TAX]).await;
    bench.raw(
        "UPDATE store_log SET recorded_at = recorded_at + position;
         DELETE FROM store_log WHERE position > 3;
         UPDATE store_head SET position = 3, chain = (SELECT chain FROM store_log WHERE position = 3);",
    );
    // Its writer has not heard of it.
    assert_eq!(store.head(), 5);
    let read = async |after| {
        let page = store.read_log(after, 100, TAX).await?;
        Ok((positions(&page), page.next, page.head, page.after_recorded_at, page.next_recorded_at))
    };
    let at = |position| Some(NOW + position);
    assert_eq!(read(0).await, Ok((vec![1, 2], 3, 3, None, at(3))));
    assert_eq!(read(2).await, Ok((vec![], 3, 3, at(2), at(3))));
    assert_eq!(read(3).await, Ok((vec![], 3, 3, at(3), at(3))));
    for after in [4, 5, 6] {
        assert_eq!(read(after).await, Err(StoreError::AheadOfLog { after, head: 3 }));
    }
}

#[tokio::test]
async fn who_follows_the_head_is_woken_by_what_is_told_and_by_nothing_else() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let mut heads = store.heads();
    store.write(1, |unit: &mut Unit| put(unit, 1, "tells nobody")).await.expect("written");
    assert_eq!(heads.has_changed().map_err(|_| ()), Ok(false));
    told(&store, &[TAX, TAX]).await;
    assert_eq!((heads.has_changed().map_err(|_| ()), *heads.borrow_and_update()), (Ok(true), 2));
    store.close().await;
    assert!(heads.changed().await.is_err());
    assert_eq!(bench.open().head(), 2);
}

#[tokio::test]
async fn a_cursor_moves_only_from_where_it_stands_and_never_back() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let mut cursors = store.cursors();
    let advance = async |from, to| {
        let moved = store.write(1, move |unit: &mut Unit| unit.advance("registration", from, to)).await;
        moved.map(|told| told.value)
    };
    let moved =
        |stands, from, to| Err(StoreError::CursorMoved { log: "registration".into(), stands, from, to });
    assert_eq!(advance(0, 3).await, Ok(()));
    assert_eq!(advance(0, 3).await, moved(3, 0, 3));
    assert_eq!(advance(4, 5).await, moved(3, 4, 5));
    assert_eq!(advance(3, 2).await, moved(3, 3, 2));
    assert_eq!(cursors.borrow_and_update().get("registration"), Some(&3));
    assert_eq!(advance(3, 2).await, moved(3, 3, 2));
    assert_eq!(cursors.has_changed().map_err(|_| ()), Ok(false));
    assert_eq!(advance(3, 9).await, Ok(()));
    assert_eq!(cursors.has_changed().map_err(|_| ()), Ok(true));
    let read = |log: &'static str| store.read(move |view| view.cursor(log));
    assert_eq!((read("registration").await, read("tax").await), (Ok::<_, StoreError>(9), Ok(0)));
    store.clone().close().await;
    assert_eq!(bench.open().cursors().borrow().get("registration"), Some(&9));
}

/// Tells five events, changes the log behind the store's back, and says where the check finds it.
async fn found(bench: Bench, change: &str) -> Result<u64, StoreError> {
    let store = bench.open();
    told(&store, &[TAX, CIVIL_AFFAIRS, TAX, ALL, TAX]).await;
    assert_eq!(store.verify_log().await, Ok(5));
    bench.raw(change);
    store.verify_log().await
}

fn altered(position: u64) -> Result<u64, StoreError> {
    Err(StoreError::Corrupt { what: format!("the log was altered at position {position}") })
}

#[tokio::test]
async fn an_altered_column_of_any_row_is_found() {
    let zeros = format!("chain = {}", Bench::either("zeroblob(32)", "decode(repeat('00', 32), 'hex')"));
    for change in [
        "division = division + 1",
        "kind = kind || 'x'",
        "audience = audience | 2",
        "body = chain",
        "recorded_at = recorded_at + 1",
        &zeros,
    ] {
        for position in [1, 3, 5] {
            let change = format!("UPDATE store_log SET {change} WHERE position = {position}");
            let Some(bench) = Bench::new() else { return };
            let error = found(bench, &change).await.expect_err(&change);
            // The last row is also checked against the head.
            let last = matches!(&error, StoreError::Corrupt { what } if what.contains("at its head"));
            assert!(Err(error) == altered(position) || (position == 5 && last), "{change}");
        }
    }
}

#[tokio::test]
async fn a_letter_moved_from_the_kind_to_the_body_is_found() {
    let body = Bench::either(
        "CAST(substr(kind, length(kind)) || body AS BLOB)",
        "convert_to(substr(kind, length(kind)), 'UTF8') || body",
    );
    let kind = "substr(kind, 1, length(kind) - 1)";
    let change = format!("UPDATE store_log SET kind = {kind}, body = {body} WHERE position = 2");
    let Some(bench) = Bench::new() else { return };
    assert_eq!(found(bench, &change).await, altered(2));
}

#[tokio::test]
async fn a_row_dropped_moved_or_put_in_is_found() {
    let swapped = "UPDATE store_log SET position = 9 WHERE position = 2;
                   UPDATE store_log SET position = 2 WHERE position = 3;
                   UPDATE store_log SET position = 3 WHERE position = 9;";
    for (change, position) in [
        ("DELETE FROM store_log WHERE position = 2", 2),
        ("UPDATE store_log SET position = 0 WHERE position = 1", 1),
        (swapped, 2),
    ] {
        let Some(bench) = Bench::new() else { return };
        assert_eq!(found(bench, change).await, altered(position));
    }
}

#[tokio::test]
async fn a_truncated_log_does_not_open() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    told(&store, &[TAX, TAX]).await;
    bench.raw("DELETE FROM store_log WHERE position = 2");
    assert!(matches!(store.verify_log().await, Err(StoreError::Corrupt { .. })));
    store.close().await;
    let refused = Store::open(bench.options()).map(drop);
    assert!(matches!(refused, Err(OpenError::Database { reason: StoreError::Corrupt { .. } })));
}
