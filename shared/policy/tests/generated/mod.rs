//! Generated facts about generated people: every word, and the days around every day the notice names.

use canbao_policy::Facts;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

/// Facts as they are written.
pub type Written = Map<String, Value>;

/// Days around the ends of windows, years and deadlines.
const DAYS: [&str; 24] = [
    "2020-05-01",
    "2023-11-30",
    "2024-12-31",
    "2025-01-01",
    "2025-09-30",
    "2025-10-20",
    "2025-10-21",
    "2025-10-25",
    "2025-10-26",
    "2025-10-31",
    "2025-11-10",
    "2025-11-30",
    "2025-12-01",
    "2025-12-25",
    "2025-12-31",
    "2026-01-01",
    "2026-02-14",
    "2026-02-15",
    "2026-02-25",
    "2026-02-26",
    "2026-05-08",
    "2026-10-01",
    "2026-12-31",
    "2027-01-01",
];

/// A day for everything that is a day.
const DAY_FACTS: [&str; 10] = [
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
];

fn word(words: &[&str]) -> BoxedStrategy<Value> {
    select(words.iter().map(|word| json!(word)).collect::<Vec<_>>()).boxed()
}

fn value(values: Value) -> BoxedStrategy<Value> {
    select(values.as_array().unwrap().clone()).boxed()
}

fn some(values: Value) -> BoxedStrategy<Value> {
    let values = values.as_array().unwrap().clone();
    let all = values.len();
    subsequence(values, 0..=all).prop_map(Value::Array).boxed()
}

fn identities() -> BoxedStrategy<Value> {
    let names = [
        "特困人员",
        "低保对象",
        "监测对象",
        "返贫致贫人口",
        "残疾人员",
        "市属改制企业职工",
        "优抚对象",
        "脱贫人口",
    ];
    let kinds = ["改制企业职工", "未改制企业退休职工", "未改制企业在职职工"];
    let own = (
        select(names.to_vec()),
        any::<bool>(),
        select(&DAYS[..]),
        select(&DAYS[..]),
        select(&DAYS[..]),
        select(kinds.to_vec()),
    );
    let held = own.prop_map(|(name, confirmed, recognised, certificate, rated, kind)| {
        json!({
            "name": name, "confirmed": confirmed, "recognised": recognised, "certificate": certificate,
            "rated": rated, "kind": kind,
        })
    });
    prop::collection::vec(held, 0..=2).prop_map(Value::Array).boxed()
}

fn events() -> BoxedStrategy<Value> {
    let kinds = ["职工医保中断", "退役", "随军未就业配偶", "刑满释放", "其他制度"];
    let event = (select(kinds.to_vec()), select(&DAYS[..]))
        .prop_map(|(kind, date)| json!({ "kind": kind, "date": date }));
    prop::collection::vec(event, 0..=2).prop_map(Value::Array).boxed()
}

/// Every fact, given.
pub fn all() -> impl Strategy<Value = Written> {
    let flags = [
        "full_time",
        "works",
        "rural",
        "retired",
        "employee_benefits",
        "retirement_age",
        "enrolled_elsewhere",
        "cash",
    ];
    let places = ["hukou", "permit", "house", "parent_permit", "school", "record"];
    let mut facts: Vec<(&str, BoxedStrategy<Value>)> = vec![
        ("cover_year", value(json!([2026, 2026, 2026, 2025]))),
        ("employee_scheme", word(&["never", "never", "past", "in_scope", "enrolled"])),
        ("unemployment", word(&["none", "drawing", "ended"])),
        ("student", word(&["none", "school", "college"])),
        ("identities", identities()),
        ("last_covered", value(json!(["never", 2025, 2025, 2024, 2020]))),
        ("events", events()),
        ("done", some(json!(["registration", "region-change", "assessment", "family-link"]))),
        ("papers", value(json!([[]]))),
        ("channel", word(&["wechat", "counter", "virtual-account", "online"])),
        ("funds", word(&["own", "own", "employee-account"])),
        ("kinship", word(&["self", "spouse", "grandchild", "other"])),
        ("option", word(&["2026年", "特殊缴费"])),
        ("years", value(json!([1, 1, 3]))),
        ("programme_years", value(json!([2, 3, 4]))),
        ("ground", word(&["新增困难群体", "离校", "本人申请"])),
        ("offered", word(&["40", "400", "1100"])),
        ("paid_amount", word(&["400", "1600"])),
        ("price_paid", word(&["400"])),
        ("years_paid", value(json!([[2026], [2026, 2027, 2028]]))),
        ("what", word(&["我的缴费记录", "参保人缴费查询"])),
        (
            "opened",
            value(
                json!([{ "from": "2026-05-01", "to": "2026-05-30" }, { "from": "2026-02-26", "to": "2026-03-27", "late": true }]),
            ),
        ),
    ];
    facts.extend(DAY_FACTS.map(|fact| (fact, word(&DAYS))));
    facts.extend(flags.map(|fact| (fact, value(json!([true, false])))));
    facts.extend(places.map(|fact| (fact, word(&["141181", "141181", "141182", "none"]))));
    let (names, values): (Vec<&str>, Vec<_>) = facts.into_iter().unzip();
    values.prop_map(move |values| names.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

/// The same facts with some of them not given.
pub fn some_not_given() -> impl Strategy<Value = (Written, Vec<String>)> {
    (all(), prop::collection::vec(any::<Index>(), 0..12)).prop_map(|(all, hidden)| {
        let names: Vec<&String> = all.keys().collect();
        let mut hidden: Vec<String> = hidden.iter().map(|at| (*at.get(&names)).clone()).collect();
        hidden.sort();
        hidden.dedup();
        (all, hidden)
    })
}

/// Facts, as they are asked with.
pub fn facts(written: &Written) -> Facts {
    serde_json::from_value(Value::Object(written.clone())).unwrap()
}
