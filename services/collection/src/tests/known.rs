//! What is known of a resident who pays, to begin with.

use canbao_policy::{EmployeeScheme, Facts, LastCovered, Notice, Notices, Place, Student};
use canbao_types::{Citation, ClauseId, CoverYear, Date, Money};

use crate::{
    contribution::Known,
    owed::{Owed, SettledBy, Told},
};

pub(super) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(super) fn notice() -> Notice {
    let notices = Notices::builtin().unwrap();
    notices.iter().find(|notice| notice.division().code() == 141_181).unwrap().clone()
}

/// Somebody insured last year, of whom only registration has told.
pub(super) fn plain() -> Known {
    let here = Some(Place::At("141181".parse().unwrap()));
    let facts = Facts {
        cover_year: CoverYear::new(2026),
        birth: Some(day("1980-01-01")),
        record: here,
        hukou: here,
        employee_scheme: Some(EmployeeScheme::Never),
        enrolled_elsewhere: Some(false),
        student: Some(Student::None),
        last_covered: CoverYear::new(2025).map(LastCovered::In),
        ..Facts::default()
    };
    Known { facts, ended_on: None, told: None, assessed: None, settled: None, paid_ahead: false }
}

/// It is the same in every tier and on every day.
pub(super) fn only(owed: Owed) -> Option<Told> {
    Some(Told { owed, otherwise: Vec::new() })
}

/// What subsidy tells of somebody on a roster.
pub(super) fn told(aided: &str, settled_by: SettledBy) -> Owed {
    Owed {
        determination: 7,
        aided: Some(money(aided)),
        payable_item: "特殊缴费".to_owned(),
        citations: vec![Citation::from("XY26-67".parse::<ClauseId>().unwrap())],
        settled_by,
        open: None,
        tier: String::new(),
    }
}
