//! Paying, reporting and declaring over the wire: collection alone, told by hand what the others tell.

use canbao::request;
use canbao_proto::{
    collection::*,
    common::{AmountPart, Citation, Part},
    exchange::ReadLogRequest,
    registration::{LatePaymentAssessed, ResidentRegistered, StudentKind},
    rules::Event,
    subsidy::{ContributionOwed, SettledBy},
};
use canbao_tests::{DIVISION, YEAR, day};
use canbao_types::{RequestId, ResidentId};
use prost::Message;
use tonic::Status;

use crate::refunding::{Bureau, money, named, owed, refused, registered, yuan};

#[path = "collecting/declaring.rs"]
mod declaring;
#[path = "collecting/due.rs"]
mod due;
#[path = "collecting/paying.rs"]
mod paying;
#[path = "collecting/reporting.rs"]
mod reporting;
#[path = "collecting/years.rs"]
mod years;

/// Somebody who owes nothing, once this settles it.
fn owes_nothing(resident: ResidentId, settled_by: SettledBy) -> ContributionOwed {
    let mut told = owed(resident, ("400.00", "0.00"), 1);
    told.set_settled_by(settled_by);
    match settled_by {
        SettledBy::Confirmation => told.confirmed_on = day("2025-11-20"),
        _ => told.declarers = vec!["disabled-federation".to_owned()],
    }
    told
}

/// A late payer's amount, to be paid from 10 March to the end of the year.
fn assessed(resident: ResidentId) -> LatePaymentAssessed {
    let part = |part: Part, yuan: &str| AmountPart {
        part: part.into(),
        amount: money(yuan),
        bearer: "person".to_owned(),
        citations: vec![Citation { clause: "XY26-39".to_owned(), open_points: Vec::new() }],
        product: String::new(),
    };
    LatePaymentAssessed {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        parts: vec![part(Part::Personal, "400.00"), part(Part::Government, "700.00")],
        due: money("1100.00"),
        open_from: day("2026-03-10"),
        open_to: day("2026-12-31"),
        citations: Vec::new(),
    }
}

/// What is due from a resident.
async fn due_of(bureau: &mut Bureau, resident: ResidentId) -> Result<ContributionDue, Status> {
    due_for(bureau, resident, YEAR).await
}

async fn due_for(
    bureau: &mut Bureau,
    resident: ResidentId,
    cover_year: i32,
) -> Result<ContributionDue, Status> {
    let (after, division) = (bureau.after.clone(), DIVISION.to_owned());
    let asked = GetContributionDueRequest {
        after,
        resident: named(resident),
        division,
        cover_year,
        ..Default::default()
    };
    let told = bureau.payments.get_contribution_due(request("tax", asked)).await?;
    Ok(told.into_inner().contribution.unwrap())
}

/// A payment of 400 yuan of one's own on 12 November, to be changed.
fn payment(bureau: &Bureau, resident: ResidentId) -> PayContributionRequest {
    let request_id = RequestId::new().to_string();
    PayContributionRequest {
        channel_transaction_id: request_id.clone(),
        request_id,
        after: bureau.after.clone(),
        resident: named(resident),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        channel: "wechat".to_owned(),
        amount: money("400.00"),
        pay_date: day("2025-11-12"),
        ..PayContributionRequest::default()
    }
}

async fn send(
    bureau: &mut Bureau,
    payment: PayContributionRequest,
) -> Result<PayContributionResponse, Status> {
    bureau
        .payments
        .pay_contribution(request("channel/wechat", payment))
        .await
        .map(tonic::Response::into_inner)
}

/// A line of 400 yuan of 12 November, to be changed.
fn line(resident: ResidentId) -> StatementLine {
    StatementLine {
        channel_transaction_id: RequestId::new().to_string(),
        resident: named(resident),
        cover_year: YEAR,
        amount: money("400.00"),
        pay_date: day("2025-11-12"),
        ..StatementLine::default()
    }
}

/// The bank reports lines.
async fn report(bureau: &mut Bureau, lines: &[StatementLine]) -> Vec<LineOutcome> {
    let fen: i64 = lines.iter().map(|line| yuan(&line.amount).replace('.', "").parse::<i64>().unwrap()).sum();
    let statement = ReportPaymentsRequest {
        request_id: RequestId::new().to_string(),
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        channel: "bank".to_owned(),
        lines: lines.to_vec(),
        declared_total: money(&format!("{}.{:02}", fen / 100, fen % 100)),
    };
    let told = bureau.payments.report_payments(request("channel/bank", statement)).await.unwrap();
    told.into_inner().outcomes
}

/// What benefits is told of contributions that are settled.
async fn told_settled(bureau: &mut Bureau) -> Vec<ContributionSettled> {
    let asked = ReadLogRequest { after: 0, limit: 1_000, wait_milliseconds: 0, ..Default::default() };
    let page = bureau.log.read_log(request("service/benefits", asked)).await.unwrap().into_inner();
    let settled = page.events.iter().filter(|event| event.kind == ContributionSettled::KIND);
    settled.map(|event| ContributionSettled::decode(event.body.as_slice()).unwrap()).collect()
}

/// Sends a question that changes nothing, so that what was told before it has been heard.
async fn hear(bureau: &mut Bureau) {
    bureau.get_books().await;
}
