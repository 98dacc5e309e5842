//! The decision: may this roster be taken, from whom, and is this line a new one?

use canbao_policy::{DeclaredIdentity, Notice};

use crate::{identity::Line, refusal::Refusal};

/// The identity a roster is about, when the notice knows it and the submitter certifies it.
pub(crate) fn admit<'a>(
    notice: &'a Notice,
    identity: &str,
    submitter: &str,
) -> Result<&'a DeclaredIdentity, Refusal> {
    let declared = notice.identities().iter().find(|declared| *declared.name == *identity);
    let declared = declared.ok_or(Refusal::UnknownIdentity)?;
    if certifies(declared, submitter) {
        Ok(declared)
    } else {
        Err(Refusal::NotTheSubmitter(declared.basis.to_vec()))
    }
}

/// Whether this caller certifies the identity.
pub(crate) fn certifies(declared: &DeclaredIdentity, caller: &str) -> bool {
    declared.submitters.iter().any(|submitter| submitter.code() == caller)
}

/// As many lines as were declared.
pub(crate) fn complete(declared: u32, lines: usize) -> Result<(), Refusal> {
    if usize::try_from(declared) == Ok(lines) {
        Ok(())
    } else {
        Err(Refusal::CountDiffers { declared, lines })
    }
}

/// Whether a line is of an older roster than what is known, whose place it never takes: rosters may come late.
pub(crate) fn is_older(line: &Line, known: &Line) -> bool {
    line.listed_on < known.listed_on
}

/// Whether a line says what is known already. The day of the roster is no part of it, nor is a confirmation.
pub(crate) fn repeats(line: &Line, known: &Line) -> bool {
    let same = Line { listed_on: known.listed_on, confirmed_on: known.confirmed_on, ..line.clone() };
    same == *known
}

#[cfg(test)]
mod tests {
    use canbao_policy::Notices;

    use super::*;

    fn line(listed_on: &str, confirmed_on: Option<&str>) -> Line {
        Line {
            identity: "低保对象".to_owned(),
            listed_on: listed_on.parse().unwrap(),
            recognised_on: "2025-06-01".parse().unwrap(),
            certificate_on: None,
            rated_on: None,
            kind: None,
            grade: None,
            poor: None,
            ended_on: None,
            confirmed_on: confirmed_on.map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn a_list_is_taken_from_whoever_certifies_its_identity_and_from_nobody_else() {
        let notices = Notices::builtin().unwrap();
        let notice = notices.iter().find(|notice| notice.division().code() == 141_181).unwrap();
        for (identity, submitters) in [
            ("特困人员", &["civil-affairs", "rural-revitalisation"][..]),
            ("残疾人员", &["disabled-federation"]),
            ("市属改制企业职工", &["industry"]),
            ("优抚对象", &["veterans"]),
            ("脱贫人口", &["rural-revitalisation"]),
        ] {
            for by in [
                "civil-affairs",
                "rural-revitalisation",
                "disabled-federation",
                "industry",
                "veterans",
                "medical-insurance",
            ] {
                assert_eq!(admit(notice, identity, by).is_ok(), submitters.contains(&by), "{identity} {by}");
            }
        }
        assert!(matches!(admit(notice, "低保", "civil-affairs"), Err(Refusal::UnknownIdentity)));
    }

    #[test]
    fn a_line_repeats_another_whatever_the_day_of_the_roster_and_the_confirmation() {
        let known = line("2025-11-05", Some("2025-11-06"));
        assert!(repeats(&line("2025-12-05", None), &known));
        let ended = Line { ended_on: "2025-12-31".parse().ok(), ..line("2025-12-05", None) };
        assert!(!repeats(&ended, &known));
    }

    #[test]
    fn of_two_rosters_of_one_day_neither_is_older() {
        let known = line("2025-12-05", None);
        assert!(is_older(&line("2025-12-04", None), &known));
        assert!(!is_older(&line("2025-12-05", None), &known));
    }

    #[test]
    fn a_list_has_as_many_people_as_it_declares() {
        assert!(complete(2, 2).is_ok());
        assert!(matches!(complete(3, 2), Err(Refusal::CountDiffers { declared: 3, lines: 2 })));
    }
}
