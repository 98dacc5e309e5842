//! A season in files, and how it is played: through the contracts, as the departments would, on the season's own dates.
//! At its end the departments are asked for the report, and the books are held against one another.

use std::path::{Path, PathBuf};

use canbao_host::{Address, Clock, DEPARTMENTS, Settings, StartError};
use canbao_proto::{google, wire::Malformed};
use canbao_types::Date;
use chrono::{FixedOffset, NaiveTime, TimeZone};

use crate::{Player, Suite};
use audit::Auditor;
use journal::{ChannelFiles, Journal};
use stage::Script;

mod audit;
pub mod files;
mod generate;
mod journal;
mod kinds;
mod lines;
mod messages;
mod pages;
mod payments;
mod people;
mod played;
mod report;
mod stage;
mod tables;
pub mod words;

pub use audit::{Audit, Equation};
pub use generate::generate;
pub use kinds::{Kind, Kinds};
pub use lines::{Broken, read_plan, write_lines, write_plan};
pub use played::{Act, Outcomes, Played, Why};
pub use report::{Report, Sum, Undecided};

/// The list of those who stand on a roster and are not insured, beside the databases.
const MISSING: &str = "missing.csv";

/// Plays the season of a folder in a fresh suite, and reports. The databases stay in `data`, which must be empty or not
/// there yet; without it nothing stays.
pub async fn play(folder: &Path, data: Option<&Path>) -> Result<Report, StartError> {
    let plan = read_plan(folder)?;
    let script = Script::open(folder, &plan)?;
    let temporary = tempfile::tempdir()?;
    let missing = data.map(|data| data.join(MISSING));
    let data = data.unwrap_or(temporary.path());
    lines::fresh(data)?;
    let clock = Clock::started_at(nine_o_clock(plan.begins)?);
    let suite = start(data, &clock).await?;
    let player = Player::connect(suite.addresses).await?;
    let report = report_of(folder, script, &plan, player, &clock, data, missing).await;
    suite.stop().await?;
    report
}

async fn report_of(
    folder: &Path,
    script: Script,
    plan: &files::Plan,
    player: Player,
    clock: &Clock,
    data: &Path,
    missing: Option<PathBuf>,
) -> Result<Report, StartError> {
    let journal = Journal::begin(data)?;
    let played = stage::play(script, plan, player.clone(), clock, journal).await?;
    let mut auditor = Auditor::new(plan, player, ChannelFiles { folder, data }).await?;
    report::gather(&mut auditor, played, missing).await
}

/// Holds the books of a season that was played in `data` against one another; nothing is played.
pub async fn check(folder: &Path, data: &Path) -> Result<Audit, StartError> {
    let plan = read_plan(folder)?;
    let unread = stage::unread(folder, &plan)?;
    let clock = Clock::started_at(nine_o_clock(plan.ends)?);
    let files = ChannelFiles { folder, data };
    // Before the departments make databases in a folder that has none.
    if !files.played() {
        return Err(format!("no season was played in {}", data.display()).into());
    }
    let suite = start(data, &clock).await?;
    let player = Player::connect(suite.addresses).await?;
    let audit = async { Auditor::new(&plan, player, files).await?.audit(unread).await }.await;
    suite.stop().await?;
    audit
}

/// Starts the four departments on any free ports.
async fn start(data: &Path, clock: &Clock) -> Result<Suite, StartError> {
    let settings = Settings {
        data: data.into(),
        clock: clock.clone(),
        addresses: DEPARTMENTS.map(|_| Address::loopback(0)),
        ..Settings::default()
    };
    Suite::start(&settings).await
}

/// The instant at which a day's work begins in Beijing.
fn nine_o_clock(day: Date) -> Result<chrono::DateTime<chrono::Utc>, StartError> {
    let beijing = FixedOffset::east_opt(8 * 3_600).and_then(|beijing| {
        let nine = NaiveTime::from_hms_opt(9, 0, 0)?;
        beijing.from_local_datetime(&day.and_time(nine)).single()
    });
    Ok(beijing.ok_or("a day without a morning")?.to_utc())
}

/// A day of the wire that must be there.
fn day_of(day: Option<google::Date>) -> Result<Date, StartError> {
    Ok(Malformed::default().date("day", day).ok_or("an answer without a day")?)
}
