//! The worked cases of a notice, asked of it and written as the cases write answers.
#![allow(dead_code, reason = "each test that asks the cases looks at a part of them")]

use std::{env, fs, path::PathBuf};

use canbao_policy::{
    AidLine, Cap, CapFacts, Channels, Cited, Claim, Delay, Duty, Entitlements, Facts, Notice, Payment,
    Product, Progress, Refund, RefundCause, Refusal, Registration, Repair, Stated, Tier, WaitLine, Way,
};
use canbao_types::{Citation, Citations, Money};
use serde::Deserialize;
use serde_json::{Map, Value, json};

mod costs;

use costs::{aid, aid_of_each_row, line, money, shares, yuan};

/// A file of the crate.
pub fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the crate.
pub fn text(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The notices there are, such as "141181-2026"; only the one that the variable `CANBAO_NOTICE` names, where it is set.
pub fn names() -> Vec<String> {
    let files = fs::read_dir(file("notices")).unwrap().map(|file| file.unwrap().file_name());
    let names = files.filter_map(|file| Some(file.to_str()?.strip_suffix(".toml")?.to_owned()));
    let only = env::var("CANBAO_NOTICE").ok();
    let mut names: Vec<String> = names.filter(|name| only.as_ref().is_none_or(|only| only == name)).collect();
    names.sort();
    assert!(!names.is_empty(), "there is no notice {only:?}");
    names
}

/// A notice as its file has it.
pub fn notice(name: &str) -> Notice {
    notice_at(&format!("notices/{name}.toml"))
}

/// A notice by the path of its file.
pub fn notice_at(path: &str) -> Notice {
    Notice::parse(path, &text(path)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The worked cases and what the notice declares of itself.
pub struct Cases {
    pub steps: Vec<Step>,
    /// What [`declared`] says.
    pub declares: Value,
    /// The refund that is asked for each cause.
    back: Value,
    /// Changes of the notice by one step that mean nothing, as far as the star leaves open, and why.
    pub without_meaning: Vec<(String, String)>,
}

/// One question of a case.
pub struct Step {
    pub case: String,
    pub number: usize,
    /// The open point and the number of its other reading under which it is asked.
    pub reading: Option<(String, usize)>,
    pub question: String,
    pub facts: Facts,
    /// The target asked about; its question has facts of its own.
    target: Option<Asked>,
    /// The years of the question about the cap.
    years: CapFacts,
    pub expected: Map<String, Value>,
    /// The clauses its case was worked from.
    pub clauses: Vec<String>,
    /// The clauses that say why another answer does not apply.
    pub beside: Vec<String>,
}

/// How many of how many.
#[derive(Deserialize)]
struct Asked {
    name: String,
    count: u64,
    of: u64,
}

/// An answer, before it is written out.
#[derive(PartialEq)]
pub enum Said {
    Payment(Box<Payment>),
    Registration(Box<Registration>),
    Refund(Refund),
    Delay(Delay),
    Subsidy(Value),
    Target(Option<Progress>),
    Cap(Cap),
    Claim(Claim),
    Entitlements(Entitlements),
    Channels(Channels),
}

impl Cases {
    /// Reads the cases of a notice.
    pub fn read(name: &str) -> Self {
        Self::read_in("cases", name)
    }

    /// Reads the cases of a notice from a folder.
    pub fn read_in(folder: &str, name: &str) -> Self {
        let path = format!("{folder}/{name}.json");
        let file: Value =
            serde_json::from_str(&text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(file["notice"], *name, "{path}");
        let usual = file["usual"].as_object().unwrap();
        let cases = file["cases"].as_array().unwrap().iter();
        let steps = cases.flat_map(|case| {
            let steps = case["steps"].as_array().unwrap().iter().enumerate();
            steps.map(|(number, step)| Step::read(case, number, step, usual))
        });
        Self {
            steps: steps.collect(),
            declares: file["declares"].clone(),
            back: file.get("back").cloned().unwrap_or(json!({})),
            without_meaning: serde_json::from_value(file["without_meaning"].clone()).unwrap_or_default(),
        }
    }
}

impl Step {
    fn read(case: &Value, number: usize, step: &Value, usual: &Map<String, Value>) -> Self {
        let question = step["question"].as_str().unwrap();
        let mut facts = match question {
            "pay" | "register" | "subsidy" | "channel" | "entitlement" => usual.clone(),
            _ => Map::new(),
        };
        let own = &step["facts"];
        let target = (question == "target").then(|| serde_json::from_value(own.clone()).unwrap());
        let years = if question == "cap" { own.clone() } else { json!({}) };
        if target.is_none() && question != "cap" {
            // A fact that is null is one of the usual facts that is not given.
            facts.extend(own.as_object().unwrap().clone());
        }
        let reading = step.get("reading").map(|reading| {
            let number = usize::try_from(reading[1].as_u64().unwrap()).unwrap();
            (reading[0].as_str().unwrap().to_owned(), number)
        });
        let listed = |key: &str| {
            let clauses = case.get(key).and_then(Value::as_array).into_iter().flatten();
            clauses.map(|clause| clause.as_str().unwrap().to_owned()).collect()
        };
        Self {
            case: case["id"].as_str().unwrap().to_owned(),
            number,
            reading,
            question: question.to_owned(),
            facts: serde_json::from_value(Value::Object(facts))
                .unwrap_or_else(|error| panic!("{} step {number}: {error}", case["id"])),
            target,
            years: serde_json::from_value(years).unwrap(),
            expected: step["expected"].as_object().unwrap().clone(),
            clauses: listed("clauses"),
            beside: listed("beside"),
        }
    }

    /// What the notice answers.
    pub fn ask(&self, notice: &Notice) -> Said {
        match self.question.as_str() {
            "pay" => Said::Payment(Box::new(notice.pay(&self.facts))),
            "register" => Said::Registration(Box::new(notice.register(&self.facts))),
            "refund" => Said::Refund(notice.refund(&self.facts)),
            "delay" => Said::Delay(notice.delay(&self.facts)),
            "subsidy" => Said::Subsidy(match notice.government_subsidy(&self.facts) {
                Ok(said) => {
                    let share = |(payer, amount): &(std::sync::Arc<str>, Stated<Money>)| {
                        json!([&**payer, money(*amount)])
                    };
                    json!({
                        "government_subsidy": money(said.value.amount),
                        "of_year": said.value.of_year.map(canbao_types::CoverYear::get),
                        "shares": said.value.shares.iter().map(share).collect::<Vec<_>>(),
                        "clauses": of(said.basis.iter()),
                    })
                }
                Err(refusal) => {
                    json!({ "refused": refused(Some(&refusal)), "clauses": of(refusal.basis.iter()) })
                }
            }),
            "target" => {
                let Asked { name, count, of } = self.target.as_ref().unwrap();
                Said::Target(notice.target(name, *count, *of))
            }
            "cap" => Said::Cap(notice.cap(&self.years)),
            "claim" => Said::Claim(notice.claim(&self.facts)),
            "entitlement" => Said::Entitlements(notice.entitlements(&self.facts)),
            "channel" => Said::Channels(notice.channels_for(&self.facts)),
            other => panic!("no question {other}"),
        }
    }

    /// What was said, as the cases write it.
    pub fn written(&self, said: &Said) -> Value {
        match said {
            Said::Payment(said) => payment(said),
            Said::Registration(said) => registration(said),
            Said::Refund(said) => refund(said, self.facts.paid_amount),
            Said::Delay(said) => delay(said),
            Said::Target(said) => {
                said.as_ref().map_or(json!({ "met": "not stated", "clauses": [] }), progress)
            }
            Said::Subsidy(said) => said.clone(),
            Said::Cap(said) => cap(said),
            Said::Claim(said) => claim(said),
            Said::Entitlements(said) => entitlements(said),
            Said::Channels(said) => channels(said),
        }
    }

    /// The expectations that an answer does not meet.
    pub fn differences(&self, said: &Value) -> Vec<String> {
        let differs = self
            .expected
            .iter()
            .filter(|(key, expected)| !said.get(key.as_str()).is_some_and(|said| fits(said, expected)));
        differs
            .map(|(key, expected)| {
                let said = said.get(key).unwrap_or(&Value::Null);
                format!("{} step {}: {key} is {said}, not {expected}", self.case, self.number)
            })
            .collect()
    }
}

/// An object may say more than is expected of it; everything else is equal.
pub fn fits(said: &Value, expected: &Value) -> bool {
    match (said, expected) {
        (Value::Object(said), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| said.get(key).is_some_and(|said| fits(said, expected)))
        }
        (Value::Array(said), Value::Array(expected)) => {
            said.len() == expected.len()
                && said.iter().zip(expected).all(|(said, expected)| fits(said, expected))
        }
        _ => said == expected,
    }
}

/// What a notice says of itself without being asked about anybody.
pub fn declared(notice: &Notice, cases: &Cases) -> Value {
    let channels = notice.channels().iter().map(|channel| json!([channel.kind.code(), &*channel.name]));
    let targets = notice.targets().iter().map(|target| {
        json!([&*target.name, &*target.count, &*target.of, target.at_least_per_10_000, target.by.to_string()])
    });
    let identities = notice.identities().iter().map(|identity| {
        let submitters: Vec<&str> = identity.submitters.iter().map(|submitter| submitter.code()).collect();
        let groups: Vec<&str> = identity.groups.iter().map(|group| &**group).collect();
        json!([&*identity.name, &*identity.by, submitters, identity.needs_confirmation, groups])
    });
    let back: Facts = serde_json::from_value(cases.back.clone()).unwrap();
    let causes = RefundCause::ALL.iter().map(|cause| {
        let said = notice.refund_for(*cause, &back);
        (cause.code().to_owned(), json!(said.amount.map(money)))
    });
    json!({
        "division": notice.division().to_string(),
        "pool": notice.pool().to_string(),
        "year": notice.year().get(),
        "cover": [notice.cover().from().to_string(), notice.cover().to().to_string()],
        "channels": channels.collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
        "identities": identities.collect::<Vec<_>>(),
        "causes": causes.collect::<Map<_, _>>(),
        "tiers": notice.tiers().iter().map(|tier| &**tier).collect::<Vec<_>>(),
        "number": notice.provenance().number.as_deref(),
        "as_of": notice.provenance().as_of.as_deref(),
        "dated": notice.provenance().dated,
        "published": notice.provenance().published,
        "announced": notice.announced().iter().map(|(about, _)| &**about).collect::<Vec<_>>(),
    })
}

fn payment(said: &Payment) -> Value {
    let benefit = said.benefit.as_ref();
    let over = said.over.iter().map(|past| (past.name.to_string(), json!(past.last_day)));
    json!({
        "refused": refused(said.refusal.as_ref()),
        "say": said.refusal.as_ref().and_then(|refusal| refusal.say.as_deref()),
        "also": said.also.iter().map(|refusal| refused(Some(refusal))).collect::<Vec<_>>(),
        "next_day": said.refusal.as_ref().and_then(|refusal| refusal.next_day),
        "class": said.class.as_ref().map(|class| &*class.value),
        "tier": said.tier.as_ref().map(|tier| enjoyed(&tier.value)),
        "tier_paid": said.tier.as_ref().and_then(|tier| tier.value.paid.as_deref()),
        "tiers": tiers(said.tier.as_ref()),
        "window": said.window.as_ref().map(|window| &*window.name),
        "late": said.late(),
        "days": said.window.as_ref().and_then(|window| window.days),
        "counts": said.identities.iter().map(|held| held.counts).collect::<Vec<_>>(),
        "due": said.due.map(money),
        "aid": aid(&said.aid),
        "aid_lost": aid_of_each_row(&said.aid_lost),
        "lines": said.parts.iter().map(line).collect::<Vec<_>>(),
        "option": said.option.as_ref().map(|option| &*option.value),
        "locked": said.prepaid.as_ref().map(|locked| locked.value),
        "start": benefit.map(|benefit| benefit.start.to_string()),
        "end": benefit.map(|benefit| benefit.end.to_string()),
        "cut_by": benefit.and_then(|benefit| benefit.cut_by.as_ref()).map(|row| &*row.value),
        "row": benefit.map(|benefit| benefit.row.trim_start_matches("benefit ")),
        "wait": said.wait_months(),
        "at_least": benefit.and_then(|benefit| benefit.wait.as_ref()).map(|wait| wait.at_least),
        "missed": benefit.and_then(|benefit| benefit.wait.as_ref()).and_then(|wait| wait.missed_years),
        "exempt": benefit.and_then(|benefit| benefit.exempted.as_ref()).map(|row| &*row.value),
        "wait_lines": benefit
            .and_then(|benefit| benefit.wait.as_ref())
            .map_or(json!([]), |wait| wait.lines.iter().map(wait_line).collect()),
        "useful_repair": said.repair.as_ref().map_or(0, |repair| repair.useful_years),
        "repair_price": said.repair.as_ref().and_then(repair_price),
        "overdue": said.duties.iter().any(|duty| duty.overdue == Some(true)),
        "duties": said.duties.iter().map(duty).collect::<Vec<_>>(),
        "products": said.products.iter().map(product).collect::<Vec<_>>(),
        "aid_not_stated": said.aid_not_stated,
        "settled": said.settled.as_ref().map(|settled| settled.value),
        "warns": said.warnings.iter().map(|warning| warning.reason.code()).collect::<Vec<_>>(),
        "warned": said.warnings.iter().map(|warning| warning.say.as_deref()).collect::<Vec<_>>(),
        "over": over.collect::<Map<_, _>>(),
        "clauses": cited(&said.citations()),
    })
}

fn registration(said: &Registration) -> Value {
    json!({
        "refused": refused(said.refusal.as_ref()),
        "eligible": said.eligible(),
        "also": said.also.iter().map(|refusal| refused(Some(refusal))).collect::<Vec<_>>(),
        "grounds": said.grounds.iter().map(|ground| &*ground.value).collect::<Vec<_>>(),
        "class": said.class.as_ref().map(|class| &*class.value),
        "tier": said.tier.as_ref().filter(|tier| tier.value.choice.is_empty()).map(|tier| enjoyed(&tier.value)),
        "tiers": tiers(said.tier.as_ref()),
        "route": said.route.as_ref().map(|route| &*route.value.by),
        "ways": said.route.iter().flat_map(|route| &route.value.ways).map(way).collect::<Vec<_>>(),
        "counts": said.identities.iter().map(|held| held.counts).collect::<Vec<_>>(),
        "clauses": cited(&said.citations()),
    })
}

fn refund(said: &Refund, paid: Option<Money>) -> Value {
    let net = paid.zip(said.amount.and_then(Stated::is));
    let net = net.and_then(|(paid, back)| paid.checked_sub(back)).map(yuan);
    let basis = said.basis.iter().flat_map(|basis| basis.iter().cloned()).collect();
    json!({
        "refused": refused(said.refusal.as_ref()),
        "refund": said.amount.map(money),
        "payer": (!said.aid.is_empty()).then(|| AidLine::payers(&said.aid)),
        "shares": shares(&said.aid),
        "net": net,
        "clauses": cited(&basis),
    })
}

fn delay(said: &Delay) -> Value {
    let basis = said.basis.iter().flat_map(|basis| basis.iter().cloned()).collect();
    json!({
        "refused": refused(said.refusal.as_ref()),
        "day": said.day.map(|day| day.to_string()),
        "shows": said.shows.iter().map(|field| &**field).collect::<Vec<_>>(),
        "clauses": cited(&basis),
    })
}

fn progress(said: &Progress) -> Value {
    let met = match said.met {
        Stated::Is(met) => json!(met),
        unstated => json!(unstated.to_string()),
    };
    let basis = said.basis.iter().cloned().collect();
    json!({
        "met": met,
        "share": said.share.map(|share| share.to_string()),
        "by": said.by.to_string(),
        "clauses": cited(&basis),
    })
}

fn cap(said: &Cap) -> Value {
    if said.silent {
        return json!({ "delta": "not stated", "cap": "not stated", "clauses": [] });
    }
    let steps = said.steps.iter().map(|step| (step.id.to_string(), json!(yuan(step.amount))));
    let cited = said.basis.iter().chain(said.steps.iter().map(|step| &step.basis));
    json!({
        "refused": refused(said.refusal.as_ref()),
        "steps": steps.collect::<Map<_, _>>(),
        "delta": said.delta.map(money),
        "cap": said.cap.map(money),
        "clauses": of(cited.flat_map(|basis| basis.iter())),
    })
}

fn claim(said: &Claim) -> Value {
    if said.silent {
        return json!({ "excluded": "not stated", "undecided": "not stated", "clauses": [] });
    }
    let cited = said.excluded.iter().chain(&said.undecided).flat_map(|cause| cause.basis.iter());
    json!({
        "refused": refused(said.refusal.as_ref()),
        "excluded": said.excluded.iter().map(|cause| cause.value.code()).collect::<Vec<_>>(),
        "undecided": said.undecided.iter().map(|cause| cause.value.code()).collect::<Vec<_>>(),
        "clauses": of(cited),
    })
}

fn entitlements(said: &Entitlements) -> Value {
    if said.silent {
        return json!({ "entitlements": "not stated", "undecided": "not stated", "clauses": [] });
    }
    let names =
        |all: &[Cited<std::sync::Arc<str>>]| all.iter().map(|one| one.value.to_string()).collect::<Vec<_>>();
    json!({
        "entitlements": names(&said.drawn),
        "undecided": names(&said.undecided),
        "clauses": of(said.drawn.iter().chain(&said.undecided).flat_map(|one| one.basis.iter())),
    })
}

fn channels(said: &Channels) -> Value {
    json!({
        "channels": said.open.iter().map(|channel| &*channel.value.name).collect::<Vec<_>>(),
        "clauses": of(said.open.iter().flat_map(|channel| channel.basis.iter())),
    })
}

fn enjoyed(tier: &Tier) -> String {
    tier.enjoyed.to_string()
}

fn tiers(tier: Option<&Cited<Tier>>) -> Vec<&str> {
    tier.iter().flat_map(|tier| &tier.value.choice).map(|tier| &**tier).collect()
}

fn wait_line(line: &WaitLine) -> Value {
    json!([line.part.code(), line.months, line.day.to_string()])
}

fn repair_price(repair: &Repair) -> Option<String> {
    (repair.useful_years > 0).then(|| money(repair.useful_price))
}

fn duty(duty: &Duty) -> Value {
    json!([&*duty.who, duty.step.code(), duty.by])
}

fn product(product: &Product) -> Value {
    json!([&*product.name, money(product.amount)])
}

fn way(way: &Way) -> Value {
    let papers: Vec<Vec<&str>> =
        way.papers.iter().map(|papers| papers.iter().map(|paper| &**paper).collect()).collect();
    json!({ "at": &*way.at, "papers": papers })
}

fn of<'c>(citations: impl Iterator<Item = &'c Citation>) -> Vec<String> {
    let citations: Citations = citations.cloned().collect();
    cited(&citations).into_iter().map(str::to_owned).collect()
}

fn refused(refusal: Option<&Refusal>) -> Value {
    match refusal {
        None => Value::Null,
        Some(Refusal { fact: Some(fact), row, .. }) => json!(format!("{row} needs {}", fact.key())),
        Some(refusal) => json!(refusal.reason.code()),
    }
}

fn cited(citations: &Citations) -> Vec<&str> {
    citations.as_slice().iter().map(|citation| citation.clause.as_str()).collect()
}
