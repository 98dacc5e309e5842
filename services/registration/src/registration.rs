//! The decision: may this person register here for this year?

use canbao_policy::{Facts, Notice, Student};
use canbao_types::{CoverYear, Date, Division, NameKey};

use crate::refusal::Refusal;

/// An application to be registered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Application {
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) name_key: NameKey,
    /// The day of the registration, the date that counts.
    pub(crate) registered_on: Date,
    /// A school applies, for one of its own.
    pub(crate) by_school: bool,
}

/// What is known about the person.
#[derive(Debug)]
pub(crate) struct Known {
    /// What was told, with what cover says in its place.
    pub(crate) facts: Facts,
    /// The name key that the document has.
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
    let Application { division, cover_year, registered_on, by_school, .. } = *application;
    if by_school && known.facts.student.is_none_or(|student| student == Student::None) {
        return Err(Refusal::NotAStudent);
    }
    let notice = notice.ok_or(Refusal::NoNotice(division, cover_year))?;
    not_future(registered_on, today)?;
    if known.name_key.is_some_and(|key| key != application.name_key) {
        return Err(Refusal::NameDiffers);
    }
    if known.divisions.contains(&division) {
        return Err(Refusal::AlreadyRegistered);
    }
    let mut facts = known.facts.clone();
    if !known.divisions.is_empty() {
        // What the suite knows outweighs what was told.
        facts.enrolled_elsewhere = Some(true);
    }
    let ruling = eligible(notice, &facts)?;
    match known.divisions.first() {
        Some(&elsewhere) => Err(Refusal::RegisteredElsewhere(elsewhere)),
        None => Ok(ruling),
    }
}

/// What the notice itself says of a person with these facts.
pub(crate) fn eligible(notice: &Notice, facts: &Facts) -> Result<canbao_policy::Registration, Refusal> {
    let mut ruling = notice.register(facts);
    match ruling.refusal.take() {
        Some(refusal) => Err(Refusal::ByRule(Box::new(refusal))),
        None => Ok(ruling),
    }
}

/// The date that counts has come.
pub(crate) fn not_future(day: Date, today: Date) -> Result<(), Refusal> {
    if day > today { Err(Refusal::DateInFuture(day)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use canbao_policy::{EmployeeScheme, Notices};
    use canbao_types::Reason;

    use super::*;

    const HERE: Division = Division::from_code(141_181).unwrap();
    const THERE: Division = Division::from_code(141_182).unwrap();

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn application() -> Application {
        Application {
            division: HERE,
            cover_year: CoverYear::new(2026).unwrap(),
            name_key: NameKey::from_bytes([1; 16]),
            registered_on: day("2025-11-03"),
            by_school: false,
        }
    }

    fn known() -> Known {
        let facts = Facts {
            cover_year: CoverYear::new(2026),
            employee_scheme: Some(EmployeeScheme::Never),
            enrolled_elsewhere: Some(false),
            student: Some(Student::None),
            ..Facts::default()
        };
        Known { facts, name_key: None, divisions: Vec::new() }
    }

    fn asked(application: &Application, known: &Known) -> Result<canbao_policy::Registration, Refusal> {
        let notices = Notices::builtin().unwrap();
        let notice = notices.find(application.division, application.cover_year);
        decide(application, known, notice, day("2026-06-30"))
    }

    #[test]
    fn a_school_registers_students_and_nobody_else() {
        let school = Application { by_school: true, ..application() };
        for student in [None, Some(Student::None)] {
            let other = Known { facts: Facts { student, ..known().facts }, ..known() };
            assert!(matches!(asked(&school, &other), Err(Refusal::NotAStudent)), "{student:?}");
            assert!(asked(&application(), &other).is_ok(), "the bureau registers everybody");
        }
        let pupil = Known { facts: Facts { student: Some(Student::School), ..known().facts }, ..known() };
        assert!(asked(&school, &pupil).is_ok());
    }

    #[test]
    fn registered_elsewhere_is_the_notices_own_rule_where_it_has_one() {
        let elsewhere = Known { divisions: vec![THERE], ..known() };
        let Err(Refusal::ByRule(refusal)) = asked(&application(), &elsewhere) else { panic!("registered") };
        assert_eq!(refusal.reason, Reason::EnrolledElsewhere);
        assert!(Refusal::ByRule(refusal).covered_elsewhere());
    }

    #[test]
    fn a_day_has_come_on_the_day_itself() {
        assert!(not_future(day("2026-06-30"), day("2026-06-30")).is_ok());
        assert!(matches!(not_future(day("2026-07-01"), day("2026-06-30")), Err(Refusal::DateInFuture(_))));
    }
}
