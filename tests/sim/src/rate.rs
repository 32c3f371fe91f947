//! How many requests came lately.

use std::collections::VecDeque;

/// At most so many requests within any second, or any other time.
#[derive(Clone, Debug)]
pub struct Rate {
    times_ms: VecDeque<i64>,
    within_ms: i64,
    /// How many; requests above it are refused, and not counted.
    pub max: usize,
    /// How many were refused.
    pub refused: usize,
}

impl Rate {
    /// So many a second.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self::within(max, 1000)
    }

    /// So many within any so many milliseconds.
    #[must_use]
    pub fn within(max: usize, within_ms: i64) -> Self {
        Self { times_ms: VecDeque::new(), within_ms, max, refused: 0 }
    }

    /// Whether one more may come now.
    pub fn takes(&mut self, now_ms: i64) -> bool {
        while self.times_ms.front().is_some_and(|time| now_ms - time >= self.within_ms) {
            self.times_ms.pop_front();
        }
        let takes = self.times_ms.len() < self.max;
        if takes {
            self.times_ms.push_back(now_ms);
        } else {
            self.refused += 1;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn any_second() {
        let mut rate = Rate::new(2);
        let taken: Vec<bool> =
            [0, 900, 950, 1000, 1800, 1900].into_iter().map(|now| rate.takes(now)).collect();
        assert_eq!(taken, [true, true, false, true, false, true]);
        assert_eq!(rate.refused, 2);
        let mut rate = Rate::within(1, 60_000);
        assert_eq!([0, 59_999, 60_000].map(|now| rate.takes(now)), [true, false, true]);
    }
}
