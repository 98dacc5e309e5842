//! What a job may do, and what becomes of it.

use super::bench::{ALL, Bench, NOW, ids, notes, put, tell};
use canbao_store::{Event, Store, StoreError, Unit, Value, params};

#[tokio::test]
async fn a_write_that_resolved_is_seen_by_the_next_read() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    for id in 1..=50 {
        store.write(1, move |unit: &mut Unit| put(unit, id, "seen")).await.expect("written");
        assert_eq!(ids(&store).await.last(), Some(&id));
    }
}

#[tokio::test]
async fn a_failing_item_is_undone_and_the_items_beside_it_stay() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let told = store
        .write(3, |unit: &mut Unit| {
            let mut outcomes = Vec::new();
            for (id, text) in [(1, "first"), (2, "refused"), (3, "third")] {
                outcomes.push(unit.item(|unit| {
                    put(unit, id, text)?;
                    unit.advance("tax", unit.cursor("tax")?, id.unsigned_abs())?;
                    tell(unit, ALL, text.as_bytes())?;
                    if text == "refused" { Err(StoreError::Closed) } else { Ok(unit.position()) }
                }));
            }
            Ok::<_, StoreError>(outcomes)
        })
        .await
        .expect("the batch");
    assert_eq!(told.value, [Ok(1), Err(StoreError::Closed), Ok(2)]);
    assert_eq!(told.position, 2);
    assert_eq!(ids(&store).await, [1, 3]);
    assert_eq!(store.cursors().borrow().get("tax"), Some(&3));
    assert_eq!(store.verify_log().await, Ok(2));
}

#[tokio::test]
async fn the_cursor_of_an_item_undone_last_is_not_published() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    store
        .write(1, |unit: &mut Unit| {
            unit.advance("tax", 0, 5)?;
            let undone = unit.item(|unit| {
                unit.advance("tax", 5, 9)?;
                Err::<(), _>(StoreError::Closed)
            });
            assert!(undone.is_err());
            Ok::<_, StoreError>(())
        })
        .await
        .expect("written");
    assert_eq!(store.cursors().borrow().get("tax"), Some(&5));
}

#[tokio::test]
async fn a_statement_that_failed_cannot_be_overlooked() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let outcome = store
        .write(1, |unit: &mut Unit| {
            put(unit, 1, "kept?")?;
            let _overlooked = put(unit, 1, "a key that is taken");
            assert_eq!(put(unit, 2, "after"), Err(StoreError::Spoiled));
            Ok::<_, StoreError>(())
        })
        .await;
    assert_eq!(outcome.map(|told| told.value), Err(StoreError::Spoiled));
    assert_eq!(ids(&store).await, Vec::<i64>::new());
}

#[tokio::test]
async fn a_statement_that_failed_in_an_item_is_mended_by_undoing_the_item() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let written = store.write(1, |unit: &mut Unit| {
        put(unit, 1, "first")?;
        assert!(unit.item(|unit| put(unit, 1, "a key that is taken")).is_err());
        put(unit, 2, "after")
    });
    written.await.expect("written");
    assert_eq!(ids(&store).await, [1, 2]);
}

#[tokio::test]
async fn a_job_that_panics_inside_an_item_is_undone_whole_and_the_writer_lives() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let outcome = store
        .write(1, |unit: &mut Unit| {
            put(unit, 1, "before")?;
            tell(unit, ALL, b"before")?;
            unit.item(|unit| {
                put(unit, 2, "inside")?;
                // Unlike panic! this prints nothing.
                std::panic::resume_unwind(Box::new("as a test"))
            })
        })
        .await
        .map(|told: canbao_store::Told<()>| told.value);
    assert_eq!(outcome, Err(StoreError::Panicked));
    assert_eq!((ids(&store).await, store.head()), (vec![], 0));
    store.write(1, |unit: &mut Unit| put(unit, 3, "after")).await.expect("written");
    assert_eq!(ids(&store).await, [3]);
}

#[tokio::test]
async fn parameters_are_bound_by_number_reversed_and_repeated() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let insert = |unit: &mut Unit| {
        unit.execute("INSERT INTO note (text, id) VALUES ($2 || $2, $1)", params![7, "twice"])
    };
    store.write(1, insert).await.expect("written");
    assert_eq!(notes(&store).await, [(7, "twicetwice".to_owned())]);
    let found = store.read(|view| {
        view.query_one(
            "SELECT id FROM note WHERE text = $3 AND $2 = 2 AND id = $1 AND $1 = id",
            params![7, 2, "twicetwice"],
            |row| row.int(0),
        )
    });
    assert_eq!(found.await, Ok(Some(7)));
}

#[tokio::test]
async fn too_few_parameters_are_refused() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let insert = |unit: &mut Unit| unit.execute("INSERT INTO note (id, text) VALUES ($1, $2)", params![7]);
    assert!(matches!(store.write(1, insert).await, Err(StoreError::Sql { .. })));
}

#[tokio::test]
async fn many_rows_go_through_one_statement_and_are_counted() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let written = store.write(100, |unit: &mut Unit| {
        let rows = (1..=100).map(|id| params![id, "one of many"]);
        unit.execute_many(
            "INSERT INTO note (id, text) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            rows.clone(),
        )?;
        let rows = rows.chain([params![101, "one more"]]);
        unit.execute_many("INSERT INTO note (id, text) VALUES ($1, $2) ON CONFLICT DO NOTHING", rows)
    });
    assert_eq!(written.await.map(|told| told.value), Ok(1));
    assert_eq!(ids(&store).await.len(), 101);
}

#[tokio::test]
async fn many_rows_go_in_their_order_and_one_that_is_refused_undoes_the_item() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let written = store.write(300, |unit: &mut Unit| {
        let texts: Vec<String> = (1..=300).map(|row| row.to_string()).collect();
        let sql = "INSERT INTO note (id, text) VALUES ($1, $2)
                   ON CONFLICT (id) DO UPDATE SET text = note.text || ' ' || excluded.text";
        unit.execute_many(sql, texts.iter().map(|text| params![1, text]))?;
        let rows = (2..=300).chain([7]).chain(301..=600).map(|id| params![id, "one of many"]);
        let refused =
            unit.item(|unit| unit.execute_many("INSERT INTO note (id, text) VALUES ($1, $2)", rows.clone()));
        assert!(matches!(refused, Err(StoreError::Sql { .. })));
        put(unit, 2, "after")
    });
    written.await.expect("written");
    let all = (1..=300).map(|row| row.to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(notes(&store).await, [(1, all), (2, "after".to_owned())]);
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let written = store.write(1, |unit: &mut Unit| {
        unit.execute("CREATE TABLE kind (i BIGINT, u BIGINT, t TEXT, b BYTEA, n BYTEA)", params![])?;
        unit.execute(
            "INSERT INTO kind (i, u, t, b, n) VALUES ($1, $2, $3, $4, $5)",
            params![i64::MIN, u64::MAX, "参保", &[0u8; 16], None::<&[u8]>],
        )?;
        unit.query_one("SELECT i, u, t, b, n FROM kind", params![], |row| {
            assert_eq!(row.int(0)?, i64::MIN);
            assert_eq!(row.uint(1)?, u64::MAX);
            assert_eq!(row.text(2)?, "参保");
            assert_eq!(row.id16(3)?, [0; 16]);
            assert_eq!((row.opt_bytes(4)?, row.opt_int(4)?, row.opt_text(4)?), (None, None, None));
            assert!(matches!(row.array::<32>(3), Err(StoreError::Corrupt { .. })));
            assert!(matches!(row.int(2), Err(StoreError::Corrupt { .. })));
            assert!(matches!(row.bytes(4), Err(StoreError::Corrupt { .. })));
            assert!(matches!(row.int(5), Err(StoreError::Corrupt { .. })));
            Ok(())
        })
    });
    assert_eq!(written.await.map(|told| told.value), Ok(Some(())));
    assert_eq!(Value::from(true), Value::Int(1));
}

#[tokio::test]
async fn a_misspelt_column_in_quotes_is_an_error_and_not_text() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let found: Result<_, StoreError> =
        store.read(|view| view.query(r#"SELECT "txet" FROM note"#, params![], |row| row.text(0))).await;
    assert!(matches!(found, Err(StoreError::Sql { .. })));
}

#[tokio::test]
async fn the_recorded_instant_is_the_clock_the_store_was_given() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let recorded = store.write(1, |unit: &mut Unit| {
        tell(unit, ALL, b"now")?;
        Ok::<_, StoreError>(unit.recorded_at())
    });
    assert_eq!(recorded.await.map(|told| told.value), Ok(NOW));
    let page = store.read_log(0, 1, ALL).await.expect("a page");
    assert_eq!(page.rows[0].recorded_at, NOW);
}

#[tokio::test]
async fn a_mark_stays_until_another_is_put_in_its_place() {
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let read = async |store: &Store| store.read(|view| view.mark("key")).await;
    assert_eq!(read(&store).await, Ok::<_, StoreError>(None));
    for value in [b"one", b"two"] {
        store.write(1, |unit: &mut Unit| unit.set_mark("key", value)).await.expect("marked");
        assert_eq!(read(&store).await, Ok(Some(value.to_vec())));
    }
    store.close().await;
    assert_eq!(read(&bench.open()).await, Ok(Some(b"two".to_vec())));
}

#[tokio::test]
async fn the_trace_of_what_is_told_is_kept_beside_it_and_not_in_the_chain() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let Some(bench) = Bench::new() else { return };
    let store = bench.open();
    let told = store.write(1, |unit: &mut Unit| {
        let kind = "canbao.test.v1.Noted";
        let event = Event { division: 141_199, kind, audience: ALL, body: b"told", trace: Some(TRACE) };
        unit.tell(&event)?;
        unit.tell(&Event { trace: None, ..event })
    });
    told.await.expect("told");
    let page = store.read_log(0, 2, ALL).await.expect("a page");
    let traces: Vec<_> = page.rows.iter().map(|row| row.trace.as_deref()).collect();
    assert_eq!(traces, [Some(TRACE), None]);
    bench.raw("UPDATE store_log SET trace = NULL");
    assert_eq!(store.verify_log().await, Ok(2));
}
