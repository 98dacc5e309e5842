//! A COMMIT that took effect, and whose answer was lost on the way.

use super::bench::{ALL, Bench, ids, put, tell, until};
use super::ledger::{note, told};
use canbao_store::{Role, Seen, Store, StoreError, Unit};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering::SeqCst};
use std::thread;

/// All that comes is passed on.
const PASS: u8 = 0;
/// The next answer to a COMMIT is kept back, and the connection ends.
const CUT: u8 = 1;
/// The next answer to a COMMIT is kept back, and so is all that would follow.
const SILENCE: u8 = 2;

/// A line to the server on which an answer can be lost.
struct Line {
    port: u16,
    fault: Arc<AtomicU8>,
}

impl Line {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let fault = Arc::new(AtomicU8::new(PASS));
        let known = Arc::clone(&fault);
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { return };
                let (from, to) =
                    (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
                thread::spawn(move || pass(from, to, &AtomicU8::new(PASS)));
                let known = Arc::clone(&known);
                thread::spawn(move || pass(server, client, &known));
            }
        });
        Self { port, fault }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, fault: &AtomicU8) {
    let mut buffer = [0; 65_536];
    let mut silent = false;
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let commits = || buffer[..length].windows(7).any(|tag| tag == b"COMMIT\0");
        if fault.load(SeqCst) != PASS && commits() {
            silent = true;
            if fault.swap(PASS, SeqCst) == CUT {
                break;
            }
        }
        if !silent && to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}

/// What a department does: note a sum once, and answer with its position.
fn once(unit: &mut Unit, runs: &AtomicI64) -> Result<Vec<u8>, StoreError> {
    let (caller, id, digest) = ("channel/bank", [7; 16], [8; 32]);
    match unit.request(caller, &id, &digest)? {
        Seen::Repeated(answer) => Ok(answer),
        Seen::OtherContent => Err(StoreError::Closed),
        Seen::First => {
            runs.fetch_add(1, SeqCst);
            put(unit, 2, "once")?;
            let answer = tell(unit, ALL, &2_i64.to_be_bytes())?.to_be_bytes().to_vec();
            unit.answer(caller, &id, &digest, &answer)?;
            Ok(answer)
        }
    }
}

async fn shown(fault: u8) {
    let Some(bench) = Bench::new() else { return };
    let line = Line::to(bench.cluster.port());
    let place = format!("postgres://postgres@127.0.0.1:{}/{}", line.port, bench.database);
    let store = Store::open(Bench::options_at(place)).expect("a store");
    assert_eq!(note(&store, 1).await, Ok(1));
    let runs = Arc::new(AtomicI64::new(0));
    let send = || {
        let runs = Arc::clone(&runs);
        store.write(1, move |unit: &mut Unit| once(unit, &runs))
    };
    line.fault.store(fault, SeqCst);
    assert_eq!(send().await.map(|told| told.value), Err(StoreError::Unknown));
    assert_eq!(line.fault.load(SeqCst), PASS, "an answer was kept back");
    until(&store, Role::Writer);
    // Who follows the log hears of what took effect, though nobody was told that it had.
    assert_eq!(store.head(), 2);
    assert_eq!((ids(&store).await, runs.load(SeqCst)), (vec![1, 2], 1), "there, and not run again");

    assert_eq!(send().await.map(|told| told.value), Ok(2u64.to_be_bytes().to_vec()));
    assert_eq!((ids(&store).await, runs.load(SeqCst)), (vec![1, 2], 1), "answered, and not done again");
    assert_eq!(told(&store).await, [1, 2]);
}

#[tokio::test]
async fn a_commit_that_took_effect_on_a_connection_that_broke_is_answered_when_it_is_sent_again() {
    shown(CUT).await;
}

#[tokio::test]
async fn a_commit_that_took_effect_and_was_never_answered_is_unknown_in_the_end_and_answered_when_it_is_sent_again()
 {
    shown(SILENCE).await;
}
