//! Refunds, suspense and books over the wire: collection alone, told by hand what the others tell.

use std::{net::SocketAddr, sync::Arc};

use canbao::request;
use canbao_host::{Address, Clock, DEPARTMENTS, Installation, listen};
use canbao_proto::{
    collection::{
        books_service_client::BooksServiceClient, collection_service_client::CollectionServiceClient,
        refund_service_client::RefundServiceClient, *,
    },
    common::{self, LogPosition, ResidentReference},
    exchange::{Event, ReadLogRequest, event_log_service_client::EventLogServiceClient},
    registration::{Circumstances, EmployeeScheme, ResidentRegistered, StudentKind, circumstances::History},
    rules,
    subsidy::{ContributionOwed, SettledBy},
};
use canbao_tests::{DIVISION, ToldLog, YEAR, day, reference, settings};
use canbao_types::{RequestId, ResidentId};
use prost::Message;
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};

#[path = "refunding/asked_back.rs"]
mod asked_back;
#[path = "refunding/books.rs"]
mod books;
#[path = "refunding/everywhere.rs"]
mod everywhere;
#[path = "refunding/mix.rs"]
mod mix;
#[path = "refunding/refunds.rs"]
mod refunds;
#[path = "refunding/suspense.rs"]
mod suspense;

/// The tax bureau's department, whose neighbours are logs that a test writes.
pub struct Bureau {
    pub payments: CollectionServiceClient<Channel>,
    pub refunds: RefundServiceClient<Channel>,
    pub books: BooksServiceClient<Channel>,
    pub log: EventLogServiceClient<Channel>,
    pub registration: ToldLog,
    pub subsidy: ToldLog,
    /// What was told, so that every request waits for it.
    pub after: Vec<LogPosition>,
    pub clock: Clock,
    pub data: TempDir,
    pub stop: watch::Sender<bool>,
    pub running: JoinHandle<()>,
}

impl Bureau {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts it with notices of the test's own, by file name.
    pub async fn start_with(notices: &[(&str, String)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("notices");
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in notices {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let settings = canbao_host::Settings { notices: Some(folder), ..settings(data.path()) };
        let listener = listen(&settings, "collection").await.unwrap();
        let own = listener.local_addr().unwrap();
        let (registration, subsidy) = (ToldLog::serve().await, ToldLog::serve().await);
        let addresses = DEPARTMENTS.map(|name| match name {
            "registration" => registration.address,
            "subsidy" => subsidy.address,
            _ => own,
        });
        let clock = settings.clock.clone();
        let installation = Arc::new(Installation::open(settings).unwrap());
        let server = canbao_collection::server(&installation).unwrap();
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(async move {
            server.run(listener, addresses.map(Address::from), stopping).await.unwrap();
        });
        let channel = connect(own).await;
        Self {
            payments: CollectionServiceClient::new(channel.clone()),
            refunds: RefundServiceClient::new(channel.clone()),
            books: BooksServiceClient::new(channel.clone()),
            log: EventLogServiceClient::new(channel),
            registration,
            subsidy,
            after: Vec::new(),
            clock,
            data,
            stop,
            running,
        }
    }

    /// Stops it, and gives the folder with the closed database back.
    pub async fn stop(self) -> TempDir {
        drop((self.payments, self.refunds, self.books, self.log));
        self.stop.send_replace(true);
        self.running.await.unwrap();
        self.data
    }

    /// Registration tells an event; requests wait for it from now on.
    pub fn registration_tells<E: rules::Event>(&mut self, event: &E) {
        let position = self.registration.tell(&told(event));
        self.heard("registration", position);
    }

    /// Subsidy tells an event; requests wait for it from now on.
    pub fn subsidy_tells<E: rules::Event>(&mut self, event: &E) {
        let position = self.subsidy.tell(&told(event));
        self.heard("subsidy", position);
    }

    pub fn heard(&mut self, log: &str, position: u64) {
        self.after.retain(|after| after.log != log);
        self.after.push(LogPosition { log: log.to_owned(), position });
    }

    /// Somebody is registered; an adult, unless a kind of student is given.
    pub fn register(&mut self, student: StudentKind, township: &str) -> ResidentId {
        let resident = ResidentId::new();
        self.registration_tells(&registered(resident, student, township));
        resident
    }

    /// A resident pays by a channel, for as many years.
    pub async fn pay(
        &mut self,
        resident: ResidentId,
        (yuan, on): (&str, &str),
        years: u32,
    ) -> Result<PayContributionResponse, Status> {
        let request_id = RequestId::new().to_string();
        let payment = PayContributionRequest {
            channel_transaction_id: request_id.clone(),
            request_id,
            after: self.after.clone(),
            resident: named(resident),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            channel: "wechat".to_owned(),
            amount: money(yuan),
            pay_date: day(on),
            confirmed_warning: true,
            years,
            ..Default::default()
        };
        self.payments.pay_contribution(request("tax", payment)).await.map(tonic::Response::into_inner)
    }

    /// A channel reports one line.
    pub async fn report(&mut self, resident: Option<ResidentReference>, yuan: &str, on: &str) -> LineOutcome {
        let request_id = RequestId::new().to_string();
        let line = StatementLine {
            channel_transaction_id: request_id.clone(),
            resident,
            cover_year: YEAR,
            amount: money(yuan),
            pay_date: day(on),
            ..Default::default()
        };
        let statement = ReportPaymentsRequest {
            request_id,
            after: self.after.clone(),
            division: DIVISION.to_owned(),
            channel: "bank".to_owned(),
            lines: vec![line],
            declared_total: money(yuan),
        };
        let told = self.payments.report_payments(request("channel/bank", statement)).await.unwrap();
        told.into_inner().outcomes.remove(0)
    }

    pub async fn student_left(
        &mut self,
        resident: ResidentId,
        (left, asked): (&str, &str),
    ) -> Result<Refund, Status> {
        let leaving = RefundStudentRequest {
            request_id: RequestId::new().to_string(),
            after: self.after.clone(),
            resident: named(resident),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            left_on: day(left),
            asked_on: day(asked),
        };
        let told = self.refunds.refund_student(request("school", leaving)).await?;
        Ok(told.into_inner().refund.unwrap())
    }

    pub async fn refund_suspense(&mut self, payment_id: &str, on: &str) -> Result<Refund, Status> {
        let asked = RefundSuspenseRequest {
            request_id: RequestId::new().to_string(),
            after: self.after.clone(),
            payment_id: payment_id.to_owned(),
            decided_on: day(on),
        };
        Ok(self.refunds.refund_suspense(request("tax", asked)).await?.into_inner().refund.unwrap())
    }

    pub async fn pay_refund(&mut self, refund_id: &str, on: &str) -> Result<Refund, Status> {
        let asked = PayRefundRequest {
            request_id: RequestId::new().to_string(),
            after: self.after.clone(),
            refund_id: refund_id.to_owned(),
            paid_on: day(on),
        };
        Ok(self.refunds.pay_refund(request("tax", asked)).await?.into_inner().refund.unwrap())
    }

    pub async fn listed_refunds(&mut self, unpaid_only: bool) -> Vec<Refund> {
        let (after, division) = (self.after.clone(), DIVISION.to_owned());
        let asked =
            ListRefundsRequest { after, division, cover_year: YEAR, unpaid_only, ..Default::default() };
        self.refunds.list_refunds(request("auditor", asked)).await.unwrap().into_inner().refunds
    }

    pub async fn get_books(&mut self) -> GetBooksResponse {
        let asked =
            GetBooksRequest { after: self.after.clone(), division: DIVISION.to_owned(), cover_year: YEAR };
        self.books.get_books(request("finance", asked)).await.unwrap().into_inner()
    }

    /// The balances of the accounts that have one, as text.
    pub async fn balances(&mut self) -> Vec<String> {
        let books = self.get_books().await;
        let balance = |account: &Account| account.balance.clone().unwrap().yuan;
        let open = books.accounts.iter().filter(|account| balance(account) != "0.00");
        open.map(|account| format!("{} {}", account.account, balance(account))).collect()
    }

    pub async fn listed_contribution(&mut self, resident: ResidentId) -> ListedContribution {
        let (after, division) = (self.after.clone(), DIVISION.to_owned());
        let asked = ListContributionsRequest {
            after,
            division,
            cover_year: YEAR,
            page_size: 1_000,
            ..Default::default()
        };
        let listed = self.books.list_contributions(request("tax", asked)).await.unwrap().into_inner();
        let found =
            listed.contributions.into_iter().find(|listed| listed.resident_id == resident.to_string());
        found.unwrap()
    }

    /// The refunds that benefits is told of.
    pub async fn told_refunds(&mut self) -> Vec<ContributionRefunded> {
        let asked = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
        let page = self.log.read_log(request("service/benefits", asked)).await.unwrap().into_inner();
        let kind = <ContributionRefunded as rules::Event>::KIND;
        let refunds = page.events.iter().filter(|event| event.kind == kind);
        refunds.map(|event| ContributionRefunded::decode(event.body.as_slice()).unwrap()).collect()
    }
}

pub async fn connect(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

pub fn told<E: rules::Event>(event: &E) -> Event {
    Event {
        division: DIVISION.to_owned(),
        kind: E::KIND.to_owned(),
        body: event.encode_to_vec(),
        ..Event::default()
    }
}

/// What registration tells of somebody of 孝义 who was covered last year.
pub fn registered(resident: ResidentId, student: StudentKind, township: &str) -> ResidentRegistered {
    let birth = if student == StudentKind::None { "1980-01-01" } else { "2006-05-01" };
    ResidentRegistered {
        resident_id: resident.as_bytes().to_vec(),
        person_key: key(resident, b"person"),
        name_key: key(resident, b"name"),
        cover_year: YEAR,
        birth_date: day(birth),
        registered_on: day("2025-10-21"),
        circumstances: Some(Circumstances {
            hukou_division: Some(DIVISION.to_owned()),
            employee_scheme: EmployeeScheme::Never.into(),
            enrolled_elsewhere: Some(false),
            student: student.into(),
            programme_years: Some(4),
            history: Some(History::LastCoveredYear(YEAR - 1)),
            ..Circumstances::default()
        }),
        township: township.to_owned(),
        masked_number: "1411**********0011".to_owned(),
        ..ResidentRegistered::default()
    }
}

/// A key that stands for the resident's document.
pub fn key(resident: ResidentId, of: &[u8]) -> Vec<u8> {
    RequestId::of(&[resident.as_bytes(), of]).as_bytes().to_vec()
}

/// What subsidy tells of what somebody owes after aid.
pub fn owed(resident: ResidentId, (aided, owed): (&str, &str), determination: u64) -> ContributionOwed {
    ContributionOwed {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        aided: money(aided),
        owed: money(owed),
        payable_item: if aided == "0.00" { "2026年" } else { "特殊缴费" }.to_owned(),
        determination,
        settled_by: SettledBy::Payment.into(),
        ..ContributionOwed::default()
    }
}

pub fn named(resident: ResidentId) -> Option<ResidentReference> {
    reference(&resident.to_string())
}

pub fn money(yuan: &str) -> Option<common::Money> {
    Some(common::Money { yuan: yuan.to_owned() })
}

pub fn yuan(money: &Option<common::Money>) -> &str {
    &money.as_ref().unwrap().yuan
}

/// The reason of a refusal, and the clauses it rests on.
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>) -> (String, Vec<String>) {
    let told = canbao_proto::refusal::read(&outcome.unwrap_err()).expect("a refusal");
    (told.reason, told.citations.into_iter().map(|citation| citation.clause).collect())
}
