//! A season while it is played: day by day, and on each day file by file.

use std::{collections::BTreeMap, path::Path};

use canbao_host::{Clock, StartError};
use canbao_proto::collection::{SetTasksRequest, TownshipTask};
use canbao_types::Date;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tonic::Status;

use super::{
    files::*,
    journal::Journal,
    lines::{Broken, Lines},
    messages::request_id,
    nine_o_clock,
    played::Played,
    words::{Caller, Way},
};
use crate::Player;

/// Items of a batch, as many as the contracts take.
pub(super) const BATCH: usize = 1_000;

/// Requests under way at once, of people who have nothing to do with one another.
const AT_ONCE: usize = 32;

/// What the acts of a season work on.
pub(super) struct Stage<'a> {
    pub plan: &'a Plan,
    pub player: Player,
    pub played: Played,
    pub journal: Journal,
    /// The rosters submitted, by submitter, identity and day: what is confirmed names them so.
    pub rosters: BTreeMap<(Caller, String, Date), Vec<String>>,
}

/// The files of a season while they are read.
pub(super) struct Script {
    cover: Lines<CoverLine>,
    residents: Lines<ResidentLine>,
    documents: Lines<DocumentLine>,
    moves: Lines<MoveLine>,
    rosters: Lines<RosterLine>,
    confirmations: Lines<ConfirmationLine>,
    decisions: Lines<DecisionLine>,
    assessments: Lines<AssessmentLine>,
    declarations: Lines<DeclarationLine>,
    payments: Lines<PaymentLine>,
    refunds: Lines<RefundLine>,
    ends: Lines<EndLine>,
}

/// Does the same with each file.
macro_rules! each_file {
    ($script:expr, |$lines:ident| $body:expr) => {{
        let script = $script;
        each_file! { @ script $lines $body, cover residents documents moves rosters confirmations decisions
            assessments declarations payments refunds ends }
    }};
    (@ $script:ident $lines:ident $body:expr, $($file:ident)*) => {
        [$({
            let $lines = &mut $script.$file;
            $body
        },)*]
    };
}

impl Script {
    /// Opens the files of a folder; wrong headings are an error.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, StartError> {
        Ok(Self {
            cover: Lines::open(folder, plan)?,
            residents: Lines::open(folder, plan)?,
            documents: Lines::open(folder, plan)?,
            moves: Lines::open(folder, plan)?,
            rosters: Lines::open(folder, plan)?,
            confirmations: Lines::open(folder, plan)?,
            decisions: Lines::open(folder, plan)?,
            assessments: Lines::open(folder, plan)?,
            declarations: Lines::open(folder, plan)?,
            payments: Lines::open(folder, plan)?,
            refunds: Lines::open(folder, plan)?,
            ends: Lines::open(folder, plan)?,
        })
    }

    /// The next day on which something is done.
    fn day(&mut self) -> Option<Date> {
        each_file!(self, |lines| lines.day()).into_iter().flatten().min()
    }

    /// Bytes read so far, and in all.
    fn bytes(&mut self) -> (u64, u64) {
        let bytes = each_file!(self, |lines| lines.bytes());
        bytes.into_iter().fold((0, 0), |(read, all), file| (read + file.0, all + file.1))
    }

    /// The files that are not there.
    fn absent(&mut self) -> Vec<&'static str> {
        each_file!(self, |lines| lines.absent()).into_iter().flatten().collect()
    }

    /// The lines that could not be read since this was asked last.
    fn take_broken(&mut self) -> Vec<Broken> {
        each_file!(self, |lines| std::mem::take(&mut lines.broken)).into_iter().flatten().collect()
    }
}

/// How many lines of a folder's files cannot be read.
pub(super) fn unread(folder: &Path, plan: &Plan) -> Result<u64, StartError> {
    let mut script = Script::open(folder, plan)?;
    each_file!(&mut script, |lines| lines.skip()).into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(script.take_broken().len() as u64)
}

/// Plays the files of a folder.
pub(super) async fn play(
    mut script: Script,
    plan: &Plan,
    player: Player,
    clock: &Clock,
    journal: Journal,
) -> Result<Played, StartError> {
    let progress = ProgressBar::new(script.bytes().1);
    progress.set_style(ProgressStyle::with_template("{msg} {wide_bar} {percent}%")?);
    let played = Played { absent: script.absent(), ..Played::default() };
    let rosters = BTreeMap::new();
    let mut stage = Stage { plan, player, played, journal, rosters };
    stage.set_tasks().await?;
    while let Some(day) = script.day() {
        clock.advance_to(nine_o_clock(day)?);
        progress.set_message(day.to_string());
        stage.play_day(&mut script, day, &progress).await?;
    }
    clock.advance_to(nine_o_clock(plan.ends)?);
    stage.played.broken(script.take_broken());
    stage.catch_up().await?;
    progress.finish_and_clear();
    stage.journal.close()?;
    Ok(stage.played)
}

impl Stage<'_> {
    async fn play_day(
        &mut self,
        script: &mut Script,
        day: Date,
        progress: &ProgressBar,
    ) -> Result<(), StartError> {
        /// Plays the lines of a day in one file, batch by batch; `heard`: once everybody has heard of what was before.
        macro_rules! file {
            ($lines:ident $act:ident $heard:expr, $goes_with:expr) => {
                if $heard && script.$lines.day() == Some(day) {
                    self.catch_up().await?;
                }
                while script.$lines.day() == Some(day) {
                    let batch = script.$lines.batch(day, $goes_with)?;
                    self.$act(batch).await?;
                    progress.set_position(script.bytes().0);
                }
            };
        }
        file!(cover record_cover true, |batch, _| batch.len() < BATCH);
        file!(residents register true, goes_with);
        file!(documents change_document true, |_, _| false);
        file!(moves move_here false, |_, _| false);
        file!(rosters submit_roster true, |batch, next| {
            batch.len() < BATCH && (batch[0].by, &batch[0].identity) == (next.by, &next.identity)
        });
        file!(confirmations confirm false, |_, _| false);
        file!(decisions decide true, |_, _| false);
        file!(assessments assess true, |_, _| false);
        file!(declarations declare true, |batch, next| {
            batch.len() < BATCH && (batch[0].by, &batch[0].tier) == (next.by, &next.tier)
        });
        file!(payments take_payments true, is_told_with);
        file!(refunds refund true, |_, _| false);
        file!(ends end true, |_, _| false);
        self.played.broken(script.take_broken());
        Ok(())
    }

    /// Waits until all departments have heard of everything.
    pub async fn catch_up(&mut self) -> Result<(), StartError> {
        Ok(self.player.catch_up(&self.plan.division, self.plan.cover_year).await?)
    }

    async fn set_tasks(&mut self) -> Result<(), StartError> {
        let task = |town: &Township| TownshipTask { township: town.code.clone(), task_heads: town.task };
        let tasks: Vec<_> = self.plan.township.iter().map(task).collect();
        if !tasks.is_empty() {
            let (division, cover_year) = (self.plan.division.clone(), self.plan.cover_year);
            let (request_id, after) = (request_id(), Vec::new());
            let message = SetTasksRequest { request_id, after, division, cover_year, tasks };
            self.player.set_tasks(message).await?;
        }
        Ok(())
    }

    /// Sends requests at once, each by a player of its own, and gives the answers in the order of the lines.
    pub async fn at_once<L, A, F>(
        &mut self,
        lines: Vec<L>,
        ask: impl Fn(Player, &L) -> F,
    ) -> Result<Vec<(L, Result<A, Status>)>, StartError>
    where
        A: Send + 'static,
        F: Future<Output = (Player, Result<A, Status>)> + Send + 'static,
    {
        let mut asked = JoinSet::new();
        for (place, line) in lines.iter().enumerate() {
            let answer = ask(self.player.clone(), line);
            asked.spawn(async move { (place, answer.await) });
        }
        let mut answers = BTreeMap::new();
        while let Some(answer) = asked.join_next().await {
            let (place, (player, answer)) = answer?;
            self.player.hear(&player.told());
            answers.insert(place, answer);
        }
        Ok(lines.into_iter().zip(answers.into_values()).collect())
    }
}

/// People of one roster, in a batch; or people who come one by one, some of them at once.
fn goes_with(batch: &[ResidentLine], next: &ResidentLine) -> bool {
    let apart = |line: &ResidentLine| line.person != next.person;
    (batch[0].by, &batch[0].roster) == (next.by, &next.roster)
        && match next.roster {
            Some(_) => batch.len() < BATCH,
            None => batch.len() < AT_ONCE && batch.iter().all(apart),
        }
}

/// Lines of one statement, in a batch; or payments that are asked for, some of them at once.
fn is_told_with(batch: &[PaymentLine], next: &PaymentLine) -> bool {
    let apart = |line: &PaymentLine| {
        line.person != next.person && (&line.channel, &line.transaction) != (&next.channel, &next.transaction)
    };
    batch[0].way == next.way
        && match next.way {
            Way::Report => batch.len() < BATCH && batch[0].channel == next.channel,
            Way::Pay => batch.len() < AT_ONCE && batch.iter().all(apart),
        }
}
