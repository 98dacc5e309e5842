//! Which window a payment falls into, and which one of the person's own is over.

use crate::ruling::Payment;

use super::chinese::{day, window as named};
use super::{About, Telling};

/// The window, and those that are over.
pub(super) fn of(said: &Payment, out: &mut Telling<'_>) {
    if let Some(window) = &said.window {
        let days = match window.days {
            Some((first, last)) => format!("（{}至{}）", day(first), day(last)),
            None => String::new(),
        };
        let monthly = match window.month_days {
            Some((first, last)) => format!("，每月{first}日至{last}日可以缴费"),
            None => String::new(),
        };
        let late = if window.late { "，按补缴办理" } else { "" };
        let (name, paid) = (named(&window.name), said.on.map(day));
        let text = match (paid, said.settled.is_some()) {
            (Some(on), true) => format!("您不用缴费，{on}视为缴费日，属于{name}{days}。"),
            (Some(on), false) => format!("您{on}缴费，属于{name}{days}{monthly}{late}。"),
            (None, _) => format!("按{name}{days}计算{monthly}{late}。"),
        };
        out.say(About::Window, "属于哪个缴费期", text, [&window.basis]);
    }
    for past in &said.over {
        let text = format!("您的{}到{}为止，缴费时已经结束。", named(&past.name), day(past.last_day));
        out.say(About::PastWindow, format!("为什么不能按“{}”缴费", past.name), text, [&past.basis]);
    }
}
