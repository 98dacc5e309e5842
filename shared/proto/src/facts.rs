//! A resident's circumstances as facts for a ruling.

use canbao_policy::{EmployeeScheme, Event, Facts, LastCovered, Place, Sex, Student, Unemployment};
use canbao_types::{CoverYear, Date, Division, Money, NameKey, PersonKey};
use prost::Message;

use crate::{
    google,
    registration::{
        self, Circumstances, EndCause, RegistrationEnded, ResidentRegistered, circumstances::History,
    },
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

/// How a registration ended, read.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its last day.
    pub on: Date,
    /// The day of death, where it ended with it.
    pub died_on: Option<Date>,
}

impl Ended {
    /// Reads the event.
    pub fn read(event: &RegistrationEnded) -> Result<Self, Malformed> {
        let mut wrong = Malformed::default();
        let Some(on) = wrong.date("ended_on", event.ended_on) else { return Err(wrong) };
        Ok(Self { on, died_on: (event.cause() == EndCause::Deceased).then_some(on) })
    }
}

/// Whose circumstances they are, and what registration tells beside them.
#[derive(Clone, Copy, Debug)]
pub struct Enrolment {
    /// Where.
    pub division: Division,
    /// For which coverage year.
    pub cover_year: CoverYear,
    /// Birth date.
    pub birth: Date,
    /// The day of the registration; none: not known.
    pub registered_on: Option<Date>,
    /// The day of death, where the registration ended with it.
    pub died_on: Option<Date>,
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
        let facts = birth.map(|birth| {
            let of = Enrolment { division, cover_year: year, birth, registered_on, died_on: None };
            facts(&mut wrong, "circumstances", &circumstances, of)
        });
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
pub fn stored_facts(circumstances: &[u8], of: Enrolment) -> Result<Facts, Malformed> {
    let mut wrong = Malformed::default();
    let decoded = Circumstances::decode(circumstances).map_err(|error| wrong.note("circumstances", error));
    let circumstances = decoded.unwrap_or_default();
    let facts = facts(&mut wrong, "circumstances", &circumstances, of);
    wrong.readable().map(|()| facts)
}

/// The facts of a resident for a coverage year. What was not given stays not given.
///
/// What is malformed is noted under `field`; the facts are then not to be used.
pub fn facts(wrong: &mut Malformed, field: &str, circumstances: &Circumstances, of: Enrolment) -> Facts {
    wrong.within(field, |wrong| Facts {
        cover_year: Some(of.cover_year),
        birth: Some(of.birth),
        registered: of.registered_on,
        died: of.died_on,
        record: match circumstances.record_division.as_deref() {
            None => Some(Place::At(of.division)),
            Some(text) => wrong.division("record_division", text).map(Place::At),
        },
        hukou: place(wrong, "hukou_division", circumstances.hukou_division.as_deref()),
        permit: place(wrong, "permit_division", circumstances.permit_division.as_deref()),
        house: place(wrong, "house_division", circumstances.house_division.as_deref()),
        parent_permit: place(
            wrong,
            "parent_permit_division",
            circumstances.parent_permit_division.as_deref(),
        ),
        school: place(wrong, "school_division", circumstances.school_division.as_deref()),
        employee_scheme: employee_scheme(wrong, circumstances),
        enrolled_elsewhere: circumstances.enrolled_elsewhere,
        student: student(wrong, circumstances),
        last_covered: last_covered(wrong, circumstances),
        employee_from: given(wrong, "employee_from", circumstances.employee_from),
        employee_until: given(wrong, "employee_until", circumstances.employee_until),
        programme_years: programme_years(wrong, circumstances),
        works: circumstances.works,
        rural: circumstances.rural,
        retired: circumstances.retired,
        employee_benefits: circumstances.employee_benefits,
        retirement_age: circumstances.retirement_age,
        unemployment: unemployment(wrong, circumstances),
        full_time: circumstances.full_time,
        papers: papers(wrong, circumstances),
        school_registered: given(wrong, "school_registered_on", circumstances.school_registered_on),
        sex: sex(wrong, circumstances),
        parent_insured: circumstances.parent_insured,
        employee_months: employee_months(wrong, circumstances),
        arrears: known_arrears(wrong, circumstances),
        // Registration is who would know of one, so one that it does not name has not happened.
        events: Some(departures(wrong, circumstances)),
        ..Facts::default()
    })
}

fn given(wrong: &mut Malformed, field: &str, day: Option<google::Date>) -> Option<Date> {
    day.and_then(|day| wrong.date(field, Some(day)))
}

/// A place, or "none" where it is known that there is none.
fn place(wrong: &mut Malformed, field: &str, text: Option<&str>) -> Option<Place> {
    match text? {
        "none" => Some(Place::Nowhere),
        text => wrong.division(field, text).map(Place::At),
    }
}

fn papers(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<Vec<String>> {
    /// More than any notice asks for.
    const MOST: usize = 20;
    let papers = circumstances.papers.as_ref()?;
    if papers.shown.len() > MOST {
        wrong.note("papers.shown", format_args!("are more than {MOST}"));
    }
    let shown = papers.shown.iter().take(MOST).enumerate();
    let read = shown.filter_map(|(at, paper)| {
        wrong.text(&format!("papers.shown[{at}]"), paper, 1..=40, |c| !c.is_control())
    });
    Some(read.collect())
}

fn programme_years(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<u32> {
    let years = circumstances.programme_years?;
    if !(1..=8).contains(&years) {
        wrong.note("programme_years", "is not between 1 and 8");
        return None;
    }
    Some(years)
}

/// How many months somebody was in the employee scheme.
fn employee_months(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<u32> {
    /// More than a working life has.
    const MOST: u32 = 720;
    let months = circumstances.employee_months?;
    if months > MOST {
        wrong.note("employee_months", format_args!("are more than {MOST}"));
        return None;
    }
    Some(months)
}

fn known_arrears(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<Money> {
    let arrears = circumstances.known_arrears.as_ref()?;
    let arrears = wrong.money("known_arrears", Some(arrears))?;
    if arrears.is_negative() {
        wrong.note("known_arrears.yuan", "is less than zero");
        return None;
    }
    Some(arrears)
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

fn sex(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<Sex> {
    use registration::Sex as Wire;
    match Wire::try_from(circumstances.sex) {
        Ok(Wire::Unspecified) => None,
        Ok(Wire::Male) => Some(Sex::Male),
        Ok(Wire::Female) => Some(Sex::Female),
        Err(_) => {
            wrong.note("sex", "is not known");
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

fn unemployment(wrong: &mut Malformed, circumstances: &Circumstances) -> Option<Unemployment> {
    use registration::UnemploymentBenefit as Wire;
    match Wire::try_from(circumstances.unemployment) {
        Ok(Wire::Unspecified) => None,
        Ok(Wire::None) => Some(Unemployment::None),
        Ok(Wire::Drawing) => Some(Unemployment::Drawing),
        Ok(Wire::Ended) => Some(Unemployment::Ended),
        Err(_) => {
            wrong.note("unemployment", "is not known");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        registration::{Papers, UnemploymentBenefit},
        wire,
    };

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn read(circumstances: &Circumstances) -> (Facts, Malformed) {
        let mut wrong = Malformed::default();
        let of = Enrolment {
            division: Division::from_code(370_685).unwrap(),
            cover_year: CoverYear::new(2025).unwrap(),
            birth: day("1980-01-01"),
            registered_on: Some(day("2024-10-08")),
            died_on: Some(day("2025-03-01")),
        };
        let facts = facts(&mut wrong, "circumstances", circumstances, of);
        (facts, wrong)
    }

    #[test]
    fn what_was_not_given_stays_not_given() {
        let (facts, wrong) = read(&Circumstances::default());
        let expected = Facts {
            cover_year: CoverYear::new(2025),
            birth: Some(day("1980-01-01")),
            registered: Some(day("2024-10-08")),
            died: Some(day("2025-03-01")),
            record: Some(Place::At(Division::from_code(370_685).unwrap())),
            events: Some(Vec::new()),
            ..Facts::default()
        };
        assert_eq!(facts, expected);
        assert!(wrong.is_empty());
    }

    #[test]
    fn what_grounds_classes_and_papers_turn_on_is_read() {
        let none = Some("none".to_owned());
        let circumstances = Circumstances {
            works: Some(false),
            rural: Some(true),
            retired: Some(false),
            employee_benefits: Some(true),
            retirement_age: Some(false),
            unemployment: UnemploymentBenefit::Ended.into(),
            house_division: Some("210881".to_owned()),
            parent_permit_division: none.clone(),
            school_division: none,
            full_time: Some(true),
            papers: Some(Papers { shown: vec!["户口本".to_owned()] }),
            school_registered_on: Some(google::Date { year: 2024, month: 9, day: 30 }),
            ..Circumstances::default()
        };
        let (facts, wrong) = read(&circumstances);
        assert!(wrong.is_empty());
        let flags = (facts.works, facts.rural, facts.retired, facts.employee_benefits, facts.retirement_age);
        assert_eq!(flags, (Some(false), Some(true), Some(false), Some(true), Some(false)));
        assert_eq!((facts.unemployment, facts.full_time), (Some(Unemployment::Ended), Some(true)));
        assert_eq!(facts.house, Some(Place::At(Division::from_code(210_881).unwrap())));
        assert_eq!((facts.parent_permit, facts.school), (Some(Place::Nowhere), Some(Place::Nowhere)));
        assert_eq!(facts.papers, Some(vec!["户口本".to_owned()]));
        assert_eq!(facts.school_registered, Some(day("2024-09-30")));
    }

    #[test]
    fn what_ages_newborns_and_arrears_turn_on_is_read() {
        let circumstances = Circumstances {
            sex: registration::Sex::Female.into(),
            parent_insured: Some(true),
            employee_months: Some(720),
            known_arrears: Some(wire::money(Money::ZERO)),
            ..Circumstances::default()
        };
        let (facts, wrong) = read(&circumstances);
        assert!(wrong.is_empty());
        assert_eq!((facts.sex, facts.parent_insured), (Some(Sex::Female), Some(true)));
        assert_eq!((facts.employee_months, facts.arrears), (Some(720), Some(Money::ZERO)));
    }

    #[test]
    fn no_paper_shown_is_another_thing_than_not_given() {
        let circumstances = Circumstances { papers: Some(Papers::default()), ..Circumstances::default() };
        assert_eq!(read(&circumstances).0.papers, Some(Vec::new()));
    }
}
