//! Every change of a notice file by one step.

use canbao_policy::{
    Cause, ChannelKind, EmployeeScheme, Funds, History, Kinship, Step, Student, Unemployment,
};
use canbao_types::{Date, Part, add_days};
use toml::{Table, Value};

/// One step away from the file.
pub struct Change {
    /// What is changed: "aid minimum.amount 320 → 321".
    pub what: String,
    edit: Edit,
}

enum Edit {
    /// The value at a place is another, or gone.
    Value(Vec<At>, Option<Value>),
    /// A row of a table stands before the one before it.
    Earlier(String, usize),
    /// A row of a table is gone.
    Gone(String, usize),
}

/// One stretch of the way to a value.
#[derive(Clone)]
enum At {
    Key(String),
    Item(usize),
}

/// Tables whose rows are tried in order, or whose order an answer shows.
const ORDERED: [&str; 10] =
    ["class", "tier", "window", "route", "option", "price", "benefit", "refund", "delay", "aid"];

/// Open points tell why, and their other readings are changed apart; clauses without computation are words alone.
const UNCHANGED_TABLES: [&str; 2] = ["open", "no_computation"];

/// Keys under which names and reasons stand, which nothing is computed from, and what cites.
const NOT_CHANGED: [&str; 11] = [
    "id",
    "name",
    "code",
    "title",
    "clause",
    "unless_clause",
    "variable_clause",
    "floor_clause",
    "open",
    "because",
    "about",
];

impl Change {
    /// The file, changed.
    pub fn of(&self, file: &Table) -> Table {
        let mut file = file.clone();
        match &self.edit {
            Edit::Value(way, value) => set(&mut file, way, value.clone()),
            Edit::Earlier(section, at) => rows_of(&mut file, section).swap(at - 1, *at),
            Edit::Gone(section, at) => {
                let row = rows_of(&mut file, section).remove(*at);
                keep_cited(&mut file, &row);
            }
        }
        file
    }
}

/// Every change of a file but of its open points.
pub fn changes(file: &Table) -> Vec<Change> {
    let mut found = Finder { words: Words::of(file), found: Vec::new() };
    for (section, value) in file.iter().filter(|(section, _)| !UNCHANGED_TABLES.contains(&section.as_str())) {
        let way = vec![At::Key(section.clone())];
        match value {
            Value::Array(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    let label = label(section, row, number);
                    found.push(format!("{label} is gone"), Edit::Gone(section.clone(), number));
                    if number > 0 && ORDERED.contains(&section.as_str()) {
                        found.push(format!("{label} is earlier"), Edit::Earlier(section.clone(), number));
                    }
                    let way = [way.clone(), vec![At::Item(number)]].concat();
                    found.value(&label, section, "", row, &way);
                }
            }
            value => found.value(section, section, "", value, &way),
        }
    }
    found.found
}

/// Every change of the values that another reading of an open point sets, with the point and the reading's number.
pub fn changes_of_readings(file: &Table) -> Vec<(String, usize, Change)> {
    let points = file.get("open").and_then(Value::as_array).into_iter().flatten().enumerate();
    let mut all = Vec::new();
    for (at, point) in points {
        let id = point["id"].as_str().unwrap();
        let others = point.get("other").and_then(Value::as_array).into_iter().flatten();
        for (number, other) in others.enumerate() {
            for (path, value) in other.get("set").and_then(Value::as_table).into_iter().flatten() {
                let key = path.rsplit('.').next().unwrap_or(path);
                let way = ["open", "other", "set"].map(|key| At::Key(key.to_owned()));
                let [open, other, set] = way;
                let way = [open, At::Item(at), other, At::Item(number), set, At::Key(path.clone())];
                let mut found = Finder { words: Words::of(file), found: Vec::new() };
                found.value(&format!("{id} {number} {path}"), "open", key, value, &way);
                all.extend(found.found.into_iter().map(|change| (id.to_owned(), number, change)));
            }
        }
    }
    all
}

struct Finder {
    words: Words,
    found: Vec<Change>,
}

impl Finder {
    fn push(&mut self, what: String, edit: Edit) {
        self.found.push(Change { what, edit });
    }

    fn swap(&mut self, label: &str, way: &[At], from: &Value, to: Value) {
        self.push(format!("{label} {from} → {to}"), Edit::Value(way.to_vec(), Some(to)));
    }

    fn remove(&mut self, label: &str, way: &[At]) {
        self.push(format!("{label} is left out"), Edit::Value(way.to_vec(), None));
    }

    /// `key` is the innermost key the value stands under; items of a list stand under the list's.
    fn value(&mut self, label: &str, section: &str, key: &str, value: &Value, way: &[At]) {
        match value {
            Value::Table(table) => {
                for (key, value) in table.iter().filter(|(key, _)| !NOT_CHANGED.contains(&key.as_str())) {
                    let (label, way) = (format!("{label}.{key}"), [way, &[At::Key(key.clone())]].concat());
                    self.remove(&label, &way);
                    self.value(&label, section, key, value, &way);
                }
            }
            Value::Array(items) => self.list(label, section, key, items, way),
            Value::Boolean(yes) => self.swap(label, way, value, Value::Boolean(!yes)),
            Value::Integer(number) => {
                for other in [number - 1, number + 1] {
                    self.swap(label, way, value, Value::Integer(other));
                }
            }
            Value::Datetime(_) => {
                for other in days_beside(value) {
                    self.swap(label, way, value, other);
                }
            }
            Value::String(text) => {
                for other in self.words.instead_of(section, key, text) {
                    self.swap(label, way, value, Value::String(other));
                }
            }
            Value::Float(_) => {}
        }
    }

    fn list(&mut self, label: &str, section: &str, key: &str, items: &[Value], way: &[At]) {
        for (number, item) in items.iter().enumerate() {
            let label = format!("{label}[{number}]");
            let way = [way, &[At::Item(number)]].concat();
            self.remove(&label, &way);
            if items.len() == 1 || !item.is_str() {
                self.value(&label, section, key, item, &way);
            }
        }
        // A list of words may hold one more; whether it may be another word follows from both.
        let Some(Value::String(first)) = items.get(1) else { return };
        for other in self.words.instead_of(section, key, first) {
            let other = Value::String(other);
            if !items.contains(&other) {
                let mut more = items.to_vec();
                more.push(other.clone());
                let what = format!("{label} holds {other} as well");
                self.push(what, Edit::Value(way.to_vec(), Some(Value::Array(more))));
            }
        }
    }
}

/// The words that may stand in the place of another.
struct Words {
    declared: Table,
    identities: Vec<String>,
    windows: Vec<String>,
    classes: Vec<String>,
    sets: Vec<String>,
}

impl Words {
    fn of(file: &Table) -> Self {
        let names = |section: &str| {
            let rows = file.get(section).and_then(Value::as_array).into_iter().flatten();
            rows.filter_map(|row| Some(row.get("name")?.as_str()?.to_owned())).collect::<Vec<_>>()
        };
        Self {
            declared: file.get("words").and_then(Value::as_table).cloned().unwrap_or_default(),
            identities: [names("identity"), names("group")].concat(),
            windows: names("window"),
            classes: names("class"),
            sets: names("who"),
        }
    }

    fn instead_of(&self, section: &str, key: &str, text: &str) -> Vec<String> {
        if let Some(steps) = figures_beside(text) {
            return steps;
        }
        let closed = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let codes = |codes: Vec<&str>| codes.into_iter().map(str::to_owned).collect();
        let known: Vec<String> = match (section, key) {
            (_, "identity" | "of") if section != "price" && section != "target" => self.identities.clone(),
            (_, "window") => self.windows.clone(),
            (_, "class") => self.classes.clone(),
            (_, "who") => self.sets.clone(),
            (_, "tier") | ("tier", "paid" | "choice") => self.listed("tier"),
            ("tier", "enjoyed") => [self.listed("tier"), vec!["not stated".to_owned()]].concat(),
            ("cap_step", "per") => closed(&["continuous-year", "zero-use-year", "re-entry", "missed-year"]),
            ("cap_step", "lasts") => closed(&["kept", "next-year"]),
            (_, "cause") if section == "exclusion" => codes(Cause::ALL.iter().map(|w| w.code()).collect()),
            ("channel", "kind") | (_, "channel") => {
                codes(ChannelKind::ALL.iter().map(|w| w.code()).collect())
            }
            ("words", "recognised" | "left-school" | "requested" | "died" | "employee-scheme") => {
                self.listed("ground")
            }
            ("option", "use") => self.listed("option"),
            (_, "employee_scheme") => codes(EmployeeScheme::ALL.iter().map(|w| w.code()).collect()),
            (_, "unemployment") => codes(Unemployment::ALL.iter().map(|w| w.code()).collect()),
            (_, "student") => codes(Student::ALL.iter().map(|w| w.code()).collect()),
            (_, "funds") => codes(Funds::ALL.iter().map(|w| w.code()).collect()),
            (_, "kinship") => codes(Kinship::ALL.iter().map(|w| w.code()).collect()),
            (_, "done") => codes(Step::ALL.iter().map(|w| w.code()).collect()),
            (_, "history") => codes(History::ALL.iter().map(|w| w.code()).collect()),
            (_, "part") => codes(Part::ALL.iter().map(|w| w.code()).collect()),
            (_, "for") => closed(&["notice-year", "birth-year", "any"]),
            (_, "at") => closed(&["registration", "payment"]),
            (_, "weight") => closed(&["refuse", "warn"]),
            (_, "bound") => closed(&["exactly", "at least"]),
            (_, "ends") => closed(&["corresponding-day", "day-after"]),
            (_, "take") => closed(&["highest", "all", "not stated"]),
            (_, "back") => closed(&["paid", "aid", "years-not-begun", "none"]),
            (_, "decide") => closed(&["not stated", "a person must decide"]),
            (_, "reason") => closed(&["window-closed", "person-must-decide"]),
            ("document", _) => Vec::new(),
            (_, "from" | "to" | "start" | "end" | "not_before") => self.points(),
            (_, key) if self.declared.contains_key(key) => self.listed(key),
            _ => vec![format!("{text}改")],
        };
        known.into_iter().filter(|word| word != text).collect()
    }

    fn listed(&self, key: &str) -> Vec<String> {
        let words = self.declared.get(key).and_then(Value::as_array).into_iter().flatten();
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    fn points(&self) -> Vec<String> {
        const POINTS: [&str; 12] = [
            "birth",
            "paid",
            "arrived",
            "recognised",
            "confirmed",
            "asked",
            "left",
            "success",
            "employee_until",
            "event",
            "cover-start",
            "cover-end",
        ];
        let points = POINTS.iter().map(|point| (*point).to_owned());
        points.chain(self.windows.iter().map(|window| format!("{window}.to"))).collect()
    }
}

/// What a figure may be instead: a yuan, a percent or a division less and more; or what is not stated.
fn figures_beside(text: &str) -> Option<Vec<String>> {
    const UNSTATED: [&str; 2] = ["not stated", "a person must decide"];
    if UNSTATED.contains(&text) {
        let others = [UNSTATED[0], UNSTATED[1], "0"];
        return Some(
            others.iter().filter(|other| **other != text).map(|other| (*other).to_owned()).collect(),
        );
    }
    let (digits, unit) = text.strip_suffix('%').map_or((text, ""), |digits| (digits, "%"));
    let number: i64 = digits.parse().ok()?;
    let mut others = vec![format!("{}{unit}", number - 1), format!("{}{unit}", number + 1)];
    if text.len() < 6 {
        others.push(UNSTATED[0].to_owned());
    }
    Some(others)
}

fn days_beside(value: &Value) -> Vec<Value> {
    let day: Date = value.to_string().parse().unwrap();
    let beside = [-1, 1].into_iter().filter_map(|days| add_days(day, days));
    beside.map(|day| Value::Datetime(day.to_string().parse().unwrap())).collect()
}

fn label(section: &str, row: &Value, number: usize) -> String {
    let id = ["id", "name", "code", "about"].iter().find_map(|key| row.get(*key)?.as_str());
    id.map_or_else(|| format!("{section} {number}"), |id| format!("{section} {id}"))
}

fn rows_of<'t>(file: &'t mut Table, section: &str) -> &'t mut Vec<Value> {
    match file.get_mut(section) {
        Some(Value::Array(rows)) => rows,
        _ => panic!("no rows [[{section}]]"),
    }
}

/// The clauses and open points of a row that is gone are cited elsewhere, so that the cases must tell that it is
/// gone, and not the check that every clause is cited.
fn keep_cited(file: &mut Table, row: &Value) {
    let Some(clause) = row.get("clause") else { return };
    let mut kept = Table::from_iter([
        ("because".to_owned(), Value::String("gone".to_owned())),
        ("clause".to_owned(), clause.clone()),
    ]);
    if let Some(open) = row.get("open") {
        kept.insert("open".to_owned(), open.clone());
    }
    let silent = file.entry("no_computation").or_insert(Value::Array(Vec::new()));
    silent.as_array_mut().unwrap().push(Value::Table(kept));
}

fn set(file: &mut Table, way: &[At], value: Option<Value>) {
    let Some(([At::Key(section), rest @ ..], last)) = way.split_last().map(|(last, rest)| (rest, last))
    else {
        // A value at the top of the file.
        let [At::Key(key)] = way else { panic!("a way begins with a table") };
        match value {
            Some(value) => file.insert(key.clone(), value),
            None => file.remove(key),
        };
        return;
    };
    let mut place = file.get_mut(section).unwrap();
    for at in rest {
        place = match at {
            At::Key(key) => place.get_mut(key.as_str()),
            At::Item(number) => place.get_mut(*number),
        }
        .unwrap();
    }
    match (place, last, value) {
        (Value::Table(table), At::Key(key), Some(value)) => drop(table.insert(key.clone(), value)),
        (Value::Table(table), At::Key(key), None) => drop(table.remove(key)),
        (Value::Array(items), At::Item(number), Some(value)) => items[*number] = value,
        (Value::Array(items), At::Item(number), None) => drop(items.remove(*number)),
        _ => panic!("the way leads nowhere"),
    }
}
