//! A contribution that is asked back where the person was helped, or had paid for several years.

use canbao::{Player, Suite};
use canbao_proto::benefits::CoverageState;
use canbao_tests::{Home, Person, Running};

use super::{
    everywhere::{Stand, recognise, stand},
    *,
};

/// The notice of the tests, but that what was paid is given back to whoever wishes it before the year begins.
fn notice() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/policy/notices/141181-2026.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let row = r#"[[refund]]
id = "own-wish"
when = { ground = "本人申请", asked = { to = 2025-12-31 } }
back = "paid"
to = "payer"
clause = ["XY26-22"]
"#;
    let causes = "left-school = \"离校\"";
    assert!(text.contains(causes));
    let text = text.replacen(causes, &format!("{causes}, requested = \"本人申请\""), 1);
    text.replacen("[[refund]]", &format!("{row}[[refund]]"), 1)
}

pub(super) fn back(resident: Option<ResidentReference>, on: &str) -> RefundContributionRequest {
    RefundContributionRequest {
        request_id: RequestId::new().to_string(),
        resident,
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        cause: RefundCause::Requested.into(),
        asked_on: day(on),
        ..Default::default()
    }
}

impl Bureau {
    /// With a notice that gives back what is asked back.
    pub(super) async fn with_own_wish() -> Self {
        Self::start_with(&[("141181-2026.toml", notice())]).await
    }

    pub(super) async fn ask_back(&mut self, asked: RefundContributionRequest) -> Result<Refund, Status> {
        let asked = RefundContributionRequest { after: self.after.clone(), ..asked };
        let told = self.refunds.refund_contribution(request("medical-insurance", asked)).await?;
        Ok(told.into_inner().refund.unwrap())
    }
}

#[tokio::test]
async fn whoever_was_helped_is_given_back_what_they_paid_and_the_aid_falls_back() {
    let mut bureau = Bureau::with_own_wish().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.subsidy_tells(&owed(resident, ("320.00", "80.00"), 1));
    bureau.pay(resident, ("80.00", "2025-11-12"), 1).await.unwrap();
    let asked = back(named(resident), "2025-12-31");
    let refund = bureau.ask_back(asked.clone()).await.unwrap();
    assert_eq!((refund.ground(), yuan(&refund.amount)), (RefundGround::Requested, "80.00"));
    assert_eq!(bureau.ask_back(asked).await.unwrap(), refund, "the same request has the same answer");
    assert_eq!(bureau.listed_refunds(true).await, std::slice::from_ref(&refund));
    assert_eq!(bureau.balances().await, ["channel/wechat 80.00", "refund/requested -80.00"]);
    let told = bureau.told_refunds().await;
    assert_eq!((told.len(), told[0].ground(), told[0].unsettled), (1, RefundGround::Requested, true));
    assert_eq!(bureau.listed_contribution(resident).await.state(), DueState::Payable);
    bureau.pay_refund(&refund.refund_id, "2026-01-20").await.unwrap();
    assert_eq!(bureau.balances().await, ["channel/wechat 80.00", "treasury -80.00"]);
    bureau.stop().await;
}

#[tokio::test]
async fn years_that_were_paid_for_together_are_left_to_a_person() {
    let mut bureau = Bureau::with_own_wish().await;
    let student = bureau.register(StudentKind::College, "");
    bureau.pay(student, ("1600.00", "2025-11-12"), 4).await.unwrap();
    let (reason, clauses) = refused(bureau.ask_back(back(named(student), "2025-12-31")).await);
    assert_eq!((reason.as_str(), &clauses[..]), ("PERSON_MUST_DECIDE", &["XY26-22".to_owned()][..]));
    // Leaving school gives the years ahead up; what is left is one year.
    bureau.student_left(student, ("2026-01-05", "2026-01-06")).await.unwrap();
    let refund = bureau.ask_back(back(named(student), "2025-12-31")).await.unwrap();
    assert_eq!((yuan(&refund.amount), &refund.years[..]), ("400.00", &[YEAR][..]));
    assert_eq!(
        bureau.balances().await,
        ["channel/wechat 1600.00", "refund/left-school -1200.00", "refund/requested -400.00"]
    );
    bureau.stop().await;
}

#[tokio::test]
async fn a_cause_for_which_the_notice_has_no_ground_is_not_taken_for_another() {
    let mut bureau = Bureau::with_own_wish().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    let mut asked = back(named(resident), "2025-12-31");
    asked.set_cause(RefundCause::Died);
    assert_eq!(refused(bureau.ask_back(asked).await).0, "PERSON_MUST_DECIDE");
    assert_eq!(refused(bureau.ask_back(back(named(resident), "2026-01-01")).await).0, "PERSON_MUST_DECIDE");
    bureau.ask_back(back(named(resident), "2025-12-31")).await.unwrap();
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_came_twice_does_not_settle_again_what_was_asked_back() {
    let mut bureau = Bureau::with_own_wish().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.pay(resident, ("400.00", "2025-11-12"), 1).await.unwrap();
    let twice = bureau.report(named(resident), "400.00", "2025-11-14").await;
    assert_eq!(twice.suspense_reason(), SuspenseReason::AlreadySettled);
    bureau.ask_back(back(named(resident), "2025-12-20")).await.unwrap();
    bureau.subsidy_tells(&owed(resident, ("0.00", "400.00"), 1));
    assert_eq!(bureau.listed_contribution(resident).await.state(), DueState::Payable);
    bureau.stop().await;
}

#[tokio::test]
async fn asking_back_after_aid_is_the_same_to_every_department() {
    let data = Home::fresh();
    let notices = data.path().join("notices");
    std::fs::create_dir(&notices).unwrap();
    std::fs::write(notices.join("141181-2026.toml"), notice()).unwrap();
    let settings = canbao_host::Settings { notices: Some(notices), ..data.settings() };
    let suite = Suite::start(&settings).await.unwrap();
    let player = Player::connect(suite.addresses).await.unwrap();
    let mut running = Running { suite, player, clock: settings.clock, data };

    let person = Person::born("19800101", 11);
    running.player.register(person.registration("2025-10-21")).await.unwrap();
    running.player.pay(person.payment("400.00", "2025-11-12")).await.unwrap();
    recognise(&mut running, &person, "2025-12-15").await;
    let helped = stand(&mut running, &person).await;
    assert_eq!((helped.payers.len(), helped.insured), (1, true));

    let refund = running.player.refund_contribution(back(person.reference(), "2025-12-20")).await.unwrap();
    assert_eq!(yuan(&refund.refund.unwrap().amount), "80.00", "what was not given back before");
    let gone = Stand {
        books: ("0.00".to_owned(), "0.00".to_owned()),
        payers: Vec::new(),
        insured: false,
        covered: CoverageState::NotSettled,
    };
    assert_eq!(stand(&mut running, &person).await, gone);
    running.player.pay(person.payment("80.00", "2025-12-24")).await.unwrap();
    assert_eq!(stand(&mut running, &person).await, helped, "paid anew, with the aid from the first");
    running.stop().await;
}
