//! The report as a bureau chief reads it.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use canbao_proto::{
    benefits::CoverageState,
    collection::{RefundGround, TargetProgress, TownshipProgress},
    common::{Citation, Money, Part},
    registration::EndCause,
};
use comfy_table::Table;

use super::{Report, Sum, money};
use crate::season::{
    day_of,
    kinds::Kind,
    tables::{add, share, table},
};

/// The accounts of what is paid beside the year's own price, and what it is.
const BESIDE: [(&str, &str); 4] = [
    ("contribution/government", "其中补缴人员缴纳的财政补助部分 (government part, paid by late payers)"),
    ("contribution/repair", "其中缴费修复断保年度 (for missed years)"),
    ("contribution/arrears", "其中补缴欠费 (arrears of earlier years)"),
    ("contribution/side", "其中附加险种 (insurances collected along)"),
];

/// Why the totals of the townships are others.
const OF_TOWNSHIPS: &str = "已终止的登记不计入本表 (registrations that ended are not counted)。";
/// Why those of the government's part are.
const OF_MONEY: &str = "补缴人员和认定过晚人员的财政补助部分另有承担 (the government part of late payers and of those recognised \
                        late is borne elsewhere)。";

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plan = &self.plan;
        writeln!(
            f,
            "{} 年度参保缴费情况报告 · 行政区划 {}《{}》· {} 至 {} (season report)\n",
            plan.cover_year, plan.division, self.notice, plan.begins, plan.ends
        )?;
        let sections = [
            ("一、参保登记", "registered and insured", self.registrations()),
            ("二、各乡镇(街道)进度", "progress by township", self.townships()),
            ("三、目标完成情况", "targets", self.targets()),
            ("四、资金", "money", self.money()),
            ("五、身份名单参保情况", "people on rosters", self.rosters()),
            ("六、待遇", "benefits", self.benefits()),
            ("七、待查款", "suspense", self.suspense()),
            ("八、退费", "refunds", self.refunds()),
            ("九、须人工认定", "a person must decide", self.undecided()),
            ("十、办理结果", "acts", self.acts()),
            ("十一、不予办理的原因", "refusals", self.refusals()),
            ("十二、特殊情形", "awkward kinds", self.kinds()),
        ];
        for (chinese, english, table) in sections {
            if table.is_empty() {
                writeln!(f, "{chinese} ({english})\n无 (none)\n")?;
                continue;
            }
            writeln!(f, "{chinese} ({english})\n{table}")?;
            let note = match english {
                "progress by township" => Some(OF_TOWNSHIPS),
                "money" if self.government_is_borne_elsewhere() => Some(OF_MONEY),
                _ => None,
            };
            if let Some(note) = note {
                writeln!(f, "注：{note}")?;
            }
            writeln!(f)?;
        }
        let missing = match &self.missing {
            Some(list) => list.display().to_string(),
            None => "请以 --data 指定目录 (given a folder with --data)".to_owned(),
        };
        writeln!(f, "名单中未参保人员清单 (missing people, listed): {missing}")?;
        if !self.played.absent.is_empty() {
            writeln!(f, "未提供的文件 (files not there): {}", self.played.absent.join(" "))?;
        }
        if self.played.broken_lines > 0 {
            writeln!(f, "无法读取的行 {} (broken lines):", self.played.broken_lines)?;
            self.played.broken.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        writeln!(f, "\n{}", self.audit)
    }
}

impl Report {
    fn registrations(&self) -> Table {
        let mut table = table(&["人员类别", "参保依据", "已登记", "参保", "其中登记即参保"]);
        let mut rows = BTreeMap::<_, [u64; 3]>::new();
        for count in &self.counts.counts {
            let row = rows.entry((count.class.as_str(), count.ground.as_str())).or_default();
            let numbers = [count.registered, count.insured, count.insured_by_registration];
            row.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
        let mut all = [0; 3];
        for ((class, ground), numbers) in rows {
            all.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
            add(&mut table, [class, ground], numbers.map(|number| number.to_string()));
        }
        add(&mut table, ["合计", ""], all.map(|number| number.to_string()));
        for ended in &self.counts.ended {
            let cause = match ended.cause() {
                EndCause::Deceased => "死亡",
                EndCause::Moved => "转出",
                EndCause::EmployeeScheme => "参加职工医保",
                EndCause::Mistake => "登记有误",
                EndCause::Withdrawn => "自愿退出",
                EndCause::Unspecified => "",
            };
            add(&mut table, ["已终止", cause], [ended.registrations.to_string()]);
        }
        table
    }

    fn township(&self, code: &str) -> String {
        let named = self.plan.township.iter().find(|township| township.code == code);
        match (named, code) {
            (Some(township), _) => township.name.clone(),
            (None, "") => "未填写".to_owned(),
            (None, code) => code.to_owned(),
        }
    }

    fn townships(&self) -> Table {
        let mut table =
            table(&["乡镇(街道)", "任务数", "已登记", "已结清", "完成率", "缴费(元)", "资助(元)"]);
        let mut row = |name: String, progress: &TownshipProgress| {
            let numbers = [
                progress.task_heads.to_string(),
                progress.registered.to_string(),
                progress.settled.to_string(),
                share(progress.settled, progress.task_heads),
                yuan(progress.paid.as_ref()),
                yuan(progress.aided.as_ref()),
            ];
            add(&mut table, [name.as_str()], numbers);
        };
        for progress in &self.progress.townships {
            row(self.township(&progress.township), progress);
        }
        if let Some(total) = &self.progress.total {
            row("合计".to_owned(), total);
        }
        table
    }

    fn targets(&self) -> Table {
        let mut table = table(&["目标", "乡镇(街道)", "截止", "要求", "完成", "", "达到", "依据"]);
        for target in &self.progress.targets {
            let TargetProgress { count, of, at_least, citations, .. } = target;
            let place = match target.township.as_str() {
                "" => "合计".to_owned(),
                code => self.township(code),
            };
            let by = day_of(target.by).map_or_else(|_| "未写明".to_owned(), |by| by.to_string());
            table.add_row([
                target.target.clone(),
                place,
                by,
                at_least.clone(),
                share(*count, *of),
                format!("{count}/{of}"),
                if target.met { "是" } else { "否" }.to_owned(),
                clauses(citations),
            ]);
        }
        table
    }

    fn money(&self) -> Table {
        let mut table = table(&["项目", "人数", "金额(元)"]);
        let heads = self.books.settled.to_string();
        let mut row = |what: &str, heads: String, amount: String| add(&mut table, [what], [heads, amount]);
        row("应缴 (due of those settled)", heads, yuan(self.books.standard_total.as_ref()));
        row("个人缴费 (paid)", String::new(), yuan(self.books.paid_total.as_ref()));
        for (account, what) in BESIDE {
            let amount = self.balance(account).negated();
            if !amount.is_zero() {
                row(what, String::new(), amount.to_string());
            }
        }
        for total in &self.payers.totals {
            let what = match total.part() {
                Part::Government => "财政补助部分",
                _ => "资助",
            };
            let amount = yuan(total.amount.as_ref());
            row(&format!("{what} · {} (by payer)", total.payer), total.heads.to_string(), amount);
        }
        row("免缴 (waived)", String::new(), yuan(self.books.waived_total.as_ref()));
        let heads = self.payers.government_heads.to_string();
        let per_head = match &self.payers.government_per_head {
            Some(per_head) => format!("每人 {} 元", per_head.yuan),
            None => "每人标准未写明".to_owned(),
        };
        let what = format!("财政补助 · {per_head} (government part)");
        row(&what, heads, yuan(self.payers.government_total.as_ref()));
        table
    }

    /// The balance of an account in the books; nothing where there is no such account.
    fn balance(&self, name: &str) -> canbao_types::Money {
        let account = self.books.accounts.iter().find(|account| account.account == name);
        account.and_then(|account| money(account.balance.as_ref()).ok()).unwrap_or_default()
    }

    /// Somebody's government part is not among what finance is asked for.
    fn government_is_borne_elsewhere(&self) -> bool {
        let [(late, _), ..] = BESIDE;
        let of_payer = self.payers.totals.iter().any(|total| total.part() == Part::Government);
        of_payer || !self.balance(late).is_zero()
    }

    fn rosters(&self) -> Table {
        let mut table = table(&["身份", "名单人数", "已登记", "认定有效", "参保", "未参保", "参保率"]);
        for progress in &self.rosters {
            let group = if progress.group { "合计 · " } else { "" };
            let numbers =
                [progress.listed, progress.registered, progress.counted, progress.insured, progress.missing];
            let mut shown = numbers.map(|number| number.to_string()).to_vec();
            shown.push(share(progress.insured, progress.listed));
            add(&mut table, [format!("{group}{}", progress.identity).as_str()], shown);
        }
        table
    }

    fn benefits(&self) -> Table {
        let mut table = table(&["情形", "人数"]);
        let on = self.plan.ends;
        for count in &self.standing.states {
            let state = match count.state() {
                CoverageState::Covered => "享受待遇 (covered)",
                CoverageState::NotSettled => "未结清 (not settled)",
                CoverageState::Waiting => "等待期内 (waiting)",
                CoverageState::NotBegun => "尚未开始 (not begun)",
                CoverageState::Ended => "已结束或无待遇期 (ended)",
                CoverageState::PersonMustDecide => "须人工认定 (a person must decide)",
                CoverageState::Unspecified => "",
            };
            add(&mut table, [format!("{on} {state}").as_str()], [count.residents.to_string()]);
        }
        for wait in &self.standing.waits {
            let what = match wait.wait_days {
                0 => format!("等待期 {} 个月 (months of wait)", wait.wait_months),
                days => format!("等待期 {} 个月 {days} 天 (months and days of wait)", wait.wait_months),
            };
            add(&mut table, [what.as_str()], [wait.residents.to_string()]);
        }
        // Where nobody has one, the notice has none.
        for (tier, residents) in self.tiers.iter().filter(|_| self.tiers.keys().any(|tier| !tier.is_empty()))
        {
            let tier = if tier.is_empty() { "未写明" } else { tier };
            let what = format!("待遇档次 {tier} (benefits of the tier)");
            add(&mut table, [what.as_str()], [residents.to_string()]);
        }
        table
    }

    fn suspense(&self) -> Table {
        let mut table = table(&["原因", "说明", "30 日内", "31 至 90 日", "90 日以上"]);
        for ((reason, says), ages) in &self.suspense {
            add(&mut table, [reason.as_str(), *says], ages.map(shown));
        }
        table
    }

    fn refunds(&self) -> Table {
        let mut table = table(&["事由", "已确定", "其中已支付"]);
        for (ground, sums) in &self.refunds {
            let ground = match ground {
                RefundGround::Aid => "资助退还 (aid)",
                RefundGround::LeftSchool => "学生退费 (left school)",
                RefundGround::Suspense => "待查款退回 (suspense)",
                RefundGround::Requested => "申请退费 (requested)",
                RefundGround::Died => "死亡退费 (died)",
                RefundGround::EmployeeScheme => "参加职工医保退费 (employee scheme)",
                RefundGround::Unspecified => "",
            };
            add(&mut table, [ground], sums.map(shown));
        }
        table
    }

    fn undecided(&self) -> Table {
        let mut table = table(&["事项", "人数", "居民"]);
        for matter in &self.undecided {
            let (chinese, english) = matter.matter;
            let mut named = matter.named.join("\n");
            if matter.residents > matter.named.len() as u64 {
                named.push_str("\n…");
            }
            table.add_row([format!("{chinese} ({english})"), matter.residents.to_string(), named]);
        }
        table
    }

    fn acts(&self) -> Table {
        let mut table = table(&["事项", "已办", "重复", "不予办理"]);
        for (act, outcomes) in &self.played.outcomes {
            let (chinese, english) = act.names();
            let numbers = [outcomes.done, outcomes.repeated, outcomes.refused];
            let what = format!("{chinese} ({english})");
            add(&mut table, [what.as_str()], numbers.map(|number| number.to_string()));
        }
        table
    }

    fn refusals(&self) -> Table {
        let mut table = table(&["事项", "原因", "件数", "说明", "依据"]);
        for ((act, reason), why) in &self.played.refusals {
            table.add_row([
                act.names().0.to_owned(),
                reason.clone(),
                why.times.to_string(),
                why.message.clone(),
                why.clauses.join(" "),
            ]);
        }
        table
    }

    fn kinds(&self) -> Table {
        let mut table = table(&["情形", "件数"]);
        for &kind in Kind::ALL.iter().filter(|&&kind| self.played.kinds.count(kind) > 0) {
            let (chinese, english) = kind.names();
            let what = format!("{chinese} ({english})");
            add(&mut table, [what.as_str()], [self.played.kinds.count(kind).to_string()]);
        }
        table
    }
}

fn shown(sum: Sum) -> String {
    if sum.rows == 0 { "—".to_owned() } else { format!("{} 笔 {}", sum.rows, sum.amount) }
}

fn yuan(amount: Option<&Money>) -> String {
    amount.map_or_else(|| "未写明".to_owned(), |amount| amount.yuan.clone())
}

fn clauses(citations: &[Citation]) -> String {
    citations.iter().map(|citation| citation.clause.as_str()).collect::<Vec<_>>().join(" ")
}
