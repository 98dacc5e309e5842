//! `canbao rule`: questions to a notice on the command line.

use std::fs;

use canbao_host::StartError;
use canbao_policy::written::{Explained, Ruling};
use canbao_policy::{CapFacts, Fact, Facts, Question, plainly, unknown_in_list};
use canbao_types::Date;
use clap::{Arg, ArgGroup, ArgMatches, Command, value_parser};
use schemars::schema_for;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{cases, explained::Readable, notice, print};

/// What can be asked, by the names a file may give as well.
pub(crate) const QUESTIONS: [&str; 10] =
    ["pay", "register", "refund", "delay", "subsidy", "target", "cap", "claim", "entitlement", "channel"];

/// What has a schema.
const SCHEMAS: [&str; 4] = ["facts", "question", "ruling", "explained"];

/// The command and its arguments.
pub fn command() -> Command {
    let value = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let date = |name: &'static str, help: &'static str| {
        value(name, "DATE", help).value_parser(value_parser!(Date)).requires("notice")
    };
    let explain = Arg::new("explain").long("explain").value_name("HOW").num_args(0..=1);
    let explain = explain.require_equals(true).default_missing_value("text").value_parser(["text", "json"]);
    let facts = Arg::new("facts").value_name("FACTS.json").requires("notice");
    let schema = Arg::new("schema").long("schema").value_name("OF").num_args(0..=1).value_parser(SCHEMAS);
    Command::new("rule")
        .about("Asks a notice (通知) and prints its ruling (认定) as JSON")
        .arg(facts.help("What is known about a person, or an object {question, facts}"))
        .arg(value("notice", "NAME", "Division code and coverage year, as 000000-2026, or a .toml file"))
        .arg(date("in-force", "The version for payments on this day").requires("known"))
        .arg(date("known", "The version as it was known on this day").requires("in-force"))
        .arg(value("question", "QUESTION", "What is asked [default: pay]").value_parser(QUESTIONS))
        .arg(
            explain
                .help("Says why, in Chinese, and prints every row tried; =json: beside the ruling, as JSON"),
        )
        .arg(schema.help("Prints the JSON Schema of one of them, or of all"))
        .arg(value("cases", "FILE", "Asks a file of worked cases and prints every difference"))
        .group(ArgGroup::new("what").args(["facts", "schema", "cases"]).required(true))
}

/// Answers one question, or those of a file of cases; then it fails when one is answered otherwise than worked out.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let read = |file: &str| fs::read_to_string(file).map_err(|error| format!("{file}: {error}"));
    if let Some(file) = text("cases") {
        let notices = notice::all(notice::folder(matches))?;
        let tally =
            cases::judge((file, &read(file)?), &notices).map_err(|error| format!("{file}: {error}"))?;
        print(&tally)?;
        return match tally.of - tally.right {
            0 => Ok(()),
            wrong => Err(format!("{wrong} cases are answered otherwise than worked out").into()),
        };
    }
    if matches.contains_id("schema") {
        let all = schemas();
        let asked = text("schema").and_then(|name| all.get(name)).unwrap_or(&all);
        return print(serde_json::to_string_pretty(asked)?);
    }
    let (file, name) = text("facts").zip(text("notice")).ok_or("FACTS.json and --notice belong together")?;
    let question = asked(&read(file)?, text("question")).map_err(|error| format!("{file}: {error}"))?;
    let folder = notice::folder(matches);
    let notice = match day(matches, "in-force").zip(day(matches, "known")) {
        Some((in_force_on, known_on)) => notice::version(name, folder, in_force_on, known_on)?,
        None => notice::named(name, folder)?,
    };
    // A misspelt word would be answered as if it had not been said.
    let unknown: Vec<String> = notice.unknown_words(&question).iter().map(ToString::to_string).collect();
    if !unknown.is_empty() {
        return Err(format!("{file}: {}", unknown.join("; ")).into());
    }
    match text("explain") {
        None => print(serde_json::to_string_pretty(&notice.answer(&question))?),
        Some("json") => print(serde_json::to_string_pretty(&notice.explain(&question))?),
        Some(_) => print(Readable(&notice.explain(&question))),
    }
}

fn day(matches: &ArgMatches, name: &str) -> Option<Date> {
    matches.get_one::<Date>(name).copied()
}

/// Reads a question: facts alone, for the question named beside them, or an object `{"question": …, "facts": …}`.
/// A fact that is left out or null was not given; nothing stands in for it.
fn asked(text: &str, beside: Option<&str>) -> Result<Question, StartError> {
    let written: Value = serde_json::from_str(text)?;
    let own = written.get("question").and_then(Value::as_str);
    let whole = match (own, beside) {
        (Some(own), Some(beside)) if own != beside => {
            return Err(format!("it asks {own:?}, and --question says {beside:?}").into());
        }
        (Some(_), _) => written,
        (None, beside) => json!({ "question": beside.unwrap_or("pay"), "facts": written }),
    };
    Ok(question(whole)?)
}

/// Whether there is such a question.
pub(crate) fn known_question(question: &str) -> Result<(), String> {
    let unknown = || unknown_in_list(question, "question", &QUESTIONS);
    QUESTIONS.contains(&question).then_some(()).ok_or_else(unknown)
}

/// Reads `{"question": …, "facts": …}`; facts that cannot be read are told with the field they stand in.
pub(crate) fn question(whole: Value) -> Result<Question, String> {
    whole["question"].as_str().map_or(Ok(()), known_question)?;
    // Read first by themselves, as the path to a field is lost where the facts are one of several kinds.
    match whole["question"].as_str() {
        Some("cap") => readable::<CapFacts>(&whole["facts"])?,
        Some("target") | None => {}
        Some(_) => readable::<Facts>(&whole["facts"])?,
    }
    serde_json::from_value(whole).map_err(plainly)
}

/// Whether something can be read as what it should be.
pub(crate) fn readable<T: DeserializeOwned>(written: &Value) -> Result<(), String> {
    let read = serde_path_to_error::deserialize::<_, T>(written);
    read.map(drop).map_err(|wrong| not_given(&wrong.to_string()).unwrap_or_else(|| plainly(wrong)))
}

/// Of a fact that a condition asks about, and that is not given under its name, how it comes about.
fn not_given(wrong: &str) -> Option<String> {
    let (before, rest) = wrong.split_once("unknown field `")?;
    let (name, _) = rest.split_once('`')?;
    let fact = Fact::named(name).filter(|_| before.is_empty() || before == format!("{name}: "))?;
    Some(match (fact, fact.key()) {
        (Fact::Tier, _) => {
            format!("{name:?} follows from other facts; write \"tier_asked\" for the one asked for")
        }
        (_, key) if key != name => format!("{name:?} is written {key:?}"),
        _ => format!("{name:?} follows from other facts, and is not given"),
    })
}

/// The schemas of what goes in and what comes out.
fn schemas() -> Value {
    json!({
        "facts": schema_for!(Facts),
        "question": schema_for!(Question),
        "ruling": schema_for!(Ruling),
        "explained": schema_for!(Explained),
    })
}
