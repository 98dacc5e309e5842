//! The event log: what this department tells others, in the order in which it became true.

use crate::error::StoreError;
use crate::params;
use crate::row::Row;
use crate::unit::Unit;
use crate::view::View;
use crate::{Store, Value};
use sha2::{Digest, Sha256};

/// Rows of the log looked at for one page, so that a page meant for few is no longer work than another.
const SCANNED: u64 = 10_000;

/// Rows checked at a time by [`Store::verify_log`].
const VERIFIED: u64 = 1_000;

/// Something to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// The division (行政区划) it happened in.
    pub division: i64,
    /// The full name of the event's message.
    pub kind: &'a str,
    /// Whom it is meant for: a bit for each department.
    pub audience: u64,
    /// The encoded message, passed on as it is.
    pub body: &'a [u8],
    /// The request that tells it, as a W3C traceparent, for whoever looks at how it went on. It is no part of the
    /// fact, and so not of the chain.
    pub trace: Option<&'a str>,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its place, from 1, without gaps.
    pub position: u64,
    /// The division it happened in.
    pub division: i64,
    /// The full name of the event's message.
    pub kind: String,
    /// Whom it is meant for: a bit for each department.
    pub audience: u64,
    /// The encoded message.
    pub body: Vec<u8>,
    /// When it was recorded: microseconds since 1970 UTC. Order is by position alone.
    pub recorded_at: i64,
    /// SHA-256 over the chain of the row before and all of the above.
    pub chain: [u8; 32],
    /// The request that told it, as a W3C traceparent, where it was followed.
    pub trace: Option<String>,
}

/// What a reader may see of a stretch of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The rows meant for the reader, by position.
    pub rows: Vec<LogRow>,
    /// The position up to which the log was looked through: where the next page, and the reader's cursor, go
    /// on from, even when no row was meant for the reader.
    pub next: u64,
    /// The last committed position when the page was read.
    pub head: u64,
    /// When the row that the page goes on from was recorded: microseconds since 1970 UTC; none where there is none. A
    /// log that was put back to an earlier day, and went on, tells another instant.
    pub after_recorded_at: Option<i64>,
    /// When the row at `next` was recorded.
    pub next_recorded_at: Option<i64>,
}

/// The end of the log: the last position and its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    pub(crate) position: u64,
    pub(crate) chain: [u8; 32],
}

impl Head {
    /// The end of the log after one row more. Lengths stand before what varies, so that no two rows hash alike.
    fn after(&self, event: &Event<'_>, recorded_at: i64) -> Self {
        let position = self.position + 1;
        let mut hash = Sha256::new_with_prefix(self.chain);
        hash.update(position.to_be_bytes());
        hash.update(event.division.to_be_bytes());
        for field in [event.kind.as_bytes(), event.body] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.update(event.audience.to_be_bytes());
        hash.update(recorded_at.to_be_bytes());
        Self { position, chain: hash.finalize().into() }
    }
}

impl Unit {
    /// Appends an event to the log and returns its position. It is told exactly when the unit of work, and the
    /// item of it that told, take effect.
    ///
    /// # Errors
    /// [`StoreError::Sql`].
    pub fn tell(&mut self, event: &Event<'_>) -> Result<u64, StoreError> {
        let recorded_at = self.recorded_at();
        let head = self.log_head().after(event, recorded_at);
        let &Event { division, kind, audience, body, trace } = event;
        self.execute(
            "INSERT INTO store_log (position, division, kind, audience, body, recorded_at, chain, trace)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![head.position, division, kind, audience, body, recorded_at, &head.chain, trace],
        )?;
        self.set_log_head(head);
        Ok(head.position)
    }
}

impl View {
    /// The head that the last commit wrote down, checked against the last row of the log.
    pub(crate) fn head(&self) -> Result<Head, StoreError> {
        let read = |row: &Row<'_>| Ok(Head { position: row.uint(0)?, chain: row.array(1)? });
        let kept = self.query_one("SELECT position, chain FROM store_head", params![], read)?;
        let sql = "SELECT position, chain FROM store_log ORDER BY position DESC LIMIT 1";
        let last = self.query_one(sql, params![], read)?.unwrap_or_default();
        match kept {
            Some(kept) if kept == last => Ok(kept),
            _ => Err(StoreError::Corrupt {
                what: format!("the log ends at {}, not at its head", last.position),
            }),
        }
    }

    /// The last committed position, as its writer keeps it.
    pub(crate) fn position(&self) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM store_head";
        Ok(self.query_one(sql, [], |row| row.uint(0))?.unwrap_or(0))
    }

    /// When the row at a position was recorded.
    fn recorded_at(&self, position: u64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT recorded_at FROM store_log WHERE position = $1";
        self.query_one(sql, params![position], |row| row.int(0))
    }

    fn page(&self, after: u64, limit: u64, audience: u64) -> Result<LogPage, StoreError> {
        let head = self.position()?;
        if after > head {
            return Err(StoreError::AheadOfLog { after, head });
        }
        let end = head.min(after + SCANNED);
        let rows = self.log(
            "SELECT position, division, kind, audience, body, recorded_at, chain, trace FROM store_log
             WHERE position > $1 AND position <= $2 AND audience & $3 <> 0 ORDER BY position LIMIT $4",
            params![after, end, audience, limit],
        )?;
        let full = rows.len() as u64 == limit;
        let next = rows.last().filter(|_| full).map_or(end, |row| row.position);
        let after_recorded_at = self.recorded_at(after)?;
        let next_recorded_at = if next == after { after_recorded_at } else { self.recorded_at(next)? };
        Ok(LogPage { rows, next, head, after_recorded_at, next_recorded_at })
    }

    fn log<'v>(&self, sql: &'static str, params: impl AsRef<[Value<'v>]>) -> Result<Vec<LogRow>, StoreError> {
        self.query(sql, params, |row| {
            Ok(LogRow {
                position: row.uint(0)?,
                division: row.int(1)?,
                kind: row.text(2)?,
                audience: row.uint(3)?,
                body: row.bytes(4)?,
                recorded_at: row.int(5)?,
                chain: row.array(6)?,
                trace: row.opt_text(7)?,
            })
        })
    }
}

impl Store {
    /// Reads the log after a position: at most `limit` rows (at least one), only those whose audience shares a
    /// bit with `audience`, and always the position to go on from. All of the page is one state of the database: a
    /// server's may have been put back to an earlier day behind the back of this process.
    ///
    /// # Errors
    /// [`StoreError::AheadOfLog`] when the log ends before `after`; as [`Store::read`].
    pub async fn read_log(&self, after: u64, limit: usize, audience: u64) -> Result<LogPage, StoreError> {
        let limit = (limit as u64).clamp(1, SCANNED);
        let page = move |view: &View| view.page(after, limit, audience);
        // Where nothing is new, it takes no more than a few look-ups.
        if after < self.head() { self.read_page(page).await } else { self.read(page).await }
    }

    /// The last position of the log and the chain there. Of two copies that have the same, one is the other.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the head is not that of the last row; as [`Store::read`].
    pub async fn chain(&self) -> Result<(u64, [u8; 32]), StoreError> {
        let head = self.read_page(View::head).await?;
        Ok((head.position, head.chain))
    }

    /// Checks every row of the log against its chain, from the first to the head, and returns the head.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] names the first position that was altered, dropped, put in or moved.
    pub async fn verify_log(&self) -> Result<u64, StoreError> {
        let kept = self.read_page(View::head).await?;
        let mut head = Head::default();
        while head.position < kept.position {
            head = self.read_page(move |view| verify_after(view, head)).await?;
        }
        if head == kept { Ok(head.position) } else { Err(altered(head.position)) }
    }
}

fn verify_after(view: &View, mut head: Head) -> Result<Head, StoreError> {
    let rows = view.log(
        "SELECT position, division, kind, audience, body, recorded_at, chain, trace FROM store_log
         WHERE position > $1 AND position <= $2 ORDER BY position",
        params![head.position, head.position + VERIFIED],
    )?;
    if rows.is_empty() {
        return Err(altered(head.position + 1));
    }
    for LogRow { position, division, kind, audience, body, recorded_at, chain, .. } in rows {
        let event = Event { division, kind: &kind, audience, body: &body, trace: None };
        let due = head.after(&event, recorded_at);
        if (Head { position, chain }) != due {
            return Err(altered(due.position));
        }
        head = due;
    }
    Ok(head)
}

fn altered(position: u64) -> StoreError {
    StoreError::Corrupt { what: format!("the log was altered at position {position}") }
}
