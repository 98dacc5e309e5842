//! Two notices beside one another, for a whole population.

use std::collections::BTreeMap;
use std::sync::Arc;

use canbao_types::Money;

use super::Population;
use super::answer::{Answer, Outcome, Payer};
use super::groups::{Group, groups, in_parts, placed};
use super::sums::{Both, Heads, Named, Sum};
use crate::notice::Notice;
use crate::ruling::Stated;

/// What two notices mean for a population.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// In all.
    pub total: Both<Heads>,
    /// By class (人员类别); `None` for those without, or of whom it is not known.
    pub classes: Vec<(Option<Arc<str>>, Both<Heads>)>,
    /// By identity that counts (身份); `None` for those with none. Who has several is counted under each.
    pub identities: Vec<(Option<Arc<str>>, Both<Heads>)>,
    /// By payer: how many people are paid for, how much, and for how many more the amount is not stated.
    pub payers: Vec<(Payer, Both<Paid>)>,
    /// Of whom it is not known what they pay: how it comes out, for how many.
    pub others: Vec<(Outcome, Both<u64>)>,
    /// Who pays more and who pays less.
    pub shift: Shift,
    /// The same by class; where the notices differ in it, by both.
    pub shift_of_classes: Vec<(Both<Option<Arc<str>>>, Shift)>,
    /// How many people pay so much more under the second notice; less is negative. The least first.
    pub differences: Vec<(Money, u64)>,
    /// Groups of people that neither notice tells apart.
    pub groups: usize,
}

/// What somebody pays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paid {
    /// For so many people, be it nothing.
    pub people: u64,
    /// So much.
    pub amount: Sum,
    /// For so many of them it is not stated, or not known.
    pub unstated: u64,
}

/// How what people pay changes from the first notice to the second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shift {
    /// People who pay less.
    pub less: u64,
    /// How much less in all, not negative.
    pub saved: Sum,
    /// People who pay more.
    pub more: u64,
    /// How much more in all.
    pub added: Sum,
    /// People who pay the same.
    pub same: u64,
    /// People of whom it is known what they pay under the second notice alone.
    pub only_second: u64,
    /// Under the first alone.
    pub only_first: u64,
    /// Under neither.
    pub neither: u64,
}

impl Shift {
    fn add(&mut self, first: Outcome, second: Outcome, people: u64) {
        match (first, second) {
            (Outcome::Owes(first), Outcome::Owes(second)) => {
                let change = Sum::of(second, people).less(Sum::of(first, people));
                match second.cmp(&first) {
                    std::cmp::Ordering::Less => {
                        self.less += people;
                        self.saved += Sum::ZERO.less(change);
                    }
                    std::cmp::Ordering::Equal => self.same += people,
                    std::cmp::Ordering::Greater => {
                        self.more += people;
                        self.added += change;
                    }
                }
            }
            (_, Outcome::Owes(_)) => self.only_second += people,
            (Outcome::Owes(_), _) => self.only_first += people,
            _ => self.neither += people,
        }
    }
}

/// Asks two notices about everybody and adds up.
#[must_use]
pub fn compare(population: &Population, first: &Notice, second: &Notice) -> Comparison {
    let groups = groups(population, [first, second]);
    let mut sums = Sums::of([first, second]);
    for (answers, group) in answers(population, &groups, [first, second]).iter().zip(&groups) {
        sums.add(answers, group.people);
    }
    sums.comparison(groups.len())
}

/// What two notices mean for each person, in the order in which they were added.
#[must_use]
pub fn each(population: &Population, first: &Notice, second: &Notice) -> Vec<Both<Answer>> {
    let (groups, place) = placed(population, [first, second]);
    let answers = answers(population, &groups, [first, second]);
    place.into_iter().map(|at| answers[at].clone()).collect()
}

/// The answers to one of each group.
fn answers(population: &Population, groups: &[Group], [first, second]: [&Notice; 2]) -> Vec<Both<Answer>> {
    let parts = in_parts(groups, |groups| {
        let answers = groups.iter().map(|group| {
            let facts = group.facts(population);
            Both { a: Answer::of(first, &facts), b: Answer::of(second, &facts) }
        });
        answers.collect::<Vec<_>>()
    });
    parts.into_iter().flatten().collect()
}

/// A class by its name, if there is one.
type Class = Option<Arc<str>>;

/// Sums on their way to a comparison.
#[derive(Default)]
struct Sums {
    total: Both<Heads>,
    classes: Named<Option<Arc<str>>, Both<Heads>>,
    identities: Named<Option<Arc<str>>, Both<Heads>>,
    payers: BTreeMap<Payer, Both<Paid>>,
    others: BTreeMap<Outcome, Both<u64>>,
    shift: Shift,
    shift_of_classes: BTreeMap<(Class, Class), Shift>,
    differences: BTreeMap<Money, u64>,
}

impl Sums {
    /// Nobody yet, with the names of the notices in their order.
    fn of(notices: [&Notice; 2]) -> Self {
        let mut sums = Self::default();
        for notice in notices {
            let names = &notice.tables.names;
            for class in &names.class {
                sums.classes.of(Some(class.clone()));
            }
            for identity in &names.identity {
                sums.identities.of(Some(identity.clone()));
            }
        }
        sums
    }

    fn add(&mut self, answers: &Both<Answer>, people: u64) {
        for (answer, second) in [(&answers.a, false), (&answers.b, true)] {
            self.add_side(answer, second, people);
        }
        let (first, second) = (&answers.a, &answers.b);
        self.shift.add(first.outcome, second.outcome, people);
        let classes = (first.class.clone(), second.class.clone());
        self.shift_of_classes.entry(classes).or_default().add(first.outcome, second.outcome, people);
        if let (Outcome::Owes(first), Outcome::Owes(second)) = (first.outcome, second.outcome)
            && let Some(more) = second.checked_sub(first)
            && !more.is_zero()
        {
            *self.differences.entry(more).or_default() += people;
        }
    }

    fn add_side(&mut self, answer: &Answer, second: bool, people: u64) {
        let heads = heads(answer, people);
        add(self.total.side(second), heads);
        add(self.classes.of(answer.class.clone()).side(second), heads);
        if answer.identities.is_empty() {
            add(self.identities.of(None).side(second), heads);
        }
        for (at, identity) in answer.identities.iter().enumerate() {
            // A list may name one twice.
            if !answer.identities[..at].contains(identity) {
                add(self.identities.of(Some(identity.clone())).side(second), heads);
            }
        }
        for (payer, amount) in &answer.payers {
            let paid = self.payers.entry(payer.clone()).or_default().side(second);
            paid.people += people;
            match amount {
                Stated::Is(amount) => paid.amount += Sum::of(*amount, people),
                Stated::NotStated | Stated::PersonMustDecide => paid.unstated += people,
            }
        }
        if !matches!(answer.outcome, Outcome::Owes(_)) {
            *self.others.entry(answer.outcome).or_default().side(second) += people;
        }
    }

    fn comparison(self, groups: usize) -> Comparison {
        let met = |named: Named<_, Both<Heads>>| {
            named.0.into_iter().filter(|(_, heads)| heads.a.people + heads.b.people > 0).collect()
        };
        let of_classes = self.shift_of_classes.into_iter();
        Comparison {
            total: self.total,
            classes: met(self.classes),
            identities: met(self.identities),
            payers: self.payers.into_iter().collect(),
            others: self.others.into_iter().collect(),
            shift: self.shift,
            shift_of_classes: of_classes.map(|((a, b), shift)| (Both { a, b }, shift)).collect(),
            differences: self.differences.into_iter().collect(),
            groups,
        }
    }
}

/// What an answer adds for so many people.
fn heads(answer: &Answer, people: u64) -> Heads {
    let mut heads = Heads { people, ..Heads::default() };
    if let Outcome::Owes(_) = answer.outcome {
        heads.payable = people;
    }
    for (payer, amount) in &answer.payers {
        let Stated::Is(amount) = amount else { continue };
        let sum = match payer {
            Payer::Person => &mut heads.own,
            Payer::Named(_) | Payer::NotStated => &mut heads.aid,
            Payer::Government => &mut heads.government,
        };
        *sum += Sum::of(*amount, people);
    }
    heads
}

fn add(sum: &mut Heads, heads: Heads) {
    sum.people += heads.people;
    sum.payable += heads.payable;
    sum.own += heads.own;
    sum.aid += heads.aid;
    sum.government += heads.government;
}
