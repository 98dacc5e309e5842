//! Identity numbers (公民身份号码) of 18 characters, by GB 11643-1999.

use std::fmt;

use crate::{Date, Datelike, Division, Sex, YEARS};

/// An identity number of 18 characters whose check character fits.
///
/// Three documents share the form: the resident identity card; the residence permit of Hong Kong, Macao and
/// Taiwan residents, which begins with 81, 82 or 83; and the foreign permanent resident identity card, which
/// begins with 9. The last is accepted by its check character alone: no official text confirms the rest.
///
/// Prints masked; has no serde form on purpose. [`expose`](Self::expose) is the way to the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityNumber {
    text: String,
    birth: Date,
}

impl IdentityNumber {
    /// Reads a number; a lower-case check character x is accepted and becomes X.
    pub fn parse(text: &str) -> Result<IdentityNumber, IdentityNumberError> {
        if text.len() == 15 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IdentityNumberError::FifteenDigits);
        }
        if text.chars().count() != 18 {
            return Err(IdentityNumberError::Length);
        }
        let text = text.to_ascii_uppercase();
        let (Some(body), Some(check)) = (text.get(..17), text.get(17..)) else {
            return Err(IdentityNumberError::Character);
        };
        let Some(expected) = check_character(body) else {
            return Err(IdentityNumberError::Character);
        };
        if !check.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X') {
            return Err(IdentityNumberError::Character);
        }
        if !is_issued_region(body) {
            return Err(IdentityNumberError::Region);
        }
        let birth = birth_date(body).ok_or(IdentityNumberError::Birth)?;
        if !check.starts_with(expected) {
            return Err(IdentityNumberError::Check);
        }
        Ok(IdentityNumber { text, birth })
    }

    /// Where the number was first issued, which is not always where the person lives. None for the foreign
    /// permanent resident identity card, whose first six characters are no division code.
    pub fn division(&self) -> Option<Division> {
        if self.is_foreign_permanent_resident() { None } else { self.text.get(..6)?.parse().ok() }
    }

    /// Whether this is the number of a foreign permanent resident identity card (外国人永久居留身份证), whose
    /// form rests on no official text.
    pub fn is_foreign_permanent_resident(&self) -> bool {
        self.text.starts_with('9')
    }

    /// The date of birth.
    pub const fn birth(&self) -> Date {
        self.birth
    }

    /// The sex: the last digit of the sequence number is odd for men.
    pub fn sex(&self) -> Sex {
        let odd = self.text.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1);
        if odd { Sex::Male } else { Sex::Female }
    }

    /// The first and last four characters, the rest starred: `3706**********1234`. As much as may be shown.
    pub fn masked(&self) -> String {
        let (first, last) = (self.text.get(..4), self.text.get(14..));
        format!("{}**********{}", first.unwrap_or_default(), last.unwrap_or_default())
    }

    /// The whole number. For sealing, keys and the answer to one who may read it; never for a log.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// The check character of the first 17 digits, by ISO 7064 MOD 11-2; `None` unless there are 17 digits.
pub fn check_character(first_17_digits: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const BY_REMAINDER: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if first_17_digits.len() != WEIGHTS.len() {
        return None;
    }
    let digits: Option<Vec<u32>> = first_17_digits.chars().map(|digit| digit.to_digit(10)).collect();
    let weighed: u32 = WEIGHTS.iter().zip(digits?).map(|(weight, digit)| weight * digit).sum();
    BY_REMAINDER.into_iter().nth(usize::try_from(weighed % 11).ok()?)
}

/// GB/T 2260 begins provinces with 1 to 7; 81, 82 and 83 are Hong Kong, Macao and Taiwan residents; 9 is the
/// foreign permanent resident identity card.
fn is_issued_region(body: &str) -> bool {
    matches!(body.as_bytes(), [b'1'..=b'7' | b'9', ..] | [b'8', b'1'..=b'3', ..])
}

fn birth_date(body: &str) -> Option<Date> {
    let (year, month, day) = (body.get(6..10)?, body.get(10..12)?, body.get(12..14)?);
    let birth = Date::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    YEARS.contains(&birth.year()).then_some(birth)
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityNumber({})", self.masked())
    }
}

impl fmt::Display for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Why a text is not an identity number. Never holds or prints the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityNumberError {
    /// The form of 15 digits, no longer issued.
    FifteenDigits,
    /// Not 18 characters.
    Length,
    /// Something other than 17 digits and a digit or X.
    Character,
    /// No issuing region begins like this.
    Region,
    /// The date of birth is not a date.
    Birth,
    /// The check character does not fit: a slip of writing.
    Check,
}

impl fmt::Display for IdentityNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FifteenDigits => {
                "identity numbers of 15 digits are no longer valid; give the one of 18 characters"
            }
            Self::Length => "an identity number has 18 characters",
            Self::Character => "an identity number is 17 digits and a digit or X",
            Self::Region => "no identity number begins with this region",
            Self::Birth => "the date of birth in the identity number is not a date",
            Self::Check => "the check character does not fit; one of the characters is wrong",
        })
    }
}

impl std::error::Error for IdentityNumberError {}
