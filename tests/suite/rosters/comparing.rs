//! What a change of the notice means for the department's own residents, as finance asks it.

use canbao_proto::subsidy::{
    CompareNoticesRequest, CompareNoticesResponse, HeadsAndMoney, NoticeComparison, ServedNotice,
    compare_notices_request::Against, compare_notices_response::Step,
    finance_service_client::FinanceServiceClient,
};
use canbao_types::Money as Amount;
use tonic::{Request, Streaming, transport::Channel};
use tonic_types::StatusExt;

use super::*;

const NOTICE: &str = include_str!("../../../shared/policy/notices/141181-2026.toml");

fn request(against: Against) -> CompareNoticesRequest {
    CompareNoticesRequest {
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        against: Some(against),
        ..CompareNoticesRequest::default()
    }
}

/// The notice as it is served.
fn served() -> Against {
    Against::Served(ServedNotice { notice_division: DIVISION.to_owned(), cover_year: YEAR })
}

/// The aid of those who are monitored is raised by 40 yuan.
fn draft() -> Against {
    let changed = [("\"70%\"", "\"80%\""), ("\"280\"", "\"320\""), ("\"120\"", "\"80\"")];
    Against::Draft(changed.iter().fold(NOTICE.to_owned(), |text, (old, new)| text.replace(old, new)))
}

async fn ask(
    channel: Channel,
    by: &str,
    asked: CompareNoticesRequest,
) -> Result<Streaming<CompareNoticesResponse>, Status> {
    let mut asked = Request::new(asked);
    asked.metadata_mut().insert("canbao-department", by.parse().unwrap());
    Ok(FinanceServiceClient::new(channel).compare_notices(asked).await?.into_inner())
}

/// Comparisons asked for at once, many more than may run.
const AT_ONCE: usize = 64;

/// How far it was, step by step, and what came of it.
async fn compared(town: &Town, against: Against) -> (Vec<(u64, u64)>, NoticeComparison) {
    let channel = town.running.channel("subsidy").await;
    let mut answers = ask(channel, "finance", request(against)).await.unwrap();
    let mut progress = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        match answer.step.unwrap() {
            Step::Progress(step) => progress.push((step.read, step.all)),
            Step::Comparison(comparison) => {
                assert!(answers.message().await.unwrap().is_none(), "the comparison is the last answer");
                return (progress, comparison);
            }
        }
    }
    panic!("no comparison came")
}

fn fen(money: Option<Money>) -> i64 {
    money.map_or(0, |money| money.yuan.parse::<Amount>().unwrap().fen())
}

fn sums(heads: Option<HeadsAndMoney>) -> (u64, i64, i64) {
    let heads = heads.unwrap();
    (heads.payable, fen(heads.own), fen(heads.aid))
}

/// A town in which somebody has each identity that is aided, and three have none.
async fn town() -> (Town, Vec<Person>) {
    let mut town = Town::open().await;
    let mut people = Vec::new();
    let held = [
        Some(("civil-affairs", "特困人员")),
        Some(("civil-affairs", "低保对象")),
        Some(("civil-affairs", "监测对象")),
        Some(("civil-affairs", "监测对象")),
        Some(("disabled-federation", "残疾人员")),
        None,
        None,
        None,
    ];
    for identity in held {
        let (person, _) = town.registered("2025-11-03").await;
        // The departments must have heard of the resident before the list.
        town.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        if let Some(identity) = identity {
            town.recognised(identity, &person, "2025-11-05").await;
        }
        people.push(person);
    }
    town.running.player.catch_up(DIVISION, YEAR).await.unwrap();
    (town, people)
}

#[tokio::test]
async fn a_comparison_adds_up_what_every_resident_is_told() {
    let (mut town, people) = town().await;
    let (mut owed, mut aided) = (0, 0);
    for person in &people {
        let aid = town.aid(person).await;
        owed += fen(aid.owed);
        aided += fen(aid.aided);
    }
    let (progress, same) = compared(&town, served()).await;
    assert_eq!(progress, [(8, 8)]);
    let total = same.total.unwrap();
    assert_eq!(sums(total.before.clone()), (8, owed, aided));
    assert_eq!(total.before, total.under_other);
    assert_eq!(same.shift.unwrap().same, 8);

    let (_, changed) = compared(&town, draft()).await;
    let total = changed.total.unwrap();
    assert_eq!(sums(total.before), (8, owed, aided));
    assert_eq!(sums(total.under_other), (8, owed - 2 * 4_000, aided + 2 * 4_000));
    let shift = changed.shift.unwrap();
    assert_eq!((shift.less, yuan(shift.saved), shift.more, shift.same), (2, "80.00".to_owned(), 0, 6));
    let [difference] = changed.differences.as_slice() else { panic!("{:?}", changed.differences) };
    assert_eq!((yuan(difference.more.clone()), difference.people), ("-40.00".to_owned(), 2));
    let fund = changed.payers.iter().find(|payer| payer.payer == FUND).unwrap();
    let paid = |paid: &Option<PaidHeads>| fen(paid.as_ref().unwrap().amount.clone());
    assert_eq!(paid(&fund.under_other) - paid(&fund.before), 8_000);
    let without = changed.identities.iter().find(|identity| identity.label.is_empty()).unwrap();
    assert_eq!(without.before.as_ref().unwrap().people, 3);
    town.close().await;
}

#[tokio::test]
async fn a_draft_with_problems_is_told_each_of_them_and_at_most_twenty() {
    let town = Town::open().await;
    let broken = Against::Draft(NOTICE.replace("clause = [\"XY26-", "clause = [\"NO26-"));
    let channel = town.running.channel("subsidy").await;
    let told = ask(channel.clone(), "finance", request(broken)).await.unwrap_err();
    assert_eq!(told.code(), Code::InvalidArgument, "{told}");
    let wrong = told.get_error_details().bad_request().unwrap().field_violations.clone();
    assert!((2..=20).contains(&wrong.len()), "{wrong:?}");
    assert!(wrong.iter().all(|wrong| wrong.field == "draft" && !wrong.description.is_empty()), "{wrong:?}");
    let nothing = CompareNoticesRequest { against: None, ..request(served()) };
    let told = ask(channel.clone(), "finance", nothing).await.unwrap_err();
    assert_eq!(told.get_error_details().bad_request().unwrap().field_violations[0].field, "against");
    let told = ask(channel, "tax", request(served())).await.unwrap_err();
    assert_eq!(told.code(), Code::PermissionDenied, "{told}");
    town.close().await;
}

#[tokio::test]
async fn a_comparison_too_many_is_refused_and_one_that_nobody_wants_any_more_makes_room() {
    let town = Town::open().await;
    let channel = town.running.channel("subsidy").await;
    // So many at once do not end one before the other begins.
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let channel = channel.clone();
        asking.spawn(async move { ask(channel, "finance", request(served())).await });
    }
    let answers = asking.join_all().await;
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(!refused.is_empty() && refused.len() < AT_ONCE, "{} of {AT_ONCE} were refused", refused.len());
    for told in refused {
        assert_eq!(told.code(), Code::ResourceExhausted, "{told}");
        assert_eq!(refusal::read(told).unwrap().reason, "TOO_MANY_COMPARISONS");
    }
    drop(answers);
    // That the callers are gone arrives here a little later.
    let mut tries = 0;
    while ask(channel.clone(), "finance", request(served())).await.is_err() {
        tries += 1;
        assert!(tries < 10_000, "no place was given back");
        tokio::task::yield_now().await;
    }
    town.close().await;
}
