//! The books of a season, as the departments told them, and whether they agree.

use std::{collections::BTreeMap, fmt};

use canbao_host::StartError;
use canbao_proto::{google, wire::Malformed};
use canbao_types::{Date, Money};
use comfy_table::{Table, presets};

/// The books.
#[derive(Debug)]
pub struct Books {
    division: String,
    cover_year: i32,
    /// Registrations made.
    pub registered: usize,
    /// What was refused.
    pub refused: Vec<Refused>,
    /// What stands in suspense.
    pub suspended: Vec<Suspended>,
    /// How each registered resident stands at the end.
    pub standings: Vec<Standing>,
    /// Money that moved, by channel, from the season's own files.
    taken: BTreeMap<String, Money>,
}

/// Something refused.
#[derive(Debug)]
pub struct Refused {
    /// The resident's name in the season's files.
    pub resident: String,
    /// What was asked for, in Chinese.
    pub act: &'static str,
    /// The day.
    pub day: Date,
    /// The amount offered.
    pub amount: Money,
    /// The reason.
    pub reason: String,
    /// The same for the citizen.
    pub message: String,
    /// The clauses.
    pub clauses: Vec<String>,
}

/// Money in suspense.
#[derive(Debug)]
pub struct Suspended {
    /// The channel's transaction.
    pub transaction: String,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// The rule's reason, when a rule is why.
    pub rule: String,
}

/// How a resident stands.
#[derive(Debug)]
pub struct Standing {
    /// The resident's name in the season's files.
    pub resident: String,
    /// The number with its middle covered.
    pub masked_number: String,
    /// 人员类别.
    pub class: String,
    /// What is due from the person, as collection says.
    pub due: Money,
    /// Settled, as collection says.
    pub settled: bool,
    /// Insured, as registration says.
    pub insured: bool,
    /// What the person owes after aid, as subsidy says.
    pub owed: Money,
    /// From when to when there are benefits, as benefits says.
    pub benefits: Option<(Date, Date)>,
    /// The clauses of the amount due.
    pub clauses: Vec<String>,
}

/// The days on the wire, when both are there.
pub(crate) fn days(from: Option<google::Date>, to: Option<google::Date>) -> Option<(Date, Date)> {
    let mut wrong = Malformed::default();
    wrong.date("from", from).zip(wrong.date("to", to))
}

impl Books {
    pub(crate) fn new(division: &str, cover_year: i32) -> Self {
        Self {
            division: division.to_owned(),
            cover_year,
            registered: 0,
            refused: Vec::new(),
            suspended: Vec::new(),
            standings: Vec::new(),
            taken: BTreeMap::new(),
        }
    }

    pub(crate) fn take(&mut self, channel: &str, amount: Money) -> Result<(), StartError> {
        let taken = self.taken.entry(channel.to_owned()).or_default();
        *taken = taken.checked_add(amount).ok_or("more money than there is")?;
        Ok(())
    }

    /// Where the departments do not agree; empty when they do. Each side is asked of its owner or of the files.
    pub fn disagreements(&self) -> Vec<String> {
        let heads =
            |of: fn(&Standing) -> bool| self.standings.iter().filter(|&standing| of(standing)).count();
        let sum = |amounts: Vec<Money>| Money::sum(amounts).unwrap_or(Money::MAX);
        let taken = sum(self.taken.values().copied().collect());
        let settled = self.standings.iter().filter(|standing| standing.settled).map(|standing| standing.due);
        let settled_money = sum(settled.collect());
        let suspense = sum(self.suspended.iter().map(|line| line.amount).collect());
        let accounted = sum(vec![settled_money, suspense]);
        let (settled, insured) = (heads(|standing| standing.settled), heads(|standing| standing.insured));
        let entitled = heads(|standing| standing.benefits.is_some());
        let mut wrong = Vec::new();
        if self.registered != self.standings.len() {
            wrong.push(format!("{} were registered, {} are known", self.registered, self.standings.len()));
        }
        if taken != accounted {
            wrong.push(format!(
                "the channels took {taken}, collection settled {settled_money} + suspense {suspense}"
            ));
        }
        for standing in self.standings.iter().filter(|standing| standing.owed != standing.due) {
            let Standing { resident, owed, due, .. } = standing;
            wrong.push(format!("{resident}: subsidy says that {owed} is owed, collection that {due} is due"));
        }
        if settled != insured {
            wrong.push(format!(
                "collection settled {settled} contributions, registration has {insured} insured"
            ));
        }
        if insured != entitled {
            wrong
                .push(format!("registration has {insured} insured, benefits has {entitled} benefit periods"));
        }
        wrong
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} 年度参保缴费 · 行政区划 {} (season {})\n",
            self.cover_year, self.division, self.cover_year
        )?;
        let mut table = table(&["居民", "证件号码", "人员类别", "应缴(元)", "已结清", "待遇享受期", "依据"]);
        for standing in &self.standings {
            let benefits = standing.benefits.map(|(from, to)| format!("{from} 至 {to}"));
            table.add_row([
                standing.resident.clone(),
                standing.masked_number.clone(),
                standing.class.clone(),
                standing.due.to_string(),
                if standing.settled { "是" } else { "否" }.to_owned(),
                benefits.unwrap_or_else(|| "—".to_owned()),
                standing.clauses.join(" "),
            ]);
        }
        writeln!(f, "参保登记 {} 人 (registered)\n{table}\n", self.registered)?;
        if !self.refused.is_empty() {
            let mut table = self::table(&["居民", "事项", "日期", "金额(元)", "原因", "说明", "依据"]);
            for refused in &self.refused {
                table.add_row([
                    refused.resident.clone(),
                    refused.act.to_owned(),
                    refused.day.to_string(),
                    if refused.amount.is_zero() { "—".to_owned() } else { refused.amount.to_string() },
                    refused.reason.clone(),
                    refused.message.clone(),
                    refused.clauses.join(" "),
                ]);
            }
            writeln!(f, "不予办理 {} 件 (refused)\n{table}\n", self.refused.len())?;
        }
        if !self.suspended.is_empty() {
            let mut table = self::table(&["渠道流水号", "金额(元)", "原因", "规则"]);
            for line in &self.suspended {
                let amount = line.amount.to_string();
                table.add_row([line.transaction.clone(), amount, line.reason.clone(), line.rule.clone()]);
            }
            writeln!(f, "待查款 {} 笔 (in suspense)\n{table}\n", self.suspended.len())?;
        }
        for (channel, taken) in &self.taken {
            writeln!(f, "渠道 {channel} 收款 {taken} 元")?;
        }
        match self.disagreements().as_slice() {
            [] => writeln!(
                f,
                "账目相符：渠道收款 = 已结清 + 待查款；已结清 = 参保 = 享受待遇；资助后应缴 = 应缴 (the books agree)"
            ),
            wrong => wrong.iter().try_for_each(|line| writeln!(f, "账目不符 (the books differ): {line}")),
        }
    }
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(headings.to_vec());
    table
}
