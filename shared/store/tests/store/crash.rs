//! Another process: it holds the lock, writes, and is killed.

use super::bench::{ALL, Bench, ids, put, tell, until};
use canbao_store::{Options, Role, Store, StoreError, Unit};
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, thread};

/// Where the child process has its store; unset in the test itself.
pub const PLACE: &str = "CANBAO_STORE_CRASH_PLACE";

/// Writes until it is killed, and says what was acknowledged.
pub async fn write_for_ever(options: Options) {
    let store = Store::open(options).expect("a store");
    until(&store, Role::Writer);
    let first = ids(&store).await.last().map_or(1, |last| last + 1);
    let mut out = std::io::stdout();
    for from in (first..).step_by(8) {
        let group: Vec<_> = (from..from + 8)
            .map(|id| {
                store.write(1, move |unit: &mut Unit| {
                    put(unit, id, "acknowledged")?;
                    tell(unit, ALL, &id.to_be_bytes())?;
                    Ok::<_, StoreError>(id)
                })
            })
            .collect();
        for job in group {
            let id = job.await.expect("written").value;
            writeln!(out, "acknowledged {id}").expect("the journal");
        }
    }
}

/// This test once more, in a process of its own, and what it says.
pub fn child(bench: &Bench) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", thread::current().name().expect("a test's thread"), "--nocapture"])
        .env(PLACE, bench.place())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let journal = BufReader::new(child.stdout.take().expect("its output")).lines();
    (child, journal)
}

pub fn acknowledged(line: &str) -> Option<i64> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    if let Ok(place) = env::var(PLACE) {
        return write_for_ever(Bench::options_at(place)).await;
    }
    let Some(bench) = Bench::new() else { return };
    let mut last = 0;
    for kill in 1..=5 {
        let (mut child, mut journal) = child(&bench);
        let lines = journal.by_ref().map(|line| line.expect("a line"));
        let acked: Vec<i64> = lines.filter_map(|line| acknowledged(&line)).take(kill * 37).collect();
        bench.assert_taken().await;
        child.kill().expect("killed");
        child.wait().expect("gone");
        // What it acknowledged in its last moments.
        let rest = journal.map_while(Result::ok);
        last = rest.filter_map(|line| acknowledged(&line)).chain(acked).max().unwrap_or(last);

        let store = bench.open();
        let kept = ids(&store).await;
        assert!(kept.len() as i64 >= last, "{} rows of {last} acknowledged", kept.len());
        assert_eq!(kept, (1..=kept.len() as i64).collect::<Vec<_>>());
        assert_eq!(store.verify_log().await, Ok(kept.len() as u64));
        store.close().await;
    }
}
