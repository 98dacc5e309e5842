//! A database of its own for each test, in a cluster that the tests of a process share.

pub use crate::common::*;

use super::cluster::Postgres;
use super::outside::left_out;
use canbao_store::{Options, Place, PostgresPlace, Role, Store, StoreError, Unit};
use std::thread;

pub struct Bench {
    pub cluster: &'static Postgres,
    pub database: String,
}

impl Bench {
    /// How many cases a random test tries: each makes a database.
    pub const CASES: u32 = 12;

    /// None, after saying so, where this engine is not to be had.
    pub fn new() -> Option<Self> {
        match Postgres::get() {
            Ok(cluster) => Some(Self { cluster, database: cluster.database() }),
            Err(why) => {
                left_out(thread::current().name().unwrap_or_default(), "postgres", &why);
                None
            }
        }
    }

    /// A database in a cluster of its own, which the test may kill.
    pub fn alone() -> Option<Self> {
        Self::new()?;
        // It ends with the process.
        let cluster: &Postgres = Box::leak(Box::new(Postgres::start().expect("a cluster")));
        Some(Self { cluster, database: cluster.database() })
    }

    /// Ends the session that has the writer's place, as an operator or a broken network would.
    pub fn end_the_writers_session(&self) {
        self.raw(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
    }

    /// The text that means the same to this engine as the other one does to the other.
    pub fn either(_sqlite: &str, postgres: &str) -> String {
        postgres.to_owned()
    }

    pub fn options(&self) -> Options {
        Self::options_at(self.place())
    }

    /// Options for a process that was told its place.
    pub fn options_at(url: String) -> Options {
        options(Place::Postgres(PostgresPlace { url, password: None, authority: None }))
    }

    /// Where the store is, for another process.
    pub fn place(&self) -> String {
        self.cluster.url(&self.database)
    }

    pub fn open(&self) -> Store {
        let store = Store::open(self.options()).expect("a store");
        until(&store, Role::Writer);
        store
    }

    /// Opens the store that another process has open: it cannot be written.
    pub async fn assert_taken(&self) {
        let store = Store::open(self.options()).expect("a store that stands by");
        let refused = store.write(1, |unit: &mut Unit| put(unit, 1, "from the wrong process")).await;
        assert_eq!(refused.map(|told| told.value), Err(StoreError::Standby));
        assert!(!store.is_writer());
        store.close().await;
    }

    /// Changes the database as a program that keeps no promise would.
    pub fn raw(&self, sql: &str) {
        self.look(sql);
    }

    /// What a statement answers to somebody who is no store: columns by `|`, rows by lines.
    pub fn look(&self, sql: &str) -> String {
        let mut psql = self.cluster.program("psql");
        let output = psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.database]);
        let output = output.output().expect("psql");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }
}
