//! The worked cases of a notice, asked of it and written as the cases write answers.

use canbao_policy::{
    AidLine, Delay, Facts, Notice, Notices, Payment, PricePart, Progress, Refund, RefundCause, Refusal,
    Registration, Stated,
};
use canbao_types::{Bearer, Citations, Money};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const CASES: &str = include_str!("../../cases/141181-2026.json");

/// The worked cases and what the notice declares of itself.
pub struct Cases {
    pub steps: Vec<Step>,
    /// What [`declared`] says.
    pub declares: Value,
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
    pub expected: Map<String, Value>,
    /// The clauses its case was worked from.
    #[allow(dead_code, reason = "not every test that asks the cases looks at what an answer cites")]
    pub clauses: Vec<String>,
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
    Registration(Registration),
    Refund(Refund),
    Delay(Delay),
    Subsidy(String),
    Target(Option<Progress>),
}

impl Cases {
    /// Reads the file.
    pub fn read() -> Self {
        let file: Value = serde_json::from_str(CASES).unwrap();
        let usual = file["usual"].as_object().unwrap();
        let cases = file["cases"].as_array().unwrap().iter();
        let steps = cases.flat_map(|case| {
            let steps = case["steps"].as_array().unwrap().iter().enumerate();
            steps.map(|(number, step)| Step::read(case, number, step, usual))
        });
        Self { steps: steps.collect(), declares: file["declares"].clone() }
    }
}

impl Step {
    fn read(case: &Value, number: usize, step: &Value, usual: &Map<String, Value>) -> Self {
        let question = step["question"].as_str().unwrap();
        let mut facts = match question {
            "pay" | "register" | "subsidy" => usual.clone(),
            _ => Map::new(),
        };
        let own = &step["facts"];
        let target = (question == "target").then(|| serde_json::from_value(own.clone()).unwrap());
        if target.is_none() {
            // A fact that is null is one of the usual facts that is not given.
            facts.extend(own.as_object().unwrap().clone());
        }
        let reading = step.get("reading").map(|reading| {
            let number = usize::try_from(reading[1].as_u64().unwrap()).unwrap();
            (reading[0].as_str().unwrap().to_owned(), number)
        });
        let clauses = case["clauses"].as_array().unwrap().iter();
        Self {
            case: case["id"].as_str().unwrap().to_owned(),
            number,
            reading,
            question: question.to_owned(),
            facts: self::facts(&Value::Object(facts)),
            target,
            expected: step["expected"].as_object().unwrap().clone(),
            clauses: clauses.map(|clause| clause.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// What the notice answers.
    pub fn ask(&self, notice: &Notice) -> Said {
        match self.question.as_str() {
            "pay" => Said::Payment(Box::new(notice.pay(&self.facts))),
            "register" => Said::Registration(notice.register(&self.facts)),
            "refund" => Said::Refund(notice.refund(&self.facts)),
            "delay" => Said::Delay(notice.delay(&self.facts)),
            "subsidy" => Said::Subsidy(match notice.government_subsidy(&self.facts) {
                Ok(subsidy) => money(subsidy.value),
                Err(refusal) => refused(Some(&refusal)).to_string(),
            }),
            "target" => {
                let Asked { name, count, of } = self.target.as_ref().unwrap();
                Said::Target(notice.target(name, *count, *of))
            }
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
            Said::Subsidy(said) => json!({ "government_subsidy": said, "clauses": [] }),
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

/// The notice compiled in.
pub fn builtin() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap().clone()
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
pub fn declared(notice: &Notice) -> Value {
    let channels = notice.channels().iter().map(|channel| json!([channel.kind.code(), &*channel.name]));
    let targets = notice.targets().iter().map(|target| {
        json!([&*target.name, &*target.count, &*target.of, target.at_least_per_10_000, target.by.to_string()])
    });
    let identities = notice.identities().iter().map(|identity| {
        let submitters: Vec<&str> = identity.submitters.iter().map(|submitter| submitter.code()).collect();
        let groups: Vec<&str> = identity.groups.iter().map(|group| &**group).collect();
        json!([&*identity.name, &*identity.by, submitters, identity.needs_confirmation, groups])
    });
    // Somebody who was recognised in the window and left school before the year.
    let back = facts(&json!({
        "student": "college", "left": "2025-12-31", "paid": "2025-11-10", "paid_amount": "400", "price_paid": "100",
        "years_paid": [2026], "identities": [{ "name": "低保对象", "confirmed": true, "recognised": "2025-12-20" }],
    }));
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
        "announced": notice.announced().iter().map(|(about, _)| &**about).collect::<Vec<_>>(),
    })
}

fn facts(written: &Value) -> Facts {
    serde_json::from_value(written.clone()).unwrap()
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
        "window": said.window.as_ref().map(|window| &*window.name),
        "late": said.late(),
        "days": said.window.as_ref().and_then(|window| window.days),
        "counts": said.identities.iter().map(|held| held.counts).collect::<Vec<_>>(),
        "due": said.due.map(money),
        "aid": said.aid.as_ref().map(aid),
        "aid_lost": said.aid_lost.iter().map(aid).collect::<Vec<_>>(),
        "lines": said.parts.iter().map(line).collect::<Vec<_>>(),
        "option": said.option.as_ref().map(|option| &*option.value),
        "locked": said.prepaid.as_ref().map(|locked| locked.value),
        "start": said.start(),
        "end": said.end(),
        "cut_by": benefit.and_then(|benefit| benefit.cut_by.as_ref()).map(|row| &*row.value),
        "row": benefit.map(|benefit| benefit.row.trim_start_matches("benefit ")),
        "wait": said.wait_months(),
        "at_least": benefit.and_then(|benefit| benefit.wait.as_ref()).map(|wait| wait.at_least),
        "missed": benefit.and_then(|benefit| benefit.wait.as_ref()).and_then(|wait| wait.missed_years),
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
        "route": said.route.as_ref().map(|route| &*route.value),
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
        "payer": said.bearer.as_ref().and_then(|bearer| bearer.as_ref().is()).map(|payer| &**payer),
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

fn aid(aid: &AidLine) -> Value {
    let id = aid.row.trim_start_matches("aid ");
    let payer = aid.payer.as_ref().is().map(|payer| &**payer);
    json!({ "id": id, "amount": money(aid.amount), "payer": payer, "declared": aid.declared })
}

fn line(line: &PricePart) -> Value {
    let bearer = match &line.bearer {
        Bearer::Person => "person",
        Bearer::Payer(payer) => payer,
    };
    json!([line.part.code(), money(line.amount), bearer])
}

fn refused(refusal: Option<&Refusal>) -> Value {
    match refusal {
        None => Value::Null,
        Some(Refusal { fact: Some(fact), row, .. }) => json!(format!("{row} needs {fact}")),
        Some(refusal) => json!(refusal.reason.code()),
    }
}

fn cited(citations: &Citations) -> Vec<&str> {
    citations.as_slice().iter().map(|citation| citation.clause.as_str()).collect()
}

fn money(amount: Stated<Money>) -> String {
    match amount {
        Stated::Is(amount) => yuan(amount),
        unstated => unstated.to_string(),
    }
}

/// As the cases write it: without fen when there are none.
fn yuan(amount: Money) -> String {
    amount.to_string().trim_end_matches(".00").to_owned()
}
