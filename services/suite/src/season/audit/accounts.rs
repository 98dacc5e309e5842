//! The ledger's accounts, each held against the list whose money it has.

use std::collections::{BTreeMap, BTreeSet};

use canbao_host::StartError;
use canbao_proto::{collection::*, subsidy::Aid};
use canbao_types::Money;

use super::{Auditor, money, paid, total};
use crate::season::pages::Pages;

/// What accounts should hold, by their names; a name that ends in a slash is all accounts of that kind.
#[derive(Default)]
struct Expected(BTreeMap<String, Money>);

impl Expected {
    /// So much more came to an account, or left it.
    fn add(&mut self, account: &str, amount: Money) -> Result<(), StartError> {
        let sum = self.0.entry(account.to_owned()).or_default();
        *sum = total([*sum, amount])?;
        Ok(())
    }
}

/// Accounts whose balance is not what the lists say. The channels and the aid are held against others' books elsewhere.
pub(super) async fn differing(auditor: &mut Auditor<'_>) -> Result<Vec<String>, StartError> {
    let mut expected = Expected::default();
    // An account keeps the first reason and the list has the last, so only the sum can be compared.
    let mut suspense = Pages::<Suspense>::default();
    while let Some(line) = auditor.next(&mut suspense).await? {
        expected.add("suspense/", money(line.amount.as_ref())?.negated())?;
    }
    let prices = prepaid(auditor, &mut expected).await?;
    refunds(auditor, &prices, &mut expected).await?;
    contributions(auditor, &mut expected).await?;
    let known = auditor.books.accounts.iter().map(|account| account.account.as_str());
    let known = known.filter(|name| *name != "aid" && !name.starts_with("channel/"));
    let known = known.map(|name| if name.starts_with("suspense/") { "suspense/" } else { name });
    let names: BTreeSet<&str> = known.chain(expected.0.keys().map(String::as_str)).collect();
    let mut found = Vec::new();
    for name in names {
        let (listed, balance) = (expected.0.get(name).copied().unwrap_or_default(), auditor.balance(name)?);
        if listed != balance {
            found.push(format!("account {name}: the lists come to {listed}, the ledger says {balance}"));
        }
    }
    Ok(found)
}

/// The years to come that payments bought: the price of each, by the payment's id.
async fn prepaid(
    auditor: &mut Auditor<'_>,
    expected: &mut Expected,
) -> Result<BTreeMap<String, Money>, StartError> {
    let years = paid::years(auditor)?;
    let mut prices = BTreeMap::new();
    let mut payments = Pages::<ListedPayment>::default();
    while let Some(payment) = auditor.next(&mut payments).await? {
        let transaction = (payment.channel, payment.channel_transaction_id);
        let Some(bought) = years.get(&transaction) else { continue };
        // What was given back out of suspense is in no year; its refund names it all the same.
        prices
            .insert(payment.payment_id, (*bought, payment.suspense_reason, money(payment.amount.as_ref())?));
    }
    let mut refunds = Pages::<Refund>::default();
    while let Some(refund) = auditor.next(&mut refunds).await? {
        if refund.ground() == RefundGround::Suspense {
            prices.remove(&refund.payment_id);
        }
    }
    let mut each = BTreeMap::new();
    for (payment, (bought, reason, amount)) in prices {
        if reason == i32::from(SuspenseReason::Unspecified) {
            let price = Money::from_fen(amount.fen() / i64::from(bought))?;
            for ahead in (1..).take(bought.saturating_sub(1) as usize) {
                expected.add(&account(auditor.plan.cover_year + ahead), price.negated())?;
            }
            each.insert(payment, price);
        }
    }
    Ok(each)
}

/// The account of a coverage year that is paid for in advance.
fn account(year: i32) -> String {
    format!("prepaid/{year}")
}

/// What waits to be paid out, by its ground, what was paid out, and the years to come that were given up.
async fn refunds(
    auditor: &mut Auditor<'_>,
    prices: &BTreeMap<String, Money>,
    expected: &mut Expected,
) -> Result<(), StartError> {
    let mut refunds = Pages::<Refund>::default();
    while let Some(refund) = auditor.next(&mut refunds).await? {
        let ground = refund.ground().as_str_name().trim_start_matches("REFUND_GROUND_");
        let waits = format!("refund/{}", ground.to_lowercase().replace('_', "-"));
        let stands = if refund.paid_on.is_some() { "treasury" } else { &waits };
        expected.add(stands, money(refund.amount.as_ref())?.negated())?;
        let ahead = refund.years.iter().filter(|year| **year != auditor.plan.cover_year);
        for year in ahead {
            let price = prices.get(&refund.payment_id).copied().unwrap_or_default();
            expected.add(&account(*year), price)?;
        }
    }
    Ok(())
}

/// What settled contributions come to, part by part. Where the ledger has no other part of the person's own than the
/// personal one, subsidy knows it: only of those who are settled with something else does collection have to tell the parts.
async fn contributions(auditor: &mut Auditor<'_>, expected: &mut Expected) -> Result<(), StartError> {
    const ONE_PART: [&str; 2] = ["contribution/personal", "contribution/government"];
    let mut of_persons =
        auditor.books.accounts.iter().filter(|account| account.account.starts_with("contribution/"));
    let personal_alone = of_persons.all(|account| ONE_PART.contains(&account.account.as_str()));
    let mut contributions = Pages::<ListedContribution>::default();
    let mut aids = Pages::<Aid>::default();
    let mut aid = auditor.next(&mut aids).await?;
    while let Some(row) = auditor.next(&mut contributions).await? {
        while aid.as_ref().is_some_and(|aid| aid.resident_id < row.resident_id) {
            aid = auditor.next(&mut aids).await?;
        }
        if row.state() != DueState::Settled {
            continue;
        }
        let covered = total([money(row.paid.as_ref())?, money(row.aided.as_ref())?])?;
        if row.how() == SettledHow::Prepayment {
            expected.add(&account(auditor.plan.cover_year), covered)?;
        }
        let standard = aid.as_ref().filter(|aid| aid.resident_id == row.resident_id);
        let standard = money(standard.and_then(|aid| aid.standard.as_ref()))?;
        if personal_alone && standard == covered {
            expected.add("contribution/personal", covered.negated())?;
            continue;
        }
        for part in paid::parts(auditor, &row.resident_id).await? {
            let name = part.part().as_str_name().trim_start_matches("PART_").to_lowercase();
            expected.add(&format!("contribution/{name}"), money(part.amount.as_ref())?.negated())?;
        }
    }
    Ok(())
}
