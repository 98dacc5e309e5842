//! A question with its facts, as it is written down.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::facts::Facts;
use crate::pay;
use crate::refund;
use crate::register;
use crate::table::Tables;
use crate::trace::Recorder;
use crate::written::{Refunding, Ruling, Silent};

/// What a notice is asked, with the facts it is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "question", content = "facts", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Question {
    /// What does this person pay, what for, and from when are there benefits? (缴费)
    Pay(Box<Facts>),
    /// May this person register, and as what? (参保登记)
    Register(Box<Facts>),
    /// What is given back? (退费)
    Refund(Box<Facts>),
    /// When can a payment be seen or certified? (查询、证明)
    Delay(Box<Facts>),
    /// What does government pay for the person in the year, the notice's own unless one is said? (财政补助)
    Subsidy(Box<Facts>),
    /// Is a target reached? (工作目标)
    Target(Counted),
    /// How high is the cap? (大病保险最高支付限额) No notice here has a table for it.
    Cap(AnyFacts),
    /// What is excluded from a claim? (不予支付) No notice here has a table for it.
    Claim(AnyFacts),
}

/// How many were counted for a target, of how many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The target, in the notice's words.
    pub name: String,
    /// How many were counted.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

/// Facts of a question that no notice here answers, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
pub struct AnyFacts {}

impl<'de> Deserialize<'de> for AnyFacts {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = AnyFacts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("facts by name")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut facts: M) -> Result<AnyFacts, M::Error> {
                while facts.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyFacts {})
            }
        }
        input.deserialize_map(Any)
    }
}

/// Asks a notice and writes its answer down.
pub(crate) fn answer(tables: &Tables, question: &Question, recorder: &mut impl Recorder) -> Ruling {
    match question {
        Question::Pay(facts) => Ruling::Pay(Box::new((&pay::pay(tables, facts, recorder)).into())),
        Question::Register(facts) => {
            Ruling::Register(Box::new((&register::register(tables, facts, recorder)).into()))
        }
        Question::Refund(facts) => {
            Ruling::Refund(Refunding::new(&refund::refund(tables, facts, recorder), facts.paid_amount))
        }
        Question::Delay(facts) => Ruling::Delay((&refund::delay(tables, facts, recorder)).into()),
        Question::Subsidy(facts) => {
            Ruling::Subsidy((&register::government_subsidy(tables, facts, recorder)).into())
        }
        Question::Target(Counted { name, count, of }) => {
            let target = tables.targets.iter().find(|target| *target.name == **name);
            Ruling::Target(target.map(|target| target.progress(*count, *of)).as_ref().into())
        }
        Question::Cap(_) => Ruling::Cap(Silent::default()),
        Question::Claim(_) => Ruling::Claim(Silent::default()),
    }
}
