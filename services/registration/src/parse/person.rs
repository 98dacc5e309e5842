//! A person to register, and a document.

use canbao_policy::Facts;
use canbao_proto::{
    facts, google,
    registration::{Circumstances, RegisterResidentRequest, RosterPerson, Sex},
    wire::{self, Malformed},
};
use canbao_types::{Date, Document, IdentityNumber, Name};
use tonic::Status;

use super::{Asked, Place, asked, place, whole};

/// Somebody to register.
pub(crate) struct Person {
    pub(crate) document: Document,
    pub(crate) name: Name,
    pub(crate) birth: Date,
    pub(crate) circumstances: Circumstances,
    pub(crate) township: String,
}

pub(crate) fn registering(
    id: &str,
    request: &RegisterResidentRequest,
) -> Result<(Asked, Place, Person), Status> {
    let mut wrong = Malformed::default();
    let asked = asked(&mut wrong, id, &request.after);
    let on = ("registered_on", request.registered_on);
    let place = place(&mut wrong, (&request.division, request.cover_year), on);
    let alone = RosterPerson {
        document: request.document.clone(),
        name: request.name.clone(),
        birth_date: request.birth_date,
        circumstances: request.circumstances.clone(),
        township: request.township.clone(),
    };
    let person = person(&mut wrong, &alone, place);
    whole(wrong, asked.zip(place).zip(person).map(|((asked, place), person)| (asked, place, person)))
}

/// A person to register at a place; where the place is malformed, what can be read without it.
pub(crate) fn person(wrong: &mut Malformed, person: &RosterPerson, place: Option<Place>) -> Option<Person> {
    let document = wrong.document("document", person.document.as_ref());
    let name = name(wrong, &person.name);
    let birth = document.as_ref().and_then(|document| birth(wrong, document, person.birth_date));
    if birth.zip(place).is_some_and(|(birth, place)| birth > place.on) {
        wrong.note("document.number", "is of somebody who was born after the registration");
    }
    let circumstances = person.circumstances.clone().unwrap_or_default();
    if let (Some(place), Some(birth)) = (place, birth) {
        let facts = facts(wrong, "circumstances", &circumstances, place.of(birth));
        school_came_first(wrong, &facts, place);
    }
    if let Some(document) = &document {
        of_its_sex(wrong, &circumstances, document);
    }
    let township = township(wrong, &person.township, place);
    Some(Person { document: document?, name: name?, birth: birth?, circumstances, township: township? })
}

/// A school has registered nobody after the day of the registration.
pub(super) fn school_came_first(wrong: &mut Malformed, facts: &Facts, place: Place) {
    if facts.school_registered.is_some_and(|day| day > place.on) {
        wrong.note("circumstances.school_registered_on", "is after the registration");
    }
}

pub(super) fn name(wrong: &mut Malformed, text: &str) -> Option<Name> {
    Name::parse(text).map_err(|problem| wrong.note("name", problem)).ok()
}

/// Nine digits that begin with the division's six, or none.
pub(super) fn township(wrong: &mut Malformed, text: &str, place: Option<Place>) -> Option<String> {
    let township = wrong.township("township", text)?;
    let inside = |place: Place| {
        township.get(..6).and_then(|code| code.parse().ok()).is_some_and(|code| place.division.contains(code))
    };
    if !township.is_empty() && place.is_some_and(|place| !inside(place)) {
        wrong.note("township", "lies in another division");
        return None;
    }
    Some(township)
}

/// The birth date stands in an identity number; with a birth certificate it must be given.
fn birth(wrong: &mut Malformed, document: &Document, given: Option<google::Date>) -> Option<Date> {
    match document.identity_number() {
        None => wrong.date("birth_date", given),
        Some(number) => {
            let given = given.and_then(|date| wrong.date("birth_date", Some(date)));
            if given.is_some_and(|given| given != number.birth()) {
                wrong.note("birth_date", "is not the one in the number");
            }
            Some(number.birth())
        }
    }
}

/// The sex stands in an identity number, so no other is given with one.
pub(super) fn of_its_sex(wrong: &mut Malformed, circumstances: &Circumstances, document: &Document) {
    let (given, known) = (circumstances.sex(), document.identity_number().map(IdentityNumber::sex));
    if given != Sex::Unspecified && known.is_some_and(|known| given != wire::sex(known)) {
        wrong.note("circumstances.sex", "is not the one in the number");
    }
}

/// Whether a birth date that was given is the one that is known.
pub(crate) fn born(given: Date, known: Date) -> Result<(), Status> {
    let mut wrong = Malformed::default();
    if given != known {
        wrong.note("birth_date", "is not the one that is known");
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.status()) }
}

/// Whether a new document can be this resident's: a number carries the birth date that is known.
pub(crate) fn fits(document: &Document, birth: Date) -> Result<(), Status> {
    let mut wrong = Malformed::default();
    if document.identity_number().is_some_and(|number| number.birth() != birth) {
        wrong.note("document.number", "carries another birth date than the one that is known");
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.status()) }
}
