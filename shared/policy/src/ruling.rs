//! Answers: values with the clauses they rest on.

use std::fmt;
use std::sync::Arc;

use canbao_types::{AmountPart, Bearer, Citation, Citations, CoverYear, Date, Money, Part, Reason, Refused};

use crate::because::{Because, Origin};
use crate::beside::{Duty, Product};
use crate::chinese::day;
use crate::declared::Route;
use crate::fact::Fact;
use crate::tier::Tier;
use crate::wait::Wait;
use crate::words::History;

/// The clauses of one row of a notice, each with the open points the row rests on. Cheap to clone.
pub type Basis = Arc<[Citation]>;

/// What a notice says, or that it does not. An unstated value is never zero and never a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated<T> {
    /// The notice says this.
    Is(T),
    /// The notice does not say.
    NotStated,
    /// The notice leaves it to a person (人工判断).
    PersonMustDecide,
}

impl<T> Stated<T> {
    /// The value, if one is stated.
    pub fn is(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::NotStated | Self::PersonMustDecide => None,
        }
    }

    /// The same statement with its value borrowed.
    pub const fn as_ref(&self) -> Stated<&T> {
        match self {
            Self::Is(value) => Stated::Is(value),
            Self::NotStated => Stated::NotStated,
            Self::PersonMustDecide => Stated::PersonMustDecide,
        }
    }

    /// The same statement of what `f` makes of the value.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Stated<U>) -> Stated<U> {
        match self {
            Self::Is(value) => f(value),
            Self::NotStated => Stated::NotStated,
            Self::PersonMustDecide => Stated::PersonMustDecide,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Stated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => value.fmt(f),
            Self::NotStated => f.write_str("not stated"),
            Self::PersonMustDecide => f.write_str("a person must decide"),
        }
    }
}

/// A value and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited<T> {
    /// The value.
    pub value: T,
    /// What it rests on.
    pub basis: Basis,
}

/// Not granted (不予办理), with the row that says so; also a warning, and a fact that must be given first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why. [`Reason::NeedsFact`] when a fact that could decide was not given.
    pub reason: Reason,
    /// The notice's own words about the remedy, where it has them.
    pub say: Option<Arc<str>>,
    /// What it rests on.
    pub basis: Basis,
    /// The day of the payment, where the calendar is the reason.
    pub day: Option<Date>,
    /// The first later day on which it can be done, where the calendar is the reason and there is one.
    pub next_day: Option<Date>,
    /// The row that says so: table and id, such as "refuse cash".
    pub row: Arc<str>,
    /// The fact that must be given, when that is the reason.
    pub fact: Option<Fact>,
}

impl Refusal {
    /// The refusal as a department gives it: the notice's words where it has some, else the reason's; the fact that is
    /// missing and the next day in its metadata.
    #[must_use]
    pub fn refused(&self) -> Refused {
        let mut refused = Refused::by_rule(self.reason, self.basis.to_vec()).with("row", &self.row);
        if let Some(message) = self.of_the_day() {
            refused.message = message;
        }
        if let Some(say) = &self.say {
            refused.message = format!("{say}。");
        }
        if let Some(day) = self.next_day {
            refused = refused.with("next_day", day);
        }
        let Some(fact) = self.fact else { return refused };
        if self.reason == Reason::NeedsFact {
            refused.message = format!("缺少信息：{}。请补充后再办理。", fact.name());
        }
        refused.with("fact", fact.code())
    }

    /// The reason with its days, which need not be today's.
    fn of_the_day(&self) -> Option<String> {
        let (day, next) = (day(self.day?), day(self.next_day?));
        match self.reason {
            Reason::CashNeedsWorkingDay => {
                Some(format!("{day}不是工作日，现金缴费请在{next}办理，或改用线上渠道。"))
            }
            Reason::ClosedDay => Some(format!("{day}不在缴费日内，下一个缴费日是{next}。")),
            Reason::NotOpen => Some(format!("{day}不在缴费期内，{next}起可以缴费。")),
            _ => None,
        }
    }
}

/// A row that could not be judged and that decides nothing here: a warning, or a condition of the payment
/// in a question that names no payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// The row.
    pub row: Arc<str>,
    /// The fact that was not given.
    pub fact: Fact,
}

/// The answer to "may this person register, and as what?" (参保登记).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registration {
    /// The reason it is not granted; `None` means eligible.
    pub refusal: Option<Refusal>,
    /// Further rows that refuse or lack a fact.
    pub also: Vec<Refusal>,
    /// The grounds on which the person takes part (参保条件), by row.
    pub grounds: Vec<Cited<Arc<str>>>,
    /// The class (人员类别).
    pub class: Option<Cited<Arc<str>>>,
    /// What makes it the class.
    pub class_because: Because,
    /// The tier (档次), or those to choose from; `None` also when that turns on a fact that was not given.
    pub tier: Option<Cited<Tier>>,
    /// Who carries the registration out; `None` also when that turns on a fact that was not given.
    pub route: Option<Cited<Route>>,
    /// Rows that could not be judged and decide nothing here.
    pub unjudged: Vec<Unjudged>,
    /// The identities on the rosters, counting or not, in the order given.
    pub identities: Vec<HeldRuling>,
}

impl Registration {
    /// Whether nothing stands against it.
    #[must_use]
    pub fn eligible(&self) -> bool {
        self.refusal.is_none()
    }

    /// Everything the answer rests on, each clause once.
    #[must_use]
    pub fn citations(&self) -> Citations {
        let refusals = self.refusal.iter().map(|refusal| &refusal.basis);
        let values = self.grounds.iter().chain(&self.class).map(|cited| &cited.basis);
        let tier = self.tier.iter().map(|tier| &tier.basis);
        let route = self.route.iter().map(|route| &route.basis);
        let held = self.identities.iter().map(|held| &held.basis);
        collect(refusals.chain(held).chain(values).chain(tier).chain(route))
    }
}

/// Whether an identity (身份) on a roster counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRuling {
    /// Its name as given.
    pub name: String,
    /// Whether it counts; one that does not is pending. `None` when that turns on a fact that was not given.
    pub counts: Option<bool>,
    /// What that rests on; nothing when the notice does not know the identity.
    pub basis: Basis,
}

/// Missed years paid after all, to shorten the wait (缴费修复).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The least number of years after which more would not shorten the wait; 0 when none does.
    pub useful_years: u32,
    /// The price of them.
    pub useful_price: Stated<Money>,
    /// The years taken: those asked for, as far as they are useful.
    pub taken_years: u32,
    /// What it rests on.
    pub basis: Basis,
}

/// One part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePart {
    /// What it is for.
    pub part: Part,
    /// The insurance that is collected along, in the notice's words; none of another part.
    pub name: Option<Arc<str>>,
    /// How much, for all the years paid at once.
    pub amount: Stated<Money>,
    /// Who bears it before aid.
    pub bearer: Bearer,
    /// What it rests on.
    pub basis: Basis,
}

/// Aid (资助参保): a part of the person's contribution that another payer bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AidLine {
    /// The part it relieves.
    pub part: Part,
    /// The insurance it relieves, where that is one collected along.
    pub name: Option<Arc<str>>,
    /// How much; never more than the part it relieves.
    pub amount: Stated<Money>,
    /// The share that the row names of what it relieves, in hundredths of a percent; `None` where it names none.
    pub rate_per_10_000: Option<i64>,
    /// Who pays it.
    pub payer: Stated<Arc<str>>,
    /// The payer's share of what the row gives, in hundredths of a percent.
    pub per_10_000: i64,
    /// Whoever keeps the list declares for the person at tax (虚拟户申报); the person does nothing.
    pub declared: bool,
    /// The identities of the person that the row is for.
    pub identities: Vec<Arc<str>>,
    /// The row, such as "aid minimum".
    pub row: Arc<str>,
    /// What it rests on.
    pub basis: Basis,
}

/// The window (缴费期) a payment falls into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowHit {
    /// Its name.
    pub name: Arc<str>,
    /// Whether paying in it is late (补缴).
    pub late: bool,
    /// Its days depend on the person, or it was opened for the person alone.
    pub personal: bool,
    /// Its first and last day for this person. `None` when a quotation leaves them open.
    pub days: Option<(Date, Date)>,
    /// The days of every month on which one pays in it, first and last; `None`: on all.
    pub month_days: Option<(u32, u32)>,
    /// What it rests on.
    pub basis: Basis,
}

/// A window of the person's own that was over before the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastWindow {
    /// Its name.
    pub name: Arc<str>,
    /// Its last day.
    pub last_day: Date,
    /// What it rests on.
    pub basis: Basis,
}

/// The benefit period (待遇享受期) a payment buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benefit {
    /// Its first day.
    pub start: Stated<Date>,
    /// From which point that is counted; `None` when a person must decide.
    pub origin: Option<Origin>,
    /// What makes the row hold.
    pub because: Because,
    /// Its last day.
    pub end: Stated<Date>,
    /// The wait before it; `None` when there is none.
    pub wait: Option<Wait>,
    /// The row with a wait whose exception the person is (不设等待期), such as "benefit wait", with what the exception rests
    /// on.
    pub exempted: Option<Cited<Arc<str>>>,
    /// What makes that exception hold.
    pub exempted_because: Because,
    /// The row that ends it early, such as "benefit_end employee-scheme"; `None` when it runs to its own end.
    pub cut_by: Option<Cited<Arc<str>>>,
    /// What makes that row hold.
    pub cut_because: Because,
    /// The row, such as "benefit in-window".
    pub row: Arc<str>,
    /// What it rests on.
    pub basis: Basis,
}

impl Benefit {
    /// Whether it holds no day: it would begin after its end, so there is no benefit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!((self.start, self.end), (Stated::Is(first), Stated::Is(last)) if first > last)
    }
}

/// The answer to "what does this person pay, and what for?" (缴费). Without a day of payment it is a
/// quotation: no wait and no benefit, and the price is that of the first window that can still fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    /// The reason it is not granted: the first of the earliest stage. The rest is computed all the same.
    pub refusal: Option<Refusal>,
    /// Further rows that refuse or lack a fact.
    pub also: Vec<Refusal>,
    /// The coverage year asked for.
    pub year: Option<CoverYear>,
    /// How it follows the person's earlier ones; `None` when not known.
    pub history: Option<History>,
    /// The day of the payment, or the confirmation that stands for it; `None` in a quotation.
    pub on: Option<Date>,
    /// The coverage years paid at once.
    pub years: u32,
    /// What must be said before money is taken.
    pub warnings: Vec<Refusal>,
    /// Rows that could not be judged and decide nothing here.
    pub unjudged: Vec<Unjudged>,
    /// The class (人员类别).
    pub class: Option<Cited<Arc<str>>>,
    /// What makes it the class.
    pub class_because: Because,
    /// The tier (档次); `None` when the notice has none, or it turns on a fact that was not given.
    pub tier: Option<Cited<Tier>>,
    /// The window; `None` when none fits.
    pub window: Option<WindowHit>,
    /// The person's own windows already over; told with a refusal.
    pub over: Vec<PastWindow>,
    /// The parts of the price, whoever bears them.
    pub parts: Vec<PricePart>,
    /// The aid taken, a line for each payer, in the notice's order.
    pub aid: Vec<AidLine>,
    /// Aid the person would also have had, a line for each payer, in the notice's order.
    pub aid_lost: Vec<AidLine>,
    /// The notice is silent on aid and the person has an identity.
    pub aid_not_stated: bool,
    /// What the person owes: the parts the person bears less the aid. `None` when a fact is missing for it.
    pub due: Option<Stated<Money>>,
    /// The payable item to choose (缴费年限), in the notice's words.
    pub option: Option<Cited<Arc<str>>>,
    /// The rule for several years at once and whether its price is locked, when several are paid.
    pub prepaid: Option<Cited<bool>>,
    /// The benefit period; `None` in a quotation, without a window, or when a fact is missing for it.
    pub benefit: Option<Benefit>,
    /// The years worth repairing, and those that are; `None` when the notice offers none, or there is no benefit.
    pub repair: Option<Repair>,
    /// What others must have done by a day.
    pub duties: Vec<Duty>,
    /// What may be bought along.
    pub products: Vec<Product>,
    /// The day that stands for the payment because nothing is due.
    pub settled: Option<Cited<Date>>,
    /// The identities on the rosters, counting or not, in the order given.
    pub identities: Vec<HeldRuling>,
}

impl Payment {
    /// Whether nothing stands against it.
    #[must_use]
    pub fn granted(&self) -> bool {
        self.refusal.is_none()
    }

    /// Whether the person's parts come to nothing before any aid, so that to be registered is to be insured.
    #[must_use]
    pub fn free(&self) -> bool {
        let mut own = self.parts.iter().filter(|line| line.bearer == Bearer::Person).peekable();
        own.peek().is_some() && own.all(|line| line.amount == Stated::Is(Money::ZERO))
    }

    /// The first day of benefit, if there is one.
    #[must_use]
    pub fn start(&self) -> Option<Date> {
        self.benefit.as_ref().and_then(|benefit| benefit.start.is())
    }

    /// The last day of benefit, if there is one.
    #[must_use]
    pub fn end(&self) -> Option<Date> {
        self.benefit.as_ref().and_then(|benefit| benefit.end.is())
    }

    /// Months of waiting; 0 when there is no wait.
    #[must_use]
    pub fn wait_months(&self) -> u32 {
        self.benefit.as_ref().and_then(|benefit| benefit.wait.as_ref()).map_or(0, |wait| wait.months)
    }

    /// Days of waiting beside the months; 0 when there are none.
    #[must_use]
    pub fn wait_days(&self) -> u32 {
        self.benefit.as_ref().and_then(|benefit| benefit.wait.as_ref()).map_or(0, |wait| wait.fixed_days)
    }

    /// Whether the window is a late one.
    #[must_use]
    pub fn late(&self) -> bool {
        self.window.as_ref().is_some_and(|window| window.late)
    }

    /// The parts as amounts with their clauses, when every one is stated.
    #[must_use]
    pub fn amount_parts(&self) -> Option<Vec<AmountPart>> {
        let stated = |line: &PricePart| {
            let clauses = line.basis.iter().map(|citation| citation.clause.clone()).collect();
            let (amount, name) = (line.amount.is()?, line.name.as_ref().map(ToString::to_string));
            Some(AmountPart { part: line.part, name, amount, bearer: line.bearer.clone(), clauses })
        };
        self.parts.iter().map(stated).collect()
    }

    /// Everything the answer rests on, each clause once, in the order of the answer.
    #[must_use]
    pub fn citations(&self) -> Citations {
        let refusals = self.refusal.iter().chain(&self.warnings).map(|refusal| &refusal.basis);
        let benefit = self.benefit.iter();
        let waits = self.benefit.iter().filter_map(|benefit| benefit.wait.as_ref());
        let lines = waits.clone().flat_map(|wait| &wait.lines);
        let exempted = self.benefit.iter().filter_map(|benefit| benefit.exempted.as_ref());
        let cuts = self.benefit.iter().filter_map(|benefit| benefit.cut_by.as_ref());
        collect(
            refusals
                .chain(self.identities.iter().map(|held| &held.basis))
                .chain(self.class.iter().map(|class| &class.basis))
                .chain(self.tier.iter().map(|tier| &tier.basis))
                .chain(self.window.iter().map(|window| &window.basis))
                .chain(self.over.iter().map(|past| &past.basis))
                .chain(self.parts.iter().map(|part| &part.basis))
                .chain(self.aid.iter().map(|aid| &aid.basis))
                .chain(self.option.iter().map(|option| &option.basis))
                .chain(self.prepaid.iter().map(|prepaid| &prepaid.basis))
                .chain(self.settled.iter().map(|settled| &settled.basis))
                .chain(benefit.map(|benefit| &benefit.basis))
                .chain(waits.map(|wait| &wait.basis))
                .chain(lines.map(|line| &line.basis))
                .chain(exempted.map(|row| &row.basis))
                .chain(cuts.map(|cut| &cut.basis))
                .chain(
                    self.repair.iter().filter(|repair| repair.useful_years > 0).map(|repair| &repair.basis),
                )
                .chain(self.duties.iter().map(|duty| &duty.basis))
                .chain(self.products.iter().map(|product| &product.basis)),
        )
    }
}

/// What rests on two rows at once.
pub(crate) fn joined(one: &Basis, other: &Basis) -> Basis {
    one.iter().chain(other.iter()).cloned().collect()
}

/// Every citation of several rows, each clause once.
fn collect<'b>(bases: impl Iterator<Item = &'b Basis>) -> Citations {
    bases.flat_map(|basis| basis.iter().cloned()).collect()
}
