//! What others pay, and who of them bears how much.

use canbao_types::Citation;
use schemars::JsonSchema;
use serde::Serialize;

use super::citations;

/// Aid (资助参保).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Aid {
    /// Its row; several aids at once are joined by "、".
    pub id: String,
    /// How much.
    pub amount: String,
    /// Who pays; several payers are joined by "、".
    pub payer: String,
    /// Whoever keeps the list declares for the person.
    pub declared: bool,
    /// Who of several payers bears how much.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What one of several payers bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// The row it comes from.
    pub id: String,
    /// The part of the price it is for.
    pub part: &'static str,
    /// The insurance, where that is one collected along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How much.
    pub amount: String,
    /// Who pays.
    pub payer: String,
}

/// What a level of government bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Level {
    /// Which, in the notice's words.
    pub payer: String,
    /// How much.
    pub amount: String,
}
