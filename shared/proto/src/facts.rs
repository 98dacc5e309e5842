//! A resident's circumstances as facts for a ruling.

use canbao_policy::{EmployeeScheme, Event, Facts, LastCovered, Place, Student};
use canbao_types::{CoverYear, Date, Division, NameKey, PersonKey};
use prost::Message;

use crate::{
    google,
    registration::{self, Circumstances, ResidentRegistered, circumstances::History},
    wire::Malformed,
};

/// What registration told of a resident, read. It has a birth date, and so does not print.
#[derive(Clone)]
pub struct Enrolled {
    /// The key of the resident's number.
    pub person_key: PersonKey,
    /// The key of the number with the name.
    pub name_key: NameKey,
    /// Birth date.
    pub birth: Date,
    /// The day of the registration.
    pub registered_on: Date,
    /// 乡镇(街道): nine digits; empty: not given.
    pub township: String,
    /// The number with its middle covered.
    pub masked_number: String,
    /// The circumstances, encoded, to be kept and read again by [`stored_facts`].
    pub circumstances: Vec<u8>,
    /// The facts they come to.
    pub facts: Facts,
}

impl Enrolled {
    /// Reads the event of a division and coverage year.
    pub fn read(event: ResidentRegistered, division: Division, year: CoverYear) -> Result<Self, Malformed> {
        let mut wrong = Malformed::default();
        let person_key = wrong.bytes("person_key", &event.person_key).map(PersonKey::from_bytes);
        let name_key = wrong.bytes("name_key", &event.name_key).map(NameKey::from_bytes);
        let birth = wrong.date("birth_date", event.birth_date);
        let registered_on = wrong.date("registered_on", event.registered_on);
        let township = wrong.township("township", &event.township);
        let circumstances = event.circumstances.unwrap_or_default();
        let facts =
            birth.map(|birth| facts(&mut wrong, "circumstances", &circumstances, (division, year, birth)));
        let (
            Some(person_key),
            Some(name_key),
            Some(birth),
            Some(registered_on),
            Some(township),
            Some(facts),
            true,
        ) = (person_key, name_key, birth, registered_on, township, facts, wrong.is_empty())
        else {
            return Err(wrong);
        };
        Ok(Self {
            person_key,
            name_key,
            birth,
            registered_on,
            township,
            masked_number: event.masked_number,
            circumstances: circumstances.encode_to_vec(),
            facts,
        })
    }
}

/// The facts of circumstances that were kept as [`Enrolled`] had them.
pub fn stored_facts(
    circumstances: &[u8],
    (division, cover_year, birth): (Division, CoverYear, Date),
) -> Result<Facts, Malformed> {
    let mut wrong = Malformed::default();
    let decoded = Circumstances::decode(circumstances).map_err(|error| wrong.note("circumstances", error));
    let circumstances = decoded.unwrap_or_default();
    let facts = facts(&mut wrong, "circumstances", &circumstances, (division, cover_year, birth));
    wrong.readable().map(|()| facts)
}

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
        record: match circumstances.record_division.as_deref() {
            None => Some(Place::At(division)),
            Some(text) => wrong.division("record_division", text).map(Place::At),
        },
        hukou: circumstances
            .hukou_division
            .as_deref()
            .and_then(|text| wrong.division("hukou_division", text))
            .map(Place::At),
        permit: match circumstances.permit_division.as_deref() {
            None => None,
            Some("none") => Some(Place::Nowhere),
            Some(text) => wrong.division("permit_division", text).map(Place::At),
        },
        employee_scheme: employee_scheme(wrong, circumstances),
        enrolled_elsewhere: circumstances.enrolled_elsewhere,
        student: student(wrong, circumstances),
        last_covered: last_covered(wrong, circumstances),
        employee_from: given(wrong, "employee_from", circumstances.employee_from),
        employee_until: given(wrong, "employee_until", circumstances.employee_until),
        programme_years: programme_years(wrong, circumstances),
        // Registration is who would know of one, so one that it does not name has not happened.
        events: Some(departures(wrong, circumstances)),
        ..Facts::default()
    })
}

fn given(wrong: &mut Malformed, field: &str, day: Option<google::Date>) -> Option<Date> {
    day.and_then(|day| wrong.date(field, Some(day)))
}

fn programme_years(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<u32> {
    let years = circumstances.programme_years?;
    if !(1..=8).contains(&years) {
        wrong.note("programme_years", "is not between 1 and 8");
        return None;
    }
    Some(years)
}

fn departures(wrong: &mut Malformed, circumstances: &Circumstances) -> Vec<Event> {
    /// More than anybody has left.
    const MOST: usize = 20;
    if circumstances.departures.len() > MOST {
        wrong.note("departures", format_args!("are more than {MOST}"));
    }
    let departures = circumstances.departures.iter().take(MOST).enumerate();
    let read = departures.filter_map(|(at, departure)| {
        wrong.within(format_args!("departures[{at}]"), |wrong| {
            let kind = wrong.text("kind", &departure.kind, 1..=40, |c| !c.is_control());
            let date = wrong.date("left_on", departure.left_on);
            Some(Event { kind: kind?, date: date? })
        })
    });
    read.collect()
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
