//! The contract of benefits: parse; read; show.

use canbao_host::{Department, Failure, status, wait_for};
use canbao_proto::{
    benefits::{
        BenefitPeriod, CoverageState, GetBenefitCountsRequest, GetBenefitCountsResponse, GetCoverageRequest,
        GetCoverageResponse, ListBenefitPeriodsRequest, ListBenefitPeriodsResponse,
        benefits_service_server::BenefitsService,
    },
    wire::{Malformed, Resident},
};
use canbao_types::CoverYear;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{
    coverage::{self, Coverage, Standing},
    refusal::Refusal,
    store,
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
        let request = request.into_inner();
        let mut wrong = Malformed::default();
        let after = wrong.after(&request.after);
        let resident =
            wrong.resident("resident", request.resident.as_ref(), &self.department.secrets.suite_key);
        let on = wrong.date("on", request.on);
        let (Some(resident), Some(on), true) = (resident, on, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let answer = self.department.store.read(|view| {
            let id = match resident {
                Resident::Id(id) => Some(id),
                Resident::Key(key) => store::by_key(view, &key)?,
            };
            let (id, year) = id.zip(CoverYear::of(on)).ok_or(Refusal::UnknownResident)?;
            let division = store::division(view, id, year)?.ok_or(Refusal::UnknownResident)?;
            let row = store::period(view, &(division, year, id))?;
            let period = row.as_ref().map(|row| BenefitPeriod::decode(row.period.as_slice())).transpose();
            let period = period.map_err(|error| Failure::Fault(format!("a stored period: {error}")))?;
            let coverage = coverage::on(
                on,
                Standing {
                    settled: row.is_some(),
                    days: row.as_ref().and_then(|row| row.days),
                    waits: period.as_ref().is_some_and(|period| period.wait_months > 0),
                    undecided: row.as_ref().is_some_and(|row| row.undecided),
                },
            );
            let period = period.filter(|period| period.from.is_some());
            let (state, message) = (state(coverage).into(), coverage.message());
            Ok(GetCoverageResponse { resident_id: id.to_string(), state, message, period })
        });
        answer.map(Response::new).map_err(status)
    }

    async fn list_benefit_periods(
        &self,
        _: Request<ListBenefitPeriodsRequest>,
    ) -> Result<Response<ListBenefitPeriodsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_benefit_counts(
        &self,
        _: Request<GetBenefitCountsRequest>,
    ) -> Result<Response<GetBenefitCountsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

fn state(coverage: Coverage) -> CoverageState {
    match coverage {
        Coverage::Covered => CoverageState::Covered,
        Coverage::NotSettled => CoverageState::NotSettled,
        Coverage::Waiting(_) => CoverageState::Waiting,
        Coverage::NotBegun(_) => CoverageState::NotBegun,
        Coverage::Ended => CoverageState::Ended,
        Coverage::PersonMustDecide => CoverageState::PersonMustDecide,
    }
}
