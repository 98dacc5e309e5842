//! How fast two notices are held against one another for a population, beside a loop written by hand for the same change.
//!
//! `cargo bench -p canbao-policy --bench what_if`. Both count the same people and are seen to agree on every figure first; then
//! they take turns within each round. The times are the least of the rounds, the ratio is their median. A number of people behind `--` replaces the greatest.
#![allow(clippy::float_arithmetic, reason = "ratios of durations, no money")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot read its notice has nothing to measure")]

#[path = "what_if/by_hand.rs"]
mod by_hand;
#[path = "rulings/people.rs"]
mod people;

use std::{fs, hint::black_box, time::Instant};

use canbao_policy::population::{Population, compare};
use canbao_policy::{Facts, Notice};

/// Rounds of each measurement.
const ROUNDS: usize = 7;
/// People that are counted, in turn.
const PEOPLE: [usize; 2] = [1_000_000, 10_000_000];

fn main() {
    let greatest = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/notices/141181-2026.toml");
    let text = fs::read_to_string(path).unwrap();
    let notice = Notice::parse("141181-2026.toml", &text).unwrap();
    // The aid of one identity is raised by a tenth of the standard.
    let draft = text.replace("\"70%\"", "\"80%\"").replace("\"280\"", "\"320\"").replace("\"120\"", "\"80\"");
    let draft = Notice::parse("draft.toml", &draft).unwrap();
    println!(
        "{:<12}{:>8}{:>14}{:>12}{:>8}{:>14}{:>12}{:>12}",
        "people", "groups", "two notices", "by hand", "ratio", "bytes each", "a million", "to load"
    );
    for people in greatest.map_or(PEOPLE.to_vec(), |people| vec![people]) {
        measure(people, &notice, &draft);
    }
}

/// Somebody who has not paid, so that nobody knows how.
fn asks(facts: Facts) -> Facts {
    Facts {
        cover_year: None,
        paid: None,
        arrived: None,
        cash: None,
        channel: None,
        funds: None,
        kinship: None,
        option: None,
        ..facts
    }
}

fn measure(people: usize, notice: &Notice, draft: &Notice) {
    let before = resident();
    let began = Instant::now();
    let mut population = Population::new();
    people::of_xiaoyi(people).for_each(|facts| population.push(asks(facts)));
    let (loaded, bytes) = (began.elapsed(), resident().saturating_sub(before));
    let residents: Vec<by_hand::Resident> =
        people::of_xiaoyi(people).map(|facts| by_hand::Resident::of(&asks(facts))).collect();

    let compared = compare(&population, notice, draft);
    assert_eq!(by_hand::of(&compared), by_hand::compare(&residents), "the two agree on every figure");

    let mut rounds: [Vec<f64>; 2] = Default::default();
    for _ in 0..ROUNDS {
        rounds[0].push(seconds(|| drop(black_box(compare(&population, notice, draft)))));
        rounds[1].push(seconds(|| drop(black_box(by_hand::compare(&residents)))));
    }
    let ratios: Vec<f64> = rounds[0].iter().zip(&rounds[1]).map(|(engine, hand)| engine / hand).collect();
    let [engine, hand] = rounds.map(|round| round.into_iter().fold(f64::INFINITY, f64::min));
    let of_a_million = engine * 1_000_000.0 / people as f64;
    println!(
        "{people:<12}{:>8}{:>12.1}ms{:>10.1}ms{:>8.2}{:>14.1}{:>10.1}ms{:>11.1}s",
        compared.groups,
        engine * 1e3,
        hand * 1e3,
        median(&ratios),
        bytes as f64 / people as f64,
        of_a_million * 1e3,
        loaded.as_secs_f64(),
    );
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Memory of the process, in bytes; 0 where the system does not tell.
fn resident() -> usize {
    const PAGE: usize = 4_096;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * PAGE
}
