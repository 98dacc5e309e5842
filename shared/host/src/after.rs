//! Waiting until this department has applied what another one told.

use std::time::Duration;

use canbao_proto::wire::After;
use canbao_types::{RefusalKind, Refused};
use tracing::Instrument;

use crate::{Department, Failure};

/// How long a request waits for the positions it carries.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until this department has come past the positions: its cursors in the logs it follows, its own log's head. A
/// log it does not follow is not waited for.
///
/// Refused as `BEHIND` (UNAVAILABLE) after 2 s, with the log in the metadata; nothing was started then.
pub async fn wait_for(department: &Department, after: &[After]) -> Result<(), Failure> {
    if after.is_empty() {
        return Ok(());
    }
    let reached = |wanted: &After| {
        let log = wanted.log.as_str();
        if log == department.name {
            department.store.head() >= wanted.position
        } else if department.reads.contains(&log) {
            department.store.cursors().borrow().get(log).copied().unwrap_or(0) >= wanted.position
        } else {
            // What stands in that log is not meant for this department and changes nothing here.
            true
        }
    };
    let mut cursors = department.store.cursors();
    let mut heads = department.store.heads();
    let waiting = tracing::info_span!("waiting for what others told");
    let waited = tokio::time::timeout(PATIENCE, async {
        while !after.iter().all(reached) {
            let moved = tokio::select! {
                moved = cursors.changed() => moved,
                moved = heads.changed() => moved,
            };
            if moved.is_err() {
                break;
            }
        }
    });
    // Either all is reached now, or the time is up, or the store is closing: looking again tells.
    drop(waited.instrument(waiting).await);
    match after.iter().find(|wanted| !reached(wanted)) {
        None => Ok(()),
        Some(behind) => Err(Refused::new(RefusalKind::Unavailable, "BEHIND", "数据正在同步，请稍后再试。")
            .with("log", &behind.log)
            .with("position", behind.position)
            .into()),
    }
}
