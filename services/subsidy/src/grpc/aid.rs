//! The contract of aid.

use std::mem::take;

use canbao_host::{Failure, entered, once, status, wait_for};
use canbao_policy::Notices;
use canbao_proto::{
    subsidy::{
        self as contract, AidState, DecideAidRequest, DecideAidResponse, GetAidRequest, GetAidResponse,
        IdentitiesDetermined, ListAidRequest, ListAidResponse, aid_service_server::AidService,
    },
    wire::{self, Asked, Malformed, Page},
};
use canbao_store::{Unit, View};
use canbao_types::Money;
use prost::Message;
use tonic::{Request, Response, Status};

use super::{Service, not_in_future, registration};
use crate::{
    NAME,
    aid::Decided,
    reactions::{Known, recompute},
    recognition::Outcome,
    refusal::Refusal,
    store::{self, Key, aid::Standing},
};

#[tonic::async_trait]
impl AidService for Service {
    async fn get_aid(&self, request: Request<GetAidRequest>) -> Result<Response<GetAidResponse>, Status> {
        let (caller, request) = entered(request)?;
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
        let notices = self.notices.clone();
        let aid = store.read(move |view| {
            let key = registration(view, &caller, resident, cover_year)?;
            show(view, &key, &notices)
        });
        Ok(Response::new(GetAidResponse { aid: Some(aid.await.map_err(status)?), position }))
    }

    async fn decide_aid(
        &self,
        request: Request<DecideAidRequest>,
    ) -> Result<Response<DecideAidResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let after = wrong.after(&request.after);
        let resident =
            wrong.resident("resident", request.resident.as_ref(), &self.department.secrets.suite_key);
        let cover_year = wrong.cover_year("cover_year", request.cover_year);
        let amount = wrong.money("amount", request.amount.as_ref());
        if amount.is_some_and(Money::is_negative) {
            wrong.note("amount.yuan", "must not be less than zero");
        }
        let on = wrong.date("decided_on", request.decided_on);
        let because = wrong.text("because", &request.because, 1..=200, |c| !c.is_control());
        let (Some(request_id), Some(resident), Some(cover_year), Some(amount), Some(on), Some(because), true) =
            (request_id, resident, cover_year, amount, on, because, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let service = self.clone();
        let today = self.department.clock.today();
        let decider = caller.clone();
        once(&self.department, &caller, ("DecideAid", request_id, &request), 1, move |unit| {
            not_in_future(on, today)?;
            let key = registration(unit, &decider, resident, cover_year)?;
            service.decide(unit, &key, Decided { amount, on }, (&decider.path(), &because))
        })
        .await
    }

    async fn list_aid(&self, request: Request<ListAidRequest>) -> Result<Response<ListAidResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        if AidState::try_from(request.state).is_err() {
            wrong.note("state", "is not known");
        }
        let page = wrong.page(request.page_size, &request.page_token);
        let (Some(Asked { after, books }), Some(Page { from, size }), true) = (asked, page, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (division, cover_year) = books;
        let page = self.department.store.read_page(move |view| {
            let rows = store::aid::list(view, books, request.state, (&from, size))?;
            let ids = rows.iter().map(|(id, _)| id.as_bytes());
            let next_page_token = wire::page_token(ids, size);
            let aids = rows.iter().map(|(id, standing)| {
                let key = (division, cover_year, *id);
                shown(view, &key, standing, &determined(view, &key, standing)?)
            });
            let aids = aids.map(|aid| aid.map(|aid| contract::Aid { lost: Vec::new(), ..aid }));
            Ok::<_, Failure>(ListAidResponse { aids: aids.collect::<Result<_, _>>()?, next_page_token })
        });
        page.await.map(Response::new).map_err(status)
    }
}

impl Service {
    /// The unit of work of a decision.
    fn decide(
        &self,
        unit: &mut Unit,
        key: &Key,
        decided: Decided,
        made: (&str, &str),
    ) -> Result<DecideAidResponse, Failure> {
        let known = Known::read(unit, key, &self.notices)?.ok_or(Refusal::UnknownResident)?;
        let standard = known.aid.standard.filter(|_| known.aid.is_to_be_decided());
        let standard = standard.ok_or(Refusal::NothingToDecide)?;
        if decided.amount > standard {
            return Err(Refusal::AboveStandard(standard).into());
        }
        store::aid::put_decision(unit, key, decided, made)?;
        recompute(unit, key, &self.notices)?;
        let position = Some(wire::position(NAME, unit.position()));
        Ok(DecideAidResponse { aid: Some(show(unit, key, &self.notices)?), position })
    }
}

/// A resident's aid with the identities it comes from, and why it is what it is.
fn show(view: &View, key: &Key, notices: &Notices) -> Result<contract::Aid, Failure> {
    let standing = store::aid::standing(view, key)?.ok_or(Refusal::UnknownResident)?;
    let told =
        IdentitiesDetermined::decode(standing.identities.as_slice()).map_err(|error| stored(&error))?;
    let stands = determined(view, key, &standing)?;
    let explanations = Known::read(view, key, notices)?.map(|known| known.why(&stands)).unwrap_or_default();
    Ok(contract::Aid { identities: told.identities, explanations, ..shown(view, key, &standing, &stands)? })
}

/// The determination to be shown, as it is stored.
fn determined(view: &View, key: &Key, standing: &Standing) -> Result<Vec<u8>, Failure> {
    let determined = store::aid::determined(view, key, standing.shown_number)?;
    let determined = determined.ok_or_else(|| Failure::Fault("a determination is gone".to_owned()))?;
    Ok(determined.shown)
}

/// A resident's aid: the determination that was granted, else the newest, and what is given back.
fn shown(view: &View, key: &Key, standing: &Standing, stands: &[u8]) -> Result<contract::Aid, Failure> {
    let mut aid = contract::Aid::decode(stands).map_err(|error| stored(&error))?;
    if let Some(recognised) = store::aid::recognised(view, key)? {
        let cited = contract::Aid::decode(recognised.citations.as_slice()).map_err(|error| stored(&error))?;
        let more = cited.citations.into_iter().filter(|cited| !aid.citations.contains(cited));
        let more: Vec<_> = more.collect();
        aid.citations.extend(more);
        if let Outcome::GivenBack(amount, _) = recognised.outcome {
            aid.refund = Some(wire::money(amount));
        }
    }
    aid.resident_id = key.2.to_string();
    aid.division = key.0.to_string();
    aid.cover_year = key.1.get().into();
    aid.state = standing.state;
    Ok(aid)
}

fn stored(error: &prost::DecodeError) -> Failure {
    Failure::Fault(format!("a stored aid: {error}"))
}
