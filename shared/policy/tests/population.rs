//! Many people at once: whoever is counted together is answered alike, and nothing is lost on the way to the sums.
#![allow(clippy::unwrap_used)]

mod asked;
mod generated;

use std::collections::HashSet;
use std::sync::Arc;

use canbao_policy::population::{Answer, Both, Population, Sum, compare, each, touched};
use canbao_policy::{Change, Entry, Facts, Notice, Stated, Verdict};
use canbao_types::{Bearer, Date, Money, add_days};
use generated::{World, Written, facts, invented, worlds};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

/// People from whom the others of a crowd are made.
const FOUNDERS: usize = 10;
/// Descendants of each, who differ from a founder in a few facts.
const DESCENDANTS: usize = 300;

/// Numbers that follow from one another (SplitMix64).
struct Chances(u64);

impl Chances {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

/// A crowd in which many are nearly alike: each differs from a founder in some facts, of which days are moved a little.
fn crowd(worlds: [&World; 2], seed: u64) -> Vec<Facts> {
    let mut runner = TestRunner::deterministic();
    let mut chances = Chances(seed);
    let strategies = worlds.map(World::all);
    let mut founder = |chances: &mut Chances| -> Written {
        let mut written = strategies[chances.below(2)].new_tree(&mut runner).unwrap().current();
        // Most people ask what they would pay in the notice's own year, and nothing was opened for them.
        for (name, of) in [("paid", 2), ("opened", 8), ("confirmed", 3), ("cover_year", 2)] {
            if chances.below(of) > 0 {
                written.remove(name);
            }
        }
        // Nothing that every notice refuses outright, most of the time.
        if chances.below(4) > 0 {
            written.insert("employee_scheme".into(), json!("never"));
            written.insert("enrolled_elsewhere".into(), json!(false));
        }
        written
    };
    let founders: Vec<Written> = (0..FOUNDERS).map(|_| founder(&mut chances)).collect();
    let names: Vec<String> = founders.iter().flat_map(|founder| founder.keys().cloned()).collect();
    let mut crowd = Vec::new();
    for one in &founders {
        for _ in 0..DESCENDANTS {
            let mut written = one.clone();
            for _ in 0..chances.below(3) {
                let name = &names[chances.below(names.len())];
                match founders[chances.below(FOUNDERS)].get(name).filter(|_| chances.below(8) > 0) {
                    Some(value) => written.insert(name.clone(), value.clone()),
                    None => written.remove(name),
                };
            }
            crowd.push(moved(facts(&written), &mut chances));
        }
    }
    crowd
}

/// The same person with some days moved a little, or by years.
fn moved(mut facts: Facts, chances: &mut Chances) -> Facts {
    let mut move_day = |day: &mut Option<Date>| {
        let step = match chances.below(12) {
            0 => i64::try_from(chances.below(200)).unwrap() - 100,
            1 => -365 * i64::try_from(chances.below(40)).unwrap(),
            _ => 0,
        };
        *day = day.map(|day| add_days(day, step).unwrap());
    };
    move_day(&mut facts.birth);
    move_day(&mut facts.paid);
    move_day(&mut facts.employee_until);
    move_day(&mut facts.recognised);
    for held in facts.identities.iter_mut().flatten() {
        move_day(&mut held.recognised);
        move_day(&mut held.certificate);
    }
    for event in facts.events.iter_mut().flatten() {
        let mut day = Some(event.date);
        move_day(&mut day);
        event.date = day.unwrap();
    }
    facts
}

fn population(crowd: &[Facts]) -> Population {
    let mut population = Population::new();
    crowd.iter().for_each(|facts| population.push(facts.clone()));
    population
}

#[test]
fn whoever_is_counted_together_is_answered_alike_by_every_pair_of_notices() {
    let worlds = worlds();
    let invented = invented();
    assert!(invented.len() > 2, "the notices of invented cities were not found");
    let pairs = worlds.iter().flat_map(|first| worlds.iter().map(move |second| (first, second)));
    let pairs = pairs.chain(invented.iter().map(|invented| (invented, invented)));
    for (seed, (first, second)) in pairs.enumerate() {
        let crowd = crowd([first, second], seed as u64);
        let population = population(&crowd);
        let counted = each(&population, &first.notice, &second.notice);
        for (at, (facts, counted)) in crowd.iter().zip(&counted).enumerate() {
            assert_eq!(population.get(at).unwrap(), *facts, "coding loses nothing");
            let told = || format!("{} against {}: {facts:?}", first.name, second.name);
            assert_eq!(counted.a, Answer::of(&first.notice, facts), "{}", told());
            assert_eq!(counted.b, Answer::of(&second.notice, facts), "{}", told());
        }
        let groups = compare(&population, &first.notice, &second.notice).groups;
        println!("{} {}: {groups} groups of {}", first.name, second.name, crowd.len());
        assert!(
            groups * 10 < crowd.len() * 9,
            "{groups} groups of {}: nobody is counted together",
            crowd.len()
        );
    }
}

#[test]
fn a_comparison_is_the_sum_of_what_every_single_person_is_told() {
    let worlds = worlds();
    for (first, second) in worlds.iter().zip(worlds.iter().skip(1).chain(&worlds[..1])) {
        let crowd = crowd([first, second], 7_000);
        let compared = compare(&population(&crowd), &first.notice, &second.notice);
        for (notice, heads) in [(&first.notice, compared.total.a), (&second.notice, compared.total.b)] {
            let told = crowd.iter().map(|facts| {
                let facts = Facts { cover_year: facts.cover_year.or(Some(notice.year())), ..facts.clone() };
                let said = notice.pay(&facts);
                let due = said.due.and_then(Stated::is).filter(|_| said.refusal.is_none());
                due.map(|due| {
                    let aided = said.aid.iter().filter_map(|line| line.amount.is());
                    let parts = said.parts.iter().filter(|line| line.bearer != Bearer::Person);
                    let others: i64 =
                        aided.chain(parts.filter_map(|line| line.amount.is())).map(Money::fen).sum();
                    (i128::from(due.fen()), i128::from(others))
                })
            });
            let told: Vec<(i128, i128)> = told.flatten().collect();
            assert_eq!(heads.people, crowd.len() as u64);
            assert_eq!(heads.payable, told.len() as u64, "{}", notice.title());
            assert_eq!(heads.own.fen(), told.iter().map(|(own, _)| own).sum::<i128>(), "{}", notice.title());
            assert_eq!(heads.aid.fen(), told.iter().map(|(_, aid)| aid).sum::<i128>(), "{}", notice.title());
        }
        let of = &compared.shift;
        let counted = of.less + of.more + of.same + of.only_first + of.only_second + of.neither;
        assert_eq!(counted, crowd.len() as u64, "nobody is dropped");
        let change = compared.differences.iter().map(|(more, people)| Sum::of(*more, *people)).sum::<Sum>();
        assert_eq!(change, of.added.less(of.saved));
        let others =
            |of: fn(&Both<u64>) -> u64| compared.others.iter().map(|(_, people)| of(people)).sum::<u64>();
        assert_eq!(compared.total.a.payable + others(|people| people.a), crowd.len() as u64);
        assert_eq!(compared.total.b.payable + others(|people| people.b), crowd.len() as u64);
        let paid = compared.payers.iter().map(|(_, paid)| paid.a.amount).sum::<Sum>();
        let all = [compared.total.a.own, compared.total.a.aid, compared.total.a.government].into_iter().sum();
        assert_eq!(paid, all, "what the payers pay is what is paid");
    }
}

#[test]
fn a_change_touches_those_for_whom_the_entry_holds_before_or_after() {
    let worlds = worlds();
    for [first, second] in [[0, 1], [1, 2], [2, 3], [3, 0]] {
        let notices = [&worlds[first].notice, &worlds[second].notice];
        let crowd = crowd([&worlds[first], &worlds[second]], 3_000);
        let changes = notices[0].changes_to(notices[1]);
        let touched = touched(&population(&crowd), notices[0], notices[1], &changes);
        let rows: Vec<[HashSet<Arc<str>>; 2]> =
            crowd.iter().map(|facts| notices.map(|notice| holding(notice, facts))).collect();
        let touches = |change: &Change, [before, after]: &[HashSet<Arc<str>>; 2]| {
            let holds = |entry: &Option<Entry>, rows: &HashSet<Arc<str>>| {
                entry.as_ref().is_some_and(|entry| rows.contains(&*entry.label))
            };
            holds(&change.before, before) || holds(&change.after, after)
        };
        let mut counted = 0;
        for (change, people) in changes.iter().zip(&touched.changes) {
            let holds = rows.iter().filter(|rows| touches(change, rows)).count() as u64;
            let table = change.table.as_str();
            if ["payer", "wait", "group", "base", "aid_rule", "settled", "repair"].contains(&table) {
                continue;
            }
            assert_eq!(people.unwrap_or(0), holds, "{change}");
            counted += usize::from(people.is_some_and(|people| people > 0));
        }
        assert!(counted > 10, "{counted}");
        assert_eq!(touched.all, crowd.len() as u64);
    }
}

/// The rows that hold for somebody who pays, or asks what to pay.
fn holding(notice: &Notice, facts: &Facts) -> HashSet<Arc<str>> {
    let facts = Facts { cover_year: facts.cover_year.or(Some(notice.year())), ..facts.clone() };
    let tried = notice.explain_payment(&facts).1.0.into_iter();
    tried.filter(|tried| tried.verdict == Verdict::Holds).map(|tried| tried.row).collect()
}

/// Somebody in time, somebody late, and one of each of two identities in time.
fn four() -> Vec<Facts> {
    let person = |paid: &str, identity: &str| {
        let held = json!({"name": identity, "recognised": "2025-10-01", "confirmed": true, "grade": 1});
        let identities = if identity.is_empty() { json!([]) } else { json!([held]) };
        let facts = json!({
            "birth": "1980-01-01", "hukou": "141181", "permit": "none", "employee_scheme": "never", "student": "none",
            "enrolled_elsewhere": false, "identities": identities, "last_covered": 2025, "events": [],
            "done": ["registration", "assessment"], "funds": "own", "kinship": "self", "paid": paid,
        });
        serde_json::from_value(facts).unwrap()
    };
    vec![
        person("2025-11-03", ""),
        person("2026-03-02", ""),
        person("2025-11-03", "低保对象"),
        person("2025-11-03", "优抚对象"),
    ]
}

/// Whom one change of the text of a notice touches, of the four.
fn touches(from: &str, to: &str) -> Option<u64> {
    let text = asked::text("notices/141181-2026.toml");
    assert!(text.contains(from), "{from}");
    let read = |text: &str| Notice::parse("test", text).unwrap();
    let (before, after) = (read(&text), read(&text.replacen(from, to, 1)));
    let changes = before.changes_to(&after);
    let touched = touched(&population(&four()), &before, &after, &changes);
    let [people] = touched.changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((touched.any, touched.all), (people.unwrap_or(0), 4));
    *people
}

#[test]
fn what_is_no_row_of_its_own_touches_those_for_whom_a_row_builds_on_it() {
    assert_eq!(touches("fixed_months = 3", "fixed_months = 4"), Some(1), "who is late waits");
    assert_eq!(
        touches("\"监测对象\", \"返贫致贫人口\"]\nclause", "\"监测对象\"]\nclause"),
        Some(1),
        "the group"
    );
    assert_eq!(touches("take = \"highest\"", "take = \"all\""), Some(2), "who has aid");
    let payer = "name = \"医疗救助资金\"\nclause = [\"XY26-17\"";
    assert_eq!(touches(payer, &payer.replace("-17", "-18")), Some(1), "for whom it pays");
    assert_eq!(
        touches("from = \"success\"\nworking_days = 5", "from = \"success\"\nworking_days = 6"),
        None,
        "no matter of paying"
    );
}

#[test]
fn a_person_takes_at_most_sixty_four_bytes_beside_what_people_share() {
    const { assert!(Population::BYTES_A_PERSON <= 64) };
}
