//! The decision: which identities has a resident by the rosters, and since when?

use canbao_policy::{DeclaredIdentity, HeldIdentity, Notice};
use canbao_types::Date;

/// What the newest roster says of a person's identity (身份).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// In the notice's words.
    pub(crate) identity: String,
    /// The day of the roster.
    pub(crate) listed_on: Date,
    pub(crate) recognised_on: Date,
    pub(crate) certificate_on: Option<Date>,
    pub(crate) rated_on: Option<Date>,
    /// The kind within the identity, in the notice's words.
    pub(crate) kind: Option<String>,
    /// 1 being the most severe.
    pub(crate) grade: Option<u32>,
    /// Also recognised as poor.
    pub(crate) poor: Option<bool>,
    /// The last day of the identity; none: it goes on.
    pub(crate) ended_on: Option<Date>,
    /// The day on which medical insurance confirmed it.
    pub(crate) confirmed_on: Option<Date>,
}

impl Line {
    /// The newest day that the line tells of; nothing that was known of it is newer.
    fn told_on(&self) -> Date {
        self.confirmed_on.map_or(self.listed_on, |confirmed_on| confirmed_on.max(self.listed_on))
    }

    /// The day since which the identity stands: of the four of hardship that of the confirmation, since it makes the
    /// identity (reading A-35), of the others that of the recognition.
    fn since(&self, declared: Option<&DeclaredIdentity>) -> Option<Date> {
        match declared {
            Some(identity) if identity.needs_confirmation => self.confirmed_on,
            _ => Some(self.recognised_on),
        }
    }
}

/// One line for each identity. A person may be listed under two documents; the newer line is taken, and a confirmation of
/// either stays. The lines come in the order in which they were listed.
pub(crate) fn merged(lines: impl IntoIterator<Item = Line>) -> Vec<Line> {
    let mut merged: Vec<Line> = Vec::new();
    for line in lines {
        match merged.iter_mut().find(|known| known.identity == line.identity) {
            None => merged.push(line),
            Some(known) => {
                let confirmed = [known.confirmed_on, line.confirmed_on].into_iter().flatten().min();
                *known = Line { confirmed_on: confirmed, ..line };
            }
        }
    }
    merged
}

/// The newest day that anything told of; the clock has no part in it.
pub(crate) fn as_of(lines: &[Line], told_on: Date) -> Date {
    lines.iter().map(Line::told_on).fold(told_on, Date::max)
}

/// The identities as a ruling asks for them, as of the newest day that anything told of: one that had ended before is
/// none any more.
pub(crate) fn held(lines: &[Line], told_on: Date, notice: &Notice) -> Vec<HeldIdentity> {
    let today = as_of(lines, told_on);
    let goes_on = |line: &&Line| line.ended_on.is_none_or(|last| today <= last);
    let held = |line: &Line| {
        let declared = notice.identities().iter().find(|declared| *declared.name == *line.identity);
        HeldIdentity {
            name: line.identity.clone(),
            confirmed: Some(line.confirmed_on.is_some()),
            recognised: line.since(declared),
            certificate: line.certificate_on,
            rated: line.rated_on,
            grade: line.grade,
            poor: line.poor,
            kind: line.kind.clone(),
        }
    };
    lines.iter().filter(goes_on).map(held).collect()
}

#[cfg(test)]
mod tests {
    use canbao_policy::Notices;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    pub(crate) fn line(identity: &str, confirmed_on: Option<&str>) -> Line {
        Line {
            identity: identity.to_owned(),
            listed_on: day("2025-11-03"),
            recognised_on: day("2025-06-01"),
            certificate_on: None,
            rated_on: None,
            kind: None,
            grade: None,
            poor: None,
            ended_on: None,
            confirmed_on: confirmed_on.map(day),
        }
    }

    fn notice() -> Notice {
        let notices = Notices::builtin().unwrap();
        notices.iter().find(|notice| notice.division().code() == 141_181).unwrap().clone()
    }

    #[test]
    fn an_identity_of_hardship_stands_since_its_confirmation_and_another_since_its_recognition() {
        let lines = [line("低保对象", Some("2025-11-10")), line("残疾人员", None), line("监测对象", None)];
        let held = held(&lines, day("2025-11-03"), &notice());
        let since: Vec<_> = held.iter().map(|held| held.recognised).collect();
        assert_eq!(since, [Some(day("2025-11-10")), Some(day("2025-06-01")), None]);
        assert_eq!(held[2].confirmed, Some(false));
    }

    #[test]
    fn an_identity_counts_through_its_last_day_and_not_after_it() {
        let ending = Line { ended_on: Some(day("2025-12-31")), ..line("低保对象", Some("2025-11-10")) };
        let on = |told: &str| held(std::slice::from_ref(&ending), day(told), &notice()).len();
        assert_eq!((on("2025-12-31"), on("2026-01-01")), (1, 0));
    }

    #[test]
    fn a_newer_line_of_the_same_identity_keeps_the_confirmation_of_the_older() {
        let newer = Line { listed_on: day("2026-01-05"), grade: Some(2), ..line("残疾人员", None) };
        let all = merged([line("残疾人员", Some("2025-11-10")), line("低保对象", None), newer]);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].grade, all[0].confirmed_on), (Some(2), Some(day("2025-11-10"))));
    }
}
