//! What benefits answers with: periods and states on the wire.

use canbao_policy::{About, WaitPart as Step};
use canbao_proto::{
    benefits::{BenefitLine, BenefitPeriod, CoverageState, Wait, WaitLine, WaitPart},
    common, explanations, wire,
};
use canbao_types::CoverYear;

use crate::{coverage::Coverage, period::Determined};

/// A benefit period.
pub(crate) fn period(year: CoverYear, determined: &Determined) -> BenefitPeriod {
    let lines = determined.lines.iter().map(|line| BenefitLine {
        from: Some(wire::date(line.days.from())),
        to: Some(wire::date(line.days.to())),
        state: state(line.state).into(),
        reason: line.reason.clone(),
        citations: wire::citations(&line.citations),
    });
    let (wait_months, wait_days) = determined.waits();
    BenefitPeriod {
        cover_year: year.get().into(),
        from: determined.days.map(|days| wire::date(days.from())),
        to: determined.days.map(|days| wire::date(days.to())),
        wait_months,
        wait_days,
        citations: wire::citations(&determined.citations),
        lines: lines.collect(),
        free: determined.free,
        tier: determined.tier.clone(),
        wait: determined.wait.as_ref().map(wait),
        explanations: explanations(&determined.why),
    }
}

/// A period as a hospital is shown it: why somebody does not wait tells who that is.
pub(crate) fn to_a_hospital(mut period: BenefitPeriod) -> BenefitPeriod {
    let names_nobody = |said: &common::Explanation| said.about != About::Exemption.code();
    period.explanations.retain(names_nobody);
    period
}

/// A waiting period in its parts.
fn wait(wait: &canbao_policy::Wait) -> Wait {
    let lines = wait.lines.iter().map(|line| WaitLine {
        part: match line.part {
            Step::Fixed => WaitPart::Fixed,
            Step::MissedYears => WaitPart::MissedYears,
            Step::Repair => WaitPart::Repair,
            Step::Floor => WaitPart::Floor,
        }
        .into(),
        months: i32::try_from(line.months).unwrap_or_default(),
        days: if line.part == Step::Fixed { wait.fixed_days } else { 0 },
        day: line.day.is().map(wire::date),
        citations: wire::citations(line.basis.iter()),
    });
    Wait {
        fixed_months: wait.fixed_months,
        fixed_days: wait.fixed_days,
        variable_months: wait.variable_months,
        missed_years: wait.missed_years,
        repaired_years: wait.repaired_years,
        at_least: wait.at_least,
        lines: lines.collect(),
    }
}

/// A state.
pub(crate) fn state(coverage: Coverage) -> CoverageState {
    match coverage {
        Coverage::Covered => CoverageState::Covered,
        Coverage::NotSettled => CoverageState::NotSettled,
        Coverage::Waiting => CoverageState::Waiting,
        Coverage::NotBegun => CoverageState::NotBegun,
        Coverage::Ended => CoverageState::Ended,
        Coverage::PersonMustDecide => CoverageState::PersonMustDecide,
    }
}
