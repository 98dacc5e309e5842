//! People who owe nothing, declared by whoever keeps the roster.

use super::*;

fn declaration(bureau: &Bureau, residents: &[ResidentId], on: &str) -> DeclareContributionsRequest {
    DeclareContributionsRequest {
        request_id: RequestId::new().to_string(),
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        declared_on: day(on),
        residents: residents.iter().filter_map(|&resident| named(resident)).collect(),
        declared_count: residents.len() as u32,
        ..DeclareContributionsRequest::default()
    }
}

async fn declare(
    bureau: &mut Bureau,
    caller: &'static str,
    declaration: DeclareContributionsRequest,
) -> Result<DeclareContributionsResponse, Status> {
    let told = bureau.payments.declare_contributions(request(caller, declaration)).await?;
    Ok(told.into_inner())
}

#[tokio::test]
async fn a_list_settles_those_who_owe_nothing_and_says_of_everybody_else_why_not() {
    let mut bureau = Bureau::start().await;
    let [listed, pays, confirmed] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    let stranger = ResidentId::new();
    bureau.subsidy_tells(&owes_nothing(listed, SettledBy::Declaration));
    bureau.subsidy_tells(&owed(pays, ("320.00", "80.00"), 1));
    bureau.subsidy_tells(&owes_nothing(confirmed, SettledBy::Confirmation));
    let list = declaration(&bureau, &[listed, pays, confirmed, stranger, listed], "2025-11-19");
    let told = declare(&mut bureau, "disabled-federation", list.clone()).await.unwrap();
    assert_eq!((told.settled, told.refused, told.repeated), (1, 2, 2));
    let outcomes: Vec<_> = told
        .outcomes
        .iter()
        .map(|outcome| (outcome.settled, outcome.repeated, outcome.reason.as_str()))
        .collect();
    let expected = [
        (true, false, ""),
        (false, false, "NOT_DECLARABLE"),
        (true, true, ""),
        (false, false, "UNKNOWN_RESIDENT"),
        (true, true, ""),
    ];
    assert_eq!(outcomes, expected);
    assert!(told.outcomes[1].message.contains("虚拟户"), "{}", told.outcomes[1].message);
    assert_eq!(
        (&told.outcomes[0].resident_id, told.outcomes[3].resident_id.as_str()),
        (&listed.to_string(), "")
    );
    assert_eq!(
        declare(&mut bureau, "disabled-federation", list).await.unwrap(),
        told,
        "the same request again"
    );

    let settled = told_settled(&mut bureau).await;
    let found = settled.iter().find(|told| told.resident_id == listed.as_bytes()).unwrap();
    assert_eq!((found.how(), found.pay_date), (SettledHow::Declaration, day("2025-11-19")));
    assert_eq!((yuan(&found.aided), yuan(&found.paid), found.determination), ("400.00", "0.00", 1));
    assert_eq!(settled.len(), 2, "the confirmed one by the confirmation alone");
    bureau.stop().await;
}

#[tokio::test]
async fn only_who_keeps_the_roster_declares_and_the_tax_bureau_for_everybody() {
    let mut bureau = Bureau::start().await;
    let listed = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(listed, SettledBy::Declaration));
    for caller in ["industry", "veterans", "medical-insurance"] {
        let list = declaration(&bureau, &[listed], "2025-11-19");
        let told = declare(&mut bureau, caller, list).await.unwrap();
        assert_eq!(told.outcomes[0].reason, "NOT_THE_DECLARER", "{caller}");
    }
    let list = declaration(&bureau, &[listed], "2025-11-19");
    assert_eq!(declare(&mut bureau, "tax", list).await.unwrap().settled, 1);
    bureau.stop().await;
}

#[tokio::test]
async fn the_windows_hold_for_a_declaration_as_for_a_payment() {
    let mut bureau = Bureau::start().await;
    let listed = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(listed, SettledBy::Declaration));
    for (on, reason) in
        [("2025-11-26", "CLOSED_DAY"), ("2025-10-20", "NOT_OPEN"), ("2026-03-02", "ASSESS_FIRST")]
    {
        let list = declaration(&bureau, &[listed], on);
        let told = declare(&mut bureau, "disabled-federation", list).await.unwrap();
        assert_eq!((told.outcomes[0].reason.as_str(), told.refused), (reason, 1), "{on}");
        assert!(!told.outcomes[0].citations.is_empty(), "{on}");
    }
    let list = declaration(&bureau, &[listed], "2025-11-25");
    assert_eq!(declare(&mut bureau, "disabled-federation", list).await.unwrap().settled, 1);
    bureau.stop().await;
}

#[tokio::test]
async fn a_list_is_refused_whole_for_its_count_or_its_day_or_the_lack_of_a_notice() {
    let mut bureau = Bureau::start().await;
    let listed = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(listed, SettledBy::Declaration));
    let good = declaration(&bureau, &[listed], "2025-11-19");
    let another = || RequestId::new().to_string();
    let wrong = [
        (
            "COUNT_DIFFERS",
            DeclareContributionsRequest { request_id: another(), declared_count: 2, ..good.clone() },
        ),
        (
            "DATE_IN_FUTURE",
            DeclareContributionsRequest {
                request_id: another(),
                declared_on: day("2026-07-01"),
                declared_count: 2,
                ..good.clone()
            },
        ),
        (
            "NO_NOTICE",
            DeclareContributionsRequest {
                request_id: another(),
                cover_year: 2031,
                declared_on: day("2026-07-01"),
                ..good.clone()
            },
        ),
    ];
    for (reason, list) in wrong {
        assert_eq!(refused(declare(&mut bureau, "tax", list).await).0, reason);
    }
    assert_eq!(told_settled(&mut bureau).await, []);
    assert_eq!(declare(&mut bureau, "tax", good).await.unwrap().settled, 1);
    bureau.stop().await;
}

#[tokio::test]
async fn a_mistyped_number_is_an_outcome_of_its_line() {
    let mut bureau = Bureau::start().await;
    let listed = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(listed, SettledBy::Declaration));
    let mut list = declaration(&bureau, &[listed], "2025-11-19");
    list.residents.insert(0, super::reporting::mistyped("14119919800101011").unwrap());
    list.declared_count = 2;
    let told = declare(&mut bureau, "disabled-federation", list).await.unwrap();
    assert_eq!((told.outcomes[0].reason.as_str(), told.outcomes[0].settled), ("MALFORMED", false));
    assert!(told.outcomes[0].message.contains("证件号码"), "{}", told.outcomes[0].message);
    assert_eq!((told.settled, told.refused, told.repeated), (1, 1, 0));
    bureau.stop().await;
}
