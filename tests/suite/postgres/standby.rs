//! Two processes of one department on one database: one writes, the other stands by and takes over.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use canbao::Player;
use canbao_collection::MIGRATIONS;
use canbao_host::DEPARTMENTS;
use canbao_proto::{
    collection::{
        GetContributionDueRequest, PayContributionRequest, collection_service_client::CollectionServiceClient,
    },
    common::LogPosition,
    refusal,
};
use canbao_store::{Options, Place, PostgresPlace, Store};
use canbao_tests::{DIVISION, Home, Outcome, Person, Process, YEAR, answered_again, count};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::load::Load;
use crate::crash::compare;

/// What stands in front of several processes of a department: a connection goes to the one that says that it writes.
struct Balancer {
    address: SocketAddr,
    forwarding: JoinHandle<()>,
}

impl Balancer {
    async fn before(processes: [SocketAddr; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let forwarding = tokio::spawn(async move {
            while let Ok((mut asked, _)) = listener.accept().await {
                tokio::spawn(async move {
                    for process in processes {
                        if writes(process).await
                            && let Ok(mut answering) = TcpStream::connect(process).await
                        {
                            // Whoever is killed ends the connection; the next one goes elsewhere.
                            drop(copy_bidirectional(&mut asked, &mut answering).await);
                            return;
                        }
                    }
                });
            }
        });
        Self { address, forwarding }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.forwarding.abort();
    }
}

fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect_timeout(Duration::from_secs(1)).timeout(Duration::from_secs(5)).connect_lazy()
}

async fn writes(process: SocketAddr) -> bool {
    let question = HealthCheckRequest { service: "canbao.writer".to_owned() };
    let answer = HealthClient::new(channel(process)).check(question).await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

/// Collection twice, the others once; everybody finds collection behind the balancer.
struct Doubled {
    home: Home,
    /// What everybody is told.
    addresses: [SocketAddr; 4],
    /// Where the two processes of collection are.
    places: [SocketAddr; 2],
    pair: [Process; 2],
    others: Vec<Process>,
    _balancer: Balancer,
}

impl Doubled {
    async fn start(home: Home) -> Self {
        let [registration, first, subsidy, benefits] = Process::free_addresses();
        let places = [first, Process::free_addresses()[0]];
        let balancer = Balancer::before(places).await;
        let addresses = [registration, balancer.address, subsidy, benefits];
        let pair = places.map(|place| department("collection", &home, addresses, Some(place)));
        let names = DEPARTMENTS.iter().filter(|name| **name != "collection");
        let others = names.map(|name| department(name, &home, addresses, None)).collect();
        let mut doubled = Self { home, addresses, places, pair, others, _balancer: balancer };
        for (process, place) in doubled.pair.iter_mut().zip(places) {
            process.ready(place).await;
        }
        for (process, place) in doubled.others.iter_mut().zip([registration, subsidy, benefits]) {
            process.ready(place).await;
        }
        doubled
    }

    /// Which of the two writes; waits until one does.
    async fn writer(&self) -> usize {
        let found = async {
            loop {
                for (at, place) in self.places.into_iter().enumerate() {
                    if writes(place).await {
                        return at;
                    }
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), found).await.expect("one of the two writes")
    }
}

fn department(
    name: &'static str,
    home: &Home,
    addresses: [SocketAddr; 4],
    listen: Option<SocketAddr>,
) -> Process {
    let mut more = vec!["--clock=2026-06-30T09:00+08:00".to_owned()];
    more.extend(home.database().map(|database| format!("--database={database}")));
    more.extend(listen.map(|listen| format!("--listen={listen}")));
    let more: Vec<_> = more.iter().map(String::as_str).collect();
    Process::department(name, home.path(), addresses, &more)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stands_by_takes_over_from_the_one_killed_and_nothing_acknowledged_is_lost_or_done_twice() {
    let Some(home) = Home::on_postgres("a standby that takes over").await else { return };
    let mut doubled = Doubled::start(home).await;
    let load = Load::start(6, doubled.addresses, &Arc::new(AtomicU32::new(0)));
    for _ in 0..3 {
        load.paid(30).await;
        let writer = doubled.writer().await;
        doubled.pair[writer].kill();
        load.paid(30).await;
        assert_eq!(doubled.writer().await, 1 - writer);
        let place = doubled.places[writer];
        doubled.pair[writer] = department("collection", &doubled.home, doubled.addresses, Some(place));
        doubled.pair[writer].ready(place).await;
        assert!(!writes(place).await, "it stands by now");
    }
    let journal = load.stop().await;

    let mut player = Player::connect(doubled.addresses).await.unwrap();
    answered_again(journal.iter().map(|(sent, _, last)| (sent, last)), &mut player).await;
    let unknown = journal.iter().filter(|(_, first, _)| *first == Outcome::Unknown).count();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    drop(player);
    let Doubled { home, pair, others, .. } = doubled;
    for process in others.into_iter().chain(pair) {
        assert!(process.stop().success(), "a drain without trouble");
    }
    let settled: Vec<_> = journal.into_iter().map(|(sent, _, last)| (sent, last)).collect();
    let (done, refused) = compare(&home, &settled);
    eprintln!("{done} acknowledged, {refused} refused, {unknown} were unknown at first");
    assert!(done > 200 && unknown > 0, "there was load, and the kills fell into it");
    let periods = count(&home, "benefits", "SELECT COUNT(*) FROM period");
    assert_eq!(
        periods,
        count(&home, "collection", "SELECT COUNT(*) FROM settled"),
        "benefits went on reading"
    );
    let rows = count(&home, "collection", "SELECT COUNT(*) FROM store_log");
    assert_eq!(rows, count(&home, "collection", "SELECT MAX(position) FROM store_log"), "no gap");
    assert_eq!(verified(&home).await, rows as u64, "the chain is whole");
}

/// Looks through collection's log; its last position.
async fn verified(home: &Home) -> u64 {
    let url = home.seen_from("collection");
    let store = Store::open(Options {
        place: Place::Postgres(PostgresPlace { url, password: None, authority: None }),
        name: "collection".to_owned(),
        migrations: MIGRATIONS,
        clock: Arc::new(|| 0),
        queue_items: 1,
        watch: None,
    });
    let store = store.unwrap();
    let head = store.verify_log().await.unwrap();
    store.close().await;
    head
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stands_by_answers_questions_and_refuses_to_write_without_effect() {
    let Some(home) = Home::on_postgres("a standby that reads").await else { return };
    let doubled = Doubled::start(home).await;
    let writer = doubled.writer().await;
    let mut player = Player::connect(doubled.addresses).await.unwrap();
    let person = Person::nth(0);
    let registered = player.register(person.registration("2025-11-03")).await.unwrap();
    // Whoever started before registration looks for it again after a while.
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let paid = player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();

    let mut beside = CollectionServiceClient::new(channel(doubled.places[1 - writer]));
    let due = GetContributionDueRequest {
        after: [registered.position, paid.position].into_iter().flatten().collect(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ..Default::default()
    };
    let answered = async {
        loop {
            match beside.get_contribution_due(canbao::request("tax", due.clone())).await {
                Ok(answer) => return answer.into_inner(),
                Err(behind) => assert_eq!(behind.code(), Code::Unavailable, "{behind}"),
            }
        }
    };
    let due = tokio::time::timeout(Duration::from_secs(30), answered).await.expect("it hears of it");
    assert!(due.contribution.unwrap().settled, "it reads what the other wrote");

    let after = vec![LogPosition { log: "registration".to_owned(), position: 0 }];
    let pay = PayContributionRequest { after, ..Person::nth(1).payment("400.00", "2025-11-10") };
    let refused = beside.pay_contribution(canbao::request("tax", pay)).await.unwrap_err();
    let told = refusal::read(&refused).unwrap();
    assert_eq!((refused.code(), told.reason.as_str()), (Code::Unavailable, "STANDBY"));
    assert!(told.message.contains("待命"), "{}", told.message);
    drop(player);
    let Doubled { home, pair, others, .. } = doubled;
    for process in others.into_iter().chain(pair) {
        assert!(process.stop().success(), "a drain without trouble");
    }
    assert_eq!(count(&home, "collection", "SELECT COUNT(*) FROM payment"), 1);
}
