//! The state in one SQLite file.

use super::known::Seen;
use super::{
    Activation, Address, Begun, Caused, Claim, Forgotten, Hold, Holder, Known, NewRun, Pending, PlanStatus,
    RecordQuery, State, StateFault, StateFaultKind, Unmapped, Write, addresses, events, forget, known, notes,
    open, outbox, records, runs,
};
use crate::dispatch::Outcome;
use crate::orders::{Changes, Entry, Moved, Movement, StockSet, Told};
use crate::record::Record;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::ops::ControlFlow;
use std::path::Path;

/// A state in a SQLite file.
#[derive(Debug)]
pub struct SqliteState {
    connection: Connection,
    /// Released when the state is closed; `None` where it was opened for reading.
    _hold: Option<Hold>,
    /// Whether verbs are part of a transaction that was begun before.
    grouped: bool,
    /// Whether a verb failed since it was begun: what it had written is among the rest, so none of it is kept.
    broken: bool,
}

impl SqliteState {
    /// Opens a state to write it, which nobody else may do meanwhile. Makes it where there is none.
    pub fn open(path: &Path, holder: &Holder) -> Result<Self, StateFault> {
        open::folder(path)?;
        let hold = Hold::take(&path.with_file_name("lock"), holder)?;
        Ok(Self { connection: open::writer(path)?, _hold: Some(hold), grouped: false, broken: false })
    }

    /// Opens a state to read it, whoever holds it. Where there is none, an empty one, and no file is made.
    pub fn open_for_reading(path: &Path) -> Result<Self, StateFault> {
        Ok(Self { connection: open::reader(path)?, _hold: None, grouped: false, broken: false })
    }

    /// Keeps so much of the file in memory, in KiB.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn keep_in_memory(&mut self, kib: u32) -> Result<(), StateFault> {
        self.connection.pragma_update(None, "cache_size", -i64::from(kib)).map_err(open::fault)
    }

    /// Whether verbs are part of a transaction that was begun before.
    pub(in crate::shell) fn is_grouped(&self) -> bool {
        self.grouped
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StateFault>) -> Result<T, StateFault> {
        if self.grouped {
            self.still_grouped()?;
            // No savepoint: for one, SQLite copies every page that a verb changes.
            let done = work(&self.connection);
            let refused = |fault: &StateFault| matches!(fault.kind, StateFaultKind::Overtaken(_));
            self.broken = done.as_ref().is_err_and(|fault| !refused(fault));
            return done;
        }
        let transaction =
            Transaction::new(&mut self.connection, TransactionBehavior::Immediate).map_err(open::fault)?;
        let done = work(&transaction)?;
        transaction.commit().map_err(open::fault)?;
        Ok(done)
    }

    /// Makes the disk full after so many pages.
    #[cfg(test)]
    pub(in crate::shell) fn set_page_limit(&self, pages_max: u32) {
        let set = self.connection.pragma_update_and_check(None, "max_page_count", pages_max, |_| Ok(()));
        set.expect("a limit");
    }

    /// Where the disk is full, SQLite undoes a whole transaction by itself.
    fn still_grouped(&self) -> Result<(), StateFault> {
        if self.broken || self.connection.is_autocommit() {
            return Err(StateFault::unusable("what was to be written together is undone"));
        }
        Ok(())
    }
}

impl State for SqliteState {
    fn group(&mut self) -> Result<(), StateFault> {
        if !self.grouped {
            self.connection.execute_batch("BEGIN IMMEDIATE").map_err(open::fault)?;
            self.grouped = true;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StateFault> {
        if !self.grouped {
            return Ok(());
        }
        let committed =
            self.still_grouped().and_then(|()| self.connection.execute_batch("COMMIT").map_err(open::fault));
        self.rollback();
        committed
    }

    fn rollback(&mut self) {
        (self.grouped, self.broken) = (false, false);
        if !self.connection.is_autocommit() {
            // What cannot be undone now is undone when the connection is closed.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn begin<'w>(
        &mut self,
        run: &NewRun<'_>,
        writes: &mut dyn Iterator<Item = Write<'w>>,
    ) -> Result<Begun, StateFault> {
        self.write(|transaction| runs::begin(transaction, run, writes))
    }

    fn pending(&mut self, store: &str, limit: usize) -> Result<Vec<Pending>, StateFault> {
        outbox::waiting(&self.connection, store, limit).map_err(open::fault)
    }

    fn claim_batch(&mut self, claim: &Claim<'_>, items: &[Pending]) -> Result<(), StateFault> {
        self.write(|transaction| outbox::claim(transaction, claim, items))
    }

    fn settle_batch(
        &mut self,
        store: &str,
        items: &[Pending],
        outcomes: &[Outcome],
        now: Timestamp,
    ) -> Result<(), StateFault> {
        if items.len() != outcomes.len() {
            return Err(StateFault::unusable("a batch got more or fewer outcomes than it has items"));
        }
        let now = now.as_millisecond();
        self.write(|transaction| {
            outbox::settle(transaction, store, items.iter().zip(outcomes), now).map_err(open::fault)
        })
    }

    fn unresolved(&mut self, store: &str, limit: usize) -> Result<Vec<Pending>, StateFault> {
        outbox::unresolved(&self.connection, store, limit).map_err(open::fault)
    }

    fn resolve(
        &mut self,
        store: &str,
        items: &[Pending],
        live: &[Option<i64>],
        now: Timestamp,
    ) -> Result<(), StateFault> {
        if items.len() != live.len() {
            return Err(StateFault::unusable("there are more or fewer live numbers than writes to resolve"));
        }
        let now = now.as_millisecond();
        self.write(|transaction| {
            outbox::resolve(transaction, store, items.iter().zip(live.iter().copied()), now)
                .map_err(open::fault)
        })
    }

    fn accepted(&mut self, store: &str, limit: usize) -> Result<Vec<(Pending, String)>, StateFault> {
        outbox::accepted(&self.connection, store, limit).map_err(open::fault)
    }

    fn observe(
        &mut self,
        store: &str,
        numbers: &mut dyn Iterator<Item = (&str, i64)>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        self.write(|transaction| {
            known::observe(transaction, store, numbers, now.as_millisecond()).map_err(open::fault)
        })
    }

    fn known(&mut self, store: &str, each: &mut dyn FnMut(Known<'_>)) -> Result<(), StateFault> {
        known::each(&self.connection, store, each).map_err(open::fault)
    }

    fn addresses(&mut self, store: &str, each: &mut dyn FnMut(Address<'_>)) -> Result<(), StateFault> {
        addresses::each(&self.connection, store, each).map_err(open::fault)
    }

    fn keep_addresses(
        &mut self,
        store: &str,
        keep: &mut dyn Iterator<Item = Address<'_>>,
        forget: &mut dyn Iterator<Item = &str>,
        now: Timestamp,
    ) -> Result<(), StateFault> {
        self.write(|transaction| {
            addresses::forget(transaction, store, forget)
                .and_then(|()| addresses::keep(transaction, store, keep, now.as_millisecond()))
                .map_err(open::fault)
        })
    }

    fn plan_status(&mut self, plan_id: &str) -> Result<PlanStatus, StateFault> {
        runs::plan_status(&self.connection, plan_id).map_err(open::fault)
    }

    fn records(
        &mut self,
        query: &RecordQuery<'_>,
        each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), StateFault> {
        records::each(&self.connection, query, each).map_err(open::fault)
    }

    fn forget_records(&mut self, before: Timestamp, most: usize) -> Result<Forgotten, StateFault> {
        // A run that is deleted would be looked for in every record: what refers to it was looked at already.
        self.connection.pragma_update(None, "foreign_keys", "OFF").map_err(open::fault)?;
        let before = before.as_millisecond();
        let done = self.write(|transaction| forget::records(transaction, before, most).map_err(open::fault));
        self.connection.pragma_update(None, "foreign_keys", "ON").map_err(open::fault)?;
        done
    }

    fn activations(&mut self) -> Result<Vec<Activation>, StateFault> {
        runs::activations(&self.connection).map_err(open::fault)
    }

    fn rules(&mut self, version: &str) -> Result<Option<String>, StateFault> {
        runs::rules(&self.connection, version).map_err(open::fault)
    }

    fn accept_events(&mut self, changes: &Changes, caused: &[Caused<'_>]) -> Result<Vec<Begun>, StateFault> {
        self.write(|transaction| {
            events::accept(transaction, changes).map_err(open::fault)?;
            let begin = |Caused { run, writes }: &Caused<'_>| {
                runs::begin(transaction, run, &mut writes.iter().copied())
            };
            caused.iter().map(begin).collect()
        })
    }

    fn last_received(&mut self) -> Result<Option<Timestamp>, StateFault> {
        events::last_received(&self.connection).map_err(open::fault)
    }

    fn has_orders(&mut self) -> Result<bool, StateFault> {
        events::has_orders(&self.connection).map_err(open::fault)
    }

    fn has_event(&mut self, id: &str) -> Result<bool, StateFault> {
        events::has_event(&self.connection, id).map_err(open::fault)
    }

    fn order(&mut self, order: &str) -> Result<Entry, StateFault> {
        events::entry(&self.connection, order)
    }

    fn told(&mut self, sku: &str, warehouse: &str) -> Result<Option<Told>, StateFault> {
        events::told(&self.connection, sku, warehouse).map_err(open::fault)
    }

    fn moved(&mut self, sku: &str, warehouse: &str, after: Option<Timestamp>) -> Result<Moved, StateFault> {
        events::moved(&self.connection, sku, warehouse, after).map_err(open::fault)
    }

    fn stock_told(&mut self, each: &mut dyn FnMut(&StockSet)) -> Result<(), StateFault> {
        events::stock_told(&self.connection, each).map_err(open::fault)
    }

    fn movements(&mut self, each: &mut dyn FnMut(Option<u64>, &Movement)) -> Result<(), StateFault> {
        events::movements(&self.connection, each).map_err(open::fault)
    }

    fn orders_of(
        &mut self,
        sku: &str,
        each: &mut dyn FnMut(&str, &str, &Movement),
    ) -> Result<(), StateFault> {
        events::orders_of(&self.connection, sku, each).map_err(open::fault)
    }

    fn unmapped(&mut self, each: &mut dyn FnMut(Unmapped<'_>)) -> Result<(), StateFault> {
        events::unmapped(&self.connection, each).map_err(open::fault)
    }

    fn synced(&mut self, sku: &str) -> Result<Option<u64>, StateFault> {
        events::synced(&self.connection, sku).map_err(open::fault)
    }

    fn each_synced(&mut self, each: &mut dyn FnMut(Option<&str>, u64)) -> Result<(), StateFault> {
        events::each_synced(&self.connection, each).map_err(open::fault)
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, StateFault> {
        notes::find(&self.connection, name).map_err(open::fault)
    }

    fn keep_note(&mut self, name: &str, text: Option<&str>) -> Result<(), StateFault> {
        self.write(|transaction| notes::keep(transaction, name, text).map_err(open::fault))
    }

    fn notes(&mut self, prefix: &str) -> Result<Vec<(String, String)>, StateFault> {
        notes::all(&self.connection, prefix).map_err(open::fault)
    }

    fn remember_stock(&mut self, hashes: &mut dyn Iterator<Item = u64>) -> Result<(), StateFault> {
        self.write(|transaction| known::remember(transaction, Seen::Stock, hashes).map_err(open::fault))
    }

    fn stock_seen(&mut self, each: &mut dyn FnMut(u64)) -> Result<(), StateFault> {
        known::seen(&self.connection, Seen::Stock, each).map_err(open::fault)
    }

    fn remember_goods(&mut self, hashes: &mut dyn Iterator<Item = u64>) -> Result<(), StateFault> {
        self.write(|transaction| known::remember(transaction, Seen::Goods, hashes).map_err(open::fault))
    }

    fn goods_seen(&mut self, each: &mut dyn FnMut(u64)) -> Result<(), StateFault> {
        known::seen(&self.connection, Seen::Goods, each).map_err(open::fault)
    }
}
