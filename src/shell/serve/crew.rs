//! Those who do the work: a few threads a store, each with the store to itself.

use super::desk::{Asked, Desk};
use super::engine::{Ended, Task, Work};
use super::opening::SESSIONS_MAX;
use crate::dispatch::Outcome;
use crate::orders::{Event, read_event};
use crate::shell::carry_out::{Items, outcome};
use crate::shell::connect::{self, Connected};
use crate::shell::fault::StoreFault;
use crate::shell::project::Project;
use crate::shell::state::{Pending, State, StateFault};
use crate::shell::store::{Accepted, AddressChanges, Store, Written};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use tracing::warn;

/// Work that was done.
pub struct Done {
    /// Which.
    pub(super) id: u64,
    /// How it ended.
    pub(super) ended: Ended,
    /// When it did.
    pub(super) at: Instant,
    /// The store's name, and what was learnt of its addresses.
    pub(super) addresses: (String, AddressChanges),
}

/// Stores that were tried again.
pub struct Opened {
    /// For which crew.
    pub(super) crew: u64,
    /// Every store of the project, by its place.
    pub(super) stores: Vec<Connected>,
}

/// Tells crews apart.
static HIRED: AtomicU64 = AtomicU64::new(0);

/// The threads of every store. When it is dropped they finish what they do, and end.
pub(super) struct Crew {
    number: u64,
    teams: Vec<Team>,
    desk: Desk,
}

/// The threads of one store, or why there is none.
enum Team {
    Hired(Sender<Work>),
    Faulty(StoreFault),
}

impl Crew {
    /// Starts them.
    pub(super) fn hire(
        project: &Project,
        stores: Vec<Connected>,
        state: &mut dyn State,
        desk: &Desk,
    ) -> Result<Self, io::Error> {
        let mut teams = Vec::new();
        for store in stores {
            teams.push(match store {
                Connected::Open(store) => Team::hire(&store, project, state, desk)?,
                Connected::Faulty(fault) => Team::Faulty(fault),
                Connected::Aside => continue,
            });
        }
        Ok(Self { number: HIRED.fetch_add(1, Ordering::Relaxed), teams, desk: desk.clone() })
    }

    /// Which crew it is.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The stores that cannot be worked with, by their places.
    pub(super) fn faulty(&self) -> BTreeSet<usize> {
        let teams = self.teams.iter().enumerate();
        teams.filter(|(_, team)| matches!(team, Team::Faulty(_))).map(|(at, _)| at).collect()
    }

    /// Works with a store that could not be opened until now, or says why that is still so.
    pub(super) fn take_in(
        &mut self,
        at: usize,
        store: Connected,
        project: &Project,
        state: &mut dyn State,
    ) -> Result<(), StateFault> {
        let no_thread = |fault| StateFault::unusable(format!("no thread can be started: {fault}"));
        let team = match store {
            Connected::Open(store) => Team::hire(&store, project, state, &self.desk).map_err(no_thread)?,
            Connected::Faulty(fault) => Team::Faulty(fault),
            Connected::Aside => return Ok(()),
        };
        if let Some(place) = self.teams.get_mut(at) {
            *place = team;
        }
        Ok(())
    }

    /// Has work done. Its end is told at the desk; gives it back at once where nobody can do it.
    pub(super) fn give(&self, work: Work) -> Option<Done> {
        let why = match self.teams.get(usize::from(work.store.0)) {
            Some(Team::Hired(jobs)) => match jobs.send(work.clone()) {
                Ok(()) => return None,
                Err(_) => "its threads have ended".to_owned(),
            },
            Some(Team::Faulty(fault)) => fault.what.clone(),
            None => "there is no such store".to_owned(),
        };
        let ended = match work.task {
            Task::Send { .. } => Ended::NotSent(why, None),
            Task::Read { .. } | Task::Tickets(_) | Task::Orders { .. } => Ended::Failed(why, None),
        };
        Some(Done { id: work.id, ended, at: Instant::now(), addresses: Default::default() })
    }

    /// Why a store cannot be worked with at all.
    pub(super) fn fault(&self, at: usize) -> Option<String> {
        match self.teams.get(at)? {
            Team::Hired(_) => None,
            Team::Faulty(fault) => Some(fault.what.clone()),
        }
    }

    /// The desk where the ends are told.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }
}

impl Team {
    fn hire(store: &Store, project: &Project, state: &mut dyn State, desk: &Desk) -> Result<Self, io::Error> {
        let (give, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..store.sessions_max().clamp(1, SESSIONS_MAX) {
            let mut own = [Connected::Open(Box::new(store.twin()))];
            let known = connect::know_addresses(&mut own, state).map_err(io::Error::other);
            known?;
            let [Connected::Open(store)] = own else { continue };
            let worker = Worker {
                store: *store,
                zone: project.config.timezone.clone(),
                jobs: Arc::clone(&jobs),
                desk: desk.clone(),
            };
            thread::Builder::new().name("store".to_owned()).spawn(|| worker.run())?;
        }
        Ok(Team::Hired(give))
    }
}

/// One thread of a store.
struct Worker {
    store: Store,
    zone: TimeZone,
    jobs: Arc<Mutex<Receiver<Work>>>,
    desk: Desk,
}

impl Worker {
    fn run(mut self) {
        while let Some(work) = self.next() {
            let ended = self.carry(work.task);
            let at = Instant::now();
            let addresses = (self.store.name().to_owned(), self.store.address_changes());
            let done = Done { id: work.id, ended, at, addresses };
            if self.desk.tell(Asked::Ended(Box::new(done))).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Work> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }

    fn carry(&mut self, task: Task) -> Ended {
        match task {
            Task::Send { key, items } => {
                let items: Vec<Pending> = items.iter().map(Pending::of).collect();
                // What orders hold at the store now is not what they held then.
                self.store.forget_shown();
                sent(self.store.write(&Items(&items), &key))
            }
            Task::Read { store_skus } => self.read(&store_skus),
            Task::Tickets(accepted) => {
                let asked: Vec<Accepted> = accepted.iter().map(Accepted::of).collect();
                match self.store.poll(&asked) {
                    Ok(outcomes) => Ended::Outcomes(outcomes.into_iter().map(outcome).collect()),
                    Err(fault) => Ended::Failed(fault.what, None),
                }
            }
            Task::Orders { since } => match self.store.orders(since.as_millisecond()) {
                Ok(orders) => Ended::Orders(self.events(&orders)),
                Err(fault) => Ended::Failed(fault.what, None),
            },
        }
    }

    fn read(&mut self, store_skus: &[String]) -> Ended {
        let asked: HashSet<&str> = store_skus.iter().map(String::as_str).collect();
        let mut shown = HashMap::new();
        let read = self.store.read(store_skus, &mut |store_sku, number| {
            if asked.contains(store_sku) {
                shown.insert(store_sku.to_owned(), number);
            }
        });
        match read {
            Ok(()) => Ended::Shown(shown),
            Err(fault) => Ended::Failed(fault.what, None),
        }
    }

    fn events(&self, orders: &[serde_json::Value]) -> Vec<Event> {
        let read = orders.iter().map(|order| read_event(order, &self.zone));
        let sound = read.filter_map(|read| match read {
            Ok(event) => Some(event),
            Err(refused) => {
                warn!(store = self.store.name(), "an order that cannot be read: {}", refused.message);
                None
            }
        });
        sound.collect()
    }
}

/// What became of a batch.
fn sent(written: Written) -> Ended {
    if written.unsent {
        let why = written.outcomes.into_iter().find_map(|outcome| outcome.words());
        return Ended::NotSent(why.unwrap_or_default(), None);
    }
    let outcomes: Vec<Outcome> = written.outcomes.into_iter().map(outcome).collect();
    let lost = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_)));
    match outcomes.first() {
        Some(Outcome::Unknown(why)) if lost => Ended::Lost(why.clone()),
        _ => Ended::Outcomes(outcomes),
    }
}

/// Keeps what was learnt of addresses.
pub(super) fn keep_addresses(
    state: &mut dyn State,
    (store, changes): &(String, AddressChanges),
    now: Timestamp,
) -> Result<(), StateFault> {
    connect::keep_addresses(state, store, changes, now)
}
