//! What the notices of other cities turn on, through the four departments: tiers, repair, schools, papers, permits, the day
//! the money arrives, aid of a tier.

use std::path::Path;

use canbao::{Player, Suite};
use canbao_proto::{
    benefits::*,
    collection::*,
    common::Money,
    refusal::{self, Told},
    registration::{circumstances::History, *},
    subsidy::{GetAidRequest, RosterLine, SubmitRosterRequest},
};
use canbao_tests::{Home, Person, Running, day, reference};
use canbao_types::RequestId;
use tonic::{Code, Status};

#[path = "cities/aid.rs"]
mod aid;
#[path = "cities/facts.rs"]
mod facts;
#[path = "cities/refunds.rs"]
mod refunds;
#[path = "cities/registering.rs"]
mod registering;
#[path = "cities/repair.rs"]
mod repair;
#[path = "cities/tiers.rs"]
mod tiers;
#[path = "cities/versions.rs"]
mod versions;

/// Four departments and one city whose notice governs a coverage year.
struct City {
    running: Running,
    division: &'static str,
    year: i32,
    people: u32,
}

impl City {
    /// Starts the departments with the notice of the city.
    async fn open(division: &'static str, year: i32) -> Self {
        let known = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/policy/notices");
        let notice = std::fs::read_to_string(Path::new(known).join(format!("{division}-{year}.toml")));
        Self::governed(division, year, &notice.unwrap()).await
    }

    /// Starts the departments with this notice.
    async fn governed(division: &'static str, year: i32, notice: &str) -> Self {
        Self::amended(division, year, (notice, &[])).await
    }

    /// Starts the departments with this notice and what amends it, by the end of the file's name.
    async fn amended(
        division: &'static str,
        year: i32,
        (notice, amendments): (&str, &[(&str, &str)]),
    ) -> Self {
        let data = Home::fresh();
        let notices = data.path().join("notices");
        std::fs::create_dir(&notices).unwrap();
        for (end, text) in std::iter::once(&("", notice)).chain(amendments) {
            std::fs::write(notices.join(format!("{division}-{year}{end}.toml")), text).unwrap();
        }
        Self::of(division, year, data).await
    }

    /// Starts the departments with the notices that lie with their databases.
    async fn of(division: &'static str, year: i32, data: Home) -> Self {
        let notices = data.path().join("notices");
        let settings = canbao_host::Settings { notices: Some(notices), ..data.settings() };
        let suite = Suite::start(&settings).await.unwrap();
        let player = Player::connect(suite.addresses).await.unwrap();
        let running = Running { suite, player, clock: settings.clock, data };
        Self { running, division, year, people: 0 }
    }

    async fn zhaoyuan() -> Self {
        Self::open("370685", 2025).await
    }

    async fn gaizhou() -> Self {
        Self::open("210881", 2025).await
    }

    async fn weihai() -> Self {
        Self::open("371000", 2022).await
    }

    async fn close(self) {
        self.running.stop().await;
    }

    /// Somebody of the place, born on a day, who does not work and was insured the year before.
    fn person(&mut self, birth: &str) -> Person {
        self.people += 1;
        let mut person = Person::born(birth, self.people);
        person.circumstances = Circumstances {
            hukou_division: Some(self.division.to_owned()),
            employee_scheme: EmployeeScheme::Never.into(),
            enrolled_elsewhere: Some(false),
            student: StudentKind::None.into(),
            history: Some(History::LastCoveredYear(self.year - 1)),
            works: Some(false),
            rural: Some(false),
            retired: Some(false),
            employee_benefits: Some(false),
            retirement_age: Some(false),
            unemployment: UnemploymentBenefit::None.into(),
            full_time: Some(false),
            ..Circumstances::default()
        };
        person
    }

    /// A student of a school of the place.
    fn student(&mut self, birth: &str, kind: StudentKind) -> Person {
        let mut student = self.person(birth);
        student.circumstances.set_student(kind);
        student.circumstances.school_division = Some(self.division.to_owned());
        student.circumstances.full_time = Some(true);
        student
    }

    fn registration(&self, person: &Person, on: &str) -> RegisterResidentRequest {
        let (division, cover_year) = (self.division.to_owned(), self.year);
        RegisterResidentRequest { division, cover_year, ..person.registration(on) }
    }

    /// Registers somebody, as the bureau.
    async fn register(&mut self, person: &Person, on: &str) -> String {
        let asked = self.registration(person, on);
        self.running.player.register(asked).await.unwrap().resident_id
    }

    /// Registers a student, as the school.
    async fn register_by_school(&mut self, person: &Person, on: &str) -> String {
        let asked = self.registration(person, on);
        self.running.player.register_by("school", asked).await.unwrap().resident_id
    }

    fn payment(&self, person: &Person, yuan: &str, on: &str) -> PayContributionRequest {
        let (division, cover_year) = (self.division.to_owned(), self.year);
        PayContributionRequest { division, cover_year, ..person.payment(yuan, on) }
    }

    async fn pay(&mut self, payment: PayContributionRequest) -> Result<PayContributionResponse, Status> {
        self.running.player.pay(payment).await
    }

    fn question(&self, person: &Person, on: &str) -> QuoteContributionRequest {
        QuoteContributionRequest {
            resident: person.reference(),
            division: self.division.to_owned(),
            cover_year: self.year,
            pay_date: day(on),
            ..QuoteContributionRequest::default()
        }
    }

    async fn quote(&mut self, asked: QuoteContributionRequest) -> Result<QuoteContributionResponse, Status> {
        self.running.player.quote(asked).await
    }

    async fn due(&mut self, person: &Person, tier: &str) -> Result<ContributionDue, Status> {
        let asked = GetContributionDueRequest {
            resident: person.reference(),
            division: self.division.to_owned(),
            cover_year: self.year,
            tier: tier.to_owned(),
            ..GetContributionDueRequest::default()
        };
        Ok(self.running.player.due(asked).await?.contribution.unwrap())
    }

    /// The benefit period that is known when all have heard of everything.
    async fn period(&mut self, id: &str, on: &str) -> BenefitPeriod {
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        let asked =
            GetCoverageRequest { resident: reference(id), on: day(on), ..GetCoverageRequest::default() };
        self.running.player.coverage(asked).await.unwrap().period.expect("a benefit period")
    }

    /// The balances of the ledger that are not zero.
    async fn balances(&mut self) -> Vec<String> {
        let asked = GetBooksRequest {
            division: self.division.to_owned(),
            cover_year: self.year,
            ..GetBooksRequest::default()
        };
        let books = self.running.player.books(asked).await.unwrap();
        let lines = books.accounts.iter().filter(|account| yuan(&account.balance) != "0.00");
        lines.map(|account| format!("{} {}", account.account, yuan(&account.balance))).collect()
    }
}

fn money(yuan: &str) -> Option<Money> {
    Some(Money { yuan: yuan.to_owned() })
}

fn yuan(money: &Option<Money>) -> &str {
    money.as_ref().map_or("", |money| money.yuan.as_str())
}

fn text(day: Option<canbao_proto::google::Date>) -> String {
    day.map(|day| format!("{}-{:02}-{:02}", day.year, day.month, day.day)).unwrap_or_default()
}

/// The parts of an amount, each with what it comes to.
fn parts(contribution: &ContributionDue) -> Vec<String> {
    let part = |part: &canbao_proto::common::AmountPart| {
        let name = part.part().as_str_name().trim_start_matches("PART_").to_lowercase();
        format!("{name} {}", yuan(&part.amount))
    };
    contribution.parts.iter().map(part).collect()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, reason: &str) -> Told {
    let told = refusal::read(&outcome.expect_err("refused")).expect("a refusal");
    assert_eq!(told.reason, reason, "{told:?}");
    told
}

/// The fields that are malformed, as the status tells of them.
fn malformed<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    let status = outcome.expect_err("malformed");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    status.message().to_owned()
}
