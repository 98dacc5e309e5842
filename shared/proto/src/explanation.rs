//! Explanations on the wire.

use canbao_policy::Explanation;

use crate::{common, wire};

/// Explanations, in their order.
pub fn explanations<'e>(said: impl IntoIterator<Item = &'e Explanation>) -> Vec<common::Explanation> {
    let shown = |said: &Explanation| common::Explanation {
        about: said.about.code().to_owned(),
        question: said.question.clone(),
        text: said.text.clone(),
        note: said.note().unwrap_or_default().to_owned(),
        citations: wire::citations(&said.citations),
    };
    said.into_iter().map(shown).collect()
}
