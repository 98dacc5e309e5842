//! Who pays what: class, tier, identity and window against standard, aid and what is left. Asked of the engine's own
//! prices, so that the table and a ruling cannot differ.

use std::sync::Arc;

use canbao_types::{Bearer, CoverYear, Money, Part};

use crate::fact::Fact;
use crate::facts::{Facts, LastCovered};
use crate::notice::Notice;
use crate::page::phrase::word;
use crate::page::{Block, Column, Grid, Row, Sources, births, words};
use crate::price;
use crate::ruling::{AidLine, Payment, PricePart, Stated};
use crate::sheet::{Mark, Seen, Sheet};
use crate::table::{self, Per, Tables, Test};
use crate::tier;
use crate::trace::Verdict;

/// A kind of people, by the bits of what they are.
#[derive(Clone, Copy)]
struct People<'a> {
    /// The window they pay in, by its row.
    window: Option<&'a table::Row<table::Window>>,
    /// `None`: whichever.
    class: Option<u64>,
    who: u64,
    identity: u64,
}

/// What they pay.
#[derive(Clone, PartialEq, Eq)]
struct Paid {
    standard: String,
    /// Other parts that the person bears.
    besides: String,
    aid: String,
    due: String,
    payers: String,
    sources: Sources,
}

/// A line of the table before equal ones are joined.
struct Line {
    class: String,
    tier: String,
    identities: Vec<Arc<str>>,
    paid: Paid,
}

/// One grid for every window that has a price of its own.
pub(crate) fn blocks(notice: &Notice) -> Vec<Block> {
    let tables = &*notice.tables;
    let windows = priced_windows(tables);
    let several = windows.len() > 1;
    let grids = windows.into_iter().map(|window| {
        let name = window.and_then(|row| tables.names.window.get(usize::from(row.then.name)));
        let title = match name.filter(|_| several) {
            Some(name) => format!("按“{name}”缴费"),
            None => "各缴费期相同".to_owned(),
        };
        grid(tables, window, title)
    });
    let unbroken = if asks_history(tables) { UNBROKEN } else { "" };
    let note = format!("按一人一种身份列出；同时有几种身份的，按“几项资助”的规则。{unbroken}金额单位为元。");
    grids.filter(|grid| !grid.rows.is_empty()).map(Block::Grid).chain([Block::Note(note)]).collect()
}

/// Whose amounts these are, where a break changes them.
const UNBROKEN: &str = "按上年度已参保、没有断保的人员列出；断保的，应缴金额见“缴费标准”。";

/// Whether what is paid turns on the years before.
fn asks_history(tables: &Tables) -> bool {
    let prices = tables.prices.iter().flat_map(|row| [row.when, row.unless]);
    let aid = tables.aid.iter().flat_map(|row| [row.when, row.unless]);
    let tiers = tables.tiers.iter().flat_map(|row| [row.when, row.unless]);
    let mut asked = prices.chain(aid).chain(tiers).flat_map(|run| tables.tests(run));
    let missed = |row: &table::Row<table::Price>| matches!(row.then.per, Some(Per::MissedYear(_)));
    let by_years = |test: &Test| {
        let (Test::Word { fact, .. } | Test::Day { fact, .. } | Test::Place { fact, .. }) = test;
        HISTORY.contains(fact)
    };
    asked.any(by_years) || tables.prices.iter().any(missed)
}

/// What the years before are asked by.
const HISTORY: [Fact; 2] = [Fact::History, Fact::Missed];

/// The ordinary window, then those a price or an aid asks for.
fn priced_windows(tables: &Tables) -> Vec<Option<&table::Row<table::Window>>> {
    let (mut asked, mut late) = (0, false);
    let prices = tables.prices.iter().map(|row| (row.when, row.unless));
    let aid = tables.aid.iter().map(|row| (row.when, row.unless));
    for (when, unless) in prices.chain(aid) {
        for test in [when, unless].iter().flat_map(|run| tables.tests(*run)) {
            match *test {
                Test::Word { fact: Fact::Window, any } => asked |= any,
                Test::Word { fact: Fact::Late, .. } => late = true,
                _ => {}
            }
        }
    }
    let own = |row: &&table::Row<table::Window>| asked >> row.then.name & 1 == 1 || late && row.then.late;
    let rest = || tables.windows.iter().filter(|row| !own(row) && !row.then.late);
    let ordinary = rest().find(|row| !row.then.personal).or_else(|| rest().next());
    let mut windows = vec![ordinary];
    for row in tables.windows.iter().filter(own) {
        if windows.iter().flatten().all(|known| known.then.name != row.then.name) {
            windows.push(Some(row));
        }
    }
    windows
}

/// The sets of people that a price, an aid or a tier asks for.
fn priced_sets(tables: &Tables) -> Vec<(u64, Arc<str>)> {
    let prices = tables.prices.iter().flat_map(|row| [row.when, row.unless]);
    let aid = tables.aid.iter().flat_map(|row| [row.when, row.unless]);
    let tiers = tables.tiers.iter().flat_map(|row| [row.when, row.unless]);
    let asked = prices.chain(aid).chain(tiers).flat_map(|run| tables.tests(run));
    let asked = asked.fold(0, |bits, test| match *test {
        Test::Word { fact: Fact::Who, any } => bits | any,
        _ => bits,
    });
    let names = tables.names.who.iter().enumerate();
    let sets = names.map(|(at, name)| (1_u64 << at, name.clone()));
    sets.filter(|(bit, _)| asked & bit != 0).collect()
}

fn grid(tables: &Tables, window: Option<&table::Row<table::Window>>, title: String) -> Grid {
    let mut lines: Vec<Line> = Vec::new();
    let identities = tables.names.identity.iter().enumerate().map(|(at, name)| (1_u64 << at, name.clone()));
    let identities: Vec<(u64, Arc<str>)> = [(0, Arc::from(NONE))].into_iter().chain(identities).collect();
    let born = births::classes(tables, window);
    let classes = tables.names.class.iter().enumerate().filter(|(at, _)| born >> at & 1 == 1);
    for (class_at, class) in classes {
        for (identity, name) in &identities {
            let people = People { window, class: Some(1 << class_at), who: 0, identity: *identity };
            for (tier, paid) in pay(tables, people) {
                add(&mut lines, class, tier, name, paid);
            }
        }
    }
    // Sets of people are told only where they change what is paid.
    for (who, set) in priced_sets(tables) {
        for (identity, name) in &identities {
            let people = People { window, class: None, who, identity: *identity };
            let whichever = pay(tables, people).into_iter().filter(|(_, paid)| paid.due != VARIES);
            for (tier, paid) in whichever {
                let usual = lines.iter().filter(|line| line.identities.contains(name));
                if usual.clone().count() == 0 || usual.clone().any(|line| line.paid != paid) {
                    add(&mut lines, &set, tier, name, paid);
                }
            }
        }
    }
    shown(tables, &lines, title)
}

/// Whoever holds no identity.
const NONE: &str = "一般人员";

/// Adds a line, or an identity to the line of those who pay the same.
fn add(lines: &mut Vec<Line>, class: &str, tier: String, name: &Arc<str>, paid: Paid) {
    let same = |line: &&mut Line| line.class == class && line.tier == tier && line.paid == paid;
    match lines.iter_mut().find(same) {
        Some(line) => line.identities.push(name.clone()),
        None => lines.push(Line { class: class.to_owned(), tier, identities: vec![name.clone()], paid }),
    }
}

/// Said where the amount turns on more than the line tells.
const VARIES: &str = "因人而定";

/// What people pay, by the tier they choose; nothing where the window is not theirs.
fn pay(tables: &Tables, people: People<'_>) -> Vec<(String, Paid)> {
    let whoever = Facts { cover_year: Some(tables.year), ..Facts::default() };
    let year_before = CoverYear::new(tables.year.get() - 1);
    let insured = Facts { last_covered: year_before.map(LastCovered::In), ..whoever.clone() };
    let may = |facts: &Facts, by: &[Fact]| {
        let sheet = set(tables, facts, people);
        people.window.is_none_or(|window| theirs(&sheet, window, by))
    };
    if !may(&whoever, &[Fact::Identity, Fact::Class]) {
        return Vec::new();
    }
    // A window for those who come back or are new is for nobody who was insured the year before.
    let facts = if may(&insured, &HISTORY) { insured } else { whoever };
    let mut sheet = set(tables, &facts, people);
    let choice = tier::find(&mut sheet, &mut ()).tier.map(|tier| tier.value.choice).unwrap_or_default();
    let asked: Vec<Option<String>> = match choice.is_empty() {
        true => vec![None],
        false => choice.iter().map(|tier| Some(tier.to_string())).collect(),
    };
    asked
        .into_iter()
        .map(|tier_asked| {
            let facts = Facts { tier_asked, ..facts.clone() };
            let mut sheet = set(tables, &facts, people);
            let found = tier::find(&mut sheet, &mut ()).tier;
            let tier =
                found.and_then(|tier| tier.value.paid).map(|tier| tier.to_string()).unwrap_or_default();
            let mut out = Payment::default();
            let due = price::due(&sheet, &mut out, &mut ());
            (tier, paid(&out, due.amount))
        })
        .collect()
}

/// Whether one of the rows that share a window's name may be for the people, as far as these facts go.
fn theirs(sheet: &Sheet<'_>, window: &table::Row<table::Window>, by: &[Fact]) -> bool {
    let mut named = sheet.tables.windows.iter().filter(|row| row.then.name == window.then.name);
    named.any(|row| match sheet.verdict(row, &mut ()) {
        Verdict::Fails(fact) => !by.contains(&fact),
        Verdict::Excepted => false,
        Verdict::Holds | Verdict::Needs(_) => true,
    })
}

fn set<'a>(tables: &'a Tables, facts: &'a Facts, people: People<'_>) -> Sheet<'a> {
    let mut sheet = Sheet::new(tables, facts, Seen::Unknown(Fact::Paid), &mut ());
    sheet.identity = Mark::known(people.identity);
    sheet.who = Mark::known(people.who);
    if let Some(class) = people.class {
        sheet.class = Mark::known(class);
    }
    if let Some(window) = people.window {
        sheet.window = Mark::known(1 << window.then.name);
        sheet.late = Mark::known(1 << u32::from(window.then.late));
    }
    sheet
}

fn paid(out: &Payment, due: Option<Stated<Money>>) -> Paid {
    // An insurance collected along has a name of its own.
    let part = |line: &PricePart| {
        let name = line.name.as_deref().unwrap_or_else(|| word(words::PART, line.part.code()));
        name.to_owned()
    };
    let own = out.parts.iter().find(|line| line.part == Part::Personal);
    let besides =
        out.parts.iter().filter(|line| line.part != Part::Personal && line.bearer == Bearer::Person);
    let besides: Vec<_> = besides.map(|line| format!("{} {}", part(line), stated(line.amount))).collect();
    let aid = match (out.aid.is_empty(), out.aid_not_stated) {
        (false, _) => stated(AidLine::total(&out.aid)),
        (true, true) => stated(Stated::NotStated),
        (true, false) => String::new(),
    };
    // Of several payers each with what it pays.
    let payer = out.aid.iter().map(|aid| match aid.payer.as_ref() {
        Stated::Is(payer) if out.aid.len() > 1 => format!("{payer} {}", stated(aid.amount)),
        Stated::Is(payer) => payer.to_string(),
        _ => stated(Stated::NotStated),
    });
    let bears = out.parts.iter().filter_map(|line| match &line.bearer {
        Bearer::Payer(name) => Some(format!("{name}（{} {}）", part(line), stated(line.amount))),
        Bearer::Person => None,
    });
    let citations = out.citations();
    let clauses = citations.as_slice().iter().map(|citation| citation.clause.to_string()).collect();
    let mut open: Vec<String> = Vec::new();
    for point in citations.as_slice().iter().flat_map(|citation| &citation.open) {
        if !open.contains(point) {
            open.push(point.clone());
        }
    }
    Paid {
        standard: own.map(|line| stated(line.amount)).unwrap_or_default(),
        besides: besides.join("、"),
        aid,
        due: due.map_or_else(|| VARIES.to_owned(), stated),
        payers: payer.chain(bears).collect::<Vec<_>>().join("；"),
        sources: Sources { clauses, open },
    }
}

/// Yuan without needless decimals, or that it is not stated.
fn stated(amount: Stated<Money>) -> String {
    match amount {
        Stated::Is(money) => money.to_string().trim_end_matches(".00").to_owned(),
        unstated => word(words::UNDECIDED, &unstated.to_string()).to_owned(),
    }
}

/// The lines in columns, without those nobody fills.
fn shown(tables: &Tables, lines: &[Line], title: String) -> Grid {
    let all = tables.names.identity.len() + 1;
    let people = move |line: &Line| match line.identities.len() == all {
        true => "不论身份".to_owned(),
        false => line.identities.join("、"),
    };
    let class = |line: &Line| line.class.clone();
    type Cell<'a> = (&'a str, bool, Box<dyn Fn(&Line) -> String>);
    let columns: [Cell<'_>; 8] = [
        ("类别", false, Box::new(class)),
        ("身份", false, Box::new(people)),
        ("档次", false, Box::new(|line| line.tier.clone())),
        ("标准", true, Box::new(|line| line.paid.standard.clone())),
        ("另缴", true, Box::new(|line| line.paid.besides.clone())),
        ("资助", true, Box::new(|line| line.paid.aid.clone())),
        ("个人缴", true, Box::new(|line| line.paid.due.clone())),
        ("出资方", false, Box::new(|line| line.paid.payers.clone())),
    ];
    let one_class = tables.names.class.len() < 2
        && lines.iter().all(|line| Some(&*line.class) == tables.names.class.first().map(|class| &**class));
    let told = |(name, _, cell): &&Cell<'_>| {
        !(*name == "类别" && one_class) && lines.iter().any(|line| !cell(line).is_empty())
    };
    let told: Vec<&Cell<'_>> = columns.iter().filter(told).collect();
    let row = |line: &Line| Row {
        cells: told.iter().map(|(_, _, cell)| cell(line)).collect(),
        sources: line.paid.sources.clone(),
    };
    Grid {
        title,
        columns: told
            .iter()
            .map(|(title, amount, _)| Column { title: (*title).to_owned(), amount: *amount })
            .collect(),
        rows: lines.iter().map(row).collect(),
    }
}
