//! Cover in other schemes and years, as dated days.

use canbao_proto::{
    benefits::GetCoverageRequest,
    collection::ContributionSettled,
    registration::{
        Circumstances, Cover, CoverLine, EmployeeScheme, EndCause, EndRegistrationRequest,
        RecordCoverRequest, RecordCoverResponse, RegistrationChanged, ResidentRegistered, RosterResult,
        Scheme, circumstances::History,
    },
};
use canbao_tests::{DIVISION, Person, Running, YEAR, day};
use canbao_types::{Date, RequestId};
use tonic::Status;

use super::{BUREAU, ELSEWHERE, Office, refused};

fn line(person: &Person, scheme: Scheme, (from, to): (&str, Option<&str>), departure: &str) -> CoverLine {
    let departure = departure.to_owned();
    let cover = Cover { scheme: scheme.into(), from: day(from), to: to.and_then(day), departure };
    CoverLine { document: Some(person.document()), cover: Some(cover) }
}

async fn record(office: &mut Office, on: &str, lines: Vec<CoverLine>) -> Result<RecordCoverResponse, Status> {
    let asked = RecordCoverRequest {
        request_id: RequestId::new().to_string(),
        after: Vec::new(),
        division: DIVISION.to_owned(),
        recorded_on: day(on),
        declared_count: lines.len() as u32,
        lines,
    };
    office.registration.record_cover(canbao::request(BUREAU, asked)).await.map(tonic::Response::into_inner)
}

fn results(answer: &RecordCoverResponse) -> Vec<RosterResult> {
    answer.outcomes.iter().map(|outcome| outcome.result()).collect()
}

#[tokio::test]
async fn cover_recorded_before_a_registration_outweighs_what_is_told_then() {
    let mut office = Office::open().await;
    let (employed, left) = (Person::nth(1), Person::nth(2));
    let lines = vec![
        line(&employed, Scheme::Employee, ("2019-05-01", None), ""),
        line(&left, Scheme::Employee, ("2019-05-01", Some("2025-10-15")), "职工医保中断"),
        line(&left, Scheme::Resident, ("2017-01-01", Some("2018-12-31")), ""),
    ];
    let answer = record(&mut office, "2025-10-20", lines).await.unwrap();
    assert_eq!((answer.accepted, answer.refused, answer.repeated), (3, 0, 0));

    let told = refused(office.register(&employed).await, "IN_EMPLOYEE_SCHEME");
    assert!(told.citations.iter().any(|citation| citation.clause == "XY26-02"));

    office.register(&left).await.unwrap();
    let (_, event) = office.told::<ResidentRegistered>().await.remove(0);
    let circumstances = event.circumstances.unwrap();
    assert_eq!(circumstances.employee_scheme(), EmployeeScheme::Past);
    assert_eq!(
        (circumstances.employee_from, circumstances.employee_until),
        (day("2019-05-01"), day("2025-10-15"))
    );
    assert_eq!(circumstances.history, Some(History::LastCoveredYear(2018)), "not 2025, as was told");
    let departures: Vec<_> =
        circumstances.departures.iter().map(|left| (left.kind.as_str(), left.left_on)).collect();
    assert_eq!(departures, [("职工医保中断", day("2025-10-15"))]);

    let shown = office.resident(left.reference()).await.unwrap();
    let schemes: Vec<_> = shown.covers.iter().map(|cover| (cover.scheme(), cover.to)).collect();
    assert_eq!(
        schemes,
        [(Scheme::Resident, day("2018-12-31")), (Scheme::Employee, day("2025-10-15"))],
        "oldest first"
    );
    assert_eq!(shown.missed_years, Some(0), "the years in the employee scheme are not missed");
    office.close().await;
}

#[tokio::test]
async fn years_without_any_cover_are_missed_years() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    let lines = vec![line(&person, Scheme::Resident, ("2020-01-01", Some("2022-12-31")), "")];
    record(&mut office, "2025-10-20", lines).await.unwrap();
    office.register(&person).await.unwrap();
    let shown = office.resident(person.reference()).await.unwrap();
    assert_eq!(shown.missed_years, Some(3), "2023, 2024 and 2025");
    office.close().await;
}

#[tokio::test]
async fn cover_recorded_after_a_registration_is_told_once_and_corrected_by_the_same_first_day() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    office.register(&person).await.unwrap();
    let begun = || vec![line(&person, Scheme::Employee, ("2026-03-01", None), "")];
    let first = record(&mut office, "2026-03-02", begun()).await.unwrap();
    assert_eq!(results(&first), [RosterResult::Accepted]);
    let again = record(&mut office, "2026-04-02", begun()).await.unwrap();
    assert_eq!((results(&again), again.repeated), (vec![RosterResult::Repeated], 1));

    let told = office.told::<RegistrationChanged>().await;
    assert_eq!(told.len(), 1, "nothing new, nothing told");
    let (division, changed) = &told[0];
    assert_eq!((division.as_str(), changed.changed_on), (DIVISION, day("2026-03-02")));
    let known = |changed: &RegistrationChanged| -> Circumstances {
        changed.registered.clone().unwrap().circumstances.unwrap()
    };
    assert_eq!(known(changed).employee_scheme(), EmployeeScheme::Enrolled);
    assert_eq!(known(changed).employee_from, day("2026-03-01"));

    let ended = vec![line(&person, Scheme::Employee, ("2026-03-01", Some("2026-05-31")), "职工医保中断")];
    assert_eq!(record(&mut office, "2026-06-01", ended).await.unwrap().accepted, 1);
    let told = office.told::<RegistrationChanged>().await;
    let now = known(&told[1].1);
    assert_eq!((now.employee_scheme(), now.employee_until), (EmployeeScheme::Past, day("2026-05-31")));
    assert_eq!(now.departures.len(), 1);
    assert_eq!(office.resident(person.reference()).await.unwrap().covers.len(), 1);
    office.close().await;
}

#[tokio::test]
async fn a_line_of_cover_that_cannot_be_does_not_touch_its_neighbours() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    let lines = vec![
        line(&person, Scheme::Resident, ("2024-01-01", None), ""),
        line(&person, Scheme::Employee, ("2026-03-01", Some("2026-02-01")), ""),
        line(&person, Scheme::Employee, ("2026-03-01", Some("2026-06-01")), ""),
        line(&person, Scheme::Employee, ("2026-03-01", None), "职工医保中断"),
        line(&person, Scheme::Unspecified, ("2024-01-01", Some("2024-12-31")), ""),
        line(&person, Scheme::Resident, ("2024-01-01", Some("2024-12-31")), ""),
    ];
    let answer = record(&mut office, "2026-04-01", lines.clone()).await.unwrap();
    assert_eq!((answer.accepted, answer.refused), (1, 5));
    assert!(answer.outcomes[..5].iter().all(|outcome| outcome.reason == "MALFORMED"));
    assert!(answer.outcomes[2].message.contains("cover.to"), "{}", answer.outcomes[2].message);

    let early = record(&mut office, "2026-07-01", lines[5..].to_vec()).await.unwrap();
    assert_eq!(early.outcomes[0].reason, "DATE_IN_FUTURE");
    let declared = RecordCoverRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        recorded_on: day("2026-04-01"),
        declared_count: 7,
        lines,
        ..RecordCoverRequest::default()
    };
    let outcome = office.registration.record_cover(canbao::request(BUREAU, declared)).await;
    refused(outcome, "COUNT_DIFFERS");
    office.close().await;
}

#[tokio::test]
async fn a_year_insured_here_counts_as_covered_in_the_next_whatever_is_told() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    let resident_id = office.admitted(&person).await;
    office.tell("collection", &ContributionSettled { resident_id, cover_year: YEAR, ..Default::default() });
    let shown = office.resident(person.reference()).await.unwrap();
    assert_eq!((shown.covers[0].from, shown.covers[0].to), (day("2026-01-01"), day("2026-12-31")));
    assert_eq!(shown.missed_years, Some(0), "the year itself is no earlier one");

    let mut next = person.registration("2026-06-30");
    next.after.clone_from(&office.heard);
    (next.division, next.cover_year) = (ELSEWHERE.to_owned(), YEAR + 1);
    next.circumstances.as_mut().unwrap().history = Some(History::NeverCovered(true));
    office.registration.register_resident(canbao::request(BUREAU, next)).await.unwrap();
    let (_, told) = office.told::<ResidentRegistered>().await.pop().unwrap();
    assert_eq!(told.circumstances.unwrap().history, Some(History::LastCoveredYear(YEAR)));
    office.close().await;
}

#[tokio::test]
async fn an_older_list_does_not_take_the_place_of_a_newer_line() {
    let mut office = Office::open().await;
    let person = Person::nth(1);
    office.register(&person).await.unwrap();
    let begun = || vec![line(&person, Scheme::Employee, ("2025-03-01", None), "")];
    let until = |to| vec![line(&person, Scheme::Employee, ("2025-03-01", Some(to)), "")];
    record(&mut office, "2026-02-01", until("2026-01-31")).await.unwrap();
    let older = record(&mut office, "2025-12-01", begun()).await.unwrap();
    assert_eq!((older.refused, older.outcomes[0].reason.as_str()), (1, "NEWER_COVER"));
    let same = record(&mut office, "2026-01-31", until("2026-01-31")).await.unwrap();
    assert_eq!(results(&same), [RosterResult::Repeated], "older, but it says the same");
    let again = record(&mut office, "2026-04-01", until("2026-01-31")).await.unwrap();
    assert_eq!(results(&again), [RosterResult::Repeated]);
    let between = record(&mut office, "2026-03-01", begun()).await.unwrap();
    assert_eq!(between.outcomes[0].reason, "NEWER_COVER", "it was said again later");
    let shown = office.resident(person.reference()).await.unwrap();
    assert_eq!(shown.covers[0].to, day("2026-01-31"));
    office.close().await;
}

#[tokio::test]
async fn a_year_insured_here_stays_so_when_its_registration_ends_but_not_as_a_mistake() {
    let mut office = Office::open().await;
    for (n, cause, kept) in [(1, EndCause::Withdrawn, 1), (2, EndCause::Mistake, 0)] {
        let person = Person::nth(n);
        let resident_id = office.admitted(&person).await;
        let settled = ContributionSettled { resident_id, cover_year: YEAR, ..Default::default() };
        office.tell("collection", &settled);
        let ending = EndRegistrationRequest {
            request_id: RequestId::new().to_string(),
            after: office.heard.clone(),
            resident: person.reference(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            ended_on: day("2026-06-15"),
            cause: cause.into(),
        };
        office.registration.end_registration(canbao::request(BUREAU, ending)).await.unwrap();
        let covers = office.resident(person.reference()).await.unwrap().covers;
        assert_eq!(covers.len(), kept, "{cause:?}");
    }
    office.close().await;
}

/// First and last day of the benefits and the months of waiting, after cover was recorded of somebody.
async fn benefits(running: &mut Running, person: &Person, cover: &[(&str, Option<&str>)]) -> [String; 3] {
    let player = &mut running.player;
    for (from, to) in cover {
        let asked = RecordCoverRequest {
            request_id: RequestId::new().to_string(),
            division: DIVISION.to_owned(),
            recorded_on: day(to.unwrap_or(from)),
            declared_count: 1,
            lines: vec![line(person, Scheme::Employee, (from, *to), "")],
            ..RecordCoverRequest::default()
        };
        assert_eq!(player.record_cover(asked).await.unwrap().accepted, 1);
    }
    player.catch_up(DIVISION, YEAR).await.unwrap();
    let resident = person.reference();
    let question = GetCoverageRequest { resident, on: day("2026-06-30"), ..Default::default() };
    let period = player.coverage(question).await.unwrap().period.unwrap();
    let text = |day: Option<canbao_proto::google::Date>| {
        let day = day.unwrap();
        Date::from_ymd_opt(day.year, day.month as u32, day.day as u32).unwrap().to_string()
    };
    [text(period.from), text(period.to), period.wait_months.to_string()]
}

#[tokio::test]
async fn joining_an_employer_later_moves_the_last_day_of_the_benefits_and_nothing_else() {
    let mut running = Running::start().await;
    // In the employee scheme until the year began, so that nobody waits; in the resident scheme long ago.
    let mut switched = Person::nth(1);
    switched.circumstances.history = Some(History::LastCoveredYear(2021));
    // Never in the employee scheme, and not insured for years, so that there is a wait.
    let mut broken = Person::nth(2);
    broken.circumstances.history = Some(History::LastCoveredYear(2021));
    paid(&mut running, &switched, &[("2022-01-01", Some("2025-12-31"))]).await;
    paid(&mut running, &broken, &[]).await;
    for (person, before, wait) in [(&switched, "2026-01-20", "0"), (&broken, "2026-04-20", "3")] {
        let now = benefits(&mut running, person, &[]).await;
        assert_eq!(now, [before, "2026-12-31", wait]);
        let now = benefits(&mut running, person, &[("2026-05-01", Some("2026-05-31"))]).await;
        assert_eq!(now, [before, "2026-04-30", wait], "the history is what it was");
        let now = benefits(&mut running, person, &[("2026-06-15", None)]).await;
        assert_eq!(now, [before, "2026-04-30", wait], "May is not covered twice");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_stay_with_an_employer_that_was_over_before_the_payment_ends_nothing_but_the_next_does() {
    let mut running = Running::start().await;
    let person = Person::nth(1);
    paid(&mut running, &person, &[("2026-01-02", Some("2026-01-15"))]).await;
    let now = benefits(&mut running, &person, &[]).await;
    assert_eq!(now, ["2026-01-20", "2026-12-31", "0"]);
    let now = benefits(&mut running, &person, &[("2026-06-15", None)]).await;
    assert_eq!(now, ["2026-01-20", "2026-06-14", "0"]);
    running.stop().await;
}

/// Records cover of somebody, who registers and pays on 20 January 2026.
async fn paid(running: &mut Running, person: &Person, cover: &[(&str, Option<&str>)]) {
    let lines: Vec<_> =
        cover.iter().map(|&(from, to)| line(person, Scheme::Employee, (from, to), "")).collect();
    let asked = RecordCoverRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        recorded_on: day("2026-01-18"),
        declared_count: lines.len() as u32,
        lines,
        ..RecordCoverRequest::default()
    };
    if !asked.lines.is_empty() {
        running.player.record_cover(asked).await.unwrap();
    }
    running.player.register(person.registration("2026-01-19")).await.unwrap();
    running.player.pay(person.payment("400.00", "2026-01-20")).await.unwrap();
}
