//! Money that is given back, and money that is not posted.

use canbao_proto::collection::{
    ListRefundsRequest, ListRefundsResponse, ListSuspenseRequest, ListSuspenseResponse, PayRefundRequest,
    PayRefundResponse, RefundStudentRequest, RefundStudentResponse, RefundSuspenseRequest,
    RefundSuspenseResponse, refund_service_server::RefundService,
};
use tonic::{Request, Response, Status};

use super::Collection;

#[tonic::async_trait]
impl RefundService for Collection {
    async fn refund_student(
        &self,
        _request: Request<RefundStudentRequest>,
    ) -> Result<Response<RefundStudentResponse>, Status> {
        Err(Status::unimplemented("RefundStudent"))
    }

    async fn refund_suspense(
        &self,
        _request: Request<RefundSuspenseRequest>,
    ) -> Result<Response<RefundSuspenseResponse>, Status> {
        Err(Status::unimplemented("RefundSuspense"))
    }

    async fn pay_refund(
        &self,
        _request: Request<PayRefundRequest>,
    ) -> Result<Response<PayRefundResponse>, Status> {
        Err(Status::unimplemented("PayRefund"))
    }

    async fn list_refunds(
        &self,
        _request: Request<ListRefundsRequest>,
    ) -> Result<Response<ListRefundsResponse>, Status> {
        Err(Status::unimplemented("ListRefunds"))
    }

    async fn list_suspense(
        &self,
        _request: Request<ListSuspenseRequest>,
    ) -> Result<Response<ListSuspenseResponse>, Status> {
        Err(Status::unimplemented("ListSuspense"))
    }
}
