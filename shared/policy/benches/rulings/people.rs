//! People of a city, by a generator that makes the same ones each time.

use canbao_policy::{
    ChannelKind, EmployeeScheme, Event, Facts, Funds, HeldIdentity, Kinship, LastCovered, Place, Step,
    Student,
};
use canbao_types::{Date, add_days};

/// Numbers that follow from one another (SplitMix64), so that every run asks about the same people.
struct Chances(u64);

impl Chances {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.next().is_multiple_of(of)
    }

    fn below(&mut self, end: u64) -> i64 {
        i64::try_from(self.next() % end).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next()).unwrap() % all.len()]
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Residents of 孝义 with a payment for 2026: mostly renewing in the window, some late, some broken, some aided, newborns.
pub fn of_xiaoyi(people: usize) -> impl Iterator<Item = Facts> {
    let mut chances = Chances(2026);
    (0..people).map(move |_| one(&mut chances))
}

fn one(chances: &mut Chances) -> Facts {
    let division = "141181".parse().unwrap();
    let newborn = chances.one_in(50);
    let birth = if newborn {
        add_days(day("2026-01-01"), chances.below(200)).unwrap()
    } else {
        add_days(day("1940-01-01"), chances.below(31_000)).unwrap()
    };
    let paid = match (newborn, chances.one_in(12)) {
        (true, _) => add_days(birth, chances.below(120)).unwrap(),
        (false, true) => add_days(day("2026-02-26"), chances.below(200)).unwrap(),
        (false, false) => add_days(day("2025-10-21"), chances.below(128)).unwrap(),
    };
    let held = |name: &str, chances: &mut Chances| HeldIdentity {
        name: name.to_owned(),
        confirmed: Some(!chances.one_in(20)),
        recognised: Some(add_days(day("2024-01-01"), chances.below(900)).unwrap()),
        certificate: Some(add_days(day("2024-06-01"), chances.below(600)).unwrap()),
        rated: Some(add_days(day("2024-06-01"), chances.below(600)).unwrap()),
        kind: Some(chances.one_of(&["改制企业职工", "未改制企业在职职工"]).to_owned()),
        ..HeldIdentity::default()
    };
    let mut identities = Vec::new();
    while chances.one_in(6) && identities.len() < 2 {
        const NAMES: [&str; 7] =
            ["特困人员", "低保对象", "监测对象", "返贫致贫人口", "残疾人员", "市属改制企业职工", "脱贫人口"];
        let name = chances.one_of(&NAMES);
        identities.push(held(name, chances));
    }
    let mut done = vec![Step::Registration];
    if !chances.one_in(4) {
        done.push(Step::Assessment);
    }
    let in_scope = !newborn && chances.one_in(80);
    let events = match chances.one_in(40) {
        true => vec![Event { kind: "退役".to_owned(), date: add_days(paid, -chances.below(150)).unwrap() }],
        false => Vec::new(),
    };
    Facts {
        cover_year: Some(2026.try_into().unwrap()),
        birth: Some(birth),
        hukou: Some(Place::At(division)),
        record: Some(Place::At(if chances.one_in(60) { "141182".parse().unwrap() } else { division })),
        employee_scheme: Some(if in_scope { EmployeeScheme::InScope } else { EmployeeScheme::Never }),
        enrolled_elsewhere: Some(chances.one_in(100)),
        student: Some(if chances.one_in(9) { Student::School } else { Student::None }),
        identities: Some(identities),
        last_covered: Some(match (newborn, chances.below(20)) {
            _ if in_scope => LastCovered::In(2025.try_into().unwrap()),
            (true, _) | (_, 0) => LastCovered::Never,
            (_, 1) => LastCovered::In(2024.try_into().unwrap()),
            (_, 2) => LastCovered::In(2020.try_into().unwrap()),
            _ => LastCovered::In(2025.try_into().unwrap()),
        }),
        events: Some(events),
        done: Some(done),
        cash: Some(chances.one_in(10)),
        channel: Some(chances.one_of(&[ChannelKind::Wechat, ChannelKind::Counter])),
        funds: Some(if chances.one_in(15) { Funds::EmployeeAccount } else { Funds::Own }),
        kinship: Some(chances.one_of(&[Kinship::Spouse, Kinship::Child, Kinship::Other])),
        option: Some("2026年".to_owned()),
        paid: Some(paid),
        arrived: Some(paid),
        ..Facts::default()
    }
}
