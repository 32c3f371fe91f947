//! What a person should know soon: told by the engine, never waited for.

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
    queue: SyncSender<Alert>,
    dropped: Arc<AtomicU64>,
}

/// A place for alerts, and its other side.
pub fn open() -> (Alerts, Receiver<Alert>) {
    let (queue, alerts) = sync_channel(ALERTS_WAITING_MAX);
    (Alerts { queue, dropped: Arc::default() }, alerts)
}

impl Alerts {
    /// Pushes an alert, at once: where too many wait it is counted and forgotten.
    pub fn push(&self, alert: Alert) {
        if self.queue.try_send(alert).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many were forgotten.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
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
        assert_eq!((waiting.try_iter().count(), alerts.dropped()), (ALERTS_WAITING_MAX, 3));
    }
}
