//! The state on a disk that fails now and then. What is committed is kept, whatever happens to the process.

use super::random::Random;
use crate::dispatch::Outcome;
use crate::orders::{Changes, Entry, Moved, Movement, StockSet, Told};
use crate::record::Record;
use crate::shell::state::{
    Activation, Address, Begun, Caused, Claim, Forgotten, Known, NewRun, Pending, PlanStatus, RecordQuery,
    SqliteState, State, StateFault, Unmapped, Write,
};
use jiff::Timestamp;
use std::ops::ControlFlow;
use std::path::Path;

/// A state in memory behind a disk.
#[derive(Debug)]
pub(super) struct Disk {
    state: SqliteState,
    random: Random,
    /// Of a thousand verbs, so many fail.
    faults: u64,
}

impl Disk {
    pub(super) fn new(faults: u64, seed: u64) -> Self {
        // A state that is nowhere is in memory.
        let state = SqliteState::open_for_reading(Path::new("nowhere/state.db")).expect("a state in memory");
        Self { state, random: Random::new(seed), faults }
    }

    /// From now on so many of a thousand verbs fail; how many did before.
    pub(super) fn fail(&mut self, faults: u64) -> u64 {
        std::mem::replace(&mut self.faults, faults)
    }

    fn trip(&mut self) -> Result<(), StateFault> {
        if self.faults > 0 && self.random.next() % 1_000 < self.faults {
            return Err(StateFault::unusable("the disk is full"));
        }
        Ok(())
    }
}

/// Verbs that are handed on.
macro_rules! verbs {
    ($($name:ident($($argument:ident: $type:ty),*) -> $out:ty;)*) => {
        $(fn $name(&mut self, $($argument: $type),*) -> Result<$out, StateFault> {
            self.trip()?;
            self.state.$name($($argument),*)
        })*
    };
}

impl State for Disk {
    fn commit(&mut self) -> Result<(), StateFault> {
        self.trip().inspect_err(|_| self.state.rollback())?;
        self.state.commit()
    }

    fn rollback(&mut self) {
        self.state.rollback();
    }

    fn begin<'w>(
        &mut self,
        run: &NewRun<'_>,
        writes: &mut dyn Iterator<Item = Write<'w>>,
    ) -> Result<Begun, StateFault> {
        self.trip()?;
        self.state.begin(run, writes)
    }

    verbs! {
        group() -> ();
        pending(store: &str, limit: usize) -> Vec<Pending>;
        claim_batch(claim: &Claim<'_>, items: &[Pending]) -> ();
        settle_batch(store: &str, items: &[Pending], outcomes: &[Outcome], now: Timestamp) -> ();
        unresolved(store: &str, limit: usize) -> Vec<Pending>;
        resolve(store: &str, items: &[Pending], live: &[Option<i64>], now: Timestamp) -> ();
        accepted(store: &str, limit: usize) -> Vec<(Pending, String)>;
        observe(store: &str, numbers: &mut dyn Iterator<Item = (&str, i64)>, now: Timestamp) -> ();
        known(store: &str, each: &mut dyn FnMut(Known<'_>)) -> ();
        addresses(store: &str, each: &mut dyn FnMut(Address<'_>)) -> ();
        keep_addresses(
            store: &str,
            keep: &mut dyn Iterator<Item = Address<'_>>,
            forget: &mut dyn Iterator<Item = &str>,
            now: Timestamp
        ) -> ();
        plan_status(plan_id: &str) -> PlanStatus;
        records(query: &RecordQuery<'_>, each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>) -> ();
        forget_records(before: Timestamp, most: usize) -> Forgotten;
        activations() -> Vec<Activation>;
        rules(version: &str) -> Option<String>;
        accept_events(changes: &Changes, runs: &[Caused<'_>]) -> Vec<Begun>;
        last_received() -> Option<Timestamp>;
        has_orders() -> bool;
        has_event(id: &str) -> bool;
        order(order: &str) -> Entry;
        told(sku: &str, warehouse: &str) -> Option<Told>;
        moved(sku: &str, warehouse: &str, after: Option<Timestamp>) -> Moved;
        stock_told(each: &mut dyn FnMut(&StockSet)) -> ();
        movements(each: &mut dyn FnMut(Option<u64>, &Movement)) -> ();
        orders_of(sku: &str, each: &mut dyn FnMut(&str, &str, &Movement)) -> ();
        unmapped(each: &mut dyn FnMut(Unmapped<'_>)) -> ();
        synced(sku: &str) -> Option<u64>;
        each_synced(each: &mut dyn FnMut(Option<&str>, u64)) -> ();
        remember_stock(hashes: &mut dyn Iterator<Item = u64>) -> ();
        note(name: &str) -> Option<String>;
        keep_note(name: &str, text: Option<&str>) -> ();
        notes(prefix: &str) -> Vec<(String, String)>;
        stock_seen(each: &mut dyn FnMut(u64)) -> ();
        remember_goods(hashes: &mut dyn Iterator<Item = u64>) -> ();
        goods_seen(each: &mut dyn FnMut(u64)) -> ();
    }
}
