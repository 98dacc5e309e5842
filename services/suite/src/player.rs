//! A client of the four departments that knows four addresses and nothing else. It carries the log positions it was told
//! from one department to the next.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use canbao_host::{DEPARTMENTS, StartError};
use canbao_proto::{
    benefits::{benefits_service_client::BenefitsServiceClient, *},
    collection::{
        books_service_client::BooksServiceClient, collection_service_client::CollectionServiceClient,
        refund_service_client::RefundServiceClient, *,
    },
    common::LogPosition,
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
    refusal,
    registration::{registration_service_client::RegistrationServiceClient, *},
    subsidy::{
        aid_service_client::AidServiceClient, finance_service_client::FinanceServiceClient,
        roster_service_client::RosterServiceClient, *,
    },
};
use tonic::{
    Code, Request, Response, Status,
    transport::{Channel, Endpoint},
};

/// How long an answer is waited for; a batch of a thousand on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a request whose outcome is not known is sent again.
const AGAIN_IF_UNKNOWN: u32 = 5;

/// How often a department that is behind is asked again, each time for the two seconds that it waits itself.
const ASKED_AGAIN: usize = 150;

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
    refunds: RefundServiceClient<Channel>,
    books: BooksServiceClient<Channel>,
    subsidy: AidServiceClient<Channel>,
    rosters: RosterServiceClient<Channel>,
    finance: FinanceServiceClient<Channel>,
    benefits: BenefitsServiceClient<Channel>,
    /// The four logs, in the order of [`DEPARTMENTS`].
    logs: [EventLogServiceClient<Channel>; 4],
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
        let channels: [Channel; 4] = channels.try_into().map_err(|_| "there are four departments")?;
        let logs = channels.clone().map(EventLogServiceClient::new);
        let [registration, collection, subsidy, benefits] = channels;
        Ok(Self {
            registration: RegistrationServiceClient::new(registration),
            collection: CollectionServiceClient::new(collection.clone()),
            refunds: RefundServiceClient::new(collection.clone()),
            books: BooksServiceClient::new(collection),
            subsidy: AidServiceClient::new(subsidy.clone()),
            rosters: RosterServiceClient::new(subsidy.clone()),
            finance: FinanceServiceClient::new(subsidy),
            benefits: BenefitsServiceClient::new(benefits),
            logs,
            told: BTreeMap::new(),
        })
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
            for (department, name) in DEPARTMENTS.iter().enumerate() {
                let mut asked = 0;
                while let Err(status) = self.heard_by(department, division, cover_year).await {
                    let behind = refusal::read(&status).is_some_and(|told| told.reason == "BEHIND")
                        || status.code() == Code::DeadlineExceeded;
                    asked += 1;
                    if !behind || asked == ASKED_AGAIN {
                        return Err(status);
                    }
                }
                let after = self.told.get(*name).copied().unwrap_or_default();
                let message = ReadLogRequest { after, limit: 1, wait_milliseconds: 0 };
                let head = self.logs[department].read_log(sent("auditor", message)).await?.into_inner().head;
                self.hear([&LogPosition { log: (*name).to_owned(), position: head }]);
            }
            if self.told == before {
                return Ok(());
            }
        }
    }

    /// Answers when the department has heard everything told so far: the shortest list it has waits for that.
    async fn heard_by(&mut self, department: usize, division: &str, cover_year: i32) -> Result<(), Status> {
        let (after, division, page_size) = (self.told(), division.to_owned(), 1);
        match DEPARTMENTS[department] {
            "registration" => {
                let message = ListRegistrationsRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListRegistrationsRequest::default()
                };
                drop(self.registration.list_registrations(sent("auditor", message)).await?);
            }
            "collection" => {
                let message = ListSuspenseRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListSuspenseRequest::default()
                };
                drop(self.refunds.list_suspense(sent("auditor", message)).await?);
            }
            "subsidy" => {
                let message =
                    ListAidRequest { after, division, cover_year, page_size, ..ListAidRequest::default() };
                drop(self.subsidy.list_aid(sent("auditor", message)).await?);
            }
            _ => {
                let message = ListBenefitPeriodsRequest {
                    after,
                    division,
                    cover_year,
                    page_size,
                    ..ListBenefitPeriodsRequest::default()
                };
                drop(self.benefits.list_benefit_periods(sent("auditor", message)).await?);
            }
        }
        Ok(())
    }
}

/// A request of the player's own, which waits longer than a test's.
fn sent<T>(caller: &'static str, message: T) -> Request<T> {
    let mut request = request(caller, message);
    request.set_timeout(PATIENCE);
    request
}

/// A method for each RPC: made by one caller, or by the one that is named, after everything told so far unless the
/// message says after what; of a write, the position is remembered.
macro_rules! calls {
    ($($(#[$doc:meta])* $how:ident $name:ident($client:ident.$rpc:ident $message:ident $answer:ident $by:tt);)*) => {
        impl Player {
            $(calls! { @$by $how $(#[$doc])* $name $client $rpc $message $answer })*
        }
    };
    (@by $how:ident $(#[$doc:meta])* $name:ident $client:ident $rpc:ident $message:ident $answer:ident) => {
        $(#[$doc])*
        pub async fn $name(&mut self, by: &'static str, mut message: $message) -> Result<$answer, Status> {
            calls! { @call $how self by message $client $rpc }
        }
    };
    (@$by:literal $how:ident $(#[$doc:meta])* $name:ident $client:ident $rpc:ident $message:ident $answer:ident) => {
        $(#[$doc])*
        pub async fn $name(&mut self, mut message: $message) -> Result<$answer, Status> {
            calls! { @call $how self $by message $client $rpc }
        }
    };
    (@call read $self:ident $by:tt $message:ident $client:ident $rpc:ident) => {{
        if $message.after.is_empty() {
            $message.after = $self.told();
        }
        calls! { @send $self $by $message $client $rpc }
    }};
    (@call write $self:ident $by:tt $message:ident $client:ident $rpc:ident) => {{
        if $message.after.is_empty() {
            $message.after = $self.told();
        }
        let answer = calls! { @send $self $by $message $client $rpc }?;
        $self.hear(answer.position.as_ref());
        Ok(answer)
    }};
    (@send $self:ident $by:tt $message:ident $client:ident $rpc:ident) => {{
        let mut again = AGAIN_IF_UNKNOWN;
        loop {
            match $self.$client.$rpc(sent($by, $message.clone())).await {
                // Whether it was done is not known: the same request, under the same id, is sent again.
                Err(status) if status.code() == Code::DeadlineExceeded && again > 0 => again -= 1,
                outcome => break outcome.map(Response::into_inner),
            }
        }
    }};
}

calls! {
    /// Registers, as the medical insurance bureau.
    write register(registration.register_resident RegisterResidentRequest RegisterResidentResponse "medical-insurance");
    /// Registers, as medical insurance or a school.
    write register_by(registration.register_resident RegisterResidentRequest RegisterResidentResponse by);
    /// Registers a roster, as medical insurance or a school.
    write register_roster(registration.register_roster RegisterRosterRequest RegisterRosterResponse by);
    /// Moves a record here, as the medical insurance bureau.
    write move_registration(registration.move_registration MoveRegistrationRequest MoveRegistrationResponse "medical-insurance");
    /// Gives a resident another document, as the medical insurance bureau.
    write change_document(registration.change_document ChangeDocumentRequest ChangeDocumentResponse "medical-insurance");
    /// Ends a registration, as the medical insurance bureau.
    write end_registration(registration.end_registration EndRegistrationRequest EndRegistrationResponse "medical-insurance");
    /// Assesses a late payment, as the medical insurance centre.
    write assess(registration.assess_late_payment AssessLatePaymentRequest AssessLatePaymentResponse "medical-insurance");
    /// Records cover, as the medical insurance bureau.
    write record_cover(registration.record_cover RecordCoverRequest RecordCoverResponse "medical-insurance");
    /// Lists registrations, as the auditor.
    read registrations(registration.list_registrations ListRegistrationsRequest ListRegistrationsResponse "auditor");
    /// Counts registrations, as the auditor.
    read registration_counts(registration.get_registration_counts GetRegistrationCountsRequest GetRegistrationCountsResponse "auditor");
    /// Shows a resident, as the medical insurance bureau.
    read resident(registration.get_resident GetResidentRequest GetResidentResponse "medical-insurance");

    /// Asks what is due, as the tax bureau.
    read due(collection.get_contribution_due GetContributionDueRequest GetContributionDueResponse "tax");
    /// Asks for a quotation, as the tax bureau.
    read quote(collection.quote_contribution QuoteContributionRequest QuoteContributionResponse "tax");
    /// Pays, as the tax bureau.
    write pay(collection.pay_contribution PayContributionRequest PayContributionResponse "tax");
    /// Reports a statement, as the tax bureau.
    write report(collection.report_payments ReportPaymentsRequest ReportPaymentsResponse "tax");
    /// Declares people who owe nothing, as whoever keeps their list.
    write declare(collection.declare_contributions DeclareContributionsRequest DeclareContributionsResponse by);

    /// Asks what a student who left is given back, as the school.
    write refund_student(refunds.refund_student RefundStudentRequest RefundStudentResponse "school");
    /// Gives money in suspense back, as the tax bureau.
    write refund_suspense(refunds.refund_suspense RefundSuspenseRequest RefundSuspenseResponse "tax");
    /// Records that a refund was paid out, as the tax bureau.
    write pay_refund(refunds.pay_refund PayRefundRequest PayRefundResponse "tax");
    /// Lists refunds, as the tax bureau.
    read refunds(refunds.list_refunds ListRefundsRequest ListRefundsResponse "tax");
    /// Lists money in suspense, as the tax bureau.
    read suspense(refunds.list_suspense ListSuspenseRequest ListSuspenseResponse "tax");

    /// Tells how far the collection has come, as the auditor.
    read progress(books.get_progress GetProgressRequest GetProgressResponse "auditor");
    /// Shows the ledger's balances, as the auditor.
    read books(books.get_books GetBooksRequest GetBooksResponse "auditor");
    /// Lists contributions, as the auditor.
    read contributions(books.list_contributions ListContributionsRequest ListContributionsResponse "auditor");
    /// Lists payments, as the auditor.
    read payments(books.list_payments ListPaymentsRequest ListPaymentsResponse "auditor");

    /// Asks for the aid, as civil affairs; the position holds what tax was told.
    write aid(subsidy.get_aid GetAidRequest GetAidResponse "civil-affairs");
    /// Decides an aid, as veterans or medical insurance.
    write decide_aid(subsidy.decide_aid DecideAidRequest DecideAidResponse by);
    /// Lists aid, as the auditor.
    read aids(subsidy.list_aid ListAidRequest ListAidResponse "auditor");

    /// Submits a roster, as whoever certifies the identity.
    write submit_roster(rosters.submit_roster SubmitRosterRequest SubmitRosterResponse by);
    /// Confirms a roster, as the medical insurance bureau.
    write confirm_roster(rosters.confirm_roster ConfirmRosterRequest ConfirmRosterResponse "medical-insurance");
    /// Lists roster lines, as the medical insurance bureau.
    read roster_lines(rosters.list_roster_lines ListRosterLinesRequest ListRosterLinesResponse "medical-insurance");
    /// Counts the people on the rosters, as the auditor.
    read roster_progress(rosters.get_roster_progress GetRosterProgressRequest GetRosterProgressResponse "auditor");

    /// Sums up what each payer owes, as finance.
    read payer_totals(finance.get_payer_totals GetPayerTotalsRequest GetPayerTotalsResponse "finance");
    /// Lists what payers owe, as finance.
    read grants(finance.list_grants ListGrantsRequest ListGrantsResponse "finance");

    /// Asks whether a resident is covered, as a hospital.
    read coverage(benefits.get_coverage GetCoverageRequest GetCoverageResponse "hospital");
    /// Lists benefit periods, as the auditor.
    read benefit_periods(benefits.list_benefit_periods ListBenefitPeriodsRequest ListBenefitPeriodsResponse "auditor");
    /// Counts residents by how they stand, as the auditor.
    read benefit_counts(benefits.get_benefit_counts GetBenefitCountsRequest GetBenefitCountsResponse "auditor");
}

impl Player {
    /// Sets the task numbers of the townships, as the tax bureau; others are not told of them.
    pub async fn set_tasks(&mut self, message: SetTasksRequest) -> Result<SetTasksResponse, Status> {
        Ok(self.books.set_tasks(sent("tax", message)).await?.into_inner())
    }
}
