//! The decision about a reported line: posted, or in suspense with a reason.

use canbao_proto::collection::SuspenseReason;
use canbao_types::{Citation, Reason};

use crate::{contribution::Due, refusal::Refusal};

/// What becomes of a line of money that was taken already.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It settles the contribution.
    Posted(Box<Due>),
    /// It stands in suspense.
    Suspended(Suspended),
}

/// Why a line stands in suspense.
#[derive(Debug)]
pub(crate) struct Suspended {
    pub(crate) reason: SuspenseReason,
    /// The rule's reason, when a rule is why.
    pub(crate) rule: Option<&'static str>,
    pub(crate) citations: Vec<Citation>,
}

/// What a refused payment would be, when its money is here already. None for what says nothing about the line itself.
pub(crate) fn outcome(decided: Result<Due, Refusal>) -> Option<Outcome> {
    let refusal = match decided {
        Ok(due) => return Some(Outcome::Posted(Box::new(due))),
        Err(refusal) => refusal,
    };
    let suspended = |reason, rule, citations| Some(Outcome::Suspended(Suspended { reason, rule, citations }));
    match refusal {
        Refusal::UnknownResident => suspended(SuspenseReason::UnknownResident, None, Vec::new()),
        Refusal::AlreadySettled => suspended(SuspenseReason::AlreadySettled, None, Vec::new()),
        Refusal::WrongAmount { citations, .. } | Refusal::NothingDue(citations) => {
            suspended(SuspenseReason::WrongAmount, None, citations)
        }
        Refusal::WrongItem { citations, .. } => {
            suspended(SuspenseReason::Rule, Some(Reason::WrongOption.code()), citations)
        }
        Refusal::PersonMustDecide(citations) => suspended(SuspenseReason::PersonMustDecide, None, citations),
        Refusal::NoNotice(..) => suspended(SuspenseReason::NoNotice, None, Vec::new()),
        Refusal::DateInFuture(_) => suspended(SuspenseReason::DateInFuture, None, Vec::new()),
        Refusal::ByRule(refusal) | Refusal::WarningNotConfirmed(refusal) => {
            let rule = Some(refusal.reason.code());
            suspended(SuspenseReason::Rule, rule, refusal.basis.to_vec())
        }
        Refusal::ChannelDiffers
        | Refusal::ControlTotalDiffers { .. }
        | Refusal::TransactionIdReused
        | Refusal::CountDiffers { .. }
        | Refusal::UnknownPayment
        | Refusal::NotInSuspense
        | Refusal::UnknownRefund
        | Refusal::RefundPaid(_)
        | Refusal::NotSettled
        | Refusal::NothingToRefund(_) => None,
    }
}

/// The suspense account of a reason: that for which the money came into suspense, however it is judged later.
pub(crate) fn account(reason: SuspenseReason) -> String {
    let name = reason.as_str_name().trim_start_matches("SUSPENSE_REASON_").to_lowercase().replace('_', "-");
    format!("suspense/{name}")
}
