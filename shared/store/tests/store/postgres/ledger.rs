//! A writer's own book: what it sent, what it was answered, and what must be in the database after that.

use super::bench::{ALL, ids, put, tell};
use canbao_store::{Store, StoreError, Unit};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use tokio::task::JoinSet;

/// What was sent, by its outcome.
#[derive(Default)]
pub struct Ledger {
    pub done: BTreeSet<i64>,
    pub nothing: BTreeSet<i64>,
    pub unknown: BTreeSet<i64>,
}

/// Writers that write until they are stopped.
pub struct Load {
    stopped: Arc<AtomicBool>,
    writers: JoinSet<Ledger>,
}

/// Notes an id and tells it.
pub fn note(store: &Store, id: i64) -> impl Future<Output = Result<i64, StoreError>> + use<> {
    let written = store.write(1, move |unit: &mut Unit| {
        put(unit, id, "sent")?;
        tell(unit, ALL, &id.to_be_bytes())?;
        Ok(id)
    });
    async { written.await.map(|told| told.value) }
}

impl Load {
    /// Starts four writers; the ids of each are its own, the first ones from `first` on.
    pub fn start(store: &Store, first: i64) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        for writer in 0..4 {
            let (store, stopped) = (store.clone(), Arc::clone(&stopped));
            writers.spawn(async move {
                let mut ledger = Ledger::default();
                for id in (first + writer * 1_000_000..).take_while(|_| !stopped.load(SeqCst)) {
                    let outcome = match note(&store, id).await {
                        Ok(_) => &mut ledger.done,
                        Err(StoreError::Unknown) => &mut ledger.unknown,
                        Err(StoreError::Aborted | StoreError::Standby) => &mut ledger.nothing,
                        Err(error) => panic!("{error}"),
                    };
                    outcome.insert(id);
                    tokio::task::yield_now().await;
                }
                ledger
            });
        }
        Self { stopped, writers }
    }

    /// Stops them and adds their books up.
    pub async fn stop(mut self) -> Ledger {
        self.stopped.store(true, SeqCst);
        let mut all = Ledger::default();
        while let Some(ledger) = self.writers.join_next().await {
            all.add(ledger.expect("a writer"));
        }
        all
    }
}

impl Ledger {
    pub fn add(&mut self, other: Self) {
        self.done.extend(other.done);
        self.nothing.extend(other.nothing);
        self.unknown.extend(other.unknown);
    }

    /// What was acknowledged is there, what had no effect is not, nothing is there that nobody sent; and the log
    /// tells each once, in a chain without a gap.
    pub async fn assert_kept_by(&self, store: &Store) {
        let kept: BTreeSet<i64> = ids(store).await.into_iter().collect();
        let lost: Vec<_> = self.done.difference(&kept).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let smuggled: Vec<_> = self.nothing.intersection(&kept).collect();
        assert!(smuggled.is_empty(), "without effect, and there: {smuggled:?}");
        let sent: BTreeSet<i64> = self.done.union(&self.unknown).copied().collect();
        let strange: Vec<_> = kept.difference(&sent).collect();
        assert!(strange.is_empty(), "there, and never sent: {strange:?}");

        let told = told(store).await;
        assert_eq!(told.len(), kept.len());
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), kept);
    }
}

/// What the log tells, in its order, checked.
pub async fn told(store: &Store) -> Vec<i64> {
    let head = store.verify_log().await.expect("a whole log");
    let (mut told, mut after) = (Vec::new(), 0);
    while after < head {
        let page = store.read_log(after, 1_000, ALL).await.expect("a page");
        for row in page.rows {
            assert_eq!(row.position, told.len() as u64 + 1, "a gap");
            told.push(i64::from_be_bytes(row.body.try_into().expect("an id")));
        }
        after = page.next;
    }
    told
}
