//! Benefits over the wire: the days and why, who is insured by registration alone, and what ends it.

use canbao::{Player, request};
use canbao_proto::{
    benefits::{benefits_service_client::BenefitsServiceClient, *},
    common::{DocumentKind, IdentityDocument},
    registration::{circumstances::History, *},
    subsidy::{ConfirmRosterRequest, RosterLine, SubmitRosterRequest},
};
use canbao_tests::{DIVISION, Person, Running, YEAR, day, reference};
use canbao_types::RequestId;

use crate::refusals::Asked;

/// A division with a trial notice, from which one can move here.
const ELSEWHERE: &str = "141199";

/// Four departments and residents who are registered there; what is asked is asked when all have heard of everything.
struct Town(Running);

impl Town {
    async fn open() -> Self {
        Self(Running::start().await)
    }

    fn player(&mut self) -> &mut Player {
        &mut self.0.player
    }

    async fn registered(&mut self, person: &Person, on: &str) -> String {
        self.player().register(person.registration(on)).await.unwrap().resident_id
    }

    async fn paid(&mut self, person: &Person, yuan: &str, on: &str) {
        self.player().pay(person.payment(yuan, on)).await.unwrap();
    }

    async fn coverage(&mut self, id: &str, on: &str) -> GetCoverageResponse {
        self.player().catch_up(DIVISION, YEAR).await.unwrap();
        let question =
            GetCoverageRequest { resident: reference(id), on: day(on), ..GetCoverageRequest::default() };
        self.player().coverage(question).await.unwrap()
    }

    /// The same as the medical insurance bureau is told it.
    async fn coverage_for_the_bureau(&mut self, id: &str, on: &str) -> GetCoverageResponse {
        let mut benefits = BenefitsServiceClient::new(self.0.channel("benefits").await);
        let question =
            GetCoverageRequest { resident: reference(id), on: day(on), ..GetCoverageRequest::default() };
        benefits.get_coverage(request("medical-insurance", question)).await.unwrap().into_inner()
    }

    async fn state(&mut self, id: &str, on: &str) -> CoverageState {
        self.coverage(id, on).await.state()
    }

    /// First and last day, and months of waiting, of the benefit period.
    async fn period(&mut self, id: &str) -> Option<(String, String, u32)> {
        let period = self.coverage(id, "2026-06-01").await.period?;
        let text = |day: Option<canbao_proto::google::Date>| {
            day.map(|day| format!("{}-{:02}-{:02}", day.year, day.month, day.day)).unwrap_or_default()
        };
        Some((text(period.from), text(period.to), period.wait_months))
    }

    async fn counts(&mut self, on: &str) -> GetBenefitCountsResponse {
        self.player().catch_up(DIVISION, YEAR).await.unwrap();
        let question = GetBenefitCountsRequest {
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            on: day(on),
            ..GetBenefitCountsRequest::default()
        };
        self.player().benefit_counts(question).await.unwrap()
    }

    async fn close(self) {
        self.0.stop().await;
    }
}

/// Somebody who was insured last in this year.
fn insured_last(n: u32, year: i32) -> Person {
    let mut person = Person::nth(n);
    person.circumstances.history = Some(History::LastCoveredYear(year));
    person
}

/// A request to register a newborn on a birth certificate.
fn newborn(born: &str, on: &str) -> RegisterResidentRequest {
    let mut person = Person::nth(0);
    person.circumstances.history = Some(History::NeverCovered(true));
    let number = format!("N14119{}", born.replace('-', ""));
    let document = IdentityDocument { kind: DocumentKind::BirthCertificate.into(), number };
    RegisterResidentRequest { document: Some(document), birth_date: day(born), ..person.registration(on) }
}

fn period(from: &str, to: &str, wait_months: u32) -> Option<(String, String, u32)> {
    Some((from.to_owned(), to.to_owned(), wait_months))
}

#[tokio::test]
async fn the_days_stand_in_order_with_their_reasons_and_clauses() {
    let mut town = Town::open().await;
    let person = insured_last(1, 2023);
    let id = town.registered(&person, "2025-11-03").await;
    assert_eq!(town.state(&id, "2026-01-05").await, CoverageState::NotSettled);
    town.paid(&person, "400.00", "2025-11-10").await;

    let waiting = town.coverage(&id, "2026-02-09").await;
    assert_eq!(waiting.state(), CoverageState::Waiting);
    assert_eq!(waiting.message, "待遇等待期3个月，自2025年11月10日起算，待遇自2026年2月10日起享受。");
    let lines: Vec<_> = waiting
        .period
        .as_ref()
        .unwrap()
        .lines
        .iter()
        .map(|line| (line.from, line.to, line.state()))
        .collect();
    let expected = [
        (day("2025-11-10"), day("2026-02-09"), CoverageState::Waiting),
        (day("2026-02-10"), day("2026-12-31"), CoverageState::Covered),
    ];
    assert_eq!(lines, expected);
    let why = &waiting.period.as_ref().unwrap().explanations;
    let said = |about: &str| why.iter().find(|said| said.about == about).map(|said| said.text.as_str());
    assert_eq!(
        said("start"),
        Some(
            "您2025年11月10日缴费，但此前断过保，按规定须等待3个月；等待期从缴费之日起算，\
             2026年2月10日起享受待遇。"
        )
    );
    assert!(said("wait").unwrap().contains("此前断过保"));
    assert_eq!(said("end"), Some("待遇享受到2026年12月31日。"));
    for line in &waiting.period.unwrap().lines {
        assert!(line.citations.iter().any(|citation| citation.clause == "XY26-41"), "{}", line.reason);
    }

    let covered = town.coverage(&id, "2026-02-10").await;
    assert_eq!(
        (covered.state(), covered.message.as_str()),
        (CoverageState::Covered, "待遇享受期自2026年2月10日至2026年12月31日。")
    );
    town.close().await;
}

#[tokio::test]
async fn a_newborn_is_insured_by_registration_alone_and_one_of_the_year_before_is_not() {
    let mut town = Town::open().await;
    let born = town.player().register(newborn("2026-03-01", "2026-04-20")).await.unwrap().resident_id;
    let before = town.player().register(newborn("2025-12-01", "2025-12-20")).await.unwrap().resident_id;
    let covered = town.coverage(&born, "2026-03-01").await;
    assert_eq!(covered.state(), CoverageState::Covered);
    let own = covered.period.unwrap();
    assert!(own.free && own.citations.iter().any(|citation| citation.clause == "XY26-32"));
    assert_eq!(town.period(&born).await, period("2026-03-01", "2026-12-31", 0));
    assert_eq!(town.coverage(&before, "2026-03-01").await.state(), CoverageState::NotSettled);

    let shown = GetResidentRequest { resident: reference(&born), ..GetResidentRequest::default() };
    let registration = town.player().resident(shown).await.unwrap().registrations.remove(0);
    assert_eq!(registration.status(), RegistrationStatus::Insured, "and registration has heard of it");
    assert_eq!(registration.benefits_from, day("2026-03-01"));
    town.close().await;
}

#[tokio::test]
async fn who_takes_up_employee_insurance_is_covered_until_the_day_before() {
    let mut town = Town::open().await;
    let person = Person::nth(1);
    let id = town.registered(&person, "2025-11-03").await;
    town.paid(&person, "400.00", "2025-11-10").await;
    assert_eq!(town.period(&id).await, period("2026-01-01", "2026-12-31", 0));

    let cover = Cover { scheme: Scheme::Employee.into(), from: day("2026-03-16"), ..Cover::default() };
    let line = CoverLine { document: Some(person.document()), cover: Some(cover) };
    let cover = RecordCoverRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        recorded_on: day("2026-03-20"),
        declared_count: 1,
        lines: vec![line],
        ..RecordCoverRequest::default()
    };
    assert_eq!(town.player().record_cover(cover).await.unwrap().accepted, 1);
    assert_eq!(town.period(&id).await, period("2026-01-01", "2026-03-15", 0));
    assert_eq!(town.state(&id, "2026-03-15").await, CoverageState::Covered);
    let ended = town.coverage(&id, "2026-03-16").await;
    assert_eq!(ended.state(), CoverageState::Ended);
    let line = &ended.period.unwrap().lines[2];
    assert!(line.citations.iter().any(|citation| citation.clause == "XJ26-05"), "{}", line.reason);
    town.close().await;
}

#[tokio::test]
async fn a_registration_that_ends_ends_the_benefits_with_it() {
    let mut town = Town::open().await;
    let (paid, unpaid) = (Person::nth(1), Person::nth(2));
    let ids = [town.registered(&paid, "2025-11-03").await, town.registered(&unpaid, "2025-11-03").await];
    town.paid(&paid, "400.00", "2025-11-10").await;
    for person in [&paid, &unpaid] {
        let mut end = EndRegistrationRequest {
            request_id: RequestId::new().to_string(),
            resident: person.reference(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            ended_on: day("2026-05-20"),
            ..EndRegistrationRequest::default()
        };
        end.set_cause(EndCause::Deceased);
        town.player().end_registration(end).await.unwrap();
    }
    assert_eq!(town.period(&ids[0]).await, period("2026-01-01", "2026-05-20", 0));
    let after = town.coverage(&ids[0], "2026-05-21").await;
    assert_eq!(after.state(), CoverageState::Ended);
    assert_eq!(after.message, "参保登记已于2026年5月20日终止，此后不享受待遇。");
    assert_eq!(town.state(&ids[1], "2026-05-20").await, CoverageState::NotSettled);
    assert_eq!(town.state(&ids[1], "2026-05-21").await, CoverageState::Ended);
    assert_eq!(town.counts("2026-06-01").await.insured, 1, "what was settled stays settled");
    town.close().await;
}

#[tokio::test]
async fn who_is_recognised_while_waiting_waits_no_longer() {
    let mut town = Town::open().await;
    let person = insured_last(1, 2022);
    let id = town.registered(&person, "2025-11-03").await;
    town.paid(&person, "400.00", "2026-01-10").await;
    assert_eq!(town.period(&id).await, period("2026-04-10", "2026-12-31", 3));

    let line = RosterLine {
        document: Some(person.document()),
        name: person.name.clone(),
        recognised_on: day("2026-02-03"),
        ..RosterLine::default()
    };
    let roster = SubmitRosterRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        identity: "低保对象".to_owned(),
        submitted_on: day("2026-02-04"),
        declared_count: 1,
        lines: vec![line],
        ..SubmitRosterRequest::default()
    };
    let submitted = town.player().submit_roster("civil-affairs", roster).await.unwrap();
    assert_eq!(town.period(&id).await, period("2026-04-10", "2026-12-31", 3), "nobody has confirmed it yet");
    let confirmation = ConfirmRosterRequest {
        request_id: RequestId::new().to_string(),
        roster_id: submitted.roster_id,
        confirmed_on: day("2026-02-06"),
        ..ConfirmRosterRequest::default()
    };
    town.player().confirm_roster(confirmation).await.unwrap();
    assert_eq!(town.period(&id).await, period("2026-02-06", "2026-12-31", 0), "and never back from that day");

    let to_the_hospital = town.coverage(&id, "2026-06-01").await.period.unwrap().explanations;
    let to_the_bureau = town.coverage_for_the_bureau(&id, "2026-06-01").await.period.unwrap().explanations;
    let exempt = to_the_bureau.iter().find(|said| said.about == "exemption").unwrap();
    assert_eq!(exempt.text, "您是低保对象，按规定不设等待期。");
    assert!(
        to_the_hospital.iter().all(|said| !said.text.contains("低保")),
        "a hospital is not told who is poor"
    );
    assert_eq!(to_the_hospital[0].text, "您在等待期内符合了不用等待的条件，待遇从2026年2月6日起享受。");
    town.close().await;
}

#[tokio::test]
async fn who_moved_here_is_covered_here() {
    let mut town = Town(Asked::start().await.running);
    let person = Person::nth(1);
    let there =
        RegisterResidentRequest { division: ELSEWHERE.to_owned(), ..person.registration("2025-11-03") };
    let id = town.player().register(there).await.unwrap().resident_id;
    let moving = MoveRegistrationRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        moved_on: day("2025-12-08"),
        circumstances: Some(person.circumstances.clone()),
        ..MoveRegistrationRequest::default()
    };
    town.player().move_registration(moving).await.unwrap();
    assert_eq!(town.state(&id, "2026-01-05").await, CoverageState::NotSettled, "registered, not ended");
    town.paid(&person, "400.00", "2025-12-10").await;
    assert_eq!(town.period(&id).await, period("2026-01-01", "2026-12-31", 0));
    town.close().await;
}

#[tokio::test]
async fn every_period_is_on_one_page_and_only_those_of_the_insured() {
    let mut town = Town::open().await;
    let mut expected = Vec::new();
    for n in 1..=6 {
        let person = Person::nth(n);
        let id = town.registered(&person, "2025-11-03").await;
        if n < 6 {
            town.paid(&person, "400.00", "2025-11-10").await;
            expected.push(id);
        }
    }
    town.player().catch_up(DIVISION, YEAR).await.unwrap();
    expected.sort();
    let (mut listed, mut sizes, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let division = DIVISION.to_owned();
        let question = ListBenefitPeriodsRequest {
            division,
            cover_year: YEAR,
            page_size: 2,
            page_token,
            ..ListBenefitPeriodsRequest::default()
        };
        let page = town.player().benefit_periods(question).await.unwrap();
        sizes.push(page.periods.len());
        for row in page.periods {
            assert!(!row.person_must_decide && row.period.unwrap().from == day("2026-01-01"));
            listed.push(row.resident_id);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((listed, sizes), (expected, vec![2, 2, 1]));
    town.close().await;
}

#[tokio::test]
async fn on_each_day_everybody_is_counted_once_as_the_single_answer_has_it() {
    let mut town = Town::open().await;
    let people = [(1, 2025, "2025-11-10"), (2, 2025, "2026-02-10"), (3, 2023, "2025-12-10"), (4, 2025, "")];
    let mut ids = Vec::new();
    for (n, last, paid) in people {
        let person = insured_last(n, last);
        ids.push(town.registered(&person, "2025-11-03").await);
        if !paid.is_empty() {
            town.paid(&person, "400.00", paid).await;
        }
    }
    ids.push(town.player().register(newborn("2026-03-01", "2026-04-20")).await.unwrap().resident_id);
    for on in ["2026-01-01", "2026-02-09", "2026-02-10", "2026-03-10", "2026-12-31"] {
        let counts = town.counts(on).await;
        assert_eq!((counts.insured, counts.free), (4, 1));
        let waits: Vec<_> = counts.waits.iter().map(|wait| (wait.wait_months, wait.residents)).collect();
        assert_eq!(waits, [(3, 1)]);
        let mut states = std::collections::BTreeMap::new();
        for id in &ids {
            *states.entry(town.state(id, on).await as i32).or_insert(0) += 1;
        }
        let counted = counts.states.iter().map(|count| (count.state, count.residents)).collect();
        assert_eq!(states, counted, "{on}");
    }
    town.close().await;
}
