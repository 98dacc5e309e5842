//! The suite is killed under load, again and again; the client's own journal decides what was promised.

use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use canbao::Player;
use canbao_proto::{
    collection::PayContributionRequest, common::LogPosition, registration::RegisterResidentRequest,
};
use canbao_tests::{Home, Outcome, Person, Process, Sent, answered_again, count};
use tokio::task::JoinSet;

const KILLS: u32 = 50;
const CLIENTS: u32 = 8;
/// Clients that are not answered by then never will be.
const PATIENCE: Duration = Duration::from_secs(30);

/// Registers and pays for one person after the other, and tries to pay the wrong amount in between, until the suite is
/// gone; gives the journal.
async fn load(addresses: [SocketAddr; 4], people: Arc<AtomicU32>) -> Vec<(Sent, Outcome)> {
    let mut journal = Vec::new();
    let Ok(mut player) = Player::connect(addresses).await else { return journal };
    loop {
        let person = Person::nth(people.fetch_add(1, Ordering::Relaxed));
        // The player adds what it has heard of to a request that names nothing; this one is to stay the same to the byte.
        let after = vec![LogPosition { log: "registration".to_owned(), position: 0 }];
        let register = RegisterResidentRequest { after, ..person.registration("2025-11-03") };
        let register = Sent::Register(register);
        let registered = register.send(&mut player).await;
        journal.push((register, registered.clone()));
        if !matches!(registered, Outcome::Done(_)) {
            return journal;
        }
        for yuan in ["399.00", "400.00"] {
            let pay = PayContributionRequest { after: player.told(), ..person.payment(yuan, "2025-11-10") };
            let pay = Sent::Pay(pay);
            let paid = pay.send(&mut player).await;
            journal.push((pay, paid.clone()));
            if paid == Outcome::Unknown {
                return journal;
            }
        }
    }
}

async fn start(home: &Home, addresses: [SocketAddr; 4]) -> Process {
    let mut flags = home.flags();
    flags.push("--clock=2026-06-30T09:00+08:00".to_owned());
    flags.extend(canbao_host::DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    let mut process = Process::start("canbao", &flags.iter().map(String::as_str).collect::<Vec<_>>());
    for address in addresses {
        process.ready(address).await;
    }
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_fifty_times_nothing_acknowledged_is_lost_and_nothing_refused_has_an_effect() {
    killed_under_load(Home::fresh(), KILLS).await;
}

/// Kills the suite so many times under load, and holds what it keeps against what it has answered.
pub(crate) async fn killed_under_load(home: Home, kills: u32) {
    let addresses = Process::free_addresses();
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("seed {seed}");
    let people = Arc::new(AtomicU32::new(0));
    let mut journal: Vec<(Sent, Outcome)> = Vec::new();
    let mut unknown = 0;
    let mut process = start(&home, addresses).await;
    for _ in 0..kills {
        let (mut clients, begun) = (JoinSet::new(), people.load(Ordering::Relaxed));
        (0..CLIENTS).for_each(|_| drop(clients.spawn(load(addresses, people.clone()))));
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // However slow the machine, there is work before the kill …
        let at_work = async {
            while people.load(Ordering::Relaxed) < begun + CLIENTS + 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, at_work).await.expect("the clients are answered");
        // … which falls anywhere in it; this is what is tested, not a wait for something to happen.
        tokio::time::sleep(Duration::from_micros(20_000 + (seed >> 33) % 180_000)).await;
        process.kill();
        let round = clients.join_all().await.into_iter().flatten().collect::<Vec<_>>();

        process = start(&home, addresses).await;
        let mut player = Player::connect(addresses).await.unwrap();
        for (sent, outcome) in round {
            let again = sent.settle(&mut player).await;
            assert_ne!(again, Outcome::Unknown, "{sent:?}");
            if outcome == Outcome::Unknown {
                unknown += 1;
            } else {
                assert!(
                    outcome.again(&again),
                    "another answer after the kill: {sent:?}: {outcome:?}, {again:?}"
                );
            }
            journal.push((sent, again));
        }
    }
    let mut player = Player::connect(addresses).await.unwrap();
    answered_again(journal.iter().map(|(sent, outcome)| (sent, outcome)), &mut player).await;
    drop(player);
    assert!(process.stop().success());
    let (done, refused) = compare(&home, &journal);
    eprintln!("{done} acknowledged, {refused} refused, {unknown} were unknown at a kill");
    assert!(
        done > 2 * i64::from(kills) && refused > i64::from(kills) && unknown > 0,
        "there was load, and the kills fell into it"
    );
}

/// Compares the journal with the databases; how many requests were done and refused.
pub(crate) fn compare(data: &Home, journal: &[(Sent, Outcome)]) -> (i64, i64) {
    let done = |pay| {
        journal.iter().filter(move |(sent, outcome)| {
            matches!(sent, Sent::Pay(_)) == pay && matches!(outcome, Outcome::Done(_))
        })
    };
    let (residents, payments) = (done(false).count() as i64, done(true).count() as i64);
    assert_eq!(count(data, "registration", "SELECT COUNT(*) FROM resident"), residents);
    assert_eq!(count(data, "registration", "SELECT COUNT(*) FROM registration"), residents);
    for table in ["payment", "settled"] {
        assert_eq!(count(data, "collection", &format!("SELECT COUNT(*) FROM {table}")), payments, "{table}");
    }
    assert_eq!(count(data, "collection", "SELECT SUM(fen) FROM posting"), 0, "the ledger adds up to zero");
    let paid = "SELECT SUM(fen) FROM posting WHERE account LIKE 'channel/%'";
    assert_eq!(
        count(data, "collection", paid),
        payments * 40_000,
        "every fen that was acknowledged, and no other"
    );

    let transactions = |outcome: fn(&Outcome) -> bool| -> BTreeSet<String> {
        let chosen = journal.iter().filter_map(|(sent, came)| match sent {
            Sent::Pay(pay) if outcome(came) => Some(pay.channel_transaction_id.clone()),
            _ => None,
        });
        chosen.collect()
    };
    let written: BTreeSet<String> =
        canbao_tests::texts(data, "collection", "SELECT channel_transaction_id FROM payment")
            .into_iter()
            .collect();
    assert_eq!(written, transactions(|outcome| matches!(outcome, Outcome::Done(_))));
    let refused = transactions(|outcome| matches!(outcome, Outcome::Refused(_)));
    if data.database().is_none() {
        let traces = ids_in_files(data.path());
        assert!(written.is_subset(&traces), "what was written is found in this way");
        assert_eq!(refused.intersection(&traces).next(), None, "a refused transaction left a trace");
    }
    (residents + payments, refused.len() as i64)
}

/// Every hyphenated id that stands in a file of the suite, also in pages that no table has any more.
fn ids_in_files(data: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in fs::read_dir(data).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let ids = bytes.windows(36).filter(|window| [8, 13, 18, 23].iter().all(|&at| window[at] == b'-'));
        found.extend(ids.filter_map(|id| str::from_utf8(id).ok()).map(str::to_owned));
    }
    found
}
