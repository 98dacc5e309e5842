//! Canary people: their numbers and names are sent everywhere, and looked for wherever they must not be.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use canbao::{Player, certificates::Authority};
use canbao_host::{Address, Certificates, DEPARTMENTS, Secrets, Settings, line};
use canbao_proto::rules::{RULES, Rule};
use canbao_tests::{
    Collector, DIVISION, Home, IDENTITIES, Page, Person, Postgres, Process, Raw, Target, Visitor, YEAR,
    certify, changed, good_request, identity, program,
};
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, Value};
use tempfile::TempDir;
use tonic::Status;

use forms::{Told, forms, found, keys, text};

#[path = "canary/forms.rs"]
mod forms;
#[path = "canary/panicked.rs"]
mod panicked;

/// Names that no log would have by chance, one of them foreign.
const NAMES: [&str; 4] = ["金丝雀一二三", "KANARIENVOGEL·ÆØÅ", "雀丝金四五六", "金雀丝七八九"];
/// What is written into fields that name nobody: it may be kept, and still reaches no log.
const NOTE: &str = "便条四九二七";

/// The suite as a process that tells all it can, and what it tells.
struct Watched {
    process: Process,
    /// Where the departments are, and the folder of everybody's certificates, where there are any.
    settings: Settings,
    page: SocketAddr,
    collector: Collector,
    _certificates: Option<TempDir>,
}

impl Watched {
    async fn start(home: &Home, format: &str, certificates: Option<TempDir>) -> Self {
        let collector = Collector::start().await;
        let addresses = Process::free_addresses();
        let settings = Settings {
            addresses: addresses.map(Address::from),
            certificates: certificates.as_ref().map(|folder| folder.path().to_owned()),
            ..home.settings()
        };
        let page = Process::free_addresses()[0];
        let log = fs::File::create(home.path().join("standard-error.log")).unwrap();
        let mut command = Command::new(program("canbao"));
        command.args(home.flags()).args(["--log=trace".to_owned(), format!("--log-format={format}")]);
        command.args([format!("--traces={}", collector.url()), format!("--metrics={page}")]);
        command.args(DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
        let folder = settings.certificates.iter();
        command.args(folder.map(|folder| format!("--certificates={}", folder.display())));
        command.env("OTEL_BSP_SCHEDULE_DELAY", "20").stdout(Stdio::null()).stderr(log);
        let mut process = Process::from(command.spawn().unwrap());
        for department in DEPARTMENTS {
            process.ready_as(&settings, department).await;
        }
        Self { process, settings, page, collector, _certificates: certificates }
    }

    /// A client of the department that a path belongs to, and the header by which it says who it is. With certificates
    /// it shows that of the caller; whom nobody knows shows somebody's, and says beside it who it is.
    fn client<'a>(&self, path: &str, caller: Option<&'a str>) -> (Raw, Option<&'a str>) {
        let department = path.trim_start_matches("/canbao.").split('.').next().unwrap();
        let place = DEPARTMENTS.iter().position(|name| *name == department).unwrap_or(0);
        let known = caller.filter(|caller| IDENTITIES.contains(caller));
        let certificates = self.settings.certificates.as_ref().map(|folder| {
            let own = folder.join(identity(known.unwrap_or("auditor")));
            Arc::new(Certificates::open(&own).unwrap())
        });
        let raw = Raw::new(line(&self.settings.addresses[place], DEPARTMENTS[place], certificates.as_ref()));
        (raw, if certificates.is_some() && known.is_some() { None } else { caller })
    }

    async fn player(&self) -> Player {
        Player::running(&self.settings, DIVISION.parse().unwrap()).await.unwrap()
    }
}

/// The canaries: two who are registered, one who is not, and one who is written where no person belongs.
fn canaries() -> [Person; 4] {
    let mut sequence = 665;
    NAMES.map(|name| {
        sequence += 1;
        Person { name: name.to_owned(), ..Person::born("19660606", sequence) }
    })
}

/// The first three, whose numbers and names were sent where they belong: nobody keeps them in clear.
fn in_place(people: &[Person; 4]) -> &[Person] {
    &people[..3]
}

/// An error as a client has it: message, details, and the headers beside them.
fn error(path: &str, status: &Status) -> (String, String) {
    let shown = format!("{} {status:?} ", status.message());
    (format!("an error of {path}"), text(&[shown.as_bytes(), status.details()].concat()))
}

/// The message with a text in one field of text after the other that is not about a person.
fn strays(message: &DynamicMessage, text: &str) -> Vec<DynamicMessage> {
    let mut all = Vec::new();
    for (field, value) in message.fields() {
        let inner: Vec<Value> = match (field.kind(), value) {
            (Kind::String, _) if !["number", "name"].contains(&field.name()) => {
                vec![Value::String(text.to_owned())]
            }
            (_, Value::Message(inner)) => strays(inner, text).into_iter().map(Value::Message).collect(),
            (_, Value::List(items)) => {
                let first = items.first().and_then(Value::as_message);
                first
                    .map(|first| strays(first, text))
                    .unwrap_or_default()
                    .into_iter()
                    .map(Value::Message)
                    .collect()
            }
            _ => continue,
        };
        for value in inner {
            let mut stray = message.clone();
            stray.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
            all.push(stray);
        }
    }
    all
}

/// Goes the way of an honest canary, and then through every RPC with good requests and bad ones; what came of it.
async fn everything(watched: &Watched, people: &[Person; 4]) -> Told {
    let [first, second, unknown, stray] = people;
    let mut player = watched.player().await;
    for person in [first, second] {
        player.register(person.registration("2025-11-03")).await.unwrap();
    }
    player.pay(first.payment("400.00", "2025-11-10")).await.unwrap();
    let mut told = Vec::new();
    let mut answered = 0;
    for rule in RULES {
        let (caller, good) = good_request(rule, second);
        let (raw, header) = watched.client(rule.path, Some(caller));
        let mut requests = vec![good.clone(), good_request(rule, unknown).1];
        requests.extend(changed(&good, unknown).into_iter().map(|(_, request)| request));
        for text in [stray.number.as_str(), &stray.name, NOTE] {
            requests.extend(strays(&good, text));
        }
        let mut bodies: Vec<Vec<u8>> = requests.iter().map(Message::encode_to_vec).collect();
        let whole = &bodies[0];
        bodies.push(whole[..whole.len() - 1].to_vec());
        for body in bodies {
            match raw.call(rule.path, header, body).await {
                Ok(answer) => {
                    let answer = text(&answer);
                    // A name is for those who may read it; a number comes back to nobody.
                    assert!(!people.iter().any(|person| answer.contains(&person.number)), "{}", rule.path);
                    answered += 1;
                }
                Err(status) => told.push(error(rule.path, &status)),
            }
        }
        told.extend(turned_away(watched, rule, &good, stray).await);
    }
    assert!(answered > 60 && told.len() > 200, "{answered} answers and {} errors", told.len());
    told
}

/// The same request by somebody who may not send it, by whom nobody knows, and by nobody.
async fn turned_away(watched: &Watched, rule: &Rule, good: &DynamicMessage, stray: &Person) -> Told {
    let mut told = Vec::new();
    let unknown = [None, Some("nobody-we-know"), Some(stray.number.as_str())];
    for caller in unknown.into_iter().chain(IDENTITIES.map(Some).into_iter().take(3)) {
        let (raw, header) = watched.client(rule.path, caller);
        if let Err(status) = raw.call(rule.path, header, good.encode_to_vec()).await {
            told.push(error(rule.path, &status));
        }
    }
    told
}

/// Comes to every department with a certificate that names a canary, of an authority that nobody trusts.
async fn at_the_door(watched: &Watched, folder: &Path, stray: &Person) {
    let trusted = fs::read_to_string(folder.join("service/registration/authority.pem")).unwrap();
    let stranger = certify(&Authority::new().unwrap(), &format!("{DIVISION}/channel/{}", stray.number));
    for address in &watched.settings.addresses {
        let at = SocketAddr::new("127.0.0.1".parse().unwrap(), address.port());
        Visitor::new(&trusted, Some(&stranger)).goes_to(at).await.unwrap_err();
    }
}

/// What the suite told while it ran: log, spans, metrics, health and reflection.
async fn overheard(watched: &Watched, home: &Home) -> Told {
    let reaction = "canbao.benefits.v1.BenefitPeriodDetermined";
    watched.collector.until(|spans| spans.iter().any(|span| span.name == reaction)).await;
    let (raw, header) = watched.client("", Some("auditor"));
    let health = raw.call("/grpc.health.v1.Health/Check", header, Vec::new()).await.unwrap();
    let listing = vec![0x3a, 0x01, b'*'];
    let reflected = raw.first("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", header, listing);
    vec![
        ("the spans".to_owned(), text(&watched.collector.bytes())),
        ("the metrics".to_owned(), text(Page::at(watched.page).await.0.as_bytes())),
        ("health".to_owned(), text(&health)),
        ("reflection".to_owned(), text(&reflected.await.unwrap())),
        ("the log".to_owned(), text(&fs::read(home.path().join("standard-error.log")).unwrap())),
    ]
}

/// Every file of the data folder, but for the log.
fn files(folder: &Path) -> Told {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| !path.ends_with("standard-error.log"));
    files.map(|path| (path.display().to_string(), text(&fs::read(&path).unwrap()))).collect()
}

/// Every database on the cluster, as text.
fn dumps(home: &Home, cluster: &Postgres) -> Told {
    let dump = |department: &&str| {
        let output = cluster.program("pg_dump").arg(home.seen_from(department)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (format!("the database of {department}"), text(&output.stdout))
    };
    DEPARTMENTS.iter().map(dump).collect()
}

/// Sends the canaries everywhere and searches everything.
async fn search(home: &Home, format: &str, cluster: Option<&Postgres>, certificates: Option<TempDir>) {
    let people = canaries();
    let mut watched = Watched::start(home, format, certificates).await;
    let errors = everything(&watched, &people).await;
    watched.player().await.catch_up(DIVISION, YEAR).await.unwrap();
    if let Some(folder) = &watched.settings.certificates {
        at_the_door(&watched, folder, &people[3]).await;
    }
    let mut outside = [errors, overheard(&watched, home).await].concat();
    // Killed, so that what a drain would write back stays where it is.
    watched.process.kill();
    outside.extend(cluster.map(|cluster| ("the server's log".to_owned(), text(cluster.log().as_bytes()))));
    let kept = cluster.map_or_else(Vec::new, |cluster| dumps(home, cluster));
    let kept = [files(home.path()), kept].concat();

    // A search that finds nothing must be able to find something.
    let control = |place: &str, what: &str| {
        let all = outside.iter().chain(&kept);
        let seen = all.filter(|(name, _)| name.contains(place)).any(|(_, said)| said.contains(what));
        assert!(seen, "{what} is not in {place}");
    };
    for place in ["the log", "the spans", "the metrics"] {
        control(place, "canbao.collection.v1.CollectionService/PayContribution");
    }
    for department in DEPARTMENTS {
        let place = if cluster.is_some() {
            format!("the database of {department}")
        } else {
            format!("{department}.sqlite")
        };
        control(&place, "store_log");
    }
    control("collection", "wechat");
    if watched.settings.certificates.is_some() {
        control("the log", "the certificate holds");
        control("the log", "a connection was refused");
    }
    let keys = keys(&people, &Secrets::open(&watched.settings).unwrap().suite_key);
    assert!(!found(&kept, &keys).is_empty(), "the departments know people by these keys");
    let note = ("note".to_owned(), text(NOTE.as_bytes()));
    let told = [forms(&people), keys, vec![note]].concat();
    let leaks = [found(&outside, &told), found(&kept, &forms(in_place(&people)))].concat();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_name_or_key_is_told_and_none_kept_in_clear_with_files() {
    search(&Home::fresh(), "text", None, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_name_or_key_is_told_and_none_kept_in_clear_with_a_database_server() {
    let test = "no_number_name_or_key_is_told_and_none_kept_in_clear_with_a_database_server";
    let Some(home) = Home::on_postgres(test).await else { return };
    search(&home, "json", Postgres::get().ok(), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_name_or_key_is_told_behind_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let callers = IDENTITIES.iter().filter(|name| !name.starts_with("service/"));
    let everybody: Vec<_> = callers.map(|name| identity(name)).collect();
    Target::certify(folder.path(), &everybody.iter().map(String::as_str).collect::<Vec<_>>());
    search(&Home::fresh(), "text", None, Some(folder)).await;
}
