//! From when to when there are benefits, after which wait, and what would shorten it.

use canbao_types::Date;

use crate::because::{Because, Origin, Point};
use crate::fact::Fact;
use crate::ruling::{Benefit, Payment, Stated};
use crate::table::Round;
use crate::wait::{Wait, WaitLine, WaitPart};
use crate::words::History;

use super::chinese::{day, length, listed, window, yuan};
use super::{About, Telling};

/// The benefit of a payment.
pub(super) fn of(said: &Payment, out: &mut Telling<'_>) {
    let Some(benefit) = &said.benefit else { return };
    start(said, benefit, out);
    if let Some(wait) = &benefit.wait {
        waiting(said, benefit, wait, out);
        repair(said, wait, out);
    }
    if let Some(exempted) = &benefit.exempted {
        let reason = match benefit.exempted_because.identities.as_slice() {
            [] if benefit.exempted_because.facts.contains(&Fact::Paid) => "您在规定的期限内缴费".to_owned(),
            [] => "您符合不用等待的条件".to_owned(),
            identities => format!("您是{}", listed(identities)),
        };
        let text = format!("{reason}，按规定不设等待期。");
        out.say(About::Exemption, "为什么不用等待", text, [&exempted.basis]);
    }
    end(benefit, out);
}

fn start(said: &Payment, benefit: &Benefit, out: &mut Telling<'_>) {
    let wait = benefit.wait.as_ref();
    let bases = [&benefit.basis].into_iter().chain(wait.map(|wait| &wait.basis));
    let (Stated::Is(first), Some(origin)) = (benefit.start, benefit.origin) else {
        let text = match benefit.start {
            Stated::NotStated => "从哪天起享受待遇，通知没有规定，由人工认定。",
            Stated::Is(_) | Stated::PersonMustDecide => {
                "从哪天起享受待遇，要人工认定，请到当地医保经办机构办理。"
            }
        };
        out.say(About::Start, "为什么还不能确定从哪天起享受待遇", text, bases);
        return;
    };
    let text = match wait.filter(|wait| wait.months > 0 || wait.fixed_days > 0) {
        Some(wait) => after_wait(said, wait, origin, first),
        None => without_wait(said, benefit, origin, first),
    };
    out.say(About::Start, format!("为什么从{}起", day(first)), text, bases);
}

/// What the person did, and when.
fn act(said: &Payment) -> String {
    let Some(on) = said.on.map(day) else { return "您".to_owned() };
    match (said.settled.is_some(), said.late()) {
        (true, _) => format!("您不用缴费，{on}视为缴费日"),
        (false, true) => format!("您{on}补缴"),
        (false, false) => format!("您{on}缴费"),
    }
}

fn after_wait(said: &Payment, wait: &Wait, origin: Origin, first: Date) -> String {
    let point = point(origin);
    let put_off = match origin.put_off {
        true => "等待期满时年度还没有开始，",
        false => "",
    };
    let broken = match (said.late(), said.history) {
        (false, Some(History::Broken)) => "，但此前断过保",
        _ => "",
    };
    format!(
        "{}{broken}，按规定须等待{}；等待期从{point}起算，{put_off}{}起享受待遇。",
        act(said),
        wait.length(),
        day(first)
    )
}

fn without_wait(said: &Payment, benefit: &Benefit, origin: Origin, first: Date) -> String {
    let first = day(first);
    let exempt = if benefit.exempted.is_some() { "，不用等待" } else { "" };
    let act = match (&said.window, said.on) {
        (Some(hit), Some(on)) if !hit.late && said.settled.is_none() => {
            format!("您{}在{}内缴费", day(on), window(&hit.name))
        }
        _ => act(said),
    };
    if origin.put_off {
        return format!("{act}{exempt}；待遇不早于年度第一天，从{first}起享受。");
    }
    if origin.rounded.is_some() || origin.months != 0 || !(0..=1).contains(&origin.days) {
        let month = match origin.rounded {
            Some(Round::ThisMonth) => "，先取当月1日",
            Some(Round::NextMonth) => "，取次月1日",
            None => "",
        };
        return format!("{act}{exempt}；待遇从{}推算{month}，自{first}起享受。", point(origin));
    }
    let from = match (origin.point, origin.days) {
        (Point::Person(Fact::Paid), 0) => "从缴费当天".to_owned(),
        (Point::Person(Fact::Paid), _) => "从缴费次日".to_owned(),
        (Point::Calendar, 0) => "按通知规定的日期".to_owned(),
        (_, 0) => format!("从{}", point(origin)),
        (_, _) => format!("从{}的次日", point(origin)),
    };
    format!("{act}{exempt}，待遇{from}（{first}）起享受。")
}

/// The point of time a day was counted from, in words.
fn point(origin: Origin) -> String {
    match origin.point {
        Point::Calendar => "通知规定的日期".to_owned(),
        Point::Person(Fact::Paid) => "缴费之日".to_owned(),
        Point::Person(Fact::Birth) => "出生之日".to_owned(),
        Point::Person(Fact::Arrived) => "费用到账之日".to_owned(),
        Point::Person(Fact::Recognised | Fact::IdentityRecognised) => "身份认定之日".to_owned(),
        Point::Person(Fact::Confirmed) => "医保确认之日".to_owned(),
        Point::Person(fact) => fact.name().to_owned(),
        Point::CoverStart => "年度第一天".to_owned(),
        Point::CoverEnd => "年度最后一天".to_owned(),
        Point::Window => "缴费期规定的日期".to_owned(),
    }
}

fn waiting(said: &Payment, benefit: &Benefit, wait: &Wait, out: &mut Telling<'_>) {
    let why = grounds(&benefit.because, said);
    let step = |line: &WaitLine| {
        let months = line.months.abs();
        match line.part {
            WaitPart::Fixed => {
                format!("按规定须等待{}", length(wait.fixed_months, wait.fixed_days))
            }
            WaitPart::MissedYears => {
                format!("断保{}年，加{months}个月", wait.missed_years.unwrap_or_default())
            }
            WaitPart::Repair => format!("补缴{}个断保年度，减{months}个月", wait.repaired_years),
            WaitPart::Floor => format!("断保年数较多的，最少等待{}个月", wait.months),
        }
    };
    let steps: Vec<String> = wait.lines.iter().map(step).collect();
    let whole = wait.length();
    let total = if wait.lines.len() > 1 { format!("，共{whole}") } else { String::new() };
    let least =
        if wait.at_least { "通知写的是“不低于”，现按最低月数办理。" } else { "" };
    let text = format!("{why}{}{total}。{least}", steps.join("；"));
    let lines = wait.lines.iter().map(|line| &line.basis);
    let bases = [&wait.basis].into_iter().chain(lines);
    out.say(About::Wait, format!("为什么要等待{whole}"), text, bases);
}

/// Why there is a wait at all.
fn grounds(because: &Because, said: &Payment) -> String {
    let mut grounds = Vec::new();
    for fact in &because.facts {
        match fact {
            Fact::Late | Fact::Window if said.late() => grounds.push("您是缴费期结束后补缴"),
            Fact::History | Fact::Missed => match said.history {
                Some(History::Broken) => grounds.push("此前断过保"),
                Some(History::New) => grounds.push("这是首次参保"),
                Some(History::Switched) => grounds.push("上年参加的是职工医保"),
                Some(History::Renewing) | None => {}
            },
            _ => {}
        }
    }
    grounds.dedup();
    if grounds.is_empty() { String::new() } else { format!("{}，", grounds.join("，")) }
}

fn repair(said: &Payment, wait: &Wait, out: &mut Telling<'_>) {
    let Some(repair) = &said.repair else { return };
    let basis = [&repair.basis];
    if repair.useful_years == 0 {
        let text = "补缴断保年度不能缩短您的等待期，不用补缴。";
        out.say(About::Repair, "补缴断保年度有没有用", text, basis);
        return;
    }
    let price = match repair.useful_price {
        Stated::Is(price) => format!("（共{}）", yuan(price)),
        Stated::NotStated => "（价格通知没有规定）".to_owned(),
        Stated::PersonMustDecide => "（价格由人工认定）".to_owned(),
    };
    let from = match wait.shortest_day {
        Stated::Is(first) => format!("，{}起享受待遇", day(first)),
        Stated::NotStated | Stated::PersonMustDecide => String::new(),
    };
    let text = format!(
        "有用。补缴{}个断保年度{price}，等待期就缩短到{}{from}；再多补缴不能再缩短。",
        repair.useful_years,
        length(wait.shortest_months, wait.fixed_days)
    );
    out.say(About::Repair, "补缴断保年度有没有用", text, basis);
}

fn end(benefit: &Benefit, out: &mut Telling<'_>) {
    let Stated::Is(last) = benefit.end else { return };
    if benefit.is_empty() {
        return;
    }
    let last = day(last);
    match &benefit.cut_by {
        None => {
            let text = format!("待遇享受到{last}。");
            out.say(About::End, "待遇到哪天为止", text, [&benefit.basis]);
        }
        Some(cut) => {
            let reason = match benefit.cut_because.facts.contains(&Fact::EmployeeFrom) {
                true => "您参加了职工医保，两种待遇不能同时享受",
                false => "按规定待遇提前结束",
            };
            let text = format!("{reason}，居民医保待遇到{last}为止。");
            out.say(About::End, format!("为什么待遇到{last}为止"), text, [&cut.basis]);
        }
    }
}
