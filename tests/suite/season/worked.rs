//! Residents of the committed season who were worked out by hand: what the departments say of each when the season is
//! over, and what they were refused on the way, is what stands beside them in `worked.toml`, with its arithmetic.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use canbao::{Player, Suite, play};
use canbao_host::Settings;
use canbao_proto::{
    benefits::GetCoverageRequest,
    collection::{
        DueState, GetContributionDueRequest, ListContributionsRequest, ListRefundsRequest,
        ListSuspenseRequest, ListedContribution, Refund, SettledHow, Suspense,
    },
    common::{
        Citation, DocumentKind, IdentityDocument, Money, Part, ResidentReference,
        resident_reference::Reference,
    },
    google::Date,
    registration::GetResidentRequest,
    subsidy::{GetAidRequest, Grant, ListGrantsRequest},
};
use canbao_tests::{DIVISION, YEAR, day, program, reference, settings};
use toml::{Table, Value};

use super::{PLAYED, folder, refused};

/// The last day of the season.
const END: &str = "2026-10-31";

/// What becomes of a resident, by the words of `worked.toml`.
type Outcome = BTreeMap<String, String>;

fn worked() -> Vec<Table> {
    let text = fs::read_to_string(folder().join("worked.toml")).unwrap();
    let kinds = text.parse::<Table>().unwrap()["kind"].as_array().unwrap().clone();
    kinds.into_iter().map(|kind| kind.as_table().unwrap().clone()).collect()
}

/// The reasons or clauses that a worked outcome lists.
fn listed(kind: &Table, list: &str) -> Vec<String> {
    let listed = kind["expected"].get(list).and_then(Value::as_array).into_iter().flatten();
    listed.map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn was_refused(kind: &Table) -> bool {
    !listed(kind, "refused").is_empty()
}

fn expected(kind: &Table) -> Outcome {
    let told_apart = ["arithmetic", "clauses", "refused", "held", "suspense"];
    let values = kind["expected"].as_table().unwrap().iter();
    let values = values.filter(|(name, _)| !told_apart.contains(&name.as_str()));
    let mut outcome: Outcome =
        values.map(|(name, value)| (name.clone(), value.to_string().trim_matches('"').to_owned())).collect();
    let suspense = listed(kind, "suspense").join(" ");
    if !suspense.is_empty() {
        outcome.insert("suspense".to_owned(), suspense);
    }
    outcome
}

fn document(number: &str) -> Option<ResidentReference> {
    let kind = match number.len() {
        18 => DocumentKind::IdentityNumber,
        _ => DocumentKind::BirthCertificate,
    };
    let document = IdentityDocument { kind: kind.into(), number: number.to_owned() };
    Some(ResidentReference { reference: Some(Reference::Document(document)) })
}

fn text(date: &Date) -> String {
    format!("{}-{:02}-{:02}", date.year, date.month, date.day)
}

/// The lists of collection and finance, by resident.
struct Lists {
    contributions: BTreeMap<String, ListedContribution>,
    refunds: Vec<Refund>,
    suspense: Vec<Suspense>,
    grants: Vec<Grant>,
}

macro_rules! all {
    ($player:ident.$rpc:ident($request:ident).$rows:ident) => {{
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let division = DIVISION.to_owned();
            let request =
                $request { division, cover_year: YEAR, page_size: 1_000, page_token, ..$request::default() };
            let page = $player.$rpc(request).await.unwrap();
            all.extend(page.$rows);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break all;
            }
        }
    }};
}

impl Lists {
    async fn of(player: &mut Player) -> Self {
        let contributions = all!(player.contributions(ListContributionsRequest).contributions);
        Self {
            contributions: contributions.into_iter().map(|row| (row.resident_id.clone(), row)).collect(),
            refunds: all!(player.refunds(ListRefundsRequest).refunds),
            suspense: all!(player.suspense(ListSuspenseRequest).suspense),
            grants: all!(player.grants(ListGrantsRequest).grants),
        }
    }
}

/// What the departments say of somebody, and the clauses they name.
#[derive(Default)]
struct Found {
    outcome: Outcome,
    clauses: BTreeSet<String>,
}

impl Found {
    fn say(&mut self, name: &str, value: impl ToString) {
        self.outcome.insert(name.to_owned(), value.to_string());
    }

    fn amount(&mut self, name: &str, amount: Option<&Money>) {
        if let Some(amount) = amount {
            self.say(name, &amount.yuan);
        }
    }

    /// An amount that is left out where it is nothing.
    fn some(&mut self, name: &str, amount: Option<&Money>) {
        self.amount(name, amount.filter(|amount| amount.yuan != "0.00"));
    }

    fn cite(&mut self, citations: &[Citation]) {
        self.clauses.extend(citations.iter().map(|citation| citation.clause.clone()));
    }

    async fn of(player: &mut Player, number: &str, lists: &Lists) -> Self {
        let mut found = Self::default();
        let resident = GetResidentRequest { resident: document(number), ..GetResidentRequest::default() };
        let Ok(resident) = player.resident(resident).await else {
            found.say("unregistered", true);
            return found;
        };
        let id = resident.resident_id;
        resident.registrations.iter().for_each(|registration| found.cite(&registration.citations));
        found.aid(player, &id, lists).await;
        found.contribution(player, &id, lists).await;
        found.benefits(player, &id).await;
        found
    }

    async fn aid(&mut self, player: &mut Player, id: &str, lists: &Lists) {
        let question =
            GetAidRequest { resident: reference(id), cover_year: YEAR, ..GetAidRequest::default() };
        let aid = player.aid(question).await.unwrap().aid.unwrap();
        self.cite(&aid.citations);
        for grant in lists.grants.iter().filter(|grant| grant.resident_id == id) {
            self.cite(&grant.citations);
            let names = match grant.part() {
                Part::Government => ("government", "government_payer"),
                _ => ("aided", "payer"),
            };
            self.some(names.0, grant.amount.as_ref());
            self.say(names.1, &grant.payer);
        }
    }

    async fn contribution(&mut self, player: &mut Player, id: &str, lists: &Lists) {
        let division = DIVISION.to_owned();
        let question = GetContributionDueRequest {
            resident: reference(id),
            division,
            cover_year: YEAR,
            after: Vec::new(),
            ..Default::default()
        };
        if let Ok(due) = player.due(question).await {
            let due = due.contribution.unwrap();
            self.amount("due", due.due.as_ref());
            self.cite(&due.citations);
            due.parts.iter().for_each(|part| self.cite(&part.citations));
            if due.state() == DueState::PersonMustDecide {
                self.say("undecided", true);
            }
        }
        let listed = lists.contributions.get(id).filter(|row| row.state() == DueState::Settled);
        if let Some(row) = listed {
            self.amount("paid", row.paid.as_ref());
            let aided = row.aided.as_ref().map_or("", |aided| aided.yuan.as_str());
            let granted = self.outcome.get("aided").map_or("0.00", String::as_str);
            assert_eq!(aided, granted, "collection's aid and the payer's");
            let how = match row.how() {
                SettledHow::Unspecified => "unspecified",
                SettledHow::Payment => "payment",
                SettledHow::Confirmation => "confirmation",
                SettledHow::Declaration => "declaration",
                SettledHow::Prepayment => "prepayment",
            };
            self.say("how", how);
            self.say("settled_on", row.settled_on.as_ref().map(text).unwrap_or_default());
        }
        for refund in lists.refunds.iter().filter(|refund| refund.resident_id == id) {
            self.cite(&refund.citations);
            self.amount("refund", refund.amount.as_ref());
            self.say("refunded_on", refund.determined_on.as_ref().map(text).unwrap_or_default());
            self.say("paid_out", refund.paid_on.as_ref().map(text).unwrap_or_default());
        }
        let held = lists.suspense.iter().filter(|line| line.resident_id == id);
        let held: Vec<_> =
            held.map(|line| line.reason().as_str_name().replace("SUSPENSE_REASON_", "")).collect();
        if !held.is_empty() {
            self.say("suspense", held.join(" "));
        }
    }

    async fn benefits(&mut self, player: &mut Player, id: &str) {
        let question =
            GetCoverageRequest { resident: reference(id), on: day(END), ..GetCoverageRequest::default() };
        let covered = player.coverage(question).await.unwrap();
        let periods = canbao_proto::benefits::ListBenefitPeriodsRequest {
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            page_size: 1,
            page_token: before(&covered.resident_id),
            ..Default::default()
        };
        // A page that begins just before the resident shows the period also where it has no day.
        let page = player.benefit_periods(periods).await.unwrap().periods;
        let own = page.into_iter().find(|row| row.resident_id == covered.resident_id);
        let Some(period) = own.and_then(|row| row.period) else { return };
        self.cite(&period.citations);
        period.lines.iter().for_each(|line| self.cite(&line.citations));
        if let (Some(from), Some(to)) = (&period.from, &period.to) {
            self.say("from", text(from));
            self.say("to", text(to));
        }
        if period.wait_months > 0 {
            self.say("wait_months", period.wait_months);
        }
        if period.free {
            self.say("free", true);
        }
    }
}

/// The page token of the id that comes just before this one.
fn before(id: &str) -> String {
    let number = u128::from_str_radix(&id.replace('-', ""), 16).unwrap() - 1;
    let digits = format!("{number:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[tokio::test]
async fn every_resident_worked_out_by_hand_ends_as_worked_out() {
    let data = tempfile::tempdir().unwrap();
    copy(PLAYED.1.path(), data.path());
    let suite = Suite::start(&settings(data.path())).await.unwrap();
    let mut player = Player::connect(suite.addresses).await.unwrap();
    let lists = Lists::of(&mut player).await;
    let worked = worked();
    assert!(worked.len() >= 30);
    let mut wrong = Vec::new();
    for kind in &worked {
        let (id, expected) = (kind["id"].as_str().unwrap(), expected(kind));
        let found = Found::of(&mut player, kind["person"].as_str().unwrap(), &lists).await;
        let names: BTreeSet<_> = expected.keys().chain(found.outcome.keys()).collect();
        for name in names {
            let (one, other) = (expected.get(name), found.outcome.get(name));
            if one != other {
                wrong.push(format!("{id} {name}: worked out {one:?}, found {other:?}"));
            }
        }
        // The first clause of somebody who was refused is that of the refusal.
        let clauses = listed(kind, "clauses").into_iter().skip(usize::from(was_refused(kind)));
        let missing = clauses.filter(|clause| !found.clauses.contains(clause));
        wrong.extend(missing.map(|clause| format!("{id}: nobody names {clause}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(player);
    suite.stop().await.unwrap();
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn each_of_them_was_refused_what_was_worked_out_and_nothing_else() {
    // The lines of these residents alone, out of the committed season.
    let worked = worked();
    let persons: BTreeSet<_> = worked.iter().map(|kind| kind["person"].as_str().unwrap()).collect();
    let alone = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()) {
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let about = header.split(',').position(|column| column == "person");
        let kept = lines.filter(|line| {
            let Some(at) = about else { return true };
            let person = line.split(',').nth(at).unwrap_or_default();
            persons.contains(person) || header.contains("way") && person.is_empty() && line.contains("payout")
        });
        let kept: Vec<_> = [header].into_iter().chain(kept).collect();
        fs::write(alone.path().join(file.file_name().unwrap()), kept.join("\n") + "\n").unwrap();
    }
    let report = play(alone.path(), None, &Settings::default()).await.unwrap();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    let reasons = |kind| ["refused", "held", "suspense"].into_iter().flat_map(move |list| listed(kind, list));
    for reason in worked.iter().flat_map(reasons) {
        *expected.entry(reason).or_default() += 1;
    }
    assert_eq!(refused(&report), expected);
    // Each refusal by a rule names the clause that was worked out for it.
    for kind in worked.iter().filter(|kind| was_refused(kind)) {
        let named: BTreeSet<_> = report.played.refusals.values().flat_map(|why| &why.clauses).collect();
        let first = listed(kind, "clauses").into_iter().next();
        assert!(first.iter().all(|clause| named.contains(clause)), "{}: {first:?}", kind["id"]);
    }
}

#[test]
fn the_committed_season_is_what_the_command_makes() {
    let made = tempfile::tempdir().unwrap();
    let mut command = Command::new(program("canbao"));
    command.args(["season", "--generate", "2200", "--seed", "2026", "--with"]);
    let output = command.arg(folder().join("worked.toml")).arg(made.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let files = fs::read_dir(made.path()).unwrap().map(|file| file.unwrap());
    let mut compared = 0;
    for file in files {
        let committed = fs::read(folder().join(file.file_name())).unwrap();
        assert!(
            fs::read(file.path()).unwrap() == committed,
            "{:?} is not what is committed",
            file.file_name()
        );
        compared += 1;
    }
    assert_eq!(compared, 13);
}
