//! The contract of benefits: parse; read; show.

use std::collections::BTreeMap;

use canbao_host::{Department, Failure, entered, status, wait_for};
use canbao_proto::{
    benefits::{
        BenefitPeriod, GetBenefitCountsRequest, GetBenefitCountsResponse, GetCoverageRequest,
        GetCoverageResponse, ListBenefitPeriodsRequest, ListBenefitPeriodsResponse, ListedBenefitPeriod,
        StateCount, WaitCount, benefits_service_server::BenefitsService,
    },
    google, rules,
    wire::{self, Malformed, Resident},
};
use canbao_types::{CoverYear, Date, ResidentId};
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{
    coverage,
    refusal::Refusal,
    show,
    store::{self, StandingRow},
};

/// The service.
pub(crate) struct Benefits {
    pub(crate) department: Department,
}

#[tonic::async_trait]
impl BenefitsService for Benefits {
    async fn get_coverage(
        &self,
        request: Request<GetCoverageRequest>,
    ) -> Result<Response<GetCoverageResponse>, Status> {
        let (caller, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let after = wrong.after(&request.after);
        let resident =
            wrong.resident("resident", request.resident.as_ref(), &self.department.secrets.suite_key);
        let on = wrong.date("on", request.on);
        let (Some(resident), Some(on), true) = (resident, on, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let answer = self.department.store.read(move |view| {
            let id = match resident {
                Resident::Id(id) => Some(id),
                Resident::Key(key) => store::by_key(view, &key)?,
            };
            let (id, year) = id.zip(CoverYear::of(on)).ok_or(Refusal::UnknownResident)?;
            let division = store::division(view, id, year)?.filter(|&division| caller.covers(division));
            let division = division.ok_or(Refusal::UnknownResident)?;
            let found = store::standing(view, &(division, year, id))?;
            let StandingRow { standing, period } = found.ok_or(Refusal::UnknownResident)?;
            let period = period.as_deref().map(stored).transpose()?;
            let coverage = coverage::on(on, standing);
            let period = match caller.identity() {
                rules::Caller::Hospital => period.map(show::to_a_hospital),
                _ => period,
            };
            let message = period.as_ref().and_then(|period| reason(period, on));
            Ok::<_, Failure>(GetCoverageResponse {
                resident_id: id.to_string(),
                state: show::state(coverage).into(),
                message: message.unwrap_or_else(|| coverage.message(standing.days)),
                period: period.filter(|period| period.from.is_some()),
            })
        });
        answer.await.map(Response::new).map_err(status)
    }

    async fn list_benefit_periods(
        &self,
        request: Request<ListBenefitPeriodsRequest>,
    ) -> Result<Response<ListBenefitPeriodsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let page = wrong.page(request.page_size, &request.page_token);
        let (Some(asked), Some(page), true) = (asked, page, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let page = self.department.store.read_page(move |view| {
            let rows = store::periods(view, asked.books, ResidentId::from_bytes(page.from), page.size)?;
            let ids = rows.iter().map(|(id, ..)| id.as_bytes());
            let next_page_token = wire::page_token(ids, page.size);
            let listed = rows.iter().map(|(id, undecided, period)| {
                Ok(ListedBenefitPeriod {
                    resident_id: id.to_string(),
                    period: Some(BenefitPeriod { explanations: Vec::new(), ..stored(period)? }),
                    person_must_decide: *undecided,
                })
            });
            let periods = listed.collect::<Result<_, Failure>>()?;
            Ok::<_, Failure>(ListBenefitPeriodsResponse { periods, next_page_token })
        });
        page.await.map(Response::new).map_err(status)
    }

    async fn get_benefit_counts(
        &self,
        request: Request<GetBenefitCountsRequest>,
    ) -> Result<Response<GetBenefitCountsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let on = wrong.date("on", request.on);
        let (Some(asked), Some(on), true) = (asked, on, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (division, year) = asked.books;
        let counts = self.department.store.read_page(move |view| store::counts(view, division, year));
        counts.await.map(|counts| Response::new(summed(on, &counts))).map_err(|error| status(error.into()))
    }
}

/// Adds up who stands alike on a day.
fn summed(on: Date, counts: &[store::Count]) -> GetBenefitCountsResponse {
    let (mut states, mut waits) = (BTreeMap::new(), BTreeMap::new());
    let (mut insured, mut free) = (0, 0);
    for count in counts {
        *states.entry(coverage::on(on, count.standing)).or_default() += count.residents;
        if count.standing.insured {
            insured += count.residents;
        }
        if count.free {
            free += count.residents;
        }
        if count.wait > (0, 0) {
            *waits.entry(count.wait).or_default() += count.residents;
        }
    }
    let states = states
        .into_iter()
        .map(|(state, residents)| StateCount { state: show::state(state).into(), residents });
    let waits = waits.into_iter().map(|((wait_months, wait_days), residents)| WaitCount {
        wait_months,
        residents,
        wait_days,
    });
    GetBenefitCountsResponse { insured, free, states: states.collect(), waits: waits.collect() }
}

/// Reads a period back as it was written.
fn stored(period: &[u8]) -> Result<BenefitPeriod, Failure> {
    BenefitPeriod::decode(period).map_err(|error| Failure::Fault(format!("a stored period: {error}")))
}

/// What the period says of a day, if anything.
fn reason(period: &BenefitPeriod, on: Date) -> Option<String> {
    let on = wire::date(on);
    let order = |day: &google::Date| (day.year, day.month, day.day);
    let has = |from: &Option<google::Date>, to: &Option<google::Date>| {
        let (Some(from), Some(to)) = (from, to) else { return false };
        (order(from)..=order(to)).contains(&order(&on))
    };
    period.lines.iter().find(|line| has(&line.from, &line.to)).map(|line| line.reason.clone())
}
