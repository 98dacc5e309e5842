//! What benefits answers with: periods and states on the wire.

use canbao_proto::{
    benefits::{BenefitLine, BenefitPeriod, CoverageState},
    wire,
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
    BenefitPeriod {
        cover_year: year.get().into(),
        from: determined.days.map(|days| wire::date(days.from())),
        to: determined.days.map(|days| wire::date(days.to())),
        wait_months: determined.wait_months,
        citations: wire::citations(&determined.citations),
        lines: lines.collect(),
        free: determined.free,
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
