//! Fields that are read here in a way of their own.

use canbao_proto::{
    common::{DocumentKind, ResidentReference, resident_reference::Reference},
    wire::{Malformed, Resident},
};
use canbao_types::{PersonKey, SuiteKey};

/// A number of a document has at most so many characters.
const LONGEST_NUMBER: usize = 64;

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
