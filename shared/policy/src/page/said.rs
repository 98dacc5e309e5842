//! The tables of a notice and their keys, each with its Chinese title and how its value is said. One line a key: what
//! stands here is on the page and in a comparison; a key that does not is shown as it is written.

use toml::{Table, Value};

use crate::page::phrase::{How, texts};
use crate::page::words;
use crate::reader::{id_of, label};

/// A key and what is said of it.
type Key = (&'static str, &'static str, How);

/// A table of the format.
pub(crate) struct Section {
    /// As the file writes it.
    pub table: &'static str,
    /// Its Chinese title.
    pub title: &'static str,
    /// Whether its rows are tried in order, so that their order says something.
    pub ordered: bool,
    /// Whom a row is for that says nothing of it and is not the first.
    pub rest: &'static str,
    /// Its keys, in the order in which they are read.
    pub keys: &'static [Key],
}

/// What one entry of a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Table and id, as a trace names the row.
    pub label: String,
    /// What it is called, in the notice's words; nothing where it has only an id.
    pub name: String,
    /// Key by key.
    pub fields: Vec<Field>,
    /// The clauses that say it.
    pub clauses: Vec<String>,
    /// The open points it rests on.
    pub open: Vec<String>,
}

impl Said {
    /// Everything it says, in one line.
    pub fn sentence(&self) -> String {
        let mut said = String::new();
        let mut title = "";
        for field in &self.fields {
            let between = if said.is_empty() { "" } else { "；" };
            // A condition and its exception have one title.
            let told = if title == field.title { String::new() } else { format!("{}：", field.title) };
            said.push_str(&format!("{between}{told}{}", field.text));
            title = &field.title;
        }
        if said.is_empty() { ALL.to_owned() } else { said }
    }
}

/// What one key of an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its value, in Chinese.
    pub text: String,
}

const fn rows(table: &'static str, title: &'static str, keys: &'static [Key]) -> Section {
    Section { table, title, ordered: false, rest: ALL, keys }
}

/// Rows of which the first that holds counts.
const fn first(table: &'static str, title: &'static str, keys: &'static [Key]) -> Section {
    Section { table, title, ordered: true, rest: "其余情形", keys }
}

/// Rows whose order counts in another way, of windows by their days as well.
const fn ordered(table: &'static str, title: &'static str, keys: &'static [Key]) -> Section {
    Section { table, title, ordered: true, rest: ALL, keys }
}

/// Whom a row is for that says nothing of it.
pub(crate) const ALL: &str = "全部";

const WHEN: Key = ("when", "适用", How::When);
const UNLESS: Key = ("unless", "适用", How::Unless);
const DECIDE: Key = ("decide", "结果", How::Code(words::UNDECIDED));
const PART: Key = ("part", "部分", How::Code(words::PART));
const INSURANCE: Key = ("product", "险种", How::Text);
// The way and the step of a rounding have one title.
const ROUND: Key = ("round", "取整", How::Code(words::ROUND));
const TO: Key = ("to", "取整", How::Number("精确到", "元"));
const SHARES: Key = ("shares", "出资方", How::Shares);
const FOR: Key = ("for", "参保年度", How::Code(words::FOR));

/// Every table, in the order of the page.
pub(crate) const SECTIONS: &[Section] = &[
    rows("notice", "基本信息", NOTICE),
    rows("document", "文件", DOCUMENT),
    rows("words", "通知用语", WORDS),
    first("class", "人员类别", &[("name", "类别", How::Text), WHEN, UNLESS]),
    rows("who", "人群", &[("name", "人群", How::Text), WHEN, UNLESS]),
    rows("eligible", "参保条件", &[WHEN, UNLESS]),
    first("tier", "档次", TIER),
    first("price", "缴费标准", PRICE),
    rows("base", "计算所用的公布数据", &[("name", "数据", How::Text), ("amount", "数额", How::Amount)]),
    first("government_subsidy", "财政补助", GOVERNMENT_SUBSIDY),
    rows("prepay", "一次缴多年", PREPAY),
    ordered("aid", "资助标准", AID),
    rows("aid_rule", "几项资助", &[("take", "规则", How::Code(words::TAKE))]),
    rows("settled", "全额资助", &[("when_due_is_zero", "个人不缴费的", How::Code(words::SETTLED))]),
    rows("identity", "身份", IDENTITY),
    rows("group", "身份合称", &[("name", "合称", How::Text), ("of", "包括", How::Text)]),
    rows("payer", "出资方", &[("name", "出资方", How::Text)]),
    ordered("window", "缴费期", WINDOW),
    rows("opened", "个人缴费期", &[("name", "由经办机构为个人开启", How::Text)]),
    rows("deadline", "办理期限", DEADLINE),
    first("benefit", "待遇享受期", BENEFIT),
    rows("benefit_end", "待遇提前终止", &[WHEN, UNLESS, ("end", "待遇止于", How::Until)]),
    rows("wait", "待遇等待期", WAIT),
    rows("repair", "断保年度补缴（缴费修复）", REPAIR),
    first("refund", "退费", REFUND),
    ordered("delay", "查询和证明", DELAY),
    ordered("refuse", "不予办理", REFUSE),
    first(
        "route",
        "参保登记办法",
        &[WHEN, UNLESS, ("by", "由谁办理", How::Text), ("ways", "地点和材料", How::Ways)],
    ),
    rows("channel", "缴费渠道", CHANNEL),
    first("option", "缴费项目", &[WHEN, UNLESS, ("use", "选择", How::Text)]),
    rows("target", "目标任务", TARGET),
    rows("product", "可自愿购买的产品", PRODUCT),
    rows("cap", "大病最高支付限额", CAP),
    rows("cap_step", "限额的增减", CAP_STEP),
    rows("exclusion", "基金不予支付", &[("cause", "情形", How::Code(words::CAUSE)), WHEN, UNLESS, DECIDE]),
    rows("entitlement", "待遇项目", &[("name", "项目", How::Text), WHEN, UNLESS, DECIDE]),
    rows("announced", "公布未定事项", &[("about", "事项", How::Text)]),
    rows("open", "待明确事项", OPEN),
    rows("no_computation", "不据以计算的条款", &[("because", "内容", How::Text)]),
    rows("strike", "不再适用的上级规定", &[("table", "内容", How::Table), ("entry", "名称", How::Entry)]),
    rows("superseded", "被取代的上级规定", SUPERSEDED),
];

const NOTICE: &[Key] = &[
    ("title", "标题", How::Text),
    ("number", "文号", How::Text),
    ("dated", "成文日期", How::Day),
    ("published", "公布日期", How::Day),
    ("as_of", "内容截至", How::Text),
    ("division", "行政区划", How::Place),
    ("pool", "统筹区", How::Place),
    ("year", "参保年度", How::Number("", "年度")),
    ("cover", "待遇年度", How::Period),
    ("layer", "性质", How::Code(words::LAYER)),
    ("over", "上级文件", How::Text),
    ("amends", "修改", How::Text),
    ("in_force", "适用时间", How::InForce),
];
const DOCUMENT: &[Key] = &[
    ("code", "代号", How::Text),
    ("title", "文件", How::Text),
    ("rank", "效力次序", How::Number("第", "位")),
    ("clauses", "条款数", How::Number("", "条")),
];
const WORDS: &[Key] = &[
    ("tier", "档次", How::Text),
    ("event", "情形（事件）", How::Text),
    ("option", "缴费项目", How::Text),
    ("ground", "退费事由", How::Text),
    ("cause", "事由由系统提出时", How::Causes),
    ("papers", "证件材料", How::Text),
    ("kind", "身份细类", How::Text),
    ("what", "查询证明种类", How::Text),
    ("place", "地名", How::Names),
];
const TIER: &[Key] = &[
    WHEN,
    UNLESS,
    ("choice", "可选档次", How::Text),
    ("paid", "按此档缴费", How::Text),
    ("enjoyed", "享受档次", How::Text),
];
const PRICE: &[Key] = &[
    PART,
    INSURANCE,
    WHEN,
    UNLESS,
    FOR,
    ("amount", "标准", How::Amount),
    ("rate", "比例", How::Text),
    ("of", "计算基数", How::Amount),
    ("per", "计算", How::Code(words::PRICE_PER)),
    ("count_from", "计算", How::Number("自", "年度起")),
    ("cut_off", "计算", How::Number("当月", "日及以前缴费的当月计入")),
    ROUND,
    TO,
    ("at_least", "不低于", How::Amount),
    ("at_most", "最高", How::Amount),
    ("bearer", "承担", How::Text),
];
const GOVERNMENT_SUBSIDY: &[Key] = &[
    WHEN,
    UNLESS,
    ("amount", "每人标准", How::Amount),
    ("year", "采用", How::Number("", "年度的标准")),
    SHARES,
];
const PREPAY: &[Key] = &[
    WHEN,
    UNLESS,
    ("years", "年度", How::Code(words::PREPAID)),
    ("locked", "价格", How::Code(words::LOCKED)),
];
const AID: &[Key] = &[
    WHEN,
    UNLESS,
    PART,
    INSURANCE,
    ("rate", "资助比例", How::Text),
    ("of", "计算基数", How::Amount),
    ROUND,
    TO,
    ("amount", "资助", How::Amount),
    ("leaves", "个人负担", How::Amount),
    ("payer", "出资方", How::Text),
    SHARES,
    ("declared", "申报", How::Code(words::DECLARED_FOR)),
];
const IDENTITY: &[Key] = &[
    ("name", "身份", How::Text),
    ("by", "认定部门", How::Text),
    ("submitters", "报送名单", How::Code(words::SUBMITTER)),
    ("counts", "认可条件", How::When),
];
const WINDOW: &[Key] = &[
    ("name", "缴费期", How::Text),
    WHEN,
    UNLESS,
    ("event", "情形", How::Text),
    ("from", "自", How::Day),
    ("to", "至", How::Until),
    ("month_days", "每月开放", How::MonthDays),
    ("late", "性质", How::Code(words::LATE)),
    FOR,
];
const DEADLINE: &[Key] = &[
    ("who", "责任方", How::Text),
    ("step", "事项", How::Code(words::STEP)),
    WHEN,
    UNLESS,
    ("by", "截止", How::Day),
];
const BENEFIT: &[Key] = &[
    WHEN,
    UNLESS,
    ("start", "待遇自", How::Day),
    ("end", "待遇至", How::Until),
    DECIDE,
    ("unless_clause", "除外的依据", How::Text),
];
const WAIT: &[Key] = &[
    ("fixed_months", "固定等待", How::Positive("", "个月")),
    ("fixed_days", "固定等待的天数", How::Positive("", "天")),
    ("bound", "月数", How::Code(words::BOUND)),
    ("months_per_missed_year", "每断保一年增加", How::Positive("", "个月")),
    ("free_missed_years", "免增加", How::Positive("断保的前", "年不增加")),
    ("count_missed_from", "断保年度的计算", How::Missed),
    ("floor", "最少等待", How::Floor),
    ("ends", "期满", How::Code(words::ENDS)),
    ("variable_clause", "增加月数的依据", How::Text),
    ("floor_clause", "最少等待的依据", How::Text),
];
const REPAIR: &[Key] = &[
    ("months_per_year", "每补缴一年减少等待", How::Number("", "个月")),
    ("rate", "每年价格的比例", How::Text),
    ("of", "价格的基数", How::Amount),
];
const REFUND: &[Key] = &[
    WHEN,
    UNLESS,
    ("back", "退费", How::Code(words::BACK)),
    ("to", "退给", How::Code(words::REFUND_TO)),
    ("reason", "告知", How::Reason),
    DECIDE,
];
const DELAY: &[Key] = &[
    ("what", "查询、证明", How::Text),
    WHEN,
    UNLESS,
    ("from", "起算", How::Code(words::DELAY_FROM)),
    ("working_days", "可查时间", How::WorkingDays),
    ("shows", "可见内容", How::Code(words::SHOWS)),
    DECIDE,
];
const REFUSE: &[Key] = &[
    ("at", "环节", How::Code(words::STAGE)),
    WHEN,
    UNLESS,
    ("reason", "告知", How::Reason),
    ("say", "通知的说法", How::Text),
    ("weight", "处理", How::Code(words::WEIGHT)),
];
const CHANNEL: &[Key] =
    &[("name", "渠道", How::Text), ("kind", "种类", How::Code(words::CHANNEL_KIND)), WHEN, UNLESS];
const TARGET: &[Key] = &[
    ("name", "目标", How::Text),
    ("count", "计入", How::Code(words::COUNTED)),
    ("of", "占", How::ShareOf),
    ("at_least", "不低于", How::Text),
    ("by", "截止", How::Day),
];
const PRODUCT: &[Key] = &[("name", "产品", How::Text), WHEN, UNLESS, ("amount", "价格", How::Amount)];
const CAP: &[Key] = &[("base", "原封顶线", How::Amount), ("limit", "累计提高不超过原封顶线的", How::Text)];
const CAP_STEP: &[Key] = &[
    ("per", "情形", How::Code(words::PER)),
    WHEN,
    UNLESS,
    ("beyond", "起算", How::Number("超过", "年后")),
    ("amount", "增减", How::Step),
    ("limited", "上限", How::Code(words::LIMITED)),
    ("count_from", "计算年度", How::Number("自", "年度起")),
    ("lasts", "效力", How::Code(words::LASTS)),
    ("limit", "本项增减不超过", How::Limit),
    ("after_break", "断保后", How::Code(words::THEN)),
    ("after_use", "使用后", How::Code(words::THEN)),
];
const OPEN: &[Key] = &[
    ("about", "问题", How::Text),
    ("reading", "采用口径", How::Text),
    ("other", "其他口径", How::Readings),
    ("because", "理由", How::Text),
    ("against", "不采用的条款", How::Text),
];

const SUPERSEDED: &[Key] =
    &[("table", "内容", How::Table), ("entry", "名称", How::Entry), ("by", "取代的文件", How::Text)];

/// The table whose entries have their names in its headings; any other table is one entry.
const NAMED: &str = "wait";

/// Keys that are no statement: names of rows, and what cites.
const NOT_SAID: [&str; 3] = ["id", "clause", "open"];

/// The section of a table.
pub(crate) fn section(table: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.table == table)
}

/// The entries of a table, in the file's order, with the names of divisions in place of their codes.
pub(crate) fn entries(file: &Table, table: &str) -> Vec<Said> {
    let mut entries = as_written(file, table);
    if table != "words" {
        let with_code = table == "notice";
        entries.iter_mut().flat_map(|entry| &mut entry.fields).for_each(|field| {
            field.text = named(file, std::mem::take(&mut field.text), with_code);
        });
    }
    entries
}

/// A text with the names of divisions, where the notice says them, in place of their codes, or beside them.
pub(crate) fn named(file: &Table, text: String, with_code: bool) -> String {
    let names = file.get("words").and_then(|words| words.get("place")).and_then(Value::as_table);
    let names = names.into_iter().flatten();
    names.filter_map(|(code, name)| Some((code, name.as_str()?))).fold(text, |text, (code, name)| {
        let name = if with_code { format!("{name}（{code}）") } else { name.to_owned() };
        text.replace(code.as_str(), &name)
    })
}

fn as_written(file: &Table, table: &str) -> Vec<Said> {
    match file.get(table) {
        None => Vec::new(),
        Some(Value::Array(rows)) => {
            let rows = rows.iter().filter_map(Value::as_table).zip(1..);
            rows.map(|(row, number)| said(table, &number.to_string(), row)).collect()
        }
        Some(Value::Table(named)) if table == NAMED => {
            let named = named.iter().filter_map(|(name, row)| Some((name, row.as_table()?)));
            named.map(|(name, row)| said(table, name, row)).collect()
        }
        Some(Value::Table(one)) => vec![said(table, "", one)],
        Some(value) => {
            let text = texts(value).join("、");
            let field = Field { key: table.to_owned(), title: table.to_owned(), text };
            vec![Said { fields: vec![field], ..said(table, "", &Table::new()) }]
        }
    }
}

/// How a key of a table is titled and said.
pub(crate) fn key(table: &str, key: &str) -> Option<&'static Key> {
    section(table)?.keys.iter().find(|(known, ..)| *known == key)
}

fn said(table: &str, fallback: &str, row: &Table) -> Said {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    let id = id_of(row).unwrap_or(fallback);
    let name = ["name", "code", "about"].iter().find_map(|key| text(key)).unwrap_or_default();
    let known = section(table).map_or(&[][..], |section| section.keys);
    let mut fields: Vec<Field> = known
        .iter()
        .filter_map(|(key, title, how)| {
            let field = |text| Field { key: (*key).to_owned(), title: (*title).to_owned(), text };
            row.get(*key).map(|value| field(how.say(value)))
        })
        .filter(|field| !field.text.is_empty())
        .collect();
    let others = row.iter().filter(|(key, _)| !NOT_SAID.contains(&key.as_str()));
    let unknown = others.filter(|(name, _)| known.iter().all(|(key, ..)| key != name));
    fields.extend(unknown.map(|(key, value)| Field {
        key: key.clone(),
        title: key.clone(),
        text: texts(value).join("、"),
    }));
    let list = |key: &str| row.get(key).map(texts).unwrap_or_default();
    Said {
        label: label(table, id),
        name: name.to_owned(),
        fields,
        clauses: list("clause"),
        open: list("open"),
    }
}
