//! The contract of payments: parse; read, decide, write, tell; show.

use std::mem::take;

use canbao_host::{Caller, Failure, entered, once, status, wait_for};
use canbao_proto::{
    collection::{
        DeclareContributionsRequest, DeclareContributionsResponse, GetContributionDueRequest,
        GetContributionDueResponse, PayContributionRequest, PayContributionResponse,
        QuoteContributionRequest, QuoteContributionResponse, ReportPaymentsRequest, ReportPaymentsResponse,
        collection_service_server::CollectionService,
    },
    wire::Malformed,
};
use canbao_store::View;
use canbao_types::{Date, Money};
use tonic::{Request, Response, Status};

use super::{
    Collection,
    contribution::{known, known_for},
    declaration::declare,
    notice, resident, statement,
    taking::take_payment,
};
use crate::{
    contribution::{self, Known},
    parse::{self, Declared, Pay, Statement, Subject},
    refusal::Refusal,
    show,
    store::Key,
};

#[tonic::async_trait]
impl CollectionService for Collection {
    async fn get_contribution_due(
        &self,
        request: Request<GetContributionDueRequest>,
    ) -> Result<Response<GetContributionDueResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let notice_of = |subject: &Subject| notices.in_force(subject.division, subject.cover_year, today);
        let tier = parse::read_tier(&mut wrong, &request.tier, subject.as_ref().and_then(notice_of));
        let (Some(subject), Some(tier), true) = (subject, tier, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let contribution = self.department.store.read(move |view| {
            let place = subject.place();
            let now = notice(&notices, place, today)?;
            let (key, known) = of(view, &subject, 1)?;
            // What is settled stands by what was in force then.
            let settled = known.settled.as_ref().map(|settled| settled.settled_on);
            let notice = settled.map_or(Ok(now), |day| notice(&notices, place, day))?;
            match contribution::due(&known, notice, (today, &tier)) {
                Ok(due) => {
                    let said = due.ruling.why(notice);
                    Ok(show::contribution(&key, &due, known.settled.is_some(), &said))
                }
                Err(Refusal::PersonMustDecide(citations)) => Ok(show::undecided(&key, &citations)),
                Err(refusal) if refusal.needs_tier() => {
                    let (ruling, each) = contribution::of_each_tier(&known, notice, today)?;
                    Ok(show::choices(&key, &ruling, &each))
                }
                Err(refusal) => Err(Failure::from(refusal)),
            }
        });
        let contribution = Some(contribution.await.map_err(status)?);
        Ok(Response::new(GetContributionDueResponse { contribution }))
    }

    async fn quote_contribution(
        &self,
        request: Request<QuoteContributionRequest>,
    ) -> Result<Response<QuoteContributionResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let place = subject.as_ref().map(Subject::place);
        let manner = parse::quoted(&mut wrong, &request, place, &self.notices);
        let (Some(subject), Some(manner), true) = (subject, manner, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let notices = self.notices.clone();
        let quoted = self.department.store.read(move |view| {
            let notice = notice(&notices, subject.place(), manner.pay_date)?;
            let (key, known) = of(view, &subject, manner.years)?;
            let due = contribution::quote(&known, notice, &manner)?;
            let said = due.ruling.why(notice);
            Ok::<_, Failure>(QuoteContributionResponse {
                contribution: Some(show::contribution(&key, &due, false, &said)),
                outlook: Some(show::outlook(&due.ruling, &said)),
            })
        });
        quoted.await.map(Response::new).map_err(status)
    }

    async fn pay_contribution(
        &self,
        request: Request<PayContributionRequest>,
    ) -> Result<Response<PayContributionResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let pay = Pay::read(&caller, &id, &request, (&self.department.secrets.suite_key, &self.notices))?;
        own_channel(&caller, &pay.transaction.channel)?;
        wait_for(&self.department, &pay.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let Pay { request_id, payment, transaction, .. } = pay;
        once(&self.department, &caller, ("PayContribution", request_id, &request), 1, move |unit| {
            take_payment(unit, &payment, &transaction, &notices, today)
        })
        .await
    }

    async fn report_payments(
        &self,
        request: Request<ReportPaymentsRequest>,
    ) -> Result<Response<ReportPaymentsResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let read_with = (&self.department.secrets.suite_key, &*self.notices);
        let statement = Statement::read(&caller, &id, &request, read_with)?;
        own_channel(&caller, &request.channel)?;
        wait_for(&self.department, &statement.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let Statement { request_id, declared, division, lines, .. } = statement;
        let received = Money::sum(lines.iter().map(|(payment, _)| payment.amount));
        let (items, reporter) = (lines.len(), caller.clone());
        once(&self.department, &caller, ("ReportPayments", request_id, &request), items, move |unit| {
            if received != Some(declared) {
                let received = received.unwrap_or(Money::MAX);
                return Err(Refusal::ControlTotalDiffers { declared, received }.into());
            }
            statement::report(unit, division, &lines, (&reporter, &notices, today))
        })
        .await
    }

    async fn declare_contributions(
        &self,
        request: Request<DeclareContributionsRequest>,
    ) -> Result<Response<DeclareContributionsResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let declared = Declared::read(&id, &request, (&self.department.secrets.suite_key, &self.notices))?;
        wait_for(&self.department, &declared.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let (items, count, declarer) = (declared.residents.len(), request.declared_count, caller.clone());
        let asked = ("DeclareContributions", declared.request_id, &request);
        once(&self.department, &caller, asked, items, move |unit| {
            let notice =
                notice(&notices, (declared.division, declared.cover_year), declared.manner.pay_date)?;
            not_in_future(declared.manner.pay_date, today)?;
            if count as usize != items {
                return Err(Refusal::CountDiffers { declared: count, received: items }.into());
            }
            declare(unit, &declared, declarer.text(), notice)
        })
        .await
    }
}

/// A channel speaks only for itself; the tax bureau for every channel.
fn own_channel(caller: &Caller, channel: &str) -> Result<(), Status> {
    match caller.channel() {
        Some(own) if own != channel => Err(status(Refusal::ChannelDiffers.into())),
        _ => Ok(()),
    }
}

/// What is known of the contribution that a question is about, for a payment for so many years.
fn of(view: &View, subject: &Subject, years: u32) -> Result<(Key, Known), Failure> {
    let resident = resident(view, subject.resident)?.ok_or(Refusal::UnknownResident)?;
    let key = (subject.division, subject.cover_year, resident);
    let known = if years > 1 { known_for(view, &key, years)? } else { known(view, &key)? };
    Ok((key, known.ok_or(Refusal::UnknownResident)?))
}

/// Nothing is recorded before its day.
pub(super) fn not_in_future(day: Date, today: Date) -> Result<(), Refusal> {
    if day > today { Err(Refusal::DateInFuture(day)) } else { Ok(()) }
}
