//! The report of a season: what the departments say at its end, gathered by their lists and counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::{Path, PathBuf},
};

use canbao_host::StartError;
use canbao_policy::Notice;
use canbao_proto::{benefits::*, collection::*, registration::*, subsidy::*};
use canbao_types::{Date, Money};

use super::{
    audit::{Audit, Auditor, money, total},
    files::Plan,
    kinds::Kind,
    lines::at,
    messages::day,
    pages::Pages,
    played::{Played, suspended_for},
};

mod show;
mod targets;

/// Residents for whom a person must decide that are named, of each matter.
const NAMED: usize = 10;

/// The report of a season.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which season it is.
    pub plan: Plan,
    /// The title of the notice that governs it.
    pub notice: String,
    /// What became of the acts.
    pub played: Played,
    /// Registrations by township, class and ground.
    pub counts: GetRegistrationCountsResponse,
    /// How far the collection has come, and the people on rosters with it.
    pub progress: GetProgressResponse,
    /// The ledger.
    pub books: GetBooksResponse,
    /// What each payer owes.
    pub payers: GetPayerTotalsResponse,
    /// The people on the rosters.
    pub rosters: Vec<RosterProgress>,
    /// The file that lists those of them who are missing; none: it was not asked for, as nothing of the season stays.
    pub missing: Option<PathBuf>,
    /// How residents stand on the last day.
    pub standing: GetBenefitCountsResponse,
    /// Money in suspense by reason and what it says, and by age: up to 30 days, up to 90, more.
    pub suspense: BTreeMap<(String, &'static str), [Sum; 3]>,
    /// Money given back by ground: determined, and of it paid out.
    pub refunds: BTreeMap<RefundGround, [Sum; 2]>,
    /// What a person must decide.
    pub undecided: Vec<Undecided>,
    /// Insured residents by the tier whose benefits they have, in the notice's words; empty: the notice does not say.
    pub tiers: BTreeMap<String, u64>,
    /// The books.
    pub audit: Audit,
}

/// Rows and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// How much.
    pub amount: Money,
}

impl Sum {
    fn add(&mut self, amount: Money) -> Result<(), StartError> {
        self.rows += 1;
        self.amount = total([self.amount, amount])?;
        Ok(())
    }
}

/// A matter that a person must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The matter in Chinese and in English.
    pub matter: (&'static str, &'static str),
    /// How many.
    pub residents: u64,
    /// The first of them, by id.
    pub named: Vec<String>,
}

impl Undecided {
    const fn new(chinese: &'static str, english: &'static str) -> Self {
        Self { matter: (chinese, english), residents: 0, named: Vec::new() }
    }

    fn add(&mut self, resident_id: String) {
        self.residents += 1;
        if self.named.len() < NAMED {
            self.named.push(resident_id);
        }
    }
}

/// Somebody on a roster.
#[derive(Default)]
struct Listed {
    identities: BTreeSet<String>,
    /// The first day on which one of them was recognised.
    recognised: Option<Date>,
}

/// The list of those who stand on a roster and are not insured, while it is written.
struct MissingList<'a> {
    writer: csv::Writer<File>,
    path: &'a Path,
}

impl<'a> MissingList<'a> {
    fn begin(path: &'a Path) -> Result<Self, StartError> {
        let mut writer = csv::Writer::from_path(path).map_err(|error| at(path, error))?;
        let headings = ["identity", "masked_number", "registered", "resident_id", "recognised_on"];
        writer.write_record(headings).map_err(|error| at(path, error))?;
        Ok(Self { writer, path })
    }

    fn add(&mut self, line: &ListedRosterLine, recognised: Date) -> Result<(), StartError> {
        let registered = (line.r#match() == RosterMatch::Matched).to_string();
        let (identity, number, resident) = (&line.identity, &line.masked_number, &line.resident_id);
        let row = [identity, number, &registered, resident, &recognised.to_string()];
        self.writer.write_record(row).map_err(|error| at(self.path, error))
    }

    fn close(mut self) -> Result<(), StartError> {
        self.writer.flush().map_err(|error| at(self.path, error))
    }
}

/// Gathers the report, audits the books, and writes down who is missing where that is asked for.
pub(super) async fn gather(
    auditor: &mut Auditor<'_>,
    notice: &Notice,
    mut played: Played,
    missing: Option<PathBuf>,
) -> Result<Report, StartError> {
    let plan = auditor.plan;
    let (division, cover_year) = (plan.division.clone(), plan.cover_year);
    let audit = auditor.audit(played.broken_lines).await?;
    let (suspense, refunds) = (suspense(auditor).await?, refunds(auditor).await?);
    let (undecided, tiers) = undecided(auditor).await?;
    recognised(auditor, &mut played, missing.as_deref()).await?;
    let player = &mut auditor.player;
    let message = GetRegistrationCountsRequest { after: Vec::new(), division: division.clone(), cover_year };
    let counts = player.registration_counts(message).await?;
    let message =
        GetProgressRequest { after: Vec::new(), division: division.clone(), cover_year, up_to: None };
    let mut progress = player.progress(message).await?;
    let message = GetPayerTotalsRequest { after: Vec::new(), division: division.clone(), cover_year };
    let payers = player.payer_totals(message).await?;
    let message = GetRosterProgressRequest { after: Vec::new(), division: division.clone(), cover_year };
    let rosters = player.roster_progress(message).await?.progress;
    progress.targets.extend(targets::of_rosters(notice, &rosters));
    let on = day(Some(plan.ends));
    let message = GetBenefitCountsRequest { after: Vec::new(), division, cover_year, on };
    let standing = player.benefit_counts(message).await?;
    let notice = notice.title().to_owned();
    let (plan, books) = (plan.clone(), auditor.books.clone());
    Ok(Report {
        plan,
        notice,
        played,
        counts,
        progress,
        books,
        payers,
        rosters,
        missing,
        standing,
        suspense,
        refunds,
        undecided,
        tiers,
        audit,
    })
}

async fn suspense(
    auditor: &mut Auditor<'_>,
) -> Result<BTreeMap<(String, &'static str), [Sum; 3]>, StartError> {
    let mut found: BTreeMap<(String, &'static str), [Sum; 3]> = BTreeMap::new();
    let mut lines = Pages::<Suspense>::default();
    while let Some(line) = auditor.next(&mut lines).await? {
        let reason = suspended_for(line.reason(), &line.rule_reason);
        let age = match line.age_days {
            0..=30 => 0,
            31..=90 => 1,
            _ => 2,
        };
        found.entry(reason).or_default()[age].add(money(line.amount.as_ref())?)?;
    }
    Ok(found)
}

async fn refunds(auditor: &mut Auditor<'_>) -> Result<BTreeMap<RefundGround, [Sum; 2]>, StartError> {
    let mut found: BTreeMap<RefundGround, [Sum; 2]> = BTreeMap::new();
    let mut refunds = Pages::<Refund>::default();
    while let Some(refund) = auditor.next(&mut refunds).await? {
        let amount = money(refund.amount.as_ref())?;
        let [determined, paid] = found.entry(refund.ground()).or_default();
        determined.add(amount)?;
        if refund.paid_on.is_some() {
            paid.add(amount)?;
        }
    }
    Ok(found)
}

/// What a person must decide, and, from the same list, how many have the benefits of which tier.
async fn undecided(auditor: &mut Auditor<'_>) -> Result<(Vec<Undecided>, BTreeMap<String, u64>), StartError> {
    let mut aid = Undecided::new("资助金额", "aid");
    let mut aids = Pages::<Aid>::default();
    while let Some(row) = auditor.next(&mut aids).await? {
        if row.state() == AidState::PersonMustDecide {
            aid.add(row.resident_id);
        }
    }
    let mut due = Undecided::new("应缴金额", "amount due");
    let mut contributions = Pages::<ListedContribution>::default();
    while let Some(row) = auditor.next(&mut contributions).await? {
        if row.state() == DueState::PersonMustDecide {
            due.add(row.resident_id);
        }
    }
    let mut benefits = Undecided::new("待遇享受期", "benefit period");
    let mut tiers: BTreeMap<String, u64> = BTreeMap::new();
    let mut periods = Pages::<ListedBenefitPeriod>::default();
    while let Some(row) = auditor.next(&mut periods).await? {
        if row.person_must_decide {
            benefits.add(row.resident_id);
        }
        *tiers.entry(row.period.unwrap_or_default().tier).or_default() += 1;
    }
    Ok((vec![aid, due, benefits], tiers))
}

/// Goes through the rosters once: writes down who is missing, and counts who was recognised when.
async fn recognised(
    auditor: &mut Auditor<'_>,
    played: &mut Played,
    missing: Option<&Path>,
) -> Result<(), StartError> {
    let mut list = missing.map(MissingList::begin).transpose()?;
    let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
    let mut lines = Pages::<ListedRosterLine>::default();
    while let Some(line) = auditor.next(&mut lines).await? {
        let recognised = super::day_of(line.recognised_on)?;
        if let Some(list) = &mut list
            && !line.insured
        {
            list.add(&line, recognised)?;
        }
        if !line.resident_id.is_empty() {
            let person = listed.entry(line.resident_id).or_default();
            person.identities.insert(line.identity);
            let first = person.recognised.map_or(recognised, |first| first.min(recognised));
            person.recognised = Some(first);
        }
    }
    if let Some(list) = list {
        list.close()?;
    }
    let mut refunded = BTreeSet::new();
    let mut refunds = Pages::<Refund>::default();
    while let Some(refund) = auditor.next(&mut refunds).await? {
        if refund.ground() == RefundGround::Aid {
            refunded.insert(refund.resident_id);
        }
    }
    let mut contributions = Pages::<ListedContribution>::default();
    while let Some(row) = auditor.next(&mut contributions).await? {
        let Some(person) = listed.get(&row.resident_id) else { continue };
        if person.identities.len() > 1 {
            played.kinds.add(Kind::TwoIdentities, 1);
        }
        if row.state() != DueState::Settled {
            continue;
        }
        let settled_on = super::day_of(row.settled_on)?;
        let aided = !money(row.aided.as_ref())?.is_zero();
        let kind = if refunded.contains(&row.resident_id) {
            Kind::RecognisedAfter
        } else if aided {
            Kind::RecognisedBefore
        } else if person.recognised.is_some_and(|recognised| recognised > settled_on) {
            Kind::RecognisedTooLate
        } else {
            continue;
        };
        played.kinds.add(kind, 1);
    }
    Ok(())
}
