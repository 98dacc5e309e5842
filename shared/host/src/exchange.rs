//! The department's log, served to the others: a long poll woken by commits.

use std::time::Duration;

use canbao_proto::{
    exchange::{Event, ReadLogRequest, ReadLogResponse, event_log_service_server::EventLogService},
    rules,
    wire::Malformed,
};
use canbao_store::{Store, StoreError};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use crate::{Caller, Department, Failure, column, entered, status};

const MOST_EVENTS: u32 = 1_000;
const LONGEST_WAIT: u32 = 2_000;

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
        let head = store.head();
        if request.after > head {
            if !store.is_writer() {
                // The one that writes may be ahead of what was last heard of it here.
                return Err(status(Failure::Store(StoreError::Standby)));
            }
            // A reader that was told more than there is: one of the two was put back to an earlier day.
            return Err(Status::out_of_range(format!("the log ends at {head}, before {}", request.after)));
        }
        let after = request.after;
        let told = recorded_at(store, after).await?;
        if request.after_recorded_at.is_some_and(|read| told != Some(read)) {
            let words = format!(
                "the log is not the one that was read up to {after}; it was put back to an earlier day"
            );
            return Err(Status::out_of_range(words));
        }
        let mut heads = store.heads();
        let wait = Duration::from_millis(request.wait_milliseconds.into());
        let past = heads.wait_for(|&head| head > request.after);
        // No event in time is an answer too: an empty page.
        drop(tokio::time::timeout(wait, past).await);
        let page = store.read_log(request.after, request.limit as usize, audience).await;
        let page = page.map_err(|error| status(Failure::Store(error)))?;
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
        let next_recorded_at = if next == after { told } else { recorded_at(store, next).await? };
        Ok(Response::new(ReadLogResponse { events, next, head, next_recorded_at }))
    }
}

/// When the event at a position was recorded.
async fn recorded_at(store: &Store, position: u64) -> Result<Option<Timestamp>, Status> {
    let recorded = store.read(move |view| view.recorded_at(position)).await;
    Ok(recorded.map_err(|error| status(Failure::Store(error)))?.map(timestamp))
}

/// An instant in microseconds since 1970 UTC.
fn timestamp(micros: i64) -> Timestamp {
    Timestamp { seconds: micros.div_euclid(1_000_000), nanos: (micros.rem_euclid(1_000_000) * 1_000) as i32 }
}

/// Whether what happened in a division is for a caller to hear: who belongs to one hears of nothing beyond it.
fn concerns(caller: &Caller, division: i64) -> bool {
    caller.division().is_none() || column::division(division).is_ok_and(|division| caller.covers(division))
}
