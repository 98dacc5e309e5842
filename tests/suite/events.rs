//! What one department tells reaches another exactly once, and in whatever order it comes the rows are the same.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use canbao::Player;
use canbao_host::{Address, DEPARTMENTS, Installation, MakeServer, listen};
use canbao_proto::{
    benefits::{GetCoverageRequest, benefits_service_client::BenefitsServiceClient},
    collection::{GetContributionDueRequest, collection_service_client::CollectionServiceClient},
    common::LogPosition,
    exchange::{Event, ReadLogRequest, event_log_service_client::EventLogServiceClient},
    registration::{
        AssessLatePaymentRequest, Cover, CoverLine, EndCause, EndRegistrationRequest, GetResidentRequest,
        RecordCoverRequest, Scheme, registration_service_client::RegistrationServiceClient,
    },
    subsidy::{ConfirmRosterRequest, GetAidRequest, aid_service_client::AidServiceClient},
};
use canbao_tests::{DIVISION, Home, Person, Running, ToldLog, YEAR, day, rows};
use canbao_types::RequestId;
use tokio::{sync::watch, task::JoinHandle};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// One real department whose three neighbours are logs that the test writes.
pub(crate) struct Alone {
    department: &'static str,
    channel: Channel,
    logs: BTreeMap<&'static str, ToldLog>,
    data: Home,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

fn make(department: &str) -> MakeServer {
    match department {
        "registration" => canbao_registration::server,
        "collection" => canbao_collection::server,
        "subsidy" => canbao_subsidy::server,
        _ => canbao_benefits::server,
    }
}

impl Alone {
    async fn start(department: &'static str) -> Self {
        Self::start_in(department, Home::fresh()).await
    }

    pub(crate) async fn start_in(department: &'static str, data: Home) -> Self {
        let settings = data.settings();
        let mut logs = BTreeMap::new();
        let listener = listen(&settings, department).await.unwrap();
        let own = listener.local_addr().unwrap();
        let mut addresses = [own; 4];
        for (name, address) in DEPARTMENTS.into_iter().zip(&mut addresses) {
            if name != department {
                let log = ToldLog::serve().await;
                *address = log.address;
                logs.insert(name, log);
            }
        }
        let installation = Arc::new(Installation::open(settings).unwrap());
        let server = make(department)(&installation).unwrap();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(async move {
            server.run(listener, addresses.map(Address::from), stopping).await.unwrap();
        });
        let channel = Endpoint::from_shared(format!("http://{own}")).unwrap().connect().await.unwrap();
        Self { department, channel, logs, data, stop, running }
    }

    /// Tells an event in a log, and waits until the department has applied it.
    pub(crate) async fn tell(&self, log: &str, event: &Event) {
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
                let question = GetContributionDueRequest {
                    after,
                    resident,
                    division,
                    cover_year: YEAR,
                    ..Default::default()
                };
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

    pub(crate) async fn stop(self) -> Home {
        drop(self.channel);
        self.stop.send_replace(true);
        self.running.await.unwrap();
        self.data
    }
}

/// What happens to one resident, so that every department hears of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Story {
    /// Registered, and pays.
    Paid,
    /// On a roster, confirmed, and owes nothing: the confirmation settles it.
    Confirmed,
    /// Pays, is recognised afterwards, and is given the aid back.
    RecognisedLater,
    /// Pays late what was assessed, and ends up in the employee scheme.
    Late,
    /// Insured from birth by the registration alone.
    Newborn,
    /// Registered, and the registration ends.
    Ended,
}

pub(crate) const STORIES: [Story; 6] =
    [Story::Paid, Story::Confirmed, Story::RecognisedLater, Story::Late, Story::Newborn, Story::Ended];

/// An event that a log told a department: (department, log, event).
pub(crate) type Heard = (&'static str, &'static str, Event);

/// Rows by department and table.
pub(crate) type Rows = BTreeMap<&'static str, BTreeMap<String, Vec<Vec<String>>>>;

/// Plays a story in the four departments; what each department told, to whom, and the rows at the end.
pub(crate) async fn told(story: Story) -> (Vec<Heard>, Rows) {
    let mut running = Running::start().await;
    let person = match story {
        Story::Newborn => Person::born("20260601", 1),
        _ => Person::nth(0),
    };
    play(story, &person, &mut running.player).await;
    running.player.catch_up(DIVISION, YEAR).await.unwrap();
    let mut told = Vec::new();
    for log in DEPARTMENTS {
        let mut client = EventLogServiceClient::new(running.channel(log).await);
        for (department, caller) in DEPARTMENTS.into_iter().zip([
            "service/registration",
            "service/collection",
            "service/subsidy",
            "service/benefits",
        ]) {
            let question =
                ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
            let page = client.read_log(canbao::request(caller, question)).await.unwrap().into_inner();
            told.extend(page.events.into_iter().map(|event| (department, log, event)));
        }
    }
    let data = running.stop().await;
    let rows = DEPARTMENTS.map(|department| (department, rows(data.path(), department)));
    (told, rows.into())
}

async fn play(story: Story, person: &Person, player: &mut Player) {
    let on = if matches!(story, Story::Newborn) { "2026-06-10" } else { "2025-11-03" };
    player.register(person.registration(on)).await.unwrap();
    match story {
        Story::Paid => drop(player.pay(person.payment("400.00", "2025-11-10")).await.unwrap()),
        Story::Confirmed => recognise(player, person, "特困人员", "2025-11-10").await,
        Story::RecognisedLater => {
            player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
            recognise(player, person, "低保对象", "2025-12-10").await;
        }
        Story::Late => {
            let (request_id, resident) = (RequestId::new().to_string(), person.reference());
            let (division, cover_year) = (DIVISION.to_owned(), YEAR);
            let assessed_on = day("2026-03-04");
            let assess = AssessLatePaymentRequest {
                request_id,
                resident,
                division,
                cover_year,
                assessed_on,
                ..Default::default()
            };
            player.assess(assess).await.unwrap();
            player.pay(person.payment("1100.00", "2026-03-05")).await.unwrap();
            let cover =
                Cover { scheme: Scheme::Employee.into(), from: day("2026-06-15"), ..Cover::default() };
            let record = RecordCoverRequest {
                request_id: RequestId::new().to_string(),
                division: DIVISION.to_owned(),
                recorded_on: day("2026-06-20"),
                lines: vec![CoverLine { document: Some(person.document()), cover: Some(cover) }],
                declared_count: 1,
                ..RecordCoverRequest::default()
            };
            player.record_cover(record).await.unwrap();
        }
        Story::Newborn => {}
        Story::Ended => {
            let end = EndRegistrationRequest {
                request_id: RequestId::new().to_string(),
                resident: person.reference(),
                division: DIVISION.to_owned(),
                cover_year: YEAR,
                ended_on: day("2025-12-01"),
                cause: EndCause::Deceased.into(),
                ..EndRegistrationRequest::default()
            };
            player.end_registration(end).await.unwrap();
        }
    }
}

/// Civil affairs lists the person under an identity, and medical insurance confirms it on the same day.
async fn recognise(player: &mut Player, person: &Person, identity: &str, on: &str) {
    let submit = person.roster(identity, on, on);
    let roster_id = player.submit_roster("civil-affairs", submit).await.unwrap().roster_id;
    let confirm = ConfirmRosterRequest {
        request_id: RequestId::new().to_string(),
        roster_id,
        confirmed_on: day(on),
        ..ConfirmRosterRequest::default()
    };
    player.confirm_roster(confirm).await.unwrap();
}

/// Every order in which logs can be read together: each log keeps its own.
fn interleavings(logs: &[Vec<Heard>]) -> Vec<Vec<Heard>> {
    if logs.iter().all(Vec::is_empty) {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, log) in logs.iter().enumerate().filter(|(_, log)| !log.is_empty()) {
        let mut rest = logs.to_vec();
        rest[at] = log[1..].to_vec();
        all.extend(interleavings(&rest).into_iter().map(|order| [&log[..1], &order[..]].concat()));
    }
    all
}

pub(crate) fn heard_by(department: &str, told: &[Heard]) -> Vec<Heard> {
    told.iter().filter(|(to, log, _)| *to == department && log != to).cloned().collect()
}

#[tokio::test]
async fn in_whatever_order_the_logs_of_a_story_are_read_the_rows_are_equal() {
    let mut orders = 0;
    for story in STORIES {
        let (told, walked) = told(story).await;
        for department in DEPARTMENTS {
            let heard = heard_by(department, &told);
            let logs: Vec<Vec<Heard>> = DEPARTMENTS
                .iter()
                .map(|log| heard.iter().filter(|(_, from, _)| from == log).cloned().collect())
                .collect();
            let mut first: Option<BTreeMap<String, Vec<Vec<String>>>> = None;
            for order in interleavings(&logs) {
                let alone = Alone::start(department).await;
                for (_, log, event) in &order {
                    alone.tell(log, event).await;
                }
                let data = alone.stop().await;
                let found = rows(data.path(), department);
                let said: Vec<_> = order.iter().map(|(_, _, event)| event.kind.as_str()).collect();
                assert_eq!(
                    first.get_or_insert_with(|| found.clone()),
                    &found,
                    "{story:?}: {department} hears {said:?}"
                );
                orders += 1;
            }
            // Benefits writes nothing of its own: what it is told is all there is.
            if department == "benefits" {
                assert_eq!(first.as_ref(), Some(&walked[department]), "{story:?}: {department}");
            }
        }
    }
    assert!(orders > 50, "only {orders} orders");
}

#[tokio::test]
async fn an_unreadable_event_stops_its_log_and_nothing_else() {
    let (told, _) = told(Story::Paid).await;
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
    let (told, walked) = told(Story::Paid).await;
    let events = heard_by("benefits", &told);
    let mut data = Home::fresh();
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
    assert!(told >= 1, "the benefit period is told");
}
