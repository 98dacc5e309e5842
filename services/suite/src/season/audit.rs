//! The four equations of the books. Each side is asked of its owner, or of the channels' own files; where the sums differ,
//! the rows that differ are looked for and named.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use canbao_host::StartError;
use canbao_proto::{benefits::*, collection::*, common, common::Part, registration::*, subsidy::*};
use canbao_types::Money;

use super::{
    files::Plan,
    journal::{ChannelFiles, Tally},
    messages::day,
    pages::Pages,
};
use crate::Player;

mod accounts;
mod paid;
mod rows;

/// Rows that are named; more are only counted.
const NAMED: usize = 20;

/// What the books add up to.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// The four equations.
    pub equations: Vec<Equation>,
    /// Lines of the season's files that could not be read, and so are in none of the books.
    pub unread: u64,
}

/// An equation.
#[derive(Clone, Debug)]
pub struct Equation {
    /// Its name in Chinese and in English.
    pub name: (&'static str, &'static str),
    /// Its sides: who says it, and how much it is.
    pub sides: Vec<(&'static str, String)>,
    /// Where the sides differ, row by row; empty when they agree.
    pub differences: Vec<String>,
}

impl Audit {
    /// Where the books differ; empty when they agree.
    pub fn differences(&self) -> impl Iterator<Item = &str> {
        self.equations.iter().flat_map(|equation| &equation.differences).map(String::as_str)
    }

    /// How many of the equations do not hold.
    pub fn failing(&self) -> usize {
        self.equations.iter().filter(|equation| !equation.differences.is_empty()).count()
    }

    /// The books agree.
    pub fn agrees(&self) -> bool {
        self.failing() == 0
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "账目核对 (the books)")?;
        let mut table = super::tables::table(&["等式", "各方所记", "相符"]);
        for equation in &self.equations {
            let sides: Vec<_> = equation.sides.iter().map(|(who, what)| format!("{who} {what}")).collect();
            let agrees = if equation.differences.is_empty() { "是" } else { "否" };
            let (chinese, english) = equation.name;
            table.add_row([format!("{chinese}\n{english}"), sides.join("\n"), agrees.to_owned()]);
        }
        writeln!(f, "{table}")?;
        for difference in self.differences() {
            writeln!(f, "账目不符 (the books differ): {difference}")?;
        }
        match self.unread {
            _ if !self.agrees() => Ok(()),
            0 => writeln!(f, "账目相符 (the books agree)"),
            unread => {
                writeln!(
                    f,
                    "账目相符，但有 {unread} 行无法读取 (the books agree; {unread} lines were not read)"
                )
            }
        }
    }
}

/// Whoever holds the books against one another.
pub(super) struct Auditor<'a> {
    pub plan: &'a Plan,
    pub player: Player,
    pub files: ChannelFiles<'a>,
    pub books: GetBooksResponse,
}

impl<'a> Auditor<'a> {
    /// Asks for the books once all departments have heard of everything.
    pub async fn new(
        plan: &'a Plan,
        mut player: Player,
        files: ChannelFiles<'a>,
    ) -> Result<Self, StartError> {
        player.catch_up(&plan.division, plan.cover_year).await?;
        let (division, cover_year) = (plan.division.clone(), plan.cover_year);
        let message = GetBooksRequest { after: Vec::new(), division, cover_year };
        let books = player.books(message).await?;
        Ok(Self { plan, player, files, books })
    }

    /// Holds the books against one another; `unread` lines of the season's files could not be read.
    pub async fn audit(&mut self, unread: u64) -> Result<Audit, StartError> {
        let mut equations =
            vec![self.channels().await?, self.settled().await?, self.insured().await?, self.aid().await?];
        for equation in &mut equations {
            let more = equation.differences.len().saturating_sub(NAMED);
            if more > 0 {
                equation.differences.truncate(NAMED);
                equation.differences.push(format!("{}, and {more} more", equation.name.1));
            }
        }
        Ok(Audit { equations, unread })
    }

    /// The next row of a list.
    pub async fn next<T: super::pages::Listed>(
        &mut self,
        pages: &mut Pages<T>,
    ) -> Result<Option<T>, StartError> {
        Ok(pages.next(&mut self.player, self.plan).await?)
    }

    /// The balance of an account; of all accounts of a kind where it ends in a slash, such as `channel/`, and of all where
    /// it is empty.
    pub fn balance(&self, of: &str) -> Result<Money, StartError> {
        let kind = of.is_empty() || of.ends_with('/');
        let accounts = self.books.accounts.iter();
        let accounts =
            accounts.filter(|known| known.account == of || (kind && known.account.starts_with(of)));
        sum(accounts.map(|account| account.balance.as_ref()))
    }

    /// What the channels took is what collection has, transaction by transaction, and it stands somewhere.
    async fn channels(&mut self) -> Result<Equation, StartError> {
        let mut files: BTreeMap<String, Tally> = BTreeMap::new();
        for moved in self.files.moved(self.plan)? {
            let moved = moved?;
            let row = (&moved.transaction, moved.paid_on);
            files.entry(moved.channel.clone()).or_default().add(row, moved.amount)?;
        }
        let mut known: BTreeMap<String, Tally> = BTreeMap::new();
        let mut payments = Pages::<ListedPayment>::default();
        while let Some(payment) = self.next(&mut payments).await? {
            let row = (&payment.channel_transaction_id, super::day_of(payment.pay_date)?);
            known.entry(payment.channel).or_default().add(row, money(payment.amount.as_ref())?)?;
        }
        let mut differences = Vec::new();
        let channels: BTreeSet<&String> = files.keys().chain(known.keys()).collect();
        for channel in channels {
            let (file, paid) = (files.get(channel), known.get(channel));
            if file != paid {
                differences.extend(rows::transactions(self, channel).await?);
            }
            let balance = self.balance(&format!("channel/{channel}"))?;
            let taken = file.copied().unwrap_or_default().amount;
            if balance != taken {
                differences.push(format!("{channel}: the channel took {taken}, the ledger says {balance}"));
            }
        }
        let taken = total(files.values().map(|tally| tally.amount))?;
        let stands = self.where_it_stands().await?;
        if stands != taken {
            differences.push(format!("the channels took {taken}, of which {stands} stands somewhere"));
            differences.extend(paid::lost(self).await?);
        }
        let all = |tallies: &BTreeMap<String, Tally>| -> Result<String, StartError> {
            let rows: u64 = tallies.values().map(|tally| tally.rows).sum();
            Ok(format!("{rows} 笔 {} 元", total(tallies.values().map(|tally| tally.amount))?))
        };
        let sides = vec![
            ("渠道 channels", all(&files)?),
            ("征缴 collection", all(&known)?),
            ("去向 settled, suspense, prepaid, refunds", format!("{stands} 元")),
        ];
        Ok(Equation {
            name: ("渠道收款 = 征缴入账", "channel files = collection"), sides, differences
        })
    }

    /// What is settled, prepaid, in suspense, or given back.
    async fn where_it_stands(&mut self) -> Result<Money, StartError> {
        let paid = money(self.books.paid_total.as_ref())?;
        let prepaid = self.balance("prepaid/")?.negated();
        let mut amounts = vec![paid, prepaid];
        let mut suspense = Pages::<Suspense>::default();
        while let Some(line) = self.next(&mut suspense).await? {
            amounts.push(money(line.amount.as_ref())?);
        }
        let mut refunds = Pages::<Refund>::default();
        while let Some(refund) = self.next(&mut refunds).await? {
            amounts.push(money(refund.amount.as_ref())?);
        }
        total(amounts)
    }

    /// Each settled contribution is paid, aided or waived in full, and the ledger says so too.
    async fn settled(&mut self) -> Result<Equation, StartError> {
        let standard = money(self.books.standard_total.as_ref())?;
        let parts = [&self.books.paid_total, &self.books.aided_total, &self.books.waived_total];
        let [paid, aided, waived] = parts.map(|part| money(part.as_ref()));
        let (paid, aided, waived) = (paid?, aided?, waived?);
        let covered = total([paid, aided, waived])?;
        let posted = self.balance("contribution/")?.negated();
        let (zero, aid) = (self.balance("")?, self.balance("aid")?);
        let mut differences = Vec::new();
        if standard != covered {
            differences.push(format!("{standard} is settled, {covered} was paid, aided and waived for it"));
        }
        if posted != standard {
            differences.push(format!("{standard} is settled, the ledger says {posted}"));
        }
        if aid != aided {
            differences.push(format!("{aided} was aided, the ledger says {aid}"));
        }
        if !zero.is_zero() {
            differences.push(format!("the ledger's balances add up to {zero}"));
        }
        differences.extend(accounts::differing(self).await?);
        // Sums alone could agree by chance: what one resident paid could stand with another.
        if !paid::agrees(self).await? {
            differences.push("residents are settled with other amounts than they paid".to_owned());
        }
        if !differences.is_empty() {
            differences.extend(paid::differing(self).await?);
        }
        let sides = vec![
            ("已结清 settled", format!("{} 人 {standard} 元", self.books.settled)),
            ("缴费 + 资助 + 免缴 paid + aided + waived", format!("{paid} + {aided} + {waived} 元")),
            ("账簿 ledger", format!("{posted} 元")),
        ];
        Ok(Equation {
            name: ("已结清 = 缴费 + 资助 + 免缴", "settled = paid + aided + waived"),
            sides,
            differences,
        })
    }

    /// Whoever is settled, or free by registration alone, is insured, and nobody else.
    async fn insured(&mut self) -> Result<Equation, StartError> {
        let (division, cover_year) = (self.plan.division.clone(), self.plan.cover_year);
        let message =
            GetRegistrationCountsRequest { after: Vec::new(), division: division.clone(), cover_year };
        let counts = self.player.registration_counts(message).await?.counts;
        let on = day(Some(self.plan.ends));
        let message = GetBenefitCountsRequest { after: Vec::new(), division, cover_year, on };
        let benefits = self.player.benefit_counts(message).await?;
        // Sums alone could agree by chance: whoever is missing in one department, and somebody else in another.
        let heads = rows::heads(self).await?;
        let registered = heads.ended + counts.iter().map(|count| count.insured).sum::<u64>();
        let newborns =
            heads.ended_newborns + counts.iter().map(|count| count.insured_by_registration).sum::<u64>();
        let (insured, settled) = (benefits.insured, self.books.settled);
        let mut differences = Vec::new();
        if insured != settled + newborns || insured != registered || benefits.free != newborns {
            differences.push(format!(
                "{settled} settled and {newborns} newborns, but {insured} insured in benefits, {} of them newborns, and \
                 {registered} in registration",
                benefits.free
            ));
        }
        differences.extend(heads.differ);
        let sides = vec![
            ("待遇 benefits", format!("{insured} 人")),
            ("征缴 collection + 新生儿 newborns", format!("{settled} + {newborns} 人")),
            ("登记 registration", format!("{registered} 人,其中已终止 {} 人", heads.ended)),
        ];
        Ok(Equation {
            name: ("参保人数 = 已结清 + 当年新生儿", "insured heads = settled + newborns"),
            sides,
            differences,
        })
    }

    /// What collection counts as aided is what finance is asked for, payer by payer.
    async fn aid(&mut self) -> Result<Equation, StartError> {
        let (division, cover_year) = (self.plan.division.clone(), self.plan.cover_year);
        let message = GetPayerTotalsRequest { after: Vec::new(), division, cover_year };
        let totals = self.player.payer_totals(message).await?.totals;
        let mut asked: BTreeMap<(String, Part), Money> = BTreeMap::new();
        for entry in totals {
            let part = entry.part();
            asked.insert((entry.payer, part), money(entry.amount.as_ref())?);
        }
        let mut listed: BTreeMap<(String, Part), Money> = BTreeMap::new();
        let mut grants = Pages::<Grant>::default();
        while let Some(grant) = self.next(&mut grants).await? {
            let part = grant.part();
            let sum = listed.entry((grant.payer, part)).or_default();
            *sum = total([*sum, money(grant.amount.as_ref())?])?;
        }
        // The government's part is borne beside the aid, which is of the person's own parts.
        let aid = |sums: &BTreeMap<(String, Part), Money>| {
            total(sums.iter().filter(|((_, part), _)| *part != Part::Government).map(|(_, amount)| *amount))
        };
        let (finance, rows) = (aid(&asked)?, aid(&listed)?);
        let aided = money(self.books.aided_total.as_ref())?;
        let mut differences = Vec::new();
        for (of, amount) in &asked {
            let rows = listed.get(of).copied().unwrap_or_default();
            if rows != *amount {
                differences.push(format!("{} owes {amount}, the list adds up to {rows}", of.0));
            }
        }
        if finance != aided || rows != aided {
            differences
                .push(format!("{aided} was aided, {finance} is asked of the payers, {rows} is listed"));
        }
        differences.extend(rows::aid(self).await?);
        let sides = vec![
            ("征缴 collection", format!("{aided} 元")),
            ("财政清单 finance's list", format!("{finance} 元")),
        ];
        Ok(Equation { name: ("资助 = 财政清单", "aid = finance's list"), sides, differences })
    }
}

/// An amount of the wire; absent: nothing.
pub(super) fn money(amount: Option<&common::Money>) -> Result<Money, StartError> {
    Ok(amount.map_or(Ok(Money::ZERO), |amount| amount.yuan.parse())?)
}

fn sum<'m>(amounts: impl Iterator<Item = Option<&'m common::Money>>) -> Result<Money, StartError> {
    total(amounts.map(money).collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn total(amounts: impl IntoIterator<Item = Money>) -> Result<Money, StartError> {
    Ok(Money::sum(amounts).ok_or("more money than there is")?)
}
