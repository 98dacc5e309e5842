//! Registration over the wire, with three neighbours that the test speaks for.

use std::{collections::BTreeMap, sync::Arc};

use canbao_host::{Address, DEPARTMENTS, Installation, listen};
use canbao_proto::{
    common::{DocumentKind, IdentityDocument, LogPosition, ResidentReference, resident_reference::Reference},
    exchange::{Event, ReadLogRequest, event_log_service_client::EventLogServiceClient},
    refusal::{self, Told},
    registration::{registration_service_client::RegistrationServiceClient, *},
    rules,
};
use canbao_tests::{DIVISION, Person, ToldLog, YEAR, day, settings};
use canbao_types::RequestId;
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use tonic::{Code, Status, transport::Channel};

#[path = "registering/cover.rs"]
mod cover;
#[path = "registering/late.rs"]
mod late;
#[path = "registering/lists.rs"]
mod lists;
#[path = "registering/moves.rs"]
mod moves;
#[path = "registering/rosters.rs"]
mod rosters;

/// A division without a place, governed by [`NOTICE`]: everybody may take part, and nobody has to be asked.
const ELSEWHERE: &str = "141199";
const NOTICE: &str = include_str!("refusals/141199-2026.toml");

/// The bureau, which may call everything here.
const BUREAU: &str = "medical-insurance";

/// Registration alone.
struct Office {
    registration: RegistrationServiceClient<Channel>,
    log: EventLogServiceClient<Channel>,
    logs: BTreeMap<&'static str, ToldLog>,
    /// What others told, so far.
    heard: Vec<LogPosition>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
    _data: TempDir,
}

impl Office {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let notices = data.path().join("notices");
        std::fs::create_dir(&notices).unwrap();
        std::fs::write(notices.join("141199-2026.toml"), NOTICE).unwrap();
        // The same for the year after.
        let next = NOTICE.replace("2026", "2027").replace("2025", "2026");
        std::fs::write(notices.join("141199-2027.toml"), next).unwrap();
        let settings = canbao_host::Settings { notices: Some(notices), ..settings(data.path()) };
        let listener = listen(&settings, "registration").await.unwrap();
        let own = listener.local_addr().unwrap();
        let mut addresses = [own; 4];
        let mut logs = BTreeMap::new();
        for (name, address) in DEPARTMENTS.into_iter().zip(&mut addresses) {
            if name != "registration" {
                let log = ToldLog::serve().await;
                *address = log.address;
                logs.insert(name, log);
            }
        }
        let installation = Arc::new(Installation::open(settings).unwrap());
        let server = canbao_registration::server(&installation).unwrap();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(async move {
            server.run(listener, addresses.map(Address::from), stopping).await.unwrap();
        });
        let channel = Channel::from_shared(format!("http://{own}")).unwrap().connect().await.unwrap();
        let registration = RegistrationServiceClient::new(channel.clone());
        let log = EventLogServiceClient::new(channel);
        Self { registration, log, logs, heard: Vec::new(), stop, running, _data: data }
    }

    async fn close(self) {
        drop((self.registration, self.log));
        self.stop.send_replace(true);
        self.running.await.unwrap();
    }

    /// Another department tells something about a resident here; every later request waits for it.
    fn tell<E: rules::Event>(&mut self, log: &'static str, event: &E) {
        let body = event.encode_to_vec();
        let event =
            Event { division: DIVISION.to_owned(), kind: E::KIND.to_owned(), body, ..Event::default() };
        let position = self.logs[log].tell(&event);
        self.heard.push(LogPosition { log: log.to_owned(), position });
    }

    /// What registration told collection, of one kind, with the division.
    async fn told<E: rules::Event>(&mut self) -> Vec<(String, E)> {
        let question = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
        let page = self.log.read_log(canbao::request("service/collection", question)).await.unwrap();
        let events = page.into_inner().events.into_iter().filter(|event| event.kind == E::KIND);
        events.map(|event| (event.division, E::decode(event.body.as_slice()).unwrap())).collect()
    }

    async fn register(&mut self, person: &Person) -> Result<RegisterResidentResponse, Status> {
        self.register_in(person, DIVISION).await
    }

    async fn register_in(
        &mut self,
        person: &Person,
        division: &str,
    ) -> Result<RegisterResidentResponse, Status> {
        let registration =
            RegisterResidentRequest { division: division.to_owned(), ..person.registration("2025-11-03") };
        let answer = self.registration.register_resident(canbao::request(BUREAU, registration)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// Registers somebody who is nobody special; the resident's id as others are told it.
    async fn admitted(&mut self, person: &Person) -> Vec<u8> {
        let registered = self.register(person).await.unwrap();
        registered.resident_id.parse::<canbao_types::ResidentId>().unwrap().as_bytes().to_vec()
    }

    async fn resident(&mut self, resident: Option<ResidentReference>) -> Result<GetResidentResponse, Status> {
        let question = GetResidentRequest { after: self.heard.clone(), resident };
        let answer = self.registration.get_resident(canbao::request(BUREAU, question)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// The registrations of somebody, as division and status.
    async fn standing(&mut self, person: &Person) -> Vec<(String, RegistrationStatus)> {
        let shown = self.resident(person.reference()).await.unwrap().registrations;
        shown.iter().map(|shown| (shown.division.clone(), shown.status())).collect()
    }

    async fn end(&mut self, person: &Person, on: &str) -> Result<EndRegistrationResponse, Status> {
        let ending = EndRegistrationRequest {
            request_id: RequestId::new().to_string(),
            after: self.heard.clone(),
            resident: person.reference(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            ended_on: day(on),
            cause: EndCause::Withdrawn.into(),
        };
        let answer = self.registration.end_registration(canbao::request(BUREAU, ending)).await;
        answer.map(tonic::Response::into_inner)
    }
}

/// A birth certificate.
fn certificate(number: &str) -> Option<IdentityDocument> {
    Some(IdentityDocument { kind: DocumentKind::BirthCertificate.into(), number: number.to_owned() })
}

/// A resident named by a document.
fn by(document: Option<IdentityDocument>) -> Option<ResidentReference> {
    document.map(|document| ResidentReference { reference: Some(Reference::Document(document)) })
}

/// Reads a refusal with this reason.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, reason: &str) -> Told {
    let status = outcome.expect_err(reason);
    let told = refusal::read(&status).unwrap_or_else(|| panic!("{reason}: {status:?}"));
    assert_eq!((told.reason.as_str(), status.code()), (reason, Code::FailedPrecondition));
    told
}

#[tokio::test]
async fn an_ended_registration_does_not_count_and_may_be_made_again() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    refused(office.end(&person, "2026-01-15").await, "UNKNOWN_RESIDENT");
    let why = office.register(&person).await.unwrap().explanations;
    let texts: Vec<&str> = why.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(texts, ["您符合当地的参保条件，可以参保。", "您属于“城乡居民”。"]);
    refused(office.end(&person, "2026-07-01").await, "DATE_IN_FUTURE");

    let ended = office.end(&person, "2026-01-15").await.unwrap().registration.unwrap();
    assert_eq!((ended.status(), ended.end_cause()), (RegistrationStatus::Ended, EndCause::Withdrawn));
    assert_eq!(ended.ended_on, day("2026-01-15"));
    let told = office.told::<RegistrationEnded>().await;
    assert_eq!((told[0].0.as_str(), told[0].1.ended_on), (DIVISION, day("2026-01-15")));
    refused(office.end(&person, "2026-01-16").await, "NOT_REGISTERED");

    let again = office.register(&person).await.unwrap().registration.unwrap();
    assert_eq!((again.status(), again.ended_on), (RegistrationStatus::Registered, None));
    assert_eq!(office.standing(&person).await.len(), 1, "it is the same registration, alive again");
    assert_eq!(office.told::<ResidentRegistered>().await.len(), 2);
    office.close().await;
}

#[tokio::test]
async fn a_newborn_is_one_resident_by_certificate_and_by_the_number_that_came_later() {
    let mut office = Office::open().await;
    let (child, other) = (Person::born("20260301", 7), Person::born("20260301", 8));
    let certified = RegisterResidentRequest {
        document: certificate("Q140000001"),
        birth_date: day("2026-03-01"),
        registered_on: day("2026-03-10"),
        name: "甲某之子".to_owned(),
        ..child.registration("2026-03-10")
    };
    let born = office.registration.register_resident(canbao::request(BUREAU, certified.clone())).await;
    let id = born.unwrap().into_inner().resident_id;

    let change = |document, on| ChangeDocumentRequest {
        request_id: RequestId::new().to_string(),
        resident: by(certificate("Q140000001")),
        document,
        name: child.name.clone(),
        changed_on: day(on),
        ..ChangeDocumentRequest::default()
    };
    let ask = async |office: &mut Office, message| {
        let answer = office.registration.change_document(canbao::request(BUREAU, message)).await;
        answer.map(tonic::Response::into_inner)
    };
    refused(ask(&mut office, change(Some(child.document()), "2026-07-01")).await, "DATE_IN_FUTURE");
    let elder = ask(&mut office, change(Some(Person::born("20260302", 7).document()), "2026-03-20")).await;
    let status = elder.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "another birth date: {status:?}");
    let nobody =
        ChangeDocumentRequest { resident: other.reference(), ..change(Some(child.document()), "2026-03-20") };
    refused(ask(&mut office, nobody).await, "UNKNOWN_RESIDENT");

    let changed = ask(&mut office, change(Some(child.document()), "2026-03-20")).await.unwrap();
    assert_eq!(changed.resident_id, id);
    assert!(changed.masked_number.starts_with("1411") && !changed.masked_number.contains("20260301"));
    for reference in [by(certificate("Q140000001")), child.reference()] {
        let shown = office.resident(reference).await.unwrap();
        assert_eq!((shown.resident_id.as_str(), &shown.masked_number), (id.as_str(), &changed.masked_number));
    }
    let (_, told) = office.told::<RegistrationChanged>().await.remove(0);
    let (_, before) = office.told::<ResidentRegistered>().await.remove(0);
    let now = told.registered.unwrap();
    assert_ne!(now.person_key, before.person_key, "one more key");
    assert_eq!((now.resident_id, now.masked_number), (before.resident_id, changed.masked_number));
    let again = canbao::request(BUREAU, child.registration("2026-03-20"));
    refused(office.registration.register_resident(again).await, "ALREADY_REGISTERED");

    let taken = certificate("Q140000002");
    let second = RegisterResidentRequest {
        request_id: RequestId::new().to_string(),
        document: taken.clone(),
        ..certified.clone()
    };
    office.registration.register_resident(canbao::request(BUREAU, second)).await.unwrap();
    refused(ask(&mut office, change(taken, "2026-03-20")).await, "DOCUMENT_TAKEN");
    office.close().await;
}

#[tokio::test]
async fn a_certificate_that_is_known_keeps_the_birth_date_it_came_with() {
    let mut office = Office::open().await;
    let asked = |born, on| RegisterResidentRequest {
        document: certificate("Q140000003"),
        birth_date: day(born),
        ..Person::born("20251203", 7).registration(on)
    };
    let first = asked("2025-12-03", "2025-12-10");
    let elsewhere = |message| RegisterResidentRequest { division: ELSEWHERE.to_owned(), ..message };
    let ask = async |office: &mut Office, message| {
        let answer = office.registration.register_resident(canbao::request(BUREAU, message)).await;
        answer.map(tonic::Response::into_inner)
    };
    ask(&mut office, elsewhere(first)).await.unwrap();
    let status = ask(&mut office, asked("2026-03-03", "2026-03-10")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(status.message().contains("birth_date"), "{status:?}");

    let other = asked("2026-03-03", "2026-03-10");
    let roster = RegisterRosterRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        registered_on: day("2026-03-10"),
        declared_count: 1,
        people: vec![RosterPerson {
            document: other.document,
            name: other.name,
            birth_date: other.birth_date,
            circumstances: other.circumstances,
            township: String::new(),
        }],
        ..RegisterRosterRequest::default()
    };
    let answer = office.registration.register_roster(canbao::request(BUREAU, roster)).await;
    let outcomes = answer.unwrap().into_inner().outcomes;
    assert_eq!(outcomes[0].reason, "MALFORMED");
    assert!(outcomes[0].message.contains("birth_date"), "{}", outcomes[0].message);
    office.close().await;
}
