//! The answers beside registration and payment.

use std::sync::Arc;

use canbao_types::Money;

use crate::beside::Channels;
use crate::cap::Cap;
use crate::claim::{Claim, Entitlements};
use crate::government::GovernmentSubsidy;
use crate::refund::{Delay, Refund, Returned};
use crate::ruling::{Cited, Refusal, Stated};
use crate::target::Progress;

use super::chinese::{cause, day, listed, percent, yuan};
use super::money::amount as written;
use super::{About, Telling, against};

/// What is given back.
pub(crate) fn refund(said: &Refund, out: &mut Telling<'_>) {
    against::refused("为什么不退费", &said.refusal, out);
    let (question, text) = match (said.amount, said.returned) {
        (None, _) => return,
        (Some(Stated::Is(Money::ZERO)), _) => {
            ("为什么没有可退的费用".to_owned(), "按规定可退0元，没有可退的费用。".to_owned())
        }
        (Some(Stated::Is(amount)), returned) => {
            let amount = yuan(amount);
            let text = match returned {
                Some(Returned::Aid) => {
                    let payers = super::money::payers(&said.aid);
                    format!("您缴的费用中，{amount}应由{payers}负担，这一部分退还给您。")
                }
                Some(Returned::YearsNotBegun) => {
                    format!("还没有开始的年度，费用按原来的缴费价格退还，共{amount}。")
                }
                Some(Returned::Paid) | None => format!("您缴的费用{amount}可以退还。"),
            };
            (format!("为什么退{amount}"), text)
        }
        (Some(Stated::NotStated), _) => {
            let text = "能不能退费，通知没有规定，由人工认定，请到当地医保经办机构咨询。";
            ("能不能退费".to_owned(), text.to_owned())
        }
        (Some(Stated::PersonMustDecide), _) => {
            let text = "能不能退费、退多少，由人工认定，请到当地医保经办机构办理。";
            ("能不能退费".to_owned(), text.to_owned())
        }
    };
    out.say(About::Refund, question, text, &said.basis);
}

/// When a payment can be seen.
pub(crate) fn delay(said: &Delay, out: &mut Telling<'_>) {
    against::refused("为什么还不能确定哪天能查到", &said.refusal, out);
    let (question, text) = match (said.day, said.after) {
        (None, _) => return,
        (Some(Stated::Is(first)), Some((success, 0))) => {
            let text = format!("{}缴费成功，当天（{}）就能查到。", day(success), day(first));
            (format!("为什么{}能查到", day(first)), text)
        }
        (Some(Stated::Is(first)), Some((success, days))) => {
            let text = format!("{}缴费成功，{days}个工作日后，{}起能查到。", day(success), day(first));
            (format!("为什么{}才能查到", day(first)), text)
        }
        (Some(Stated::Is(first)), None) => {
            (format!("为什么{}才能查到", day(first)), format!("{}起能查到。", day(first)))
        }
        (Some(Stated::NotStated | Stated::PersonMustDecide), _) => {
            let text = "哪天能查到，通知没有规定，请向当地医保经办机构或税务部门咨询。";
            ("哪天能查到".to_owned(), text.to_owned())
        }
    };
    out.say(About::Delay, question, text, &said.basis);
}

/// What government pays for the person.
pub(crate) fn subsidy(said: &Result<Cited<GovernmentSubsidy>, Box<Refusal>>, out: &mut Telling<'_>) {
    let said = match said {
        Err(refusal) => return against::refused("为什么还不能确定财政补助", [&**refusal], out),
        Ok(said) => said,
    };
    let text = match said.value.amount {
        Stated::Is(amount) => {
            let shares = said.value.shares.iter().map(|(level, share)| format!("{level}{}", written(*share)));
            let shares: Vec<String> = shares.collect();
            let borne =
                if shares.is_empty() { String::new() } else { format!("（{}）", shares.join("、")) };
            format!("除您个人缴的费用外，财政这一年为您补助{}{borne}。", yuan(amount))
        }
        Stated::NotStated => "财政补助多少，这份通知没有规定。".to_owned(),
        Stated::PersonMustDecide => "财政补助多少，由人工认定。".to_owned(),
    };
    out.say(About::GovernmentSubsidy, "财政补助多少", text, [&said.basis]);
}

/// How far a target is reached.
pub(crate) fn target(said: &Progress, out: &mut Telling<'_>) {
    let least = percent(said.at_least_per_10_000);
    let goal = match said.by {
        Stated::Is(last) => format!("{}前达到{least}", day(last)),
        Stated::NotStated | Stated::PersonMustDecide => format!("达到{least}（通知没有规定期限）"),
    };
    let text = match (said.met, said.share) {
        (Stated::Is(met), Some(share)) => {
            let met = if met { "已经达到" } else { "还没有达到" };
            format!("目标是{goal}，现在是{share}，{met}。")
        }
        _ => format!("目标是{goal}，没有可比的人数，由人工认定。"),
    };
    out.say(About::Target, "目标达到了没有", text, [&said.basis]);
}

/// How high the cap is.
pub(crate) fn cap(said: &Cap, out: &mut Telling<'_>) {
    against::refused("为什么还不能确定最高支付限额", &said.refusal, out);
    if said.silent {
        let text = "最高支付限额是多少，这份通知没有规定。";
        return out.say(About::Cap, "最高支付限额是多少", text, []);
    }
    let Some(delta) = said.delta else { return };
    let sum = |of: fn(&Money) -> bool| Money::sum(said.steps.iter().map(|step| step.amount).filter(of));
    let raised = sum(|amount| !amount.is_negative()).filter(|amount| !amount.is_zero());
    let lowered = sum(|amount| amount.is_negative()).filter(|amount| !amount.is_zero());
    let mut text = String::new();
    if let Some(raised) = raised {
        text.push_str(&format!("按奖励规定可提高{}，", yuan(raised)));
    }
    if let Some(lowered) = lowered {
        text.push_str(&format!("按断保规定降低{}，", yuan(lowered.negated())));
    }
    text.push_str(&match delta {
        Stated::Is(Money::ZERO) => "限额合计变动0元，不升不降。".to_owned(),
        Stated::Is(delta) if delta.is_negative() => format!("合计降低{}。", yuan(delta.negated())),
        Stated::Is(delta) => format!("合计提高{}（不超过规定的上限）。", yuan(delta)),
        Stated::NotStated => "能提高多少要看原来的限额，而通知没有写，由人工认定。".to_owned(),
        Stated::PersonMustDecide => "能提高多少由人工认定。".to_owned(),
    });
    let question = match said.cap {
        Some(Stated::Is(cap)) => {
            text.push_str(&format!("您的最高支付限额是{}。", yuan(cap)));
            format!("为什么最高支付限额是{}", yuan(cap))
        }
        _ => "最高支付限额怎样变动".to_owned(),
    };
    out.say(About::Cap, question, text, said.basis.iter().chain(said.steps.iter().map(|step| &step.basis)));
}

/// What of a claim is not the fund's to pay.
pub(crate) fn claim(said: &Claim, out: &mut Telling<'_>) {
    against::refused("为什么还不能确定是否支付", &said.refusal, out);
    if said.silent {
        let text = "哪些费用不予支付，这份通知没有规定，由人工认定。";
        return out.say(About::Exclusion, "医保基金付不付", text, []);
    }
    for Cited { value, basis } in &said.excluded {
        let text = format!("{}，居民医保基金不予支付。", cause(*value));
        out.say(About::Exclusion, "为什么医保基金不支付", text, [basis]);
    }
    for Cited { value, basis } in &said.undecided {
        let text = format!("{}是否支付，由人工认定，请到当地医保经办机构办理。", cause(*value));
        out.say(About::Exclusion, "为什么还不能确定是否支付", text, [basis]);
    }
    if said.refusal.is_none() && said.excluded.is_empty() && said.undecided.is_empty() {
        let text = "这笔费用不在通知列出的不予支付范围内。";
        out.say(About::Exclusion, "医保基金付不付", text, []);
    }
}

/// What whoever is insured may draw.
pub(crate) fn entitlements(said: &Entitlements, out: &mut Telling<'_>) {
    let names = |all: &[Cited<Arc<str>>]| listed(all.iter().map(|one| &*one.value));
    if said.silent {
        let text = "可以享受哪些待遇，这份通知没有规定。";
        return out.say(About::Entitlement, "可以享受哪些待遇", text, []);
    }
    if !said.drawn.is_empty() {
        let text = format!("参保缴费后可以享受：{}。", names(&said.drawn));
        out.say(About::Entitlement, "可以享受哪些待遇", text, said.drawn.iter().map(|one| &one.basis));
    }
    if !said.undecided.is_empty() {
        let text = format!("{}：通知没有写明条件，由人工认定。", names(&said.undecided));
        let bases = said.undecided.iter().map(|one| &one.basis);
        out.say(About::Entitlement, "哪些待遇还要看条件", text, bases);
    }
}

/// Through which channels the person may pay.
pub(crate) fn channels(said: &Channels, out: &mut Telling<'_>) {
    let names = listed(said.open.iter().map(|channel| &*channel.value.name));
    let text = match names.is_empty() {
        true => "可以从哪里缴费，这份通知没有规定。".to_owned(),
        false => format!("您可以通过这些渠道缴费：{names}。"),
    };
    out.say(About::Channel, "从哪里缴费", text, said.open.iter().map(|channel| &channel.basis));
}
