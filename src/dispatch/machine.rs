//! One store's writing as a state machine: which numbers go next, and what their answers mean.
//!
//! It is driven by calls that bring the time and randomness along, and asked by [`poll`](Machine::poll) what is to be done. It holds a
//! window of the outbox, never all of it; the outbox on disk is the truth, and everything here can be built from it again.
//!
//! - A listing has one number under way at most. A newer one waits until the older one's end is known; where the store only
//!   accepted the older one and takes its time over it, the newer one does not wait for ever.
//! - What left and was not answered is never sent again: the listing is read, and planned anew where it shows another number.
//! - A number that is to be raised is read again first, where the store cannot compare by itself.

mod answers;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod window;

use super::{Circuit, CircuitLimits, Class, Gate, Outcome, RetryLimits};
use crate::config::ReadBefore;
use crate::record::Skip;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use window::Window;

/// How long a newer number waits for the end of one that was accepted. Numbers of a listing that are accepted later are done later
/// too, as far as any marketplace says: this is for those that do not.
const ACCEPTED_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// How a store is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The most items of a batch; 0 is no limit.
    pub items_max: usize,
    /// The most batches and reads under way at once.
    pub concurrency: usize,
    /// Whether a batch with one bad item is refused whole: then it is halved.
    pub all_or_nothing: bool,
    /// Whether the store writes a number only where it shows the expected one.
    pub conditional: bool,
    /// What is read again before it is written, where the store is not `conditional`.
    pub read_before: ReadBefore,
    /// The most listings of a read.
    pub reads_max: usize,
    /// The most writes that are held here.
    pub window_max: usize,
    /// How often a write may be tried before it is given up, and how long is waited between two times. However long that takes:
    /// a write that waits is overtaken by a newer one, and does not grow old.
    pub retry: RetryLimits,
    /// When nothing is sent for a while, then one thing to see.
    pub circuit: CircuitLimits,
    /// How long a read before a write counts, in milliseconds.
    pub fresh_ms: u64,
}

impl Terms {
    fn is_read_first(&self, one: &Try, now: Timestamp) -> bool {
        let wanted = match self.read_before {
            ReadBefore::Never => false,
            ReadBefore::Always => true,
            ReadBefore::Raises => one.item.class() == Class::Higher,
        };
        // Where nobody knows what the store shows there is nothing to compare with.
        wanted
            && !self.conditional
            && one.item.before.is_some()
            && one.fresh_until.is_none_or(|until| until <= now)
    }
}

/// A number to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Its record. Of two numbers of a listing, the one with the later record is the newer.
    pub record: u64,
    /// The store SKU.
    pub store_sku: String,
    /// What the store shows, where that is known.
    pub before: Option<i64>,
    /// What it is to show.
    pub after: u64,
}

impl Item {
    fn class(&self) -> Class {
        Class::of(self.before, self.after)
    }

    fn is_shown(&self, live: i64) -> bool {
        u64::try_from(live) == Ok(self.after)
    }
}

/// Whether a store is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writes {
    /// It is.
    Open,
    /// Not now, and what waits goes on waiting: a guard holds it.
    Held,
    /// It is not, and what waits is left out for this reason: the store is paused, or everything is switched off.
    Closed(Skip),
}

/// What is to be done, and to be on disk, before the next thing is asked for and before anything new is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Do {
    /// Mark these in flight on disk, then send them. Ends in [`Machine::answered`], [`Machine::broke`] or
    /// [`Machine::overtaken`].
    Send {
        /// Names the batch.
        batch: u64,
        /// In the order of writes.
        items: Vec<Item>,
    },
    /// Read these listings. Ends in [`Machine::seen`] or [`Machine::unseen`].
    Read {
        /// Names the read.
        read: u64,
        /// Sorted.
        store_skus: Vec<String>,
    },
    /// Record what became of these.
    Settle(Vec<(Item, Outcome)>),
    /// Record that these, which had no answer, ended in what the store shows; `None` where it has no such listing.
    Resolve(Vec<(Item, Option<i64>)>),
    /// Plan these store SKUs again: the store shows another number than was thought.
    Replan(Vec<String>),
    /// Offer more of the outbox: there is room.
    Fill,
}

/// How a batch ended that has no outcomes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// It never left. After so many milliseconds the store may be asked again, if it said so.
    NotSent(String, Option<u64>),
    /// It left, and no answer came.
    Unknown(String),
}

/// A read that is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Reading {
    /// Writes whose end is not known.
    unknown: Vec<Item>,
    /// Writes that wait for it.
    before: Vec<Try>,
}

/// A write with what happened to it so far.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Try {
    item: Item,
    attempts: u32,
    /// Whether it is marked in flight on disk.
    claimed: bool,
    /// Why it is not tried again, if it is not: a newer number of its listing was offered, or it was called back.
    dropped: Option<Skip>,
    not_before: Option<Timestamp>,
    /// Until when what was read of the listing counts.
    fresh_until: Option<Timestamp>,
}

impl Try {
    /// How it ends where it is not tried again. One that was never sent only waited on disk, and ended there.
    fn end(self) -> Option<(Item, Outcome)> {
        let why = self.dropped.unwrap_or(Skip::Superseded);
        self.claimed.then_some((self.item, Outcome::Skipped(why)))
    }
}

/// A number that the store accepted, and until when a newer one waits for its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Accepted {
    record: u64,
    until: Timestamp,
}

/// One store's writing.
#[derive(Clone, Debug)]
pub struct Machine {
    terms: Terms,
    writes: Writes,
    window: Window,
    /// Listings with a number under way, being read, or to be read.
    busy: BTreeSet<String>,
    /// Listings whose newest number that left was accepted.
    accepted: BTreeMap<String, Accepted>,
    flying: BTreeMap<u64, Vec<Try>>,
    /// Halves of refused batches: they go before anything else.
    halves: VecDeque<Vec<Try>>,
    unknown: Vec<Item>,
    reading: BTreeMap<u64, Reading>,
    out: VecDeque<Do>,
    next: u64,
    circuit: Circuit,
    /// Nothing is sent or read before: the store asked to be left alone, or could not be read.
    quiet_until: Option<Timestamp>,
}

impl Machine {
    /// A store with nothing to do. `more` says that its outbox is not empty.
    pub fn new(terms: Terms, more: bool) -> Self {
        Self {
            terms,
            writes: Writes::Open,
            window: Window::new(terms.window_max, more),
            busy: BTreeSet::new(),
            accepted: BTreeMap::new(),
            flying: BTreeMap::new(),
            halves: VecDeque::new(),
            unknown: Vec::new(),
            reading: BTreeMap::new(),
            out: VecDeque::new(),
            next: 1,
            circuit: Circuit::new(terms.circuit),
            quiet_until: None,
        }
    }

    /// Writes that wait on disk, in the order of writes. `more` says that there are more than these. A listing's newer number
    /// takes the older one's place.
    pub fn offer(&mut self, items: Vec<Item>, more: bool) {
        self.window.offered(more);
        let mut overtaken = Vec::new();
        for item in items {
            if self.meet_under_way(&item) {
                continue;
            }
            let older = self.window.put(Try {
                item,
                attempts: 0,
                claimed: false,
                dropped: None,
                not_before: None,
                fresh_until: None,
            });
            // One that was sent before is in flight on disk, and has no end there yet.
            let tried = older.filter(|older| older.claimed);
            overtaken.extend(tried.map(|older| (older.item, Outcome::Skipped(Skip::Superseded))));
        }
        self.settle(overtaken);
    }

    /// Writes that left before and have no outcome on disk: of a run that died. Their listings are read.
    pub fn recover(&mut self, items: Vec<Item>) {
        self.busy.extend(items.iter().map(|item| item.store_sku.clone()));
        self.unknown.extend(items);
    }

    /// Writes that the store accepted in an earlier run, and whose end is not known.
    pub fn recover_accepted(&mut self, items: Vec<Item>, now: Timestamp) {
        items.iter().for_each(|item| self.await_end(item, now));
    }

    /// Opens or closes the way to the store.
    pub fn admit(&mut self, writes: Writes) {
        self.writes = writes;
    }

    /// Takes back what has not left of these listings: it is not to be sent any more, and whoever asks ends it on disk. What was
    /// marked in flight there is left out for this reason; what has left ends as it would have, and is not tried again.
    pub fn recall(&mut self, store_skus: &BTreeSet<String>, skip: Skip) {
        // One that waits keeps nobody busy: an older one of its listing may be under way.
        let mut back: Vec<Try> = store_skus.iter().filter_map(|sku| self.window.remove(sku)).collect();
        for half in &mut self.halves {
            for one in half.extract_if(.., |one| store_skus.contains(&one.item.store_sku)) {
                self.busy.remove(&one.item.store_sku);
                back.push(one);
            }
        }
        self.halves.retain(|half| !half.is_empty());
        let left = self.flying.values_mut().flatten();
        let left = left.chain(self.reading.values_mut().flat_map(|reading| &mut reading.before));
        for one in left.filter(|one| store_skus.contains(&one.item.store_sku)) {
            one.dropped = one.dropped.or(Some(skip));
        }
        let claimed = back.into_iter().filter(|one| one.claimed);
        self.settle(claimed.map(|one| (one.item, Outcome::Skipped(skip))).collect());
    }

    /// How many more writes there is room for.
    pub fn room(&self) -> usize {
        self.window.room()
    }

    /// Whether nothing waits and nothing is under way.
    pub fn is_idle(&self) -> bool {
        let under_way = self.flying.len() + self.halves.len() + self.reading.len() + self.unknown.len();
        self.out.is_empty() && under_way == 0 && self.window.is_empty()
    }

    /// How many writes are under way, and how many have an end that nobody knows.
    pub fn counts(&self) -> (u64, u64) {
        let in_flight: usize = self.flying.values().chain(&self.halves).map(Vec::len).sum();
        let read: usize = self.reading.values().map(|reading| reading.unknown.len()).sum();
        (in_flight as u64, (self.unknown.len() + read) as u64)
    }

    /// Whether so much failed in a row that nothing is sent for a while.
    pub fn is_circuit_open(&self) -> bool {
        !self.circuit.pause().is_zero()
    }

    /// What is to be done next, if anything is now.
    pub fn poll(&mut self, now: Timestamp) -> Option<Do> {
        if let Writes::Closed(skip) = self.writes {
            self.leave_out(skip);
        }
        self.drop_halves();
        self.wait_no_longer(now);
        if let Some(next) = self.out.pop_front() {
            return Some(next);
        }
        if self.window.wants_more() {
            return Some(Do::Fill);
        }
        // The circuit is asked only where there is something to send: one that lets it through waits for its end.
        if self.wake(now).is_none_or(|moment| now < moment) || self.circuit.ask(since(now)) != Gate::Open {
            return None;
        }
        if !self.unknown.is_empty() {
            return Some(self.read_unknown());
        }
        if self.writes != Writes::Open {
            return None;
        }
        if let Some(half) = self.halves.pop_front() {
            return Some(self.send(half));
        }
        let (terms, most) = (self.terms, self.batch_max());
        let items = self.take(now, most, |one| !terms.is_read_first(one, now));
        if items.is_empty() { self.read_before(now) } else { Some(self.send(items)) }
    }

    /// When there may be something to do though nothing comes in.
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        if self.under_way() >= self.limit() {
            return None;
        }
        let at_once = !self.unknown.is_empty() || self.writes == Writes::Open && !self.halves.is_empty();
        let writes = if self.writes == Writes::Open { self.next_write() } else { None };
        let first = if at_once { Some(now) } else { writes };
        let shut = self.circuit.shut_until().and_then(|until| Timestamp::UNIX_EPOCH.checked_add(until).ok());
        first.map(|moment| moment.max(now).max(self.quiet_until.unwrap_or(now)).max(shut.unwrap_or(now)))
    }

    /// Tells an older number that is under way of a newer one; whether it is this very one.
    fn meet_under_way(&mut self, item: &Item) -> bool {
        if !self.busy.contains(&item.store_sku) {
            return false;
        }
        let sent = self.flying.values_mut().flatten().chain(self.halves.iter_mut().flatten());
        let read = self.reading.values_mut().flat_map(|reading| &mut reading.before);
        let mut is_it = false;
        for held in sent.chain(read).filter(|held| held.item.store_sku == item.store_sku) {
            is_it |= held.item.record >= item.record;
            if held.item.record < item.record {
                held.dropped = Some(Skip::Superseded);
            }
        }
        is_it
    }

    /// Takes writes out of the window whose listings have nothing under way.
    fn take(&mut self, now: Timestamp, most: usize, wanted: impl Fn(&Try) -> bool) -> Vec<Try> {
        let (busy, accepted) = (&self.busy, &self.accepted);
        let is_free = |store_sku: &str| !busy.contains(store_sku) && !accepted.contains_key(store_sku);
        self.window.take(now, is_free, most, wanted)
    }

    /// When the first write that waits may go, if nothing else happens.
    fn next_write(&self) -> Option<Timestamp> {
        let is_free =
            |store_sku: &str| !self.busy.contains(store_sku) && !self.accepted.contains_key(store_sku);
        let free = self.window.next_moment(is_free);
        let awaited = self.accepted.iter().filter(|(store_sku, _)| self.window.newest(store_sku).is_some());
        free.into_iter().chain(awaited.map(|(_, accepted)| accepted.until)).min()
    }

    fn await_end(&mut self, item: &Item, now: Timestamp) {
        let until = now.checked_add(ACCEPTED_WAIT).unwrap_or(Timestamp::MAX);
        let accepted = Accepted { record: item.record, until };
        let held = self.accepted.entry(item.store_sku.clone()).or_insert(accepted);
        if held.record < item.record {
            *held = accepted;
        }
    }

    fn wait_no_longer(&mut self, now: Timestamp) {
        let before = self.accepted.len();
        self.accepted.retain(|_, accepted| now < accepted.until);
        if self.accepted.len() < before {
            self.window.stir();
        }
    }

    fn under_way(&self) -> usize {
        self.flying.len() + self.reading.len()
    }

    /// One thing at a time while the store has not answered well since it failed.
    fn limit(&self) -> usize {
        if self.is_circuit_open() { 1 } else { self.terms.concurrency.max(1) }
    }

    fn batch_max(&self) -> usize {
        if self.terms.items_max == 0 { usize::MAX } else { self.terms.items_max }
    }

    fn send(&mut self, mut items: Vec<Try>) -> Do {
        let batch = self.number();
        items.iter_mut().for_each(|one| one.claimed = true);
        self.busy.extend(items.iter().map(|one| one.item.store_sku.clone()));
        let sent = items.iter().map(|one| one.item.clone()).collect();
        self.flying.insert(batch, items);
        Do::Send { batch, items: sent }
    }

    fn read_unknown(&mut self) -> Do {
        let count = self.unknown.len().min(self.terms.reads_max.max(1));
        let unknown: Vec<Item> = self.unknown.drain(..count).collect();
        self.read(Reading { unknown, before: Vec::new() })
    }

    fn read_before(&mut self, now: Timestamp) -> Option<Do> {
        let before = self.take(now, self.terms.reads_max.max(1), |_| true);
        if before.is_empty() {
            return None;
        }
        self.busy.extend(before.iter().map(|one| one.item.store_sku.clone()));
        Some(self.read(Reading { unknown: Vec::new(), before }))
    }

    fn read(&mut self, reading: Reading) -> Do {
        let unknown = reading.unknown.iter().map(|item| &item.store_sku);
        let before = reading.before.iter().map(|one| &one.item.store_sku);
        let store_skus: BTreeSet<String> = unknown.chain(before).cloned().collect();
        let read = self.number();
        self.reading.insert(read, reading);
        Do::Read { read, store_skus: store_skus.into_iter().collect() }
    }

    fn leave_out(&mut self, skip: Skip) {
        let halves = std::mem::take(&mut self.halves).into_iter().flatten();
        let halves: Vec<Try> = halves.collect();
        for one in &halves {
            self.busy.remove(&one.item.store_sku);
        }
        let left = halves.into_iter().chain(self.window.clear());
        let left: Vec<_> = left.map(|one| (one.item, Outcome::Skipped(skip))).collect();
        self.settle(left);
    }

    fn drop_halves(&mut self) {
        let mut settled = Vec::new();
        for half in &mut self.halves {
            for one in half.extract_if(.., |one| one.dropped.is_some()) {
                self.busy.remove(&one.item.store_sku);
                settled.extend(one.end());
            }
        }
        self.halves.retain(|half| !half.is_empty());
        self.settle(settled);
    }

    fn settle(&mut self, settled: Vec<(Item, Outcome)>) {
        if !settled.is_empty() {
            self.out.push_back(Do::Settle(settled));
        }
    }

    fn replan(&mut self, store_skus: Vec<String>) {
        if !store_skus.is_empty() {
            self.out.push_back(Do::Replan(store_skus));
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

/// The time as the circuit counts it.
fn since(now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
}
