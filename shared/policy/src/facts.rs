//! What is known about a person, the history and the request: the closed vocabulary of conditions, typed.
//!
//! Every fact may be missing, and missing means *not given*, never a default: a question that turns on it
//! answers "needs" with the fact's name. What is known not to exist is said ([`Place::Nowhere`],
//! [`LastCovered::Never`], an empty list).

use std::borrow::Cow;

use canbao_types::{CoverYear, Date, Division, Money};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words::{Cause, ChannelKind, EmployeeScheme, Funds, Kinship, Sex, Step, Student, Unemployment};

/// The facts a question is asked with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The coverage year asked for.
    #[schemars(with = "Option<u16>")]
    pub cover_year: Option<CoverYear>,
    /// Date of birth.
    pub birth: Option<Date>,
    /// Sex (性别).
    pub sex: Option<Sex>,
    /// Day of death. Until it is told the person lives.
    pub died: Option<Date>,
    /// A parent takes part in basic insurance for the year (父母一方参保).
    pub parent_insured: Option<bool>,
    /// Household registration (户籍).
    pub hukou: Option<Place>,
    /// Residence permit (居住证).
    pub permit: Option<Place>,
    /// House certificate (房屋执照).
    pub house: Option<Place>,
    /// A parent's residence permit.
    pub parent_permit: Option<Place>,
    /// Place of the school.
    pub school: Option<Place>,
    /// Place of the enrolment record (参保地).
    pub record: Option<Place>,
    /// Towards the employee scheme.
    pub employee_scheme: Option<EmployeeScheme>,
    /// First day of benefits in the employee scheme, once the person has joined it. Until it is told there is none.
    pub employee_from: Option<Date>,
    /// Last day in the employee scheme.
    pub employee_until: Option<Date>,
    /// Months in the employee scheme without a break, up to the last day there.
    pub employee_months: Option<u32>,
    /// Unemployment benefit.
    pub unemployment: Option<Unemployment>,
    /// Kind of school.
    pub student: Option<Student>,
    /// Full-time student (全日制).
    pub full_time: Option<bool>,
    /// Has work with an employer.
    pub works: Option<bool>,
    /// Rural household.
    pub rural: Option<bool>,
    /// Retired.
    pub retired: Option<bool>,
    /// Draws benefits of the employee scheme.
    pub employee_benefits: Option<bool>,
    /// Has reached retirement age.
    pub retirement_age: Option<bool>,
    /// Enrolled in basic insurance elsewhere for the same year (重复参保).
    pub enrolled_elsewhere: Option<bool>,
    /// The identities on the rosters, counting or not.
    pub identities: Option<Vec<HeldIdentity>>,
    /// The last coverage year in the resident scheme.
    pub last_covered: Option<LastCovered>,
    /// Events such as leaving another scheme; the notice names the kinds.
    pub events: Option<Vec<Event>>,
    /// Steps completed.
    pub done: Option<Vec<Step>>,
    /// The day of the registration (参保登记日): the one on which it is asked for, and later the one on which it was made.
    pub registered: Option<Date>,
    /// Papers shown; the notice names them.
    pub papers: Option<Vec<String>>,
    /// The day the payment succeeded (缴费成功日). Without it the question is a quotation.
    pub paid: Option<Date>,
    /// The day the money arrived (到账).
    pub arrived: Option<Date>,
    /// The day an identity was recognised, where the question is about one recognition.
    pub recognised: Option<Date>,
    /// The day medical insurance confirmed the person; stands for the payment when nothing is due.
    pub confirmed: Option<Date>,
    /// A payment period opened for this person alone by the department that fixed the amount (核定推送), so that who
    /// takes the money need not know why. Until one is opened there is none; a payment outside it is judged as if
    /// there were none.
    pub opened: Option<Opened>,
    /// The amount offered. Until one is offered, none is short.
    #[schemars(with = "Option<String>")]
    pub offered: Option<Money>,
    /// Cash.
    pub cash: Option<bool>,
    /// Kind of channel.
    pub channel: Option<ChannelKind>,
    /// Whose money.
    pub funds: Option<Funds>,
    /// What the insured person is to the one whose account pays.
    pub kinship: Option<Kinship>,
    /// The payable item chosen (缴费年限); the notice names them. Until one is chosen, none is the wrong one.
    pub option: Option<String>,
    /// The tier asked for (档次); the notice names them.
    pub tier_asked: Option<String>,
    /// Missed years to be paid after all (缴费修复). Until some are asked for there are none.
    pub repair_years: Option<u32>,
    /// What the personal account of the employee scheme holds.
    #[schemars(with = "Option<String>")]
    pub balance: Option<Money>,
    /// The day the school registered the person.
    pub school_registered: Option<Date>,
    /// Coverage years paid at once; one unless more are asked for.
    pub years: Option<u32>,
    /// Years of the study programme (学制).
    pub programme_years: Option<u32>,
    /// Ground of a refund; the notice names them.
    pub ground: Option<String>,
    /// The day a refund was asked for.
    pub asked: Option<Date>,
    /// The day the student left (离校).
    pub left: Option<Date>,
    /// What the person has paid.
    #[schemars(with = "Option<String>")]
    pub paid_amount: Option<Money>,
    /// The coverage years paid for.
    #[schemars(with = "Option<Vec<u16>>")]
    pub years_paid: Option<Vec<CoverYear>>,
    /// The price paid for each of them.
    #[schemars(with = "Option<String>")]
    pub price_paid: Option<Money>,
    /// What is to be shown: a certificate or a query, in the notice's words.
    pub what: Option<String>,
    /// The day the channel reported success.
    pub success: Option<Date>,
    /// What a claim arose from.
    pub causes: Option<Vec<Cause>>,
    /// Emergency or first aid (急诊、急救).
    pub emergency: Option<bool>,
}

impl Facts {
    /// The same facts for a resident who is registered and pays for himself or herself, of whom no identity and no
    /// other event is known. What an identity is worth is told apart from this: only the department that keeps the rosters
    /// knows them.
    ///
    /// Whoever is registered has taken the steps that lead there. A person's own application is the declaration (申报) of a
    /// notice that has one: it is made in the same place, and accepted by being registered (GZ25-25). The list by which a
    /// school registers its students registers and declares them at once (ZY25-39, WH22-42, GZ25-26), and is no declaration
    /// of their own.
    #[must_use]
    pub fn of_one_who_pays(self) -> Self {
        let done = match self.school_registered {
            Some(_) => vec![Step::Registration, Step::SchoolRegistration, Step::SchoolDeclaration],
            None => vec![Step::Registration, Step::Declaration],
        };
        Self {
            identities: Some(Vec::new()),
            events: Some(self.events.unwrap_or_default()),
            done: Some(done),
            funds: Some(Funds::Own),
            kinship: Some(Kinship::Myself),
            ..self
        }
    }
}

/// An identity (身份) a person holds, with the facts on which it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeldIdentity {
    /// The notice's name of it.
    pub name: String,
    /// Medical insurance has matched and confirmed it.
    pub confirmed: Option<bool>,
    /// The day it was recognised.
    pub recognised: Option<Date>,
    /// The day the certificate was issued.
    pub certificate: Option<Date>,
    /// The day the rating was complete.
    pub rated: Option<Date>,
    /// Grade, 1 being the most severe.
    pub grade: Option<u32>,
    /// Also recognised as poor.
    pub poor: Option<bool>,
    /// The kind within the identity; the notice names them.
    pub kind: Option<String>,
}

/// A payment period of one person, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Whether paying in it is late (补缴); not, unless said.
    #[serde(default)]
    pub late: bool,
}

/// Something that happened to the person on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The notice's name of the kind.
    pub kind: String,
    /// The day.
    pub date: Date,
}

/// A place, or the knowledge that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There is none, for example no residence permit. Written "none".
    Nowhere,
    /// In this division.
    At(Division),
}

/// The last coverage year in the resident scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastCovered {
    /// Never covered. Written "never".
    Never,
    /// Covered last in this year.
    In(CoverYear),
}

impl JsonSchema for Place {
    fn schema_name() -> Cow<'static, str> {
        "Place".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9]{6}|none)$", "description": "A division code, or \"none\"." })
    }
}

impl JsonSchema for LastCovered {
    fn schema_name() -> Cow<'static, str> {
        "LastCovered".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "integer", "minimum": 2000, "maximum": 2100 }, { "const": "never" }],
            "description": "A coverage year, or \"never\".",
        })
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nowhere => out.serialize_str("none"),
            Self::At(division) => division.serialize(out),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        if text == "none" {
            return Ok(Self::Nowhere);
        }
        text.parse().map(Self::At).map_err(serde::de::Error::custom)
    }
}

impl Serialize for LastCovered {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => out.serialize_str("never"),
            Self::In(year) => year.serialize(out),
        }
    }
}

impl<'de> Deserialize<'de> for LastCovered {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Year(CoverYear),
            Word(String),
        }
        match Written::deserialize(input)? {
            Written::Year(year) => Ok(Self::In(year)),
            Written::Word(word) if word == "never" => Ok(Self::Never),
            Written::Word(word) => {
                Err(serde::de::Error::custom(format!("{word:?} is neither a coverage year nor \"never\"")))
            }
        }
    }
}
