//! The residents, and what they pay.

use canbao_proto::{
    collection::{PayContributionRequest, ReportPaymentsRequest, StatementLine},
    common::Money,
};
use canbao_tests::{DIVISION, Person};
use canbao_types::RequestId;

const YUAN: i64 = 400;
const PAID_ON: &str = "2025-11-10";

/// Residents who have not paid.
pub struct City {
    /// All of them, in the order in which they are registered.
    pub people: Vec<Person>,
    /// Who has not paid, in the order in which they will.
    waiting: Vec<usize>,
    random: Random,
}

impl City {
    pub fn new(people: usize) -> Self {
        let mut random = Random(2_026);
        let mut waiting: Vec<usize> = (0..people).collect();
        for last in (1..people).rev() {
            waiting.swap(last, random.below(last + 1));
        }
        let people = (0..people).map(|n| Person::nth(u32::try_from(n).expect("a small city"))).collect();
        Self { people, waiting, random }
    }

    /// Payments of the next who have not paid.
    pub fn payments(&mut self, count: usize) -> Vec<PayContributionRequest> {
        (0..count).map(|_| self.payment()).collect()
    }

    /// A statement of payments of the next who have not paid.
    pub fn statement(&mut self, lines: usize) -> ReportPaymentsRequest {
        let line = |paid: PayContributionRequest| StatementLine {
            channel_transaction_id: paid.channel_transaction_id,
            resident: paid.resident,
            cover_year: paid.cover_year,
            amount: paid.amount,
            pay_date: paid.pay_date,
            cash: paid.cash,
            ..StatementLine::default()
        };
        ReportPaymentsRequest {
            request_id: RequestId::new().to_string(),
            after: Vec::new(),
            division: DIVISION.to_owned(),
            channel: "wechat".to_owned(),
            declared_total: Some(Money { yuan: format!("{}.00", YUAN * lines as i64) }),
            lines: self.payments(lines).into_iter().map(line).collect(),
        }
    }

    fn payment(&mut self) -> PayContributionRequest {
        let payer = self.waiting.pop().expect("somebody who has not paid");
        let number = self.random.next();
        PayContributionRequest {
            // 28 digits, as the channel's numbers have.
            channel_transaction_id: format!("42000{number:023}"),
            ..self.people[payer].payment(&format!("{YUAN}.00"), PAID_ON)
        }
    }
}

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
