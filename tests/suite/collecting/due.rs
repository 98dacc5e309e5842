//! What is due, and what stands between it and being settled.

use super::*;

#[tokio::test]
async fn what_is_due_says_what_stands_between_it_and_being_settled() {
    let mut bureau = Bureau::start().await;
    let [pays, aided, nothing, undecided] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    bureau.subsidy_tells(&owed(aided, ("320.00", "80.00"), 1));
    bureau.subsidy_tells(&owes_nothing(nothing, SettledBy::Declaration));
    let citations = vec![Citation { clause: "XY26-13".to_owned(), open_points: vec!["A-33".to_owned()] }];
    bureau.subsidy_tells(&ContributionOwed {
        aided: None,
        owed: None,
        citations: citations.clone(),
        ..owed(undecided, ("0.00", "400.00"), 1)
    });

    let due = due_of(&mut bureau, pays).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due), yuan(&due.aided)), (DueState::Payable, "400.00", "0.00"));
    assert_eq!((due.payable_item.as_str(), due.years, due.settled), ("2026年", 1, false));
    let due = due_of(&mut bureau, aided).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due), yuan(&due.aided)), (DueState::Payable, "80.00", "320.00"));
    assert_eq!(due.payable_item, "特殊缴费");
    let due = due_of(&mut bureau, nothing).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due)), (DueState::NothingDue, "0.00"));
    let due = due_of(&mut bureau, undecided).await.unwrap();
    assert_eq!((due.state(), due.due, due.citations), (DueState::PersonMustDecide, None, citations));

    bureau.pay(pays, ("400.00", "2025-11-12"), 1).await.unwrap();
    let due = due_of(&mut bureau, pays).await.unwrap();
    assert_eq!((due.state(), due.settled, yuan(&due.due)), (DueState::Settled, true, "400.00"));
    bureau.stop().await;
}

#[tokio::test]
async fn why_it_is_this_amount_is_told_and_never_who_the_person_is_nor_what_others_pay() {
    let mut bureau = Bureau::start().await;
    let [pays, aided] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    bureau.subsidy_tells(&owed(aided, ("320.00", "80.00"), 1));
    let due = due_of(&mut bureau, pays).await.unwrap().explanations;
    let first = |explanations: &[canbao_proto::common::Explanation]| {
        (explanations[0].about.clone(), explanations[0].question.clone(), explanations[0].text.clone())
    };
    let plain = ("due", "为什么是400元", "个人缴费标准是400元，您缴400元。");
    assert_eq!(first(&due), (plain.0.to_owned(), plain.1.to_owned(), plain.2.to_owned()));
    assert!(due[0].citations.iter().any(|cited| cited.clause == "XY26-03"));

    let due = due_of(&mut bureau, aided).await.unwrap().explanations;
    let (about, question, text) = first(&due);
    assert_eq!((about.as_str(), question.as_str()), ("due", "为什么是80元"));
    assert!(text.starts_with("个人缴80元。"), "{text}");
    for said in &due {
        let told = format!("{} {} {}", said.question, said.text, said.note);
        for secret in ["320", "资助", "低保", "困难", "救助", "身份"] {
            assert!(!told.contains(secret), "tax is told {secret}: {told}");
        }
        let poor = said
            .citations
            .iter()
            .find(|cited| ["XY26-07", "XY26-17", "XY26-67"].contains(&cited.clause.as_str()));
        assert_eq!(poor, None, "{told}");
    }
    let paid = bureau.pay(pays, ("400.00", "2025-11-12"), 1).await.unwrap();
    let outlook = paid.outlook.unwrap().explanations;
    let start = outlook.iter().find(|said| said.about == "start").unwrap();
    assert_eq!(
        start.text,
        "您2025年11月12日在“集中参保缴费期”内缴费，待遇从年度第一天（2026年1月1日）起享受。"
    );
    assert_eq!(
        paid.contribution.unwrap().explanations[0].text,
        "您已缴400元，本年度费用已经结清，不用再缴。"
    );
    bureau.stop().await;
}

#[tokio::test]
async fn what_the_newest_determination_says_is_due_even_when_it_is_told_first() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owed(resident, ("360.00", "40.00"), 2));
    bureau.subsidy_tells(&owed(resident, ("320.00", "80.00"), 1));
    assert_eq!(yuan(&due_of(&mut bureau, resident).await.unwrap().due), "40.00");
    bureau.subsidy_tells(&owed(resident, ("0.00", "400.00"), 3));
    assert_eq!(yuan(&due_of(&mut bureau, resident).await.unwrap().due), "400.00");
    bureau.stop().await;
}

#[tokio::test]
async fn a_confirmation_settles_without_a_payment_whichever_is_told_first() {
    let mut bureau = Bureau::start().await;
    let registered_first = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owes_nothing(registered_first, SettledBy::Confirmation));
    let told_first = ResidentId::new();
    bureau.subsidy_tells(&owes_nothing(told_first, SettledBy::Confirmation));
    hear(&mut bureau).await;
    bureau.registration_tells(&registered(told_first, StudentKind::None, ""));
    for resident in [registered_first, told_first] {
        let due = due_of(&mut bureau, resident).await.unwrap();
        assert_eq!((due.state(), yuan(&due.aided), yuan(&due.due)), (DueState::Settled, "400.00", "0.00"));
        let refusal = refused(bureau.pay(resident, ("400.00", "2025-11-24"), 1).await);
        assert_eq!(refusal.0, "ALREADY_SETTLED");
    }
    let told = told_settled(&mut bureau).await;
    assert_eq!(told.len(), 2, "each is told once");
    for told in told {
        assert_eq!(
            (told.how(), told.pay_date, told.payment_id),
            (SettledHow::Confirmation, day("2025-11-20"), vec![])
        );
        assert_eq!((yuan(&told.paid), yuan(&told.aided), told.determination), ("0.00", "400.00", 1));
    }
    assert_eq!(bureau.balances().await, ["aid 800.00", "contribution/personal -800.00"]);
    bureau.stop().await;
}

#[tokio::test]
async fn who_was_born_in_the_year_has_nothing_to_settle() {
    let mut bureau = Bureau::start().await;
    let resident = ResidentId::new();
    let born = registered(resident, StudentKind::None, "");
    bureau.registration_tells(&ResidentRegistered {
        birth_date: day("2026-03-05"),
        registered_on: day("2026-03-20"),
        ..born
    });
    let confirmed = owes_nothing(resident, SettledBy::Confirmation);
    bureau.subsidy_tells(&ContributionOwed { aided: money("0.00"), ..confirmed });
    let due = due_of(&mut bureau, resident).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due)), (DueState::NothingDue, "0.00"));
    assert_eq!(told_settled(&mut bureau).await, []);
    bureau.stop().await;
}

#[tokio::test]
async fn nothing_is_due_of_a_registration_that_ended() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.registration_tells(&canbao_proto::registration::RegistrationEnded {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        ended_on: day("2025-11-10"),
        cause: canbao_proto::registration::EndCause::Moved.into(),
    });
    assert_eq!(refused(due_of(&mut bureau, resident).await).0, "UNKNOWN_RESIDENT");
    let refusal = refused(bureau.pay(resident, ("400.00", "2025-11-12"), 1).await);
    assert_eq!(refusal.0, "UNKNOWN_RESIDENT");
    bureau.registration_tells(&registered(resident, StudentKind::None, ""));
    bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    bureau.stop().await;
}
