//! The notice's targets for the people on rosters: collection measures the others, and knows no rosters.

use canbao_host::StartError;
use canbao_policy::{Notice, Notices, Share, Stated};
use canbao_proto::{collection::TargetProgress, subsidy::RosterProgress, wire};
use canbao_types::CoverYear;

use crate::season::files::Plan;

/// What a target of a roster is a share of, before the name of the identity or group.
const OF_ROSTER: &str = "roster:";

/// The notice that governs the season.
pub(super) fn notice(plan: &Plan) -> Result<Notice, StartError> {
    let notices = Notices::builtin()?;
    let year = u16::try_from(plan.cover_year).ok().and_then(CoverYear::new);
    let notice = notices.find(plan.division.parse()?, year.ok_or("no coverage year")?);
    Ok(notice.ok_or("no notice governs the season")?.clone())
}

/// How the targets for people on rosters stand, in the notice's order.
pub(super) fn of_rosters(plan: &Plan, rosters: &[RosterProgress]) -> Result<Vec<TargetProgress>, StartError> {
    let notice = notice(plan)?;
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
    Ok(measured.collect())
}
