//! Requests to collection, read into the words of the trade.

mod field;
pub(crate) mod told;

use canbao_host::Caller;
use canbao_policy::{Notice, Notices};
use canbao_proto::{
    collection::{
        DeclareContributionsRequest, FamilyAccount, PayContributionRequest, QuoteContributionRequest,
        ReportPaymentsRequest, StatementLine,
    },
    common, google,
    wire::{After, Malformed, Resident},
};
use canbao_types::{CoverYear, Division, Money, PaymentId, RequestId, SuiteKey};
use tonic::Status;

pub(crate) use field::{id, refund_cause};

use crate::{
    contribution::{Chosen, Family, Manner},
    payment::{self, Asked, Payment, Transaction},
};

/// At most so many lines in one statement, and people in one declaration.
const MOST_LINES: usize = 1_000;

/// No study programme has more years, so nobody pays for more at once.
const MOST_YEARS: u32 = 8;

/// Nobody has missed more.
const MOST_REPAIR_YEARS: u32 = 50;

/// Whose contribution, for which year.
pub(crate) struct Subject {
    pub(crate) after: Vec<After>,
    pub(crate) resident: Resident,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
}

impl Subject {
    pub(crate) fn read(
        wrong: &mut Malformed,
        after: &[common::LogPosition],
        resident: Option<&common::ResidentReference>,
        (division, cover_year): (&str, i32),
        key: &SuiteKey,
    ) -> Option<Self> {
        let after = wrong.after(after);
        let resident = wrong.resident("resident", resident, key);
        let division = wrong.division("division", division);
        let cover_year = wrong.cover_year("cover_year", cover_year);
        Some(Self { after, resident: resident?, division: division?, cover_year: cover_year? })
    }

    /// Under which notice it stands.
    pub(crate) fn place(&self) -> (Division, CoverYear) {
        (self.division, self.cover_year)
    }
}

/// How a payment is made, as a request tells it.
struct Told<'a> {
    pay_date: Option<google::Date>,
    cash: bool,
    years: u32,
    payable_item: &'a str,
    family: Option<&'a FamilyAccount>,
    tier: &'a str,
    repair_years: u32,
    arrive_date: Option<google::Date>,
}

impl Told<'_> {
    /// `place` says under which notice it is made.
    fn read(
        self,
        wrong: &mut Malformed,
        place: Option<(Division, CoverYear)>,
        notices: &Notices,
    ) -> Option<Manner> {
        let pay_date = wrong.date("pay_date", self.pay_date);
        let arrive_date = match self.arrive_date {
            None => pay_date,
            given => wrong.date("arrive_date", given),
        };
        if pay_date.zip(arrive_date).is_some_and(|(paid, arrived)| arrived < paid) {
            wrong.note("arrive_date", "is before the payment");
        }
        let notice =
            place.zip(pay_date).and_then(|((division, year), day)| notices.in_force(division, year, day));
        let tier = read_tier(wrong, self.tier, notice);
        if self.repair_years > MOST_REPAIR_YEARS {
            wrong.note("repair_years", format_args!("are more than {MOST_REPAIR_YEARS}"));
        }
        let payable_item = printable(wrong, "payable_item", self.payable_item);
        let family =
            self.family.map(|family| wrong.within("family_account", |wrong| read_family(wrong, family)));
        if self.years > MOST_YEARS {
            wrong.note("years", format_args!("are more than {MOST_YEARS}"));
        }
        let family = match family {
            None => None,
            Some(family) => Some(family?),
        };
        let years = self.years.max(1);
        if place.is_some_and(|(_, first)| payment::ahead(first, years).count() + 1 != years as usize) {
            wrong.note("years", "go beyond the last coverage year there is");
        }
        Some(Manner {
            pay_date: pay_date?,
            arrive_date: arrive_date?,
            cash: self.cash,
            chosen: Chosen { tier: tier?, repair_years: self.repair_years },
            years,
            payable_item: payable_item?,
            family,
        })
    }
}

fn read_family(wrong: &mut Malformed, told: &FamilyAccount) -> Option<Family> {
    let balance = told.balance.as_ref().and_then(|balance| wrong.money("balance", Some(balance)));
    if balance.is_some_and(Money::is_negative) {
        wrong.note("balance.yuan", "is less than zero");
    }
    let family = Family::of(&told.kinship, told.linked).map(|family| Family { balance, ..family });
    if family.is_none() {
        wrong.note("kinship", "is not known");
    }
    family
}

/// A tier that the notice knows, or none. Where no notice governs, nobody can say which there are.
pub(crate) fn read_tier(wrong: &mut Malformed, tier: &str, notice: Option<&Notice>) -> Option<String> {
    let text = printable(wrong, "tier", tier)?;
    let known = notice.map(Notice::tiers).filter(|_| !text.is_empty());
    if known.is_some_and(|known| !known.iter().any(|known| **known == *text)) {
        let known = known.map(|known| known.join("、")).filter(|known| !known.is_empty());
        wrong.note(
            "tier",
            format_args!("is not known; the notice has {}", known.as_deref().unwrap_or("none")),
        );
        return None;
    }
    Some(text)
}

/// Up to 40 characters that can be printed.
fn printable(wrong: &mut Malformed, field: &str, text: &str) -> Option<String> {
    wrong.text(field, text, 0..=40, |c| !c.is_control())
}

/// The manner of a payment that is only thought through.
pub(crate) fn quoted(
    wrong: &mut Malformed,
    request: &QuoteContributionRequest,
    place: Option<(Division, CoverYear)>,
    notices: &Notices,
) -> Option<Manner> {
    let told = Told {
        pay_date: request.pay_date,
        cash: request.cash,
        years: request.years,
        payable_item: "",
        family: request.family_account.as_ref(),
        tier: &request.tier,
        repair_years: request.repair_years,
        arrive_date: request.arrive_date,
    };
    told.read(wrong, place, notices)
}

/// A payment about to be made.
pub(crate) struct Pay {
    pub(crate) request_id: RequestId,
    pub(crate) after: Vec<After>,
    pub(crate) payment: Payment,
    pub(crate) transaction: Transaction,
}

impl Pay {
    pub(crate) fn read(
        caller: &Caller,
        id: &str,
        request: &PayContributionRequest,
        (key, notices): (&SuiteKey, &Notices),
    ) -> Result<Self, Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let place = (request.division.as_str(), request.cover_year);
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, key);
        let channel = wrong.channel("channel", &request.channel);
        let transaction = wrong.transaction_id("channel_transaction_id", &request.channel_transaction_id);
        let amount = field::paid(&mut wrong, request.amount.as_ref());
        let told = Told {
            pay_date: request.pay_date,
            cash: request.cash,
            years: request.years,
            payable_item: &request.payable_item,
            family: request.family_account.as_ref(),
            tier: &request.tier,
            repair_years: request.repair_years,
            arrive_date: request.arrive_date,
        };
        let manner = told.read(&mut wrong, subject.as_ref().map(Subject::place), notices);
        let agent = field::agent(&mut wrong, &request.agent);
        let (
            Some(request_id),
            Some(subject),
            Some(channel),
            Some(transaction),
            Some(amount),
            Some(manner),
            Some(agent),
            true,
        ) = (request_id, subject, channel, transaction, amount, manner, agent, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        let Subject { after, resident, division, cover_year } = subject;
        let id = PaymentId::new();
        let payment = Payment { id, amount, manner, confirmed_warning: request.confirmed_warning };
        let asked = Asked { by: caller.path().into(), request: request_id, reported: false };
        let transaction =
            Transaction { channel, id: transaction, division, cover_year, named: resident, agent, asked };
        Ok(Self { request_id, after, payment, transaction })
    }
}

/// A statement.
pub(crate) struct Statement {
    pub(crate) request_id: RequestId,
    pub(crate) after: Vec<After>,
    pub(crate) declared: Money,
    pub(crate) division: Division,
    /// The lines, in their order.
    pub(crate) lines: Vec<(Payment, Transaction)>,
}

impl Statement {
    pub(crate) fn read(
        caller: &Caller,
        id: &str,
        request: &ReportPaymentsRequest,
        (key, notices): (&SuiteKey, &Notices),
    ) -> Result<Self, Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let after = wrong.after(&request.after);
        let division = wrong.division("division", &request.division);
        let channel = wrong.channel("channel", &request.channel);
        let declared = wrong.money("declared_total", request.declared_total.as_ref());
        if !(1..=MOST_LINES).contains(&request.lines.len()) {
            wrong.note("lines", "must be 1 to 1,000");
        }
        let asked = request_id.map(|request| Asked { by: caller.path().into(), request, reported: true });
        let place = division.zip(channel).zip(asked);
        let mut lines = Vec::with_capacity(request.lines.len().min(MOST_LINES));
        for (at, line) in request.lines.iter().enumerate().take(MOST_LINES) {
            lines.extend(wrong.within(format_args!("lines[{at}]"), |wrong| {
                read_line(wrong, line, place.as_ref(), (key, notices))
            }));
        }
        let (Some(request_id), Some(declared), Some(division), true) =
            (request_id, declared, division, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        Ok(Self { request_id, after, declared, division, lines })
    }
}

fn read_line(
    wrong: &mut Malformed,
    line: &StatementLine,
    place: Option<&((Division, String), Asked)>,
    (key, notices): (&SuiteKey, &Notices),
) -> Option<(Payment, Transaction)> {
    let id = wrong.transaction_id("channel_transaction_id", &line.channel_transaction_id);
    let named = line.resident.as_ref();
    let named = field::nobody(named, key).or_else(|| wrong.resident("resident", named, key));
    let cover_year = wrong.cover_year("cover_year", line.cover_year);
    let amount = field::paid(wrong, line.amount.as_ref());
    let told = Told {
        pay_date: line.pay_date,
        cash: line.cash,
        years: line.years,
        payable_item: &line.payable_item,
        family: line.family_account.as_ref(),
        tier: &line.tier,
        repair_years: line.repair_years,
        arrive_date: line.arrive_date,
    };
    let manner = told.read(wrong, place.map(|((division, _), _)| *division).zip(cover_year), notices);
    let ((division, channel), asked) = place?.clone();
    // The money was taken already: whatever should have been known first is known too late.
    let payment = Payment { id: PaymentId::new(), amount: amount?, manner: manner?, confirmed_warning: true };
    let (cover_year, named, agent) = (cover_year?, named?, String::new());
    Some((payment, Transaction { channel, id: id?, division, cover_year, named, agent, asked }))
}

/// People who owe nothing, as whoever keeps the roster declares them.
pub(crate) struct Declared {
    pub(crate) request_id: RequestId,
    pub(crate) after: Vec<After>,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    /// The day and the tier.
    pub(crate) manner: Manner,
    /// The people, in the order of the list; none where the document given can be nobody's.
    pub(crate) residents: Vec<Option<Resident>>,
}

impl Declared {
    pub(crate) fn read(
        id: &str,
        request: &DeclareContributionsRequest,
        (key, notices): (&SuiteKey, &Notices),
    ) -> Result<Self, Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let after = wrong.after(&request.after);
        let division = wrong.division("division", &request.division);
        let cover_year = wrong.cover_year("cover_year", request.cover_year);
        let declared_on = wrong.date("declared_on", request.declared_on);
        let place = division.zip(cover_year).zip(declared_on);
        let notice = place.and_then(|((division, year), day)| notices.in_force(division, year, day));
        let tier = read_tier(&mut wrong, &request.tier, notice);
        if !(1..=MOST_LINES).contains(&request.residents.len()) {
            wrong.note("residents", "must be 1 to 1,000");
        }
        let named = request.residents.iter().enumerate().take(MOST_LINES);
        let residents = named
            .map(|(at, named)| match field::nobody(Some(named), key) {
                Some(_) => None,
                None => wrong.resident(&format!("residents[{at}]"), Some(named), key),
            })
            .collect();
        let (Some(request_id), Some(division), Some(cover_year), Some(declared_on), Some(tier), true) =
            (request_id, division, cover_year, declared_on, tier, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        let manner = Manner { chosen: Chosen::tier(&tier), ..Manner::plain(declared_on) };
        Ok(Self { request_id, after, division, cover_year, manner, residents })
    }
}
