//! A question with its facts, as it is written down.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::beside;
use crate::cap::{self, CapFacts};
use crate::claim;
use crate::facts::Facts;
use crate::government;
use crate::pay;
use crate::refund;
use crate::register;
use crate::table::Tables;
use crate::trace::Recorder;
use crate::written::{Refunding, Ruling};

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
    /// How high is the cap? (大病保险最高支付限额)
    Cap(CapFacts),
    /// What of a claim is not the fund's to pay? (不予支付)
    Claim(Box<Facts>),
    /// What may whoever is insured draw? (待遇项目)
    Entitlement(Box<Facts>),
    /// Through which channels may the person pay? (缴费渠道)
    Channel(Box<Facts>),
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
        Question::Subsidy(facts) => Ruling::Subsidy((&government::subsidy(tables, facts, recorder)).into()),
        Question::Target(Counted { name, count, of }) => {
            let target = tables.targets.iter().find(|target| *target.name == **name);
            Ruling::Target(target.map(|target| target.progress(*count, *of)).as_ref().into())
        }
        Question::Cap(facts) => Ruling::Cap((&cap::cap(tables, facts)).into()),
        Question::Claim(facts) => Ruling::Claim((&claim::claim(tables, facts, recorder)).into()),
        Question::Entitlement(facts) => {
            Ruling::Entitlement((&claim::entitlements(tables, facts, recorder)).into())
        }
        Question::Channel(facts) => Ruling::Channel((&beside::channels(tables, facts, recorder)).into()),
    }
}
