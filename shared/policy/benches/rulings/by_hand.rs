//! The payment of 孝义 2026 as somebody would write it who needs no other notice: dates, amounts and names in the code. It
//! knows what the people of this bench turn on, and nothing of what was not given.

use canbao_policy::{
    EmployeeScheme, Facts, Funds, HeldIdentity, Kinship, LastCovered, Notice, Place, Stated, Step,
};
use canbao_types::{Calendar, Date, Datelike, Division, Money, Reason, add_days, add_months};

/// What is ruled.
#[derive(Debug, PartialEq, Eq)]
pub struct Ruling {
    refused: Option<Reason>,
    window: &'static str,
    late: bool,
    due: Option<i64>,
    aid: i64,
    payer: &'static str,
    option: &'static str,
    start: Option<Date>,
    end: Option<Date>,
    wait: u32,
    warnings: usize,
}

const NEWBORN: &str = "新生儿出生当年";
const COMMON: &str = "集中参保缴费期";
const EXIT: &str = "退出其他保障";
const DYNAMIC: &str = "新增困难群体";
const LATE: &str = "补缴";

const fn day(year: i32, month: u32, of_month: u32) -> Date {
    match Date::from_ymd_opt(year, month, of_month) {
        Some(day) => day,
        None => panic!("no day"),
    }
}

const FIRST: Date = day(2026, 1, 1);
const LAST: Date = day(2026, 12, 31);
const OPENS: Date = day(2025, 10, 21);
const CLOSES: Date = day(2026, 2, 25);

#[derive(Default)]
struct Held {
    /// Of the four that are called 困难群体, the confirmed ones.
    hardship: bool,
    /// The earliest recognition of those.
    recognised: Option<Date>,
    aid: i64,
    payer: &'static str,
}

fn held(identities: &[HeldIdentity]) -> Held {
    let mut held = Held::default();
    // In the order of the notice, for equal amounts have one payer before the other.
    let mut rank = usize::MAX;
    for identity in identities {
        let confirmed = identity.confirmed == Some(true);
        let (counts, aid, payer, at) = match identity.name.as_str() {
            "特困人员" => (confirmed, 40_000, "医疗救助资金", 0),
            "返贫致贫人口" => (confirmed, 36_000, "医疗救助资金", 3),
            "低保对象" => (confirmed, 32_000, "医疗救助资金", 4),
            "监测对象" => (confirmed, 28_000, "医疗救助资金", 5),
            "残疾人员" => {
                let certificate = identity.certificate.unwrap_or(LAST);
                let rated = identity.rated.is_some_and(|rated| rated <= day(2025, 10, 31));
                let counts = certificate <= day(2024, 12, 31) || certificate <= day(2025, 11, 30) && rated;
                (counts, 40_000, "财政(残联申请)", 1)
            }
            "市属改制企业职工" => {
                let kind = identity.kind.as_deref();
                (matches!(kind, Some("改制企业职工" | "未改制企业退休职工")), 40_000, "财政(原渠道)", 2)
            }
            _ => continue,
        };
        if !counts {
            continue;
        }
        if payer == "医疗救助资金" {
            held.hardship = true;
            held.recognised = match (held.recognised, identity.recognised) {
                (Some(earlier), Some(day)) => Some(earlier.min(day)),
                (earlier, day) => earlier.or(day),
            };
        }
        if (aid, usize::MAX - at) > (held.aid, usize::MAX - rank) {
            (held.aid, held.payer, rank) = (aid, payer, at);
        }
    }
    held
}

/// The window with whether it is late; `None` when none fits.
fn window(paid: Date, birth: Date, left: Option<Date>, held: &Held) -> Option<(&'static str, bool)> {
    if birth.year() == 2026 && birth <= paid && paid <= LAST {
        Some((NEWBORN, false))
    } else if OPENS <= paid && paid <= CLOSES && paid.day() <= 25 {
        Some((COMMON, false))
    } else if left.is_some_and(|left| CLOSES.max(left) <= paid && Some(paid) <= add_months(left, 3)) {
        Some((EXIT, false))
    } else if held.recognised.is_some_and(|day| day > CLOSES && day <= paid) && paid <= LAST {
        Some((DYNAMIC, false))
    } else {
        (CLOSES < paid && paid <= LAST).then_some((LATE, true))
    }
}

/// The first day of benefit, and the months of waiting.
fn benefit(
    window: &str,
    late: bool,
    broken: bool,
    held: &Held,
    (paid, birth): (Date, Date),
) -> (Option<Date>, u32) {
    match window {
        "" => (None, 0),
        NEWBORN => (Some(birth), 0),
        COMMON if birth.year() == 2025 => (Some(FIRST), 0),
        EXIT => (add_days(paid, 1), 0),
        DYNAMIC => (Some(paid), 0),
        _ if (late || broken) && !held.hardship => (add_months(paid, 3).map(|day| day.max(FIRST)), 3),
        _ if late => (Some(paid), 0),
        _ => (Some(paid.max(FIRST)), 0),
    }
}

/// What is due, where that is stated, and the aid, in fen.
fn money(window: &str, held: &Held) -> (Option<i64>, i64) {
    let personal = match window {
        NEWBORN => Some(0),
        LATE if held.hardship => None,
        _ => Some(40_000),
    };
    let government = if window == LATE { 70_000 } else { 0 };
    let aid = personal.map_or(held.aid, |personal| held.aid.min(personal));
    (personal.map(|personal| personal + government - aid), aid)
}

pub fn pay(facts: &Facts) -> Ruling {
    let paid = facts.paid.unwrap();
    let birth = facts.birth.unwrap();
    let done = facts.done.as_deref().unwrap_or_default();
    let held = held(facts.identities.as_deref().unwrap_or_default());
    let mut refused = None;
    let mut refuse = |reason| refused = refused.or(Some(reason));
    if matches!(facts.employee_scheme, Some(EmployeeScheme::InScope | EmployeeScheme::Enrolled)) {
        refuse(Reason::InEmployeeScheme);
    }
    if facts.enrolled_elsewhere == Some(true) {
        refuse(Reason::EnrolledElsewhere);
    }
    let left = facts.events.as_deref().unwrap_or_default().iter().map(|event| event.date);
    let left = left.filter(|day| *day <= paid).max();
    let (window, late) = window(paid, birth, left, &held).unwrap_or_default();
    if window.is_empty() {
        refuse(match () {
            () if paid < OPENS => Reason::NotOpen,
            () if paid <= CLOSES => Reason::ClosedDay,
            () => Reason::WindowClosed,
        });
    }
    let broken = matches!(facts.last_covered, Some(LastCovered::In(year)) if year.get() < 2025);
    let (start, wait) = benefit(window, late, broken, &held, (paid, birth));
    let end = start.map(|_| LAST);
    let (due, aid) = money(window, &held);
    if window == NEWBORN && !done.contains(&Step::Registration) {
        refuse(Reason::RegisterFirst);
    }
    let here: Division = Division::from_code(141_181).unwrap();
    let away = matches!(facts.record, Some(Place::At(place)) if !here.contains(place));
    if away && !done.contains(&Step::RegionChange) {
        refuse(Reason::ChangeRegionFirst);
    }
    if facts.cash == Some(true) && !Calendar::builtin().is_working_day(paid).unwrap_or(true) {
        refuse(Reason::CashNeedsWorkingDay);
    }
    if window == LATE && !done.contains(&Step::Assessment) {
        refuse(Reason::AssessFirst);
    }
    if facts.funds == Some(Funds::EmployeeAccount) {
        if matches!(facts.kinship, Some(Kinship::Myself | Kinship::Other)) {
            refuse(Reason::NotNearRelative);
        }
        if !done.contains(&Step::FamilyLink) {
            refuse(Reason::LinkFirst);
        }
    }
    let empty = matches!((start, end), (Some(first), Some(last)) if first > last);
    let wrong_option = held.hardship && facts.option.as_deref() == Some("2026年");
    Ruling {
        refused,
        window,
        late,
        due,
        aid,
        payer: if aid > 0 { held.payer } else { "" },
        option: if held.hardship { "特殊缴费" } else { "2026年" },
        start,
        end,
        wait,
        warnings: usize::from(empty) + usize::from(wrong_option),
    }
}

/// Both say the same of everybody, or what is measured would not be the same work.
pub fn assert_agrees(notice: &Notice, people: &[Facts]) {
    for facts in people {
        let (by_hand, said) = (pay(facts), notice.pay(facts));
        let aid = said.aid.first().and_then(|aid| aid.amount.is()).map_or(0, Money::fen);
        let payer = said.aid.first().and_then(|aid| aid.payer.as_ref().is());
        let ruled = (
            said.refusal.as_ref().map(|refusal| refusal.reason),
            said.window.as_ref().map_or("", |window| &window.name),
            said.late(),
            said.due.and_then(Stated::is).map(Money::fen),
            (aid, payer.map_or("", |payer| payer)),
            said.option.as_ref().map_or("", |option| &option.value),
            (said.start(), said.end(), said.wait_months()),
            said.warnings.len(),
        );
        let hand = (
            by_hand.refused,
            by_hand.window,
            by_hand.late,
            by_hand.due,
            (by_hand.aid, by_hand.payer),
            by_hand.option,
            (by_hand.start, by_hand.end, by_hand.wait),
            by_hand.warnings,
        );
        assert_eq!(ruled, hand, "{facts:#?}");
    }
}
