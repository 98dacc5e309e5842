//! What a notice writes, in Chinese as a clerk (经办人员) would say it: amounts, days, conditions, words.
//!
//! The notice has been compiled, so what stands here is sound; a word that is not known all the same is shown as
//! it is written, and never left out.

use canbao_types::Reason;
use toml::{Table, Value};

use crate::fact::{Fact, Kind};
use crate::page::days::{age, day, day_test, in_force, period, until};
use crate::page::said;
use crate::page::words::{self, Codes};

/// How the value of a key is said.
#[derive(Clone, Copy)]
pub(crate) enum How {
    /// As it is written; of a list every word.
    Text,
    /// Yuan.
    Amount,
    /// Yuan up or down.
    Step,
    /// A word of the format, or of several each.
    Code(Codes),
    /// A number between these words.
    Number(&'static str, &'static str),
    /// A number between these words, and nothing where it is none.
    Positive(&'static str, &'static str),
    /// A day or a date expression.
    Day,
    /// `{ from, to }` of days.
    Period,
    /// The last day of a window or of a benefit.
    Until,
    /// The first and the last day of the month.
    MonthDays,
    /// A division.
    Place,
    /// A condition.
    When,
    /// An exception.
    Unless,
    /// A reason, as the citizen is told.
    Reason,
    /// The least wait.
    Floor,
    /// Working days after the start of a delay.
    WorkingDays,
    /// What a target is a share of.
    ShareOf,
    /// The ways of a route.
    Ways,
    /// The grounds of the refund causes.
    Causes,
    /// Names by code.
    Names,
    /// The other readings of an open point.
    Readings,
    /// What each of several payers bears.
    Shares,
    /// A share of the cap before any step, or yuan.
    Limit,
    /// From which year on missed years count, or that all do.
    Missed,
    /// The days to which a version applies.
    InForce,
    /// A table of the format.
    Table,
    /// An entry of a layer: its name; an id says nothing to a reader.
    Entry,
}

/// The words for a code; the code itself where there are none.
pub(crate) fn word<'t>(codes: &[(&str, &'t str)], code: &'t str) -> &'t str {
    codes.iter().find(|(known, _)| *known == code).map_or(code, |(_, word)| word)
}

impl How {
    /// What a value says.
    pub fn say(self, value: &Value) -> String {
        let all = |say: fn(&str) -> String| texts(value).iter().map(|text| say(text)).collect::<Vec<_>>();
        match self {
            Self::Text => all(|text| plain(text).to_owned()).join("、"),
            Self::Amount => all(amount).join("、"),
            Self::Step => all(step).join("、"),
            Self::Code(codes) => {
                let said = texts(value);
                said.iter().map(|code| word(codes, code).to_owned()).collect::<Vec<_>>().join("、")
            }
            Self::Number(before, after) => format!("{before}{}{after}", texts(value).join("、")),
            Self::Positive(..) if value.as_integer() == Some(0) => String::new(),
            Self::Positive(before, after) => Self::Number(before, after).say(value),
            Self::Day => day(value),
            Self::Period => period(value),
            Self::Until => until(value),
            Self::MonthDays => format!("每月{}日", texts(value).join("日至")),
            Self::Place => texts(value).join("、"),
            Self::When => condition(value),
            Self::Unless => format!("{}除外", condition(value)),
            Self::Reason => {
                let code = texts(value).join("");
                let reason = Reason::ALL.iter().find(|reason| reason.code() == code);
                reason.map_or(code, |reason| reason.message().trim_end_matches('。').to_owned())
            }
            Self::Floor => {
                let number = |key| value.get(key).map(Value::to_string).unwrap_or_default();
                format!("断保满{}年的，合计不少于{}个月", number("from_missed_years"), number("months"))
            }
            Self::WorkingDays => match value.as_integer() {
                Some(0) => "当日".to_owned(),
                _ => format!("第{value}个工作日"),
            },
            Self::ShareOf => all(share_of).join("、"),
            Self::Ways => ways(value),
            Self::Causes => causes(value),
            Self::Names => {
                let names = value.as_table().into_iter().flatten();
                let names = names.map(|(code, name)| format!("{}（{code}）", texts(name).concat()));
                names.collect::<Vec<_>>().join("、")
            }
            Self::Readings => readings(value).join("；"),
            Self::Shares => shares(value),
            Self::Limit => all(limit).join("、"),
            Self::Missed if value.is_integer() => format!("自{value}年度起计入"),
            Self::Missed => all(|text| word(words::COUNT_FROM, text).to_owned()).join("、"),
            Self::InForce => in_force(value),
            Self::Table => all(|table| title(table).to_owned()).join("、"),
            Self::Entry => texts(value).into_iter().filter(|name| !name.is_ascii()).collect(),
        }
    }
}

pub(crate) fn plain(text: &str) -> &str {
    word(words::UNDECIDED, text)
}

fn amount(text: &str) -> String {
    match word(words::PART, word(words::OF, plain(text))) {
        // A published figure has a name.
        figure if figure.starts_with(|sign: char| sign.is_ascii_digit()) => format!("{figure}元"),
        said => said.to_owned(),
    }
}

fn limit(text: &str) -> String {
    if text.ends_with('%') { format!("原封顶线的{text}") } else { amount(text) }
}

fn shares(value: &Value) -> String {
    let share =
        |share: &Value| ["payer", "rate"].map(|key| share.get(key).map(texts).unwrap_or_default().concat());
    let shares = value.as_array().into_iter().flatten().map(|one| share(one).concat());
    shares.collect::<Vec<_>>().join("、")
}

/// The title of a table.
fn title(table: &str) -> &str {
    said::section(table).map_or(table, |section| section.title)
}

fn step(text: &str) -> String {
    match (plain(text), text.strip_prefix('-')) {
        (said, _) if said != text => said.to_owned(),
        (_, Some(less)) => format!("降低{less}元"),
        (_, None) => format!("提高{text}元"),
    }
}

fn share_of(text: &str) -> String {
    match text.strip_prefix("roster:") {
        Some(roster) => format!("{roster}名单人数"),
        None => word(words::SHARE_OF, text).to_owned(),
    }
}

fn ways(value: &Value) -> String {
    let way = |way: &Value| {
        let at = way.get("at").map(texts).unwrap_or_default().join("");
        let papers = way.get("papers").and_then(Value::as_array).into_iter().flatten();
        let papers: Vec<_> = papers.map(|one_of| either(&texts(one_of))).collect();
        match papers.is_empty() {
            true => at,
            false => format!("{at}（持{}）", papers.join("、")),
        }
    };
    value.as_array().into_iter().flatten().map(way).collect::<Vec<_>>().join("；")
}

fn causes(value: &Value) -> String {
    let pairs = value.as_table().into_iter().flatten();
    let said = pairs.map(|(cause, ground)| {
        format!("{}:“{}”", word(words::REFUND_CAUSE, cause), texts(ground).join("、"))
    });
    said.collect::<Vec<_>>().join("；")
}

/// Other readings, each with what it would change.
pub(crate) fn readings(value: &Value) -> Vec<String> {
    let reading = |other: &Value| {
        let said = other.get("reading").map(texts).unwrap_or_default().concat();
        let set = other.get("set").and_then(Value::as_table).into_iter().flatten();
        let set: Vec<_> = set.map(|(path, value)| replaced(path, value)).collect();
        match set.is_empty() {
            true => said,
            false => format!("{said}（{}）", set.join("；")),
        }
    };
    value.as_array().into_iter().flatten().map(reading).collect()
}

/// What another reading puts in the place of a field.
fn replaced(path: &str, value: &Value) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let (Some(table), Some(key)) = (parts.first(), parts.last()) else { return String::new() };
    let title = title(table);
    // An id says nothing to a reader; a name does.
    let name = parts.get(1).filter(|name| parts.len() > 2 && !name.is_ascii());
    let name = name.map(|name| format!("“{name}”")).unwrap_or_default();
    match said::key(table, key) {
        Some((_, of, how)) => format!("{title}{name}·{of}：{}", how.say(value)),
        None => format!("{title}{name}·{key}：{}", texts(value).join("、")),
    }
}

/// The texts of a value: a list's items, or its own.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Table(table) => {
            table.iter().map(|(key, value)| format!("{key} {}", texts(value).join("、"))).collect()
        }
        other => vec![other.to_string()],
    }
}

/// One of several.
pub(crate) fn either<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}或{last}", rest.join("、")),
        _ => words.concat(),
    }
}

/// Any of the alternatives.
fn condition(value: &Value) -> String {
    let one = |table: &Table| {
        let mut facts: Vec<(usize, String)> =
            table.iter().map(|(name, value)| (place(name), test(name, value))).collect();
        facts.sort_by_key(|(place, _)| *place);
        facts.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("，")
    };
    match value {
        Value::Table(table) => one(table),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().filter_map(Value::as_table).map(one).collect();
            all.join(if all.iter().any(|said| said.contains('，')) { "；或" } else { "或" })
        }
        other => other.to_string(),
    }
}

/// Who comes before what is done, and what is done before its days.
fn place(name: &str) -> usize {
    const FIRST: [&str; 10] =
        ["who", "class", "identity", "student", "full_time", "birth", "history", "ground", "funds", "window"];
    let later = || FIRST.len() + Fact::of_person(name).map_or(0, |fact| fact as usize);
    FIRST.iter().position(|first| *first == name).unwrap_or_else(later)
}

/// One test of one fact.
fn test(name: &str, value: &Value) -> String {
    let find = |table: &[(&'static str, &'static str, &'static str)]| {
        table.iter().find(|(known, ..)| *known == name).map(|(_, one, two)| (*one, *two))
    };
    if name == "age" {
        return age(value);
    }
    // A certificate of an identity has the same kind under its longer name.
    let fact = Fact::of_person(name).or_else(|| Fact::of_identity(name));
    // The same name means a day of the person and a flag of the identity.
    let flag = value.as_bool().and_then(|yes| find(words::FLAGS).map(|(on, off)| if yes { on } else { off }));
    if let Some(said) = flag {
        return said.to_owned();
    }
    match fact.map(Fact::kind) {
        Some(Kind::Day) => {
            let (_, done) = find(words::DAYS).unwrap_or(("", name_of(fact)));
            day_test(value, done)
        }
        Some(Kind::Place) => place_test(word(words::PLACES, name_of(fact)), value),
        Some(Kind::Count) if name == GRADE && value.is_table() => grades(value),
        Some(kind @ (Kind::Year | Kind::Count)) => {
            let (before, after) = find(words::COUNTS).unwrap_or((name_of(fact), ""));
            let ends =
                if kind == Kind::Year { ["及以后", "及以前"] } else { ["及以上", "及以下"] };
            format!("{before}{}", count(value, after, ends))
        }
        Some(Kind::Closed(_)) => {
            let (before, codes) = words::CLOSED
                .iter()
                .find(|(known, ..)| *known == name)
                .map_or((name_of(fact), &[][..]), |(_, before, codes)| (*before, *codes));
            let said: Vec<_> = texts(value).iter().map(|code| word(codes, code).to_owned()).collect();
            format!("{before}{}", either(&said))
        }
        Some(Kind::Declared) => {
            let (before, after) = find(words::DECLARED).unwrap_or((name_of(fact), ""));
            let join = format!("{after}或{before}");
            let of = texts(value);
            match after.is_empty() {
                true => format!("{before}{}", either(&of)),
                false => format!("{before}{}{after}", of.join(&join)),
            }
        }
        Some(Kind::Flag | Kind::Elsewhere) | None => format!("{name} {}", texts(value).join("、")),
    }
}

fn name_of(fact: Option<Fact>) -> &'static str {
    fact.map_or("", Fact::code)
}

fn place_test(what: &str, value: &Value) -> String {
    match value.get("outside") {
        Some(place) => format!("{what}不在{}", texts(place).join("、")),
        None => format!("{what}在{}", texts(value).join("、")),
    }
}

/// How hard somebody is hit: the first grade is the severest, so that above and below would mislead.
const GRADE: &str = "grade";

fn grades(value: &Value) -> String {
    let end = |key: &str| value.get(key).and_then(Value::as_integer);
    match (end("from").unwrap_or(1), end("to")) {
        (from, Some(to)) if from == to => format!("等级为{to}级"),
        (from, Some(to)) => format!("等级为{from}级至{to}级"),
        (from, None) => format!("等级为{from}级及以后各级"),
    }
}

fn count(value: &Value, unit: &str, [more, less]: [&str; 2]) -> String {
    match value {
        Value::Table(ends) => {
            let end = |key, word| ends.get(key).map(|number| format!("{number}{unit}{word}"));
            let ends = [end("from", more), end("to", less)];
            ends.into_iter().flatten().collect::<Vec<_>>().join("、")
        }
        _ => {
            let numbers: Vec<_> = texts(value).iter().map(|number| format!("{number}{unit}")).collect();
            either(&numbers)
        }
    }
}
