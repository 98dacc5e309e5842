//! The decision: what is due, and what a payment would buy.

use canbao_policy::{Fact, Facts, Funds, Kinship, Notice, Opened, Payment as Ruling, Stated, Step};
use canbao_types::{AmountPart, Bearer, Citation, Date, Money, Part, PaymentId, Reason, total};

use crate::{
    owed::{Owed, Told, When},
    refusal::Refusal,
};

/// What is known about a resident's contribution.
#[derive(Clone)]
pub(crate) struct Known {
    /// What registration told.
    pub(crate) facts: Facts,
    /// The last day of the registration; none while it goes on.
    pub(crate) ended_on: Option<Date>,
    /// What subsidy told of the aid, if it has told anything.
    pub(crate) told: Option<Told>,
    /// What registration told of a late payer's amount.
    pub(crate) assessed: Option<Assessed>,
    /// How it was settled.
    pub(crate) settled: Option<Settled>,
    /// One of the later years that would be paid for as well is paid for already.
    pub(crate) paid_ahead: bool,
}

impl Known {
    /// Whether the registration counts for what happened on a day: by that day, not by when it is told. On its last day
    /// it may have been over already.
    pub(crate) fn registered_on(&self, day: Date) -> bool {
        self.ended_on.is_none_or(|ended_on| day < ended_on)
    }

    /// What subsidy told of the aid of whoever pays so.
    pub(crate) fn owed(&self, when: When<'_>) -> Option<&Owed> {
        self.told.as_ref().map(|told| told.of(when))
    }

    /// The assessment that holds for a payment, or in general. Where an identity opened a period for this person, it does
    /// not: who is recognised is not late any more.
    fn assessment(&self, when: When<'_>) -> Option<&Assessed> {
        let day = when.pays.then_some(when.day);
        let opened = self.owed(when).and_then(|owed| owed.open);
        let recognised = opened.is_some_and(|open| within(open, day));
        self.assessed.as_ref().filter(|assessed| !recognised && within(assessed.open, day))
    }
}

/// A late payer's amount, fixed by the medical insurance centre (补缴核定).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assessed {
    pub(crate) parts: Vec<AmountPart>,
    /// First and last day on which it may be paid.
    pub(crate) open: (Date, Date),
}

/// How a contribution was settled. The standard is what the person's parts come to: always paid + aided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) how: How,
    pub(crate) payment: Option<PaymentId>,
    pub(crate) standard: Money,
    /// What the person paid, net of refunds.
    pub(crate) paid: Money,
    pub(crate) aided: Money,
    /// Of the standard, what stands in for the government's part.
    pub(crate) government: Money,
    /// Of the standard, what was paid for missed years.
    pub(crate) repair: Money,
    /// Of the standard, what earlier years were not paid.
    pub(crate) arrears: Money,
    /// Of the standard, what the insurances collected along cost.
    pub(crate) along: Money,
    pub(crate) chosen: Chosen,
    /// The date that counts.
    pub(crate) settled_on: Date,
    /// The day on which the money arrived.
    pub(crate) arrived_on: Date,
    /// The number of subsidy's determination whose aid it is; 0: none.
    pub(crate) determination: u64,
}

impl Settled {
    /// Of the standard, the person's own price of the year.
    pub(crate) fn price(&self) -> Money {
        let beside = Money::sum(self.beside().map(|(_, amount)| amount));
        beside.and_then(|beside| self.standard.checked_sub(beside)).unwrap_or(self.standard)
    }

    /// Of the standard, what stands beside the person's own price, nothing included.
    pub(crate) fn beside(&self) -> [(Part, Money); 4] {
        [
            (Part::Government, self.government),
            (Part::Repair, self.repair),
            (Part::Arrears, self.arrears),
            (Part::Side, self.along),
        ]
    }
}

/// How a contribution is settled, by the numbers of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a payment.
    Payment = 1,
    /// By the confirmation of an identity.
    Confirmation = 2,
    /// By a declaration through a virtual account.
    Declaration = 3,
    /// By a payment for several years that was made for an earlier one.
    Prepayment = 4,
}

impl How {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] =
        [Self::Payment, Self::Confirmation, Self::Declaration, Self::Prepayment];
}

/// What a resident has to pay.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) parts: Vec<AmountPart>,
    /// The person's parts together, for all the years.
    pub(crate) standard: Money,
    pub(crate) aided: Money,
    /// The standard less the aid.
    pub(crate) due: Money,
    /// The coverage years it is for, at least 1.
    pub(crate) years: u32,
    /// What one of them costs; the same for all.
    pub(crate) a_year: Money,
    pub(crate) payable_item: String,
    /// The clauses that set the payable item.
    pub(crate) item_citations: Vec<Citation>,
    /// The number of subsidy's determination whose aid it is; 0: none.
    pub(crate) determination: u64,
    /// It is what the medical insurance centre assessed.
    pub(crate) assessed: bool,
    /// The ruling it comes from: window, benefit, warnings.
    pub(crate) ruling: Ruling,
}

/// What whoever pays has to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The tier, in the notice's words; empty: none.
    pub(crate) tier: String,
    /// The missed years that are paid after all.
    pub(crate) repair_years: u32,
}

impl Chosen {
    /// A tier and no repair.
    pub(crate) fn tier(tier: &str) -> Self {
        Self { tier: tier.to_owned(), repair_years: 0 }
    }
}

/// How a payment is, or would be, made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) pay_date: Date,
    /// The day on which the money arrives, never before the payment.
    pub(crate) arrive_date: Date,
    pub(crate) cash: bool,
    pub(crate) chosen: Chosen,
    /// The coverage years paid for at once, at least 1.
    pub(crate) years: u32,
    /// The payable item chosen; empty: none was offered.
    pub(crate) payable_item: String,
    /// A relative's personal account pays; none: the payer's own money.
    pub(crate) family: Option<Family>,
}

impl Manner {
    /// A payment of one's own for one year, not in cash.
    pub(crate) fn plain(pay_date: Date) -> Self {
        Self {
            pay_date,
            arrive_date: pay_date,
            cash: false,
            chosen: Chosen::default(),
            years: 1,
            payable_item: String::new(),
            family: None,
        }
    }
}

/// A relative's personal account in the employee scheme (家庭共济).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// What the insured person is to the account's owner.
    pub(crate) kinship: Kinship,
    /// The insured person was added to the family account first.
    pub(crate) linked: bool,
    /// What the account holds, if that was told.
    pub(crate) balance: Option<Money>,
}

impl Family {
    /// By the code of the kinship. One's own account is no relative's.
    pub(crate) fn of(kinship: &str, linked: bool) -> Option<Self> {
        let kinship = Kinship::from_code(kinship).filter(|kinship| *kinship != Kinship::Myself)?;
        Some(Self { kinship, linked, balance: None })
    }
}

/// What is due on a day in a tier, apart from any payment; of a settled contribution, what was.
pub(crate) fn due(known: &Known, notice: &Notice, (today, tier): (Date, &str)) -> Result<Due, Refusal> {
    if known.ended_on.is_some() && known.settled.is_none() {
        return Err(Refusal::UnknownResident);
    }
    let tier = if known.settled.is_some() { "" } else { tier };
    let when = When::asked(today, tier);
    let mut ruling = notice.pay(&facts(known, (when, None), &Chosen::tier(tier)));
    // Without a payment only a missing fact, or a tier that is not to be had, stands in the way of an amount; a rule about
    // paying does not.
    let refusals = ruling.refusal.take().into_iter().chain(std::mem::take(&mut ruling.also));
    let stands = |refusal: &canbao_policy::Refusal| match refusal.fact {
        Some(Fact::TierAsked) => known.settled.is_none(),
        fact => fact.is_some() || refusal.reason == Reason::TierNotOffered,
    };
    if let Some(refusal) = refusals.into_iter().find(stands) {
        return Err(Refusal::ByRule(Box::new(refusal)));
    }
    match &known.settled {
        Some(settled) => Ok(as_settled(settled, known, ruling, notice)),
        None => amounts(known, ruling, (1, when)),
    }
}

/// What is due on a day in each tier from which the person chooses, in the notice's order.
pub(crate) fn of_each_tier(
    known: &Known,
    notice: &Notice,
    today: Date,
) -> Result<(Ruling, Vec<(String, Due)>), Refusal> {
    let ruling = notice.pay(&facts(known, (When::asked(today, ""), None), &Chosen::default()));
    let choice = ruling.tier.iter().flat_map(|tier| tier.value.choice.iter());
    let each = choice.map(|tier| Ok((tier.to_string(), due(known, notice, (today, tier))?)));
    let each = each.collect::<Result<_, Refusal>>()?;
    Ok((ruling, each))
}

/// What is due when paid in this manner, and what it buys; refused where the notice refuses such a payment.
pub(crate) fn quote(known: &Known, notice: &Notice, manner: &Manner) -> Result<Due, Refusal> {
    if !known.registered_on(manner.pay_date) {
        return Err(Refusal::UnknownResident);
    }
    if known.settled.is_some() || known.paid_ahead {
        return Err(Refusal::AlreadySettled);
    }
    let due = ruled(known, notice, manner)?;
    if due.due.is_zero() {
        return Err(Refusal::NothingDue(due.citations()));
    }
    Ok(due)
}

/// What the notice says of a payment in this manner, be it one of nothing.
pub(crate) fn ruled(known: &Known, notice: &Notice, manner: &Manner) -> Result<Due, Refusal> {
    let when = When::paid(manner);
    let mut ruling = notice.pay(&facts(known, (when, Some(manner)), &manner.chosen));
    match ruling.refusal.take() {
        Some(refusal) => Err(Refusal::ByRule(Box::new(refusal))),
        None => amounts(known, ruling, (manner.years, when)),
    }
}

/// Amounts to the fen from what the notice says and what was told.
fn amounts(known: &Known, ruling: Ruling, (years, when): (u32, When<'_>)) -> Result<Due, Refusal> {
    let undecided = || Refusal::PersonMustDecide(ruling.citations().into_vec());
    let assessed = known.assessment(when).filter(|_| years == 1);
    let parts = match assessed {
        Some(assessed) => assessed.parts.clone(),
        None => ruling.amount_parts().ok_or_else(undecided)?,
    };
    // What stands in for the government is fixed for one year, so several come only at the person's own price.
    // What was assessed knows of no repair.
    if assessed.is_some() && ruling.parts.iter().any(|part| part.part == Part::Repair) {
        return Err(undecided());
    }
    if years > 1 && parts.iter().any(|part| part.bearer == Bearer::Person && part.part != Part::Personal) {
        return Err(undecided());
    }
    let standard = of_person(&parts).ok_or_else(undecided)?;
    let a_year = divided(standard, years).ok_or_else(undecided)?;
    // Whoever pays in the government's place is not aided (XY26-39), and aid is had year by year.
    let in_its_place =
        parts.iter().any(|part| part.bearer == Bearer::Person && part.part == Part::Government);
    let told = known.owed(when);
    let owed = told.filter(|_| assessed.is_none() && !in_its_place);
    let aided = match owed {
        Some(owed) => {
            let aided = owed.aided.filter(|aided| years == 1 || aided.is_zero());
            aided.ok_or_else(|| Refusal::PersonMustDecide(owed.citations.clone()))?
        }
        None => Money::ZERO,
    };
    // The item is that of the identity, in time or not; only subsidy knows it.
    let told = told.filter(|owed| !owed.payable_item.is_empty());
    let (payable_item, item_citations) = match (told, &ruling.option) {
        (Some(owed), _) => (owed.payable_item.clone(), owed.citations.clone()),
        (None, Some(item)) => (item.value.to_string(), item.basis.to_vec()),
        (None, None) => (String::new(), Vec::new()),
    };
    // Aid never exceeds what it relieves; what subsidy told of a standard is not this one's business to correct.
    let due = standard.checked_sub(aided).filter(|due| !due.is_negative()).ok_or_else(undecided)?;
    Ok(Due {
        parts,
        standard,
        aided,
        due,
        years,
        a_year,
        payable_item,
        item_citations,
        determination: owed.map_or(0, |owed| owed.determination),
        assessed: assessed.is_some(),
        ruling,
    })
}

/// What was settled. The price of that day stands, whatever the notice says of another one.
fn as_settled(settled: &Settled, known: &Known, ruling: Ruling, notice: &Notice) -> Due {
    // What a repair rests on is told of a payment alone.
    let told_of_a_payment = [settled.repair, settled.arrears].iter().any(|amount| !amount.is_zero());
    let paid = told_of_a_payment.then(|| notice.pay(&settled_facts(known, settled)));
    let part = |part: Part, amount: Money| {
        // A part that only a late payer has stands in the assessment.
        let mut parts = ruling.parts.iter().chain(paid.iter().flat_map(|paid| &paid.parts));
        let stated = parts.find(|stated| stated.part == part);
        let stated = stated.map(|stated| stated.basis.iter().map(|cited| cited.clause.clone()).collect());
        let mut assessed = known.assessed.iter().flat_map(|assessed| &assessed.parts);
        let assessed = || assessed.find(|assessed| assessed.part == part).map(|part| part.clauses.clone());
        let clauses = stated.or_else(assessed).unwrap_or_default();
        AmountPart { part, name: None, amount, bearer: Bearer::Person, clauses }
    };
    let mut parts = vec![part(Part::Personal, settled.price())];
    for (of, amount) in settled.beside().into_iter().filter(|(_, amount)| !amount.is_zero()) {
        match named(&ruling, of, amount) {
            Some(named) => parts.extend(named),
            None => parts.push(part(of, amount)),
        }
    }
    let owed = known.told.as_ref().and_then(|told| told.by_number(settled.determination));
    let item = ruling.option.as_ref().map(|item| item.value.to_string());
    Due {
        parts,
        standard: settled.standard,
        aided: settled.aided,
        due: settled.paid,
        years: 1,
        a_year: settled.standard,
        payable_item: owed.map(|owed| owed.payable_item.clone()).or(item).unwrap_or_default(),
        item_citations: Vec::new(),
        determination: settled.determination,
        assessed: false,
        ruling,
    }
}

/// The insurances collected along, each by its name, when the notice still has them at what was paid for them.
fn named(ruling: &Ruling, of: Part, paid: Money) -> Option<Vec<AmountPart>> {
    let parts = ruling.amount_parts().filter(|_| of == Part::Side)?;
    let along: Vec<_> =
        parts.into_iter().filter(|part| part.part == of && part.bearer == Bearer::Person).collect();
    (total(&along) == Some(paid)).then_some(along)
}

/// The sum of the person's parts, if there are any.
fn of_person(parts: &[AmountPart]) -> Option<Money> {
    let persons: Vec<_> = parts.iter().filter(|part| part.bearer == Bearer::Person).cloned().collect();
    total(&persons).filter(|_| !persons.is_empty())
}

/// An amount shared out over years that all cost the same.
fn divided(amount: Money, years: u32) -> Option<Money> {
    let share = amount.fen().checked_div(years.into())?;
    Money::from_fen(share).ok().filter(|share| share.fen() * i64::from(years) == amount.fen())
}

/// Whether a day lies between two others, both included; without a day, they need only be there.
fn within((from, to): (Date, Date), day: Option<Date>) -> bool {
    day.is_none_or(|day| (from..=to).contains(&day))
}

impl Due {
    /// The tier paid; empty: it has no say in the amount.
    pub(crate) fn tier(&self) -> String {
        let paid = self.ruling.tier.as_ref().and_then(|tier| tier.value.paid.as_deref());
        paid.unwrap_or_default().to_owned()
    }

    /// Of the standard, what such a part costs the person.
    pub(crate) fn of_person(&self, part: Part) -> Money {
        let persons = self.parts.iter().filter(|own| own.bearer == Bearer::Person && own.part == part);
        Money::sum(persons.map(|own| own.amount)).unwrap_or(Money::ZERO)
    }

    /// The clauses of the amounts and of what relieves them, each once.
    pub(crate) fn citations(&self) -> Vec<Citation> {
        let parts = self.ruling.parts.iter().flat_map(|part| part.basis.iter().cloned());
        let citations: canbao_types::Citations = parts.chain(self.item_citations.iter().cloned()).collect();
        citations.into_vec()
    }
}

/// The facts of a ruling on a contribution. Tax knows no identity: what they are worth, subsidy has told, and with it the
/// tier that is laid down, whatever was chosen. What settled it once was chosen then.
fn facts(known: &Known, (when, manner): (When<'_>, Option<&Manner>), chosen: &Chosen) -> Facts {
    let mut facts = known.facts.clone().of_one_who_pays();
    let settled = known.settled.as_ref().map(|settled| settled.chosen.tier.as_str());
    let owed = known.owed(when);
    let told = owed.map(|owed| owed.tier.as_str());
    let tiers = [settled, told, Some(chosen.tier.as_str())].into_iter().flatten();
    facts.tier_asked = tiers.into_iter().find(|tier| !tier.is_empty()).map(str::to_owned);
    facts.repair_years = (chosen.repair_years > 0).then_some(chosen.repair_years);
    let open = owed.and_then(|owed| owed.open);
    facts.opened = open.map(|(from, to)| Opened { from, to, late: false });
    let done = facts.done.get_or_insert_default();
    // It is assessed for this year, not for those to come.
    if manner.is_none_or(|manner| manner.years == 1) && known.assessment(when).is_some() {
        done.push(Step::Assessment);
    }
    let Some(manner) = manner else { return facts };
    if let Some(family) = manner.family {
        facts.funds = Some(Funds::EmployeeAccount);
        facts.kinship = Some(family.kinship);
        facts.balance = family.balance;
        done.extend(family.linked.then_some(Step::FamilyLink));
    }
    facts.paid = Some(manner.pay_date);
    facts.arrived = Some(manner.arrive_date);
    facts.cash = Some(manner.cash);
    facts.years = (manner.years > 1).then_some(manner.years);
    facts
}

/// The facts of a ruling on what has settled a contribution: as it was chosen, on the day that counts.
pub(crate) fn settled_facts(known: &Known, settled: &Settled) -> Facts {
    let (chosen, arrive_date) = (settled.chosen.clone(), settled.arrived_on);
    let manner = Manner { arrive_date, chosen, ..Manner::plain(settled.settled_on) };
    facts(known, (When::paid(&manner), Some(&manner)), &manner.chosen)
}

/// When benefits would begin and end, if the ruling says.
pub(crate) fn benefit(ruling: &Ruling) -> Option<(Date, Date)> {
    let benefit = ruling.benefit.as_ref()?;
    match (benefit.start, benefit.end) {
        (Stated::Is(from), Stated::Is(to)) if from <= to => Some((from, to)),
        _ => None,
    }
}
