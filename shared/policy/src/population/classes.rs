//! Values that are alike, numbered.

use std::hash::Hash;

use super::NOT_GIVEN;
use super::groups::in_parts;
use super::intern::Interned;

/// Which of many values are alike.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// For each value the number of its class.
    pub of: Vec<u32>,
    /// For each class the place of its first value.
    pub firsts: Vec<u32>,
}

impl Classes {
    /// Values are alike whose keys are equal.
    pub fn of<K: Clone + Eq + Hash>(keys: impl Iterator<Item = K>) -> Self {
        Self::kept(keys).0
    }

    /// The same with the keys made on every core, for lists that are long.
    pub fn by<T: Sync, K: Clone + Eq + Hash + Send>(values: &[T], key: impl Fn(&T) -> K + Sync) -> Self {
        let parts = in_parts(values, |part| Self::kept(part.iter().map(&key)));
        let (mut all, mut keys) = (Self::default(), Interned::default());
        for (part, own) in parts {
            let numbers: Vec<u32> = own.into_iter().map(|key| keys.place(key)).collect();
            part.of.iter().for_each(|class| all.add(numbers[*class as usize]));
        }
        all
    }

    fn kept<K: Clone + Eq + Hash>(keys: impl Iterator<Item = K>) -> (Self, Vec<K>) {
        let (mut classes, mut kinds) = (Self::default(), Interned::default());
        keys.for_each(|key| classes.add(kinds.place(key)));
        (classes, kinds.into_all())
    }

    /// Adds a value. The numbers of new classes follow one another.
    fn add(&mut self, class: u32) {
        if class as usize == self.firsts.len() {
            self.firsts.push(u32::try_from(self.of.len()).unwrap_or(u32::MAX));
        }
        self.of.push(class);
    }

    /// The same values where classes are alike themselves.
    pub fn joined(self, classes: &Self) -> Self {
        let of = self.of.iter().map(|class| classes.of[*class as usize]).collect();
        Self { of, firsts: classes.firsts.iter().map(|class| self.firsts[*class as usize]).collect() }
    }

    /// The first value that is alike, by its place.
    pub fn like(&self, at: usize) -> Option<u32> {
        self.of.get(at).map(|class| self.firsts[*class as usize])
    }

    /// How many classes there are.
    pub fn len(&self) -> u64 {
        self.firsts.len() as u64
    }
}

/// Which days of a span are alike.
pub(super) enum DayClasses {
    /// Nobody asks.
    Unasked,
    Asked {
        first: i32,
        classes: Classes,
    },
}

impl DayClasses {
    /// The first that is alike.
    pub fn like(&self, day: i32) -> i32 {
        match self {
            Self::Unasked => NOT_GIVEN,
            Self::Asked { first, classes } => {
                let like = place(day, *first).and_then(|at| classes.like(at));
                like.and_then(|at| first.checked_add_unsigned(at)).unwrap_or(day)
            }
        }
    }

    /// How many classes there are, with that of a day that was not given.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Unasked => None,
            Self::Asked { classes, .. } => Some(classes.len() + 1),
        }
    }

    /// The number of the class; of a day that was not given it is 0.
    pub fn number(&self, day: i32) -> Option<u64> {
        match self {
            Self::Asked { first, classes } if day != NOT_GIVEN => {
                let class = place(day, *first).and_then(|at| classes.of.get(at));
                class.map(|class| u64::from(*class) + 1)
            }
            Self::Unasked | Self::Asked { .. } => Some(0),
        }
    }
}

/// How many days after the first.
fn place(day: i32, first: i32) -> Option<usize> {
    day.checked_sub(first).and_then(|at| usize::try_from(at).ok())
}
