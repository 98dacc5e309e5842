//! The parts of an amount, who bears each, and under which clause.

use serde::{Deserialize, Serialize};

use crate::{ClauseId, Money};

words! {
    /// What a part of an amount is for.
    pub enum Part {
        /// 个人缴费: the person's own standard.
        Personal = "personal",
        /// 财政补助: what government pays for each insured person.
        Government = "government",
        /// 缴费修复: years bought back after a gap.
        Repair = "repair",
        /// 补缴欠费: what earlier years were not paid.
        Arrears = "arrears",
        /// 附加险种: a compulsory insurance that is collected along, such as 长期护理保险.
        Side = "side",
    }
}

/// Who bears a part of an amount.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bearer {
    /// The person insured.
    Person,
    /// A payer that the notice names, in its own words, such as 医疗救助资金.
    Payer(String),
}

/// One part of an amount, with its bearer and its clauses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountPart {
    /// What the part is for.
    pub part: Part,
    /// The insurance that is collected along, in the notice's words; none of another part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How much it is.
    pub amount: Money,
    /// Who bears it.
    pub bearer: Bearer,
    /// The clauses that say so.
    pub clauses: Vec<ClauseId>,
}

/// The sum of the parts, whoever bears them; `None` beyond the bound of [`Money`].
pub fn total(parts: &[AmountPart]) -> Option<Money> {
    Money::sum(parts.iter().map(|part| part.amount))
}
