//! Generated facts about generated people: every word a notice knows, and the days around every day it names.
#![allow(dead_code, reason = "each test of generated people asks a part of the questions")]

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use canbao_policy::{Facts, Notice};
use canbao_types::{Date, add_days, add_months};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value as Json, json};
use toml::{Table, Value};

/// Facts as they are written.
pub type Written = Map<String, Json>;

/// A day for everything that is a day.
const DAY_FACTS: [&str; 13] = [
    "birth",
    "employee_until",
    "paid",
    "arrived",
    "recognised",
    "confirmed",
    "asked",
    "left",
    "success",
    "employee_from",
    "school_registered",
    "registered",
    "died",
];

const FLAGS: [&str; 10] = [
    "full_time",
    "works",
    "rural",
    "retired",
    "employee_benefits",
    "retirement_age",
    "enrolled_elsewhere",
    "cash",
    "emergency",
    "parent_insured",
];

const PLACES: [&str; 6] = ["hukou", "permit", "house", "parent_permit", "school", "record"];

/// A notice with the people that its file tells apart.
pub struct World {
    pub name: String,
    pub notice: Notice,
    file: Table,
    days: Vec<String>,
}

/// Every notice there is; only the one that the variable `CANBAO_NOTICE` names, where it is set.
pub fn worlds() -> Vec<World> {
    let only = env::var("CANBAO_NOTICE").ok();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| *only == name);
    let files = files_in("notices").into_iter().filter(|(name, _)| wanted(name));
    let worlds: Vec<World> = files.map(|(name, text)| World::of(name, &text)).collect();
    assert!(!worlds.is_empty(), "there is no notice {only:?}");
    worlds
}

/// The notices of invented cities that stand by themselves.
pub fn invented() -> Vec<World> {
    let alone = |(name, text): &(String, String)| Notice::parse(name, text).is_ok();
    let files = files_in("tests/kinds").into_iter().filter(alone);
    files.map(|(name, text)| World::of(name, &text)).collect()
}

/// The TOML files of a folder of this crate, by their names.
fn files_in(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

impl World {
    fn of(name: String, text: &str) -> Self {
        let notice = Notice::parse(&name, text).unwrap_or_else(|problems| panic!("{problems}"));
        let file: Table = text.parse().unwrap();
        let mut named = BTreeSet::new();
        file.values().for_each(|value| gather(value, &mut named));
        let cover = notice.cover();
        named.extend([cover.from(), cover.to()]);
        // A middle, a leap day, a month's end, and a season apart from every day of the notice.
        let others = ["2020-05-01", "2024-02-29", "2023-11-30"].map(|day| day.parse().unwrap());
        let in_the_year = [1, 3, 4, 8].map(|months| add_months(cover.from(), months).unwrap());
        let after = [1, 90].map(|days| add_days(cover.to(), days).unwrap());
        let mut days: BTreeSet<Date> = others.into_iter().chain(in_the_year).chain(after).collect();
        for day in named {
            days.extend([-1, 0, 1].map(|step| add_days(day, step).unwrap()));
        }
        Self { name, notice, file, days: days.iter().map(ToString::to_string).collect() }
    }

    /// A target's name, or that of none.
    pub fn target(&self) -> String {
        self.notice.targets().first().map_or("整体参保率".to_owned(), |target| target.name.to_string())
    }

    fn names(&self, section: &str) -> Vec<String> {
        let rows = self.file.get(section).and_then(Value::as_array).into_iter().flatten();
        rows.filter_map(|row| Some(row.get("name")?.as_str()?.to_owned())).collect()
    }

    /// The declared words of a kind; one that is none where there are none.
    fn words(&self, kind: &str) -> Vec<String> {
        let words = self.file.get("words").and_then(|words| words.get(kind)).and_then(Value::as_array);
        let words = words.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned));
        let words: Vec<String> = words.collect();
        if words.is_empty() { vec!["无".to_owned()] } else { words }
    }

    fn word(&self, kind: &str) -> BoxedStrategy<Json> {
        select(self.words(kind)).prop_map(Json::String).boxed()
    }

    fn day(&self) -> BoxedStrategy<String> {
        select(self.days.clone()).boxed()
    }

    /// Identities of the notice; nobody holds any where it declares none.
    fn identities(&self) -> BoxedStrategy<Json> {
        let names = self.names("identity");
        if names.is_empty() {
            return Just(json!([])).boxed();
        }
        let own = (
            select(names),
            any::<bool>(),
            (self.day(), self.day(), self.day()),
            select(self.words("kind")),
            1_u32..=4,
            any::<bool>(),
        );
        let held = own.prop_map(|(name, confirmed, (recognised, certificate, rated), kind, grade, poor)| {
            json!({
                "name": name, "confirmed": confirmed, "recognised": recognised, "certificate": certificate,
                "rated": rated, "kind": kind, "grade": grade, "poor": poor,
            })
        });
        prop::collection::vec(held, 0..=2).prop_map(Json::Array).boxed()
    }

    fn events(&self) -> BoxedStrategy<Json> {
        let event = (select(self.words("event")), self.day());
        let event = event.prop_map(|(kind, date)| json!({ "kind": kind, "date": date }));
        prop::collection::vec(event, 0..=2).prop_map(Json::Array).boxed()
    }

    /// Every fact, given.
    pub fn all(&self) -> BoxedStrategy<Written> {
        let year = self.notice.year().get();
        let (division, pool) = (self.notice.division().to_string(), self.notice.pool().to_string());
        let first = self.notice.cover().from();
        let opened = |months: u32, late: bool| {
            let from = add_months(first, months).unwrap();
            json!({ "from": from, "to": add_days(from, 29).unwrap(), "late": late })
        };
        let mut facts: Vec<(&str, BoxedStrategy<Json>)> = vec![
            ("cover_year", value(json!([year, year, year, year - 1]))),
            ("employee_scheme", word(&["never", "never", "past", "in_scope", "enrolled"])),
            ("employee_months", value(json!([0, 11, 23, 24, 240]))),
            ("sex", word(&["male", "female"])),
            ("unemployment", word(&["none", "none", "drawing", "ended"])),
            ("student", word(&["none", "none", "kindergarten", "school", "vocational", "college"])),
            ("identities", self.identities()),
            (
                "last_covered",
                value(json!(["never", year - 1, year - 1, year - 2, year - 3, year - 4, year - 5, year - 7])),
            ),
            ("events", self.events()),
            (
                "done",
                some(json!([
                    "registration",
                    "region-change",
                    "assessment",
                    "family-link",
                    "declaration",
                    "school-registration",
                    "school-declaration",
                    "identity-update",
                ])),
            ),
            ("papers", some(Json::from(self.words("papers")))),
            ("channel", word(&["wechat", "counter", "virtual-account", "online", "tax-hall", "device"])),
            ("funds", word(&["own", "own", "employee-account"])),
            ("kinship", word(&["self", "spouse", "grandchild", "other"])),
            ("balance", word(&["0", "370", "100000"])),
            ("option", self.word("option")),
            ("tier_asked", self.word("tier")),
            ("repair_years", value(json!([0, 0, 1, 2, 3, 4, 6]))),
            ("years", value(json!([1, 1, 3]))),
            ("programme_years", value(json!([2, 3, 4]))),
            ("ground", self.word("ground")),
            ("offered", word(&["40", "400", "100000"])),
            ("paid_amount", word(&["400", "1600"])),
            ("price_paid", word(&["400"])),
            ("years_paid", value(json!([[year], [year, year + 1, year + 2]]))),
            ("what", self.word("what")),
            ("causes", some(json!(["abroad", "not-designated", "work-injury", "listed-elsewhere"]))),
            ("opened", value(json!([opened(4, false), opened(2, true)]))),
        ];
        let day = || self.day().prop_map(Json::String).boxed();
        facts.extend(DAY_FACTS.map(|fact| (fact, day())));
        facts.extend(FLAGS.map(|fact| (fact, value(json!([true, false])))));
        let places = value(json!([division, division, pool, "110000", "none"]));
        facts.extend(PLACES.map(|fact| (fact, places.clone())));
        let (names, values): (Vec<&str>, Vec<_>) = facts.into_iter().unzip();
        let written = move |values: Vec<Json>| {
            let mut written: Written = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
            // Money does not arrive before it is paid; days are written so that they compare like texts.
            let (paid, arrived) = (written["paid"].to_string(), written["arrived"].to_string());
            if arrived < paid {
                written["arrived"] = written["paid"].clone();
            }
            written
        };
        values.prop_map(written).boxed()
    }

    /// The same facts with some of them not given.
    pub fn some_not_given(&self) -> impl Strategy<Value = (Written, Vec<String>)> + use<> {
        (self.all(), prop::collection::vec(any::<Index>(), 0..12)).prop_map(|(all, hidden)| {
            let names: Vec<&String> = all.keys().collect();
            let mut hidden: Vec<String> = hidden.iter().map(|at| (*at.get(&names)).clone()).collect();
            hidden.sort();
            hidden.dedup();
            (all, hidden)
        })
    }
}

/// The days that a file names.
fn gather(value: &Value, days: &mut BTreeSet<Date>) {
    match value {
        Value::Datetime(day) => days.extend(day.to_string().parse::<Date>().ok()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, days)),
        Value::Table(table) => table.values().for_each(|value| gather(value, days)),
        _ => {}
    }
}

fn word(words: &[&str]) -> BoxedStrategy<Json> {
    select(words.iter().map(|word| json!(word)).collect::<Vec<_>>()).boxed()
}

fn value(values: Json) -> BoxedStrategy<Json> {
    select(values.as_array().unwrap().clone()).boxed()
}

fn some(values: Json) -> BoxedStrategy<Json> {
    let values = values.as_array().unwrap().clone();
    let all = values.len();
    subsequence(values, 0..=all).prop_map(Json::Array).boxed()
}

/// Facts, as they are asked with.
pub fn facts(written: &Written) -> Facts {
    serde_json::from_value(Json::Object(written.clone())).unwrap()
}
