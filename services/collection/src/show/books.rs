//! The ledger, the lists and the progress, as they are shown.

use canbao_policy::{Stated, Target};
use canbao_proto::{
    collection::{self, DueState, TargetProgress, TownshipProgress},
    wire,
};
use canbao_types::Money;

use crate::{
    progress::{self, Standing},
    store::books::{AccountRow, ListedRow, PaymentRow, TownshipRow},
};

/// An account.
pub(crate) fn account(row: AccountRow) -> collection::Account {
    let balance = Some(wire::money(row.balance));
    collection::Account { account: row.account, balance, postings: row.postings }
}

/// How far a township has come.
pub(crate) fn township(row: TownshipRow) -> TownshipProgress {
    TownshipProgress {
        township: row.township,
        task_heads: row.task_heads,
        registered: row.registered,
        settled: row.settled,
        paid: Some(wire::money(row.paid)),
        aided: Some(wire::money(row.aided)),
    }
}

/// The whole division: all of its townships.
pub(crate) fn total(townships: &[TownshipRow]) -> TownshipProgress {
    let heads = |of: fn(&TownshipRow) -> u64| townships.iter().map(of).sum();
    let money = |of: fn(&TownshipRow) -> Money| Money::sum(townships.iter().map(of)).map(wire::money);
    TownshipProgress {
        township: String::new(),
        task_heads: heads(|row| row.task_heads),
        registered: heads(|row| row.registered),
        settled: heads(|row| row.settled),
        paid: money(|row| row.paid),
        aided: money(|row| row.aided),
    }
}

/// How a target stands.
pub(crate) fn target(target: &Target, standing: Standing) -> TargetProgress {
    let Standing { township, count, of, progress } = standing;
    TargetProgress {
        target: target.name.to_string(),
        township,
        count,
        of,
        at_least: progress::at_least(target),
        reached_per_10000: progress::per_10_000(count, of),
        met: progress.met == Stated::Is(true),
        by: progress.by.is().map(wire::date),
        citations: wire::citations(progress.basis.iter()),
    }
}

/// A contribution in a list.
pub(crate) fn contribution(row: ListedRow, state: DueState) -> collection::ListedContribution {
    let listed = collection::ListedContribution {
        resident_id: row.resident.to_string(),
        masked_number: row.masked_number,
        township: row.township,
        state: state.into(),
        ..Default::default()
    };
    let Some((how, paid, aided, settled_on)) = row.settled else { return listed };
    collection::ListedContribution {
        paid: Some(wire::money(paid)),
        aided: Some(wire::money(aided)),
        how: how as i32,
        settled_on: Some(wire::date(settled_on)),
        ..listed
    }
}

/// A payment in a list.
pub(crate) fn payment(row: PaymentRow) -> collection::ListedPayment {
    collection::ListedPayment {
        payment_id: row.id.to_string(),
        channel: row.channel,
        channel_transaction_id: row.transaction,
        amount: Some(wire::money(row.amount)),
        pay_date: Some(wire::date(row.pay_date)),
        suspense_reason: i32::try_from(row.suspense_reason).unwrap_or_default(),
        resident_id: row.resident.map(|resident| resident.to_string()).unwrap_or_default(),
    }
}
