//! The days of a notice in Chinese: dates, the points of a person's history, and what is counted from them.

use toml::Value;

use crate::chinese;
use crate::file::Day;
use crate::page::phrase::{plain, texts};
use crate::page::words;

pub(crate) fn day_test(value: &Value, done: &str) -> String {
    let Some(ends) = value.as_table() else { return format!("{}{done}", day(value)) };
    match (ends.get("from"), ends.get("to")) {
        (Some(from), Some(to)) => format!("{}至{}{done}", day(from), day(to)),
        (Some(from), None) => format!("{}及以后{done}", day(from)),
        (None, Some(to)) => match within(to) {
            Some(within) => format!("{within}{done}"),
            None => format!("{}及以前{done}", day(to)),
        },
        (None, None) => done.to_owned(),
    }
}

/// A day so many months after a point, as the end of a period.
fn within(value: &Value) -> Option<String> {
    let plain = ["years", "days", "wait", "round", "not_before"].iter().all(|key| value.get(key).is_none());
    let months = value.get("months").and_then(Value::as_integer).filter(|months| plain && *months > 0)?;
    Some(format!("{}起{months}个月内", points(value.get("from")?)))
}

pub(crate) fn until(value: &Value) -> String {
    within(value).unwrap_or_else(|| day(value))
}

pub(crate) fn period(value: &Value) -> String {
    let end = |key| value.get(key).map(day).unwrap_or_default();
    format!("{}至{}", end("from"), end("to"))
}

/// A day, or a date expression: rounded, then years and months, then days, then the wait.
pub(crate) fn day(value: &Value) -> String {
    let Some(table) = value.as_table() else { return points(value) };
    let mut said = table.get("from").map(points).unwrap_or_default();
    let round = table.get("round").and_then(Value::as_str);
    if round == Some("this-month") {
        said = format!("{}当月1日", said.strip_suffix("之日").unwrap_or(&said));
    }
    let number = |key: &str| table.get(key).and_then(Value::as_integer);
    for (key, unit) in [("years", "年"), ("months", "个月")] {
        said = match number(key) {
            None => said,
            Some(before @ ..0) => format!("{said}{}{unit}前的对应日", -before),
            Some(after) => format!("{said}起满{after}{unit}的对应日"),
        };
    }
    if let Some(days) = number("days") {
        said = beside(&said, days);
    }
    if let Some(wait) = table.get("wait") {
        // The notice's ordinary wait needs no name.
        let name = texts(wait).concat();
        let name = if name == "ordinary" { String::new() } else { format!("（{name}）") };
        said = format!("{said}起等待期{name}满之日");
    }
    if round == Some("next-month") {
        said = format!("{said}的次月1日");
    }
    if let Some(floor) = table.get("not_before") {
        said = format!("{said}，不早于{}", points(floor));
    }
    said
}

/// The day so many days after a day that was said, or before it.
fn beside(said: &str, days: i64) -> String {
    let stem = match said.strip_suffix("之日") {
        Some(stem) if !stem.ends_with("较晚") => stem.to_owned(),
        _ if said.ends_with('日') && !said.ends_with("对应日") && !said.contains('与') => {
            said.to_owned()
        }
        _ => format!("{said}的"),
    };
    match days {
        0 => said.to_owned(),
        1 => format!("{stem}次日"),
        -1 => format!("{stem}前一日"),
        2.. => format!("{stem}后第{days}日"),
        _ => format!("{stem}前{}日", -days),
    }
}

/// The latest of some points in time.
fn points(value: &Value) -> String {
    match value {
        Value::Array(all) if all.len() > 1 => {
            format!("{}中较晚之日", all.iter().map(point).collect::<Vec<_>>().join("与"))
        }
        Value::Array(all) => all.iter().map(point).collect(),
        one => point(one),
    }
}

fn point(value: &Value) -> String {
    if let Some(Day(day)) = Day::of(value) {
        return chinese::day(day);
    }
    let name = texts(value).concat();
    let known =
        words::DAYS.iter().find(|(known, ..)| *known == name).map(|(_, point, _)| (*point).to_owned());
    known.unwrap_or_else(|| match name.rsplit_once('.') {
        Some((window, "from")) => format!("“{window}”开始之日"),
        Some((window, "to")) => format!("“{window}”结束之日"),
        _ => plain(&name).to_owned(),
    })
}

/// An age in whole years on a day.
pub(crate) fn age(value: &Value) -> String {
    let years = |key: &str| value.get(key).and_then(Value::as_integer);
    let from = years("from").map(|age| format!("已满{age}周岁"));
    // The last year of age that is meant ends on a birthday.
    let to = years("to").map(|age| format!("未满{}周岁", age + 1));
    let ages: Vec<String> = from.into_iter().chain(to).collect();
    format!("{}{}", value.get("at").map(day).unwrap_or_default(), ages.join("、"))
}

/// The days to which a version of a notice applies.
pub(crate) fn in_force(value: &Value) -> String {
    match value.get("from").zip(value.get("to")) {
        Some((from, to)) => format!("{}至{}", day(from), day(to)),
        None => format!("{}起", day(value)),
    }
}
