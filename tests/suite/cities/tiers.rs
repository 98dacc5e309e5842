//! Tiers (档次): chosen, laid down, enjoyed.

use super::*;

#[tokio::test]
async fn whoever_chooses_a_tier_is_told_what_each_comes_to_and_pays_the_one_that_is_named() {
    // ZY25-22, ZY25-27.
    let mut city = City::zhaoyuan().await;
    let person = city.person("19800101");
    let id = city.register(&person, "2024-10-08").await;
    let due = city.due(&person, "").await.unwrap();
    assert_eq!((due.state(), yuan(&due.due), due.parts.len()), (DueState::TierNeeded, "", 0));
    let choices: Vec<_> =
        due.choices.iter().map(|choice| (choice.tier.as_str(), yuan(&choice.due))).collect();
    assert_eq!(choices, [("一档", "370.00"), ("二档", "520.00")]);
    assert_eq!(due.tier.unwrap().choice, ["一档", "二档"]);
    let chosen = city.due(&person, "一档").await.unwrap();
    assert_eq!((chosen.state(), yuan(&chosen.due)), (DueState::Payable, "370.00"));

    let told = refused(city.quote(city.question(&person, "2024-11-05")).await, "NEEDS_FACT");
    assert_eq!(told.metadata["fact"], "tier_asked");
    let unnamed = city.payment(&person, "370.00", "2024-11-05");
    refused(city.pay(unnamed.clone()).await, "NEEDS_FACT");
    let other = PayContributionRequest { tier: "三档".to_owned(), ..unnamed.clone() };
    let told = malformed(city.pay(other).await);
    assert!(told.contains("tier: is not known; the notice has 一档、二档"), "{told}");
    assert!(malformed(city.due(&person, "三档").await).contains("tier: is not known"));
    let asked =
        QuoteContributionRequest { tier: "三档".to_owned(), ..city.question(&person, "2024-11-05") };
    assert!(malformed(city.quote(asked).await).contains("tier: is not known"));
    let second = PayContributionRequest { tier: "二档".to_owned(), ..unnamed.clone() };
    assert_eq!(refused(city.pay(second).await, "WRONG_AMOUNT").metadata["due"], "520.00");

    let first = PayContributionRequest { tier: "一档".to_owned(), ..unnamed };
    let paid = city.pay(first.clone()).await.unwrap().contribution.unwrap();
    let reused = PayContributionRequest { tier: "二档".to_owned(), ..first };
    refused(city.pay(reused).await, "REQUEST_ID_REUSED");
    let tier = paid.tier.unwrap();
    assert_eq!((tier.paid_tier.as_str(), tier.enjoyed_tier.as_str()), ("一档", "一档"));
    // What was chosen stands, whatever is asked about afterwards.
    for asked in ["", "二档"] {
        let settled = city.due(&person, asked).await.unwrap();
        assert_eq!(
            (settled.state(), parts(&settled)),
            (DueState::Settled, vec!["personal 370.00".to_owned()])
        );
        assert_eq!(settled.tier.unwrap().paid_tier, "一档");
    }
    let period = city.period(&id, "2025-03-01").await;
    assert_eq!((text(period.from), period.tier.as_str()), ("2025-01-01".to_owned(), "一档"));
    city.close().await;
}

#[tokio::test]
async fn a_child_pays_one_price_enjoys_the_second_tier_and_has_no_choice() {
    // ZY25-24, ZY25-25.
    let mut city = City::zhaoyuan().await;
    let child = city.person("20200601");
    let id = city.register(&child, "2024-10-08").await;
    refused(city.due(&child, "一档").await, "TIER_NOT_OFFERED");
    let asked =
        PayContributionRequest { tier: "二档".to_owned(), ..city.payment(&child, "370.00", "2024-11-05") };
    refused(city.pay(asked).await, "TIER_NOT_OFFERED");
    let paid = city.pay(city.payment(&child, "370.00", "2024-11-05")).await.unwrap();
    let tier = paid.contribution.unwrap().tier.unwrap();
    assert_eq!((tier.paid_tier.as_str(), tier.enjoyed_tier.as_str(), tier.choice.len()), ("", "二档", 0));
    assert_eq!(city.period(&id, "2025-03-01").await.tier, "二档");
    city.close().await;
}

#[tokio::test]
async fn a_reported_line_without_its_tier_waits_in_suspense_and_one_with_an_unknown_tier_is_malformed() {
    // WH22-13.
    let mut city = City::weihai().await;
    let (first, second) = (city.person("19800101"), city.person("19800101"));
    city.register(&first, "2022-01-10").await;
    city.register(&second, "2022-01-10").await;
    let line = |person: &Person, tier: &str| StatementLine {
        channel_transaction_id: RequestId::new().to_string(),
        resident: person.reference(),
        cover_year: 2022,
        amount: money("450.00"),
        pay_date: day("2022-02-10"),
        tier: tier.to_owned(),
        ..StatementLine::default()
    };
    let statement = |lines: Vec<StatementLine>| ReportPaymentsRequest {
        request_id: RequestId::new().to_string(),
        division: "371000".to_owned(),
        channel: "bank".to_owned(),
        declared_total: money(&format!("{}.00", 450 * lines.len())),
        lines,
        ..ReportPaymentsRequest::default()
    };
    let (tiered, bare) = (line(&first, "一档"), line(&second, ""));
    let lines = vec![tiered.clone(), bare];
    let told = city.running.player.report(statement(lines)).await.unwrap().outcomes;
    let found: Vec<_> = told.iter().map(|line| (line.suspense_reason(), line.rule_reason.as_str())).collect();
    assert_eq!(found, [(SuspenseReason::Unspecified, ""), (SuspenseReason::Rule, "needs-fact")]);
    // The same line without its tier is the same line; with another one it is another.
    let unnamed = StatementLine { tier: String::new(), ..tiered.clone() };
    let other = StatementLine { tier: "二档".to_owned(), ..tiered.clone() };
    let told = city.running.player.report(statement(vec![unnamed, other])).await.unwrap().outcomes;
    assert_eq!((told[0].repeated_line, told[1].other_content), (true, true));
    let unknown = StatementLine { tier: "高档".to_owned(), ..tiered };
    let told = malformed(city.running.player.report(statement(vec![unknown])).await);
    assert!(told.contains("lines[0].tier"), "{told}");
    city.close().await;
}
