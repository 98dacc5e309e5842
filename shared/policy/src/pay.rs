//! The question "what does this person pay, and what for?" (缴费).

use canbao_types::{Calendar, Date, Money, Reason};

use crate::benefit;
use crate::beside;
use crate::fact::Fact;
use crate::facts::Facts;
use crate::price;
use crate::register::{self, Outcome};
use crate::ruling::{Basis, Cited, Payment, Refusal, Repair, Stated, Unjudged};
use crate::sheet::{Mark, Pick, Seen, Sheet};
use crate::table::Tables;
use crate::tier;
use crate::trace::{Recorder, Verdict};
use crate::window;
use crate::words::Step;

/// Working days for which a window can be closed before it opens again: it opens every month.
const MOST_CLOSED_DAYS: u32 = 31;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A payment on a day.
    Paid(Date),
    /// A confirmation on a day, for a person who perhaps owes nothing.
    Settled(Date),
    /// No payment yet.
    Quoted,
}

/// Answers for the payment named; without one, for the confirmation if nothing is due; otherwise quotes.
pub(crate) fn pay(tables: &Tables, facts: &Facts, recorder: &mut impl Recorder) -> Payment {
    if let Some(paid) = facts.paid {
        return answer(tables, facts, Act::Paid(paid), recorder);
    }
    let (Some(confirmed), Some(rule)) = (facts.confirmed, tables.settled) else {
        return answer(tables, facts, Act::Quoted, recorder);
    };
    let settled = answer(tables, facts, Act::Settled(confirmed), recorder);
    // While it is not known what is due, nobody can say whether the confirmation stands for a payment.
    if settled.due.is_none_or(|due| due == Stated::Is(Money::ZERO)) {
        return settled;
    }
    // Something is due, so the confirmation stands for nothing.
    recorder.anew();
    let mut quoted = answer(tables, facts, Act::Quoted, recorder);
    if quoted.due.and_then(Stated::is).is_some_and(|due| !due.is_zero()) {
        let entry = tables.entry(rule);
        quoted.warnings.push(register::refusal(entry, Reason::NotPaid, None));
    }
    quoted
}

/// Answers for the confirmation as though nothing were due, when somebody has decided that nothing is.
pub(crate) fn settle(tables: &Tables, facts: &Facts) -> Payment {
    let act = facts.confirmed.map_or(Act::Quoted, Act::Settled);
    answer(tables, facts, act, &mut ())
}

/// The first day of the benefit that a payment bought; never where no window took it, so that there is none.
pub(crate) fn start(tables: &Tables, facts: &Facts) -> Seen {
    let Some(paid) = facts.paid else { return Seen::Unknown(Fact::Paid) };
    let recorder = &mut ();
    let mut sheet = Sheet::new(tables, facts, Seen::Is(paid), recorder);
    register::outcome(&mut sheet, recorder);
    tier::find(&mut sheet, recorder);
    match window::find(&mut sheet, Act::Paid(paid), recorder) {
        window::Found::Needs(_, fact) => return Seen::Unknown(fact),
        window::Found::Refused(_) => return Seen::Never,
        window::Found::Hit(_) => {}
    }
    match benefit::of(&sheet, &mut Vec::new(), recorder) {
        Err((_, fact)) => Seen::Unknown(fact),
        Ok(benefit) => benefit.start.is().map_or(Seen::Never, Seen::Is),
    }
}

fn answer(tables: &Tables, facts: &Facts, act: Act, recorder: &mut impl Recorder) -> Payment {
    let paid = match act {
        Act::Paid(day) | Act::Settled(day) => Seen::Is(day),
        Act::Quoted => Seen::Unknown(Fact::Paid),
    };
    let sheet = Sheet::new(tables, facts, paid, recorder);
    let out = Payment {
        year: facts.cover_year,
        history: sheet.history.word,
        years: facts.years.unwrap_or(1),
        ..Payment::default()
    };
    let mut asked = Asked { sheet, recorder, act, out };
    asked.registration();
    asked.tier();
    asked.window();
    asked.benefit();
    asked.option();
    asked.money();
    asked.refusals();
    asked.settle();
    asked.out.on = match asked.sheet.paid {
        Seen::Is(day) => Some(day),
        Seen::Never | Seen::Unknown(_) => None,
    };
    beside::payment(&asked.sheet, &mut asked.out, asked.recorder);
    asked.out
}

struct Asked<'a, R> {
    sheet: Sheet<'a>,
    recorder: &'a mut R,
    act: Act,
    out: Payment,
}

impl<R: Recorder> Asked<'_, R> {
    fn refuse(&mut self, refusal: Refusal) {
        let told = |earlier: &Refusal| earlier.fact.is_some() && earlier.fact == refusal.fact;
        match &self.out.refusal {
            None => self.out.refusal = Some(refusal),
            Some(earlier) if told(earlier) || self.out.also.iter().any(told) => {}
            Some(_) => self.out.also.push(refusal),
        }
    }

    fn needs(&mut self, entry: u16, fact: Fact) {
        let refusal = register::needs(self.sheet.tables.entry(entry), fact);
        self.refuse(refusal);
    }

    /// Registration has its own answer; where it was given, only what is known to stand against it counts.
    fn registration(&mut self) {
        if self.sheet.facts.cover_year.is_none() {
            let needs = register::of_table("notice".into(), Basis::from([]), Reason::NeedsFact);
            self.refuse(Refusal { fact: Some(Fact::CoverYear), ..needs });
        }
        let Outcome { refusals, class, class_because, unjudged, .. } =
            register::outcome(&mut self.sheet, self.recorder);
        self.out.unjudged.extend(unjudged);
        let registered = self.sheet.did(Step::Registration);
        for refusal in refusals {
            match refusal.fact {
                Some(fact) if registered && !self.about_class(&refusal) => {
                    self.out.unjudged.push(Unjudged { row: refusal.row, fact });
                }
                _ => self.refuse(refusal),
            }
        }
        self.out.class = class;
        self.out.class_because = class_because;
        self.out.identities = self.sheet.identities();
    }

    fn about_class(&self, refusal: &Refusal) -> bool {
        self.sheet.tables.classes.iter().any(|row| self.sheet.tables.entry(row.entry).label == refusal.row)
    }

    fn tier(&mut self) {
        let tier::Found { tier, refusal, warning } = tier::find(&mut self.sheet, self.recorder);
        if let Some(refusal) = refusal {
            self.refuse(refusal);
        }
        self.out.warnings.extend(warning);
        self.out.tier = tier;
    }

    fn window(&mut self) {
        let mut found = window::find(&mut self.sheet, self.act, self.recorder);
        if let (Act::Settled(_), window::Found::Refused(refusal)) = (self.act, &found)
            && let Some(opens) = refusal.next_day
        {
            // Confirmed before a window opens: nobody pays, so the person is in from its first day.
            self.sheet.paid = Seen::Is(opens);
            found = window::find(&mut self.sheet, self.act, self.recorder);
        }
        match found {
            window::Found::Hit(hit) => self.out.window = Some(hit),
            window::Found::Needs(entry, fact) => self.needs(entry, fact),
            window::Found::Refused(refusal) => self.refuse(refusal),
        }
        let working = match self.act {
            // A year the calendar does not cover leaves it unknown whether the day is a working day.
            Act::Paid(day) => Calendar::builtin().is_working_day(day).ok(),
            // Nobody pays, so no day is closed for it.
            Act::Settled(_) => Some(true),
            Act::Quoted => None,
        };
        self.sheet.working_day = working.map_or(Mark::UNKNOWN, |yes| Mark::known(1 << u32::from(yes)));
    }

    fn benefit(&mut self) {
        if self.act == Act::Quoted || self.out.window.is_none() {
            return;
        }
        match benefit::of(&self.sheet, &mut self.out.unjudged, self.recorder) {
            Err((entry, fact)) => self.needs(entry, fact),
            Ok(benefit) => {
                if benefit.is_empty() {
                    let (row, basis) = (benefit.row.clone(), benefit.basis.clone());
                    self.out.warnings.push(register::of_table(row, basis, Reason::BuysNothing));
                }
                self.out.benefit = Some(benefit);
            }
        }
        self.repair();
    }

    /// How many missed years are worth repairing, and how many of those asked for are taken.
    fn repair(&mut self) {
        let tables = self.sheet.tables;
        let asked = self.sheet.facts.repair_years.unwrap_or(0);
        let Some(benefit) = &self.out.benefit else { return };
        let useful_years = benefit.wait.as_ref().map_or(0, |wait| wait.useful_years);
        match &tables.repair {
            None if asked > 0 => {
                let (row, basis) = ("repair".into(), Basis::from([]));
                self.out.warnings.push(register::of_table(row, basis, Reason::RepairNotOffered));
            }
            None => {}
            Some(rule) => {
                let entry = tables.entry(rule.entry);
                if asked > useful_years {
                    self.out.warnings.push(register::refusal(entry, Reason::RepairBuysNothing, None));
                }
                self.out.repair = Some(Repair {
                    useful_years,
                    useful_price: Stated::NotStated,
                    taken_years: asked.min(useful_years),
                    basis: entry.basis.clone(),
                });
            }
        }
    }

    fn money(&mut self) {
        let due = price::due(&self.sheet, &mut self.out, self.recorder);
        for (entry, fact) in due.needs {
            self.needs(entry, fact);
        }
        self.out.due = due.amount;
    }

    fn option(&mut self) {
        let tables = self.sheet.tables;
        match self.sheet.first(&tables.options, self.recorder) {
            Pick::Row(row) => {
                let basis = tables.entry(row.entry).basis.clone();
                self.out.option = Some(Cited { value: row.then.clone(), basis });
            }
            Pick::Needs(row, fact) => self.needs(row.entry, fact),
            Pick::None => {}
        }
    }

    /// Rows of the payment. Only a payment that is named is asked for what is not known about it.
    fn refusals(&mut self) {
        let tables = self.sheet.tables;
        self.short();
        for row in &tables.refuse_payment {
            let entry = tables.entry(row.entry);
            let named = matches!(self.act, Act::Paid(_));
            match self.sheet.verdict(row, self.recorder) {
                Verdict::Fails(_) | Verdict::Excepted => {}
                // The day is known, so only the calendar is missing; nobody can be asked for that.
                Verdict::Needs(Fact::WorkingDay) if named => {
                    self.refuse(register::refusal(entry, Reason::CalendarYearMissing, None));
                }
                Verdict::Needs(fact) if named && !row.then.warn => self.needs(row.entry, fact),
                Verdict::Needs(_) => self.out.unjudged.extend(self.sheet.unjudged(row)),
                Verdict::Holds => {
                    let mut refusal = register::refusal(entry, row.then.reason, row.then.say.clone());
                    if row.then.reason == Reason::CashNeedsWorkingDay {
                        self.on_a_working_day(&mut refusal);
                    }
                    if row.then.warn {
                        self.out.warnings.push(refusal);
                    } else {
                        self.refuse(refusal);
                    }
                }
            }
        }
        // Who pays late, or cannot pay, may have missed a window of the own.
        if self.out.refusal.is_some() || self.out.late() {
            self.out.over = window::over(&mut self.sheet, &mut self.out.unjudged);
        }
    }

    /// Names the next working day on which the window is open, where the calendar knows it.
    fn on_a_working_day(&self, refusal: &mut Refusal) {
        let (Act::Paid(day), Some(hit)) = (self.act, &self.out.window) else { return };
        let mut working =
            (1..=MOST_CLOSED_DAYS).map_while(|n| Calendar::builtin().working_day_after(day, n).ok());
        let open = |next: &Date| {
            hit.days.is_none_or(|(_, last)| *next <= last) && window::open_on(hit.month_days, *next)
        };
        refusal.day = Some(day);
        refusal.next_day = working.find(open);
    }

    /// Names the day that stands for a payment of nothing.
    fn settle(&mut self) {
        if let (Act::Settled(_), Seen::Is(day), Some(rule)) =
            (self.act, self.sheet.paid, self.sheet.tables.settled)
        {
            let basis = self.sheet.tables.entry(rule).basis.clone();
            self.out.settled = Some(Cited { value: day, basis });
        }
    }

    /// Compares what is offered, and what the account holds, with what is due.
    fn short(&mut self) {
        let Some(due) = self.out.due else { return };
        // Nothing is too little for an amount that is not stated.
        let covers = |money: Money| u32::from(due.is().is_none_or(|due| money >= due));
        if let Some(offered) = self.sheet.facts.offered {
            self.sheet.short = Mark::known(1 << (1 - covers(offered)));
        }
        if let Some(balance) = self.sheet.facts.balance {
            self.sheet.balance_covers = Mark::known(1 << covers(balance));
        }
    }
}
