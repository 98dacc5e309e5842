//! The comparison as a clerk in finance reads it, and the same figures as JSON.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use canbao_policy::Notice;
use canbao_policy::population::{Both, Comparison, Heads, Outcome, Paid, Payer, Shift, Sum};
use comfy_table::Table;
use serde_json::{Value, json};

use crate::season::tables::{add, table};

/// Why the figures by identity do not add up to the total.
const OF_IDENTITIES: &str =
    "有多种身份的人在每种身份下各计一次，合计大于总人数 (who has several identities is counted under each)。";
/// What the money is counted for.
const OF_MONEY: &str =
    "金额只计应缴可确定的人员 (money is counted for those of whom it is known what they pay)。";
/// Why government pays nothing for some.
const OF_GOVERNMENT: &str = "财政补助已由本人或他人随应缴承担的，不再计入 (not counted where its part is borne with the contribution)。";

/// A comparison and the notices it is of.
pub(super) struct Report<'c> {
    pub comparison: &'c Comparison,
    pub notices: [&'c Notice; 2],
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let of = self.comparison;
        writeln!(f, "通知调整试算 (what if)")?;
        for (letter, notice) in ["甲", "乙"].iter().zip(self.notices) {
            writeln!(f, "{letter}: {} {}《{}》", notice.division(), notice.year(), notice.title())?;
        }
        writeln!(f, "居民 {} 人 (residents)\n", of.total.a.people)?;
        let sections = [
            ("一、合计", "totals", totals(&of.total), Some(OF_MONEY)),
            ("二、按人员类别", "by class", heads("人员类别", &of.classes), None),
            ("三、按身份", "by identity", heads("身份", &of.identities), Some(OF_IDENTITIES)),
            ("四、按承担方", "by payer", payers(&of.payers), Some(OF_GOVERNMENT)),
            ("五、应缴不能确定的人员", "not payable, or not known", others(&of.others), None),
            ("六、应缴增减", "who pays less, who pays more", shifts(of), None),
            ("七、每人增减额", "by difference, 乙 less 甲", differences(of), None),
        ];
        for (chinese, english, table, note) in sections {
            match table.is_empty() {
                true => writeln!(f, "{chinese} ({english})\n无 (none)\n")?,
                false => writeln!(f, "{chinese} ({english})\n{table}")?,
            }
            match note {
                Some(note) if !table.is_empty() => writeln!(f, "注：{note}\n")?,
                _ if !table.is_empty() => writeln!(f)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn totals(total: &Both<Heads>) -> Table {
    let mut table = table(&["", "甲", "乙", "乙 − 甲"]);
    let mut count = |name: &str, of: fn(&Heads) -> u64| {
        add(&mut table, [name], counted(Both { a: of(&total.a), b: of(&total.b) }));
    };
    count("居民人数", |heads| heads.people);
    count("应缴可确定的人数", |heads| heads.payable);
    let mut money = |name: &str, of: fn(&Heads) -> Sum| {
        add(&mut table, [name], paid(Both { a: of(&total.a), b: of(&total.b) }));
    };
    money("个人缴费(元)", |heads| heads.own);
    money("资助参保等由他人承担(元)", |heads| heads.aid);
    money("财政补助(元)", |heads| heads.government);
    table
}

fn heads(title: &str, rows: &[(Option<Arc<str>>, Both<Heads>)]) -> Table {
    let columns = [
        title,
        "甲人数",
        "乙人数",
        "甲个人缴费(元)",
        "乙个人缴费(元)",
        "甲资助(元)",
        "乙资助(元)",
        "甲财政补助(元)",
        "乙财政补助(元)",
    ];
    let mut table = table(&columns);
    for (name, Both { a, b }) in rows {
        let cells = [
            a.people.to_string(),
            b.people.to_string(),
            a.own.to_string(),
            b.own.to_string(),
            a.aid.to_string(),
            b.aid.to_string(),
            a.government.to_string(),
            b.government.to_string(),
        ];
        add(&mut table, [named(name.as_ref())], cells);
    }
    table
}

fn payers(rows: &[(Payer, Both<Paid>)]) -> Table {
    let mut table = table(&[
        "承担方",
        "甲人数",
        "乙人数",
        "甲金额(元)",
        "乙金额(元)",
        "乙 − 甲",
        "甲金额未定",
        "乙金额未定",
    ]);
    for (payer, Both { a, b }) in rows {
        let [first, second, change] = paid(Both { a: a.amount, b: b.amount });
        let people = [a.people.to_string(), b.people.to_string()];
        let unstated = [a.unstated.to_string(), b.unstated.to_string()];
        let [a, b] = people;
        let [unstated_a, unstated_b] = unstated;
        add(&mut table, [payer_name(payer)], [a, b, first, second, change, unstated_a, unstated_b]);
    }
    table
}

fn others(rows: &[(Outcome, Both<u64>)]) -> Table {
    let mut table = table(&["情形", "甲人数", "乙人数", "乙 − 甲"]);
    for (outcome, people) in rows {
        add(&mut table, [outcome_name(*outcome)], counted(*people));
    }
    table
}

fn shifts(of: &Comparison) -> Table {
    let columns = [
        "人员类别",
        "少缴人数",
        "少缴(元)",
        "多缴人数",
        "多缴(元)",
        "不变",
        "仅甲可定",
        "仅乙可定",
        "均不能确定",
    ];
    let mut table = table(&columns);
    let mut row = |name: String, shift: &Shift| {
        let cells = [
            shift.less.to_string(),
            shift.saved.to_string(),
            shift.more.to_string(),
            shift.added.to_string(),
            shift.same.to_string(),
            shift.only_first.to_string(),
            shift.only_second.to_string(),
            shift.neither.to_string(),
        ];
        add(&mut table, [name], cells);
    };
    for (classes, shift) in &of.shift_of_classes {
        row(both_classes(classes), shift);
    }
    row("合计".to_owned(), &of.shift);
    table
}

fn differences(of: &Comparison) -> Table {
    let mut table = table(&["每人增减(元)", "人数", "合计(元)"]);
    for (more, people) in &of.differences {
        let sign = if more.is_negative() { "" } else { "+" };
        add(&mut table, [format!("{sign}{more}")], [people.to_string(), Sum::of(*more, *people).to_string()]);
    }
    table
}

fn counted(of: Both<u64>) -> [String; 3] {
    let change = i128::from(of.b) - i128::from(of.a);
    [of.a.to_string(), of.b.to_string(), change.to_string()]
}

fn paid(of: Both<Sum>) -> [String; 3] {
    [of.a.to_string(), of.b.to_string(), of.b.less(of.a).to_string()]
}

fn named(name: Option<&Arc<str>>) -> &str {
    name.map_or("无", |name| name)
}

fn both_classes(classes: &Both<Option<Arc<str>>>) -> String {
    let (a, b) = (named(classes.a.as_ref()), named(classes.b.as_ref()));
    if a == b { a.to_owned() } else { format!("{a} → {b}") }
}

fn payer_name(payer: &Payer) -> &str {
    match payer {
        Payer::Person => "本人",
        Payer::Named(name) => name,
        Payer::NotStated => "通知未规定承担方",
        Payer::Government => "财政补助",
    }
}

fn outcome_name(outcome: Outcome) -> String {
    match outcome {
        Outcome::Owes(due) => format!("应缴 {due}"),
        Outcome::Refused(reason) => format!("不予办理 {}: {}", reason.code(), reason.message()),
        Outcome::Needs(fact) => format!("缺少信息 {fact}"),
        Outcome::NotStated => "通知未规定金额 (not stated)".to_owned(),
        Outcome::PersonMustDecide => "须人工认定 (a person must decide)".to_owned(),
    }
}

/// The same figures, under keys in English.
pub(super) fn json(of: &Comparison, notices: [&Notice; 2]) -> Value {
    let [a, b] = notices.map(|notice| {
        json!({ "division": notice.division().to_string(), "year": notice.year().get(), "title": notice.title() })
    });
    let heads = |rows: &[(Option<Arc<str>>, Both<Heads>)]| -> Vec<Value> {
        rows.iter().map(|(name, Both { a, b })| json!({ "name": name.as_deref(), "a": a, "b": b })).collect()
    };
    let payers = of.payers.iter().map(|(payer, Both { a, b })| {
        let name = match payer {
            Payer::Person => "person",
            Payer::Named(name) => name,
            Payer::NotStated => "not stated",
            Payer::Government => "government",
        };
        let paid =
            |paid: &Paid| json!({ "people": paid.people, "amount": paid.amount, "unstated": paid.unstated });
        json!({ "payer": name, "a": paid(a), "b": paid(b) })
    });
    let others = of.others.iter().map(|(outcome, Both { a, b })| {
        let (what, of) = match outcome {
            Outcome::Owes(_) => ("owes", None),
            Outcome::Refused(reason) => ("refused", Some(reason.code())),
            Outcome::Needs(fact) => ("needs-fact", Some(fact.code())),
            Outcome::NotStated => ("not-stated", None),
            Outcome::PersonMustDecide => ("person-must-decide", None),
        };
        json!({ "outcome": what, "of": of, "a": a, "b": b })
    });
    let shift = |shift: &Shift| {
        json!({
            "less": shift.less, "saved": shift.saved, "more": shift.more, "added": shift.added, "same": shift.same,
            "only_a": shift.only_first, "only_b": shift.only_second, "neither": shift.neither,
        })
    };
    let of_classes = of.shift_of_classes.iter().map(
        |(classes, of)| json!({ "a": classes.a.as_deref(), "b": classes.b.as_deref(), "shift": shift(of) }),
    );
    let differences = of.differences.iter().map(|(more, people)| {
        json!({ "each": more.to_string(), "people": people, "in_all": Sum::of(*more, *people) })
    });
    json!({
        "a": a,
        "b": b,
        "total": { "a": of.total.a, "b": of.total.b },
        "classes": heads(&of.classes),
        "identities": heads(&of.identities),
        "payers": payers.collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
        "shift": shift(&of.shift),
        "shift_of_classes": of_classes.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    })
}
