//! What subsidy refuses.

use canbao_proto::subsidy::{
    CompareNoticesRequest, ConfirmRosterRequest, DecideAidRequest, GetAidRequest, ServedNotice,
    SubmitRosterRequest, SubmitRosterResponse, compare_notices_request::Against,
    finance_service_client::FinanceServiceClient,
};
use canbao_tests::{DIVISION, Person, YEAR, day};
use canbao_types::RequestId;
use tonic::{
    Code::{FailedPrecondition, ResourceExhausted},
    Request, Status,
};

use super::{
    super::{Asked, yuan},
    Reached,
};

pub(super) async fn refusals(asked: &mut Asked) -> Reached {
    let mut reached = Reached::default();
    let nobody = asked.person();
    rosters(asked, &mut reached, &nobody).await;
    confirmations(asked, &mut reached, &nobody).await;
    decisions(asked, &mut reached, &nobody).await;
    comparisons(asked, &mut reached).await;
    reached
}

/// Of many comparisons asked for at once not all can run.
async fn comparisons(asked: &mut Asked, reached: &mut Reached) {
    let channel = asked.running.channel("subsidy").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let mut client = FinanceServiceClient::new(channel.clone());
        asking.spawn(async move {
            let served = ServedNotice { notice_division: DIVISION.to_owned(), cover_year: YEAR };
            let mut request = Request::new(CompareNoticesRequest {
                division: DIVISION.to_owned(),
                cover_year: YEAR,
                against: Some(Against::Served(served)),
                ..CompareNoticesRequest::default()
            });
            request.metadata_mut().insert("canbao-department", "finance".parse().unwrap());
            client.compare_notices(request).await
        });
    }
    let refused = asking.join_all().await.into_iter().find(Result::is_err).unwrap();
    reached.by_state(refused, ResourceExhausted, "TOO_MANY_COMPARISONS");
}

fn roster(identity: &str, person: &Person) -> SubmitRosterRequest {
    person.roster(identity, "2025-06-01", "2025-11-05")
}

async fn submit(
    asked: &mut Asked,
    by: &'static str,
    roster: SubmitRosterRequest,
) -> Result<SubmitRosterResponse, Status> {
    asked.running.player.submit_roster(by, roster).await
}

async fn rosters(asked: &mut Asked, reached: &mut Reached, person: &Person) {
    let by = "civil-affairs";
    let good = || roster("低保对象", person);
    let elsewhere = SubmitRosterRequest { division: "110101".to_owned(), ..good() };
    let told = reached.by_state(submit(asked, by, elsewhere).await, FailedPrecondition, "NO_NOTICE");
    assert_eq!(
        (told.metadata["division"].as_str(), told.metadata["cover_year"].as_str()),
        ("110101", "2026")
    );
    let unknown = roster("低保", person);
    reached.by_state(submit(asked, by, unknown).await, FailedPrecondition, "UNKNOWN_IDENTITY");
    reached.by_rule(submit(asked, by, roster("优抚对象", person)).await, "NOT_THE_SUBMITTER", "XY26-20");
    let early = SubmitRosterRequest { submitted_on: day("2026-07-01"), ..good() };
    let told = reached.by_state(submit(asked, by, early).await, FailedPrecondition, "DATE_IN_FUTURE");
    assert_eq!(told.metadata["date"], "2026-07-01");
    let short = SubmitRosterRequest { declared_count: 3, ..good() };
    let told = reached.by_state(submit(asked, by, short).await, FailedPrecondition, "COUNT_DIFFERS");
    assert_eq!((told.metadata["declared"].as_str(), told.metadata["received"].as_str()), ("3", "1"));
}

async fn confirmations(asked: &mut Asked, reached: &mut Reached, person: &Person) {
    let confirmation = |roster_id: String, lines: Vec<u32>| ConfirmRosterRequest {
        request_id: RequestId::new().to_string(),
        roster_id,
        lines,
        confirmed_on: day("2025-11-06"),
        ..ConfirmRosterRequest::default()
    };
    let unknown = confirmation(RequestId::new().to_string(), Vec::new());
    let outcome = asked.running.player.confirm_roster(unknown).await;
    reached.by_state(outcome, FailedPrecondition, "UNKNOWN_ROSTER");
    let of_its_own = submit(asked, "industry", roster("市属改制企业职工", person)).await.unwrap();
    let of_its_own = confirmation(of_its_own.roster_id, Vec::new());
    let outcome = asked.running.player.confirm_roster(of_its_own).await;
    reached.by_rule(outcome, "NOT_TO_CONFIRM", "XY26-19");
    let listed = submit(asked, "civil-affairs", roster("低保对象", person)).await.unwrap();
    let outcome = asked.running.player.confirm_roster(confirmation(listed.roster_id, vec![1])).await;
    let told = reached.by_state(outcome, FailedPrecondition, "UNKNOWN_LINE");
    assert_eq!(told.metadata["line"], "1");
}

async fn decisions(asked: &mut Asked, reached: &mut Reached, nobody: &Person) {
    let resident = nobody.reference();
    let ask = GetAidRequest { resident, cover_year: YEAR, ..GetAidRequest::default() };
    let outcome = asked.running.player.aid(ask).await;
    reached.by_state(outcome, FailedPrecondition, "UNKNOWN_RESIDENT");
    let person = asked.registered().await;
    let decision = |amount: &str| DecideAidRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        cover_year: YEAR,
        amount: yuan(amount),
        decided_on: day("2025-11-10"),
        because: "核定".to_owned(),
        ..DecideAidRequest::default()
    };
    let outcome = asked.running.player.decide_aid("medical-insurance", decision("100.00")).await;
    reached.by_state(outcome, FailedPrecondition, "NOTHING_TO_DECIDE");
    submit(asked, "veterans", roster("优抚对象", &person)).await.unwrap();
    let outcome = asked.running.player.decide_aid("veterans", decision("400.01")).await;
    let told = reached.by_state(outcome, FailedPrecondition, "ABOVE_STANDARD");
    assert_eq!(told.metadata["standard"], "400.00");
}
