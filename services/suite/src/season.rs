//! A season in files, and how it is played: through the contracts, as the departments would, on the season's own dates.
//! At its end the departments are asked for the report, and the books are held against one another.

use std::path::{Path, PathBuf};

use canbao_host::{Address, Clock, DEPARTMENTS, Settings, StartError, notice_files};
use canbao_policy::{Notice, Notices};
use canbao_proto::{google, wire::Malformed};
use canbao_types::{CoverYear, Date};
use chrono::{FixedOffset, NaiveTime, TimeZone};
use tempfile::TempDir;

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

/// Plays the season of a folder in a fresh suite, and reports. Its databases are in `data`, which must be empty or not there
/// yet; without it nothing stays. Of the settings count the notices beside those compiled in, and a database server. Where
/// the databases are on one, nothing may have been played in them yet, and `data` holds their passwords and keys, as
/// `canbao databases` puts them there.
pub async fn play(folder: &Path, data: Option<&Path>, settings: &Settings) -> Result<Report, StartError> {
    let fresh = match (&settings.database, data) {
        (Some(_), None) => {
            return Err("with --database a season needs --data, as `canbao databases` filled it".into());
        }
        (Some(_), Some(_)) => lines::fresh_but_for_secrets,
        (None, _) => lines::fresh,
    };
    Opened::new(folder, data, settings, fresh)?.play_here(settings).await
}

/// Plays the season of a folder through departments that run already, and reports. Their clock must stand at the end of
/// the season or after it, and they must know nobody of it yet. `data` is for what the channels
/// hold, and for the lists of the report.
///
/// The books end as in a suite of the season's own, whose clock walks along. Their clock decides one thing on the way: a
/// date that lies in the future. At the end none does, so money that was reported before its day is posted at once, and
/// does not wait for its day; and how long money has been in suspense is told from the day on which it was really reported.
pub async fn play_running(
    folder: &Path,
    data: Option<&Path>,
    player: Player,
    settings: &Settings,
) -> Result<Report, StartError> {
    // Nobody here sets the clock of departments that run elsewhere.
    Opened::new(folder, data, settings, lines::fresh)?.play(player, &Clock::system()).await
}

/// A season that is about to be played.
struct Opened<'a> {
    folder: &'a Path,
    plan: files::Plan,
    notice: Notice,
    script: Script,
    data: PathBuf,
    missing: Option<PathBuf>,
    /// Holds what nobody wants to keep.
    _temporary: Option<TempDir>,
}

impl<'a> Opened<'a> {
    fn new(
        folder: &'a Path,
        data: Option<&Path>,
        settings: &Settings,
        fresh: fn(&Path) -> Result<(), StartError>,
    ) -> Result<Self, StartError> {
        let plan = read_plan(folder)?;
        let notice = governing(&plan, settings)?;
        let script = Script::open(folder, &plan)?;
        let temporary = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let missing = data.map(|data| data.join(MISSING));
        let data = data.or(temporary.as_ref().map(TempDir::path)).ok_or("a folder is needed")?.to_owned();
        fresh(&data)?;
        Ok(Self { folder, plan, notice, script, data, missing, _temporary: temporary })
    }

    /// In a suite of its own.
    async fn play_here(self, settings: &Settings) -> Result<Report, StartError> {
        let clock = Clock::started_at(nine_o_clock(self.plan.begins)?);
        let suite = start(&self.data, &clock, settings).await?;
        let report = async {
            let mut player = Player::connect(suite.addresses).await?;
            player.catch_up(&self.plan.division, self.plan.cover_year).await?;
            if player.told().iter().any(|told| told.position > 0) {
                return Err("the departments know somebody already; a season needs fresh databases".into());
            }
            self.play(player, &clock).await
        };
        let report = report.await;
        suite.stop().await?;
        report
    }

    async fn play(self, player: Player, clock: &Clock) -> Result<Report, StartError> {
        let Self { folder, plan, notice, script, data, missing, _temporary } = self;
        let journal = Journal::begin(&data)?;
        let played = stage::play(script, &plan, player.clone(), clock, journal).await?;
        let mut auditor = Auditor::new(&plan, player, ChannelFiles { folder, data: &data }).await?;
        report::gather(&mut auditor, &notice, played, missing).await
    }
}

/// Holds the books of a season that was played in `data` against one another; nothing is played. The settings count as they
/// do for playing.
pub async fn check(folder: &Path, data: &Path, settings: &Settings) -> Result<Audit, StartError> {
    let plan = read_plan(folder)?;
    let clock = Clock::started_at(nine_o_clock(plan.ends)?);
    // Before the departments make databases in a folder that has none.
    journal_in(folder, data)?;
    let suite = start(data, &clock, settings).await?;
    let player = Player::connect(suite.addresses).await?;
    let audit = audited(folder, &plan, data, player).await;
    suite.stop().await?;
    audit
}

/// Holds the books of a season against one another that was played through departments that run already; the channels'
/// own files are in `data`.
pub async fn check_running(folder: &Path, data: &Path, player: Player) -> Result<Audit, StartError> {
    journal_in(folder, data)?;
    audited(folder, &read_plan(folder)?, data, player).await
}

fn journal_in(folder: &Path, data: &Path) -> Result<(), StartError> {
    match (ChannelFiles { folder, data }).played() {
        true => Ok(()),
        false => Err(format!("no season was played in {}", data.display()).into()),
    }
}

async fn audited(
    folder: &Path,
    plan: &files::Plan,
    data: &Path,
    player: Player,
) -> Result<Audit, StartError> {
    let unread = stage::unread(folder, plan)?;
    Auditor::new(plan, player, ChannelFiles { folder, data }).await?.audit(unread).await
}

/// Starts the four departments on any free ports, with the databases where the settings say.
async fn start(data: &Path, clock: &Clock, settings: &Settings) -> Result<Suite, StartError> {
    let settings = Settings {
        data: data.into(),
        notices: settings.notices.clone(),
        database: settings.database.clone(),
        database_authority: settings.database_authority.clone(),
        clock: clock.clone(),
        addresses: DEPARTMENTS.map(|_| Address::loopback(0)),
        ..Settings::default()
    };
    Suite::start(&settings).await
}

/// The notice that governs a season.
fn governing(plan: &files::Plan, settings: &Settings) -> Result<Notice, StartError> {
    let notices = Notices::builtin()?.with(&notice_files(settings.notices.as_deref())?)?;
    let year = u16::try_from(plan.cover_year).ok().and_then(CoverYear::new);
    let notice = year.and_then(|year| Some(notices.find(plan.division.parse().ok()?, year)?.clone()));
    notice.ok_or_else(|| {
        let (division, year) = (&plan.division, plan.cover_year);
        format!("no notice governs {division} in {year}; give the folder of its file with --notices").into()
    })
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
