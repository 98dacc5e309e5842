//! Why one owes so much, what others pay, and what stands beside the payment.

use std::sync::Arc;

use canbao_types::{Bearer, Money, Part};

use crate::aid::WHOLE;
use crate::ruling::{AidLine, Payment, PricePart, Stated};

use super::chinese::{day, listed, percent, step, yuan};
use super::{About, Telling};

/// What the person owes, from the standard to the rest.
pub(super) fn due(said: &Payment, out: &mut Telling<'_>) {
    let Some(due) = said.due else { return };
    let question = match due {
        Stated::Is(Money::ZERO) => "为什么不用缴费".to_owned(),
        Stated::Is(due) => format!("为什么是{}", yuan(due)),
        Stated::NotStated | Stated::PersonMustDecide => "为什么还不能确定应缴多少".to_owned(),
    };
    let own: Vec<&PricePart> = said.parts.iter().filter(|part| part.bearer == Bearer::Person).collect();
    let mut price: Vec<String> = own.iter().map(|part| priced(part, said)).collect();
    let aid = all_aided(&said.aid);
    let rest = match due {
        Stated::Is(Money::ZERO) if said.free() => "您不用缴费".to_owned(),
        Stated::Is(Money::ZERO) => "个人缴0元，您不用缴费".to_owned(),
        Stated::Is(due) if !aid.is_empty() => format!("个人缴{}", yuan(due)),
        Stated::Is(due) if own.len() > 1 => format!("共缴{}", yuan(due)),
        Stated::Is(due) => format!("您缴{}", yuan(due)),
        Stated::NotStated => "应缴多少通知没有规定，由人工认定".to_owned(),
        Stated::PersonMustDecide => "应缴多少由人工认定，请到当地医保经办机构办理".to_owned(),
    };
    let mut text = String::new();
    if aid.is_empty() {
        price.push(rest);
    } else {
        text = format!("{}。", price.join("，"));
        price = aid;
        price.push(rest);
    }
    text.push_str(&price.join("，"));
    text.push('。');
    for (part, payer) in said.parts.iter().filter_map(of_payer) {
        text.push_str(&format!("{}由{payer}负担，不用您缴。", amount_of(part)));
    }
    let parts = said.parts.iter().map(|part| &part.basis);
    out.say(About::Due, question, text, parts.chain(said.aid.iter().map(|aid| &aid.basis)));
}

/// One part that the person bears.
fn priced(part: &PricePart, said: &Payment) -> String {
    match (part.part, part.amount) {
        (Part::Personal, Stated::Is(amount)) => {
            let paid = said.tier.as_ref().and_then(|tier| tier.value.paid.as_ref());
            let by = match (paid, &said.class) {
                (Some(tier), _) => format!("您按{tier}缴费，"),
                (None, Some(class)) if !said.class_because.facts.is_empty() => {
                    format!("您按“{}”缴费，", class.value)
                }
                _ => String::new(),
            };
            match a_year(amount, said.years) {
                Some(a_year) if said.years > 1 => {
                    format!("{by}个人缴费标准是每年{}，{}年共{}", yuan(a_year), said.years, yuan(amount))
                }
                _ => format!("{by}个人缴费标准是{}", yuan(amount)),
            }
        }
        (Part::Personal, Stated::NotStated) => "通知没有规定您的个人缴费标准".to_owned(),
        (Part::Personal, Stated::PersonMustDecide) => "您的个人缴费标准要人工核定".to_owned(),
        (Part::Repair, _) => {
            let years = said.repair.as_ref().map_or(0, |repair| repair.taken_years);
            format!("补缴{years}个断保年度的费用{}", amount(part.amount))
        }
        (Part::Government, _) => format!("{}也由您负担", amount_of(part)),
        (Part::Arrears | Part::Side, _) => format!("另缴{}", amount_of(part)),
    }
}

fn a_year(amount: Money, years: u32) -> Option<Money> {
    let fen = amount.fen().checked_div(years.into())?;
    Money::from_fen(fen).ok().filter(|a_year| a_year.fen() * i64::from(years) == amount.fen())
}

fn of_payer(part: &PricePart) -> Option<(&PricePart, &str)> {
    match &part.bearer {
        Bearer::Payer(payer) => Some((part, payer)),
        Bearer::Person => None,
    }
}

/// A part by what it is for.
fn amount_of(part: &PricePart) -> String {
    let what = match (part.part, &part.name) {
        (Part::Personal, _) => "个人缴费部分",
        (Part::Government, _) => "财政补助部分",
        (Part::Repair, _) => "补缴断保年度的费用",
        (Part::Arrears, _) => "以前年度欠缴的费用",
        (Part::Side, Some(name)) => name,
        (Part::Side, None) => "随同缴纳的费用",
    };
    format!("{what}{}", amount(part.amount))
}

pub(super) fn amount(stated: Stated<Money>) -> String {
    match stated {
        Stated::Is(amount) => yuan(amount),
        Stated::NotStated => "（金额通知没有规定）".to_owned(),
        Stated::PersonMustDecide => "（金额由人工认定）".to_owned(),
    }
}

/// The lines of each row of aid; a row may have several payers.
fn rows(aid: &[AidLine]) -> impl Iterator<Item = &[AidLine]> {
    aid.chunk_by(|one, next| one.row == next.row)
}

/// Every row of aid; who the person is, is said once of rows that follow from the same.
fn all_aided(aid: &[AidLine]) -> Vec<String> {
    let mut before: &[Arc<str>] = &[];
    let said = rows(aid).map(|lines| {
        let identities = lines.first().map_or(&[][..], |line| &line.identities);
        let known = std::mem::replace(&mut before, identities) == identities;
        if known { given(lines) } else { aided(lines) }
    });
    said.collect()
}

/// One row of aid: who the person is, who pays, how much.
fn aided(lines: &[AidLine]) -> String {
    let who = lines.first().map(|line| listed(&line.identities)).unwrap_or_default();
    let given = given(lines);
    if who.is_empty() { given } else { format!("您是{who}，{given}") }
}

/// Who pays how much by one row.
fn given(lines: &[AidLine]) -> String {
    let paid: Vec<String> = lines.iter().map(paid_by).collect();
    paid.join("，")
}

/// What one payer pays. Of a share among payers the whole row's rate says nothing.
fn paid_by(line: &AidLine) -> String {
    let payer = payer(line);
    let rate = line.rate_per_10_000.filter(|_| line.per_10_000 == WHOLE);
    match (line.amount, rate) {
        (Stated::Is(amount), Some(rate)) => format!("{payer}资助{}（{}）", yuan(amount), percent(rate)),
        (Stated::Is(amount), None) => format!("{payer}资助{}", yuan(amount)),
        (Stated::NotStated, _) => format!("{payer}资助多少，通知没有规定，由人工认定"),
        (Stated::PersonMustDecide, _) => format!("{payer}资助多少，要人工认定"),
    }
}

fn payer(line: &AidLine) -> &str {
    match &line.payer {
        Stated::Is(payer) => payer,
        Stated::NotStated | Stated::PersonMustDecide => "由谁资助还要人工认定，",
    }
}

/// The payers of several lines, each once.
pub(super) fn payers(lines: &[AidLine]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for line in lines {
        let payer = line.payer.as_ref().is().map_or("他人", |payer| payer);
        if !named.contains(&payer) {
            named.push(payer);
        }
    }
    listed(named)
}

/// The aid by itself, and what other aid is not taken.
pub(super) fn aid(said: &Payment, out: &mut Telling<'_>) {
    for lines in rows(&said.aid) {
        let question = match AidLine::total(lines) {
            Stated::Is(amount) => format!("为什么资助{}", yuan(amount)),
            Stated::NotStated | Stated::PersonMustDecide => "为什么还不知道资助多少".to_owned(),
        };
        let mut text = format!("{}。", aided(lines));
        if lines.iter().any(|line| line.declared) {
            text.push_str("由管理名单的部门统一申报，您不用办理。");
        }
        out.say(About::Aid, question, text, lines.iter().map(|line| &line.basis));
    }
    if said.aid_not_stated {
        let text = "通知没有规定您的身份能得到多少资助，由人工认定，请向当地医保经办机构咨询。";
        out.say(About::Aid, "为什么没有写资助", text, []);
    }
    let lost: Vec<String> = rows(&said.aid_lost).map(lost).collect();
    if !lost.is_empty() {
        let taken = said.aid.iter().map(|aid| &aid.basis);
        let equal = |lost: &AidLine| said.aid.iter().any(|aid| aid.amount == lost.amount);
        let first = if said.aid_lost.iter().any(equal) {
            "金额相同的，取通知中排在前面的一项。"
        } else {
            ""
        };
        let lost = lost.join("；");
        let text = format!("您还符合其他资助条件：{lost}。资助不重复享受，只取最高一项。{first}");
        let bases = taken.chain(said.aid_lost.iter().map(|aid| &aid.basis));
        out.say(About::AidLost, "为什么不同时享受其他资助", text, bases);
    }
}

/// An aid that is not taken.
fn lost(lines: &[AidLine]) -> String {
    let identities = lines.first().map(|line| listed(&line.identities)).unwrap_or_default();
    let whose = if identities.is_empty() { payers(lines) } else { identities };
    match AidLine::total(lines) {
        Stated::Is(amount) => format!("{whose}可资助{}", yuan(amount)),
        Stated::NotStated | Stated::PersonMustDecide => format!("{whose}的资助金额要人工认定"),
    }
}

/// What is chosen with the payment, and what stands beside it.
pub(super) fn beside(said: &Payment, out: &mut Telling<'_>) {
    if let Some(option) = &said.option {
        let text = format!("缴费时请选择“{}”。", option.value);
        out.say(About::PayableItem, "缴费时选哪个项目", text, [&option.basis]);
    }
    if let Some(prepaid) = &said.prepaid {
        let text = match prepaid.value {
            true => "可以按学制一次缴清各年费用，以后标准提高也不用补差。",
            false => "可以按学制一次缴清各年费用，以后标准变化的，按变化后的标准办理。",
        };
        out.say(About::SeveralYears, "能不能一次缴几年", text, [&prepaid.basis]);
    }
    if let Some(settled) = &said.settled {
        let text = format!("您不用缴费；经确认后，{}视为您的缴费日。", day(settled.value));
        out.say(About::Settlement, "不缴费怎么算参保", text, [&settled.basis]);
    }
    for duty in &said.duties {
        let late = if duty.overdue == Some(true) {
            "现在已经超过这一日期，但不影响您缴费。"
        } else {
            ""
        };
        let text = format!("{}须在{}前办好{}。{late}", duty.who, day(duty.by), step(duty.step));
        out.say(About::Duty, "还有谁要先办手续", text, [&duty.basis]);
    }
    for product in &said.products {
        let price = match product.amount {
            Stated::Is(amount) => format!("价格{}", yuan(amount)),
            Stated::NotStated | Stated::PersonMustDecide => "通知没有写价格".to_owned(),
        };
        let text = format!("可以自愿购买“{}”，{price}，不算在应缴金额里，不买也不影响参保。", product.name);
        out.say(About::Product, "还可以买什么", text, [&product.basis]);
    }
}
