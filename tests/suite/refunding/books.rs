//! How far the collection has come, the ledger, and the lists.

use canbao_proto::registration::{EndCause, RegistrationEnded};

use super::*;

const EAST: &str = "141181001";
const WEST: &str = "141181002";

async fn set_tasks(bureau: &mut Bureau, tasks: &[(&str, u64)]) -> Result<u64, Status> {
    let task =
        |&(township, task_heads): &(&str, u64)| TownshipTask { township: township.to_owned(), task_heads };
    let asked = SetTasksRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        tasks: tasks.iter().map(task).collect(),
        ..Default::default()
    };
    Ok(bureau.books.set_tasks(request("tax", asked)).await?.into_inner().task_heads)
}

async fn progress(bureau: &mut Bureau, up_to: &str) -> GetProgressResponse {
    let asked = GetProgressRequest {
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        up_to: if up_to.is_empty() { None } else { day(up_to) },
    };
    bureau.books.get_progress(request("medical-insurance", asked)).await.unwrap().into_inner()
}

/// Township, task number, registered, settled, paid.
fn line(progress: &TownshipProgress) -> String {
    let TownshipProgress { township, task_heads, registered, settled, paid, .. } = progress;
    format!("{township}: {task_heads} {registered} {settled} {}", yuan(paid))
}

/// Target, township, count of how many, reached.
fn target(progress: &TargetProgress) -> String {
    let TargetProgress { target, township, count, of, reached_per_10000, met, .. } = progress;
    format!("{target} {township}: {count}/{of} {reached_per_10000} {met}")
}

#[tokio::test]
async fn progress_is_told_by_township_and_against_the_targets_of_the_notice() {
    let mut bureau = Bureau::start().await;
    assert_eq!(set_tasks(&mut bureau, &[(EAST, 9), (WEST, 9)]).await.unwrap(), 18);
    assert_eq!(
        set_tasks(&mut bureau, &[(WEST, 1), (EAST, 2)]).await.unwrap(),
        3,
        "in place of the earlier ones"
    );
    let prompt = bureau.register(StudentKind::None, EAST);
    let january = bureau.register(StudentKind::None, EAST);
    let west = bureau.register(StudentKind::None, WEST);
    let nowhere = bureau.register(StudentKind::None, "");
    bureau.register(StudentKind::None, WEST);
    for (resident, on) in
        [(prompt, "2025-12-25"), (january, "2026-01-05"), (west, "2025-11-12"), (nowhere, "2025-11-12")]
    {
        bureau.pay(resident, ("400.00", on), 1).await.unwrap();
    }
    let told = progress(&mut bureau, "").await;
    let expected =
        [": 0 1 1 400.00", "141181001: 2 2 2 800.00", "141181002: 1 2 1 400.00"].map(str::to_owned);
    assert_eq!(told.townships.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!(line(&told.total.unwrap()), ": 3 5 4 1600.00");
    let expected = [
        "征缴比例 : 3/3 10000 true",
        "征缴比例 141181001: 1/2 5000 false",
        "征缴比例 141181002: 1/1 10000 true",
        "整体参保率 : 4/3 13333 true",
        "整体参保率 141181001: 2/2 10000 true",
        "整体参保率 141181002: 1/1 10000 true",
    ];
    assert_eq!(told.targets.iter().map(target).collect::<Vec<_>>(), expected);
    let first = &told.targets[0];
    assert_eq!((first.at_least.as_str(), first.by), ("95%", day("2025-12-31")));
    assert!(first.citations.iter().any(|citation| citation.clause == "XJ26-39"), "{:?}", first.citations);

    let early = progress(&mut bureau, "2025-11-30").await;
    assert_eq!(line(&early.total.unwrap()), ": 3 5 2 800.00");
    assert_eq!(target(&early.targets[3]), "整体参保率 : 2/3 6666 false");
    bureau.stop().await;
}

#[tokio::test]
async fn a_newborn_who_pays_nothing_counts_as_enrolled_and_not_as_settled() {
    let mut bureau = Bureau::start().await;
    set_tasks(&mut bureau, &[(EAST, 1)]).await.unwrap();
    let newborn = ResidentId::new();
    let mut told = registered(newborn, StudentKind::None, EAST);
    told.birth_date = day("2026-01-10");
    told.registered_on = day("2026-01-20");
    let circumstances = told.circumstances.as_mut().unwrap();
    circumstances.history = Some(History::NeverCovered(true));
    bureau.registration_tells(&told);
    let told = progress(&mut bureau, "").await;
    assert_eq!(line(&told.total.unwrap()), ": 1 1 0 0.00");
    let targets: Vec<_> = told.targets.iter().map(target).collect();
    assert_eq!(
        (targets[0].as_str(), targets[2].as_str()),
        ("征缴比例 : 0/1 0 false", "整体参保率 : 1/1 10000 true")
    );
    let before = progress(&mut bureau, "2026-01-19").await;
    assert_eq!(target(&before.targets[2]), "整体参保率 : 0/1 0 false", "not yet registered");
    bureau.stop().await;
}

#[tokio::test]
async fn a_registration_counts_from_its_day_to_the_day_before_it_ended() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, EAST);
    bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    bureau.registration_tells(&RegistrationEnded {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        ended_on: day("2026-03-10"),
        cause: EndCause::Moved.into(),
    });
    assert_eq!(line(&progress(&mut bureau, "2025-10-20").await.total.unwrap()), ": 0 0 0 0.00");
    assert_eq!(line(&progress(&mut bureau, "2025-10-21").await.total.unwrap()), ": 0 1 0 0.00");
    assert_eq!(line(&progress(&mut bureau, "2026-03-09").await.total.unwrap()), ": 0 1 1 400.00");
    assert_eq!(line(&progress(&mut bureau, "2026-03-10").await.total.unwrap()), ": 0 0 0 0.00");
    assert_eq!(line(&progress(&mut bureau, "").await.total.unwrap()), ": 0 0 0 0.00");
    assert_eq!(bureau.get_books().await.settled, 1, "the money stays in the books");
    assert_eq!(bureau.listed_contribution(resident).await.state(), DueState::Settled, "and in the list");
    bureau.stop().await;
}

#[tokio::test]
async fn task_numbers_are_those_of_townships_of_the_division_each_once() {
    let mut bureau = Bureau::start().await;
    for wrong in [
        &[][..],
        &[("", 1)],
        &[("141182001", 1)],
        &[("14118100", 1)],
        &[(EAST, 0)],
        &[(EAST, 1_000_000_001)],
        &[(EAST, 1), (EAST, 2)],
    ] {
        let status = set_tasks(&mut bureau, wrong).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{wrong:?}");
    }
    assert_eq!(progress(&mut bureau, "").await.townships, []);
    let elsewhere =
        GetProgressRequest { division: "110101".to_owned(), cover_year: YEAR, ..Default::default() };
    let told = bureau.books.get_progress(request("tax", elsewhere)).await;
    assert_eq!(refused(told).0, "NO_NOTICE");
    let elsewhere = SetTasksRequest {
        request_id: RequestId::new().to_string(),
        division: "110101".to_owned(),
        cover_year: YEAR,
        tasks: vec![TownshipTask { township: "110101001".to_owned(), task_heads: 1 }],
        ..Default::default()
    };
    assert_eq!(refused(bureau.books.set_tasks(request("tax", elsewhere)).await).0, "NO_NOTICE");
    bureau.stop().await;
}

#[tokio::test]
async fn the_books_add_up_to_zero_and_the_standards_to_what_was_paid_and_aided() {
    let mut bureau = Bureau::start().await;
    let (aided, own) = (bureau.register(StudentKind::None, ""), bureau.register(StudentKind::None, ""));
    bureau.subsidy_tells(&owed(aided, ("320.00", "80.00"), 1));
    bureau.pay(aided, ("80.00", "2025-11-12"), 1).await.unwrap();
    bureau.pay(own, ("400.00", "2025-11-12"), 1).await.unwrap();
    let books = bureau.get_books().await;
    let shown: Vec<_> =
        books.accounts.iter().map(|a| format!("{} {} {}", a.account, yuan(&a.balance), a.postings)).collect();
    assert_eq!(shown, ["aid 320.00 1", "channel/wechat 480.00 2", "contribution/personal -800.00 2"]);
    assert_eq!(books.settled, 2);
    let totals =
        [&books.standard_total, &books.paid_total, &books.aided_total, &books.waived_total].map(yuan);
    assert_eq!(totals, ["800.00", "480.00", "320.00", "0.00"]);
    bureau.stop().await;
}

#[tokio::test]
async fn contributions_are_listed_by_id_and_masked_number_page_by_page_and_by_state() {
    let mut bureau = Bureau::start().await;
    let residents: Vec<_> =
        [EAST, EAST, WEST].iter().map(|township| bureau.register(StudentKind::None, township)).collect();
    bureau.subsidy_tells(&ContributionOwed {
        settled_by: SettledBy::Declaration.into(),
        declarers: vec!["disabled-federation".to_owned()],
        ..owed(residents[1], ("400.00", "0.00"), 1)
    });
    bureau.subsidy_tells(&ContributionOwed {
        aided: None,
        owed: None,
        ..owed(residents[2], ("0.00", "400.00"), 1)
    });
    bureau.pay(residents[0], ("400.00", "2025-11-12"), 1).await.unwrap();
    let asked = ListContributionsRequest {
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        page_size: 2,
        ..Default::default()
    };
    let first =
        bureau.books.list_contributions(request("auditor", asked.clone())).await.unwrap().into_inner();
    let next = ListContributionsRequest { page_token: first.next_page_token.clone(), ..asked.clone() };
    let last = bureau.books.list_contributions(request("auditor", next)).await.unwrap().into_inner();
    assert_eq!((first.contributions.len(), last.next_page_token.as_str()), (2, ""));
    let all: Vec<_> = first.contributions.into_iter().chain(last.contributions).collect();
    let listed: Vec<_> = all.iter().map(|listed| (listed.resident_id.clone(), listed.state())).collect();
    let states = [DueState::Settled, DueState::NothingDue, DueState::PersonMustDecide];
    let expected: Vec<_> = residents.iter().map(ToString::to_string).zip(states).collect();
    assert_eq!(listed, expected);
    assert_eq!(all[0].masked_number, "1411**********0011");
    assert_eq!(
        (all[0].how(), all[0].settled_on, yuan(&all[0].paid)),
        (SettledHow::Payment, day("2025-11-12"), "400.00")
    );
    assert_eq!((all[1].how(), &all[1].paid, all[1].settled_on), (SettledHow::Unspecified, &None, None));

    for (state, place) in states.into_iter().zip(0..) {
        let only = ListContributionsRequest { state: state.into(), page_size: 0, ..asked.clone() };
        let found = bureau.books.list_contributions(request("tax", only)).await.unwrap().into_inner();
        let found: Vec<_> = found.contributions.into_iter().map(|listed| listed.resident_id).collect();
        assert_eq!(found, [residents[place].to_string()], "{state:?}");
    }
    let only = ListContributionsRequest { township: WEST.to_owned(), page_size: 0, ..asked };
    let found = bureau.books.list_contributions(request("tax", only)).await.unwrap().into_inner();
    assert_eq!(found.contributions.len(), 1);
    bureau.stop().await;
}

#[tokio::test]
async fn payments_are_listed_by_channel_and_transaction_and_with_their_suspense() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    let second = bureau.report(named(resident), "400.00", "2025-11-13").await;
    let unknown = bureau.report(named(ResidentId::new()), "400.00", "2025-11-13").await;
    bureau.refund_suspense(&second.payment_id, "2026-01-10").await.unwrap();
    let asked = ListPaymentsRequest {
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        page_size: 1,
        ..Default::default()
    };
    let mut all: Vec<ListedPayment> = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = ListPaymentsRequest { page_token, ..asked.clone() };
        let page = bureau.books.list_payments(request("auditor", page)).await.unwrap().into_inner();
        all.extend(page.payments);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let shown: Vec<_> = all.iter().map(|line| (line.channel.as_str(), line.suspense_reason())).collect();
    let expected = [
        ("bank", SuspenseReason::Unspecified),
        ("bank", SuspenseReason::UnknownResident),
        ("wechat", SuspenseReason::Unspecified),
    ];
    assert_eq!(shown, expected, "what was given back stands in suspense no more");
    assert_eq!(
        (&all[1].payment_id, all[2].resident_id.as_str()),
        (&unknown.payment_id, &*resident.to_string())
    );
    assert!(all[0].channel_transaction_id < all[1].channel_transaction_id);
    let wechat = ListPaymentsRequest { channel: "wechat".to_owned(), page_size: 0, ..asked.clone() };
    let found = bureau.books.list_payments(request("tax", wechat)).await.unwrap().into_inner();
    assert_eq!((found.payments.len(), found.next_page_token.as_str()), (1, ""));
    let status = bureau
        .books
        .list_payments(request("tax", ListPaymentsRequest { page_token: "bank".to_owned(), ..asked }))
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    bureau.stop().await;
}
