//! The contract of rosters.

use std::mem::take;

use canbao_host::{Caller, Failure, entered, once, status, wait_for};
use canbao_policy::{DeclaredIdentity, Notice};
use canbao_proto::{
    rules,
    subsidy::{
        ConfirmRosterRequest, ConfirmRosterResponse, GetRosterProgressRequest, GetRosterProgressResponse,
        ListRosterLinesRequest, ListRosterLinesResponse, ListedRosterLine, RosterMatch, RosterProgress,
        SubmitRosterRequest, SubmitRosterResponse, roster_service_server::RosterService,
    },
    wire::{self, Asked, Malformed},
};
use canbao_types::RosterId;
use tonic::{Request, Response, Status};

use super::{Service, page_token, token};
use crate::{
    roster::certifies,
    store::{self, roster::Fit},
};

mod confirm;
mod submit;

/// The most lines of a roster.
const MOST_LINES: usize = 1_000;

#[tonic::async_trait]
impl RosterService for Service {
    async fn submit_roster(
        &self,
        request: Request<SubmitRosterRequest>,
    ) -> Result<Response<SubmitRosterResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let key = &self.department.secrets.suite_key;
        let (request_id, after, submission) = submit::Submission::read(&id, &request, key)?;
        wait_for(&self.department, &after).await.map_err(status)?;
        let items = submission.lines.len();
        let service = self.clone();
        let submitter = caller.text().to_owned();
        let (id_if_new, today) = (RosterId::new(), self.department.clock.today());
        once(&self.department, &caller, ("SubmitRoster", request_id, &request), items, move |unit| {
            submit::submit(&service, unit, id_if_new, &submission, (&submitter, today))
        })
        .await
    }

    async fn confirm_roster(
        &self,
        request: Request<ConfirmRosterRequest>,
    ) -> Result<Response<ConfirmRosterResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let after = wrong.after(&request.after);
        let roster = request.roster_id.parse::<RosterId>();
        let roster = roster.map_err(|problem| wrong.note("roster_id", problem)).ok();
        if request.lines.len() > MOST_LINES {
            wrong.note("lines", format_args!("are more than {MOST_LINES}"));
        }
        let on = wrong.date("confirmed_on", request.confirmed_on);
        let (Some(request_id), Some(roster), Some(on), true) = (request_id, roster, on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let items = if request.lines.is_empty() { MOST_LINES } else { request.lines.len() };
        let service = self.clone();
        let (lines, confirmer) = (request.lines.clone(), caller.clone());
        let today = self.department.clock.today();
        once(&self.department, &caller, ("ConfirmRoster", request_id, &request), items, move |unit| {
            confirm::confirm(&service, unit, (roster, &confirmer), &lines, (on, today))
        })
        .await
    }

    async fn list_roster_lines(
        &self,
        request: Request<ListRosterLinesRequest>,
    ) -> Result<Response<ListRosterLinesResponse>, Status> {
        let (caller, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let size = wrong.page_size(request.page_size);
        let from = page_token(&mut wrong, &request.page_token);
        let (Some(Asked { after, books }), Some(size), Some(mut from), true) =
            (asked, size, from, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (division, cover_year) = books;
        let notice = self.notices.find(division, cover_year);
        let shown = |declared: &&DeclaredIdentity| {
            let asked = request.identity.is_empty() || *declared.name == *request.identity;
            asked && (sees_all(&caller) || certifies(declared, caller.text()))
        };
        let identities = notice.map(Notice::identities).unwrap_or_default().iter().filter(shown);
        let identities: Vec<_> = identities.map(|declared| declared.name.clone()).collect();
        // The page before ended within one of them: those before it are done.
        let begun = match identities.iter().position(|name| **name == *from.1) {
            Some(begun) => begun,
            None if request.page_token.is_empty() => 0,
            None => {
                wrong.note("page_token", "is none of this list");
                return Err(wrong.status());
            }
        };
        let page = self.department.store.read_page(move |view| {
            let mut lines = Vec::new();
            let mut next_page_token = String::new();
            for identity in identities.iter().skip(begun) {
                let room = size - lines.len() as u32;
                let of = (division, cover_year, &**identity);
                let found = store::roster::list(view, of, request.missing_only, (&from.0, room))?;
                from.0 = [0; 16];
                let last = found.last().filter(|_| found.len() == room as usize);
                if let Some(last) = last {
                    next_page_token = token(last.person_key.as_bytes(), identity);
                }
                lines.extend(found.into_iter().map(listed));
                if !next_page_token.is_empty() {
                    break;
                }
            }
            Ok::<_, Failure>(ListRosterLinesResponse { lines, next_page_token })
        });
        page.await.map(Response::new).map_err(status)
    }

    async fn get_roster_progress(
        &self,
        request: Request<GetRosterProgressRequest>,
    ) -> Result<Response<GetRosterProgressResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let (Some(Asked { after, books }), true) = (asked, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (division, cover_year) = books;
        let today = self.department.clock.today();
        let declared = self.notices.find(division, cover_year).map(Notice::identities).unwrap_or_default();
        let declared = declared.to_vec();
        let progress = self.department.store.read_page(move |view| {
            let mut progress = Vec::new();
            for (name, group, members) in counted(&declared) {
                let heads = store::roster::heads(view, (division, cover_year), members, today)?;
                progress.extend(heads.map(|heads| RosterProgress {
                    identity: name.to_owned(),
                    group,
                    listed: heads.listed,
                    registered: heads.registered,
                    counted: heads.counted,
                    insured: heads.insured,
                    missing: heads.listed - heads.insured,
                }));
            }
            Ok::<_, Failure>(GetRosterProgressResponse { progress })
        });
        progress.await.map(Response::new).map_err(status)
    }
}

/// Medical insurance confirms the lists of all and an auditor looks at all; everybody else is shown its own.
fn sees_all(caller: &Caller) -> bool {
    matches!(caller.identity(), rules::Caller::MedicalInsurance | rules::Caller::Auditor)
}

/// What is counted: each identity, then each group, with the identities it is made of.
fn counted(declared: &[DeclaredIdentity]) -> Vec<(&str, bool, Vec<&str>)> {
    let mut counted: Vec<_> =
        declared.iter().map(|identity| (&*identity.name, false, vec![&*identity.name])).collect();
    let groups = counted.len();
    for identity in declared {
        for group in &identity.groups {
            match counted[groups..].iter_mut().find(|(name, ..)| *name == &**group) {
                Some((.., members)) => members.push(&identity.name),
                None => counted.push((group, true, vec![&identity.name])),
            }
        }
    }
    counted
}

fn listed(shown: store::roster::Shown) -> ListedRosterLine {
    let (fit, resident_id) = match shown.fit {
        Fit::Nobody => (RosterMatch::Unmatched, String::new()),
        Fit::Resident(id) => (RosterMatch::Matched, id.to_string()),
        Fit::OtherName => (RosterMatch::NameDiffers, String::new()),
    };
    ListedRosterLine {
        identity: shown.line.identity,
        masked_number: shown.masked_number,
        r#match: fit.into(),
        resident_id,
        confirmed: shown.line.confirmed_on.is_some(),
        insured: shown.insured,
        recognised_on: Some(wire::date(shown.line.recognised_on)),
        roster_id: shown.place.0.to_string(),
        line: shown.place.1,
    }
}
