//! Missed years that are paid after all (缴费修复), and money that arrives later than it was paid (到账).

use super::*;

#[tokio::test]
async fn a_repair_that_shortens_the_wait_is_priced_paid_posted_and_taken_into_account() {
    // ZY25-09 to ZY25-11: three years missed, three months and one for each after the first.
    let mut city = City::zhaoyuan().await;
    let mut person = city.person("19800101");
    person.circumstances.history = Some(History::LastCoveredYear(2021));
    let id = city.register(&person, "2024-10-08").await;
    let asked =
        QuoteContributionRequest { tier: "一档".to_owned(), ..city.question(&person, "2024-11-05") };
    let bare = city.quote(asked.clone()).await.unwrap();
    let repair = bare.contribution.unwrap().repair.unwrap();
    let told = (repair.useful_years, yuan(&repair.useful_price).to_owned(), repair.taken_years);
    assert_eq!(told, (2, "740.00".to_owned(), 0));
    assert_eq!(bare.outlook.unwrap().wait_months, 5);
    let quoted = city.quote(QuoteContributionRequest { repair_years: 2, ..asked.clone() }).await.unwrap();
    let (contribution, outlook) = (quoted.contribution.unwrap(), quoted.outlook.unwrap());
    assert_eq!(parts(&contribution), ["personal 370.00", "repair 740.00"]);
    assert_eq!((yuan(&contribution.due), outlook.wait_months), ("1110.00", 3));

    let payment = PayContributionRequest {
        tier: "一档".to_owned(),
        repair_years: 2,
        ..city.payment(&person, "1110.00", "2024-11-05")
    };
    let absurd = PayContributionRequest { repair_years: 51, ..payment.clone() };
    assert!(malformed(city.pay(absurd).await).contains("repair_years: are more than 50"));
    let more = PayContributionRequest { repair_years: 3, ..payment.clone() };
    assert_eq!(
        refused(city.pay(more).await, "WARNING_NOT_CONFIRMED").metadata["warning"],
        "REPAIR_BUYS_NOTHING"
    );
    city.pay(payment).await.unwrap();
    let settled = city.due(&person, "").await.unwrap();
    assert_eq!(parts(&settled), ["personal 370.00", "repair 740.00"]);
    assert!(settled.parts[1].citations.iter().any(|citation| citation.clause == "ZY25-11"));
    let balances = ["channel/wechat 1110.00", "contribution/personal -370.00", "contribution/repair -740.00"];
    assert_eq!(city.balances().await, balances);

    let period = city.period(&id, "2025-06-01").await;
    assert_eq!((text(period.from), period.wait_months), ("2025-04-01".to_owned(), 3));
    let wait = period.wait.unwrap();
    assert_eq!((wait.missed_years, wait.repaired_years, wait.variable_months), (Some(3), 2, 2));
    let steps: Vec<_> = wait.lines.iter().map(|line| (line.part(), line.months)).collect();
    let expected = [(WaitPart::Fixed, 3), (WaitPart::MissedYears, 2), (WaitPart::Repair, -2)];
    assert_eq!(steps, expected);
    city.close().await;
}

#[tokio::test]
async fn missed_years_can_be_repaired_where_there_are_no_tiers() {
    // GZ25-17 to GZ25-20: late, two years missed.
    let mut city = City::gaizhou().await;
    let mut person = city.person("19800101");
    person.circumstances.history = Some(History::LastCoveredYear(2022));
    let id = city.register(&person, "2024-11-05").await;
    let payment =
        PayContributionRequest { repair_years: 2, ..city.payment(&person, "1335.00", "2025-01-10") };
    let tiered = PayContributionRequest { tier: "一档".to_owned(), ..payment.clone() };
    let told = malformed(city.pay(tiered).await);
    assert!(told.contains("tier: is not known; the notice has none"), "{told}");
    let paid = city.pay(payment).await.unwrap().contribution.unwrap();
    assert_eq!(parts(&paid), ["personal 445.00", "repair 890.00"]);
    let period = city.period(&id, "2025-06-01").await;
    assert_eq!((text(period.from), period.wait_months), ("2025-04-10".to_owned(), 3));
    assert_eq!(period.tier, "");
    city.close().await;
}

#[tokio::test]
async fn a_newborns_benefits_begin_when_the_money_arrives() {
    // GZ25-29: after three months and within a year.
    let mut city = City::gaizhou().await;
    let mut newborn = city.person("20250110");
    newborn.circumstances.history = Some(History::NeverCovered(true));
    let id = city.register(&newborn, "2025-05-06").await;
    let payment = city.payment(&newborn, "335.00", "2025-05-20");
    let before = PayContributionRequest { arrive_date: day("2025-05-19"), ..payment.clone() };
    assert!(malformed(city.pay(before).await).contains("arrive_date: is before the payment"));
    let future = PayContributionRequest { arrive_date: day("2027-01-01"), ..payment.clone() };
    refused(city.pay(future).await, "DATE_IN_FUTURE");
    let later = PayContributionRequest { arrive_date: day("2025-05-23"), ..payment };
    let outlook = city.pay(later.clone()).await.unwrap().outlook.unwrap();
    assert_eq!(text(outlook.from), "2025-05-23");
    assert_eq!(text(city.period(&id, "2025-06-01").await.from), "2025-05-23");
    // Another arrival is another content, under a request id of its own as well.
    let request_id = RequestId::new().to_string();
    let same_day = PayContributionRequest { request_id, arrive_date: None, ..later };
    refused(city.pay(same_day).await, "TRANSACTION_ID_REUSED");
    city.close().await;
}

#[tokio::test]
async fn what_a_relatives_account_holds_is_asked_for_and_must_be_enough() {
    // ZY25-59.
    let mut city = City::zhaoyuan().await;
    let person = city.person("19800101");
    city.register(&person, "2024-10-08").await;
    let by_account = |balance: Option<Money>| {
        let family_account = Some(FamilyAccount { kinship: "parent".to_owned(), linked: true, balance });
        let payment = city.payment(&person, "370.00", "2024-11-05");
        PayContributionRequest { tier: "一档".to_owned(), family_account, ..payment }
    };
    let [unsaid, little, enough] = [None, money("369.99"), money("370.00")].map(by_account);
    let negative = PayContributionRequest { ..by_account(money("-0.01")) };
    assert_eq!(refused(city.pay(unsaid).await, "NEEDS_FACT").metadata["fact"], "balance");
    refused(city.pay(little).await, "BALANCE_INSUFFICIENT");
    assert!(malformed(city.pay(negative).await).contains("family_account.balance.yuan"));
    city.pay(enough).await.unwrap();
    city.close().await;
}
