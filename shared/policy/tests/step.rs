//! The step test: a notice changed by one amount, date, number, row or word must fail a worked case.
#![allow(clippy::unwrap_used)]

mod asked;
mod changes;

use std::thread;

use asked::{Cases, Said, Step};
use canbao_policy::Notice;
use changes::Change;
use serde_json::Value as Json;
use toml::{Table, Value};

/// The notice the cases are about.
const NOTICE: &str = include_str!("../notices/141181-2026.toml");

/// Changes that mean nothing, as far as the star leaves open, and why.
const WITHOUT_MEANING: [(&str, &str); 31] = [
    ("aid *.leaves", "rate and amount say it as well"),
    ("aid *.rate is left out", "amount and rest say it as well"),
    ("aid *.amount is left out", "the rate says it as well"),
    ("benefit newborn-next-year is earlier", "another window"),
    ("benefit newborn-next-year.when.birth.to*", "who is born in the year itself is in the window of birth"),
    ("benefit exit is earlier", "another window"),
    ("benefit dynamic is earlier", "another window"),
    ("benefit wait is earlier", "who is newly of the group never waits"),
    ("benefit wait.start.not_before", "the first day of payment and the wait end within the year"),
    ("benefit in-window is earlier", "nobody is late and not late"),
    ("benefit in-window.when", "the rows above take whoever is late"),
    ("benefit in-window.start.from holds \"birth\"", "nobody pays before birth"),
    ("benefit_end employee-scheme.when", "cover that begins after the year ends nothing in it"),
    ("delay treasury-record*is earlier", "another channel or another query"),
    ("document *.rank", "only the order of ranks counts"),
    ("identity 残疾人员.counts[1].certificate.from", "an earlier certificate counts by the first way"),
    ("price newborn.for *→ \"birth-year\"", "its window is of the year of birth"),
    ("price missed-hardship is earlier", "another window"),
    ("price dynamic-government is earlier", "another window"),
    ("refund student-left is earlier", "another ground"),
    ("route virtual-account.when.identity holds", "the row above takes whoever is of the group"),
    ("wait.ordinary.free_missed_years", "no month is counted for a missed year"),
    ("window 退出其他保障.from.from holds \"birth\"", "nobody leaves a scheme before birth"),
    ("window 退出其他保障.from.from holds \"cover-start\"", "the common window ends after it"),
    ("window 新增困难群体.from.from[0]", "only who is recognised after the common window is new"),
    ("window 新增困难群体.from.from holds \"birth\"", "nobody is recognised before birth"),
    (
        "window 新增困难群体.from.from holds \"cover-start\"",
        "only who is recognised after the common window is new",
    ),
    ("window *.to \"cover-end\" → \"新", "those windows end on that day"),
    ("words.ground[2]", "a word that no condition uses fits none, declared or not"),
    ("words.kind[2]", "a word that no condition uses fits none, declared or not"),
    ("A-* holds \"birth\"", "nobody pays before birth"),
];

/// A question with what the notice as it is answers, which is right.
struct Right<'c> {
    step: &'c Step,
    said: Said,
}

#[test]
fn every_change_of_the_notice_by_one_step_fails_a_worked_case() {
    let cases = Cases::read();
    let file: Table = NOTICE.parse().unwrap();
    let mut without = file.clone();
    without_readings(&mut without);
    let notice = asked::builtin();
    let asked = cases.steps.iter().filter(|step| step.reading.is_none());
    let right: Vec<Right<'_>> = asked.map(|step| Right { step, said: step.ask(&notice) }).collect();
    let changes = changes::changes(&without);
    let half = changes.len().div_ceil(2);
    let mut survivors: Vec<String> = thread::scope(|scope| {
        let survives = |change: &&Change| {
            let text = toml::to_string(&change.of(&without)).unwrap();
            Notice::parse("changed", &text).is_ok_and(|changed| passes(&changed, &right, &cases.declares))
        };
        let halves = changes.chunks(half).map(|half| {
            scope.spawn(move || {
                half.iter().filter(survives).map(|change| change.what.clone()).collect::<Vec<_>>()
            })
        });
        let halves: Vec<_> = halves.collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let readings = changes::changes_of_readings(&file);
    let tried = changes.len() + readings.len();
    survivors.extend(readings.iter().filter_map(|(point, number, change)| {
        let text = toml::to_string(&change.of(&file)).unwrap();
        let changed = Notice::parse("changed", &text).ok()?.reading(point, *number)?.ok()?;
        let reading = Some((point.clone(), *number));
        let mut asked = cases.steps.iter().filter(|step| step.reading == reading);
        asked
            .all(|step| step.differences(&step.written(&step.ask(&changed))).is_empty())
            .then(|| change.what.clone())
    }));
    let meant =
        survivors.iter().filter(|what| !WITHOUT_MEANING.iter().any(|(means, _)| is_meant(means, what)));
    let meant: Vec<&str> = meant.map(String::as_str).collect();
    assert!(meant.is_empty(), "{} of {tried} changes fail no case:\n{}", meant.len(), meant.join("\n"));
    for (means, why) in WITHOUT_MEANING {
        assert!(survivors.iter().any(|what| is_meant(means, what)), "{means:?} ({why}) excuses nothing");
    }
}

fn is_meant(means: &str, what: &str) -> bool {
    let (begin, rest) = means.split_once('*').unwrap_or((means, ""));
    what.strip_prefix(begin).is_some_and(|left| left.contains(rest))
}

/// Whether the changed notice still answers every case as expected.
fn passes(changed: &Notice, right: &[Right<'_>], declares: &Json) -> bool {
    let still = |Right { step, said }: &Right<'_>| {
        let now = step.ask(changed);
        now == *said || step.differences(&step.written(&now)).is_empty()
    };
    right.iter().all(still) && asked::fits(&asked::declared(changed), declares)
}

/// Other readings are notices of their own, and compiling them takes time.
fn without_readings(file: &mut Table) {
    let points = file.get_mut("open").and_then(Value::as_array_mut).unwrap();
    for point in points.iter_mut().filter_map(Value::as_table_mut) {
        point.remove("other");
    }
}
