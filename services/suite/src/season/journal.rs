//! What the channels themselves hold: every transaction whose money moved. What they reported stands in the season's own
//! files; which of the payments that were asked for went through is written down while the season is played.

use std::{
    collections::HashSet,
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use canbao_host::StartError;
use canbao_types::{Date, Money};
use serde::{Deserialize, Serialize};

use super::{
    files::{PaymentLine, Plan},
    lines::{Lines, at},
    words::{Way, money},
};

/// The journal beside the departments' databases.
const FILE: &str = "channels.csv";

/// A transaction whose money moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moved {
    /// The channel.
    pub channel: String,
    /// Its number of the transaction.
    pub transaction: String,
    /// How much.
    #[serde(with = "money")]
    pub amount: Money,
    /// The day.
    pub paid_on: Date,
    /// Coverage years paid for at once.
    pub years: u32,
}

/// What the channel holds of a payment that went through.
impl From<&PaymentLine> for Moved {
    fn from(line: &PaymentLine) -> Self {
        Self {
            channel: line.channel.clone(),
            transaction: line.transaction.clone(),
            amount: line.amount,
            paid_on: line.paid_on(),
            years: line.years.unwrap_or(1).max(1),
        }
    }
}

/// The journal of the payments that were asked for, while it is written.
pub(super) struct Journal {
    writer: csv::Writer<File>,
    path: PathBuf,
}

impl Journal {
    /// Begins the journal of a folder.
    pub fn begin(data: &Path) -> Result<Self, StartError> {
        let path = data.join(FILE);
        let writer = csv::Writer::from_path(&path).map_err(|error| at(&path, error))?;
        Ok(Self { writer, path })
    }

    /// Money moved.
    pub fn add(&mut self, moved: &Moved) -> Result<(), StartError> {
        self.writer.serialize(moved).map_err(|error| at(&self.path, error))
    }

    /// The journal is complete.
    pub fn close(mut self) -> Result<(), StartError> {
        self.writer.flush().map_err(|error| at(&self.path, error))
    }
}

/// Where the channels' own files are: the season's folder, and that of the journal.
#[derive(Clone, Copy)]
pub(super) struct ChannelFiles<'a> {
    pub folder: &'a Path,
    pub data: &'a Path,
}

impl ChannelFiles<'_> {
    /// A season was played: its journal is there.
    pub fn played(&self) -> bool {
        self.data.join(FILE).exists()
    }

    /// Each transaction whose money moved, once: those of the journal, and then what was reported, as it was reported
    /// first.
    pub fn moved(
        &self,
        plan: &Plan,
    ) -> Result<impl Iterator<Item = Result<Moved, StartError>> + use<>, StartError> {
        let path = self.data.join(FILE);
        let journal = csv::Reader::from_path(&path).map_err(|error| at(&path, error))?;
        let journal = journal.into_deserialize().map(move |line| line.map_err(|error| at(&path, error)));
        let mut lines = Lines::<PaymentLine>::open(self.folder, plan)?;
        let next = move || lines.day().and_then(|day| lines.take(day).transpose());
        let reported = std::iter::from_fn(next).filter_map(|line| match line {
            Ok(line) => (line.way == Way::Report).then(|| Ok(Moved::from(&line))),
            Err(error) => Some(Err(error)),
        });
        // Marks in place of the transactions, which would take ten times as much room.
        let mut seen = HashSet::new();
        let first = move |moved: &Result<Moved, StartError>| {
            moved.as_ref().map_or(true, |moved| seen.insert(mark((&moved.channel, &moved.transaction))))
        };
        Ok(journal.chain(reported).filter(first))
    }
}

/// A number that stands for a row; the same for the same row.
pub(super) fn mark(row: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish()
}

/// Rows counted, summed up and marked: two tallies are equal when the same rows went into them, in whatever order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub rows: u64,
    pub amount: Money,
    mark: u64,
}

impl Tally {
    /// Adds a row.
    pub fn add(&mut self, row: impl Hash, amount: Money) -> Result<(), StartError> {
        self.rows += 1;
        self.mark = self.mark.wrapping_add(mark((row, amount.fen())));
        self.amount = self.amount.checked_add(amount).ok_or("more money than there is")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_are_equal_when_the_same_rows_went_into_them_in_whatever_order() {
        let tally = |rows: &[(&str, i64)]| {
            let mut tally = Tally::default();
            for (row, fen) in rows {
                tally.add(row, Money::from_fen(*fen).unwrap()).unwrap();
            }
            tally
        };
        let rows = tally(&[("A", 40_000), ("B", 8_000)]);
        assert_eq!(rows, tally(&[("B", 8_000), ("A", 40_000)]));
        assert_ne!(rows, tally(&[("B", 40_000), ("A", 8_000)]), "the sums agree, the rows do not");
        assert_ne!(rows, tally(&[("A", 40_000), ("A", 8_000)]));
    }
}
