//! Who is helped with how much, who pays it, and what is given back.

use super::*;
use canbao_proto::{
    collection::{DeclareContributionsRequest, ListRefundsRequest},
    exchange::{ReadLogRequest, event_log_service_client::EventLogServiceClient},
    registration::{ChangeDocumentRequest, registration_service_client::RegistrationServiceClient},
    rules::Event as _,
};
use prost::Message;

const MONITORED: (&str, &str) = ("civil-affairs", "监测对象");

#[tokio::test]
async fn one_of_hardship_pays_the_rest_and_the_fund_owes_the_aid() {
    let mut town = Town::open().await;
    let (person, id) = town.registered("2025-11-03").await;
    town.recognised(MINIMUM, &person, "2025-11-05").await;
    assert_eq!(town.totals().await, (vec![], 0), "nobody owes before it is settled");
    let why = town.aid(&person).await.explanations;
    let due = why.iter().find(|said| said.about == "due").unwrap();
    let expected = "个人缴费标准是400元。您是低保对象，医疗救助资金资助320元（80%），个人缴80元。";
    assert_eq!((due.question.as_str(), due.text.as_str()), ("为什么是80元", expected));
    assert!(clauses(&due.citations).contains(&"XY26-07"));
    town.running.player.pay(person.payment("80.00", "2025-11-10")).await.unwrap();
    let (totals, government_heads) = town.totals().await;
    assert_eq!(totals, [(FUND.to_owned(), Part::Personal, 1, "320.00".to_owned())]);
    assert_eq!(government_heads, 1);
    assert_eq!(town.aid(&person).await.state(), AidState::Granted);
    let grants = town.grants("").await;
    assert_eq!(grants.len(), 1);
    assert_eq!((grants[0].resident_id.as_str(), grants[0].granted_on), (id.as_str(), day("2025-11-10")));
    assert!(!grants[0].refunded && clauses(&grants[0].citations).contains(&"XY26-07"));
    town.close().await;
}

#[tokio::test]
async fn one_without_an_identity_brings_government_its_share_and_no_payer_anything() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.running.player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    assert_eq!(town.totals().await, (vec![], 1));
    let request =
        GetPayerTotalsRequest { division: DIVISION.to_owned(), cover_year: YEAR, ..Default::default() };
    let totals = town.running.player.payer_totals(request).await.unwrap();
    assert_eq!(
        (yuan(totals.government_per_head), yuan(totals.government_total)),
        ("700.00".into(), "700.00".into())
    );
    assert!(clauses(&totals.government_citations).contains(&"XJ26-09"));
    town.close().await;
}

#[tokio::test]
async fn recognised_after_paying_in_the_window_the_aid_is_given_back_once() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.running.player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    town.recognised(MINIMUM, &person, "2026-01-15").await;
    let aid = town.aid(&person).await;
    assert_eq!((aid.state(), yuan(aid.refund.clone())), (AidState::Granted, "320.00".to_owned()));
    assert!(clauses(&aid.citations).contains(&"XY26-21"), "{:?}", clauses(&aid.citations));
    let expected = [(FUND.to_owned(), Part::Personal, 1, "320.00".to_owned())];
    assert_eq!(town.totals().await.0, expected);
    let grants = town.grants(FUND).await;
    assert_eq!((grants[0].refunded, grants[0].granted_on), (true, day("2026-01-15")));
    town.recognised(MONITORED, &person, "2026-02-01").await;
    assert_eq!(town.totals().await.0, expected, "a lower identity gives nothing more back");
    town.close().await;
}

#[tokio::test]
async fn two_identities_after_the_payment_give_the_same_back_one_by_one_and_at_once() {
    let mut town = Town::open().await;
    for (on, back) in [("2026-03-05", "280.00"), ("2026-02-10", "320.00")] {
        let identities = [(MONITORED, "2026-01-10"), (MINIMUM, on)];
        for (order, at_once) in [([0, 1], false), ([1, 0], false), ([0, 1], true)] {
            let (person, id) = town.registered("2025-11-03").await;
            town.running.player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
            // Lists of a document that nobody is known by yet, until the person shows it.
            let later = if at_once { town.person() } else { person.clone() };
            for (identity, on) in order.map(|at: usize| identities[at]) {
                town.recognised(identity, &later, on).await;
                town.running.player.catch_up(DIVISION, YEAR).await.unwrap();
            }
            if at_once {
                town.shows(&person, &later, "2026-03-06").await;
            }
            assert_eq!(yuan(town.aid(&later).await.refund), back, "{on} {order:?} {at_once}");
            assert_eq!(town.refunded(&id).await, back, "tax: {on} {order:?} {at_once}");
        }
    }
    town.close().await;
}

#[tokio::test]
async fn recognised_after_the_window_nothing_is_given_back_and_the_clause_is_shown() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.running.player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    town.recognised(MINIMUM, &person, "2026-02-26").await;
    let aid = town.aid(&person).await;
    assert_eq!((aid.refund.is_none(), yuan(aid.owed.clone())), (true, "400.00".to_owned()));
    assert!(clauses(&aid.citations).contains(&"XY26-22"), "{:?}", clauses(&aid.citations));
    assert!(town.totals().await.0.is_empty());
    town.close().await;
}

#[tokio::test]
async fn recognised_after_the_window_and_not_enrolled_the_city_bears_the_governments_part() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2026-03-12").await;
    town.recognised(MINIMUM, &person, "2026-03-12").await;
    let aid = town.aid(&person).await;
    assert_eq!(yuan(aid.owed.clone()), "80.00");
    let borne = &aid.government_parts[0];
    assert_eq!((borne.bearer.as_str(), yuan(borne.amount.clone())), ("孝义市财政", "700.00".to_owned()));
    town.running.player.pay(person.payment("80.00", "2026-03-28")).await.unwrap();
    let (totals, government_heads) = town.totals().await;
    assert_eq!(
        totals,
        [
            (FUND.to_owned(), Part::Personal, 1, "320.00".to_owned()),
            ("孝义市财政".to_owned(), Part::Government, 1, "700.00".to_owned()),
        ]
    );
    assert_eq!(government_heads, 0, "the city bears it whole");
    town.close().await;
}

#[tokio::test]
async fn the_fully_aided_is_settled_by_the_confirmation_alone() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(("civil-affairs", "特困人员"), &person, "2025-11-28").await;
    let aid = town.aid(&person).await;
    assert_eq!((aid.state(), yuan(aid.owed.clone())), (AidState::Granted, "0.00".to_owned()));
    assert_eq!(town.grants("").await[0].granted_on, day("2025-11-28"));
    town.close().await;
}

#[tokio::test]
async fn the_fully_aided_who_registers_after_the_confirmation_is_settled_then() {
    let mut town = Town::open().await;
    for (confirmed, registered) in [("2025-11-10", "2025-12-20"), ("2026-03-10", "2026-03-12")] {
        let person = town.person();
        town.recognised(("civil-affairs", "特困人员"), &person, confirmed).await;
        town.running.player.register(person.registration(registered)).await.unwrap();
        assert_eq!(town.aid(&person).await.state(), AidState::Granted, "{confirmed}");
    }
    let (totals, _) = town.totals().await;
    assert_eq!(totals[0], (FUND.to_owned(), Part::Personal, 2, "800.00".to_owned()));
    assert_eq!(totals[1], ("孝义市财政".to_owned(), Part::Government, 1, "700.00".to_owned()));
    town.close().await;
}

#[tokio::test]
async fn the_federation_declares_its_people_and_finance_owes_for_them() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(("disabled-federation", "残疾人员"), &person, "2025-11-05").await;
    assert_eq!(town.aid(&person).await.state(), AidState::Determined, "until it is declared");
    let declaration = DeclareContributionsRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        residents: vec![person.reference().unwrap()],
        declared_on: day("2025-11-20"),
        declared_count: 1,
        ..DeclareContributionsRequest::default()
    };
    town.running.player.declare("disabled-federation", declaration).await.unwrap();
    let expected = [("财政(残联申请)".to_owned(), Part::Personal, 1, "400.00".to_owned())];
    assert_eq!(town.totals().await.0, expected);
    town.close().await;
}

#[tokio::test]
async fn tax_is_told_the_amount_and_the_item_and_never_why() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2026-03-12").await;
    town.recognised(MINIMUM, &person, "2026-03-12").await;
    town.aid(&person).await;
    let mut log = EventLogServiceClient::new(town.running.channel("subsidy").await);
    let request = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
    let page = log.read_log(canbao::request("service/collection", request)).await.unwrap().into_inner();
    assert_eq!(page.events.len(), 2, "one determination at the registration, one at the confirmation");
    for event in &page.events {
        assert_eq!(event.kind, ContributionOwed::KIND, "who has which identity is not for tax");
        let owed = ContributionOwed::decode(event.body.as_slice()).unwrap();
        for citation in clauses(&owed.citations) {
            assert!(
                ["XY26-03", "XJ26-10", "XY26-49", "XY26-50", "XY26-67"].contains(&citation),
                "{citation}"
            );
        }
    }
    let owed = ContributionOwed::decode(page.events[1].body.as_slice()).unwrap();
    assert_eq!(
        (yuan(owed.owed), owed.payable_item.as_str(), owed.determination),
        ("80.00".into(), "特殊缴费", 2)
    );
    assert_eq!((owed.open_from, owed.open_to), (day("2026-03-12"), day("2026-12-31")));
    town.close().await;
}

#[tokio::test]
async fn of_two_identities_the_higher_aid_is_taken_and_the_other_is_shown_as_lost() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    town.recognised(("civil-affairs", "监测对象"), &person, "2025-11-05").await;
    town.recognised(MINIMUM, &person, "2025-11-05").await;
    let aid = town.aid(&person).await;
    assert_eq!((yuan(aid.aided.clone()), aid.lost.len()), ("320.00".to_owned(), 1));
    let lost = &aid.lost[0];
    assert_eq!(
        (lost.row.as_str(), yuan(lost.amount.clone()), lost.payer.as_str()),
        ("aid monitored", "280.00".into(), FUND)
    );
    town.close().await;
}

#[tokio::test]
async fn what_the_notice_leaves_to_a_person_is_decided_once_and_within_the_standard() {
    let mut town = Town::open().await;
    let (person, _) = town.registered("2025-11-03").await;
    assert_eq!(refused(town.decide(&person, "100.00", "2025-11-20").await).reason, "NOTHING_TO_DECIDE");
    town.recognised(("veterans", "优抚对象"), &person, "2025-11-05").await;
    let open = town.aid(&person).await;
    assert_eq!(
        (open.state(), open.owed.is_none(), open.standard.is_none()),
        (AidState::PersonMustDecide, true, true)
    );
    assert!(clauses(&open.citations).contains(&"XY26-13"));
    assert_eq!(refused(town.decide(&person, "100.00", "2026-07-01").await).reason, "DATE_IN_FUTURE");
    let told = refused(town.decide(&person, "400.01", "2025-11-20").await);
    assert_eq!((told.reason.as_str(), told.metadata["standard"].as_str()), ("ABOVE_STANDARD", "400.00"));
    let decided = town.decide(&person, "250.00", "2025-11-20").await.unwrap().aid.unwrap();
    assert_eq!((decided.state(), yuan(decided.owed)), (AidState::Determined, "150.00".to_owned()));
    assert_eq!(refused(town.decide(&person, "260.00", "2025-11-21").await).reason, "NOTHING_TO_DECIDE");
    town.running.player.pay(person.payment("150.00", "2025-11-22")).await.unwrap();
    let expected = [("财政(退役军人事务局申请)".to_owned(), Part::Personal, 1, "250.00".to_owned())];
    assert_eq!(town.totals().await.0, expected);
    town.close().await;
}

#[tokio::test]
async fn aid_is_listed_by_its_state_and_in_pages() {
    let mut town = Town::open().await;
    let mut granted = Vec::new();
    for _ in 0..3 {
        let (person, id) = town.registered("2025-11-03").await;
        town.recognised(MINIMUM, &person, "2025-11-05").await;
        town.running.player.pay(person.payment("80.00", "2025-11-10")).await.unwrap();
        granted.push(id);
    }
    let (veteran, undecided) = town.registered("2025-11-03").await;
    town.recognised(("veterans", "优抚对象"), &veteran, "2025-11-05").await;
    town.registered("2025-11-03").await;
    assert_eq!(town.listed(AidState::PersonMustDecide).await, [undecided]);
    granted.sort();
    assert_eq!(town.listed(AidState::Granted).await, granted);
    assert_eq!(town.listed(AidState::Determined).await.len(), 1);
    assert_eq!(town.listed(AidState::Unspecified).await.len(), 5);
    town.close().await;
}

#[tokio::test]
async fn grants_are_listed_in_pages_that_hold_each_once() {
    let mut town = Town::open().await;
    for _ in 0..2 {
        let (person, _) = town.registered("2026-03-12").await;
        town.recognised(MINIMUM, &person, "2026-03-12").await;
        town.running.player.pay(person.payment("80.00", "2026-03-28")).await.unwrap();
    }
    let grants = town.grants("").await;
    let mut seen: Vec<_> = grants.iter().map(|grant| (grant.resident_id.clone(), grant.part)).collect();
    assert_eq!(seen.len(), 4);
    seen.dedup();
    assert_eq!(seen.len(), 4, "no grant twice");
    assert_eq!(town.grants("孝义市财政").await.len(), 2);
    town.close().await;
}

impl Town {
    async fn decide(&mut self, person: &Person, yuan: &str, on: &str) -> Result<DecideAidResponse, Status> {
        let request = DecideAidRequest {
            request_id: RequestId::new().to_string(),
            resident: person.reference(),
            cover_year: YEAR,
            amount: Some(Money { yuan: yuan.to_owned() }),
            decided_on: day(on),
            because: "按优抚对象医疗补助政策核定".to_owned(),
            ..DecideAidRequest::default()
        };
        self.running.player.decide_aid("veterans", request).await
    }

    /// A person who was known by one document shows another.
    async fn shows(&mut self, known: &Person, now: &Person, on: &str) {
        let change = ChangeDocumentRequest {
            request_id: RequestId::new().to_string(),
            resident: known.reference(),
            document: Some(now.document()),
            name: now.name.clone(),
            changed_on: day(on),
            ..ChangeDocumentRequest::default()
        };
        let mut bureau = RegistrationServiceClient::new(self.running.channel("registration").await);
        bureau.change_document(canbao::request("medical-insurance", change)).await.unwrap();
    }

    /// What tax gives back to a resident in all.
    async fn refunded(&mut self, id: &str) -> String {
        let request = ListRefundsRequest {
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            page_size: 1_000,
            ..ListRefundsRequest::default()
        };
        let answer = self.running.player.refunds(request).await.unwrap();
        let of = answer.refunds.iter().filter(|refund| refund.resident_id == id);
        let amounts = of.map(|refund| yuan(refund.amount.clone()).parse::<canbao_types::Money>().unwrap());
        canbao_types::Money::sum(amounts).unwrap().to_string()
    }

    /// Every grant of a payer, page by page, one at a time.
    async fn grants(&mut self, payer: &str) -> Vec<Grant> {
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let (mut grants, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListGrantsRequest {
                division: DIVISION.to_owned(),
                cover_year: YEAR,
                payer: payer.to_owned(),
                page_size: 1,
                page_token,
                ..ListGrantsRequest::default()
            };
            let page = self.running.player.grants(request).await.unwrap();
            grants.extend(page.grants);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return grants;
            }
        }
    }

    /// The residents of a state, page by page.
    async fn listed(&mut self, state: AidState) -> Vec<String> {
        self.running.player.catch_up(DIVISION, YEAR).await.unwrap();
        let (mut listed, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListAidRequest {
                division: DIVISION.to_owned(),
                cover_year: YEAR,
                state: state.into(),
                page_size: 2,
                page_token,
                ..ListAidRequest::default()
            };
            let page = self.running.player.aids(request).await.unwrap();
            listed.extend(page.aids.into_iter().map(|aid| aid.resident_id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return listed;
            }
        }
    }
}
