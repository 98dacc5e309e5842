//! Explanations as they are written down.

use canbao_types::Citation;
use schemars::JsonSchema;
use serde::Serialize;

use crate::declared::OpenPoint;
use crate::words::About;
use crate::written::citations;

use super::Explanation;

/// One thing a citizen may ask about an answer, and what is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Why {
    /// What it is about.
    pub about: About,
    /// The question, in Chinese.
    pub question: String,
    /// One or two sentences for the citizen, in Chinese.
    pub text: String,
    /// What the citizen should know of open points, if there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
    /// The open points (待明确事项) among that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Open>,
}

/// An open point (待明确事项): the reading that is followed, the others, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Open {
    /// Such as "A-25".
    pub id: String,
    /// What it is about.
    pub about: String,
    /// The reading followed.
    pub reading: String,
    /// Why.
    pub because: String,
    /// The other readings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<String>,
}

impl From<&Explanation> for Why {
    fn from(said: &Explanation) -> Self {
        Self {
            about: said.about,
            question: said.question.clone(),
            text: said.text.clone(),
            note: said.note(),
            clauses: said.citations.clone(),
            open: said.open_points.iter().map(Open::from).collect(),
        }
    }
}

impl From<&OpenPoint> for Open {
    fn from(point: &OpenPoint) -> Self {
        Self {
            id: point.id.to_string(),
            about: point.about.to_string(),
            reading: point.reading.to_string(),
            because: point.because.to_string(),
            other: point.other.iter().map(|(reading, _)| reading.to_string()).collect(),
        }
    }
}
