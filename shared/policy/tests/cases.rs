//! Every worked case of every notice, asked and compared.
#![allow(clippy::unwrap_used)]

use canbao_policy::{Facts, Notice, Notices, Payment, Refusal, Stated};
use canbao_types::{Bearer, Citations, Money};
use serde_json::{Map, Value, json};

const XIAOYI: &str = include_str!("../cases/141181-2026.json");

#[test]
fn every_worked_case_of_xiaoyi_2026_is_answered_as_worked_out_by_hand() {
    let notices = Notices::builtin().unwrap();
    let file: Value = serde_json::from_str(XIAOYI).unwrap();
    let notice = notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for case in file["cases"].as_array().unwrap() {
        for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            let other = step.get("reading").map(|reading| {
                let point = reading[0].as_str().unwrap();
                let number = usize::try_from(reading[1].as_u64().unwrap()).unwrap();
                notice.reading(point, number).unwrap().unwrap()
            });
            let said = answer(other.as_ref().unwrap_or(notice), &file["usual"], step);
            for (key, expected) in step["expected"].as_object().unwrap() {
                asked += 1;
                if !said.get(key).is_some_and(|said| fits(said, expected)) {
                    let said = said.get(key).unwrap_or(&Value::Null);
                    wrong.push(format!("{} step {number}: {key} is {said}, not {expected}", case["id"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100, "only {asked} expectations were compared");
}

#[test]
fn a_ruling_cites_the_clauses_its_case_was_worked_from() {
    let notices = Notices::builtin().unwrap();
    let file: Value = serde_json::from_str(XIAOYI).unwrap();
    let notice = notices.find("141181".parse().unwrap(), 2026.try_into().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let steps = case["steps"].as_array().unwrap();
        let said: Vec<_> = steps.iter().map(|step| answer(notice, &file["usual"], step)).collect();
        let cited: Vec<&Value> = said.iter().flat_map(|said| said["clauses"].as_array().unwrap()).collect();
        let clauses = case["clauses"].as_array().unwrap().iter();
        wrong.extend(
            clauses.filter(|clause| !cited.contains(clause)).map(|clause| format!("{} {clause}", case["id"])),
        );
    }
    assert!(wrong.is_empty(), "not cited:\n{}", wrong.join("\n"));
}

/// An object may say more than is expected of it; everything else is equal.
fn fits(said: &Value, expected: &Value) -> bool {
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

fn answer(notice: &Notice, usual: &Value, step: &Value) -> Map<String, Value> {
    let question = step["question"].as_str().unwrap();
    let mut facts = match question {
        "pay" | "register" => usual.as_object().unwrap().clone(),
        _ => Map::new(),
    };
    facts.extend(step["facts"].as_object().unwrap().clone());
    let facts: Facts = serde_json::from_value(Value::Object(facts)).unwrap();
    let said = match question {
        "pay" => payment(&notice.pay(&facts)),
        "register" => {
            let said = notice.register(&facts);
            json!({ "refused": refused(said.refusal.as_ref()), "clauses": cited(&said.citations()) })
        }
        "refund" => {
            let said = notice.refund(&facts);
            let net = facts.paid_amount.zip(said.amount.and_then(Stated::is));
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
        "delay" => {
            let said = notice.delay(&facts);
            let basis = said.basis.iter().flat_map(|basis| basis.iter().cloned()).collect();
            let shows: Vec<&str> = said.shows.iter().map(|field| &**field).collect();
            json!({ "day": said.day.map(|day| day.to_string()), "shows": shows, "clauses": cited(&basis) })
        }
        other => panic!("no question {other}"),
    };
    said.as_object().unwrap().clone()
}

fn payment(said: &Payment) -> Value {
    let aid = |aid: &canbao_policy::AidLine| {
        let id = aid.row.trim_start_matches("aid ");
        json!({ "id": id, "amount": money(aid.amount), "payer": aid.payer.as_ref().is().map(|payer| &**payer) })
    };
    let bearer = |bearer: &Bearer| match bearer {
        Bearer::Person => "person".to_owned(),
        Bearer::Payer(payer) => payer.clone(),
    };
    let line =
        |line: &canbao_policy::PricePart| json!([line.part.code(), money(line.amount), bearer(&line.bearer)]);
    let over = said.over.iter().map(|past| (past.name.to_string(), json!(past.last_day)));
    json!({
        "refused": refused(said.refusal.as_ref()),
        "next_day": said.refusal.as_ref().and_then(|refusal| refusal.next_day),
        "due": said.due.map(money),
        "aid": said.aid.as_ref().map(aid),
        "aid_lost": said.aid_lost.iter().map(aid).collect::<Vec<_>>(),
        "lines": said.parts.iter().map(line).collect::<Vec<_>>(),
        "start": said.start(),
        "end": said.end(),
        "wait": said.wait_months(),
        "warns": said.warnings.iter().map(|warning| warning.reason.code()).collect::<Vec<_>>(),
        "over": over.collect::<Map<_, _>>(),
        "locked": said.prepaid.as_ref().map(|locked| locked.value),
        "clauses": cited(&said.citations()),
    })
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
