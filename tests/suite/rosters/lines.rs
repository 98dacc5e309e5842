//! Who is on which roster, and who is missing.

use super::*;
use canbao_proto::registration::{
    ChangeDocumentRequest, EndCause, EndRegistrationRequest,
    registration_service_client::RegistrationServiceClient,
};

#[tokio::test]
async fn an_identity_of_hardship_counts_only_when_medical_insurance_has_confirmed_it() {
    let mut town = Town::open().await;
    let (person, id) = town.registered("2025-11-03").await;
    let listed = roster("低保对象", "2025-11-05", vec![line(&person, "2025-06-01")]);
    let submitted = town.submit("civil-affairs", listed).await.unwrap();
    assert_eq!((submitted.matched, submitted.outcomes[0].resident_id.as_str()), (1, id.as_str()));
    let before = town.aid(&person).await;
    assert_eq!((yuan(before.owed), before.identities[0].counts), ("400.00".to_owned(), Some(false)));
    let confirmed = town.confirm(&submitted.roster_id, "2025-11-06").await;
    assert_eq!((confirmed.confirmed, confirmed.repeated, confirmed.name_differs), (1, 0, 0));
    let after = town.aid(&person).await;
    assert_eq!(
        (yuan(after.aided.clone()), yuan(after.owed.clone())),
        ("320.00".to_owned(), "80.00".to_owned())
    );
    assert_eq!((after.payer.as_str(), after.payable_item.as_str()), (FUND, "特殊缴费"));
    assert_eq!(
        (after.identities[0].counts, after.identities[0].confirmed_on),
        (Some(true), day("2025-11-06"))
    );
    assert_eq!(after.state(), AidState::Determined);
    let again = town.confirm(&submitted.roster_id, "2025-11-07").await;
    assert_eq!((again.confirmed, again.repeated), (0, 1), "a confirmation stays as it was");
    town.close().await;
}

#[tokio::test]
async fn a_line_without_a_match_is_kept_and_counts_when_the_person_registers() {
    let mut town = Town::open().await;
    let person = town.person();
    let listed = roster("监测对象", "2025-11-05", vec![line(&person, "2025-06-01")]);
    let submitted = town.submit("rural-revitalisation", listed).await.unwrap();
    assert_eq!((matches(&submitted), submitted.unmatched), (vec![RosterMatch::Unmatched], 1));
    assert_eq!(town.confirm(&submitted.roster_id, "2025-11-06").await.confirmed, 1);
    town.running.player.register(person.registration("2025-11-10")).await.unwrap();
    assert_eq!(yuan(town.aid(&person).await.owed), "120.00");
    town.close().await;
}

#[tokio::test]
async fn a_line_under_another_name_counts_for_nobody_until_the_list_is_mended() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    let misspelt = RosterLine { name: "乙某".to_owned(), ..line(&person, "2025-06-01") };
    let submitted =
        town.submit("civil-affairs", roster("低保对象", "2025-11-05", vec![misspelt])).await.unwrap();
    assert_eq!(matches(&submitted), [RosterMatch::NameDiffers]);
    let confirmed = town.confirm(&submitted.roster_id, "2025-11-06").await;
    assert_eq!((confirmed.confirmed, confirmed.name_differs), (0, 1));
    assert!(town.aid(&person).await.identities.is_empty());
    let mended = roster("低保对象", "2025-11-07", vec![line(&person, "2025-06-01")]);
    let mended = town.submit("civil-affairs", mended).await.unwrap();
    assert_eq!(matches(&mended), [RosterMatch::Matched]);
    town.confirm(&mended.roster_id, "2025-11-08").await;
    assert_eq!(yuan(town.aid(&person).await.owed), "80.00");
    town.close().await;
}

#[tokio::test]
async fn every_line_has_an_outcome_and_a_broken_one_touches_no_other() {
    let mut town = Town::open().await;
    let ((known, _), (renamed, _)) =
        (town.registered("2025-11-03").await, town.registered("2025-11-03").await);
    let stranger = town.person();
    let mut broken = line(&stranger, "2025-06-01");
    broken.document.as_mut().unwrap().number.replace_range(17.., "?");
    let lines = vec![
        line(&known, "2025-06-01"),
        broken,
        RosterLine { name: "乙某".to_owned(), ..line(&renamed, "2025-06-01") },
        line(&stranger, "2025-11-06"),
        line(&known, "2025-06-01"),
        line(&stranger, "2025-06-01"),
    ];
    let answer = town.submit("civil-affairs", roster("低保对象", "2025-11-05", lines)).await.unwrap();
    use RosterMatch::{Matched, NameDiffers, Refused, Repeated, Unmatched};
    assert_eq!(matches(&answer), [Matched, Refused, NameDiffers, Refused, Repeated, Unmatched]);
    let counts = [answer.matched, answer.refused, answer.name_differs, answer.repeated, answer.unmatched];
    assert_eq!(counts, [1, 2, 1, 1, 1]);
    let wrong = &answer.outcomes[1].message;
    assert!(wrong.contains("document.number") && !wrong.contains(&stranger.number[..17]), "{wrong}");
    assert!(answer.outcomes[3].message.contains("recognised_on"), "recognised after the day of the roster");
    town.close().await;
}

#[tokio::test]
async fn sending_one_roster_twice_gives_one_roster_and_another_roster_repeats_its_lines() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    let first = roster("特困人员", "2025-11-05", vec![line(&person, "2025-06-01")]);
    let first = SubmitRosterRequest { after: town.running.player.told(), ..first };
    let answer = town.submit("civil-affairs", first.clone()).await.unwrap();
    assert_eq!(town.submit("civil-affairs", first).await.unwrap(), answer);
    let later = roster("特困人员", "2025-12-05", vec![line(&person, "2025-06-01")]);
    let repeated = town.submit("civil-affairs", later).await.unwrap();
    assert_eq!(matches(&repeated), [RosterMatch::Repeated]);
    assert_eq!(
        town.confirm(&repeated.roster_id, "2025-12-06").await.confirmed,
        1,
        "by its place in the later one"
    );
    assert_eq!(town.confirm(&answer.roster_id, "2025-12-07").await.repeated, 1);
    town.close().await;
}

#[tokio::test]
async fn whoever_certifies_an_identity_submits_its_list_and_sees_no_other() {
    let mut town = Town::open().await;
    let person = town.person();
    let lines = || vec![line(&person, "2019-05-01")];
    let told = refused(town.submit("civil-affairs", roster("残疾人员", "2025-11-05", lines())).await);
    assert_eq!((told.reason.as_str(), clauses(&told.citations)[0]), ("NOT_THE_SUBMITTER", "XY26-10"));
    town.submit("disabled-federation", roster("残疾人员", "2025-11-05", lines())).await.unwrap();
    town.submit("civil-affairs", roster("低保对象", "2025-11-05", lines())).await.unwrap();
    for (by, seen) in [
        ("disabled-federation", vec!["残疾人员"]),
        ("civil-affairs", vec!["低保对象"]),
        ("veterans", vec![]),
        ("medical-insurance", vec!["低保对象", "残疾人员"]),
    ] {
        let page = town.list(by, ListRosterLinesRequest::default()).await;
        let identities: Vec<_> = page.lines.iter().map(|line| line.identity.as_str()).collect();
        assert_eq!(identities, seen, "{by}");
        assert!(
            page.lines
                .iter()
                .all(|line| line.masked_number == format!("1411**********{}", &person.number[14..]))
        );
    }
    let foreign = ListRosterLinesRequest { identity: "低保对象".to_owned(), ..Default::default() };
    assert!(town.list("disabled-federation", foreign).await.lines.is_empty());
    town.close().await;
}

#[tokio::test]
async fn lists_come_in_pages_that_hold_every_line_once() {
    let mut town = Town::open().await;
    let people: Vec<_> = (0..5).map(|_| town.person()).collect();
    for identity in ["特困人员", "低保对象"] {
        let lines = people.iter().map(|person| line(person, "2025-06-01")).collect();
        town.submit("civil-affairs", roster(identity, "2025-11-05", lines)).await.unwrap();
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListRosterLinesRequest { page_size: 3, page_token, ..Default::default() };
        let page = town.list("civil-affairs", request).await;
        assert!(page.lines.len() <= 3);
        seen.extend(page.lines.into_iter().map(|line| (line.identity, line.masked_number)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 10);
    assert!(seen[..5].iter().all(|(identity, _)| identity == "特困人员"), "in the order of the notice");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10, "no line twice");
    let page_token = format!("{}/残疾人员", RequestId::new());
    let elsewhere = ListRosterLinesRequest { page_token, ..Default::default() };
    let answer = town.try_list("civil-affairs", elsewhere).await;
    assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "the page before is of another list");
    town.close().await;
}

#[tokio::test]
async fn progress_counts_a_person_of_two_identities_once_in_the_group() {
    let mut town = Town::open().await;
    let ((both, _), (unconfirmed, _)) =
        (town.registered("2025-11-03").await, town.registered("2025-11-03").await);
    let nobody = town.person();
    town.recognised(("civil-affairs", "低保对象"), &both, "2025-11-05").await;
    town.recognised(("civil-affairs", "监测对象"), &both, "2025-11-05").await;
    let lines = vec![line(&unconfirmed, "2025-06-01"), line(&nobody, "2025-06-01")];
    town.submit("civil-affairs", roster("低保对象", "2025-11-07", lines)).await.unwrap();
    town.running.player.pay(both.payment("80.00", "2025-11-10")).await.unwrap();
    let progress = town.progress().await;
    let row = |identity: &str, group, counts| (identity.to_owned(), group, counts);
    let expected = [
        row("低保对象", false, [3, 2, 1, 1, 2]),
        row("监测对象", false, [1, 1, 1, 1, 0]),
        row("困难群体", true, [3, 2, 1, 1, 2]),
    ];
    assert_eq!(progress, expected, "listed, registered, counted, insured, missing");
    let missing = ListRosterLinesRequest { missing_only: true, ..Default::default() };
    let missing = town.list("civil-affairs", missing).await;
    let fits: Vec<_> = missing.lines.iter().map(|line| (line.r#match(), line.insured)).collect();
    assert_eq!(fits.len(), 2);
    assert!(fits.contains(&(RosterMatch::Matched, false)) && fits.contains(&(RosterMatch::Unmatched, false)));
    town.close().await;
}

#[tokio::test]
async fn a_registration_that_ended_leaves_the_line_without_a_match() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(("civil-affairs", "低保对象"), &person, "2025-11-05").await;
    let end = EndRegistrationRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ended_on: day("2025-11-20"),
        cause: EndCause::Mistake.into(),
        ..EndRegistrationRequest::default()
    };
    town.running.player.end_registration(end).await.unwrap();
    assert_eq!(town.progress().await[0].2, [1, 0, 0, 0, 1]);
    town.running.player.register(person.registration("2025-12-01")).await.unwrap();
    assert_eq!(town.progress().await[0].2, [1, 1, 1, 0, 1], "registered anew");
    assert_eq!(yuan(town.aid(&person).await.owed), "80.00");
    town.close().await;
}

#[tokio::test]
async fn an_identity_that_has_ended_brings_no_aid_any_more() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(("civil-affairs", "低保对象"), &person, "2025-11-05").await;
    assert_eq!(yuan(town.aid(&person).await.owed), "80.00");
    let ended = RosterLine { ended_on: day("2025-11-30"), ..line(&person, "2025-11-05") };
    town.submit("civil-affairs", roster("低保对象", "2025-12-05", vec![ended])).await.unwrap();
    let aid = town.aid(&person).await;
    assert_eq!((yuan(aid.owed), aid.identities[0].counts), ("400.00".to_owned(), Some(false)));
    assert!(aid.identities[0].confirmed, "the confirmation stays with the line");
    town.close().await;
}

#[tokio::test]
async fn an_older_roster_told_later_does_not_bring_an_ended_identity_back() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(MINIMUM, &person, "2025-11-05").await;
    let ended = RosterLine { ended_on: day("2025-11-30"), ..line(&person, "2025-11-05") };
    town.submit("civil-affairs", roster("低保对象", "2025-12-05", vec![ended])).await.unwrap();
    let older = roster("低保对象", "2025-12-01", vec![line(&person, "2025-11-05")]);
    let answer = town.submit("civil-affairs", older).await.unwrap();
    assert_eq!((matches(&answer), answer.repeated), (vec![RosterMatch::Repeated], 1));
    let aid = town.aid(&person).await;
    assert_eq!((yuan(aid.owed), aid.identities[0].ended_on), ("400.00".to_owned(), day("2025-11-30")));
    town.close().await;
}

#[tokio::test]
async fn a_change_told_later_of_an_earlier_day_does_not_bring_an_ended_identity_back() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(MINIMUM, &person, "2025-11-05").await;
    let ending = RosterLine { ended_on: day("2025-11-30"), ..line(&person, "2025-11-05") };
    town.submit("civil-affairs", roster("低保对象", "2025-11-10", vec![ending])).await.unwrap();
    for (changed_on, owed) in [("2025-11-30", "80.00"), ("2025-12-01", "400.00"), ("2025-11-20", "400.00")] {
        let change = ChangeDocumentRequest {
            request_id: RequestId::new().to_string(),
            resident: person.reference(),
            document: Some(person.document()),
            name: person.name.clone(),
            changed_on: day(changed_on),
            ..ChangeDocumentRequest::default()
        };
        let mut bureau = RegistrationServiceClient::new(town.running.channel("registration").await);
        bureau.change_document(canbao::request("medical-insurance", change)).await.unwrap();
        assert_eq!(yuan(town.aid(&person).await.owed), owed, "{changed_on}");
    }
    town.close().await;
}

#[tokio::test]
async fn a_roster_is_refused_as_a_whole_for_what_it_says_of_itself() {
    let mut town = Town::open().await;
    let person = town.person();
    let good = || roster("低保对象", "2025-11-05", vec![line(&person, "2025-06-01")]);
    let cases = [
        ("NO_NOTICE", SubmitRosterRequest { division: "110101".to_owned(), ..good() }),
        ("UNKNOWN_IDENTITY", SubmitRosterRequest { identity: "低保".to_owned(), ..good() }),
        ("DATE_IN_FUTURE", SubmitRosterRequest { submitted_on: day("2026-07-01"), ..good() }),
        ("COUNT_DIFFERS", SubmitRosterRequest { declared_count: 2, ..good() }),
    ];
    for (reason, request) in cases {
        assert_eq!(refused(town.submit("civil-affairs", request).await).reason, reason);
    }
    assert!(town.progress().await.is_empty(), "nothing was kept");
    town.close().await;
}

#[tokio::test]
async fn a_line_is_not_confirmed_before_the_day_on_which_it_was_recognised() {
    let mut town = Town::open().await;
    let ((early, _), (known, _)) = (town.registered("2025-11-03").await, town.registered("2025-11-03").await);
    let lines = vec![line(&early, "2026-01-15"), line(&known, "2025-10-27")];
    let submitted = town.submit("civil-affairs", roster("低保对象", "2026-01-20", lines)).await.unwrap();
    let answer = town.confirm(&submitted.roster_id, "2025-10-27").await;
    assert_eq!((answer.confirmed, answer.not_recognised_yet), (1, 1), "its neighbour is confirmed");
    assert_eq!(yuan(town.aid(&early).await.owed), "400.00");
    let answer = town.confirm(&submitted.roster_id, "2026-01-15").await;
    assert_eq!((answer.confirmed, answer.repeated, answer.not_recognised_yet), (1, 1, 0));
    assert_eq!(yuan(town.aid(&early).await.owed), "80.00");
    town.close().await;
}

#[tokio::test]
async fn a_confirmation_is_refused_for_what_is_not_there_to_be_confirmed() {
    let mut town = Town::open().await;
    let person = town.person();
    let unknown = confirmation(&RequestId::new().to_string(), "2025-11-06");
    assert_eq!(refused(town.running.player.confirm_roster(unknown).await).reason, "UNKNOWN_ROSTER");
    let final_list = roster("残疾人员", "2025-11-05", vec![line(&person, "2019-05-01")]);
    let final_list = town.submit("disabled-federation", final_list).await.unwrap();
    let told =
        refused(town.running.player.confirm_roster(confirmation(&final_list.roster_id, "2025-11-06")).await);
    assert_eq!(told.reason, "NOT_TO_CONFIRM");
    let listed = roster("低保对象", "2025-11-05", vec![line(&person, "2025-06-01")]);
    let listed = town.submit("civil-affairs", listed).await.unwrap().roster_id;
    let early = confirmation(&listed, "2026-07-01");
    assert_eq!(refused(town.running.player.confirm_roster(early).await).reason, "DATE_IN_FUTURE");
    let beyond = ConfirmRosterRequest { lines: vec![0, 1], ..confirmation(&listed, "2025-11-06") };
    let told = refused(town.running.player.confirm_roster(beyond).await);
    assert_eq!((told.reason.as_str(), told.metadata["line"].as_str()), ("UNKNOWN_LINE", "1"));
    assert_eq!(town.confirm(&listed, "2025-11-06").await.confirmed, 1, "nothing was confirmed before");
    town.close().await;
}

impl Town {
    /// A page of lines, as somebody is shown it.
    async fn list(&mut self, by: &'static str, request: ListRosterLinesRequest) -> ListRosterLinesResponse {
        self.try_list(by, request).await.unwrap()
    }

    async fn try_list(
        &mut self,
        by: &'static str,
        request: ListRosterLinesRequest,
    ) -> Result<ListRosterLinesResponse, Status> {
        use roster_service_client::RosterServiceClient;
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let request = ListRosterLinesRequest { division: DIVISION.to_owned(), cover_year: YEAR, ..request };
        let mut rosters = RosterServiceClient::new(self.running.channel("subsidy").await);
        rosters.list_roster_lines(canbao::request(by, request)).await.map(tonic::Response::into_inner)
    }

    /// Identity, whether it is a group, and how many are listed, registered, counted, insured, missing.
    async fn progress(&mut self) -> Vec<(String, bool, [u64; 5])> {
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let request = GetRosterProgressRequest {
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            ..Default::default()
        };
        let answer = self.running.player.roster_progress(request).await.unwrap();
        let row = |row: RosterProgress| {
            (row.identity, row.group, [row.listed, row.registered, row.counted, row.insured, row.missing])
        };
        answer.progress.into_iter().map(row).collect()
    }
}
