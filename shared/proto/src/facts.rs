//! A resident's circumstances as facts for a ruling.

use canbao_policy::{EmployeeScheme, Student};
use canbao_policy::{Facts, LastCovered, Place};
use canbao_types::{CoverYear, Date, Division};

use crate::{
    registration::{self, Circumstances, circumstances::History},
    wire::Malformed,
};

/// The facts of a resident of `division` for a coverage year. What was not given stays not given.
///
/// What is malformed is noted under `field`; the facts are then not to be used.
pub fn facts(
    wrong: &mut Malformed,
    field: &str,
    circumstances: &Circumstances,
    (division, cover_year, birth): (Division, CoverYear, Date),
) -> Facts {
    wrong.within(field, |wrong| Facts {
        cover_year: Some(cover_year),
        birth: Some(birth),
        record: Some(Place::At(division)),
        hukou: circumstances
            .hukou_division
            .as_deref()
            .and_then(|text| wrong.division("hukou_division", text))
            .map(Place::At),
        employee_scheme: employee_scheme(wrong, circumstances),
        enrolled_elsewhere: circumstances.enrolled_elsewhere,
        student: student(wrong, circumstances),
        last_covered: last_covered(wrong, circumstances),
        ..Facts::default()
    })
}

fn employee_scheme(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<EmployeeScheme> {
    use registration::EmployeeScheme as Wire;
    match Wire::try_from(circumstances.employee_scheme) {
        Ok(Wire::Unspecified) => None,
        Ok(Wire::Never) => Some(EmployeeScheme::Never),
        Ok(Wire::Past) => Some(EmployeeScheme::Past),
        Ok(Wire::InScope) => Some(EmployeeScheme::InScope),
        Ok(Wire::Enrolled) => Some(EmployeeScheme::Enrolled),
        Err(_) => {
            wrong.note("employee_scheme", "is not known");
            None
        }
    }
}

fn student(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<Student> {
    use registration::StudentKind as Wire;
    match Wire::try_from(circumstances.student) {
        Ok(Wire::Unspecified) => None,
        Ok(Wire::None) => Some(Student::None),
        Ok(Wire::Kindergarten) => Some(Student::Kindergarten),
        Ok(Wire::School) => Some(Student::School),
        Ok(Wire::Vocational) => Some(Student::Vocational),
        Ok(Wire::College) => Some(Student::College),
        Err(_) => {
            wrong.note("student", "is not known");
            None
        }
    }
}

fn last_covered(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<LastCovered> {
    match circumstances.history {
        None => None,
        Some(History::NeverCovered(true)) => Some(LastCovered::Never),
        Some(History::NeverCovered(false)) => {
            wrong.note("never_covered", "is true or absent; give last_covered_year instead");
            None
        }
        Some(History::LastCoveredYear(year)) => {
            wrong.cover_year("last_covered_year", year).map(LastCovered::In)
        }
    }
}
