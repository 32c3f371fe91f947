//! What a person should know soon: pushed by the engine, which never waits, and told by a command or a webhook of the user's.

mod messenger;
mod pile;
mod words;

pub use messenger::{Messenger, Posting};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// So many alerts wait to be told; what comes on top is counted only.
pub const ALERTS_WAITING_MAX: usize = 256;

/// Something that a person should know soon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alert {
    /// A number could not be written, for good.
    FailedWrite {
        /// The store's name.
        store: String,
        /// The store SKU.
        store_sku: String,
        /// The merchant SKU.
        sku: String,
        /// Why, in the store's words.
        detail: String,
    },
    /// More is ordered than there is.
    NegativeStock {
        /// The merchant SKU.
        sku: String,
        /// The warehouse.
        warehouse: String,
        /// What is available there: below 0.
        available: i64,
    },
    /// A guard holds numbers back.
    Guard {
        /// The store's name; `None` where it is about all of them.
        store: Option<String>,
        /// The guard's name.
        guard: String,
        /// What may be.
        limit: String,
        /// What would be.
        would_be: String,
        /// Names what is held, for `POST /v1/plans/{id}/allow`.
        plan_id: String,
    },
    /// A store shows another number than was last written there.
    Drift {
        /// The store's name.
        store: String,
        /// The store SKU.
        store_sku: String,
        /// What was written last.
        written: i64,
        /// What it shows; `None` where the listing is gone.
        live: Option<i64>,
    },
    /// A store is left alone for a while, since it fails again and again.
    CircuitOpen {
        /// The store's name.
        store: String,
        /// What it failed with last.
        detail: String,
    },
}

/// Where alerts are pushed. Copies are the same place.
#[derive(Clone)]
pub struct Alerts {
    queue: SyncSender<Note>,
    counts: AlertCounts,
}

/// What became of alerts since the start. Copies are the same counts.
#[derive(Clone, Debug, Default)]
pub struct AlertCounts(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    told: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// What became of alerts since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AlertTotals {
    /// Told to everybody who was to be told.
    pub told: u64,
    /// Attempts to tell that failed; what they were about is told later.
    pub failed: u64,
    /// Forgotten, since too many waited.
    pub dropped: u64,
}

/// What the messenger is sent.
enum Note {
    Alert(Alert),
    Follow(Box<Posting>),
    Close,
}

/// The other side of [`Alerts`].
pub struct Waiting {
    queue: Receiver<Note>,
    counts: AlertCounts,
}

/// A place for alerts, and its other side.
pub fn open() -> (Alerts, Waiting) {
    let (sender, queue) = sync_channel(ALERTS_WAITING_MAX);
    let counts = AlertCounts::default();
    (Alerts { queue: sender, counts: counts.clone() }, Waiting { queue, counts })
}

impl Alerts {
    /// Pushes an alert, at once: where too many wait it is counted and forgotten.
    pub fn push(&self, alert: Alert) {
        if self.queue.try_send(Note::Alert(alert)).is_err() {
            self.counts.dropped(1);
        }
    }

    /// Tells others from now on. Waits until there is room.
    pub fn follow(&self, posting: Posting) {
        // A messenger that has ended tells nobody.
        let _ = self.queue.send(Note::Follow(Box::new(posting)));
    }

    /// Tells what waits, and nothing more. Waits until there is room.
    pub fn close(&self) {
        // A messenger that has ended tells nobody.
        let _ = self.queue.send(Note::Close);
    }

    /// What became of them.
    pub fn counts(&self) -> AlertCounts {
        self.counts.clone()
    }
}

impl AlertCounts {
    /// All of them.
    pub fn totals(&self) -> AlertTotals {
        let Counters { told, failed, dropped } = &*self.0;
        let [told, failed, dropped] = [told, failed, dropped].map(|counter| counter.load(Ordering::Relaxed));
        AlertTotals { told, failed, dropped }
    }

    fn told(&self, count: u64) {
        self.0.told.fetch_add(count, Ordering::Relaxed);
    }

    fn failed(&self) {
        self.0.failed.fetch_add(1, Ordering::Relaxed);
    }

    fn dropped(&self, count: u64) {
        self.0.dropped.fetch_add(count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_an_alert() {
        let (alerts, waiting) = open();
        for at in 0..ALERTS_WAITING_MAX + 3 {
            alerts.push(Alert::CircuitOpen { store: at.to_string(), detail: String::new() });
        }
        let dropped = alerts.counts().totals().dropped;
        assert_eq!((waiting.queue.try_iter().count(), dropped), (ALERTS_WAITING_MAX, 3));
    }
}
