//! What collection answers with: rulings on the wire.

use canbao_policy::Payment as Ruling;
use canbao_proto::{
    collection::{BenefitOutlook, ContributionDue, Warning},
    wire,
};

use crate::{
    contribution::{self, Due},
    store::Key,
};

/// What is due.
pub(crate) fn contribution(&(division, year, resident): &Key, due: &Due, settled: bool) -> ContributionDue {
    ContributionDue {
        resident_id: resident.to_string(),
        division: division.to_string(),
        cover_year: year.get().into(),
        parts: due.parts.iter().map(wire::amount_part).collect(),
        aided: Some(wire::money(due.aided)),
        due: Some(wire::money(due.due)),
        payable_item: due.payable_item.clone(),
        settled,
    }
}

/// When benefits would begin.
pub(crate) fn outlook(ruling: &Ruling) -> BenefitOutlook {
    let benefit = contribution::benefit(ruling);
    let warnings = ruling.warnings.iter().map(|warning| {
        let refused = warning.refused();
        Warning { reason: warning.reason.code().to_owned(), message: refused.message }
    });
    BenefitOutlook {
        window: ruling.window.as_ref().map(|window| window.name.to_string()).unwrap_or_default(),
        late: ruling.late(),
        wait_months: ruling.wait_months(),
        from: benefit.map(|(from, _)| wire::date(from)),
        to: benefit.map(|(_, to)| wire::date(to)),
        warnings: warnings.collect(),
        citations: wire::citations(ruling.citations().as_slice()),
    }
}
