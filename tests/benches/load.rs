//! What the suite does under load, each row beside its floor, measured alternately in one run.
//!
//! `cargo bench -p canbao-tests --bench load` takes a minute when it is built; `-- --quick` after it makes a third of the
//! rounds and smaller ones, `-- payments` and `-- batches` a part of them. Absolute figures belong to the machine and the
//! minute; the ratio of row to floor is what counts: taken within each round, its median over the rounds is shown, with
//! the lowest and the highest.
//!
//! Client and server are in one process and share its cores, for floor and row alike: a server has a runtime as the
//! programs have it, each connection of a client a thread with a runtime of its own. A payment names its resident by
//! document; residents pay in another order than they were registered in; the channel's numbers are random. The
//! department is told of its residents by stand-ins for the two logs it follows, and nobody reads its own.

#![allow(clippy::float_arithmetic, reason = "ratios of durations, no money")]

#[path = "load/bare.rs"]
mod bare;
#[path = "load/city.rs"]
mod city;
#[path = "load/clients.rs"]
mod clients;
#[path = "load/department.rs"]
mod department;
#[path = "load/disk.rs"]
mod disk;
#[path = "load/echo.rs"]
mod echo;
#[path = "load/figures.rs"]
mod figures;

use std::{env, time::Duration};

use bare::Bare;
use city::City;
use clients::{latency, rate};
use department::Department;
use disk::Disk;
use echo::Echo;
use figures::{Report, Row, Unit, median, seconds};

/// How much is measured.
struct Size {
    /// Rounds of requests one after another, and how many of them there are in one.
    single: (usize, usize),
    /// Rounds of everything else.
    rounds: usize,
    /// Requests 64 at a time, in a round.
    many: usize,
    /// Lines of each batch size, in a round.
    lines: usize,
}

const FULL: Size = Size { single: (40, 80), rounds: 9, many: 8_000, lines: 8_000 };
const QUICK: Size = Size { single: (15, 60), rounds: 3, many: 3_000, lines: 4_000 };

/// 64 in flight on 4 connections.
const CONNECTIONS: usize = 4;
const IN_FLIGHT: usize = 16;

const BATCHES: [usize; 2] = [500, 1_000];

fn main() {
    let said = |word: &str| env::args().any(|argument| argument == word);
    let size = if said("--quick") { QUICK } else { FULL };
    let mut report = Report::default();
    if !said("batches") {
        payments(&size, &mut report);
    }
    if !said("payments") {
        batches(&size, &mut report);
    }
    println!("\n{report}");
}

/// One payment a request, beside a bare echo of the same messages and the disk.
fn payments(size: &Size, report: &mut Report) {
    let mut city = City::new(1 + size.single.0 * size.single.1 + size.rounds * size.many);
    let department = Department::start(&city);
    let echo = Echo::start(clients::answer(department.address, city.payments(1).remove(0)));
    // Many first: a file that grows is made durable at twice the cost, and the engine's log grows on its first round.
    many_at_once(size, &mut city, &department, &echo, report);
    one_by_one(size, &mut city, &department, &echo, report);
    department.stop();
}

fn one_by_one(size: &Size, city: &mut City, department: &Department, echo: &Echo, report: &mut Report) {
    let mut disk = Disk::new(department.folder());
    let mut row = Row::new("one payment, 1 in flight, p50", "echo + fdatasync", Unit::Time, 1.8);
    let mut echoes = Vec::new();
    for _ in 0..size.single.0 {
        let payments = city.payments(size.single.1);
        let floor = latency(echo.address, payments.clone());
        let synced = median(&disk.probe());
        row.add(floor + synced, latency(department.address, payments));
        echoes.push(floor);
    }
    report.note("echo, 1 in flight, p50", Unit::Time, &echoes);
    report.disk("fdatasync beside one payment", disk);
    report.add(row);
}

fn many_at_once(size: &Size, city: &mut City, department: &Department, echo: &Echo, report: &mut Report) {
    let mut disk = Disk::new(department.folder());
    let mut row = Row::new("payments, 64 in flight on 4", "echo", Unit::Rate, 0.6);
    for _ in 0..size.rounds {
        let payments = city.payments(size.many);
        disk.probe();
        let floor = rate(echo.address, (CONNECTIONS, IN_FLIGHT), payments.clone());
        row.add(floor, rate(department.address, (CONNECTIONS, IN_FLIGHT), payments));
    }
    report.disk("fdatasync beside 64 payments", disk);
    report.add(row);
}

/// Statements of many payments, beside the bare engine doing the same statements in the same commits.
fn batches(size: &Size, report: &mut Report) {
    let mut city = City::new(BATCHES.len() * size.rounds * size.lines);
    let department = Department::start(&city);
    let mut bare = Bare::copy_of(&department.database(), department.folder());
    let mut disk = Disk::new(department.folder());
    let mut rows = BATCHES.map(|lines| {
        Row::new(&format!("batches of {lines}, 4 in flight, lines"), "bare SQLite", Unit::Rate, 0.6)
    });
    for _ in 0..size.rounds {
        for (lines, row) in BATCHES.into_iter().zip(&mut rows) {
            disk.probe();
            let statements: Vec<_> = (0..size.lines / lines).map(|_| city.statement(lines)).collect();
            let prepared: Vec<_> =
                statements.iter().map(|request| bare::Batch::of(request, &department.secrets)).collect();
            let took: Duration = prepared.iter().map(|batch| bare.commit(batch)).sum();
            let floor = size.lines as f64 / seconds(took);
            let reported = rate(department.address, (CONNECTIONS, 1), statements);
            row.add(floor, reported * lines as f64);
        }
    }
    report.disk("fdatasync beside the batches", disk);
    rows.into_iter().for_each(|row| report.add(row));
    let database = department.database();
    let folder = department.stop();
    bare.assert_same_rows(&database);
    drop(folder);
}
