//! How the engine is, as plain data: what `/readyz` and `/metrics` tell.

use jiff::Timestamp;
use std::time::Duration;

/// How the engine is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Health {
    /// The activation that is current, if there is one yet.
    pub activation: Option<u64>,
    /// `sha256:…` of its rules.
    pub rules_version: String,
    /// Whether `inventory_features` is off: nothing is written.
    pub switched_off: bool,
    /// What stands against the project on disk; `None` where that is what runs.
    pub newest: Option<Newest>,
    /// What became of events since the start.
    pub events: EventCounts,
    /// SKUs × warehouses whose available stock is below 0.
    pub negative: u64,
    /// Merchant SKUs that are paused, sorted.
    pub paused_skus: Vec<String>,
    /// Every store, in the order of the configuration.
    pub stores: Vec<StoreHealth>,
    /// From the arrival of an event to the store's answer, for numbers that were sent.
    pub latency: Histogram,
    /// Why events cannot be taken at present: the state cannot be written.
    pub unusable: Option<String>,
}

/// What stands against a project on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Newest {
    /// Since when.
    pub since: Timestamp,
    /// The first findings: a line each, with its place.
    pub findings: Vec<String>,
    /// How many there are in all.
    pub count: u64,
}

/// What became of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EventCounts {
    /// Taken, and on disk.
    pub taken: u64,
    /// Told before.
    pub repeated: u64,
    /// Refused by the engine.
    pub refused: u64,
}

/// How a store is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StoreHealth {
    /// Its name.
    pub name: String,
    /// Numbers in the outbox that have not left.
    pub pending: u64,
    /// Numbers that left and have no answer yet.
    pub in_flight: u64,
    /// Numbers that left, and nobody knows what became of them.
    pub unknown: u64,
    /// Numbers that were sent since the start.
    pub sent: u64,
    /// Numbers that failed for good since the start.
    pub failed: u64,
    /// Whether it is left alone for a while, since it fails again and again.
    pub circuit_open: bool,
    /// Whether it is paused, by the configuration or by a request.
    pub paused: bool,
    /// What holds numbers back.
    pub held_by: Vec<HeldBy>,
    /// When it last answered well.
    pub last_success: Option<Timestamp>,
    /// Why it cannot be worked with at all: no plugin, bad settings, a secret that is missing.
    pub faulty: Option<String>,
}

/// A guard that holds numbers of a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldBy {
    /// The guard's name.
    pub guard: String,
    /// What may be, as the configuration writes it.
    pub limit: String,
    /// What would be.
    pub would_be: String,
    /// Names what is held, for `POST /v1/plans/{id}/allow`.
    pub plan_id: String,
    /// How many numbers.
    pub rows: u64,
}

/// How often something took how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Histogram {
    counts: [u64; Self::BOUNDS_MS.len()],
    beyond: u64,
    sum_us: u64,
}

impl Histogram {
    /// The upper bounds of the buckets, in milliseconds.
    pub const BOUNDS_MS: [u64; 14] =
        [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000];

    /// Counts one.
    pub fn observe(&mut self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_us = self.sum_us.saturating_add(us);
        let at = Self::BOUNDS_MS.iter().position(|bound| us <= bound.saturating_mul(1_000));
        match at.and_then(|at| self.counts.get_mut(at)) {
            Some(count) => *count += 1,
            None => self.beyond += 1,
        }
    }

    /// For each bound, in milliseconds, how many took at most so long.
    pub fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let sums = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        Self::BOUNDS_MS.iter().copied().zip(sums)
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.beyond
    }

    /// How long they took all in all, in microseconds.
    pub fn sum_us(&self) -> u64 {
        self.sum_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_on_a_bound_counts_below_it() {
        let mut histogram = Histogram::default();
        for ms in [0, 1, 2, 3, 60_000, 60_001] {
            histogram.observe(Duration::from_millis(ms));
        }
        let cumulative: Vec<_> = histogram.cumulative().collect();
        assert_eq!(cumulative[..3], [(1, 2), (2, 3), (5, 4)]);
        assert_eq!(cumulative.last(), Some(&(60_000, 5)));
        assert_eq!((histogram.count(), histogram.sum_us()), (6, 120_007_000));
    }
}
