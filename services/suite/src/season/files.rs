//! The files of a season, a struct for each: what the departments did, line by line, in their own words.
//!
//! `season.toml` says which season it is. Each CSV file holds the acts of one kind, sorted by day; a file that is not
//! there holds none. An empty column is a fact that was not given. On a day the files are played in the order in which
//! they stand here, and each file from its first line to its last. A `person` is the number of a document: of 18
//! characters an identity number, otherwise a birth certificate.

use canbao_types::{Date, Money};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::words::{
    Caller, EmployeeScheme, EndCause, LastCovered, RefundWay, Scheme, Sex, Student, Unemployment, Way, money,
};

/// `season.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The division that insures, six digits.
    pub division: String,
    /// The coverage year.
    pub cover_year: i32,
    /// The clock starts on this day.
    pub begins: Date,
    /// The books are closed on this day.
    pub ends: Date,
    /// 乡镇(街道) with their task numbers.
    #[serde(default)]
    pub township: Vec<Township>,
}

/// A township of the division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Township {
    /// Nine digits of the statistical division code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 任务数: people it has to insure; at least 1.
    pub task: u64,
}

/// A line of one of the CSV files.
pub trait Line: Serialize + DeserializeOwned {
    /// The file's name.
    const FILE: &'static str;
    /// The day of the act.
    fn day(&self) -> Date;
}

macro_rules! lines {
    ($($line:ident $file:literal,)*) => {
        $(impl Line for $line {
            const FILE: &'static str = $file;
            fn day(&self) -> Date {
                self.day
            }
        })*
    };
}

lines! {
    CoverLine "cover.csv",
    ResidentLine "residents.csv",
    DocumentLine "documents.csv",
    MoveLine "moves.csv",
    RosterLine "rosters.csv",
    ConfirmationLine "confirmations.csv",
    DecisionLine "decisions.csv",
    AssessmentLine "assessments.csv",
    DeclarationLine "declarations.csv",
    PaymentLine "payments.csv",
    RefundLine "refunds.csv",
    EndLine "ends.csv",
}

/// `cover.csv`: days in a scheme (参保缴费历史) that medical insurance records; played in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverLine {
    /// The day of the record.
    pub day: Date,
    /// Whose cover it is; may be registered later.
    pub person: String,
    /// The scheme.
    pub scheme: Scheme,
    /// First day.
    pub from: Date,
    /// Last day; empty: it goes on.
    pub to: Option<Date>,
    /// How it ended, in the notice's words.
    pub departure: Option<String>,
}

/// `residents.csv`: people who are registered; neighbours with the same `by` and `roster` go together, in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidentLine {
    /// The day of the registration.
    pub day: Date,
    /// Who registers: medical insurance or a school.
    pub by: Caller,
    /// The roster (名单), by any name; empty: one by one.
    pub roster: Option<String>,
    /// The person.
    pub person: String,
    /// 姓名.
    pub name: String,
    /// Birth date; with a birth certificate only.
    pub birth: Option<Date>,
    /// 乡镇(街道): nine digits.
    pub township: Option<String>,
    /// 户籍所在地: six digits, or `none` while there is no entry.
    pub hukou: Option<String>,
    /// How the person stands to employee insurance.
    pub employee_scheme: Option<EmployeeScheme>,
    /// First day in the employee scheme.
    pub employee_from: Option<Date>,
    /// Last day in the employee scheme.
    pub employee_until: Option<Date>,
    /// 已在别处参保.
    pub enrolled_elsewhere: Option<bool>,
    /// Whether and where the person studies.
    pub student: Option<Student>,
    /// 学制: years of the study programme.
    pub programme_years: Option<u32>,
    /// The last coverage year, or `never`.
    pub last_covered: Option<LastCovered>,
    /// 居住证: the division of the residence permit, or `none`.
    pub permit: Option<String>,
    /// 参保地: the division of the enrolment record; empty: here.
    pub record: Option<String>,
    /// 退出其他保障: how the person left another scheme, in the notice's words.
    pub departure: Option<String>,
    /// The last day in that scheme; given with `departure`.
    pub left_on: Option<Date>,
    /// 失业保险金.
    pub unemployment: Option<Unemployment>,
    /// 就业: works for an employer.
    pub works: Option<bool>,
    /// 农村居民.
    pub rural: Option<bool>,
    /// 退休人员.
    pub retired: Option<bool>,
    /// 职工医保待遇: has the benefits of employee insurance.
    pub employee_benefits: Option<bool>,
    /// 达到退休年龄.
    pub retirement_age: Option<bool>,
    /// 全日制: studies full time.
    pub full_time: Option<bool>,
    /// 房屋执照: the division of the house certificate, or `none`.
    pub house: Option<String>,
    /// 父母居住证: the division of a parent's residence permit, or `none`.
    pub parent_permit: Option<String>,
    /// 学校所在地: the division in which the school lies, or `none`.
    pub school: Option<String>,
    /// 证件材料: the papers shown, in the notice's words, with 、 between them; or `none`.
    pub papers: Option<String>,
    /// 性别; with a birth certificate, an identity number says it.
    pub sex: Option<Sex>,
    /// 父母一方参保.
    pub parent_insured: Option<bool>,
    /// 职工医保连续参保月数.
    pub employee_months: Option<u32>,
    /// 以前年度欠费; 0.00 when it is known that nothing is owed.
    #[serde(default, with = "money::optional")]
    pub known_arrears: Option<Money>,
}

/// `documents.csv`: new documents, as when a newborn gets a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentLine {
    /// The day of the change.
    pub day: Date,
    /// The person, by the document known so far.
    pub person: String,
    /// The new number.
    pub number: String,
    /// 姓名 as on the new document.
    pub name: String,
}

/// `moves.csv`: people whose record moves here (参保地变更).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveLine {
    /// The day of the move.
    pub day: Date,
    /// The person.
    pub person: String,
    /// The township here: nine digits.
    pub township: Option<String>,
}

/// `rosters.csv`: rosters (名单) of identities; neighbours with the same `by` and `identity` are one roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterLine {
    /// The day of the roster.
    pub day: Date,
    /// Who submits it.
    pub by: Caller,
    /// The identity, in the notice's words.
    pub identity: String,
    /// The person.
    pub person: String,
    /// 姓名.
    pub name: String,
    /// The day it was recognised.
    pub recognised: Date,
    /// The day the certificate was issued.
    pub certificate: Option<Date>,
    /// The day the rating was complete.
    pub rated: Option<Date>,
    /// The kind within the identity, in the notice's words.
    pub kind: Option<String>,
    /// The grade, 1 being the most severe.
    pub grade: Option<u32>,
    /// The last day of the identity.
    pub ended: Option<Date>,
    /// 贫困人口: also recognised as poor.
    pub poor: Option<bool>,
}

/// `confirmations.csv`: rosters that medical insurance confirms (医保比对确认), every line of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationLine {
    /// The day of the confirmation.
    pub day: Date,
    /// Who submitted the roster.
    pub by: Caller,
    /// The roster's identity.
    pub identity: String,
    /// The day of the roster.
    pub submitted: Date,
}

/// `decisions.csv`: aid that a person decides (人工认定).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionLine {
    /// The day of the decision.
    pub day: Date,
    /// Who decides: veterans or medical insurance.
    pub by: Caller,
    /// The person.
    pub person: String,
    /// The aid.
    #[serde(with = "money")]
    pub amount: Money,
    /// Why.
    pub because: String,
}

/// `assessments.csv`: late payments that medical insurance assesses (核定补缴金额).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentLine {
    /// The day of the assessment.
    pub day: Date,
    /// The person.
    pub person: String,
    /// What the person pays of the own part; given where the notice leaves it to a person.
    #[serde(default, with = "money::optional")]
    pub amount: Option<Money>,
    /// Why; given with `amount`.
    pub because: Option<String>,
}

/// `declarations.csv`: people declared by virtual account (虚拟户申报); neighbours with the same `by` and `tier` go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclarationLine {
    /// The day of the declaration.
    pub day: Date,
    /// Who declares.
    pub by: Caller,
    /// The person.
    pub person: String,
    /// 档次: the tier chosen, in the notice's words; empty: none was.
    pub tier: Option<String>,
}

/// `payments.csv`: payments that channels ask for, and those that they report; neighbours of one channel that are
/// reported are one statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentLine {
    /// The day on which it is asked for or reported.
    pub day: Date,
    /// Asked for or reported.
    pub way: Way,
    /// The channel.
    pub channel: String,
    /// The channel's number of the transaction.
    pub transaction: String,
    /// The person for whom is paid.
    pub person: String,
    /// How much.
    #[serde(with = "money")]
    pub amount: Money,
    /// The day of the payment; empty: `day`.
    pub pay_date: Option<Date>,
    /// In cash.
    pub cash: bool,
    /// 缴费年限: the payable item chosen, in the notice's words; empty: none was offered.
    pub item: Option<String>,
    /// Coverage years paid for at once; empty: one.
    pub years: Option<u32>,
    /// A relative's account pays: what the insured person is to its owner, as the contract says it; empty: no.
    pub kinship: Option<String>,
    /// The insured person was added to the family account first; empty: no.
    pub linked: Option<bool>,
    /// 协办人员: who pays on behalf of others.
    pub agent: Option<String>,
    /// The payer was shown the warnings and goes on; empty: no.
    pub confirmed: Option<bool>,
    /// 档次: the tier chosen, in the notice's words; empty: none was.
    pub tier: Option<String>,
    /// 缴费修复年数: the missed years that are paid after all; empty: none.
    pub repair_years: Option<u32>,
    /// 到账日期: the day on which the money arrives; empty: the day of the payment.
    pub arrive_date: Option<Date>,
    /// 个人账户余额: what the relative's account holds; empty: not given.
    #[serde(default, with = "money::optional")]
    pub balance: Option<Money>,
}

impl PaymentLine {
    /// The day of the payment.
    pub fn paid_on(&self) -> Date {
        self.pay_date.unwrap_or(self.day)
    }
}

/// `refunds.csv`: students who left, contributions asked back, money in suspense given back, refunds paid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundLine {
    /// The day of the application, the decision or the payout.
    pub day: Date,
    /// Which of them.
    pub way: RefundWay,
    /// The student, or whose contribution it is.
    pub person: Option<String>,
    /// The day of leaving.
    pub left_on: Option<Date>,
    /// The channel of the money in suspense.
    pub channel: Option<String>,
    /// Its transaction.
    pub transaction: Option<String>,
}

/// `ends.csv`: registrations that end (终止登记).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndLine {
    /// The last day of the registration.
    pub day: Date,
    /// The person.
    pub person: String,
    /// Why.
    pub cause: EndCause,
}
