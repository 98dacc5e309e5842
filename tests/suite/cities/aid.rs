//! Aid of a tier that is laid down, and of a share of the person's own standard.

use canbao_proto::subsidy::{Aid, AidState};

use super::*;

impl City {
    /// Somebody is put on a list of the place, and that is all it takes.
    pub(super) async fn list(&mut self, (by, identity): (&'static str, &str), line: RosterLine) {
        let roster = SubmitRosterRequest {
            request_id: RequestId::new().to_string(),
            division: self.division.to_owned(),
            cover_year: self.year,
            identity: identity.to_owned(),
            submitted_on: day("2024-10-10"),
            lines: vec![line],
            declared_count: 1,
            ..SubmitRosterRequest::default()
        };
        self.running.player.submit_roster(by, roster).await.unwrap();
    }

    pub(super) async fn aid(&mut self, person: &Person) -> Aid {
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        let asked =
            GetAidRequest { resident: person.reference(), cover_year: self.year, ..GetAidRequest::default() };
        self.running.player.aid(asked).await.unwrap().aid.unwrap()
    }
}

pub(super) fn line(person: &Person) -> RosterLine {
    RosterLine {
        document: Some(person.document()),
        name: person.name.clone(),
        recognised_on: day("2024-10-09"),
        ..RosterLine::default()
    }
}

/// Standard, aid and what is left.
fn amounts(aid: &Aid) -> (&str, &str, &str) {
    (yuan(&aid.standard), yuan(&aid.aided), yuan(&aid.owed))
}

#[tokio::test]
async fn special_groups_have_the_second_tier_laid_down_and_owe_nothing_of_their_own_standard() {
    // ZY25-20, ZY25-28, A-17: an adult's, a child's, a student's.
    let mut city = City::zhaoyuan().await;
    let (adult, child) = (city.person("19800101"), city.person("20200601"));
    let student = city.student("20020601", StudentKind::College);
    let mut ids = Vec::new();
    for (person, standard, tier) in
        [(&adult, "520.00", "二档"), (&child, "370.00", ""), (&student, "170.00", "")]
    {
        ids.push(city.register(person, "2024-10-08").await);
        city.list(("civil-affairs", "低收入人口"), line(person)).await;
        let aid = city.aid(person).await;
        assert_eq!(amounts(&aid), (standard, standard, "0.00"));
        assert_eq!(
            (aid.tier.as_str(), aid.payer.as_str(), aid.state()),
            (tier, "各级政府", AidState::Granted)
        );
        let due = city.due(person, "").await.unwrap();
        assert_eq!((due.state(), yuan(&due.due), yuan(&due.aided)), (DueState::Settled, "0.00", standard));
    }
    for id in &ids {
        let period = city.period(id, "2025-03-01").await;
        assert_eq!((text(period.from), period.tier.as_str()), ("2025-01-01".to_owned(), "二档"));
    }
    assert_eq!(city.balances().await, ["aid 1060.00", "contribution/personal -1060.00"]);
    city.close().await;
}

#[tokio::test]
async fn without_an_identity_there_is_no_aid_whichever_tier_is_chosen() {
    let mut city = City::zhaoyuan().await;
    let person = city.person("19800101");
    city.register(&person, "2024-10-08").await;
    city.list(("disabled-federation", "重度残疾人"), RosterLine { grade: Some(3), ..line(&person) }).await;
    let aid = city.aid(&person).await;
    assert_eq!(amounts(&aid), ("", "0.00", ""), "what is owed turns on the tier");
    assert_eq!((aid.state(), aid.tier.as_str()), (AidState::Determined, ""));
    let paid =
        PayContributionRequest { tier: "二档".to_owned(), ..city.payment(&person, "520.00", "2024-11-05") };
    city.pay(paid).await.unwrap();
    assert_eq!(city.aid(&person).await.state(), AidState::Determined);
    city.close().await;
}

#[tokio::test]
async fn a_share_is_taken_of_the_persons_own_standard() {
    // GZ25-34: 60 % of 445 and of 335.
    let mut city = City::gaizhou().await;
    let (adult, child) = (city.person("19800101"), city.person("20200601"));
    for (person, expected) in
        [(&adult, ("445.00", "267.00", "178.00")), (&child, ("335.00", "201.00", "134.00"))]
    {
        city.register(person, "2024-10-08").await;
        city.list(("civil-affairs", "低保边缘家庭成员"), line(person)).await;
        assert_eq!(amounts(&city.aid(person).await), expected);
        let due = city.due(person, "").await.unwrap();
        assert_eq!((due.state(), yuan(&due.due)), (DueState::Payable, expected.2));
        city.pay(city.payment(person, expected.2, "2024-11-05")).await.unwrap();
    }
    city.close().await;
}

#[tokio::test]
async fn a_severe_disability_counts_with_poverty_alone() {
    // GZ25-33, A-49.
    let mut city = City::gaizhou().await;
    for (poor, expected) in
        [(Some(true), ("445.00", "445.00", "0.00")), (Some(false), ("445.00", "0.00", "445.00"))]
    {
        let person = city.person("19800101");
        city.register(&person, "2024-10-08").await;
        let line = RosterLine { grade: Some(1), poor, ..line(&person) };
        city.list(("disabled-federation", "重残贫困人口"), line).await;
        assert_eq!(amounts(&city.aid(&person).await), expected, "{poor:?}");
    }
    city.close().await;
}
