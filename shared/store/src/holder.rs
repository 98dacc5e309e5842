//! How a process comes to the writer's place, and to standing by for it.

use crate::cursor::Cursors;
use crate::engine::Engine;
use crate::error::{OpenError, StoreError};
use crate::folder::Lock;
use crate::group::Role;
use crate::migration::{self, Migration};
use crate::open::Clock;
use crate::readers::Readers;
use crate::unit::Unit;
use crate::view::View;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long a session of this process that has just ended may still hold the place.
const OWN_END: Duration = Duration::from_millis(500);

/// Who wants the writer's place, and what for.
pub(crate) struct Holder {
    pub(crate) name: Arc<str>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) migrations: &'static [Migration],
    pub(crate) clock: Clock,
    pub(crate) readers: Arc<Readers>,
    /// Never read; held for as long as the thread runs.
    pub(crate) _lock: Option<Lock>,
}

/// What of the database is held.
pub(crate) enum Held {
    /// The writer's place.
    Writer(Box<Unit>),
    /// A connection that looks on.
    Standby(Box<View>),
    /// Nothing: the database is away.
    Nothing,
}

/// What is committed, as far as those who follow it want to know.
pub(crate) struct Committed {
    pub(crate) position: u64,
    pub(crate) cursors: Cursors,
}

impl Held {
    pub(crate) fn role(&self) -> Role {
        match self {
            Self::Writer(_) => Role::Writer,
            Self::Standby(_) => Role::Standby,
            Self::Nothing => Role::Away,
        }
    }

    /// Lets go of whatever is held, and leaves it tidy.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.into_view().map_or(Ok(()), View::close)
    }

    /// Lets go of a connection that is not to be trusted. How that ends is of no interest any more.
    pub(crate) fn abandon(self) {
        drop(self.into_view().map(View::leave));
    }

    fn into_view(self) -> Option<View> {
        match self {
            Self::Writer(unit) => Some(unit.into_view()),
            Self::Standby(view) => Some(*view),
            Self::Nothing => None,
        }
    }
}

impl Holder {
    /// Connects, and takes the writer's place if it is free. `held_before`: a session of this process has just
    /// ended, and is given the moment that the server takes to notice.
    pub(crate) fn come(&self, held_before: bool) -> Result<(Held, Committed), OpenError> {
        let view = View::new(self.engine.writer()?);
        self.readers.renew();
        let until = Instant::now() + if held_before { OWN_END } else { Duration::ZERO };
        loop {
            if view.enter()? {
                return self.take(view);
            }
            if Instant::now() >= until {
                return self.stand_by(view);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What there is to do for whoever holds something and has no job: find out whether it is still so.
    pub(crate) fn look(&self, held: Held) -> Result<(Held, Option<Committed>), OpenError> {
        match held {
            Held::Writer(unit) => {
                unit.look()?;
                Ok((Held::Writer(unit), None))
            }
            Held::Standby(view) => {
                let (held, committed) = if view.enter()? { self.take(*view) } else { self.stand_by(*view) }?;
                Ok((held, Some(committed)))
            }
            Held::Nothing => self.come(false).map(|(held, committed)| (held, Some(committed))),
        }
    }

    fn take(&self, view: View) -> Result<(Held, Committed), OpenError> {
        let taken = migration::apply(&view, &self.name, self.migrations, (self.clock)())
            .and_then(|()| Ok((Unit::take(&view)?, view.cursors()?)));
        match taken {
            Ok((place, cursors)) => {
                self.readers.admit();
                let unit = Unit::new(view, Arc::clone(&self.clock), place);
                let committed = Committed { position: unit.position(), cursors };
                Ok((Held::Writer(Box::new(unit)), committed))
            }
            Err(error) => {
                if error.is_of_the_shape() {
                    self.readers.refuse();
                }
                // Somebody else may be able to use it.
                drop(view.leave());
                Err(error)
            }
        }
    }

    fn stand_by(&self, view: View) -> Result<(Held, Committed), OpenError> {
        let stands = migration::stands(&view, &self.name, self.migrations);
        if !matches!(stands, Ok(true)) {
            self.readers.refuse();
        }
        let committed = if stands? {
            self.readers.admit();
            Committed { position: view.position()?, cursors: view.cursors()? }
        } else {
            Committed { position: 0, cursors: Cursors::new() }
        };
        Ok((Held::Standby(Box::new(view)), committed))
    }
}
