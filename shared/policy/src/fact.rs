//! The names of facts: what a condition of a notice may ask about, and of which kind each is.

use std::fmt;
use std::sync::Arc;

use crate::words::{ChannelKind, EmployeeScheme, Funds, History, Kinship, Sex, Step, Student, Unemployment};

/// Declares the facts a condition or an answer can name, in the order of the sheet: days, places, words.
macro_rules! facts {
    ($($variant:ident = $code:literal,)+) => {
        /// The name of a fact, as notices write it and as an answer asks for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is documented where it is given, in `Facts`")]
        pub enum Fact { $($variant,)+ }

        impl Fact {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text of the name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

facts! {
    Birth = "birth",
    EmployeeFrom = "employee_from",
    EmployeeUntil = "employee_until",
    Paid = "paid",
    Arrived = "arrived",
    Recognised = "recognised",
    Confirmed = "confirmed",
    Asked = "asked",
    Left = "left",
    Success = "success",
    Event = "event",
    SchoolRegistered = "school_registered",
    Registered = "registered",
    Died = "died",
    Start = "start",
    IdentityRecognised = "identity.recognised",
    IdentityCertificate = "identity.certificate",
    IdentityRated = "identity.rated",
    Hukou = "hukou",
    Permit = "permit",
    House = "house",
    ParentPermit = "parent_permit",
    School = "school",
    Record = "record",
    EmployeeScheme = "employee_scheme",
    EmployeeMonths = "employee_months",
    Sex = "sex",
    ParentInsured = "parent_insured",
    Unemployment = "unemployment",
    Student = "student",
    Funds = "funds",
    Kinship = "kinship",
    Channel = "channel",
    Option = "option",
    Ground = "ground",
    Identity = "identity",
    Done = "done",
    Papers = "papers",
    Works = "works",
    Rural = "rural",
    Retired = "retired",
    EmployeeBenefits = "employee_benefits",
    RetirementAge = "retirement_age",
    FullTime = "full_time",
    EnrolledElsewhere = "enrolled_elsewhere",
    Cash = "cash",
    History = "history",
    Missed = "missed",
    Class = "class",
    Tier = "tier",
    Window = "window",
    Late = "late",
    Who = "who",
    WorkingDay = "working_day",
    Short = "short",
    BalanceCovers = "balance_covers",
    Emergency = "emergency",
    IdentityConfirmed = "identity.confirmed",
    IdentityGrade = "identity.grade",
    IdentityPoor = "identity.poor",
    IdentityKind = "identity.kind",
    CoverYear = "cover_year",
    LastCovered = "last_covered",
    ProgrammeYears = "programme_years",
    PaidAmount = "paid_amount",
    YearsPaid = "years_paid",
    PricePaid = "price_paid",
    What = "what",
    TierAsked = "tier_asked",
    RepairYears = "repair_years",
    Balance = "balance",
    Arrears = "arrears",
    Causes = "causes",
    ContinuousYears = "n",
    ZeroUseYears = "zero",
    FundOfYear = "years[].fund",
    YearsOfCap = "years",
}

/// What values a condition on a fact is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A day.
    Day,
    /// A division.
    Place,
    /// One of these words, the same for every notice.
    Closed(&'static [&'static str]),
    /// A word the notice declares.
    Declared,
    /// Yes or no.
    Flag,
    /// A small number.
    Count,
    /// A coverage year.
    Year,
    /// Not usable in a condition.
    Elsewhere,
}

impl Kind {
    /// How a condition writes such a value.
    pub fn written(self) -> &'static str {
        match self {
            Self::Day => "a date, or { from = …, to = … } of dates or points",
            Self::Place => "a division code in quotes, or { outside = \"…\" }",
            Self::Closed(_) | Self::Declared => "a word in quotes, or a list of words",
            Self::Flag => "true or false",
            Self::Count => "a number, a list of numbers, or { from = …, to = … }",
            Self::Year => "a year such as 2026, or { from = …, to = … }",
            Self::Elsewhere => "another fact",
        }
    }
}

impl Fact {
    /// The key under which the fact is given in written facts, such as "identities[].confirmed".
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Identity => "identities",
            Self::IdentityRecognised => "identities[].recognised",
            Self::IdentityCertificate => "identities[].certificate",
            Self::IdentityRated => "identities[].rated",
            Self::IdentityConfirmed => "identities[].confirmed",
            Self::IdentityGrade => "identities[].grade",
            Self::IdentityPoor => "identities[].poor",
            Self::IdentityKind => "identities[].kind",
            given => given.code(),
        }
    }

    /// The fact that an answer names, by its name or by the key to give it under.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.code() == text || fact.key() == text)
    }

    /// The fact a condition about the person names.
    pub(crate) fn of_person(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.code() == name && fact.kind() != Kind::Elsewhere)
    }

    /// The fact a condition about one identity names, without the prefix.
    pub(crate) fn of_identity(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.code().strip_prefix("identity.") == Some(name))
    }

    /// The names a condition may use: of one identity, without the prefix, or of the person.
    pub(crate) fn codes(of_identity: bool) -> Vec<Arc<str>> {
        let of_person =
            |fact: &&Self| fact.kind() != Kind::Elsewhere && !fact.code().starts_with("identity.");
        let facts = Self::ALL.iter();
        match of_identity {
            true => facts.filter_map(|fact| fact.code().strip_prefix("identity.")).map(Arc::from).collect(),
            false => facts.filter(of_person).map(|fact| Arc::from(fact.code())).collect(),
        }
    }

    /// The kind of its values.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::EmployeeScheme => Kind::Closed(EmployeeScheme::CODES),
            Self::Unemployment => Kind::Closed(Unemployment::CODES),
            Self::Student => Kind::Closed(Student::CODES),
            Self::Funds => Kind::Closed(Funds::CODES),
            Self::Kinship => Kind::Closed(Kinship::CODES),
            Self::Channel => Kind::Closed(ChannelKind::CODES),
            Self::Done => Kind::Closed(Step::CODES),
            Self::History => Kind::Closed(History::CODES),
            Self::Option
            | Self::Ground
            | Self::Identity
            | Self::Papers
            | Self::Class
            | Self::Tier
            | Self::Window
            | Self::Who
            | Self::IdentityKind => Kind::Declared,
            Self::Sex => Kind::Closed(Sex::CODES),
            Self::Missed | Self::IdentityGrade | Self::EmployeeMonths => Kind::Count,
            Self::CoverYear => Kind::Year,
            _ if (self as usize) < FIRST_PLACE => Kind::Day,
            _ if (self as usize) < FIRST_WORD => Kind::Place,
            _ if (self as usize) < PAST_WORDS => Kind::Flag,
            _ => Kind::Elsewhere,
        }
    }
}

/// Where the places begin; days stand before them.
pub(crate) const FIRST_PLACE: usize = Fact::Hukou as usize;
/// Where the words begin; places stand before them.
pub(crate) const FIRST_WORD: usize = Fact::EmployeeScheme as usize;
/// Where the words end; what follows is only ever named in an answer.
pub(crate) const PAST_WORDS: usize = Fact::CoverYear as usize;

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
