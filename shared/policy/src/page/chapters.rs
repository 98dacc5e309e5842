//! The chapters of the page, in the order in which a clerk looks things up.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::notice::Notice;
use crate::page::phrase::{self, texts};
use crate::page::said::{self, Said, Section};
use crate::page::{Block, Chapter, Column, Grid, List, Page, Point, Row, Sources, calendar, example, money};

/// A chapter: its name for links, its title, its tables.
type Plan = (&'static str, &'static str, &'static [&'static str]);

/// The chapters made of the notice's tables. A table that no chapter names stands in the last one.
const PLANS: [Plan; 17] = [
    ("notice", "基本信息", &["notice", "document", "words"]),
    ("scope", "参保范围、人员类别、档次", &["eligible", "class", "tier", "who"]),
    ("price", "缴费标准", &["base", "price", "government_subsidy", "prepay"]),
    ("aid", "资助参保", &["aid", "aid_rule", "settled", "identity", "group", "payer"]),
    ("window", "缴费期", &["window", "opened", "deadline"]),
    ("benefit", "待遇起止和等待期", &["benefit", "benefit_end", "wait", "repair"]),
    ("refund", "退费", &["refund"]),
    ("delay", "查询和证明", &["delay"]),
    ("refuse", "不予办理的情形", &["refuse"]),
    ("channel", "登记、渠道、缴费项目", &["route", "channel", "option"]),
    ("target", "目标任务", &["target"]),
    ("product", "可自愿购买的产品", &["product"]),
    ("cap", "大病限额", &["cap", "cap_step"]),
    ("fund", "不予支付和待遇项目", &["exclusion", "entitlement"]),
    ("announced", "公布未定事项", &["announced"]),
    ("layer", "与上级规定的关系", &["strike", "superseded"]),
    ("silent", "不据以计算的条款", &["no_computation"]),
];

/// Said among the chapters in a way of its own, or no table.
const ELSEWHERE: [&str; 2] = ["open", "format"];

/// Tables with one entry each, or few with many keys: said under titles rather than in columns.
const LISTS: [&str; 8] = ["notice", "words", "aid_rule", "settled", "opened", "wait", "repair", "cap"];

/// The page of a notice.
pub(crate) fn page(notice: &Notice) -> Page {
    let file = &*notice.file;
    let mut chapters = vec![Chapter { id: "money", title: "谁缴多少", blocks: money::blocks(notice) }];
    for (id, title, tables) in PLANS {
        let mut blocks: Vec<Block> = tables.iter().flat_map(|table| blocks(file, table)).collect();
        match id {
            "window" => blocks.insert(0, Block::Calendar(calendar::calendar(notice))),
            "benefit" => blocks.extend(example::waits(notice).map(Block::Grid)),
            _ => {}
        }
        chapters.push(Chapter { id, title, blocks });
    }
    let planned = |table: &str| PLANS.iter().any(|(_, _, tables)| tables.contains(&table));
    let others = file.keys().filter(|table| !planned(table) && !ELSEWHERE.contains(&table.as_str()));
    let others = others.flat_map(|table| blocks(file, table)).collect();
    chapters.push(Chapter { id: "other", title: "其他", blocks: others });
    let all: Vec<Entries> =
        said::SECTIONS.iter().map(|section| (section, said::entries(file, section.table))).collect();
    let points = points(file, &all);
    let points = if points.is_empty() { Vec::new() } else { vec![Block::Points(points)] };
    chapters.push(Chapter { id: "open", title: "待明确事项", blocks: points });
    chapters.push(Chapter { id: "clauses", title: "条款索引", blocks: vec![Block::Grid(clauses(&all))] });
    chapters.retain(|chapter| !chapter.blocks.is_empty());
    let head = said::entries(file, "notice");
    let of = |key: &str| {
        let fields = head.iter().flat_map(|head| &head.fields);
        fields.filter(|field| field.key == key).map(|field| field.text.clone()).collect::<String>()
    };
    let lead = ["number", "year", "cover"].map(of);
    let lead: Vec<String> = lead.into_iter().filter(|text| !text.is_empty()).collect();
    Page {
        title: of("title"), lead: format!("行政区划{} · {}", of("division"), lead.join(" · ")), chapters
    }
}

/// A table with what its entries say.
type Entries = (&'static Section, Vec<Said>);

/// A table of the notice as it is read.
fn blocks(file: &Table, table: &str) -> Vec<Block> {
    let entries = said::entries(file, table);
    if entries.is_empty() {
        return Vec::new();
    }
    let section = said::section(table);
    let title = section.map_or(table, |section| section.title);
    if LISTS.contains(&table) {
        let several = entries.len() > 1;
        return entries
            .into_iter()
            .map(|entry| {
                let title = if several { format!("{title}（{}）", id(&entry)) } else { title.to_owned() };
                let items = entry.fields.iter().map(|field| (field.title.clone(), field.text.clone()));
                Block::List(List { title, items: items.collect(), sources: sources(&entry) })
            })
            .collect();
    }
    vec![Block::Grid(grid(title, section, &entries))]
}

/// The id of an entry, without its table.
fn id(entry: &Said) -> &str {
    entry.label.split_once(' ').map_or("", |(_, id)| id)
}

/// The entries in rows, with a column for every title that one of them has.
fn grid(title: &str, section: Option<&Section>, entries: &[Said]) -> Grid {
    let mut titles: Vec<String> = Vec::new();
    let known = section.into_iter().flat_map(|section| section.keys).map(|(_, title, _)| *title);
    let found = entries.iter().flat_map(|entry| &entry.fields);
    for title in known.chain(found.clone().map(|field| field.title.as_str())) {
        let told = found.clone().any(|field| field.title == title);
        if told && !titles.iter().any(|known| known == title) {
            titles.push(title.to_owned());
        }
    }
    let people = "适用";
    let amount = |title: &str| ["标准", "每人标准", "资助", "个人负担", "资助比例"].contains(&title);
    // A row begins with whom it is for, not with an amount.
    if titles.first().is_none_or(|title| amount(title)) {
        titles.insert(0, people.to_owned());
    }
    let rows = entries.iter().enumerate().map(|(at, entry)| {
        let cell = |title: &String| {
            let said = entry.fields.iter().filter(|field| field.title == *title);
            let said: Vec<&str> = said.map(|field| field.text.as_str()).collect();
            match (said.is_empty() && title == people, at) {
                (true, 0) => said::ALL.to_owned(),
                (true, _) => section.map_or(said::ALL, |section| section.rest).to_owned(),
                (false, _) => said.join("；"),
            }
        };
        Row { cells: titles.iter().map(cell).collect(), sources: sources(entry) }
    });
    let rows = rows.collect();
    let columns = titles.iter().map(|title| Column { title: title.clone(), amount: amount(title) });
    Grid { title: title.to_owned(), columns: columns.collect(), rows }
}

pub(crate) fn sources(entry: &Said) -> Sources {
    Sources { clauses: entry.clauses.clone(), open: entry.open.clone() }
}

fn points(file: &Table, all: &[Entries]) -> Vec<Point> {
    let rows = file.get("open").and_then(Value::as_array).into_iter().flatten();
    let others = |row: &Value| row.get("other").map(phrase::readings).unwrap_or_default();
    let point = |row: &Value| {
        let text = |key: &str| row.get(key).map(texts).unwrap_or_default().concat();
        let id = text("id");
        Point {
            about: text("about"),
            reading: text("reading"),
            other: others(row).into_iter().map(|other| said::named(file, other, false)).collect(),
            because: text("because"),
            against: row.get("against").map(texts).unwrap_or_default(),
            rests: rests(all, &id),
            id,
        }
    };
    rows.map(point).collect()
}

/// The tables with rows that rest on a point.
fn rests(all: &[Entries], point: &str) -> Vec<String> {
    let on = |entry: &Said| entry.open.iter().any(|open| open == point);
    let tables = all.iter().filter(|(_, entries)| entries.iter().any(on));
    tables.map(|(section, _)| section.title.to_owned()).collect()
}

/// Every clause with the tables that say it.
fn clauses(all: &[Entries]) -> Grid {
    let mut index: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (section, entries) in all {
        for entry in entries {
            let said = match entry.name.as_str() {
                name if name.is_empty() || section.table == "open" => section.title.to_owned(),
                name => format!("{}：{name}", section.title),
            };
            // Clauses of an exception or a part of a rule, and those that are not followed.
            let citing = |key: &str| key.ends_with("_clause") || key == "against";
            let more = entry.fields.iter().filter(|field| citing(&field.key));
            let more = more.flat_map(|field| field.text.split('、')).map(str::to_owned);
            for clause in entry.clauses.iter().cloned().chain(more) {
                let places = index.entry(clause).or_default();
                if !places.contains(&said) {
                    places.push(said.clone());
                }
            }
        }
    }
    let column = |title: &str| Column { title: title.to_owned(), amount: false };
    let row = |(clause, places): (String, Vec<String>)| Row {
        cells: vec![clause, places.join("；")],
        sources: Sources::default(),
    };
    Grid {
        title: "每一条写在哪里".to_owned(),
        columns: vec![column("条款"), column("写在")],
        rows: index.into_iter().map(row).collect(),
    }
}
