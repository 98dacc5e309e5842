//! Words in the facts that a notice does not declare. Answers pass over them, since a roster may name what another
//! notice knows; whoever types facts by hand is better told.

use std::fmt;
use std::sync::Arc;

use crate::facts::Facts;
use crate::notice::Notice;
use crate::question::Question;

/// A word that the notice does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// Where it was given, such as `identities[0].name`.
    pub field: String,
    /// The word.
    pub word: String,
    /// The words the notice declares there, in its order.
    pub known: Vec<Arc<str>>,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the notice does not know {:?}; it knows ", self.field, self.word)?;
        if self.known.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&self.known.join(", "))
    }
}

impl Notice {
    /// The words in a question's facts that this notice declares nowhere, in the order of the facts.
    #[must_use]
    pub fn unknown_words(&self, question: &Question) -> Vec<UnknownWord> {
        match question {
            Question::Pay(facts)
            | Question::Register(facts)
            | Question::Refund(facts)
            | Question::Delay(facts)
            | Question::Subsidy(facts)
            | Question::Claim(facts)
            | Question::Entitlement(facts)
            | Question::Channel(facts) => self.unknown_in(facts),
            Question::Target(_) | Question::Cap(_) => Vec::new(),
        }
    }

    fn unknown_in(&self, facts: &Facts) -> Vec<UnknownWord> {
        let names = &self.tables.names;
        let mut unknown = Vec::new();
        let mut look = |field: String, word: &str, known: &[Arc<str>]| {
            if !known.iter().any(|known| **known == *word) {
                unknown.push(UnknownWord { field, word: word.to_owned(), known: known.to_vec() });
            }
        };
        for (at, held) in facts.identities.iter().flatten().enumerate() {
            look(format!("identities[{at}].name"), &held.name, &names.identity);
            if let Some(kind) = &held.kind {
                look(format!("identities[{at}].kind"), kind, &names.kind);
            }
        }
        for (at, event) in facts.events.iter().flatten().enumerate() {
            look(format!("events[{at}].kind"), &event.kind, &names.event);
        }
        for (at, paper) in facts.papers.iter().flatten().enumerate() {
            look(format!("papers[{at}]"), paper, &names.papers);
        }
        for (field, word, known) in [
            ("option", &facts.option, &names.option),
            ("ground", &facts.ground, &names.ground),
            ("what", &facts.what, &names.what),
            ("tier_asked", &facts.tier_asked, &names.tier),
        ] {
            if let Some(word) = word {
                look(field.to_owned(), word, known);
            }
        }
        unknown
    }
}
