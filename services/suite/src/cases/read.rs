//! Reads a file of worked cases; what cannot be read is told with its place and the word that was perhaps meant.

use canbao_host::StartError;
use canbao_policy::{Facts, plainly};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::rule;

/// A case; its steps are read one by one.
pub(super) struct Case {
    pub id: String,
    pub notice: Option<String>,
    pub steps: Vec<Value>,
}

/// A question with its facts, and what is expected of the answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub question: String,
    pub facts: Map<String, Value>,
    pub expected: Map<String, Value>,
    pub reading: Option<(String, usize)>,
}

/// What the cases of one notice share; nothing in a list of cases.
#[derive(Default)]
pub(super) struct Usual {
    pub notice: Option<String>,
    pub facts: Option<Map<String, Value>>,
}

/// Declares what is written in a file, beside the keys that are for its readers alone, each under a name of its own.
macro_rules! written {
    ($(#[$about:meta])* $name:ident { $($field:ident: $type:ty,)+ } readers { $($key:literal $unread:ident,)+ }) => {
        $(#[$about])*
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($field: $type,)+
            $(#[serde(default, rename = $key)] $unread: Option<IgnoredAny>,)+
        }
    };
}

written! {
    /// Cases of one notice, with what is usual.
    OfOneNotice { notice: String, usual: Map<String, Value>, cases: Vec<Value>, }
    readers { "about" _about, "declares" _declares, "back" _back, "without_meaning" _without_meaning, }
}

written! {
    /// A case as it is written.
    Written { id: String, notice: Option<String>, steps: Vec<Value>, }
    readers {
        "about" _about, "arithmetic" _arithmetic, "because" _because, "beside" _beside, "clauses" _clauses,
        "kind" _kind, "situation" _situation, "status" _status,
    }
}

/// The cases of a file, unread, and what is usual for them.
pub(super) fn file(text: &str) -> Result<(Vec<Value>, Usual), StartError> {
    Ok(match serde_json::from_str(text)? {
        Value::Array(cases) => (cases, Usual::default()),
        written => {
            let written: OfOneNotice = serde_json::from_value(written).map_err(plainly)?;
            let usual = Value::Object(written.usual.clone());
            rule::readable::<Facts>(&usual).map_err(|wrong| format!("usual: {wrong}"))?;
            (written.cases, Usual { notice: Some(written.notice), facts: Some(written.usual) })
        }
    })
}

impl Case {
    /// Reads the case at a place of the file, the first being 1.
    pub fn read(case: Value, place: usize) -> Result<Self, String> {
        let id = case["id"].as_str().map_or_else(|| format!("case {place}"), str::to_owned);
        let written = serde_json::from_value(case);
        let Written { id, notice, steps, .. } =
            written.map_err(|wrong| format!("{id}: {}", plainly(wrong)))?;
        Ok(Self { id, notice, steps })
    }
}

impl Step {
    pub fn read(step: &Value) -> Result<Self, String> {
        Self::deserialize(step).map_err(plainly)
    }
}
