//! Everything a notice says is on its page and told by a comparison: no step of the file leaves them as they were.
#![allow(clippy::unwrap_used)]

mod asked;
mod changes;

use std::{fs, thread};

use canbao_policy::page::{Block, Calendar, Grid, List, Page, Point, Row};
use canbao_policy::{AidLine, Change, Difference, Facts, Notice, Notices, Stated};
use canbao_types::{Money, Part};
use serde_json::json;
use toml::{Table, Value};

/// Changes that change nothing that is said, and why.
const MEAN_NOTHING: [(&str, &str); 0] = [];

#[test]
fn every_change_of_a_notice_by_one_step_is_on_its_page_and_told_of_its_entry() {
    let names = asked::names();
    thread::scope(|scope| {
        for name in &names {
            scope.spawn(move || try_every_change(&format!("notices/{name}.toml"), 200));
        }
    });
}

#[test]
fn every_change_of_a_notice_of_a_kind_by_one_step_is_on_its_page_and_told_of_its_entry() {
    for path in kinds() {
        let file: Table = asked::text(&path).parse().unwrap();
        // What stands over another file is no notice by itself.
        if ["over", "amends", "layer"].iter().all(|key| file["notice"].get(key).is_none()) {
            try_every_change(&path, 40);
        }
    }
}

#[test]
fn a_division_is_told_by_its_name_and_where_it_is_first_told_by_its_code_as_well() {
    let page = asked::notice("370685-2025").page();
    assert!(page.lead.starts_with("行政区划招远市（370685） · "), "{}", page.lead);
    let told = format!("{:?}", page.chapters);
    assert!(told.contains("户籍在烟台市，农村居民"), "{told}");
    assert!(!told.contains("在370600"), "{told}");
}

/// The files of the kinds of rule that no notice compiled in has.
fn kinds() -> Vec<String> {
    let files = fs::read_dir(asked::file("tests/kinds")).unwrap().map(|file| file.unwrap().file_name());
    let names = files.filter_map(|file| Some(file.to_str()?.strip_suffix(".toml")?.to_owned()));
    let mut paths: Vec<String> = names.map(|name| format!("tests/kinds/{name}.toml")).collect();
    paths.sort();
    paths
}

/// Words of letters that are a notice's own, beside those in capitals such as POS.
const OWN_WORDS: [&str; 1] = ["App"];

#[test]
fn no_key_and_no_code_of_the_format_is_left_in_english_on_a_page() {
    let files: Vec<(String, String)> =
        kinds().into_iter().map(|path| (path.clone(), asked::text(&path))).collect();
    let notices = Notices::default().with(&files).unwrap_or_else(|problems| panic!("{problems}"));
    let mut notices: Vec<Notice> = notices.versions().cloned().collect();
    assert!(notices.len() > 10, "only {} notices of a kind", notices.len());
    notices.extend(asked::names().iter().map(|name| asked::notice(name)));
    notices.push(asked::notice_at("../../tests/data/yunxi-2026/notices/141198-2026.toml"));
    let mut english = Vec::new();
    for notice in &notices {
        for text in texts(&notice.page()) {
            // A file is named by its stem, which may end in a word.
            let own = files.iter().fold(text.clone(), |text, (path, _)| {
                let stem = path.trim_start_matches("tests/kinds/").trim_end_matches(".toml");
                if stem.starts_with(|sign: char| sign.is_ascii_digit()) {
                    text.replace(stem, "")
                } else {
                    text
                }
            });
            let mut words = own.split(|sign: char| !sign.is_ascii_alphabetic());
            if words.any(|word| !OWN_WORDS.contains(&word) && word != word.to_uppercase()) {
                english.push(format!("{}: {text}", notice.stem()));
            }
        }
    }
    assert!(english.is_empty(), "{}", english.join("\n"));
}

/// Everything that is written on a page.
fn texts(page: &Page) -> Vec<String> {
    let blocks = page.chapters.iter().flat_map(|chapter| &chapter.blocks);
    let of = |block: &Block| -> Vec<String> {
        match block {
            Block::Grid(Grid { title, columns, rows }) => {
                let titles = columns.iter().map(|column| &column.title);
                let cells = rows.iter().flat_map(|row| &row.cells);
                [title].into_iter().chain(titles).chain(cells).cloned().collect()
            }
            Block::List(List { title, items, .. }) => {
                let items = items.iter().map(|(title, text)| format!("{title}：{text}"));
                [title.clone()].into_iter().chain(items).collect()
            }
            Block::Calendar(Calendar { bars, days, .. }) => {
                let bars = bars.iter().flat_map(|bar| [bar.name.clone(), bar.when.clone()]);
                bars.chain(days.iter().map(|day| day.name.clone())).collect()
            }
            Block::Points(points) => points.iter().flat_map(said_of).collect(),
            Block::Note(note) => vec![note.clone()],
        }
    };
    let titles = page.chapters.iter().map(|chapter| chapter.title.to_owned());
    [page.title.clone(), page.lead.clone()].into_iter().chain(titles).chain(blocks.flat_map(of)).collect()
}

fn said_of(point: &Point) -> Vec<String> {
    let own = [&point.about, &point.reading, &point.because].into_iter();
    own.chain(&point.other).chain(&point.rests).cloned().collect()
}

fn try_every_change(name: &str, least: usize) {
    let file: Table = asked::text(name).parse().unwrap();
    // Other readings are notices of their own, and compiling them with every change takes time.
    let mut without = file.clone();
    without_readings(&mut without);
    let steps = changes::changes(&without).into_iter().map(|change| (change.of(&without), change.what));
    let readings = changes::changes_of_readings(&file).into_iter().map(|(.., change)| change);
    let readings = readings.map(|change| (change.of(&file), change.what));
    let (plain, whole) = (read(&without).unwrap(), read(&file).unwrap());
    let (plain_page, whole_page) = (plain.page(), whole.page());
    let (mut same, mut untold, mut judged) = (Vec::new(), Vec::new(), 0);
    let steps = steps.map(|step| (step, &plain, &plain_page));
    for ((changed, what), notice, page) in steps.chain(readings.map(|step| (step, &whole, &whole_page))) {
        // What cannot be read is told as a problem, and has no page.
        let Some(changed) = read(&changed) else { continue };
        judged += 1;
        if MEAN_NOTHING.iter().any(|(means, _)| *means == what) {
            continue;
        }
        if changed.page() == *page {
            same.push(what.clone());
        }
        let told = notice.changes_to(&changed);
        if !told.iter().any(|change| names(change, &what)) {
            untold.push(format!("{what}: {:?}", told.iter().map(Change::to_string).collect::<Vec<_>>()));
        }
    }
    assert!(judged > least, "{name}: only {judged} changes could be read");
    assert!(same.is_empty(), "{name}: {} changes leave the page as it was:\n{}", same.len(), same.join("\n"));
    assert!(untold.is_empty(), "{name}: {} changes are not told:\n{}", untold.len(), untold.join("\n"));
}

fn read(file: &Table) -> Option<Notice> {
    Notice::parse("changed", &toml::to_string(file).unwrap()).ok()
}

/// The later entry's label, or the earlier's where it is gone.
fn entry(change: &Change) -> &str {
    change.after.as_ref().or(change.before.as_ref()).map_or("", |entry| &entry.label)
}

fn without_readings(file: &mut Table) {
    let points = file.get_mut("open").and_then(Value::as_array_mut).into_iter().flatten();
    for point in points.filter_map(Value::as_table_mut) {
        point.remove("other");
    }
}

/// Whether a change is of the entry that a step names: "aid minimum.amount 320 → 321", "wait.ordinary.ends …", "A-04 0 …".
fn names(change: &Change, step: &str) -> bool {
    let step = step.replace(' ', ".");
    let point = |entry: &str| step.starts_with(&format!("{}.", entry.trim_start_matches("open.")));
    let entry = entry(change).replace(' ', ".");
    // An entry without a name or id has its number, and a step names it by what it is about.
    let numbered = entry.split('.').nth(1).is_some_and(|id| id.parse::<u32>().is_ok());
    let entry = if numbered { change.table.clone() } else { entry };
    step.starts_with(&entry) || change.table == "open" && point(&entry)
}

/// Somebody who pays: the notice, what is known besides what everybody's facts are, and where the table has it.
const PAYERS: [(&str, &str, &str, [&str; 3]); 9] = [
    (
        "141181-2026",
        r#"{"birth": "1980-01-01", "paid": "2025-11-03", "identities": []}"#,
        "集中参保缴费期",
        ["", "一般人员", ""],
    ),
    (
        "141181-2026",
        r#"{"birth": "1980-01-01", "paid": "2025-11-03", "identities": [{"name": "低保对象", "confirmed": true}]}"#,
        "集中参保缴费期",
        ["", "低保对象", ""],
    ),
    (
        "141181-2026",
        r#"{"birth": "1980-01-01", "paid": "2025-11-03", "identities": [{"name": "优抚对象"}]}"#,
        "集中参保缴费期",
        ["", "优抚对象", ""],
    ),
    (
        "141181-2026",
        r#"{"birth": "1980-01-01", "paid": "2026-03-03", "identities": []}"#,
        "补缴",
        ["", "一般人员", ""],
    ),
    (
        "370685-2025",
        r#"{"birth": "1980-01-01", "paid": "2024-11-04", "identities": [], "tier_asked": "二档"}"#,
        "",
        ["成年居民", "一般人员", "二档"],
    ),
    (
        "370685-2025",
        r#"{"birth": "1980-01-01", "paid": "2024-11-04", "identities": [{"name": "孤儿"}]}"#,
        "",
        ["成年居民", "孤儿", "二档"],
    ),
    (
        "210881-2025",
        r#"{"birth": "2012-01-01", "paid": "2024-11-04", "identities": [{"name": "低保边缘家庭成员"}]}"#,
        "",
        ["未成年人", "低保边缘家庭成员", ""],
    ),
    (
        "371000-2022",
        r#"{"birth": "1980-01-01", "paid": "2022-03-03", "identities": [], "tier_asked": "一档"}"#,
        "",
        ["一般居民", "一般人员", "一档"],
    ),
    (
        "371000-2022",
        r#"{"birth": "2022-02-01", "paid": "2022-03-03", "identities": [], "last_covered": "never"}"#,
        "",
        ["2022年起的新生儿", "一般人员", ""],
    ),
];

#[test]
fn the_table_of_who_pays_what_says_what_a_ruling_says() {
    for (name, facts, window, [class, identity, tier]) in PAYERS {
        let notice = asked::notice(name);
        let mut known = json!({
            "cover_year": notice.year().get(), "employee_scheme": "never", "student": "none", "events": [],
            "last_covered": notice.year().get() - 1, "hukou": notice.division().to_string(),
            "record": notice.division().to_string(), "school": "none",
        });
        let own: serde_json::Map<String, serde_json::Value> = serde_json::from_str(facts).unwrap();
        known.as_object_mut().unwrap().extend(own);
        let facts: Facts = serde_json::from_value(known).unwrap();
        let paid = notice.pay(&facts);
        let yuan = |amount: Stated<Money>| match amount {
            Stated::Is(money) => money.to_string().trim_end_matches(".00").to_owned(),
            Stated::PersonMustDecide => "人工判断".to_owned(),
            Stated::NotStated => "通知未写明".to_owned(),
        };
        let own = paid.parts.iter().find(|line| line.part == Part::Personal).unwrap();
        let aid = paid.aid.first().map(|_| yuan(AidLine::total(&paid.aid))).unwrap_or_default();
        let ruling = [yuan(own.amount), aid, yuan(paid.due.unwrap())];
        let page = notice.page();
        let grids = page.chapters[0].blocks.iter().filter_map(|block| match block {
            Block::Grid(grid) if grid.title.contains(window) => Some(grid),
            _ => None,
        });
        let table = grids.flat_map(|grid| {
            let cell = |row: &Row, title: &str| {
                let at = grid.columns.iter().position(|column| column.title == title);
                at.map(|at| row.cells[at].clone()).unwrap_or_default()
            };
            let row = grid.rows.iter().find(|row| {
                cell(row, "类别") == class
                    && cell(row, "身份").split('、').any(|one| one == identity || one == "不论身份")
                    && cell(row, "档次") == tier
            });
            row.map(|row| ["标准", "资助", "个人缴"].map(|title| cell(row, title)))
        });
        assert_eq!(table.take(1).collect::<Vec<_>>(), [ruling], "{name} {identity}");
    }
}

/// The first chapter of the page of a notice, with another text in place of one.
fn who_pays_what(path: &str, text: &str, other: &str) -> Vec<Block> {
    let file = asked::text(path);
    assert!(file.contains(text), "{path} has no {text}");
    let notice = Notice::parse("changed", &file.replacen(text, other, 1)).unwrap();
    notice.page().chapters.swap_remove(0).blocks
}

/// The cells of a grid's column.
fn column<'g>(grid: &'g Grid, title: &str) -> Vec<&'g str> {
    let at = grid.columns.iter().position(|column| column.title == title).unwrap();
    grid.rows.iter().map(|row| row.cells[at].as_str()).collect()
}

fn grid<'b>(blocks: &'b [Block], title: &str) -> &'b Grid {
    let grids = blocks.iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(grid),
        _ => None,
    });
    grids.clone().find(|grid| grid.title.contains(title)).unwrap_or_else(|| panic!("no grid {title}"))
}

#[test]
fn a_payment_for_missed_years_leaves_the_amounts_of_those_without_a_break() {
    const SUBSIDY: &str = "[[government_subsidy]]";
    let penalty = "[[price]]\nid = \"penalty\"\npart = \"arrears\"\nwhen = { history = \"broken\" }\namount = \"30\"\n\
                   per = \"missed-year\"\nclause = [\"XY26-38\"]\n[[government_subsidy]]";
    let before = who_pays_what("notices/141181-2026.toml", SUBSIDY, SUBSIDY);
    let after = who_pays_what("notices/141181-2026.toml", SUBSIDY, penalty);
    let due = |blocks| column(grid(blocks, "集中参保缴费期"), "个人缴").join(" ");
    assert_eq!(due(&after), due(&before));
    assert!(due(&after).starts_with("400 "), "{}", due(&after));
    let noted =
        |blocks: &[Block]| matches!(blocks.last(), Some(Block::Note(note)) if note.contains("没有断保"));
    assert_eq!((noted(&before), noted(&after)), (false, true));
}

#[test]
fn who_pays_what_in_a_window_for_the_newly_born_names_no_class_of_the_old() {
    let path = "tests/kinds/ages-and-births.toml";
    let window = "name = \"新生儿\"\n";
    let asked = "name = \"新生儿\"\nwhen = { birth = { from = 2026-01-01 } }\n";
    assert!(column(grid(&who_pays_what(path, window, window), "“新生儿”"), "类别").contains(&"老年居民"));
    assert_eq!(column(grid(&who_pays_what(path, window, asked), "“新生儿”"), "类别"), ["其他居民"]);
}

#[test]
fn grades_are_told_from_the_severest_and_waits_of_nothing_not_at_all() {
    for (grades, told) in [
        ("{ to = 2 }", "等级为1级至2级"),
        ("{ from = 2, to = 3 }", "等级为2级至3级"),
        ("{ to = 1 }", "等级为1级，"),
        ("{ from = 3 }", "等级为3级及以后各级"),
        ("2", "等级为2级"),
    ] {
        let text = asked::text("notices/141181-2026.toml");
        let changed =
            text.replacen("counts = { kind = [", &format!("counts = {{ grade = {grades}, kind = ["), 1);
        let page = Notice::parse("changed", &changed).unwrap().page();
        assert!(texts(&page).iter().any(|text| text.contains(told)), "{told}");
    }
    for path in ["tests/kinds/windows-and-waits.toml", "notices/210881-2025.toml"] {
        for text in texts(&asked::notice_at(path).page()) {
            let nothing = ["：0个月", "：0天", "前0年"].iter().any(|nothing| text.contains(nothing));
            assert!(!nothing, "{path}: {text}");
        }
    }
}

#[test]
fn a_notice_compared_with_itself_has_no_change() {
    for name in asked::names() {
        assert_eq!(asked::notice(&name).changes_to(&asked::notice(&name)), []);
    }
}

#[test]
fn a_row_that_is_tried_earlier_is_told_with_the_one_it_passed() {
    let text = asked::text("notices/141181-2026.toml");
    let mut file: Table = text.parse().unwrap();
    file["benefit"].as_array_mut().unwrap().swap(2, 3);
    let told = Notice::parse("before", &text).unwrap().changes_to(&read(&file).unwrap());
    let [change] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(entry(change), "benefit dynamic");
    assert!(matches!(&change.what, Difference::Moved(Some(_))), "{change}");
}
