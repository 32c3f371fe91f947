//! One store: its writing, and what else is asked of it.

use super::shop::{Outlet, Setup};
use crate::dispatch::{Item, Machine, Writes};
use crate::shell::state::Pending;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How long what a store accepted is left before it is asked for, in seconds; twice as long each time, up to the longest.
pub(super) const TICKET_SECONDS: (i64, i64) = (1, 60);

/// How long a store that could not be asked for something is left, in seconds.
pub(super) const TROUBLE_SECONDS: i64 = 30;

/// From so many conflicts in a row on, a listing is left for longer and longer: somebody else writes it.
const CONFLICTS_FREE: u32 = 3;

/// The longest that it is left, in seconds.
const CONFLICT_SECONDS_MAX: i64 = 300;

/// What is under way at a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Errand {
    /// A batch of the machine's.
    Batch(u64, Vec<Item>),
    /// A read of the machine's.
    Read(u64, Vec<String>),
    /// Listings whose numbers were not as expected.
    Look(Vec<String>),
    /// All listings, to be compared with what was written.
    Whole(Vec<String>),
    Tickets(Vec<(Pending, String)>),
    /// Orders, asked for at this moment.
    Orders(Timestamp),
}

/// One store.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) machine: Machine,
    /// What is under way, by the number of the work.
    pub(super) out: BTreeMap<u64, Errand>,
    /// Work of before the engine was built anew: nothing is begun before it has ended.
    pub(super) stragglers: BTreeSet<u64>,
    /// Listings that the store said were not as expected, and that nobody has read since.
    pub(super) conflicted: BTreeSet<String>,
    /// Listings to be read and planned again, and when.
    pub(super) look: BTreeMap<String, Timestamp>,
    conflicts: HashMap<String, u32>,
    /// Listings of which something is known that is newer than what is being read of them, by work of up to this number.
    newer_than: HashMap<String, u64>,
    pub(super) reconcile_at: Option<Timestamp>,
    pub(super) orders_at: Option<Timestamp>,
    pub(super) tickets_at: Option<Timestamp>,
    /// Listings of it may have been left by every mapping: they are to be looked for.
    pub(super) seeks_gone: bool,
    pub(super) ticket_seconds: i64,
    pub(super) was_open: bool,
    pub(super) last_success: Option<Timestamp>,
    pub(super) sent: u64,
    pub(super) failed: u64,
    /// What it failed with last.
    pub(super) last_trouble: String,
}

impl Lane {
    /// A store of which nothing is under way. What waits on disk is asked for, and so is everything else that is to be known of it.
    pub(super) fn new(setup: &Setup, outlet: &Outlet, stragglers: BTreeSet<u64>, steady: Timestamp) -> Self {
        let at_once = |is_wanted: bool| is_wanted.then_some(steady);
        Self {
            machine: Machine::new(outlet.terms, true),
            out: BTreeMap::new(),
            stragglers,
            conflicted: BTreeSet::new(),
            look: BTreeMap::new(),
            conflicts: HashMap::new(),
            newer_than: HashMap::new(),
            reconcile_at: at_once(setup.reconcile_seconds > 0),
            orders_at: at_once(outlet.has_orders && setup.orders_seconds > 0),
            tickets_at: at_once(outlet.can_poll),
            seeks_gone: true,
            ticket_seconds: TICKET_SECONDS.0,
            was_open: false,
            last_success: None,
            sent: 0,
            failed: 0,
            last_trouble: String::new(),
        }
    }

    /// The same store where something else of the project changed: all it shows is looked at again.
    pub(super) fn renew(&mut self, setup: &Setup, outlet: &Outlet, steady: Timestamp) {
        self.reconcile_at = (setup.reconcile_seconds > 0).then_some(steady);
        let wanted = outlet.has_orders && setup.orders_seconds > 0;
        self.orders_at = wanted.then(|| self.orders_at.unwrap_or(steady));
        self.tickets_at = outlet.can_poll.then_some(steady);
        self.seeks_gone = true;
    }

    /// Everything that is under way, as that of an engine that is no more.
    pub(super) fn left(&self) -> BTreeSet<u64> {
        self.out.keys().chain(&self.stragglers).copied().collect()
    }

    /// A listing is to be read before it is planned again.
    pub(super) fn look_at(&mut self, store_sku: String, steady: Timestamp) {
        let count = self.conflicts.entry(store_sku.clone()).or_default();
        *count += 1;
        let seconds = match count.checked_sub(CONFLICTS_FREE) {
            Some(over) => (1_i64 << over.min(20)).min(CONFLICT_SECONDS_MAX),
            None => 0,
        };
        self.look.insert(store_sku, later(steady, seconds));
    }

    /// What is known of a listing now is newer than whatever work of up to this number reads: a number of it may have arrived, or it was
    /// read by that work. A number that is on its way still is seen without that.
    pub(super) fn knows(&mut self, store_sku: &str, work: u64) {
        if self.has(|errand| matches!(errand, Errand::Read(..) | Errand::Look(_) | Errand::Whole(_))) {
            let last = self.newer_than.entry(store_sku.to_owned()).or_default();
            *last = (*last).max(work);
        } else {
            self.newer_than.clear();
        }
    }

    /// Whether nothing is known of a listing that is newer than what this work read.
    pub(super) fn is_newest(&self, work: u64, store_sku: &str) -> bool {
        self.newer_than.get(store_sku).is_none_or(|known| work > *known)
    }

    /// A number of a listing arrived: nobody quarrels about it.
    pub(super) fn agreed(&mut self, store_sku: &str) {
        self.conflicts.remove(store_sku);
    }

    /// Listings that are looked at now: what comes meanwhile is looked at once more.
    pub(super) fn due_looks(&mut self, steady: Timestamp, max: usize) -> Vec<String> {
        if self.has(|errand| matches!(errand, Errand::Look(_))) {
            return Vec::new();
        }
        let due = self.look.iter().filter(|(_, moment)| **moment <= steady);
        let due: Vec<String> = due.take(max.max(1)).map(|(store_sku, _)| store_sku.clone()).collect();
        self.look.retain(|store_sku, _| !due.contains(store_sku));
        due
    }

    /// When something is to be done though nothing comes in.
    pub(super) fn wake(&self, steady: Timestamp) -> Option<Timestamp> {
        if !self.stragglers.is_empty() {
            return None;
        }
        let free = |at: Option<Timestamp>, is_it: fn(&Errand) -> bool| at.filter(|_| !self.has(is_it));
        let own = [
            free(self.look.values().min().copied(), |errand| matches!(errand, Errand::Look(_))),
            free(self.tickets_at, |errand| matches!(errand, Errand::Tickets(_))),
            free(self.orders_at, |errand| matches!(errand, Errand::Orders(_))),
            free(self.reconcile_at, |errand| matches!(errand, Errand::Whole(_))),
        ];
        own.into_iter().flatten().chain(self.machine.wake(steady)).min()
    }

    pub(super) fn has(&self, is_it: impl Fn(&Errand) -> bool) -> bool {
        self.out.values().any(is_it)
    }

    /// Opens or closes the way to the store.
    pub(super) fn admit(&mut self, writes: Writes) {
        self.machine.admit(writes);
    }
}

/// So many seconds later.
pub(super) fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
