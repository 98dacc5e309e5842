//! The decision: may this roster be taken, from whom, and is this line a new one?

use canbao_policy::{DeclaredIdentity, Notice};

use crate::{identity::Line, refusal::Refusal};

/// The identity a roster is about, when the notice knows it and the submitter certifies it.
pub(crate) fn admit<'a>(
    notice: &'a Notice,
    identity: &str,
    submitter: &str,
) -> Result<&'a DeclaredIdentity, Refusal> {
    let declared = notice.identities().iter().find(|declared| *declared.name == *identity);
    let declared = declared.ok_or(Refusal::UnknownIdentity)?;
    if certifies(declared, submitter) {
        Ok(declared)
    } else {
        Err(Refusal::NotTheSubmitter(declared.basis.to_vec()))
    }
}

/// Whether this caller certifies the identity.
pub(crate) fn certifies(declared: &DeclaredIdentity, caller: &str) -> bool {
    declared.submitters.iter().any(|submitter| submitter.code() == caller)
}

/// As many lines as were declared.
pub(crate) fn complete(declared: u32, lines: usize) -> Result<(), Refusal> {
    if usize::try_from(declared) == Ok(lines) {
        Ok(())
    } else {
        Err(Refusal::CountDiffers { declared, lines })
    }
}

/// Whether a line says what is known already. The day of the roster is no part of it, nor is a confirmation.
pub(crate) fn repeats(line: &Line, known: &Line) -> bool {
    let same = Line { listed_on: known.listed_on, confirmed_on: known.confirmed_on, ..line.clone() };
    same == *known
}
