//! Administrative divisions (行政区划) by their GB/T 2260 code.

use std::fmt;
use std::str::FromStr;

/// An administrative division: six digits of GB/T 2260 for 招远.
///
/// Not checked against a list: the lists in use differ, and development zones stand in none or in some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Division(u32);

impl Division {
    /// The division with this code, 100000 to 999999.
    pub const fn from_code(code: u32) -> Option<Division> {
        if code >= 100_000 && code <= 999_999 { Some(Division(code)) } else { None }
    }

    /// The code as a number.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// Whether the other division is this one or lies inside it: trailing `00` pairs stand for "all of it",
    /// so 370000 contains 370600, and both contain 370685 (GB/T 2260: two digits each for province, city and
    /// county).
    pub const fn contains(self, other: Division) -> bool {
        let unit = match self.0 {
            code if code % 10_000 == 0 => 10_000,
            code if code % 100 == 0 => 100,
            _ => 1,
        };
        self.0 / unit == other.0 / unit
    }
}

impl FromStr for Division {
    type Err = DivisionError;

    fn from_str(text: &str) -> Result<Division, DivisionError> {
        if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DivisionError);
        }
        text.parse().ok().and_then(Division::from_code).ok_or(DivisionError)
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

serde_as_text!(Division);

/// The text is not a division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DivisionError;

impl fmt::Display for DivisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a division code is six digits such as 110000")
    }
}

impl std::error::Error for DivisionError {}
