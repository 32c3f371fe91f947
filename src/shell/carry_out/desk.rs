//! What stores that are written side by side share: one state, one standard error, one count.

mod together;

use super::Done;
use crate::dispatch::Outcome;
use crate::shell::exit::Stop;
use crate::shell::fault::StoreFault;
use crate::shell::output::Output;
use crate::shell::state::{Claim, Pending, SqliteState, State, StateFault};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use together::Together;

/// Shared by the threads of a run.
pub(super) struct Desk<'a> {
    state: Together<'a>,
    output: Mutex<&'a mut Output>,
    counts: Mutex<Counts>,
    stopped: AtomicBool,
}

#[derive(Default)]
struct Counts {
    done: Done,
    written: u64,
    total: u64,
    /// The records of what was accepted, and counts as such.
    accepted: HashSet<u64>,
    faults: Vec<StoreFault>,
    stop: Option<Stop>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(state: &'a mut SqliteState, output: &'a mut Output, done: Done) -> Self {
        let counts = Counts { done, ..Counts::default() };
        let stopped = AtomicBool::new(false);
        Self { state: Together::new(state), output: Mutex::new(output), counts: Mutex::new(counts), stopped }
    }

    /// Asks the state.
    pub(super) fn read<T>(&self, ask: impl FnOnce(&mut SqliteState) -> T) -> T {
        self.state.read(ask)
    }

    /// Writes the state; when this returns it is on disk.
    pub(super) fn write<T>(
        &self,
        verb: impl FnMut(&mut SqliteState) -> Result<T, StateFault>,
    ) -> Result<T, StateFault> {
        self.state.write(verb)
    }

    /// So many numbers more are to be written.
    pub(super) fn expect(&self, items: usize) {
        self.counts().total += items as u64;
    }

    /// Writes down what became of items; when this returns it is on disk.
    pub(super) fn settle(&self, store: &str, items: &[Pending], outcomes: &[Outcome]) -> Result<(), Stop> {
        self.turn(store, items, outcomes, &[])
    }

    /// The same, and batches are marked in flight by the same transaction.
    pub(super) fn turn(
        &self,
        store: &str,
        items: &[Pending],
        outcomes: &[Outcome],
        claims: &[(Claim<'_>, &[Pending])],
    ) -> Result<(), Stop> {
        self.write(|state| {
            if !items.is_empty() {
                state.settle_batch(store, items, outcomes, Timestamp::now())?;
            }
            claims.iter().try_for_each(|(claim, items)| state.claim_batch(claim, items))
        })?;
        if items.is_empty() {
            return Ok(());
        }
        let mut counts = self.counts();
        for (item, outcome) in items.iter().zip(outcomes) {
            counts.done.count(outcome);
            if matches!(outcome, Outcome::Accepted(_)) {
                counts.accepted.insert(item.record);
            }
        }
        counts.written += outcomes.len() as u64;
        let (written, total) = (counts.written, counts.total);
        drop(counts);
        self.output().progress(format_args!("writing: {written} of {total}"));
        Ok(())
    }

    /// The same for items that were accepted. Those of earlier runs are among them, which nobody counted.
    pub(super) fn settle_accepted(
        &self,
        store: &str,
        items: &[Pending],
        outcomes: &[Outcome],
    ) -> Result<(), Stop> {
        self.write(|state| state.settle_batch(store, items, outcomes, Timestamp::now()))?;
        let mut counts = self.counts();
        for (item, outcome) in items.iter().zip(outcomes) {
            if counts.accepted.remove(&item.record) {
                counts.done.accepted -= 1;
                counts.done.count(outcome);
            }
        }
        Ok(())
    }

    pub(super) fn progress(&self, doing: impl std::fmt::Display) {
        self.output().progress(doing);
    }

    /// Keeps what a store did wrong, to be told at the end.
    pub(super) fn fault(&self, fault: &StoreFault) {
        self.counts().faults.push(fault.clone());
    }

    /// Keeps what stops the run: nobody begins anything more.
    pub(super) fn keep(&self, sent: Result<(), Stop>) {
        if let Err(stop) = sent {
            self.stopped.store(true, Ordering::Relaxed);
            self.counts().stop.get_or_insert(stop);
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Tells what went wrong, in the order of the stores' names, and gives the count.
    pub(super) fn close(self) -> Result<Done, Stop> {
        let output = self.output.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counts = self.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        output.end_progress();
        counts.faults.sort_by(|a, b| (&a.store, &a.what).cmp(&(&b.store, &b.what)));
        counts.faults.dedup_by(|a, b| (&a.store, &a.what) == (&b.store, &b.what));
        for fault in &counts.faults {
            output.fault(&fault.to_string(), fault.help.as_deref());
        }
        counts.stop.map_or(Ok(counts.done), Err)
    }

    fn output(&self) -> MutexGuard<'_, &'a mut Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
