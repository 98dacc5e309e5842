//! Why an answer is what it is, in plain Chinese for the citizen, with its clauses for the auditor.
//!
//! An explanation is made of the answer alone: nothing is evaluated again, and whatever a sentence needs the evaluation
//! has left in its answer. Names of identities, payers, windows and offices are the notice's own words.

mod against;
mod benefit;
mod chinese;
mod money;
mod others;
mod person;
mod window;
mod writing;

use canbao_types::{Citation, Citations};

use crate::declared::OpenPoint;
use crate::notice::Notice;
use crate::ruling::Basis;
pub use crate::words::About;
pub(crate) use chinese::length;
pub use writing::{Open, Why};

/// One thing a citizen may ask about an answer, and what is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is about.
    pub about: About,
    /// The question, such as 为什么是80元.
    pub question: String,
    /// One or two sentences for the citizen.
    pub text: String,
    /// What it rests on, each clause once.
    pub citations: Vec<Citation>,
    /// The open points (待明确事项) among that, with the reading that is followed.
    pub open_points: Vec<OpenPoint>,
}

impl Explanation {
    /// What the citizen should know of open points, if there are some.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        let note = "对这一点，通知可以有不同理解，目前按上面说的办理；如有疑问，请向当地医保经办机构咨询。";
        (!self.open_points.is_empty()).then_some(note)
    }
}

/// The explanations of one answer, as they are gathered.
pub(crate) struct Telling<'a> {
    open: &'a [OpenPoint],
    said: Vec<Explanation>,
}

impl<'a> Telling<'a> {
    /// Nothing said yet, of a notice with these open points.
    pub fn of(open: &'a [OpenPoint]) -> Self {
        Self { open, said: Vec::new() }
    }

    /// Says one thing; of a basis that comes twice, each clause is cited once.
    fn say<'b>(
        &mut self,
        about: About,
        question: impl Into<String>,
        text: impl Into<String>,
        bases: impl IntoIterator<Item = &'b Basis>,
    ) {
        let cited = bases.into_iter().flat_map(|basis| basis.iter().cloned()).collect::<Citations>();
        let citations = cited.into_vec();
        let mut open_points: Vec<OpenPoint> = Vec::new();
        for id in citations.iter().flat_map(|citation| &citation.open) {
            let known = self.open.iter().find(|point| *point.id == **id);
            open_points.extend(known.filter(|point| !open_points.contains(point)).cloned());
        }
        let (question, text) = (question.into(), text.into());
        self.said.push(Explanation { about, question, text, citations, open_points });
    }

    /// What was said.
    pub fn done(self) -> Vec<Explanation> {
        self.said
    }
}

/// Lets answers explain themselves with the open points of the notice that gave them.
macro_rules! explained {
    ($($answer:ty => $tell:path,)+) => {$(
        impl $answer {
            /// Why the answer is what it is, in plain Chinese. The notice is the one that gave it.
            #[must_use]
            pub fn why(&self, notice: &Notice) -> Vec<Explanation> {
                let mut telling = Telling::of(notice.open_points());
                $tell(self, &mut telling);
                telling.done()
            }
        }
    )+};
}

explained! {
    crate::ruling::Payment => payment,
    crate::ruling::Registration => registration,
    crate::refund::Refund => refund,
    crate::refund::Delay => delay,
    crate::target::Progress => target,
    crate::cap::Cap => cap,
    crate::claim::Claim => claim,
    crate::claim::Entitlements => entitlements,
    crate::beside::Channels => channels,
}

/// A payment, in the order in which a citizen asks.
pub(crate) fn payment(said: &crate::ruling::Payment, out: &mut Telling<'_>) {
    against::refused("为什么现在不能缴费", said.refusal.iter().chain(&said.also), out);
    against::warned(said, out);
    money::due(said, out);
    money::aid(said, out);
    window::of(said, out);
    benefit::of(said, out);
    person::class(said.class.as_ref(), &said.class_because, out);
    person::tier(said.tier.as_ref(), out);
    person::identities(&said.identities, out);
    money::beside(said, out);
}

pub(crate) use others::{cap, channels, claim, delay, entitlements, refund, subsidy, target};
pub(crate) use person::registration;
