//! Compiles conditions and date expressions into the pools of a notice.

use std::sync::Arc;

use canbao_types::{CoverYear, Division};
use serde::Deserialize;
use toml::{Table, Value};

use crate::compile::Compiler;
use crate::fact::{Fact, Kind};
use crate::file::Day;
use crate::problem::unknown;
use crate::reader::Entry;
use crate::table::{Anchor, DayExpr, Limit, Run, Test, bit};

/// Whose facts a condition is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Person,
    Identity,
}

/// A recognition of any identity.
pub(crate) const ANY_IDENTITY: u64 = u64::MAX;

/// The condition on an age; it is no fact of its own, but follows from the birth.
const AGE: &str = "age";

/// Nobody becomes so old.
const OLDEST: i32 = 150;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAge {
    from: Option<i32>,
    to: Option<i32>,
    at: Value,
}

impl Compiler<'_> {
    /// A condition: alternatives of which one must hold. A missing one always holds.
    pub fn when(&mut self, entry: &Entry, scope: Scope, value: Option<&Value>) -> Run {
        match value {
            None => self.alternatives(entry, scope, &[&Table::new()]),
            Some(value) => self.condition(entry, scope, value),
        }
    }

    /// An exception: a missing one never holds.
    pub fn unless(&mut self, entry: &Entry, value: Option<&Value>) -> Run {
        value.map_or_else(Run::default, |value| self.condition(entry, Scope::Person, value))
    }

    fn condition(&mut self, entry: &Entry, scope: Scope, value: &Value) -> Run {
        let tables: Option<Vec<&Table>> = match value {
            Value::Table(table) => Some(vec![table]),
            Value::Array(values) => values.iter().map(Value::as_table).collect(),
            _ => None,
        };
        match tables {
            Some(tables) if !tables.is_empty() => self.alternatives(entry, scope, &tables),
            _ => {
                self.reader.tell_of(entry, "a condition is neither a table of facts nor a list of such tables; write { fact = value }");
                Run::default()
            }
        }
    }

    fn alternatives(&mut self, entry: &Entry, scope: Scope, tables: &[&Table]) -> Run {
        let from = self.pools.alternatives.len();
        for table in tables {
            let of = self.identities_of(table);
            let tests: Vec<Test> =
                table.iter().filter_map(|(name, value)| self.test(entry, scope, name, value, of)).collect();
            let first = self.pools.tests.len();
            self.pools.tests.extend(tests);
            let run = Run { from: index(first), to: index(self.pools.tests.len()) };
            self.pools.alternatives.push(run);
        }
        Run { from: index(from), to: index(self.pools.alternatives.len()) }
    }

    /// The identities a condition is about: a recognition in the same condition means theirs.
    pub fn identities_of(&self, table: &Table) -> u64 {
        let words: Vec<&str> = match table.get("identity") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => return ANY_IDENTITY,
        };
        words.iter().fold(0, |bits, word| bits | self.declared(Fact::Identity, word))
    }

    fn test(&mut self, entry: &Entry, scope: Scope, name: &str, value: &Value, of: u64) -> Option<Test> {
        if (scope, name) == (Scope::Person, AGE) {
            return self.age_test(entry, value, of);
        }
        let fact = match scope {
            Scope::Person => Fact::of_person(name),
            Scope::Identity => Fact::of_identity(name),
        };
        let Some(fact) = fact else {
            let mut known = Fact::codes(scope == Scope::Identity);
            known.extend((scope == Scope::Person).then(|| Arc::from(AGE)));
            self.reader.tell_of(entry, unknown(name, "fact a condition can use here", &known));
            return None;
        };
        let test = match fact.kind() {
            Kind::Day => self.day_test(entry, fact, value, of),
            Kind::Place => place_test(fact, value),
            Kind::Flag => value.as_bool().map(|yes| Test::Word { fact, any: 1 << u32::from(yes) }),
            Kind::Count => count_bits(value).map(|any| Test::Word { fact, any }),
            Kind::Closed(codes) => {
                let bits = |word: &str| codes.iter().position(|code| *code == word).map_or(0, |at| 1 << at);
                return self.word_test(entry, fact, value, bits);
            }
            Kind::Declared => {
                let known: Vec<(String, u64)> = words_of(value)
                    .into_iter()
                    .map(|word| (word.to_owned(), self.declared(fact, word)))
                    .collect();
                let bits =
                    |word: &str| known.iter().find(|(name, _)| name == word).map_or(0, |(_, bits)| *bits);
                return self.word_test(entry, fact, value, bits);
            }
            Kind::Year => year_test(fact, value),
            Kind::Elsewhere => None,
        };
        if test.is_none() {
            let what = format!("{value} does not fit `{name}`; write {}", fact.kind().written());
            self.reader.tell_of(entry, what);
        }
        test
    }

    fn word_test(
        &mut self,
        entry: &Entry,
        fact: Fact,
        value: &Value,
        bits: impl Fn(&str) -> u64,
    ) -> Option<Test> {
        let words = words_of(value);
        if words.is_empty() {
            let what = format!("{value} does not fit `{fact}`; write {}", fact.kind().written());
            self.reader.tell_of(entry, what);
            return None;
        }
        let mut any = 0;
        for word in words {
            let bits = bits(word);
            if bits == 0 && !self.reader.is_unread(word) {
                let what = unknown(word, &format!("word for `{fact}`"), &self.known(fact));
                self.reader.tell_of(entry, what);
            }
            any |= bits;
        }
        Some(Test::Word { fact, any })
    }

    /// The words that fit a fact.
    fn known(&self, fact: Fact) -> Vec<Arc<str>> {
        let names = &self.names;
        let declared = match fact {
            Fact::Identity => {
                let groups = self.groups.iter().map(|(name, _)| Arc::from(name.as_str()));
                return names.identity.iter().cloned().chain(groups).collect();
            }
            Fact::Class => &names.class,
            Fact::Tier => &names.tier,
            Fact::Window => &names.window,
            Fact::Who => &names.who,
            Fact::Option => &names.option,
            Fact::Ground => &names.ground,
            Fact::Papers => &names.papers,
            Fact::IdentityKind => &names.kind,
            _ => match fact.kind() {
                Kind::Closed(codes) => return codes.iter().map(|code| Arc::from(*code)).collect(),
                _ => return Vec::new(),
            },
        };
        declared.clone()
    }

    /// The bits of a declared word; a group's are those of its members.
    fn declared(&self, fact: Fact, word: &str) -> u64 {
        let names = &self.names;
        match fact {
            Fact::Identity => {
                let group = self.groups.iter().find(|(name, _)| name == word).map(|(_, members)| *members);
                group.unwrap_or_else(|| bit(&names.identity, word))
            }
            Fact::Class => bit(&names.class, word),
            Fact::Tier => bit(&names.tier, word),
            Fact::Window => bit(&names.window, word),
            Fact::Who => bit(&names.who, word),
            Fact::Option => bit(&names.option, word),
            Fact::Ground => bit(&names.ground, word),
            Fact::Papers => bit(&names.papers, word),
            Fact::IdentityKind => bit(&names.kind, word),
            _ => 0,
        }
    }

    fn day_test(&mut self, entry: &Entry, fact: Fact, value: &Value, of: u64) -> Option<Test> {
        if let Some(Day(day)) = Day::of(value) {
            return Some(Test::Day { fact, of, from: Limit::On(day), to: Limit::On(day) });
        }
        let table = value.as_table()?;
        if table.is_empty() || table.keys().any(|key| key != "from" && key != "to") {
            return None;
        }
        let from = self.limit(entry, table.get("from"), of);
        let to = self.limit(entry, table.get("to"), of);
        if let (Limit::On(first), Limit::On(last)) = (from, to)
            && first > last
        {
            self.reader.tell_of(
                entry,
                format!("`{fact}` from {first} to {last} ends before it begins; mend `from` or `to`"),
            );
        }
        Some(Test::Day { fact, of, from, to })
    }

    /// An age in whole years on a day, as the days of birth on which whoever has that age then was born.
    fn age_test(&mut self, entry: &Entry, value: &Value, of: u64) -> Option<Test> {
        let written = value.clone().try_into::<WrittenAge>().ok();
        let sound = |age: &WrittenAge| match (age.from, age.to) {
            (Some(from), Some(to)) => from <= to && to < OLDEST,
            (Some(age), None) | (None, Some(age)) => age < OLDEST,
            (None, None) => false,
        };
        let Some(WrittenAge { from, to, at }) = written.filter(sound) else {
            let what = format!(
                "{value} does not fit `{AGE}`; write {{ from = …, to = …, at = … }}, whole years on a date or a point"
            );
            self.reader.tell_of(entry, what);
            return None;
        };
        let at = self.anchor(entry, &at, of);
        let mut born = |years: i32, days: i64| {
            self.pools.days.push(DayExpr { months: -12 * years, days, ..DayExpr::on(at) });
            Limit::At(index(self.pools.days.len() - 1))
        };
        let to_birth = from.map_or(Limit::Open, |age| born(age, 0));
        let from_birth = to.map_or(Limit::Open, |age| born(age + 1, 1));
        Some(Test::Day { fact: Fact::Birth, of, from: from_birth, to: to_birth })
    }

    fn limit(&mut self, entry: &Entry, value: Option<&Value>, of: u64) -> Limit {
        match value {
            None => Limit::Open,
            Some(value) => {
                let expr = self.day(entry, value, of);
                if let (Some(Anchor::On(day)), true) = (expr.from[0], expr.is_one_day()) {
                    return Limit::On(day);
                }
                self.pools.days.push(expr);
                Limit::At(index(self.pools.days.len() - 1))
            }
        }
    }
}

fn place_test(fact: Fact, value: &Value) -> Option<Test> {
    let (text, inside) = match value {
        Value::String(text) => (text.as_str(), true),
        Value::Table(table) if table.len() == 1 => (table.get("outside")?.as_str()?, false),
        _ => return None,
    };
    let division: Division = text.parse().ok()?;
    Some(Test::Place { fact, division, inside })
}

/// A coverage year, or a range of them; told by their first days, which no notice moves.
fn year_test(fact: Fact, value: &Value) -> Option<Test> {
    let year = |value: &Value| CoverYear::new(u16::try_from(value.as_integer()?).ok()?);
    let from = |year: Option<CoverYear>| year.map_or(Limit::Open, |year| Limit::On(year.first_day()));
    let to = |year: Option<CoverYear>| year.map_or(Limit::Open, |year| Limit::On(year.last_day()));
    let (first, last) = match value {
        Value::Integer(_) => (Some(year(value)?), Some(year(value)?)),
        Value::Table(table) if !table.is_empty() && table.keys().all(|key| key == "from" || key == "to") => {
            let end = |key| table.get(key).map(|value| year(value).ok_or(())).transpose().ok();
            (end("from")?, end("to")?)
        }
        _ => return None,
    };
    (first <= last || last.is_none()).then(|| Test::Day {
        fact,
        of: ANY_IDENTITY,
        from: from(first),
        to: to(last),
    })
}

/// Bits 0 to 63 of a number, a list of numbers, or a range with one or both ends.
fn count_bits(value: &Value) -> Option<u64> {
    let number = |value: &Value| value.as_integer().filter(|number| (0..64).contains(number));
    match value {
        Value::Integer(_) => number(value).map(|number| 1 << number),
        Value::Array(values) => values.iter().try_fold(0, |bits, value| Some(bits | 1 << number(value)?)),
        Value::Table(table) if table.keys().all(|key| key == "from" || key == "to") => {
            let from = table.get("from").map_or(Some(0), number)?;
            let to = table.get("to").map_or(Some(63), number)?;
            (from <= to).then(|| (from..=to).fold(0, |bits, number| bits | 1 << number))
        }
        _ => None,
    }
}

fn words_of(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(values) => {
            values.iter().map(Value::as_str).collect::<Option<Vec<_>>>().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A place in a pool; the checks refuse a file that goes beyond.
pub(crate) fn index(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
