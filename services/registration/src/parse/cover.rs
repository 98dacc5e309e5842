//! A line of cover.

use canbao_proto::{
    registration::{CoverLine, Scheme as ShownScheme},
    wire::Malformed,
};
use canbao_types::{Date, PersonKey, SuiteKey};

use crate::cover::{Cover, Scheme};

/// One line of cover; the number is made a key at once.
pub(crate) fn cover_line(
    wrong: &mut Malformed,
    line: &CoverLine,
    recorded_on: Date,
    key: &SuiteKey,
) -> Option<(PersonKey, Cover)> {
    let document = wrong.document("document", line.document.as_ref());
    let cover = line.cover.clone().unwrap_or_default();
    let cover = wrong.within("cover", |wrong| {
        let scheme = match cover.scheme() {
            ShownScheme::Resident => Some(Scheme::Resident),
            ShownScheme::Employee => Some(Scheme::Employee),
            ShownScheme::Unspecified => {
                wrong.note("scheme", "is missing or not known");
                None
            }
        };
        let from = wrong.date("from", cover.from);
        let to = cover.to.and_then(|to| wrong.date("to", Some(to)));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            wrong.note("to", "is before the first day");
        }
        match scheme {
            Some(Scheme::Resident) if cover.to.is_none() => wrong.note("to", "is missing"),
            // Nobody looks again on the day: what is to come is recorded when it has come.
            Some(Scheme::Employee) if from.max(to).is_some_and(|day| day > recorded_on) => {
                wrong.note("to", "is after the day of the record, or the first day is");
            }
            _ => {}
        }
        if !cover.departure.is_empty() {
            wrong.text("departure", &cover.departure, 1..=40, |c| !c.is_control());
            if cover.to.is_none() {
                wrong.note("departure", "is given of cover that goes on");
            }
        }
        Some(Cover { scheme: scheme?, from: from?, to, departure: cover.departure.clone(), recorded_on })
    });
    Some((key.person_key(&document?), cover?))
}
