//! Fields that are read here in a way of their own.

use std::{fmt::Display, str::FromStr};

use canbao_policy::RefundCause;
use canbao_proto::{
    collection,
    common::{self, DocumentKind, ResidentReference, resident_reference::Reference},
    wire::{Malformed, Resident},
};
use canbao_types::{IdentityNumber, Money, PersonKey, SuiteKey};

/// A number of a document has at most so many characters.
const LONGEST_NUMBER: usize = 64;

/// An identity number has so many characters.
const NUMBER_LENGTH: usize = 18;

/// Nobody pays more than a million yuan at once, in fen: so the sums of the books stay far from the largest there is.
const MOST_PAID: i64 = 100_000_000;

/// What was paid: more than zero, at most a million yuan.
pub(super) fn paid(wrong: &mut Malformed, amount: Option<&common::Money>) -> Option<Money> {
    let amount = wrong.positive_money("amount", amount)?;
    if amount.fen() > MOST_PAID {
        wrong.note("amount.yuan", "must be at most 1000000.00");
        return None;
    }
    Some(amount)
}

/// Who pays on behalf of others: printable text, kept as it is, so no identity number may stand in it.
pub(super) fn agent(wrong: &mut Malformed, text: &str) -> Option<String> {
    let agent = super::printable(wrong, "agent", text)?;
    let characters: Vec<char> = agent.chars().collect();
    let mut windows = characters.windows(NUMBER_LENGTH);
    if windows.any(|window| IdentityNumber::parse(&window.iter().collect::<String>()).is_ok()) {
        wrong.note("agent", "holds an identity number");
        return None;
    }
    Some(agent)
}

/// Who is named, where the document is given but can be nobody's, as one with a mistyped number: a keyed digest of what
/// was given stands for it. Nobody has it, nothing is kept in clear, and the same line is known again by it.
pub(super) fn nobody(named: Option<&ResidentReference>, key: &SuiteKey) -> Option<Resident> {
    let Some(Reference::Document(document)) = named.and_then(|named| named.reference.as_ref()) else {
        return None;
    };
    let given = document.kind() != DocumentKind::Unspecified
        && (1..=LONGEST_NUMBER).contains(&document.number.chars().count());
    if !given || Malformed::default().resident("resident", named, key).is_some() {
        return None;
    }
    let content = format!("{} {}", document.kind, document.number);
    let digest = key.request_digest("unusable document", content.as_bytes());
    let (first, _) = digest.split_first_chunk::<16>()?;
    Some(Resident::Key(PersonKey::from_bytes(*first)))
}

/// Why a contribution is asked back, in the words of the rules.
pub(crate) fn refund_cause(wrong: &mut Malformed, cause: collection::RefundCause) -> Option<RefundCause> {
    match cause {
        collection::RefundCause::Requested => Some(RefundCause::Requested),
        collection::RefundCause::Died => Some(RefundCause::Died),
        collection::RefundCause::EmployeeScheme => Some(RefundCause::EmployeeScheme),
        collection::RefundCause::Unspecified => {
            wrong.note("cause", "is missing or not known");
            None
        }
    }
}

/// An id: a UUID.
pub(crate) fn id<T: FromStr<Err: Display>>(wrong: &mut Malformed, field: &str, text: &str) -> Option<T> {
    text.parse().map_err(|problem| wrong.note(field, problem)).ok()
}
