//! The days of a benefit period in order, waiting and covered, each with its reason.

use canbao_policy::{Benefit, Notice, Stated, chinese::day};
use canbao_types::{Citation, Citations, Date, Period, add_days};

use crate::coverage::Coverage;

/// Some days, and how the resident stands on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) days: Period,
    pub(crate) state: Coverage,
    /// Why, for the citizen.
    pub(crate) reason: String,
    pub(crate) citations: Vec<Citation>,
}

/// The lines of a benefit: from the day that counts to the end of the coverage year.
pub(crate) fn of(benefit: &Benefit, (counts, start): (Date, Date), notice: &Notice, free: bool) -> Vec<Line> {
    let Stated::Is(end) = benefit.end else { return Vec::new() };
    let cover_end = notice.cover().to();
    let wait = benefit.wait.as_ref();
    let waited = || cited([Some(&benefit.basis), wait.map(|wait| &wait.basis)]);
    let cut = || cited([benefit.cut_by.as_ref().map(|cut| &cut.basis), None]);
    let (first, last, since) = (day(start), day(end), day(counts));
    let mut lines = Vec::new();
    if start > end {
        let (reason, citations) = match wait {
            Some(wait) if start > cover_end => {
                let length = wait.length();
                (format!("待遇等待期{length}，超出本年度，本年度不享受待遇。"), waited())
            }
            _ => ("待遇尚未开始即已终止，本年度不享受待遇。".to_owned(), cut()),
        };
        push(&mut lines, (counts, cover_end), Coverage::Ended, reason, citations);
        return lines;
    }
    let day_before = add_days(start, -1).unwrap_or(start);
    match wait {
        Some(wait) => {
            let reason = format!("待遇等待期{}，自{since}起算，待遇自{first}起享受。", wait.length());
            push(&mut lines, (counts, day_before), Coverage::Waiting, reason, waited());
        }
        None => {
            let reason = format!("费用已于{since}结清，待遇自{first}起享受。");
            push(&mut lines, (counts, day_before), Coverage::NotBegun, reason, waited());
        }
    }
    let reason = if free {
        format!("办理参保登记即享受待遇，无需缴费；待遇享受期自{first}至{last}。")
    } else {
        format!("待遇享受期自{first}至{last}。")
    };
    push(&mut lines, (start, end), Coverage::Covered, reason, waited());
    let reason = format!("待遇止于{last}，此后不再享受居民医保待遇。");
    let after = add_days(end, 1).unwrap_or(end);
    push(&mut lines, (after, cover_end), Coverage::Ended, reason, cut());
    lines
}

/// The one line where a person must decide.
pub(crate) fn undecided(counts: Date, cover_end: Date, citations: &[Citation]) -> Vec<Line> {
    let mut lines = Vec::new();
    let state = Coverage::PersonMustDecide;
    push(&mut lines, (counts, cover_end), state, state.message(None), citations.to_vec());
    lines
}

/// The same lines of a registration that ended on a day: nothing is left after it, and nothing at all where no day was
/// covered until then.
pub(crate) fn until(lines: Vec<Line>, ended_on: Option<Date>, notice: &Notice) -> Vec<Line> {
    let (Some(last), Some(first)) = (ended_on, lines.first()) else { return lines };
    let first = first.days.from();
    let counts = |line: &Line| matches!(line.state, Coverage::Covered | Coverage::PersonMustDecide);
    let some = lines.iter().any(|line| counts(line) && line.days.from() <= last);
    let mut left = Vec::new();
    for line in lines.into_iter().filter(|_| some) {
        push(
            &mut left,
            (line.days.from(), line.days.to().min(last)),
            line.state,
            line.reason,
            line.citations,
        );
    }
    let after = add_days(last, 1).unwrap_or(last);
    let from = if some { after } else { first };
    let reason = format!("参保登记已于{}终止，此后不享受待遇。", day(last));
    push(&mut left, (from, notice.cover().to()), Coverage::Ended, reason, Vec::new());
    left
}

/// Adds a line, unless it has no day.
fn push(
    lines: &mut Vec<Line>,
    (from, to): (Date, Date),
    state: Coverage,
    reason: String,
    citations: Vec<Citation>,
) {
    lines.extend(Period::new(from, to).map(|days| Line { days, state, reason, citations }));
}

fn cited(bases: [Option<&canbao_policy::Basis>; 2]) -> Vec<Citation> {
    let citations = bases.into_iter().flatten().flat_map(|basis| basis.iter().cloned());
    citations.collect::<Citations>().into_vec()
}
