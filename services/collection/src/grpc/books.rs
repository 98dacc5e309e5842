//! The ledger, the lists, and how far the collection has come.

use std::{collections::BTreeMap, mem::take};

use canbao_host::{Failure, entered, once, status, wait_for};
use canbao_policy::{Notice, Target};
use canbao_proto::{
    Enrolment,
    collection::{
        DueState, GetBooksRequest, GetBooksResponse, GetProgressRequest, GetProgressResponse,
        ListContributionsRequest, ListContributionsResponse, ListPaymentsRequest, ListPaymentsResponse,
        SetTasksRequest, SetTasksResponse, TargetProgress, TownshipTask, books_service_server::BooksService,
    },
    stored_facts,
    wire::{self, Malformed},
};
use canbao_store::View;
use canbao_types::{Date, Money};
use tonic::{Request, Response, Status};

use super::{Collection, contribution::known, notice};
use crate::{
    contribution,
    progress::{self, Counted, Heads},
    show,
    store::books::{self, Books, ListedRow},
};

/// At most so many townships in one request.
const MOST_TOWNSHIPS: usize = 1_000;
/// More than the people of any township.
const MOST_HEADS: u64 = 1_000_000_000;

#[tonic::async_trait]
impl BooksService for Collection {
    async fn set_tasks(
        &self,
        request: Request<SetTasksRequest>,
    ) -> Result<Response<SetTasksResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let tasks = read_tasks(&mut wrong, &request.division, &request.tasks);
        let (Some(request_id), Some(asked), true) = (request_id, asked, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (notices, items) = (self.notices.clone(), tasks.len());
        let today = self.department.clock.today();
        once(&self.department, &caller, ("SetTasks", request_id, &request), items, move |unit| {
            notice(&notices, asked.books, today)?;
            books::set_tasks(unit, &asked.books, &tasks)?;
            Ok(SetTasksResponse { task_heads: tasks.iter().map(|(_, heads)| heads).sum() })
        })
        .await
    }

    async fn get_progress(
        &self,
        request: Request<GetProgressRequest>,
    ) -> Result<Response<GetProgressResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let up_to = request.up_to.and_then(|day| wrong.date("up_to", Some(day)));
        let (Some(asked), true) = (asked, wrong.is_empty()) else { return Err(wrong.status()) };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let told = self.department.store.read(move |view| {
            let notice = notice(&notices, asked.books, today)?;
            let townships = books::townships(view, &asked.books, up_to)?;
            let mut targets = Vec::new();
            for target in notice.targets() {
                targets.extend(standings(view, &asked.books, (notice, target), up_to)?);
            }
            let total = Some(show::books::total(&townships));
            let townships = townships.into_iter().map(show::books::township).collect();
            Ok::<_, Failure>(GetProgressResponse { townships, total, targets })
        });
        told.await.map(Response::new).map_err(status)
    }

    async fn get_books(
        &self,
        request: Request<GetBooksRequest>,
    ) -> Result<Response<GetBooksResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let (Some(asked), true) = (asked, wrong.is_empty()) else { return Err(wrong.status()) };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let told = self.department.store.read(move |view| {
            let totals = books::totals(view, &asked.books)?;
            let accounts = books::accounts(view, &asked.books)?;
            Ok::<_, Failure>(GetBooksResponse {
                accounts: accounts.into_iter().map(show::books::account).collect(),
                settled: totals.settled,
                standard_total: Some(wire::money(totals.standard)),
                paid_total: Some(wire::money(totals.paid)),
                aided_total: Some(wire::money(totals.aided)),
                // Whom the notice asks for nothing is insured by registration, and stands in no settled row.
                waived_total: Some(wire::money(Money::ZERO)),
            })
        });
        told.await.map(Response::new).map_err(status)
    }

    async fn list_contributions(
        &self,
        request: Request<ListContributionsRequest>,
    ) -> Result<Response<ListContributionsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let township = wrong.township("township", &request.township);
        let state = DueState::try_from(request.state).map_err(|_| wrong.note("state", "is not known")).ok();
        let page = wrong.page(request.page_size, &request.page_token);
        let (Some(asked), Some(township), Some(state), Some(page), true) =
            (asked, township, state, page, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let settled = (state != DueState::Unspecified).then_some(state == DueState::Settled);
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let listed = self.department.store.read(move |view| {
            let notice = notices.in_force(asked.books.0, asked.books.1, today).map(|notice| (notice, today));
            let rows =
                books::contributions(view, &asked.books, (&township, settled), (&page.from, page.size))?;
            let next_page_token = wire::page_token(rows.iter().map(|row| row.resident.as_bytes()), page.size);
            let mut contributions = Vec::with_capacity(rows.len());
            for row in rows {
                let found = match row.settled {
                    Some(_) => DueState::Settled,
                    None => unsettled(view, &asked.books, &row, notice)?,
                };
                // A page may come out shorter than it is long; its token says whether it is the last.
                if state == DueState::Unspecified || state == found {
                    contributions.push(show::books::contribution(row, found));
                }
            }
            Ok::<_, Failure>(ListContributionsResponse { contributions, next_page_token })
        });
        listed.await.map(Response::new).map_err(status)
    }

    async fn list_payments(
        &self,
        request: Request<ListPaymentsRequest>,
    ) -> Result<Response<ListPaymentsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let channel = match request.channel.as_str() {
            "" => Some(String::new()),
            name => wrong.channel("channel", name),
        };
        let size = wrong.page_size(request.page_size);
        // The names of channels hold no slash.
        let token = request.page_token.as_str();
        let from =
            if token.is_empty() { Some((request.channel.as_str(), "")) } else { token.split_once('/') };
        let from = from.map(|(channel, last)| (channel.to_owned(), last.to_owned()));
        if from.is_none() {
            wrong.note("page_token", "is not one of ours");
        }
        let (Some(asked), Some(channel), Some(size), Some(from), true) =
            (asked, channel, size, from, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let listed = self.department.store.read(move |view| {
            let from = (from.0.as_str(), from.1.as_str());
            let rows = books::payments(view, &asked.books, &channel, (from, size))?;
            let last = rows.last().filter(|_| rows.len() >= size as usize);
            let next_page_token = last.map(|row| format!("{}/{}", row.channel, row.transaction));
            let payments = rows.into_iter().map(show::books::payment).collect();
            let next_page_token = next_page_token.unwrap_or_default();
            Ok::<_, Failure>(ListPaymentsResponse { payments, next_page_token })
        });
        listed.await.map(Response::new).map_err(status)
    }
}

/// The task numbers: each township once, and of this division.
fn read_tasks(wrong: &mut Malformed, division: &str, tasks: &[TownshipTask]) -> Vec<(String, u64)> {
    if !(1..=MOST_TOWNSHIPS).contains(&tasks.len()) {
        wrong.note("tasks", "must be 1 to 1,000");
    }
    let mut read = BTreeMap::new();
    for (at, task) in tasks.iter().enumerate().take(MOST_TOWNSHIPS) {
        wrong.within(format_args!("tasks[{at}]"), |wrong| {
            let Some(township) = wrong.township("township", &task.township) else { return };
            if township.is_empty() || !township.starts_with(division) {
                wrong.note("township", "is not one of the division");
            }
            if !(1..=MOST_HEADS).contains(&task.task_heads) {
                wrong.note("task_heads", "must be 1 to 1,000,000,000");
            }
            if read.insert(township, task.task_heads).is_some() {
                wrong.note("township", "stands twice");
            }
        });
    }
    read.into_iter().collect()
}

/// How a target stands, when it can be measured here.
fn standings(
    view: &View,
    books: &Books,
    (notice, target): (&Notice, &Target),
    up_to: Option<Date>,
) -> Result<Vec<TargetProgress>, Failure> {
    let Some(counted) = progress::counted(target) else { return Ok(Vec::new()) };
    let to = progress::measured_to(target, up_to);
    let townships = books::townships(view, books, to)?;
    let mut heads: Vec<_> = townships
        .into_iter()
        .map(|row| Heads { township: row.township, task: row.task_heads, count: row.settled })
        .collect();
    if counted == Counted::Enrolled && heads.iter().any(|heads| heads.task > 0) {
        let free = insured_by_registration(view, books, notice, to)?;
        for heads in &mut heads {
            heads.count += free.get(&heads.township).copied().unwrap_or_default();
        }
    }
    let standings = progress::standings(target, &heads);
    Ok(standings.into_iter().map(|standing| show::books::target(target, standing)).collect())
}

/// Of how many people of each township the notice asks for nothing, so that they are insured by registration alone.
fn insured_by_registration(
    view: &View,
    &(division, year): &Books,
    notice: &Notice,
    up_to: Option<Date>,
) -> Result<BTreeMap<String, u64>, Failure> {
    let found = books::unsettled(view, &(division, year), up_to, |row| {
        let of = Enrolment {
            division,
            cover_year: year,
            birth: row.birth,
            registered_on: Some(row.registered_on),
            died_on: row.died_on,
        };
        let facts = stored_facts(&row.circumstances, of).map_err(Failure::corrupt)?;
        let free = progress::insured_by_registration(facts, row.registered_on, notice);
        Ok::<_, Failure>(free.then_some(row.township))
    })?;
    let mut free = BTreeMap::new();
    for township in found {
        if let Some(township) = township? {
            *free.entry(township).or_default() += 1;
        }
    }
    Ok(free)
}

/// What stands between a contribution and being settled.
fn unsettled(
    view: &View,
    &(division, year): &Books,
    row: &ListedRow,
    in_force: Option<(&Notice, Date)>,
) -> Result<DueState, Failure> {
    let known = known(view, &(division, year, row.resident))?;
    let (Some(known), Some((notice, today))) = (known, in_force) else {
        return Ok(DueState::PersonMustDecide);
    };
    Ok(match contribution::due(&known, notice, (today, "")) {
        Ok(due) if due.due.is_zero() => DueState::NothingDue,
        Ok(_) => DueState::Payable,
        Err(refusal) if refusal.needs_tier() => DueState::TierNeeded,
        // Also where a fact is missing: somebody has to ask for it.
        Err(_) => DueState::PersonMustDecide,
    })
}
