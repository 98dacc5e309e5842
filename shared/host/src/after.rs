//! Waiting until this department has applied what another one told.

use std::time::Duration;

use canbao_proto::wire::After;
use canbao_types::{RefusalKind, Refused};

use crate::{Department, Failure};

/// How long a request waits for the positions it carries.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until this department has come past the positions: its cursors in the others' logs, its own log's head.
///
/// Refused as `BEHIND` (UNAVAILABLE) after 2 s, with the log in the metadata; nothing was started then.
pub async fn wait_for(department: &Department, after: &[After]) -> Result<(), Failure> {
    if after.is_empty() {
        return Ok(());
    }
    let reached = |wanted: &After| {
        let stands = if wanted.log == department.name {
            department.store.head()
        } else {
            department.store.cursors().borrow().get(wanted.log.as_str()).copied().unwrap_or(0)
        };
        stands >= wanted.position
    };
    let mut cursors = department.store.cursors();
    let mut heads = department.store.heads();
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
    drop(waited.await);
    match after.iter().find(|wanted| !reached(wanted)) {
        None => Ok(()),
        Some(behind) => Err(Refused::new(RefusalKind::Unavailable, "BEHIND", "数据正在同步,请稍后再试。")
            .with("log", &behind.log)
            .with("position", behind.position)
            .into()),
    }
}
