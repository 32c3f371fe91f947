//! What the engine's thread does when nothing else is to be done: it forgets old records, a few at a time, and has stores opened
//! that could not be before.

use super::crew::Opened;
use super::desk::Asked;
use super::opening;
use super::turn::Room;
use crate::rules::StoreId;
use crate::shell::connect::{self, Connected};
use crate::shell::forget;
use crate::shell::state::{State, StateFault};
use jiff::Timestamp;
use std::thread;
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// So many records are looked at in one go: events wait no longer than this takes.
const RECORDS_MAX: usize = 1_000;

/// How long is waited between two goes, in milliseconds.
const BETWEEN_MS: u64 = 100;

/// How long is waited between two rounds, in seconds.
const ROUND_SECONDS: u64 = 3_600;

/// How long a store that cannot be opened is left the first time, in seconds; twice as long each time, up to the longest.
const CLOSED_SECONDS: (u64, u64) = (5, 300);

/// When what is to be done.
#[derive(Debug)]
pub(super) struct Chores {
    forget_at: Instant,
    /// When stores that cannot be opened are tried again; `None` where every store is open, or they are being tried.
    open_at: Option<Instant>,
    pause: Duration,
    is_opening: bool,
}

impl Chores {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            forget_at: now,
            open_at: None,
            pause: Duration::from_secs(CLOSED_SECONDS.0),
            is_opening: false,
        }
    }
}

impl Room {
    /// How long none of it needs to be done.
    pub(super) fn chores_wait(&self) -> Duration {
        let keeps = self.project.config.records_keep_seconds.is_some();
        let forget = keeps.then_some(self.chores.forget_at);
        let next = forget.into_iter().chain(self.chores.open_at).min();
        next.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Does what is due. The state has nothing open.
    pub(super) fn do_chores(&mut self, now: Timestamp) {
        self.have_opened();
        if let Err(fault) = self.forget_records(now) {
            self.chores.forget_at = Instant::now() + Duration::from_secs(CLOSED_SECONDS.0);
            warn!("old records are not forgotten: {}", fault.message);
        }
    }

    fn forget_records(&mut self, now: Timestamp) -> Result<(), StateFault> {
        let Some(before) = forget::before(&self.project.config, now) else { return Ok(()) };
        if Instant::now() < self.chores.forget_at {
            return Ok(());
        }
        let forgotten = self.engine.state().forget_records(before, RECORDS_MAX)?;
        let pause = if forgotten.is_done {
            Duration::from_secs(ROUND_SECONDS)
        } else {
            Duration::from_millis(BETWEEN_MS)
        };
        self.chores.forget_at = Instant::now() + pause;
        Ok(())
    }

    /// Has stores opened that could not be, by a thread of its own: it may take its time.
    fn have_opened(&mut self) {
        let faulty = self.crew.faulty();
        if faulty.is_empty() {
            (self.chores.open_at, self.chores.pause) = (None, Duration::from_secs(CLOSED_SECONDS.0));
            return;
        }
        if self.chores.is_opening {
            return;
        }
        let due = *self.chores.open_at.get_or_insert_with(|| Instant::now() + self.chores.pause);
        if Instant::now() < due {
            return;
        }
        let (root, config, net) =
            (self.project.root.clone(), self.project.config.clone(), self.project.net.clone());
        let (crew, desk) = (self.crew.number(), self.crew.desk().clone());
        let work = move || {
            let is_wanted = |store: StoreId| faulty.contains(&usize::from(store.0));
            let stores = connect::open_of((&root, &config, &net), true, is_wanted);
            let _ = desk.tell(Asked::Opened(Opened { crew, stores }));
        };
        self.chores.open_at = None;
        match thread::Builder::new().name("opening".to_owned()).spawn(work) {
            Ok(_) => self.chores.is_opening = true,
            Err(fault) => warn!("a store is not tried again now: {fault}"),
        }
    }

    /// Works with the stores that could be opened; the others are tried again later.
    pub(super) fn opened(&mut self, opened: Opened, now: Timestamp) -> Result<(), StateFault> {
        self.chores.is_opening = false;
        let longest = Duration::from_secs(CLOSED_SECONDS.1);
        self.chores.pause = self.chores.pause.saturating_mul(2).min(longest);
        if opened.crew != self.crew.number() {
            // Another project came meanwhile, with stores of its own.
            return Ok(());
        }
        for (at, store) in opened.stores.into_iter().enumerate() {
            let Some(config) = self.project.config.stores.get(at) else { continue };
            match &store {
                Connected::Aside => continue,
                Connected::Faulty(_) => {}
                Connected::Open(_) => {
                    info!(store = config.name, "it could be opened");
                    let outlet = opening::outlet(config, &store);
                    self.engine.reopened(StoreId(at as u16), outlet, now)?;
                }
            }
            self.crew.take_in(at, store, &self.project, self.engine.state())?;
        }
        Ok(())
    }
}
