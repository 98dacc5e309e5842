//! The file format: the keys of each table besides `id`, `when`, `unless`, `clause` and `open`.
//!
//! Amounts and percentages are exact text; "not stated" and "a person must decide" may stand for a value.
//! An unknown key is a problem.

use std::collections::BTreeMap;

use canbao_types::{CoverYear, Date, Division, Part, Reason};
use serde::Deserialize;
use toml::Value;

use crate::words::{Cause, ChannelKind, RefundCause, Step, Submitter};

/// A TOML date, and nothing with a time of day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub Date);

impl Day {
    /// The day of a value; serde hands a date on as its text where the type is left open.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Datetime(written) => Self::plain(*written),
            Value::String(text) => text.parse().ok().and_then(Self::plain),
            _ => None,
        }
    }

    fn plain(written: toml::value::Datetime) -> Option<Self> {
        let toml::value::Datetime { date: Some(day), time: None, offset: None } = written else {
            return None;
        };
        Date::from_ymd_opt(i32::from(day.year), u32::from(day.month), u32::from(day.day)).map(Day)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let written = toml::value::Datetime::deserialize(input)?;
        Day::plain(written).ok_or_else(|| serde::de::Error::custom(format!("{written} is no plain date")))
    }
}

/// Declares the tables of the format, every one closed to unknown keys.
macro_rules! tables {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$about])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $($(#[$note])* pub $field: $type,)* }
    )+};
}

tables! {
    /// `[notice]`
    Head {
        title: String,
        division: Division,
        pool: Division,
        year: CoverYear,
        cover: Cover,
        number: Option<String>,
        as_of: Option<String>,
        dated: Option<Day>,
        published: Option<Day>,
        /// The files beneath, the nearest first.
        #[expect(dead_code, reason = "read when layers are laid over one another")]
        #[serde(default)] over: Vec<String>,
        /// The version of this notice that the file changes.
        amends: Option<String>,
        /// The days it applies to: from one on, or `{ from, to }`.
        in_force: Option<Value>,
        /// Stands beneath others and is not served by itself.
        #[expect(dead_code, reason = "read when layers are laid over one another")]
        #[serde(default)] layer: bool,
    }
    /// `cover`: the coverage year, both ends included
    Cover { from: Day, to: Day, }
    #[expect(dead_code, reason = "read when layers are laid over one another")]
    /// `[[strike]]`: an entry of a layer beneath that no longer counts
    Strike { table: String, entry: Option<String>, }
    #[expect(dead_code, reason = "kept for whoever reads the composed notice")]
    /// An entry of a layer beneath that was replaced or struck; made when layers are laid over one another
    Superseded { table: String, entry: Option<String>, by: String, }
    /// `[[document]]`: its clauses are numbered 1 to `clauses`; of two that differ the lower rank counts
    Document { code: String, title: String, rank: u8, clauses: u16, }
    /// `[words]`: the notice's own words for facts
    Words {
        #[serde(default)] event: Vec<String>,
        #[serde(default)] option: Vec<String>,
        #[serde(default)] ground: Vec<String>,
        #[serde(default)] papers: Vec<String>,
        #[serde(default)] kind: Vec<String>,
        #[serde(default)] what: Vec<String>,
        /// In the notice's order.
        #[serde(default)] tier: Vec<String>,
        /// The ground of a refund that each cause known to the suite has here.
        #[serde(default)] cause: BTreeMap<RefundCause, String>,
        /// What the divisions are called that the notice speaks of, by their codes.
        #[serde(default)] place: BTreeMap<String, String>,
    }
    /// `[[identity]]`: who certifies it, who submits its list, and on which facts of its own it counts
    Identity { name: String, by: String, submitters: Vec<Submitter>, counts: Option<Value>, }
    /// `[[group]]`: identities and earlier groups under one name
    Group { name: String, of: Vec<String>, }
    /// `[[who]]`, `[[class]]`: a named set of people
    Named { name: String, }
    /// `[[payer]]`: whoever pays aid or bears a part of a price
    Payer { name: String, }
    /// `[[tier]]`: first; the tier (档次) chosen or laid down, and the one enjoyed
    Tier { #[serde(default)] choice: Vec<String>, paid: Option<String>, enjoyed: Option<String>, }
    /// `[[refuse]]`: all that hold; the first is the reason
    Refuse { at: Stage, reason: Reason, say: Option<String>, #[serde(default)] weight: Weight, }
    /// `[[eligible]]`: a ground for taking part
    Eligible {}
    /// `[[window]]`: first whose people and dates fit
    Window {
        name: String,
        #[serde(default, rename = "for")] year: ForYear,
        from: Value,
        to: Value,
        month_days: Option<[u32; 2]>,
        #[serde(default)] late: bool,
        event: Option<Vec<String>>,
    }
    /// `[opened]`: a department may open a period for one person (核定推送)
    Opened { name: String, }
    /// `[[route]]`: who carries the registration out, and by which ways
    Route { by: String, #[serde(default)] ways: Vec<Way>, }
    /// One of the `ways` of a route: where, and with which papers; of each list of papers one
    Way { at: String, #[serde(default)] papers: Vec<Vec<String>>, }
    /// `[[deadline]]`: a day by which somebody must have done a step; nothing is refused for it
    Deadline { who: String, step: DeadlineStep, by: Value, }
    /// `[[product]]`: what may be bought along, and never must be
    Product { name: String, amount: String, }
    /// `[[option]]`: the payable item
    Choice { #[serde(rename = "use")] item: String, }
    /// `[[base]]`: a published figure that prices and aid are a share of (居民人均可支配收入 …)
    Base { name: String, amount: String, }
    /// `[[price]]`: first per part, and per insurance that is collected along
    Price {
        part: Part,
        product: Option<String>,
        #[serde(default, rename = "for")] year: ForYear,
        amount: Option<String>,
        rate: Option<String>,
        of: Option<String>,
        per: Option<PricePer>,
        /// With `per = "missed-year"`: the first year that counts.
        count_from: Option<CoverYear>,
        /// With `per = "month-left"`: the last day of a month on which the month itself still counts.
        cut_off: Option<u32>,
        round: Option<Towards>,
        to: Option<String>,
        at_least: Option<String>,
        at_most: Option<String>,
        bearer: Option<String>,
    }
    /// `[[prepay]]`: several years in one payment
    Prepay { years: PrepaidYears, locked: bool, }
    /// `[[government_subsidy]]`
    Subsidy {
        amount: String,
        /// The coverage year whose figure it is, where the notice goes by another year's than its own.
        year: Option<CoverYear>,
        shares: Option<Vec<PayerShare>>,
    }
    /// `[aid_rule]`
    AidRule { take: Take, }
    /// `[[aid]]`
    Aid {
        #[serde(default = "personal")] part: Part,
        product: Option<String>,
        amount: Option<String>,
        rate: Option<String>,
        of: Option<String>,
        leaves: Option<String>,
        round: Option<Towards>,
        to: Option<String>,
        payer: Option<String>,
        shares: Option<Vec<PayerShare>>,
        #[serde(default)] declared: bool,
    }
    /// One of the `shares` of an aid that several payers bear; the last bears the fen that is left over
    PayerShare { payer: String, rate: String, }
    /// `[settled]`
    Settled { when_due_is_zero: SettledOn, }
    /// `[[benefit]]`: first
    Benefit {
        start: Option<Value>,
        end: Option<Value>,
        decide: Option<Undecided>,
        /// The clauses of the exception alone.
        unless_clause: Option<Vec<String>>,
    }
    /// `[[benefit_end]]`: all that hold; the earliest ends the benefit
    BenefitEnd { end: Value, }
    /// `[wait.NAME]`
    Wait {
        fixed_months: u32,
        #[serde(default)] fixed_days: u32,
        months_per_missed_year: u32,
        free_missed_years: u32,
        count_missed_from: CountFrom,
        #[serde(default)] bound: Bound,
        floor: Option<Floor>,
        ends: Ends,
        /// The clauses of the months for missed years alone.
        variable_clause: Option<Vec<String>>,
        /// The clauses of the floor alone.
        floor_clause: Option<Vec<String>>,
    }
    /// `floor` of a wait
    Floor { months: u32, from_missed_years: u32, }
    /// `[repair]`: the price of a missed year that is paid after all (缴费修复), and the months it takes off
    Repair { months_per_year: u32, rate: String, of: String, }
    /// `[cap]`: the cap of catastrophic insurance before any step (原封顶线), and how far the limited steps may raise it
    Cap { base: String, limit: Option<String>, }
    /// `[[cap_step]]`: all for the person's identities, added up
    CapStep {
        per: Per,
        #[serde(default)] beyond: u32,
        amount: String,
        limited: bool,
        count_from: Option<CoverYear>,
        #[serde(default)] lasts: Lasts,
        /// How far this step moves the cap at most: a share of the base, or yuan.
        limit: Option<String>,
        after_break: Option<Then>,
        after_use: Option<Then>,
    }
    /// `[[entitlement]]`: all; what whoever is insured may draw
    Entitlement { name: String, decide: Option<Undecided>, }
    /// `[[exclusion]]`: all
    Exclusion { cause: Cause, decide: Option<Undecided>, }
    /// `[[refund]]`: first
    Refund { back: Option<Back>, to: Option<RefundTo>, reason: Option<Reason>, decide: Option<Undecided>, }
    /// `[[delay]]`: first per `what`
    Delay {
        what: Vec<String>,
        from: Option<DelayFrom>,
        working_days: Option<u32>,
        #[serde(default)] shows: Vec<String>,
        decide: Option<Undecided>,
    }
    /// `[[target]]`: a share to be reached, and by when
    Target { name: String, count: String, of: String, at_least: String, by: Value, }
    /// `[[channel]]`
    Channel { name: String, kind: ChannelKind, }
    /// `[[announced]]`: announced without a figure
    Announced { about: String, }
    /// `[[no_computation]]`: clauses from which nothing is computed, and why
    NoComputation { because: String, }
    /// `[[open]]`: the reading chosen, the others, why
    Open {
        about: String,
        reading: String,
        because: String,
        #[serde(default)] against: Vec<String>,
        #[serde(default)] other: Vec<Other>,
    }
    /// Another reading; `set` is the patch (path of one field to its value) that gives it
    Other { reading: String, set: Option<toml::Table>, }
}

/// Declares the closed words of the format.
macro_rules! closed {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $word:ident = $code:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub(crate) enum $name { $($(#[$note])* #[serde(rename = $code)] $word,)+ }
    )+};
}

/// The part that aid relieves, unless its row says another.
fn personal() -> Part {
    Part::Personal
}

impl DeadlineStep {
    /// The step as facts name it.
    pub fn step(self) -> Step {
        match self {
            Self::SchoolRegistration => Step::SchoolRegistration,
            Self::IdentityUpdate => Step::IdentityUpdate,
        }
    }
}

impl Prepay {
    /// Whether the price is locked; the only number of years the format knows is the programme's.
    pub fn locks(self) -> bool {
        let PrepaidYears::ProgrammeYears = self.years;
        self.locked
    }
}

closed! {
    /// At which step a row refuses.
    Stage { Registration = "registration", Payment = "payment", }
    /// Which coverage year a window or a price is for.
    #[derive(Default)]
    ForYear { #[default] NoticeYear = "notice-year", BirthYear = "birth-year", Any = "any", }
    /// Whether a row refuses or only warns.
    #[derive(Default)]
    Weight { #[default] Refuse = "refuse", Warn = "warn", }
    /// For each of what a price is due once.
    PricePer {
        /// A whole coverage year missed (断保年度).
        MissedYear = "missed-year",
        /// A month of the coverage year still to come: a twelfth of the amount for each (of a year of twelve months).
        MonthLeft = "month-left",
    }
    /// Which way a share is rounded that falls between two steps.
    Towards {
        Up = "up",
        Down = "down",
        /// To the nearer step; from the middle up (四舍五入).
        HalfUp = "half-up",
    }
    /// How many years may be prepaid.
    PrepaidYears { ProgrammeYears = "programme-years", }
    /// Which of several aids are taken.
    Take { Highest = "highest", All = "all", NotStated = "not stated", }
    /// The day that stands for a payment when nothing is due.
    SettledOn { Confirmed = "confirmed", }
    /// An outcome that is not decided.
    Undecided { NotStated = "not stated", PersonMustDecide = "a person must decide", }
    /// Whether a number of months is exact or only a minimum.
    #[derive(Default)]
    Bound { #[default] Exactly = "exactly", AtLeast = "at least", }
    /// On which day a wait ends.
    Ends { CorrespondingDay = "corresponding-day", DayAfter = "day-after", }
    /// What is given back.
    Back { Paid = "paid", Aid = "aid", YearsNotBegun = "years-not-begun", None = "none", }
    /// To whom.
    RefundTo { Payer = "payer", }
    /// The step that has a day by which it must be done.
    DeadlineStep { SchoolRegistration = "school-registration", IdentityUpdate = "identity-update", }
    /// What a step of the cap counts.
    Per {
        ContinuousYear = "continuous-year",
        ZeroUseYear = "zero-use-year",
        ReEntry = "re-entry",
        MissedYear = "missed-year",
    }
    /// Whether a year that raised the cap raises it in every later year or in the next one alone.
    #[derive(Default)]
    Lasts { #[default] Kept = "kept", NextYear = "next-year", }
    /// What becomes of the years that were gathered, after a break or once a claim made use of the raise.
    Then { Kept = "kept", Cleared = "cleared", }
    /// From which day a delay counts.
    DelayFrom { Success = "success", }
}

/// From which year on missed years count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum CountFrom {
    /// Every one.
    Any(AnyYear),
    /// Those from this year on.
    Year(i32),
}

closed! {
    /// The word for "every year".
    AnyYear { Any = "any", }
}
