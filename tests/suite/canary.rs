//! Canary people: their numbers and names are looked for wherever they must not be.

use std::{
    fs,
    process::{Command, Stdio},
};

use canbao::Player;
use canbao_proto::{
    benefits::GetCoverageRequest, collection::PayContributionRequest, registration::GetResidentRequest,
    subsidy::GetAidRequest,
};
use canbao_tests::{Person, Process, YEAR, day, program};

/// A name that no log would have by chance.
const NAME: &str = "金丝雀一二三";

#[tokio::test]
async fn no_number_and_no_name_stands_in_a_log_an_error_or_a_database_file() {
    let data = tempfile::tempdir().unwrap();
    let addresses = Process::free_addresses();
    let log = data.path().join("standard-error.log");
    let mut command = Command::new(program("canbao"));
    command.arg(format!("--data={}", data.path().display())).arg("--log=debug");
    command.args(canbao_host::DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}")));
    command.stdout(Stdio::null()).stderr(fs::File::create(&log).unwrap());
    let mut process = Process::from(command.spawn().unwrap());
    for address in addresses {
        process.ready(address).await;
    }

    let person = Person { name: NAME.to_owned(), ..Person::born("19660606", 666) };
    let mut player = Player::connect(addresses).await.unwrap();
    let mut errors = Vec::new();
    player.register(person.registration("2025-11-03")).await.unwrap();
    errors.push(player.register(person.registration("2025-11-03")).await.unwrap_err());
    let resident = person.reference();
    let aid = GetAidRequest { resident: resident.clone(), cover_year: YEAR, ..Default::default() };
    player.aid(aid).await.unwrap();
    errors.push(player.pay(person.payment("399.00", "2025-11-10")).await.unwrap_err());
    player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    let malformed =
        PayContributionRequest { division: "x".to_owned(), ..person.payment("400.00", "2025-11-10") };
    errors.push(player.pay(malformed).await.unwrap_err());
    let cover =
        GetCoverageRequest { resident: resident.clone(), on: day("2026-01-01"), ..Default::default() };
    player.coverage(cover).await.unwrap();
    let shown = player.resident(GetResidentRequest { resident, ..Default::default() }).await.unwrap();
    drop(player);
    assert!(process.stop().success());

    assert!(
        !format!("{shown:?}{errors:?}").contains(&person.number),
        "no answer and no error shows the number"
    );
    let mut looked_at = 0;
    for file in fs::read_dir(data.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        // The birth date in the number's middle is enough to know somebody by.
        for canary in [person.number.as_bytes(), &person.number.as_bytes()[..17], NAME.as_bytes()] {
            let found = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!found, "{} has it in clear", path.display());
        }
        looked_at += 1;
    }
    assert!(looked_at >= 9, "four databases with their locks, the keys and the log: {looked_at}");
    assert!(fs::metadata(&log).unwrap().len() > 1_000, "the log says something");
}
