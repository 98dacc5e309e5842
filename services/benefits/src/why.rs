//! Why there are benefits from one day to another, for the citizen: what the ruling says, where the day comes from the
//! ruling; where it comes from what became known beside it, that.

use canbao_policy::{About, Explanation, Notice, Payment, chinese};
use canbao_types::{Citations, Date};

use crate::period::{How, Known};

/// The explanations of a benefit period from `start` to `end`.
pub(crate) fn of(
    known: &Known,
    ruling: &Payment,
    (start, end): (Date, Date),
    notice: &Notice,
) -> Vec<Explanation> {
    let mut said = ruling.why(notice);
    let beside = beside(known, ruling, start);
    said.retain(|said| match said.about {
        About::Start => beside.is_none(),
        About::End => ruling.end() == Some(end),
        about => matches!(about, About::Wait | About::Exemption),
    });
    if let Some(beside) = beside {
        let benefit = ruling.benefit.iter();
        let bases = benefit.clone().map(|benefit| &benefit.basis);
        let bases =
            bases.chain(benefit.filter_map(|benefit| benefit.exempted.as_ref()).map(|row| &row.basis));
        let citations = bases.flat_map(|basis| basis.iter().cloned()).collect::<Citations>().into_vec();
        let first = chinese::day(start);
        let (question, text) = (format!("为什么从{first}起"), format!("{beside}，待遇从{first}起享受。"));
        let (about, open_points) = (About::Start, Vec::new());
        said.insert(0, Explanation { about, question, text, citations, open_points });
    }
    said
}

/// What the ruling does not know of why the first day is this one.
fn beside(known: &Known, ruling: &Payment, start: Date) -> Option<&'static str> {
    match known.settled.as_ref().map(|settled| settled.how) {
        None => Some("办理参保登记就能享受待遇，不用缴费"),
        Some(How::Declaration) => Some("由管理名单的部门统一申报，不用您缴费"),
        Some(How::Prepayment) => Some("您以前已经一次缴清本年度费用"),
        Some(How::Payment | How::Confirmation) if ruling.start() != Some(start) => {
            Some("您在等待期内符合了不用等待的条件")
        }
        Some(How::Payment | How::Confirmation) => None,
    }
}
