//! The decision about a reported line: posted, or in suspense with a reason.

use canbao_policy::Notice;
use canbao_proto::collection::SuspenseReason;
use canbao_types::{Citation, Date, Reason};

use crate::{
    contribution::{Due, Known},
    payment::{self, Written},
    refusal::Refusal,
};

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

/// Decides once more, by what is known now, of money that stands in suspense. What came before its amount could be judged
/// is taken as well where it is right but for what subsidy told: had the registration been told first, it would have been
/// posted before the aid was known, and that is given back by subsidy afterwards. So the order does not matter.
pub(crate) fn again(
    written: &Written,
    known: Option<&Known>,
    notice: &Notice,
    today: Date,
) -> Result<Due, Refusal> {
    let payment = written.payment();
    payment::pay(&payment, known, notice, today).or_else(|refusal| {
        let unaided = known.filter(|known| known.told.is_some() && before_its_amount(written));
        let unaided = unaided.map(|known| Known { told: None, ..known.clone() });
        unaided.and_then(|known| payment::pay(&payment, Some(&known), notice, today).ok()).ok_or(refusal)
    })
}

/// Whether money came into suspense before its amount was looked at.
fn before_its_amount(written: &Written) -> bool {
    match SuspenseReason::try_from(written.suspense_reason).unwrap_or_default() {
        SuspenseReason::UnknownResident => true,
        SuspenseReason::Rule => written.rule_reason.as_deref() != Some(Reason::WrongOption.code()),
        _ => false,
    }
}

/// The suspense account of a reason: that for which the money came into suspense, however it is judged later.
pub(crate) fn account(reason: SuspenseReason) -> String {
    let name = reason.as_str_name().trim_start_matches("SUSPENSE_REASON_").to_lowercase().replace('_', "-");
    format!("suspense/{name}")
}
