//! The notice's targets for the people on rosters: collection measures the others, and knows no rosters.

use canbao_policy::{Notice, Share, Stated};
use canbao_proto::{collection::TargetProgress, subsidy::RosterProgress, wire};

/// What a target of a roster is a share of, before the name of the identity or group.
const OF_ROSTER: &str = "roster:";

/// How the targets for people on rosters stand, in the notice's order.
pub(super) fn of_rosters(notice: &Notice, rosters: &[RosterProgress]) -> Vec<TargetProgress> {
    let targets = notice.targets();
    let measured = targets.iter().filter_map(|target| {
        let name = target.of.strip_prefix(OF_ROSTER)?;
        let roster = rosters.iter().find(|roster| roster.identity == name)?;
        let progress = target.progress(roster.insured, roster.listed);
        let reached = roster.insured.saturating_mul(10_000).checked_div(roster.listed).unwrap_or_default();
        let at_least = u64::try_from(target.at_least_per_10_000).ok()?;
        Some(TargetProgress {
            target: format!("{} · {name}", target.name),
            township: String::new(),
            count: roster.insured,
            of: roster.listed,
            at_least: Share { count: at_least, of: 10_000 }.to_string(),
            reached_per_10000: u32::try_from(reached).unwrap_or(u32::MAX),
            met: progress.met == Stated::Is(true),
            by: match progress.by {
                Stated::Is(day) => Some(wire::date(day)),
                Stated::NotStated | Stated::PersonMustDecide => None,
            },
            citations: wire::citations(progress.basis.iter()),
        })
    });
    measured.collect()
}
