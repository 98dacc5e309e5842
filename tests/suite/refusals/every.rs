//! Every variant of every department's enum of refusals is reached; a new one makes this fail until it is, too.

use std::{collections::BTreeSet, fs};

use canbao_host::DEPARTMENTS;
use canbao_proto::{
    benefits::GetCoverageRequest,
    collection::{PayContributionRequest, ReportPaymentsRequest},
    refusal::Told,
    registration::StudentKind,
};
use canbao_tests::day;
use tonic::{Code, Status};

use super::{Asked, ELSEWHERE, by_rule, by_state, yuan};

#[path = "every/refunds.rs"]
mod refunds;
#[path = "every/registration.rs"]
mod registration;
#[path = "every/subsidy.rs"]
mod subsidy;

/// The variants of a department's enum of refusals, as its source has them.
fn variants(department: &str) -> BTreeSet<String> {
    let path = format!("{}/../services/{department}/src/refusal.rs", env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(path).unwrap();
    let body = source.split_once("enum Refusal {").unwrap().1.split_once("\n}").unwrap().0;
    let lines = body.lines().map(str::trim).filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    lines.map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

/// The reasons that were told on the way.
#[derive(Default)]
struct Reached(BTreeSet<String>);

impl Reached {
    fn by_state(&mut self, outcome: Result<impl Sized, Status>, code: Code, reason: &str) -> Told {
        self.0.insert(reason.to_owned());
        by_state(outcome, code, reason)
    }

    fn by_rule(&mut self, outcome: Result<impl Sized, Status>, reason: &str, clause: &str) -> Told {
        self.0.insert(reason.to_owned());
        by_rule(outcome, reason, clause)
    }

    /// The variants of a department that were reached: each is told under its own name, and a rule under the rule's.
    fn variants(&self, department: &str) -> BTreeSet<String> {
        let all = variants(department);
        let by_name = |name: &String| self.0.contains(&screaming(name));
        let named: BTreeSet<_> = all.iter().filter(|name| by_name(name)).cloned().collect();
        let by_rule = self.0.iter().any(|reason| !all.iter().any(|name| screaming(name) == *reason));
        named.into_iter().chain(by_rule.then(|| "ByRule".to_owned())).collect()
    }
}

/// `NoNotice` as `NO_NOTICE`.
fn screaming(name: &str) -> String {
    let parted = name.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c]));
    parted.collect::<String>().trim_start_matches('_').to_uppercase()
}

#[tokio::test]
async fn every_variant_of_every_departments_refusals_is_reached() {
    let mut asked = Asked::start().await;
    let reached = [
        registration::refusals(&mut asked).await,
        collections_refusals(&mut asked).await,
        subsidy::refusals(&mut asked).await,
        benefits_refusals(&mut asked).await,
    ];
    for (department, reached) in DEPARTMENTS.into_iter().zip(reached) {
        assert_eq!(reached.variants(department), variants(department), "{department}");
    }
    asked.running.stop().await;
}

async fn collections_refusals(asked: &mut Asked) -> Reached {
    let mut reached = Reached::default();
    let (settled, taken) = asked.paid().await;
    let (known, nobody) = (asked.registered().await, asked.person());
    let (payment, no) = (asked.payment(&known), Code::FailedPrecondition);

    let other = PayContributionRequest { channel: "alipay".to_owned(), ..payment.clone() };
    reached.by_state(asked.pay(other).await, Code::PermissionDenied, "CHANNEL_DIFFERS");

    let total = ReportPaymentsRequest { declared_total: yuan("400.01"), ..asked.statement(&known) };
    let told = reached.by_state(asked.report(total).await, no, "CONTROL_TOTAL_DIFFERS");
    assert_eq!(
        (told.metadata["declared"].as_str(), told.metadata["received"].as_str()),
        ("400.01", "400.00")
    );

    let channel_transaction_id = taken.channel_transaction_id.clone();
    let reused = PayContributionRequest { channel_transaction_id, ..payment.clone() };
    reached.by_state(asked.pay(reused).await, Code::AlreadyExists, "TRANSACTION_ID_REUSED");

    let no_notice = PayContributionRequest { cover_year: 2027, ..payment.clone() };
    reached.by_state(asked.pay(no_notice).await, no, "NO_NOTICE");

    let future = PayContributionRequest { pay_date: day("2026-07-01"), ..payment.clone() };
    reached.by_state(asked.pay(future).await, no, "DATE_IN_FUTURE");

    reached.by_state(asked.pay(asked.payment(&nobody)).await, no, "UNKNOWN_RESIDENT");
    reached.by_state(asked.pay(asked.payment(&settled)).await, no, "ALREADY_SETTLED");

    let closed = PayContributionRequest { pay_date: day("2025-11-26"), ..payment.clone() };
    reached.by_rule(asked.pay(closed).await, "CLOSED_DAY", "XY26-27");

    let wrong = PayContributionRequest { amount: yuan("380.00"), ..payment };
    let told = reached.by_rule(asked.pay(wrong).await, "WRONG_AMOUNT", "XY26-03");
    assert_eq!(told.metadata["due"], "400.00");
    assert!(told.message.contains("400.00元"), "{}", told.message);

    let mut student = asked.person();
    student.circumstances.set_student(StudentKind::College);
    asked.admit(&student, ELSEWHERE).await;
    let undecided = PayContributionRequest { division: ELSEWHERE.to_owned(), ..asked.payment(&student) };
    reached.by_rule(asked.pay(undecided).await, "PERSON_MUST_DECIDE", "TS26-03");

    let adult = asked.person();
    asked.admit(&adult, ELSEWHERE).await;
    let payment = PayContributionRequest { division: ELSEWHERE.to_owned(), ..asked.payment(&adult) };
    let told = reached.by_rule(asked.pay(payment.clone()).await, "WARNING_NOT_CONFIRMED", "TS26-05");
    assert_eq!(told.metadata["warning"], "BUYS_NOTHING");
    let confirmed = PayContributionRequest { confirmed_warning: true, ..payment };
    asked.pay(confirmed).await.expect("whoever was warned may go on, with the same request id");

    refunds::refusals(asked, &mut reached).await;
    reached
}

async fn benefits_refusals(asked: &mut Asked) -> Reached {
    let mut reached = Reached::default();
    let (known, nobody) = (asked.registered().await, asked.person());
    for (person, on) in [(&nobody, "2026-01-01"), (&known, "2025-12-31"), (&known, "2027-01-01")] {
        let ask = GetCoverageRequest { resident: person.reference(), on: day(on), ..Default::default() };
        reached.by_state(
            asked.running.player.coverage(ask).await,
            Code::FailedPrecondition,
            "UNKNOWN_RESIDENT",
        );
    }
    reached
}
