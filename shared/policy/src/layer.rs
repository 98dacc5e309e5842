//! Layers: one notice composed of several files, province beneath city beneath county, an amendment on top.
//!
//! The files are laid over one another before anything is compiled, so that engine, readings and checks know one notice
//! only. What a file replaces or strikes stays in the composed one as `superseded`: its clauses are still accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use canbao_types::ClauseId;
use serde::Deserialize;
use toml::de::{DeTable, Deserializer};
use toml::{Table, Value};

use crate::blank;
use crate::lines::{self, Lines};
use crate::problem::{Problem, Problems};
use crate::reader::{self, label, row_label};

/// A file as it was given.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// With its folder, if it was given with one.
    pub name: Arc<str>,
    pub table: Table,
    lines: Lines,
}

/// Which files a notice is made of, and in which of them each entry stands.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    /// The file on top.
    file: Arc<str>,
    /// The names of all, the lowest first.
    pub names: Vec<Arc<str>>,
    /// By table and id of an entry.
    of: Arc<BTreeMap<String, Place>>,
    /// What is told after the name of a file: that it is read otherwise.
    note: String,
}

/// Where an entry stands.
#[derive(Debug)]
struct Place {
    file: Arc<str>,
    /// Several where several entries of the file have the name.
    lines: Vec<usize>,
}

/// Gives a file by its name; `None` where there is none.
pub(crate) type Find<'f> = dyn Fn(&str) -> Option<Result<Written, Problem>> + 'f;

/// What keeps the place of an entry while the layers are laid over one another; no key of the format.
const PLACE: &str = "\0";

/// What a notice has from the layers beneath it, unless it says it itself.
const INHERITED: [&str; 5] = ["title", "division", "pool", "year", "cover"];

/// Tables of which the first row that holds counts: the rows of an upper layer stand before those beneath.
const FIRST_HIT: [&str; 11] = [
    "class",
    "tier",
    "window",
    "route",
    "option",
    "price",
    "prepay",
    "government_subsidy",
    "benefit",
    "refund",
    "delay",
];

impl Written {
    /// Reads a file.
    pub fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let name: Arc<str> = name.into();
        match parsed(text) {
            Ok((table, lines)) => Ok(Self { name, table, lines }),
            Err(error) => Err(problem(&name, "", unread(text, &error))),
        }
    }

    /// The name by which other files speak of it: without folder and ending.
    pub fn stem(&self) -> &str {
        stem(&self.name)
    }

    /// Whether it only ever stands beneath others.
    pub fn is_layer(&self) -> bool {
        self.head("layer").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The names of the files right beneath, the nearest first.
    pub fn beneath(&self) -> Result<Vec<&str>, Problem> {
        let amends = self.head("amends").map(std::slice::from_ref).unwrap_or_default();
        let over = match self.head("over") {
            None => &[],
            Some(Value::Array(names)) => names.as_slice(),
            Some(_) => {
                return Err(self.problem("notice", "`over` is no list of names; put it in brackets"));
            }
        };
        let names: Option<Vec<&str>> = amends.iter().chain(over).map(Value::as_str).collect();
        let what = "`over` or `amends` names no file; write names such as \"000000-2026\", without \".toml\"";
        names.ok_or_else(|| self.problem("notice", what))
    }

    /// A problem of an entry of the file.
    pub fn problem(&self, entry: &str, what: impl Into<String>) -> Problem {
        let lines = self.lines.get(entry).cloned().unwrap_or_default();
        Problem { lines, ..problem(&self.name, entry, what) }
    }

    fn head(&self, key: &str) -> Option<&Value> {
        self.table.get("notice")?.get(key)
    }
}

impl Layers {
    /// The file in which an entry stands; the one on top where no single one has it.
    pub fn file(&self, entry: &str) -> &Arc<str> {
        self.of.get(entry).map_or(&self.file, |place| &place.file)
    }

    /// A problem of an entry; of the file on top, where no single one has it.
    pub fn problem(&self, entry: &str, clause: Option<&ClauseId>, what: impl Into<String>) -> Problem {
        Problem {
            file: format!("{}{}", self.file(entry), self.note),
            lines: self.of.get(entry).map(|place| place.lines.clone()).unwrap_or_default(),
            entry: entry.to_owned(),
            clause: clause.cloned(),
            what: what.into(),
        }
    }

    /// The same layers, with something told after the names of the files.
    pub fn noted(&self, note: &str) -> Self {
        let (file, names, of) = (self.file.clone(), self.names.clone(), self.of.clone());
        Self { file, names, of, note: format!("{}{note}", self.note) }
    }
}

/// The tables of a text and the lines of its entries, parsed once.
fn parsed(text: &str) -> Result<(Table, Lines), toml::de::Error> {
    let tables = DeTable::parse(text)?;
    let lines = lines::of(text, tables.get_ref());
    Ok((Table::deserialize(Deserializer::from(tables))?, lines))
}

/// Why a text is no TOML. Whoever writes Chinese easily has its quotation marks where the format has its own.
fn unread(text: &str, error: &toml::de::Error) -> String {
    let told = error.to_string().trim().to_owned();
    let parts = error.span().and_then(|span| text.split_at_checked(span.start));
    let line = parts.map(|(before, behind)| {
        let (begin, end) = (before.rsplit('\n').next(), behind.split('\n').next());
        [begin, end].into_iter().flatten().collect::<String>()
    });
    if line.is_some_and(|line| line.contains(['“', '”', '‘', '’'])) {
        return format!("{told}\nthere are Chinese quotation marks in this line; write \" in place of them");
    }
    told
}

/// The name of a file without folder and ending.
pub(crate) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

/// The file with everything beneath it, which `find` gives by its name.
pub(crate) fn compose(top: &Written, find: &Find<'_>) -> Result<(Table, Layers), Problems> {
    let mut order = Vec::new();
    stack(top, find, &mut Vec::new(), &mut order).map_err(|problem| Problems(vec![problem]))?;
    let mut pile = Pile::default();
    let mut names = Vec::new();
    for layer in order {
        names.push(layer.stem().into());
        pile.lay(layer);
    }
    if !pile.problems.is_empty() {
        return Err(Problems(pile.problems));
    }
    let mut table = pile.table;
    let of = Arc::new(unmark(&mut table));
    Ok((table, Layers { file: top.name.clone(), names, of, note: String::new() }))
}

/// Every file once, what stands beneath before what stands on it.
fn stack(
    file: &Written,
    find: &Find<'_>,
    above: &mut Vec<String>,
    order: &mut Vec<Written>,
) -> Result<(), Problem> {
    above.push(file.stem().to_owned());
    for name in file.beneath()?.into_iter().rev() {
        if above.iter().any(|known| known == name) {
            let way = above.join("\" over \"");
            let what = format!("\"{way}\" over \"{name}\" goes round in a circle; mend `over` or `amends`");
            return Err(file.problem("notice", what));
        }
        if order.iter().any(|known| known.stem() == name) {
            continue;
        }
        let Some(beneath) = find(name) else {
            let what = format!(
                "stands over {name:?}, which is not there; give {name}.toml as well, or mend the name"
            );
            return Err(file.problem("notice", what));
        };
        stack(&beneath?, find, above, order)?;
    }
    above.pop();
    order.push(file.clone());
    Ok(())
}

/// The layers laid so far.
#[derive(Default)]
struct Pile {
    table: Table,
    problems: Vec<Problem>,
}

impl Pile {
    /// Lays a file over those beneath.
    fn lay(&mut self, layer: Written) {
        let Written { name, table, lines } = layer;
        let known = self.problems.len();
        self.merge(&name, table, &lines);
        for problem in self.problems.iter_mut().skip(known) {
            problem.lines = lines.get(&problem.entry).cloned().unwrap_or_default();
        }
    }

    fn merge(&mut self, file: &Arc<str>, mut upper: Table, lines: &Lines) {
        let lowest = self.table.is_empty();
        if !lowest && upper.get("format") != self.table.get("format") {
            self.problems.push(problem(file, "format", "is not that of the layers beneath; write the same"));
        }
        if upper.contains_key("superseded") {
            let what = "is written when layers are laid over one another; take it out, and strike what no longer counts";
            self.problems.push(problem(file, "superseded", what));
        }
        for (entry, key) in blank::blanks(&upper) {
            self.problems.push(problem(file, &entry, format!("`{key}` is still to be written")));
        }
        mark(&mut upper, file, lines);
        if lowest {
            self.table = upper;
            return;
        }
        self.head(&mut upper, file);
        self.strike(&upper, file);
        self.demote_documents(&upper);
        for (section, value) in upper {
            match (value, section.as_str()) {
                (Value::Table(words), "words") => self.words(words),
                (Value::Table(waits), "wait") => {
                    for (name, wait) in waits {
                        let named = self.table.entry("wait").or_insert_with(|| Value::Table(Table::new()));
                        let old = named.as_table_mut().and_then(|named| named.insert(name.clone(), wait));
                        self.supersede("wait", &name, old, file);
                    }
                }
                (Value::Array(rows), _) => self.rows(&section, rows, file),
                (value, _) => {
                    let old = self.table.insert(section.clone(), value);
                    self.supersede(&section, "", old, file);
                }
            }
        }
    }

    /// What the file says of itself, and what it has from beneath.
    fn head(&mut self, upper: &mut Table, file: &Arc<str>) {
        let (Some(Value::Table(lower)), Some(Value::Table(own))) =
            (self.table.remove("notice"), upper.get_mut("notice"))
        else {
            return;
        };
        for key in INHERITED {
            if let (Some(value), false) = (lower.get(key), own.contains_key(key)) {
                own.insert(key.to_owned(), value.clone());
            }
        }
        self.supersede("notice", "", Some(Value::Table(lower)), file);
    }

    /// Takes entries away.
    fn strike(&mut self, upper: &Table, file: &Arc<str>) {
        for (strike, number) in upper.get("strike").and_then(Value::as_array).into_iter().flatten().zip(1..) {
            let text = |key: &str| strike.get(key).and_then(Value::as_str).unwrap_or_default();
            let (section, id) = (text("table"), text("entry"));
            let gone: Vec<Value> = match self.table.get_mut(section) {
                Some(Value::Array(rows)) => {
                    let (gone, kept) =
                        std::mem::take(rows).into_iter().partition(|row| id_of(row) == Some(id));
                    *rows = kept;
                    gone
                }
                Some(Value::Table(named)) if section == "wait" => named.remove(id).into_iter().collect(),
                Some(_) if id.is_empty() && section != "notice" => {
                    self.table.remove(section).into_iter().collect()
                }
                _ => Vec::new(),
            };
            if gone.is_empty() {
                let what = format!("no layer beneath has {:?}; mend `table` or `entry`", label(section, id));
                self.problems.push(problem(file, &format!("strike {number}"), what));
            }
            for old in gone {
                self.supersede(section, id, Some(old), file);
            }
        }
    }

    /// Of two documents that differ the one of the upper layer counts.
    fn demote_documents(&mut self, upper: &Table) {
        let rank = |row: &Value| row.get("rank").and_then(Value::as_integer);
        let own = upper.get("document").and_then(Value::as_array);
        let last = own.into_iter().flatten().filter_map(rank).max().unwrap_or(0);
        let lower = self.table.get_mut("document").and_then(Value::as_array_mut);
        for row in lower.into_iter().flatten() {
            if let (Some(rank), Some(row)) = (rank(row), row.as_table_mut()) {
                row.insert("rank".to_owned(), Value::Integer(rank + last));
            }
        }
    }

    /// Words are added; a cause is given another ground.
    fn words(&mut self, upper: Table) {
        let lower = self.table.entry("words").or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(lower) = lower else { return };
        for (key, value) in upper {
            match (lower.get_mut(&key), value) {
                (Some(Value::Array(known)), Value::Array(words)) => {
                    let new = words.into_iter().filter(|word| !known.contains(word));
                    known.extend(new.collect::<Vec<_>>());
                }
                (Some(Value::Table(known)), Value::Table(words)) => known.extend(words),
                (_, value) => drop(lower.insert(key, value)),
            }
        }
    }

    /// Lays rows over the table's: one whose id is known takes its place, a new one its own.
    fn rows(&mut self, section: &str, upper: Vec<Value>, file: &Arc<str>) {
        let lower = match self.table.remove(section) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        let mut rows: Vec<(Value, bool)> = lower.into_iter().map(|row| (row, false)).collect();
        // So many new rows stand before all those beneath.
        let mut front = 0;
        for mut row in upper {
            let id = id_of(&row).map(str::to_owned);
            let same = |row: &Value| id.is_some() && id_of(row) == id.as_deref();
            let mut replaced = None;
            while let Some(at) = rows.iter().position(|(row, own)| !own && same(row)) {
                replaced = replaced.or(Some(at));
                let (old, _) = rows.remove(at);
                self.supersede(section, id.as_deref().unwrap_or_default(), Some(old), file);
            }
            let place = self.place(section, &mut row, &rows, file);
            // Several windows may have one name: they stay together.
            let own = rows.iter().rposition(|(row, own)| *own && same(row));
            let (at, in_front) = match (place.or(replaced), own) {
                (Some(at), _) => (at, false),
                (None, Some(own)) => (own + 1, own < front),
                (None, None) if FIRST_HIT.contains(&section) => (front, true),
                (None, None) => (rows.len(), false),
            };
            rows.insert(at, (row, true));
            front += usize::from(in_front);
        }
        self.table.insert(section.to_owned(), Value::Array(rows.into_iter().map(|(row, _)| row).collect()));
    }

    /// Where a row says that it stands.
    fn place(
        &mut self,
        section: &str,
        row: &mut Value,
        rows: &[(Value, bool)],
        file: &Arc<str>,
    ) -> Option<usize> {
        let table = row.as_table_mut()?;
        let (before, after) = (table.remove("before"), table.remove("after"));
        let (key, id, at) = match (before, after) {
            (None, None) => return None,
            (Some(id), None) => {
                ("before", id.clone(), rows.iter().position(|(row, _)| id_of(row) == id.as_str()))
            }
            (None, Some(id)) => (
                "after",
                id.clone(),
                rows.iter().rposition(|(row, _)| id_of(row) == id.as_str()).map(|at| at + 1),
            ),
            (Some(id), Some(_)) => ("before` and `after", id, None),
        };
        if at.is_none() {
            let what =
                format!("`{key}` {id}: there is no such row of {section}, or both are said; mend the place");
            let entry = label(section, id_of(row).unwrap_or_default());
            self.problems.push(problem(file, &entry, what));
        }
        at
    }

    /// Keeps what no longer says anything but was said.
    fn supersede(&mut self, section: &str, id: &str, old: Option<Value>, by: &Arc<str>) {
        let Some(Value::Table(mut old)) = old else { return };
        let Some(clause) = old.remove("clause") else { return };
        let mut kept = Table::from_iter([
            ("table".to_owned(), Value::from(section)),
            ("clause".to_owned(), clause),
            ("by".to_owned(), Value::from(stem(by))),
        ]);
        if !id.is_empty() {
            kept.insert("entry".to_owned(), Value::from(id));
        }
        kept.extend(["open", PLACE].into_iter().filter_map(|key| Some((key.to_owned(), old.remove(key)?))));
        let superseded = self.table.entry("superseded").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(rows) = superseded {
            rows.push(Value::Table(kept));
        }
    }
}

/// Notes in every entry where it stands.
fn mark(table: &mut Table, file: &Arc<str>, lines: &Lines) {
    each_entry(table, &mut |label, entry| {
        let lines: Vec<i64> =
            lines.get(&label).into_iter().flatten().filter_map(|line| (*line).try_into().ok()).collect();
        let place =
            Table::from_iter([("file".to_owned(), (&**file).into()), ("lines".to_owned(), lines.into())]);
        entry.insert(PLACE.to_owned(), place.into());
    });
}

/// Takes the notes out again: the place of each entry, by table and id.
fn unmark(table: &mut Table) -> BTreeMap<String, Place> {
    let mut of = BTreeMap::new();
    let mut files: BTreeSet<Arc<str>> = BTreeSet::new();
    each_entry(table, &mut |label, entry| {
        let Some(Value::Table(place)) = entry.remove(PLACE) else { return };
        let file = place.get("file").and_then(Value::as_str).unwrap_or_default();
        let file: Arc<str> = files.get(file).cloned().unwrap_or_else(|| file.into());
        files.insert(file.clone());
        let lines = place.get("lines").and_then(Value::as_array).into_iter().flatten();
        let lines = lines.filter_map(|line| line.as_integer()?.try_into().ok()).collect();
        of.insert(label, Place { file, lines });
    });
    of
}

fn each_entry(table: &mut Table, visit: &mut dyn FnMut(String, &mut Table)) {
    for (section, value) in table {
        match value {
            Value::Array(rows) => {
                for (row, number) in rows.iter_mut().zip(1..) {
                    if let Value::Table(row) = row {
                        visit(row_label(section, row, number), row);
                    }
                }
            }
            Value::Table(named) if section == "wait" => {
                for (name, entry) in named {
                    entry.as_table_mut().into_iter().for_each(|entry| visit(label(section, name), entry));
                }
            }
            Value::Table(_) if section == "words" => {}
            Value::Table(entry) => visit(section.clone(), entry),
            _ => {}
        }
    }
}

/// What a row is known by.
fn id_of(row: &Value) -> Option<&str> {
    reader::id_of(row.as_table()?)
}

fn problem(file: &str, entry: &str, what: impl Into<String>) -> Problem {
    let (file, entry, what) = (file.to_owned(), entry.to_owned(), what.into());
    Problem { file, lines: Vec::new(), entry, clause: None, what }
}
