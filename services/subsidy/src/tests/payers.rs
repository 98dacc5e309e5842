//! Aid that several payers bear, by a notice changed for trial.

use super::*;
use crate::{
    reactions::{given_back, kept, of_aid},
    recognition::{Borne, Outcome, Settled, judge, owed},
};

/// 孝义 with the aid of 低保对象 split between the fund (7 of 8) and the city.
fn split() -> Notice {
    trial(|aid| {
        aid.replace(
        "payer = \"医疗救助资金\"",
        "shares = [{ payer = \"医疗救助资金\", rate = \"87.5%\" }, { payer = \"孝义市财政\", rate = \"12.5%\" }]",
    )
    })
}

/// 孝义 with the amount of the split aid left to a person.
fn split_and_open() -> Notice {
    trial(|aid| {
        let aid = aid.replace(
            "rate = \"80%\"\namount = \"320\"\nleaves = \"80\"",
            "amount = \"a person must decide\"",
        );
        aid.replace(
            "payer = \"医疗救助资金\"",
            "shares = [{ payer = \"医疗救助资金\", rate = \"87.5%\" }, { payer = \"孝义市财政\", rate = \"12.5%\" }]",
        )
    })
}

/// 孝义 with another row for 低保对象.
fn trial(change: impl Fn(&str) -> String) -> Notice {
    let text = include_str!("../../../../shared/policy/notices/141181-2026.toml");
    let (before, row) = text.split_once("id = \"minimum\"").unwrap();
    let (row, after) = row.split_once("[[aid]]").unwrap();
    let text = format!("{before}id = \"minimum\"{}[[aid]]{after}", change(row));
    Notice::parse("trial.toml", &text).unwrap()
}

fn lines(aid: &Aid) -> Vec<(String, String)> {
    let line = |line: &AidLine| (line.payer.to_string(), line.amount.to_string());
    aid.lines().iter().map(line).collect()
}

fn pairs(borne: &[Borne]) -> Vec<(&str, String)> {
    borne.iter().map(|borne| (borne.payer.as_str(), borne.amount.to_string())).collect()
}

fn minimum() -> [HeldIdentity; 1] {
    [held("低保对象", "2025-11-10")]
}

fn of(payer: &str, amount: &str) -> (String, String) {
    (payer.to_owned(), amount.to_owned())
}

#[test]
fn every_payer_bears_its_share_and_the_person_owes_the_rest() {
    let aid = determine(&with(&minimum()), None, &split());
    assert_eq!(amounts(&aid), ("320.00".to_owned(), "80.00".to_owned()));
    assert_eq!(aid.payer(), "医疗救助资金、孝义市财政");
    assert_eq!(lines(&aid), [of("医疗救助资金", "280.00"), of("孝义市财政", "40.00")]);
    let borne = of_aid(&aid.lines());
    assert_eq!(pairs(&borne), [("医疗救助资金", "280.00".to_owned()), ("孝义市财政", "40.00".to_owned())]);
}

#[test]
fn an_amount_that_a_person_decides_is_split_by_the_shares() {
    let notice = split_and_open();
    let open = determine(&with(&minimum()), None, &notice);
    assert!(open.is_to_be_decided() && lines(&open).is_empty());
    assert_eq!(open.payer(), "医疗救助资金、孝义市财政");
    let decided = Decided { amount: yuan("100.01"), on: day("2025-11-20") };
    let aid = determine(&with(&minimum()), Some(decided), &notice);
    // 87.5% of 100.01 is 87.50875; the last payer bears the fen that is left over.
    assert_eq!(lines(&aid), [of("医疗救助资金", "87.50"), of("孝义市财政", "12.51")]);
}

#[test]
fn payers_owe_together_what_tax_took() {
    let aid = determine(&with(&minimum()), None, &split());
    let named = of_aid(&aid.lines());
    let settled = Settled {
        paid: yuan("80.00"),
        aided: yuan("320.00"),
        government: Money::ZERO,
        repair: Money::ZERO,
        settled_on: day("2025-11-12"),
        number: 1,
        tier: String::new(),
    };
    assert_eq!(owed(&settled, named.clone(), None), named);
    // Tax that took less took it of each in proportion.
    let less = Settled { aided: yuan("100.01"), ..settled };
    let expected = [("医疗救助资金", "87.50".to_owned()), ("孝义市财政", "12.51".to_owned())];
    assert_eq!(pairs(&owed(&less, named, None)), expected);
}

#[test]
fn what_is_given_back_after_a_recognition_each_payer_bears_by_its_share() {
    let settled = Settled {
        paid: yuan("400.00"),
        aided: Money::ZERO,
        government: Money::ZERO,
        repair: Money::ZERO,
        settled_on: day("2025-11-03"),
        number: 1,
        tier: String::new(),
    };
    let facts = with(&[held("低保对象", "2026-01-10")]);
    let judged = judge(&settled, None, &facts, None, &split()).unwrap();
    let Outcome::GivenBack(amount, payer) = judged.outcome else { panic!("{:?}", judged.outcome) };
    assert_eq!((amount, payer.as_str()), (yuan("320.00"), "医疗救助资金、孝义市财政"));
    let owed = given_back(amount, payer, kept(Vec::new(), &judged.lines)).unwrap();
    assert_eq!(pairs(&owed), [("医疗救助资金", "280.00".to_owned()), ("孝义市财政", "40.00".to_owned())]);
}

#[test]
fn two_aids_of_one_payer_are_owed_as_one() {
    let aid = determine(&with(&minimum()), None, &split());
    let [fund, city] = aid.lines().try_into().unwrap();
    let again = AidLine { amount: Stated::Is(yuan("1.00")), row: "aid other".into(), ..fund.clone() };
    let borne = of_aid(&[fund, city, again]);
    assert_eq!(pairs(&borne), [("医疗救助资金", "281.00".to_owned()), ("孝义市财政", "40.00".to_owned())]);
}
