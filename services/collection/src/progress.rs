//! The decision: how the notice's targets (工作目标) stand.

use canbao_policy::{Facts, Notice, Progress, Share, Stated, Target};
use canbao_types::Date;

/// What a target counts, of those that can be counted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Residents whose contribution is settled.
    Paid,
    /// Residents who are insured: settled, or insured by registration alone.
    Enrolled,
}

/// How many people of a township are counted, out of its task number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heads {
    pub(crate) township: String,
    pub(crate) task: u64,
    pub(crate) count: u64,
}

/// How a target stands in a township, or in the whole division.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Empty: the whole division.
    pub(crate) township: String,
    pub(crate) count: u64,
    pub(crate) of: u64,
    pub(crate) progress: Progress,
}

/// What a target counts; none when it cannot be measured here. Shares of a roster are known to whoever keeps the roster.
pub(crate) fn counted(target: &Target) -> Option<Counted> {
    match (&*target.count, &*target.of) {
        ("paid", "task-number") => Some(Counted::Paid),
        ("enrolled", "task-number") => Some(Counted::Enrolled),
        _ => None,
    }
}

/// The day up to which a target is measured: its own, unless an earlier one is asked for; none: everything.
pub(crate) fn measured_to(target: &Target, up_to: Option<Date>) -> Option<Date> {
    match (target.by, up_to) {
        (Stated::Is(by), Some(up_to)) => Some(by.min(up_to)),
        (Stated::Is(by), None) => Some(by),
        (_, up_to) => up_to,
    }
}

/// How a target stands: the whole division first, then each township with a task number. Without task numbers there is
/// nothing to measure by.
pub(crate) fn standings(target: &Target, heads: &[Heads]) -> Vec<Standing> {
    let whole = Heads {
        township: String::new(),
        task: heads.iter().map(|heads| heads.task).sum(),
        count: heads.iter().map(|heads| heads.count).sum(),
    };
    let measured = std::iter::once(&whole).chain(heads).filter(|heads| heads.task > 0);
    let standing = |heads: &Heads| Standing {
        township: heads.township.clone(),
        count: heads.count,
        of: heads.task,
        progress: target.progress(heads.count, heads.task),
    };
    measured.map(standing).collect()
}

/// Whether the notice asks a resident for nothing, before any aid, so that to be registered is to be insured.
pub(crate) fn insured_by_registration(facts: Facts, registered_on: Date, notice: &Notice) -> bool {
    let (paid, arrived) = (Some(registered_on), Some(registered_on));
    notice.pay(&Facts { paid, arrived, ..facts.of_one_who_pays() }).free()
}

/// A share in hundredths of a percent, rounded down; 0 of nobody.
pub(crate) fn per_10_000(count: u64, of: u64) -> u32 {
    let share = u128::from(count) * 10_000 / u128::from(of.max(1));
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The least share that a target wants, as exact text.
pub(crate) fn at_least(target: &Target) -> String {
    let count = u64::try_from(target.at_least_per_10_000).unwrap_or_default();
    Share { count, of: 10_000 }.to_string()
}

#[cfg(test)]
mod tests {
    use canbao_policy::Notices;
    use canbao_types::{CoverYear, Division};

    use super::*;

    fn targets() -> Vec<Target> {
        let notices = Notices::builtin().unwrap();
        let division: Division = "141181".parse().unwrap();
        notices.find(division, CoverYear::new(2026).unwrap()).unwrap().targets().to_vec()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn of_the_targets_of_xiaoyi_the_two_by_task_number_are_measured_here() {
        let counted: Vec<_> =
            targets().iter().map(|target| (target.name.to_string(), counted(target))).collect();
        let named = |name: &str, counted| (name.to_owned(), counted);
        let expected = [
            named("征缴比例", Some(Counted::Paid)),
            named("整体参保率", Some(Counted::Enrolled)),
            named("特殊人群参保率", None),
        ];
        assert_eq!(counted, expected);
        assert_eq!(targets().iter().map(at_least).collect::<Vec<_>>(), ["95%", "95%", "100%"]);
    }

    #[test]
    fn a_target_is_measured_to_its_own_day_and_never_beyond_the_day_asked_for() {
        let by_december = &targets()[0];
        assert_eq!(measured_to(by_december, None), Some(day("2025-12-31")));
        assert_eq!(measured_to(by_december, Some(day("2025-11-30"))), Some(day("2025-11-30")));
        assert_eq!(measured_to(by_december, Some(day("2026-02-01"))), Some(day("2025-12-31")));
        let without_a_day = &targets()[2];
        assert_eq!(measured_to(without_a_day, None), None);
    }

    #[test]
    fn nineteen_of_twenty_reach_the_target_and_one_less_misses_it() {
        let target = &targets()[0];
        let heads = |count| Heads { township: "141181001".to_owned(), task: 20, count };
        let standings =
            standings(target, &[heads(19), Heads { township: "141181002".to_owned(), ..heads(18) }]);
        let told: Vec<_> =
            standings.iter().map(|s| (s.township.as_str(), s.count, s.of, s.progress.met)).collect();
        let expected = [
            ("", 37, 40, Stated::Is(false)),
            ("141181001", 19, 20, Stated::Is(true)),
            ("141181002", 18, 20, Stated::Is(false)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_township_without_a_task_number_counts_for_the_division_and_has_no_share() {
        let nowhere = Heads { township: String::new(), task: 0, count: 1 };
        let town = Heads { township: "141181001".to_owned(), task: 2, count: 1 };
        let found = standings(&targets()[0], &[nowhere.clone(), town]);
        assert_eq!(found.iter().map(|s| (s.count, s.of)).collect::<Vec<_>>(), [(2, 2), (1, 2)]);
        assert_eq!(standings(&targets()[0], &[nowhere]), [], "without a task number nothing is measured");
    }

    #[test]
    fn a_share_is_rounded_down_and_bounded() {
        assert_eq!(per_10_000(2, 3), 6_666);
        assert_eq!(per_10_000(0, 0), 0);
        assert_eq!(per_10_000(u64::MAX, 1), u32::MAX);
    }
}
