//! From the wire to the words of the trade and back.
//!
//! A request is read field by field into a [`Malformed`], which notes every field that is wrong, so that the caller is
//! told of all of them at once: at most [`Malformed::SHOWN`] by name, and how many there are.

use std::{fmt::Display, ops::RangeInclusive};

use canbao_types::{
    AmountPart, Bearer, Citation, ClauseId, CoverYear, Date, Division, Document, IdentityNumber, Money, Part,
    PersonKey, RequestId, ResidentId, Sex, SuiteKey, YEARS,
};
use chrono::Datelike;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::{common, google, registration, rules};

/// The four departments, in the order of their ports; each is the name of a log, too.
pub const DEPARTMENTS: [&str; 4] = ["registration", "collection", "subsidy", "benefits"];

/// What is wrong with a request, field by field.
#[derive(Debug, Default)]
pub struct Malformed {
    violations: Vec<FieldViolation>,
    count: usize,
    prefix: String,
}

/// A log position that must have been applied before a request is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The department whose log it is.
    pub log: String,
    /// The position.
    pub position: u64,
}

/// Whose books a question is about, and what must have been heard of first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The log positions to wait for.
    pub after: Vec<After>,
    /// The division and the coverage year.
    pub books: (Division, CoverYear),
}

/// A page of a list by ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The id after which it begins; zeros: the first.
    pub from: [u8; 16],
    /// At most so many items.
    pub size: u32,
}

/// A resident as a request names one; a document is a key by now, and its number forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resident {
    /// By the id given at registration.
    Id(ResidentId),
    /// By the key of a document.
    Key(PersonKey),
}

impl Malformed {
    /// How many wrong fields are named; the rest is only counted.
    pub const SHOWN: usize = 20;

    /// Notes that a field is wrong, and how.
    pub fn note(&mut self, field: &str, problem: impl Display) {
        self.count += 1;
        if self.violations.len() < Self::SHOWN {
            let problem: String = problem.to_string().chars().take(100).collect();
            self.violations.push(FieldViolation::new(format!("{}{field}", self.prefix), problem));
        }
    }

    /// Reads a part of the request whose fields are named with a prefix, such as `lines[3].`.
    pub fn within<T>(&mut self, prefix: impl Display, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.prefix.len();
        self.prefix.push_str(&format!("{prefix}."));
        let read = read(self);
        self.prefix.truncate(outer);
        read
    }

    /// Nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Nothing was wrong, or all that was.
    pub fn readable(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// `INVALID_ARGUMENT`, with the wrong fields in its details.
    pub fn status(self) -> Status {
        let shown: Vec<_> =
            self.violations.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.description)).collect();
        let more = self.count - shown.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let message: String = shown.join("; ").chars().take(1_000).collect();
        let details = ErrorDetails::with_bad_request(self.violations);
        let message = format!("malformed, {} in all: {message}{more}", self.count);
        Status::with_error_details(Code::InvalidArgument, message, details)
    }

    fn take<T>(&mut self, field: &str, read: Result<T, impl Display>) -> Option<T> {
        read.map_err(|problem| self.note(field, problem)).ok()
    }

    fn given<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.note(field, "is missing");
        }
        value
    }

    /// The id of a request: a UUID.
    pub fn request_id(&mut self, field: &str, text: &str) -> Option<RequestId> {
        self.take(field, text.parse())
    }

    /// A division: six digits.
    pub fn division(&mut self, field: &str, text: &str) -> Option<Division> {
        self.take(field, text.parse())
    }

    /// A coverage year.
    pub fn cover_year(&mut self, field: &str, year: i32) -> Option<CoverYear> {
        let year = u16::try_from(year).ok().and_then(CoverYear::new);
        if year.is_none() {
            self.note(field, "is not a coverage year between 2000 and 2100");
        }
        year
    }

    /// A civil date that must be given.
    pub fn date(&mut self, field: &str, date: Option<google::Date>) -> Option<Date> {
        let date = self.given(field, date)?;
        let read = u32::try_from(date.month).ok().zip(u32::try_from(date.day).ok());
        let read = read.and_then(|(month, day)| Date::from_ymd_opt(date.year, month, day));
        let read = read.filter(|date| YEARS.contains(&date.year()));
        if read.is_none() {
            self.note(field, "is not a day between the years 1800 and 2200");
        }
        read
    }

    /// An amount that must be given.
    pub fn money(&mut self, field: &str, money: Option<&common::Money>) -> Option<Money> {
        let money = self.given(field, money)?;
        self.take(&format!("{field}.yuan"), money.yuan.parse())
    }

    /// An amount of more than zero.
    pub fn positive_money(&mut self, field: &str, money: Option<&common::Money>) -> Option<Money> {
        let money = self.money(field, money)?;
        if money <= Money::ZERO {
            self.note(&format!("{field}.yuan"), "must be more than zero");
            return None;
        }
        Some(money)
    }

    /// Text of so many characters, each of them allowed.
    pub fn text(
        &mut self,
        field: &str,
        text: &str,
        length: RangeInclusive<usize>,
        allowed: fn(char) -> bool,
    ) -> Option<String> {
        if !length.contains(&text.chars().count()) {
            self.note(field, format_args!("must have {} to {} characters", length.start(), length.end()));
            return None;
        }
        if !text.chars().all(allowed) {
            self.note(field, "has a character that is not allowed");
            return None;
        }
        Some(text.to_owned())
    }

    /// A key or id of 16 bytes.
    pub fn bytes(&mut self, field: &str, bytes: &[u8]) -> Option<[u8; 16]> {
        self.take(field, bytes.try_into().map_err(|_| "must have 16 bytes"))
    }

    /// 乡镇(街道): nine digits, or empty when it is not given.
    pub fn township(&mut self, field: &str, text: &str) -> Option<String> {
        let well_formed =
            text.is_empty() || text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !well_formed {
            self.note(field, "is neither empty nor nine digits");
        }
        well_formed.then(|| text.to_owned())
    }

    /// How many items a page may have: 1 to 1,000; 0 stands for 100.
    pub fn page_size(&mut self, size: u32) -> Option<u32> {
        match size {
            0 => Some(100),
            1..=1_000 => Some(size),
            _ => {
                self.note("page_size", "is more than 1,000");
                None
            }
        }
    }

    /// Where the page before ended: the id of its last item, all zeros before the first. See [`page_token`].
    pub fn page_token(&mut self, token: &str) -> Option<[u8; 16]> {
        if token.is_empty() {
            return Some([0; 16]);
        }
        let token = token.parse::<RequestId>().map(|id| *id.as_bytes());
        self.take("page_token", token.map_err(|_| "is not one of ours"))
    }

    /// What a question about the books of a division and coverage year begins with.
    pub fn asked(
        &mut self,
        after: &[common::LogPosition],
        (division, cover_year): (&str, i32),
    ) -> Option<Asked> {
        let after = self.after(after);
        let division = self.division("division", division);
        let cover_year = self.cover_year("cover_year", cover_year);
        Some(Asked { after, books: (division?, cover_year?) })
    }

    /// Which page of a list by ids.
    pub fn page(&mut self, size: u32, token: &str) -> Option<Page> {
        let (size, from) = (self.page_size(size), self.page_token(token));
        Some(Page { size: size?, from: from? })
    }

    /// The name of a channel.
    pub fn channel(&mut self, field: &str, text: &str) -> Option<String> {
        self.text(field, text, 1..=40, rules::is_channel_character)
    }

    /// A channel's number of a transaction.
    pub fn transaction_id(&mut self, field: &str, text: &str) -> Option<String> {
        self.text(field, text, 1..=64, |c| c.is_ascii_graphic())
    }

    /// A document.
    pub fn document(&mut self, field: &str, document: Option<&common::IdentityDocument>) -> Option<Document> {
        let document = self.given(field, document)?;
        match document.kind() {
            common::DocumentKind::IdentityNumber => {
                let number =
                    self.take(&format!("{field}.number"), IdentityNumber::parse(&document.number))?;
                Some(Document::identity(number))
            }
            common::DocumentKind::BirthCertificate => {
                self.take(&format!("{field}.number"), Document::birth_certificate(&document.number))
            }
            common::DocumentKind::Unspecified => {
                self.note(&format!("{field}.kind"), "is missing or not known");
                None
            }
        }
    }

    /// A resident; a document's number is made a key at once.
    pub fn resident(
        &mut self,
        field: &str,
        resident: Option<&common::ResidentReference>,
        key: &SuiteKey,
    ) -> Option<Resident> {
        use common::resident_reference::Reference;
        match self.given(field, resident.and_then(|resident| resident.reference.as_ref()))? {
            Reference::ResidentId(text) => {
                self.take(&format!("{field}.resident_id"), text.parse()).map(Resident::Id)
            }
            Reference::Document(document) => {
                let document = self.document(&format!("{field}.document"), Some(document))?;
                Some(Resident::Key(key.person_key(&document)))
            }
        }
    }

    /// The log positions to wait for.
    pub fn after(&mut self, positions: &[common::LogPosition]) -> Vec<After> {
        if positions.len() > DEPARTMENTS.len() {
            self.note("after", "names more logs than there are departments");
        }
        let mut after = Vec::new();
        for (at, position) in positions.iter().enumerate().take(DEPARTMENTS.len()) {
            if DEPARTMENTS.contains(&position.log.as_str()) {
                after.push(After { log: position.log.clone(), position: position.position });
            } else {
                self.note(&format!("after[{at}].log"), "is not a department");
            }
        }
        after
    }
}

/// The token with which the page after this one is asked for: the id of the last item, when the page is full.
pub fn page_token<'a>(page: impl ExactSizeIterator<Item = &'a [u8; 16]>, size: u32) -> String {
    if page.len() < size as usize {
        return String::new();
    }
    page.last().map(|id| RequestId::from_bytes(*id).to_string()).unwrap_or_default()
}

/// An amount on the wire.
pub fn money(money: Money) -> common::Money {
    common::Money { yuan: money.to_string() }
}

/// A civil date on the wire.
pub fn date(date: Date) -> google::Date {
    google::Date { year: date.year(), month: date.month() as i32, day: date.day() as i32 }
}

/// A sex on the wire.
pub const fn sex(sex: Sex) -> registration::Sex {
    match sex {
        Sex::Male => registration::Sex::Male,
        Sex::Female => registration::Sex::Female,
    }
}

/// Citations on the wire.
pub fn citations<'a>(citations: impl IntoIterator<Item = &'a Citation>) -> Vec<common::Citation> {
    let show = |citation: &Citation| common::Citation {
        clause: citation.clause.to_string(),
        open_points: citation.open.clone(),
    };
    citations.into_iter().map(show).collect()
}

fn clause_only(clause: &ClauseId) -> common::Citation {
    common::Citation { clause: clause.to_string(), open_points: Vec::new() }
}

/// What a part of an amount is for, on the wire.
pub const fn part(part: Part) -> common::Part {
    match part {
        Part::Personal => common::Part::Personal,
        Part::Government => common::Part::Government,
        Part::Repair => common::Part::Repair,
        Part::Arrears => common::Part::Arrears,
        Part::Side => common::Part::Side,
    }
}

/// A part of an amount on the wire.
pub fn amount_part(part: &AmountPart) -> common::AmountPart {
    let bearer = match &part.bearer {
        Bearer::Person => "person".to_owned(),
        Bearer::Payer(name) => name.clone(),
    };
    common::AmountPart {
        part: self::part(part.part).into(),
        amount: Some(money(part.amount)),
        bearer,
        citations: part.clauses.iter().map(clause_only).collect(),
        product: part.name.clone().unwrap_or_default(),
    }
}

/// A log position on the wire.
pub fn position(log: &str, position: u64) -> common::LogPosition {
    common::LogPosition { log: log.to_owned(), position }
}
