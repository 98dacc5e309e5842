//! The decision: is this payment taken?

use std::sync::Arc;

use canbao_policy::{Notice, Stated};
use canbao_proto::wire::Resident;
use canbao_types::{Bearer, CoverYear, Date, Division, Money, Part, PaymentId, RequestId, ResidentId};

use crate::{
    contribution::{self, Chosen, Due, How, Known, Manner, Settled},
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
    /// Who pays on behalf of others (协办人员), as the channel names that person; empty: nobody.
    pub(crate) agent: String,
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
    /// Whether a transaction written down before has this content. Who paid on behalf of others is no part of it, and
    /// neither is a payable item or a tier that one of the two does not name.
    pub(crate) fn repeats(
        &self,
        transaction: &Transaction,
        resident: Option<ResidentId>,
        written: &Written,
    ) -> bool {
        let same_resident =
            (resident.is_some() && resident == written.resident) || named(transaction.named) == written.named;
        let known = &written.manner;
        let unnamed = self.manner.payable_item.is_empty() || known.payable_item.is_empty();
        let payable_item = if unnamed { &known.payable_item } else { &self.manner.payable_item };
        let unnamed = self.manner.chosen.tier.is_empty() || known.chosen.tier.is_empty();
        let tier = if unnamed { &known.chosen.tier } else { &self.manner.chosen.tier };
        let chosen = Chosen { tier: tier.clone(), ..self.manner.chosen.clone() };
        same_resident
            && (transaction.division, transaction.cover_year) == (written.division, written.cover_year)
            && self.amount == written.amount
            && Manner { payable_item: payable_item.clone(), chosen, ..self.manner.clone() } == *known
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
    /// The number of the suspense reason when it came; 0: posted.
    pub(crate) suspense_reason: i32,
    /// The rule's reason, when a rule is why.
    pub(crate) rule_reason: Option<String>,
    pub(crate) position: u64,
    pub(crate) asked: Asked,
}

impl Written {
    /// The payment as it was made; its money was taken long ago.
    pub(crate) fn payment(&self) -> Payment {
        Payment { id: self.id, amount: self.amount, manner: self.manner.clone(), confirmed_warning: true }
    }
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
    // The money arrives on the day of the payment, or later.
    if payment.manner.arrive_date > today {
        return Err(Refusal::DateInFuture(payment.manner.pay_date.max(payment.manner.arrive_date)));
    }
    let known = known.ok_or(Refusal::UnknownResident)?;
    let due = contribution::quote(known, notice, &payment.manner)?;
    let days = due.ruling.benefit.as_ref().map(|benefit| (benefit.start, benefit.end));
    // Once the amount is assessed, a person has decided; from when it buys benefits is not tax's to wait for.
    if !due.assessed && days.is_some_and(|days| !matches!(days, (Stated::Is(_), Stated::Is(_)))) {
        return Err(Refusal::PersonMustDecide(due.ruling.citations().into_vec()));
    }
    let chosen = &payment.manner.payable_item;
    if !chosen.is_empty() && !due.payable_item.is_empty() && *chosen != due.payable_item {
        let (payable_item, citations) = (due.payable_item, due.item_citations);
        return Err(Refusal::WrongItem { payable_item, citations });
    }
    if due.due != payment.amount {
        return Err(Refusal::WrongAmount { due: due.due, citations: due.citations() });
    }
    match due.ruling.warnings.first() {
        Some(warning) if !payment.confirmed_warning => {
            Err(Refusal::WarningNotConfirmed(Box::new(warning.clone())))
        }
        _ => Ok(due),
    }
}

/// What a payment that is taken settles: one coverage year, whatever it pays for besides.
pub(crate) fn settles(payment: PaymentId, manner: &Manner, due: &Due) -> Settled {
    Settled {
        how: How::Payment,
        payment: Some(payment),
        standard: due.a_year,
        // Several years come without aid.
        paid: if due.years == 1 { due.due } else { due.a_year },
        aided: due.aided,
        government: due.of_person(Part::Government),
        repair: due.of_person(Part::Repair),
        arrears: due.of_person(Part::Arrears),
        along: due.of_person(Part::Side),
        chosen: Chosen { tier: due.tier(), repair_years: manner.chosen.repair_years },
        settled_on: manner.pay_date,
        arrived_on: manner.arrive_date,
        determination: due.determination,
    }
}

/// The ledger's side of a posted payment: the account that had the money owes it, the payers of aid owe the aid, and each
/// part has what it costs, the coverage years to come apart. The sum is zero.
pub(crate) fn postings(from: &str, year: CoverYear, due: &Due) -> Vec<(String, Money)> {
    let mut postings = vec![(from.to_owned(), due.due)];
    if !due.aided.is_zero() {
        postings.push((AID.to_owned(), due.aided));
    }
    if due.years > 1 {
        let price = due.a_year.negated();
        postings.push((personal(), price));
        postings.extend(ahead(year, due.years).map(|year| (prepaid(year), price)));
        return postings;
    }
    let persons = due.parts.iter().filter(|part| part.bearer == Bearer::Person && !part.amount.is_zero());
    postings.extend(persons.map(|part| (format!("contribution/{}", part.part), part.amount.negated())));
    postings
}

/// The years after the first that are paid for at once. A request that goes beyond the last year there is is malformed.
pub(crate) fn ahead(first: CoverYear, years: u32) -> impl Iterator<Item = CoverYear> {
    let years = u16::try_from(years).unwrap_or(1);
    (1..years).filter_map(move |ahead| CoverYear::new(first.get().saturating_add(ahead)))
}

/// The account of what others pay for residents.
pub(crate) const AID: &str = "aid";

/// What a settled contribution comes to, by the account of each part.
pub(crate) fn of_parts(settled: &Settled) -> Vec<(String, Money)> {
    let beside = settled.beside().map(|(part, amount)| (format!("contribution/{part}"), amount));
    let mut parts = vec![(personal(), settled.price())];
    parts.extend(beside.into_iter().filter(|(_, amount)| !amount.is_zero()));
    parts
}

/// The account of what residents pay for themselves.
pub(crate) fn personal() -> String {
    format!("contribution/{}", Part::Personal)
}

/// The account of what is paid for a coverage year to come.
pub(crate) fn prepaid(year: CoverYear) -> String {
    format!("prepaid/{}", year.get())
}

/// The account of a channel.
pub(crate) fn channel(name: &str) -> String {
    format!("channel/{name}")
}

/// The ledger's side of money in suspense.
pub(crate) fn suspense_postings(from: &str, suspense: &str, paid: Money) -> Vec<(String, Money)> {
    vec![(channel(from), paid), (suspense.to_owned(), paid.negated())]
}
