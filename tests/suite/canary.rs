//! Canary people: their numbers and names are sent everywhere, and looked for wherever they must not be.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use canbao::Player;
use canbao_host::DEPARTMENTS;
use canbao_proto::rules::{RULES, Rule};
use canbao_tests::{
    Collector, DIVISION, Home, IDENTITIES, Page, Person, Postgres, Process, Raw, YEAR, changed, good_request,
    program,
};
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, Value};
use tonic::{Status, transport::Endpoint};

/// Names that no log would have by chance, one of them foreign.
const NAMES: [&str; 4] = ["金丝雀一二三", "KANARIENVOGEL·ÆØÅ", "雀丝金四五六", "金雀丝七八九"];
/// What is written into fields that name nobody: it may be kept, and still reaches no log.
const NOTE: &str = "便条四九二七";

/// The suite as a process that tells all it can, and what it tells.
struct Watched {
    process: Process,
    addresses: [SocketAddr; 4],
    page: SocketAddr,
    collector: Collector,
}

impl Watched {
    async fn start(home: &Home, format: &str) -> Self {
        let collector = Collector::start().await;
        let addresses = Process::free_addresses();
        let page = Process::free_addresses()[0];
        let log = fs::File::create(home.path().join("standard-error.log")).unwrap();
        let mut command = Command::new(program("canbao"));
        command.args(home.flags()).args(["--log=trace".to_owned(), format!("--log-format={format}")]);
        command.args([format!("--traces={}", collector.url()), format!("--metrics={page}")]);
        command.args(DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
        command.env("OTEL_BSP_SCHEDULE_DELAY", "20").stdout(Stdio::null()).stderr(log);
        let mut process = Process::from(command.spawn().unwrap());
        for address in addresses {
            process.ready(address).await;
        }
        Self { process, addresses, page, collector }
    }

    async fn raw(&self, path: &str) -> Raw {
        let department = path.trim_start_matches("/canbao.").split('.').next().unwrap();
        let place = DEPARTMENTS.iter().position(|name| *name == department).unwrap_or(0);
        let endpoint = Endpoint::from_shared(format!("http://{}", self.addresses[place])).unwrap();
        Raw::new(endpoint.connect().await.unwrap())
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

/// Where something is told or kept, with what stands there; bytes that are no text are left out of it.
type Told = Vec<(String, String)>;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An error as a client has it: message, details, and the headers beside them.
fn error(path: &str, status: &Status) -> (String, String) {
    let shown = format!("{} {status:?} {}", status.message(), text(status.details()));
    (format!("an error of {path}"), shown)
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
    let mut player = Player::connect(watched.addresses).await.unwrap();
    for person in [first, second] {
        player.register(person.registration("2025-11-03")).await.unwrap();
    }
    player.pay(first.payment("400.00", "2025-11-10")).await.unwrap();
    let mut told = Vec::new();
    let mut answered = 0;
    for rule in RULES {
        let raw = watched.raw(rule.path).await;
        let (caller, good) = good_request(rule, second);
        let mut requests = vec![good.clone(), good_request(rule, unknown).1];
        requests.extend(changed(&good, unknown).into_iter().map(|(_, request)| request));
        for text in [stray.number.as_str(), &stray.name, NOTE] {
            requests.extend(strays(&good, text));
        }
        let mut bodies: Vec<Vec<u8>> = requests.iter().map(Message::encode_to_vec).collect();
        let whole = &bodies[0];
        bodies.push(whole[..whole.len() - 1].to_vec());
        for body in bodies {
            match raw.call(rule.path, Some(caller), body).await {
                Ok(answer) => {
                    let answer = text(&answer);
                    // A name is for those who may read it; a number comes back to nobody.
                    assert!(!people.iter().any(|person| answer.contains(&person.number)), "{}", rule.path);
                    answered += 1;
                }
                Err(status) => told.push(error(rule.path, &status)),
            }
        }
        told.extend(turned_away(rule, &raw, &good).await);
    }
    assert!(answered > 60 && told.len() > 200, "{answered} answers and {} errors", told.len());
    told
}

/// The same request by somebody who may not send it, and by nobody.
async fn turned_away(rule: &Rule, raw: &Raw, good: &DynamicMessage) -> Told {
    let mut told = Vec::new();
    for caller in [None, Some("nobody-we-know")].into_iter().chain(IDENTITIES.map(Some).into_iter().take(3)) {
        if let Err(status) = raw.call(rule.path, caller, good.encode_to_vec()).await {
            told.push(error(rule.path, &status));
        }
    }
    told
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text in base64 wherever it begins in what was encoded: without the characters that its neighbours change.
fn base64(bytes: &[u8]) -> [String; 3] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [0, 1, 2].map(|before| {
        let bits: Vec<u8> = std::iter::repeat_n(&0, before).chain(bytes).copied().collect();
        let sixes = bits.chunks_exact(3).flat_map(|three| {
            let number = three.iter().fold(0_usize, |number, &byte| number << 8 | usize::from(byte));
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[number >> shift & 63]))
        });
        sixes.skip(if before == 0 { 0 } else { 4 }).collect()
    })
}

/// Every form in which a canary could be found, each with what it is.
fn forms(people: &[Person]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for person in people {
        let number = person.number.as_str();
        // The birth date with its neighbours is enough to know somebody by.
        let parts = [("number", number), ("first 17", &number[..17]), ("birth date", &number[5..17])];
        for (what, part) in parts.into_iter().chain([("name", person.name.as_str())]) {
            let bytes = part.as_bytes();
            all.push((what.to_owned(), part.to_owned()));
            all.push((format!("{what} in hexadecimal digits"), hex(bytes)));
            all.push((format!("{what} in capitals of them"), hex(bytes).to_uppercase()));
            let listed: Vec<_> = bytes.iter().map(u8::to_string).collect();
            all.push((format!("{what} as a list of bytes"), listed.join(", ")));
            all.extend(base64(bytes).map(|form| (format!("{what} in base64"), form)));
        }
        let escaped = person.name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        all.push(("name in JSON's escapes".to_owned(), escaped));
    }
    all
}

/// The places where a form stands.
fn found(told: &Told, forms: &[(String, String)]) -> Vec<String> {
    let mut places = Vec::new();
    for (place, said) in told {
        let standing = forms.iter().filter(|(_, form)| said.contains(form.as_str()));
        places.extend(standing.map(|(what, _)| format!("the {what} stands in {place}")));
    }
    places
}

/// What the suite told while it ran: log, spans, metrics, health and reflection.
async fn overheard(watched: &Watched, home: &Home) -> Told {
    let reaction = "canbao.benefits.v1.BenefitPeriodDetermined";
    watched.collector.until(|spans| spans.iter().any(|span| span.name == reaction)).await;
    let raw = watched.raw("").await;
    let health = raw.call("/grpc.health.v1.Health/Check", None, Vec::new()).await.unwrap();
    let listing = vec![0x3a, 0x01, b'*'];
    let reflected =
        raw.first("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Some("auditor"), listing);
    vec![
        ("the spans".to_owned(), text(&watched.collector.bytes())),
        ("the metrics".to_owned(), Page::at(watched.page).await.0),
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

/// Every database on the cluster, as text, and what the server logged.
fn dumps(home: &Home, cluster: &Postgres) -> Told {
    let dump = |department: &&str| {
        let output = cluster.program("pg_dump").arg(home.seen_from(department)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (format!("the database of {department}"), text(&output.stdout))
    };
    let mut dumps: Told = DEPARTMENTS.iter().map(dump).collect();
    dumps.push(("the server's log".to_owned(), cluster.log()));
    dumps
}

/// Sends the canaries everywhere and searches everything.
async fn search(home: &Home, format: &str, cluster: Option<&Postgres>) {
    let people = canaries();
    let mut watched = Watched::start(home, format).await;
    let errors = everything(&watched, &people).await;
    let mut player = Player::connect(watched.addresses).await.unwrap();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    drop(player);
    let outside = [errors, overheard(&watched, home).await].concat();
    // Killed, so that what a drain would write back stays where it is.
    watched.process.kill();
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
    let note = ("note".to_owned(), NOTE.to_owned());
    let told = [forms(&people), vec![note]].concat();
    let leaks = [found(&outside, &told), found(&kept, &forms(in_place(&people)))].concat();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[tokio::test]
async fn no_number_and_no_name_is_told_or_kept_in_clear_with_files() {
    search(&Home::fresh(), "text", None).await;
}

#[tokio::test]
async fn no_number_and_no_name_is_told_or_kept_in_clear_with_a_database_server() {
    let test = "no_number_and_no_name_is_told_or_kept_in_clear_with_a_database_server";
    let Some(home) = Home::on_postgres(test).await else { return };
    search(&home, "json", Postgres::get().ok()).await;
}

#[test]
fn a_canary_is_found_in_every_form() {
    let people = canaries();
    let forms = forms(&people);
    let person = &people[0];
    let told = |said: &str| !found(&vec![("here".to_owned(), said.to_owned())], &forms).is_empty();
    assert!(!told("nothing of anybody"));
    assert!(told(&format!("a {} b", person.number)) && told(&person.number[5..17]));
    assert!(told(&hex(person.name.as_bytes())) && told(&format!("{:?}", person.name.as_bytes())));
    assert!(told(r#""\u91d1\u4e1d\u96c0\u4e00\u4e8c\u4e09""#));
    assert_eq!(person.number, "141199196606066669");
    assert!(told("YmVmb3JlIDE0MTE5OTE5NjYwNjA2NjY2OSBhZnRlcg=="), "before and after it in base64");
}
