//! A roster is submitted.

use canbao_host::Failure;
use canbao_proto::{
    subsidy::{RosterLine, RosterLineOutcome, RosterMatch, SubmitRosterRequest, SubmitRosterResponse},
    wire::{self, After, Malformed},
};
use canbao_store::Unit;
use canbao_types::{CoverYear, Date, Division, Name, RequestId, ResidentId, RosterId, SuiteKey};
use tonic::Status;

use super::MOST_LINES;
use crate::{
    NAME,
    grpc::{Service, not_in_future},
    identity::Line,
    reactions::recompute,
    refusal::Refusal,
    roster,
    store::{
        self,
        roster::{Listed, Roster},
    },
};

/// A roster, well-formed but for single lines; a line that is not says what is wrong with it.
pub(super) struct Submission {
    division: Division,
    cover_year: CoverYear,
    identity: String,
    submitted_on: Date,
    declared: u32,
    pub(super) lines: Vec<Result<Listed, String>>,
}

impl Submission {
    /// Reads a request; numbers and names are keys from here on.
    pub(super) fn read(
        id: &str,
        request: &SubmitRosterRequest,
        key: &SuiteKey,
    ) -> Result<(RequestId, Vec<After>, Self), Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let after = wrong.after(&request.after);
        let division = wrong.division("division", &request.division);
        let cover_year = wrong.cover_year("cover_year", request.cover_year);
        let identity = wrong.text("identity", &request.identity, 1..=40, |c| !c.is_control());
        let submitted_on = wrong.date("submitted_on", request.submitted_on);
        if !(1..=MOST_LINES).contains(&request.lines.len()) {
            wrong.note("lines", format_args!("must be 1 to {MOST_LINES}"));
        }
        let (Some(request_id), Some(division), Some(cover_year), Some(identity), Some(submitted_on), true) =
            (request_id, division, cover_year, identity, submitted_on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        let read = |line| {
            let mut wrong = Malformed::default();
            let listed = listed(&mut wrong, line, (&identity, submitted_on), key);
            listed.filter(|_| wrong.is_empty()).ok_or_else(|| wrong.status().message().to_owned())
        };
        let lines = request.lines.iter().map(read).collect();
        let declared = request.declared_count;
        Ok((request_id, after, Self { division, cover_year, identity, submitted_on, declared, lines }))
    }
}

/// One line of a roster of an identity, submitted on a day.
fn listed(
    wrong: &mut Malformed,
    line: &RosterLine,
    (identity, listed_on): (&str, Date),
    key: &SuiteKey,
) -> Option<Listed> {
    let document = wrong.document("document", line.document.as_ref());
    let name = Name::parse(&line.name).map_err(|problem| wrong.note("name", problem)).ok();
    let recognised_on = wrong.date("recognised_on", line.recognised_on);
    if recognised_on.is_some_and(|recognised_on| recognised_on > listed_on) {
        wrong.note("recognised_on", "is after the day of the roster");
    }
    let mut given = |field: &str, day: Option<_>| day.and_then(|day| wrong.date(field, Some(day)));
    let certificate_on = given("certificate_on", line.certificate_on);
    let rated_on = given("rated_on", line.rated_on);
    let ended_on = given("ended_on", line.ended_on);
    if ended_on.zip(recognised_on).is_some_and(|(ended_on, recognised_on)| ended_on < recognised_on) {
        wrong.note("ended_on", "is before the day it was recognised");
    }
    let kind = wrong.text("kind", &line.kind, 0..=40, |c| !c.is_control());
    if line.grade.is_some_and(|grade| !(1..=10).contains(&grade)) {
        wrong.note("grade", "is not between 1 and 10");
    }
    let (document, name, recognised_on, kind) = (document?, name?, recognised_on?, kind?);
    Some(Listed {
        person_key: key.person_key(&document),
        name_key: key.name_key(&document, &name),
        masked_number: document.masked(),
        line: Line {
            identity: identity.to_owned(),
            listed_on,
            recognised_on,
            certificate_on,
            rated_on,
            kind: Some(kind).filter(|kind| !kind.is_empty()),
            grade: line.grade,
            poor: line.poor,
            ended_on,
            confirmed_on: None,
        },
    })
}

/// The unit of work of a roster.
pub(super) fn submit(
    service: &Service,
    unit: &mut Unit,
    id: RosterId,
    submission: &Submission,
    (submitter, today): (&str, Date),
) -> Result<SubmitRosterResponse, Failure> {
    let &Submission { division, cover_year, ref identity, submitted_on, declared, ref lines } = submission;
    let notice = service.notices.in_force(division, cover_year, submitted_on);
    let notice = notice.ok_or(Refusal::NoNotice(division, cover_year))?;
    roster::admit(notice, identity, submitter)?;
    not_in_future(submitted_on, today)?;
    roster::complete(declared, lines.len())?;

    let taken = Roster { division, cover_year, identity: identity.clone() };
    store::roster::insert(unit, id, &taken, (submitter, submitted_on))?;
    let mut response = SubmitRosterResponse { roster_id: id.to_string(), ..SubmitRosterResponse::default() };
    for (place, line) in (0..).zip(lines) {
        let (fit, resident, message) = match line {
            Err(wrong) => (RosterMatch::Refused, None, wrong.clone()),
            Ok(listed) => {
                let (fit, resident) = put(service, unit, (division, cover_year), (id, place), listed)?;
                (fit, resident, String::new())
            }
        };
        match fit {
            RosterMatch::Matched => response.matched += 1,
            RosterMatch::Unmatched => response.unmatched += 1,
            RosterMatch::NameDiffers => response.name_differs += 1,
            RosterMatch::Repeated => response.repeated += 1,
            RosterMatch::Refused | RosterMatch::Unspecified => response.refused += 1,
        }
        let resident_id = resident.map(|id| id.to_string()).unwrap_or_default();
        response.outcomes.push(RosterLineOutcome { r#match: fit.into(), resident_id, message });
    }
    response.position = Some(wire::position(NAME, unit.position()));
    Ok(response)
}

/// Puts one line where it belongs. Whoever is registered under the document is judged anew, also under another name: the
/// line before this one may have had the right one.
fn put(
    service: &Service,
    unit: &mut Unit,
    of: (Division, CoverYear),
    place: (RosterId, u32),
    listed: &Listed,
) -> Result<(RosterMatch, Option<ResidentId>), Failure> {
    store::roster::put_place(unit, of, place, &listed.person_key)?;
    let person = (&listed.person_key, listed.line.identity.as_str());
    let known = store::roster::line(unit, of, person)?;
    let registered = store::registered::under(unit, &listed.person_key, of)?;
    let matched = registered.filter(|(_, name_key)| *name_key == listed.name_key).map(|(id, _)| id);
    let says_nothing_new = |known: Listed| {
        let same_name = known.name_key == listed.name_key;
        roster::is_older(&listed.line, &known.line) || same_name && roster::repeats(&listed.line, &known.line)
    };
    if known.is_some_and(says_nothing_new) {
        return Ok((RosterMatch::Repeated, matched));
    }
    store::roster::put_line(unit, of, place, listed)?;
    if let Some((resident, _)) = registered {
        recompute(unit, &(of.0, of.1, resident), &service.notices)?;
    }
    let fit = match (matched, registered) {
        (Some(_), _) => RosterMatch::Matched,
        (None, Some(_)) => RosterMatch::NameDiffers,
        (None, None) => RosterMatch::Unmatched,
    };
    Ok((fit, matched))
}
