//! Which rows a known word takes out at once: for each word of each fact a set of rows, as bits, whose condition it fails in
//! every alternative. Most rows fall through here before any of their tests is looked at.

use crate::facts::Fact;
use crate::sheet::Mark;
use crate::table::{Run, Test};

/// Entries that have a place in a set; of the others every test is looked at.
const PLACES: usize = 256;

/// A set of rows, by entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rows([u64; PLACES / 64]);

/// The rows that each word takes out, for the facts that conditions use.
#[derive(Debug, Default)]
pub(crate) struct Sieve(Vec<Words>);

/// What the words of one fact take out.
#[derive(Debug)]
struct Words {
    fact: Fact,
    /// When there is none of them.
    none: Rows,
    /// By the word's bit.
    each: [Rows; 64],
}

impl Rows {
    /// Whether a row is in the set.
    pub fn has(&self, entry: u16) -> bool {
        let entry = usize::from(entry);
        self.0.get(entry / 64).is_some_and(|bits| bits >> (entry % 64) & 1 == 1)
    }

    fn add(&mut self, entry: u16) {
        let entry = usize::from(entry);
        if let Some(bits) = self.0.get_mut(entry / 64) {
            *bits |= 1 << (entry % 64);
        }
    }

    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, other)| *bits |= other);
    }

    fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, other)| *bits &= other);
    }
}

impl Sieve {
    /// Made of the conditions of all rows, by entry.
    pub fn of(rows: &[(u16, Run)], alternatives: &[Run], tests: &[Test]) -> Self {
        let mut facts: Vec<Fact> = Vec::new();
        for test in tests {
            if let Test::Word { fact, .. } = test
                && !facts.contains(fact)
            {
                facts.push(*fact);
            }
        }
        Self(facts.into_iter().map(|fact| Words::of(fact, rows, alternatives, tests)).collect())
    }

    /// The facts that take rows out.
    pub fn facts(&self) -> impl Iterator<Item = Fact> {
        self.0.iter().map(|words| words.fact)
    }

    /// Adds the rows that fail for what is known of a fact.
    pub fn sift(&self, fact: Fact, mark: Mark, out: &mut Rows) {
        let Some(words) = self.0.iter().find(|words| words.fact == fact).filter(|_| mark.maybe == 0) else {
            return;
        };
        // Of several words any may do, so only what each of them fails has failed.
        let mut failed = words.none;
        let mut left = mark.yes;
        while left != 0 {
            failed.keep(&words.each[left.trailing_zeros() as usize]);
            left &= left - 1;
        }
        out.join(&failed);
    }
}

impl Words {
    fn of(fact: Fact, rows: &[(u16, Run)], alternatives: &[Run], tests: &[Test]) -> Self {
        let mut words = Self { fact, none: Rows::default(), each: [Rows::default(); 64] };
        for (entry, when) in rows {
            // The words that leave one of the alternatives open; all of them, where an alternative does not ask.
            let asked = |run: &Run| {
                let about = run.of(tests).iter().filter_map(|test| match *test {
                    Test::Word { fact: asked, any } if asked == fact => Some(any),
                    _ => None,
                });
                about.reduce(|one, other| one & other)
            };
            let open: Vec<Option<u64>> = when.of(alternatives).iter().map(asked).collect();
            if open.is_empty() || open.contains(&None) {
                continue;
            }
            words.none.add(*entry);
            let open = open.into_iter().flatten().fold(0, |all, any| all | any);
            for (bit, rows) in words.each.iter_mut().enumerate() {
                if open >> bit & 1 == 0 {
                    rows.add(*entry);
                }
            }
        }
        words
    }
}
