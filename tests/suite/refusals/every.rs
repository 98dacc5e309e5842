//! Every variant of every department's enum of refusals is reached; a new one makes this fail until it is, too.

use std::{collections::BTreeSet, fs};

use canbao_host::DEPARTMENTS;
use canbao_proto::{benefits::GetCoverageRequest, refusal::Told};
use canbao_tests::day;
use tonic::{Code, Status};

use super::{Asked, by_rule, by_state};

#[path = "every/collection.rs"]
mod collection;
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
        collection::refusals(&mut asked).await,
        subsidy::refusals(&mut asked).await,
        benefits_refusals(&mut asked).await,
    ];
    for (department, reached) in DEPARTMENTS.into_iter().zip(reached) {
        assert_eq!(reached.variants(department), variants(department), "{department}");
    }
    asked.running.stop().await;
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
