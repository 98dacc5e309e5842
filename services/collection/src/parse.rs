//! Requests to collection, read into the words of the trade.

use canbao_host::Caller;
use canbao_proto::{
    collection::{PayContributionRequest, ReportPaymentsRequest, StatementLine},
    common,
    wire::{After, Malformed, Resident},
};
use canbao_types::{CoverYear, Division, Money, PaymentId, RequestId, SuiteKey};
use tonic::Status;

use crate::{
    contribution::Manner,
    payment::{Asked, Payment, Transaction},
};

/// At most so many lines in one statement.
const MOST_LINES: usize = 1_000;

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
        key: &SuiteKey,
    ) -> Result<Self, Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let place = (request.division.as_str(), request.cover_year);
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, key);
        let channel = wrong.channel("channel", &request.channel);
        let transaction = wrong.transaction_id("channel_transaction_id", &request.channel_transaction_id);
        let amount = wrong.positive_money("amount", request.amount.as_ref());
        let pay_date = wrong.date("pay_date", request.pay_date);
        let (
            Some(request_id),
            Some(subject),
            Some(channel),
            Some(transaction),
            Some(amount),
            Some(pay_date),
            true,
        ) = (request_id, subject, channel, transaction, amount, pay_date, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        let Subject { after, resident, division, cover_year } = subject;
        let payment = Payment {
            id: PaymentId::new(),
            amount,
            manner: Manner { pay_date, cash: request.cash },
            confirmed_warning: request.confirmed_warning,
        };
        let asked = Asked { by: caller.text().into(), request: request_id, reported: false };
        let transaction =
            Transaction { channel, id: transaction, division, cover_year, named: resident, asked };
        Ok(Self { request_id, after, payment, transaction })
    }
}

/// A statement.
pub(crate) struct Statement {
    pub(crate) request_id: RequestId,
    pub(crate) after: Vec<After>,
    pub(crate) declared: Money,
    /// The lines, in their order.
    pub(crate) lines: Vec<(Payment, Transaction)>,
}

impl Statement {
    pub(crate) fn read(
        caller: &Caller,
        id: &str,
        request: &ReportPaymentsRequest,
        key: &SuiteKey,
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
        let asked = request_id.map(|request| Asked { by: caller.text().into(), request, reported: true });
        let place = division.zip(channel).zip(asked);
        let mut lines = Vec::with_capacity(request.lines.len().min(MOST_LINES));
        for (at, line) in request.lines.iter().enumerate().take(MOST_LINES) {
            lines
                .extend(wrong.within(format_args!("lines[{at}]"), |wrong| {
                    read_line(wrong, line, place.as_ref(), key)
                }));
        }
        let (Some(request_id), Some(declared), true) = (request_id, declared, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        Ok(Self { request_id, after, declared, lines })
    }
}

fn read_line(
    wrong: &mut Malformed,
    line: &StatementLine,
    place: Option<&((Division, String), Asked)>,
    key: &SuiteKey,
) -> Option<(Payment, Transaction)> {
    let id = wrong.transaction_id("channel_transaction_id", &line.channel_transaction_id);
    let named = wrong.resident("resident", line.resident.as_ref(), key);
    let cover_year = wrong.cover_year("cover_year", line.cover_year);
    let amount = wrong.positive_money("amount", line.amount.as_ref());
    let pay_date = wrong.date("pay_date", line.pay_date);
    let ((division, channel), asked) = place?.clone();
    let manner = Manner { pay_date: pay_date?, cash: line.cash };
    // The money was taken already: whatever should have been known first is known too late.
    let payment = Payment { id: PaymentId::new(), amount: amount?, manner, confirmed_warning: true };
    Some((payment, Transaction { channel, id: id?, division, cover_year: cover_year?, named: named?, asked }))
}
