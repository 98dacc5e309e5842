use std::collections::HashSet;

use canbao_types::{Citation, ClauseId, Reason, RefusalKind, Refused};

use crate::{date, read};

fn citation(clause: &str) -> Citation {
    read::<ClauseId>(clause).into()
}

#[test]
fn every_reason_comes_back_from_its_code_and_shows_an_upper_case_form_of_it() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        let kebab = reason.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(kebab, "{reason}");
        assert_eq!(reason.wire_code().to_lowercase().replace('_', "-"), reason.code());
    }
    assert_eq!(Reason::ClosedDay.wire_code(), "CLOSED_DAY");
    assert_eq!(Reason::CalendarYearMissing.wire_code(), "CALENDAR_YEAR_MISSING");
    assert_eq!(Reason::from_code("because"), None);
}

#[test]
fn every_reason_has_a_message_of_its_own_in_one_short_chinese_sentence() {
    let messages: HashSet<&str> = Reason::ALL.iter().map(|reason| reason.message()).collect();
    assert_eq!(messages.len(), Reason::ALL.len());
    for message in messages {
        assert!(message.ends_with('。') && message.matches('。').count() == 1, "{message}");
        assert!(message.chars().count() <= 40 && !message.is_ascii(), "{message}");
        assert!(!message.contains(|c: char| c.is_ascii_punctuation()), "{message}");
    }
}

#[test]
fn a_rules_refusal_carries_the_reason_its_message_and_its_clauses() {
    let refused = Refused::by_rule(Reason::ClosedDay, vec![citation("XY26-24")])
        .citing([citation("XY26-25")])
        .with("next_day", date("2025-11-01"));
    assert_eq!(refused.reason, "CLOSED_DAY");
    assert_eq!(refused.kind, RefusalKind::Precondition);
    assert_eq!(refused.message, Reason::ClosedDay.message());
    assert_eq!(refused.citations, [citation("XY26-24"), citation("XY26-25")]);
    assert_eq!(refused.metadata, [("next_day".to_owned(), "2025-11-01".to_owned())]);
    assert_eq!(refused.to_string(), format!("CLOSED_DAY: {}", refused.message));
}
