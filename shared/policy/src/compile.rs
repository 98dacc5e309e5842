//! Compiles a notice file into flat tables, telling everything that is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use canbao_types::{Citation, ClauseId, CoverYear, Date, Division, Period};
use toml::Value;

use crate::condition::{ANY_IDENTITY, Scope, index};
use crate::declared;
use crate::fact::Fact;
use crate::file;
use crate::point::fixed_day;
use crate::problem::unknown;
use crate::reader::{Entry, Reader, Shape};
use crate::ruling::Basis;
use crate::table::{self, DayExpr, Limit, Names, Row, Run, Tables, Test};
use crate::words::RefundCause;

/// The format this crate reads.
const FORMAT: i64 = 1;

/// Where conditions and date expressions are gathered.
#[derive(Default)]
pub(crate) struct Pools {
    pub tests: Vec<Test>,
    pub alternatives: Vec<Run>,
    pub days: Vec<DayExpr>,
    pub entries: Vec<table::Entry>,
}

/// A notice on its way from file to tables.
pub(crate) struct Compiler<'f> {
    pub reader: Reader<'f>,
    pub pools: Pools,
    pub names: Names,
    /// Groups with the bits of their members.
    pub groups: Vec<(String, u64)>,
    /// Windows by row, as far as compiled.
    pub window_names: Vec<Arc<str>>,
    pub causes: Vec<(RefundCause, Arc<str>)>,
    pub payers: Vec<Arc<str>>,
    pub base_names: Vec<Arc<str>>,
    /// Whether the first day of the person's own benefit is a point in time here.
    pub knows_start: bool,
    pub wait_names: Vec<Arc<str>>,
    /// The notice's own coverage year.
    year: Option<CoverYear>,
    /// What the entries cite and rest on, for the checks.
    pub cited: BTreeSet<ClauseId>,
    pub rests_on: BTreeSet<String>,
}

impl<'f> Compiler<'f> {
    /// Begins with the tables of a file.
    pub fn new(reader: Reader<'f>) -> Self {
        Self {
            reader,
            pools: Pools::default(),
            names: Names::default(),
            groups: Vec::new(),
            window_names: Vec::new(),
            causes: Vec::new(),
            payers: Vec::new(),
            base_names: Vec::new(),
            knows_start: false,
            wait_names: Vec::new(),
            year: None,
            cited: BTreeSet::new(),
            rests_on: BTreeSet::new(),
        }
    }

    /// The compiled tables, if the head could be read. Problems are left in the reader.
    pub fn compile(&mut self) -> Option<Tables> {
        let head = self.head();
        self.year = head.as_ref().map(|(_, head)| head.year);
        let documents: Vec<(Entry, file::Document)> = self.reader.rows("document", Shape::Plain);
        self.words();
        self.payers();
        let (identities, declared) = self.identities();
        let waits: Vec<(Entry, file::Wait)> = self.reader.named("wait", Shape::Cited);
        self.wait_names = waits.iter().map(|(entry, _)| entry.id.clone()).collect();
        let opened = self.opened();
        let windows = self.named_windows(opened.as_ref());
        let who = self.named_rows("who", |names| &mut names.who);
        let classes = self.named_rows("class", |names| &mut names.class);
        let cover = head.as_ref().and_then(|(entry, head)| self.cover(entry, head));
        let windows = self.windows(windows, cover);
        let (refuse_registration, refuse_payment) = self.refusals();
        let bases = self.bases();
        let prices = self.prices();
        let (channel_rows, channels) = self.channels();
        // In the order in which they stand here; the checks come when every table has been read.
        Some(Tables {
            opened,
            eligible: self.plain_rows::<file::Eligible, ()>("eligible", |_| ()),
            routes: self.routes(),
            deadlines: self.deadlines(),
            tiers: self.tiers(),
            options: self.options(),
            prepay: self.plain_rows("prepay", file::Prepay::locks),
            subsidies: self.subsidies(),
            aid_rule: self.aid_rule(),
            aid: self.aid(&prices, &bases),
            settled: self.settled(),
            benefits: self.benefits(),
            benefit_ends: self.benefit_ends(),
            waits: waits.iter().map(|(entry, wait)| self.wait(entry, wait)).collect(),
            repair: self.repair(),
            products: self.products(),
            refunds: self.refunds(),
            delays: self.delays(),
            cap: self.cap(),
            exclusions: self.exclusions(),
            entitlements: self.entitlements(),
            targets: self.targets(),
            announced: self.announced(),
            provenance: head.as_ref().map(|(entry, head)| self.provenance(entry, head)).unwrap_or_default(),
            open: self.check(&documents),
            title: head.as_ref()?.1.title.as_str().into(),
            division: head.as_ref()?.1.division,
            pool: head.as_ref()?.1.pool,
            year: head.as_ref()?.1.year,
            cover: cover?,
            names: std::mem::take(&mut self.names),
            causes: std::mem::take(&mut self.causes),
            tests: std::mem::take(&mut self.pools.tests),
            alternatives: std::mem::take(&mut self.pools.alternatives),
            days: std::mem::take(&mut self.pools.days),
            entries: std::mem::take(&mut self.pools.entries),
            identities,
            declared,
            who,
            classes,
            windows,
            refuse_registration,
            refuse_payment,
            bases,
            prices,
            channel_rows,
            channels,
        })
    }

    fn head(&mut self) -> Option<(Entry, file::Head)> {
        if self.reader.value("format").and_then(|value| value.as_integer()) != Some(FORMAT) {
            self.reader.tell(
                "format",
                None,
                format!("only format = {FORMAT} is read; write it first in the file"),
            );
        }
        let head = self.reader.one("notice", Shape::MayCite);
        if head.is_none() && self.reader.problems.is_empty() {
            self.reader.tell("notice", None, "is missing; say title, division, pool, year and cover");
        }
        head
    }

    fn words(&mut self) {
        let words: Option<(Entry, file::Words)> = self.reader.one("words", Shape::Plain);
        let Some((_, words)) = words else { return };
        let names = |words: Vec<String>| words.into_iter().map(Arc::from).collect();
        self.names.event = names(words.event);
        self.names.option = names(words.option);
        self.names.ground = names(words.ground);
        self.names.papers = names(words.papers);
        self.names.kind = names(words.kind);
        self.names.what = names(words.what);
        self.names.tier = names(words.tier);
        for code in words.place.keys().filter(|code| code.parse::<Division>().is_err()) {
            let what = format!("place: {code:?} is no division code; write six digits");
            self.reader.tell("words", None, what);
        }
        for (cause, ground) in words.cause {
            if table::bit(&self.names.ground, &ground) == 0 {
                self.reader.tell(
                    "words",
                    None,
                    format!("cause: {ground:?} is no declared ground; declare it under `ground`"),
                );
            }
            self.causes.push((cause, ground.into()));
        }
    }

    /// What the notice says of its own making.
    fn provenance(&mut self, entry: &Entry, head: &file::Head) -> declared::Provenance {
        self.cited.extend(entry.clauses.iter().cloned());
        self.rests_on.extend(entry.open.iter().cloned());
        let (in_force_from, in_force_to) = self.in_force(entry, head);
        declared::Provenance {
            number: head.number.as_deref().map(Arc::from),
            as_of: head.as_of.as_deref().map(Arc::from),
            dated: head.dated.map(|day| day.0),
            published: head.published.map(|day| day.0),
            in_force_from,
            in_force_to,
            amends: head.amends.as_deref().map(Arc::from),
            basis: basis(entry).to_vec(),
        }
    }

    /// The days a version applies to. One that changes another says from when on, and since when that is known.
    fn in_force(&mut self, entry: &Entry, head: &file::Head) -> (Option<Date>, Option<Date>) {
        if head.amends.is_some() && (head.in_force.is_none() || head.published.is_none()) {
            let what = "amends a notice without saying when; write `in_force`, the first day it applies to, and \
                        `published`, since when it is known";
            self.reader.tell_of(entry, what);
        }
        let Some(written) = &head.in_force else { return (None, None) };
        let day = |value: Option<&Value>| value.and_then(file::Day::of).map(|day| day.0);
        let (from, to) = match written {
            Value::Table(table) => (day(table.get("from")), day(table.get("to"))),
            from => (day(Some(from)), None),
        };
        let ends = written.as_table().map_or(1, toml::Table::len);
        if from.is_none()
            || ends != usize::from(from.is_some()) + usize::from(to.is_some())
            || to.is_some_and(|to| Some(to) < from)
        {
            let what = format!(
                "{written} does not fit `in_force`; write the first day, or {{ from = …, to = … }} in order"
            );
            self.reader.tell_of(entry, what);
        }
        (from, to)
    }

    /// Records an entry: its name, its clauses, the points it rests on.
    pub fn enter(&mut self, entry: &Entry) -> u16 {
        self.cited.extend(entry.clauses.iter().cloned());
        self.rests_on.extend(entry.open.iter().cloned());
        let basis = basis(entry);
        let (label, id) = (entry.label.clone(), entry.id.clone());
        self.pools.entries.push(table::Entry { label, id, basis, other_year: false });
        index(self.pools.entries.len() - 1)
    }

    /// A row of any table, with what it says.
    pub fn row<T>(&mut self, entry: &Entry, then: T) -> Row<T> {
        let when = self.when(entry, Scope::Person, entry.when.as_ref());
        let unless = self.unless(entry, entry.unless.as_ref());
        let at = self.enter(entry);
        let other_year = self.is_of_other_years(when);
        if let Some(entered) = self.pools.entries.get_mut(usize::from(at)) {
            entered.other_year = other_year;
        }
        Row { entry: at, when, unless, then }
    }

    /// Whether a condition holds in no case of the notice's own coverage year.
    fn is_of_other_years(&self, when: Run) -> bool {
        let Some(first) = self.year.map(CoverYear::first_day) else { return false };
        let other = |test: &Test| match *test {
            Test::Day { fact: Fact::CoverYear, from, to, .. } => {
                matches!(from, Limit::On(from) if first < from) || matches!(to, Limit::On(to) if first > to)
            }
            _ => false,
        };
        let all = when.of(&self.pools.alternatives);
        !all.is_empty() && all.iter().all(|run| run.of(&self.pools.tests).iter().any(other))
    }

    pub fn plain_rows<F: serde::de::DeserializeOwned, T>(
        &mut self,
        section: &str,
        then: impl Fn(F) -> T,
    ) -> Vec<Row<T>> {
        let rows: Vec<(Entry, F)> = self.reader.rows(section, Shape::Row);
        rows.into_iter().map(|(entry, row)| self.row(&entry, then(row))).collect()
    }

    /// Adds a name to a list, once.
    pub fn declare(&mut self, entry: &Entry, name: &str, list: impl Fn(&mut Names) -> &mut Vec<Arc<str>>) {
        let known = list(&mut self.names);
        if known.iter().any(|known| **known == *name) {
            self.reader.tell_of(entry, "is declared twice; give one of them another name");
        }
        list(&mut self.names).push(name.into());
    }

    /// Rows that name sets of people; each may use those above it.
    fn named_rows(&mut self, section: &str, list: impl Fn(&mut Names) -> &mut Vec<Arc<str>>) -> Vec<Row<()>> {
        let rows: Vec<(Entry, file::Named)> = self.reader.rows(section, Shape::Row);
        let mut compiled = Vec::new();
        for (entry, set) in &rows {
            compiled.push(self.row(entry, ()));
            self.declare(entry, &set.name, &list);
        }
        compiled
    }

    fn cover(&mut self, entry: &Entry, head: &file::Head) -> Option<Period> {
        let cover = Period::new(head.cover.from.0, head.cover.to.0);
        if cover.is_none() {
            self.reader.tell_of(entry, "the coverage year ends before it begins; mend `cover`");
        }
        cover
    }

    /// Names every window before any is compiled. Several rows may share a window's name.
    /// The windows; a period opened for one person is a word for them too.
    fn named_windows(&mut self, opened: Option<&(u16, Arc<str>)>) -> Vec<(Entry, file::Window)> {
        let windows: Vec<(Entry, file::Window)> = self.reader.rows("window", Shape::Row);
        let opened = opened.map(|(_, name)| &**name);
        for name in windows.iter().map(|(_, window)| window.name.as_str()).chain(opened) {
            if !self.names.window.iter().any(|known| **known == *name) {
                self.names.window.push(name.into());
            }
        }
        windows
    }

    fn windows(
        &mut self,
        rows: Vec<(Entry, file::Window)>,
        cover: Option<Period>,
    ) -> Vec<Row<table::Window>> {
        let mut fixed: Vec<(Option<Date>, Option<Date>)> = Vec::new();
        let mut compiled = Vec::new();
        for (entry, window) in rows {
            let of = match &entry.when {
                Some(Value::Table(condition)) => self.identities_of(condition),
                _ => ANY_IDENTITY,
            };
            let from = self.day(&entry, &window.from, of);
            let to = self.day(&entry, &window.to, of);
            let mut days = (None, None);
            if let Some(cover) = cover {
                let cover = (cover.from(), cover.to());
                let earlier = |row: u16, first: bool| {
                    let (from, to) = fixed.get(usize::from(row)).copied()?;
                    if first { from } else { to }
                };
                days = (fixed_day(&from, cover, &earlier), fixed_day(&to, cover, &earlier));
            }
            if let (Some(first), Some(last)) = days
                && first > last
            {
                self.reader.tell_of(
                    &entry,
                    format!("from {first} to {last} ends before it begins; mend `from` or `to`"),
                );
            }
            let month_days = window.month_days.map(|[first, last]| (first, last));
            if month_days.is_some_and(|(first, last)| first < 1 || first > last || last > 31) {
                self.reader.tell_of(&entry, "`month_days` are no two days of a month in order; write the first and the last one, such as [1, 25]");
            }
            let mut events = 0;
            for kind in window.event.iter().flatten() {
                let bits = table::bit(&self.names.event, kind);
                if bits == 0 {
                    self.reader.tell_of(&entry, unknown(kind, "declared kind of event", &self.names.event));
                }
                events |= bits;
            }
            let name = self.names.window.iter().position(|known| **known == *window.name);
            let then = table::Window {
                name: name.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX),
                year: window.year,
                from,
                to,
                month_days,
                late: window.late,
                events,
                personal: days.1.is_none(),
            };
            compiled.push(self.row(&entry, then));
            fixed.push(days);
            self.window_names.push(window.name.into());
        }
        compiled
    }

    fn refusals(&mut self) -> (Vec<Row<table::Refuse>>, Vec<Row<table::Refuse>>) {
        let rows: Vec<(Entry, file::Refuse)> = self.reader.rows("refuse", Shape::Row);
        let (mut registration, mut payment) = (Vec::new(), Vec::new());
        for (entry, refuse) in rows {
            let say = refuse.say.map(Arc::from);
            let warn = refuse.weight == file::Weight::Warn;
            let row = self.row(&entry, table::Refuse { reason: refuse.reason, say, warn });
            match refuse.at {
                file::Stage::Registration => registration.push(row),
                file::Stage::Payment => payment.push(row),
            }
        }
        (registration, payment)
    }
}

pub(crate) fn basis(entry: &Entry) -> Basis {
    entry.clauses.iter().map(|clause| Citation { clause: clause.clone(), open: entry.open.clone() }).collect()
}
