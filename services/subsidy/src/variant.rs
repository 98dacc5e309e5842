//! The decision: what does the aid come to in each tier from which a person chooses, and under each version of the notice?

use std::sync::Arc;

use canbao_policy::{Facts, Notice, Stretch};
use canbao_types::Date;

use crate::aid::{self, Aid, Decided};

/// The aid in place of the one that holds otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The tier for which it holds when that is chosen; empty: for all.
    pub(crate) tier: String,
    /// The stretch of days of payment for which it holds, its first and last day where it has one; none: the days that no
    /// other one names.
    pub(crate) days: Option<(Option<Date>, Option<Date>)>,
    pub(crate) aid: Aid,
}

/// The aid on a day, and what holds in place of it. The facts are those by a version of the notice, which says whose
/// identities need a confirmation.
pub(crate) fn determine(
    facts: impl Fn(&Notice) -> Facts,
    decided: Option<Decided>,
    (stretches, day): (&[Stretch<'_>], Date),
) -> Option<(Aid, Vec<Variant>)> {
    let at = stretches.iter().position(|stretch| stretch.contains(day)).unwrap_or_default();
    let case = |stretch: &Stretch<'_>| of_tiers(&facts(stretch.notice), decided, stretch.notice);
    let (aid, tiers) = case(stretches.get(at)?);
    let others = stretches.iter().enumerate().filter(|(other, _)| *other != at);
    let others = others.map(|(_, stretch)| (stretch, case(stretch)));
    // A version that changes nothing for this person is no variant.
    let others = others.filter(|(_, (other, in_tiers))| {
        let same_tiers = in_tiers.len() == tiers.len()
            && in_tiers
                .iter()
                .zip(&tiers)
                .all(|(one, other)| one.tier == other.tier && same(&one.aid, &other.aid));
        !same_tiers || !same(other, &aid)
    });
    let others: Vec<Variant> = others
        .flat_map(|(stretch, (other, other_tiers))| {
            let days = Some((stretch.from, stretch.to));
            let tiers = other_tiers.into_iter().map(move |variant| Variant { days, ..variant });
            std::iter::once(Variant { tier: String::new(), days, aid: other }).chain(tiers)
        })
        .collect();
    Some((aid, tiers.into_iter().chain(others).collect()))
}

/// The aid under one version of the notice, and in each tier where it turns on that.
fn of_tiers(facts: &Facts, decided: Option<Decided>, notice: &Notice) -> (Aid, Vec<Variant>) {
    let aid = aid::determine(facts, decided, notice);
    let in_tier = |tier: &Arc<str>| {
        let chosen = Facts { tier_asked: Some(tier.to_string()), ..facts.clone() };
        Variant { tier: tier.to_string(), days: None, aid: aid::determine(&chosen, decided, notice) }
    };
    let tiers = aid.choice.iter().map(in_tier).collect();
    (aid, tiers)
}

/// Whether two come to the same, whatever else the rulings say that they come from.
fn same(one: &Aid, other: &Aid) -> bool {
    let plain = |aid: &Aid| Aid { ruling: None, ..aid.clone() };
    plain(one) == plain(other)
}
