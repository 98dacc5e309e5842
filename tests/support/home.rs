//! Where a suite keeps what it writes: a folder, and databases in it or on a server.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use canbao::databases::{self, Wanted};
use canbao_host::Settings;
use tempfile::TempDir;

use crate::{Postgres, left_out, settings};

/// A folder of keys, with the databases in it or on a server.
pub struct Home {
    folder: TempDir,
    server: Option<Server>,
}

/// Databases on a server; `{department}` stands for a department's name.
struct Server {
    /// As the departments reach them.
    database: String,
    /// As whoever may look at everything reaches them.
    looked_at: String,
}

impl Home {
    /// A fresh folder, for databases in it.
    pub fn fresh() -> Self {
        tempfile::tempdir().expect("a temporary folder").into()
    }

    /// A fresh folder, and databases on a cluster that no other test has, made as `canbao databases` makes them.
    pub async fn on(cluster: &Postgres) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = format!("t{}_{{department}}", MADE.fetch_add(1, Ordering::Relaxed));
        let database = format!("postgres://{name}@127.0.0.1:{}/{name}", cluster.port());
        let server = Server { database, looked_at: cluster.url(&name) };
        let home = Self { folder, server: Some(server) };
        let admin = cluster.url("postgres").parse().expect("where the server is");
        databases::make(&Wanted { admin, settings: home.settings(), apart: false }).await.expect("databases");
        home
    }

    /// A fresh folder, and databases on the cluster that the tests of this process share; none, said by name, where there
    /// is no server.
    pub async fn on_postgres(test: &str) -> Option<Self> {
        match Postgres::get() {
            Ok(cluster) => Some(Self::on(cluster).await),
            Err(why) => {
                left_out(test, "postgres", &why);
                None
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The setting `database`.
    pub fn database(&self) -> Option<&str> {
        self.server.as_ref().map(|server| server.database.as_str())
    }

    /// Where a department's database is, for whoever may look at everything.
    pub fn seen_from(&self, department: &str) -> String {
        let server = self.server.as_ref().expect("a home on a server");
        server.looked_at.replace("{department}", department)
    }

    /// The settings of a suite that lives here, on any free ports, with the tests' clock.
    pub fn settings(&self) -> Settings {
        Settings { database: self.database().map(str::to_owned), ..settings(self.path()) }
    }

    /// The flags of a program that lives here.
    pub fn flags(&self) -> Vec<String> {
        let data = format!("--data={}", self.path().display());
        let database = self.database().map(|database| format!("--database={database}"));
        [data].into_iter().chain(database).collect()
    }
}

impl From<TempDir> for Home {
    fn from(folder: TempDir) -> Self {
        Self { folder, server: None }
    }
}

/// Databases to be looked at: in a folder that nobody has open, or on a server.
#[derive(Clone, Copy, Debug)]
pub enum Kept<'a> {
    /// The folder they are in.
    Folder(&'a Path),
    /// Where they are; `{department}` stands for a department's name.
    Server(&'a str),
}

impl<'a> From<&'a Path> for Kept<'a> {
    fn from(folder: &'a Path) -> Self {
        Self::Folder(folder)
    }
}

impl<'a> From<&'a Home> for Kept<'a> {
    fn from(home: &'a Home) -> Self {
        home.server.as_ref().map_or(Self::Folder(home.path()), |server| Self::Server(&server.looked_at))
    }
}
