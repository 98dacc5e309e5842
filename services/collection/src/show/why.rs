//! Why a contribution is what it is, from what tax knows. Tax is told what a person owes and never why others pay: of a
//! contribution that is aided, or assessed, or settled, only that is said.

use canbao_policy::chinese::yuan;
use canbao_policy::{About, Explanation};
use canbao_proto::{common, explanations};
use canbao_types::{Bearer, Citation, Citations, Money};

use crate::contribution::Due;

/// Why it is this amount, and this tier, of what was said of the ruling.
pub(super) fn due(due: &Due, settled: bool, said: &[Explanation]) -> Vec<common::Explanation> {
    let told = told(due, settled).map(|text| {
        let question = match due.due {
            Money::ZERO => "为什么不用缴费".to_owned(),
            due => format!("为什么是{}", yuan(due)),
        };
        let (about, open_points) = (About::Due, Vec::new());
        Explanation { about, question, text, citations: cited(due), open_points }
    });
    // The item of an identity is told by subsidy, and the ruling without the identity has another.
    let kept = said.iter().filter(|said| match said.about {
        About::Due => told.is_none(),
        about => matches!(about, About::Tier | About::Class),
    });
    explanations(told.iter().chain(kept))
}

/// When benefits would begin, and what should be known first, of what was said of the ruling.
pub(super) fn outlook(said: &[Explanation]) -> Vec<common::Explanation> {
    explanations(said.iter().filter(|said| {
        matches!(
            said.about,
            About::Window | About::PastWindow | About::Start | About::Wait | About::Repair | About::Warning
        )
    }))
}

/// What is said where the amount does not come from the notice's price alone.
fn told(due: &Due, settled: bool) -> Option<String> {
    let amount = yuan(due.due);
    match (settled, due.due.is_zero()) {
        (true, true) => Some("本年度费用已经结清，个人缴0元，您不用再缴。".to_owned()),
        (true, false) => Some(format!("您已缴{amount}，本年度费用已经结清，不用再缴。")),
        (false, _) if due.assessed => Some(format!(
            "这是医保经办机构为您核定的补缴金额，您缴{amount}。怎样核定的，请向当地医保经办机构查询。"
        )),
        (false, _) if !due.aided.is_zero() => Some(format!(
            "个人缴{amount}。这是医保经办机构告知的金额，怎样算出的，请向当地医保经办机构查询。"
        )),
        (false, _) => None,
    }
}

/// The clauses of the parts that the person bears.
fn cited(due: &Due) -> Vec<Citation> {
    let own = due.parts.iter().filter(|part| part.bearer == Bearer::Person);
    let clauses = own.flat_map(|part| part.clauses.iter().cloned().map(Citation::from));
    clauses.collect::<Citations>().into_vec()
}
