//! One resident through four departments.

use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    collection::{GetContributionDueRequest, QuoteContributionRequest},
    registration::{GetResidentRequest, RegistrationStatus},
    subsidy::GetAidRequest,
};
use canbao_tests::{DIVISION, Home, Person, Process, Running, YEAR, day};

/// Registers, asks, pays and is covered; the player knows four addresses only.
pub(crate) async fn walk(player: &mut canbao::Player, person: &Person) {
    let registered = player.register(person.registration("2025-11-03")).await.unwrap();
    let registration = registered.registration.unwrap();
    assert_eq!(
        (registration.class.as_str(), registration.status()),
        ("城乡居民", RegistrationStatus::Registered)
    );
    assert!(registration.citations.iter().any(|citation| citation.clause == "XY26-02"), "{registration:?}");

    let resident = person.reference();
    let aid = player
        .aid(GetAidRequest { resident: resident.clone(), cover_year: YEAR, ..Default::default() })
        .await;
    let aid = aid.unwrap().aid.unwrap();
    assert_eq!((aid.aided.unwrap().yuan, aid.owed.unwrap().yuan), ("0.00".to_owned(), "400.00".to_owned()));

    let due = GetContributionDueRequest {
        resident: resident.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ..Default::default()
    };
    let due = player.due(due).await.unwrap().contribution.unwrap();
    assert_eq!(
        (due.due.unwrap().yuan.as_str(), due.payable_item.as_str(), due.settled),
        ("400.00", "2026年", false)
    );
    assert!(due.parts[0].citations.iter().any(|citation| citation.clause == "XY26-03"), "{:?}", due.parts);

    let quote = QuoteContributionRequest {
        resident: resident.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        pay_date: day("2025-11-10"),
        ..Default::default()
    };
    let outlook = player.quote(quote).await.unwrap().outlook.unwrap();
    assert_eq!((outlook.from, outlook.to, outlook.wait_months), (day("2026-01-01"), day("2026-12-31"), 0));

    let paid = player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    assert!(paid.contribution.unwrap().settled);

    let on = |text| GetCoverageRequest { resident: resident.clone(), on: day(text), ..Default::default() };
    let covered = player.coverage(on("2026-01-01")).await.unwrap();
    assert_eq!(covered.state(), CoverageState::Covered, "{}", covered.message);
    let period = covered.period.unwrap();
    assert_eq!((period.from, period.to), (day("2026-01-01"), day("2026-12-31")));
    assert!(period.citations.iter().any(|citation| citation.clause == "XY26-29"), "{period:?}");
    let shown = player.resident(GetResidentRequest { resident, ..Default::default() }).await.unwrap();
    assert_eq!(shown.registrations[0].status(), RegistrationStatus::Insured);
    assert!(!shown.masked_number.contains(&person.number[6..14]), "the birth date is covered");
}

#[tokio::test]
async fn one_resident_registers_pays_and_is_covered_in_one_process() {
    in_one_process(Home::fresh()).await;
}

pub(crate) async fn in_one_process(home: Home) {
    let mut running = Running::start_in(home).await;
    walk(&mut running.player, &Person::born("19800101", 11)).await;
    running.stop().await;
}

#[tokio::test]
async fn one_resident_registers_pays_and_is_covered_by_four_processes() {
    by_four_processes(Home::fresh()).await;
}

pub(crate) async fn by_four_processes(home: Home) {
    let database = home.database().map(|database| format!("--database={database}"));
    let more: Vec<_> = database.iter().map(String::as_str).collect();
    let addresses = Process::free_addresses();
    let mut processes: Vec<Process> = Vec::new();
    for department in canbao_host::DEPARTMENTS {
        processes.push(Process::department(department, home.path(), addresses, &more));
    }
    for (process, address) in processes.iter_mut().zip(addresses) {
        process.ready(address).await;
    }
    let mut player = canbao::Player::connect(addresses).await.unwrap();
    walk(&mut player, &Person::born("19800101", 11)).await;
    drop(player);
    for process in processes {
        assert!(process.stop().success(), "a drain without trouble");
    }
}
