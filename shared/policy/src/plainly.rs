//! What cannot be read in a file, told so that whoever wrote it finds and mends it: a word that nobody knows with the one that
//! was perhaps meant.

use std::fmt::Display;

use crate::problem::unknown_in_list;

/// Kinds of value as the readers call them, and as anybody does.
const KINDS: [(&str, &str); 9] = [
    ("u8", "a whole number"),
    ("u16", "a whole number"),
    ("u32", "a whole number"),
    ("i32", "a whole number"),
    ("i64", "a whole number"),
    ("a string", "text in quotes"),
    ("a boolean", "true or false"),
    ("a sequence", "a list in brackets"),
    ("an array of", "a list of"),
];
/// How a word that is none of those expected is told by the readers, and what it should have been.
const UNKNOWN: [(&str, &str); 2] =
    [("unknown field `", "key that can stand here"), ("unknown variant `", "word that can stand here")];

/// What a reader found wrong, for whoever does not program; of a key or word that nobody knows the one that was perhaps
/// meant, in place of all there are.
#[must_use]
pub fn plainly(wrong: impl Display) -> String {
    let wrong = wrong.to_string();
    UNKNOWN.iter().find_map(|unknown| meant(&wrong, *unknown)).unwrap_or_else(|| kinds(wrong))
}

fn kinds(wrong: String) -> String {
    KINDS.iter().fold(wrong, |wrong, (kind, plain)| {
        wrong.replace(&format!("expected {kind}"), &format!("expected {plain}"))
    })
}

fn meant(wrong: &str, (begins, of): (&str, &str)) -> Option<String> {
    let (before, rest) = wrong.split_once(begins)?;
    let (word, rest) = rest.split_once("`, expected ")?;
    let (expected, after) = rest.split_once('\n').map_or((rest, None), |(line, after)| (line, Some(after)));
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let after = after.map(|after| format!("\n{after}")).unwrap_or_default();
    // The place may be named by the key itself, which is told anyway.
    let before = before.strip_suffix(&format!("{word}: ")).unwrap_or(before);
    let before = before.strip_suffix('.').map_or_else(|| before.to_owned(), |place| format!("{place}: "));
    let told = unknown_in_list(word, of, &known);
    Some(format!("{before}{told}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_was_meant_and_everything_else_as_it_is() {
        for (wrong, told) in [
            (
                "unknown field `hukuo`, expected one of `house`, `hukou`",
                "\"hukuo\" is no key that can stand here; did you mean \"hukou\"?",
            ),
            (
                "identities[0].nam: unknown field `nam`, expected `name` or `kind`\nin `nam`",
                "identities[0]: \"nam\" is no key that can stand here; did you mean \"name\"?\nin `nam`",
            ),
            (
                "way: unknown variant `told`, expected `pay` or `report`",
                "way: \"told\" is no word that can stand here; write one of pay, report",
            ),
            ("paid: input is out of range", "paid: input is out of range"),
            (
                "months: invalid type: string \"x\", expected u32",
                "months: invalid type: string \"x\", expected a whole number",
            ),
        ] {
            assert_eq!(plainly(wrong), told);
        }
    }
}
