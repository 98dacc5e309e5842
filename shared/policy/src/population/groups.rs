//! People whom two notices cannot tell apart, counted together.

use std::collections::HashMap;
use std::num::NonZero;
use std::thread;

use super::alike::{Alike, Kind};
use super::intern::Quick;
use super::{Person, Population};
use crate::facts::Facts;
use crate::notice::Notice;

/// People of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// The first of them.
    first: Person,
    /// How many.
    pub people: u64,
}

/// Groups, and where they are found.
#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    numbered: HashMap<u64, usize, Quick>,
    others: HashMap<Kind, usize, Quick>,
}

impl Groups {
    /// Adds so many people who are like this one, and tells to which group.
    fn add(&mut self, alike: &Alike, like: &Person, people: u64) -> usize {
        let new = self.all.len();
        let at = match alike.number(like) {
            Some(number) => *self.numbered.entry(number).or_insert(new),
            None => *self.others.entry(alike.kind(like)).or_insert(new),
        };
        if at == new {
            self.all.push(Group { first: *like, people: 0 });
        }
        self.all[at].people += people;
        at
    }
}

/// Groups a population as two notices see it. The order of the groups means nothing.
pub(super) fn groups(population: &Population, notices: [&Notice; 2]) -> Vec<Group> {
    let alike = Alike::of(population, notices);
    let parts = in_parts(&population.people, |people| {
        let mut groups = Groups::default();
        for person in people {
            groups.add(&alike, person, 1);
        }
        groups
    });
    let all = parts.into_iter().reduce(|mut all, part| {
        for group in part.all {
            all.add(&alike, &group.first, group.people);
        }
        all
    });
    all.unwrap_or_default().all
}

/// The same groups, and to which each person belongs.
pub(super) fn placed(population: &Population, notices: [&Notice; 2]) -> (Vec<Group>, Vec<usize>) {
    let alike = Alike::of(population, notices);
    let mut groups = Groups::default();
    let of_each = population.people.iter().map(|person| groups.add(&alike, person, 1)).collect();
    (groups.all, of_each)
}

impl Group {
    /// The facts of one of them.
    pub fn facts(&self, population: &Population) -> Facts {
        population.facts(&self.first)
    }
}

/// Does the same for parts of a list at once, as many as the machine has cores.
pub(super) fn in_parts<T: Sync, R: Send>(all: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let part = all.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let working: Vec<_> = all.chunks(part).map(|part| scope.spawn(|| work(part))).collect();
        // A panic of a part is a panic of the whole.
        working
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
