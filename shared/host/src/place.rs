//! A department's database: where it is, which keys it was made with, and whether this process is the one that writes.

use std::{fs, path::PathBuf, time::Duration};

use canbao_store::{OpenError, Place, PostgresPlace, Role, Store, StoreError, Unit};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{Department, Failure, Settings, StartError, read_password};

/// The part of a department's health that tells whether this process writes: by it a balancer finds the one of several.
const WRITER: &str = "canbao.writer";

/// How often a process that waits for the one that writes looks whether that has written the marks.
const LOOK: Duration = Duration::from_millis(100);

/// A key that a database was made with: the name under which its fingerprint is written down, and the fingerprint.
pub(crate) type Mark = (&'static str, Vec<u8>);

/// Where the settings say that a department's database is.
pub(crate) fn place(settings: &Settings, department: &str) -> Result<Place, StartError> {
    let Some(url) = settings.database_of(department) else { return Ok(Place::Folder(settings.data.clone())) };
    let password = read_password(&password_file(settings, department))?;
    let authority = settings.database_authority.as_deref().map(|file| {
        fs::read(file).map_err(|error| format!("the database server's authority {}: {error}", file.display()))
    });
    Ok(Place::Postgres(PostgresPlace { url, password, authority: authority.transpose()? }))
}

/// Why a department's database cannot be opened: a server does not say where the password that it misses was looked for.
pub(crate) fn unopened(settings: &Settings, department: &str, error: OpenError) -> StartError {
    let file = password_file(settings, department);
    match error {
        OpenError::Server { .. } if !file.exists() => {
            format!("{error}; a password would be in {}, which is not there", file.display()).into()
        }
        error => error.into(),
    }
}

fn password_file(settings: &Settings, department: &str) -> PathBuf {
    settings.data.join(format!("{department}.password"))
}

/// Refuses a database that was made with other keys: in it nobody is known by number any more. The first process that
/// writes to a new one writes down which keys it has; one that stands by waits for that.
pub(crate) async fn hold(department: &Department) -> Result<(), StartError> {
    for &(name, ref fingerprint) in &department.marks {
        loop {
            let found = match department.store.read(move |view| view.mark(name)).await {
                Ok(None) if department.store.is_writer() => {
                    let fingerprint = fingerprint.clone();
                    let mark = move |unit: &mut Unit| match unit.mark(name)? {
                        None => unit.set_mark(name, &fingerprint),
                        Some(_) => Ok(()),
                    };
                    department.store.write(1, mark).await.map(|_| None)
                }
                found => found,
            };
            match found {
                Ok(Some(found)) if &found == fingerprint => break,
                Ok(Some(_)) => {
                    let words = format!("the database of {} was made with another {name}", department.name);
                    return Err(format!("{words}: bring back the one that belongs to it").into());
                }
                Ok(None) | Err(StoreError::Standby | StoreError::Aborted | StoreError::Unknown) => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Shows in the department's health whether this process writes, until its store is closed.
pub(crate) async fn show_writer(store: Store, health: HealthReporter) {
    let mut roles = store.roles();
    // Whoever follows it must not keep the store from closing.
    drop(store);
    loop {
        let writes = *roles.borrow_and_update() == Role::Writer;
        let status = if writes { ServingStatus::Serving } else { ServingStatus::NotServing };
        health.set_service_status(WRITER, status).await;
        if roles.changed().await.is_err() {
            return;
        }
    }
}

/// Waits until this process is the one that writes.
pub(crate) async fn until_writer(store: &Store) -> Result<(), Failure> {
    let written = store.roles().wait_for(|&role| role == Role::Writer).await.map(drop);
    written.map_err(|_| Failure::Store(StoreError::Closed))
}
