//! A folder of its own for each test.

pub use crate::common::*;

use canbao_store::{OpenError, Options, Place, Store};
use tempfile::TempDir;

pub struct Bench {
    pub folder: TempDir,
}

impl Bench {
    /// How many cases a random test tries: opening is quick.
    pub const CASES: u32 = 64;

    /// None where this engine is not to be had, which it is everywhere.
    pub fn new() -> Option<Self> {
        Some(Self { folder: tempfile::tempdir().expect("a folder") })
    }

    /// The text that means the same to this engine as the other one does to the other.
    pub fn either(sqlite: &str, _postgres: &str) -> String {
        sqlite.to_owned()
    }

    pub fn options(&self) -> Options {
        Self::options_at(self.place())
    }

    /// Options for a process that was told its place.
    pub fn options_at(place: String) -> Options {
        options(Place::Folder(place.into()))
    }

    /// Where the store is, for another process.
    pub fn place(&self) -> String {
        self.folder.path().join("data").into_os_string().into_string().expect("a path in UTF-8")
    }

    pub fn open(&self) -> Store {
        Store::open(self.options()).expect("a store")
    }

    /// Opens the store that another process has open: it cannot be written.
    pub async fn assert_taken(&self) {
        assert!(matches!(Store::open(self.options()), Err(OpenError::Held { .. })));
    }

    /// Changes the database as a program that keeps no promise would.
    pub fn raw(&self, sql: &str) {
        let connection = rusqlite::Connection::open(self.folder.path().join("data/notes.sqlite"));
        connection.expect("a connection").execute_batch(sql).expect("changed");
    }
}
