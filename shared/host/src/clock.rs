//! The clock that records. It decides nothing but order, expiry and "not in the future".

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use canbao_types::{Date, beijing_date};
use chrono::{DateTime, Utc};

/// The system's clock, or one that was started at another instant and runs at the same pace.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<Started>>);

#[derive(Debug)]
struct Started {
    since: Instant,
    /// Microseconds since 1970 UTC at `since`.
    from: AtomicI64,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that shows `instant` now.
    pub fn started_at(instant: DateTime<Utc>) -> Self {
        let from = AtomicI64::new(instant.timestamp_micros());
        Self(Some(Arc::new(Started { since: Instant::now(), from })))
    }

    /// What it shows, in microseconds since 1970 UTC.
    pub fn micros(&self) -> i64 {
        match &self.0 {
            None => Utc::now().timestamp_micros(),
            Some(started) => {
                let run = i64::try_from(started.since.elapsed().as_micros()).unwrap_or(i64::MAX);
                started.from.load(Ordering::Relaxed).saturating_add(run)
            }
        }
    }

    /// Whether it was started by hand.
    pub fn is_started(&self) -> bool {
        self.0.is_some()
    }

    /// The day it shows in Beijing.
    pub fn today(&self) -> Date {
        beijing_date(DateTime::from_timestamp_micros(self.micros()).unwrap_or_default())
    }

    /// Moves a started clock forward so that it shows at least `instant`; it never goes back, and the system's clock
    /// stays as it is. Only the process that started the clock can do this: no RPC reaches it.
    pub fn advance_to(&self, instant: DateTime<Utc>) {
        if let Some(started) = &self.0 {
            let behind = instant.timestamp_micros().saturating_sub(self.micros());
            started.from.fetch_add(behind.max(0), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_clock_shows_its_instant_and_is_never_put_back() {
        let clock = Clock::started_at("2025-11-03T09:00:00+08:00".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2025-11-03");
        clock.advance_to("2025-11-20T16:30:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2025-11-21", "Beijing is eight hours ahead");
        clock.advance_to("2025-11-05T00:00:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2025-11-21");
    }
}
