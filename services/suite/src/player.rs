//! A client of the four departments that knows four addresses and nothing else. It carries the log positions it was told
//! from one department to the next.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use canbao_host::StartError;
use canbao_proto::{
    benefits::{GetCoverageRequest, GetCoverageResponse, benefits_service_client::BenefitsServiceClient},
    collection::{
        GetContributionDueRequest, GetContributionDueResponse, PayContributionRequest,
        PayContributionResponse, QuoteContributionRequest, QuoteContributionResponse, ReportPaymentsRequest,
        ReportPaymentsResponse, collection_service_client::CollectionServiceClient,
    },
    common::LogPosition,
    registration::{
        GetResidentRequest, GetResidentResponse, RegisterResidentRequest, RegisterResidentResponse,
        registration_service_client::RegistrationServiceClient,
    },
    subsidy::{GetAidRequest, GetAidResponse, aid_service_client::AidServiceClient},
};
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};

/// A request as this department, channel or service sends it.
pub fn request<T>(caller: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("canbao-department", tonic::metadata::MetadataValue::from_static(caller));
    request.set_timeout(Duration::from_secs(10));
    request
}

/// The client. Each call is made as a department that may make it.
#[derive(Clone, Debug)]
pub struct Player {
    registration: RegistrationServiceClient<Channel>,
    collection: CollectionServiceClient<Channel>,
    subsidy: AidServiceClient<Channel>,
    benefits: BenefitsServiceClient<Channel>,
    told: BTreeMap<String, u64>,
}

impl Player {
    /// Connects to the four departments, in the order registration, collection, subsidy, benefits.
    pub async fn connect(addresses: [SocketAddr; 4]) -> Result<Self, StartError> {
        let mut channels = Vec::new();
        for address in addresses {
            channels
                .push(Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true).connect().await?);
        }
        let [registration, collection, subsidy, benefits]: [Channel; 4] =
            channels.try_into().map_err(|_| "there are four departments")?;
        Ok(Self {
            registration: RegistrationServiceClient::new(registration),
            collection: CollectionServiceClient::new(collection),
            subsidy: AidServiceClient::new(subsidy),
            benefits: BenefitsServiceClient::new(benefits),
            told: BTreeMap::new(),
        })
    }

    /// The positions told so far.
    pub fn told(&self) -> Vec<LogPosition> {
        self.told.iter().map(|(log, &position)| LogPosition { log: log.clone(), position }).collect()
    }

    fn hear(&mut self, position: Option<&LogPosition>) {
        if let Some(LogPosition { log, position }) = position {
            let told = self.told.entry(log.clone()).or_default();
            *told = (*told).max(*position);
        }
    }

    /// Registers, as the medical insurance bureau.
    pub async fn register(
        &mut self,
        message: RegisterResidentRequest,
    ) -> Result<RegisterResidentResponse, Status> {
        let answer =
            self.registration.register_resident(request("medical-insurance", message)).await?.into_inner();
        self.hear(answer.position.as_ref());
        Ok(answer)
    }

    /// Shows a resident, as the medical insurance bureau, after everything told so far.
    pub async fn resident(&mut self, mut message: GetResidentRequest) -> Result<GetResidentResponse, Status> {
        message.after = self.told();
        Ok(self.registration.get_resident(request("medical-insurance", message)).await?.into_inner())
    }

    /// Asks for the aid, as civil affairs, after everything told so far.
    pub async fn aid(&mut self, mut message: GetAidRequest) -> Result<GetAidResponse, Status> {
        message.after = self.told();
        let answer = self.subsidy.get_aid(request("civil-affairs", message)).await?.into_inner();
        self.hear(answer.position.as_ref());
        Ok(answer)
    }

    /// Asks what is due, as the tax bureau, after everything told so far.
    pub async fn due(
        &mut self,
        mut message: GetContributionDueRequest,
    ) -> Result<GetContributionDueResponse, Status> {
        message.after = self.told();
        Ok(self.collection.get_contribution_due(request("tax", message)).await?.into_inner())
    }

    /// Asks for a quotation, as the tax bureau, after everything told so far.
    pub async fn quote(
        &mut self,
        mut message: QuoteContributionRequest,
    ) -> Result<QuoteContributionResponse, Status> {
        message.after = self.told();
        Ok(self.collection.quote_contribution(request("tax", message)).await?.into_inner())
    }

    /// Pays, as the tax bureau, after everything told so far unless the message says after what.
    pub async fn pay(
        &mut self,
        mut message: PayContributionRequest,
    ) -> Result<PayContributionResponse, Status> {
        if message.after.is_empty() {
            message.after = self.told();
        }
        let answer = self.collection.pay_contribution(request("tax", message)).await?.into_inner();
        self.hear(answer.position.as_ref());
        Ok(answer)
    }

    /// Reports a statement, as the tax bureau, after everything told so far.
    pub async fn report(
        &mut self,
        mut message: ReportPaymentsRequest,
    ) -> Result<ReportPaymentsResponse, Status> {
        message.after = self.told();
        let answer = self.collection.report_payments(request("tax", message)).await?.into_inner();
        self.hear(answer.position.as_ref());
        Ok(answer)
    }

    /// Asks whether a resident is covered, as a hospital, after everything told so far.
    pub async fn coverage(&mut self, mut message: GetCoverageRequest) -> Result<GetCoverageResponse, Status> {
        message.after = self.told();
        Ok(self.benefits.get_coverage(request("hospital", message)).await?.into_inner())
    }
}
