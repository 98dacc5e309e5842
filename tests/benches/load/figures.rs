//! Medians, ratios, and the table that shows them.

use std::{fmt, time::Duration};

use crate::disk::Disk;

/// What a figure is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds: less is better.
    Time,
    /// A second: more is better.
    Rate,
}

/// A row of the table: what was measured, in each round, and the floor beside it.
pub struct Row {
    name: String,
    floor: &'static str,
    unit: Unit,
    goal: f64,
    rounds: Vec<(f64, f64)>,
}

/// The rows, and what should be known beside them.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

pub fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

pub fn median(figures: &[f64]) -> f64 {
    quantile(figures, 0.5)
}

/// The figure that so large a part of the others is not above.
pub fn quantile(figures: &[f64], part: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() as f64 * part) as usize;
    sorted[place.min(sorted.len() - 1)]
}

impl Row {
    /// A row whose figure is to be at most (a time) or at least (a rate) `goal` times its floor.
    pub fn new(name: &str, floor: &'static str, unit: Unit, goal: f64) -> Self {
        Self { name: name.to_owned(), floor, unit, goal, rounds: Vec::new() }
    }

    /// What a round came to.
    pub fn add(&mut self, floor: f64, measured: f64) {
        self.rounds.push((floor, measured));
    }
}

impl Report {
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A figure to be known beside the rows, from every round.
    pub fn note(&mut self, name: &str, unit: Unit, figures: &[f64]) {
        self.notes.push(format!("{name:<36}{}", unit.show(median(figures))));
    }

    /// How the disk was meanwhile.
    pub fn disk(&mut self, name: &str, disk: Disk) {
        let [half, most] = [0.5, 0.99].map(|part| Unit::Time.show(quantile(&disk.samples, part)));
        self.notes.push(format!("{name:<36}p50 {half}, p99 {most}"));
    }
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Self::Time => format!("{:.0} µs", figure * 1e6),
            Self::Rate => format!("{:.1} k/s", figure / 1e3),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let floors: Vec<f64> = self.rounds.iter().map(|(floor, _)| *floor).collect();
        let measured: Vec<f64> = self.rounds.iter().map(|(_, measured)| *measured).collect();
        let ratios: Vec<f64> = self.rounds.iter().map(|(floor, measured)| measured / floor).collect();
        let ratio = median(&ratios);
        let (sign, reached) = match self.unit {
            Unit::Time => ("≤", ratio <= self.goal),
            Unit::Rate => ("≥", ratio >= self.goal),
        };
        write!(
            f,
            "{:<36}{:>12}{:>12}  {:<18}{ratio:>5.2} ({:.2}–{:.2})   {sign} {:.1}  {}",
            self.name,
            self.unit.show(median(&measured)),
            self.unit.show(median(&floors)),
            self.floor,
            quantile(&ratios, 0.0),
            quantile(&ratios, 1.0),
            self.goal,
            if reached { "reached" } else { "missed" },
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["", "row", "floor", "", "ratio", "goal"];
        let [row, measured, floor, of, ratio, goal] = header;
        writeln!(f, "{row:<36}{measured:>12}{floor:>12}  {of:<18}{ratio:<20}{goal}")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        writeln!(f)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}
