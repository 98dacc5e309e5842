//! The contract of collection: parse; read, decide, write, tell; show.

use std::{mem::take, sync::Arc};

use canbao_host::{Caller, Department, Failure, once, status, tell, wait_for};
use canbao_policy::{Notice, Notices};
use canbao_proto::{
    collection::{
        ContributionSettled, GetContributionDueRequest, GetContributionDueResponse, LineOutcome,
        PayContributionRequest, PayContributionResponse, QuoteContributionRequest, QuoteContributionResponse,
        ReportPaymentsRequest, ReportPaymentsResponse, collection_service_server::CollectionService,
    },
    stored_facts,
    wire::{self, Malformed, Resident},
};
use canbao_store::{StoreError, Unit, View};
use canbao_types::{CoverYear, Date, Division, Money, ResidentId};
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{
    NAME,
    contribution::{self, Due, Known, Manner},
    parse::{Pay, Statement, Subject},
    payment::{self, Asked, Payment, Transaction, Written},
    refusal::Refusal,
    show,
    statement::{self, Outcome},
    store::{self, Key},
};

/// The service.
pub(crate) struct Collection {
    pub(crate) department: Department,
    pub(crate) notices: Arc<Notices>,
}

#[tonic::async_trait]
impl CollectionService for Collection {
    async fn get_contribution_due(
        &self,
        request: Request<GetContributionDueRequest>,
    ) -> Result<Response<GetContributionDueResponse>, Status> {
        let request = request.into_inner();
        let mut wrong = Malformed::default();
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let (Some(subject), true) = (subject, wrong.is_empty()) else { return Err(wrong.status()) };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let contribution = self.department.store.read(|view| {
            let notice = notice(&self.notices, subject.division, subject.cover_year)?;
            let (key, known) = self::known(view, &subject)?.ok_or(Refusal::UnknownResident)?;
            let due = contribution::due(&known, notice)?;
            Ok(show::contribution(&key, &due, known.settled))
        });
        let contribution = Some(contribution.map_err(status)?);
        Ok(Response::new(GetContributionDueResponse { contribution }))
    }

    async fn quote_contribution(
        &self,
        request: Request<QuoteContributionRequest>,
    ) -> Result<Response<QuoteContributionResponse>, Status> {
        let request = request.into_inner();
        let mut wrong = Malformed::default();
        let place = (request.division.as_str(), request.cover_year);
        let suite_key = &self.department.secrets.suite_key;
        let subject = Subject::read(&mut wrong, &request.after, request.resident.as_ref(), place, suite_key);
        let pay_date = wrong.date("pay_date", request.pay_date);
        let (Some(subject), Some(pay_date), true) = (subject, pay_date, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &subject.after).await.map_err(status)?;
        let quoted = self.department.store.read(|view| {
            let notice = notice(&self.notices, subject.division, subject.cover_year)?;
            let (key, known) = self::known(view, &subject)?.ok_or(Refusal::UnknownResident)?;
            let due = contribution::quote(&known, notice, Manner { pay_date, cash: request.cash })?;
            Ok(QuoteContributionResponse {
                contribution: Some(show::contribution(&key, &due, false)),
                outlook: Some(show::outlook(&due.ruling)),
            })
        });
        quoted.map(Response::new).map_err(status)
    }

    async fn pay_contribution(
        &self,
        request: Request<PayContributionRequest>,
    ) -> Result<Response<PayContributionResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let mut request = request.into_inner();
        let id = take(&mut request.request_id);
        let pay = Pay::read(&caller, &id, &request, &self.department.secrets.suite_key)?;
        own_channel(&caller, &pay.transaction.channel)?;
        wait_for(&self.department, &pay.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let Pay { request_id, payment, transaction, .. } = pay;
        once(&self.department, &caller, ("PayContribution", request_id, &request), 1, move |unit| {
            take_payment(unit, &payment, &transaction, &notices, today)
        })
        .await
    }

    async fn report_payments(
        &self,
        request: Request<ReportPaymentsRequest>,
    ) -> Result<Response<ReportPaymentsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let mut request = request.into_inner();
        let id = take(&mut request.request_id);
        let statement = Statement::read(&caller, &id, &request, &self.department.secrets.suite_key)?;
        own_channel(&caller, &request.channel)?;
        wait_for(&self.department, &statement.after).await.map_err(status)?;
        let (notices, today) = (self.notices.clone(), self.department.clock.today());
        let Statement { request_id, declared, lines, .. } = statement;
        let received = Money::sum(lines.iter().map(|(payment, _)| payment.amount));
        let items = lines.len();
        once(&self.department, &caller, ("ReportPayments", request_id, &request), items, move |unit| {
            if received != Some(declared) {
                let received = received.unwrap_or(Money::MAX);
                return Err(Refusal::ControlTotalDiffers { declared, received }.into());
            }
            let outcomes = lines
                .iter()
                .map(|(payment, transaction)| report_line(unit, payment, transaction, &notices, today));
            let outcomes = outcomes.collect::<Result<_, Failure>>()?;
            Ok(ReportPaymentsResponse { outcomes, position: Some(wire::position(NAME, unit.position())) })
        })
        .await
    }
}

/// A channel speaks only for itself; the tax bureau for every channel.
fn own_channel(caller: &Caller, channel: &str) -> Result<(), Status> {
    match caller.channel() {
        Some(own) if own != channel => Err(status(Refusal::ChannelDiffers.into())),
        _ => Ok(()),
    }
}

fn notice(notices: &Notices, division: Division, year: CoverYear) -> Result<&Notice, Refusal> {
    notices.find(division, year).ok_or(Refusal::NoNotice(division, year))
}

/// The resident named, when known here at all.
fn resident(view: &View, named: Resident) -> Result<Option<ResidentId>, StoreError> {
    match named {
        Resident::Id(id) => Ok(Some(id)),
        Resident::Key(key) => store::by_key(view, &key),
    }
}

fn known(view: &View, subject: &Subject) -> Result<Option<(Key, Known)>, Failure> {
    let Some(resident) = resident(view, subject.resident)? else { return Ok(None) };
    let key = (subject.division, subject.cover_year, resident);
    Ok(known_by_id(view, &key)?.map(|known| (key, known)))
}

/// What is known about a contribution, from the rows.
fn known_by_id(view: &View, key: &Key) -> Result<Option<Known>, Failure> {
    let Some(row) = store::contribution(view, key)? else { return Ok(None) };
    let facts = stored_facts(&row.circumstances, (key.0, key.1, row.birth)).map_err(Failure::corrupt)?;
    Ok(Some(Known { facts, owed: row.owed, settled: row.settled }))
}

/// The unit of work of a payment.
fn take_payment(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    notices: &Notices,
    today: Date,
) -> Result<PayContributionResponse, Failure> {
    let resident = resident(unit, transaction.named)?;
    let key = |resident| (transaction.division, transaction.cover_year, resident);
    if let Some(written) = store::transaction(unit, &transaction.channel, &transaction.id)? {
        if written.suspense_reason != 0 || !payment.repeats(transaction, resident, &written) {
            return Err(Refusal::TransactionIdReused.into());
        }
        return repeated(unit, &written, notices);
    }
    let notice = notice(notices, transaction.division, transaction.cover_year)?;
    let known = match resident {
        Some(resident) => known_by_id(unit, &key(resident))?,
        None => None,
    };
    let due = payment::pay(payment, known.as_ref(), notice, today)?;
    let key = key(resident.ok_or(Refusal::UnknownResident)?);
    let position = post(unit, payment, transaction, &key, &due)?;
    Ok(PayContributionResponse {
        payment_id: payment.id.to_string(),
        contribution: Some(show::contribution(&key, &due, true)),
        outlook: Some(show::outlook(&due.ruling)),
        position: Some(wire::position(NAME, position)),
        repeated_transaction: false,
    })
}

/// A posted payment: its row, its postings, the contribution settled, and everybody told.
fn post(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    key: &Key,
    due: &Due,
) -> Result<u64, StoreError> {
    let settled = ContributionSettled {
        resident_id: key.2.as_bytes().to_vec(),
        cover_year: key.1.get().into(),
        payment_id: payment.id.as_bytes().to_vec(),
        paid: Some(wire::money(payment.amount)),
        aided: Some(wire::money(due.aided)),
        pay_date: Some(wire::date(payment.manner.pay_date)),
    };
    let position = tell(unit, key.0, &settled)?;
    let postings = payment::postings(&transaction.channel, due, payment.amount);
    store::insert_payment(unit, (payment, transaction, Some(key.2)), None, &postings)?;
    store::insert_settled(unit, key, payment.id)?;
    Ok(position)
}

/// What was answered about a transaction that was taken before. Its money has moved, so this never refuses: of one that a
/// statement told of first, it says what can be said of the contribution now.
fn repeated(view: &View, written: &Written, notices: &Notices) -> Result<PayContributionResponse, Failure> {
    let Asked { by, request, reported } = &written.asked;
    if !reported {
        let answer = view.answered(by, request.as_bytes())?.ok_or_else(|| unanswered(written))?;
        let answer = PayContributionResponse::decode(answer.as_slice()).map_err(|_| unanswered(written))?;
        return Ok(PayContributionResponse { repeated_transaction: true, ..answer });
    }
    let key = (written.division, written.cover_year, written.resident.ok_or_else(|| unanswered(written))?);
    let known = known_by_id(view, &key)?.ok_or_else(|| unanswered(written))?;
    let due = notice(notices, key.0, key.1)
        .and_then(|notice| contribution::quote(&Known { settled: false, ..known }, notice, written.manner))
        .ok();
    Ok(PayContributionResponse {
        payment_id: written.id.to_string(),
        contribution: due.as_ref().map(|due| show::contribution(&key, due, true)),
        outlook: due.as_ref().map(|due| show::outlook(&due.ruling)),
        position: Some(wire::position(NAME, written.position)),
        repeated_transaction: true,
    })
}

/// What became of a line whose transaction was told of before, the first answer where there is one.
fn repeated_line(view: &View, written: &Written) -> Result<LineOutcome, Failure> {
    let payment_id = written.id.to_string();
    if !written.asked.reported {
        return Ok(LineOutcome { payment_id, repeated_line: true, ..LineOutcome::default() });
    }
    let answer = view.answered(&written.asked.by, written.asked.request.as_bytes())?;
    // A line that stands twice in one statement is told before its statement is answered.
    let Some(answer) = answer else {
        let (suspense_reason, rule_reason) =
            (written.suspense_reason, written.rule_reason.clone().unwrap_or_default());
        return Ok(LineOutcome {
            payment_id,
            repeated_line: true,
            suspense_reason,
            rule_reason,
            ..Default::default()
        });
    };
    let answer = ReportPaymentsResponse::decode(answer.as_slice()).map_err(|_| unanswered(written))?;
    let first = answer.outcomes.into_iter().find(|outcome| outcome.payment_id == payment_id);
    Ok(LineOutcome { repeated_line: true, ..first.ok_or_else(|| unanswered(written))? })
}

fn unanswered(written: &Written) -> Failure {
    Failure::Fault(format!("the answer about the payment {} is not there", written.id))
}

/// One line of a statement: known already, posted, or in suspense.
fn report_line(
    unit: &mut Unit,
    payment: &Payment,
    transaction: &Transaction,
    notices: &Notices,
    today: Date,
) -> Result<LineOutcome, Failure> {
    let resident = resident(unit, transaction.named)?;
    if let Some(written) = store::transaction(unit, &transaction.channel, &transaction.id)? {
        if payment.repeats(transaction, resident, &written) {
            return repeated_line(unit, &written);
        }
        let payment_id = written.id.to_string();
        return Ok(LineOutcome { payment_id, other_content: true, ..LineOutcome::default() });
    }
    let key = resident.map(|resident| (transaction.division, transaction.cover_year, resident));
    let known = match &key {
        Some(key) => known_by_id(unit, key)?,
        None => None,
    };
    let notice = notice(notices, transaction.division, transaction.cover_year);
    let decided = notice.and_then(|notice| payment::pay(payment, known.as_ref(), notice, today));
    let outcome = statement::outcome(decided);
    let mut shown = LineOutcome { payment_id: payment.id.to_string(), ..LineOutcome::default() };
    match (outcome, key) {
        (Some(Outcome::Posted(due)), Some(key)) => {
            post(unit, payment, transaction, &key, &due)?;
        }
        (Some(Outcome::Suspended(why)), _) => {
            let account = statement::account(why.reason);
            let postings = payment::suspense_postings(&transaction.channel, &account, payment.amount);
            let suspense = Some((why.reason.into(), why.rule));
            store::insert_payment(unit, (payment, transaction, resident), suspense, &postings)?;
            shown.set_suspense_reason(why.reason);
            shown.rule_reason = why.rule.unwrap_or_default().to_owned();
            shown.citations = wire::citations(&why.citations);
        }
        _ => return Err(Failure::Fault("a line was neither posted nor suspended".to_owned())),
    }
    Ok(shown)
}
