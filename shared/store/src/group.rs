//! What is known of a group of jobs once it is over.

use std::time::Duration;

/// What became of a group of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is durable: each job gets its own answer.
    Committed,
    /// It has no effect, all of it.
    Aborted,
    /// It may or may not have taken effect, all of it.
    Unknown,
    /// It has no effect: another process is the one that writes.
    Standby,
}

/// A group as it went: what a meter wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The jobs in it.
    pub jobs: usize,
    /// Their items.
    pub items: usize,
    /// How long the jobs ran, the last time that they were run.
    pub work: Duration,
    /// How long COMMIT took; zero when it was not sent.
    pub commit: Duration,
    /// What became of it.
    pub fate: Fate,
}

/// Whether this process writes. Changes by itself where several processes have one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// It does.
    Writer,
    /// Another does; this one reads, answers writes with [`StoreError::Standby`](crate::StoreError::Standby), and
    /// writes as soon as the other has gone.
    Standby,
    /// The database cannot be reached.
    Away,
}
