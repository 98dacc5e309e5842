//! Versions of a notice that are in force on other days, and aid that turns on the tier of one's own choice.

use canbao_proto::{
    collection::{DeclareContributionsRequest, DeclareContributionsResponse},
    subsidy::{Aid, AidState, GetPayerTotalsRequest},
};

use std::time::Duration;

use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{aid::line, *};

/// The notice of the trial, and what amends it from 1 March 2026 on.
const NOTICE: &str = include_str!("141195-2026.toml");
const RAISED: &str = include_str!("141195-2026-raised.toml");

impl City {
    async fn tiered() -> Self {
        Self::governed("141195", 2026, NOTICE).await
    }

    async fn raised() -> Self {
        Self::amended("141195", 2026, (NOTICE, &[("-raised", RAISED)])).await
    }

    /// Somebody who is registered and stands on a roster.
    async fn listed(&mut self, identity: &str) -> (Person, String) {
        let person = self.person("19800101");
        let id = self.register(&person, "2025-10-08").await;
        self.list(("civil-affairs", identity), line(&person)).await;
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        (person, id)
    }

    fn in_tier(&self, person: &Person, (tier, yuan): (&str, &str), on: &str) -> PayContributionRequest {
        PayContributionRequest { tier: tier.to_owned(), ..self.payment(person, yuan, on) }
    }

    /// The amendment is published: the departments are started again with it.
    async fn amend(self, amendment: &str) -> Self {
        let Self { running, division, year, people } = self;
        let data = running.stop().await;
        let file = data.path().join("notices").join(format!("{division}-{year}-raised.toml"));
        std::fs::write(file, amendment).unwrap();
        let city = Self { people, ..Self::of(division, year, data).await };
        for department in ["subsidy", "benefits"] {
            city.renewed(department).await;
        }
        city
    }

    /// Waits until all that stands in a department was decided by the notices that it has.
    async fn renewed(&self, department: &str) {
        let question = HealthCheckRequest { service: "canbao.notices".to_owned() };
        let states = HealthClient::new(self.running.channel(department).await).watch(question).await;
        let mut states = states.unwrap().into_inner();
        let renewed =
            async { while states.message().await.unwrap().unwrap().status() != ServingStatus::Serving {} };
        tokio::time::timeout(Duration::from_secs(30), renewed).await.unwrap();
    }

    /// What each payer owes: heads and amount.
    async fn owed_by_payers(&mut self) -> Vec<String> {
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        let asked = GetPayerTotalsRequest {
            division: self.division.to_owned(),
            cover_year: self.year,
            ..GetPayerTotalsRequest::default()
        };
        let totals = self.running.player.payer_totals(asked).await.unwrap().totals;
        totals
            .iter()
            .map(|total| format!("{} {} {}", total.payer, total.heads, yuan(&total.amount)))
            .collect()
    }

    /// The tax bureau declares somebody who owes nothing in a tier.
    async fn declare(&mut self, person: &Person, tier: &str) -> DeclareContributionsResponse {
        let declared = DeclareContributionsRequest {
            request_id: RequestId::new().to_string(),
            division: self.division.to_owned(),
            cover_year: self.year,
            declared_on: day("2025-11-05"),
            residents: vec![person.reference().unwrap()],
            declared_count: 1,
            tier: tier.to_owned(),
            ..DeclareContributionsRequest::default()
        };
        self.running.player.declare("tax", declared).await.unwrap()
    }
}

/// Of each variant its tier, its first day, and its amounts.
fn variants(aid: &Aid) -> Vec<String> {
    let variant = |aid: &Aid| {
        let (from, to) = (text(aid.in_force_from), text(aid.in_force_to));
        format!(
            "{} {from}..{to} {} {} {}",
            aid.for_tier,
            yuan(&aid.standard),
            yuan(&aid.aided),
            yuan(&aid.owed)
        )
    };
    aid.variants.iter().map(variant).collect()
}

#[tokio::test]
async fn aid_that_is_a_share_of_the_tier_is_told_for_each_tier_and_taken_for_the_one_that_is_paid() {
    let mut city = City::tiered().await;
    let (person, id) = city.listed("低保对象").await;
    let aid = city.aid(&person).await;
    assert_eq!((aid.state(), yuan(&aid.aided)), (AidState::Determined, ""), "it turns on the tier");
    assert_eq!(variants(&aid), ["一档 .. 300.00 150.00 150.00", "二档 .. 500.00 250.00 250.00"]);

    let due = city.due(&person, "").await.unwrap();
    let choices = due.choices.iter().map(|choice| (choice.tier.as_str(), yuan(&choice.due)));
    assert_eq!(choices.collect::<Vec<_>>(), [("一档", "150.00"), ("二档", "250.00")]);
    let due = city.due(&person, "二档").await.unwrap();
    assert_eq!(
        (parts(&due), yuan(&due.aided), yuan(&due.due)),
        (vec!["personal 500.00".to_owned()], "250.00", "250.00")
    );

    refused(city.pay(city.in_tier(&person, ("二档", "150.00"), "2025-11-05")).await, "WRONG_AMOUNT");
    city.pay(city.in_tier(&person, ("二档", "250.00"), "2025-11-05")).await.unwrap();
    let granted = city.aid(&person).await;
    assert_eq!(
        (granted.state(), yuan(&granted.aided), granted.payer.as_str()),
        (AidState::Granted, "250.00", "医疗救助资金")
    );
    assert!(!granted.explanations.is_empty(), "what was granted in a tier is explained");
    assert_eq!(city.period(&id, "2026-03-01").await.tier, "二档");
    assert_eq!(city.owed_by_payers().await, ["医疗救助资金 1 250.00"]);
    assert_eq!(
        city.balances().await,
        ["aid 250.00", "channel/wechat 250.00", "contribution/personal -500.00"]
    );
    city.close().await;
}

#[tokio::test]
async fn whoever_owes_nothing_in_a_tier_of_their_own_choice_has_it_written_down_by_the_tax_bureau() {
    let mut city = City::tiered().await;
    let (person, id) = city.listed("特困人员").await;
    let due = city.due(&person, "").await.unwrap();
    let choices = due.choices.iter().map(|choice| (choice.tier.as_str(), yuan(&choice.due)));
    assert_eq!(choices.collect::<Vec<_>>(), [("一档", "0.00"), ("二档", "200.00")]);

    let without = city.declare(&person, "").await;
    assert_eq!((without.refused, without.outcomes[0].reason.as_str()), (1, "NOT_DECLARABLE"));
    let dearer = city.declare(&person, "二档").await;
    assert_eq!((dearer.refused, dearer.outcomes[0].reason.as_str()), (1, "NOT_DECLARABLE"), "200 is owed");
    let declared = city.declare(&person, "一档").await;
    assert_eq!(declared.settled, 1, "{declared:?}");
    let period = city.period(&id, "2026-03-01").await;
    assert_eq!((text(period.from), period.tier.as_str()), ("2026-01-01".to_owned(), "一档"));
    assert_eq!(city.owed_by_payers().await, ["医疗救助资金 1 300.00"]);
    city.close().await;
}

#[tokio::test]
async fn a_payment_is_taken_by_the_version_that_is_in_force_on_its_day() {
    let mut city = City::raised().await;
    for (on, first) in [("2026-02-28", "300.00"), ("2026-03-01", "280.00")] {
        let person = city.person("19800101");
        city.register(&person, "2025-10-08").await;
        let asked = QuoteContributionRequest { tier: "一档".to_owned(), ..city.question(&person, on) };
        let quoted = city.quote(asked).await.unwrap().contribution.unwrap();
        assert_eq!(yuan(&quoted.due), first, "{on}");
        let other = if first == "280.00" { "300.00" } else { "280.00" };
        refused(city.pay(city.in_tier(&person, ("一档", other), on)).await, "WRONG_AMOUNT");
        city.pay(city.in_tier(&person, ("一档", first), on)).await.unwrap();
    }
    city.close().await;
}

#[tokio::test]
async fn the_aid_is_that_of_the_version_on_the_day_of_the_payment_whenever_the_roster_came() {
    let mut city = City::raised().await;
    let (early, _) = city.listed("低保对象").await;
    let (late, _) = city.listed("低保对象").await;
    assert_eq!(
        variants(&city.aid(&early).await),
        [
            "一档 .. 300.00 150.00 150.00",
            "二档 .. 500.00 250.00 250.00",
            " 2026-03-01..   ",
            "一档 2026-03-01.. 280.00 224.00 56.00",
            "二档 2026-03-01.. 500.00 400.00 100.00"
        ]
    );
    city.pay(city.in_tier(&early, ("二档", "250.00"), "2026-02-28")).await.unwrap();
    refused(city.pay(city.in_tier(&late, ("二档", "250.00"), "2026-03-01")).await, "WRONG_AMOUNT");
    city.pay(city.in_tier(&late, ("二档", "100.00"), "2026-03-01")).await.unwrap();
    assert_eq!(yuan(&city.aid(&early).await.aided), "250.00");
    assert_eq!(yuan(&city.aid(&late).await.aided), "400.00");
    assert_eq!(city.owed_by_payers().await, ["医疗救助资金 2 650.00"]);
    city.close().await;
}

#[tokio::test]
async fn an_amendment_that_comes_later_reaches_those_who_were_registered_before_and_leaves_what_was_paid() {
    let mut city = City::tiered().await;
    let (paid, _) = city.listed("低保对象").await;
    let (open, _) = city.listed("低保对象").await;
    let (nobody, _) = city.listed("特困人员").await;
    city.pay(city.in_tier(&paid, ("二档", "250.00"), "2026-02-28")).await.unwrap();
    refused(city.pay(city.in_tier(&open, ("二档", "100.00"), "2026-03-01")).await, "WRONG_AMOUNT");
    let granted = city.aid(&paid).await;

    let mut city = city.amend(RAISED).await;
    city.running.player.catch_up("141195", 2026).await.unwrap();
    city.pay(city.in_tier(&open, ("二档", "100.00"), "2026-03-01")).await.unwrap();
    let due = city.due(&nobody, "二档").await.unwrap();
    let asked =
        QuoteContributionRequest { tier: "二档".to_owned(), ..city.question(&nobody, "2026-02-28") };
    let before = city.quote(asked).await.unwrap().contribution.unwrap();
    assert_eq!((yuan(&before.due), yuan(&due.due)), ("200.00", "220.00"), "the aid of each day");
    let still = city.aid(&paid).await;
    assert_eq!((still.state(), still.aided), (AidState::Granted, granted.aided), "what was paid stays");
    assert_eq!(city.owed_by_payers().await, ["医疗救助资金 2 650.00"]);

    // Started once more with the same notices, nobody is told anything.
    let told = city.running.player.told();
    let mut city = city.amend(RAISED).await;
    city.running.player.hear(&told);
    city.running.player.catch_up("141195", 2026).await.unwrap();
    assert_eq!(city.running.player.told(), told);
    city.close().await;
}
