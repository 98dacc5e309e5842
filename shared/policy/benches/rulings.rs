//! How fast a notice rules, beside a function written by hand for the same notice, and what a compiled notice weighs.
//!
//! `cargo bench -p canbao-policy --bench rulings`. Both answer the same people in turns within each round, and are seen to agree
//! on every one of them first; the ratio of the rounds' medians is what counts, the times belong to the machine.
#![allow(clippy::float_arithmetic, reason = "ratios of durations, no money")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot read its notice has nothing to measure")]

#[path = "rulings/by_hand.rs"]
mod by_hand;
#[path = "rulings/people.rs"]
mod people;

use std::{fs, hint::black_box, time::Instant};

use canbao_policy::{Facts, Notice, Notices};

/// Rounds of each measurement.
const ROUNDS: usize = 15;
/// People of a round.
const PEOPLE: usize = 4_096;
/// Times that a round asks about each of them.
const TIMES: usize = 8;
/// Copies of a notice whose weight is looked at together.
const COPIES: usize = 200;

fn main() {
    let notices = Notices::builtin().unwrap();
    let notice = notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap();
    let people: Vec<Facts> = people::of_xiaoyi(PEOPLE).collect();
    by_hand::assert_agrees(notice, &people);

    let mut rounds: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let measured = [
            round(&people, by_hand::pay),
            round(&people, |facts| notice.pay(facts)),
            round(&people, |facts| notice.explain_payment(facts)),
        ];
        for (all, one) in rounds.iter_mut().zip(measured) {
            all.push(one);
        }
    }
    let [floor, reasons, traced] = rounds;
    println!("{:<44}{:>10}{:>8}   goal", "a payment of 孝义 2026, all facts given", "a ruling", "ratio");
    let show = |name: &str, times: &[f64], goal: &str| {
        let ratios: Vec<f64> = times.iter().zip(&floor).map(|(time, floor)| time / floor).collect();
        println!("{name:<44}{:>7.0} ns{:>8.2}   {goal}", median(times), median(&ratios));
    };
    show("by hand", &floor, "");
    show("compiled, with its reasons", &reasons, "≤ 3 × by hand, ≤ 1,000 ns");
    show("compiled, with every row tried", &traced, "");
    println!();
    let mut kept = Vec::new();
    for notice in notices.iter() {
        println!("{:<44}{:>7} KiB compiled", notice.title(), weight(notice, &mut kept) / 1024);
    }
    black_box(kept);
}

/// Nanoseconds a ruling.
fn round<R>(people: &[Facts], rule: impl Fn(&Facts) -> R) -> f64 {
    let began = Instant::now();
    for _ in 0..TIMES {
        people.iter().for_each(|facts| drop(black_box(rule(facts))));
    }
    began.elapsed().as_nanos() as f64 / (people.len() * TIMES) as f64
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Bytes of memory that the process grows by with each copy of a notice's tables.
///
/// The copies are kept, or the next ones would take the room that these leave.
fn weight(notice: &Notice, kept: &mut Vec<Notice>) -> usize {
    let before = resident();
    kept.extend((0..COPIES).map(|_| notice.recompiled()));
    resident().saturating_sub(before) / COPIES
}

/// Memory of the process, in bytes; 0 where the system does not tell.
fn resident() -> usize {
    const PAGE: usize = 4_096;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * PAGE
}
