//! What the front counts of its own work.

use super::super::desk::Histogram;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts since the start.
#[derive(Default)]
pub(super) struct Tally {
    connections: AtomicU64,
    counts: Mutex<Counts>,
}

/// What is counted together.
#[derive(Clone, Default)]
pub(super) struct Counts {
    /// By route and status. Routes are those of a table, so that nobody outside can make them many.
    pub(super) requests: BTreeMap<(&'static str, u16), u64>,
    /// How long requests took.
    pub(super) took: Histogram,
    /// By store and outcome. Stores are those of the configuration.
    pub(super) webhooks: BTreeMap<(String, &'static str), u64>,
    /// Events that could not be read at all; the engine never saw them.
    pub(super) unread_events: u64,
}

impl Tally {
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn request(&self, route: &'static str, status: u16, took: Duration) {
        let mut counts = self.counts();
        *counts.requests.entry((route, status)).or_default() += 1;
        counts.took.observe(took);
    }

    pub(super) fn webhook(&self, store: &str, outcome: &'static str) {
        *self.counts().webhooks.entry((store.to_owned(), outcome)).or_default() += 1;
    }

    pub(super) fn unread_events(&self, count: usize) {
        self.counts().unread_events += count as u64;
    }

    pub(super) fn snapshot(&self) -> Counts {
        self.counts().clone()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
