//! The decision: what does a late payer pay (核定补缴金额), and until when?

use canbao_policy::{Facts, HeldIdentity, Notice, Payment, PricePart, Stated, Step};
use canbao_types::{AmountPart, Bearer, Citation, Date, Money, Part, Period, Reason};

use crate::refusal::Refusal;

/// What the centre says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// The day of the assessment, the date that counts.
    pub(crate) assessed_on: Date,
    /// What the person pays of the own part, where a person at the centre has decided it.
    pub(crate) decided: Option<Money>,
}

/// What tax is told.
#[derive(Debug)]
pub(crate) struct Assessed {
    /// The whole amount, the government's part with it (XY26-39). Nobody's aid is taken off.
    pub(crate) parts: Vec<AmountPart>,
    /// What the person pays of it.
    pub(crate) due: Money,
    /// The days on which it may be paid.
    pub(crate) open: Period,
    pub(crate) citations: Vec<Citation>,
}

/// Decides under the notice, as if the person paid on the day of the assessment.
///
/// # Errors
/// In this order: [`Refusal::NotLate`], the notice's own, [`Refusal::AmountStated`], [`Refusal::AmountNeeded`].
pub(crate) fn assess(
    notice: &Notice,
    facts: Facts,
    identities: Vec<HeldIdentity>,
    question: Question,
) -> Result<Assessed, Refusal> {
    let mut facts = Facts {
        identities: Some(identities),
        paid: Some(question.assessed_on),
        // How it is paid is for tax to ask.
        cash: Some(false),
        ..facts.of_one_who_pays()
    };
    facts.done.get_or_insert_default().push(Step::Assessment);
    let ruling = notice.pay(&facts);
    let open = late_days(&ruling)?;
    if let Some(refusal) = ruling.refusal {
        return Err(Refusal::ByRule(Box::new(refusal)));
    }
    let ruling = Payment { aid: Vec::new(), parts: decided(ruling.parts, question.decided)?, ..ruling };
    let parts = ruling.amount_parts().ok_or_else(|| undecided(&ruling.parts))?;
    let own = parts.iter().filter(|part| part.bearer == Bearer::Person).map(|part| part.amount);
    let due = Money::sum(own).ok_or_else(|| undecided(&ruling.parts))?;
    Ok(Assessed { due, open, citations: ruling.citations().into_vec(), parts })
}

/// The days left of the late window.
fn late_days(ruling: &Payment) -> Result<Period, Refusal> {
    let in_time = |reason| matches!(reason, Reason::NotOpen | Reason::ClosedDay);
    match (&ruling.window, &ruling.refusal) {
        (Some(window), _) if window.late => {
            let days = window.days.and_then(|(from, to)| Period::new(from, to));
            days.ok_or_else(|| undecided(&ruling.parts))
        }
        // Without a window: another one comes, or the notice says what is the matter.
        (None, Some(refusal)) if !in_time(refusal.reason) => Err(Refusal::ByRule(Box::new(refusal.clone()))),
        _ => Err(Refusal::NotLate),
    }
}

/// The parts with the amount that a person decided in place of one that the notice leaves open.
fn decided(mut parts: Vec<PricePart>, decided: Option<Money>) -> Result<Vec<PricePart>, Refusal> {
    let open = parts.iter_mut().find(|part| part.part == Part::Personal && part.amount.is().is_none());
    match (open, decided) {
        (Some(part), Some(amount)) => part.amount = Stated::Is(amount),
        (Some(part), None) => return Err(Refusal::AmountNeeded(part.basis.to_vec())),
        (None, Some(_)) => return Err(Refusal::AmountStated),
        (None, None) => {}
    }
    Ok(parts)
}

/// Something beside the own part is left open, on which nobody here may decide.
fn undecided(parts: &[PricePart]) -> Refusal {
    let part = parts.iter().find(|part| part.amount.is().is_none());
    Refusal::ByRule(Box::new(canbao_policy::Refusal {
        reason: Reason::PersonMustDecide,
        say: None,
        basis: part.map_or_else(|| [].into(), |part| part.basis.clone()),
        day: None,
        next_day: None,
        row: "price".into(),
        fact: None,
    }))
}

#[cfg(test)]
mod tests {
    use canbao_policy::{EmployeeScheme, LastCovered, Notices, Place, Student};
    use canbao_types::{CoverYear, Division};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn facts() -> Facts {
        let xiaoyi = Division::from_code(141_181).unwrap();
        Facts {
            cover_year: CoverYear::new(2026),
            birth: Some(day("1980-01-01")),
            hukou: Some(Place::At(xiaoyi)),
            record: Some(Place::At(xiaoyi)),
            employee_scheme: Some(EmployeeScheme::Never),
            enrolled_elsewhere: Some(false),
            student: Some(Student::None),
            last_covered: Some(LastCovered::In(CoverYear::new(2025).unwrap())),
            ..Facts::default()
        }
    }

    fn held(name: &str, recognised: &str) -> HeldIdentity {
        let recognised = Some(day(recognised));
        HeldIdentity { name: name.to_owned(), confirmed: Some(true), recognised, ..HeldIdentity::default() }
    }

    fn assessed(
        facts: Facts,
        identities: &[HeldIdentity],
        on: &str,
        decided: Option<i64>,
    ) -> Result<Assessed, Refusal> {
        let notices = Notices::builtin().unwrap();
        let year = CoverYear::new(2026).unwrap();
        let notice = notices.find(Division::from_code(141_181).unwrap(), year).unwrap();
        let decided = decided.map(|yuan| Money::from_fen(yuan * 100).unwrap());
        assess(notice, facts, identities.to_vec(), Question { assessed_on: day(on), decided })
    }

    fn reason(outcome: Result<Assessed, Refusal>) -> Reason {
        match outcome {
            Err(Refusal::ByRule(refusal)) => refusal.reason,
            other => panic!("{other:?}"),
        }
    }

    fn figures(assessed: &Assessed) -> (String, Vec<(Part, String)>) {
        let parts = assessed.parts.iter().map(|part| (part.part, part.amount.to_string()));
        (assessed.due.to_string(), parts.collect())
    }

    #[test]
    fn a_late_payer_pays_the_own_part_and_the_governments_until_the_year_ends() {
        // XY26-39: 400 (XY26-03) and 700 (XJ26-09, reading A-30).
        let assessed = assessed(facts(), &[], "2026-03-05", None).unwrap();
        let expected = vec![(Part::Personal, "400.00".to_owned()), (Part::Government, "700.00".to_owned())];
        assert_eq!(figures(&assessed), ("1100.00".to_owned(), expected));
        assert_eq!(assessed.open.to(), day("2026-12-31"));
        assert!(assessed.citations.iter().any(|citation| citation.clause.as_str() == "XY26-39"));
        assert!(assessed.parts.iter().all(|part| part.bearer == Bearer::Person));
    }

    #[test]
    fn an_amount_that_the_notice_states_is_not_decided_by_a_person() {
        assert!(matches!(assessed(facts(), &[], "2026-03-05", Some(400)), Err(Refusal::AmountStated)));
    }

    #[test]
    fn a_person_decides_what_a_recognised_person_who_missed_the_window_pays() {
        // Reading A-36: recognised long before, so not newly.
        let known = [held("低保对象", "2024-05-01")];
        let Err(Refusal::AmountNeeded(citations)) = assessed(facts(), &known, "2026-04-01", None) else {
            panic!("the notice leaves it to a person");
        };
        assert_eq!(citations[0].clause.as_str(), "XY26-38");
        let assessed = assessed(facts(), &known, "2026-04-01", Some(80)).unwrap();
        let expected = vec![(Part::Personal, "80.00".to_owned()), (Part::Government, "700.00".to_owned())];
        assert_eq!(figures(&assessed), ("780.00".to_owned(), expected));
    }

    #[test]
    fn aid_is_not_taken_off_a_late_payment() {
        let disabled =
            HeldIdentity { certificate: Some(day("2020-05-01")), ..held("残疾人员", "2020-05-01") };
        let assessed = assessed(facts(), &[disabled], "2026-03-05", None).unwrap();
        assert_eq!(assessed.due.to_string(), "1100.00");
    }

    #[test]
    fn who_may_still_pay_in_a_window_is_not_late() {
        for on in ["2025-10-20", "2025-11-03", "2025-11-26", "2026-02-25"] {
            assert!(matches!(assessed(facts(), &[], on, None), Err(Refusal::NotLate)), "{on}");
        }
        assert!(assessed(facts(), &[], "2026-02-26", None).is_ok(), "the day after the last one");
        let newly = [held("低保对象", "2026-04-10")];
        assert!(matches!(assessed(facts(), &newly, "2026-04-20", None), Err(Refusal::NotLate)));
    }

    #[test]
    fn nobody_is_assessed_after_the_year_or_against_another_rule() {
        assert_eq!(reason(assessed(facts(), &[], "2027-01-01", None)), Reason::WindowClosed);
        let away = Facts { record: Some(Place::At(Division::from_code(141_182).unwrap())), ..facts() };
        assert_eq!(reason(assessed(away, &[], "2026-03-05", None)), Reason::ChangeRegionFirst);
        let employed = Facts { employee_scheme: Some(EmployeeScheme::Enrolled), ..facts() };
        assert_eq!(reason(assessed(employed, &[], "2026-03-05", None)), Reason::InEmployeeScheme);
    }
}
