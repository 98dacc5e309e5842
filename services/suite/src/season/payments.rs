//! What the channels and the tax bureau do in a season.

use canbao_host::StartError;
use canbao_proto::{collection::*, wire};
use canbao_types::Money;
use tonic::Code;

use super::{
    files::{DeclarationLine, PaymentLine, RefundLine},
    journal::Moved,
    kinds::Kind,
    messages::{self, day, reference, request_id},
    pages::Pages,
    people::count,
    played::{Act, Answer, suspended_for},
    stage::Stage,
    words::{RefundWay, Way},
};

impl Stage<'_> {
    /// A line that cannot even be read spoils its list: the others are then declared one by one.
    pub(super) async fn declare(&mut self, lines: Vec<DeclarationLine>) -> Result<(), StartError> {
        let Some(first) = lines.first() else { return Ok(()) };
        let (by, day) = (first.by.name(), day(Some(first.day)));
        let message = DeclareContributionsRequest {
            request_id: request_id(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            declared_on: day,
            residents: lines.iter().filter_map(|line| reference(&line.person)).collect(),
            declared_count: count(&lines),
            tier: first.tier.clone().unwrap_or_default(),
        };
        let answer = match self.player.declare(by, message).await {
            Ok(answer) => answer,
            Err(status) if status.code() == Code::InvalidArgument && lines.len() > 1 => {
                for line in lines {
                    Box::pin(self.declare(vec![line])).await?;
                }
                return Ok(());
            }
            Err(status) => return self.played.refusal(Act::Declare, lines.len() as u64, status).map(drop),
        };
        for outcome in answer.outcomes {
            match (outcome.settled, outcome.repeated) {
                (true, false) => self.played.done(Act::Declare, 1),
                (true, true) => self.played.repeated(Act::Declare, 1),
                (false, _) => {
                    let DeclarationOutcome { reason, message, citations, .. } = &outcome;
                    self.played.refused(Act::Declare, reason, message, citations);
                    self.played.kinds.refused(reason, None);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn take_payments(&mut self, lines: Vec<PaymentLine>) -> Result<(), StartError> {
        match lines.first().map(|line| line.way) {
            None => Ok(()),
            Some(Way::Pay) => self.pay(lines).await,
            Some(Way::Report) => self.report(&lines).await,
        }
    }

    async fn pay(&mut self, lines: Vec<PaymentLine>) -> Result<(), StartError> {
        let plan = self.plan;
        let ask = |mut player: crate::Player, line: &PaymentLine| {
            let message = messages::payment(plan, line);
            async move {
                let answer = player.pay(message).await;
                (player, answer)
            }
        };
        for (line, answer) in self.at_once(lines, ask).await? {
            if answer.as_ref().is_ok_and(|answer| answer.repeated_transaction) {
                self.played.repeated(Act::Pay, 1);
                self.played.kinds.add(Kind::Repeated, 1);
                continue;
            }
            match self.played.answer(Act::Pay, answer)? {
                Answer::Done(_) => {
                    self.played.kinds.taken(&line);
                    self.journal.add(&Moved::from(&line))?;
                }
                Answer::Refused(reason) => self.played.kinds.refused(&reason, Some(&line)),
            }
        }
        Ok(())
    }

    /// A line that cannot even be read spoils its statement: the others are then told one by one.
    async fn report(&mut self, lines: &[PaymentLine]) -> Result<(), StartError> {
        let total = Money::sum(lines.iter().map(|line| line.amount));
        let message = ReportPaymentsRequest {
            request_id: request_id(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            channel: lines.first().map(|line| line.channel.clone()).unwrap_or_default(),
            lines: lines.iter().map(|line| messages::statement_line(self.plan, line)).collect(),
            declared_total: Some(wire::money(total.ok_or("the statement's total is too large")?)),
        };
        let answer = match self.player.report(message).await {
            Ok(answer) => answer,
            Err(status) if status.code() == Code::InvalidArgument && lines.len() > 1 => {
                for line in lines {
                    Box::pin(self.report(std::slice::from_ref(line))).await?;
                }
                return Ok(());
            }
            Err(status) => return self.played.refusal(Act::Report, lines.len() as u64, status).map(drop),
        };
        for (line, outcome) in lines.iter().zip(answer.outcomes) {
            if outcome.repeated_line {
                self.played.repeated(Act::Report, 1);
                self.played.kinds.add(Kind::Repeated, 1);
            } else if outcome.other_content {
                self.played.refused(Act::Report, "OTHER_CONTENT", "同一流水号曾以其他内容上报。", &[]);
            } else {
                self.reported(line, &outcome);
            }
        }
        Ok(())
    }

    /// Notes what became of money that was taken.
    fn reported(&mut self, line: &PaymentLine, outcome: &LineOutcome) {
        if outcome.suspense_reason() == SuspenseReason::Unspecified {
            self.played.done(Act::Report, 1);
            self.played.kinds.taken(line);
            return;
        }
        let (reason, says) = suspended_for(outcome.suspense_reason(), &outcome.rule_reason);
        self.played.refused(Act::Report, &reason, says, &outcome.citations);
        self.played.kinds.refused(&reason, Some(line));
    }

    pub(super) async fn refund(&mut self, lines: Vec<RefundLine>) -> Result<(), StartError> {
        for line in lines {
            match line.way {
                RefundWay::LeftSchool => self.student_left(&line).await?,
                RefundWay::Requested => self.ask_back(&line, RefundCause::Requested).await?,
                RefundWay::Died => self.ask_back(&line, RefundCause::Died).await?,
                RefundWay::EmployeeScheme => self.ask_back(&line, RefundCause::EmployeeScheme).await?,
                RefundWay::Suspense => self.refund_suspense(line).await?,
                RefundWay::Payout => self.pay_out(&line).await?,
            }
        }
        Ok(())
    }

    async fn student_left(&mut self, line: &RefundLine) -> Result<(), StartError> {
        let message = RefundStudentRequest {
            request_id: request_id(),
            after: Vec::new(),
            resident: line.person.as_deref().and_then(reference),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            left_on: day(line.left_on),
            asked_on: day(Some(line.day)),
        };
        let answer = self.player.refund_student(message).await;
        self.played.answer(Act::Refund, answer).map(drop)
    }

    /// A contribution is asked back.
    async fn ask_back(&mut self, line: &RefundLine, cause: RefundCause) -> Result<(), StartError> {
        let message = RefundContributionRequest {
            request_id: request_id(),
            after: Vec::new(),
            resident: line.person.as_deref().and_then(reference),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            cause: cause.into(),
            asked_on: day(Some(line.day)),
        };
        let answer = self.player.refund_contribution(message).await;
        self.played.answer(Act::Refund, answer).map(drop)
    }

    /// Gives back the money of one transaction, when it stands in suspense.
    async fn refund_suspense(&mut self, line: RefundLine) -> Result<(), StartError> {
        let wanted = (line.channel.unwrap_or_default(), line.transaction.unwrap_or_default());
        let mut suspense = Pages::<Suspense>::default();
        while let Some(money) = suspense.next(&mut self.player, self.plan).await? {
            if (money.channel, money.channel_transaction_id) == wanted {
                let message = RefundSuspenseRequest {
                    request_id: request_id(),
                    after: Vec::new(),
                    payment_id: money.payment_id,
                    decided_on: day(Some(line.day)),
                };
                let answer = self.player.refund_suspense(message).await;
                self.played.answer(Act::Refund, answer)?;
                return Ok(());
            }
        }
        self.played.refused(Act::Refund, "NOT_IN_SUSPENSE", "该笔款项不在待查款中。", &[]);
        Ok(())
    }

    /// Pays out every refund that is open.
    async fn pay_out(&mut self, line: &RefundLine) -> Result<(), StartError> {
        let mut open = Vec::new();
        let mut refunds = Pages::<Refund>::default();
        while let Some(refund) = refunds.next(&mut self.player, self.plan).await? {
            if refund.paid_on.is_none() {
                open.push(refund.refund_id);
            }
        }
        for refund_id in open {
            let (request_id, after, paid_on) = (request_id(), Vec::new(), day(Some(line.day)));
            let answer =
                self.player.pay_refund(PayRefundRequest { request_id, after, refund_id, paid_on }).await;
            self.played.answer(Act::PayOut, answer)?;
        }
        Ok(())
    }
}
