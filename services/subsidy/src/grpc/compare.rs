//! The way of a comparison of notices: the residents are read page by page as the caller takes the answers, then both notices
//! are asked about everybody. Whoever goes away drops the stream, and with it everything that was read.

use std::pin::Pin;

use canbao_host::{Failure, status, wait_for};
use canbao_policy::population::{Population, compare};
use canbao_policy::{Facts, Notice};
use canbao_proto::subsidy::{
    CompareNoticesRequest, CompareNoticesResponse, ComparisonProgress, compare_notices_request::Against,
    compare_notices_response::Step,
};
use canbao_proto::wire::{Asked, Malformed};
use canbao_types::{CoverYear, Division};
use futures_util::stream::{Stream, try_unfold};
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};
use tonic::Status;

use super::{Service, comparison};
use crate::{reactions, refusal::Refusal, store::registered};

/// Residents read at once.
const PAGE: u32 = 1_000;

/// What a caller is sent, one after another.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<CompareNoticesResponse, Status>> + Send>>;

/// A comparison under way.
pub(super) struct Comparing {
    service: Service,
    books: (Division, CoverYear),
    notices: [Notice; 2],
    population: Population,
    all: u64,
    /// The resident read last; none when the last one was.
    after: Option<[u8; 16]>,
    /// Given back when the comparison ends, or nobody wants it any more.
    place: OwnedSemaphorePermit,
}

impl Service {
    /// Reads what is to be compared, and takes a place for it.
    pub(super) async fn comparing(&self, request: CompareNoticesRequest) -> Result<Comparing, Status> {
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let against = against(&mut wrong, request.against).await?;
        let (Some(Asked { after, books }), Some(against), true) = (asked, against, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let first = self.served(books)?;
        let second = match against {
            Compared::Served(division, year) => self.served((division, year))?,
            Compared::Draft(notice) => *notice,
        };
        let place = self.comparisons.clone().try_acquire_owned();
        let place = place.map_err(|_| status(Refusal::TooManyComparisons.into()))?;
        let all =
            self.department.store.read_page(move |view| Ok::<_, Failure>(registered::count(view, books)?));
        let all = all.await.map_err(status)?;
        let (notices, population) = ([first, second], Population::new());
        Ok(Comparing { service: self.clone(), books, notices, population, all, after: Some([0; 16]), place })
    }

    fn served(&self, (division, year): (Division, CoverYear)) -> Result<Notice, Status> {
        let notice = self.notices.find(division, year).cloned();
        notice.ok_or_else(|| status(Refusal::NoNotice(division, year).into()))
    }
}

/// What the division's own notice is held against.
enum Compared {
    Served(Division, CoverYear),
    Draft(Box<Notice>),
}

async fn against(wrong: &mut Malformed, against: Option<Against>) -> Result<Option<Compared>, Status> {
    match against {
        None => {
            wrong.note("against", "is missing");
            Ok(None)
        }
        Some(Against::Served(served)) => {
            let division = wrong.division("served.notice_division", &served.notice_division);
            let year = wrong.cover_year("served.cover_year", served.cover_year);
            Ok(division.zip(year).map(|(division, year)| Compared::Served(division, year)))
        }
        Some(Against::Draft(text)) => {
            // A notice is compiled once for each of its readings.
            let read = spawn_blocking(move || Notice::parse("draft", &text)).await.map_err(broken)?;
            match read {
                Ok(notice) => Ok(Some(Compared::Draft(Box::new(notice)))),
                Err(problems) => {
                    problems.0.iter().for_each(|problem| wrong.note("draft", problem));
                    Ok(None)
                }
            }
        }
    }
}

/// The answers, each made when it is asked for.
pub(super) fn answers(comparing: Comparing) -> Answers {
    Box::pin(try_unfold(Some(comparing), |under_way| async {
        let Some(comparing) = under_way else { return Ok(None) };
        match comparing.after {
            Some(after) => comparing.read(after).await.map(Some),
            None => comparing.compare().await.map(|answer| Some((answer, None))),
        }
    }))
}

impl Comparing {
    /// Reads one more page.
    async fn read(mut self, after: [u8; 16]) -> Result<(CompareNoticesResponse, Option<Self>), Status> {
        let (books, notice) = (self.books, self.notices[0].clone());
        let page = self.service.department.store.read_page(move |view| {
            let page = registered::page(view, books, &after, PAGE)?;
            let last = page.last().filter(|_| page.len() == PAGE as usize).map(|(id, _)| *id.as_bytes());
            let facts = page.iter().map(|(id, registered)| {
                reactions::facts_of(view, &(books.0, books.1, *id), registered, &notice)
            });
            Ok::<_, Failure>((facts.collect::<Result<Vec<Facts>, Failure>>()?, last))
        });
        let (facts, last) = page.await.map_err(status)?;
        for facts in facts {
            // Each notice is asked about its own year.
            self.population.push(Facts { cover_year: None, ..facts });
        }
        self.after = last;
        let read = self.population.len() as u64;
        let progress = ComparisonProgress { read, all: self.all.max(read) };
        Ok((CompareNoticesResponse { step: Some(Step::Progress(progress)) }, Some(self)))
    }

    async fn compare(self) -> Result<CompareNoticesResponse, Status> {
        let Self { population, notices: [first, second], place, .. } = self;
        let compared = spawn_blocking(move || {
            let _held = place;
            compare(&population, &first, &second)
        });
        let compared = compared.await.map_err(broken)?;
        let shown = comparison::shown(&compared);
        let shown = shown.ok_or_else(|| status(Failure::Fault("a sum beyond all money".to_owned())))?;
        Ok(CompareNoticesResponse { step: Some(Step::Comparison(shown)) })
    }
}

fn broken(error: tokio::task::JoinError) -> Status {
    status(Failure::Fault(format!("comparing notices: {error}")))
}
