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
//! A key that is none of these is an error, but what a file or a case says to its readers alone is passed over.
//!
//! A case without a notice asks about dates: `from`, `months` and `days` give the corresponding day and the day so many
//! days later.

use std::fmt;

use canbao_host::StartError;
use canbao_policy::{Notice, Notices, Question, UnknownWord, plainly, unknown_in_list};
use canbao_types::{Date, add_days, add_months};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{notice, rule};
use answer::{fits, in_the_words_of_cases, unknown_key};
use read::{Case, Step, Usual};

mod answer;
mod read;

/// What a case of a list may say that follows from its facts; it is accepted, and changes nothing.
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
    /// What differed: case, step, key, what was said and what was expected; or what could not be read, and in which file.
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

/// Asks every case of a file, given by its name and text, and compares. A case that cannot be read or asked is wrong.
///
/// # Errors
/// The file is no file of cases.
pub(crate) fn judge((file, text): (&str, &str), notices: &Notices) -> Result<Tally, StartError> {
    let (cases, usual) = read::file(text)?;
    let mut tally = Tally { right: 0, of: cases.len(), differences: Vec::new() };
    for (case, place) in cases.into_iter().zip(1..) {
        let differences = match Case::read(case, place) {
            Ok(case) => case.differences(file, &usual, notices),
            Err(wrong) => vec![format!("{file}: {wrong}")],
        };
        tally.right += usize::from(differences.is_empty());
        tally.differences.extend(differences);
    }
    Ok(tally)
}

impl Case {
    fn differences(&self, file: &str, usual: &Usual, notices: &Notices) -> Vec<String> {
        let notice = self.notice.as_deref().or(usual.notice.as_deref());
        let steps = self.steps.iter().zip(1..).flat_map(|(step, number)| {
            let place = format!("{} step {number}", self.id);
            let said = Step::read(step).and_then(|step| {
                let (said, unknown) = step.said(usual.facts(&step, notice), notice, notices)?;
                Ok(step.differences(&said, &unknown))
            });
            match said {
                Ok(differs) => differs.into_iter().map(|what| format!("{place}, {what}")).collect(),
                Err(wrong) => vec![format!("{file}: {place}, {wrong}")],
            }
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
                facts.retain(|name, _| !WITHOUT_EFFECT.contains(&name.as_str()));
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
    /// The expectations that are not met; and then the words that the notice does not know, since an answer passes over them.
    fn differences(&self, said: &Map<String, Value>, unknown: &[UnknownWord]) -> Vec<String> {
        let differs = self.expected.iter().filter_map(|(key, expected)| match said.get(key) {
            Some(said) if fits(said, expected) => None,
            Some(Value::Null) => Some(format!("{key}: said nothing, expected {expected}")),
            Some(said) => Some(format!("{key}: said {said}, expected {expected}")),
            None => match unknown_key(&self.question, key, said) {
                Some(unknown) => Some(format!("expected: {unknown}")),
                None if expected.is_null() => None,
                None => Some(format!("{key}: said nothing, expected {expected}")),
            },
        });
        let mut differs: Vec<_> = differs.collect();
        // Who expected an answer wants to know what stood in its way.
        if let (false, Some(refused), None) =
            (differs.is_empty(), said.get("refused").and_then(Value::as_str), self.expected.get("refused"))
        {
            differs.push(format!("it was refused: {refused}"));
        }
        if !differs.is_empty() {
            differs.extend(unknown.iter().map(|word| format!("facts: {word}")));
        }
        differs
    }

    /// What is said, in the words of the cases; or why the step cannot be asked.
    fn said(
        &self,
        facts: Map<String, Value>,
        notice: Option<&str>,
        notices: &Notices,
    ) -> Result<(Map<String, Value>, Vec<UnknownWord>), String> {
        let Some(name) = notice else { return Ok((self.date(facts)?, Vec::new())) };
        let notice = notice::find(notices, name).ok_or_else(|| format!("there is no notice {name}"))?;
        let other = match &self.reading {
            None => None,
            Some((point, number)) => Some(other_reading(notice, point, *number)?),
        };
        rule::known_question(&self.question).map_err(|wrong| format!("question: {wrong}"))?;
        let question = json!({ "question": self.question, "facts": facts });
        let question: Question = rule::question(question).map_err(|wrong| format!("facts: {wrong}"))?;
        let ruling = other.as_ref().unwrap_or(notice).answer(&question);
        let said = serde_json::to_value(ruling).map_err(|error| error.to_string())?;
        let Value::Object(mut said) = said else { return Err("the ruling is no object".to_owned()) };
        in_the_words_of_cases(&mut said, &self.expected);
        Ok((said, notice.unknown_words(&question)))
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
        let asked: Asked = serde_json::from_value(Value::Object(facts)).map_err(plainly)?;
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
        None => Err(format!("reading: {}", no_reading(notice, point, number))),
    }
}

/// Why there is no other reading of a point that can be computed.
fn no_reading(notice: &Notice, point: &str, number: usize) -> String {
    let points: Vec<&str> = notice.open_points().iter().map(|open| &*open.id).collect();
    let found = notice.open_points().iter().find(|open| *open.id == *point);
    match found.map(|open| (open.other.len(), open.other.get(number))) {
        None => unknown_in_list(point, "open point of the notice", &points),
        Some((_, Some(_))) => {
            format!("number {number} of {point} is told without `set`, so that it cannot be asked under")
        }
        Some((0, None)) => format!("{point} has no `other` reading"),
        Some((other, None)) => {
            format!("{point} has {other} under `other`, numbered from 0; there is no {number}")
        }
    }
}
