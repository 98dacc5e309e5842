//! The decision: may this person register here for this year?

use canbao_policy::{Facts, Notice};
use canbao_types::{CoverYear, Date, Division, NameKey};

use crate::refusal::Refusal;

/// An application to be registered.
pub(crate) struct Application {
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) name_key: NameKey,
    /// The day of the registration, the date that counts.
    pub(crate) registered_on: Date,
    /// What was told about the person.
    pub(crate) facts: Facts,
}

/// What is known about the person already.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The name key the document was registered with first.
    pub(crate) name_key: Option<NameKey>,
    /// Where the person is registered for the same coverage year.
    pub(crate) divisions: Vec<Division>,
}

/// Decides an application under the notice of its division and year; `today` is the recording clock's.
pub(crate) fn decide(
    application: &Application,
    known: &Known,
    notice: Option<&Notice>,
    today: Date,
) -> Result<canbao_policy::Registration, Refusal> {
    let Application { division, cover_year, registered_on, .. } = *application;
    let notice = notice.ok_or(Refusal::NoNotice(division, cover_year))?;
    if registered_on > today {
        return Err(Refusal::DateInFuture(registered_on));
    }
    if known.name_key.is_some_and(|key| key != application.name_key) {
        return Err(Refusal::NameDiffers);
    }
    if known.divisions.contains(&division) {
        return Err(Refusal::AlreadyRegistered);
    }
    let mut facts = application.facts.clone();
    if !known.divisions.is_empty() {
        // What the suite knows outweighs what was told.
        facts.enrolled_elsewhere = Some(true);
    }
    let mut ruling = notice.register(&facts);
    match (ruling.refusal.take(), known.divisions.first()) {
        (Some(refusal), _) => Err(Refusal::ByRule(Box::new(refusal))),
        (None, Some(&elsewhere)) => Err(Refusal::RegisteredElsewhere(elsewhere)),
        (None, None) => Ok(ruling),
    }
}
