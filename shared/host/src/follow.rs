//! Following another department's log: every event once, in order, applied together with the cursor.

use std::{error::Error, sync::Arc, time::Duration};

use canbao_proto::{
    exchange::{Event, ReadLogRequest, ReadLogResponse, event_log_service_client::EventLogServiceClient},
    wire::Malformed,
};
use canbao_store::{StoreError, Unit, View};
use prost::Message;
use tokio::sync::watch;
use tonic::{Code, Request, Status, metadata::MetadataValue, transport::Channel};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    Address, Department, Failure,
    caller::HEADER,
    exchange::shown_key,
    line,
    metrics::Following,
    place::until_writer,
    trace::{carry_trace, continued},
};

/// Events read at once.
const PAGE: u32 = 1_000;
/// How long one read waits at the other end.
const WAIT: Duration = Duration::from_secs(2);
/// After a failure: first so long, then twice that, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What an event does to this department's rows: records the fact and recomputes from the facts that are there. It may
/// be run more than once, and it never refuses.
pub type Reaction = Box<dyn Fn(&mut Unit) -> Result<(), Failure> + Send>;

/// An event that cannot be read, and why.
#[derive(Debug)]
pub struct Unreadable(pub String);

impl From<prost::DecodeError> for Unreadable {
    fn from(error: prost::DecodeError) -> Self {
        Self(error.to_string())
    }
}

impl From<Malformed> for Unreadable {
    fn from(wrong: Malformed) -> Self {
        Self(wrong.status().message().to_owned())
    }
}

/// Reads an event into what it does here.
type React = dyn Fn(&Event) -> Result<Reaction, Unreadable> + Send + Sync;

/// A log to follow.
#[derive(Clone)]
pub struct Follow {
    log: &'static str,
    react: Arc<React>,
}

/// Where it shows whether a log is followed.
struct Shown {
    health: HealthReporter,
    /// What health calls it.
    part: String,
    measures: Following,
}

impl Shown {
    async fn serving(&self, serving: bool) {
        self.measures.serving(serving);
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.health.set_service_status(&self.part, status).await;
    }
}

/// Why following pauses or stops.
enum Interruption {
    /// The other end is away, or this store is busy: try again.
    Pause(String),
    /// Something is wrong that will hardly pass by itself: try again all the same, and say so.
    Broken(String),
    /// An event cannot be read: stop here, neither skip nor advance.
    Stop(String),
}

impl Follow {
    /// Follows the log of the department named; `react` reads an event into what it does here.
    pub fn new(
        log: &'static str,
        react: impl Fn(&Event) -> Result<Reaction, Unreadable> + Send + Sync + 'static,
    ) -> Self {
        Self { log, react: Arc::new(react) }
    }

    /// The department whose log it is.
    pub fn log(&self) -> &'static str {
        self.log
    }

    /// Follows until told to stop. What goes wrong shows in the health of `canbao.follow.LOG`.
    pub(crate) async fn run(
        self,
        department: Department,
        address: Address,
        health: HealthReporter,
        mut stop: watch::Receiver<bool>,
    ) {
        let measures = department.installation.metrics.department(department.name).following(self.log);
        let shown = Shown { health, part: format!("canbao.follow.{}", self.log), measures };
        shown.serving(false).await;
        let mut pause = FIRST_PAUSE;
        let mut client = None;
        let mut told = String::new();
        loop {
            // Whoever stands by is told by the one that writes.
            let writes = async {
                if !department.store.is_writer() {
                    shown.serving(false).await;
                }
                until_writer(&department.store).await
            };
            tokio::select! {
                writes = writes => if writes.is_err() { return },
                _ = stop.wait_for(|&stop| stop) => return,
            }
            let step = tokio::select! {
                step = self.step(&department, &address, &mut client, &shown.measures) => step,
                _ = stop.wait_for(|&stop| stop) => return,
            };
            match step {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    if !std::mem::take(&mut told).is_empty() {
                        tracing::info!(%address, "follows {} again", self.log);
                    }
                    shown.serving(true).await;
                    continue;
                }
                Err(Interruption::Stop(why)) => {
                    shown.serving(false).await;
                    shown.measures.stopped(true);
                    tracing::error!(log = self.log, why, "stopped at an event that cannot be read");
                    return;
                }
                Err(Interruption::Pause(why)) => {
                    shown.serving(false).await;
                    if pause < LONGEST_PAUSE {
                        tracing::debug!(log = self.log, why, "pausing");
                    } else if told != why {
                        tracing::warn!(%address, "cannot follow {} for some time now: {why}", self.log);
                        told = why;
                    }
                }
                Err(Interruption::Broken(why)) => {
                    shown.serving(false).await;
                    if told != why {
                        tracing::error!(%address, "cannot follow {}: {why}", self.log);
                        told = why;
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.wait_for(|&stop| stop) => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads one page and applies it, with the cursor, in one unit of work.
    async fn step(
        &self,
        department: &Department,
        address: &Address,
        client: &mut Option<Client>,
        measures: &Following,
    ) -> Result<(), Interruption> {
        let log = self.log;
        let stored = department.store.read(move |view| place(view, log)).await;
        let place = stored.map_err(|error| match error {
            StoreError::Standby | StoreError::Aborted => Interruption::Pause(error.to_string()),
            _ => Interruption::Broken(error.to_string()),
        })?;
        let cursor = place.after;
        let page = self.read_page(department, address, client, place).await;
        let page = page.map_err(|status| interrupted(&status))?;
        let ReadLogResponse { events, next, head, next_recorded_at, suite_key } = page;
        // Whoever has another key speaks of people nobody here knows, and nothing of it would ever fit.
        if suite_key.is_some_and(|theirs| theirs != shown_key(department)) {
            return Err(Interruption::Broken("it has another suite.key".to_owned()));
        }
        tracing::debug!(log, cursor, lag = head.saturating_sub(cursor), "read a page");
        measures.page(cursor, head);
        // Every event is read before the first is applied; what stands before an unreadable one is still applied.
        let mut reactions = Vec::new();
        let mut reach = next;
        let mut unreadable = None;
        for event in &events {
            match (self.react)(event) {
                Ok(reaction) => reactions.push(Heard::new(department.name, log, event, reaction)),
                Err(Unreadable(why)) => {
                    reach = event.position.saturating_sub(1);
                    unreadable = Some(format!("{} at {}: {why}", event.kind, event.position));
                    break;
                }
            }
        }
        if reach > cursor {
            let read =
                ReadLogRequest { after: next, after_recorded_at: next_recorded_at, ..Default::default() };
            let apply = move |unit: &mut Unit| {
                reactions.iter().try_for_each(|heard| heard.react(unit))?;
                unit.set_mark(&mark(log), &read.encode_to_vec())?;
                Ok::<_, Failure>(unit.advance(log, cursor, reach)?)
            };
            let applied = department.store.write(events.len().max(1), apply).await;
            applied.map_err(|failure| match failure {
                Failure::Store(
                    StoreError::Full
                    | StoreError::Closed
                    | StoreError::Standby
                    | StoreError::Aborted
                    | StoreError::Unknown,
                ) => Interruption::Pause(failure.to_string()),
                _ => Interruption::Broken(failure.to_string()),
            })?;
            measures.page(reach, head);
        }
        unreadable.map_or(Ok(()), |why| Err(Interruption::Stop(why)))
    }

    /// Reads the page after the cursor. A line that was made with certificates which do not hold any more is dropped.
    async fn read_page(
        &self,
        department: &Department,
        address: &Address,
        client: &mut Option<Client>,
        place: ReadLogRequest,
    ) -> Result<ReadLogResponse, Status> {
        let certificates = department.certificates.as_ref();
        let generation = certificates.map_or(0, |certificates| certificates.generation());
        if client.as_ref().is_some_and(|client| client.generation != generation) {
            *client = None;
        }
        let made = client.get_or_insert_with(|| Client {
            log: EventLogServiceClient::new(line(address, self.log, certificates)),
            generation,
        });
        let wait_milliseconds = WAIT.as_millis() as u32;
        let mut request = Request::new(ReadLogRequest { limit: PAGE, wait_milliseconds, ..place });
        if certificates.is_none() {
            let name = MetadataValue::try_from(format!("service/{}", department.name));
            let name = name.map_err(|_| Status::internal("the name of this service"))?;
            request.metadata_mut().insert(HEADER, name);
        }
        request.set_timeout(WAIT * 2);
        carry_trace(&mut request);
        let page = made.log.read_log(request).await;
        if page.as_ref().is_err_and(|status| status.code() == Code::Unauthenticated) {
            *client = None;
        }
        Ok(page?.into_inner())
    }
}

/// An event that was read, and what it does here.
struct Heard {
    department: &'static str,
    log: &'static str,
    kind: String,
    position: u64,
    /// The span that told it.
    trace: Option<String>,
    reaction: Reaction,
}

impl Heard {
    fn new(department: &'static str, log: &'static str, event: &Event, reaction: Reaction) -> Self {
        let (kind, trace) = (event.kind.clone(), event.trace.clone());
        Self { department, log, kind, position: event.position, trace, reaction }
    }

    /// Reacts inside a span of the trace in which the event was told.
    fn react(&self, unit: &mut Unit) -> Result<(), Failure> {
        let Some(trace) = &self.trace else { return (self.reaction)(unit) };
        let Self { department, log, kind, position, .. } = self;
        let span = tracing::info_span!(
            parent: None, "reaction", otel.name = kind, otel.kind = "consumer", department, log, kind, position,
        );
        continued(&span, trace);
        span.in_scope(|| (self.reaction)(unit))
    }
}

/// The mark under which a log's reader keeps where it read to, and when that was recorded.
fn mark(log: &str) -> String {
    format!("follow.{log}")
}

/// Where to read on. When the event there was recorded is not known before the first page, nor after one that held an
/// event which could not be read.
fn place(view: &View, log: &str) -> Result<ReadLogRequest, StoreError> {
    let after = view.cursor(log)?;
    let kept = view.mark(&mark(log))?;
    let kept = kept.and_then(|kept| ReadLogRequest::decode(kept.as_slice()).ok());
    let after_recorded_at = kept.filter(|kept| kept.after == after).and_then(|kept| kept.after_recorded_at);
    Ok(ReadLogRequest { after, after_recorded_at, ..ReadLogRequest::default() })
}

/// A client of another department's log, and the generation of the certificates it was made with.
struct Client {
    log: EventLogServiceClient<Channel>,
    generation: u64,
}

/// Whether what stands in the way of reading will pass by itself.
fn interrupted(status: &Status) -> Interruption {
    let why = format!("{:?}: {}", status.code(), innermost(status));
    match status.code() {
        Code::Unavailable
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Unauthenticated
        | Code::Unknown => Interruption::Pause(why),
        _ => Interruption::Broken(why),
    }
}

/// What the other end said, or what kept it from saying anything: by that a neighbour that is away is told from one that
/// is somebody else.
fn innermost(status: &Status) -> String {
    let first: Option<&dyn Error> = status.source();
    let last = std::iter::successors(first, |&error| error.source()).last();
    last.map_or_else(|| status.message().to_owned(), ToString::to_string)
}

#[cfg(test)]
#[path = "tests/follow.rs"]
mod tests;
