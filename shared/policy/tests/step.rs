//! The step test: a notice changed by one amount, date, number, row or word must fail a worked case.
#![allow(clippy::unwrap_used)]

mod asked;
mod changes;

use std::thread;

use asked::{Cases, Said, Step};
use canbao_policy::Notice;
use changes::Change;
use toml::{Table, Value};

/// A question with what the notice as it is answers, which is right.
struct Right<'c> {
    step: &'c Step,
    said: Said,
}

#[test]
fn every_change_of_a_notice_by_one_step_fails_a_worked_case() {
    for name in asked::names() {
        try_every_change(&name);
    }
}

fn try_every_change(name: &str) {
    let cases = Cases::read(name);
    let file: Table = asked::text(&format!("notices/{name}.toml")).parse().unwrap();
    let mut without = file.clone();
    without_readings(&mut without);
    let notice = asked::notice(name);
    let asked = cases.steps.iter().filter(|step| step.reading.is_none());
    let right: Vec<Right<'_>> = asked.map(|step| Right { step, said: step.ask(&notice) }).collect();
    let changes = changes::changes(&without);
    let half = changes.len().div_ceil(2);
    let mut survivors: Vec<String> = thread::scope(|scope| {
        let survives = |change: &&Change| {
            let text = toml::to_string(&change.of(&without)).unwrap();
            Notice::parse("changed", &text).is_ok_and(|changed| passes(&changed, &right, &cases))
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
    let excused = |what: &&String| !cases.without_meaning.iter().any(|(means, _)| is_meant(means, what));
    let meant: Vec<&str> = survivors.iter().filter(excused).map(String::as_str).collect();
    assert!(
        meant.is_empty(),
        "{name}: {} of {tried} changes fail no case:\n{}",
        meant.len(),
        meant.join("\n")
    );
    for (means, why) in &cases.without_meaning {
        let excuses = survivors.iter().any(|what| is_meant(means, what));
        assert!(excuses, "{name}: {means:?} ({why}) excuses nothing");
    }
}

fn is_meant(means: &str, what: &str) -> bool {
    let (begin, rest) = means.split_once('*').unwrap_or((means, ""));
    what.strip_prefix(begin).is_some_and(|left| left.contains(rest))
}

/// Whether the changed notice still answers every case as expected.
fn passes(changed: &Notice, right: &[Right<'_>], cases: &Cases) -> bool {
    let still = |Right { step, said }: &Right<'_>| {
        let now = step.ask(changed);
        now == *said || step.differences(&step.written(&now)).is_empty()
    };
    right.iter().all(still) && asked::fits(&asked::declared(changed, cases), &cases.declares)
}

/// Other readings are notices of their own, and compiling them takes time.
fn without_readings(file: &mut Table) {
    let points = file.get_mut("open").and_then(Value::as_array_mut).unwrap();
    for point in points.iter_mut().filter_map(Value::as_table_mut) {
        point.remove("other");
    }
}
