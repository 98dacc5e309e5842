//! The decision: what is there to move here (参保地变更)?

use canbao_types::Division;

use crate::refusal::Refusal;

/// A registration that has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) division: Division,
    pub(crate) insured: bool,
}

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relocation {
    /// The registration itself, from this division.
    Registration(Division),
    /// The enrolment record; the person is registered here already.
    Record,
}

/// Decides what moves to a division: a registration in another one, or else the record of the one that is here.
///
/// # Errors
/// [`Refusal::NothingToMove`]; [`Refusal::AlreadyInsured`], as moving comes before payment (XY26-47).
pub(crate) fn decide(
    to: Division,
    registered: &[Standing],
    record: Option<Division>,
) -> Result<Relocation, Refusal> {
    let elsewhere = registered.iter().find(|standing| standing.division != to);
    let here = registered.iter().find(|standing| standing.division == to);
    let (standing, relocation) = match (elsewhere, here) {
        (Some(standing), _) => (standing, Relocation::Registration(standing.division)),
        (None, Some(standing)) if record.is_some_and(|record| record != to) => (standing, Relocation::Record),
        (None, _) => return Err(Refusal::NothingToMove),
    };
    if standing.insured { Err(Refusal::AlreadyInsured) } else { Ok(relocation) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Division = Division::from_code(141_181).unwrap();
    const THERE: Division = Division::from_code(141_182).unwrap();

    fn standing(division: Division, insured: bool) -> [Standing; 1] {
        [Standing { division, insured }]
    }

    #[test]
    fn a_registration_elsewhere_moves_unless_it_is_insured() {
        let moved = decide(HERE, &standing(THERE, false), None).unwrap();
        assert_eq!(moved, Relocation::Registration(THERE));
        assert!(matches!(decide(HERE, &standing(THERE, true), None), Err(Refusal::AlreadyInsured)));
    }

    #[test]
    fn a_record_elsewhere_moves_to_the_registration_that_is_here_unless_that_is_insured() {
        assert_eq!(decide(HERE, &standing(HERE, false), Some(THERE)).unwrap(), Relocation::Record);
        assert!(matches!(decide(HERE, &standing(HERE, true), Some(THERE)), Err(Refusal::AlreadyInsured)));
    }

    #[test]
    fn nobody_moves_who_is_registered_nowhere_or_here_with_the_record() {
        for (registered, record) in [
            (&[][..], None),
            (&[], Some(THERE)),
            (&standing(HERE, false), None),
            (&standing(HERE, true), Some(HERE)),
        ] {
            assert!(matches!(decide(HERE, registered, record), Err(Refusal::NothingToMove)));
        }
    }
}
