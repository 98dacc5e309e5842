//! The contract of finance.

use canbao_host::{Failure, entered, status, wait_for};
use canbao_policy::Facts;
use canbao_proto::{
    subsidy::{
        self as contract, CompareNoticesRequest, GetPayerTotalsRequest, GetPayerTotalsResponse, Grant,
        ListGrantsRequest, ListGrantsResponse, PayerTotal, finance_service_server::FinanceService,
    },
    wire::{self, Asked, Malformed},
};
use canbao_types::Money;
use prost::Message;
use tonic::{Request, Response, Status};

use super::{Service, compare, page_token, token};
use crate::{refusal::Refusal, store::finance};

#[tonic::async_trait]
impl FinanceService for Service {
    type CompareNoticesStream = compare::Answers;

    async fn compare_notices(
        &self,
        request: Request<CompareNoticesRequest>,
    ) -> Result<Response<Self::CompareNoticesStream>, Status> {
        let (_, request) = entered(request)?;
        Ok(Response::new(compare::answers(self.comparing(request).await?)))
    }

    async fn get_payer_totals(
        &self,
        request: Request<GetPayerTotalsRequest>,
    ) -> Result<Response<GetPayerTotalsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let (Some(Asked { after, books }), true) = (asked, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (division, cover_year) = books;
        let notice = self.notices.in_force(division, cover_year, self.department.clock.today());
        let notice = notice.ok_or(Refusal::NoNotice(division, cover_year));
        let notice = notice.map_err(|refusal| status(refusal.into()))?;
        let asked = Facts { cover_year: Some(cover_year), ..Facts::default() };
        // What turns on the person is not one amount for all.
        let subsidy = notice.government_subsidy(&asked).ok();
        let per_head = subsidy.as_ref().and_then(|subsidy| subsidy.value.amount.is());
        let citations = subsidy.iter().flat_map(|subsidy| subsidy.basis.iter());
        let government_citations = wire::citations(citations);
        let totals = self.department.store.read_page(move |view| {
            let heads = finance::government_heads(view, books)?;
            let totals = finance::totals(view, books)?;
            Ok::<_, Failure>(GetPayerTotalsResponse {
                totals: totals.into_iter().map(total).collect(),
                government_per_head: per_head.map(wire::money),
                government_heads: heads,
                government_total: per_head.and_then(|each| times(each, heads)).map(wire::money),
                government_citations,
            })
        });
        totals.await.map(Response::new).map_err(status)
    }

    async fn list_grants(
        &self,
        request: Request<ListGrantsRequest>,
    ) -> Result<Response<ListGrantsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let payer = wrong.text("payer", &request.payer, 0..=40, |c| !c.is_control());
        let size = wrong.page_size(request.page_size);
        let from = page_token(&mut wrong, &request.page_token);
        let (Some(asked), Some(payer), Some(size), Some(from), true) =
            (asked, payer, size, from, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let page = self.department.store.read_page(move |view| {
            let place = ((&from.0, from.1.as_str()), size);
            let rows = finance::list(view, asked.books, &payer, place)?;
            let last = rows.last().filter(|_| rows.len() == size as usize);
            let place = |grant: &finance::Grant| {
                let borne = &grant.borne;
                token(grant.resident.as_bytes(), &format!("{}{}", borne.part.code(), borne.payer))
            };
            let next_page_token = last.map(place).unwrap_or_default();
            let grants = rows.into_iter().map(grant).collect::<Result<_, _>>()?;
            Ok::<_, Failure>(ListGrantsResponse { grants, next_page_token })
        });
        page.await.map(Response::new).map_err(status)
    }
}

/// An amount for each of so many heads.
fn times(each: Money, heads: u64) -> Option<Money> {
    let heads = i64::try_from(heads).ok()?;
    Money::from_fen(each.fen().checked_mul(heads)?).ok()
}

fn total(total: finance::Total) -> PayerTotal {
    PayerTotal {
        payer: total.payer,
        part: wire::part(total.part).into(),
        heads: total.heads,
        amount: Some(wire::money(total.amount)),
    }
}

fn grant(grant: finance::Grant) -> Result<Grant, Failure> {
    let cited = contract::Aid::decode(grant.borne.citations.as_slice());
    let cited = cited.map_err(|error| Failure::Fault(format!("stored citations: {error}")))?;
    Ok(Grant {
        resident_id: grant.resident.to_string(),
        payer: grant.borne.payer,
        part: wire::part(grant.borne.part).into(),
        amount: Some(wire::money(grant.borne.amount)),
        granted_on: Some(wire::date(grant.granted_on)),
        refunded: grant.refunded,
        citations: cited.citations,
    })
}
