//! Money that is given back, and money that is not posted.

use std::mem::take;

use canbao_host::{Failure, entered, once, status, wait_for};
use canbao_proto::{
    collection::{
        ListRefundsRequest, ListRefundsResponse, ListSuspenseRequest, ListSuspenseResponse, PayRefundRequest,
        PayRefundResponse, RefundContributionRequest, RefundContributionResponse, RefundStudentRequest,
        RefundStudentResponse, RefundSuspenseRequest, RefundSuspenseResponse, SuspenseReason,
        refund_service_server::RefundService,
    },
    wire::{self, Malformed, Page},
};
use canbao_types::RefundId;
use tonic::{Request, Response, Status};

use super::{
    Collection,
    giving::{AskedBack, Leaving, pay_refund, refund_contribution, refund_student, refund_suspense},
    notice,
    payments::not_in_future,
};
use crate::{
    NAME,
    parse::{self, Subject},
    show,
    store::refunds,
};

#[tonic::async_trait]
impl RefundService for Collection {
    async fn refund_student(
        &self,
        request: Request<RefundStudentRequest>,
    ) -> Result<Response<RefundStudentResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let left_on = wrong.date("left_on", request.left_on);
        let asked_on = wrong.date("asked_on", request.asked_on);
        if left_on.zip(asked_on).is_some_and(|(left_on, asked_on)| left_on > asked_on) {
            wrong.note("left_on", "is after the day of the application");
        }
        let (Some(request_id), Some(subject), Some(left_on), Some(asked_on), true) =
            (request_id, subject, left_on, asked_on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let leaving = Leaving { id: RefundId::new(), left_on, asked_on };
        once(&self.department, &caller, ("RefundStudent", request_id, &request), 1, move |unit| {
            notice(&notices, subject.place(), asked_on)?;
            not_in_future(asked_on, today)?;
            refund_student(unit, &subject, &leaving, &notices)
        })
        .await
    }

    async fn refund_contribution(
        &self,
        request: Request<RefundContributionRequest>,
    ) -> Result<Response<RefundContributionResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let cause = parse::refund_cause(&mut wrong, request.cause());
        let asked_on = wrong.date("asked_on", request.asked_on);
        let (Some(request_id), Some(subject), Some(cause), Some(asked_on), true) =
            (request_id, subject, cause, asked_on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let asked = AskedBack { id: RefundId::new(), cause, asked_on };
        once(&self.department, &caller, ("RefundContribution", request_id, &request), 1, move |unit| {
            notice(&notices, subject.place(), asked_on)?;
            not_in_future(asked_on, today)?;
            refund_contribution(unit, &subject, &asked, &notices)
        })
        .await
    }

    async fn refund_suspense(
        &self,
        request: Request<RefundSuspenseRequest>,
    ) -> Result<Response<RefundSuspenseResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let after = wrong.after(&request.after);
        let payment = parse::id(&mut wrong, "payment_id", &request.payment_id);
        let decided_on = wrong.date("decided_on", request.decided_on);
        let (Some(request_id), Some(payment), Some(decided_on), true) =
            (request_id, payment, decided_on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (id, today) = (RefundId::new(), self.department.clock.today());
        let decider = caller.clone();
        once(&self.department, &caller, ("RefundSuspense", request_id, &request), 1, move |unit| {
            not_in_future(decided_on, today)?;
            let refund = refund_suspense(unit, id, (payment, &decider), decided_on)?;
            let position = Some(wire::position(NAME, unit.position()));
            Ok(RefundSuspenseResponse { refund: Some(show::refunds::refund(&refund)?), position })
        })
        .await
    }

    async fn pay_refund(
        &self,
        request: Request<PayRefundRequest>,
    ) -> Result<Response<PayRefundResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", &take(&mut request.request_id));
        let after = wrong.after(&request.after);
        let id = parse::id(&mut wrong, "refund_id", &request.refund_id);
        let paid_on = wrong.date("paid_on", request.paid_on);
        let (Some(request_id), Some(id), Some(paid_on), true) = (request_id, id, paid_on, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &after).await.map_err(status)?;
        let (payer, today) = (caller.clone(), self.department.clock.today());
        once(&self.department, &caller, ("PayRefund", request_id, &request), 1, move |unit| {
            not_in_future(paid_on, today)?;
            let refund = pay_refund(unit, (id, &payer), paid_on)?;
            let position = Some(wire::position(NAME, unit.position()));
            Ok(PayRefundResponse { refund: Some(show::refunds::refund(&refund)?), position })
        })
        .await
    }

    async fn list_refunds(
        &self,
        request: Request<ListRefundsRequest>,
    ) -> Result<Response<ListRefundsResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        let page = wrong.page(request.page_size, &request.page_token);
        let (Some(asked), Some(Page { from, size }), true) = (asked, page, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let listed = self.department.store.read(move |view| {
            let page = refunds::refunds(view, asked.books, request.unpaid_only, (&from, size))?;
            let next_page_token = wire::page_token(page.iter().map(|refund| refund.id.as_bytes()), size);
            let refunds = page.iter().map(show::refunds::refund).collect::<Result<_, _>>()?;
            Ok::<_, Failure>(ListRefundsResponse { refunds, next_page_token })
        });
        listed.await.map(Response::new).map_err(status)
    }

    async fn list_suspense(
        &self,
        request: Request<ListSuspenseRequest>,
    ) -> Result<Response<ListSuspenseResponse>, Status> {
        let (_, request) = entered(request)?;
        let mut wrong = Malformed::default();
        let asked = wrong.asked(&request.after, (&request.division, request.cover_year));
        if SuspenseReason::try_from(request.reason).is_err() {
            wrong.note("reason", "is not known");
        }
        let page = wrong.page(request.page_size, &request.page_token);
        let (Some(asked), Some(Page { from, size }), true) = (asked, page, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let today = self.department.clock.today();
        let listed = self.department.store.read(move |view| {
            let page = refunds::all_suspense(view, asked.books, request.reason, (&from, size))?;
            let next_page_token = wire::page_token(page.iter().map(|row| row.payment.as_bytes()), size);
            let shown = page.into_iter().map(|row| show::refunds::suspense(row, today));
            let suspense = shown.collect::<Result<_, _>>()?;
            Ok::<_, Failure>(ListSuspenseResponse { suspense, next_page_token })
        });
        listed.await.map(Response::new).map_err(status)
    }
}
