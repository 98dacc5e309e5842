//! Why it is not granted, what is missing, what must be said first – and what to do.

use canbao_types::Reason;

use crate::ruling::{Payment, Refusal};

use super::chinese::{day, listed};
use super::{About, Telling};

/// Refusals one by one; facts that are missing are asked for together.
pub(super) fn refused<'r>(
    question: &str,
    refusals: impl IntoIterator<Item = &'r Refusal>,
    out: &mut Telling<'_>,
) {
    let (missing, refused): (Vec<&Refusal>, Vec<&Refusal>) =
        refusals.into_iter().partition(|refusal| refusal.fact.is_some());
    for refusal in refused {
        out.say(About::Refusal, question, refusal.refused().message, [&refusal.basis]);
    }
    let mut names: Vec<&str> = Vec::new();
    for name in missing.iter().filter_map(|refusal| refusal.fact).map(|fact| fact.name()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() {
        let text = format!("还缺：{}。请补充后再查询或办理。", listed(names));
        out.say(About::Missing, "还要补充什么", text, missing.iter().map(|refusal| &refusal.basis));
    }
}

/// What must be said before money is taken.
pub(super) fn warned(said: &Payment, out: &mut Telling<'_>) {
    for warning in &said.warnings {
        let text = match (warning.reason, said.start(), said.end()) {
            (Reason::BuysNothing, Some(first), Some(last)) => format!(
                "待遇要到{}才开始，而待遇期到{}就结束了，现在缴费享受不到本年度待遇。请想清楚是否仍要缴费。",
                day(first),
                day(last)
            ),
            _ => warning.refused().message,
        };
        out.say(About::Warning, "缴费前要注意什么", text, [&warning.basis]);
    }
}
