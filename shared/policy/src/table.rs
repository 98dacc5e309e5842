//! A compiled notice: flat tables of rows, their conditions in one pool of tests.

use std::sync::Arc;

use canbao_types::{CoverYear, Date, Division, Money, Period, Reason};
use serde::Deserialize;

pub(crate) use crate::costs::{
    Aid, Amount, Cap, CapStep, Most, Of, Payer, Per, Price, Repair, Rounding, Subsidy,
};
use crate::declared::{Channel, DeclaredIdentity, OpenPoint, Provenance, Route, Target};
use crate::fact::Fact;
use crate::file::{Back, CountFrom, DeadlineStep, Ends, ForYear, Take, Undecided};
use crate::ruling::{Basis, Stated};
use crate::words::{Cause, RefundCause};

/// The words a notice declares, each list in its own order; a word's place is its bit.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub identity: Vec<Arc<str>>,
    pub who: Vec<Arc<str>>,
    pub class: Vec<Arc<str>>,
    pub tier: Vec<Arc<str>>,
    /// Windows of one name share a bit.
    pub window: Vec<Arc<str>>,
    pub option: Vec<Arc<str>>,
    pub ground: Vec<Arc<str>>,
    pub papers: Vec<Arc<str>>,
    pub kind: Vec<Arc<str>>,
    pub event: Vec<Arc<str>>,
    pub what: Vec<Arc<str>>,
}

impl Names {
    /// Every list.
    pub fn lists(&self) -> [&[Arc<str>]; 11] {
        let Self { identity, who, class, tier, window, option, ground, papers, kind, event, what } = self;
        [identity, who, class, tier, window, option, ground, papers, kind, event, what].map(Vec::as_slice)
    }
}

/// The bit of a word in a list; 0 when it is not there, or beyond the 64 that the checks allow.
pub(crate) fn bit(list: &[Arc<str>], word: &str) -> u64 {
    let at = list.iter().position(|known| &**known == word).and_then(|at| u32::try_from(at).ok());
    at.and_then(|at| 1_u64.checked_shl(at)).unwrap_or(0)
}

/// A run of a pool: alternatives of a condition, or tests of an alternative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub from: u16,
    pub to: u16,
}

impl Run {
    /// The run's elements.
    pub fn of<T>(self, pool: &[T]) -> &[T] {
        pool.get(usize::from(self.from)..usize::from(self.to)).unwrap_or_default()
    }
}

/// One test of one fact.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Test {
    /// The fact's bits share one with these.
    Word { fact: Fact, any: u64 },
    /// The day lies between these, ends included. `of` limits which identities' recognition is meant.
    Day { fact: Fact, of: u64, from: Limit, to: Limit },
    /// The place is this one or inside it; or, if not `inside`, is known and outside it.
    Place { fact: Fact, division: Division, inside: bool },
}

/// One end of a period.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// None.
    Open,
    /// This day.
    On(Date),
    /// The day of an expression in the pool.
    At(u16),
}

/// A named point a date expression counts from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    /// A day of the calendar.
    On(Date),
    /// A day of the person; `of` limits which identities' recognition is meant.
    Day { fact: Fact, of: u64 },
    /// The first day of the coverage year asked for.
    CoverStart,
    /// Its last day.
    CoverEnd,
    /// The first day of a window, by its row.
    WindowFrom(u16),
    /// The last day of a window, by its row.
    WindowTo(u16),
}

/// To which day of a month a date expression is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Round {
    /// The first of the next month, after everything was counted.
    #[serde(rename = "next-month")]
    NextMonth,
    /// The first of the month the latest point lies in, before anything is counted.
    #[serde(rename = "this-month")]
    ThisMonth,
}

/// A date expression: the latest of its points, from the first of its month if rounded so; plus or minus months, plus or
/// minus days, plus the wait; then the first of the next month if rounded so; then no earlier than `not_before`.
#[derive(Debug, Clone)]
pub(crate) struct DayExpr {
    pub from: [Option<Anchor>; 3],
    pub months: i32,
    pub days: i64,
    pub wait: Option<u16>,
    pub round: Option<Round>,
    pub not_before: Option<Anchor>,
}

/// A row: what it says when its condition holds and its exception does not.
#[derive(Debug)]
pub(crate) struct Row<T> {
    /// Index into the entries.
    pub entry: u16,
    /// Alternatives, one of which must hold.
    pub when: Run,
    /// Alternatives, none of which may hold.
    pub unless: Run,
    pub then: T,
}

/// Name and clauses of an entry.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Table and id.
    pub label: Arc<str>,
    /// The id alone.
    pub id: Arc<str>,
    pub basis: Basis,
    /// Its condition names other coverage years only: it stands in a layer that the notices of several years share.
    pub other_year: bool,
}

#[derive(Debug)]
pub(crate) struct Refuse {
    pub reason: Reason,
    pub say: Option<Arc<str>>,
    pub warn: bool,
}

#[derive(Debug)]
pub(crate) struct Window {
    /// Index into the window names.
    pub name: u8,
    pub year: ForYear,
    pub from: DayExpr,
    pub to: DayExpr,
    pub month_days: Option<(u32, u32)>,
    pub late: bool,
    /// Bits of the event kinds that open it; 0 when none is needed.
    pub events: u64,
    /// Its last day is the person's own.
    pub personal: bool,
}

/// The tier (档次) a row lets people choose, or lays down.
#[derive(Debug)]
pub(crate) struct Tier {
    /// What may be chosen; empty when nothing may.
    pub choice: Vec<Arc<str>>,
    /// Laid down to be paid.
    pub paid: Option<Arc<str>>,
    /// Enjoyed whatever is paid; `None` when it is the one paid.
    pub enjoyed: Option<Stated<Arc<str>>>,
}

#[derive(Debug)]
pub(crate) struct Deadline {
    pub who: Arc<str>,
    pub step: DeadlineStep,
    pub by: DayExpr,
}

#[derive(Debug)]
pub(crate) struct Exclusion {
    pub cause: Cause,
    pub decide: Option<Undecided>,
}

#[derive(Debug)]
pub(crate) enum Benefit {
    Runs {
        start: DayExpr,
        end: DayExpr,
        /// What the exception rests on.
        exception: Basis,
    },
    Undecided(Undecided),
}

#[derive(Debug)]
pub(crate) struct Wait {
    pub entry: u16,
    pub fixed_months: u32,
    /// Beside the months.
    pub fixed_days: u32,
    pub months_per_missed_year: u32,
    pub free_missed_years: u32,
    pub count_missed_from: CountFrom,
    pub floor: Option<(u32, u32)>,
    pub at_least: bool,
    pub ends: Ends,
    /// What the months for missed years rest on.
    pub variable_basis: Basis,
    /// What the floor rests on.
    pub floor_basis: Basis,
}

#[derive(Debug)]
pub(crate) enum Refund {
    Back { back: Back, reason: Option<Reason> },
    Undecided(Undecided),
}

#[derive(Debug)]
pub(crate) struct Delay {
    /// Bits of what it shows.
    pub what: u64,
    pub working_days: Stated<u32>,
    pub shows: Vec<Arc<str>>,
}

/// Everything a notice says, ready to be asked.
#[derive(Debug)]
pub(crate) struct Tables {
    pub title: Arc<str>,
    pub provenance: Provenance,
    pub division: Division,
    pub pool: Division,
    pub year: CoverYear,
    pub cover: Period,
    pub names: Names,
    pub tests: Vec<Test>,
    pub alternatives: Vec<Run>,
    pub days: Vec<DayExpr>,
    pub entries: Vec<Entry>,
    pub identities: Vec<Row<()>>,
    /// The same identities, as the notice declares them.
    pub declared: Vec<DeclaredIdentity>,
    pub who: Vec<Row<()>>,
    pub classes: Vec<Row<()>>,
    pub refuse_registration: Vec<Row<Refuse>>,
    pub refuse_payment: Vec<Row<Refuse>>,
    pub eligible: Vec<Row<()>>,
    pub windows: Vec<Row<Window>>,
    /// The entry that lets a department open a period for one person, and the period's name.
    pub opened: Option<(u16, Arc<str>)>,
    pub routes: Vec<Row<Route>>,
    pub deadlines: Vec<Row<Deadline>>,
    /// The tiers, first hit.
    pub tiers: Vec<Row<Tier>>,
    pub repair: Option<Repair>,
    /// What may be bought along, by name, and for how much.
    pub products: Vec<Row<Stated<Money>>>,
    pub cap: Option<Cap>,
    pub exclusions: Vec<Row<Exclusion>>,
    /// What may be drawn, by name; of some a person must decide, or the notice does not say on what they turn.
    pub entitlements: Vec<Row<Option<Undecided>>>,
    pub options: Vec<Row<Arc<str>>>,
    /// The published figures, by entry.
    pub bases: Vec<(u16, Stated<Money>)>,
    pub prices: Vec<Row<Price>>,
    /// Whether the price is locked.
    pub prepay: Vec<Row<bool>>,
    pub subsidies: Vec<Row<Subsidy>>,
    /// The ground of a refund that each cause has here.
    pub causes: Vec<(RefundCause, Arc<str>)>,
    /// How several aids combine, by entry; `None` when the notice has no rule.
    pub aid_rule: Option<(u16, Take)>,
    pub aid: Vec<Row<Aid>>,
    /// The entry that lets the day of confirmation stand for a payment of nothing.
    pub settled: Option<u16>,
    pub benefits: Vec<Row<Benefit>>,
    /// The last day, when the row holds.
    pub benefit_ends: Vec<Row<DayExpr>>,
    pub waits: Vec<Wait>,
    pub refunds: Vec<Row<Refund>>,
    pub delays: Vec<Row<Delay>>,
    /// The conditions on which somebody may pay through a channel; in the order of `channels`.
    pub channel_rows: Vec<Row<()>>,
    pub channels: Vec<Channel>,
    pub targets: Vec<Target>,
    /// Announced without a figure.
    pub announced: Vec<(Arc<str>, Basis)>,
    pub open: Vec<OpenPoint>,
}

impl Tables {
    /// Whether an end of a period is the first day of the person's own benefit.
    pub fn is_start(&self, limit: Limit) -> bool {
        let Limit::At(at) = limit else { return false };
        let points = self.days.get(usize::from(at)).map(|expr| expr.from.iter().chain([&expr.not_before]));
        points
            .into_iter()
            .flatten()
            .flatten()
            .any(|point| matches!(point, Anchor::Day { fact: Fact::Start, .. }))
    }

    /// The tests of all alternatives of a condition.
    pub fn tests(&self, run: Run) -> impl Iterator<Item = &Test> {
        run.of(&self.alternatives).iter().flat_map(|alternative| alternative.of(&self.tests))
    }

    /// Name and clauses of an entry.
    pub fn entry(&self, at: u16) -> &Entry {
        &self.entries[usize::from(at)]
    }
}
