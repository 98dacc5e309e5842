//! The facts of one question set against one notice: what is known, what may be, and what follows.

use std::sync::Arc;

use canbao_types::{Date, Period};

use crate::fact::Fact;
use crate::facts::{Facts, HeldIdentity, Place};
use crate::history;
use crate::ruling::{Basis, HeldRuling};
use crate::table::{Limit, Row, Run, Tables, Test, bit};
use crate::trace::{Recorder, Verdict};
use crate::words::Step;

/// What is known of a fact made of words: the bits that hold, and those that may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub yes: u64,
    pub maybe: u64,
}

impl Mark {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { yes: 0, maybe: u64::MAX };

    /// Exactly these bits hold.
    pub const fn known(yes: u64) -> Self {
        Self { yes, maybe: 0 }
    }

    pub(crate) fn given(bits: Option<u64>) -> Self {
        bits.map_or(Self::UNKNOWN, Self::known)
    }

    pub(crate) fn flag(value: Option<bool>) -> Self {
        Self::given(value.map(|yes| 1 << u32::from(yes)))
    }
}

/// What is known of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is this day.
    Is(Date),
    /// There is no such day.
    Never,
    /// It turns on a fact that was not given.
    Unknown(Fact),
}

impl Seen {
    pub(crate) fn given(day: Option<Date>, fact: Fact) -> Self {
        day.map_or(Self::Unknown(fact), Self::Is)
    }
}

/// How far a wait moves a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    pub months: u32,
    pub days: i64,
}

impl Shift {
    /// Not at all.
    pub const NONE: Self = Self { months: 0, days: 0 };
}

/// The answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    /// This fact does not fit.
    No(Fact),
    Unknown(Fact),
}

/// The row of a first-hit table.
pub(crate) enum Pick<'a, T> {
    Row(&'a Row<T>),
    None,
    /// This row turns on a fact that was not given.
    Needs(&'a Row<T>, Fact),
}

/// One question's facts against a notice.
pub(crate) struct Sheet<'a> {
    pub tables: &'a Tables,
    pub facts: &'a Facts,
    /// The coverage year asked for, in days.
    pub cover: Option<Period>,
    /// The day of payment, or the day that stands for it.
    pub paid: Seen,
    /// The event that opened the window.
    pub event: Seen,
    pub identity: Mark,
    pub who: Mark,
    pub class: Mark,
    pub class_needs: Fact,
    pub tier: Mark,
    pub tier_needs: Fact,
    /// The first day of the person's own benefit, where a refund asks for it.
    pub start: Seen,
    pub window: Mark,
    pub late: Mark,
    pub window_needs: Fact,
    pub history: history::Known,
    pub working_day: Mark,
    pub short: Mark,
    /// Whether the account holds what is due.
    pub balance_covers: Mark,
}

impl<'a> Sheet<'a> {
    /// Derives what follows from the facts before any table but those of people is asked.
    pub fn new(tables: &'a Tables, facts: &'a Facts, paid: Seen, recorder: &mut impl Recorder) -> Self {
        let mut sheet = Self {
            tables,
            facts,
            cover: facts.cover_year.and_then(|year| history::cover_of(tables, year)),
            paid,
            event: Seen::Never,
            identity: Mark::UNKNOWN,
            who: Mark::default(),
            class: Mark::UNKNOWN,
            class_needs: Fact::Class,
            tier: Mark::UNKNOWN,
            tier_needs: Fact::Tier,
            start: Seen::Unknown(Fact::Start),
            window: Mark::UNKNOWN,
            late: Mark::UNKNOWN,
            window_needs: Fact::Paid,
            history: history::Known::of(tables, facts),
            working_day: Mark::UNKNOWN,
            // Until an amount is offered, none is short.
            short: Mark::known(1),
            balance_covers: Mark::UNKNOWN,
        };
        if let Some(held) = &facts.identities {
            sheet.identity = Mark::default();
            for identity in held {
                sheet.hold(identity, recorder);
            }
        }
        for (at, row) in tables.who.iter().enumerate() {
            match sheet.verdict(row, recorder) {
                Verdict::Holds => sheet.who.yes |= 1 << at,
                Verdict::Needs(_) => sheet.who.maybe |= 1 << at,
                Verdict::Fails(_) | Verdict::Excepted => {}
            }
        }
        sheet
    }

    fn hold(&mut self, identity: &HeldIdentity, recorder: &mut impl Recorder) {
        let bits = bit(&self.tables.names.identity, &identity.name);
        let Some(row) = self.tables.identities.get(bits.trailing_zeros() as usize) else { return };
        let answer = self.judge(row.when, Some(identity));
        let verdict = match answer {
            Some(Answer::Yes) | None => Verdict::Holds,
            Some(Answer::No(fact)) => Verdict::Fails(fact),
            Some(Answer::Unknown(fact)) => Verdict::Needs(fact),
        };
        recorder.tried(&self.tables.entry(row.entry).label, verdict);
        match verdict {
            Verdict::Holds => self.identity.yes |= bits,
            Verdict::Needs(_) => self.identity.maybe |= bits,
            Verdict::Fails(_) | Verdict::Excepted => {}
        }
    }

    /// Which of the identities on the rosters count.
    pub fn identities(&self) -> Vec<HeldRuling> {
        let ruling = |held: &HeldIdentity| {
            let bits = bit(&self.tables.names.identity, &held.name);
            let row = self.tables.identities.get(bits.trailing_zeros() as usize);
            let basis = row.map_or_else(|| Basis::from([]), |row| self.tables.entry(row.entry).basis.clone());
            let unknown = self.identity.maybe & bits != 0;
            HeldRuling {
                name: held.name.clone(),
                counts: (!unknown).then_some(self.identity.yes & bits != 0),
                basis,
            }
        };
        self.facts.identities.iter().flatten().map(ruling).collect()
    }

    /// The identities that count here and that a row asks for.
    pub fn identities_of<T>(&self, row: &Row<T>) -> Vec<Arc<str>> {
        let tables = self.tables;
        let asked = tables.tests(row.when).fold(0, |bits, test| match test {
            Test::Word { fact: Fact::Identity, any } => bits | any,
            _ => bits,
        });
        let names = tables.names.identity.iter().enumerate();
        let held = names.filter(|(at, _)| (asked & self.identity.yes) >> at & 1 == 1);
        held.map(|(_, name)| name.clone()).collect()
    }

    /// Whether an identity was recognised when a row asks for it; a question about one recognition speaks for them all.
    pub fn recognised_for<T>(&self, row: &Row<T>, held: &HeldIdentity) -> bool {
        let (None, Some(day)) = (self.facts.recognised, held.recognised) else { return true };
        let fits = |test: &Test| match *test {
            Test::Day { fact: fact @ Fact::Recognised, from, to, .. } => {
                !matches!(self.within(fact, day, from, to), Answer::No(_))
            }
            _ => true,
        };
        let alternatives = row.when.of(&self.tables.alternatives);
        alternatives.is_empty() || alternatives.iter().any(|run| run.of(&self.tables.tests).iter().all(fits))
    }

    /// Notes the class, or on which fact it turns.
    pub fn set_class(&mut self, class: Result<u64, Fact>) {
        match class {
            Ok(bits) => self.class = Mark::known(bits),
            Err(fact) => self.class_needs = fact,
        }
    }

    /// Notes the tier, or on which fact it turns.
    pub fn set_tier(&mut self, tier: Result<u64, Fact>) {
        match tier {
            Ok(bits) => self.tier = Mark::known(bits),
            Err(fact) => (self.tier, self.tier_needs) = (Mark::UNKNOWN, fact),
        }
    }

    /// Whether a step was completed; `false` also when it is not known.
    pub fn did(&self, step: Step) -> bool {
        self.facts.done.as_ref().is_some_and(|done| done.contains(&step))
    }

    /// The first row of a table that holds.
    pub fn first<T>(&self, rows: &'a [Row<T>], recorder: &mut impl Recorder) -> Pick<'a, T> {
        for row in rows {
            match self.verdict(row, recorder) {
                Verdict::Holds => return Pick::Row(row),
                Verdict::Needs(fact) => return Pick::Needs(row, fact),
                Verdict::Fails(_) | Verdict::Excepted => {}
            }
        }
        Pick::None
    }

    /// What becomes of a row.
    pub fn verdict<T>(&self, row: &Row<T>, recorder: &mut impl Recorder) -> Verdict {
        let when = self.judge(row.when, None);
        let verdict = match when {
            Some(Answer::No(fact)) => Verdict::Fails(fact),
            None | Some(Answer::Yes | Answer::Unknown(_)) => match (self.judge(row.unless, None), when) {
                (Some(Answer::Yes), _) => Verdict::Excepted,
                (_, Some(Answer::Unknown(fact))) | (Some(Answer::Unknown(fact)), _) => Verdict::Needs(fact),
                (None | Some(Answer::No(_)), _) => Verdict::Holds,
            },
        };
        recorder.tried(&self.tables.entry(row.entry).label, verdict);
        verdict
    }

    /// Any of the alternatives; `None` when there are none.
    pub(crate) fn judge(&self, run: Run, held: Option<&HeldIdentity>) -> Option<Answer> {
        let mut answer = None;
        for alternative in run.of(&self.tables.alternatives) {
            match (self.all(*alternative, held), answer) {
                (Answer::Yes, _) => return Some(Answer::Yes),
                (unknown @ Answer::Unknown(_), None | Some(Answer::No(_))) => answer = Some(unknown),
                (no @ Answer::No(_), None) => answer = Some(no),
                _ => {}
            }
        }
        answer
    }

    /// All of the tests: one that fails decides, then one that is unknown.
    pub(crate) fn all(&self, alternative: Run, held: Option<&HeldIdentity>) -> Answer {
        let mut answer = Answer::Yes;
        for test in alternative.of(&self.tables.tests) {
            match (self.test(test, held), answer) {
                (no @ Answer::No(_), _) => return no,
                (unknown @ Answer::Unknown(_), Answer::Yes) => answer = unknown,
                _ => {}
            }
        }
        answer
    }

    pub(crate) fn test(&self, test: &Test, held: Option<&HeldIdentity>) -> Answer {
        match *test {
            Test::Word { fact, any } => {
                let mark = self.mark(fact, held);
                if mark.yes & any != 0 {
                    Answer::Yes
                } else if mark.maybe & any != 0 {
                    Answer::Unknown(self.why(fact, any))
                } else {
                    Answer::No(fact)
                }
            }
            Test::Day { fact, of, from, to } => match self.day(fact, of, held) {
                Seen::Never => Answer::No(fact),
                Seen::Unknown(why) => Answer::Unknown(why),
                Seen::Is(day) => self.within(fact, day, from, to),
            },
            Test::Place { fact, division, inside } => match self.place(fact) {
                None => Answer::Unknown(fact),
                Some(Place::At(place)) if division.contains(place) == inside => Answer::Yes,
                Some(_) => Answer::No(fact),
            },
        }
    }

    fn within(&self, fact: Fact, day: Date, from: Limit, to: Limit) -> Answer {
        let (from, to) = (self.limit(from), self.limit(to));
        match (from, to) {
            (Some(Seen::Is(from)), _) if day < from => Answer::No(fact),
            (_, Some(Seen::Is(to))) if day > to => Answer::No(fact),
            (Some(Seen::Never), _) | (_, Some(Seen::Never)) => Answer::No(fact),
            (Some(Seen::Unknown(why)), _) | (_, Some(Seen::Unknown(why))) => Answer::Unknown(why),
            _ => Answer::Yes,
        }
    }

    pub(crate) fn limit(&self, limit: Limit) -> Option<Seen> {
        match limit {
            Limit::Open => None,
            Limit::On(day) => Some(Seen::Is(day)),
            Limit::At(at) => {
                self.tables.days.get(usize::from(at)).map(|expr| self.resolve(expr, Shift::NONE))
            }
        }
    }
}
