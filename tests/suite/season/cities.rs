//! The committed seasons of the other notices. What becomes of each kind of people by its notice was worked out by hand and
//! stands beside it in the recipe; what a season comes to is added up from that, and its main sums are written here too.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use canbao::{play, season::Report};
use canbao_host::Settings;
use canbao_tests::program;
use canbao_types::{Date, Money, day_number};
use rusqlite::Connection;
use tempfile::TempDir;
use toml::{Table, Value};

use super::{differences, refused};

/// People in a season, as its files were made.
const PEOPLE: u64 = 600;

/// The committed seasons, each with the name of its notice.
const SEASONS: [(&str, &str); 3] =
    [("zhaoyuan-2025", "370685-2025"), ("weihai-2022", "371000-2022"), ("gaizhou-2025", "210881-2025")];

pub(super) static ZHAOYUAN: LazyLock<City> = LazyLock::new(|| City::played(SEASONS[0]));
pub(super) static WEIHAI: LazyLock<City> = LazyLock::new(|| City::played(SEASONS[1]));
pub(super) static GAIZHOU: LazyLock<City> = LazyLock::new(|| City::played(SEASONS[2]));

fn folder(season: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(season)
}

/// A committed season that was played, and its recipe.
pub(super) struct City {
    notice: &'static str,
    recipe: Table,
    pub(super) report: Report,
    /// What the departments keep of it.
    data: TempDir,
}

impl City {
    fn played((season, notice): (&str, &'static str)) -> Self {
        let recipe = format!("../services/suite/src/season/generate/{notice}.toml");
        let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join(recipe);
        let recipe = fs::read_to_string(recipe).unwrap().parse().unwrap();
        let folder = folder(season);
        let played = std::thread::spawn(move || {
            let data = tempfile::tempdir().unwrap();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let report = runtime.block_on(play(&folder, Some(data.path()), &Settings::default())).unwrap();
            (report, data)
        });
        let (report, data) = played.join().unwrap();
        Self { notice, recipe, report, data }
    }

    /// Each kind that comes to something, and how many of them there are.
    fn kinds(&self) -> Vec<(u64, &Table)> {
        let kinds = self.recipe["kind"].as_array().unwrap();
        let heads = |kind: &Value| {
            let of_10000 = kind.get("of_10000").map_or(0, |share| share.as_integer().unwrap());
            (PEOPLE * u64::try_from(of_10000).unwrap() / 10_000).max(1)
        };
        let others: u64 = kinds.iter().skip(1).map(heads).sum();
        let kinds = kinds.iter().enumerate().filter_map(|(at, kind)| {
            let heads = if at == 0 { PEOPLE - others } else { heads(kind) };
            Some((heads, kind.get("expected")?.as_table().unwrap()))
        });
        kinds.collect()
    }
}

/// What a season comes to.
#[derive(Debug, Default, PartialEq)]
struct Sums {
    insured: u64,
    /// What the insured paid.
    paid: i64,
    /// Of it, for missed years.
    repair: i64,
    /// What others pay, by payer: heads and how much.
    aided: BTreeMap<String, (u64, i64)>,
    /// Heads, by the months of the wait.
    waits: BTreeMap<i64, u64>,
    /// Acts, by the reason for which they were not done.
    refused: BTreeMap<String, u64>,
    /// What stands in suspense, by reason.
    suspense: BTreeMap<String, i64>,
}

fn fen(yuan: &str) -> i64 {
    yuan.parse::<Money>().unwrap().fen()
}

/// By the recipe: so many people of each kind, and what becomes of each of them.
fn expected(city: &City) -> Sums {
    let mut sums = Sums::default();
    for (heads, expected) in city.kinds() {
        let each = i64::try_from(heads).unwrap();
        let amount = |name: &str| expected.get(name).map(|yuan| fen(yuan.as_str().unwrap()) * each);
        sums.insured += if is_insured(expected) { heads } else { 0 };
        sums.paid += amount("paid").unwrap_or_default();
        sums.repair += amount("repair").unwrap_or_default();
        if let Some(aided) = amount("aided") {
            let sum = sums.aided.entry(expected["payer"].as_str().unwrap().to_owned()).or_default();
            *sum = (sum.0 + heads, sum.1 + aided);
        }
        if let Some(months) = expected.get("wait") {
            *sums.waits.entry(months.as_integer().unwrap()).or_default() += heads;
        }
        for reason in expected.get("refused").and_then(Value::as_array).into_iter().flatten() {
            *sums.refused.entry(reason.as_str().unwrap().to_owned()).or_default() += heads;
        }
        for (reason, yuan) in expected.get("suspense").and_then(Value::as_table).into_iter().flatten() {
            *sums.suspense.entry(reason.clone()).or_default() += fen(yuan.as_str().unwrap()) * each;
        }
    }
    sums
}

fn is_insured(expected: &Table) -> bool {
    expected.contains_key("paid") || expected.contains_key("aided")
}

/// By the report.
fn told(report: &Report) -> Sums {
    let money =
        |money: &Option<canbao_proto::common::Money>| money.as_ref().map_or(0, |money| fen(&money.yuan));
    let repair = report.books.accounts.iter().filter(|account| account.account == "contribution/repair");
    let mut sums = Sums {
        insured: report.standing.insured,
        paid: money(&report.books.paid_total),
        refused: refused(report),
        repair: -repair.map(|account| money(&account.balance)).sum::<i64>(),
        ..Sums::default()
    };
    for total in &report.payers.totals {
        sums.aided.insert(total.payer.clone(), (total.heads, money(&total.amount)));
    }
    for wait in &report.standing.waits {
        sums.waits.insert(wait.wait_months.into(), wait.residents);
    }
    for ((reason, _), ages) in &report.suspense {
        sums.suspense.insert(reason.clone(), ages.iter().map(|age| age.amount.fen()).sum());
    }
    sums
}

/// The season ends with books that agree and comes to what its kinds come to.
fn agrees(city: &City) -> Sums {
    let report = &city.report;
    assert_eq!(differences(report), [""; 0]);
    let said = report.to_string();
    assert!(said.contains("账目相符") && said.contains(&format!("《{}》", report.notice)), "{said}");
    let sums = told(report);
    assert_eq!(sums, expected(city), "{said}");
    assert_eq!(report.books.settled, sums.insured);
    begins(city);
    sums
}

/// On each day on which benefits begin by the recipe, they begin for so many.
fn begins(city: &City) {
    let first = day_number(Date::from_ymd_opt(city.report.plan.cover_year, 1, 1).unwrap());
    let mut expected: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    for (heads, kind) in city.kinds().into_iter().filter(|(_, kind)| is_insured(kind)) {
        let day = match kind.get("from").map(|from| from.as_str().unwrap()) {
            Some("varies") => continue,
            Some("none") => None,
            Some(day) => Some(day_number(day.parse().unwrap())),
            None if kind.contains_key("wait") => continue,
            None => Some(first),
        };
        *expected.entry(day).or_default() += heads;
    }
    let database = Connection::open(city.data.path().join("benefits.sqlite")).unwrap();
    let sql = "SELECT first_day, COUNT(*) FROM period GROUP BY first_day";
    let mut query = database.prepare(sql).unwrap();
    let found = query.query_map([], |row| Ok((row.get(0)?, u64::from(row.get::<_, u32>(1)?)))).unwrap();
    let found: BTreeMap<Option<i64>, u64> =
        found.map(Result::unwrap).filter(|(day, _)| expected.contains_key(day)).collect();
    assert_eq!(found, expected, "{}", city.notice);
}

fn tiers(city: &City) -> Vec<(&str, u64)> {
    city.report.tiers.iter().map(|(tier, residents)| (tier.as_str(), *residents)).collect()
}

fn by_payer(sums: &Sums) -> Vec<(&str, u64, i64)> {
    sums.aided.iter().map(|(payer, (heads, fen))| (payer.as_str(), *heads, fen / 100)).collect()
}

#[test]
fn the_season_of_zhaoyuan_comes_to_what_its_notice_says() {
    let sums = agrees(&ZHAOYUAN);
    assert_eq!((sums.insured, sums.paid / 100, sums.repair / 100), (561, 235_280, 3_560));
    assert_eq!(by_payer(&sums), [("各级政府", 26, 12_520), ("政府(退役军人事务局)", 4, 2_080)]);
    // 90 of the lower tier, 9 asked, 5 with a permit, 10 times one or two others; children and students have the upper one.
    assert_eq!(tiers(&ZHAOYUAN), [("一档", 115), ("二档", 446)]);
}

#[test]
fn the_season_of_weihai_comes_to_what_its_notice_says() {
    let sums = agrees(&WEIHAI);
    assert_eq!((sums.insured, sums.paid / 100, sums.repair / 100), (564, 302_800, 0));
    assert_eq!(by_payer(&sums), []);
    // Of whoever pays one price the notice says nothing, but for newborns.
    assert_eq!(tiers(&WEIHAI), [("", 82), ("一档", 158), ("二档", 324)]);
}

#[test]
fn the_season_of_gaizhou_comes_to_what_its_notice_says() {
    let sums = agrees(&GAIZHOU);
    assert_eq!((sums.insured, sums.paid / 100, sums.repair / 100), (570, 234_012, 5_785));
    assert_eq!(by_payer(&sums), [("医疗救助资金", 33, 12_443)]);
    assert_eq!(tiers(&GAIZHOU), [("", 570)]);
}

#[test]
fn the_committed_seasons_are_what_the_command_makes() {
    for (season, notice) in SEASONS {
        let made = tempfile::tempdir().unwrap();
        let mut command = Command::new(program("canbao"));
        command.args(["season", "--generate", &PEOPLE.to_string(), "--notice", notice]);
        let output = command.arg(made.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let files = |folder: &Path| {
            let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
            files.map(|file| (file.file_name(), fs::read(file.path()).unwrap())).collect::<BTreeMap<_, _>>()
        };
        let (made, committed) = (files(made.path()), files(&folder(season)));
        assert!(made.keys().eq(committed.keys()), "{season}");
        let other = made.iter().find(|(name, text)| committed[*name] != **text);
        assert!(other.is_none(), "{season}: {:?} is not what is committed", other.map(|(name, _)| name));
    }
}
