//! What is said of the person: class, tier, identities, and whether and how one registers.

use std::sync::Arc;

use crate::because::Because;
use crate::ruling::{Cited, HeldRuling, Registration, Stated};
use crate::tier::Tier;

use super::chinese::listed;
use super::{About, Telling, against};

/// The answer to a registration.
pub(crate) fn registration(said: &Registration, out: &mut Telling<'_>) {
    against::refused("为什么不能参保登记", said.refusal.iter().chain(&said.also), out);
    if said.eligible() {
        let bases = said.grounds.iter().map(|ground| &ground.basis);
        out.say(About::Eligibility, "能不能参保", "您符合当地的参保条件，可以参保。", bases);
    }
    class(said.class.as_ref(), &said.class_because, out);
    tier(said.tier.as_ref(), out);
    identities(&said.identities, out);
    let Some(route) = &said.route else { return };
    let mut text = format!("办理方式：{}。", route.value.by);
    for way in &route.value.ways {
        let papers = way.papers.iter().map(|one_of| one_of.join("或"));
        let papers = listed(papers);
        let bring = if papers.is_empty() { String::new() } else { format!("，需带{papers}") };
        text.push_str(&format!("可通过{}办理{bring}。", way.at));
    }
    out.say(About::Route, "怎样办理参保登记", text, [&route.basis]);
}

/// The class, and by which facts it is the one.
pub(super) fn class(class: Option<&Cited<Arc<str>>>, because: &Because, out: &mut Telling<'_>) {
    let Some(class) = class else { return };
    let facts = listed(because.facts.iter().map(|fact| fact.name()));
    let by = if facts.is_empty() { String::new() } else { format!("根据{facts}，") };
    let text = format!("{by}您属于“{}”。", class.value);
    out.say(About::Class, format!("为什么属于“{}”", class.value), text, [&class.basis]);
}

/// The tier that is paid, and the one that is enjoyed.
pub(super) fn tier(tier: Option<&Cited<Tier>>, out: &mut Telling<'_>) {
    let Some(Cited { value: tier, basis }) = tier else { return };
    let enjoyed = match &tier.enjoyed {
        Stated::Is(enjoyed) => format!("享受{enjoyed}待遇"),
        Stated::NotStated => "享受哪一档待遇通知没有规定，由人工认定".to_owned(),
        Stated::PersonMustDecide => "享受哪一档待遇由人工认定".to_owned(),
    };
    let text = match (&tier.paid, tier.choice.is_empty()) {
        (Some(paid), true) => format!("您的档次由规定确定：按{paid}缴费，{enjoyed}。"),
        (Some(paid), false) => {
            format!("您可以在{}中选择；您选的是{paid}，{enjoyed}。", listed(&tier.choice))
        }
        (None, false) => format!("您可以在{}中选择一档缴费。", listed(&tier.choice)),
        (None, true) => format!("您缴费不分档次，{enjoyed}。"),
    };
    out.say(About::Tier, "按哪一档", text, [basis]);
}

/// The identities that do not count, or of which that is not known.
pub(super) fn identities(held: &[HeldRuling], out: &mut Telling<'_>) {
    for held in held {
        let text = match held.counts {
            Some(true) => continue,
            Some(false) if held.basis.is_empty() => {
                format!("通知没有写“{}”这一身份，所以不按它计算。", held.name)
            }
            Some(false) => {
                format!("您的“{}”身份还不符合通知规定的条件，暂不按它计算；请向认定部门核实。", held.name)
            }
            None => format!("您的“{}”身份是否符合条件，还缺信息，暂时不能判断。", held.name),
        };
        out.say(About::Identity, format!("为什么没有按“{}”计算", held.name), text, [&held.basis]);
    }
}
