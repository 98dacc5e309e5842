//! Lists of the departments, read page by page: never more than one page in memory.

use std::{collections::VecDeque, future::Future};

use canbao_proto::{
    benefits::{ListBenefitPeriodsRequest, ListedBenefitPeriod},
    collection::{
        ListContributionsRequest, ListPaymentsRequest, ListRefundsRequest, ListSuspenseRequest,
        ListedContribution, ListedPayment, Refund, Suspense,
    },
    registration::{ListRegistrationsRequest, ListedRegistration},
    subsidy::{Aid, Grant, ListAidRequest, ListGrantsRequest, ListRosterLinesRequest, ListedRosterLine},
};
use tonic::Status;

use super::files::Plan;
use crate::Player;

/// Rows of a page, as many as the contracts give.
const PAGE: u32 = 1_000;

/// Something that a department lists.
pub(super) trait Listed: Sized {
    /// The page at a token, and the token of the next page, empty after the last.
    fn page(
        player: &mut Player,
        plan: &Plan,
        token: String,
    ) -> impl Future<Output = Result<(Vec<Self>, String), Status>> + Send;
}

macro_rules! listed {
    ($($row:ident: $rpc:ident($request:ident).$rows:ident,)*) => {
        $(impl Listed for $row {
            async fn page(
                player: &mut Player,
                plan: &Plan,
                page_token: String,
            ) -> Result<(Vec<Self>, String), Status> {
                let message = $request {
                    division: plan.division.clone(),
                    cover_year: plan.cover_year,
                    page_size: PAGE,
                    page_token,
                    ..$request::default()
                };
                let answer = player.$rpc(message).await?;
                Ok((answer.$rows, answer.next_page_token))
            }
        })*
    };
}

listed! {
    ListedRegistration: registrations(ListRegistrationsRequest).registrations,
    ListedContribution: contributions(ListContributionsRequest).contributions,
    ListedPayment: payments(ListPaymentsRequest).payments,
    Suspense: suspense(ListSuspenseRequest).suspense,
    Refund: refunds(ListRefundsRequest).refunds,
    Aid: aids(ListAidRequest).aids,
    Grant: grants(ListGrantsRequest).grants,
    ListedRosterLine: roster_lines(ListRosterLinesRequest).lines,
    ListedBenefitPeriod: benefit_periods(ListBenefitPeriodsRequest).periods,
}

/// A list while it is read.
pub(super) struct Pages<T> {
    rows: VecDeque<T>,
    /// Where the next page begins; none after the last.
    token: Option<String>,
}

impl<T> Default for Pages<T> {
    /// From the first row.
    fn default() -> Self {
        Self { rows: VecDeque::new(), token: Some(String::new()) }
    }
}

impl<T: Listed> Pages<T> {
    /// The next row.
    pub async fn next(&mut self, player: &mut Player, plan: &Plan) -> Result<Option<T>, Status> {
        self.peek(player, plan).await?;
        Ok(self.rows.pop_front())
    }

    /// The next row, which stays the next.
    pub async fn peek(&mut self, player: &mut Player, plan: &Plan) -> Result<Option<&T>, Status> {
        while self.rows.is_empty()
            && let Some(token) = self.token.take()
        {
            let (rows, next) = T::page(player, plan, token).await?;
            self.rows.extend(rows);
            self.token = (!next.is_empty()).then_some(next);
        }
        Ok(self.rows.front())
    }
}
