//! The contract of aid: parse; read; show.

use canbao_host::{Department, Failure, status, wait_for};
use canbao_proto::{
    common,
    subsidy::{
        Aid as Shown, ConfirmRosterRequest, ConfirmRosterResponse, DecideAidRequest, DecideAidResponse,
        GetAidRequest, GetAidResponse, GetPayerTotalsRequest, GetPayerTotalsResponse,
        GetRosterProgressRequest, GetRosterProgressResponse, ListAidRequest, ListAidResponse,
        ListGrantsRequest, ListGrantsResponse, ListRosterLinesRequest, ListRosterLinesResponse,
        SubmitRosterRequest, SubmitRosterResponse, aid_service_server::AidService,
        finance_service_server::FinanceService, roster_service_server::RosterService,
    },
    wire::{self, Malformed, Resident},
};
use canbao_types::Citation;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{NAME, refusal::Refusal, store};

/// The service.
pub(crate) struct Aid {
    pub(crate) department: Department,
}

#[tonic::async_trait]
impl AidService for Aid {
    async fn get_aid(&self, request: Request<GetAidRequest>) -> Result<Response<GetAidResponse>, Status> {
        let request = request.into_inner();
        let mut wrong = Malformed::default();
        let after = wrong.after(&request.after);
        let resident =
            wrong.resident("resident", request.resident.as_ref(), &self.department.secrets.suite_key);
        let cover_year = wrong.cover_year("cover_year", request.cover_year);
        let (Some(resident), Some(cover_year), true) = (resident, cover_year, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let store = &self.department.store;
        // Taken before the read: what is shown is at least as new.
        let position = Some(wire::position(NAME, store.head()));
        let aid = store.read(|view| {
            let id = match resident {
                Resident::Id(id) => Some(id),
                Resident::Key(key) => store::by_key(view, &key)?,
            };
            let id = id.ok_or(Refusal::UnknownResident)?;
            let row = store::aid(view, id, cover_year)?.ok_or(Refusal::UnknownResident)?;
            let cited = Shown::decode(row.citations.as_slice());
            let cited = cited.map_err(|error| Failure::Fault(format!("stored citations: {error}")))?;
            let Some(amounts) = row.amounts else {
                return Err(Refusal::PersonMustDecide(citations(cited)?).into());
            };
            Ok(Shown {
                resident_id: id.to_string(),
                division: row.division.to_string(),
                cover_year: cover_year.get().into(),
                standard: Some(wire::money(amounts.standard)),
                aided: Some(wire::money(amounts.aided)),
                payer: row.payer,
                owed: Some(wire::money(amounts.owed)),
                payable_item: row.payable_item,
                citations: cited.citations,
                ..Shown::default()
            })
        });
        Ok(Response::new(GetAidResponse { aid: Some(aid.map_err(status)?), position }))
    }

    async fn decide_aid(&self, _: Request<DecideAidRequest>) -> Result<Response<DecideAidResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_aid(&self, _: Request<ListAidRequest>) -> Result<Response<ListAidResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

/// The service of rosters.
pub(crate) struct Roster;

#[tonic::async_trait]
impl RosterService for Roster {
    async fn submit_roster(
        &self,
        _: Request<SubmitRosterRequest>,
    ) -> Result<Response<SubmitRosterResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn confirm_roster(
        &self,
        _: Request<ConfirmRosterRequest>,
    ) -> Result<Response<ConfirmRosterResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_roster_lines(
        &self,
        _: Request<ListRosterLinesRequest>,
    ) -> Result<Response<ListRosterLinesResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_roster_progress(
        &self,
        _: Request<GetRosterProgressRequest>,
    ) -> Result<Response<GetRosterProgressResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

/// The service of finance.
pub(crate) struct Finance;

#[tonic::async_trait]
impl FinanceService for Finance {
    async fn get_payer_totals(
        &self,
        _: Request<GetPayerTotalsRequest>,
    ) -> Result<Response<GetPayerTotalsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_grants(
        &self,
        _: Request<ListGrantsRequest>,
    ) -> Result<Response<ListGrantsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

/// The clauses an aid rests on, in the words of the trade again.
fn citations(cited: Shown) -> Result<Vec<Citation>, Failure> {
    let citation = |cited: common::Citation| {
        let clause = cited.clause.parse();
        let clause = clause.map_err(|error| Failure::Fault(format!("a stored clause: {error}")))?;
        Ok(Citation { clause, open: cited.open_points })
    };
    cited.citations.into_iter().map(citation).collect()
}
