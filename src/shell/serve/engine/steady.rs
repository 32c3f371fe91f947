//! Time for pauses.

use jiff::Timestamp;

/// Time that only goes forward: by as much as the clock does, and not at all while that goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steady {
    clock: Timestamp,
    at: Timestamp,
}

impl Steady {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { clock: now, at: now }
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.clock);
        if passed.is_positive() {
            self.at = self.at.checked_add(passed).unwrap_or(self.at);
        }
        self.clock = now;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.at
    }
}
