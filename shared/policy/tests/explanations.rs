//! Every answer to the worked cases of every notice, asked why; and the important ones word by word.
#![allow(clippy::unwrap_used)]

mod asked;

use asked::{Cases, Said};
use canbao_policy::{About, Basis, Explanation, Facts, Notice, Payment, Question, Stated};
use canbao_types::{Citation, Citations, Date, Datelike, Money, Reason};
use serde_json::{Value, json};

fn why(said: &Said, notice: &Notice) -> Vec<Explanation> {
    match said {
        Said::Payment(said) => said.why(notice),
        Said::Registration(said) => said.why(notice),
        Said::Refund(said) => said.why(notice),
        Said::Delay(said) => said.why(notice),
        Said::Target(said) => said.as_ref().map(|said| said.why(notice)).unwrap_or_default(),
        Said::Cap(said) => said.why(notice),
        Said::Claim(said) => said.why(notice),
        Said::Entitlements(said) => said.why(notice),
        Said::Channels(said) => said.why(notice),
        Said::Subsidy(_) => Vec::new(),
    }
}

fn yuan(amount: Money) -> String {
    format!("{}元", amount.to_string().trim_end_matches(".00"))
}

fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn collected<'b>(bases: impl IntoIterator<Item = &'b Basis>) -> Vec<Citation> {
    bases.into_iter().flat_map(|basis| basis.iter().cloned()).collect::<Citations>().into_vec()
}

/// What is wrong with one explanation: it is not there, lacks the figure, or cites something else.
fn wrong(whys: &[Explanation], (about, figure): (About, &str), cites: &[Citation]) -> Option<String> {
    let of = |why: &&Explanation| why.about == about && why.text.contains(figure) && why.citations == cites;
    let found: Vec<&Explanation> = whys.iter().filter(|why| why.about == about).collect();
    found
        .iter()
        .all(|why| !of(why))
        .then(|| format!("no {} says {figure} by {cites:?}: {found:?}", about.code()))
}

/// What a citizen asks about a payment, with the figure of the value and what the value rests on.
fn asked_of(said: &Payment) -> Vec<(About, String, Vec<Citation>)> {
    let mut asked = Vec::new();
    if let Some(due) = said.due {
        let figure = due.is().filter(|due| !due.is_zero()).map_or_else(
            || if due == Stated::Is(Money::ZERO) { "0元".to_owned() } else { "认定".to_owned() },
            yuan,
        );
        let parts = said.parts.iter().map(|part| &part.basis);
        asked.push((About::Due, figure, collected(parts.chain(said.aid.iter().map(|aid| &aid.basis)))));
    }
    for aid in said.aid.iter() {
        let figure = aid.amount.is().map_or_else(|| "人工认定".to_owned(), yuan);
        let of_the_row = said.aid.iter().filter(|line| line.row == aid.row).map(|line| &line.basis);
        asked.push((About::Aid, figure, collected(of_the_row)));
    }
    for refusal in said.refusal.iter().filter(|refusal| refusal.fact.is_none()) {
        let figure = refusal.next_day.map_or_else(|| "。".to_owned(), day);
        asked.push((About::Refusal, figure, collected([&refusal.basis])));
    }
    for fact in said.refusal.iter().filter_map(|refusal| refusal.fact) {
        let lacking = said.refusal.iter().chain(&said.also).filter(|refusal| refusal.fact.is_some());
        asked.push((
            About::Missing,
            fact.name().to_owned(),
            collected(lacking.map(|refusal| &refusal.basis)),
        ));
    }
    let Some(benefit) = &said.benefit else { return asked };
    let wait = benefit.wait.as_ref();
    let start = benefit.start.is().map_or_else(|| "人工认定".to_owned(), day);
    let rests = [&benefit.basis].into_iter().chain(wait.map(|wait| &wait.basis));
    asked.push((About::Start, start, collected(rests)));
    if let Some(wait) = wait {
        let rests = [&wait.basis].into_iter().chain(wait.lines.iter().map(|line| &line.basis));
        asked.push((About::Wait, format!("{}个月", wait.months), collected(rests)));
    }
    if let Some(exempted) = &benefit.exempted {
        asked.push((About::Exemption, "不设等待期".to_owned(), collected([&exempted.basis])));
    }
    asked
}

#[test]
fn every_value_a_citizen_asks_about_is_explained_with_its_figure_and_its_clauses() {
    let (mut missing, mut values) = (Vec::new(), 0);
    for name in asked::names() {
        let (notice, cases) = (asked::notice(&name), Cases::read(&name));
        for step in &cases.steps {
            let said = step.ask(&notice);
            let whys = why(&said, &notice);
            let Said::Payment(payment) = &said else { continue };
            for (about, figure, cites) in asked_of(payment) {
                values += 1;
                let what = wrong(&whys, (about, &figure), &cites);
                missing.extend(what.map(|what| format!("{} step {}: {what}", step.case, step.number)));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(values > 1000, "only {values} values were asked about");
}

#[test]
fn no_explanation_speaks_english_or_leaves_a_gap_and_every_answer_has_one() {
    for name in asked::names() {
        let (notice, cases) = (asked::notice(&name), Cases::read(&name));
        for step in &cases.steps {
            let said = step.ask(&notice);
            let whys = why(&said, &notice);
            let silent = matches!(said, Said::Subsidy(_) | Said::Target(None));
            assert!(silent || !whys.is_empty(), "{}: nothing is explained", step.case);
            for Explanation { question, text, .. } in &whys {
                let said = format!("{question} {text}");
                // App is a word of the notices.
                let bare = said.replace("App", "");
                let english = bare.contains(|letter: char| letter.is_ascii_lowercase());
                assert!(!english && !said.contains(['{', '}', '_', '?']), "{}: {said}", step.case);
                for twice in ["，，", "。。", "，。", "；。", "元元", "“”", "您您", "。，"]
                {
                    assert!(!said.contains(twice), "{}: {said}", step.case);
                }
                assert!(text.ends_with('。') && !question.ends_with('。'), "{}: {said}", step.case);
            }
        }
    }
}

#[test]
fn an_explanation_that_rests_on_an_open_point_tells_its_reading_and_leaves_a_note() {
    let notice = asked::notice("141181-2026");
    let said = notice.pay(&facts("141181-2026", &json!({ "paid": "2025-11-10", "done": ["registration"] })));
    for why in said.why(&notice) {
        let cited: Vec<&String> = why.citations.iter().flat_map(|citation| &citation.open).collect();
        assert!(why.open_points.iter().all(|point| cited.contains(&&point.id.to_string())));
        assert!(cited.iter().all(|id| why.open_points.iter().any(|point| *point.id == ***id)));
        assert_eq!(why.note().is_some(), !cited.is_empty(), "{}", why.text);
    }
    let whys = said.why(&notice);
    let window = whys.iter().find(|why| why.about == About::Window).unwrap();
    let first = &window.open_points[0];
    assert_eq!((&*first.id, &*first.reading), ("A-25", "2025-10-21"));
    assert!(!first.other.is_empty());
    let due = whys.iter().find(|why| why.about == About::Due).unwrap();
    assert_eq!(due.note(), None, "the standard is open to no doubt");
}

#[test]
fn an_explained_answer_is_the_same_answer_and_explains_itself() {
    let notice = asked::notice("370685-2025");
    let facts = facts("370685-2025", &json!({ "paid": "2024-10-15", "tier_asked": "二档" }));
    let question = Question::Pay(Box::new(facts.clone()));
    let explained = notice.explain(&question);
    assert_eq!(explained.ruling, notice.answer(&question));
    let texts: Vec<&String> = explained.explanation.iter().map(|why| &why.text).collect();
    let of_value = notice.pay(&facts).why(&notice);
    assert_eq!(texts, of_value.iter().map(|why| &why.text).collect::<Vec<_>>());
    let subsidy = notice.explain(&Question::Subsidy(Box::new(facts)));
    assert_eq!(subsidy.explanation[0].text, "财政补助多少，这份通知没有规定。");
}

/// The usual facts of a notice's cases, and others in their place.
fn facts(notice: &str, own: &Value) -> Facts {
    let file: Value = serde_json::from_str(&asked::text(&format!("cases/{notice}.json"))).unwrap();
    let mut facts = file["usual"].as_object().unwrap().clone();
    facts.extend(own.as_object().unwrap().clone());
    serde_json::from_value(Value::Object(facts)).unwrap()
}

/// What is said of a payment about one thing, question and text.
fn said(notice: &str, about: About, own: &Value) -> String {
    let read = asked::notice(notice);
    let whys = read.pay(&facts(notice, own)).why(&read);
    let of: Vec<String> = whys
        .iter()
        .filter(|why| why.about == about)
        .map(|why| format!("{}？{}", why.question, why.text))
        .collect();
    of.join("|")
}

const XIAOYI: &str = "141181-2026";
const ZHAOYUAN: &str = "370685-2025";
const WEIHAI: &str = "371000-2022";
const GAIZHOU: &str = "210881-2025";

#[test]
fn aid_is_told_from_the_standard_to_what_is_left() {
    let minimum = json!({ "paid": "2025-11-10", "identities": [{ "name": "低保对象", "confirmed": true }] });
    let expected =
        "为什么是80元？个人缴费标准是400元。您是低保对象，医疗救助资金资助320元（80%），个人缴80元。";
    assert_eq!(said(XIAOYI, About::Due, &minimum), expected);
    assert_eq!(
        said(XIAOYI, About::Due, &json!({ "paid": "2025-11-10" })),
        "为什么是400元？个人缴费标准是400元，您缴400元。"
    );
    let both = json!({ "paid": "2025-11-10", "identities": [
        { "name": "低保对象", "confirmed": true }, { "name": "返贫致贫人口", "confirmed": true }] });
    assert_eq!(
        said(XIAOYI, About::AidLost, &both),
        "为什么不同时享受其他资助？您还符合其他资助条件：低保对象可资助320元。资助不重复享受，只取最高一项。"
    );
    let edge = json!({ "paid": "2024-11-10", "identities": [{ "name": "低保边缘家庭成员" }] });
    assert_eq!(
        said(GAIZHOU, About::Due, &edge),
        "为什么是178元？个人缴费标准是445元。您是低保边缘家庭成员，医疗救助资金资助267元（60%），个人缴178元。"
    );
    let whole =
        json!({ "paid": "2024-10-15", "identities": [{ "name": "低收入人口" }], "tier_asked": "二档" });
    assert_eq!(
        said(ZHAOYUAN, About::Due, &whole),
        "为什么不用缴费？您按二档缴费，个人缴费标准是520元。您是低收入人口，各级政府资助520元（100%），个人缴0元，您不用缴费。"
    );
}

#[test]
fn what_is_not_stated_is_told_as_such_and_never_as_nothing() {
    let veteran = json!({ "paid": "2025-11-10", "identities": [{ "name": "优抚对象" }] });
    assert_eq!(
        said(XIAOYI, About::Due, &veteran),
        "为什么还不能确定应缴多少？个人缴费标准是400元。您是优抚对象，财政(退役军人事务局申请)资助多少，要人工认定，\
         应缴多少由人工认定，请到当地医保经办机构办理。"
    );
    let poor = json!({ "paid": "2022-03-10", "identities": [{ "name": "困难人员" }] });
    assert_eq!(
        said(WEIHAI, About::Aid, &poor),
        "为什么没有写资助？通知没有规定您的身份能得到多少资助，由人工认定，请向当地医保经办机构咨询。"
    );
}

#[test]
fn the_first_day_is_told_from_the_window_the_wait_or_its_exception() {
    let late = json!({ "paid": "2026-04-01", "done": ["registration", "assessment"] });
    assert_eq!(
        said(XIAOYI, About::Start, &late),
        "为什么从2026年7月1日起？您2026年4月1日补缴，按规定须等待3个月；等待期从缴费之日起算，2026年7月1日起享受待遇。"
    );
    assert_eq!(
        said(XIAOYI, About::Wait, &late),
        "为什么要等待3个月？您是缴费期结束后补缴，按规定须等待3个月。通知写的是“不低于”，现按最低月数办理。"
    );
    assert_eq!(
        said(XIAOYI, About::Start, &json!({ "paid": "2025-11-10" })),
        "为什么从2026年1月1日起？您2025年11月10日在“集中参保缴费期”内缴费，待遇从年度第一天（2026年1月1日）起享受。"
    );
    assert_eq!(
        said(XIAOYI, About::Start, &json!({ "paid": "2026-02-10", "last_covered": 2020 })),
        "为什么从2026年5月10日起？您2026年2月10日缴费，但此前断过保，按规定须等待3个月；等待期从缴费之日起算，\
         2026年5月10日起享受待遇。"
    );
    let poor = json!({ "paid": "2022-05-01", "identities": [{ "name": "困难人员" }] });
    assert_eq!(said(WEIHAI, About::Exemption, &poor), "为什么不用等待？您是困难人员，按规定不设等待期。");
    assert_eq!(
        said(WEIHAI, About::Start, &poor),
        "为什么从2022年5月1日起？您2022年5月1日补缴，不用等待，待遇从缴费当天（2022年5月1日）起享受。"
    );
    let exit = json!({ "paid": "2026-03-10", "employee_scheme": "past", "employee_until": "2026-01-31",
        "events": [{ "kind": "职工医保中断", "date": "2026-01-31" }] });
    assert_eq!(
        said(XIAOYI, About::Start, &exit),
        "为什么从2026年3月11日起？您2026年3月10日在“退出其他保障”缴费期内缴费，待遇从缴费次日（2026年3月11日）起享受。"
    );
}

#[test]
fn the_first_of_the_next_month_is_told_as_that() {
    let born = json!({ "birth": "2022-01-10", "paid": "2022-08-15", "last_covered": "never" });
    assert_eq!(
        said(WEIHAI, About::Start, &born),
        "为什么从2022年9月1日起？您2022年8月15日在“新生儿落地参保”缴费期内缴费；待遇从缴费之日推算，取次月1日，\
         自2022年9月1日起享受。"
    );
}

#[test]
fn who_a_person_is_is_said_once_of_several_aids() {
    let notice = asked::notice_at("tests/kinds/tiers.toml");
    let file: Value = serde_json::from_str(&asked::text("tests/kinds/tiers.json")).unwrap();
    let mut facts = file["usual"].as_object().unwrap().clone();
    let own = json!({ "identities": [{ "name": "低保对象" }], "tier_asked": "二档" });
    facts.extend(own.as_object().unwrap().clone());
    let said = notice.pay(&serde_json::from_value(Value::Object(facts)).unwrap());
    assert_eq!(said.aid.len(), 3);
    let whys = said.why(&notice);
    let due = whys.iter().find(|why| why.about == About::Due).unwrap();
    assert_eq!(due.text.matches("您是低保对象").count(), 1, "{}", due.text);
    assert!(due.text.contains("县财政资助140元，市财政资助200元，个人缴"), "{}", due.text);
    let each = whys.iter().filter(|why| why.about == About::Aid);
    assert!(each.map(|why| &why.text).all(|text| text.starts_with("您是低保对象，")), "{whys:?}");
}

#[test]
fn a_day_between_two_windows_is_not_told_as_one_before_the_first() {
    // Where refusals are counted, the reason is told without its days.
    assert_eq!(Reason::NotOpen.message(), "当日不在缴费期内，请在下一个缴费期开始后缴费。");
    let text = asked::text("notices/141181-2026.toml");
    let late = "late = true\nfrom = { from = \"集中参保缴费期.to\", days = 1 }";
    let gap = text.replacen(late, "late = true\nfrom = 2026-03-11", 1);
    assert_ne!(gap, text);
    let said = Notice::parse("gap", &gap).unwrap().pay(&facts(XIAOYI, &json!({ "paid": "2026-03-01" })));
    let refused = said.refusal.unwrap();
    assert_eq!(refused.reason, Reason::NotOpen);
    assert_eq!(refused.refused().message, "2026年3月1日不在缴费期内，2026年3月11日起可以缴费。");
}

#[test]
fn missed_years_and_their_repair_are_told_with_months_price_and_day() {
    let broken = json!({ "paid": "2025-03-31", "last_covered": 2021, "tier_asked": "二档" });
    assert_eq!(
        said(ZHAOYUAN, About::Wait, &broken),
        "为什么要等待5个月？您是缴费期结束后补缴，此前断过保，按规定须等待3个月；断保3年，加2个月，共5个月。"
    );
    assert_eq!(
        said(ZHAOYUAN, About::Repair, &broken),
        "补缴断保年度有没有用？有用。补缴2个断保年度（共1040元），等待期就缩短到3个月，2025年6月30日起享受待遇；\
         再多补缴不能再缩短。"
    );
    let repaired = json!({ "paid": "2025-02-10", "last_covered": 2023, "repair_years": 1 });
    assert_eq!(
        said(GAIZHOU, About::Due, &repaired),
        "为什么是890元？个人缴费标准是445元，补缴1个断保年度的费用445元，共缴890元。"
    );
}

#[test]
fn a_refusal_tells_what_to_do_and_a_missing_fact_is_asked_for_in_chinese() {
    assert_eq!(
        said(XIAOYI, About::Refusal, &json!({ "paid": "2025-11-26" })),
        "为什么现在不能缴费？2025年11月26日不在缴费日内，下一个缴费日是2025年12月1日。"
    );
    assert_eq!(
        said(XIAOYI, About::Refusal, &json!({ "paid": "2025-10-20" })),
        "为什么现在不能缴费？2025年10月20日不在缴费期内，2025年10月21日起可以缴费。"
    );
    let late = json!({ "paid": "2026-04-01", "done": ["registration"] });
    assert_eq!(said(XIAOYI, About::Refusal, &late), "为什么现在不能缴费？请先由医保中心核定补缴金额。");
    let unknown = json!({ "paid": "2025-11-10", "identities": null, "last_covered": null });
    assert_eq!(
        said(XIAOYI, About::Missing, &unknown),
        "还要补充什么？还缺：最近一次参加居民医保的年度、是否在民政等部门的名单上。请补充后再查询或办理。"
    );
    let nothing = json!({ "paid": "2026-11-20", "done": ["registration", "assessment"] });
    assert_eq!(
        said(XIAOYI, About::Warning, &nothing),
        "缴费前要注意什么？待遇要到2027年2月20日才开始，而待遇期到2026年12月31日就结束了，现在缴费享受不到本年度待遇。\
         请想清楚是否仍要缴费。"
    );
}
