//! What the channels themselves hold: every transaction whose money moved, written down while the season is played, so
//! that the books can be held against it later.

use std::{
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use canbao_host::StartError;
use canbao_types::{Date, Money};
use serde::{Deserialize, Serialize};

use super::{lines::at, words::money};

/// The file beside the departments' databases.
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

/// The journal while it is written.
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

/// Reads the journal of a folder, from its first transaction to its last.
pub(super) fn read(
    data: &Path,
) -> Result<impl Iterator<Item = Result<Moved, StartError>> + use<>, StartError> {
    let path = data.join(FILE);
    let reader = csv::Reader::from_path(&path).map_err(|error| at(&path, error))?;
    Ok(reader.into_deserialize().map(move |line| line.map_err(|error| at(&path, error))))
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
        let mut hasher = DefaultHasher::new();
        (row, amount.fen()).hash(&mut hasher);
        self.rows += 1;
        self.mark = self.mark.wrapping_add(hasher.finish());
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
