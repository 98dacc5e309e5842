//! What was decided by notices that are other ones now is decided anew, in the background, once.

use std::{sync::Arc, time::Duration};

use canbao_store::{StoreError, Unit, View};
use canbao_types::{CoverYear, Division, ResidentId};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{Department, Failure, place::until_writer};

/// Residents decided anew in one unit of work, so that a request beside it waits for a few of them alone.
const PAGE: u32 = 200;

/// The part of a department's health that tells whether all that stands was decided by the notices of this start.
const PART: &str = "canbao.notices";

/// After a failure, such as a full queue.
const PAUSE: Duration = Duration::from_secs(1);

/// A division and coverage year.
type Place = (Division, CoverYear);

type Places = fn(&View) -> Result<Vec<Place>, StoreError>;
type Residents = fn(&View, Place, &[u8; 16], u32) -> Result<Vec<ResidentId>, StoreError>;
type Fingerprint = dyn Fn(Division, CoverYear) -> Vec<u8> + Send + Sync;
type Again = dyn Fn(&mut Unit, &(Division, CoverYear, ResidentId)) -> Result<(), Failure> + Send + Sync;

/// What a department decides anew when the notices that it was given are other ones than those of its last start.
///
/// Events decide as well while this goes on, so what is decided here comes from the facts that are there and may be decided
/// twice.
#[derive(Clone)]
pub struct Renewal {
    places: Places,
    residents: Residents,
    fingerprint: Arc<Fingerprint>,
    again: Arc<Again>,
}

impl Renewal {
    /// `places` lists where the department knows anybody, `residents` a page of them after an id, in the order of their
    /// ids; `fingerprint` tells the notices of a place from other ones, and `again` decides one resident.
    pub fn new(
        places: Places,
        residents: Residents,
        fingerprint: impl Fn(Division, CoverYear) -> Vec<u8> + Send + Sync + 'static,
        again: impl Fn(&mut Unit, &(Division, CoverYear, ResidentId)) -> Result<(), Failure>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { places, residents, fingerprint: Arc::new(fingerprint), again: Arc::new(again) }
    }

    /// Decides anew whatever has other notices now; a place that is done is marked, so that it is done once. Shows in the
    /// department's health when nothing is left to do.
    pub(crate) async fn run(self, department: Department, health: HealthReporter) {
        health.set_service_status(PART, ServingStatus::NotServing).await;
        let mut told = String::new();
        loop {
            if until_writer(&department.store).await.is_err() {
                return;
            }
            match self.all(&department).await {
                Ok(()) => return health.set_service_status(PART, ServingStatus::Serving).await,
                Err(Failure::Store(StoreError::Closed)) => return,
                Err(failure) => {
                    let why = failure.to_string();
                    if told != why {
                        tracing::warn!(department = department.name, "cannot decide anew for now: {why}");
                        told = why;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn all(&self, department: &Department) -> Result<(), Failure> {
        for place in department.store.read(self.places).await? {
            let fingerprint = (self.fingerprint)(place.0, place.1);
            let mark = format!("notices.{}.{}", place.0, place.1.get());
            let name = mark.clone();
            let before = department.store.read(move |view| view.mark(&name)).await?;
            if before.as_ref() != Some(&fingerprint) {
                self.place(department, place, (mark, fingerprint)).await?;
            }
        }
        Ok(())
    }

    async fn place(
        &self,
        department: &Department,
        place: Place,
        (mark, fingerprint): (String, Vec<u8>),
    ) -> Result<(), Failure> {
        let (mut after, mut count) = ([0; 16], 0);
        loop {
            let residents = self.residents;
            let page = department.store.read(move |view| residents(view, place, &after, PAGE)).await?;
            let done = page.len() < PAGE as usize;
            count += page.len();
            if let Some(last) = page.last() {
                after = *last.as_bytes();
            }
            let (again, mark, fingerprint) = (self.again.clone(), mark.clone(), fingerprint.clone());
            let items = page.len().max(1);
            let job = move |unit: &mut Unit| {
                page.iter().try_for_each(|&resident| again(unit, &(place.0, place.1, resident)))?;
                if done {
                    unit.set_mark(&mark, &fingerprint)?;
                }
                Ok::<_, Failure>(())
            };
            department.store.write(items, job).await?;
            if done {
                let (division, year) = place;
                tracing::info!(%division, year = year.get(), residents = count, "decided anew by other notices");
                return Ok(());
            }
        }
    }
}
