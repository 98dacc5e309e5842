//! Any jobs, in any order, against a model that a child could check.

use super::bench::{ALL, Bench, NOW, ids, put, tell};
use canbao_store::{Options, Store, StoreError, Unit};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// What a job, or an item in it, does.
#[derive(Debug, Clone)]
enum Step {
    Put(i64),
    /// As Put, but looks away when it fails.
    Overlook(i64),
    Tell(u8),
    /// Moves a cursor from where the job believes it stands.
    Advance(&'static str, u64, u64),
    Item(Vec<Step>, End),
}

#[derive(Debug, Clone, Copy)]
enum End {
    Keep,
    Refuse,
    Panic,
}

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Default)]
struct Model {
    ids: BTreeSet<i64>,
    log: Vec<u8>,
    cursors: BTreeMap<String, u64>,
}

/// How a job or an item came to nothing.
enum Undone {
    Refused,
    Panicked,
}

impl Model {
    fn run(&mut self, steps: &[Step], end: End) -> Result<(), Undone> {
        let mut after = self.clone();
        let mut spoiled = false;
        for step in steps {
            match step {
                Step::Overlook(_) | Step::Item(..) if spoiled => {}
                _ if spoiled => return Err(Undone::Refused),
                Step::Overlook(id) => spoiled = !after.ids.insert(*id),
                Step::Put(id) => {
                    if !after.ids.insert(*id) {
                        return Err(Undone::Refused);
                    }
                }
                Step::Tell(body) => after.log.push(*body),
                Step::Advance(log, from, by) => {
                    if after.cursors.get(*log).copied().unwrap_or(0) != *from {
                        return Err(Undone::Refused);
                    }
                    after.cursors.insert((*log).to_owned(), from + by);
                }
                Step::Item(steps, end) => {
                    if let Err(Undone::Panicked) = after.run(steps, *end) {
                        return Err(Undone::Panicked);
                    }
                }
            }
        }
        match end {
            End::Keep if !spoiled => *self = after,
            End::Keep | End::Refuse => return Err(Undone::Refused),
            End::Panic => return Err(Undone::Panicked),
        }
        Ok(())
    }

    async fn of(store: &Store) -> Self {
        let page = store.read_log(0, usize::MAX, ALL).await.expect("the log");
        assert_eq!(store.verify_log().await, Ok(page.head));
        Self {
            ids: ids(store).await.into_iter().collect(),
            log: page.rows.into_iter().map(|row| row.body[0]).collect(),
            cursors: store.cursors().borrow().clone(),
        }
    }
}

fn run(unit: &mut Unit, steps: &[Step], end: End) -> Result<(), StoreError> {
    for step in steps {
        match step {
            Step::Put(id) => put(unit, *id, "put")?,
            Step::Overlook(id) => drop(put(unit, *id, "overlooked")),
            Step::Tell(body) => drop(tell(unit, ALL, &[*body])?),
            Step::Advance(log, from, by) => unit.advance(log, *from, from + by)?,
            Step::Item(steps, end) => drop(unit.item(|unit| run(unit, steps, *end))),
        }
    }
    match end {
        End::Keep => Ok(()),
        End::Refuse => Err(StoreError::Closed),
        End::Panic => std::panic::resume_unwind(Box::new("as a test")),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = 0..30i64;
    let advance = (prop_oneof![Just("tax"), Just("civil-affairs")], 0..3u64, 0..2u64);
    let leaf = prop_oneof![
        4 => id.clone().prop_map(Step::Put),
        1 => id.prop_map(Step::Overlook),
        3 => any::<u8>().prop_map(Step::Tell),
        2 => advance.prop_map(|(log, from, by)| Step::Advance(log, from, by)),
    ];
    let step = leaf.prop_recursive(2, 12, 4, |inner| {
        (vec(inner, 0..4), end()).prop_map(|(steps, end)| Step::Item(steps, end))
    });
    vec(step, 0..5)
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![6 => Just(End::Keep), 2 => Just(End::Refuse), 1 => Just(End::Panic)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: Bench::CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// A millisecond passes at each look at the clock, so that groups close anywhere.
    #[test]
    fn any_jobs_leave_what_the_model_says_in_the_order_they_were_queued(jobs in vec((steps(), end()), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let Some(bench) = Bench::new() else { return };
            let now = AtomicI64::new(NOW);
            let clock = Arc::new(move || now.fetch_add(1_000, Relaxed));
            let store = Store::open(Options { clock, ..bench.options() }).expect("a store");
            let answers: Vec<_> = jobs
                .iter()
                .cloned()
                .map(|(steps, end)| store.write(1, move |unit: &mut Unit| run(unit, &steps, end)))
                .collect();
            let mut model = Model::default();
            for (answer, (steps, end)) in answers.into_iter().zip(&jobs) {
                let told = answer.await;
                match model.run(steps, *end) {
                    Ok(()) => assert_eq!(told.map(|told| told.position), Ok(model.log.len() as u64)),
                    Err(Undone::Panicked) => assert_eq!(told, Err(StoreError::Panicked)),
                    Err(Undone::Refused) => assert!(told.is_err()),
                }
            }
            assert_eq!(Model::of(&store).await, model);
            store.close().await;
            assert_eq!(Model::of(&bench.open()).await, model);
        });
    }
}
