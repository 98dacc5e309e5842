//! A question with its facts, as it is written down.

use canbao_types::Money;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::beside::{self, Channels};
use crate::cap::{self, Cap, CapFacts};
use crate::claim::{self, Claim, Entitlements};
use crate::declared::OpenPoint;
use crate::explain::{self, Explanation, Telling};
use crate::facts::Facts;
use crate::government::{self, GovernmentSubsidy};
use crate::pay;
use crate::refund::{self, Delay, Refund};
use crate::register;
use crate::ruling::{Cited, Payment, Refusal, Registration};
use crate::table::Tables;
use crate::target::Progress;
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

/// The answer to a question, whichever it is.
pub(crate) enum Answer {
    Pay(Box<Payment>),
    Register(Box<Registration>),
    /// With what was paid.
    Refund(Box<Refund>, Option<Money>),
    Delay(Box<Delay>),
    Subsidy(Result<Cited<GovernmentSubsidy>, Box<Refusal>>),
    Target(Option<Progress>),
    Cap(Cap),
    Claim(Claim),
    Entitlement(Entitlements),
    Channel(Channels),
}

/// Asks a notice.
pub(crate) fn answer(tables: &Tables, question: &Question, recorder: &mut impl Recorder) -> Answer {
    match question {
        Question::Pay(facts) => Answer::Pay(Box::new(pay::pay(tables, facts, recorder))),
        Question::Register(facts) => Answer::Register(Box::new(register::register(tables, facts, recorder))),
        Question::Refund(facts) => {
            Answer::Refund(Box::new(refund::refund(tables, facts, recorder)), facts.paid_amount)
        }
        Question::Delay(facts) => Answer::Delay(Box::new(refund::delay(tables, facts, recorder))),
        Question::Subsidy(facts) => Answer::Subsidy(government::subsidy(tables, facts, recorder)),
        Question::Target(Counted { name, count, of }) => {
            let target = tables.targets.iter().find(|target| *target.name == **name);
            Answer::Target(target.map(|target| target.progress(*count, *of)))
        }
        Question::Cap(facts) => Answer::Cap(cap::cap(tables, facts)),
        Question::Claim(facts) => Answer::Claim(claim::claim(tables, facts, recorder)),
        Question::Entitlement(facts) => Answer::Entitlement(claim::entitlements(tables, facts, recorder)),
        Question::Channel(facts) => Answer::Channel(beside::channels(tables, facts, recorder)),
    }
}

impl Answer {
    /// The answer as it is written down.
    pub fn ruling(&self) -> Ruling {
        match self {
            Self::Pay(said) => Ruling::Pay(Box::new((&**said).into())),
            Self::Register(said) => Ruling::Register(Box::new((&**said).into())),
            Self::Refund(said, paid) => Ruling::Refund(Refunding::new(said, *paid)),
            Self::Delay(said) => Ruling::Delay((&**said).into()),
            Self::Subsidy(said) => Ruling::Subsidy(said.into()),
            Self::Target(said) => Ruling::Target(said.as_ref().into()),
            Self::Cap(said) => Ruling::Cap(said.into()),
            Self::Claim(said) => Ruling::Claim(said.into()),
            Self::Entitlement(said) => Ruling::Entitlement(said.into()),
            Self::Channel(said) => Ruling::Channel(said.into()),
        }
    }

    /// Why the answer is what it is.
    pub fn why(&self, open: &[OpenPoint]) -> Vec<Explanation> {
        let mut out = Telling::of(open);
        match self {
            Self::Pay(said) => explain::payment(said, &mut out),
            Self::Register(said) => explain::registration(said, &mut out),
            Self::Refund(said, _) => explain::refund(said, &mut out),
            Self::Delay(said) => explain::delay(said, &mut out),
            Self::Subsidy(said) => explain::subsidy(said, &mut out),
            Self::Target(said) => said.iter().for_each(|said| explain::target(said, &mut out)),
            Self::Cap(said) => explain::cap(said, &mut out),
            Self::Claim(said) => explain::claim(said, &mut out),
            Self::Entitlement(said) => explain::entitlements(said, &mut out),
            Self::Channel(said) => explain::channels(said, &mut out),
        }
        out.done()
    }
}
