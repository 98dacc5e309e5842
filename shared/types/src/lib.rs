//! The words of the trade: money, dates, working days, identity numbers, keys, divisions, citations.
//!
//! Everything here is pure: no clock, no network, no file but the calendar that is compiled in. The one
//! exception is the making of new ids, which asks the system for the time and for random bits.
//!
//! A value of one of these types is valid: text is parsed once, at the edge, and the rest of the suite
//! never checks it again. What identifies a person prints masked, and `expose` is the only way to its text.

#[macro_use]
mod text;

mod amount;
mod calendar;
mod citation;
mod date;
mod division;
mod id;
mod identity_number;
mod key;
mod money;
mod person;
mod reason;
mod refused;

pub use amount::{AmountPart, Bearer, Part, total};
pub use calendar::{Calendar, CalendarError, YearNotCovered};
pub use citation::{Citation, Citations, ClauseId, ClauseIdError};
pub use date::{
    CoverYear, Period, YEARS, add_days, add_months, beijing_date, day_number, day_of_number, months_before,
};
pub use division::{Division, DivisionError};
pub use id::{EntryId, IdError, PaymentId, RefundId, RequestId, ResidentId, RosterId};
pub use identity_number::{IdentityNumber, IdentityNumberError, check_character};
pub use key::{NameKey, PersonKey, SuiteKey};
pub use money::{Money, MoneyError};
pub use person::{Document, DocumentError, DocumentKind, Name, NameError, Sex};
pub use reason::Reason;
pub use refused::{RefusalKind, Refused};
pub use text::UnknownWord;

/// A civil date. Every civil date of the suite is a date in Beijing.
pub use chrono::NaiveDate as Date;
/// An instant is `DateTime<Utc>`; year, month and day of a [`Date`] are read through `Datelike`.
pub use chrono::{DateTime, Datelike, Utc};
/// Exact decimal arithmetic, for rates; money itself is [`Money`].
pub use rust_decimal::Decimal;
