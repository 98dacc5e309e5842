//! Rosters, aid and finance over the wire.

use canbao_proto::{
    common::{Money, Part},
    refusal::{self, Told},
    subsidy::*,
};
use canbao_tests::{DIVISION, Person, Running, YEAR, day};
use canbao_types::RequestId;
use tonic::{Code, Status};

#[path = "rosters/aid.rs"]
mod aid;
#[path = "rosters/comparing.rs"]
mod comparing;
#[path = "rosters/lines.rs"]
mod lines;

const MINIMUM: (&str, &str) = ("civil-affairs", "低保对象");

/// The fund that pays for the four of hardship.
const FUND: &str = "医疗救助资金";

/// Four departments, and people who certify, confirm and pay.
struct Town {
    running: Running,
    people: u32,
}

impl Town {
    async fn open() -> Self {
        Self { running: Running::start().await, people: 0 }
    }

    /// Somebody who was not there before.
    fn person(&mut self) -> Person {
        self.people += 1;
        Person::nth(self.people)
    }

    /// Somebody who is registered on a day, with the resident's id.
    async fn registered(&mut self, on: &str) -> (Person, String) {
        let person = self.person();
        let answer = self.running.player.register(person.registration(on)).await.unwrap();
        (person, answer.resident_id)
    }

    async fn submit(
        &mut self,
        by: &'static str,
        roster: SubmitRosterRequest,
    ) -> Result<SubmitRosterResponse, Status> {
        self.running.player.submit_roster(by, roster).await
    }

    /// Confirms every line of a roster on a day.
    async fn confirm(&mut self, roster_id: &str, on: &str) -> ConfirmRosterResponse {
        self.running.player.confirm_roster(confirmation(roster_id, on)).await.unwrap()
    }

    /// Somebody is recognised: on the list of those who certify it and, where the notice asks for that, confirmed.
    async fn recognised(&mut self, (by, identity): (&'static str, &str), person: &Person, on: &str) {
        let line = RosterLine { certificate_on: day("2019-05-01"), ..line(person, on) };
        let submitted = self.submit(by, roster(identity, on, vec![line])).await.unwrap();
        if by == "civil-affairs" {
            self.confirm(&submitted.roster_id, on).await;
        }
    }

    /// A resident's aid, once every department has heard of everything.
    async fn aid(&mut self, person: &Person) -> Aid {
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let resident = person.reference();
        let request = GetAidRequest { resident, cover_year: YEAR, ..GetAidRequest::default() };
        self.running.player.aid(request).await.unwrap().aid.unwrap()
    }

    /// What each payer owes: payer, part, heads, yuan; and the heads for whom government pays.
    async fn totals(&mut self) -> (Vec<(String, Part, u64, String)>, u64) {
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let request =
            GetPayerTotalsRequest { division: DIVISION.to_owned(), cover_year: YEAR, ..Default::default() };
        let answer = self.running.player.payer_totals(request).await.unwrap();
        let total = |total: PayerTotal| (total.payer.clone(), total.part(), total.heads, yuan(total.amount));
        (answer.totals.into_iter().map(total).collect(), answer.government_heads)
    }

    async fn close(self) {
        self.running.stop().await;
    }
}

fn roster(identity: &str, on: &str, lines: Vec<RosterLine>) -> SubmitRosterRequest {
    SubmitRosterRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        identity: identity.to_owned(),
        submitted_on: day(on),
        declared_count: lines.len() as u32,
        lines,
        ..SubmitRosterRequest::default()
    }
}

/// A line about a person who was recognised on a day.
fn line(person: &Person, recognised_on: &str) -> RosterLine {
    RosterLine {
        document: Some(person.document()),
        name: person.name.clone(),
        recognised_on: day(recognised_on),
        ..RosterLine::default()
    }
}

fn confirmation(roster_id: &str, on: &str) -> ConfirmRosterRequest {
    ConfirmRosterRequest {
        request_id: RequestId::new().to_string(),
        roster_id: roster_id.to_owned(),
        confirmed_on: day(on),
        ..ConfirmRosterRequest::default()
    }
}

/// An amount as text; nothing where there is none.
fn yuan(money: Option<Money>) -> String {
    money.map(|money| money.yuan).unwrap_or_default()
}

fn clauses(citations: &[canbao_proto::common::Citation]) -> Vec<&str> {
    citations.iter().map(|citation| citation.clause.as_str()).collect()
}

/// Why it was refused.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>) -> Told {
    let status = outcome.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    refusal::read(&status).unwrap()
}

/// The outcomes of the lines, in their order.
fn matches(response: &SubmitRosterResponse) -> Vec<RosterMatch> {
    response.outcomes.iter().map(RosterLineOutcome::r#match).collect()
}
