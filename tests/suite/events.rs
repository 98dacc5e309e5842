//! What one department tells reaches another exactly once, and in whatever order it comes the rows are the same.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use canbao_host::{DEPARTMENTS, Secrets, Server, Settings, StartError, listen};
use canbao_proto::{
    benefits::{GetCoverageRequest, benefits_service_client::BenefitsServiceClient},
    collection::{GetContributionDueRequest, collection_service_client::CollectionServiceClient},
    common::LogPosition,
    exchange::{Event, ReadLogRequest, event_log_service_client::EventLogServiceClient},
    registration::{GetResidentRequest, registration_service_client::RegistrationServiceClient},
    subsidy::{GetAidRequest, aid_service_client::AidServiceClient},
};
use canbao_tests::{DIVISION, Person, Running, ToldLog, YEAR, day, rows, settings};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// One real department whose three neighbours are logs that the test writes.
struct Alone {
    department: &'static str,
    channel: Channel,
    logs: BTreeMap<&'static str, ToldLog>,
    data: TempDir,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

fn make(department: &str) -> fn(&Settings, Arc<Secrets>) -> Result<Server, StartError> {
    match department {
        "registration" => canbao_registration::server,
        "collection" => canbao_collection::server,
        "subsidy" => canbao_subsidy::server,
        _ => canbao_benefits::server,
    }
}

impl Alone {
    async fn start(department: &'static str) -> Self {
        Self::start_in(department, tempfile::tempdir().unwrap()).await
    }

    async fn start_in(department: &'static str, data: TempDir) -> Self {
        let settings = settings(data.path());
        let mut logs = BTreeMap::new();
        let mut addresses: [SocketAddr; 4] = settings.addresses;
        let listener = listen(&settings, department).await.unwrap();
        for (name, address) in DEPARTMENTS.into_iter().zip(&mut addresses) {
            if name == department {
                *address = listener.local_addr().unwrap();
            } else {
                let log = ToldLog::serve().await;
                *address = log.address;
                logs.insert(name, log);
            }
        }
        let own = listener.local_addr().unwrap();
        let server = make(department)(&settings, Arc::new(Secrets::open(data.path()).unwrap())).unwrap();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(async move {
            server.run(listener, addresses, settings.limits, stopping).await.unwrap();
        });
        let channel = Endpoint::from_shared(format!("http://{own}")).unwrap().connect().await.unwrap();
        Self { department, channel, logs, data, stop, running }
    }

    /// Tells an event in a log, and waits until the department has applied it.
    async fn tell(&self, log: &str, event: &Event) {
        let position = self.logs[log].tell(event);
        let code = self.ask(vec![LogPosition { log: log.to_owned(), position }]).await;
        assert_ne!(code, Some(Code::Unavailable), "{} has not heard of {log} {position}", self.department);
    }

    /// Asks about anybody, after some positions; the code of the answer when it is not an answer.
    async fn ask(&self, after: Vec<LogPosition>) -> Option<Code> {
        let resident = Person::nth(0).reference();
        let channel = self.channel.clone();
        let (bureau, tax) = ("medical-insurance", "tax");
        let status = match self.department {
            "registration" => {
                let question = canbao::request(bureau, GetResidentRequest { after, resident });
                RegistrationServiceClient::new(channel).get_resident(question).await.err()
            }
            "collection" => {
                let division = DIVISION.to_owned();
                let question = GetContributionDueRequest { after, resident, division, cover_year: YEAR };
                CollectionServiceClient::new(channel)
                    .get_contribution_due(canbao::request(tax, question))
                    .await
                    .err()
            }
            "subsidy" => {
                let question = canbao::request(bureau, GetAidRequest { after, resident, cover_year: YEAR });
                AidServiceClient::new(channel).get_aid(question).await.err()
            }
            _ => {
                let question =
                    canbao::request(bureau, GetCoverageRequest { after, resident, on: day("2026-06-01") });
                BenefitsServiceClient::new(channel).get_coverage(question).await.err()
            }
        };
        status.map(|status| status.code())
    }

    /// Waits until a part of the department is in this state of health.
    async fn until(&self, part: &str, state: ServingStatus) {
        let question = HealthCheckRequest { service: part.to_owned() };
        let mut states = HealthClient::new(self.channel.clone()).watch(question).await.unwrap().into_inner();
        let reached = async {
            while let Some(now) = states.message().await.unwrap() {
                if now.status == state as i32 {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached)
            .await
            .unwrap_or_else(|_| panic!("{part} is not {state:?}"));
    }

    async fn stop(self) -> TempDir {
        drop(self.channel);
        self.stop.send_replace(true);
        self.running.await.unwrap();
        self.data
    }
}

/// Two residents go the whole way; what each department told, to whom, in one list: (department, log, event).
async fn story()
-> (Vec<(&'static str, &'static str, Event)>, BTreeMap<&'static str, BTreeMap<String, Vec<Vec<String>>>>) {
    let mut running = Running::start().await;
    for n in 0..2 {
        let person = Person::nth(n);
        running.player.register(person.registration("2025-11-03")).await.unwrap();
        let aid = GetAidRequest { resident: person.reference(), cover_year: YEAR, ..Default::default() };
        running.player.aid(aid).await.unwrap();
        running.player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
        let resident = person.reference();
        let question = GetCoverageRequest { resident, on: day("2026-01-01"), ..Default::default() };
        running.player.coverage(question).await.unwrap();
    }
    let mut told = Vec::new();
    for log in DEPARTMENTS {
        let mut client = EventLogServiceClient::new(running.channel(log).await);
        for (department, caller) in DEPARTMENTS.into_iter().zip([
            "service/registration",
            "service/collection",
            "service/subsidy",
            "service/benefits",
        ]) {
            let question = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0 };
            let page = client.read_log(canbao::request(caller, question)).await.unwrap().into_inner();
            told.extend(page.events.into_iter().map(|event| (department, log, event)));
        }
    }
    let data = running.stop().await;
    let rows = DEPARTMENTS.map(|department| (department, rows(data.path(), department)));
    (told, rows.into())
}

/// Every order of the items.
fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..items.len() {
        let mut rest = items.to_vec();
        let chosen = rest.remove(first);
        all.extend(permutations(&rest).into_iter().map(|mut order| {
            order.insert(0, chosen.clone());
            order
        }));
    }
    all
}

#[tokio::test]
async fn every_permutation_of_the_walkthroughs_events_gives_equal_rows() {
    let (told, walked) = story().await;
    for department in ["registration", "collection", "subsidy", "benefits"] {
        let events: Vec<_> =
            told.iter().filter(|(to, log, _)| *to == department && log != to).cloned().collect();
        let reads: Vec<_> =
            events.iter().filter(|(_, log, _)| read_by(department).contains(log)).cloned().collect();
        assert!(reads.len() >= 2, "{department} hears of both residents");
        let mut outcomes: Vec<BTreeMap<String, Vec<Vec<String>>>> = Vec::new();
        for order in permutations(&reads) {
            let alone = Alone::start(department).await;
            for (_, log, event) in &order {
                alone.tell(log, event).await;
            }
            let data = alone.stop().await;
            outcomes.push(rows(data.path(), department));
        }
        assert!(
            outcomes.windows(2).all(|pair| pair[0] == pair[1]),
            "{department}: the order shows in the rows"
        );
        for (table, rows) in told_tables(department, &outcomes[0]) {
            assert!(!rows.is_empty(), "{department}: {table} stays empty whatever is told");
            assert_eq!(
                rows, &walked[department][table],
                "{department}: {table} is not as in the walkthrough"
            );
        }
    }
}

fn read_by(department: &str) -> &'static [&'static str] {
    match department {
        "registration" => &["collection", "benefits"],
        "collection" => &["registration", "subsidy"],
        "subsidy" => &["registration"],
        _ => &["registration", "collection"],
    }
}

/// The tables that the others' events alone fill.
fn told_tables<'a>(
    department: &str,
    rows: &'a BTreeMap<String, Vec<Vec<String>>>,
) -> impl Iterator<Item = (&'a str, &'a Vec<Vec<String>>)> {
    let own: &[&str] = match department {
        "registration" => &["resident", "registration"],
        "collection" => &["payment", "posting", "settled"],
        _ => &[],
    };
    rows.iter().map(|(table, rows)| (table.as_str(), rows)).filter(move |(table, _)| !own.contains(table))
}

#[tokio::test]
async fn an_unreadable_event_stops_its_log_and_nothing_else() {
    let (told, _) = story().await;
    let find = |log: &str, to: &str| {
        let found = told.iter().find(|(department, from, _)| *department == to && *from == log);
        found.map(|(_, _, event)| event.clone()).unwrap()
    };
    let registered = find("registration", "benefits");
    let settled = find("collection", "benefits");
    let broken = Event { body: b"not a message".to_vec(), ..registered.clone() };

    let alone = Alone::start("benefits").await;
    alone.tell("registration", &registered).await;
    alone.until("canbao.follow.registration", ServingStatus::Serving).await;
    let position = alone.logs["registration"].tell(&broken);
    let after = vec![LogPosition { log: "registration".to_owned(), position }];
    assert_eq!(
        alone.ask(after).await,
        Some(Code::Unavailable),
        "what stands after it is never taken as applied"
    );
    alone.until("canbao.follow.registration", ServingStatus::NotServing).await;

    alone.tell("collection", &settled).await;
    alone.until("canbao.follow.collection", ServingStatus::Serving).await;
    alone.until("", ServingStatus::Serving).await;
    // This folder has a key of its own, under which nobody has the number asked about: an answer all the same.
    assert_eq!(alone.ask(Vec::new()).await, Some(Code::FailedPrecondition), "and answers");
    let data = alone.stop().await;
    assert_eq!(cursor(data.path(), "registration"), position - 1, "neither skipped nor advanced");
    assert_eq!(cursor(data.path(), "collection"), 1);
}

fn cursor(data: &Path, log: &str) -> u64 {
    let sql = format!("SELECT position FROM store_cursor WHERE log = '{log}'");
    canbao_tests::count(data, "benefits", &sql) as u64
}

#[tokio::test]
async fn a_reader_that_stops_in_between_goes_on_where_it_stood_and_applies_nothing_twice() {
    let (told, walked) = story().await;
    let events: Vec<_> = told
        .iter()
        .filter(|(to, log, _)| *to == "benefits" && read_by("benefits").contains(log))
        .cloned()
        .collect();
    let mut data = tempfile::tempdir().unwrap();
    let mut applied: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for (_, log, event) in &events {
        let alone = Alone::start_in("benefits", data).await;
        for (log, events) in &applied {
            for event in events {
                alone.logs[log].tell(event);
            }
        }
        alone.tell(log, event).await;
        applied.entry(log).or_default().push(event.clone());
        data = alone.stop().await;
    }
    assert_eq!(rows(data.path(), "benefits"), walked["benefits"]);
    let told = canbao_tests::count(data.path(), "benefits", "SELECT COUNT(*) FROM store_log");
    assert_eq!(told, 2, "each benefit period is told once");
}
