//! What is measured: one registry for an [`Installation`](crate::Installation), so that several suites in one process do
//! not mix. Every family begins with `canbao_`, ends with its unit, and tells the department.
//!
//! What happens is counted when it happens; what stands is looked at when somebody asks for the page. No label grows
//! with what a caller writes: methods and reasons are those of the contracts, divisions and years those of the notices.

mod families;
mod page;
mod reading;
mod request;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use canbao_store::{GroupWatch, Store};
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::sync::Semaphore;

use crate::{Department, Limits};

use families::{Families, flag, number};

pub use page::MetricsPage;
pub use reading::Reading;
pub(crate) use request::Asked;

/// Looks at what stands and writes it into the gauges.
type Look = Box<dyn Fn(&Families) + Send + Sync>;

/// The registry of an installation.
pub struct Metrics {
    registry: Mutex<Registry>,
    families: Families,
    looks: Mutex<Vec<Look>>,
    readings: Mutex<Vec<Arc<reading::Kept>>>,
    stores: Mutex<Vec<(&'static str, Store)>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("canbao");
        let families = Families::default();
        families.register(&mut registry);
        Self {
            registry: Mutex::new(registry),
            families,
            looks: Mutex::default(),
            stores: Mutex::default(),
            readings: Mutex::default(),
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// What is measured of one department.
    pub fn department(self: &Arc<Self>, name: &'static str) -> Measures {
        Measures { metrics: Arc::clone(self), department: name }
    }

    /// All of it as OpenMetrics text, as things stand now. A department's own rows are read at most every 15 s.
    pub async fn text(&self) -> String {
        let readings = lock(&self.readings).clone();
        for reading in readings {
            reading.refresh().await;
        }
        let stores = lock(&self.stores).clone();
        for (department, store) in stores {
            self.families.log(department, store.chain().await);
        }
        for look in lock(&self.looks).iter() {
            look(&self.families);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &lock(&self.registry));
        text
    }
}

/// What is measured of one department.
#[derive(Clone, Debug)]
pub struct Measures {
    metrics: Arc<Metrics>,
    department: &'static str,
}

impl Measures {
    /// The department's name.
    pub(crate) fn department(&self) -> &'static str {
        self.department
    }

    fn families(&self) -> &Families {
        &self.metrics.families
    }

    /// Has what stands looked at whenever the page is asked for, and the department's own rows read.
    pub(crate) fn standing(
        &self,
        department: &Department,
        (limits, connections, requests): (Limits, &Arc<Semaphore>, &Arc<Semaphore>),
        readings: Vec<Reading>,
    ) {
        let (name, store) = (self.department, department.store.clone());
        let certificates = department.certificates.clone();
        let (connections, requests) = (connections.clone(), requests.clone());
        let look = move |families: &Families| {
            let labels = [("department", name)];
            let taken = |limit: usize, places: &Semaphore| {
                number(limit.saturating_sub(places.available_permits()) as u64)
            };
            families.connections.get_or_create(&labels).set(taken(limits.connections, &connections));
            families.requests_under_way.get_or_create(&labels).set(taken(limits.requests, &requests));
            families.queue_items.get_or_create(&labels).set(number(store.queued() as u64));
            families.writer.get_or_create(&labels).set(flag(store.is_writer()));
            if let Some(certificates) = &certificates {
                let end = certificates.until().timestamp();
                families.certificate_end.get_or_create(&labels).set(end);
            }
        };
        lock(&self.metrics.looks).push(Box::new(look));
        lock(&self.metrics.stores).push((name, department.store.clone()));
        for reading in readings {
            let kept = reading::Kept::new(name, reading, department.store.clone(), department.clock.clone());
            kept.register(&mut lock(&self.metrics.registry));
            lock(&self.metrics.readings).push(Arc::new(kept));
        }
    }

    /// Counts the groups of units of work. Holds no store, so that a store is dropped with its last user.
    pub(crate) fn groups(&self) -> GroupWatch {
        let (department, families) = (self.department, self.families().groups());
        Arc::new(move |group| families.count(department, group))
    }

    /// What is measured of following a log.
    pub(crate) fn following(&self, log: &'static str) -> Following {
        let following = Following { measures: self.clone(), log };
        following.serving(false);
        following.stopped(false);
        following
    }
}

/// What is measured of following one log.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    measures: Measures,
    log: &'static str,
}

impl Following {
    fn labels(&self) -> families::Labels<2> {
        [("department", self.measures.department), ("log", self.log)]
    }

    /// A page was read: where the cursor stands, and where the log ended.
    pub(crate) fn page(&self, cursor: u64, head: u64) {
        let families = self.measures.families();
        families.follow_cursor.get_or_create(&self.labels()).set(number(cursor));
        families.follow_lag.get_or_create(&self.labels()).set(number(head.saturating_sub(cursor)));
    }

    /// Whether the log is being followed.
    pub(crate) fn serving(&self, serving: bool) {
        self.measures.families().following.get_or_create(&self.labels()).set(flag(serving));
    }

    /// Whether following ended at an event that cannot be read.
    pub(crate) fn stopped(&self, stopped: bool) {
        self.measures.families().follow_stopped.get_or_create(&self.labels()).set(flag(stopped));
    }
}

/// A panic while holding one of these leaves it whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
