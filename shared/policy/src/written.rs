//! Answers as they are written down, for people and programs (JSON). Flat, in the words the worked cases use; what each
//! value rests on stands beside it. An amount is exact text in yuan; "not stated" and "a person must decide" may stand
//! for an amount, a payer or a day.

use std::collections::BTreeMap;

use canbao_types::{Citation, Date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

mod aid;
mod benefit;

pub use crate::explain::{Open, Why};
pub use aid::{Aid, Level, Share};
pub use benefit::{Capping, Claiming, Entitling};

/// An answer (认定).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "question", rename_all = "kebab-case")]
pub enum Ruling {
    /// What the person pays, what for, and from when there are benefits.
    Pay(Box<Paying>),
    /// Whether the person may register, and as what.
    Register(Box<Registering>),
    /// What is given back.
    Refund(Refunding),
    /// When the payment can be seen or certified.
    Delay(Showing),
    /// What government pays for the person.
    Subsidy(Subsidising),
    /// Whether a target is reached.
    Target(Reaching),
    /// How high the cap is.
    Cap(Capping),
    /// What of a claim is not the fund's to pay.
    Claim(Claiming),
    /// What whoever is insured may draw.
    Entitlement(Entitling),
    /// Through which channels the person may pay.
    Channel(Channelling),
}

/// An answer, why it is what it is, and every row tried for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explained {
    /// The answer.
    pub ruling: Ruling,
    /// Why it is what it is, for the citizen.
    pub explanation: Vec<Why>,
    /// Every row tried, in the order of evaluation.
    pub trace: Vec<RowTried>,
}

/// A row tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowTried {
    /// Table and id, such as "refuse cash".
    pub row: String,
    /// What became of it: "holds", "fails", "excepted", or "needs" a fact that was not given.
    pub verdict: &'static str,
    /// The fact that does not fit, by its name in the notice; one that was not given, by the key to give it under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<&'static str>,
}

/// A row that refuses, warns, or lacks a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Against {
    /// Whether it refuses or only warns.
    pub weight: &'static str,
    /// Why, from the closed list of reasons.
    pub reason: &'static str,
    /// What the citizen can do, in Chinese.
    pub message: String,
    /// The notice's own words about the remedy, where it has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
    /// Table and id of the row.
    pub row: String,
    /// The key under which a fact must be given, when that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<&'static str>,
    /// The first later day on which it can be done, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_day: Option<Date>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What the person pays, what for, and from when there are benefits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Paying {
    /// The reason it is not granted; null when it is.
    pub refused: Option<&'static str>,
    /// The first later day on which it can be done, where the calendar is the reason and there is one.
    pub next_day: Option<Date>,
    /// The reasons of the warnings that must be given before money is taken.
    pub warns: Vec<&'static str>,
    /// Every row that refuses, the reason first, then every row that warns.
    pub reasons: Vec<Against>,
    /// Rows that could not be judged and decide nothing here.
    pub unjudged: Vec<RowTried>,
    /// The identities on the rosters, counting or not.
    pub identities: Vec<Identity>,
    /// The class (人员类别).
    pub class: Option<String>,
    /// The tier (档次) whose benefits are enjoyed; null when the notice has none, or it is not known.
    pub tier: Option<String>,
    /// The tier that is paid.
    pub tier_paid: Option<String>,
    /// The tiers to choose from; empty when there is no choice.
    pub tiers: Vec<String>,
    /// The window (缴费期) the payment falls into.
    pub window: Option<String>,
    /// Whether paying in it is late (补缴).
    pub late: bool,
    /// Its first and last day for this person.
    pub days: Option<(Date, Date)>,
    /// The person's own windows already over, with their last days; told with a refusal.
    pub over: BTreeMap<String, Date>,
    /// The parts of the price: which part, how much, and who bears it before aid.
    pub lines: Vec<(&'static str, String, String)>,
    /// The insurances collected along, in the order of the lines of "side".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub along: Vec<String>,
    /// The aid taken (资助参保).
    pub aid: Option<Aid>,
    /// Aid the person would also have had.
    pub aid_lost: Vec<Aid>,
    /// The notice is silent on aid, and the person has an identity.
    pub aid_not_stated: bool,
    /// What the person owes; null when a fact is missing for it.
    pub due: Option<String>,
    /// The payable item to choose (缴费年限).
    pub option: Option<String>,
    /// Whether the price of several years at once is locked, when several are paid.
    pub locked: Option<bool>,
    /// The row of the benefit.
    pub row: Option<String>,
    /// The first day of benefit; null when there is no payment or no window, or a fact is missing.
    pub start: Option<String>,
    /// The last day of benefit.
    pub end: Option<String>,
    /// The row that ends the benefit early.
    pub cut_by: Option<String>,
    /// Whether the benefit would begin after its end.
    pub buys_nothing: bool,
    /// Months of waiting (待遇等待期); 0 when there is none.
    pub wait: u32,
    /// The wait in its parts.
    pub waits: Option<Waiting>,
    /// The row with a wait that an exception of the person's takes away (不设等待期).
    pub exempt: Option<String>,
    /// The least number of missed years whose repair shortens the wait as far as it can be (缴费修复).
    pub useful_repair: u32,
    /// The price of those; null when there are none.
    pub repair_price: Option<String>,
    /// What others must have done by a day.
    pub duties: Vec<Due>,
    /// Whether one of those was done late.
    pub overdue: bool,
    /// What may be bought along; no part of what is due.
    pub products: Vec<Offered>,
    /// The day that stands for the payment because nothing is due.
    pub settled: Option<Date>,
    /// What the values rest on, by their keys.
    #[schemars(schema_with = "citations_by_key")]
    pub because: BTreeMap<&'static str, Vec<Citation>>,
    /// Everything the answer rests on, each clause once.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// An identity (身份) on the rosters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Identity {
    /// Its name as given.
    pub name: String,
    /// Whether it counts; null when that turns on a fact that was not given.
    pub counts: Option<bool>,
    /// What that rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// A wait in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Waiting {
    /// Months that every waiting person waits.
    pub fixed_months: u32,
    /// Days beside those; left out where the notice counts in months alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_days: Option<u32>,
    /// Months for missed years.
    pub variable_months: u32,
    /// Missed years repaired (缴费修复).
    pub repaired_years: u32,
    /// Whole coverage years missed (断保年度); null when not known.
    pub missed: Option<u32>,
    /// How the months come about, each step with the day it leads to.
    pub lines: Vec<WaitStep>,
    /// The notice gives the months only as a minimum (不低于).
    pub at_least: bool,
}

/// Whether the person may register, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Registering {
    /// The reason it is not granted; null when it is.
    pub refused: Option<&'static str>,
    /// Whether nothing stands against it.
    pub eligible: bool,
    /// Every row that refuses, the reason first.
    pub reasons: Vec<Against>,
    /// The grounds on which the person takes part (参保条件), by row.
    pub grounds: Vec<String>,
    /// The class (人员类别).
    pub class: Option<String>,
    /// The tier (档次) whose benefits are enjoyed, where the person has no choice.
    pub tier: Option<String>,
    /// The tiers to choose from; empty when there is no choice.
    pub tiers: Vec<String>,
    /// Who carries the registration out; null also when that turns on a fact that was not given.
    pub route: Option<String>,
    /// The ways there are to it.
    pub ways: Vec<WayIn>,
    /// Rows that could not be judged and decide nothing here.
    pub unjudged: Vec<RowTried>,
    /// The identities on the rosters, counting or not.
    pub identities: Vec<Identity>,
    /// What the values rest on, by their keys.
    #[schemars(schema_with = "citations_by_key")]
    pub because: BTreeMap<&'static str, Vec<Citation>>,
    /// Everything the answer rests on, each clause once.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refunding {
    /// The reason nothing is given back; null when something is, or a person must decide.
    pub refused: Option<&'static str>,
    /// The row that refuses.
    pub reasons: Vec<Against>,
    /// How much; null with a refusal.
    pub refund: Option<String>,
    /// Who bears it, when it is aid that is given back; several payers are joined by "、".
    pub payer: Option<String>,
    /// Who of several payers bears how much.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
    /// What the person has paid, less the refund.
    pub net: Option<String>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// When the payment can be seen or certified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Showing {
    /// Why that cannot be said; null when it can.
    pub refused: Option<&'static str>,
    /// The row that cannot say.
    pub reasons: Vec<Against>,
    /// The first day on which it shows; null with a refusal.
    pub day: Option<String>,
    /// The fields that are shown.
    pub shows: Vec<String>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What government pays for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Subsidising {
    /// Why that cannot be said; null when it can.
    pub refused: Option<&'static str>,
    /// The row that cannot say.
    pub reasons: Vec<Against>,
    /// How much in the year; null with a refusal.
    pub government_subsidy: Option<String>,
    /// The coverage year whose figure it is, where the notice goes by another year's than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_year: Option<u16>,
    /// Which level of government bears how much, where the notice says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Level>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// Whether a target is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reaching {
    /// Whether it is.
    pub met: Met,
    /// The share: a percentage where that is exact, else a fraction; null of nobody, or without such a target.
    pub share: Option<String>,
    /// By which day it is to be reached.
    pub by: String,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// Whether a target is reached, or why that is not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Met {
    /// It is, or is not.
    Said(bool),
    /// "not stated" without such a target, "a person must decide" of nobody.
    Unsaid(String),
}

/// Through which channels the person may pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Channelling {
    /// Those, in the notice's order.
    pub channels: Vec<OpenChannel>,
    /// Channels of which that is not known.
    pub unjudged: Vec<RowTried>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// A channel (缴费渠道).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OpenChannel {
    /// In the notice's words.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// What somebody else must have done by a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Due {
    /// Who.
    pub who: String,
    /// Which step.
    pub step: &'static str,
    /// The last day for it.
    pub by: Date,
    /// Whether it was done later; null when it is not known when it was done.
    pub overdue: Option<bool>,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// Something one may buy along, and never must.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// How much it costs.
    pub amount: String,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// A way to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WayIn {
    /// Where.
    pub at: String,
    /// The papers to be shown: one of each list.
    pub papers: Vec<Vec<String>>,
}

/// A step of a wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitStep {
    /// "fixed", "missed-years", "repair" or "floor".
    pub part: &'static str,
    /// The months it adds, or takes off.
    pub months: i64,
    /// The first day of benefit, were the wait to end with this step.
    pub day: String,
    /// What it rests on.
    #[schemars(schema_with = "citations")]
    pub clauses: Vec<Citation>,
}

/// A citation's type knows no schemas, so they are written here.
pub(crate) fn citations(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "clause": { "type": "string", "description": "The clause (条款), such as XY26-03." },
                "open": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Open points (待明确事项) whose chosen reading is followed, such as A-25.",
                },
            },
            "required": ["clause"],
        },
    })
}

fn citations_by_key(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": citations(generator) })
}
