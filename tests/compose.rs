//! The suite in containers, as the compose file starts it, called from outside over mutual TLS.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use canbao::{Player, check_running, play_running};
use canbao_host::{DEPARTMENTS, Settings};
use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    collection::{GetContributionDueRequest, PayContributionRequest, QuoteContributionRequest},
    common::Money,
    subsidy::GetAidRequest,
};
use canbao_tests::{DIVISION, Outcome, Page, Person, Sent, YEAR, answered_again, day, left_out};

#[path = "compose/load.rs"]
mod load;
#[path = "compose/stack.rs"]
mod stack;

use load::{Load, stranger};
use stack::{Stack, missing};

/// The season that is played.
const SEASON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026");

#[tokio::test(flavor = "multi_thread")]
async fn each_container_is_sealed_and_what_it_keeps_outlives_it() {
    if let Some(why) = missing() {
        return left_out("sealed containers", "docker", &why);
    }
    let stack = Stack::up();
    for department in DEPARTMENTS {
        is_sealed(&stack, department);
        let port =
            stack.inspect(department, r#"{{(index (index .NetworkSettings.Ports "9464/tcp") 0).HostPort}}"#);
        let page = Page::at(([127, 0, 0, 1], port.parse().unwrap()).into()).await;
        assert!(page.families().contains("canbao_writer"), "{department}: {:?}", page.families());
        sees_its_own_only(&stack, department);
        opens_its_own_database_only(&stack, department);
    }
    assert_eq!(stack.inspect("database", "{{json .NetworkSettings.Ports}}"), "{}", "no port of the database");
    let superuser =
        stack.inside("database", &["psql", "-w", "postgres://postgres@database/postgres", "-c", ""]);
    assert!(superuser.unwrap_err().contains("password"), "the superuser does not come over the network");

    let mut player = stack.player();
    let (register, pay) = walk(&mut player).await;
    tells_nobody(&stack, &[stranger(0)]);
    stack.down();
    stack.again();
    let mut player = stack.player();
    assert_eq!(register.0.settle(&mut player).await, register.1, "the same answer after down and up");
    assert_eq!(pay.0.settle(&mut player).await, pay.1, "the same answer after down and up");
}

/// What the kernel says of the department's process, and what the engine says of its ports.
fn is_sealed(stack: &Stack, department: &str) {
    let status = stack.inside(department, &["cat", "/proc/1/status"]).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(field("Uid:"), ["10001"; 4], "{department}");
    assert_eq!(field("Gid:"), ["10001"; 4], "{department}");
    for may in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:"] {
        assert_eq!(field(may), ["0000000000000000"], "{department} {may}");
    }
    assert_eq!(field("NoNewPrivs:"), ["1"], "{department}");
    let written = stack.inside(department, &["touch", "/written"]);
    assert!(written.unwrap_err().contains("Read-only"), "{department}");
    assert_eq!(stack.inspect(department, "{{.HostConfig.ReadonlyRootfs}}"), "true", "{department}");
    let ports =
        stack.inspect(department, "{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{end}}{{end}}");
    assert_eq!(ports, "127.0.0.1 127.0.0.1", "{department}: the contracts and the metrics");
}

/// Of keys, passwords and certificates, a container has the department's own.
fn sees_its_own_only(stack: &Stack, department: &str) {
    let find = ["find", "/authority", "/certificates", "/data", "-type", "f"];
    let found: BTreeSet<String> =
        stack.inside(department, &find).unwrap().lines().map(str::to_owned).collect();
    let own = [format!("/data/{department}/"), format!("/certificates/service/{department}/")];
    assert!(found.iter().all(|file| own.iter().any(|own| file.starts_with(own))), "{department}: {found:?}");
    for file in ["key.pem", "suite.key", &format!("{department}.password")] {
        assert!(found.iter().any(|found| found.ends_with(file)), "{department} has {file}: {found:?}");
    }
    assert_eq!(found.iter().any(|file| file.ends_with("registration.key")), department == "registration");
}

/// A department's password opens its own database, and none of the others.
fn opens_its_own_database_only(stack: &Stack, department: &str) {
    let password = stack.inside(department, &["cat", &format!("/data/{department}/{department}.password")]);
    let password = password.unwrap();
    for database in DEPARTMENTS {
        let url = format!("postgres://{department}:{password}@database/{database}");
        let asked = stack.inside("database", &["psql", "-qtA", &url, "-c", "SELECT current_user"]);
        if database == department {
            assert_eq!(asked.unwrap(), department);
        } else {
            assert!(
                asked.unwrap_err().contains("permission denied for database"),
                "{department}: {database}"
            );
        }
    }
}

/// No line of any container holds the number or the name of somebody, the database's lines included.
fn tells_nobody(stack: &Stack, people: &[Person]) {
    let log = stack.log();
    assert!(
        log.matches("the certificate holds").count() >= DEPARTMENTS.len(),
        "each has said something: {log}"
    );
    assert!(log.contains("database system is ready to accept connections"), "and so has the database: {log}");
    for person in people {
        // The birth date with its neighbours is enough to know somebody by.
        for told in [&person.number[5..17], &person.name] {
            assert!(!log.contains(told), "{told} stands in the log of a container");
        }
    }
}

/// The way of one resident: registered, asked about, charged, covered. Gives what was sent, with its answers.
async fn walk(player: &mut Player) -> ((Sent, Outcome), (Sent, Outcome)) {
    let person = stranger(0);
    let resident = person.reference();
    let register = person.registration("2025-11-03");
    let register = Sent::Register(register);
    let registered = register.settle(player).await;
    assert!(matches!(registered, Outcome::Done(_)), "{registered:?}");
    let due = GetContributionDueRequest {
        resident: resident.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ..GetContributionDueRequest::default()
    };
    let due = player.due(due).await.unwrap().contribution.unwrap().due;
    assert_eq!(due, Some(Money { yuan: "400.00".to_owned() }));
    let quote = QuoteContributionRequest {
        resident: resident.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        pay_date: day("2025-11-10"),
        ..QuoteContributionRequest::default()
    };
    assert_eq!(player.quote(quote).await.unwrap().outlook.unwrap().from, day("2026-01-01"));
    let pay = PayContributionRequest { after: player.told(), ..person.payment("400.00", "2025-11-10") };
    let pay = Sent::Pay(pay);
    let paid = pay.settle(player).await;
    assert!(matches!(paid, Outcome::Done(_)), "{paid:?}");
    assert!(is_covered(player, &person).await);
    ((register, registered), (pay, paid))
}

async fn is_covered(player: &mut Player, person: &Person) -> bool {
    let (resident, on) = (person.reference(), day("2026-01-01"));
    let asked = GetCoverageRequest { resident, on, ..GetCoverageRequest::default() };
    player.coverage(asked).await.unwrap().state() == CoverageState::Covered
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_cut_off_and_healed_under_load_nothing_acknowledged_is_lost_and_the_books_of_the_season_agree()
{
    if let Some(why) = missing() {
        return left_out("killing containers under load", "docker", &why);
    }
    let stack = Stack::up();
    let kept = tempfile::tempdir().unwrap();
    let report = play_running(Path::new(SEASON), Some(kept.path()), stack.player(), &Settings::default())
        .await
        .unwrap();
    assert!(report.audit.agrees(), "{}", report.audit);

    let load = Load::begin(|| stack.player());
    load.goes_on().await;
    for service in ["collection", "database"] {
        load.struck_by(|| stack.kill(service)).await;
        stack.start(service);
        load.goes_on().await;
    }
    let mut journal = cut_off(&stack).await;
    load.goes_on().await;
    // Whatever runs goes on running, and everybody is given another certificate.
    stack.again();
    load.goes_on().await;
    journal.extend(load.end().await);

    tells_nobody(&stack, &(0..100).map(stranger).collect::<Vec<_>>());
    acknowledged_is_there_once(&stack, &journal).await;
    // The season's channels hold what the clients' journals say, and the books are held against that.
    let mut channels = fs::OpenOptions::new().append(true).open(kept.path().join("channels.csv")).unwrap();
    for transaction in paid(&journal, |outcome| matches!(outcome, Outcome::Done(_))) {
        writeln!(channels, "wechat,{transaction},400.00,2025-11-10,1").unwrap();
    }
    let audit = check_running(Path::new(SEASON), kept.path(), stack.player()).await.unwrap();
    assert!(audit.agrees(), "{audit}");
}

/// While registration is off the network, the others do their own work: a journal of it.
async fn cut_off(stack: &Stack) -> Vec<(Sent, Outcome)> {
    let mut player = stack.player();
    let people: Vec<_> = (100_000..100_005).map(stranger).collect();
    for person in &people {
        player.register(person.registration("2025-11-03")).await.unwrap();
    }
    let last = people.last().and_then(Person::reference);
    // These have heard of all of them.
    let asked = GetAidRequest { resident: last.clone(), cover_year: YEAR, ..GetAidRequest::default() };
    player.aid(asked.clone()).await.unwrap();
    let on = day("2026-01-01");
    player
        .coverage(GetCoverageRequest { resident: last, on, ..GetCoverageRequest::default() })
        .await
        .unwrap();

    stack.cut("registration");
    let asked_there = stranger(200_000).registration("2025-11-03");
    assert!(player.register(asked_there).await.is_err(), "nobody answers for what is cut off");
    let mut journal = Vec::new();
    for person in &people {
        let after = player.told();
        let pay = Sent::Pay(PayContributionRequest { after, ..person.payment("400.00", "2025-11-10") });
        let paid = pay.send(&mut player).await;
        assert!(matches!(paid, Outcome::Done(_)), "{paid:?}");
        journal.push((pay, paid));
        assert!(is_covered(&mut player, person).await);
    }
    player.aid(asked).await.unwrap();
    stack.heal("registration");
    journal
}

/// What was acknowledged is answered the same, and stands in collection's books once; what was refused nowhere.
async fn acknowledged_is_there_once(stack: &Stack, journal: &[(Sent, Outcome)]) {
    let mut player = stack.player();
    for (sent, outcome) in journal {
        assert_ne!(outcome, &Outcome::Unknown, "{sent:?}");
    }
    answered_again(journal.iter().map(|(sent, outcome)| (sent, outcome)), &mut player).await;
    let rows = stack.rows("collection", "SELECT channel_transaction_id FROM payment");
    let written: BTreeSet<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(written.len(), rows.len(), "a payment stands there twice");
    let done = paid(journal, |outcome| matches!(outcome, Outcome::Done(_)));
    let refused = paid(journal, |outcome| matches!(outcome, Outcome::Refused(_)));
    eprintln!("{} payments acknowledged, {} refused", done.len(), refused.len());
    assert!(done.len() > 80 && refused.len() > 80, "there was load");
    assert!(done.is_subset(&written), "an acknowledged payment is lost");
    assert_eq!(refused.intersection(&written).next(), None, "a refused payment was written");
}

/// The transactions of the payments in a journal of which this came.
fn paid(journal: &[(Sent, Outcome)], came: fn(&Outcome) -> bool) -> BTreeSet<&str> {
    let chosen = journal.iter().filter_map(|(sent, outcome)| match sent {
        Sent::Pay(pay) if came(outcome) => Some(pay.channel_transaction_id.as_str()),
        _ => None,
    });
    chosen.collect()
}
