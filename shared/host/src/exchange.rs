//! The department's log, served to the others: a long poll woken by commits.

use std::time::Duration;

use canbao_proto::{
    exchange::{Event, ReadLogRequest, ReadLogResponse, event_log_service_server::EventLogService},
    rules,
    wire::Malformed,
};
use canbao_store::{LogPage, Store, StoreError};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use crate::{Caller, Department, Failure, column, entered, status};

const MOST_EVENTS: u32 = 1_000;
const LONGEST_WAIT: u32 = 2_000;
/// So much of the suite key's fingerprint is shown: two keys are never taken for one by chance.
const SHOWN_BYTES: usize = 8;

pub(crate) struct Exchange {
    pub(crate) department: Department,
}

#[tonic::async_trait]
impl EventLogService for Exchange {
    async fn read_log(&self, request: Request<ReadLogRequest>) -> Result<Response<ReadLogResponse>, Status> {
        let (caller, request) = entered(request)?;
        let audience = rules::mask(caller.identity());
        let mut wrong = Malformed::default();
        if !(1..=MOST_EVENTS).contains(&request.limit) {
            wrong.note("limit", "must be 1 to 1,000");
        }
        if request.wait_milliseconds > LONGEST_WAIT {
            wrong.note("wait_milliseconds", "must be at most 2,000");
        }
        if !wrong.is_empty() {
            return Err(wrong.status());
        }
        let store = &self.department.store;
        let mut heads = store.heads();
        let mut page = read(store, &request, audience).await?;
        if page.next == request.after {
            let wait = Duration::from_millis(request.wait_milliseconds.into());
            let past = heads.wait_for(|&head| head > request.after);
            let woken = matches!(tokio::time::timeout(wait, past).await, Ok(Ok(_)));
            // No event in time is an answer too: an empty page.
            if woken {
                page = read(store, &request, audience).await?;
            }
        }
        let rows = page.rows.into_iter().filter(|logged| concerns(&caller, logged.division));
        let events = rows.map(|logged| Event {
            position: logged.position,
            division: format!("{:06}", logged.division),
            recorded_at: Some(timestamp(logged.recorded_at)),
            kind: logged.kind,
            body: logged.body,
            trace: logged.trace,
        });
        let (events, next, head) = (events.collect(), page.next, page.head);
        let next_recorded_at = page.next_recorded_at.map(timestamp);
        let suite_key = Some(shown_key(&self.department));
        Ok(Response::new(ReadLogResponse { events, next, head, next_recorded_at, suite_key }))
    }
}

/// By what a reader tells whether its suite key is this department's.
pub(crate) fn shown_key(department: &Department) -> Vec<u8> {
    department.secrets.suite_key.fingerprint()[..SHOWN_BYTES].to_vec()
}

/// Reads a page of the log, if it is still the one that the reader has read. The log itself is asked, and together with
/// the page: this process may stand by, or have lost the writer's place without knowing it.
async fn read(store: &Store, request: &ReadLogRequest, audience: u64) -> Result<LogPage, Status> {
    let &ReadLogRequest { after, limit, after_recorded_at, .. } = request;
    let page = store.read_log(after, limit as usize, audience).await.map_err(|error| match error {
        // A reader that was told more than there is: one of the two was put back to an earlier day.
        StoreError::AheadOfLog { after, head } => {
            Status::out_of_range(format!("the log ends at {head}, before {after}"))
        }
        error => status(Failure::Store(error)),
    })?;
    if after_recorded_at.is_some_and(|read| page.after_recorded_at.map(timestamp) != Some(read)) {
        return Err(Status::out_of_range(format!(
            "the log is not the one that was read up to {after}; it was put back to an earlier day"
        )));
    }
    Ok(page)
}

/// An instant in microseconds since 1970 UTC.
fn timestamp(micros: i64) -> Timestamp {
    Timestamp { seconds: micros.div_euclid(1_000_000), nanos: (micros.rem_euclid(1_000_000) * 1_000) as i32 }
}

/// Whether what happened in a division is for a caller to hear: who belongs to one hears of nothing beyond it.
fn concerns(caller: &Caller, division: i64) -> bool {
    caller.division().is_none() || column::division(division).is_ok_and(|division| caller.covers(division))
}
