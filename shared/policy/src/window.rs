//! Which window (缴费期) a payment falls into; without one, why not and from when.

use canbao_types::{Citation, Date, Datelike, Reason, add_days, add_months};

use crate::fact::Fact;
use crate::facts::Event;
use crate::file::ForYear;
use crate::history;
use crate::pay::Act;
use crate::register;
use crate::ruling::{Basis, PastWindow, Refusal, Unjudged, WindowHit};
use crate::sheet::{Mark, Seen, Sheet, Shift};
use crate::table::{Row, Window, bit};
use crate::trace::{Recorder, Verdict};

/// What was found.
pub(crate) enum Found {
    Hit(WindowHit),
    /// This entry turns on a fact that was not given.
    Needs(u16, Fact),
    Refused(Refusal),
}

/// Whether a window is the person's.
enum People {
    Fit,
    DoNot,
    Need(Fact),
}

/// The first window whose people and dates fit. It is noted on the sheet, with its event.
pub(crate) fn find(sheet: &mut Sheet<'_>, act: Act, recorder: &mut impl Recorder) -> Found {
    let tables = sheet.tables;
    if let Some(hit) = opened(sheet, recorder) {
        return Found::Hit(hit);
    }
    let mut refused = Refused::default();
    for row in &tables.windows {
        let entry = tables.entry(row.entry);
        match people(sheet, row, recorder) {
            People::DoNot => continue,
            People::Need(Fact::Paid | Fact::Arrived) if act == Act::Quoted => {}
            People::Need(_) if cannot_fit(sheet, row) => continue,
            People::Need(fact) => return missing(sheet, row, fact),
            People::Fit => {}
        }
        let first = sheet.resolve(&row.then.from, Shift::NONE);
        let last = sheet.resolve(&row.then.to, Shift::NONE);
        let hit = |days| WindowHit {
            name: tables.names.window.get(usize::from(row.then.name)).unwrap_or(&entry.id).clone(),
            late: row.then.late,
            personal: row.then.personal,
            days,
            month_days: row.then.month_days,
            basis: entry.basis.clone(),
        };
        let days = match (sheet.paid, first, last) {
            // Not paid yet: the first window the payment could still fall into.
            (Seen::Unknown(Fact::Paid), Seen::Is(first), Seen::Is(last)) => Some((first, last)),
            (Seen::Unknown(Fact::Paid), ..) => None,
            (_, Seen::Never, _) | (_, _, Seen::Never) => continue,
            (_, Seen::Unknown(_), _) | (_, _, Seen::Unknown(_)) if cannot_fit(sheet, row) => continue,
            (_, Seen::Unknown(fact), _) | (_, _, Seen::Unknown(fact)) => return missing(sheet, row, fact),
            (Seen::Is(paid), Seen::Is(first), Seen::Is(last)) => {
                let closed = !matches!(act, Act::Settled(_)) && !open_on(row.then.month_days, paid);
                if paid < first || paid > last || closed {
                    refused.note(row, (first, last), paid);
                    continue;
                }
                Some((first, last))
            }
            (Seen::Never | Seen::Unknown(_), ..) => continue,
        };
        sheet.window = Mark::known(1 << row.then.name);
        sheet.late = Mark::known(1 << u32::from(row.then.late));
        return Found::Hit(hit(days));
    }
    sheet.event = Seen::Never;
    sheet.window = Mark::known(0);
    sheet.late = Mark::known(0);
    Found::Refused(refused.refusal(sheet))
}

/// The period opened for this person alone, when the payment lies in it or is not named yet. It is none of the
/// notice's windows, so what the notice says of those does not apply.
fn opened(sheet: &mut Sheet<'_>, recorder: &mut impl Recorder) -> Option<WindowHit> {
    let opened = sheet.facts.opened?;
    let (entry, name) = sheet.tables.opened.as_ref()?;
    let fits = match sheet.paid {
        Seen::Is(paid) => opened.from <= paid && paid <= opened.to,
        Seen::Unknown(_) => opened.from <= opened.to,
        Seen::Never => false,
    };
    if !fits || sheet.facts.cover_year != Some(sheet.tables.year) {
        return None;
    }
    let entry = sheet.tables.entry(*entry);
    recorder.tried(&entry.label, Verdict::Holds);
    sheet.window = Mark::known(bit(&sheet.tables.names.window, name));
    sheet.late = Mark::known(1 << u32::from(opened.late));
    let days = Some((opened.from, opened.to));
    Some(WindowHit {
        name: name.clone(),
        late: opened.late,
        personal: true,
        days,
        month_days: None,
        basis: entry.basis.clone(),
    })
}

/// The person's own windows that were over before the payment, and those of which that is not known.
pub(crate) fn over(sheet: &mut Sheet<'_>, unjudged: &mut Vec<Unjudged>) -> Vec<PastWindow> {
    let Seen::Is(paid) = sheet.paid else { return Vec::new() };
    let bound = sheet.event;
    let mut past = Vec::new();
    for row in sheet.tables.windows.iter().filter(|row| row.then.personal) {
        let entry = sheet.tables.entry(row.entry);
        match people(sheet, row, &mut ()) {
            People::Fit => {}
            People::DoNot => continue,
            People::Need(fact) => {
                unjudged.push(Unjudged { row: entry.label.clone(), fact });
                continue;
            }
        }
        if let Seen::Is(last_day) = sheet.resolve(&row.then.to, Shift::NONE)
            && last_day < paid
        {
            past.push(PastWindow { name: entry.id.clone(), last_day, basis: entry.basis.clone() });
        }
    }
    sheet.event = bound;
    past
}

/// Binds the window's event and judges its people and the year asked for.
fn people(sheet: &mut Sheet<'_>, row: &Row<Window>, recorder: &mut impl Recorder) -> People {
    sheet.event = event(sheet, row.then.events);
    let year = if row.then.year == ForYear::BirthYear { Fact::Birth } else { Fact::CoverYear };
    let verdict = match (sheet.verdict(row, &mut ()), sheet.event, fits_year(sheet, row.then.year)) {
        (fails @ (Verdict::Fails(_) | Verdict::Excepted), ..) => fails,
        (_, _, Ok(false)) => Verdict::Fails(year),
        (_, Seen::Never, _) if row.then.events != 0 => Verdict::Fails(Fact::Event),
        (Verdict::Needs(fact), ..) | (_, Seen::Unknown(fact), _) | (_, _, Err(fact)) => Verdict::Needs(fact),
        (Verdict::Holds, _, Ok(true)) => Verdict::Holds,
    };
    recorder.tried(&sheet.tables.entry(row.entry).label, verdict);
    match verdict {
        Verdict::Fails(_) | Verdict::Excepted => People::DoNot,
        Verdict::Needs(fact) => People::Need(fact),
        Verdict::Holds => People::Fit,
    }
}

/// The latest event of these kinds that is not after the payment; failing that, the earliest after it.
fn event(sheet: &Sheet<'_>, kinds: u64) -> Seen {
    if kinds == 0 {
        return Seen::Never;
    }
    let Some(events) = &sheet.facts.events else { return Seen::Unknown(Fact::Event) };
    let opens = |event: &&Event| bit(&sheet.tables.names.event, &event.kind) & kinds != 0;
    let days = || events.iter().filter(opens).map(|event| event.date);
    let before = match sheet.paid {
        Seen::Is(paid) => days().filter(|day| *day <= paid).max(),
        Seen::Never | Seen::Unknown(_) => days().max(),
    };
    before.or_else(|| days().min()).map_or(Seen::Never, Seen::Is)
}

fn fits_year(sheet: &Sheet<'_>, year: ForYear) -> Result<bool, Fact> {
    let asked = sheet.facts.cover_year.ok_or(Fact::CoverYear)?;
    match year {
        ForYear::Any => Ok(true),
        ForYear::NoticeYear => Ok(asked == sheet.tables.year),
        ForYear::BirthYear => {
            let birth = sheet.facts.birth.ok_or(Fact::Birth)?;
            Ok(history::year_of(sheet.tables, birth) == i32::from(asked.get()))
        }
    }
}

/// Whether a year is asked for that is not the notice's own.
fn other_year(sheet: &Sheet<'_>) -> bool {
    sheet.facts.cover_year.is_some_and(|year| year != sheet.tables.year)
}

/// Whether the day lies before or after the window whatever the facts that were not given. For a year that is not the
/// notice's own even a window that is over decides: where none was the person's, no notice is there.
fn cannot_fit(sheet: &Sheet<'_>, row: &Row<Window>) -> bool {
    let Seen::Is(paid) = sheet.paid else { return false };
    if other_year(sheet) {
        return false;
    }
    let early = sheet.earliest(&row.then.from).is_some_and(|first| paid < first);
    early || matches!(sheet.resolve(&row.then.to, Shift::NONE), Seen::Is(last) if paid > last)
}

fn missing(sheet: &mut Sheet<'_>, row: &Row<Window>, fact: Fact) -> Found {
    sheet.window_needs = fact;
    Found::Needs(row.entry, fact)
}

/// Whether one pays on a day of the month, where only some are open.
pub(crate) fn open_on(month_days: Option<(u32, u32)>, day: Date) -> bool {
    month_days.is_none_or(|(first, last)| (first..=last).contains(&day.day()))
}

/// The windows that were the person's but did not fit the day.
#[derive(Default)]
struct Refused<'a> {
    all: Vec<&'a Row<Window>>,
    /// The one whose period the day lies in.
    closed: Option<&'a Row<Window>>,
    /// The day.
    paid: Option<Date>,
    /// The one that opens next, and when.
    next: Option<(&'a Row<Window>, Date)>,
}

impl<'a> Refused<'a> {
    fn note(&mut self, row: &'a Row<Window>, (first, last): (Date, Date), paid: Date) {
        self.all.push(row);
        self.paid = Some(paid);
        if (first..=last).contains(&paid) {
            self.closed = self.closed.or(Some(row));
        }
        let next = next_open(&row.then, (first, last), paid);
        if let Some(day) = next
            && self.next.is_none_or(|(_, earlier)| day < earlier)
        {
            self.next = Some((row, day));
        }
    }

    fn refusal(&self, sheet: &Sheet<'_>) -> Refusal {
        let entry = |row: &Row<Window>| sheet.tables.entry(row.entry);
        let next_day = self.next.map(|(_, day)| day);
        let on_a_day =
            |row, reason| Refusal { day: self.paid, next_day, ..register::refusal(entry(row), reason, None) };
        match (self.closed, self.next) {
            (Some(row), _) => on_a_day(row, Reason::ClosedDay),
            (None, Some((row, _))) => on_a_day(row, Reason::NotOpen),
            (None, None) if self.all.is_empty() && other_year(sheet) => {
                register::of_table("notice".into(), Basis::from([]), Reason::NoNotice)
            }
            (None, None) => {
                let basis = self.all.iter().flat_map(|row| entry(row).basis.iter().cloned());
                let basis = Basis::from(basis.collect::<Vec<Citation>>());
                register::of_table("window".into(), basis, Reason::WindowClosed)
            }
        }
    }
}

/// The first day after a payment on which a window is open.
fn next_open(window: &Window, (first, last): (Date, Date), paid: Date) -> Option<Date> {
    let day = add_days(paid, 1)?.max(first);
    let day = match window.month_days {
        Some((from, _)) if day.day() < from => day.with_day(from)?,
        Some((from, to)) if day.day() > to => add_months(day.with_day(1)?, 1)?.with_day(from)?,
        _ => day,
    };
    (day <= last).then_some(day)
}
