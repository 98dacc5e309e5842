//! The facts that were not given and on which an answer turns.

use crate::fact::Fact;
use crate::ruling::Unjudged;
use crate::sheet::{Answer, Seen, Sheet};
use crate::table::{Row, Test, bit};
use crate::trace::Verdict;

impl Sheet<'_> {
    /// Everything that was not given and on which a row turns.
    pub fn unjudged<T>(&self, row: &Row<T>) -> Vec<Unjudged> {
        let mut facts = Vec::new();
        self.add_unknown(row, &mut facts);
        let label = &self.tables.entry(row.entry).label;
        facts.into_iter().map(|fact| Unjudged { row: label.clone(), fact }).collect()
    }

    /// Adds the facts of a row's unknown tests; of a test of people or class, those of the rows that say who they are.
    fn add_unknown<T>(&self, row: &Row<T>, facts: &mut Vec<Fact>) {
        let tables = self.tables;
        let runs = row.when.of(&tables.alternatives).iter().chain(row.unless.of(&tables.alternatives));
        for alternative in runs.filter(|run| matches!(self.all(**run, None), Answer::Unknown(_))) {
            for test in alternative.of(&tables.tests) {
                let Answer::Unknown(fact) = self.test(test, None) else { continue };
                match *test {
                    Test::Word { fact: Fact::Who, any } => {
                        let unknown = tables
                            .who
                            .iter()
                            .enumerate()
                            .filter(|(at, _)| self.who.maybe & any & 1 << at != 0);
                        unknown.for_each(|(_, row)| self.add_unknown(row, facts));
                    }
                    Test::Word { fact: Fact::Class, .. } => {
                        tables.classes.iter().for_each(|row| self.add_unknown(row, facts));
                    }
                    _ if facts.contains(&fact) => {}
                    _ => facts.push(fact),
                }
            }
        }
    }

    /// The fact on which the condition of a row turns, whatever its exception says; `None` when it is known.
    pub fn condition_needs<T>(&self, row: &Row<T>) -> Option<Fact> {
        unknown(self.judge(row.when, None))
    }

    /// The fact to ask for when bits of another are unknown.
    #[cold]
    pub(crate) fn why(&self, fact: Fact, any: u64) -> Fact {
        let needed = match fact {
            Fact::Identity => self.facts.identities.as_ref().and_then(|held| {
                held.iter().find_map(|held| {
                    let bits = bit(&self.tables.names.identity, &held.name) & any & self.identity.maybe;
                    let row = self.tables.identities.get(bits.trailing_zeros() as usize)?;
                    unknown(self.judge(row.when, Some(held)))
                })
            }),
            Fact::Who => self.tables.who.iter().enumerate().find_map(|(at, row)| {
                match (1 << at & any & self.who.maybe != 0).then(|| self.verdict(row, &mut ()))? {
                    Verdict::Needs(fact) => Some(fact),
                    _ => None,
                }
            }),
            Fact::Class => Some(self.class_needs),
            Fact::Tier => Some(self.tier_needs),
            Fact::BalanceCovers => Some(Fact::Balance),
            Fact::Window | Fact::Late => Some(self.window_needs),
            Fact::History | Fact::Missed => Some(self.history.needs),
            Fact::WorkingDay => match self.paid {
                Seen::Unknown(fact) => Some(fact),
                Seen::Is(_) | Seen::Never => None,
            },
            _ => None,
        };
        needed.unwrap_or(fact)
    }
}

fn unknown(answer: Option<Answer>) -> Option<Fact> {
    match answer {
        Some(Answer::Unknown(fact)) => Some(fact),
        _ => None,
    }
}
