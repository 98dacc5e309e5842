//! What the insured may draw, what is not the fund's to pay, and how high the cap is.

use std::collections::BTreeMap;

use canbao_types::Citation;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Against, RowTried, citations};

/// How high the cap is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Capping {
    /// "not stated" where the notice has no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The reason it cannot be said; null when it can.
    pub refused: Option<&'static str>,
    /// The row that cannot say.
    pub reasons: Vec<Against>,
    /// What each step comes to, by its id.
    pub steps: BTreeMap<String, String>,
    /// How often each step counts.
    pub counts: BTreeMap<String, u32>,
    /// What the steps come to together, within the limit; null with a refusal.
    pub delta: Option<String>,
    /// The cap with them; null with a refusal.
    pub cap: Option<String>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What of a claim is not the fund's to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claiming {
    /// "not stated" where the notice excludes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The reason it cannot be said; null when it can.
    pub refused: Option<&'static str>,
    /// The row that cannot say.
    pub reasons: Vec<Against>,
    /// The causes that exclude the claim.
    pub excluded: Vec<&'static str>,
    /// The causes of which a person must decide.
    pub undecided: Vec<&'static str>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What whoever is insured may draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entitling {
    /// "not stated" where the notice names nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What may be drawn.
    pub entitlements: Vec<String>,
    /// What may be drawn on conditions that stand elsewhere.
    pub undecided: Vec<String>,
    /// What turns on a fact that was not given.
    pub unjudged: Vec<RowTried>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}
