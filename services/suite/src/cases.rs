//! Worked cases: questions with the answers that were worked out by hand, asked and compared.
//!
//! A file of cases is a list of `{id, notice, steps}`, or an object `{notice, usual, cases}` whose steps about people
//! are asked with the `usual` facts, less or more what they say. A step is `{question, facts, expected, reading?}`;
//! `reading` names an open point and the number of its other reading, from 0. In an object, a question about refunds, delays,
//! claims, caps or targets is asked with its own facts alone.
//!
//! Where FACTS.json leaves nothing to be assumed, a list of cases leaves out what is not so: `events` when nothing happened,
//! a permit, a house or a school when there is none, the age of retirement when it is not reached, and an identity's
//! `confirmed` when nobody has confirmed it. A refund is asked for a grown resident of the place who was covered last year,
//! as far as it says nothing else.
//!
//! A case without a notice asks about dates: `from`, `months` and `days` give the corresponding day and the day so many
//! days later.

use std::fmt;

use canbao_host::StartError;
use canbao_policy::{Notice, Notices, Question};
use canbao_types::{Date, Money, add_days, add_months};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::notice;

/// What a case may say that follows from its facts; it is accepted, and changes nothing.
const WITHOUT_EFFECT: [&str; 2] = ["class", "tier"];

/// What there is none of when a list of cases does not say it.
const NOWHERE: [&str; 4] = ["permit", "house", "parent_permit", "school"];

/// How a file of cases came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Cases in which every expectation was met.
    pub right: usize,
    /// All cases.
    pub of: usize,
    /// What differed: case, step, key, what was said and what was expected.
    pub differences: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        write!(f, "{} right of {}", self.right, self.of)
    }
}

#[derive(Deserialize)]
struct Case {
    id: String,
    notice: Option<String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    question: String,
    facts: Map<String, Value>,
    expected: Map<String, Value>,
    reading: Option<(String, usize)>,
}

/// Cases of one notice, with what is usual.
#[derive(Deserialize)]
struct OfOneNotice {
    notice: String,
    usual: Map<String, Value>,
    cases: Vec<Value>,
}

/// What the cases of one notice share; nothing in a list of cases.
#[derive(Default)]
struct Usual {
    notice: Option<String>,
    facts: Option<Map<String, Value>>,
}

/// Asks every case of a file and compares. A case that cannot be read or asked is wrong.
///
/// # Errors
/// The file is no file of cases.
pub(crate) fn judge(text: &str, notices: &Notices) -> Result<Tally, StartError> {
    let (cases, usual) = read(text)?;
    let mut tally = Tally { right: 0, of: cases.len(), differences: Vec::new() };
    for (case, place) in cases.into_iter().zip(1..) {
        let differences = match serde_json::from_value::<Case>(case) {
            Ok(case) => case.differences(&usual, notices),
            Err(error) => vec![format!("case {place}: {error}")],
        };
        tally.right += usize::from(differences.is_empty());
        tally.differences.extend(differences);
    }
    Ok(tally)
}

/// The cases of a file, unread, and what is usual for them.
fn read(text: &str) -> Result<(Vec<Value>, Usual), StartError> {
    Ok(match serde_json::from_str(text)? {
        Value::Array(cases) => (cases, Usual::default()),
        written => {
            let OfOneNotice { notice, usual, cases } = serde_json::from_value(written)?;
            (cases, Usual { notice: Some(notice), facts: Some(usual) })
        }
    })
}

impl Case {
    fn differences(&self, usual: &Usual, notices: &Notices) -> Vec<String> {
        let notice = usual.notice.as_deref().or(self.notice.as_deref());
        let steps = self.steps.iter().zip(1..).flat_map(|(step, number)| {
            let differs = step.differences(usual.facts(step, notice), notice, notices);
            differs.into_iter().map(move |what| format!("{} step {number}, {what}", self.id))
        });
        steps.collect()
    }
}

impl Usual {
    /// The facts a step is asked with, of a notice named by division and year.
    fn facts(&self, step: &Step, notice: Option<&str>) -> Map<String, Value> {
        let about_people =
            matches!(step.question.as_str(), "pay" | "register" | "subsidy" | "channel" | "entitlement");
        let mut facts = step.facts.clone();
        match &self.facts {
            Some(usual) if about_people => {
                facts = usual.clone();
                facts.extend(step.facts.clone());
            }
            Some(_) => {}
            None => {
                if step.question == "refund" {
                    facts = resident(notice);
                    facts.extend(step.facts.clone());
                }
                if about_people || step.question == "refund" {
                    facts.entry("events").or_insert(json!([]));
                    facts.entry("retirement_age").or_insert(json!(false));
                    for place in NOWHERE {
                        facts.entry(place).or_insert(json!("none"));
                    }
                }
                let held = facts.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten();
                for identity in held.filter_map(Value::as_object_mut) {
                    identity.entry("confirmed").or_insert(json!(false));
                }
            }
        }
        facts
    }
}

/// A grown resident of a notice's place who was covered the year before.
fn resident(notice: Option<&str>) -> Map<String, Value> {
    let Some((division, year)) = notice.and_then(|name| name.split_once('-')) else { return Map::new() };
    let Ok(year) = year.parse::<u16>() else { return Map::new() };
    let facts = json!({
        "cover_year": year, "last_covered": year.saturating_sub(1), "birth": "1980-01-01", "hukou": division,
        "record": division, "employee_scheme": "never", "unemployment": "none", "student": "none", "works": false,
        "rural": false, "retired": false, "enrolled_elsewhere": false, "identities": [], "done": [], "papers": [],
        "cash": false, "funds": "own", "kinship": "self",
    });
    facts.as_object().cloned().unwrap_or_default()
}

impl Step {
    /// The expectations that are not met; or one line that says why the step could not be asked.
    fn differences(&self, facts: Map<String, Value>, notice: Option<&str>, notices: &Notices) -> Vec<String> {
        let said = match self.said(facts, notice, notices) {
            Ok(said) => said,
            Err(why) => return vec![format!("{}: {why}", self.question)],
        };
        let differs = self.expected.iter().filter_map(|(key, expected)| match said.get(key) {
            Some(said) if fits(said, expected) => None,
            Some(Value::Null) | None => Some(format!("{key}: said nothing, expected {expected}")),
            Some(said) => Some(format!("{key}: said {said}, expected {expected}")),
        });
        let mut differs: Vec<_> = differs.collect();
        // Who expected an answer wants to know what stood in its way.
        if let (false, Some(refused), None) =
            (differs.is_empty(), said.get("refused").and_then(Value::as_str), self.expected.get("refused"))
        {
            differs.push(format!("it was refused: {refused}"));
        }
        differs
    }

    /// What is said, in the words of the cases.
    fn said(
        &self,
        mut facts: Map<String, Value>,
        notice: Option<&str>,
        notices: &Notices,
    ) -> Result<Map<String, Value>, String> {
        let Some(name) = notice else { return self.date(facts) };
        let notice = notice::find(notices, name).ok_or_else(|| format!("there is no notice {name}"))?;
        let other = match &self.reading {
            None => None,
            Some((point, number)) => Some(other_reading(notice, point, *number)?),
        };
        facts.retain(|name, _| !WITHOUT_EFFECT.contains(&name.as_str()));
        let question = json!({ "question": self.question, "facts": facts });
        let question: Question = serde_json::from_value(question).map_err(|error| error.to_string())?;
        let ruling = other.as_ref().unwrap_or(notice).answer(&question);
        let said = serde_json::to_value(ruling).map_err(|error| error.to_string())?;
        let Value::Object(mut said) = said else { return Err("the ruling is no object".to_owned()) };
        in_the_words_of_cases(&mut said, &self.expected);
        Ok(said)
    }

    /// The day so many months, and so many days, later.
    fn date(&self, facts: Map<String, Value>) -> Result<Map<String, Value>, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Asked {
            from: Date,
            months: Option<u32>,
            days: Option<i64>,
        }
        if self.question != "date" {
            return Err("a case without a notice asks about dates".to_owned());
        }
        let asked: Asked = serde_json::from_value(Value::Object(facts)).map_err(|error| error.to_string())?;
        let months = asked.months.and_then(|months| add_months(asked.from, months));
        let days = asked.days.and_then(|days| add_days(asked.from, days));
        Ok([("months", json!(months)), ("days", json!(days))]
            .map(|(key, day)| (key.to_owned(), day))
            .into_iter()
            .collect())
    }
}

fn other_reading(notice: &Notice, point: &str, number: usize) -> Result<Notice, String> {
    match notice.reading(point, number) {
        Some(Ok(notice)) => Ok(notice),
        Some(Err(problems)) => Err(problems.to_string()),
        None => Err(format!("{point} has no other reading {number} that can be computed")),
    }
}

/// Adds the words of the cases to a ruling as it is written down.
fn in_the_words_of_cases(said: &mut Map<String, Value>, expected: &Map<String, Value>) {
    let reasons = said.remove("reasons").unwrap_or_default();
    let reasons: Vec<Value> = reasons.as_array().cloned().unwrap_or_default();
    let refusing: Vec<&Value> = reasons.iter().filter(|reason| reason["weight"] == "refuse").collect();
    let waits = said.remove("waits").unwrap_or_default();
    let mut word = |key: &str, value: Value| drop(said.insert(key.to_owned(), value));
    word("refused", refusing.first().map_or(Value::Null, |reason| refused(reason)));
    word("say", refusing.first().map_or(Value::Null, |reason| reason["say"].clone()));
    word("also", refusing.iter().skip(1).map(|reason| refused(reason)).collect());
    let warning = reasons.iter().filter(|reason| reason["weight"] == "warn");
    word("warned", warning.map(|reason| reason["say"].clone()).collect());
    for key in ["at_least", "missed", "fixed_months", "variable_months"] {
        word(key, waits[key].clone());
    }
    if let Some(warns) = said.get("warns").cloned() {
        said.insert("warnings".to_owned(), warns);
    }
    let lines = waits["lines"].as_array().into_iter().flatten();
    let lines: Vec<Value> = lines.map(|line| json!([line["part"], line["months"], line["day"]])).collect();
    said.insert("wait_lines".to_owned(), json!(lines));
    for (key, parts) in [("duties", ["who", "step", "by"].as_slice()), ("products", &["name", "amount"])] {
        let list = said.get(key).and_then(Value::as_array).into_iter().flatten();
        let list = list.map(|entry| parts.iter().map(|part| entry[*part].clone()).collect());
        let list: Vec<Value> = list.collect();
        said.insert(key.to_owned(), json!(list));
    }
    for (key, of, each) in [
        ("counts", "identities", "counts"),
        ("clauses", "clauses", "clause"),
        ("channels", "channels", "name"),
    ] {
        if said.get("question") == Some(&json!("cap")) && key == "counts" {
            continue;
        }
        let list = said.get(of).and_then(Value::as_array).into_iter().flatten();
        let list = list.map(|entry| entry[each].clone()).collect();
        said.insert(key.to_owned(), list);
    }
    if let Some(silent) = said.remove("answer") {
        said.extend(expected.keys().map(|key| (key.clone(), silent.clone())));
    }
}

/// A reason by its code; for a fact that was not given, the row and the fact.
fn refused(reason: &Value) -> Value {
    match (reason["row"].as_str(), reason["fact"].as_str()) {
        (Some(row), Some(fact)) => json!(format!("{row} needs {fact}")),
        _ => reason["reason"].clone(),
    }
}

/// An object may say more than is expected of it; amounts are equal by value; everything else is equal.
fn fits(said: &Value, expected: &Value) -> bool {
    match (said, expected) {
        (Value::Object(said), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| said.get(key).is_some_and(|said| fits(said, expected)))
        }
        (Value::Array(said), Value::Array(expected)) => {
            said.len() == expected.len()
                && said.iter().zip(expected).all(|(said, expected)| fits(said, expected))
        }
        (Value::String(said), Value::String(expected)) if said != expected => {
            let amounts = (said.parse::<Money>().ok(), expected.parse::<Money>().ok());
            matches!(amounts, (Some(said), Some(expected)) if said == expected)
        }
        _ => said == expected,
    }
}
