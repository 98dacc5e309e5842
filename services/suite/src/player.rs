//! A client of the four departments that knows four addresses, at most the certificates of its callers, and nothing else.
//! It carries the log positions it was told from one department to the next.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, time::Duration};

use canbao_host::{Address, DEPARTMENTS, Settings, StartError, carry_trace};
use canbao_proto::{
    benefits::{benefits_service_client::BenefitsServiceClient, *},
    collection::{
        books_service_client::BooksServiceClient, collection_service_client::CollectionServiceClient,
        refund_service_client::RefundServiceClient, *,
    },
    common::LogPosition,
    exchange::{ReadLogRequest, ReadLogResponse, event_log_service_client::EventLogServiceClient},
    refusal,
    registration::{registration_service_client::RegistrationServiceClient, *},
    subsidy::{
        aid_service_client::AidServiceClient, finance_service_client::FinanceServiceClient,
        roster_service_client::RosterServiceClient, *,
    },
};
use canbao_types::Division;
use tonic::{Code, Request, Status, transport::Channel};

use ways::Ways;

mod ways;

/// How long an answer is waited for; a batch of a thousand on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a request whose outcome is not known is sent again.
const AGAIN_IF_UNKNOWN: u32 = 5;

/// How often, and after what pause, when a department may be away for a while: two minutes.
const AGAIN_IF_AWAY: u32 = 240;
const PAUSE: Duration = Duration::from_millis(500);

/// How often a department that is behind is asked again, each time for the two seconds that it waits itself.
const ASKED_AGAIN: usize = 150;

/// A request as this department, channel or service sends it where there are no certificates.
pub fn request<T>(caller: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("canbao-department", tonic::metadata::MetadataValue::from_static(caller));
    request.set_timeout(Duration::from_secs(10));
    request
}

/// The client. Each call is made as a department that may make it.
#[derive(Clone, Debug)]
pub struct Player {
    ways: Ways,
    /// Departments that are away for a while are waited for.
    waits: bool,
    told: BTreeMap<String, u64>,
}

impl Player {
    /// Connects to four departments without certificates, in the order registration, collection, subsidy, benefits.
    pub async fn connect(addresses: [SocketAddr; 4]) -> Result<Self, StartError> {
        Ok(Self::new(Ways::named(&addresses.map(Address::from)).await?, false))
    }

    /// A client of four departments with certificates, in the same order. Each call is made over a connection of its
    /// caller's own, with the certificate of the division in the folder that `canbao certificates` filled.
    pub fn certified(
        addresses: &[Address; 4],
        folder: &Path,
        division: Division,
    ) -> Result<Self, StartError> {
        Ok(Self::new(Ways::certified(addresses, folder, division)?, false))
    }

    /// A client of the departments that run where the settings say, with certificates where there are any. It waits for
    /// a department that is away, and asks it again, for two minutes.
    pub async fn running(settings: &Settings, division: Division) -> Result<Self, StartError> {
        let addresses = &settings.addresses;
        let ways = match &settings.certificates {
            Some(folder) => Ways::certified(addresses, folder, division)?,
            None => Ways::named(addresses).await?,
        };
        Ok(Self::new(ways, true))
    }

    fn new(ways: Ways, waits: bool) -> Self {
        Self { ways, waits, told: BTreeMap::new() }
    }

    /// The positions told so far.
    pub fn told(&self) -> Vec<LogPosition> {
        self.told.iter().map(|(log, &position)| LogPosition { log: log.clone(), position }).collect()
    }

    /// Remembers positions that another player was told.
    pub fn hear<'a>(&mut self, positions: impl IntoIterator<Item = &'a LogPosition>) {
        for LogPosition { log, position } in positions {
            let told = self.told.entry(log.clone()).or_default();
            *told = (*told).max(*position);
        }
    }

    /// Waits until every department has heard what the others told, and what that made them tell, until nothing is left
    /// to be heard. As the auditor, who may read every log and list.
    pub async fn catch_up(&mut self, division: &str, cover_year: i32) -> Result<(), Status> {
        loop {
            let before = self.told.clone();
            for department in DEPARTMENTS {
                let mut asked = 0;
                let heard = || self.heard_by(department, division, cover_year);
                while let Err(status) = self.again(heard).await {
                    let behind = refusal::read(&status).is_some_and(|told| told.reason == "BEHIND")
                        || status.code() == Code::DeadlineExceeded;
                    asked += 1;
                    if !behind || asked == ASKED_AGAIN {
                        return Err(status);
                    }
                }
                let after = self.told.get(department).copied().unwrap_or_default();
                let message = ReadLogRequest { after, limit: 1, wait_milliseconds: 0, ..Default::default() };
                let head = self.again(|| self.read_log(department, message)).await?.head;
                self.hear([&LogPosition { log: department.to_owned(), position: head }]);
            }
            if self.told == before {
                return Ok(());
            }
        }
    }

    /// Answers when the department has heard everything told so far: the shortest list it has waits for that.
    async fn heard_by(&self, department: &str, division: &str, cover_year: i32) -> Result<(), Status> {
        let (after, division, page_size) = (self.told(), division.to_owned(), 1);
        match department {
            "registration" => {
                let message = ListRegistrationsRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListRegistrationsRequest::default()
                };
                drop(
                    self.registration_service("auditor")?
                        .list_registrations(self.sent("auditor", message))
                        .await?,
                );
            }
            "collection" => {
                let message = ListSuspenseRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListSuspenseRequest::default()
                };
                drop(self.refund_service("auditor")?.list_suspense(self.sent("auditor", message)).await?);
            }
            "subsidy" => {
                let message =
                    ListAidRequest { after, division, cover_year, page_size, ..ListAidRequest::default() };
                drop(self.aid_service("auditor")?.list_aid(self.sent("auditor", message)).await?);
            }
            _ => {
                let message = ListBenefitPeriodsRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListBenefitPeriodsRequest::default()
                };
                drop(
                    self.benefits_service("auditor")?
                        .list_benefit_periods(self.sent("auditor", message))
                        .await?,
                );
            }
        }
        Ok(())
    }

    async fn read_log(&self, department: &str, message: ReadLogRequest) -> Result<ReadLogResponse, Status> {
        let mut log = EventLogServiceClient::new(self.ways.to(department, "auditor")?);
        Ok(log.read_log(self.sent("auditor", message)).await?.into_inner())
    }

    /// Asks, and asks the same again, under the same id, as long as it is not known whether it was done.
    async fn again<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<T, Status>>,
    {
        let mut left = if self.waits { AGAIN_IF_AWAY } else { AGAIN_IF_UNKNOWN };
        loop {
            match ask().await {
                Err(status) if left > 0 && status.code() == Code::DeadlineExceeded => {}
                Err(status) if left > 0 && self.waits && may_pass(status.code()) => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => break outcome,
            }
            left -= 1;
        }
    }

    /// A request of the player's own, which waits longer than a test's.
    fn sent<T>(&self, by: &'static str, message: T) -> Request<T> {
        let mut request = self.ways.request(by, message);
        request.set_timeout(PATIENCE);
        carry_trace(&mut request);
        request
    }
}

/// Whether the same request may be answered otherwise later: all but what the contracts call refused.
fn may_pass(code: Code) -> bool {
    match code {
        Code::Unavailable | Code::ResourceExhausted | Code::Unknown | Code::Internal => true,
        Code::Cancelled | Code::Aborted | Code::DataLoss | Code::DeadlineExceeded => true,
        Code::Ok | Code::NotFound | Code::Unimplemented | Code::OutOfRange => false,
        Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists => false,
        Code::PermissionDenied | Code::Unauthenticated => false,
    }
}

/// A client of each service, for the caller that is named.
macro_rules! services {
    ($($service:ident $department:literal $client:ident;)*) => {
        impl Player {
            $(fn $service(&self, by: &'static str) -> Result<$client<Channel>, Status> {
                Ok($client::new(self.ways.to($department, by)?))
            })*
        }
    };
}

services! {
    registration_service "registration" RegistrationServiceClient;
    collection_service "collection" CollectionServiceClient;
    refund_service "collection" RefundServiceClient;
    books_service "collection" BooksServiceClient;
    aid_service "subsidy" AidServiceClient;
    roster_service "subsidy" RosterServiceClient;
    finance_service "subsidy" FinanceServiceClient;
    benefits_service "benefits" BenefitsServiceClient;
}

/// A method for each RPC: made by one caller, or by the one that is named, after everything told so far unless the
/// message says after what; of a write, the position is remembered.
macro_rules! calls {
    ($($(#[$doc:meta])* $how:ident $name:ident($service:ident.$rpc:ident $message:ident $answer:ident $by:tt);)*) => {
        impl Player {
            $(calls! { @$by $how $(#[$doc])* $name $service $rpc $message $answer })*
        }
    };
    (@by $how:ident $(#[$doc:meta])* $name:ident $service:ident $rpc:ident $message:ident $answer:ident) => {
        $(#[$doc])*
        pub async fn $name(&mut self, by: &'static str, mut message: $message) -> Result<$answer, Status> {
            calls! { @call $how self by message $service $rpc }
        }
    };
    (@$by:literal $how:ident $(#[$doc:meta])* $name:ident $service:ident $rpc:ident $message:ident $answer:ident) => {
        $(#[$doc])*
        pub async fn $name(&mut self, mut message: $message) -> Result<$answer, Status> {
            calls! { @call $how self $by message $service $rpc }
        }
    };
    (@call read $self:ident $by:tt $message:ident $service:ident $rpc:ident) => {{
        if $message.after.is_empty() {
            $message.after = $self.told();
        }
        calls! { @send $self $by $message $service $rpc }
    }};
    (@call write $self:ident $by:tt $message:ident $service:ident $rpc:ident) => {{
        if $message.after.is_empty() {
            $message.after = $self.told();
        }
        let answer = calls! { @send $self $by $message $service $rpc }?;
        $self.hear(answer.position.as_ref());
        Ok(answer)
    }};
    (@send $self:ident $by:tt $message:ident $service:ident $rpc:ident) => {{
        let (player, message) = (&*$self, &$message);
        let ask = || async move {
            Ok(player.$service($by)?.$rpc(player.sent($by, message.clone())).await?.into_inner())
        };
        player.again(ask).await
    }};
}

calls! {
    /// Registers, as the medical insurance bureau.
    write register(registration_service.register_resident RegisterResidentRequest RegisterResidentResponse "medical-insurance");
    /// Registers, as medical insurance or a school.
    write register_by(registration_service.register_resident RegisterResidentRequest RegisterResidentResponse by);
    /// Registers a roster, as medical insurance or a school.
    write register_roster(registration_service.register_roster RegisterRosterRequest RegisterRosterResponse by);
    /// Moves a record here, as the medical insurance bureau.
    write move_registration(registration_service.move_registration MoveRegistrationRequest MoveRegistrationResponse "medical-insurance");
    /// Gives a resident another document, as the medical insurance bureau.
    write change_document(registration_service.change_document ChangeDocumentRequest ChangeDocumentResponse "medical-insurance");
    /// Ends a registration, as the medical insurance bureau.
    write end_registration(registration_service.end_registration EndRegistrationRequest EndRegistrationResponse "medical-insurance");
    /// Assesses a late payment, as the medical insurance centre.
    write assess(registration_service.assess_late_payment AssessLatePaymentRequest AssessLatePaymentResponse "medical-insurance");
    /// Records cover, as the medical insurance bureau.
    write record_cover(registration_service.record_cover RecordCoverRequest RecordCoverResponse "medical-insurance");
    /// Lists registrations, as the auditor.
    read registrations(registration_service.list_registrations ListRegistrationsRequest ListRegistrationsResponse "auditor");
    /// Counts registrations, as the auditor.
    read registration_counts(registration_service.get_registration_counts GetRegistrationCountsRequest GetRegistrationCountsResponse "auditor");
    /// Shows a resident, as the medical insurance bureau.
    read resident(registration_service.get_resident GetResidentRequest GetResidentResponse "medical-insurance");

    /// Asks what is due, as the tax bureau.
    read due(collection_service.get_contribution_due GetContributionDueRequest GetContributionDueResponse "tax");
    /// Asks for a quotation, as the tax bureau.
    read quote(collection_service.quote_contribution QuoteContributionRequest QuoteContributionResponse "tax");
    /// Pays, as the tax bureau.
    write pay(collection_service.pay_contribution PayContributionRequest PayContributionResponse "tax");
    /// Reports a statement, as the tax bureau.
    write report(collection_service.report_payments ReportPaymentsRequest ReportPaymentsResponse "tax");
    /// Declares people who owe nothing, as whoever keeps their list.
    write declare(collection_service.declare_contributions DeclareContributionsRequest DeclareContributionsResponse by);

    /// Asks what a student who left is given back, as the school.
    write refund_student(refund_service.refund_student RefundStudentRequest RefundStudentResponse "school");
    /// Asks a contribution back, as the tax bureau.
    write refund_contribution(refund_service.refund_contribution RefundContributionRequest RefundContributionResponse "tax");
    /// Gives money in suspense back, as the tax bureau.
    write refund_suspense(refund_service.refund_suspense RefundSuspenseRequest RefundSuspenseResponse "tax");
    /// Records that a refund was paid out, as the tax bureau.
    write pay_refund(refund_service.pay_refund PayRefundRequest PayRefundResponse "tax");
    /// Lists refunds, as the tax bureau.
    read refunds(refund_service.list_refunds ListRefundsRequest ListRefundsResponse "tax");
    /// Lists money in suspense, as the tax bureau.
    read suspense(refund_service.list_suspense ListSuspenseRequest ListSuspenseResponse "tax");

    /// Tells how far the collection has come, as the auditor.
    read progress(books_service.get_progress GetProgressRequest GetProgressResponse "auditor");
    /// Shows the ledger's balances, as the auditor.
    read books(books_service.get_books GetBooksRequest GetBooksResponse "auditor");
    /// Lists contributions, as the auditor.
    read contributions(books_service.list_contributions ListContributionsRequest ListContributionsResponse "auditor");
    /// Lists payments, as the auditor.
    read payments(books_service.list_payments ListPaymentsRequest ListPaymentsResponse "auditor");

    /// Asks for the aid, as civil affairs; the position holds what tax was told.
    write aid(aid_service.get_aid GetAidRequest GetAidResponse "civil-affairs");
    /// Decides an aid, as veterans or medical insurance.
    write decide_aid(aid_service.decide_aid DecideAidRequest DecideAidResponse by);
    /// Lists aid, as the auditor.
    read aids(aid_service.list_aid ListAidRequest ListAidResponse "auditor");

    /// Submits a roster, as whoever certifies the identity.
    write submit_roster(roster_service.submit_roster SubmitRosterRequest SubmitRosterResponse by);
    /// Confirms a roster, as the medical insurance bureau.
    write confirm_roster(roster_service.confirm_roster ConfirmRosterRequest ConfirmRosterResponse "medical-insurance");
    /// Lists roster lines, as the medical insurance bureau.
    read roster_lines(roster_service.list_roster_lines ListRosterLinesRequest ListRosterLinesResponse "medical-insurance");
    /// Counts the people on the rosters, as the auditor.
    read roster_progress(roster_service.get_roster_progress GetRosterProgressRequest GetRosterProgressResponse "auditor");

    /// Sums up what each payer owes, as finance.
    read payer_totals(finance_service.get_payer_totals GetPayerTotalsRequest GetPayerTotalsResponse "finance");
    /// Lists what payers owe, as finance.
    read grants(finance_service.list_grants ListGrantsRequest ListGrantsResponse "finance");

    /// Asks whether a resident is covered, as a hospital.
    read coverage(benefits_service.get_coverage GetCoverageRequest GetCoverageResponse "hospital");
    /// Lists benefit periods, as the auditor.
    read benefit_periods(benefits_service.list_benefit_periods ListBenefitPeriodsRequest ListBenefitPeriodsResponse "auditor");
    /// Counts residents by how they stand, as the auditor.
    read benefit_counts(benefits_service.get_benefit_counts GetBenefitCountsRequest GetBenefitCountsResponse "auditor");
}

impl Player {
    /// Sets the task numbers of the townships, as the tax bureau; others are not told of them.
    pub async fn set_tasks(&mut self, message: SetTasksRequest) -> Result<SetTasksResponse, Status> {
        Ok(self.books_service("tax")?.set_tasks(self.sent("tax", message)).await?.into_inner())
    }
}
