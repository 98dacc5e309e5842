//! What changed from one notice to another, in clause words: entry by entry, key by key.
//!
//! Entries are matched by table and by name or id; then those that say the same under another id; then, of the rest of
//! a table, those that share at least half of what they say. What is left was added or removed.

use std::fmt;

use toml::Table;

use crate::notice::Notice;
use crate::page::said::{self, Field, Said, Section};

/// One difference between two notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table, as the file writes it: "price".
    pub table: String,
    /// The table's Chinese title.
    pub section: String,
    /// What the entry is called, in Chinese; empty where the table has but one.
    pub name: String,
    /// What changed.
    pub what: Difference,
    /// The entry in the earlier notice; `None` where it is new.
    pub before: Option<Entry>,
    /// The entry in the later one; `None` where it is gone.
    pub after: Option<Entry>,
}

/// An entry as one of the notices has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Table and id, as a trace names the row: "price standard".
    pub label: String,
    /// The clauses it cites.
    pub clauses: Vec<String>,
}

/// What changed in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The entry is new, and says this.
    Added(String),
    /// The entry is gone, and said this.
    Removed(String),
    /// A key says something else; `None` where one of the notices says nothing under it.
    Said {
        /// The key's title.
        key: String,
        /// What was said.
        from: Option<String>,
        /// What is said now.
        to: Option<String>,
    },
    /// The entry is tried earlier or later: now before this one, or last.
    Moved(Option<String>),
    /// It says the same by other clauses.
    Cited,
}

impl Notice {
    /// What the other notice changes: the differences from this one to it, in the order of the page.
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let (before, after) = (&*self.file, &*other.file);
        let codes = |file: &Table| -> Vec<String> {
            said::entries(file, "document").iter().map(|entry| entry.name.clone()).collect()
        };
        // Other documents number their clauses anew.
        let cited = codes(before) == codes(after);
        let mut changes = Vec::new();
        for table in tables(before, after) {
            let entries = (said::entries(before, &table), said::entries(after, &table));
            let section = said::section(&table);
            changes.extend(Tables { table, section, cited, before: entries.0, after: entries.1 }.changes());
        }
        changes
    }
}

/// The tables of both, in the order of the page; those it does not know at its end.
fn tables(before: &Table, after: &Table) -> Vec<String> {
    let mut tables: Vec<String> = said::SECTIONS.iter().map(|section| section.table.to_owned()).collect();
    for table in before.keys().chain(after.keys()) {
        if !tables.contains(table) {
            tables.push(table.clone());
        }
    }
    tables
}

/// One table of both notices.
struct Tables {
    table: String,
    section: Option<&'static Section>,
    /// Whether a change of clauses alone says something.
    cited: bool,
    before: Vec<Said>,
    after: Vec<Said>,
}

impl Tables {
    fn changes(&self) -> Vec<Change> {
        let matched = self.matched();
        let mut changes = Vec::new();
        for (at, entry) in self.before.iter().enumerate() {
            if !matched.contains(&Some(at)) {
                changes.push(self.change(Some(entry), None, Difference::Removed(entry.sentence())));
            }
        }
        for (entry, of) in self.after.iter().zip(&matched) {
            match of.and_then(|at| self.before.get(at)) {
                Some(old) => self.compare(old, entry, &mut changes),
                None => changes.push(self.change(None, Some(entry), Difference::Added(entry.sentence()))),
            }
        }
        if self.section.is_some_and(|section| section.ordered) {
            changes.extend(self.moves(&matched));
        }
        changes
    }

    /// For each later entry the earlier one it comes from.
    fn matched(&self) -> Vec<Option<usize>> {
        type Fits = fn(&Said, &Said) -> bool;
        const WAYS: [Fits; 4] = [
            |old, new| old.label == new.label && old.fields == new.fields,
            |old, new| old.fields == new.fields,
            |old, new| old.label == new.label,
            |old, new| alike(old, new),
        ];
        let mut matched: Vec<Option<usize>> = vec![None; self.after.len()];
        for fits in WAYS {
            for at in 0..self.after.len() {
                if matched[at].is_some() {
                    continue;
                }
                let free = |old: &usize| !matched.contains(&Some(*old));
                let new = &self.after[at];
                matched[at] = (0..self.before.len()).filter(free).find(|old| fits(&self.before[*old], new));
            }
        }
        matched
    }

    fn compare(&self, old: &Said, new: &Said, changes: &mut Vec<Change>) {
        let text = |entry: &Said, key: &str| {
            entry.fields.iter().find(|field| field.key == key).map(|field| field.text.clone())
        };
        let mut fields: Vec<&Field> = new.fields.iter().collect();
        fields.extend(old.fields.iter().filter(|field| text(new, &field.key).is_none()));
        let mut differs = false;
        let mut said = |key: &str, from: Option<String>, to: Option<String>| {
            if from != to {
                differs = true;
                let what = Difference::Said { key: key.to_owned(), from, to };
                changes.push(self.change(Some(old), Some(new), what));
            }
        };
        for field in fields {
            said(&field.title, text(old, &field.key), text(new, &field.key));
        }
        let open = |entry: &Said| Some(entry.open.join("、")).filter(|points| !points.is_empty());
        said("所依待明确事项", open(old), open(new));
        if !differs && self.cited && old.clauses != new.clauses {
            changes.push(self.change(Some(old), Some(new), Difference::Cited));
        }
    }

    /// The entries that stand elsewhere among those that stayed: the fewest whose moves explain the order.
    fn moves(&self, matched: &[Option<usize>]) -> Vec<Change> {
        let kept: Vec<(usize, usize)> =
            matched.iter().enumerate().filter_map(|(new, old)| Some((new, (*old)?))).collect();
        let steady = longest_rising(&kept.iter().map(|(_, old)| *old).collect::<Vec<_>>());
        let moved = kept.iter().enumerate().filter(|(at, _)| !steady.contains(at));
        moved
            .map(|(at, (new, old))| {
                let next = kept.get(at + 1).map(|(next, _)| called(&self.after[*next]));
                self.change(Some(&self.before[*old]), Some(&self.after[*new]), Difference::Moved(next))
            })
            .collect()
    }

    fn change(&self, before: Option<&Said>, after: Option<&Said>, what: Difference) -> Change {
        let entry = |said: &Said| Entry { label: said.label.clone(), clauses: said.clauses.clone() };
        let alone = self.before.len() < 2 && self.after.len() < 2;
        Change {
            table: self.table.clone(),
            section: self.section.map_or(self.table.as_str(), |section| section.title).to_owned(),
            name: after.or(before).filter(|_| !alone).map(called).unwrap_or_default(),
            what,
            before: before.map(entry),
            after: after.map(entry),
        }
    }
}

/// Whether two entries share at least half of what they say.
fn alike(old: &Said, new: &Said) -> bool {
    let same = new.fields.iter().filter(|field| old.fields.contains(field)).count();
    same * 2 >= old.fields.len().max(new.fields.len())
}

/// What an entry is called: its name, or what tells it from the others of its table.
fn called(entry: &Said) -> String {
    const TELLING: [&str; 8] = ["part", "what", "cause", "per", "use", "who", "when", "unless"];
    if !entry.name.is_empty() {
        return entry.name.clone();
    }
    let telling = entry.fields.iter().filter(|field| TELLING.contains(&field.key.as_str()));
    let telling: Vec<&str> = telling.map(|field| field.text.as_str()).collect();
    if telling.is_empty() { said::ALL.to_owned() } else { telling.join("，") }
}

/// The places of a longest run of rising numbers.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // The place that ends the best run of each length, and the place before each.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        ends.truncate(ends.len().max(length));
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    let mut run = Vec::new();
    let mut at = ends.last().copied();
    while let Some(place) = at {
        run.push(place);
        at = before[place];
    }
    run
}

impl Change {
    /// Where it is: "缴费标准·个人缴费（XY25-03 → XY26-03）".
    #[must_use]
    pub fn place(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!("·{}", self.name) };
        let cited =
            |entry: &Option<Entry>| entry.as_ref().map(|entry| entry.clauses.join(" ")).unwrap_or_default();
        let clauses = match (cited(&self.before), cited(&self.after)) {
            (before, after) if before.is_empty() && after.is_empty() => String::new(),
            (before, after) if before == after || after.is_empty() => format!("（{before}）"),
            (before, after) if before.is_empty() => format!("（{after}）"),
            (before, after) => format!("（{before} → {after}）"),
        };
        format!("{}{name}{clauses}", self.section)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "未写".to_owned());
        match self {
            Self::Added(says) => write!(f, "新增（{says}）"),
            Self::Removed(said) => write!(f, "删去（{said}）"),
            Self::Said { key, from, to } => write!(f, "{key}：{} → {}", or_none(from), or_none(to)),
            Self::Moved(Some(next)) => write!(f, "次序：移到“{next}”之前"),
            Self::Moved(None) => f.write_str("次序：移到最后"),
            Self::Cited => f.write_str("依据改变"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place(), self.what)
    }
}
