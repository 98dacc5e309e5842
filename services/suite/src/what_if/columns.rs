//! The columns of a population file: a fact each, by the name that FACTS.json has for it.

use std::str::FromStr;

use canbao_policy::{Event, Facts, HeldIdentity, Opened};
use canbao_types::{CoverYear, Date, Money};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

/// What to write for a list in which nothing stands.
const NONE: &str = "none";
/// What stands between the elements of a list.
const BETWEEN: char = ';';

/// Writes a cell, which is not empty, into the facts; the error says what to write instead.
pub(super) type Write = fn(&mut Facts, &str) -> Result<(), String>;

macro_rules! columns {
    ($($fact:ident: $read:ident,)+) => {
        /// Every column there can be.
        pub(super) const COLUMNS: &[(&str, Write)] = &[
            $((stringify!($fact), |facts, cell| {
                facts.$fact = Some($read(cell)?);
                Ok(())
            }),)+
        ];
    };
}

columns! {
    cover_year: cover_year,
    birth: day,
    hukou: place,
    permit: place,
    house: place,
    parent_permit: place,
    school: place,
    record: place,
    employee_scheme: word,
    employee_from: day,
    employee_until: day,
    unemployment: word,
    student: word,
    sex: word,
    died: day,
    parent_insured: flag,
    employee_months: number,
    registered: day,
    full_time: flag,
    works: flag,
    rural: flag,
    retired: flag,
    employee_benefits: flag,
    retirement_age: flag,
    enrolled_elsewhere: flag,
    identities: identities,
    last_covered: last_covered,
    events: events,
    done: words,
    papers: texts,
    paid: day,
    arrived: day,
    recognised: day,
    confirmed: day,
    opened: opened,
    offered: money,
    cash: flag,
    channel: word,
    funds: word,
    kinship: word,
    option: text,
    tier_asked: text,
    repair_years: number,
    balance: money,
    arrears: money,
    school_registered: day,
    years: number,
    programme_years: number,
}

fn day(cell: &str) -> Result<Date, String> {
    Date::from_str(cell).map_err(|_| format!("{cell:?} is no day; write one such as 1980-01-31"))
}

fn flag(cell: &str) -> Result<bool, String> {
    cell.parse().map_err(|_| format!("{cell:?} is neither true nor false; write one of them"))
}

fn number(cell: &str) -> Result<u32, String> {
    cell.parse().map_err(|_| format!("{cell:?} is no whole number; write one such as 3"))
}

fn money(cell: &str) -> Result<Money, String> {
    cell.parse().map_err(|_| format!("{cell:?} is no amount; write yuan such as 400.00"))
}

fn cover_year(cell: &str) -> Result<CoverYear, String> {
    let year = cell.parse().ok().and_then(CoverYear::new);
    year.ok_or_else(|| {
        format!("{cell:?} is no coverage year; write one from 2000 to 2100, or leave the column out")
    })
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every column")]
fn text(cell: &str) -> Result<String, String> {
    Ok(cell.to_owned())
}

/// A word of a closed list; the error names those there are.
fn word<T: DeserializeOwned>(cell: &str) -> Result<T, String> {
    let word: StrDeserializer<'_, serde::de::value::Error> = cell.into_deserializer();
    T::deserialize(word).map_err(|error| error.to_string().replace("unknown variant", "there is no word"))
}

fn place(cell: &str) -> Result<canbao_policy::Place, String> {
    word(cell).map_err(|_| {
        format!("{cell:?} is no division; write six digits, or none where there is no such place")
    })
}

fn last_covered(cell: &str) -> Result<canbao_policy::LastCovered, String> {
    match cell {
        "never" => Ok(canbao_policy::LastCovered::Never),
        year => {
            let told = |_| format!("{cell:?} is neither a coverage year nor never; write one such as 2025");
            cover_year(year).map(canbao_policy::LastCovered::In).map_err(told)
        }
    }
}

fn elements(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(BETWEEN).map(str::trim).filter(|element| !element.is_empty() && *element != NONE)
}

fn words<T: DeserializeOwned>(cell: &str) -> Result<Vec<T>, String> {
    elements(cell).map(word).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every column")]
fn texts(cell: &str) -> Result<Vec<String>, String> {
    Ok(elements(cell).map(str::to_owned).collect())
}

/// Such as `离职=2025-05-01`, with the kind in the notice's words.
fn events(cell: &str) -> Result<Vec<Event>, String> {
    let event = |element: &str| {
        let (kind, date) = element
            .split_once('=')
            .ok_or_else(|| format!("{element:?} is no event; write kind and day such as 离职=2025-05-01"))?;
        Ok(Event { kind: kind.trim().to_owned(), date: day(date.trim())? })
    };
    elements(cell).map(event).collect()
}

/// Such as `2026-03-01..2026-03-30`, and `late` after it where paying in it is late.
fn opened(cell: &str) -> Result<Opened, String> {
    let (days, late) = cell.strip_suffix(" late").map_or((cell, false), |days| (days, true));
    let (from, to) = days.split_once("..").ok_or_else(|| {
        format!("{cell:?} is no period; write 2026-03-01..2026-03-30, or the same and late")
    })?;
    Ok(Opened { from: day(from)?, to: day(to)?, late })
}

/// Such as `某类人员{confirmed=true};某某人员{grade=1 certificate=2020-03-01}`.
fn identities(cell: &str) -> Result<Vec<HeldIdentity>, String> {
    elements(cell).map(identity).collect()
}

fn identity(element: &str) -> Result<HeldIdentity, String> {
    let (name, facts) = match element.split_once('{') {
        None => (element, ""),
        Some((name, rest)) => (
            name,
            rest.strip_suffix('}').ok_or_else(|| {
                format!("{element:?} does not end with a brace; write it such as 某某人员{{grade=1 confirmed=true}}")
            })?,
        ),
    };
    let mut held = HeldIdentity { name: name.trim().to_owned(), ..HeldIdentity::default() };
    for fact in facts.split([' ', ',']).filter(|fact| !fact.is_empty()) {
        let (key, value) = fact
            .split_once('=')
            .ok_or_else(|| format!("{fact:?} gives nothing; write it such as grade=1"))?;
        match key {
            "confirmed" => held.confirmed = Some(flag(value)?),
            "recognised" => held.recognised = Some(day(value)?),
            "certificate" => held.certificate = Some(day(value)?),
            "rated" => held.rated = Some(day(value)?),
            "grade" => held.grade = Some(number(value)?),
            "poor" => held.poor = Some(flag(value)?),
            "kind" => held.kind = Some(value.to_owned()),
            _ => {
                return Err(format!(
                    "an identity has no {key:?}; write confirmed, recognised, certificate, rated, grade, poor or kind"
                ));
            }
        }
    }
    Ok(held)
}
