//! A contribution that is asked back (退费申请): 招远 gives back what was paid until the person's benefit begins.

use canbao_proto::registration::{GetResidentRequest, RegistrationStatus};

use super::*;

impl City {
    fn back(&self, person: &Person, cause: RefundCause, on: &str) -> RefundContributionRequest {
        RefundContributionRequest {
            request_id: RequestId::new().to_string(),
            resident: person.reference(),
            division: self.division.to_owned(),
            cover_year: self.year,
            cause: cause.into(),
            asked_on: day(on),
            ..RefundContributionRequest::default()
        }
    }

    /// Asks a contribution back when all have heard of everything.
    async fn ask_back(
        &mut self,
        asked: RefundContributionRequest,
    ) -> Result<RefundContributionResponse, Status> {
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        self.running.player.refund_contribution(asked).await
    }

    /// Somebody of the upper tier who has paid on a day, with the resident's id.
    async fn paid_on(&mut self, on: &str) -> (Person, String) {
        let person = self.person("19800101");
        let id = self.register(&person, "2024-10-08").await;
        self.pay_upper(&person, on).await;
        (person, id)
    }

    async fn pay_upper(&mut self, person: &Person, on: &str) {
        let payment = self.payment(person, "520.00", on);
        let payment =
            PayContributionRequest { tier: "二档".to_owned(), confirmed_warning: true, ..payment };
        self.pay(payment).await.unwrap();
    }

    async fn coverage(&mut self, person: &Person, on: &str) -> CoverageState {
        self.running.player.catch_up(self.division, self.year).await.unwrap();
        let asked = GetCoverageRequest { resident: person.reference(), on: day(on), ..Default::default() };
        self.running.player.coverage(asked).await.unwrap().state()
    }

    async fn insured(&mut self, person: &Person) -> bool {
        let asked = GetResidentRequest { resident: person.reference(), ..GetResidentRequest::default() };
        let shown = self.running.player.resident(asked).await.unwrap();
        shown.registrations[0].status() == RegistrationStatus::Insured
    }
}

fn cites(told: &Told, clause: &str) -> bool {
    told.citations.iter().any(|citation| citation.clause == clause)
}

#[tokio::test]
async fn whoever_asks_before_the_benefit_begins_is_given_everything_back_and_is_insured_no_more() {
    // ZY25-26, A-20: paid in the window, so the benefit begins on New Year's Day.
    let mut city = City::zhaoyuan().await;
    let (person, _) = city.paid_on("2024-11-15").await;
    assert_eq!(city.coverage(&person, "2025-01-01").await, CoverageState::Covered);
    assert!(city.insured(&person).await);
    let late = city.back(&person, RefundCause::Requested, "2025-01-01");
    let told = refused(city.ask_back(late).await, "BENEFIT_BEGUN");
    assert!(cites(&told, "ZY25-26"), "{told:?}");

    let asked = city.back(&person, RefundCause::Requested, "2024-12-31");
    let refund = city.ask_back(asked).await.unwrap().refund.unwrap();
    assert_eq!((refund.ground(), yuan(&refund.amount)), (RefundGround::Requested, "520.00"));
    assert_eq!((&refund.years[..], text(refund.determined_on)), (&[2025][..], "2024-12-31".to_owned()));
    assert!(refund.citations.iter().any(|citation| citation.clause == "ZY25-26"), "{refund:?}");

    assert_eq!(city.balances().await, ["channel/wechat 520.00", "refund/requested -520.00"]);
    assert_eq!(city.coverage(&person, "2025-01-01").await, CoverageState::NotSettled);
    assert!(!city.insured(&person).await);
    let again = city.back(&person, RefundCause::Requested, "2024-12-31");
    refused(city.ask_back(again).await, "NOT_SETTLED");

    city.pay_upper(&person, "2024-12-31").await;
    assert_eq!(city.coverage(&person, "2025-01-01").await, CoverageState::Covered);
    assert!(city.insured(&person).await);
    let balances = ["channel/wechat 1040.00", "contribution/personal -520.00", "refund/requested -520.00"];
    assert_eq!(city.balances().await, balances);
    city.close().await;
}

#[tokio::test]
async fn whether_a_late_payers_benefit_has_begun_is_left_to_a_person_since_tax_knows_no_identity() {
    // ZY25-32 and ZY25-33: the wait ends on 10 June, but there is none for the special groups.
    let mut city = City::zhaoyuan().await;
    let (person, id) = city.paid_on("2025-03-10").await;
    assert_eq!(text(city.period(&id, "2025-07-01").await.from), "2025-06-10");
    for on in ["2025-06-09", "2025-06-10"] {
        let asked = city.back(&person, RefundCause::Requested, on);
        let told = refused(city.ask_back(asked).await, "PERSON_MUST_DECIDE");
        assert!(cites(&told, "ZY25-26"), "{on}: {told:?}");
    }
    // On the day before the payment nothing was there to be asked for.
    let early = city.back(&person, RefundCause::Requested, "2025-03-09");
    refused(city.ask_back(early).await, "NOT_SETTLED");
    assert_eq!(city.balances().await, ["channel/wechat 520.00", "contribution/personal -520.00"]);
    city.close().await;
}

#[tokio::test]
async fn death_and_the_employee_scheme_are_grounds_of_their_own() {
    let mut city = City::zhaoyuan().await;
    let (dead, id) = city.paid_on("2024-11-15").await;
    city.end(&id, "2024-12-10", EndCause::Deceased).await;
    let (employed, _) = city.paid_on("2024-11-15").await;
    for (person, cause, ground) in [
        (&dead, RefundCause::Died, RefundGround::Died),
        (&employed, RefundCause::EmployeeScheme, RefundGround::EmployeeScheme),
    ] {
        let asked = city.back(person, cause, "2024-12-20");
        let refund = city.ask_back(asked).await.unwrap().refund.unwrap();
        assert_eq!((refund.ground(), yuan(&refund.amount)), (ground, "520.00"));
    }
    let balances = ["channel/wechat 1040.00", "refund/died -520.00", "refund/employee-scheme -520.00"];
    assert_eq!(city.balances().await, balances);
    city.close().await;
}

#[tokio::test]
async fn every_refusal_of_a_refund_is_told() {
    let mut city = City::zhaoyuan().await;
    let (person, _) = city.paid_on("2024-11-15").await;
    let asked = city.back(&person, RefundCause::Requested, "2024-12-31");
    let causeless = RefundContributionRequest { cause: 0, ..asked.clone() };
    assert!(malformed(city.ask_back(causeless).await).contains("cause: is missing or not known"));
    let nowhere = RefundContributionRequest { division: "110101".to_owned(), ..asked.clone() };
    refused(city.ask_back(nowhere).await, "NO_NOTICE");
    let early = RefundContributionRequest { asked_on: day("2026-07-01"), ..asked.clone() };
    refused(city.ask_back(early).await, "DATE_IN_FUTURE");
    let stranger = city.person("19800101");
    let unknown = city.back(&stranger, RefundCause::Requested, "2024-12-31");
    refused(city.ask_back(unknown.clone()).await, "UNKNOWN_RESIDENT");
    city.register(&stranger, "2024-10-08").await;
    refused(city.ask_back(unknown).await, "NOT_SETTLED");

    // Others pay everything (ZY25-29), so nothing of the person's own can be given back.
    let poor = city.person("19800101");
    city.register(&poor, "2024-10-08").await;
    city.list(("civil-affairs", "低收入人口"), aid::line(&poor)).await;
    let nothing = city.back(&poor, RefundCause::Requested, "2024-12-31");
    let told = refused(city.ask_back(nothing).await, "NOTHING_TO_REFUND");
    assert!(cites(&told, "ZY25-26"), "{told:?}");

    city.ask_back(asked.clone()).await.unwrap();
    let reused = RefundContributionRequest { cause: RefundCause::Died.into(), ..asked };
    refused(city.ask_back(reused).await, "REQUEST_ID_REUSED");
    city.close().await;
}

#[tokio::test]
async fn where_a_notice_says_nothing_of_it_a_person_must_decide() {
    for (mut city, yuan, tier, on, clause) in [
        (City::gaizhou().await, "445.00", "", "2024-11-05", "GZ25-10"),
        (City::weihai().await, "450.00", "一档", "2022-02-10", "WH22-22"),
    ] {
        let person = city.person("19800101");
        city.register(&person, on).await;
        let payment = city.payment(&person, yuan, on);
        city.pay(PayContributionRequest { tier: tier.to_owned(), ..payment }).await.unwrap();
        for cause in [RefundCause::Requested, RefundCause::Died, RefundCause::EmployeeScheme] {
            let asked = city.back(&person, cause, on);
            let told = refused(city.ask_back(asked).await, "PERSON_MUST_DECIDE");
            assert!(cites(&told, clause), "{cause:?}: {told:?}");
        }
        city.close().await;
    }
}
