//! The ledger, and how far the collection has come.

use canbao_proto::collection::{
    GetBooksRequest, GetBooksResponse, GetProgressRequest, GetProgressResponse, ListContributionsRequest,
    ListContributionsResponse, ListPaymentsRequest, ListPaymentsResponse, SetTasksRequest, SetTasksResponse,
    books_service_server::BooksService,
};
use tonic::{Request, Response, Status};

use super::Collection;

#[tonic::async_trait]
impl BooksService for Collection {
    async fn set_tasks(
        &self,
        _request: Request<SetTasksRequest>,
    ) -> Result<Response<SetTasksResponse>, Status> {
        Err(Status::unimplemented("SetTasks"))
    }

    async fn get_progress(
        &self,
        _request: Request<GetProgressRequest>,
    ) -> Result<Response<GetProgressResponse>, Status> {
        Err(Status::unimplemented("GetProgress"))
    }

    async fn get_books(
        &self,
        _request: Request<GetBooksRequest>,
    ) -> Result<Response<GetBooksResponse>, Status> {
        Err(Status::unimplemented("GetBooks"))
    }

    async fn list_contributions(
        &self,
        _request: Request<ListContributionsRequest>,
    ) -> Result<Response<ListContributionsResponse>, Status> {
        Err(Status::unimplemented("ListContributions"))
    }

    async fn list_payments(
        &self,
        _request: Request<ListPaymentsRequest>,
    ) -> Result<Response<ListPaymentsResponse>, Status> {
        Err(Status::unimplemented("ListPayments"))
    }
}
