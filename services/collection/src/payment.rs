//! The decision: is this payment taken?

use std::sync::Arc;

use canbao_policy::{Notice, Stated};
use canbao_proto::wire::Resident;
use canbao_types::{Bearer, CoverYear, Date, Division, Money, PaymentId, RequestId, ResidentId};

use crate::{
    contribution::{self, Due, Known, Manner},
    refusal::Refusal,
};

/// A payment, asked about or reported.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) id: PaymentId,
    pub(crate) amount: Money,
    pub(crate) manner: Manner,
    /// The payer was shown the warnings and goes on; money that was taken already counts as confirmed.
    pub(crate) confirmed_warning: bool,
}

/// A channel's transaction: the same number with other content is refused, for ever.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) channel: String,
    pub(crate) id: String,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    /// The resident as the transaction names one.
    pub(crate) named: Resident,
    pub(crate) asked: Asked,
}

/// The request that told of a transaction first: its answer is the one that is given again.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Who sent it.
    pub(crate) by: Arc<str>,
    pub(crate) request: RequestId,
    /// It was a statement: the money was taken already.
    pub(crate) reported: bool,
}

impl Payment {
    /// Whether a transaction written down before has this content.
    pub(crate) fn repeats(
        &self,
        transaction: &Transaction,
        resident: Option<ResidentId>,
        written: &Written,
    ) -> bool {
        let same_resident =
            (resident.is_some() && resident == written.resident) || named(transaction.named) == written.named;
        same_resident
            && (transaction.division, transaction.cover_year) == (written.division, written.cover_year)
            && (self.amount, self.manner) == (written.amount, written.manner)
    }
}

/// A payment as it was written down.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) id: PaymentId,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) resident: Option<ResidentId>,
    pub(crate) named: [u8; 16],
    pub(crate) amount: Money,
    pub(crate) manner: Manner,
    /// The number of the suspense reason; 0: posted.
    pub(crate) suspense_reason: i32,
    /// The rule's reason, when a rule is why.
    pub(crate) rule_reason: Option<String>,
    pub(crate) position: u64,
    pub(crate) asked: Asked,
}

/// The bytes by which a resident was named.
pub(crate) fn named(resident: Resident) -> [u8; 16] {
    match resident {
        Resident::Id(id) => *id.as_bytes(),
        Resident::Key(key) => *key.as_bytes(),
    }
}

/// Decides a payment for a resident whose contribution is known; `today` is the recording clock's.
pub(crate) fn pay(
    payment: &Payment,
    known: Option<&Known>,
    notice: &Notice,
    today: Date,
) -> Result<Due, Refusal> {
    if payment.manner.pay_date > today {
        return Err(Refusal::DateInFuture(payment.manner.pay_date));
    }
    let known = known.ok_or(Refusal::UnknownResident)?;
    let due = contribution::quote(known, notice, payment.manner)?;
    let days = due.ruling.benefit.as_ref().map(|benefit| (benefit.start, benefit.end));
    if days.is_some_and(|days| !matches!(days, (Stated::Is(_), Stated::Is(_)))) {
        return Err(Refusal::PersonMustDecide(due.ruling.citations().into_vec()));
    }
    if due.due != payment.amount {
        let citations = due.ruling.parts.iter().flat_map(|part| part.basis.iter().cloned()).collect();
        return Err(Refusal::WrongAmount { due: due.due, citations });
    }
    match due.ruling.warnings.first() {
        Some(warning) if !payment.confirmed_warning => {
            Err(Refusal::WarningNotConfirmed(Box::new(warning.clone())))
        }
        _ => Ok(due),
    }
}

/// The ledger's side of a posted payment: the channel owes what was paid, the payers of aid owe the aid, and each part
/// has what it costs. The sum is zero.
pub(crate) fn postings(channel: &str, due: &Due, paid: Money) -> Vec<(String, Money)> {
    let mut postings = vec![(format!("channel/{channel}"), paid)];
    if !due.aided.is_zero() {
        postings.push(("aid".to_owned(), due.aided));
    }
    let persons = due.parts.iter().filter(|part| part.bearer == Bearer::Person);
    postings.extend(persons.map(|part| (format!("contribution/{}", part.part), part.amount.negated())));
    postings
}

/// The ledger's side of money in suspense.
pub(crate) fn suspense_postings(channel: &str, reason: &str, paid: Money) -> Vec<(String, Money)> {
    vec![(format!("channel/{channel}"), paid), (format!("suspense/{reason}"), paid.negated())]
}
