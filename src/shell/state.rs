//! What is remembered between runs: last known numbers, the outbox, records, activations, applied plans.
//!
//! [`State`] is a few blocking verbs on plain data, each one transaction, for any database.

mod addresses;
#[cfg(test)]
mod conformance;
mod events;
mod forget;
mod known;
mod last_skus;
mod lock;
mod notes;
mod open;
mod outbox;
mod records;
mod runs;
mod schema;
mod shelf;
mod sqlite;
#[cfg(test)]
mod tests;

pub use last_skus::last_skus;
pub use lock::{Hold, Holder};
pub use shelf::OnShelf;
pub use sqlite::SqliteState;

use crate::dispatch::{Class, Item, Outcome};
use crate::orders::{Changes, Entry, Moved, Movement, StockSet, Told};
use crate::record::{Record, Skip, Status, Trigger};
use jiff::Timestamp;
use std::ops::ControlFlow;

/// Everything that outlives a run. Each verb is one transaction: all of it is on disk when it returns, or none.
///
/// Many may be made one: between [`group`](Self::group) and [`commit`](Self::commit) nothing is on disk for good. A verb that fails
/// takes all of them along; but a batch that is refused leaves nothing, and the others stand.
pub trait State {
    /// Begins a transaction that all verbs are part of until it is committed; nothing where one is begun.
    fn group(&mut self) -> Result<(), StateFault>;
    /// Puts on disk everything since [`group`](Self::group); nothing where none was begun. Where it fails, all of it is undone.
    fn commit(&mut self) -> Result<(), StateFault>;
    /// Undoes everything since [`group`](Self::group).
    fn rollback(&mut self);
    /// Starts a run: activates its rules, marks its plan started, puts its writes into the outbox, and makes their records.
    fn begin<'w>(
        &mut self,
        run: &NewRun<'_>,
        writes: &mut dyn Iterator<Item = Write<'w>>,
    ) -> Result<Begun, StateFault>;
    /// The writes of a store that wait, in the order of writes; at most `limit`.
    fn pending(&mut self, store: &str, limit: usize) -> Result<Vec<Pending>, StateFault>;
    /// Marks writes in flight. To be called before they leave; one that is no longer the listing's newest is refused.
    fn claim_batch(&mut self, claim: &Claim<'_>, items: &[Pending]) -> Result<(), StateFault>;
    /// Records what became of writes, in the order of `items`: records, last known numbers, outbox and plan.
    fn settle_batch(
        &mut self,
        store: &str,
        items: &[Pending],
        outcomes: &[Outcome],
        now: Timestamp,
    ) -> Result<(), StateFault>;
    /// Writes that left and have no outcome: of a run that died, or unknown. The store is to be read.
    fn unresolved(&mut self, store: &str, limit: usize) -> Result<Vec<Pending>, StateFault>;
    /// Ends unresolved writes by what the store shows, in the order of `items`; `None` where it has no such listing.
    fn resolve(
        &mut self,
        store: &str,
        items: &[Pending],
        live: &[Option<i64>],
        now: Timestamp,
    ) -> Result<(), StateFault>;
    /// Writes that the store has accepted and not settled, with their tickets.
    fn accepted(&mut self, store: &str, limit: usize) -> Result<Vec<(Pending, String)>, StateFault>;
    /// Remembers numbers that were read; only those that differ are written.
    fn observe(
        &mut self,
        store: &str,
        numbers: &mut dyn Iterator<Item = (&str, i64)>,
        now: Timestamp,
    ) -> Result<(), StateFault>;
    /// The last known numbers of a store, by store SKU.
    fn known(&mut self, store: &str, each: &mut dyn FnMut(Known<'_>)) -> Result<(), StateFault>;
    /// What the listings of a store are called there, by store SKU.
    fn addresses(&mut self, store: &str, each: &mut dyn FnMut(Address<'_>)) -> Result<(), StateFault>;
    /// Keeps what listings are called, and forgets what some were called before.
    fn keep_addresses(
        &mut self,
        store: &str,
        keep: &mut dyn Iterator<Item = Address<'_>>,
        forget: &mut dyn Iterator<Item = &str>,
        now: Timestamp,
    ) -> Result<(), StateFault>;
    /// How far a plan has come.
    fn plan_status(&mut self, plan_id: &str) -> Result<PlanStatus, StateFault>;
    /// The records that a query asks for.
    fn records(
        &mut self,
        query: &RecordQuery<'_>,
        each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), StateFault>;
    /// Looks at so many records, and forgets those that ended before a moment and are not their listings' newest. To be called
    /// again until a round is done.
    fn forget_records(&mut self, before: Timestamp, most: usize) -> Result<Forgotten, StateFault>;
    /// Every activation, newest first.
    fn activations(&mut self) -> Result<Vec<Activation>, StateFault>;
    /// The canonical rules of a version.
    fn rules(&mut self, version: &str) -> Result<Option<String>, StateFault>;
    /// Keeps what events changed, and starts the runs that they cause. What was taken before the last changes must be in them.
    fn accept_events(&mut self, changes: &Changes, runs: &[Caused<'_>]) -> Result<Vec<Begun>, StateFault>;
    /// When the newest event was taken.
    fn last_received(&mut self) -> Result<Option<Timestamp>, StateFault>;
    /// Whether there are any orders.
    fn has_orders(&mut self) -> Result<bool, StateFault>;
    /// Whether an event was taken.
    fn has_event(&mut self, id: &str) -> Result<bool, StateFault>;
    /// Everything that was told of orders with an id.
    fn order(&mut self, order: &str) -> Result<Entry, StateFault>;
    /// The number that was told of a SKU in a warehouse, if one was.
    fn told(&mut self, sku: &str, warehouse: &str) -> Result<Option<Told>, StateFault>;
    /// The sums of the movements of a SKU in a warehouse, in part those after a moment.
    fn moved(&mut self, sku: &str, warehouse: &str, after: Option<Timestamp>) -> Result<Moved, StateFault>;
    /// Every number that was told, by SKU and warehouse.
    fn stock_told(&mut self, each: &mut dyn FnMut(&StockSet)) -> Result<(), StateFault>;
    /// Every movement with the number of its order, by SKU.
    fn movements(&mut self, each: &mut dyn FnMut(Option<u64>, &Movement)) -> Result<(), StateFault>;
    /// What orders do to a SKU: order, store, movement; by when they were placed.
    fn orders_of(&mut self, sku: &str, each: &mut dyn FnMut(&str, &str, &Movement))
    -> Result<(), StateFault>;
    /// Orders with lines that no mapping knew when they were worked out.
    fn unmapped(&mut self, each: &mut dyn FnMut(Unmapped<'_>)) -> Result<(), StateFault>;
    /// The activation under which a SKU was synced last.
    fn synced(&mut self, sku: &str) -> Result<Option<u64>, StateFault>;
    /// The activation under which each SKU was synced last; without a name the one under which every SKU was.
    fn each_synced(&mut self, each: &mut dyn FnMut(Option<&str>, u64)) -> Result<(), StateFault>;
    /// Remembers which stock rows there were, by hash, in place of those before.
    fn remember_stock(&mut self, hashes: &mut dyn Iterator<Item = u64>) -> Result<(), StateFault>;
    /// What was noted under a name.
    fn note(&mut self, name: &str) -> Result<Option<String>, StateFault>;
    /// Notes something under a name, in place of what was noted before; `None` forgets it.
    fn keep_note(&mut self, name: &str, text: Option<&str>) -> Result<(), StateFault>;
    /// Everything noted under names that begin so, by name.
    fn notes(&mut self, prefix: &str) -> Result<Vec<(String, String)>, StateFault>;
    /// The stock rows of the last run, by hash, in rising order.
    fn stock_seen(&mut self, each: &mut dyn FnMut(u64)) -> Result<(), StateFault>;
    /// Remembers goods as the files have them, by hash, in place of those before.
    fn remember_goods(&mut self, hashes: &mut dyn Iterator<Item = u64>) -> Result<(), StateFault>;
    /// The goods of the last run, by hash, in rising order.
    fn goods_seen(&mut self, each: &mut dyn FnMut(u64)) -> Result<(), StateFault>;
}

/// A rule-set version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version<'a> {
    /// `sha256:…`.
    pub version: &'a str,
    /// The rules in canonical form.
    pub rules: &'a str,
    /// The commit, in a git checkout.
    pub commit: Option<&'a str>,
}

/// A run that starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRun<'a> {
    /// The plan that it carries out, if any.
    pub plan_id: Option<&'a str>,
    /// What set it off.
    pub trigger: Trigger,
    /// Who asked for it.
    pub actor: &'a str,
    /// The order that caused it, if one did.
    pub order_id: Option<&'a str>,
    /// When.
    pub now: Timestamp,
    /// Under which rules.
    pub version: Version<'a>,
    /// Whether it writes. Where it does not (switched off, a guard holds), nothing is activated and the plan stays as it is.
    pub activate: bool,
    /// Stores whose waiting writes it takes the place of, even where it has no number of its own for the listing.
    pub replaces: &'a [&'a str],
    /// The activation it runs under where that is not the one of `version` that is current: an order's, which keeps the rules
    /// that it was placed under. Nothing is activated then.
    pub pinned: Option<u64>,
    /// Which SKUs are synced by it.
    pub covers: Covers<'a>,
}

/// An order with lines that no mapping knew when it was worked out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unmapped<'a> {
    /// Its number in the state.
    pub number: u64,
    /// Its id.
    pub order: &'a str,
    /// Its store.
    pub store: &'a str,
    /// The store SKUs that no mapping knew, sorted.
    pub store_skus: &'a [String],
}

/// Which SKUs a run brings under its activation. An order that was placed before never takes them back to an older one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Covers<'a> {
    /// Those that it writes.
    #[default]
    Written,
    /// These, whether their numbers change or not.
    Skus(&'a [&'a str]),
    /// Every one.
    All,
}

/// A run that events cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caused<'a> {
    /// The run.
    pub run: NewRun<'a>,
    /// Its writes.
    pub writes: &'a [Write<'a>],
}

/// A number to be written, or one that is left out and only recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Write<'a> {
    /// The store's name.
    pub store: &'a str,
    /// The store SKU.
    pub store_sku: &'a str,
    /// The merchant SKU.
    pub sku: &'a str,
    /// What the store shows, where that is known.
    pub before: Option<i64>,
    /// What it is to show.
    pub after: u64,
    /// The rule that gave the number, if one did.
    pub rule: Option<&'a str>,
    /// Why it is left out, if it is.
    pub skip: Option<Skip>,
}

/// What a run got when it started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// Its number.
    pub run: u64,
    /// The activation it runs under; `None` where it activates nothing.
    pub activation: Option<u64>,
    /// The records of the writes that wait because of it, in their order.
    pub pending: Vec<u64>,
}

/// A write that waits, or is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// Its record.
    pub record: u64,
    /// The store SKU.
    pub store_sku: String,
    /// What the store showed when it was planned, where that was known.
    pub before: Option<i64>,
    /// What it is to show.
    pub after: u64,
    /// Its place in the order of writes.
    pub class: Class,
}

impl Pending {
    /// A write as the machine of its store has it.
    pub fn of(item: &Item) -> Self {
        let Item { record, store_sku, before, after } = item.clone();
        Self { record, store_sku, before, after, class: Class::of(before, after) }
    }
}

/// What is known of a batch before it leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim<'a> {
    /// The store's name.
    pub store: &'a str,
    /// Its idempotency key.
    pub key: &'a str,
    /// The hash of its body.
    pub body_hash: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What was last known of a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known<'a> {
    /// The store SKU.
    pub store_sku: &'a str,
    /// What the store showed.
    pub quantity: i64,
    /// What was last written there, if anything was.
    pub written: Option<i64>,
    /// The activation under which it was written.
    pub activation: Option<u64>,
}

/// What a listing is called by its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address<'a> {
    /// The store SKU.
    pub store_sku: &'a str,
    /// In the connector's own encoding.
    pub address: &'a str,
    /// The product that it is a part of; empty for none.
    pub parent: &'a str,
}

/// How far a plan has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanStatus {
    /// Never carried out.
    New,
    /// Begun, and something of it is not done: it may be resumed.
    Started,
    /// Done.
    Finished,
}

/// Which records are wanted. The default is all of them, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RecordQuery<'a> {
    /// Of this merchant SKU.
    pub sku: Option<&'a str>,
    /// Of this store.
    pub store: Option<&'a str>,
    /// With this status.
    pub status: Option<Status>,
    /// Changed at or after this moment.
    pub since: Option<Timestamp>,
    /// Which come first.
    pub first: First,
    /// At most this many.
    pub limit: Option<u64>,
}

/// Which records come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum First {
    /// The newest.
    #[default]
    Newest,
    /// The oldest.
    Oldest,
}

/// What became of a look for records to be forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// How many were forgotten.
    pub records: u64,
    /// Whether every record was looked at that is old enough; the next look begins anew.
    pub is_done: bool,
}

/// A version that came into force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activation {
    /// Counted from 1.
    pub number: u64,
    /// `sha256:…` of the rules.
    pub version: String,
    /// When.
    pub time: Timestamp,
    /// The commit, in a git checkout.
    pub commit: Option<String>,
}

/// Why the state could not do something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateFault {
    /// What kind of thing stands in the way.
    pub kind: StateFaultKind,
    /// One line for a person.
    pub message: String,
    /// How to put it right, where that is known.
    pub help: Option<String>,
}

/// What kind of thing stands in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateFaultKind {
    /// Another run holds the state.
    Held,
    /// The plan is finished.
    PlanFinished,
    /// Of the writes that were to be claimed, this one is no longer its listing's newest.
    Overtaken(usize),
    /// The state cannot be opened, read or written.
    Unusable,
}

impl StateFault {
    /// A state that cannot be used.
    pub fn unusable(message: impl Into<String>) -> Self {
        Self { kind: StateFaultKind::Unusable, message: message.into(), help: None }
    }

    /// The same, with how to put it right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for StateFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for StateFault {}
