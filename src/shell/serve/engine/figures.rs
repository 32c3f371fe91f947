//! What is counted.

use super::Notice;
use super::lane::Lane;
use crate::shell::serve::alerts::Alert;
use crate::shell::serve::desk::{EventCounts, Histogram, Verdict};
use jiff::SignedDuration;
use std::time::Duration;

/// What was counted since the engine started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// What became of events.
    pub events: EventCounts,
    /// How long it took from an event to its numbers at their stores.
    pub latency: Histogram,
}

impl Figures {
    pub(super) fn count(&mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            let count = match verdict {
                Verdict::Taken => &mut self.events.taken,
                Verdict::Repeated => &mut self.events.repeated,
                Verdict::Refused(_) => &mut self.events.refused,
            };
            *count += 1;
        }
    }

    /// A number arrived so long after what caused it was told.
    pub(super) fn arrived(&mut self, took: SignedDuration) {
        self.latency.observe(Duration::try_from(took).unwrap_or_default());
    }

    /// Says so when a store's circuit opens or closes.
    pub(super) fn circuit(&self, lane: &mut Lane, store: &str, notices: &mut Vec<Notice>) {
        let is_open = lane.machine.is_circuit_open();
        if is_open != lane.was_open {
            lane.was_open = is_open;
            let (store, detail) = (store.to_owned(), lane.last_trouble.clone());
            notices.push(if is_open {
                Notice::Alert(Alert::CircuitOpen { store, detail })
            } else {
                Notice::CircuitClosed { store }
            });
        }
    }
}
