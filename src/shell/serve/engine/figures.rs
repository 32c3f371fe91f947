//! What is counted.

use super::Notice;
use super::lane::Lane;
use jiff::SignedDuration;

/// The upper edges of the classes of a [`Figures::latency`], in milliseconds; what took longer is in one more class.
pub const LATENCY_MS: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000, 300_000];

/// What was counted since the engine started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Events that were taken.
    pub taken: u64,
    /// Events that had been taken before.
    pub repeated: u64,
    /// Events that were refused.
    pub refused: u64,
    /// How many numbers took how long from their event to their store, by class of [`LATENCY_MS`].
    pub latency: [u64; LATENCY_MS.len() + 1],
    /// The sum of these times, in milliseconds.
    pub latency_ms_sum: u64,
}

impl Figures {
    /// A number arrived so long after what caused it was told.
    pub(super) fn arrived(&mut self, took: SignedDuration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(0);
        let class = LATENCY_MS.iter().position(|edge| ms <= *edge).unwrap_or(LATENCY_MS.len());
        if let Some(count) = self.latency.get_mut(class) {
            *count += 1;
        }
        self.latency_ms_sum = self.latency_ms_sum.saturating_add(ms);
    }

    /// Says so when a store's circuit opens or closes.
    pub(super) fn circuit(&self, lane: &mut Lane, store: &str, notices: &mut Vec<Notice>) {
        let is_open = lane.machine.is_circuit_open();
        if is_open != lane.was_open {
            lane.was_open = is_open;
            let store = store.to_owned();
            notices.push(if is_open {
                Notice::CircuitOpen { store }
            } else {
                Notice::CircuitClosed { store }
            });
        }
    }
}
