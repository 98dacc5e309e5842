//! The floor of a request: a server of the same contract with no gate in front and nothing behind, which answers every
//! payment with the same answer. Its messages are as large as the department's.

use std::net::SocketAddr;

use canbao_proto::collection::{
    DeclareContributionsRequest, DeclareContributionsResponse, GetContributionDueRequest,
    GetContributionDueResponse, PayContributionRequest, PayContributionResponse, QuoteContributionRequest,
    QuoteContributionResponse, ReportPaymentsRequest, ReportPaymentsResponse,
    collection_service_server::{CollectionService, CollectionServiceServer},
};
use tokio::{net::TcpListener, runtime::Runtime};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

/// An echo that is being served, until it is dropped.
pub struct Echo {
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Echo {
    pub fn start(answer: PayContributionResponse) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("its address");
            let service = CollectionServiceServer::new(Same { answer });
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
            address
        });
        Self { address, _runtime: runtime }
    }
}

struct Same {
    answer: PayContributionResponse,
}

#[tonic::async_trait]
impl CollectionService for Same {
    async fn pay_contribution(
        &self,
        _: Request<PayContributionRequest>,
    ) -> Result<Response<PayContributionResponse>, Status> {
        Ok(Response::new(self.answer.clone()))
    }

    async fn get_contribution_due(
        &self,
        _: Request<GetContributionDueRequest>,
    ) -> Result<Response<GetContributionDueResponse>, Status> {
        Err(Status::unimplemented("only payments"))
    }

    async fn quote_contribution(
        &self,
        _: Request<QuoteContributionRequest>,
    ) -> Result<Response<QuoteContributionResponse>, Status> {
        Err(Status::unimplemented("only payments"))
    }

    async fn report_payments(
        &self,
        _: Request<ReportPaymentsRequest>,
    ) -> Result<Response<ReportPaymentsResponse>, Status> {
        Err(Status::unimplemented("only payments"))
    }

    async fn declare_contributions(
        &self,
        _: Request<DeclareContributionsRequest>,
    ) -> Result<Response<DeclareContributionsResponse>, Status> {
        Err(Status::unimplemented("only payments"))
    }
}
