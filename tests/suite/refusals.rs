//! Every refusal of every department, over the wire: its code, its reason, its sentence and its clauses.

use std::{fs, time::Instant};

use canbao::{Player, Suite, request};
use canbao_host::Settings;
use canbao_proto::{
    collection::{
        GetContributionDueRequest, PayContributionRequest, QuoteContributionRequest, ReportPaymentsRequest,
        StatementLine, collection_service_client::CollectionServiceClient,
    },
    common::{LogPosition, Money},
    refusal::{self, Told},
    registration::{
        EmployeeScheme, RegisterResidentRequest, StudentKind,
        registration_service_client::RegistrationServiceClient,
    },
    rules::RULES,
    subsidy::GetAidRequest,
};
use canbao_tests::{DIVISION, Person, Raw, Running, YEAR, day, good_request, settings};
use canbao_types::RequestId;
use prost::Message;
use prost_reflect::{ReflectMessage, Value};
use tokio::task::JoinSet;
use tonic::{Code, Status, transport::Channel};

#[path = "refusals/every.rs"]
mod every;
#[path = "refusals/precedence.rs"]
mod precedence;
#[path = "refusals/reuse.rs"]
mod reuse;

/// A division without a place, governed by [`NOTICE`] where the tests start with it.
pub const ELSEWHERE: &str = "141199";

/// A notice that leaves to a person, and warns of, what the ones compiled in do not on this path.
pub const NOTICE: &str = include_str!("refusals/141199-2026.toml");

/// The departments with [`NOTICE`] beside the notices compiled in, and clients of their own.
pub struct Asked {
    pub running: Running,
    pub registration: RegistrationServiceClient<Channel>,
    pub collection: CollectionServiceClient<Channel>,
    next: u32,
}

impl Asked {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let notices = data.path().join("notices");
        fs::create_dir(&notices).unwrap();
        fs::write(notices.join("141199-2026.toml"), NOTICE).unwrap();
        let settings = Settings { notices: Some(notices), ..settings(data.path()) };
        let suite = Suite::start(&settings).await.unwrap();
        let player = Player::connect(suite.addresses).await.unwrap();
        let running = Running { suite, player, clock: settings.clock, data: data.into() };
        let registration = RegistrationServiceClient::new(running.channel("registration").await);
        let collection = CollectionServiceClient::new(running.channel("collection").await);
        Self { running, registration, collection, next: 0 }
    }

    /// Somebody nobody knows yet.
    pub fn person(&mut self) -> Person {
        self.next += 1;
        Person::born("19800101", self.next)
    }

    /// Somebody who is registered, and whom collection and subsidy have heard of.
    pub async fn registered(&mut self) -> Person {
        let person = self.person();
        self.admit(&person, DIVISION).await;
        person
    }

    /// Registers somebody in a division, and waits until the others have heard of it.
    pub async fn admit(&mut self, person: &Person, division: &str) {
        let registration =
            RegisterResidentRequest { division: division.to_owned(), ..person.registration("2025-11-03") };
        let player = &mut self.running.player;
        player.register(registration).await.unwrap();
        let resident = person.reference();
        let ask = GetAidRequest { resident, cover_year: YEAR, ..Default::default() };
        // Where a person must decide on the aid, subsidy has heard of it all the same.
        drop(player.aid(ask).await);
    }

    /// Somebody who has paid.
    pub async fn paid(&mut self) -> (Person, PayContributionRequest) {
        let person = self.registered().await;
        let payment = self.payment(&person);
        self.pay(payment.clone()).await.unwrap();
        (person, payment)
    }

    /// A payment that is in order.
    pub fn payment(&self, person: &Person) -> PayContributionRequest {
        PayContributionRequest { after: self.running.player.told(), ..person.payment("400.00", "2025-11-10") }
    }

    /// A registration that is in order.
    pub fn registration(&self, person: &Person) -> RegisterResidentRequest {
        person.registration("2025-11-03")
    }

    /// A statement that is in order.
    pub fn statement(&self, person: &Person) -> ReportPaymentsRequest {
        let request_id = RequestId::new().to_string();
        let line = StatementLine {
            channel_transaction_id: request_id.clone(),
            resident: person.reference(),
            cover_year: YEAR,
            amount: yuan("400.00"),
            pay_date: day("2025-11-10"),
            cash: false,
            ..StatementLine::default()
        };
        ReportPaymentsRequest {
            request_id,
            after: self.running.player.told(),
            division: DIVISION.to_owned(),
            channel: "wechat".to_owned(),
            lines: vec![line],
            declared_total: yuan("400.00"),
        }
    }

    pub async fn register(&mut self, message: RegisterResidentRequest) -> Result<(), Status> {
        self.registration.register_resident(request("medical-insurance", message)).await.map(drop)
    }

    pub async fn pay(&mut self, message: PayContributionRequest) -> Result<(), Status> {
        self.collection.pay_contribution(request("channel/wechat", message)).await.map(drop)
    }

    pub async fn report(&mut self, message: ReportPaymentsRequest) -> Result<(), Status> {
        self.collection.report_payments(request("channel/wechat", message)).await.map(drop)
    }

    pub async fn due(&mut self, person: &Person, division: &str) -> Result<(), Status> {
        let message = GetContributionDueRequest {
            resident: person.reference(),
            division: division.to_owned(),
            cover_year: YEAR,
            after: self.running.player.told(),
            ..Default::default()
        };
        self.collection.get_contribution_due(request("tax", message)).await.map(drop)
    }

    pub async fn quote(&mut self, person: &Person, on: &str) -> Result<(), Status> {
        let message = QuoteContributionRequest {
            resident: person.reference(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            after: self.running.player.told(),
            pay_date: day(on),
            ..QuoteContributionRequest::default()
        };
        self.collection.quote_contribution(request("tax", message)).await.map(drop)
    }
}

/// An amount on the wire.
pub fn yuan(text: &str) -> Option<Money> {
    Some(Money { yuan: text.to_owned() })
}

/// A position no log has reached.
pub fn far(log: &str) -> Vec<LogPosition> {
    vec![LogPosition { log: log.to_owned(), position: 1_000_000 }]
}

/// Reads a refusal and checks what all refusals share: a code, a reason that opens the message, a sentence in Chinese.
pub fn refused(outcome: Result<impl Sized, Status>, code: Code, reason: &str) -> Told {
    let status = outcome.err().unwrap_or_else(|| panic!("{reason} was not refused"));
    let told = refusal::read(&status).unwrap_or_else(|| panic!("{reason}: no refusal in {status:?}"));
    assert_eq!((told.reason.as_str(), status.code()), (reason, code), "{status:?}");
    assert!(status.message().starts_with(reason), "{status:?}");
    let chinese = told.message.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    assert!(chinese >= 5 && told.message.ends_with('。'), "{reason}: {}", told.message);
    assert!(!told.message.contains(|c: char| c.is_ascii_alphabetic()), "{reason}: {}", told.message);
    assert!(status.details().len() < 4_096, "{reason}: {} bytes of details", status.details().len());
    told
}

/// A refusal by the state of the matter: no rule, so no clause.
fn by_state(outcome: Result<impl Sized, Status>, code: Code, reason: &str) -> Told {
    let told = refused(outcome, code, reason);
    assert!(told.citations.is_empty(), "{reason} cites {:?}", told.citations);
    told
}

/// A refusal by a rule: the clauses are cited, one of them this.
fn by_rule(outcome: Result<impl Sized, Status>, reason: &str, clause: &str) -> Told {
    let told = refused(outcome, Code::FailedPrecondition, reason);
    assert!(
        told.citations.iter().any(|citation| citation.clause == clause),
        "{reason} cites {:?}",
        told.citations
    );
    told
}

#[tokio::test]
async fn a_payment_is_taken_on_the_first_and_the_25th_of_a_month_and_on_no_other_side_of_them() {
    let mut asked = Asked::start().await;
    for (closed, next) in
        [("2025-11-26", "2025-12-01"), ("2025-11-30", "2025-12-01"), ("2025-12-31", "2026-01-01")]
    {
        let person = asked.registered().await;
        let payment = PayContributionRequest { pay_date: day(closed), ..asked.payment(&person) };
        let told = by_rule(asked.pay(payment).await, "CLOSED_DAY", "XY26-27");
        assert_eq!(told.metadata["next_day"], next);
        by_rule(asked.quote(&person, closed).await, "CLOSED_DAY", "XY26-27");
    }
    for open in ["2025-10-21", "2025-11-25", "2025-12-01", "2026-02-25"] {
        let person = asked.registered().await;
        let payment = PayContributionRequest { pay_date: day(open), ..asked.payment(&person) };
        asked.pay(payment).await.unwrap();
    }
    asked.running.stop().await;
}

#[tokio::test]
async fn a_payment_before_the_season_or_after_it_is_refused_with_what_to_do() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let on = |asked: &Asked, on| PayContributionRequest { pay_date: day(on), ..asked.payment(&person) };
    let told = by_rule(asked.pay(on(&asked, "2025-10-20")).await, "NOT_OPEN", "XY26-26");
    assert_eq!(told.metadata["next_day"], "2025-10-21");
    for late in ["2026-02-26", "2026-03-01", "2026-06-30"] {
        let told = by_rule(asked.pay(on(&asked, late)).await, "ASSESS_FIRST", "XY26-38");
        assert!(told.message.contains("核定"), "{}", told.message);
    }
    asked.running.clock.advance_to("2027-01-05T09:00:00+08:00".parse().unwrap());
    by_rule(asked.pay(on(&asked, "2027-01-01")).await, "WINDOW_CLOSED", "XY26-26");
    asked.running.stop().await;
}

#[tokio::test]
async fn whoever_is_enrolled_elsewhere_is_not_registered_whether_told_or_known() {
    let mut asked = Asked::start().await;
    let mut told_so = asked.person();
    told_so.circumstances.enrolled_elsewhere = Some(true);
    by_rule(asked.register(asked.registration(&told_so)).await, "ENROLLED_ELSEWHERE", "XJ26-05");

    let known = asked.person();
    asked.admit(&known, ELSEWHERE).await;
    by_rule(asked.register(asked.registration(&known)).await, "ENROLLED_ELSEWHERE", "XJ26-05");
    asked.running.stop().await;
}

#[tokio::test]
async fn a_circumstance_that_decides_and_was_not_given_is_asked_for_by_name() {
    let mut asked = Asked::start().await;
    let mut silent = asked.person();
    silent.circumstances.set_employee_scheme(EmployeeScheme::Unspecified);
    let told = by_rule(asked.register(asked.registration(&silent)).await, "NEEDS_FACT", "XY26-02");
    assert_eq!(told.metadata["fact"], "employee_scheme");

    let mut silent = asked.person();
    silent.circumstances.history = None;
    asked.admit(&silent, DIVISION).await;
    let told = by_rule(asked.pay(asked.payment(&silent)).await, "NEEDS_FACT", "XY26-41");
    assert_eq!(told.metadata["fact"], "last_covered");

    let mut silent = asked.person();
    silent.circumstances.set_student(StudentKind::Unspecified);
    asked.admit(&silent, ELSEWHERE).await;
    let told = by_rule(asked.due(&silent, ELSEWHERE).await, "NEEDS_FACT", "TS26-03");
    assert_eq!(told.metadata["fact"], "student");
    asked.running.stop().await;
}

#[tokio::test]
async fn a_benefit_that_a_person_must_decide_on_takes_no_money() {
    let mut asked = Asked::start().await;
    let mut pupil = asked.person();
    pupil.circumstances.set_student(StudentKind::School);
    asked.admit(&pupil, ELSEWHERE).await;
    let payment = PayContributionRequest { division: ELSEWHERE.to_owned(), ..asked.payment(&pupil) };
    by_rule(asked.pay(payment).await, "PERSON_MUST_DECIDE", "TS26-04");
    asked.running.stop().await;
}

#[tokio::test]
async fn a_fen_too_little_and_a_fen_too_much_are_both_refused() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    for wrong in ["399.99", "400.01", "0.01", "800.00", "1000000.00"] {
        let payment = PayContributionRequest { amount: yuan(wrong), ..asked.payment(&person) };
        let told = by_rule(asked.pay(payment).await, "WRONG_AMOUNT", "XY26-03");
        assert_eq!(told.metadata["due"], "400.00");
    }
    asked.pay(asked.payment(&person)).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn what_was_not_heard_of_in_two_seconds_is_behind_and_nothing_was_started() {
    let mut asked = Asked::start().await;
    let person = asked.registered().await;
    let behind = PayContributionRequest { after: far("registration"), ..asked.payment(&person) };
    let since = Instant::now();
    let told = by_state(asked.pay(behind.clone()).await, Code::Unavailable, "BEHIND");
    let waited = since.elapsed().as_millis();
    assert!((1_900..3_000).contains(&waited), "after {waited} ms");
    assert_eq!(
        (told.metadata["log"].as_str(), told.metadata["position"].as_str()),
        ("registration", "1000000")
    );
    // Nothing is remembered of it either: the same request, once it need not wait, is taken.
    asked.pay(PayContributionRequest { after: Vec::new(), ..behind }).await.unwrap();
    asked.running.stop().await;
}

#[tokio::test]
async fn every_request_that_carries_positions_waits_for_them() {
    let asked = Asked::start().await;
    let person = Person::born("19800101", 999);
    let mut waiting = JoinSet::new();
    for rule in RULES {
        let (caller, mut good) = good_request(rule, &person);
        let Some(after) = good.descriptor().get_field_by_name("after").filter(|field| field.is_list()) else {
            continue;
        };
        let Value::Message(mut position) = good.get_field(&after).as_list().unwrap()[0].clone() else {
            panic!("a position is a message")
        };
        position.set_field_by_name("position", Value::U64(1_000_000));
        good.set_field(&after, Value::List(vec![Value::Message(position)]));
        let department = rule.path.trim_start_matches("/canbao.").split('.').next().unwrap().to_owned();
        let raw = Raw::new(asked.running.channel(&department).await);
        waiting
            .spawn(async move { (rule.path, raw.call(rule.path, Some(caller), good.encode_to_vec()).await) });
    }
    let outcomes = waiting.join_all().await;
    assert!(outcomes.len() > 25, "only {} requests carry positions", outcomes.len());
    for (path, outcome) in outcomes {
        assert!(outcome.is_err(), "{path} did not wait");
        by_state(outcome, Code::Unavailable, "BEHIND");
    }
    asked.running.stop().await;
}
