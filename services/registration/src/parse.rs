//! From requests to words: everything that is malformed is noted, and nothing else is decided.

use canbao_proto::{
    Enrolment,
    common::{self, resident_reference::Reference},
    facts, google,
    registration::{
        AssessLatePaymentRequest, ChangeDocumentRequest, Circumstances, EndCause, EndRegistrationRequest,
        ListRegistrationsRequest, MoveRegistrationRequest, RegistrationStatus,
    },
    wire::{self, After, Malformed, Resident},
};
use canbao_types::{CoverYear, Date, Division, Document, Money, Name, RequestId, SuiteKey};
use tonic::Status;

use crate::store::Page;

mod cover;
mod person;

pub(crate) use cover::cover_line;
pub(crate) use person::{Person, born, fits, person, registering};
use person::{name, of_its_sex, school_came_first, township};

/// The most lines a list may have.
const MOST_LINES: usize = 1_000;

/// Which request it is, and what must have been heard of before it is judged.
pub(crate) struct Asked {
    pub(crate) request_id: RequestId,
    pub(crate) after: Vec<After>,
}

/// A division, a coverage year and the date that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) on: Date,
}

impl Place {
    /// The enrolment of somebody who was born on a day and is registered now.
    pub(crate) fn of(self, birth: Date) -> Enrolment {
        let Self { division, cover_year, on } = self;
        Enrolment { division, cover_year, birth, registered_on: Some(on), died_on: None }
    }
}

/// A move.
pub(crate) struct Moving {
    pub(crate) resident: Resident,
    pub(crate) place: Place,
    /// None: those that were given before.
    pub(crate) circumstances: Option<Circumstances>,
    pub(crate) township: String,
}

/// A change of document.
pub(crate) struct Changing {
    pub(crate) resident: Resident,
    pub(crate) document: Document,
    pub(crate) name: Name,
    pub(crate) on: Date,
}

/// An end.
pub(crate) struct Ending {
    pub(crate) resident: Resident,
    pub(crate) place: Place,
    pub(crate) cause: EndCause,
}

/// A late payment to assess.
pub(crate) struct Assessing {
    pub(crate) resident: Resident,
    pub(crate) place: Place,
    pub(crate) decided: Option<Money>,
    pub(crate) because: String,
}

/// What a whole request is read into, or all that is wrong with it.
fn whole<T>(wrong: Malformed, read: Option<T>) -> Result<T, Status> {
    match read {
        Some(read) if wrong.is_empty() => Ok(read),
        _ => Err(wrong.status()),
    }
}

pub(crate) fn asked(wrong: &mut Malformed, id: &str, after: &[common::LogPosition]) -> Option<Asked> {
    let request_id = wrong.request_id("request_id", id);
    let after = wrong.after(after);
    Some(Asked { request_id: request_id?, after })
}

pub(crate) fn place(
    wrong: &mut Malformed,
    (division, cover_year): (&str, i32),
    (field, on): (&str, Option<google::Date>),
) -> Option<Place> {
    let division = wrong.division("division", division);
    let cover_year = wrong.cover_year("cover_year", cover_year);
    let on = wrong.date(field, on);
    Some(Place { division: division?, cover_year: cover_year?, on: on? })
}

/// The lines of a list, from one to a thousand.
pub(crate) fn lines<T>(wrong: &mut Malformed, field: &str, lines: &[T]) {
    if !(1..=MOST_LINES).contains(&lines.len()) {
        wrong.note(field, format_args!("must have 1 to {MOST_LINES} lines"));
    }
}

/// One line by itself; what is wrong with it as one text.
pub(crate) fn line<T>(read: impl FnOnce(&mut Malformed) -> Option<T>) -> Result<T, String> {
    let mut wrong = Malformed::default();
    let line = read(&mut wrong);
    whole(wrong, line).map_err(|status| status.message().to_owned())
}

pub(crate) fn moving(
    id: &str,
    request: &MoveRegistrationRequest,
    key: &SuiteKey,
) -> Result<(Asked, Moving), Status> {
    let mut wrong = Malformed::default();
    let asked = asked(&mut wrong, id, &request.after);
    let resident = wrong.resident("resident", request.resident.as_ref(), key);
    let on = ("moved_on", request.moved_on);
    let place = place(&mut wrong, (&request.division, request.cover_year), on);
    if let (Some(circumstances), Some(place)) = (&request.circumstances, place) {
        // Whether they can be read does not hang on the birth date, which is not given here.
        let facts = facts(&mut wrong, "circumstances", circumstances, place.of(place.on));
        school_came_first(&mut wrong, &facts, place);
    }
    if let (Some(circumstances), Some(document)) = (&request.circumstances, named_by(&request.resident)) {
        of_its_sex(&mut wrong, circumstances, &document);
    }
    let township = township(&mut wrong, &request.township, place);
    let moving = (|| {
        let circumstances = request.circumstances.clone();
        Some(Moving { resident: resident?, place: place?, circumstances, township: township? })
    })();
    whole(wrong, asked.zip(moving))
}

/// The document by which a resident is named; what is wrong with it is noted where the resident is read.
fn named_by(resident: &Option<common::ResidentReference>) -> Option<Document> {
    match resident.as_ref()?.reference.as_ref()? {
        Reference::Document(document) => Malformed::default().document("resident", Some(document)),
        Reference::ResidentId(_) => None,
    }
}

pub(crate) fn changing(
    id: &str,
    request: &ChangeDocumentRequest,
    key: &SuiteKey,
) -> Result<(Asked, Changing), Status> {
    let mut wrong = Malformed::default();
    let asked = asked(&mut wrong, id, &request.after);
    let resident = wrong.resident("resident", request.resident.as_ref(), key);
    let document = wrong.document("document", request.document.as_ref());
    let name = name(&mut wrong, &request.name);
    let on = wrong.date("changed_on", request.changed_on);
    let changing = (|| Some(Changing { resident: resident?, document: document?, name: name?, on: on? }))();
    whole(wrong, asked.zip(changing))
}

pub(crate) fn ending(
    id: &str,
    request: &EndRegistrationRequest,
    key: &SuiteKey,
) -> Result<(Asked, Ending), Status> {
    let mut wrong = Malformed::default();
    let asked = asked(&mut wrong, id, &request.after);
    let resident = wrong.resident("resident", request.resident.as_ref(), key);
    let on = ("ended_on", request.ended_on);
    let place = place(&mut wrong, (&request.division, request.cover_year), on);
    let cause = EndCause::try_from(request.cause).unwrap_or_default();
    if matches!(cause, EndCause::Unspecified | EndCause::Moved) {
        wrong.note("cause", "is missing, not known, or told by a move alone");
    }
    let ending = (|| Some(Ending { resident: resident?, place: place?, cause }))();
    whole(wrong, asked.zip(ending))
}

pub(crate) fn assessing(
    id: &str,
    request: &AssessLatePaymentRequest,
    key: &SuiteKey,
) -> Result<(Asked, Assessing), Status> {
    let mut wrong = Malformed::default();
    let asked = asked(&mut wrong, id, &request.after);
    let resident = wrong.resident("resident", request.resident.as_ref(), key);
    let on = ("assessed_on", request.assessed_on);
    let place = place(&mut wrong, (&request.division, request.cover_year), on);
    let decided = request.decided_amount.as_ref();
    let decided = decided.and_then(|amount| wrong.money("decided_amount", Some(amount)));
    if decided.is_some_and(|amount| amount < Money::ZERO) {
        wrong.note("decided_amount.yuan", "is less than zero");
    }
    if request.decided_amount.is_some() {
        wrong.text("because", &request.because, 1..=200, |c| !c.is_control());
    } else if !request.because.is_empty() {
        wrong.note("because", "is given without a decided amount");
    }
    let because = request.because.clone();
    let assessing = (|| Some(Assessing { resident: resident?, place: place?, decided, because }))();
    whole(wrong, asked.zip(assessing))
}

pub(crate) fn page(request: &ListRegistrationsRequest) -> Result<(Vec<After>, Page), Status> {
    let mut wrong = Malformed::default();
    let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
    let township = wrong.township("township", &request.township);
    let status = RegistrationStatus::try_from(request.status);
    if status.is_err() {
        wrong.note("status", "is not known");
    }
    let page = wrong.page(request.page_size, &request.page_token);
    let page = (|| {
        let (wire::Asked { after, books: (division, cover_year) }, wire::Page { from, size }) =
            (asked?, page?);
        let page =
            Page { division, cover_year, township: township?, status: request.status, after: from, size };
        Some((after, page))
    })();
    whole(wrong, page)
}

/// A division and a coverage year to be looked at.
pub(crate) fn looked_at(
    after: &[common::LogPosition],
    place: (&str, i32),
) -> Result<(Vec<After>, Division, CoverYear), Status> {
    let mut wrong = Malformed::default();
    let asked = wrong.asked(after, place);
    whole(wrong, asked).map(|wire::Asked { after, books: (division, year) }| (after, division, year))
}

/// A resident to be looked at.
pub(crate) fn shown(
    after: &[common::LogPosition],
    resident: Option<&common::ResidentReference>,
    key: &SuiteKey,
) -> Result<(Vec<After>, Resident), Status> {
    let mut wrong = Malformed::default();
    let after = wrong.after(after);
    let resident = wrong.resident("resident", resident, key);
    whole(wrong, resident).map(|resident| (after, resident))
}
