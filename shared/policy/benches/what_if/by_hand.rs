//! The change of 孝义 2026 that the bench asks about, as somebody would write it who needs no other: a loop over residents that
//! knows the two amounts of aid, and counts what the comparison counts.

use std::collections::BTreeMap;

use canbao_policy::population::{Comparison, Payer};
use canbao_policy::{EmployeeScheme, Facts, HeldIdentity, Place};
use canbao_types::{Date, Datelike, Division};

/// The identities, in the notice's order.
pub const NAMES: [&str; 8] = [
    "特困人员",
    "低保对象",
    "监测对象",
    "返贫致贫人口",
    "残疾人员",
    "市属改制企业职工",
    "优抚对象",
    "脱贫人口",
];
/// The payers.
const PAYERS: [&str; 3] = ["医疗救助资金", "财政(残联申请)", "财政(原渠道)"];
/// What each identity is aided with before and after the change, in fen, and by whom; the greatest counts, the first of equals.
const AID: [(usize, i64, i64, usize); 6] = [
    (0, 40_000, 40_000, 0),
    (4, 40_000, 40_000, 1),
    (5, 40_000, 40_000, 2),
    (3, 36_000, 36_000, 0),
    (1, 32_000, 32_000, 0),
    (2, 28_000, 32_000, 0),
];
const STANDARD: i64 = 40_000;
const SUBSIDY: i64 = 70_000;
const REASONS: [&str; 3] = ["in-employee-scheme", "enrolled-elsewhere", "change-region-first"];

/// An identity of a resident.
#[derive(Clone, Copy)]
struct Held {
    name: u8,
    confirmed: bool,
    kind_fits: bool,
    certificate: Option<Date>,
    rated: Option<Date>,
}

/// What the two notices turn on, of one resident.
#[derive(Clone, Copy)]
pub struct Resident {
    birth: Date,
    scheme: EmployeeScheme,
    elsewhere: bool,
    record: Division,
    held: [Option<Held>; 2],
}

impl Resident {
    pub fn of(facts: &Facts) -> Self {
        let held = |held: &HeldIdentity| Held {
            name: NAMES.iter().position(|name| *name == held.name).unwrap() as u8,
            confirmed: held.confirmed == Some(true),
            kind_fits: matches!(held.kind.as_deref(), Some("改制企业职工" | "未改制企业退休职工")),
            certificate: held.certificate,
            rated: held.rated,
        };
        let identities = facts.identities.as_ref().unwrap();
        let Some(Place::At(record)) = facts.record else { panic!("a record lies somewhere") };
        Self {
            birth: facts.birth.unwrap(),
            scheme: facts.employee_scheme.unwrap(),
            elsewhere: facts.enrolled_elsewhere.unwrap(),
            record,
            held: [0, 1].map(|at| identities.get(at).map(held)),
        }
    }

    fn refused(&self, here: Division) -> Option<usize> {
        match self.scheme {
            EmployeeScheme::InScope | EmployeeScheme::Enrolled => Some(0),
            _ if self.elsewhere => Some(1),
            _ => (self.record != here).then_some(2),
        }
    }

    /// The identities that count, a bit for each.
    fn counting(&self, dates: &Dates) -> u32 {
        self.held.iter().flatten().fold(0, |bits, held| {
            let counts = match held.name {
                0..=3 => held.confirmed,
                4 => held.certificate.is_some_and(|issued| {
                    let rated = held.rated.is_some_and(|rated| rated <= dates.rated);
                    issued <= dates.any || issued <= dates.late && rated
                }),
                5 => held.kind_fits,
                _ => true,
            };
            bits | u32::from(counts) << held.name
        })
    }
}

struct Dates {
    any: Date,
    late: Date,
    rated: Date,
}

/// Heads and money of one notice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Side {
    people: i64,
    payable: i64,
    own: i64,
    aid: i64,
    government: i64,
}

impl Side {
    fn add(&mut self, owed: Option<(i64, i64)>) {
        self.people += 1;
        if let Some((own, aid)) = owed {
            self.payable += 1;
            self.own += own;
            self.aid += aid;
            self.government += SUBSIDY;
        }
    }
}

/// What is counted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counted {
    total: [Side; 2],
    /// By identity; the last for those with none.
    identities: [[Side; 2]; 9],
    payers: [[(i64, i64); 2]; 3],
    refused: [i64; 3],
    less: (i64, i64),
    more: (i64, i64),
    same: i64,
    neither: i64,
    differences: BTreeMap<i64, i64>,
}

/// Counts residents.
pub fn compare(residents: &[Resident]) -> Counted {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let dates = Dates { any: day("2024-12-31"), late: day("2025-11-30"), rated: day("2025-10-31") };
    let here = Division::from_code(141_181).unwrap();
    let mut counted = Counted::default();
    for resident in residents {
        let counting = resident.counting(&dates);
        let refused = resident.refused(here);
        let newborn = resident.birth.year() == 2026;
        let owed = [0, 1].map(|side| {
            let whole = if newborn { 0 } else { STANDARD };
            let mut best = (0, None);
            if !newborn {
                for (name, before, after, payer) in AID {
                    let amount = if side == 0 { before } else { after };
                    if counting >> name & 1 == 1 && amount > best.0 {
                        best = (amount, Some(payer));
                    }
                }
            }
            (refused.is_none()).then_some((whole - best.0, best))
        });
        for (side, owed) in owed.into_iter().enumerate() {
            let sums = owed.map(|(own, (aid, _))| (own, aid));
            counted.total[side].add(sums);
            if counting == 0 {
                counted.identities[8][side].add(sums);
            }
            for (name, sides) in counted.identities.iter_mut().enumerate().take(8) {
                if counting >> name & 1 == 1 {
                    sides[side].add(sums);
                }
            }
            if let Some((_, (aid, Some(payer)))) = owed {
                counted.payers[payer][side].0 += 1;
                counted.payers[payer][side].1 += aid;
            }
        }
        match owed {
            [Some((before, _)), Some((after, _))] if after < before => {
                counted.less.0 += 1;
                counted.less.1 += before - after;
                *counted.differences.entry(after - before).or_default() += 1;
            }
            [Some((before, _)), Some((after, _))] if after > before => {
                counted.more.0 += 1;
                counted.more.1 += after - before;
                *counted.differences.entry(after - before).or_default() += 1;
            }
            [Some(_), Some(_)] => counted.same += 1,
            _ => counted.neither += 1,
        }
        if let Some(reason) = refused {
            counted.refused[reason] += 1;
        }
    }
    counted
}

/// What a comparison counted, in the same shape.
pub fn of(comparison: &Comparison) -> Counted {
    let number = |people: u64| i64::try_from(people).unwrap();
    let fen = |sum: canbao_policy::population::Sum| i64::try_from(sum.fen()).unwrap();
    let side = |heads: &canbao_policy::population::Heads| Side {
        people: number(heads.people),
        payable: number(heads.payable),
        own: fen(heads.own),
        aid: fen(heads.aid),
        government: fen(heads.government),
    };
    let total = [side(&comparison.total.a), side(&comparison.total.b)];
    let mut counted = Counted { total, ..Counted::default() };
    for (name, heads) in &comparison.identities {
        let at = name.as_ref().map_or(8, |name| NAMES.iter().position(|known| **known == **name).unwrap());
        counted.identities[at] = [side(&heads.a), side(&heads.b)];
    }
    for (payer, paid) in &comparison.payers {
        if let Payer::Named(name) = payer {
            let at = PAYERS.iter().position(|known| **known == **name).unwrap();
            counted.payers[at] = [&paid.a, &paid.b].map(|paid| (number(paid.people), fen(paid.amount)));
        }
    }
    for (outcome, people) in &comparison.others {
        let canbao_policy::population::Outcome::Refused(reason) = outcome else { panic!("{outcome:?}") };
        counted.refused[REASONS.iter().position(|known| *known == reason.code()).unwrap()] = number(people.a);
    }
    let shift = &comparison.shift;
    counted.less = (number(shift.less), fen(shift.saved));
    counted.more = (number(shift.more), fen(shift.added));
    (counted.same, counted.neither) = (number(shift.same), number(shift.neither));
    counted.differences =
        comparison.differences.iter().map(|(more, people)| (more.fen(), number(*people))).collect();
    counted
}
