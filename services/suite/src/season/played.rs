//! What became of the acts of a season: how many were done, and why the others were not.

use std::collections::BTreeMap;

use canbao_host::StartError;
use canbao_proto::{collection::SuspenseReason, common::Citation, refusal};
use canbao_types::Reason;
use tonic::{Code, Status};

use super::{
    kinds::{Kind, Kinds},
    lines::Broken,
};

const MALFORMED: &str = "MALFORMED";

/// What a refusal is about beside its reason, by its name there: a fact that is missing, a warning that was not confirmed.
const ABOUT: [&str; 2] = ["fact", "warning"];

/// Broken lines that are named; the rest is only counted.
const BROKEN_SHOWN: usize = 20;

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident $chinese:literal $english:literal,)*) => {
        /// A kind of act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Act { $($(#[$doc])* $act,)* }

        impl Act {
            /// Its name in Chinese and in English.
            pub const fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$act => ($chinese, $english),)* }
            }
        }
    };
}

acts! {
    /// Cover recorded.
    Cover "参保缴费历史" "cover recorded",
    /// Registered.
    Register "参保登记" "registered",
    /// A new document.
    ChangeDocument "证件变更" "documents changed",
    /// A record moved here.
    Move "参保地变更" "moved here",
    /// On a roster.
    Roster "身份名单" "on rosters",
    /// Roster lines confirmed.
    Confirm "比对确认" "confirmed",
    /// Aid decided by a person.
    Decide "资助人工认定" "aid decided",
    /// A late payment assessed.
    Assess "核定补缴" "late payments assessed",
    /// Declared.
    Declare "集中申报" "declared",
    /// Asked to be paid.
    Pay "缴费" "paid",
    /// A line of a statement.
    Report "渠道对账明细" "statement lines",
    /// A refund decided.
    Refund "退费" "refunds",
    /// A refund paid out.
    PayOut "退费支付" "refunds paid out",
    /// A registration ended.
    End "终止登记" "ended",
}

/// How often an act was done, and how often not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Done.
    pub done: u64,
    /// Not done; why is told apart.
    pub refused: u64,
    /// Known already.
    pub repeated: u64,
}

/// Why acts of a kind were not done.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// How many.
    pub times: u64,
    /// What the first of them was told, in Chinese.
    pub message: String,
    /// The clauses it was told.
    pub clauses: Vec<String>,
}

/// What became of the acts.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// By act.
    pub outcomes: BTreeMap<Act, Outcomes>,
    /// By act and reason; behind the reason stands what it is about where that is told apart, such as the fact missing.
    pub refusals: BTreeMap<(Act, String), Why>,
    /// The awkward kinds.
    pub kinds: Kinds,
    /// The first lines that could not be read.
    pub broken: Vec<Broken>,
    /// Lines that could not be read.
    pub broken_lines: u64,
    /// Files that were not there.
    pub absent: Vec<&'static str>,
}

impl Played {
    /// What became of an act.
    pub fn outcomes(&self, act: Act) -> Outcomes {
        self.outcomes.get(&act).copied().unwrap_or_default()
    }

    /// How often an act was not done for a reason, whatever it is about.
    pub fn refused_for(&self, act: Act, reason: &str) -> u64 {
        let found = self.refusals.iter().filter(|((of, known), _)| {
            *of == act
                && known.strip_prefix(reason).is_some_and(|about| about.is_empty() || about.starts_with(' '))
        });
        found.map(|(_, why)| why.times).sum()
    }

    pub(super) fn done(&mut self, act: Act, times: u64) {
        self.outcomes.entry(act).or_default().done += times;
    }

    pub(super) fn repeated(&mut self, act: Act, times: u64) {
        self.outcomes.entry(act).or_default().repeated += times;
    }

    /// An act was not done.
    pub(super) fn refused(&mut self, act: Act, reason: &str, message: &str, citations: &[Citation]) {
        self.refused_each(act, 1, reason, message, citations);
    }

    /// An act was not done for each of so many people.
    fn refused_each(&mut self, act: Act, people: u64, reason: &str, message: &str, citations: &[Citation]) {
        self.outcomes.entry(act).or_default().refused += people;
        let why = self.refusals.entry((act, reason.to_owned())).or_insert_with(|| Why {
            times: 0,
            message: message.to_owned(),
            clauses: citations.iter().map(|citation| citation.clause.clone()).collect(),
        });
        why.times += people;
    }

    /// Takes an answer apart: the answer itself, or the reason of a refusal, which is noted.
    pub(super) fn answer<T>(&mut self, act: Act, answer: Result<T, Status>) -> Result<Answer<T>, StartError> {
        match answer {
            Ok(answer) => {
                self.done(act, 1);
                Ok(Answer::Done(answer))
            }
            Err(status) => Ok(Answer::Refused(self.refusal(act, 1, status)?)),
        }
    }

    /// Notes a refusal for each of so many people, and gives its reason. Anything but a refusal ends the season.
    pub(super) fn refusal(&mut self, act: Act, people: u64, status: Status) -> Result<String, StartError> {
        let Some(told) = refusal::read(&status) else {
            if status.code() != Code::InvalidArgument {
                return Err(status.into());
            }
            self.refused_each(act, people, MALFORMED, status.message(), &[]);
            return Ok(MALFORMED.to_owned());
        };
        let about = ABOUT.iter().find_map(|key| told.metadata.get(*key));
        let reason = about.map_or_else(|| told.reason.clone(), |about| format!("{} {about}", told.reason));
        self.refused_each(act, people, &reason, &told.message, &told.citations);
        Ok(told.reason)
    }

    pub(super) fn broken(&mut self, lines: impl IntoIterator<Item = Broken>) {
        for line in lines {
            self.broken_lines += 1;
            self.kinds.add(Kind::BrokenLine, 1);
            if self.broken.len() < BROKEN_SHOWN {
                self.broken.push(line);
            }
        }
    }
}

/// The reason for which money stands in suspense, and what it says: the rule's own where a rule is why.
pub(super) fn suspended_for(reason: SuspenseReason, rule: &str) -> (String, &'static str) {
    if let Some(rule) = Reason::from_code(rule) {
        return (rule.wire_code().to_owned(), rule.message());
    }
    let says = match reason {
        SuspenseReason::UnknownResident => "没有查到参保登记。",
        SuspenseReason::AlreadySettled => "本年度费用已结清。",
        SuspenseReason::WrongAmount => "金额与应缴不符。",
        SuspenseReason::PersonMustDecide => Reason::PersonMustDecide.message(),
        SuspenseReason::NoNotice => Reason::NoNotice.message(),
        SuspenseReason::DateInFuture => "缴费日期未到。",
        SuspenseReason::Rule | SuspenseReason::Unspecified => "",
    };
    (reason.as_str_name().trim_start_matches("SUSPENSE_REASON_").to_owned(), says)
}

/// An answer that was noted.
pub(super) enum Answer<T> {
    /// Done.
    Done(T),
    /// Refused, for this reason.
    Refused(String),
}

impl<T> Answer<T> {
    /// The answer when it was done.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(answer) => Some(answer),
            Self::Refused(_) => None,
        }
    }
}
