//! The families of the host, with their names and what they tell.

use std::{borrow::Cow, time::Duration};

use canbao_store::{Fate, Group, StoreError};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Labels that are words of ours.
pub(crate) type Labels<const N: usize> = [(&'static str, &'static str); N];

/// A family of histograms, each made by the function.
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Every family of the host. The metrics of a family are made when there is something to tell.
pub(crate) struct Families {
    pub(super) requests: Family<Labels<3>, Counter>,
    pub(super) request_duration: Histograms<2>,
    pub(super) refusals: Family<[(&'static str, Cow<'static, str>); 2], Counter>,
    pub(super) requests_under_way: Family<Labels<1>, Gauge>,
    pub(super) connections: Family<Labels<1>, Gauge>,
    pub(super) log_events: Family<Labels<1>, Gauge>,
    pub(super) follow_cursor: Family<Labels<2>, Gauge>,
    pub(super) follow_lag: Family<Labels<2>, Gauge>,
    pub(super) following: Family<Labels<2>, Gauge>,
    pub(super) follow_stopped: Family<Labels<2>, Gauge>,
    pub(super) queue_items: Family<Labels<1>, Gauge>,
    groups: Groups,
    pub(super) writer: Family<Labels<1>, Gauge>,
    pub(super) log_chain: Family<Labels<1>, Gauge>,
    pub(super) certificate_end: Family<Labels<1>, Gauge>,
}

impl Default for Families {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_duration: Family::new_with_constructor(durations),
            refusals: Family::default(),
            requests_under_way: Family::default(),
            connections: Family::default(),
            log_events: Family::default(),
            follow_cursor: Family::default(),
            follow_lag: Family::default(),
            following: Family::default(),
            follow_stopped: Family::default(),
            queue_items: Family::default(),
            groups: Groups::default(),
            writer: Family::default(),
            log_chain: Family::default(),
            certificate_end: Family::default(),
        }
    }
}

impl Families {
    /// The families about groups.
    pub(super) fn groups(&self) -> Groups {
        self.groups.clone()
    }

    /// Where the log ends; what cannot be read just now stays as it was.
    pub(super) fn log(&self, department: &'static str, end: Result<(u64, [u8; 32]), StoreError>) {
        let Ok((position, chain)) = end else { return };
        let labels = [("department", department)];
        self.log_events.get_or_create(&labels).set(number(position));
        let first = chain[..6].iter().fold(0, |number, &byte| number << 8 | i64::from(byte));
        self.log_chain.get_or_create(&labels).set(first);
    }

    /// Gives every family its name and says what it tells. A counter's name gets `_total`.
    pub(super) fn register(&self, to: &mut Registry) {
        to.register("requests", "Requests that ended, by method and gRPC code", self.requests.clone());
        let help = "From a request's headers to its answer's last byte";
        to.register("request_duration_seconds", help, self.request_duration.clone());
        let help = "Requests that were refused, by the refusal's reason, or its gRPC code when it has none";
        to.register("refusals", help, self.refusals.clone());
        let help = "Requests under way, bounded by the setting requests";
        to.register("under_way_requests", help, self.requests_under_way.clone());
        let help = "Connections that are open, bounded by the setting connections";
        to.register("open_connections", help, self.connections.clone());
        to.register("log_events", "Events in the department's own log", self.log_events.clone());
        let help = "Events of another department's log that were read and applied";
        to.register("follow_cursor_events", help, self.follow_cursor.clone());
        let help = "Events of another department's log behind its end, when a page was last read";
        to.register("follow_lag_events", help, self.follow_lag.clone());
        let help = "1 while another department's log is followed, 0 while that does not succeed";
        to.register("follow_serving", help, self.following.clone());
        let help = "1 when following ended at an event that cannot be read";
        to.register("follow_stopped", help, self.follow_stopped.clone());
        to.register("queue_items", "Items that wait for the writer", self.queue_items.clone());
        self.groups.register(to);
        let help = "1 where the department's database is written, 0 while standing by";
        to.register("writer", help, self.writer.clone());
        let help = "The first 48 bits of the chain at the log's head, as a number: with the count of events it \
                    shows whether two copies are one log";
        to.register("log_chain_head", help, self.log_chain.clone());
        let help = "When the department's certificate ends, in seconds since 1970 UTC";
        to.register("certificate_end_timestamp_seconds", help, self.certificate_end.clone());
    }
}

/// The families about groups of units of work.
#[derive(Clone)]
pub(super) struct Groups {
    ended: Family<Labels<2>, Counter>,
    jobs: Histograms<1>,
    items: Histograms<1>,
    work: Histograms<1>,
    commit: Histograms<1>,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            ended: Family::default(),
            jobs: Family::new_with_constructor(sizes),
            items: Family::new_with_constructor(sizes),
            work: Family::new_with_constructor(durations),
            commit: Family::new_with_constructor(durations),
        }
    }
}

impl Groups {
    fn register(&self, to: &mut Registry) {
        to.register("groups", "Groups of units of work, by what became of them", self.ended.clone());
        to.register("group_jobs", "Units of work in a group", self.jobs.clone());
        to.register("group_items", "Items in a group", self.items.clone());
        to.register("group_work_seconds", "Work of a group before its COMMIT", self.work.clone());
        to.register("group_commit_seconds", "COMMIT of a group", self.commit.clone());
    }

    /// A group is over.
    pub(super) fn count(&self, department: &'static str, group: &Group) {
        let fate = match group.fate {
            Fate::Committed => "committed",
            Fate::Aborted => "aborted",
            Fate::Unknown => "unknown",
            Fate::Standby => "standby",
        };
        let labels = [("department", department)];
        self.ended.get_or_create(&[labels[0], ("fate", fate)]).inc();
        self.jobs.get_or_create(&labels).observe(size(group.jobs));
        self.items.get_or_create(&labels).observe(size(group.items));
        self.work.get_or_create(&labels).observe(group.work.as_secs_f64());
        self.commit.get_or_create(&labels).observe(group.commit.as_secs_f64());
    }
}

/// From 250 microseconds to the longest deadline.
fn durations() -> Histogram {
    let micros = [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];
    let longer = [2_500_000, 5_000_000, 15_000_000];
    Histogram::new(micros.into_iter().chain(longer).map(|micros| Duration::from_micros(micros).as_secs_f64()))
}

/// From one to the most that a group takes.
fn sizes() -> Histogram {
    Histogram::new([1_u32, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024].into_iter().map(Into::into))
}

/// A count as a histogram takes it.
fn size<T: From<u32>>(count: usize) -> T {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// A count as a gauge holds it.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Yes as 1, no as 0.
pub(super) fn flag(yes: bool) -> i64 {
    i64::from(yes)
}
