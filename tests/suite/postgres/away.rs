//! The database server dies under load and comes back; the departments see to themselves.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::{SystemTime, UNIX_EPOCH},
};

use canbao::Player;
use canbao_host::DEPARTMENTS;
use canbao_tests::{DIVISION, Home, Outcome, Postgres, Process, YEAR, answered_again, count, left_out};

use super::load::Load;
use crate::crash::compare;

const KILLS: u32 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_its_server_nothing_acknowledged_is_lost_and_the_departments_recover_by_themselves() {
    let cluster = match Postgres::start() {
        Ok(cluster) => cluster,
        Err(why) => return left_out("the database killed under load", "postgres", &why),
    };
    let home = Home::on(&cluster).await;
    let addresses = Process::free_addresses();
    let database = format!("--database={}", home.database().unwrap());
    let mut processes = DEPARTMENTS.map(|name| {
        Process::department(name, home.path(), addresses, &[&database, "--clock=2026-06-30T09:00+08:00"])
    });
    for (process, address) in processes.iter_mut().zip(addresses) {
        process.ready(address).await;
    }
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("seed {seed}");
    let load = Load::start(6, addresses, &Arc::new(AtomicU32::new(0)));
    for _ in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // So that the kill falls anywhere in the work.
        load.paid(10 + (seed >> 33) as u32 % 60).await;
        cluster.kill();
        cluster.serve().unwrap();
    }
    load.paid(20).await;
    let journal = load.stop().await;

    let mut player = Player::connect(addresses).await.unwrap();
    answered_again(journal.iter().map(|(sent, _, last)| (sent, last)), &mut player).await;
    let unknown = journal.iter().filter(|(_, first, _)| *first == Outcome::Unknown).count();
    player.catch_up(DIVISION, YEAR).await.unwrap();
    drop(player);
    for process in processes {
        assert!(process.stop().success(), "it has lived through it all, and drains without trouble");
    }
    let settled: Vec<_> = journal.into_iter().map(|(sent, _, last)| (sent, last)).collect();
    let (done, refused) = compare(&home, &settled);
    eprintln!("{done} acknowledged, {refused} refused, {unknown} were unknown at first");
    assert!(done > 100 && refused > 40 && unknown > 0, "there was load, and the kills fell into it");
    assert_eq!(
        count(&home, "benefits", "SELECT COUNT(*) FROM period"),
        count(&home, "collection", "SELECT COUNT(*) FROM settled"),
        "whoever follows has heard of everything"
    );
}
