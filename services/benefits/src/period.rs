//! The decision: from when to when are there benefits?

use canbao_policy::{Explanation, Facts, HeldIdentity, Notice, Opened, Payment, Stated, Wait};
use canbao_types::{Citation, Citations, Date, Period};

use crate::line::{self, Line};
use crate::why;

/// How a contribution was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a payment.
    Payment,
    /// By the confirmation of an identity, nothing being due.
    Confirmation,
    /// By the declaration of whoever keeps the list, nothing being due.
    Declaration,
    /// By a payment for several years that was made for an earlier one.
    Prepayment,
}

impl How {
    /// All of them; the place in this list is how it is stored.
    pub(crate) const ALL: [Self; 4] =
        [Self::Payment, Self::Confirmation, Self::Declaration, Self::Prepayment];
}

/// A contribution that is settled, as collection told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) how: How,
    /// The day that counts.
    pub(crate) on: Date,
    /// The day on which the money arrived.
    pub(crate) arrived_on: Date,
    /// The tier, in the notice's words; empty: none.
    pub(crate) tier: String,
    /// The missed years that were asked to be paid after all.
    pub(crate) repair_years: u32,
}

/// An identity that a resident has by a roster.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) held: HeldIdentity,
    /// Its last day; none: it goes on.
    pub(crate) ended_on: Option<Date>,
}

/// Everything that was told of a resident for a coverage year.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// What the circumstances come to.
    pub(crate) facts: Facts,
    pub(crate) registered_on: Date,
    /// The last day of the registration; none: it goes on.
    pub(crate) ended_on: Option<Date>,
    /// How the contribution was settled; none: it is not.
    pub(crate) settled: Option<Settled>,
    pub(crate) identities: Vec<Identity>,
}

/// A benefit period as it follows from what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Determined {
    /// The days; none when the payment bought none, or a person must decide.
    pub(crate) days: Option<Period>,
    /// The waiting period and how it comes about.
    pub(crate) wait: Option<Wait>,
    /// The tier whose benefits these are; empty: the notice does not say.
    pub(crate) tier: String,
    /// A person must decide, or a fact is missing.
    pub(crate) undecided: bool,
    /// Registration alone gives it.
    pub(crate) free: bool,
    pub(crate) citations: Vec<Citation>,
    pub(crate) lines: Vec<Line>,
    /// Why it is these days, and after which wait or none.
    pub(crate) why: Vec<Explanation>,
}

impl Determined {
    /// The months of the waiting period and the days beside them; 0 of both: there is none.
    pub(crate) fn waits(&self) -> (u32, u32) {
        self.wait.as_ref().map_or((0, 0), |wait| (wait.months, wait.fixed_days))
    }
}

/// The benefit period of a resident; none while nothing is settled and the notice does not insure without it.
///
/// The contribution was settled with collection, whose decision it was; whether it should have been is not asked again.
pub(crate) fn determine(known: &Known, notice: Option<&Notice>) -> Option<Determined> {
    let counts = known.settled.as_ref().map_or(known.registered_on, |settled| settled.on);
    let Some(notice) = notice else { return known.settled.as_ref().map(|_| undecided(Vec::new())) };
    let ruling = notice.pay(&facts(known, counts, counts));
    let free = known.settled.is_none();
    if free && !ruling.free() {
        return None;
    }
    let tier = tier(&ruling);
    let (start, ruling) = earliest(known, notice, counts, ruling);
    let benefit = ruling.benefit.as_ref();
    let bases = ruling.window.iter().map(|window| &window.basis);
    let bases = bases.chain(ruling.settled.iter().map(|settled| &settled.basis));
    let bases = bases.chain(benefit.map(|benefit| &benefit.basis));
    let bases = bases.chain(benefit.and_then(|benefit| benefit.wait.as_ref()).map(|wait| &wait.basis));
    let bases = bases.chain(benefit.and_then(|benefit| benefit.cut_by.as_ref()).map(|cut| &cut.basis));
    let citations = bases.flat_map(|basis| basis.iter().cloned()).collect::<Citations>().into_vec();
    let (Some(benefit), Some(start), Some(end)) = (benefit, start, ruling.end()) else {
        let lines = line::undecided(counts, notice.cover().to(), &citations);
        let lines = line::until(lines, known.ended_on, notice);
        return Some(Determined { citations, free, tier, ..undecided(lines) });
    };
    let end = known.ended_on.map_or(end, |last| last.min(end));
    let lines = line::of(benefit, (counts, start), notice, free);
    Some(Determined {
        days: Period::new(start, end),
        wait: benefit.wait.clone(),
        tier,
        undecided: false,
        free,
        citations,
        lines: line::until(lines, known.ended_on, notice),
        why: why::of(known, &ruling, (start, end), notice),
    })
}

fn undecided(lines: Vec<Line>) -> Determined {
    let (tier, citations) = (String::new(), Vec::new());
    Determined {
        days: None,
        wait: None,
        tier,
        undecided: true,
        free: false,
        citations,
        lines,
        why: Vec::new(),
    }
}

/// The tier enjoyed by what stood on the day that counts: an identity that comes later makes nobody pay another one.
fn tier(ruling: &Payment) -> String {
    match ruling.tier.as_ref().map(|tier| &tier.value.enjoyed) {
        Some(Stated::Is(tier)) => tier.to_string(),
        _ => String::new(),
    }
}

/// The first day, and the ruling that gives it. Who waits and comes to an identity that frees from waiting does not wait
/// from the day on which the identity stands; it never frees backwards.
fn earliest(known: &Known, notice: &Notice, counts: Date, ruling: Payment) -> (Option<Date>, Payment) {
    let mut found = (ruling.start(), ruling);
    if (found.1.wait_months(), found.1.wait_days()) == (0, 0) {
        return found;
    }
    let stand = known.identities.iter().filter_map(|identity| identity.held.recognised);
    for day in stand.filter(|day| *day > counts) {
        let freed = notice.pay(&facts(known, counts, day));
        let start = freed.start().map(|start| start.max(day));
        if start.is_some() && start < found.0 {
            found = (start, freed);
        }
    }
    found
}

/// The facts of whoever settled on the day that counts, with the identities that stand on another day.
fn facts(known: &Known, counts: Date, on: Date) -> Facts {
    let stands = |identity: &&Identity| {
        identity.held.recognised.is_none_or(|from| from <= on) && identity.ended_on.is_none_or(|to| on <= to)
    };
    let identities = known.identities.iter().filter(stands).map(|identity| identity.held.clone());
    let settled = known.settled.as_ref();
    let how = settled.map(|settled| settled.how);
    let confirmed = how == Some(How::Confirmation);
    let tier = settled.map(|settled| settled.tier.clone()).filter(|tier| !tier.is_empty());
    Facts {
        identities: Some(identities.collect()),
        paid: (!confirmed).then_some(counts),
        confirmed: confirmed.then_some(counts),
        arrived: Some(settled.map_or(counts, |settled| settled.arrived_on)),
        tier_asked: tier,
        repair_years: settled.map(|settled| settled.repair_years).filter(|years| *years > 0),
        cash: Some(false),
        // Paid for before its windows opened: the payment has a period of its own.
        opened: (how == Some(How::Prepayment)).then_some(Opened { from: counts, to: counts, late: false }),
        ..known.facts.clone().of_one_who_pays()
    }
}

#[cfg(test)]
mod tests {
    use canbao_policy::{EmployeeScheme, LastCovered, Notices, Place, Student};
    use canbao_types::CoverYear;

    use super::*;
    use crate::coverage::{self, Coverage, Standing};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn days(from: &str, to: &str) -> Option<Period> {
        Period::new(day(from), day(to))
    }

    /// A resident of 孝义 who was insured last year and registered before the window opened.
    fn resident() -> Known {
        let place = Some(Place::At("141181".parse().unwrap()));
        let facts = Facts {
            cover_year: CoverYear::new(2026),
            birth: Some(day("1980-01-01")),
            record: place,
            hukou: place,
            employee_scheme: Some(EmployeeScheme::Never),
            enrolled_elsewhere: Some(false),
            student: Some(Student::None),
            last_covered: CoverYear::new(2025).map(LastCovered::In),
            events: Some(Vec::new()),
            ..Facts::default()
        };
        let registered_on = day("2025-10-10");
        Known { facts, registered_on, ended_on: None, settled: None, identities: Vec::new() }
    }

    fn broken(mut known: Known) -> Known {
        known.facts.last_covered = CoverYear::new(2023).map(LastCovered::In);
        known
    }

    fn paid(on: &str, known: Known) -> Known {
        Known { settled: settled(How::Payment, on), ..known }
    }

    fn settled(how: How, on: &str) -> Option<Settled> {
        Some(Settled { how, on: day(on), arrived_on: day(on), tier: String::new(), repair_years: 0 })
    }

    fn identity(name: &str, confirmed_on: &str) -> Identity {
        let recognised = Some(day(confirmed_on));
        let held =
            HeldIdentity { name: name.into(), confirmed: Some(true), recognised, ..HeldIdentity::default() };
        Identity { held, ended_on: None }
    }

    fn notices() -> Notices {
        Notices::builtin().unwrap()
    }

    fn determined(known: &Known) -> Option<Determined> {
        let notices = notices();
        let found = determine(known, notices.iter().find(|notice| notice.division().to_string() == "141181"));
        if let Some(found) = &found {
            agree(known, found);
        }
        found
    }

    /// On every day that a line is about, the line and the coverage question say the same.
    fn agree(known: &Known, determined: &Determined) {
        let standing = Standing {
            insured: true,
            days: determined.days,
            waits: determined.waits() > (0, 0),
            undecided: determined.undecided,
            ended_on: known.ended_on,
        };
        let mut next = None;
        for line in &determined.lines {
            assert!(next.is_none_or(|next| next == line.days.from()), "{:?}", determined.lines);
            next = canbao_types::add_days(line.days.to(), 1);
            for on in [line.days.from(), line.days.to()] {
                assert_eq!(coverage::on(on, standing), line.state, "{on} of {:?}", determined.lines);
            }
        }
    }

    fn states(determined: &Determined) -> Vec<(Coverage, String)> {
        determined.lines.iter().map(|line| (line.state, line.days.to_string())).collect()
    }

    #[test]
    fn who_pays_before_the_year_is_covered_from_its_first_day() {
        // XY26-29.
        let found = determined(&paid("2025-11-10", resident())).unwrap();
        assert_eq!(found.days, days("2026-01-01", "2026-12-31"));
        let expected = [
            (Coverage::NotBegun, "2025-11-10..2025-12-31".to_owned()),
            (Coverage::Covered, "2026-01-01..2026-12-31".to_owned()),
        ];
        assert_eq!(states(&found), expected);
        assert!(!found.free && !found.undecided && found.waits() == (0, 0));
    }

    #[test]
    fn who_missed_years_waits_three_months_from_the_payment() {
        // XY26-41, A-28, A-01: 10 November and 3 months is 10 February.
        let found = determined(&paid("2025-11-10", broken(resident()))).unwrap();
        assert_eq!((found.days, found.waits()), (days("2026-02-10", "2026-12-31"), (3, 0)));
        let expected = [
            (Coverage::Waiting, "2025-11-10..2026-02-09".to_owned()),
            (Coverage::Covered, "2026-02-10..2026-12-31".to_owned()),
        ];
        assert_eq!(states(&found), expected);
        assert!(found.lines[0].citations.iter().any(|citation| citation.clause.as_str() == "XY26-41"));
    }

    #[test]
    fn a_wait_beyond_the_year_buys_nothing_and_the_line_says_so() {
        // Paid late on 15 October: 15 January lies in the next year.
        let found = determined(&paid("2026-10-15", resident())).unwrap();
        assert_eq!((found.days, found.undecided), (None, false));
        assert_eq!(states(&found), [(Coverage::Ended, "2026-10-15..2026-12-31".to_owned())]);
    }

    #[test]
    fn who_stands_on_a_roster_when_settling_does_not_wait() {
        // XY26-42: late, and still from the day of the payment.
        let known = Known {
            identities: vec![identity("低保对象", "2025-11-01")],
            ..paid("2026-03-10", broken(resident()))
        };
        let found = determined(&known).unwrap();
        assert_eq!((found.days, found.waits()), (days("2026-03-10", "2026-12-31"), (0, 0)));
    }

    #[test]
    fn who_comes_to_an_identity_while_waiting_waits_no_longer_and_never_gains_a_day_that_is_past() {
        let waiting = paid("2026-03-10", resident());
        assert_eq!(determined(&waiting).unwrap().days, days("2026-06-10", "2026-12-31"));
        let freed = |confirmed: &str| Known {
            identities: vec![identity("低保对象", confirmed)],
            ..waiting.clone()
        };
        assert_eq!(determined(&freed("2026-04-15")).unwrap().days, days("2026-04-15", "2026-12-31"));
        assert_eq!(determined(&freed("2026-09-01")).unwrap().days, days("2026-06-10", "2026-12-31"));
    }

    #[test]
    fn an_identity_that_has_ended_before_the_payment_frees_nobody() {
        let mut gone = identity("低保对象", "2025-10-01");
        gone.ended_on = Some(day("2025-10-31"));
        let known = Known { identities: vec![gone], ..paid("2025-11-10", broken(resident())) };
        assert_eq!(determined(&known).unwrap().days, days("2026-02-10", "2026-12-31"));
    }

    #[test]
    fn a_confirmation_stands_for_the_payment_of_whoever_owes_nothing() {
        // XY26-65, A-37. Told before the identity itself, it is undecided only until that is told.
        let before = Known { settled: settled(How::Confirmation, "2025-11-05"), ..broken(resident()) };
        assert!(determined(&before).unwrap().undecided);
        let known = Known { identities: vec![identity("特困人员", "2025-11-05")], ..before };
        assert_eq!(determined(&known).unwrap().days, days("2026-01-01", "2026-12-31"));
    }

    #[test]
    fn newly_recognised_after_the_window_is_covered_from_the_payment() {
        // XY26-23, XY26-42, A-08.
        let known = Known {
            identities: vec![identity("监测对象", "2026-04-10")],
            ..paid("2026-04-20", broken(resident()))
        };
        assert_eq!(determined(&known).unwrap().days, days("2026-04-20", "2026-12-31"));
    }

    #[test]
    fn who_left_another_scheme_is_covered_from_the_day_after_the_payment() {
        // XY26-44, XY26-45: left on 31 January, paid on 10 March, within three months.
        let mut known = paid("2026-03-10", resident());
        let kind = "职工医保中断".to_owned();
        known.facts.events = Some(vec![canbao_policy::Event { kind, date: day("2026-01-31") }]);
        assert_eq!(determined(&known).unwrap().days, days("2026-03-11", "2026-12-31"));
    }

    #[test]
    fn a_newborn_is_covered_from_birth_by_registration_alone() {
        // XY26-32.
        let mut newborn = resident();
        newborn.facts.birth = Some(day("2026-03-01"));
        newborn.facts.last_covered = Some(LastCovered::Never);
        newborn.registered_on = day("2026-04-20");
        let found = determined(&newborn).unwrap();
        assert_eq!((found.days, found.free), (days("2026-03-01", "2026-12-31"), true));
        assert_eq!(states(&found), [(Coverage::Covered, "2026-03-01..2026-12-31".to_owned())]);
        // Born the year before, the next year is to be paid for.
        newborn.facts.birth = Some(day("2025-12-20"));
        newborn.registered_on = day("2025-12-22");
        assert_eq!(determined(&newborn), None);
    }

    #[test]
    fn employee_cover_ends_it_on_the_day_before() {
        // XJ26-05, A-48.
        let mut known = paid("2025-11-10", resident());
        known.facts.employee_scheme = Some(EmployeeScheme::Enrolled);
        known.facts.employee_from = Some(day("2026-03-15"));
        let found = determined(&known).unwrap();
        assert_eq!(found.days, days("2026-01-01", "2026-03-14"));
        let expected = [
            (Coverage::NotBegun, "2025-11-10..2025-12-31".to_owned()),
            (Coverage::Covered, "2026-01-01..2026-03-14".to_owned()),
            (Coverage::Ended, "2026-03-15..2026-12-31".to_owned()),
        ];
        assert_eq!(states(&found), expected);
        assert!(found.lines[2].citations.iter().any(|citation| citation.clause.as_str() == "XJ26-05"));
        known.facts.employee_from = Some(day("2026-01-01"));
        let none = determined(&known).unwrap();
        assert_eq!((none.days, none.undecided), (None, false));
    }

    #[test]
    fn the_end_of_the_registration_ends_it() {
        let known = Known { ended_on: Some(day("2026-05-20")), ..paid("2025-11-10", resident()) };
        let found = determined(&known).unwrap();
        assert_eq!(found.days, days("2026-01-01", "2026-05-20"));
        assert_eq!(states(&found)[2], (Coverage::Ended, "2026-05-21..2026-12-31".to_owned()));
        let early = Known { ended_on: Some(day("2025-12-05")), ..known };
        assert_eq!(determined(&early).unwrap().days, None);
    }

    #[test]
    fn a_year_paid_for_long_before_runs_from_its_first_day() {
        let known = Known { settled: settled(How::Prepayment, "2024-11-10"), ..resident() };
        assert_eq!(determined(&known).unwrap().days, days("2026-01-01", "2026-12-31"));
    }

    #[test]
    fn without_a_notice_a_person_must_decide_what_was_paid_for_and_nothing_else() {
        assert!(determine(&paid("2025-11-10", resident()), None).unwrap().undecided);
        assert_eq!(determine(&resident(), None), None);
        assert_eq!(determined(&resident()), None, "and with one, nobody is insured before settling");
    }
}
