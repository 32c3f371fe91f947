//! A token bucket.

use crate::marketplace::Now;

/// Requests that may come: so many at once, and so many more each second.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    level: f64,
    last: Now,
    /// How many requests were refused.
    pub(super) refused: usize,
}

impl Bucket {
    pub(super) fn new(rate: f64, burst: f64, now: Now) -> Self {
        Self { rate, burst, level: burst, last: now, refused: 0 }
    }

    /// As long passes as it takes to fill.
    pub(super) fn fill(&mut self) {
        self.level = self.burst;
    }

    pub(super) fn takes(&mut self, now: Now) -> bool {
        let seconds = (now.0 - self.last.0).max(0) as f64 / 1_000.0;
        self.level = (self.level + seconds * self.rate).min(self.burst);
        self.last = now;
        let takes = self.level >= 1.0;
        if takes {
            self.level -= 1.0;
        } else {
            self.refused += 1;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Now};

    #[test]
    fn fills_at_its_rate() {
        let mut bucket = Bucket::new(2.0, 3.0, Now(0));
        let taken: Vec<bool> = [0, 0, 0, 0, 400, 500, 600].map(|now| bucket.takes(Now(now))).into();
        assert_eq!(taken, [true, true, true, false, false, true, false]);
    }
}
