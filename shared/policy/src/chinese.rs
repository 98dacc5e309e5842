//! Days and amounts as people read them.

use canbao_types::{Date, Datelike, Money};

/// A day, such as 2026年7月1日.
#[must_use]
pub fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// An amount, such as 80元 or 0.50元.
#[must_use]
pub fn yuan(amount: Money) -> String {
    let text = amount.to_string();
    format!("{}元", text.strip_suffix(".00").unwrap_or(&text))
}
