//! Numbers that a department shows of its own rows.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use canbao_store::{Store, StoreError, View};
use canbao_types::Date;
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::lock;
use crate::Clock;

/// Rows are not read more often than this, however often somebody asks.
const PAUSE: Duration = Duration::from_secs(15);

/// Numbers read from a department's rows: families with one set of labels, and the reading.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Name, without `canbao_`, and what it tells, of each family.
    pub families: &'static [(&'static str, &'static str)],
    /// The labels that every family has, besides the department.
    pub labels: &'static [&'static str],
    /// Reads as of a day in Beijing: for each set of label values, a number for each family.
    pub read: fn(&View, Date) -> Result<Vec<Numbers>, StoreError>,
}

/// The values of a reading's labels, and a number for each of its families.
pub type Numbers = (Vec<String>, Vec<i64>);

/// A set of labels and their values.
type Labelled = Vec<(&'static str, String)>;

/// A reading with what was last read.
#[derive(Debug)]
pub(super) struct Kept {
    department: &'static str,
    reading: Reading,
    store: Store,
    clock: Clock,
    families: Vec<Family<Labelled, Gauge>>,
    read_at: Mutex<Option<Instant>>,
}

impl Kept {
    pub(super) fn new(department: &'static str, reading: Reading, store: Store, clock: Clock) -> Self {
        let families = reading.families.iter().map(|_| Family::default()).collect();
        Self { department, reading, store, clock, families, read_at: Mutex::default() }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        for ((name, help), family) in self.reading.families.iter().zip(&self.families) {
            registry.register(*name, *help, family.clone());
        }
    }

    /// Reads again, when it is time; what cannot be read just now stays as it was.
    pub(super) async fn refresh(&self) {
        let now = Instant::now();
        {
            let mut read_at = lock(&self.read_at);
            if read_at.is_some_and(|then| now.duration_since(then) < PAUSE) {
                return;
            }
            *read_at = Some(now);
        }
        let (read, today) = (self.reading.read, self.clock.today());
        match self.store.read_page(move |view| read(view, today)).await {
            Ok(rows) => self.show(&rows),
            Err(error) => {
                tracing::warn!(department = self.department, %error, "a reading for the metrics failed");
            }
        }
    }

    fn show(&self, rows: &[Numbers]) {
        for (place, family) in self.families.iter().enumerate() {
            family.clear();
            for (values, numbers) in rows {
                let own = self.reading.labels.iter().copied().zip(values.iter().cloned());
                let labels = [("department", self.department.to_owned())].into_iter().chain(own).collect();
                family.get_or_create(&labels).set(numbers.get(place).copied().unwrap_or_default());
            }
        }
    }
}
