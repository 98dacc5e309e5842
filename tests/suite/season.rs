//! The main job: a season played through the four departments, a report, and books that agree, or name what differs.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use canbao::{
    check, play,
    season::{Act, Kind, Report},
};
use canbao_host::Settings;
use canbao_tests::program;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

#[path = "season/cities.rs"]
mod cities;
#[path = "season/fifth.rs"]
mod fifth;
#[path = "season/running.rs"]
mod running;
#[path = "season/worked.rs"]
mod worked;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/xiaoyi-2026"))
}

/// The committed season, played once for all tests, with what the departments keep of it.
static PLAYED: LazyLock<(Report, TempDir)> = LazyLock::new(|| {
    let played = std::thread::spawn(|| {
        let data = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let report = runtime.block_on(play(folder(), Some(data.path()), &Settings::default())).unwrap();
        (report, data)
    });
    played.join().unwrap()
});

/// How many acts were not done, by the reason alone: what it is about stands behind it.
fn refused(report: &Report) -> BTreeMap<String, u64> {
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    for ((_, reason), why) in &report.played.refusals {
        let reason = reason.split(' ').next().unwrap_or_default();
        *refused.entry(reason.to_owned()).or_default() += why.times;
    }
    refused
}

fn differences(report: &Report) -> Vec<&str> {
    report.audit.differences().collect()
}

#[test]
fn the_season_of_xiaoyi_ends_with_books_that_agree() {
    let (report, _) = &*PLAYED;
    assert_eq!(differences(report), [""; 0]);
    assert_eq!(report.audit.equations.len(), 4);
    assert!(report.played.outcomes(Act::Register).done > 0);
    assert!(report.to_string().contains("账目相符"));
}

#[test]
fn every_awkward_kind_comes_up_in_one_of_the_seasons() {
    let reports = [&PLAYED.0, &cities::ZHAOYUAN.report, &cities::WEIHAI.report, &cities::GAIZHOU.report];
    let times = |kind| reports.iter().map(|report| report.played.kinds.count(kind)).sum::<u64>();
    let missing: Vec<_> = Kind::ALL.iter().filter(|&&kind| times(kind) == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_report_says_what_a_bureau_asks_and_names_nobody() {
    let (report, data) = &*PLAYED;
    let said = report.to_string();
    for township in &report.plan.township {
        assert!(said.contains(&township.name), "{}", township.name);
    }
    for payer in &report.payers.totals {
        assert!(said.contains(&payer.payer), "{}", payer.payer);
    }
    assert!(said.lines().next().unwrap().contains(&format!("《{}》", report.notice)), "{said}");
    assert!(report.notice.contains("2026年度") && said.contains("注：已终止的登记不计入本表"));
    let list = data.path().join("missing.csv");
    assert!(said.contains(&list.display().to_string()));
    let listed = fs::read_to_string(list).unwrap();
    let missing: u64 =
        report.rosters.iter().filter(|roster| !roster.group).map(|roster| roster.missing).sum();
    assert!(missing > 0);
    assert_eq!(listed.lines().count() as u64, missing + 1, "a line each, under the headings");
    let people = fs::read_to_string(folder().join("residents.csv")).unwrap();
    let mut seen = 0;
    // A broken line may have neither.
    let columns = people.lines().skip(1).map(|person| person.split(',').collect::<Vec<_>>());
    for columns in columns.filter(|columns| !columns[3].is_empty()) {
        let (number, name) = (columns[3], columns[4]);
        assert!(!said.contains(number) && !listed.contains(number), "a number is told");
        assert!(!said.contains(name) && !listed.contains(name), "a name is told");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn the_books_of_a_played_season_still_agree_when_they_are_checked() {
    let checked = altered("collection", "SELECT 1");
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{said}{}", String::from_utf8_lossy(&checked.stderr));
    assert!(said.contains("账目相符"), "{said}");
}

#[test]
fn an_altered_payment_is_found_by_its_transaction() {
    let of_a_payment =
        "FROM payment WHERE suspense_reason = 0 ORDER BY channel, channel_transaction_id LIMIT 1";
    let transaction = asked("collection", &format!("SELECT channel_transaction_id {of_a_payment}"));
    let sql =
        format!("UPDATE payment SET amount_fen = amount_fen + 100 WHERE id = (SELECT id {of_a_payment})");
    found(&altered("collection", &sql), "channel files = collection", &transaction);
}

#[test]
fn an_altered_settlement_is_found_by_its_resident() {
    let of_somebody = "FROM settled WHERE payment IS NOT NULL ORDER BY resident DESC LIMIT 1";
    let resident = asked("collection", &format!("SELECT hex(resident) {of_somebody}"));
    for column in ["paid_fen", "standard_fen", "aided_fen"] {
        let sql = format!(
            "UPDATE settled SET {column} = {column} + 100 WHERE resident = (SELECT resident {of_somebody})"
        );
        found(&altered("collection", &sql), "settled = paid + aided + waived", &hyphenated(&resident));
    }
}

#[test]
fn what_one_resident_paid_is_missed_though_it_stands_with_another_and_the_sums_agree() {
    let of_two = "FROM settled WHERE payment IS NOT NULL ORDER BY resident LIMIT 2";
    let first = format!("(SELECT MIN(resident) FROM (SELECT resident {of_two}))");
    let sql = format!(
        "UPDATE settled SET paid_fen = paid_fen + CASE WHEN resident = {first} THEN 100 ELSE -100 END
         WHERE resident IN (SELECT resident {of_two})"
    );
    let resident = asked("collection", &format!("SELECT hex({first})"));
    let altered = altered_rows("collection", &sql, 2);
    found(&altered, "settled = paid + aided + waived", &hyphenated(&resident));
}

#[test]
fn a_benefit_period_that_is_gone_is_found_by_its_resident() {
    let of_somebody = "FROM period WHERE cover_year = 2026 ORDER BY resident LIMIT 1";
    let resident = asked("benefits", &format!("SELECT hex(resident) {of_somebody}"));
    let sql = format!("DELETE FROM period WHERE resident = (SELECT resident {of_somebody})");
    found(&altered("benefits", &sql), "insured heads = settled + newborns", &hyphenated(&resident));
}

#[test]
fn an_altered_grant_is_found_by_its_resident() {
    let of_somebody = "FROM granted WHERE part = 'personal' ORDER BY resident DESC LIMIT 1";
    let resident = asked("subsidy", &format!("SELECT hex(resident) {of_somebody}"));
    let sql = format!(
        "UPDATE granted SET amount_fen = amount_fen + 100 WHERE part = 'personal'
            AND resident = (SELECT resident {of_somebody})"
    );
    found(&altered("subsidy", &sql), "aid = finance's list", &hyphenated(&resident));
}

/// What is altered of one row: the department, the table and its key, the change (none: the row goes), which row, and the
/// words of the difference.
type Planted = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const GRANT: &str = "division, cover_year, resident, part, payer";
const POSTING: &str = "division, cover_year, entry, line";

#[rustfmt::skip]
const PLANTED: [Planted; 8] = [
    ("subsidy", "granted", GRANT, "SET payer = payer || '*'", "part = 'personal'", "of the personal part on finance's list"),
    ("subsidy", "granted", GRANT, "SET amount_fen = amount_fen + 100000", "part = 'government'", "of the government's part"),
    ("subsidy", "granted", GRANT, "", "part = 'government'", "of the government's part"),
    ("collection", "posting", POSTING, "SET account = 'refund/aid'", "account LIKE 'suspense/%'", "account refund/aid"),
    ("collection", "posting", POSTING, "SET account = 'contribution/personal'", "account = 'contribution/government'",
     "account contribution/government"),
    ("collection", "posting", POSTING, "SET account = 'prepaid/2028'", "account = 'prepaid/2029'", "account prepaid/2029"),
    ("collection", "refund", "division, cover_year, id", "SET paid_day = NULL", "paid_day IS NOT NULL", "account treasury"),
    ("registration", "entitled", "division, cover_year, resident", "SET last_day = last_day - 1", "last_day IS NOT NULL",
     "benefits from"),
];

#[test]
fn one_row_altered_anywhere_in_the_books_is_missed() {
    let not_found = PLANTED.iter().filter(|(department, table, key, change, which, words)| {
        let copy = copied();
        let database = Connection::open(copy.path().join(format!("{department}.sqlite"))).unwrap();
        let altered = if change.is_empty() {
            format!("DELETE FROM {table}")
        } else {
            format!("UPDATE {table} {change}")
        };
        let sql = format!("{altered} WHERE ({key}) = (SELECT {key} FROM {table} WHERE {which} LIMIT 1)");
        assert_eq!(database.execute(&sql, []).unwrap(), 1, "{sql}");
        database.close().unwrap();
        let checked = checked(&copy);
        let said = String::from_utf8(checked.stdout).unwrap();
        let mut differences = said.lines().filter(|line| line.contains("账目不符"));
        checked.status.success() || !differences.any(|line| line.contains(words))
    });
    let not_found: Vec<_> = not_found.collect();
    assert!(not_found.is_empty(), "{not_found:#?}");
}

/// The student pays four years, leaves, is given all back and comes back for one year; another pays through the
/// other channel whose name begins alike. Nobody is accused.
#[tokio::test]
async fn honest_books_agree_though_a_student_came_back_and_names_of_channels_begin_alike() {
    let residents = "day,by,roster,person,name,hukou,employee_scheme,enrolled_elsewhere,student,last_covered\n\
        2025-10-22,medical-insurance,,141199200611070012,乙一,141181,never,false,college,2025\n\
        2025-10-22,medical-insurance,,141199197506150227,甲二,141181,never,false,none,2025\n";
    let payments = "day,way,channel,transaction,person,amount,cash,item,years\n\
        2025-11-03,report,bank,C1,141199200611070012,1600.00,false,2026年,4\n\
        2025-11-03,report,bank-app,C3,141199197506150227,400.00,false,2026年,\n\
        2025-12-08,report,bank,C2,141199200611070012,400.00,false,2026年,\n";
    let refunds = "day,way,person,left_on\n2025-12-01,left-school,141199200611070012,2025-11-20\n";
    let folder =
        season(&[("residents.csv", residents), ("payments.csv", payments), ("refunds.csv", refunds)]);
    let report = play(folder.path(), None, &Settings::default()).await.unwrap();
    assert_eq!(differences(&report), [""; 0]);
    assert_eq!(report.books.settled, 2);
}

#[test]
fn an_altered_row_of_a_channel_accuses_that_row_alone_and_says_how_many_equations_fail() {
    let (copy, mut of_a_row) = (copied(), None);
    let journal = copy.path().join("channels.csv");
    let text = fs::read_to_string(&journal).unwrap();
    let altered = text.lines().map(|line| match line.replacen(",400.00,", ",401.00,", 1) {
        altered if altered != line && of_a_row.is_none() => {
            of_a_row = line.split(',').nth(1).map(str::to_owned);
            altered
        }
        _ => line.to_owned(),
    });
    let altered: Vec<_> = altered.collect();
    fs::write(&journal, altered.join("\n")).unwrap();
    let checked = checked(&copy);
    found(&checked, "channel files = collection", &of_a_row.unwrap());
    let said = String::from_utf8_lossy(&checked.stdout);
    // Nobody whose money was given back is accused beside it.
    assert!(!said.contains("is not settled"), "{said}");
    assert!(String::from_utf8_lossy(&checked.stderr).contains("1 of 4 equations fail"));
}

/// What a query finds in a department's database after the season.
fn asked(department: &str, sql: &str) -> String {
    let database = PLAYED.1.path().join(format!("{department}.sqlite"));
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Alters a copy of what the departments keep of the season, and has the command check it.
fn altered(department: &str, sql: &str) -> Output {
    altered_rows(department, sql, 1)
}

/// The same of so many rows at most.
fn altered_rows(department: &str, sql: &str, most: u64) -> Output {
    let copy = copied();
    let database = Connection::open(copy.path().join(format!("{department}.sqlite"))).unwrap();
    database.execute_batch(sql).unwrap();
    assert!(database.changes() <= most, "{} rows are altered", database.changes());
    database.close().unwrap();
    checked(&copy)
}

/// A copy of what is kept of the season.
fn copied() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(PLAYED.1.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// What the command says of it.
fn checked(copy: &TempDir) -> Output {
    let mut command = Command::new(program("canbao"));
    command.arg("season").arg(folder()).arg("--data").arg(copy.path()).arg("--check").output().unwrap()
}

/// The check failed, in that equation, and named the row.
fn found(checked: &Output, equation: &str, row: &str) {
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(!checked.status.success(), "{said}");
    let wrong: Vec<_> = said.lines().filter(|line| line.contains("账目不符")).collect();
    assert!(wrong.iter().any(|line| line.contains(row)), "{row} in {wrong:?}");
    assert!(said.contains(equation), "{equation} in {said}");
}

/// A resident's id as the departments show it.
fn hyphenated(hex: &str) -> String {
    let hex = hex.to_lowercase();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// A season of a few lines, in a folder of its own.
fn season(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plan = "division = \"141181\"\ncover_year = 2026\nbegins = \"2025-10-21\"\nends = \"2025-12-31\"\n";
    fs::write(folder.path().join("season.toml"), plan).unwrap();
    for (file, text) in files {
        fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

const RESIDENTS: &str = "day,by,roster,person,name,hukou,employee_scheme,enrolled_elsewhere,student,last_covered\n\
    2025-10-22,medical-insurance,,141199198001010119,甲一,141181,never,false,none,2025\n\
    2025-10-22,medical-insurance,甲村,141199197506150227,甲二,141181,never,false,none,2025\n";

#[tokio::test]
async fn a_broken_line_is_reported_with_its_file_and_line_and_the_rest_is_played() {
    let payments = "day,way,channel,transaction,person,amount,cash\n\
        2025-11-03,pay,wechat,A1,141199198001010119,400.00,false\n\
        2025-11-03,report,wechat,A2,141199197506150227,four hundred,false\n\
        2025-11-04,report,wechat,A3,141199197506150227,400.00,false\n";
    let folder = season(&[("residents.csv", RESIDENTS), ("payments.csv", payments)]);
    let data = tempfile::tempdir().unwrap();
    let report = play(folder.path(), Some(data.path()), &Settings::default()).await.unwrap();
    assert_eq!(differences(&report), [""; 0]);
    assert_eq!(report.books.settled, 2, "the lines around it were played");
    assert_eq!(report.played.kinds.count(Kind::BrokenLine), 1);
    let said = report.to_string();
    assert!(said.contains("payments.csv:3: ") && said.contains("账目相符，但有 1 行无法读取"), "{said}");
    let audit = check(folder.path(), data.path(), &Settings::default()).await.unwrap();
    assert!(audit.to_string().contains("账目相符，但有 1 行无法读取"), "{audit}");
}

#[tokio::test]
async fn a_roster_that_is_refused_whole_counts_each_of_its_people() {
    let rosters = "day,by,identity,person,name,recognised\n\
        2025-11-03,disabled-federation,特困人员,141199198001010119,甲一,2025-11-01\n\
        2025-11-03,disabled-federation,特困人员,141199197506150227,甲二,2025-11-01\n";
    let folder = season(&[("residents.csv", RESIDENTS), ("rosters.csv", rosters)]);
    let report = play(folder.path(), None, &Settings::default()).await.unwrap();
    let refused: u64 = report
        .played
        .refusals
        .iter()
        .filter(|((act, _), _)| *act == Act::Roster)
        .map(|(_, why)| why.times)
        .sum();
    assert_eq!((report.played.outcomes(Act::Roster).refused, refused), (2, 2), "{report}");
}

#[tokio::test]
async fn wrong_headings_stop_a_season_before_it_is_played_and_a_file_that_is_not_there_is_named() {
    let payments = "day,way,channel,number,person,amount,cash\n\
        2025-11-03,pay,wechat,A1,141199198001010119,400.00,false\n";
    let folder = season(&[("residents.csv", RESIDENTS), ("payments.csv", payments)]);
    let data = tempfile::tempdir().unwrap();
    let wrong = play(folder.path(), Some(data.path()), &Settings::default()).await.unwrap_err().to_string();
    assert!(wrong.contains("payments.csv") && wrong.contains("`number`"), "{wrong}");
    assert!(fs::read_dir(data.path()).unwrap().next().is_none(), "nothing was begun");
    fs::remove_file(folder.path().join("payments.csv")).unwrap();
    let report = play(folder.path(), Some(data.path()), &Settings::default()).await.unwrap();
    let absent = report.to_string().lines().find(|line| line.starts_with("未提供的文件")).unwrap().to_owned();
    assert!(absent.contains(" payments.csv") && !absent.contains("residents.csv"), "{absent}");
}

#[tokio::test]
async fn a_season_is_played_in_a_fresh_folder_and_checked_in_one_that_was_played() {
    let folder = season(&[("residents.csv", RESIDENTS)]);
    let data = tempfile::tempdir().unwrap();
    let nothing = check(folder.path(), data.path(), &Settings::default()).await.unwrap_err().to_string();
    assert_eq!(nothing, format!("no season was played in {}", data.path().display()));
    assert!(fs::read_dir(data.path()).unwrap().next().is_none(), "no databases were made");
    fs::write(data.path().join("something"), "").unwrap();
    let full = play(folder.path(), Some(data.path()), &Settings::default()).await.unwrap_err().to_string();
    assert!(full.contains("is not empty"), "{full}");
}

#[test]
fn the_command_prints_the_report_and_says_which_season_is_not_there() {
    let folder = season(&[("residents.csv", RESIDENTS)]);
    let output = Command::new(program("canbao")).arg("season").arg(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("参保登记") && said.contains("账目相符"), "{said}");
    let list = said.lines().find_map(|line| line.split_once("listed): ")).unwrap().1;
    assert!(list.contains("--data"), "nothing is left behind, and how to get the list is said: {list}");
    let output = Command::new(program("canbao")).args(["season", "nowhere"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("nowhere/season.toml"));
}

#[test]
fn a_reader_that_wants_no_more_of_the_report_is_no_failure() {
    let folder = season(&[("residents.csv", RESIDENTS)]);
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(program("canbao"));
    command.arg("season").arg(folder.path()).arg("--data").arg(data.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn money_for_a_number_that_cannot_be_read_stands_in_suspense_and_spoils_no_neighbour() {
    let payments = "day,way,channel,transaction,person,amount,cash\n\
        2025-11-03,report,wechat,B1,141199198001010119,400.00,false\n\
        2025-11-03,report,wechat,B2,141199197506150220,400.00,false\n\
        2025-11-03,report,wechat,B3,141199197506150227,400.00,false\n";
    let folder = season(&[("residents.csv", RESIDENTS), ("payments.csv", payments)]);
    let data = tempfile::tempdir().unwrap();
    let report = play(folder.path(), Some(data.path()), &Settings::default()).await.unwrap();
    assert_eq!(report.books.settled, 2);
    assert_eq!(report.played.refused_for(Act::Report, "MALFORMED"), 0);
    assert_eq!(differences(&report), [""; 0], "the money stands in suspense");
}
