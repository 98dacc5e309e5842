//! A season in files, and how it is played: through the contracts, as the departments would, on the season's own dates.

use std::{collections::BTreeMap, fmt::Display, fs::File, path::Path};

use canbao_host::{Clock, DEPARTMENTS, Settings, StartError};
use canbao_proto::{
    benefits::GetCoverageRequest,
    collection::{
        GetContributionDueRequest, PayContributionRequest, ReportPaymentsRequest, StatementLine,
        SuspenseReason,
    },
    common::{DocumentKind, IdentityDocument, ResidentReference, resident_reference::Reference},
    google, refusal,
    registration::{
        Circumstances, EmployeeScheme, GetResidentRequest, RegisterResidentRequest, RegistrationStatus,
        StudentKind, circumstances::History,
    },
    subsidy::GetAidRequest,
    wire,
};
use canbao_types::{Date, Money, RequestId};
use chrono::{FixedOffset, NaiveTime, TimeZone};
use indicatif::ProgressBar;
use serde::{Deserialize, de::DeserializeOwned};
use tonic::{Code, Status};

use crate::{
    Player, Suite,
    books::{Books, Refused, Standing, Suspended},
};

pub mod files;
mod lines;
pub mod words;

pub use lines::{Broken, read_plan, write_lines, write_plan};

/// A season as its folder tells it.
#[derive(Debug)]
pub struct Season {
    plan: Plan,
    residents: Vec<ResidentLine>,
    payments: Vec<PaymentLine>,
}

/// `season.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    division: String,
    cover_year: i32,
    /// The clock starts on this day.
    begins: Date,
    /// The books are closed on this day.
    ends: Date,
}

/// A line of `residents.csv`: somebody who applies to be registered. Empty columns are facts not given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResidentLine {
    /// Names the resident in the season's other files.
    resident: String,
    name: String,
    number: String,
    registered_on: Date,
    hukou: Option<String>,
    employee_scheme: Option<Scheme>,
    enrolled_elsewhere: Option<bool>,
    student: Option<Student>,
    /// A year, or `never`.
    last_covered: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scheme {
    Never,
    Past,
    InScope,
    Enrolled,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Student {
    None,
    Kindergarten,
    School,
    Vocational,
    College,
}

/// A line of `payments.csv`: a payment that is asked for, or one that a channel reports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentLine {
    /// A resident of `residents.csv`, or an identity number of somebody else.
    resident: String,
    way: Way,
    channel: String,
    transaction: String,
    amount: String,
    pay_date: Date,
    cash: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    /// Asked before the channel takes the money.
    Pay,
    /// Told after it took it.
    Report,
}

/// What is done on a day.
enum Act<'a> {
    Register(&'a ResidentLine),
    Pay(&'a PaymentLine),
    Report(Vec<&'a PaymentLine>),
}

/// Plays the season of a folder in a fresh suite and gives its books.
pub async fn play(folder: &Path) -> Result<Books, StartError> {
    let season = Season::read(folder)?;
    let data = tempfile::tempdir()?;
    let clock = Clock::started_at(nine_o_clock(season.plan.begins)?);
    let settings = Settings {
        data: data.path().into(),
        clock: clock.clone(),
        addresses: DEPARTMENTS.map(|_| ([127, 0, 0, 1], 0).into()),
        ..Settings::default()
    };
    let suite = Suite::start(&settings).await?;
    let mut player = Player::connect(suite.addresses).await?;
    let books = season.play(&mut player, &clock).await;
    drop(player);
    suite.stop().await?;
    books
}

/// The instant at which a day's work begins in Beijing.
fn nine_o_clock(day: Date) -> Result<chrono::DateTime<chrono::Utc>, StartError> {
    let beijing = FixedOffset::east_opt(8 * 3_600).and_then(|beijing| {
        let nine = NaiveTime::from_hms_opt(9, 0, 0)?;
        beijing.from_local_datetime(&day.and_time(nine)).single()
    });
    Ok(beijing.ok_or("a day without a morning")?.to_utc())
}

impl Season {
    /// Reads a season's folder.
    pub fn read(folder: &Path) -> Result<Self, StartError> {
        let plan = folder.join("season.toml");
        let text = std::fs::read_to_string(&plan).map_err(|error| at(&plan, error))?;
        let plan = toml::from_str(&text).map_err(|error| at(&plan, error))?;
        let residents = read_csv(&folder.join("residents.csv"))?;
        let payments = read_csv(&folder.join("payments.csv"))?;
        Ok(Self { plan, residents, payments })
    }

    /// Plays the season through four departments, and asks them for the books.
    async fn play(&self, player: &mut Player, clock: &Clock) -> Result<Books, StartError> {
        let acts = self.acts();
        let progress = ProgressBar::new(acts.values().map(|acts| acts.len() as u64).sum());
        let mut books = Books::new(&self.plan.division, self.plan.cover_year);
        for (day, acts) in acts {
            clock.advance_to(nine_o_clock(day)?);
            for act in acts {
                match act {
                    Act::Register(line) => self.register(player, line, &mut books).await?,
                    Act::Pay(line) => self.pay(player, line, &mut books).await?,
                    Act::Report(lines) => self.report(player, &lines, &mut books).await?,
                }
                progress.inc(1);
            }
        }
        clock.advance_to(nine_o_clock(self.plan.ends)?);
        self.ask(player, &mut books).await?;
        progress.finish_and_clear();
        Ok(books)
    }

    /// What is done, day by day: registrations first, then payments; a channel's statement of a day is one act.
    fn acts(&self) -> BTreeMap<Date, Vec<Act<'_>>> {
        let mut acts: BTreeMap<Date, Vec<Act<'_>>> = BTreeMap::new();
        for line in &self.residents {
            acts.entry(line.registered_on).or_default().push(Act::Register(line));
        }
        let mut statements: BTreeMap<(Date, &str), Vec<&PaymentLine>> = BTreeMap::new();
        for line in &self.payments {
            match line.way {
                Way::Pay => acts.entry(line.pay_date).or_default().push(Act::Pay(line)),
                Way::Report => statements.entry((line.pay_date, &line.channel)).or_default().push(line),
            }
        }
        for ((day, _), lines) in statements {
            acts.entry(day).or_default().push(Act::Report(lines));
        }
        acts
    }

    async fn register(
        &self,
        player: &mut Player,
        line: &ResidentLine,
        books: &mut Books,
    ) -> Result<(), StartError> {
        let history = match line.last_covered.as_deref() {
            None => None,
            Some("never") => Some(History::NeverCovered(true)),
            Some(year) => Some(History::LastCoveredYear(year.parse()?)),
        };
        let circumstances = Circumstances {
            hukou_division: line.hukou.clone(),
            employee_scheme: line.employee_scheme.map_or(EmployeeScheme::Unspecified, scheme).into(),
            enrolled_elsewhere: line.enrolled_elsewhere,
            student: line.student.map_or(StudentKind::Unspecified, student).into(),
            history,
        };
        let message = RegisterResidentRequest {
            request_id: RequestId::new().to_string(),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            document: Some(document(&line.number)),
            name: line.name.clone(),
            registered_on: Some(wire::date(line.registered_on)),
            circumstances: Some(circumstances),
            ..RegisterResidentRequest::default()
        };
        match player.register(message).await {
            Ok(_) => books.registered += 1,
            Err(status) => {
                books.refused.push(refused(
                    &line.resident,
                    "参保登记",
                    line.registered_on,
                    Money::ZERO,
                    &status,
                )?);
            }
        }
        Ok(())
    }

    /// The resident a payment line names: one of the season's, or a number of somebody else.
    fn named(&self, resident: &str) -> ResidentReference {
        let line = self.residents.iter().find(|line| line.resident == resident);
        reference(line.map_or(resident, |line| line.number.as_str()))
    }

    async fn pay(
        &self,
        player: &mut Player,
        line: &PaymentLine,
        books: &mut Books,
    ) -> Result<(), StartError> {
        let amount: Money = line.amount.parse()?;
        let message = PayContributionRequest {
            request_id: RequestId::new().to_string(),
            resident: Some(self.named(&line.resident)),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            channel: line.channel.clone(),
            channel_transaction_id: line.transaction.clone(),
            amount: Some(wire::money(amount)),
            pay_date: Some(wire::date(line.pay_date)),
            cash: line.cash,
            ..PayContributionRequest::default()
        };
        match player.pay(message).await {
            Ok(_) => books.take(&line.channel, amount)?,
            Err(status) => {
                books.refused.push(refused(&line.resident, "缴费", line.pay_date, amount, &status)?)
            }
        }
        Ok(())
    }

    async fn report(
        &self,
        player: &mut Player,
        lines: &[&PaymentLine],
        books: &mut Books,
    ) -> Result<(), StartError> {
        let amounts = lines.iter().map(|line| line.amount.parse::<Money>()).collect::<Result<Vec<_>, _>>()?;
        let total = Money::sum(amounts.iter().copied()).ok_or("the statement's total is too large")?;
        let channel = lines.first().map(|line| line.channel.clone()).unwrap_or_default();
        let shown = lines.iter().zip(&amounts).map(|(line, &amount)| StatementLine {
            channel_transaction_id: line.transaction.clone(),
            resident: Some(self.named(&line.resident)),
            cover_year: self.plan.cover_year,
            amount: Some(wire::money(amount)),
            pay_date: Some(wire::date(line.pay_date)),
            cash: line.cash,
        });
        let message = ReportPaymentsRequest {
            request_id: RequestId::new().to_string(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            channel: channel.clone(),
            lines: shown.collect(),
            declared_total: Some(wire::money(total)),
        };
        let outcomes = player.report(message).await?.outcomes;
        for ((line, amount), outcome) in lines.iter().zip(amounts).zip(outcomes) {
            if outcome.other_content || outcome.repeated_line {
                continue;
            }
            books.take(&channel, amount)?;
            if outcome.suspense_reason() != SuspenseReason::Unspecified {
                let reason =
                    outcome.suspense_reason().as_str_name().trim_start_matches("SUSPENSE_REASON_").to_owned();
                let rule = outcome.rule_reason;
                books.suspended.push(Suspended {
                    transaction: line.transaction.clone(),
                    amount,
                    reason,
                    rule,
                });
            }
        }
        Ok(())
    }

    /// Asks each department for its side of the books.
    async fn ask(&self, player: &mut Player, books: &mut Books) -> Result<(), StartError> {
        let cover_year = self.plan.cover_year;
        for line in &self.residents {
            let resident = Some(reference(&line.number));
            let message = GetResidentRequest { after: Vec::new(), resident: resident.clone() };
            let shown = match player.resident(message).await {
                Ok(shown) => shown,
                // Refused at registration, and so unknown: that stands in the books already.
                Err(status) if status.code() == Code::FailedPrecondition => continue,
                Err(status) => return Err(status.into()),
            };
            let message = GetAidRequest { after: Vec::new(), resident: resident.clone(), cover_year };
            let aid = player.aid(message).await?.aid.ok_or("an answer without an aid")?;
            // A period of the year is told whatever the day asked about.
            let on = Some(google::Date { year: cover_year, month: 12, day: 31 });
            let message = GetCoverageRequest { after: Vec::new(), resident: resident.clone(), on };
            let period = player.coverage(message).await?.period;
            let message = GetContributionDueRequest {
                after: Vec::new(),
                resident,
                division: self.plan.division.clone(),
                cover_year,
            };
            let due = player.due(message).await?.contribution.ok_or("an answer without a contribution")?;
            let registration = shown.registrations.iter().find(|found| found.cover_year == cover_year);
            let registration = registration.ok_or("an answer without the registration")?;
            let clauses =
                due.parts.iter().flat_map(|part| &part.citations).map(|citation| citation.clause.clone());
            books.standings.push(Standing {
                resident: line.resident.clone(),
                masked_number: shown.masked_number.clone(),
                class: registration.class.clone(),
                due: due.due.unwrap_or_default().yuan.parse()?,
                settled: due.settled,
                insured: registration.status() == RegistrationStatus::Insured,
                owed: aid.owed.unwrap_or_default().yuan.parse()?,
                benefits: period.and_then(|period| crate::books::days(period.from, period.to)),
                clauses: clauses.collect(),
            });
        }
        Ok(())
    }
}

/// What was refused, and why. Anything but a refusal ends the season.
fn refused(
    resident: &str,
    act: &'static str,
    day: Date,
    amount: Money,
    status: &Status,
) -> Result<Refused, StartError> {
    let told = refusal::read(status).ok_or_else(|| status.clone())?;
    let clauses = told.citations.iter().map(|citation| citation.clause.clone()).collect();
    Ok(Refused {
        resident: resident.to_owned(),
        act,
        day,
        amount,
        reason: told.reason,
        message: told.message,
        clauses,
    })
}

fn document(number: &str) -> IdentityDocument {
    IdentityDocument { kind: DocumentKind::IdentityNumber.into(), number: number.to_owned() }
}

fn reference(number: &str) -> ResidentReference {
    ResidentReference { reference: Some(Reference::Document(document(number))) }
}

fn scheme(scheme: Scheme) -> EmployeeScheme {
    match scheme {
        Scheme::Never => EmployeeScheme::Never,
        Scheme::Past => EmployeeScheme::Past,
        Scheme::InScope => EmployeeScheme::InScope,
        Scheme::Enrolled => EmployeeScheme::Enrolled,
    }
}

fn student(student: Student) -> StudentKind {
    match student {
        Student::None => StudentKind::None,
        Student::Kindergarten => StudentKind::Kindergarten,
        Student::School => StudentKind::School,
        Student::Vocational => StudentKind::Vocational,
        Student::College => StudentKind::College,
    }
}

fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, StartError> {
    let file = File::open(path).map_err(|error| at(path, error))?;
    let lines = csv::Reader::from_reader(file).into_deserialize().collect::<Result<_, _>>();
    lines.map_err(|error| at(path, error))
}

fn at(path: &Path, error: impl Display) -> StartError {
    format!("{}: {error}", path.display()).into()
}
